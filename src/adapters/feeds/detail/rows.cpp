// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters::detail {
namespace {

using market::Bar;
using market::price_text;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
// Symbols stand in tables, messages and file names of reports.
constexpr std::size_t symbol_bytes_max = 64;
// A code of up to eight bytes is its own key; the table grows when it is half full.
constexpr std::size_t short_code_bytes = 8;
constexpr std::size_t short_codes_first = 4096;

constexpr Field price_fields[] = {Field::open, Field::high, Field::low, Field::close};

std::size_t slot_of(std::uint64_t key, std::size_t size) {
    return static_cast<std::size_t>(key * 0x9E37'79B9'7F4A'7C15U >> 32) & (size - 1);
}

std::uint64_t key_of(std::string_view code) {
    std::uint64_t key = 0;
    std::memcpy(&key, code.data(), code.size());
    return key;
}

// A day outside the calendar's table is taken as the file has it.
bool is_closed(Date date) {
    const market::Calendar& calendar = market::Calendar::krx();
    return calendar.covers(date) && !calendar.is_session(date);
}

// An instant told with another zone is one of Korea's clock: midnight in Greenwich is 09:00.
void to_korean_time(ScannedDate& scanned) {
    const bool told = scanned.state == DateState::ok || scanned.state == DateState::time_of_day;
    if (!told || scanned.minutes_east == korean_time) return;
    const int minute = scanned.minute + korean_time - scanned.minutes_east;
    constexpr int day = 1440;
    const int days = (minute + 2 * day) / day - 2;
    scanned.date = scanned.date + days;
    scanned.minute = minute - days * day;
    scanned.state =
        scanned.minute == 0 && !scanned.seconds ? DateState::ok : DateState::time_of_day;
}

// 100 x change / base to two decimals, half away from zero, in hundredths: as the exchange prints.
std::int64_t rate_e2(std::int64_t change, std::int64_t base) {
    const std::int64_t magnitude = change < 0 ? -change : change;
    const std::int64_t rounded = (magnitude * 20'000 + base) / (2 * base);
    return change < 0 ? -rounded : rounded;
}

}  // namespace

bool is_symbol(std::string_view symbol) {
    return !symbol.empty() && symbol.size() <= symbol_bytes_max && symbol.front() != '.' &&
           symbol.find_first_not_of(' ') != std::string_view::npos &&
           hsl::printable(symbol) == symbol;
}

void Rows::reserve(std::size_t rows) {
    bars.reserve(rows);
    lines.reserve(rows);
    sources.reserve(rows);
    repairs.reserve(rows);
}

void Rows::append(const Rows& from, std::size_t row) {
    bars.push_back(from.bars[row]);
    lines.push_back(from.lines[row]);
    sources.push_back(from.sources[row]);
    repairs.push_back(from.repairs[row]);
    if (!from.bases.empty()) bases.push_back(from.bases[row]);
    if (!from.rates.empty()) rates.push_back(from.rates[row]);
    if (!from.known.empty()) known.push_back(from.known[row]);
    named.resize(from.named.size());
    for (std::size_t i = 0; i < named.size(); ++i) named[i].push_back(from.named[i][row]);
}

RowReader::RowReader(const Schema& schema) : schema_(&schema), values_(schema.named.size()) {
    rows_.named.resize(schema.named.size());
    if (!schema.symbol) {
        short_codes_.resize(short_codes_first);
        return;
    }
    SeenSymbol symbol{.instrument = market::instrument_for(*schema.symbol)};
    symbol.korean = market::is_krx_code(*schema.symbol);
    if (symbol.korean) symbol.instrument.market = schema.market;
    symbols_.push_back(std::move(symbol));
}

void RowReader::row(std::span<const std::string_view> cells, std::int64_t line,
                    std::string_view source) {
    ++counts_.data_lines;
    cells_ = cells;
    line_ = line;
    source_ = source;
    Date date;
    int minute = 0;
    if (!read_symbol() || !read_date(date, minute)) return;
    if (schema_->has(Field::known) && !read_known(date)) return;
    if (schema_->has(Field::market)) note_market(symbols_[symbol_], date);
    if (schema_->prices)
        price_row(date, minute);
    else
        named_row(date, minute);
}

void RowReader::quarantine(std::int64_t line, std::string_view source, std::string_view reason,
                           std::string detail) {
    ++counts_.data_lines;
    line_ = line;
    source_ = source;
    symbol_ = schema_->symbol ? 0 : static_cast<std::uint32_t>(-1);
    reject("", reason, std::move(detail));
}

void RowReader::drop(std::string_view reason) {
    ++counts_.data_lines;
    auto at = counts_.dropped.find(reason);
    if (at == counts_.dropped.end()) at = counts_.dropped.emplace(std::string{reason}, 0).first;
    ++at->second;
}

void RowReader::shift_lines(std::int64_t lines) {
    for (std::int64_t& line : rows_.lines) line += lines;
    for (store::QuarantinedRow& row : quarantined_) row.line += lines;
}

void RowReader::reject(std::string date, std::string_view reason, std::string detail,
                       std::optional<Bar> bar) {
    if (!keep_) return;
    quarantined_.push_back(
        {.symbol = symbol_ < symbols_.size() ? symbols_[symbol_].instrument.symbol : "",
         .date = std::move(date),
         .file = schema_->path,
         .line = line_,
         .reason = std::string{reason},
         .detail = std::move(detail),
         .source = std::string{source_},
         .bar = bar});
}

std::string_view RowReader::cell(Field field) const {
    const std::size_t at = schema_->at(field);
    return at < cells_.size() ? cells_[at] : std::string_view{};
}

std::string_view RowReader::name(Field field) const { return name_of(field); }

// ---- whose row it is ---------------------------------------------------------------------------

bool RowReader::read_symbol() {
    if (schema_->symbol) {
        symbol_ = 0;
        return true;
    }
    const std::string_view code = cell(Field::code);
    symbol_ = symbol_of_code(code);
    if (symbol_ != static_cast<std::uint32_t>(-1)) {
        return true;
    }
    if (code.empty())
        reject("", "missing_value", "code is missing");
    else
        reject("", "unreadable_code", fmt::format("'{}' is no code", printable(code)));
    return false;
}

std::uint32_t RowReader::symbol_of_code(std::string_view code) {
    if (code.empty() || code.size() > short_code_bytes) {
        const auto known = symbol_of_.find(code);
        if (known != symbol_of_.end()) return known->second;
        const std::uint32_t index = add_symbol(code);
        symbol_of_.emplace(std::string{code}, index);
        return index;
    }
    const std::uint64_t key = key_of(code);
    std::size_t at = slot_of(key, short_codes_.size());
    for (; short_codes_[at].first != 0; at = (at + 1) & (short_codes_.size() - 1))
        if (short_codes_[at].first == key) return short_codes_[at].second;
    const std::uint32_t index = add_symbol(code);
    if (key == 0) return index;
    if (2 * (symbols_.size() + 1) > short_codes_.size()) {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> larger(2 * short_codes_.size());
        for (const auto& entry : short_codes_) {
            if (entry.first == 0) continue;
            std::size_t to = slot_of(entry.first, larger.size());
            while (larger[to].first != 0) to = (to + 1) & (larger.size() - 1);
            larger[to] = entry;
        }
        short_codes_ = std::move(larger);
        at = slot_of(key, short_codes_.size());
        while (short_codes_[at].first != 0) at = (at + 1) & (short_codes_.size() - 1);
    }
    // A code that is none is not remembered: there may be a million of them.
    if (index != static_cast<std::uint32_t>(-1)) short_codes_[at] = {key, index};
    return index;
}

// All ones when the text is no code.
std::uint32_t RowReader::add_symbol(std::string_view text) {
    Code code = read_code(trim(plain_width(text)));
    if (!is_symbol(code.symbol)) return static_cast<std::uint32_t>(-1);
    // One symbol in two spellings is one symbol.
    for (std::uint32_t i = 0; code.zeros_cut && i < symbols_.size(); ++i)
        if (symbols_[i].instrument.symbol == code.symbol && symbols_[i].zeros_cut) return i;
    SeenSymbol seen{.instrument = market::instrument_for(code.symbol), .zeros_cut = code.zeros_cut};
    seen.korean = market::is_krx_code(code.symbol);
    if (seen.korean)
        seen.instrument.market = schema_->market != market::Market::unknown || !code.market
                                     ? schema_->market
                                     : *code.market;
    symbols_.push_back(std::move(seen));
    return static_cast<std::uint32_t>(symbols_.size() - 1);
}

void RowReader::note_market(SeenSymbol& symbol, Date date) {
    const std::string_view text = cell(Field::market);
    if (!symbol.korean || text == symbol.market_text || text.empty()) return;
    if (!symbol.market_text.empty() && date < symbol.market_date) return;
    symbol.market_text = text;
    symbol.market_date = date;
    if (const auto market = market::parse_market(text)) symbol.instrument.market = *market;
}

// No column that is read holds anything: a numbered row of an empty table.
bool RowReader::says_nothing() const {
    const auto is_empty = [&](std::size_t at) { return at >= cells_.size() || cells_[at].empty(); };
    return std::ranges::all_of(schema_->cell, is_empty) &&
           std::ranges::all_of(schema_->named,
                               [&](const Schema::Named& named) { return is_empty(named.cell); });
}

bool RowReader::read_date(Date& date, int& minute) {
    if (schema_->date && !schema_->has(Field::date)) {
        date = *schema_->date;
    } else {
        const std::string_view text = cell(Field::date);
        if (!last_date_text_.empty() && text == last_date_text_) {
            date = last_date_;
        } else {
            ScannedDate scanned = scan_date(text, schema_->day_order);
            if (scanned.state == DateState::unreadable)
                scanned = scan_date(trim(plain_width(text)), schema_->day_order);
            const SeenSymbol& symbol = symbols_[symbol_];
            if (symbol.korean || symbol.instrument.market == market::Market::index)
                to_korean_time(scanned);
            switch (scanned.state) {
                case DateState::ok:
                    if (scanned.minutes_east != korean_time) break;  // another symbol's zone
                    last_date_text_ = text;
                    last_date_ = scanned.date;
                    break;
                case DateState::time_of_day:
                    minute = scanned.minute;
                    counts_.times = true;
                    break;
                case DateState::out_of_range:
                    reject("", "date_out_of_range",
                           fmt::format("'{}': the year is outside 1900..2100", printable(text)));
                    return false;
                default:
                    if (text.empty() && says_nothing()) {
                        --counts_.data_lines;
                        drop("filler");
                    } else if (text.empty())
                        reject("", "missing_value", "date is missing: ''");
                    else
                        reject("", "unreadable_date",
                               fmt::format("'{}' is no day written as 2018-05-04, 20180504, "
                                           "2018/5/4 or 2018.05.04",
                                           printable(text)));
                    return false;
            }
            date = scanned.date;
        }
    }
    if (!schema_->has(Field::time)) return true;
    const std::string_view text = cell(Field::time);
    minute = scan_time(text);
    if (minute < 0) {
        reject(date.iso(), "unreadable_date",
               fmt::format("'{}' is no time of day", printable(text)));
        return false;
    }
    counts_.times = true;
    return true;
}

// Nothing is known before the day that it speaks of is over.
bool RowReader::read_known(Date date) {
    const std::string_view text = cell(Field::known);
    const ScannedDate scanned = scan_date(text, schema_->day_order);
    if (scanned.state != DateState::ok) {
        reject(date.iso(), text.empty() ? "missing_value" : "unreadable_date",
               fmt::format("the day on which it became public is '{}'", printable(text)));
        return false;
    }
    if (scanned.date < date) {
        reject(date.iso(), "days_reversed",
               fmt::format("public on {}, before the day it speaks of", scanned.date.iso()));
        return false;
    }
    known_ = scanned.date;
    return true;
}

// ---- its numbers -------------------------------------------------------------------------------

struct RowReader::Numbers {
    std::array<ScannedNumber, 4> prices{};
    ScannedNumber volume{};
    ScannedNumber value{};
};

// 1.234,56 as 1,234.56.
std::string_view RowReader::number_text(std::string_view text) {
    if (!schema_->decimal_comma || text.size() > swapped_.size()) return text;
    std::ranges::transform(text, swapped_.begin(), [](char c) {
        return c == ',' ? '.' : c == '.' ? ',' : c;
    });
    return {swapped_.data(), text.size()};
}

bool RowReader::read_number(Field field, int scale, ScannedNumber& number) {
    const int shift = schema_->shift[static_cast<std::size_t>(field)];
    const int places = scale + shift;
    std::string_view text = number_text(cell(field));
    if (schema_->signs_are_directions && field >= Field::open && field <= Field::close &&
        (text.starts_with('+') || text.starts_with('-')))
        text.remove_prefix(1);
    number = scan_number(text, std::max(places, 0));
    if (number.state == NumberState::unreadable) {
        const bool price = field <= Field::close || field == Field::base;
        const bool count = field == Field::volume || field == Field::shares;
        // A unit in the header and another in the cell would have to be multiplied: or not.
        number = scan_dressed_number(text, std::max(places, 0),
                                     {.won = !count,
                                      .dollars = !count && !symbols_[symbol_].korean,
                                      .shares = count,
                                      .units = !price && field != Field::change && shift == 0,
                                      .signs = field == Field::change});
    }
    for (int place = places; place < 0 && number.state == NumberState::ok; ++place) {
        const std::int64_t half = number.value < 0 ? -5 : 5;
        number.rounded = number.rounded || number.value % 10 != 0;
        number.value = (number.value + half) / 10;
    }
    return number.state == NumberState::ok;
}

bool RowReader::read_numbers(Date day, Numbers& numbers, int scale) {
    const auto unusable = [&](Field field, NumberState state) {
        const std::string date = day.iso();
        const std::string text = printable(cell(field));
        switch (state) {
            case NumberState::missing:
                reject(date, "missing_value",
                       fmt::format("{} is missing: '{}'", name(field), text));
                break;
            case NumberState::too_large:
                reject(date, "number_too_large",
                       fmt::format("{} '{}' is beyond {} at {}", name(field), text,
                                   with_commas(number_max),
                                   counted(field <= Field::close ? scale : 0, "decimal")));
                break;
            default:
                reject(
                    date, "unreadable_number",
                    fmt::format("{} '{}' is {}", name(field), text,
                                is_rounded_form(cell(field))
                                    ? "a number that was rounded to be shown: its digits are lost"
                                    : "no plain number"));
        }
        return false;
    };
    for (std::size_t i = schema_->close_only ? 3 : 0; i < 4; ++i)
        if (!read_number(price_fields[i], scale, numbers.prices[i]))
            return unusable(price_fields[i], numbers.prices[i].state);
    if (schema_->close_only)
        numbers.prices[0] = numbers.prices[1] = numbers.prices[2] = numbers.prices[3];
    if (schema_->has(Field::volume) && !read_number(Field::volume, 0, numbers.volume))
        return unusable(Field::volume, numbers.volume.state);
    numbers.value.value = Bar::value_missing;
    if (schema_->has(Field::value) && !read_number(Field::value, 0, numbers.value)) {
        if (numbers.value.state != NumberState::missing)
            return unusable(Field::value, numbers.value.state);
        numbers.value.value = Bar::value_missing;
    }
    return true;
}

// A cell of a named column that is no number says nothing; the row's prices stand all the same.
void RowReader::read_real(std::size_t cell, double unit, double& value) {
    const std::string_view text =
        number_text(cell < cells_.size() ? cells_[cell] : std::string_view{});
    ScannedReal real = scan_real(text);
    if (real.state == NumberState::unreadable) {
        constexpr int places = 4;
        const Dress dress{.won = true, .shares = true, .units = unit == 1};
        ScannedNumber number = scan_dressed_number(text, 0, dress);
        real.state = number.state;
        real.value = static_cast<double>(number.value);
        if (number.rounded) {
            number = scan_dressed_number(text, places, dress);
            real.value = static_cast<double>(number.value) / 1e4;
        }
    }
    value = real.state == NumberState::ok ? real.value * unit : missing;
    if (std::isinf(value)) value = missing;
    if (real.state != NumberState::ok && real.state != NumberState::missing)
        ++counts_.unreadable_named;
}

void RowReader::read_named() {
    for (std::size_t i = 0; i < schema_->named.size(); ++i) {
        const Schema::Named& column = schema_->named[i];
        read_real(column.cell, column.unit, values_[i]);
        if (column.zero_says_nothing && values_[i] == 0) values_[i] = missing;
    }
}

void RowReader::named_row(Date date, int minute) {
    read_named();
    if (std::ranges::all_of(values_, [](double value) { return std::isnan(value); })) {
        --counts_.data_lines;
        drop("filler");
        return;
    }
    push({.date = date, .minute = minute},
         symbols_[symbol_].zeros_cut ? repair::code_zeros : std::uint8_t{0}, 0,
         std::numeric_limits<float>::quiet_NaN());
}

void RowReader::push(const Bar& bar, std::uint8_t repairs, std::int64_t base, float rate) {
    rows_.bars.push_back(bar);
    rows_.lines.push_back(line_);
    rows_.sources.push_back(source_);
    rows_.repairs.push_back(repairs);
    if (!schema_->symbol) rows_.symbols.push_back(symbol_);
    if (schema_->has(Field::change) || schema_->has(Field::base)) rows_.bases.push_back(base);
    if (schema_->has(Field::rate)) rows_.rates.push_back(rate);
    if (schema_->has(Field::known)) rows_.known.push_back(known_);
    for (std::size_t i = 0; i < values_.size(); ++i) rows_.named[i].push_back(values_[i]);
}

void RowReader::price_row(Date date, int minute) {
    const SeenSymbol& symbol = symbols_[symbol_];
    const int scale = symbol.instrument.scale;
    Numbers numbers;
    if (!read_numbers(date, numbers, scale)) return;
    Bar bar{.date = date,
            .open = numbers.prices[0].value,
            .high = numbers.prices[1].value,
            .low = numbers.prices[2].value,
            .close = numbers.prices[3].value,
            .volume = numbers.volume.value,
            .value = numbers.value.value,
            .minute = minute};
    const auto is_zero = [](const ScannedNumber& n) { return n.value == 0 && !n.rounded; };
    if (std::ranges::all_of(numbers.prices, is_zero) && is_zero(numbers.volume) && bar.value <= 0) {
        --counts_.data_lines;
        drop("filler");
        return;
    }
    if (symbol.korean && is_closed(date)) {
        reject(date.iso(), "not_a_session",
               fmt::format("{} is no session of the Korean exchange", date.iso()), bar);
        return;
    }
    // A halted row carries the close and no other price. It may have a volume: trades after hours.
    const bool halted =
        std::ranges::all_of(std::span{numbers.prices}.first(3), is_zero) && bar.close > 0;
    for (std::size_t i = halted ? 3 : 0; i < 4; ++i) {
        if (numbers.prices[i].value > 0) continue;
        reject(date.iso(), "price_not_positive",
               fmt::format("{} '{}' is not above zero{}", name(price_fields[i]),
                           printable(cell(price_fields[i])),
                           numbers.prices[i].rounded ? " once rounded" : ""),
               bar);
        return;
    }
    if (bar.volume < 0 ||
        (bar.value < 0 && schema_->has(Field::value) && numbers.value.state == NumberState::ok)) {
        const Field field = bar.volume < 0 ? Field::volume : Field::value;
        reject(date.iso(), "negative_volume",
               fmt::format("{} '{}' is below zero", name(field), printable(cell(field))), bar);
        return;
    }
    std::uint8_t repairs = symbol.zeros_cut ? repair::code_zeros : 0;
    if (!halted && !settle_range(bar, scale, repairs)) return;
    if (std::ranges::any_of(numbers.prices, &ScannedNumber::rounded))
        repairs |= repair::rounded_price;
    if (numbers.volume.rounded || numbers.value.rounded) repairs |= repair::rounded_volume;
    if (schema_->close_only) repairs |= repair::close_only;

    std::int64_t base = 0;
    float rate = std::numeric_limits<float>::quiet_NaN();
    if (!check_change(bar, scale, base, rate) || !check_market_cap(bar)) return;
    if (!values_.empty()) read_named();
    push(bar, repairs, base, rate);
}

// ---- what its columns say of one another -------------------------------------------------------

// Holds a traded bar to low <= open, close <= high. Vendors round adjusted prices one by one: a
// breach of one won is mended. A later adjustment multiplies such an error, so that it can be 2 or
// 3 won where two prices of a session lie 5 won apart at least (2,000 won and more).
bool RowReader::settle_range(Bar& bar, int scale, std::uint8_t& repairs) {
    const std::int64_t top = std::max({bar.open, bar.high, bar.low, bar.close});
    const std::int64_t bottom = std::min({bar.open, bar.high, bar.low, bar.close});
    if (bar.high == top && bar.low == bottom) return true;
    const std::int64_t breach = std::max(top - bar.high, bar.low - bottom);
    constexpr std::int64_t rounding_max = 3;
    constexpr std::int64_t rounding_price_min = 2'000;
    if (scale == 0 && (breach <= 1 || (breach <= rounding_max && bar.low >= rounding_price_min &&
                                       bar.high >= bar.low))) {
        bar.high = top;
        bar.low = bottom;
        repairs |= breach <= 1 ? repair::range_by_one : repair::range_by_rounding;
        return true;
    }
    const std::string high = price_text(bar.high, scale);
    const std::string low = price_text(bar.low, scale);
    if (bar.high < bar.low) {
        reject(bar.date.iso(), "high_below_low", fmt::format("high {} < low {}", high, low), bar);
        return false;
    }
    const bool open = bar.open < bar.low || bar.open > bar.high;
    reject(bar.date.iso(), open ? "open_outside_range" : "close_outside_range",
           fmt::format("{} {} is outside low {} .. high {}", open ? "open" : "close",
                       price_text(open ? bar.open : bar.close, scale), low, high),
           bar);
    return false;
}

// base = close - change, and the rate is 100 x change / base to two decimals, half away from zero:
// exact on every row of the exchange that traded. A rate alone is kept for its neighbours.
bool RowReader::check_change(const Bar& bar, int scale, std::int64_t& base, float& rate) {
    ScannedNumber number;
    if (schema_->has(Field::base) && read_number(Field::base, scale, number)) base = number.value;
    ScannedReal told{.state = NumberState::missing};
    if (schema_->has(Field::rate)) {
        const std::string_view text = number_text(cell(Field::rate));
        told = scan_about(text);
        if (told.state == NumberState::unreadable) {
            const std::string_view bare =
                text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
            const ScannedNumber dressed = scan_dressed_number(bare, 4, {.signs = true});
            told = {.value = static_cast<double>(dressed.value) / 1e4, .state = dressed.state};
        }
        if (told.state == NumberState::ok) {
            told.value *= static_cast<double>(schema_->unit[static_cast<std::size_t>(Field::rate)]);
            rate = static_cast<float>(told.value);
        }
    }
    if (!schema_->has(Field::change) || !read_number(Field::change, scale, number)) return true;
    std::int64_t change = number.value;
    const std::string_view sign = cell(Field::change_sign);
    if (change > 0 &&
        (sign == "2" || sign == "5" || (told.state == NumberState::ok && told.value < 0)))
        change = -change;
    base = bar.close - change;
    if (base <= 0) base = 0;
    if (base == 0 || bar.volume == 0 || told.state != NumberState::ok) return true;
    const auto told_e2 = static_cast<std::int64_t>(std::llround(told.value * 100));
    if (told_e2 == rate_e2(change, base)) return true;
    reject(
        bar.date.iso(), "rate_disagrees",
        fmt::format("close {} and change {} make {:.2f} %, the row says {}",
                    price_text(bar.close, scale), price_text(change, scale),
                    static_cast<double>(rate_e2(change, base)) / 100, printable(cell(Field::rate))),
        bar);
    return false;
}

// Market cap = close x listed shares, exact on every row of the exchange, halted ones too.
bool RowReader::check_market_cap(const Bar& bar) {
    if (!schema_->has(Field::market_cap) || !schema_->has(Field::shares)) return true;
    ScannedNumber cap;
    ScannedNumber shares;
    if (!read_number(Field::market_cap, 0, cap) || !read_number(Field::shares, 0, shares) ||
        cap.value <= 0 || shares.value <= 0)
        return true;
    // A rounded cap, or rounded shares, say only so much.
    if (shares.place > 1) return true;
    const std::int64_t unit =
        std::max(schema_->unit[static_cast<std::size_t>(Field::market_cap)], cap.place);
    __extension__ using Wide = __int128;
    const Wide difference = static_cast<Wide>(bar.close) * shares.value - cap.value;
    if (difference > -unit && difference < unit) return true;
    reject(bar.date.iso(), "market_cap_disagrees",
           fmt::format("close {} x {} shares is not the market cap '{}'", bar.close,
                       with_commas(shares.value), printable(cell(Field::market_cap))),
           bar);
    return false;
}

}  // namespace hsl::adapters::detail
