// SPDX-License-Identifier: Apache-2.0
#pragma once

// The dated rules of trading, from 2015-06-15 on: tick, daily limit, sale tax, settlement. Each row
// carries its confidence mark; a date before the table is an error that names table and date.
// Prices are whole won. Source of every row: docs/concepts/market-rules.md.

#include <cstdint>
#include <string_view>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"

namespace hsl::market {

// Bump when a rule changes a number: it is part of every run's identity.
inline constexpr std::string_view rules_version = "krx-2015-06-15/1";

[[nodiscard]] Date rules_first();  // 2015-06-15

// Tick (호가가격단위) of a price of `price` won on that day.
[[nodiscard]] Result<std::int64_t> tick_size(Market market, Date date, std::int64_t price);

struct PriceLimits {
    std::int64_t lower = 0;
    std::int64_t upper = 0;
};
// Daily limits from the base price (기준가), with the double floor of the upper one.
[[nodiscard]] Result<PriceLimits> price_limits(Market market, Date date, std::int64_t base);

// Sale tax (STT + RST) in units of 1e-7 of the sale value, by trade date: the settlement date
// (T+2) decides the row. Market::unknown is taken as KOSPI.
[[nodiscard]] Result<std::int64_t> sale_tax_e7(Market market, Date trade_date);

inline constexpr int settlement_sessions = 2;  // T+2
inline constexpr std::int64_t commission_default_e7 = 1500;  // 0.015 % each side

// floor(value x rate / 1e7): a cost cut to whole won. value >= 0, rate >= 0.
[[nodiscard]] constexpr std::int64_t cost_won(std::int64_t value, std::int64_t rate_e7) {
    __extension__ using Wide = __int128;
    return static_cast<std::int64_t>(static_cast<Wide>(value) * rate_e7 / 10'000'000);
}

// While a series is not known to be raw or adjusted: locked at the limit is O=H=L=C with
// close / previous close >= 1.29 (upper) or <= 0.71 (lower).
[[nodiscard]] constexpr bool locked_upper(double open, double high, double low, double close,
                                          double previous_close) {
    return open == high && high == low && low == close && close >= 1.29 * previous_close;
}
[[nodiscard]] constexpr bool locked_lower(double open, double high, double low, double close,
                                          double previous_close) {
    return open == high && high == low && low == close && close <= 0.71 * previous_close;
}
// The room that slippage may use while base price and tick are unknown: previous close +-30 %.
inline constexpr double limit_up_ratio = 1.30;
inline constexpr double limit_down_ratio = 0.70;
// A close-to-close move beyond this is no day's trading: the series is cut there.
inline constexpr double break_ratio = 0.31;
inline constexpr int break_halt_sessions = 20;

}  // namespace hsl::market
