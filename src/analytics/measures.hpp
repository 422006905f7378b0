// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a curve of returns was worth. Definitions: docs/concepts/measures.md. Rates are fractions,
// Sharpe figures annual; a value that is not defined is NaN (null in JSON).

#include <cstdint>
#include <span>

namespace hsl::analytics {

struct Measures {
    double total_return = 0, cagr = 0, volatility = 0, sharpe = 0, sortino = 0;
    double max_drawdown = 0;             // positive fraction
    std::int64_t max_drawdown_sessions = 0;  // from the peak to recovery or the end, of the deepest one
    double calmar = 0;
    std::int64_t trades = 0;
    double win_rate = 0, profit_factor = 0, exposure = 0, turnover = 0;
    double cost_krw = 0, slippage_krw = 0;
    std::int64_t skipped_entries = 0;
};

// Curve measures of daily returns r_1..r_n (the curve starts at 1 before r_1). Trades untouched.
[[nodiscard]] Measures measure_returns(std::span<const double> returns, double annualisation,
                                       double calendar_days);
// sessions x 365.25 / calendar days of the window.
[[nodiscard]] double annualisation_for(std::int64_t sessions, std::int64_t calendar_days);

}  // namespace hsl::analytics
