// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/mean_deviation/mean_deviation.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::high, Input::low, Input::close};
constexpr Param params[] = {
    {.name = "n", .standard = 14, .first = 2, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"cci"};

int lookback(std::span<const double> p) { return whole(p[0]) - 1; }

// Lambert 1980. The typical price is (high + low + close) / 3; the ratio does not change when it is
// left at three times that, and whole-number prices then stay whole.
void compose(Plan& plan, std::span<const double> p) {
    const auto sum = plan.apply(compute::sum3, {}, {plan.input(0), plan.input(1), plan.input(2)});
    plan.output(
        plan.apply(compute::mean_deviation, {.period = whole(p[0]), .factor = 0.015}, {sum}));
}

}  // namespace

constinit const Spec cci{
    .name = "cci",
    .summary = "Commodity channel index: distance from the mean in units of 0.015 mean deviations.",
    .golden =
        "lean_indicators/spy_with_cci.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_per_hlc.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
