// SPDX-License-Identifier: Apache-2.0
#include "market/rules.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "market/calendar.hpp"

namespace hsl::market {
namespace {

using namespace std::chrono_literals;
using enum Confidence;

constexpr Date on(std::chrono::sys_days day) {
    return {static_cast<std::int32_t>(day.time_since_epoch().count())};
}
constexpr Date last_day = on(2027y / 12 / 31);
constexpr Date kosdaq_opens = on(1996y / 7 / 1);
constexpr Date konex_opens = on(2013y / 7 / 1);
// KOSPI's limits were amounts in won before, not fractions.
constexpr Date first_day = on(1995y / 4 / 1);
constexpr std::int64_t price_max = 1'000'000'000'000;

// --- ticks -------------------------------------------------------------------------------------

constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();
constexpr TickStep ticks_kospi_oldest[] = {{5'000, 5},     {10'000, 10},   {50'000, 50},
                                           {100'000, 100}, {500'000, 500}, {no_end, 1'000}};
constexpr TickStep ticks_kosdaq_oldest[] = {{5'000, 5}, {10'000, 10}, {50'000, 50}, {no_end, 100}};
constexpr TickStep ticks_kospi_old[] = {{1'000, 1},     {5'000, 5},     {10'000, 10},
                                        {50'000, 50},   {100'000, 100}, {500'000, 500},
                                        {no_end, 1'000}};
constexpr TickStep ticks_kosdaq_old[] = {
    {1'000, 1}, {5'000, 5}, {10'000, 10}, {50'000, 50}, {no_end, 100}};
constexpr TickStep ticks_new[] = {{2'000, 1},     {5'000, 5},     {20'000, 10},   {50'000, 50},
                                  {200'000, 100}, {500'000, 500}, {no_end, 1'000}};
constexpr TickStep ticks_five[] = {{no_end, 5}};
constexpr TickStep ticks_fund[] = {{2'000, 1}, {no_end, 5}};

// Whose ticks and taxes they are: shares of the three markets, and what is traded like one.
enum class Board : std::uint8_t { kospi, kosdaq, konex, fund, warrant };

struct TickRow {
    Date first;
    Board board;
    std::span<const TickStep> steps;
    Confidence confidence;
};
constexpr TickRow tick_rows[] = {
    {first_day, Board::kospi, ticks_kospi_oldest, unconfirmed},
    {kosdaq_opens, Board::kosdaq, ticks_kosdaq_oldest, unconfirmed},
    {on(2002y / 9 / 30), Board::fund, ticks_five, agreed},
    {on(2005y / 12 / 1), Board::warrant, ticks_five, single},
    {on(2010y / 10 / 4), Board::kospi, ticks_kospi_old, tested},
    {on(2010y / 10 / 4), Board::kosdaq, ticks_kosdaq_old, tested},
    {konex_opens, Board::konex, ticks_kosdaq_old, unconfirmed},
    {on(2023y / 1 / 25), Board::kospi, ticks_new, tested},
    {on(2023y / 1 / 25), Board::kosdaq, ticks_new, tested},
    {on(2023y / 1 / 25), Board::konex, ticks_new, agreed},
    // The first day of the funds' ticks lies between the 8th and the 18th: no source settles it.
    {on(2023y / 12 / 8), Board::fund, ticks_five, unconfirmed},
    {on(2023y / 12 / 11), Board::fund, ticks_fund, unconfirmed},
    {on(2023y / 12 / 18), Board::fund, ticks_fund, agreed},
};

// --- limits ------------------------------------------------------------------------------------

struct LimitRow {
    Date first;
    Board board;
    int percent;  // 0: none
    Confidence confidence;
};
constexpr LimitRow limit_rows[] = {
    {first_day, Board::kospi, 6, unconfirmed},
    {on(1996y / 11 / 25), Board::kospi, 8, unconfirmed},
    {on(1998y / 3 / 2), Board::kospi, 12, unconfirmed},
    {on(1998y / 5 / 25), Board::kosdaq, 12, unconfirmed},
    {on(1998y / 12 / 7), Board::kospi, 15, agreed},
    {on(2002y / 9 / 30), Board::fund, 15, unconfirmed},
    {on(2005y / 3 / 28), Board::kosdaq, 15, agreed},
    {on(2005y / 12 / 1), Board::warrant, 0, agreed},
    {konex_opens, Board::konex, 15, tested},
    {on(2015y / 6 / 15), Board::kospi, 30, tested},
    {on(2015y / 6 / 15), Board::kosdaq, 30, tested},
    {on(2015y / 6 / 15), Board::fund, 30, unconfirmed},
};

// Of the offer price, in percent. Before 2023 of the opening auction, whose result is the base.
struct FirstDayRow {
    Date first;
    Board board;
    int lowest, highest;
    bool auction;
    Confidence confidence;
};
constexpr FirstDayRow first_day_rows[] = {
    {on(2015y / 6 / 15), Board::kospi, 90, 200, true, agreed},
    {on(2015y / 6 / 15), Board::kosdaq, 90, 200, true, agreed},
    {on(2023y / 6 / 26), Board::kospi, 60, 400, false, tested},
    {on(2023y / 6 / 26), Board::kosdaq, 60, 400, false, tested},
};

// --- sale tax ----------------------------------------------------------------------------------

// By settlement date, in 1e-7 of the sale value: transaction tax, on KOSPI with the rural special
// tax of 0.15 % in it.
struct TaxRow {
    Date first;
    Board board;
    std::int64_t rate_e7;
    Confidence confidence;
};
constexpr TaxRow tax_rows[] = {
    // Higher rates before mid-1996, which no source of ours tells.
    {first_day, Board::kospi, 30'000, unconfirmed},
    {first_day, Board::kosdaq, 30'000, unconfirmed},
    {first_day, Board::fund, 0, unconfirmed},
    {first_day, Board::warrant, 0, unconfirmed},
    {konex_opens, Board::konex, 30'000, single},
    {on(2015y / 6 / 15), Board::kospi, 30'000, agreed},
    {on(2015y / 6 / 15), Board::kosdaq, 30'000, agreed},
    {on(2019y / 6 / 3), Board::kospi, 25'000, agreed},
    {on(2019y / 6 / 3), Board::kosdaq, 25'000, agreed},
    {on(2019y / 6 / 3), Board::konex, 10'000, single},
    {on(2021y / 1 / 1), Board::kospi, 23'000, agreed},
    {on(2021y / 1 / 1), Board::kosdaq, 23'000, agreed},
    {on(2023y / 1 / 1), Board::kospi, 20'000, agreed},
    {on(2023y / 1 / 1), Board::kosdaq, 20'000, agreed},
    {on(2024y / 1 / 1), Board::kospi, 18'000, agreed},
    {on(2024y / 1 / 1), Board::kosdaq, 18'000, agreed},
    {on(2025y / 1 / 1), Board::kospi, 15'000, agreed},
    {on(2025y / 1 / 1), Board::kosdaq, 15'000, agreed},
    {on(2026y / 1 / 1), Board::kospi, 20'000, agreed},
    {on(2026y / 1 / 1), Board::kosdaq, 20'000, agreed},
};

// --- finding a row -----------------------------------------------------------------------------

std::string_view name_of(Board board) {
    switch (board) {
        case Board::kospi:
            return "KOSPI";
        case Board::kosdaq:
            return "KOSDAQ";
        case Board::konex:
            return "KONEX";
        case Board::fund:
            return "ETF, ETN";
        case Board::warrant:
            return "ELW";
    }
    return "";
}

std::optional<Board> board_of(Market market, ShareClass share_class) {
    switch (market) {
        case Market::index:
        case Market::foreign:
            return std::nullopt;
        case Market::unknown:
        case Market::kospi:
        case Market::kosdaq:
        case Market::konex:
            break;
    }
    if (share_class == ShareClass::etf || share_class == ShareClass::etn) return Board::fund;
    if (share_class == ShareClass::elw) return Board::warrant;
    if (market == Market::kosdaq) return Board::kosdaq;
    return market == Market::konex ? Board::konex : Board::kospi;
}

// The row in force on `date`: the last one that begins by then.
template <class Row>
Result<const Row*> row_on(std::string_view table, std::span<const Row> rows, Market market,
                          ShareClass share_class, Date date) {
    const std::optional<Board> board = board_of(market, share_class);
    if (!board)
        return fail(ErrorCode::unsupported,
                    fmt::format("the {} table has KOSPI, KOSDAQ and KONEX, not {} (asked for {})",
                                table, name_of(market), date.iso()));
    const Row* found = nullptr;
    std::optional<Date> begin;
    for (const Row& row : rows)
        if (row.board == *board) {
            if (!begin) begin = row.first;
            if (row.first <= date) found = &row;
        }
    if (!begin)
        return fail(ErrorCode::unsupported, fmt::format("the {} table has no {} (asked for {})",
                                                        table, name_of(*board), date.iso()));
    if (found == nullptr || date > last_day)
        return fail(ErrorCode::unsupported,
                    fmt::format("the {} table of {} covers {} to {}; {} lies outside", table,
                                name_of(*board), begin->iso(), last_day.iso(), date.iso()));
    return found;
}

Result<void> check_price(std::string_view what, std::int64_t price) {
    if (price >= 1 && price <= price_max) return {};
    return fail(ErrorCode::bad_data,
                fmt::format("a {} of {} won: not between 1 and {}", what, price, price_max));
}

std::string in_words(const TickRow& row) {
    std::string text;
    for (const TickStep& step : row.steps)
        text += step.below != no_end    ? fmt::format("{} below {}, ", step.tick, step.below)
                : row.steps.size() == 1 ? fmt::format("{}", step.tick)
                                        : fmt::format("{} above", step.tick);
    return text;
}
std::string in_words(const LimitRow& row) {
    return row.percent == 0 ? "none" : fmt::format("{} %", row.percent);
}
std::string in_words(const FirstDayRow& row) {
    return fmt::format("{} % to {} % of the offer price{}", row.lowest, row.highest,
                       row.auction ? " in the opening auction" : "");
}
std::string in_words(const TaxRow& row) {
    return fmt::format("{:.2f} %", static_cast<double>(row.rate_e7) / 1e5);
}

template <class Row>
RuleRow described(std::string_view table, const Row& row) {
    return {table, row.first, name_of(row.board), in_words(row), row.confidence};
}

// The day on which a sale is settled; late rather than early where the calendar ends.
Date settled(Date trade_date) {
    return Calendar::krx().plus_sessions(trade_date, settlement_sessions).value_or(last_day);
}

// Rows of a board in force somewhere in [from, to].
template <class Row>
void add_used(std::vector<RuleRow>& used, std::string_view table, std::span<const Row> rows,
              Board board, Date from, Date to) {
    const Row* before = nullptr;
    std::vector<const Row*> inside;
    for (const Row& row : rows)
        if (row.board == board && row.first <= from)
            before = &row;
        else if (row.board == board && row.first <= to)
            inside.push_back(&row);
    if (before != nullptr) used.push_back(described(table, *before));
    for (const Row* row : inside) used.push_back(described(table, *row));
}

}  // namespace

Date rules_first() { return first_day; }
Date run_first() { return on(2015y / 6 / 15); }

std::vector<RuleRow> rule_rows() {
    std::vector<RuleRow> rows;
    for (const TickRow& row : tick_rows) rows.push_back(described("tick", row));
    for (const LimitRow& row : limit_rows) rows.push_back(described("limit", row));
    for (const FirstDayRow& row : first_day_rows) rows.push_back(described("first day", row));
    for (const TaxRow& row : tax_rows) rows.push_back(described("sale tax", row));
    return rows;
}

std::vector<RuleRow> rules_used(Market market, ShareClass share_class, Date from, Date to,
                                bool raw) {
    std::vector<RuleRow> used;
    const std::optional<Board> board = board_of(market, share_class);
    if (!board) return used;
    if (raw) add_used<TickRow>(used, "tick", tick_rows, *board, from, to);
    if (const Date last = raw ? to : std::min(to, run_first() + -1); from <= last)
        add_used<LimitRow>(used, "limit", limit_rows, *board, from, last);
    add_used<TaxRow>(used, "sale tax", tax_rows, *board, settled(from), settled(to));
    return used;
}

Result<SessionRules> SessionRules::find(Market market, Date date, ShareClass share_class,
                                        int multiple) {
    HSL_TRY(const LimitRow* const limit,
            row_on<LimitRow>("limit", limit_rows, market, share_class, date));
    HSL_TRY(const TickRow* const ticks,
            row_on<TickRow>("tick", tick_rows, market, share_class, date));
    return SessionRules{ticks->steps, limit->percent * multiple};
}

PriceLimits SessionRules::limits(std::int64_t base) const {
    if (percent_ == 0) return no_price_limits;
    const std::int64_t base_tick = tick(base);
    const std::int64_t width = base * percent_ / 100 / base_tick * base_tick;
    // The second floor matters when the sum crosses into a coarser tick.
    return {.lower = base - width, .upper = down_to_tick(base + width)};
}

Result<std::span<const TickStep>> tick_steps(Market market, Date date, ShareClass share_class) {
    HSL_TRY(const TickRow* const row,
            row_on<TickRow>("tick", tick_rows, market, share_class, date));
    return row->steps;
}

Result<std::int64_t> tick_size(Market market, Date date, std::int64_t price,
                               ShareClass share_class) {
    HSL_TRY(const std::span<const TickStep> steps, tick_steps(market, date, share_class));
    HSL_CHECK(check_price("price", price));
    std::size_t at = 0;
    while (price >= steps[at].below) ++at;
    return steps[at].tick;
}

Result<PriceLimits> price_limits(Market market, Date date, std::int64_t base,
                                 ShareClass share_class, int multiple) {
    HSL_TRY(const SessionRules rules, SessionRules::find(market, date, share_class, multiple));
    HSL_CHECK(check_price("base price", base));
    return rules.limits(base);
}

Result<PriceLimits> first_day_limits(Market market, Date date, std::int64_t offer_price) {
    HSL_TRY(const FirstDayRow* const row,
            row_on<FirstDayRow>("first day", first_day_rows, market, ShareClass::common, date));
    HSL_TRY(const SessionRules rules, SessionRules::find(market, date));
    HSL_CHECK(check_price("offer price", offer_price));
    const std::int64_t lowest = rules.up_to_tick((offer_price * row->lowest + 99) / 100);
    const std::int64_t highest = rules.down_to_tick(offer_price * row->highest / 100);
    if (!row->auction) return PriceLimits{.lower = lowest, .upper = highest};
    return PriceLimits{.lower = rules.limits(lowest).lower, .upper = rules.limits(highest).upper};
}

int ratio_percent(const TradedAs& as, Date date) {
    constexpr int present = 30;
    if (date >= run_first()) return present * as.multiple;
    const std::optional<Board> board = board_of(as.market, as.share_class);
    int percent = 0;
    for (const LimitRow& row : limit_rows)
        if (row.board == board && (percent == 0 || row.first <= date)) percent = row.percent;
    return (percent == 0 ? present : percent) * as.multiple;
}

Result<std::int64_t> sale_tax_e7(Market market, Date trade_date, ShareClass share_class) {
    // Asked first, so that a date before the table names the table and not the calendar.
    HSL_CHECK(row_on<TaxRow>("sale tax", tax_rows, market, share_class, trade_date));
    HSL_TRY(const Date settlement, Calendar::krx().plus_sessions(trade_date, settlement_sessions));
    HSL_TRY(const TaxRow* const row,
            row_on<TaxRow>("sale tax", tax_rows, market, share_class, settlement));
    return row->rate_e7;
}

}  // namespace hsl::market
