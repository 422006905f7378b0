// SPDX-License-Identifier: Apache-2.0
#pragma once

// What only neighbouring rows can tell: order and repeats, units that shift, halts, jumps beyond
// the day's limit. Works on the rows of one symbol; symbols are independent.
// docs/concepts/import.md has every rule; whether prices are raw or adjusted is basis.hpp's.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/detail/rows.hpp"

namespace hsl::adapters::detail {

struct Series {
    market::Instrument instrument = {};
    bool korean = false;
    Rows rows = {};
    std::optional<std::size_t> shares = {};  // which of rows.named are the listed shares
    std::optional<std::size_t> caps = {};    // and which the market caps
};

// What the rules say of one series.
struct Verdict {
    std::vector<store::QuarantinedRow> quarantined = {};
    std::map<std::string, std::int64_t> found = {};
    std::vector<store::Finding> findings = {};
    std::int64_t equal_repeats = 0;
};
inline constexpr std::int64_t findings_max = 1'000;  // of each rule, in one file

struct SeriesContext {
    std::string_view path;
    bool prices = true;     // false: rows of named columns alone
    bool intraday = false;  // minute bars
    bool lines = true;      // messages say "line 5", otherwise "row 5"
};

// Puts rows into ascending order of day and minute.
void sort_rows(Rows& rows);
// Whether two rows of one day have different times: then the file holds minutes.
[[nodiscard]] bool has_minutes(const Rows& rows);
// Equal rows of one day become one, differing rows of one day all go to quarantine: nothing here
// can know which is right. Expects sorted rows.
void settle_repeats(Series& series, const SeriesContext& context, Verdict& verdict);
// Rows whose prices stand at 10 or 100 times those before and behind them go to quarantine.
void settle_unit_shifts(Series& series, const SeriesContext& context, Verdict& verdict);
// Halts, carried closes, Saturdays, gaps, jumps: rows stay as they are. `file_last` is the last day
// of the whole file: a series that ends before it may have been delisted.
void find_events(const Series& series, Date file_last, Verdict& verdict);

}  // namespace hsl::adapters::detail
