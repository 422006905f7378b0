// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/ema/ema.hpp"

namespace hsl::compute {

constinit const Op ema{
    .name = "ema",
    .inputs = EmaState::inputs,
    .outputs = EmaState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.skip + a.period - 1; },
    .reference = run_reference<EmaState>,
    .tile = ema_tile,
    .stream = make_step<EmaState>,
};

}  // namespace hsl::compute
