// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/ema/ema.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 30, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"ema"};

int lookback(std::span<const double> p) { return whole(p[0]) - 1; }
int settling(std::span<const double> p) { return std::max(lookback(p), 4 * whole(p[0])); }

// Seeded with the mean of the first n values.
void compose(Plan& plan, std::span<const double> p) {
    plan.output(plan.apply(compute::ema, {.period = whole(p[0]), .factor = 2.0 / (p[0] + 1)},
                           {plan.input(0)}));
}

}  // namespace

constinit const Spec ema{
    .name = "ema",
    .summary =
        "Exponential moving average: recent values weigh most, with weight 2 / (n + 1) on the "
        "newest.",
    .golden =
        "lean_indicators/spy_with_indicators.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_ma.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
