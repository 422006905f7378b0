// SPDX-License-Identifier: Apache-2.0
#include "market/rules.hpp"

#include <chrono>
#include <iterator>
#include <limits>
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
constexpr Date first_day = on(2015y / 6 / 15);
constexpr Date last_day = on(2027y / 12 / 31);
constexpr std::int64_t price_max = 1'000'000'000'000;

// --- ticks -------------------------------------------------------------------------------------

struct TickStep {
    std::int64_t below;  // prices below this (and not below the step before) have this tick
    std::int64_t tick;
};
constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();
constexpr TickStep ticks_kospi_old[] = {{1'000, 1},     {5'000, 5},     {10'000, 10},
                                        {50'000, 50},   {100'000, 100}, {500'000, 500},
                                        {no_end, 1'000}};
constexpr TickStep ticks_kosdaq_old[] = {
    {1'000, 1}, {5'000, 5}, {10'000, 10}, {50'000, 50}, {no_end, 100}};
constexpr TickStep ticks_new[] = {{2'000, 1},     {5'000, 5},     {20'000, 10},   {50'000, 50},
                                  {200'000, 100}, {500'000, 500}, {no_end, 1'000}};

struct TickRow {
    Date first;
    Market market;
    std::span<const TickStep> steps;
    Confidence confidence;
};
constexpr TickRow tick_rows[] = {
    {first_day, Market::kospi, ticks_kospi_old, tested},
    {first_day, Market::kosdaq, ticks_kosdaq_old, tested},
    {first_day, Market::konex, ticks_kosdaq_old, unconfirmed},
    {on(2023y / 1 / 25), Market::kospi, ticks_new, tested},
    {on(2023y / 1 / 25), Market::kosdaq, ticks_new, tested},
    {on(2023y / 1 / 25), Market::konex, ticks_new, agreed},
};

std::int64_t tick_of(std::span<const TickStep> steps, std::int64_t price) {
    std::size_t at = 0;
    while (price >= steps[at].below) ++at;
    return steps[at].tick;
}

// --- limits ------------------------------------------------------------------------------------

struct LimitRow {
    Date first;
    Market market;
    std::int64_t percent;
    Confidence confidence;
};
constexpr LimitRow limit_rows[] = {
    {first_day, Market::kospi, 30, tested},
    {first_day, Market::kosdaq, 30, tested},
    {first_day, Market::konex, 15, tested},
};

// --- sale tax ----------------------------------------------------------------------------------

// By settlement date, in 1e-7 of the sale value: transaction tax, on KOSPI with the rural special
// tax of 0.15 % in it.
struct TaxRow {
    Date first;
    Market market;
    std::int64_t rate_e7;
    Confidence confidence;
};
constexpr TaxRow tax_rows[] = {
    {first_day, Market::kospi, 30'000, agreed},
    {first_day, Market::kosdaq, 30'000, agreed},
    {first_day, Market::konex, 30'000, single},
    {on(2019y / 6 / 3), Market::kospi, 25'000, agreed},
    {on(2019y / 6 / 3), Market::kosdaq, 25'000, agreed},
    {on(2019y / 6 / 3), Market::konex, 10'000, single},
    {on(2021y / 1 / 1), Market::kospi, 23'000, agreed},
    {on(2021y / 1 / 1), Market::kosdaq, 23'000, agreed},
    {on(2023y / 1 / 1), Market::kospi, 20'000, agreed},
    {on(2023y / 1 / 1), Market::kosdaq, 20'000, agreed},
    {on(2024y / 1 / 1), Market::kospi, 18'000, agreed},
    {on(2024y / 1 / 1), Market::kosdaq, 18'000, agreed},
    {on(2025y / 1 / 1), Market::kospi, 15'000, agreed},
    {on(2025y / 1 / 1), Market::kosdaq, 15'000, agreed},
    {on(2026y / 1 / 1), Market::kospi, 20'000, agreed},
    {on(2026y / 1 / 1), Market::kosdaq, 20'000, agreed},
};

// --- finding a row -----------------------------------------------------------------------------

// The row of `market` in force on `date`: the last one that begins by then.
template <class Row>
Result<const Row*> row_on(std::string_view table, std::span<const Row> rows, Market market,
                          Date date) {
    if (date < first_day || date > last_day)
        return fail(ErrorCode::unsupported,
                    fmt::format("the {} table covers {} to {}; {} lies outside", table,
                                first_day.iso(), last_day.iso(), date.iso()));
    if (market == Market::unknown) market = Market::kospi;
    const Row* found = nullptr;
    for (const Row& row : rows)
        if (row.market == market && row.first <= date) found = &row;
    if (found == nullptr)
        return fail(ErrorCode::unsupported,
                    fmt::format("the {} table has KOSPI, KOSDAQ and KONEX, not {} (asked for {})",
                                table, name_of(market), date.iso()));
    return found;
}

Result<void> check_price(std::string_view what, std::int64_t price) {
    if (price >= 1 && price <= price_max) return {};
    return fail(ErrorCode::bad_data,
                fmt::format("a {} of {} won: not between 1 and {}", what, price, price_max));
}

std::string in_words(std::span<const TickStep> steps) {
    std::string text;
    for (const TickStep& step : steps)
        text += step.below == no_end ? fmt::format("{} above", step.tick)
                                     : fmt::format("{} below {}, ", step.tick, step.below);
    return text;
}

}  // namespace

Date rules_first() { return first_day; }
Date rules_last() { return last_day; }

std::vector<RuleRow> rule_rows() {
    std::vector<RuleRow> rows;
    for (const TickRow& row : tick_rows)
        rows.push_back(
            {"tick", row.first, name_of(row.market), in_words(row.steps), row.confidence});
    for (const LimitRow& row : limit_rows)
        rows.push_back({"limit", row.first, name_of(row.market), fmt::format("{} %", row.percent),
                        row.confidence});
    for (const TaxRow& row : tax_rows)
        rows.push_back({"sale tax", row.first, name_of(row.market),
                        fmt::format("{:.2f} %", static_cast<double>(row.rate_e7) / 1e5),
                        row.confidence});
    return rows;
}

Result<std::int64_t> tick_size(Market market, Date date, std::int64_t price) {
    HSL_TRY(const TickRow* const row, row_on<TickRow>("tick", tick_rows, market, date));
    HSL_CHECK(check_price("price", price));
    return tick_of(row->steps, price);
}

Result<PriceLimits> price_limits(Market market, Date date, std::int64_t base) {
    HSL_TRY(const LimitRow* const limit, row_on<LimitRow>("limit", limit_rows, market, date));
    HSL_TRY(const TickRow* const ticks, row_on<TickRow>("tick", tick_rows, market, date));
    HSL_CHECK(check_price("base price", base));
    const std::int64_t base_tick = tick_of(ticks->steps, base);
    const std::int64_t width = base * limit->percent / 100 / base_tick * base_tick;
    // The second floor matters when the sum crosses into a coarser tick.
    const std::int64_t raw = base + width;
    const std::int64_t raw_tick = tick_of(ticks->steps, raw);
    return PriceLimits{.lower = base - width, .upper = raw / raw_tick * raw_tick};
}

Result<std::int64_t> sale_tax_e7(Market market, Date trade_date) {
    // Asked first, so that a date before the table names the table and not the calendar.
    HSL_CHECK(row_on<TaxRow>("sale tax", tax_rows, market, trade_date));
    HSL_TRY(const Date settled, Calendar::krx().plus_sessions(trade_date, settlement_sessions));
    HSL_TRY(const TaxRow* const row, row_on<TaxRow>("sale tax", tax_rows, market, settled));
    return row->rate_e7;
}

}  // namespace hsl::market
