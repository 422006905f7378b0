// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/ema/ema.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "fast", .standard = 12, .first = 2, .last = 100000, .whole = true},
    {.name = "slow", .standard = 26, .first = 2, .last = 100000, .whole = true},
    {.name = "signal", .standard = 9, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"macd", "signal", "hist"};

int lookback(std::span<const double> p) { return whole(std::max(p[0], p[1])) + whole(p[2]) - 2; }
int settling(std::span<const double> p) {
    return std::max(lookback(p), 4 * whole(std::max({p[0], p[1], p[2]})));
}

// As in TA-Lib the fast average is seeded so that its first value falls on the slow one's first
// bar, and all three outputs begin together with the signal line. Fast and slow may be given in
// either order.
void compose(Plan& plan, std::span<const double> p) {
    const double fast = std::min(p[0], p[1]);
    const double slow = std::max(p[0], p[1]);
    const auto average = [&](Plan::Column in, double period, double skip) {
        return plan.apply(
            compute::ema,
            {.period = whole(period), .skip = whole(skip), .factor = 2.0 / (period + 1)}, {in});
    };
    const auto fast_line = average(plan.input(0), fast, slow - fast);
    const auto slow_line = average(plan.input(0), slow, 0);
    const auto line = plan.apply(compute::scaled_sum, {.factor = -1}, {fast_line, slow_line});
    const auto signal = average(line, p[2], 0);
    plan.output(plan.apply(compute::where_known, {}, {line, signal}));
    plan.output(signal);
    plan.output(plan.apply(compute::scaled_sum, {.factor = -1}, {line, signal}));
}

}  // namespace

constinit const Spec macd{
    .name = "macd",
    .summary =
        "Fast minus slow exponential average, its signal line, and the difference of the two.",
    .golden =
        "lean_indicators/spy_with_macd.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_macd.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
