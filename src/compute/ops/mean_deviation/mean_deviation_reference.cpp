// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean_deviation/mean_deviation.hpp"

namespace hsl::compute {

constinit const Op mean_deviation{
    .name = "mean_deviation",
    .inputs = MeanDeviationState::inputs,
    .outputs = MeanDeviationState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<MeanDeviationState>,
    .tile = mean_deviation_tile,
    .stream = make_step<MeanDeviationState>,
};

}  // namespace hsl::compute
