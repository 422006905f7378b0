// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/scan.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace hsl::adapters::detail {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same_word(std::string_view cell, std::string_view lower_word) {
    if (cell.size() != lower_word.size()) return false;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const char c = cell[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != lower_word[i])
            return false;
    }
    return true;
}

bool is_missing(std::string_view cell) {
    static constexpr std::array<std::string_view, 7> words{"",     "-",   "null", "nan",
                                                           "none", "n/a", "na"};
    for (const std::string_view word : words)
        if (same_word(cell, word)) return true;
    return false;
}

// Digits gathered with a bound: past it the number is known to be too large and stays there.
class Magnitude {
public:
    void add(int digit) {
        value_ = value_ * 10 + digit;
        if (value_ > number_max) {
            value_ = number_max;
            too_large_ = true;
        }
    }
    void round_up() {
        if (value_ == number_max)
            too_large_ = true;
        else
            ++value_;
    }
    [[nodiscard]] std::int64_t value() const { return value_; }
    [[nodiscard]] bool too_large() const { return too_large_; }

private:
    std::int64_t value_ = 0;
    bool too_large_ = false;
};

ScannedNumber unreadable_or_missing(std::string_view cell) {
    return {.state = is_missing(cell) ? NumberState::missing : NumberState::unreadable};
}

ScannedNumber scan_decimal(std::string_view cell, int scale) {
    const std::size_t size = cell.size();
    std::size_t at = 0;
    const bool negative = size > 0 && cell[0] == '-';
    if (size > 0 && (cell[0] == '-' || cell[0] == '+')) ++at;

    Magnitude magnitude;
    std::size_t digits = 0;
    std::size_t group = 0;  // digits since the start or the last comma
    bool grouped = false;
    for (; at < size; ++at) {
        if (is_digit(cell[at])) {
            magnitude.add(cell[at] - '0');
            ++digits;
            ++group;
        } else if (cell[at] == ',' && (grouped ? group == 3 : group >= 1 && group <= 3)) {
            grouped = true;
            group = 0;
        } else {
            break;
        }
    }
    if (grouped && group != 3) return unreadable_or_missing(cell);

    int places = 0;
    bool rounded = false;
    bool round_up = false;
    if (at < size && cell[at] == '.') {
        for (++at; at < size && is_digit(cell[at]); ++at, ++digits) {
            const int digit = cell[at] - '0';
            if (places < scale) {
                magnitude.add(digit);
                ++places;
            } else {
                if (places == scale) {
                    round_up = digit >= 5;
                    ++places;
                }
                rounded = rounded || digit != 0;
            }
        }
    }
    if (at != size || digits == 0) return unreadable_or_missing(cell);
    for (; places < scale; ++places) magnitude.add(0);
    if (round_up) magnitude.round_up();
    return {.value = negative ? -magnitude.value() : magnitude.value(),
            .state = magnitude.too_large() ? NumberState::too_large : NumberState::ok,
            .rounded = rounded};
}

// One to `digits_max` digits at `at`, which moves behind them.
std::optional<int> take_number(std::string_view text, std::size_t& at, std::size_t digits_max) {
    const std::size_t first = at;
    int number = 0;
    while (at < text.size() && is_digit(text[at]) && at - first < digits_max)
        number = number * 10 + (text[at++] - '0');
    if (at == first) return std::nullopt;
    return number;
}

enum class Clock { midnight, other, broken };

// What may follow a day: " 0:0:0", "T00:00:00.000", with "Z" or an offset behind a midnight.
Clock scan_clock(std::string_view text) {
    std::size_t at = 0;
    if (text[0] != ' ' && text[0] != 'T') return Clock::broken;
    while (at < text.size() && (text[at] == ' ' || text[at] == 'T')) ++at;
    bool midnight = true;
    for (int part = 0; part < 3; ++part) {
        const auto number = take_number(text, at, 2);
        if (!number) return Clock::broken;
        midnight = midnight && *number == 0;
        if (at == text.size() || text[at] != ':') {
            if (part == 0) return Clock::broken;
            break;
        }
        if (part == 2) return Clock::broken;
        ++at;
    }
    if (at < text.size() && text[at] == '.') {
        for (++at; at < text.size() && is_digit(text[at]); ++at)
            midnight = midnight && text[at] == '0';
    }
    if (at < text.size() && text[at] == 'Z') ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        ++at;
        if (!take_number(text, at, 2)) return Clock::broken;
        if (at < text.size() && text[at] == ':') ++at;
        if (!take_number(text, at, 2)) return Clock::broken;
    }
    if (at != text.size()) return Clock::broken;
    return midnight ? Clock::midnight : Clock::other;
}

constexpr int year_first = 1900;
constexpr int year_last = 2100;

bool is_day(int year, int month, int day) {
    static constexpr std::array<int, 13> lengths{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= lengths[static_cast<std::size_t>(month)] + (leap && month == 2 ? 1 : 0);
}

// H. Hinnant, "chrono-compatible low-level date algorithms": days from 1970-01-01.
Date day_number(int year, int month, int day) {
    const int shifted = month <= 2 ? year - 1 : year;  // the year starts in March
    const int era = shifted / 400;
    const int year_of_era = shifted - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return Date{era * 146097 + day_of_era - 719468};
}

}  // namespace

ScannedNumber scan_number(std::string_view cell, int scale) noexcept {
    // Nearly every cell is a plain run of digits that cannot reach the bound.
    if (!cell.empty() && cell.size() + static_cast<std::size_t>(scale) <= 15) {
        std::int64_t value = 0;
        std::size_t at = 0;
        for (; at < cell.size() && is_digit(cell[at]); ++at) value = value * 10 + (cell[at] - '0');
        if (at == cell.size()) {
            for (int place = 0; place < scale; ++place) value *= 10;
            return {.value = value};
        }
    }
    return scan_decimal(cell, scale);
}

ScannedDate scan_date(std::string_view cell) noexcept {
    std::size_t at = 0;
    const auto head = take_number(cell, at, 8);
    int year = 0;
    int month = 0;
    int day = 0;
    if (head && at == 8) {
        year = *head / 10000;
        month = *head / 100 % 100;
        day = *head % 100;
    } else if (head && at == 4 && at < cell.size() &&
               (cell[at] == '-' || cell[at] == '/' || cell[at] == '.')) {
        const char separator = cell[at++];
        const auto second = take_number(cell, at, 2);
        if (!second || at == cell.size() || cell[at] != separator) return {};
        ++at;
        const auto third = take_number(cell, at, 2);
        if (!third) return {};
        year = *head;
        month = *second;
        day = *third;
    } else {
        return {};
    }
    if (!is_day(year, month, day)) return {};
    const Clock clock = at == cell.size() ? Clock::midnight : scan_clock(cell.substr(at));
    if (clock == Clock::broken) return {};
    if (year < year_first || year > year_last)
        return {.state = DateState::out_of_range, .year = year};
    return {.date = day_number(year, month, day),
            .state = clock == Clock::midnight ? DateState::ok : DateState::time_of_day,
            .year = year};
}

}  // namespace hsl::adapters::detail
