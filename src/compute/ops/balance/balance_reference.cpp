// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/balance/balance.hpp"

namespace hsl::compute {

constinit const Op balance{
    .name = "balance",
    .inputs = BalanceState::inputs,
    .outputs = BalanceState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<BalanceState>,
    .tile = balance_tile,
    .stream = make_step<BalanceState>,
};

}  // namespace hsl::compute
