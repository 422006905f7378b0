// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/extreme/extreme.hpp"

namespace hsl::compute {

constinit const Op lowest{
    .name = "lowest",
    .inputs = ExtremeState<false>::inputs,
    .outputs = ExtremeState<false>::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<ExtremeState<false>>,
    .tile = lowest_tile,
    .stream = make_step<ExtremeState<false>>,
};

constinit const Op highest{
    .name = "highest",
    .inputs = ExtremeState<true>::inputs,
    .outputs = ExtremeState<true>::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period - 1; },
    .reference = run_reference<ExtremeState<true>>,
    .tile = highest_tile,
    .stream = make_step<ExtremeState<true>>,
};

}  // namespace hsl::compute
