// SPDX-License-Identifier: Apache-2.0
#include "configuration/configuration.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/text.hpp"

namespace hsl::configuration {
namespace {

namespace fs = std::filesystem;

// A longer one is something else, and the TOML library recurses on its keys.
constexpr std::size_t bytes_max = std::size_t{1} << 16;

// What is read somewhere. Below "collect." each feed has settings of its own.
constexpr std::array<std::string_view, 4> known{"store", "calendar", "data.sources", "collect"};

bool is_known(std::string_view name) {
    return std::ranges::find(known, name) != known.end() || name.starts_with("collect.");
}

std::unexpected<Error> fault(const std::string& file, long line, std::string message) {
    return std::unexpected(Error{
        .code = ErrorCode::bad_usage, .message = std::move(message), .file = file, .line = line});
}

std::optional<std::string> scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
    return std::nullopt;
}

Result<void> flatten(const toml::table& table, const std::string& above, Configuration& target) {
    for (const auto& [key, node] : table) {
        const std::string name = above + std::string{key.str()};
        const long line = static_cast<long>(node.source().begin.line);
        if (const auto* inner = node.as_table()) {
            HSL_CHECK(flatten(*inner, name + ".", target));
            continue;
        }
        if (!is_known(name)) {
            const std::string near = nearest_word(name, known.data(), known.size());
            return fault(target.file, line,
                         fmt::format("no setting is called '{}'{}; there are store, calendar, "
                                     "data.sources and those of [collect]",
                                     name, near.empty() ? "" : "; did you mean " + near + "?"));
        }
        Setting setting{.line = line};
        if (const auto* list = node.as_array()) {
            setting.list = true;
            for (const toml::node& item : *list) {
                auto value = scalar(item);
                if (!value)
                    return fault(target.file, line,
                                 fmt::format("'{}' is a list of texts and numbers", name));
                setting.values.push_back(std::move(*value));
            }
        } else if (auto value = scalar(node)) {
            setting.values.push_back(std::move(*value));
        } else {
            return fault(target.file, line,
                         fmt::format("'{}' is a text, a number or a list", name));
        }
        if (name == "data.sources" && !setting.list)
            return fault(target.file, line, R"('data.sources' is a list: sources = ["krx", ""])");
        if (name == "store" && (setting.list || setting.values.front().empty()))
            return fault(target.file, line, "'store' is one folder: store = \"~/hsl\"");
        if (name == "calendar" && (setting.list || setting.values.front().empty()))
            return fault(target.file, line, "'calendar' is one file: calendar = \"~/days.csv\"");
        target.settings.emplace(name, std::move(setting));
    }
    return {};
}

Result<std::string> contents(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    std::error_code failure;
    if (!in || fs::is_directory(file, failure))
        return std::unexpected(
            Error{.code = ErrorCode::io,
                  .message = std::generic_category().message(in ? EISDIR : errno),
                  .file = file});
    std::string text(bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > bytes_max)
        return fault(file, 0, "more than 64 KiB: this is no configuration of hsl");
    return text;
}

}  // namespace

std::optional<std::string> Configuration::text(std::string_view name) const {
    const auto found = settings.find(name);
    if (found == settings.end() || found->second.values.empty()) return std::nullopt;
    return found->second.values.front();
}

std::vector<std::string> Configuration::list(std::string_view name) const {
    const auto found = settings.find(name);
    return found == settings.end() ? std::vector<std::string>{} : found->second.values;
}

std::map<std::string, std::string> Configuration::section(std::string_view name) const {
    const std::string beginning = std::string{name} + ".";
    std::map<std::string, std::string> out;
    for (const auto& [whole, setting] : settings)
        if (whole.starts_with(beginning) && !setting.values.empty())
            out.emplace(whole.substr(beginning.size()), setting.values.front());
    return out;
}

Result<std::string> find(const std::string& asked, const std::string& home) {
    std::error_code failure;
    std::string named = asked;
    if (const char* variable = std::getenv("HSL_CONFIG"); named.empty() && variable != nullptr)
        named = variable;
    if (!named.empty()) {
        if (fs::exists(named, failure)) return named;
        return std::unexpected(Error{.code = ErrorCode::not_found,
                                     .message = asked.empty() ? "no such file; HSL_CONFIG names it"
                                                              : "no such file; --config names it",
                                     .file = named});
    }
    std::vector<std::string> places{"hsl.toml"};
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder != '\0')
        places.push_back(std::string{folder} + "/hsl/hsl.toml");
    else if (!home.empty())
        places.push_back(home + "/.config/hsl/hsl.toml");
    for (const std::string& place : places)
        if (fs::is_regular_file(place, failure)) return place;
    return std::string{};
}

Result<Configuration> parse(const std::string& file, std::string_view text) {
    Configuration configuration{.file = file};
    try {
        HSL_CHECK(flatten(toml::parse(text, std::string_view{file}), "", configuration));
    } catch (const toml::parse_error& problem) {
        return fault(file, static_cast<long>(problem.source().begin.line),
                     std::string{problem.description()});
    }
    return configuration;
}

Result<Configuration> read(const std::string& asked, const std::string& home) {
    HSL_TRY(const std::string file, find(asked, home));
    if (file.empty()) return Configuration{};
    HSL_TRY(const std::string text, contents(file));
    return parse(file, text);
}

}  // namespace hsl::configuration
