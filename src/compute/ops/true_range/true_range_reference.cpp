// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/true_range/true_range.hpp"

namespace hsl::compute {

constinit const Op true_range{
    .name = "true_range",
    .inputs = TrueRangeState::inputs,
    .outputs = TrueRangeState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 1; },
    .reference = run_reference<TrueRangeState>,
    .tile = true_range_tile,
    .stream = make_step<TrueRangeState>,
};

}  // namespace hsl::compute
