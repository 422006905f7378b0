// SPDX-License-Identifier: Apache-2.0
#pragma once

// What stands in one cell: a number as a scaled integer, a day. Plain scanners over bytes: no
// locale, no allocation, no exceptions.

#include <cstdint>
#include <string_view>

#include "base/date.hpp"

namespace hsl::adapters::detail {

// Columns of a Frame are doubles; beyond 2^53 they would no longer hold what the file said.
inline constexpr std::int64_t number_max = std::int64_t{1} << 53;

enum class NumberState : std::uint8_t {
    ok,
    missing,     // empty, "-", null, nan, n/a
    unreadable,  // anything else that is no plain decimal: 1e5, 12K, 1,23
    too_large,   // beyond number_max in units of 10^-scale
};

struct ScannedNumber {
    std::int64_t value = 0;  // in units of 10^-scale, rounded half away from zero
    NumberState state = NumberState::ok;
    bool rounded = false;  // digits beyond the scale were not all zero
};

// Reads a decimal: sign, digits (thousands commas in groups of three), fraction. `cell` is trimmed.
[[nodiscard]] ScannedNumber scan_number(std::string_view cell, int scale) noexcept;

enum class DateState : std::uint8_t {
    ok,
    unreadable,
    out_of_range,  // a year outside 1900..2100
    time_of_day,   // a day, and a time that is not midnight
};

struct ScannedDate {
    Date date{};
    DateState state = DateState::unreadable;
    int year = 0;  // also when out of range
};

// YYYYMMDD, or YYYY-M-D with '-', '/' or '.', zero-padded or not; a midnight behind it is ignored.
[[nodiscard]] ScannedDate scan_date(std::string_view cell) noexcept;

}  // namespace hsl::adapters::detail
