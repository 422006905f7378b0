// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/columns.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr char separators[] = {'\t', ';', '|', ','};
constexpr std::size_t title_line_bytes_max = 1 << 16;
constexpr std::size_t bar_cells = 6;  // date, open, high, low, close, volume

void trim_blanks(const char*& first, const char*& last) {
    while (first < last && (*first == ' ' || *first == '\t')) ++first;
    while (first < last && (last[-1] == ' ' || last[-1] == '\t')) --last;
}

// Whether the cells are one bar whose thousands commas were not quoted: "71,500,72,500,..." Then
// open 71, high 500 would be a wrong number that looks right. `bar` holds the numbers read so far.
bool reads_in_thousands(std::span<const std::string_view> cells, std::vector<double> bar = {}) {
    constexpr std::size_t bar_numbers = 5;
    if (bar.size() == bar_numbers) {
        const auto [open, high, low, close] = std::array{bar[0], bar[1], bar[2], bar[3]};
        return cells.empty() && low <= std::min(open, close) && high >= std::max(open, close);
    }
    if (cells.empty() || !is_digits(cells[0]) || cells[0].size() > 15) return false;
    double number = 0;
    for (std::size_t groups = 1; groups <= cells.size(); ++groups) {
        const std::string_view cell = cells[groups - 1];
        if (groups > 1 && (cell.size() != 3 || !is_digits(cell) || cells[0].size() > 3)) break;
        for (const char c : cell) number = number * 10 + (c - '0');
        std::vector<double> longer = bar;
        longer.push_back(number);
        if (reads_in_thousands(cells.subspan(groups), std::move(longer))) return true;
    }
    return false;
}

// How many of the cells are headers that we know, or that the user named.
std::size_t known_headers(std::span<const std::string> cells, const store::ReadHints& hints) {
    const auto slots = slots_of_header(cells, {});
    HSL_ASSERT(slots.has_value());
    std::size_t known = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool named = std::ranges::any_of(
            hints.columns, [&](const auto& hint) { return lower(hint.second) == lower(cells[i]); });
        if (named || (*slots)[i].field != Field::ignored) ++known;
    }
    return known;
}

std::size_t without_empty_end(std::span<const std::string_view> cells) {
    std::size_t count = cells.size();
    while (count > 0 && cells[count - 1].empty()) --count;
    return count;
}

void take_cells(TableHead& head, std::span<const std::string_view> cells) {
    head.cells.assign(cells.begin(), cells.end());
    head.cells_min = without_empty_end(cells);
}

// ",005930,000660": an index without a name, and a column a symbol.
bool is_panel_header(std::span<const std::string_view> cells) {
    return cells.size() > 1 && cells[0].empty() &&
           std::ranges::all_of(cells.subspan(1), [](std::string_view cell) {
               return is_panel_symbol(cell) && (cell.size() == 6 || !is_digits(cell));
           });
}

// A header by the words we know in it, else a bar by its date.
Result<void> understand(std::string_view line, const store::ReadHints& hints, TableHead& head) {
    std::vector<std::string_view> cells;
    std::size_t known_most = 0;
    for (const char separator : separators) {
        if (!line.contains(separator) || !split_cells(line, separator, cells)) continue;
        const std::vector<std::string> texts{cells.begin(), cells.end()};
        const std::size_t known = known_headers(texts, hints);
        if (known <= known_most) continue;
        known_most = known;
        head.separator = separator;
        head.header = true;
        take_cells(head, cells);
    }
    if (known_most > 0) return {};
    if (split_cells(line, ',', cells) && is_panel_header(cells)) {
        head.header = true;
        take_cells(head, cells);
        return {};
    }
    std::size_t cells_most = 0;
    bool chosen = false;
    for (const char separator : separators) {
        if (!split_cells(line, separator, cells)) continue;
        const bool dated = scan_date(cells.front(), DayOrder::month_first).state == DateState::ok ||
                           scan_date(cells.front(), DayOrder::day_first).state == DateState::ok ||
                           scan_date(cells.front()).state == DateState::time_of_day;
        const std::size_t count = without_empty_end(cells);
        // Where the user says which column is which, the date may stand anywhere.
        if ((!dated && hints.columns.empty()) || count <= cells_most) continue;
        cells_most = count;
        if (count < (hints.columns.empty() ? bar_cells : 2)) continue;
        head.separator = separator;
        take_cells(head, cells);
        chosen = true;
    }
    if (chosen) return {};
    if (cells_most > 0)
        return fail(
            ErrorCode::bad_data,
            fmt::format("not a price file: without a header a row is date,open,high,low,"
                        "close,volume, and the first one has {}: '{}'",
                        counted(static_cast<std::int64_t>(cells_most), "cell"), printable(line)));
    return fail(ErrorCode::bad_data,
                fmt::format("not a price file: no column of dates: its first row is neither a "
                            "header (date, open, high, low, close, volume) nor a bar: '{}'",
                            printable(line)));
}

// Whether a header is surely one: a day or a code, and what belongs to it.
bool is_telling(std::span<const std::string> cells, const store::ReadHints& hints) {
    constexpr std::size_t telling_words = 3;
    const auto slots = slots_of_header(cells, {});
    return known_headers(cells, hints) >= telling_words &&
           std::ranges::any_of(*slots, [](const ColumnSlot& slot) {
               return slot.field == Field::date || slot.field == Field::code;
           });
}

// The header under a title, where one stands within the next lines.
std::optional<TableHead> header_below(Lines lines, const store::ReadHints& hints) {
    constexpr int title_lines_max = 20;
    std::string_view line;
    for (int i = 0; i < title_lines_max && lines.next(line); ++i) {
        TableHead head;
        if (line.size() > title_line_bytes_max || is_blank_row(line) ||
            !understand(line, hints, head) || !head.header || !is_telling(head.cells, hints))
            continue;
        head.line = lines.number();
        head.body = lines.offset();
        head.body_line = head.line;
        return head;
    }
    return {};
}

}  // namespace

bool split_cells(std::string_view line, char separator, std::vector<std::string_view>& cells) {
    cells.clear();
    const char* at = line.data();
    const char* const end = at + line.size();
    const auto find = [end](const char* from, char wanted) {
        while (from < end && *from != wanted) ++from;
        return from;
    };
    for (;;) {
        const char* first = at;
        while (first < end && *first == ' ') ++first;
        const char* next = nullptr;
        if (first < end && *first == '"') {
            const char* close = find(first + 1, '"');
            while (close + 1 < end && close[1] == '"') close = find(close + 2, '"');
            if (close >= end) return false;
            next = close + 1;
            while (next < end && *next == ' ') ++next;
            // Text behind the closing quote: no number will be read from this; it stays as it is.
            const bool clean = next == end || *next == separator;
            if (!clean) next = find(next, separator);
            const char* last = clean ? close : next;
            if (clean) ++first;
            trim_blanks(first, last);
            cells.emplace_back(first, static_cast<std::size_t>(last - first));
        } else {
            next = find(first, separator);
            const char* last = next;
            trim_blanks(first, last);
            cells.emplace_back(first, static_cast<std::size_t>(last - first));
        }
        if (next == end) return true;
        at = next + 1;
    }
}

bool is_blank_row(std::string_view line) {
    return line.find_first_not_of(",;|\t \"") == std::string_view::npos;
}

bool Lines::next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    const char* const first = text_.data() + at_;
    const auto* const end =
        static_cast<const char*>(std::memchr(first, line_end_, text_.size() - at_));
    const std::size_t size =
        end == nullptr ? text_.size() - at_ : static_cast<std::size_t>(end - first);
    line = {first, size};
    at_ += size + (end == nullptr ? 0 : 1);
    ++number_;
    // A line feed at the front is what is left of the last line end of a file of carriage returns.
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    while (!line.empty() && line.front() == '\n') line.remove_prefix(1);
    // Files put one behind the other leave their byte order marks in the middle.
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    return true;
}

// A row whose bytes were damaged, since it begins with a day: the header stands elsewhere.
bool is_damaged_row(std::string_view line) {
    if (!line.contains('\0')) return false;
    const std::size_t end = line.find_first_of(std::string_view{",;|\t\0", 5});
    const std::string day = trim(line.substr(0, end));
    return scan_date(day, DayOrder::month_first).state != DateState::unreadable ||
           scan_date(day, DayOrder::day_first).state != DateState::unreadable;
}

Result<TableHead> learn_head(std::string_view text, const store::ReadHints& hints) {
    Lines lines{text, line_end_of(text)};
    TableHead head;
    std::string_view line;
    // Rows above the first whole one of a file without a header.
    std::optional<std::pair<std::size_t, std::int64_t>> damaged;  // where they begin
    for (std::size_t before = 0; lines.next(line); before = lines.offset()) {
        if (line.empty()) continue;
        if (is_damaged_row(line)) {
            if (!damaged) damaged.emplace(before, lines.number() - 1);
            continue;
        }
        if (line.contains('\0'))
            return fail(ErrorCode::bad_data,
                        fmt::format("not a text file: byte {} is NUL, above the first row",
                                    before + line.find('\0')));
        if (is_blank_row(line)) {
            ++head.blank_rows;
            continue;
        }
        head.line = lines.number();
        auto understood = understand(line, hints, head);
        if (!understood || (head.header && !is_telling(head.cells, hints))) {
            // A title stands above the header: what it was for, and of which days.
            if (auto below = header_below(lines, hints)) return *std::move(below);
        }
        if (!understood) {
            Error error = std::move(understood).error();
            error.line = static_cast<long>(head.line);
            return std::unexpected(std::move(error));
        }
        head.body = head.header ? lines.offset() : before;
        head.body_line = head.header ? head.line : head.line - 1;
        if (damaged && !head.header) std::tie(head.body, head.body_line) = *damaged;
        return head;
    }
    return fail(ErrorCode::bad_data, "empty: no header and no bar in it");
}

bool may_hold_thousands(const TableHead& head) {
    constexpr std::size_t cells_of_thousands = 21;  // five numbers of up to four groups
    if (head.header || head.separator != ',' || head.cells_min <= bar_cells ||
        head.cells.size() > cells_of_thousands)
        return false;
    const std::vector<std::string_view> cells{head.cells.begin() + 1, head.cells.end()};
    return reads_in_thousands(cells);
}

bool is_panel_symbol(std::string_view header) {
    constexpr std::size_t symbol_max = 8;
    return !header.empty() && header.size() <= symbol_max &&
           std::ranges::all_of(header, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                      c == '^';
           });
}

std::string_view separator_name(char separator) {
    switch (separator) {
        case '\t':
            return "tab";
        case ';':
            return "semicolon";
        case '|':
            return "pipe";
        default:
            return "comma";
    }
}

std::size_t length_of_character(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char head = byte(at);
    if (head < 0x80) return 1;
    const std::size_t length = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
    if (head < 0xC2 || head > 0xF4 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(at + i) & 0xC0) != 0x80) return 0;
    return length;
}

std::string printable(std::string_view bytes, std::size_t bytes_max) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = length_of_character(bytes, at);
        const auto byte = static_cast<unsigned char>(bytes[at]);
        if (at + std::max<std::size_t>(length, 1) > bytes_max) return out + "…";
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
            ++at;
        } else {
            out += bytes.substr(at, length);
            at += length;
        }
    }
    return out;
}

}  // namespace hsl::adapters::detail
