// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/mean/mean.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 30, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"sma"};

int lookback(std::span<const double> p) { return whole(p[0]) - 1; }

void compose(Plan& plan, std::span<const double> p) {
    plan.output(plan.apply(compute::mean, {.period = whole(p[0])}, {plan.input(0)}));
}

}  // namespace

constinit const Spec sma{
    .name = "sma",
    .summary = "Simple moving average: the mean of the last n values.",
    .golden =
        "lean_indicators/spy_with_indicators.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_ma.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
