// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/gain_loss/gain_loss.hpp"

namespace hsl::compute {

constinit const Op gain_loss{
    .name = "gain_loss",
    .inputs = GainLossState::inputs,
    .outputs = GainLossState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 1; },
    .reference = run_reference<GainLossState>,
    .tile = gain_loss_tile,
    .stream = make_step<GainLossState>,
};

}  // namespace hsl::compute
