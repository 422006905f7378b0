// SPDX-License-Identifier: Apache-2.0
#include "indicators/specs.hpp"

#include "compute/ops/true_range/true_range.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

constexpr Input inputs[] = {Input::high, Input::low, Input::close};
constexpr std::string_view outputs[] = {"trange"};

int lookback(std::span<const double>) { return 1; }

void compose(Plan& plan, std::span<const double>) {
    plan.output(plan.apply(compute::true_range, {}, {plan.input(0), plan.input(1), plan.input(2)}));
}

}  // namespace

constinit const Spec trange{
    .name = "trange",
    .summary =
        "True range: the largest of high - low and the distances of both from the close before.",
    .golden =
        "lean_indicators/spy_tr.txt, "
        "stock_indicators/values.csv, "
        "talib_regtest/test_trange.tsv",
    .inputs = inputs,
    .params = {},
    .outputs = outputs,
    .recursive = false,
    .lookback = lookback,
    .settling = lookback,
    .compose = compose,
};

}  // namespace hsl::indicators
