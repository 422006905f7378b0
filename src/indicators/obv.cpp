// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/balance/balance.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::close, Input::volume};
constexpr std::string_view outputs[] = {"obv"};

int lookback(std::span<const double>) { return 0; }

// Begins with the first bar's volume, as in TA-Lib; only its changes carry a meaning.
void compose(Plan& plan, std::span<const double>) {
    plan.output(plan.apply(compute::balance, {}, {plan.input(0), plan.input(1)}));
}

}  // namespace

constinit const Spec obv{
    .name = "obv",
    .summary =
        "On-balance volume: adds the volume of rising bars, takes away that of falling ones.",
    .golden =
        "lean_indicators/spy_with_obv.txt, "
        "stock_indicators/values.csv",
    .inputs = inputs,
    .params = {},
    .outputs = outputs,
    .recursive = true,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
