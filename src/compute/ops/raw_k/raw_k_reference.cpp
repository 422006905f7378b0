// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/raw_k/raw_k.hpp"

namespace hsl::compute {

constinit const Op raw_k{
    .name = "raw_k",
    .inputs = RawKState::inputs,
    .outputs = RawKState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<RawKState>,
    .tile = raw_k_tile,
    .stream = make_step<RawKState>,
};

}  // namespace hsl::compute
