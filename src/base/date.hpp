// SPDX-License-Identifier: Apache-2.0
#pragma once

// A calendar day, counted from 1970-01-01. No time zone: a session's date is a name, not an
// instant.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hsl {

struct Date {
    std::int32_t days = 0;

    // Valid for years 1..9999; nothing is checked here, parse_date checks.
    [[nodiscard]] static Date from_civil(int year, unsigned month, unsigned day);

    [[nodiscard]] int year() const;
    [[nodiscard]] unsigned month() const;    // 1..12
    [[nodiscard]] unsigned day() const;      // 1..31
    [[nodiscard]] unsigned weekday() const;  // 0 = Sunday .. 6 = Saturday
    [[nodiscard]] bool is_weekend() const { return weekday() == 0 || weekday() == 6; }
    [[nodiscard]] std::string iso() const;  // "2018-05-04"

    friend constexpr auto operator<=>(Date, Date) = default;
    friend constexpr Date operator+(Date date, int count) { return {date.days + count}; }
    friend constexpr int operator-(Date last, Date first) { return last.days - first.days; }
};

// Strict "YYYY-MM-DD": the form of our own files and options. Price files have a parser of their
// own.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
// Nothing unless year, month and day name a day of the Gregorian calendar, years 1800..2200.
[[nodiscard]] std::optional<Date> make_date(int year, int month, int day);

}  // namespace hsl
