// SPDX-License-Identifier: Apache-2.0
#pragma once

// The dated rules of trading, 1995-04-01 to 2027-12-31: tick, daily limit, sale tax, settlement.
// Each row carries its confidence mark; a date outside a table is an error that names table and
// date. Prices are whole won. Market::unknown is taken as KOSPI, ShareClass::unknown as a common
// share; an index and a foreign market have no rules here, which is an error. Source of every row:
// docs/concepts/market-rules.md. Any thread.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"
#include "market/listing.hpp"

namespace hsl::market {

// Bump when a rule changes a number: it is part of every run's identity.
inline constexpr std::string_view rules_version = "krx-1995-04-01/3";

[[nodiscard]] Date rules_first();  // 1995-04-01, where the last of KOSPI's begins

// Where a run begins that was given no first day: 2015-06-15, when the limit went to 30 %. Before
// it rows lean on marks U and widths change, so an earlier run is asked for.
[[nodiscard]] Date run_first();

// How well a rule is known: tested on exchange data or read in its own text (A), two or more
// independent sources (B), one source (C), no source found (U).
enum class Confidence : char { tested = 'A', agreed = 'B', single = 'C', unconfirmed = 'U' };

// One row of one table in words, as docs/concepts/market-rules.md prints it.
struct RuleRow {
    std::string_view table;   // "tick", "limit", "first day", "sale tax"
    Date first;               // in force from here; sale tax: the first settlement date
    std::string_view market;  // "KOSPI"; funds and warrants: "ETF, ETN"
    std::string rule;         // "0.23 %"
    Confidence confidence;
};
[[nodiscard]] std::vector<RuleRow> rule_rows();
// The rows that a run of [from, to] over such shares leans on. Ticks are for raw prices, and so are
// limits since the ratio rule has one of its own.
[[nodiscard]] std::vector<RuleRow> rules_used(Market market, ShareClass share_class, Date from,
                                              Date to, bool raw);

struct TickStep {
    std::int64_t below;  // prices below this (and not below the step before) have this tick
    std::int64_t tick;
};

struct PriceLimits {
    std::int64_t lower = 0;
    std::int64_t upper = 0;
    friend bool operator==(const PriceLimits&, const PriceLimits&) = default;
};

// The rules of one session, looked up once: what a loop over prices asks.
class SessionRules {
public:
    // Of shares of one market and class. `multiple` is the leverage of a fund, whose limit is that
    // many times as wide.
    [[nodiscard]] static Result<SessionRules> find(Market market, Date date,
                                                   ShareClass share_class = ShareClass::unknown,
                                                   int multiple = 1);

    // Of a price >= 1.
    [[nodiscard]] std::int64_t tick(std::int64_t price) const {
        std::size_t at = 0;
        while (price >= ticks_[at].below) ++at;
        return ticks_[at].tick;
    }
    // The next price on the grid, the price itself where it is on it.
    [[nodiscard]] std::int64_t up_to_tick(std::int64_t price) const {
        const std::int64_t step = tick(price);
        return (price + step - 1) / step * step;
    }
    [[nodiscard]] std::int64_t down_to_tick(std::int64_t price) const {
        return price - price % tick(price);
    }
    // Width of the daily limit in percent; 0: there is none.
    [[nodiscard]] int limit_percent() const { return percent_; }
    // From a base price >= 1, with the second floor of the upper one.
    [[nodiscard]] PriceLimits limits(std::int64_t base) const;
    // The base price of this session after a close: that close, up to the grid, since half ticks
    // trade since March 2025.
    [[nodiscard]] std::int64_t base_price(std::int64_t previous_close) const {
        return up_to_tick(previous_close);
    }

private:
    SessionRules(std::span<const TickStep> ticks, int percent) : ticks_{ticks}, percent_{percent} {}
    std::span<const TickStep> ticks_;
    int percent_;
};

// Where no limit holds: liquidation trading (정리매매), warrants.
inline constexpr PriceLimits no_price_limits{0, std::numeric_limits<std::int64_t>::max()};

// The ladder of ticks of that day; the last step has no end.
[[nodiscard]] Result<std::span<const TickStep>> tick_steps(
    Market market, Date date, ShareClass share_class = ShareClass::unknown);
// Tick (호가가격단위) of a price of `price` won on that day, 1 <= price <= 1e12.
[[nodiscard]] Result<std::int64_t> tick_size(Market market, Date date, std::int64_t price,
                                             ShareClass share_class = ShareClass::unknown);

// Daily limits from the base price (기준가). The first day of a listing and liquidation trading
// have other limits or none: not here.
[[nodiscard]] Result<PriceLimits> price_limits(Market market, Date date, std::int64_t base,
                                               ShareClass share_class = ShareClass::unknown,
                                               int multiple = 1);
// What a price of the first day of an IPO may be, from the offer price (공모가): since 2023-06-26
// 60 % to 400 % of it; before, an opening auction between 90 % and 200 %, then the limit around its
// result. Not for transfers between markets and relistings.
[[nodiscard]] Result<PriceLimits> first_day_limits(Market market, Date date,
                                                   std::int64_t offer_price);
// Width of the daily limit in percent for the ratio rules below: 30 since 2015-06-15, times the
// multiple. Before it what the table says; before that its first row, 30 where it has none.
[[nodiscard]] int ratio_percent(const TradedAs& as, Date date);

// Sale tax (STT + RST) in units of 1e-7 of the sale value, by trade date: the settlement date
// (T+2) decides the row.
[[nodiscard]] Result<std::int64_t> sale_tax_e7(Market market, Date trade_date,
                                               ShareClass share_class = ShareClass::unknown);

inline constexpr int settlement_sessions = 2;                // T+2
inline constexpr std::int64_t commission_default_e7 = 1500;  // 0.015 % each side

// floor(value x rate / 1e7): a cost cut to whole won. value >= 0, rate >= 0.
[[nodiscard]] constexpr std::int64_t cost_won(std::int64_t value, std::int64_t rate_e7) {
    __extension__ using Wide = __int128;
    return static_cast<std::int64_t>(static_cast<Wide>(value) * rate_e7 / 10'000'000);
}

// While a series is not known to be raw or adjusted: locked at the limit is O=H=L=C with
// close / previous close one percent within the limit of `percent`: >= 1.29 (upper) or <= 0.71
// (lower) where it is 30. Exact for whole won below 2^45; false when there is no previous close
// (NaN).
[[nodiscard]] constexpr bool locked_upper(double open, double high, double low, double close,
                                          double previous_close, int percent) {
    return open == high && high == low && low == close &&
           100 * close >= (99 + percent) * previous_close;
}
[[nodiscard]] constexpr bool locked_lower(double open, double high, double low, double close,
                                          double previous_close, int percent) {
    return open == high && high == low && low == close &&
           100 * close <= (101 - percent) * previous_close;
}
[[nodiscard]] constexpr bool locked_upper(double open, double high, double low, double close,
                                          double previous_close) {
    return locked_upper(open, high, low, close, previous_close, 30);
}
[[nodiscard]] constexpr bool locked_lower(double open, double high, double low, double close,
                                          double previous_close) {
    return locked_lower(open, high, low, close, previous_close, 30);
}
// The room that slippage may use while base price and tick are unknown: previous close +-30 %.
inline constexpr double limit_up_ratio = 1.30;
inline constexpr double limit_down_ratio = 0.70;
// The same, exact, of a width in percent: whole won, inwards. Equal to the products of the ratios
// above where it is 30.
[[nodiscard]] constexpr std::int64_t ratio_upper(std::int64_t previous_close, int percent) {
    return previous_close * (100 + percent) / 100;
}
[[nodiscard]] constexpr std::int64_t ratio_lower(std::int64_t previous_close, int percent) {
    return (previous_close * std::max(100 - percent, 0) + 99) / 100;
}
// A close-to-close move beyond this is no day's trading: the series is cut there.
inline constexpr double break_ratio = 0.31;
// The same, exact: a move of just 31 % is none. Prices of one scale, below 2^53, positive. A fund's
// day is as many times as wide as its multiple.
[[nodiscard]] constexpr bool is_break(std::int64_t close, std::int64_t previous_close,
                                      int multiple = 1) {
    const std::int64_t move =
        close > previous_close ? close - previous_close : previous_close - close;
    return 100 * move > 31 * multiple * previous_close;
}
// A halt of more consecutive sessions than this cuts as well.
inline constexpr int break_halt_sessions = 20;

}  // namespace hsl::market
