// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/secret.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <sys/stat.h>

#include "adapters/network/http.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

constexpr std::size_t key_bytes_max = 4096;

void replace_all(std::string& text, std::string_view what) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
        text.replace(at, what.size(), "***");
}

Result<Secret> checked(std::string value, std::string_view from) {
    value = trim(value);
    for (const char c : value)
        if (c <= ' ' || c > '~')
            return fail(
                ErrorCode::bad_usage,
                fmt::format("the key in {} holds a blank or a character that no key has", from));
    if (value.size() > key_bytes_max)
        return fail(ErrorCode::bad_usage, fmt::format("{} is too long to be a key", from));
    return Secret{std::move(value)};
}

}  // namespace

std::string Secret::masked(std::string text) const {
    if (value_.empty()) return text;
    replace_all(text, value_);
    replace_all(text, percent_encoded(value_));
    return text;
}

Result<Secret> read_secret(const SecretSource& source) {
    if (const char* value = std::getenv(source.variable.c_str());
        value != nullptr && *value != '\0')
        return checked(value, source.variable);
    if (source.file.empty()) return Secret{};
    struct stat status{};
    if (stat(source.file.c_str(), &status) != 0) {
        if (!source.named) return Secret{};
        return fail(ErrorCode::not_found, fmt::format("there is no key file {}", source.file));
    }
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::bad_usage, fmt::format("{} is no file", source.file));
    if ((status.st_mode & 077) != 0)
        return fail(ErrorCode::bad_usage,
                    fmt::format("others may read the key file {} (mode {:03o}): chmod 600 it",
                                source.file, status.st_mode & 0777));
    std::ifstream file{source.file};
    std::string line;
    if (!std::getline(file, line) && !file.eof())
        return fail(ErrorCode::io, fmt::format("cannot read the key file {}", source.file));
    return checked(line, source.file);
}

}  // namespace hsl::adapters
