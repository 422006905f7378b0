// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/wma/wma.hpp"

namespace hsl::compute {

constinit const Op wma{
    .name = "wma",
    .inputs = WmaState::inputs,
    .outputs = WmaState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<WmaState>,
    .tile = wma_tile,
    .stream = make_step<WmaState>,
};

}  // namespace hsl::compute
