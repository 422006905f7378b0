// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/ema/ema.hpp"
#include "compute/ops/gain_loss/gain_loss.hpp"
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
    const compute::Arguments wilder{.period = whole(p[0]), .factor = 1.0 / p[0]};
    const auto gain = plan.apply(compute::gain_loss, {}, {plan.input(0)});
    const auto loss = Plan::nth(gain, 1);
    const auto gains = plan.apply(compute::ema, wilder, {gain});
    const auto losses = plan.apply(compute::ema, wilder, {loss});
    plan.output(plan.apply(compute::share, {}, {gains, losses}));
}

}  // namespace

constinit const Spec rsi{
    .name = "rsi",
    .summary =
        "Relative strength index: average gain as a share of average gain and loss, 0 to 100.",
    .golden = "talib_regtest test_rsi, stock_indicators rsi, lean spy_with_indicators",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
