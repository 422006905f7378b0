// SPDX-License-Identifier: Apache-2.0
#include "store/lookup.hpp"

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>
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
    if (ids.empty())
        return fail(
            ErrorCode::not_found,
            fmt::format("no run {}: the store has none yet; `hsl sweep` makes one", beginning));
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

Result<std::optional<std::size_t>> match_version(std::string_view at, std::string_view checked_out,
                                                 std::span<const VersionSummary> versions) {
    if (at.empty()) at = checked_out;
    if (at.empty() || at == "newest")
        return versions.empty() ? std::nullopt : std::optional{versions.size() - 1};
    std::optional<std::size_t> number;
    std::vector<std::size_t> matches;  // of different names; of equal ones the newest
    for (std::size_t i = 0; i < versions.size(); ++i) {
        if (at == std::to_string(versions[i].number)) number = i;
        if (at.size() < version_digits_least || !versions[i].version.starts_with(at)) continue;
        const auto same = std::ranges::find(matches, versions[i].version, [&](std::size_t k) {
            return std::string_view{versions[k].version};
        });
        if (same == matches.end())
            matches.push_back(i);
        else
            *same = i;
    }
    if (number && std::ranges::none_of(matches, [&](std::size_t k) {
            return versions[k].version == versions[*number].version;
        }))
        matches.push_back(*number);
    if (matches.size() == 1) return matches[0];
    if (matches.empty() && versions.empty())
        return fail(
            ErrorCode::not_found,
            fmt::format("no data version {}: the store is empty; `hsl import` fills it", at));
    if (matches.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("the store has no data version {}: say its number, or at least {} "
                                "digits of its name; `hsl data log` lists the {}",
                                at, version_digits_least,
                                counted(static_cast<std::int64_t>(versions.size()),
                                        "version it has", "versions it has")));
    constexpr std::size_t shown = 4;
    std::string candidates;
    for (std::size_t k = 0; k < std::min(shown, matches.size()); ++k)
        candidates += fmt::format("{}{} (version {})", k > 0 ? ", " : "",
                                  versions[matches[k]].version, versions[matches[k]].number);
    return fail(ErrorCode::bad_usage,
                fmt::format("'{}' may be any of {} data versions: {}{}; give more of the name", at,
                            matches.size(), candidates, matches.size() > shown ? ", ..." : ""));
}

Error old_version_checked_out(std::string_view version) {
    return {.code = ErrorCode::bad_usage,
            .message = fmt::format("the older data version {} is checked out, and a write goes on "
                                   "from the newest; `hsl data checkout newest` first",
                                   version)};
}

Error only_other_bars(market::Interval wanted, std::ptrdiff_t series) {
    const bool days = wanted == market::Interval::day;
    return {.code = ErrorCode::not_found,
            .message = fmt::format(
                "the store has no {} bars of any symbol, only {} ({} series): {}",
                market::name_of(wanted), days ? "minutes" : "days", series,
                days ? "ask for bars of minutes (--minutes 5), or bring days in with `hsl import "
                       "FILE`"
                     : "bring minutes in with `hsl import FILE`, from a file whose rows have a "
                       "time")};
}

Result<std::vector<SymbolSummary>> choose_series(std::vector<SymbolSummary> all,
                                                 const ReadRequest& request) {
    const auto of_any_kind = std::ssize(all);
    std::erase_if(all,
                  [&](const SymbolSummary& each) { return each.interval != request.interval; });
    const std::set<std::string_view> wanted(request.symbols.begin(), request.symbols.end());
    std::vector<std::string> known;
    for (const SymbolSummary& each : all)
        if (known.empty() || known.back() != each.instrument.symbol)
            known.push_back(each.instrument.symbol);
    if (known.empty() && of_any_kind > 0 && !request.symbols.empty())
        return std::unexpected(only_other_bars(request.interval, of_any_kind));
    for (const std::string& symbol : request.symbols) {
        if (std::ranges::binary_search(known, symbol)) continue;
        return std::unexpected(unknown_symbol(symbol, known));
    }
    const auto rank = [&](const SymbolSummary& each) {
        return std::ranges::find(request.sources, each.source) - request.sources.begin();
    };
    std::vector<SymbolSummary> chosen;
    for (SymbolSummary& each : all) {
        if (!wanted.empty() && !wanted.contains(each.instrument.symbol)) continue;
        if (!request.every_source && !chosen.empty() &&
            chosen.back().instrument.symbol == each.instrument.symbol) {
            if (rank(each) < rank(chosen.back())) chosen.back() = std::move(each);
        } else {
            chosen.push_back(std::move(each));
        }
    }
    return chosen;
}

Result<std::vector<std::string>> choose_columns(std::span<const std::string> known,
                                                const FactsRequest& request) {
    std::set<std::string> chosen;
    for (const std::string& name : request.columns) {
        if (name == "*") {
            chosen.insert(known.begin(), known.end());
        } else if (std::ranges::find(known, name) != known.end()) {
            chosen.insert(name);
        } else {
            std::string there;
            for (const std::string& each : known) there += (there.empty() ? "" : ", ") + each;
            return fail(ErrorCode::not_found,
                        fmt::format("the store has no column {}; {}", name,
                                    there.empty() ? "it has none so far, `hsl import` brings them"
                                                  : "it has " + there));
        }
    }
    return std::vector<std::string>(chosen.begin(), chosen.end());
}

bool is_asked_for(const QuarantinedRow& row, const QuarantineFilter& filter) {
    return (filter.symbol.empty() || row.symbol == filter.symbol) &&
           (filter.reason.empty() || row.reason == filter.reason) &&
           (filter.file.empty() || row.file.contains(filter.file)) &&
           (filter.ids.empty() || std::ranges::find(filter.ids, row.id) != filter.ids.end());
}

std::string run_hash(const RunRecord& run) {
    Hasher hasher;
    for (const std::string* text :
         {&run.id, &run.made_at, &run.command, &run.data_version, &run.code_version, &run.rules,
          &run.summary, &run.request, &run.document})
        hasher.add_text(*text);
    return hasher.hex();
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
