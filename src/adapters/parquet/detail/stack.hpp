// SPDX-License-Identifier: Apache-2.0
#pragma once

// A store keeps its rows in stacks: the bars of one source and interval, or one named column. The
// files of a stack lie over one another, later ones on top; stacks do not know one another. The
// rows of a column travel as bars, so that one code reads, merges and writes both: the day of
// knowledge in `open`, the bits of the value in `close`.

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "market/bar.hpp"
#include "market/named_column.hpp"

namespace hsl::adapters {

enum class StackKind : std::uint8_t { day, minute, column };
[[nodiscard]] constexpr std::string_view name_of(StackKind kind) {
    return kind == StackKind::day ? "day" : kind == StackKind::minute ? "minute" : "column";
}
// Where in DIR its files are.
[[nodiscard]] constexpr std::string_view folder_of(StackKind kind) {
    return kind == StackKind::day ? "bars" : kind == StackKind::minute ? "minutes" : "columns";
}
inline constexpr StackKind every_kind[] = {StackKind::day, StackKind::minute, StackKind::column};

struct Stack {
    StackKind kind{};
    std::string name = {};  // source, or the column's name
    friend auto operator<=>(const Stack&, const Stack&) = default;
};
[[nodiscard]] inline Stack stack_of(const std::string& source, market::Interval interval) {
    return {interval == market::Interval::day ? StackKind::day : StackKind::minute, source};
}
[[nodiscard]] constexpr market::Interval interval_of(StackKind kind) {
    return kind == StackKind::minute ? market::Interval::minute : market::Interval::day;
}

[[nodiscard]] inline market::Bar as_bar(const market::ColumnRow& row) {
    return {.date = row.date,
            .open = row.known.days,
            .close = std::bit_cast<std::int64_t>(row.value),
            .value = 0};
}
[[nodiscard]] inline market::ColumnRow as_row(const market::Bar& bar) {
    return {bar.date, Date{static_cast<std::int32_t>(bar.open)}, std::bit_cast<double>(bar.close)};
}

}  // namespace hsl::adapters
