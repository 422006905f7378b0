// SPDX-License-Identifier: Apache-2.0
#include "compute/op.hpp"

#include "base/cpu.hpp"
#include "base/tile.hpp"
#include "compute/ops/balance/balance.hpp"
#include "compute/ops/change/change.hpp"
#include "compute/ops/deviation/deviation.hpp"
#include "compute/ops/directional/directional.hpp"
#include "compute/ops/elementwise/elementwise.hpp"
#include "compute/ops/ema/ema.hpp"
#include "compute/ops/extreme/extreme.hpp"
#include "compute/ops/mean/mean.hpp"
#include "compute/ops/mean_deviation/mean_deviation.hpp"
#include "compute/ops/strength/strength.hpp"
#include "compute/ops/true_range/true_range.hpp"
#include "compute/ops/wma/wma.hpp"

namespace hsl::compute {

std::span<const Op* const> all_ops() {
    static constexpr const Op* table[] = {
        &mean,    &wma,        &ema,         &deviation, &mean_deviation, &lowest,
        &highest, &difference, &rate,        &strength,  &true_range,     &directional,
        &balance, &scaled_sum, &where_known, &together,  &position,       &sum3};
    return table;
}

void run_tile(const Op& op, const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions) {
    if (!scalar_only()) return op.tile(arguments, in, out, sessions);
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        const double* lane_in[op_columns_max] = {};
        double* lane_out[op_columns_max] = {};
        for (std::size_t i = 0; i < op.inputs; ++i) lane_in[i] = in[i] + lane;
        for (std::size_t i = 0; i < op.outputs; ++i) lane_out[i] = out[i] ? out[i] + lane : nullptr;
        op.reference(arguments, lane_in, lane_out, sessions, tile_lanes);
    }
}

}  // namespace hsl::compute
