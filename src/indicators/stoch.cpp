// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/extreme/extreme.hpp"
#include "compute/ops/mean/mean.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::high, Input::low, Input::close};
constexpr Param params[] = {
    {.name = "fastk", .standard = 5, .first = 1, .last = 100000, .whole = true},
    {.name = "slowk", .standard = 3, .first = 1, .last = 100000, .whole = true},
    {.name = "slowd", .standard = 3, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"slowk", "slowd"};

int lookback(std::span<const double> p) { return whole(p[0]) + whole(p[1]) + whole(p[2]) - 3; }

// Simple averages; both outputs begin together, as in TA-Lib.
void compose(Plan& plan, std::span<const double> p) {
    const auto high =
        plan.apply(compute::together, {}, {plan.input(0), plan.input(1), plan.input(2)});
    const auto low = Plan::nth(high, 1);
    const auto close = Plan::nth(high, 2);
    const compute::Arguments window{.period = whole(p[0])};
    const auto top = plan.apply(compute::highest, window, {high});
    const auto bottom = plan.apply(compute::lowest, window, {low});
    const auto raw = plan.apply(compute::position, {}, {close, bottom, top});
    const auto slowk = plan.apply(compute::mean, {.period = whole(p[1])}, {raw});
    const auto slowd = plan.apply(compute::mean, {.period = whole(p[2])}, {slowk});
    plan.output(plan.apply(compute::where_known, {}, {slowk, slowd}));
    plan.output(slowd);
}

}  // namespace

constinit const Spec stoch{
    .name = "stoch",
    .summary =
        "Stochastic oscillator: where the close is in the range of the last bars, smoothed twice.",
    .golden =
        "lean_indicators/spy_with_stoch12k3.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_stoch.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
