// SPDX-License-Identifier: Apache-2.0
#include "store/lookup.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace hsl::store {

Error unknown_symbol(std::string_view symbol, std::span<const std::string> known) {
    std::string message;
    if (known.empty()) {
        message = fmt::format("no symbol {}: the store is empty; `hsl import` fills it", symbol);
    } else {
        const std::vector<std::string_view> words(known.begin(), known.end());
        const std::string nearest = nearest_word(symbol, words.data(), words.size());
        message = fmt::format(
            "the store has no symbol {}{}; `hsl data` lists the {}", symbol,
            nearest.empty() ? "" : fmt::format(", did you mean {}", nearest),
            counted(static_cast<std::int64_t>(known.size()), "symbol it has", "symbols it has"));
    }
    return {.code = ErrorCode::not_found, .message = std::move(message)};
}

Result<std::string> match_run(std::string_view beginning, std::span<const std::string> ids) {
    std::vector<std::string> matches;
    for (const std::string& id : ids) {
        if (id == beginning) return id;
        if (id.starts_with(beginning)) matches.push_back(id);
    }
    if (matches.size() == 1) return matches[0];
    if (matches.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("the store has no run {}; `hsl runs` lists the {}", beginning,
                                counted(static_cast<std::int64_t>(ids.size()), "run it has",
                                        "runs it has")));
    return fail(
        ErrorCode::bad_usage,
        fmt::format("{} runs begin with '{}': {} and {}{}; give more of the id", matches.size(),
                    beginning, matches[0], matches[1], matches.size() > 2 ? " among them" : ""));
}

std::string quarantine_key(const QuarantinedRow& row) {
    Hasher hasher;
    hasher.add_text(row.symbol).add_text(row.date).add_text(row.file).add_number(row.line);
    return hasher.add_text(row.reason).add_text(row.source).hex(32);
}

std::string utc_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace hsl::store
