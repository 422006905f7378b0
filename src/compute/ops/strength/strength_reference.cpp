// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/strength/strength.hpp"

namespace hsl::compute {

constinit const Op strength{
    .name = "strength",
    .inputs = StrengthState::inputs,
    .outputs = StrengthState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period; },
    .reference = run_reference<StrengthState>,
    .tile = strength_tile,
    .stream = make_step<StrengthState>,
};

}  // namespace hsl::compute
