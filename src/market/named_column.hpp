// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is known of a symbol besides its bars: flows, short balances, valuations, memberships. Each
// value has a time of knowledge, and no Frame shows it before. Plain values; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace hsl::market {

// When a value about session t is public. Decisions are made after the close and carried out at the
// next open, so what comes out in the evening of a session is seen by that session's decision.
enum class Knowledge : std::uint8_t {
    evening,            // of t: flows, short volume, market value, PER as published for the day
    evening_after_two,  // of the second session after t: short balance
    stated,             // each row brings its own day: accounts, from their filing date on
};

struct ColumnSpec {
    std::string_view name;    // as expressions write it: "foreign_net"
    std::string_view korean;  // "외국인 순매수"
    std::string_view unit;    // "won", "shares", "", "%"
    std::string_view about;   // a sentence
    Knowledge knowledge{};
    // Sessions without a row repeat the last known value (a share count, PER); a flow is missing.
    bool carried = false;
};
// The catalogue: the one list that importers, expressions and the reference page use.
[[nodiscard]] std::span<const ColumnSpec> column_specs();
// Null for a name that is not in it. Index memberships are named "in_" and the index in lower case
// ("in_kospi200"), one spec for all of them; their value is 1 or 0.
[[nodiscard]] const ColumnSpec* find_column(std::string_view name);

// What a Frame calls the column of its lanes' sectors, made from the listings: equal numbers, equal
// sector. Not of the catalogue: the numbers mean nothing else.
inline constexpr std::string_view sector_column = "sector";

struct ColumnRow {
    Date date;   // the session it speaks of
    Date known;  // the day in whose evening it is public
    double value = 0;

    friend bool operator==(const ColumnRow&, const ColumnRow&) = default;
};
// One column of one symbol; rows ascend by date, one a date.
struct ColumnSeries {
    std::string symbol = {};
    std::string column = {};
    std::vector<ColumnRow> rows = {};
    std::string source = {};

    friend bool operator==(const ColumnSeries&, const ColumnSeries&) = default;
};
// The day on which a value about `date` is public under the column's rule (`stated`: `date`).
[[nodiscard]] Date knowledge_day(const ColumnSpec& spec, Date date);
// Whether a day ends March, June, September or December: accounts speak of such days.
[[nodiscard]] bool ends_quarter(Date date);
// The last day on which accounts of that day may be filed: 90 days after the end of December, 45
// after that of another quarter (자본시장법 159, 160). What nobody says the filing day of is known
// then.
[[nodiscard]] Date accounts_due(Date date);

// Whether a column holds the members of an index.
[[nodiscard]] bool is_membership(std::string_view column);
// The series of one index's members, with a row of 0 where a list of a later day of the same source
// no longer names a symbol. A day is a list if it has no row of 0 and names at least half as many
// as were members; any other day tells of single changes.
[[nodiscard]] std::vector<ColumnSeries> with_leavers(std::span<const ColumnSeries> columns,
                                                     std::string_view column);

}  // namespace hsl::market
