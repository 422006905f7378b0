// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/directional/directional.hpp"

namespace hsl::compute {

constinit const Op directional{
    .name = "directional",
    .inputs = DirectionalState::inputs,
    .outputs = DirectionalState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period; },
    .reference = run_reference<DirectionalState>,
    .tile = directional_tile,
    .stream = make_step<DirectionalState>,
};

}  // namespace hsl::compute
