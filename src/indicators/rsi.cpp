// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/strength/strength.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::series};
constexpr Param params[] = {
    {.name = "n", .standard = 14, .first = 2, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"rsi"};

int lookback(std::span<const double> p) { return whole(p[0]); }
int settling(std::span<const double> p) { return std::max(lookback(p), 4 * whole(p[0])); }

// Wilder 1978. Where nothing moved at all TA-Lib says 0, and so do we.
void compose(Plan& plan, std::span<const double> p) {
    plan.output(plan.apply(compute::strength, {.period = whole(p[0])}, {plan.input(0)}));
}

}  // namespace

constinit const Spec rsi{
    .name = "rsi",
    .summary =
        "Relative strength index: average gain as a share of average gain and loss, 0 to 100.",
    .golden =
        "lean_indicators/spy_with_indicators.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_rsi.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
