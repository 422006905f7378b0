// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/change/change.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 10, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"mom"};

int lookback(std::span<const double> p) { return whole(p[0]); }

void compose(Plan& plan, std::span<const double> p) {
    plan.output(plan.apply(compute::difference, {.period = whole(p[0])}, {plan.input(0)}));
}

}  // namespace

constinit const Spec mom{
    .name = "mom",
    .summary = "Momentum: the change over n bars, in the unit of the series.",
    .golden =
        "stock_indicators/values.csv, "
        "talib_regtest/test_mom.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
