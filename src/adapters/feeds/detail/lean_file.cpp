// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/facts_tables.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using market::ActionKind;
using store::MarketFile;

constexpr int price_decimals = 4;  // Lean writes prices x 10,000
constexpr std::int64_t day_ms = 86'400'000;

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(',', at), line.size());
        cells.push_back(trimmed(line.substr(at, end - at)));
        at = end + 1;
    }
    return cells;
}

struct Line {
    std::int64_t number = 0;
    std::string_view text;
};
std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    std::int64_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        ++number;
        if (!trimmed(line).empty()) lines.push_back({number, line});
        at = end + 1;
    }
    return lines;
}

// The file itself, or the archive's member.
std::string_view name_of_file(std::string_view path) {
    return path.substr(path.find_last_of("/:") + 1);
}

std::string symbol_from_name(const Content& content) {
    if (!content.hints.symbol.empty()) return content.hints.symbol;
    std::string_view name = name_of_file(content.path);
    if (name.ends_with(".csv")) name.remove_suffix(4);
    std::string symbol{name};
    for (char& c : symbol)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return symbol;
}

// ---- prices ------------------------------------------------------------------------------------

// "19980102 00:00,136300,162500,135000,162500,6315000"
bool is_daily_line(std::string_view line) {
    const auto cells = cells_of(line);
    if (cells.size() != 6 || cells[0].size() != 14 || !cells[0].ends_with(" 00:00")) return false;
    return all_digits(cells[0].substr(0, 8)) &&
           std::all_of(cells.begin() + 1, cells.end(), all_digits);
}

// "20140605_aapl_minute_trade.csv": a day, a symbol, and what is in it.
struct MinuteName {
    std::string day;
    std::string symbol;
    bool trades = false;
};
std::optional<MinuteName> minute_name(std::string_view path) {
    std::string_view name = name_of_file(path);
    if (name.ends_with(".csv")) name.remove_suffix(4);
    const bool trades = name.ends_with("_minute_trade");
    if (!trades && !name.ends_with("_minute_quote")) return {};
    name.remove_suffix(13);
    if (name.size() < 10 || name[8] != '_' || !day_in(name.substr(0, 8))) return {};
    MinuteName out{std::string{name.substr(0, 8)}, std::string{name.substr(9)}, trades};
    for (char& c : out.symbol)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

std::vector<ColumnSlot> price_slots() {
    std::vector<ColumnSlot> slots;
    for (const Field field : {Field::open, Field::high, Field::low, Field::close})
        slots.push_back({.field = field, .implied_decimals = price_decimals});
    slots.push_back({.field = Field::volume});
    for (std::size_t i = 0; i < slots.size(); ++i)
        slots[i].header = fmt::format("column {}", i + 2);
    return slots;
}

AssemblerOptions options_of(const Content& content, std::string_view format, std::string symbol) {
    AssemblerOptions options{.path = content.path, .how = content.how, .symbol = std::move(symbol)};
    options.how.format = format;
    options.how.separator = "comma";
    options.market = market::Market::foreign;
    options.basis = market::Basis::raw;
    options.basis_because = "Lean keeps prices as traded, and what adjusts them in factor files";
    return options;
}

void quarantine_count(Assembler& assembler, const Line& line, std::size_t found) {
    assembler.quarantine(
        line.number, line.text, "cell_count",
        fmt::format("{} where 6 are expected", counted(static_cast<std::int64_t>(found), "cell")));
}

Result<MarketFile> read_daily(const Content& content) {
    std::vector<ColumnSlot> slots = price_slots();
    slots.insert(slots.begin(), {.field = Field::date, .header = "column 1"});
    AssemblerOptions options =
        options_of(content, "Lean daily prices (x 10,000)", symbol_from_name(content));
    HSL_TRY(Assembler assembler,
            Assembler::make(std::move(options), std::move(slots), content.hints));
    for (const Line& line : lines_of(content.bytes)) {
        const auto cells = cells_of(line.text);
        if (cells.size() != 6)
            quarantine_count(assembler, line, cells.size());
        else
            assembler.row(cells, line.number, line.text);
    }
    return std::move(assembler).finish();
}

Result<MarketFile> read_minutes(const Content& content, const MinuteName& name) {
    if (!name.trades)
        return std::unexpected(Error{.code = ErrorCode::unsupported,
                                     .message =
                                         "understood as Lean minute quotes (bid and ask) and "
                                         "not stored: bars are those of trades, in the file "
                                         "of the same day that ends in _trade",
                                     .file = content.path});
    std::vector<ColumnSlot> slots = price_slots();
    slots.insert(slots.begin(), {{.field = Field::date, .header = "the file's name"},
                                 {.field = Field::time, .header = "column 1"}});
    AssemblerOptions options =
        options_of(content, "Lean minute trades (x 10,000)",
                   content.hints.symbol.empty() ? name.symbol : content.hints.symbol);
    HSL_TRY(Assembler assembler,
            Assembler::make(std::move(options), std::move(slots), content.hints));
    Records kept;
    for (const Line& line : lines_of(content.bytes)) {
        auto cells = cells_of(line.text);
        if (cells.size() != 6) {
            quarantine_count(assembler, line, cells.size());
            continue;
        }
        std::int64_t ms = -1;
        if (!all_digits(cells[0]) ||
            std::from_chars(cells[0].data(), cells[0].data() + cells[0].size(), ms).ec !=
                std::errc{} ||
            ms >= day_ms) {
            assembler.quarantine(
                line.number, line.text, "unreadable_date",
                fmt::format("'{}' is no time in milliseconds since midnight", printable(cells[0])));
            continue;
        }
        const std::int64_t minute = ms / 60'000;
        cells[0] = kept.keep(fmt::format("{:02}:{:02}", minute / 60, minute % 60));
        cells.insert(cells.begin(), name.day);
        assembler.row(cells, line.number, line.text);
    }
    return std::move(assembler).finish();
}

// ---- factor files ------------------------------------------------------------------------------

// Rows hold for days up to and including theirs: day, price factor (dividends), split factor, last
// close before the next row's terms.
struct FactorRow {
    Line line;
    Date day = {};
    double price = 1;
    double split = 1;
    double reference = 0;
};

std::optional<double> plain_number(std::string_view cell) {
    double number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc{} || end != cell.data() + cell.size() || !(number >= 0 && number < 1e12))
        return {};
    return number;
}

std::optional<FactorRow> factor_row(const Line& line) {
    const auto cells = cells_of(line.text);
    if (cells.size() < 3 || cells.size() > 4 || cells[0].size() != 8 || !all_digits(cells[0]))
        return {};
    const auto day = day_in(cells[0]);
    const auto price = plain_number(cells[1]);
    const auto split = plain_number(cells[2]);
    const auto reference = cells.size() == 4 ? plain_number(cells[3]) : std::optional{0.0};
    if (!day || !price || !split || !reference || *price == 0 || *split == 0) return {};
    return FactorRow{line, *day, *price, *split, *reference};
}

// The simplest fraction that `value` stands for (continued fractions). Factors have 6 digits: a
// small denominator may miss by that much, a large one would explain any number.
std::pair<std::int64_t, std::int64_t> fraction_of(double value) {
    std::int64_t before_top = 1, before_bottom = 0;
    auto top = static_cast<std::int64_t>(std::floor(value));
    std::int64_t bottom = 1;
    double rest = value - std::floor(value);
    for (int step = 0; step < 12; ++step) {
        const double found = static_cast<double>(top) / static_cast<double>(bottom);
        if (top > 0 && std::fabs(found / value - 1) < (bottom <= 20 ? 1e-5 : 2e-7)) break;
        if (rest < 1e-12) break;
        const double inverse = 1 / rest;
        const auto whole = static_cast<std::int64_t>(std::floor(inverse));
        rest = inverse - std::floor(inverse);
        if (whole > 1'000'000 || bottom > 1'000'000) break;
        std::tie(top, before_top) = std::pair{whole * top + before_top, top};
        std::tie(bottom, before_bottom) = std::pair{whole * bottom + before_bottom, bottom};
    }
    return {std::max<std::int64_t>(top, 1), bottom};
}

Date next_weekday(Date day) {
    do day = day + 1;
    while (day.is_weekend());
    return day;
}

void add_events(const FactorRow& row, const FactorRow& next, const std::string& symbol,
                MarketFile& file) {
    const Date ex_date = next_weekday(row.day);
    const std::string source = std::string{name_of_file(file.path)};
    if (const double ratio = next.split / row.split; std::fabs(ratio - 1) > 1e-5) {
        const auto [after, before] = fraction_of(ratio);
        const ActionKind kind = ratio < 1       ? ActionKind::reverse_split
                                : ratio < 1.245 ? ActionKind::bonus_issue
                                                : ActionKind::split;
        file.facts.actions.push_back({.symbol = symbol,
                                      .kind = kind,
                                      .ex_date = ex_date,
                                      .shares_after = after,
                                      .shares_before = before,
                                      .source = source,
                                      .note = fmt::format("split factor {} until {}, then {}",
                                                          row.split, row.day.iso(), next.split)});
    }
    const double kept = row.price / next.price;
    if (row.reference > 0 && kept < 1 && row.reference * (1 - kept) >= 0.00005)
        file.facts.actions.push_back(
            {.symbol = symbol,
             .kind = ActionKind::cash_dividend,
             .ex_date = ex_date,
             .amount_e4 = std::llround(row.reference * (1 - kept) * 1e4),
             .source = source,
             .note = fmt::format("price factor {} of {} until {}, close {}", row.price, next.price,
                                 row.day.iso(), row.reference)});
}

MarketFile read_factors(const Content& content, const std::vector<Line>& lines) {
    MarketFile file{.path = content.path, .how = content.how};
    file.how.format = "Lean factor file (splits and dividends)";
    const std::string symbol = symbol_from_name(content);
    std::vector<FactorRow> rows;
    for (const Line& line : lines) {
        ++file.data_lines;
        const auto row = factor_row(line);
        const Record record{.cells = {}, .line = line.number, .source = line.text};
        if (!row)
            set_aside(file, record, "unreadable_number", "a day and two or three factors", symbol);
        else if (!rows.empty() && row->day <= rows.back().day)
            set_aside(
                file, record, "days_reversed",
                fmt::format("{} does not come after {}", row->day.iso(), rows.back().day.iso()),
                symbol);
        else
            rows.push_back(*row);
    }
    std::int64_t unchanged = rows.empty() ? 0 : 1;  // the last row has nothing behind it
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
        const std::size_t before = file.facts.actions.size();
        add_events(rows[i], rows[i + 1], symbol, file);
        if (file.facts.actions.size() == before) ++unchanged;
    }
    if (unchanged > 0) file.dropped["no_change"] = unchanged;
    if (!file.facts.actions.empty()) {
        file.first = file.facts.actions.front().ex_date;
        file.last = file.facts.actions.back().ex_date;
    }
    return file;
}

// ---- map files ---------------------------------------------------------------------------------

// A ticker is in use up to and including its row's day; the first row is the first day.
struct MapRow {
    Line line;
    Date day = {};
    std::string ticker;
};
std::optional<MapRow> map_row(const Line& line) {
    const auto cells = cells_of(line.text);
    if (cells.size() < 2 || cells.size() > 3 || cells[0].size() != 8 || !all_digits(cells[0]))
        return {};
    const auto day = day_in(cells[0]);
    if (!day || cells[1].empty() || cells[1].size() > 16 || all_digits(cells[1])) return {};
    if (cells.size() == 3 && cells[2].size() > 2) return {};
    std::string ticker{cells[1]};
    for (char& c : ticker) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) return {};
    }
    return MapRow{line, *day, std::move(ticker)};
}

constexpr int open_end_year = 2050;  // Lean's way to say: until further notice

MarketFile read_map(const Content& content, const std::vector<Line>& lines) {
    MarketFile file{.path = content.path, .how = content.how};
    file.how.format = "Lean map file (tickers over time)";
    const std::string source{name_of_file(content.path)};
    std::vector<MapRow> rows;
    for (const Line& line : lines) {
        ++file.data_lines;
        auto row = map_row(line);
        const Record record{.cells = {}, .line = line.number, .source = line.text};
        if (!row)
            set_aside(file, record, "unreadable_code", "a day and a ticker");
        else if (!rows.empty() && row->day <= rows.back().day)
            set_aside(
                file, record, "days_reversed",
                fmt::format("{} does not come after {}", row->day.iso(), rows.back().day.iso()));
        else
            rows.push_back(std::move(*row));
    }
    if (rows.size() < 2) {
        if (!rows.empty()) file.dropped["no_change"] = 1;
        return file;
    }
    const Date first_day = rows.front().day;
    file.first = first_day;
    Date from = first_day;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (i + 1 < rows.size() && rows[i + 1].ticker == rows[i].ticker) continue;
        market::Listing listing{.symbol = rows[i].ticker,
                                .market = market::Market::foreign,
                                .first = from,
                                .listed = first_day,
                                .source = source};
        const bool open_end = rows[i].day.year() >= open_end_year;
        if (!open_end) {
            listing.last = rows[i].day;
            file.last = rows[i].day;
        }
        if (i + 1 < rows.size()) {
            listing.successor = rows[i + 1].ticker;
            file.facts.actions.push_back({.symbol = rows[i].ticker,
                                          .kind = ActionKind::code_change,
                                          .ex_date = next_weekday(rows[i].day),
                                          .successor = rows[i + 1].ticker,
                                          .source = source});
        } else if (!open_end) {
            listing.delisted = next_weekday(rows[i].day);
        }
        from = rows[i].day + 1;
        file.facts.listings.push_back(std::move(listing));
    }
    return file;
}

}  // namespace

Reading read_lean_file(const Content& content) {
    if (const auto name = minute_name(content.path)) return read_minutes(content, *name);
    const std::string_view head = content.bytes.substr(0, content.bytes.find('\n'));
    if (head.size() > 200) return {};
    if (is_daily_line(trimmed(head))) return read_daily(content);
    const Line first{1, head.ends_with('\r') ? head.substr(0, head.size() - 1) : head};
    const bool factors = factor_row(first).has_value();
    const bool map = !factors && map_row(first).has_value();
    if (!factors && !map) return {};
    const std::vector<Line> lines = lines_of(content.bytes);
    return factors ? read_factors(content, lines) : read_map(content, lines);
}

}  // namespace hsl::adapters::detail
