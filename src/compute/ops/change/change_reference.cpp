// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/change/change.hpp"

namespace hsl::compute {

constinit const Op difference{
    .name = "difference",
    .inputs = ChangeState<false>::inputs,
    .outputs = ChangeState<false>::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period; },
    .reference = run_reference<ChangeState<false>>,
    .tile = difference_tile,
    .stream = make_step<ChangeState<false>>,
};

constinit const Op rate{
    .name = "rate",
    .inputs = ChangeState<true>::inputs,
    .outputs = ChangeState<true>::outputs,
    .tolerance = Tolerance::exact,
    .lookback = [](const Arguments& a) { return a.period; },
    .reference = run_reference<ChangeState<true>>,
    .tile = rate_tile,
    .stream = make_step<ChangeState<true>>,
};

}  // namespace hsl::compute
