// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean/mean.hpp"

namespace hsl::compute {

constinit const Op mean{
    .name = "mean",
    .inputs = MeanState::inputs,
    .outputs = MeanState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<MeanState>,
    .tile = mean_tile,
    .stream = make_step<MeanState>,
};

}  // namespace hsl::compute
