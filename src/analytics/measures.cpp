// SPDX-License-Identifier: Apache-2.0
#include "analytics/measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.hpp"

namespace hsl::analytics {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct Drawdown {
    double depth = 0;
    std::int64_t sessions = 0;
};

// The deepest fall of the curve; of two equally deep ones the first. Its length counts from the
// last session at the peak, so that a curve which rested there before it fell is not called under
// water.
Drawdown deepest_drawdown(std::span<const double> returns) {
    const auto count = static_cast<std::int64_t>(returns.size());
    double equity = 1, peak = 1;
    std::int64_t peak_at = 0, deepest_peak_at = 0;
    bool deepest_is_open = false;
    Drawdown deepest;
    for (std::int64_t t = 1; t <= count; ++t) {
        equity *= 1 + returns[static_cast<std::size_t>(t - 1)];
        if (equity >= peak) {
            if (deepest_is_open) deepest.sessions = t - deepest_peak_at;
            deepest_is_open = false;
            peak = equity;
            peak_at = t;
        } else if (const double depth = (peak - equity) / peak; depth > deepest.depth) {
            deepest.depth = depth;
            deepest_peak_at = peak_at;
            deepest_is_open = true;
        }
    }
    if (deepest_is_open) deepest.sessions = count - deepest_peak_at;
    return deepest;
}

}  // namespace

double annualisation_for(std::int64_t sessions, std::int64_t calendar_days) {
    if (calendar_days <= 0) return undefined;
    return static_cast<double>(sessions) * 365.25 / static_cast<double>(calendar_days);
}

Moments moments_of(std::span<const double> x) {
    Moments moments{.mean = undefined,
                    .sd = undefined,
                    .skewness = undefined,
                    .kurtosis = undefined,
                    .count = x.size()};
    if (x.empty()) return moments;
    const auto n = static_cast<double>(x.size());
    // Counted from the first value: equal values then differ from their mean by exactly nothing.
    const double origin = x.front();
    double sum = 0;
    for (const double value : x) sum += value - origin;
    const double shift = sum / n;
    moments.mean = origin + shift;
    if (x.size() < 2) return moments;

    double second = 0, third = 0, fourth = 0;
    for (const double value : x) {
        const double d = (value - origin) - shift;
        const double square = d * d;
        second += square;
        third += square * d;
        fourth += square * square;
    }
    moments.sd = std::sqrt(second / (n - 1));
    if (!(second > 0)) return moments;
    const double variance = second / n;
    moments.skewness = third / n / (variance * std::sqrt(variance));
    moments.kurtosis = fourth / n / (variance * variance);
    return moments;
}

Measures measure_returns(std::span<const double> returns, double annualisation,
                         double calendar_days) {
    Measures measures;
    measures.total_return = measures.cagr = measures.volatility = measures.sharpe = undefined;
    measures.sortino = measures.max_drawdown = measures.calmar = undefined;
    if (returns.empty()) return measures;

    double equity = 1, downside = 0;
    for (const double r : returns) {
        equity *= 1 + r;
        const double loss = std::min(r, 0.0);
        downside += loss * loss;
    }
    measures.total_return = equity - 1;
    if (calendar_days > 0)
        measures.cagr = equity > 0 ? exact_pow(equity, 365.25 / calendar_days) - 1 : -1;

    const Drawdown drawdown = deepest_drawdown(returns);
    measures.max_drawdown = drawdown.depth;
    measures.max_drawdown_sessions = drawdown.sessions;
    if (drawdown.depth > 0) measures.calmar = measures.cagr / drawdown.depth;

    if (returns.size() < 2) return measures;
    const Moments moments = moments_of(returns);
    const double scale = std::sqrt(annualisation);
    measures.volatility = moments.sd * scale;
    if (moments.sd > 0) measures.sharpe = moments.mean / moments.sd * scale;
    if (downside > 0)
        measures.sortino =
            moments.mean / std::sqrt(downside / static_cast<double>(returns.size())) * scale;
    return measures;
}

}  // namespace hsl::analytics
