// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/scan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
    static constexpr std::array<std::string_view, 11> words{
        "", "-", "null", "nan", "none", "n/a", "na", "#n/a", "--", "–", "—"};
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

constexpr std::array<double, 23> power_of_ten{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

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

enum class Clock : std::uint8_t { midnight, other, broken };

// Offsets behind a time: "Z", "+09:00", "+0900", in minutes.
bool take_zone(std::string_view text, std::size_t& at, int& minutes_east) {
    if (at < text.size() && text[at] == 'Z') {
        ++at;
        minutes_east = 0;
        return true;
    }
    if (at == text.size() || (text[at] != '+' && text[at] != '-')) return true;
    const bool east = text[at++] == '+';
    const auto hours = take_number(text, at, 2);
    if (!hours) return false;
    if (at < text.size() && text[at] == ':') ++at;
    const auto minutes = take_number(text, at, 2);
    if (!minutes) return false;
    minutes_east = (east ? 1 : -1) * (*hours * 60 + *minutes);
    return true;
}

// What may follow a day: " 0:0:0", "T00:00:00.000", " 9:30", with "Z" or an offset behind it.
Clock scan_clock(std::string_view text, ScannedDate& into) {
    std::size_t at = 0;
    if (text[0] != ' ' && text[0] != 'T') return Clock::broken;
    while (at < text.size() && (text[at] == ' ' || text[at] == 'T')) ++at;
    std::array<int, 3> parts{};
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const auto number = take_number(text, at, 2);
        if (!number) return Clock::broken;
        parts[part] = *number;
        if (at == text.size() || text[at] != ':') {
            if (part == 0) return Clock::broken;
            break;
        }
        if (part == 2) return Clock::broken;
        ++at;
    }
    if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return Clock::broken;
    bool fraction = false;
    if (at < text.size() && text[at] == '.') {
        for (++at; at < text.size() && is_digit(text[at]); ++at)
            fraction = fraction || text[at] != '0';
    }
    if (!take_zone(text, at, into.minutes_east) || at != text.size()) return Clock::broken;
    into.minute = parts[0] * 60 + parts[1];
    into.seconds = parts[2] != 0 || fraction;
    return into.minute == 0 && !into.seconds ? Clock::midnight : Clock::other;
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

// Takes a word off the front or the end of `cell`.
bool strip(std::string_view& cell, std::string_view word) {
    if (cell.starts_with(word))
        cell.remove_prefix(word.size());
    else if (cell.ends_with(word))
        cell.remove_suffix(word.size());
    else
        return false;
    while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
    while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
    return true;
}

// Three letters or a whole English name; 0 when it is no month.
int month_of(std::string_view word) {
    static constexpr std::array<std::string_view, 12> months{
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    for (std::size_t i = 0; i < months.size(); ++i)
        if (same_word(word, months[i]) || same_word(word, months[i].substr(0, 3)))
            return static_cast<int>(i) + 1;
    return 0;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void skip(std::string_view text, std::size_t& at, std::string_view characters) {
    while (at < text.size() && characters.find(text[at]) != std::string_view::npos) ++at;
}

int month_at(std::string_view text, std::size_t& at) {
    const std::size_t first = at;
    while (at < text.size() && is_letter(text[at])) ++at;
    return month_of(text.substr(first, at - first));
}

struct Civil {
    int year = 0;
    int month = 0;
    int day = 0;
    std::size_t end = 0;  // behind the day in the cell; 0: it was none
    std::string_view form = {};
};

// Spreadsheets cut centuries: 69 and more is of the last one, as POSIX has it.
int whole_year(int year, std::size_t digits) {
    return digits > 2 ? year : year >= 69 ? 1900 + year : 2000 + year;
}

// 2019년 11월 11일
Civil korean_day(std::string_view cell) {
    static constexpr std::array<std::string_view, 3> marks{"년", "월", "일"};
    std::array<int, 3> parts{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        skip(cell, at, " ");
        const auto number = take_number(cell, at, 4);
        if (!number) return {};
        parts[i] = *number;
        skip(cell, at, " ");
        if (!cell.substr(at).starts_with(marks[i])) return {};
        at += marks[i].size();
    }
    return {parts[0], parts[1], parts[2], at, "YYYY년 M월 D일"};
}

// Nov 11, 2019 or 11 Nov 2019 or 11-Nov-19
Civil english_day(std::string_view cell) {
    std::size_t at = 0;
    if (is_letter(cell[0])) {
        const int month = month_at(cell, at);
        skip(cell, at, " .");
        const auto day = take_number(cell, at, 2);
        skip(cell, at, " ,");
        const std::size_t first = at;
        const auto year = take_number(cell, at, 4);
        if (month == 0 || !day || !year || at - first < 4) return {};
        return {*year, month, *day, at, "Mon D, YYYY"};
    }
    const auto day = take_number(cell, at, 2);
    if (!day) return {};
    skip(cell, at, " -");
    const int month = month_at(cell, at);
    skip(cell, at, " -,.");
    const std::size_t first = at;
    const auto year = take_number(cell, at, 4);
    if (month == 0 || !year || at - first < 2 || at - first == 3) return {};
    return {whole_year(*year, at - first), month, *day, at, "D Mon YYYY"};
}

// 03/05/2024, 3.5.24, 3-5-2024: two numbers of unknown order and a year.
Civil year_last_day(std::string_view cell, DayOrder order) {
    std::size_t at = 0;
    const auto first = take_number(cell, at, 2);
    if (!first || at == cell.size()) return {};
    const char separator = cell[at];
    if (separator != '/' && separator != '-' && separator != '.') return {};
    ++at;
    const auto second = take_number(cell, at, 2);
    if (!second || at == cell.size() || cell[at] != separator) return {};
    ++at;
    const std::size_t digits = at;
    const auto year = take_number(cell, at, 4);
    if (!year || at - digits < 2 || at - digits == 3) return {};
    const int whole = whole_year(*year, at - digits);
    if (order == DayOrder::day_first) return {whole, *second, *first, at, "D/M/YYYY"};
    return {whole, *first, *second, at, "M/D/YYYY"};
}

Civil other_day(std::string_view cell, DayOrder order) {
    if (cell.empty()) return {};
    if (const Civil day = korean_day(cell); day.end > 0) return day;
    if (const Civil day = english_day(cell); day.end > 0) return day;
    if (order == DayOrder::unknown) return {};
    return year_last_day(cell, order);
}

// The forms that nearly every file has: 20180504, 2018-05-04, 2018/5/4, 2018.05.04.
Civil plain_day(std::string_view cell) {
    std::size_t at = 0;
    const auto head = take_number(cell, at, 8);
    if (head && at == 8) return {*head / 10000, *head / 100 % 100, *head % 100, at, "YYYYMMDD"};
    if (!head || at != 4 || at == cell.size()) return {};
    const char separator = cell[at++];
    if (separator != '-' && separator != '/' && separator != '.') return {};
    skip(cell, at, " ");  // a Korean site writes 2018- 05- 04
    const auto second = take_number(cell, at, 2);
    if (!second || at == cell.size() || cell[at] != separator) return {};
    ++at;
    skip(cell, at, " ");
    const auto third = take_number(cell, at, 2);
    if (!third) return {};
    // Korean sites close the day with a point as well: 2018.05.04.
    if (separator == '.' && at < cell.size() && cell[at] == '.') ++at;
    return {*head, *second, *third, at,
            separator == '-'   ? "YYYY-MM-DD"
            : separator == '/' ? "YYYY/MM/DD"
                               : "YYYY.MM.DD"};
}

}  // namespace

ScannedNumber scan_number(std::string_view cell, int scale) noexcept {
    // Nearly every cell is a plain run of digits that cannot reach the bound, with ".0" behind it
    // where a program wrote it as a real number.
    if (!cell.empty() && cell.size() + static_cast<std::size_t>(scale) <= 17) {
        std::int64_t value = 0;
        std::size_t at = 0;
        for (; at < cell.size() && is_digit(cell[at]); ++at) value = value * 10 + (cell[at] - '0');
        const bool whole =
            at == cell.size() || (at + 2 == cell.size() && cell[at] == '.' && cell[at + 1] == '0');
        if (whole && at > 0 && at + static_cast<std::size_t>(scale) <= 15) {
            for (int place = 0; place < scale; ++place) value *= 10;
            return {.value = value};
        }
    }
    return scan_decimal(cell, scale);
}

namespace {

// A cell in ASCII as far as it can be, without an allocation; a longer one holds no number.
class Folded {
public:
    explicit Folded(std::string_view cell) {
        for (std::size_t at = 0; at < cell.size();) {
            const std::string_view rest = cell.substr(at);
            const auto byte = [&](std::size_t i) {
                return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U;
            };
            // U+FF01 to U+FF5E stand for 0x21 to 0x7E.
            if (byte(0) == 0xEF && (byte(1) == 0xBC || byte(1) == 0xBD) && byte(2) >= 0x80) {
                const unsigned code = 0xF000U | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
                if (code >= 0xFF01 && code <= 0xFF5E) {
                    put(static_cast<char>(code - 0xFF01 + 0x21));
                    at += 3;
                    continue;
                }
            }
            if (rest.starts_with("\xE2\x88\x92")) {  // the minus of mathematics
                put('-');
                at += 3;
                continue;
            }
            if (const std::size_t blank = blank_at(rest); blank > 0) {
                // Between digits it stands for a thousands comma.
                const bool inside = size_ > 0 && size_ <= text_.size() &&
                                    is_digit(text_[size_ - 1]) && rest.size() > blank &&
                                    is_digit(rest[blank]);
                put(inside ? ',' : ' ');
                at += blank;
                continue;
            }
            put(cell[at++]);
        }
    }
    // "?" where the cell was too long: no number.
    [[nodiscard]] std::string_view text() const {
        if (size_ > text_.size()) return "?";
        std::string_view text{text_.data(), size_};
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        return text;
    }

private:
    // No-break, figure, thin and ideographic spaces.
    static std::size_t blank_at(std::string_view text) {
        if (text.starts_with("\xC2\xA0")) return 2;
        for (const std::string_view blank :
             {"\xE2\x80\x87", "\xE2\x80\x89", "\xE2\x80\xAF", "\xE3\x80\x80"})
            if (text.starts_with(blank)) return 3;
        return 0;
    }
    void put(char c) {
        if (size_ < text_.size()) text_[size_] = c;
        ++size_;
    }

    std::array<char, 64> text_{};
    std::size_t size_ = 0;
};

struct Unit {
    std::string_view word;
    int places;
};
// The longer word first where one begins another.
constexpr Unit units[] = {
    {"천억", 11}, {"백억", 10}, {"십억", 9}, {"억", 8}, {"조", 12}, {"천만", 7},
    {"백만", 6},  {"십만", 5},  {"만", 4},   {"천", 3}, {"K", 3},   {"k", 3},
    {"M", 6},     {"m", 6},     {"B", 9},    {"b", 9},  {"T", 12},  {"t", 12},
};

std::size_t number_end(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789,."), text.size());
}

std::int64_t power_of(int places) {
    std::int64_t power = 1;
    for (; places > 0; --places) power *= 10;
    return power;
}

int decimals_of(std::string_view number) {
    const std::size_t point = number.find('.');
    return point == std::string_view::npos ? 0 : static_cast<int>(number.size() - point - 1);
}

// 1.2억; 1조 2,345억; 3만 4,500: parts of falling weight, only the last with a fraction.
ScannedNumber scan_units(std::string_view text, int scale) {
    ScannedNumber sum;
    int last_places = 19;
    bool any = false;
    while (!text.empty()) {
        const std::string_view digits = text.substr(0, number_end(text));
        text.remove_prefix(digits.size());
        while (text.starts_with(' ')) text.remove_prefix(1);
        int places = 0;
        for (const Unit& unit : units) {
            if (!text.starts_with(unit.word)) continue;
            places = unit.places;
            text.remove_prefix(unit.word.size());
            any = true;
            break;
        }
        while (text.starts_with(' ')) text.remove_prefix(1);
        const int decimals = decimals_of(digits);
        if (digits.empty() || places >= last_places || (decimals > 0 && !text.empty()))
            return {.state = NumberState::unreadable};
        last_places = places;
        const ScannedNumber part = scan_decimal(digits, scale + places);
        if (part.state != NumberState::ok) return part;
        sum.value += part.value;
        sum.rounded = sum.rounded || part.rounded;
        sum.place = power_of(std::max(places - decimals, 0));
        if (sum.value > number_max) return {.state = NumberState::too_large};
    }
    if (!any) return {.state = NumberState::unreadable};
    return sum;
}

// 1.23E+08
ScannedNumber scan_exponent(std::string_view text, int scale) {
    const std::size_t e = text.find_first_of("eE");
    if (e == std::string_view::npos || e == 0) return {.state = NumberState::unreadable};
    std::size_t at = e + 1;
    if (at < text.size() && text[at] == '+') ++at;
    const auto exponent = take_number(text, at, 2);
    if (!exponent || at != text.size() || *exponent > 15) return {.state = NumberState::unreadable};
    ScannedNumber number = scan_decimal(text.substr(0, e), scale + *exponent);
    number.place = power_of(std::max(*exponent - decimals_of(text.substr(0, e)), 0));
    return number;
}

// Takes a sign off the front or the end; 0 where there is none.
int take_sign(std::string_view& text) {
    static constexpr std::pair<std::string_view, int> marks[] = {
        {"▲", 1},  {"↑", 1},  {"상승", 1},  {"상한", 1}, {"▼", -1},
        {"▽", -1}, {"↓", -1}, {"하락", -1}, {"하한", -1}};
    for (const auto& [mark, sign] : marks)
        if (strip(text, mark)) return sign;
    if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
        text = text.substr(1, text.size() - 2);
        return -1;
    }
    return 0;
}

}  // namespace

ScannedNumber scan_dressed_number(std::string_view cell, int scale, const Dress& dress) noexcept {
    const Folded folded{cell};
    std::string_view bare = folded.text();
    if (is_missing(bare)) return {.state = NumberState::missing};
    int sign = dress.signs ? take_sign(bare) : 0;
    if (bare.starts_with('-') || bare.starts_with('+')) {
        const int own = bare.front() == '-' ? -1 : 1;
        if (sign != 0 && sign != own) return {.state = NumberState::unreadable};
        sign = own;
        bare.remove_prefix(1);
        if (bare.starts_with('-') || bare.starts_with('+'))
            return {.state = NumberState::unreadable};
    }
    if (dress.won) {
        // CP949 shows a backslash as the sign of the won.
        for (const std::string_view word : {"원", "₩", "￦", "\\", "KRW"})
            if (strip(bare, word)) break;
    }
    if (dress.dollars) strip(bare, "$");
    if (dress.shares) strip(bare, "주");
    if (bare.starts_with('-') && sign == 0) {  // ₩-350
        sign = -1;
        bare.remove_prefix(1);
    }
    ScannedNumber number{.state = NumberState::unreadable};
    if (bare == cell && sign == 0 && !dress.units) return number;
    if (bare.empty() || bare.starts_with('-') || bare.starts_with('+')) return number;
    number = scan_decimal(bare, scale);
    if (number.state == NumberState::unreadable && dress.units) number = scan_units(bare, scale);
    if (number.state == NumberState::unreadable && dress.units) number = scan_exponent(bare, scale);
    if (sign < 0) number.value = -number.value;
    return number;
}

bool is_rounded_form(std::string_view cell) noexcept {
    const ScannedNumber number =
        scan_dressed_number(cell, 0, {.won = true, .units = true, .signs = true});
    return number.state == NumberState::ok;
}

std::string plain_width(std::string_view text) {
    std::string out;
    // A character at a time, since a whole text may be longer than a number.
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        const std::string_view character = text.substr(at, length);
        if (length > 1) {
            const Folded folded{character};
            const std::string_view plain = folded.text();
            out += plain.empty() ? " " : plain;
        } else {
            out += character;
        }
        at += length;
    }
    return out;
}

ScannedReal scan_about(std::string_view cell) noexcept {
    const bool negative = cell.starts_with('-');
    const std::string_view bare = negative ? cell.substr(1) : cell;
    std::int64_t digits = 0;
    std::size_t count = 0;
    std::size_t places = 0;
    bool fraction = false;
    for (std::size_t at = 0; at < bare.size(); ++at) {
        const char c = bare[at];
        if (c == '.' && !fraction) {
            fraction = true;
        } else if (!is_digit(c)) {
            return scan_real(cell);
        } else {
            digits = digits * 10 + (c - '0');
            count += digits > 0;
            places += fraction;
            if (count == 12 && !fraction) return scan_real(cell);
            if (count < 12) continue;
            // Further digits of a fraction change nothing; an exponent would.
            if (bare.find_first_of("eE", at) != std::string_view::npos) return scan_real(cell);
            break;
        }
    }
    if (bare.empty() || (fraction && bare.size() == 1) || places >= power_of_ten.size())
        return scan_real(cell);
    const double value = static_cast<double>(digits) / power_of_ten[places];
    return {.value = negative ? -value : value};
}

ScannedReal scan_real(std::string_view cell) noexcept {
    // Up to 15 digits over a power of ten are exact: one division rounds them rightly.
    if (!cell.empty() && cell.size() <= 15 && is_digit(cell[0])) {
        std::int64_t digits = 0;
        std::size_t at = 0;
        std::size_t point = cell.size();
        for (; at < cell.size(); ++at) {
            if (is_digit(cell[at]))
                digits = digits * 10 + (cell[at] - '0');
            else if (cell[at] == '.' && point == cell.size())
                point = at;
            else
                break;
        }
        if (at == cell.size()) {
            const std::size_t places = point == cell.size() ? 0 : cell.size() - point - 1;
            return {.value = static_cast<double>(digits) / power_of_ten[places]};
        }
    }
    std::string_view bare = cell;
    if (bare.ends_with('%')) bare.remove_suffix(1);
    while (!bare.empty() && bare.back() == ' ') bare.remove_suffix(1);
    if (is_missing(bare)) return {.state = NumberState::missing};
    if (bare.starts_with('+')) bare.remove_prefix(1);
    std::array<char, 64> digits{};
    std::size_t size = 0;
    for (const char c : bare) {
        if (c == ',') continue;
        if (size == digits.size()) return {.state = NumberState::unreadable};
        digits[size++] = c;
    }
    ScannedReal real;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + size, real.value);
    if (error == std::errc::result_out_of_range) return {.state = NumberState::too_large};
    if (error != std::errc{} || end != digits.data() + size || !std::isfinite(real.value))
        return {.state = NumberState::unreadable};
    return real;
}

namespace {

// Digits alone: 20240102093000 and 202401020930, or seconds, milli-, micro- or nanoseconds since
// 1970 as programs write them (9 or 10, 12 or 13, 16, 19 digits).
ScannedDate digits_alone(std::string_view cell) {
    constexpr std::string_view beyond = "9223372036854775808";  // 2^63
    if (cell.size() > beyond.size() || (cell.size() == beyond.size() && cell >= beyond)) return {};
    std::int64_t number = 0;
    for (const char c : cell) {
        if (!is_digit(c)) return {};
        number = number * 10 + (c - '0');
    }
    if (cell.size() == 12 || cell.size() == 14) {
        const std::int64_t clock = cell.size() == 14 ? number : number * 100;
        const auto day = static_cast<int>(clock / 1'000'000);
        const auto time = static_cast<int>(clock % 1'000'000);
        const int year = day / 10000;
        if (year >= year_first && year <= year_last && is_day(year, day / 100 % 100, day % 100) &&
            time / 10000 < 24 && time / 100 % 100 < 60 && time % 100 < 60)
            return {.date = day_number(year, day / 100 % 100, day % 100),
                    .state = time == 0 ? DateState::ok : DateState::time_of_day,
                    .year = year,
                    .minute = time / 10000 * 60 + time / 100 % 100,
                    .seconds = time % 100 != 0};
    }
    switch (cell.size()) {
        case 9:
        case 10:
            break;
        case 12:
        case 13:
            number /= 1'000;
            break;
        case 16:
            number /= 1'000'000;
            break;
        case 19:
            number /= 1'000'000'000;
            break;
        default:
            return {};
    }
    constexpr std::int64_t seconds_max = 1'900'000'000;  // 2030; beyond it 2024010209 would be one
    if (number > seconds_max) return {};
    // 201805041 is a slip in 20180504, not an evening of 1976; so with twelve digits.
    if ((cell.size() == 9 || cell.size() == 12) &&
        (cell.starts_with("19") || cell.starts_with("20")))
        return {};
    const auto second = static_cast<int>(number % 86'400);
    return {.date = Date{static_cast<std::int32_t>(number / 86'400)},
            .state = second == 0 ? DateState::ok : DateState::time_of_day,
            .year = 1970 + static_cast<int>(number / 31'556'952),
            .minute = second / 60,
            .seconds = second % 60 != 0,
            .minutes_east = 0};
}

}  // namespace

ScannedDate scan_date(std::string_view cell, DayOrder order) noexcept {
    // 2018-05-04, as nearly all files have it.
    if (cell.size() == 10 && cell[4] == '-' && cell[7] == '-') {
        int digits = 0;
        bool plain = true;
        for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
            plain = plain && is_digit(cell[at]);
            digits = digits * 10 + (cell[at] - '0');
        }
        const int year = digits / 10000;
        if (plain && year >= year_first && year <= year_last &&
            is_day(year, digits / 100 % 100, digits % 100))
            return {.date = day_number(year, digits / 100 % 100, digits % 100),
                    .state = DateState::ok,
                    .year = year};
    }
    if (cell.size() >= 9 && cell.size() <= 19)
        if (const ScannedDate digits = digits_alone(cell); digits.state != DateState::unreadable)
            return digits;
    Civil day = plain_day(cell);
    if (day.end == 0) day = other_day(cell, order);
    if (day.end == 0 || !is_day(day.year, day.month, day.day)) return {};
    ScannedDate scanned{.state = DateState::ok, .year = day.year};
    if (day.end < cell.size()) {
        const Clock clock = scan_clock(cell.substr(day.end), scanned);
        if (clock == Clock::broken) return {};
        if (clock == Clock::other) scanned.state = DateState::time_of_day;
    }
    if (day.year < year_first || day.year > year_last)
        return {.state = DateState::out_of_range, .year = day.year};
    scanned.date = day_number(day.year, day.month, day.day);
    return scanned;
}

DayParts scan_day_parts(std::string_view cell) noexcept {
    const Civil day = year_last_day(cell, DayOrder::month_first);
    if (day.end == 0) return {};
    return {day.month, day.day};
}

std::string_view date_form(std::string_view cell) noexcept {
    const Civil day = plain_day(cell);
    if (day.end > 0) return day.form;
    return other_day(cell, DayOrder::month_first).form;
}

int scan_time(std::string_view cell) noexcept {
    if (cell.find(':') != std::string_view::npos) {
        ScannedDate scanned;
        std::array<char, 24> text{' '};
        if (cell.size() >= text.size()) return -1;
        std::ranges::copy(cell, text.begin() + 1);
        if (scan_clock({text.data(), cell.size() + 1}, scanned) == Clock::broken) return -1;
        return scanned.minute;
    }
    std::size_t at = 0;
    const auto number = take_number(cell, at, 6);
    if (!number || at != cell.size() || at < 1) return -1;
    const int clock = at > 4 ? *number / 100 : *number;  // HHMMSS or HHMM
    const int minute = clock / 100 * 60 + clock % 100;
    return clock / 100 > 23 || clock % 100 > 59 ? -1 : minute;
}

}  // namespace hsl::adapters::detail
