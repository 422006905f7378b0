// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/deviation/deviation.hpp"
#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/mean/mean.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 5, .first = 2, .last = 100000, .whole = true},
    {.name = "up", .standard = 2, .first = 0, .last = 100, .whole = false},
    {.name = "down", .standard = 2, .first = 0, .last = 100, .whole = false},
};
constexpr std::string_view outputs[] = {"upper", "middle", "lower"};

int lookback(std::span<const double> p) { return whole(p[0]) - 1; }

// Simple average and population deviation, the outputs in TA-Lib's order.
void compose(Plan& plan, std::span<const double> p) {
    const auto middle = plan.apply(compute::mean, {.period = whole(p[0])}, {plan.input(0)});
    const auto one = plan.apply(compute::deviation, {.period = whole(p[0])}, {plan.input(0)});
    plan.output(plan.apply(compute::scaled_sum, {.factor = p[1]}, {middle, one}));
    plan.output(middle);
    plan.output(plan.apply(compute::scaled_sum, {.factor = -p[2]}, {middle, one}));
}

}  // namespace

constinit const Spec bbands{
    .name = "bbands",
    .summary =
        "Bollinger bands: the mean of n values, and so many standard deviations above and below.",
    .golden =
        "lean_indicators/spy_bollinger_bands.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_bbands.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
