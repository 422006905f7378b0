// SPDX-License-Identifier: Apache-2.0
#pragma once

// What stands in one cell: a number as a scaled integer, a day. Plain scanners over bytes: no
// locale, no allocation, no exceptions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/date.hpp"

namespace hsl::adapters::detail {

// Columns of a Frame are doubles; beyond 2^53 they would no longer hold what the file said.
inline constexpr std::int64_t number_max = std::int64_t{1} << 53;

enum class NumberState : std::uint8_t {
    ok,
    missing,     // empty, "-", null, nan, n/a
    unreadable,  // anything else that is no plain decimal: 1,23
    too_large,   // beyond number_max in units of 10^-scale
};

struct ScannedNumber {
    std::int64_t value = 0;  // in units of 10^-scale, rounded half away from zero
    NumberState state = NumberState::ok;
    bool rounded = false;  // digits beyond the scale were not all zero
    // What its last written digit weighs: 1.2억 may be anything within 10,000,000 of 120,000,000.
    std::int64_t place = 1;
};

// Reads a decimal: sign, digits (thousands commas in groups of three), fraction. `cell` is trimmed.
[[nodiscard]] ScannedNumber scan_number(std::string_view cell, int scale) noexcept;

// What people may dress a number up with. In all of them: full-width digits, no-break spaces
// between thousands, a minus of its own character.
struct Dress {
    bool won = false;      // ₩71,500, 71,500원, KRW
    bool dollars = false;  // $5.20
    bool shares = false;   // 1,000주
    bool units = false;    // 307.53M, 12K, 1.2억, 3만, 1조 2,345억, 1.23E+08: they round
    bool signs = false;    // ▲1,200, ▼350, 하락 350, (350): up is +, down and brackets are -
};
// scan_number comes first: this is the slow road. △ is no sign: up on a price board, minus in
// accounts.
[[nodiscard]] ScannedNumber scan_dressed_number(std::string_view cell, int scale,
                                                const Dress& dress) noexcept;

// Whether the cell is a number that was rounded to be shown: 7.15E+04, 7.2만.
[[nodiscard]] bool is_rounded_form(std::string_view cell) noexcept;

// Full-width characters as ASCII, no-break spaces as blanks: of codes, days and headers.
[[nodiscard]] std::string plain_width(std::string_view text);

// A real number with thousands commas, a percent sign or an exponent; NaN where there is none.
struct ScannedReal {
    double value = 0;
    NumberState state = NumberState::ok;
};
[[nodiscard]] ScannedReal scan_real(std::string_view cell) noexcept;
// The same to 12 digits: for numbers that are compared with a tolerance.
[[nodiscard]] ScannedReal scan_about(std::string_view cell) noexcept;

// What stands first in 03/05/2024. `unknown` leaves such a day unreadable.
enum class DayOrder : std::uint8_t { unknown, month_first, day_first };

enum class DateState : std::uint8_t {
    ok,
    unreadable,
    out_of_range,  // a year outside 1900..2100
    time_of_day,   // a day, and a time that is not midnight
};

inline constexpr int korean_time = 540;  // minutes east of Greenwich

struct ScannedDate {
    Date date{};
    DateState state = DateState::unreadable;
    int year = 0;                    // also when out of range
    int minute = 0;                  // of the day, when there is a time of day
    bool seconds = false;            // that time has seconds
    int minutes_east = korean_time;  // of Greenwich, as the cell says; Korea's where it does not
};

// YYYYMMDD, or YYYY-M-D with '-', '/' or '.', zero-padded or not, 2019년 11월 11일, Nov 11, 2019,
// 11 Nov 2019, and 03/05/2024 or 3/5/24 where the order is known; a time of day may follow. Also
// YYYYMMDDHHMM[SS], and seconds since 1970 (milli-, micro-, nanoseconds): those are of Greenwich.
[[nodiscard]] ScannedDate scan_date(std::string_view cell,
                                    DayOrder order = DayOrder::unknown) noexcept;

// The three numbers of a day that begins with no year, 03/05/2024: first and second tell the order
// of a whole file. Zeros when the cell is no such day.
struct DayParts {
    int first = 0;
    int second = 0;
};
[[nodiscard]] DayParts scan_day_parts(std::string_view cell) noexcept;

// The form of a day in words: "YYYY-MM-DD", "YYYY년 M월 D일"; "" when it is none.
[[nodiscard]] std::string_view date_form(std::string_view cell) noexcept;

// A time of day on its own: 09:01, 9:01:00, 901, 0901, 90100; -1 when it is none.
[[nodiscard]] int scan_time(std::string_view cell) noexcept;

}  // namespace hsl::adapters::detail
