// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/columns.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/scan.hpp"
#include "base/assert.hpp"

namespace hsl::adapters::detail {
namespace {

// In the spelling of header_key(). Everything that is not here is ignored, "adjclose" and "change"
// among it.
constexpr std::pair<std::string_view, Column> header_words[] = {
    {"date", Column::date},      {"datetime", Column::date}, {"timestamp", Column::date},
    {"날짜", Column::date},      {"일자", Column::date},     {"open", Column::open},
    {"시가", Column::open},      {"high", Column::high},     {"고가", Column::high},
    {"low", Column::low},        {"저가", Column::low},      {"close", Column::close},
    {"종가", Column::close},     {"현재가", Column::close},  {"volume", Column::volume},
    {"거래량", Column::volume},  {"value", Column::value},   {"amount", Column::value},
    {"거래대금", Column::value}, {"code", Column::code},     {"ticker", Column::code},
    {"symbol", Column::code},    {"코드", Column::code},     {"종목코드", Column::code},
    {"단축코드", Column::code},
};

constexpr Column needed[] = {Column::date, Column::open,  Column::high,
                             Column::low,  Column::close, Column::volume};

std::string header_key(std::string_view cell) {
    std::string key;
    for (const char c : cell)
        if (c != ' ' && c != '_' && c != '\t')
            key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return key;
}

std::optional<Column> column_of(std::string_view cell) {
    const std::string key = header_key(cell);
    for (const auto& [word, column] : header_words)
        if (word == key) return column;
    return std::nullopt;
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

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = length_of_character(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

void trim_blanks(const char*& first, const char*& last) {
    while (first < last && (*first == ' ' || *first == '\t')) ++first;
    while (first < last && (last[-1] == ' ' || last[-1] == '\t')) --last;
}

void measure(Layout& layout, const std::vector<std::string_view>& cells) {
    layout.cells_max = cells.size();
    layout.cells_min = cells.size();
    while (layout.cells_min > 0 && cells[layout.cells_min - 1].empty()) --layout.cells_min;
}

Result<Layout> layout_of_header(const std::vector<std::string_view>& cells, char delimiter) {
    Layout layout{.delimiter = delimiter, .header = true};
    layout.index.fill(Layout::absent);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto column = column_of(cells[i]);
        if (!column) continue;
        std::size_t& at = layout.index[static_cast<std::size_t>(*column)];
        // Vendors write the code twice ("ticker" and "code"): the first is enough.
        if (at != Layout::absent && *column != Column::code)
            return fail(
                ErrorCode::bad_data,
                fmt::format("two columns of the header are the {}: '{}' and '{}': leave one",
                            name_of(*column), printable(cells[at]), printable(cells[i])));
        if (at == Layout::absent) at = i;
    }
    std::vector<std::string_view> missing;
    for (const Column column : needed)
        if (!layout.has(column)) missing.push_back(name_of(column));
    if (!missing.empty())
        return fail(ErrorCode::bad_data,
                    fmt::format("not a price file: its header has no column {}; needed are date, "
                                "open, high, low, close, volume (or 날짜, 시가, 고가, 저가, 종가, "
                                "거래량)",
                                fmt::join(missing, ", ")));
    measure(layout, cells);
    return layout;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
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

}  // namespace

std::string_view name_of(Column column) {
    static constexpr std::array<std::string_view, column_count> names{
        "date", "open", "high", "low", "close", "volume", "value", "code"};
    return names[static_cast<std::size_t>(column)];
}

bool split_cells(std::string_view line, char delimiter, std::vector<std::string_view>& cells) {
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
            const bool clean = next == end || *next == delimiter;
            if (!clean) next = find(next, delimiter);
            const char* last = clean ? close : next;
            if (clean) ++first;
            trim_blanks(first, last);
            cells.emplace_back(first, static_cast<std::size_t>(last - first));
        } else {
            next = find(first, delimiter);
            const char* last = next;
            trim_blanks(first, last);
            cells.emplace_back(first, static_cast<std::size_t>(last - first));
        }
        if (next == end) return true;
        at = next + 1;
    }
}

bool is_blank_row(std::string_view line) {
    return line.find_first_not_of(",;\t \"") == std::string_view::npos;
}

Result<Layout> learn_layout(std::string_view line) {
    std::vector<std::string_view> cells;
    char best = ',';
    std::size_t known_most = 0;
    for (const char delimiter : {'\t', ';', ','}) {
        if (!split_cells(line, delimiter, cells)) continue;
        const auto known = static_cast<std::size_t>(std::ranges::count_if(
            cells, [](std::string_view cell) { return column_of(cell).has_value(); }));
        if (known > known_most) {
            known_most = known;
            best = delimiter;
        }
    }
    if (known_most > 0) {
        const bool whole = split_cells(line, best, cells);
        HSL_ASSERT(whole);
        return layout_of_header(cells, best);
    }
    std::size_t cells_most = 0;
    for (const char delimiter : {'\t', ';', ','}) {
        if (!split_cells(line, delimiter, cells)) continue;
        if (scan_date(cells.front()).state != DateState::ok) continue;
        Layout layout{.delimiter = delimiter, .header = false};
        for (std::size_t i = 0; i < column_count; ++i)
            layout.index[i] = i < std::size(needed) ? i : Layout::absent;
        measure(layout, cells);
        cells_most = std::max(cells_most, layout.cells_min);
        if (layout.cells_min < std::size(needed)) continue;
        constexpr std::size_t cells_of_thousands = 21;  // five numbers of up to four groups
        const std::span behind_date{cells.begin() + 1, cells.end()};
        if (delimiter == ',' && layout.cells_min > std::size(needed) &&
            cells.size() <= cells_of_thousands && reads_in_thousands(behind_date))
            return fail(ErrorCode::bad_data,
                        fmt::format("'{}' may hold thousands commas that are not quoted, or more "
                                    "columns: put a header line above, or quotes around the "
                                    "numbers",
                                    printable(line)));
        return layout;
    }
    if (cells_most > 0)
        return fail(ErrorCode::bad_data,
                    fmt::format("not a price file: without a header a row is date,open,high,low,"
                                "close,volume, and the first one has {} cells: '{}'",
                                cells_most, printable(line)));
    std::string message = fmt::format(
        "not a price file: no column of dates: its first row is neither a header (date, "
        "open, high, low, close, volume) nor a bar: '{}'",
        printable(line));
    if (!is_utf8(line))
        message += "; it is not UTF-8, Korean files are often CP949: iconv -f cp949 -t utf-8 FILE";
    return fail(ErrorCode::bad_data, std::move(message));
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
