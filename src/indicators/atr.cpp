// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/ema/ema.hpp"
#include "compute/ops/true_range/true_range.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::high, Input::low, Input::close};
constexpr Param params[] = {
    {.name = "n", .standard = 14, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"atr"};

int lookback(std::span<const double> p) { return whole(p[0]); }
int settling(std::span<const double> p) { return std::max(lookback(p), 4 * whole(p[0])); }

// Wilder 1978, seeded with the mean of the first n true ranges.
void compose(Plan& plan, std::span<const double> p) {
    const auto range =
        plan.apply(compute::true_range, {}, {plan.input(0), plan.input(1), plan.input(2)});
    plan.output(plan.apply(compute::ema, {.period = whole(p[0]), .factor = 1.0 / p[0]}, {range}));
}

}  // namespace

constinit const Spec atr{
    .name = "atr",
    .summary = "Average true range: how far a bar moves, gaps included, smoothed by Wilder.",
    .golden =
        "lean_indicators/spy_atr_wilder.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_trange.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
