// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/deviation/deviation.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 5, .first = 1, .last = 100000, .whole = true},
    {.name = "nbdev", .standard = 1, .first = 0, .last = 100, .whole = false},
};
constexpr std::string_view outputs[] = {"stddev"};

int lookback(std::span<const double> p) { return whole(p[0]) - 1; }

void compose(Plan& plan, std::span<const double> p) {
    plan.output(
        plan.apply(compute::deviation, {.period = whole(p[0]), .factor = p[1]}, {plan.input(0)}));
}

}  // namespace

constinit const Spec stddev{
    .name = "stddev",
    .summary = "Population standard deviation of the last n values, times nbdev.",
    .golden =
        "lean_indicators/spy_var.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_stddev.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
