// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/price_file.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters {
namespace {

using detail::Column;
using detail::DateState;
using detail::Layout;
using detail::NumberState;
using detail::printable;
using market::Bar;
using market::price_text;
using store::QuarantinedRow;

// A day of the whole market for decades stays below this; a parser holds the file in memory.
constexpr std::size_t file_bytes_max = std::size_t{1} << 30;
// A NUL this early is a binary file; a later one is damage to a line.
constexpr std::size_t binary_probe_bytes = 4096;
// A file with more rows than this and no good one among them was misunderstood: it is refused, and
// does not fill the quarantine.
constexpr std::size_t hopeless_rows = 1000;
// Symbols stand in tables, messages and file names of reports.
constexpr std::size_t symbol_bytes_max = 64;

std::unexpected<Error> refuse(std::string_view file, std::string message, std::int64_t line = 0) {
    return std::unexpected(Error{.code = ErrorCode::bad_data,
                                 .message = std::move(message),
                                 .file = std::string{file},
                                 .line = static_cast<long>(line)});
}

// What a file is when it is no text, from its first bytes.
std::optional<std::string> why_binary(std::string_view bytes) {
    struct Signature {
        std::string_view head;
        std::string_view words;
    };
    static constexpr Signature signatures[] = {
        {"PK\x03\x04", "a zip archive or an Excel workbook: save it as CSV"},
        {"\x1F\x8B", "compressed with gzip: gunzip it first"},
        {"PAR1", "a Parquet file: save it as CSV"},
        {"\xD0\xCF\x11\xE0", "an old Excel workbook: save it as CSV"},
        {"\xFF\xFE", "UTF-16: save it as UTF-8"},
        {"\xFE\xFF", "UTF-16: save it as UTF-8"},
    };
    for (const Signature& signature : signatures)
        if (bytes.starts_with(signature.head))
            return fmt::format("not a price file but {}", signature.words);
    const std::size_t nul = bytes.substr(0, binary_probe_bytes).find('\0');
    if (nul == std::string_view::npos) return std::nullopt;
    return fmt::format("not a text file: byte {} is NUL", nul);
}

bool is_symbol(std::string_view symbol) {
    return !symbol.empty() && symbol.size() <= symbol_bytes_max && symbol.front() != '.' &&
           symbol.find_first_not_of(' ') != std::string_view::npos &&
           hsl::printable(symbol) == symbol;
}

// What was changed on the way in; a bit a rule, since one row may need several.
enum Repair : std::uint8_t { rounded_price = 1, rounded_volume = 2, range_widened = 4 };

class Reader {
public:
    Reader(std::string_view file, std::string_view bytes) : bytes_(bytes) {
        result_.path = std::string{file};
    }

    Result<PriceFile> read() {
        if (bytes_.size() > file_bytes_max)
            return refuse(result_.path, fmt::format("{} bytes, more than the {} a price file may "
                                                    "have: split it by symbol or by year",
                                                    bytes_.size(), file_bytes_max));
        if (const auto why = why_binary(bytes_)) return refuse(result_.path, *why);
        const std::string symbol = market::symbol_from_path(result_.path);
        if (!is_symbol(symbol))
            return refuse(result_.path,
                          "the file's name gives no symbol: name it after its code, 005930.csv");
        result_.instrument = market::instrument_for(symbol);
        scale_ = result_.instrument.scale;
        korean_ = market::is_krx_code(symbol);
        has_nul_ = bytes_.find('\0') != std::string_view::npos;
        // Tools that write a BOM before one that is there already exist.
        while (bytes_.substr(at_).starts_with("\xEF\xBB\xBF")) at_ += 3;
        line_end_ = line_end_of(bytes_);

        while (at_ < bytes_.size()) {
            const std::string_view line = next_line();
            if (line.empty()) continue;
            if (detail::is_blank_row(line)) {
                ++result_.data_lines;
                ++fillers_;
                continue;
            }
            if (!layout_) {
                auto layout = detail::learn_layout(line);
                if (!layout) {
                    Error error = std::move(layout).error();
                    error.file = result_.path;
                    error.line = static_cast<long>(line_number_);
                    return std::unexpected(std::move(error));
                }
                layout_ = *layout;
                if (layout_->header) continue;
            }
            if (starts_.empty()) reserve(line.size());
            ++result_.data_lines;
            HSL_CHECK(row(line));
        }
        if (!layout_) return refuse(result_.path, "empty: no header and no bar in it");
        if (result_.data_lines == 0)
            return refuse(result_.path, "a header and no row below it: nothing was downloaded?");
        HSL_CHECK(check_code());
        HSL_CHECK(check_hope());
        settle_repeats();
        count();
        return std::move(result_);
    }

private:
    std::string_view next_line() {
        const std::size_t end = std::min(bytes_.find(line_end_, at_), bytes_.size());
        std::string_view line = bytes_.substr(at_, end - at_);
        at_ = std::min(end + 1, bytes_.size());
        ++line_number_;
        return without_ends(line);
    }

    // A line feed at the front is what is left of the last line end of a file of carriage returns.
    static std::string_view without_ends(std::string_view line) {
        while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        while (!line.empty() && line.front() == '\n') line.remove_prefix(1);
        return line;
    }

    // The line that begins at byte `start`, as next_line() gave it.
    std::string_view line_at(std::size_t start) const {
        std::string_view line = bytes_.substr(start);
        return without_ends(line.substr(0, std::min(line.find(line_end_), line.size())));
    }

    void reserve(std::size_t first_line_bytes) {
        const std::size_t rows = (bytes_.size() - at_) / (first_line_bytes + 1) + 16;
        result_.bars.reserve(rows);
        result_.lines.reserve(rows);
        starts_.reserve(rows);
        repairs_.reserve(rows);
    }

    void quarantine(std::string_view line, std::string date, std::string_view reason,
                    std::string detail) {
        result_.quarantined.push_back({.symbol = result_.instrument.symbol,
                                       .date = std::move(date),
                                       .file = result_.path,
                                       .line = line_number_,
                                       .reason = std::string{reason},
                                       .detail = std::move(detail),
                                       .source = std::string{line}});
    }

    // Sorts one data line into accepted, quarantined or dropped. Only a second code in the code
    // column stops the file.
    Result<void> row(std::string_view line) {
        if (has_nul_ && line.find('\0') != std::string_view::npos) {
            quarantine(line, "", "nul_byte", "the line holds a NUL byte: the file was damaged");
            return {};
        }
        if (!detail::split_cells(line, layout_->delimiter, cells_)) {
            quarantine(line, "", "unclosed_quote", "a quote is not closed on its line");
            return {};
        }
        if (!has_right_count()) {
            quarantine(line, "", "cell_count",
                       fmt::format("{}, the {} has {}",
                                   counted(static_cast<std::int64_t>(cells_.size()), "cell"),
                                   layout_->header ? "header" : "first row", layout_->cells_max));
            return {};
        }
        HSL_CHECK(note_code());

        const std::string_view date_cell = cell(Column::date);
        const detail::ScannedDate scanned = detail::scan_date(date_cell);
        if (scanned.state != DateState::ok) {
            quarantine_date(line, date_cell, scanned);
            return {};
        }
        const Date date = scanned.date;

        static constexpr std::array columns{Column::open,  Column::high,   Column::low,
                                            Column::close, Column::volume, Column::value};
        std::array<detail::ScannedNumber, columns.size()> numbers;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!layout_->has(columns[i])) {
                numbers[i].value = Bar::value_missing;
                continue;
            }
            numbers[i] = detail::scan_number(cell(columns[i]), i < 4 ? scale_ : 0);
            if (numbers[i].state == NumberState::ok) continue;
            if (columns[i] == Column::value && numbers[i].state == NumberState::missing) {
                numbers[i].value = Bar::value_missing;
                continue;
            }
            quarantine_number(line, date, columns[i], numbers[i].state);
            return {};
        }
        Bar bar{.date = date,
                .open = numbers[0].value,
                .high = numbers[1].value,
                .low = numbers[2].value,
                .close = numbers[3].value,
                .volume = numbers[4].value,
                .value = numbers[5].value};
        const auto is_zero = [](const detail::ScannedNumber& n) {
            return n.value == 0 && !n.rounded;
        };
        const std::span prices{numbers.data(), 4};
        if (std::ranges::all_of(prices, is_zero) && is_zero(numbers[4]) && bar.value <= 0) {
            ++fillers_;
            return {};
        }
        if (korean_ && is_closed(date)) {
            quarantine(line, date.iso(), "not_a_session",
                       fmt::format("{} is no session of the Korean exchange", date.iso()));
            return {};
        }
        std::uint8_t repairs = 0;
        // A halted row carries the close and no other price. It may have a volume: trades after
        // hours.
        const bool halted = std::ranges::all_of(prices.first(3), is_zero) && bar.close > 0;
        for (std::size_t i = halted ? 3 : 0; i < 4; ++i) {
            if (bar_price(bar, i) > 0) continue;
            quarantine(line, date.iso(), "price_not_positive",
                       fmt::format("{} '{}' is not above zero{}", detail::name_of(columns[i]),
                                   printable(cell(columns[i])),
                                   numbers[i].rounded ? " once rounded" : ""));
            return {};
        }
        if (bar.volume < 0 ||
            (layout_->has(Column::value) && bar.value < 0 && numbers[5].state == NumberState::ok)) {
            const Column column = bar.volume < 0 ? Column::volume : Column::value;
            quarantine(line, date.iso(), "negative_volume",
                       fmt::format("{} '{}' is below zero", detail::name_of(column),
                                   printable(cell(column))));
            return {};
        }
        if (!halted && !settle_range(line, bar, repairs)) return {};
        if (std::ranges::any_of(prices, &detail::ScannedNumber::rounded)) repairs |= rounded_price;
        if (numbers[4].rounded || numbers[5].rounded) repairs |= rounded_volume;

        result_.bars.push_back(bar);
        result_.lines.push_back(line_number_);
        starts_.push_back(static_cast<std::size_t>(line.data() - bytes_.data()));
        repairs_.push_back(repairs);
        return {};
    }

    std::string_view cell(Column column) const { return cells_[layout_->at(column)]; }

    // As many cells as the first row; empty ones at the end may be more or fewer.
    bool has_right_count() const {
        if (cells_.size() == layout_->cells_max) return true;
        if (cells_.size() < layout_->cells_min) return false;
        for (std::size_t i = layout_->cells_max; i < cells_.size(); ++i)
            if (!cells_[i].empty()) return false;
        return true;
    }

    static std::int64_t bar_price(const Bar& bar, std::size_t index) {
        return std::array{bar.open, bar.high, bar.low, bar.close}[index];
    }

    // Sessions are known from 2015 on; a day outside that table is taken as the file has it.
    static bool is_closed(Date date) {
        const market::Calendar& calendar = market::Calendar::krx();
        return calendar.covers(date) && !calendar.is_session(date);
    }

    void quarantine_date(std::string_view line, std::string_view text,
                         const detail::ScannedDate& scanned) {
        switch (scanned.state) {
            case DateState::out_of_range:
                quarantine(line, "", "date_out_of_range",
                           fmt::format("'{}': the year is outside 1900..2100", printable(text)));
                break;
            case DateState::time_of_day:
                quarantine(line, scanned.date.iso(), "unreadable_date",
                           fmt::format("'{}' has a time of day: only daily bars are read",
                                       printable(text)));
                break;
            default:
                quarantine(
                    line, "", "unreadable_date",
                    fmt::format("'{}' is no day written as 2018-05-04, 20180504, 2018/5/4 or "
                                "2018.05.04",
                                printable(text)));
        }
    }

    void quarantine_number(std::string_view line, Date date, Column column, NumberState state) {
        const std::string text = printable(cell(column));
        const std::string_view name = detail::name_of(column);
        switch (state) {
            case NumberState::missing:
                quarantine(line, date.iso(), "missing_value",
                           fmt::format("{} is missing: '{}'", name, text));
                break;
            case NumberState::too_large:
                quarantine(
                    line, date.iso(), "number_too_large",
                    fmt::format("{} '{}' is beyond {} at {} decimals", name, text,
                                with_commas(detail::number_max),
                                column == Column::volume || column == Column::value ? 0 : scale_));
                break;
            default:
                quarantine(line, date.iso(), "unreadable_number",
                           fmt::format("{} '{}' is no plain number", name, text));
        }
    }

    // Holds a traded bar to low <= open, close <= high; a breach of one won is mended.
    bool settle_range(std::string_view line, Bar& bar, std::uint8_t& repairs) {
        const std::int64_t top = std::max({bar.open, bar.high, bar.low, bar.close});
        const std::int64_t bottom = std::min({bar.open, bar.high, bar.low, bar.close});
        if (bar.high == top && bar.low == bottom) return true;
        if (scale_ == 0 && top - bar.high <= 1 && bar.low - bottom <= 1) {
            bar.high = top;
            bar.low = bottom;
            repairs |= range_widened;
            return true;
        }
        const std::string high = price_text(bar.high, scale_);
        const std::string low = price_text(bar.low, scale_);
        if (bar.high < bar.low) {
            quarantine(line, bar.date.iso(), "high_below_low",
                       fmt::format("high {} < low {}", high, low));
            return false;
        }
        const bool open = bar.open < bar.low || bar.open > bar.high;
        quarantine(line, bar.date.iso(), open ? "open_outside_range" : "close_outside_range",
                   fmt::format("{} {} is outside low {} .. high {}", open ? "open" : "close",
                               price_text(open ? bar.open : bar.close, scale_), low, high));
        return false;
    }

    // A file of many symbols has another code further down.
    Result<void> note_code() {
        if (!layout_->has(Column::code)) return {};
        const std::string_view code = cell(Column::code);
        if (code == code_ || code.empty()) return {};
        if (code_.empty()) {
            code_ = code;
            code_line_ = line_number_;
            return {};
        }
        return refuse(
            result_.path,
            fmt::format("a file of many symbols ('{}' on line {}, '{}' here): whole-market "
                        "files are not read yet, split it into one file a symbol, named "
                        "after its code",
                        printable(code_), code_line_, printable(code)),
            line_number_);
    }

    // The code column and the file's name must speak of the same symbol.
    Result<void> check_code() const {
        if (code_.empty()) return {};
        const std::string& symbol = result_.instrument.symbol;
        std::string code{code_};
        // ="005930" keeps a spreadsheet from cutting the zeros.
        std::erase_if(code, [](char c) { return c == '=' || c == '"'; });
        // Spreadsheets cut the zeros at the front of a code.
        if (code.size() < 6 && code.find_first_not_of("0123456789") == std::string::npos)
            code.insert(0, 6 - code.size(), '0');
        if (lower(code) == lower(symbol) || market::symbol_from_path(code + ".csv") == symbol)
            return {};
        return refuse(
            result_.path,
            fmt::format("the code column says '{}' and the file's name {}: rename the file "
                        "after its code",
                        printable(code_), symbol),
            code_line_);
    }

    Result<void> check_hope() const {
        if (!result_.bars.empty() || result_.quarantined.size() <= hopeless_rows) return {};
        const QuarantinedRow& first = result_.quarantined.front();
        return refuse(result_.path,
                      fmt::format("not one of its {} can be used: {}: {}",
                                  counted(result_.data_lines, "row"), first.reason, first.detail),
                      first.line);
    }

    // Puts the bars into ascending order. Equal rows of one day become one, differing rows of one
    // day all go to quarantine: nothing here can know which is right.
    void settle_repeats() {
        std::vector<Bar>& bars = result_.bars;
        const auto not_ascending = [](const Bar& a, const Bar& b) { return a.date >= b.date; };
        if (std::ranges::adjacent_find(bars, not_ascending) == bars.end()) return;

        std::vector<std::size_t> order(bars.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto is_newest_first =
            std::ranges::adjacent_find(
                bars, [](const Bar& a, const Bar& b) { return a.date <= b.date; }) == bars.end();
        if (is_newest_first)
            std::ranges::reverse(order);
        else
            std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair{bars[i].date, i}; });

        std::vector<Bar> kept;
        std::vector<std::int64_t> lines;
        std::vector<std::uint8_t> repairs;
        kept.reserve(bars.size());
        lines.reserve(bars.size());
        repairs.reserve(bars.size());
        for (auto first = order.begin(); first != order.end();) {
            const auto last = std::find_if(first, order.end(), [&](std::size_t i) {
                return bars[i].date != bars[*first].date;
            });
            const auto other =
                std::find_if(first, last, [&](std::size_t i) { return bars[i] != bars[*first]; });
            if (other != last) {
                quarantine_conflict({first, last}, *other);
            } else {
                kept.push_back(bars[*first]);
                lines.push_back(result_.lines[*first]);
                repairs.push_back(repairs_[*first]);
                equal_repeats_ += last - first - 1;
            }
            first = last;
        }
        result_.bars = std::move(kept);
        result_.lines = std::move(lines);
        repairs_ = std::move(repairs);
        std::ranges::sort(result_.quarantined, {}, &QuarantinedRow::line);
    }

    // `other` is the first row that differs from the first of `rows`.
    void quarantine_conflict(std::span<const std::size_t> rows, std::size_t other) {
        constexpr std::size_t named_max = 8;
        std::vector<std::int64_t> named;
        for (const std::size_t i : rows.first(std::min(rows.size(), named_max)))
            named.push_back(result_.lines[i]);
        const std::string places =
            fmt::format("{}{}", fmt::join(named, ", "), rows.size() > named_max ? ", …" : "");
        for (const std::size_t i : rows) {
            const std::size_t against =
                result_.bars[i] == result_.bars[rows.front()] ? other : rows.front();
            line_number_ = result_.lines[i];
            quarantine(line_at(starts_[i]), result_.bars[i].date.iso(), "conflicting_repeat",
                       fmt::format("lines {} have this date: {}", places,
                                   difference(result_.bars[i], result_.bars[against],
                                              result_.lines[against])));
        }
    }

    std::string difference(const Bar& here, const Bar& there, std::int64_t line) const {
        struct Field {
            std::string_view name;
            std::int64_t Bar::* value;
            int scale;
        };
        const Field fields[] = {{"close", &Bar::close, scale_}, {"open", &Bar::open, scale_},
                                {"high", &Bar::high, scale_},   {"low", &Bar::low, scale_},
                                {"volume", &Bar::volume, 0},    {"value", &Bar::value, 0}};
        const auto field = std::ranges::find_if(
            fields, [&](const Field& f) { return here.*f.value != there.*f.value; });
        HSL_ASSERT(field != std::end(fields));
        return fmt::format("{} {} here, {} on line {}", field->name,
                           price_text(here.*field->value, field->scale),
                           price_text(there.*field->value, field->scale), line);
    }

    void count() {
        std::array<std::int64_t, 3> repaired{};
        for (const std::uint8_t repairs : repairs_)
            for (std::size_t bit = 0; bit < repaired.size(); ++bit)
                repaired[bit] += repairs >> bit & 1;
        const std::string_view names[] = {scale_ == 0 ? "rounded_to_won" : "rounded_to_scale",
                                          "rounded_volume", "range_by_one_won"};
        for (std::size_t bit = 0; bit < repaired.size(); ++bit)
            if (repaired[bit] > 0) result_.repaired.emplace(names[bit], repaired[bit]);
        if (fillers_ > 0) result_.dropped.emplace("filler", fillers_);
        if (equal_repeats_ > 0) result_.dropped.emplace("equal_repeat", equal_repeats_);
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    char line_end_ = '\n';
    std::int64_t line_number_ = 0;
    bool has_nul_ = false;
    int scale_ = 0;
    bool korean_ = false;
    std::optional<Layout> layout_;
    std::vector<std::string_view> cells_;
    std::string_view code_;
    std::int64_t code_line_ = 0;
    std::int64_t fillers_ = 0;
    std::int64_t equal_repeats_ = 0;
    std::vector<std::size_t> starts_;    // byte where each bar's line begins
    std::vector<std::uint8_t> repairs_;  // Repair bits of each bar
    PriceFile result_;
};

}  // namespace

Result<PriceFile> parse_price_file(std::string_view file_name, std::string_view bytes) {
    return Reader{file_name, bytes}.read();
}

}  // namespace hsl::adapters
