// SPDX-License-Identifier: Apache-2.0
#include "base/date.hpp"

#include <chrono>

#include <fmt/format.h>

namespace hsl {
namespace {

using std::chrono::year_month_day;

year_month_day civil(Date date) {
    return year_month_day{std::chrono::sys_days{std::chrono::days{date.days}}};
}

}  // namespace

Date Date::from_civil(int year, unsigned month, unsigned day) {
    const std::chrono::sys_days point =
        year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
    return {static_cast<std::int32_t>(point.time_since_epoch().count())};
}

int Date::year() const { return static_cast<int>(civil(*this).year()); }
unsigned Date::month() const { return static_cast<unsigned>(civil(*this).month()); }
unsigned Date::day() const { return static_cast<unsigned>(civil(*this).day()); }

unsigned Date::weekday() const {
    return std::chrono::weekday{std::chrono::sys_days{std::chrono::days{days}}}.c_encoding();
}

std::string Date::iso() const {
    const year_month_day ymd = civil(*this);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()),
                       static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

std::optional<Date> make_date(int year, int month, int day) {
    if (year < 1800 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31)
        return std::nullopt;
    const year_month_day ymd{std::chrono::year{year},
                             std::chrono::month{static_cast<unsigned>(month)},
                             std::chrono::day{static_cast<unsigned>(day)}};
    if (!ymd.ok()) return std::nullopt;
    return Date::from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int part[3] = {0, 0, 0};
    int index = 0;
    for (const char c : text) {
        if (c == '-') {
            ++index;
            continue;
        }
        if (c < '0' || c > '9' || index > 2) return std::nullopt;
        part[index] = part[index] * 10 + (c - '0');
    }
    if (index != 2) return std::nullopt;
    return make_date(part[0], part[1], part[2]);
}

}  // namespace hsl
