// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every store answers in the same words: a symbol that is not there, a version or a run by the
// beginning of its name, which series and which quarantined rows are asked for, the time now.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/bar_store.hpp"

namespace hsl::store {

// `not_found`, naming the symbol and the nearest of `known`.
[[nodiscard]] Error unknown_symbol(std::string_view symbol, std::span<const std::string> known);

// `not_found`: of the store's series, so many, none has bars of that interval. A symbol that is
// asked for is answered so; a request for every symbol reads an empty table.
[[nodiscard]] Error only_other_bars(market::Interval wanted, std::ptrdiff_t series);

// The id that `beginning` means: an equal one, else the only one that begins so.
[[nodiscard]] Result<std::string> match_run(std::string_view beginning,
                                            std::span<const std::string> ids);

// Over every field of a run: 64 hexadecimal digits.
[[nodiscard]] std::string run_hash(const RunRecord& run);

// Equal for the same row of the same file, whatever it was compared with: importing a file twice
// does not double its quarantine.
[[nodiscard]] std::string quarantine_key(const QuarantinedRow& row);

// Fewer digits of a version's name name nothing: 1, 2, ... are numbers.
inline constexpr std::size_t version_digits_least = 4;
// The index of the version that `at` means (bar_store.hpp says how) among `versions`, oldest first;
// of equal names the newest. Nothing while there is none and none is named.
[[nodiscard]] Result<std::optional<std::size_t>> match_version(
    std::string_view at, std::string_view checked_out, std::span<const VersionSummary> versions);
// Why a store does not write while an older version is checked out.
[[nodiscard]] Error old_version_checked_out(std::string_view version);

// The series that a request reads, in the order of `all`: by symbol, then source.
[[nodiscard]] Result<std::vector<SymbolSummary>> choose_series(std::vector<SymbolSummary> all,
                                                               const ReadRequest& request);
// The names among `known` (ascending) that are asked for, ascending; `not_found` for any other.
[[nodiscard]] Result<std::vector<std::string>> choose_columns(std::span<const std::string> known,
                                                              const FactsRequest& request);
[[nodiscard]] bool is_asked_for(const QuarantinedRow& row, const QuarantineFilter& filter);

[[nodiscard]] std::string utc_now();  // "2024-03-05T12:34:56Z"

}  // namespace hsl::store
