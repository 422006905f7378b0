// SPDX-License-Identifier: Apache-2.0
#pragma once

// The dated rules of trading, 2015-06-15 to 2027-12-31: tick, daily limit, sale tax, settlement.
// Each row carries its confidence mark; a date outside a table is an error that names table and
// date. Prices are whole won. Shares only: funds, notes and warrants have other ticks and no sale
// tax. Market::unknown is taken as KOSPI; an index and a foreign share have no rules here, which is
// an error. Source of every row: docs/concepts/market-rules.md. Any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"

namespace hsl::market {

// Bump when a rule changes a number: it is part of every run's identity.
inline constexpr std::string_view rules_version = "krx-2015-06-15/1";

[[nodiscard]] Date rules_first();  // 2015-06-15
[[nodiscard]] Date rules_last();   // 2027-12-31, where the calendar ends

// How well a rule is known: tested on exchange data or read in its own text (A), two or more
// independent sources (B), one source (C), no source found (U).
enum class Confidence : char { tested = 'A', agreed = 'B', single = 'C', unconfirmed = 'U' };

// One row of one table in words, as docs/concepts/market-rules.md prints it.
struct RuleRow {
    std::string_view table;   // "tick", "limit", "sale tax"
    Date first;               // in force from here; sale tax: the first settlement date
    std::string_view market;  // "KOSPI"
    std::string rule;         // "0.23 %"
    Confidence confidence;
};
[[nodiscard]] std::vector<RuleRow> rule_rows();

// Tick (호가가격단위) of a price of `price` won on that day, 1 <= price <= 1e12.
[[nodiscard]] Result<std::int64_t> tick_size(Market market, Date date, std::int64_t price);

struct PriceLimits {
    std::int64_t lower = 0;
    std::int64_t upper = 0;

    friend bool operator==(const PriceLimits&, const PriceLimits&) = default;
};
// Daily limits from the base price (기준가), with the double floor of the upper one. The first day
// of a listing and liquidation trading have other limits or none: not here.
[[nodiscard]] Result<PriceLimits> price_limits(Market market, Date date, std::int64_t base);

// Sale tax (STT + RST) in units of 1e-7 of the sale value, by trade date: the settlement date
// (T+2) decides the row.
[[nodiscard]] Result<std::int64_t> sale_tax_e7(Market market, Date trade_date);

inline constexpr int settlement_sessions = 2;                // T+2
inline constexpr std::int64_t commission_default_e7 = 1500;  // 0.015 % each side

// floor(value x rate / 1e7): a cost cut to whole won. value >= 0, rate >= 0.
[[nodiscard]] constexpr std::int64_t cost_won(std::int64_t value, std::int64_t rate_e7) {
    __extension__ using Wide = __int128;
    return static_cast<std::int64_t>(static_cast<Wide>(value) * rate_e7 / 10'000'000);
}

// While a series is not known to be raw or adjusted: locked at the limit is O=H=L=C with
// close / previous close >= 1.29 (upper) or <= 0.71 (lower). Exact for whole won below 2^45; false
// when there is no previous close (NaN).
[[nodiscard]] constexpr bool locked_upper(double open, double high, double low, double close,
                                          double previous_close) {
    return open == high && high == low && low == close && 100 * close >= 129 * previous_close;
}
[[nodiscard]] constexpr bool locked_lower(double open, double high, double low, double close,
                                          double previous_close) {
    return open == high && high == low && low == close && 100 * close <= 71 * previous_close;
}
// The room that slippage may use while base price and tick are unknown: previous close +-30 %.
inline constexpr double limit_up_ratio = 1.30;
inline constexpr double limit_down_ratio = 0.70;
// A close-to-close move beyond this is no day's trading: the series is cut there.
inline constexpr double break_ratio = 0.31;
// The same, exact: a move of just 31 % is none. Prices of one scale, below 2^56, positive.
[[nodiscard]] constexpr bool is_break(std::int64_t close, std::int64_t previous_close) {
    const std::int64_t move =
        close > previous_close ? close - previous_close : previous_close - close;
    return 100 * move > 31 * previous_close;
}
// A halt of more consecutive sessions than this cuts as well.
inline constexpr int break_halt_sessions = 20;

}  // namespace hsl::market
