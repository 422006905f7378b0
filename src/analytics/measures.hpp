// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a curve of returns was worth. Definitions: docs/concepts/measures.md. Rates are fractions,
// Sharpe figures annual; a value that is not defined is NaN (null in JSON). Free functions over
// spans, callable from any thread.

#include <cstdint>
#include <span>

namespace hsl::analytics {

struct Measures {
    double total_return = 0, cagr = 0, volatility = 0, sharpe = 0, sortino = 0;
    double max_drawdown = 0;  // positive fraction
    std::int64_t max_drawdown_sessions =
        0;  // from the peak to recovery or the end, of the deepest one
    double calmar = 0;
    std::int64_t trades = 0;
    double win_rate = 0, profit_factor = 0, exposure = 0, turnover = 0;
    double cost_krw = 0, slippage_krw = 0;
    double dividends_krw = 0;  // net of tax
    double delisted_krw = 0;   // what positions brought that a delisting settled
    std::int64_t skipped_entries = 0;
};

// Curve measures of daily returns r_1..r_n (the curve starts at 1 before r_1). Trades untouched.
// Without returns every one of them is NaN; volatility, Sharpe and Sortino need two.
[[nodiscard]] Measures measure_returns(std::span<const double> returns, double annualisation,
                                       double calendar_days);
// sessions x 365.25 / calendar days of the window; NaN for a window without days.
[[nodiscard]] double annualisation_for(std::int64_t sessions, std::int64_t calendar_days);

struct Moments {
    double mean = 0, sd = 0;            // sd with n-1
    double skewness = 0, kurtosis = 0;  // moments with n; kurtosis raw (normal 3)
    std::size_t count = 0;
};
// NaN where it is not defined: sd below two values, skewness and kurtosis without variance. Equal
// values have a variance of exactly zero.
[[nodiscard]] Moments moments_of(std::span<const double> x);

}  // namespace hsl::analytics
