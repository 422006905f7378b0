// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include <algorithm>

#include "compute/ops/directional/directional.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::high, Input::low, Input::close};
constexpr Param params[] = {
    {.name = "n", .standard = 14, .first = 1, .last = 100000, .whole = true},
};
constexpr std::string_view outputs[] = {"minus_di"};

int lookback(std::span<const double> p) { return whole(p[0]); }
int settling(std::span<const double> p) { return std::max(lookback(p), 4 * whole(p[0])); }

// With n = 1 a fraction, not percent, as in TA-Lib.
void compose(Plan& plan, std::span<const double> p) {
    const auto both = plan.apply(compute::directional, {.period = whole(p[0])},
                                 {plan.input(0), plan.input(1), plan.input(2)});
    plan.output(Plan::nth(both, 1));
}

}  // namespace

constinit const Spec minus_di{
    .name = "minus_di",
    .summary =
        "Minus directional indicator: downward movement as a share of true range, in percent.",
    .golden =
        "lean_indicators/spy_with_adx.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_adx.tsv",
    .inputs = inputs,
    .params = params,
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = settling,
    .compose = compose,
};

}  // namespace hsl::indicators
