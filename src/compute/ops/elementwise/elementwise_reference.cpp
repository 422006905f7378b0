// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/elementwise/elementwise.hpp"

namespace hsl::compute {

constinit const Op scaled_sum{
    .name = "scaled_sum",
    .inputs = ScaledSumState::inputs,
    .outputs = ScaledSumState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<ScaledSumState>,
    .tile = scaled_sum_tile,
    .stream = make_step<ScaledSumState>,
};

constinit const Op where_known{
    .name = "where_known",
    .inputs = WhereKnownState::inputs,
    .outputs = WhereKnownState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<WhereKnownState>,
    .tile = where_known_tile,
    .stream = make_step<WhereKnownState>,
};

constinit const Op sum3{
    .name = "sum3",
    .inputs = Sum3State::inputs,
    .outputs = Sum3State::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<Sum3State>,
    .tile = sum3_tile,
    .stream = make_step<Sum3State>,
};

constinit const Op together{
    .name = "together",
    .inputs = TogetherState::inputs,
    .outputs = TogetherState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<TogetherState>,
    .tile = together_tile,
    .stream = make_step<TogetherState>,
};

constinit const Op position{
    .name = "position",
    .inputs = PositionState::inputs,
    .outputs = PositionState::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments&) { return 0; },
    .reference = run_reference<PositionState>,
    .tile = position_tile,
    .stream = make_step<PositionState>,
};

}  // namespace hsl::compute
