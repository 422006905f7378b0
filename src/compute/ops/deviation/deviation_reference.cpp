// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/deviation/deviation.hpp"

namespace hsl::compute {

constinit const Op deviation{
    .name = "deviation",
    .inputs = DeviationState::inputs,
    .outputs = DeviationState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<DeviationState>,
    .tile = deviation_tile,
    .stream = make_step<DeviationState>,
};

}  // namespace hsl::compute
