// SPDX-License-Identifier: Apache-2.0
// Tiles lane by lane through the scalar steps.
#include "compute/op.hpp"
#include "compute/series.hpp"
#include "base/tile.hpp"
#include "compute/ops/mean/mean.hpp"
#include "compute/ops/wma/wma.hpp"
#include "compute/ops/ema/ema.hpp"
#include "compute/ops/deviation/deviation.hpp"
#include "compute/ops/mean_deviation/mean_deviation.hpp"
#include "compute/ops/extreme/extreme.hpp"
#include "compute/ops/raw_k/raw_k.hpp"
#include "compute/ops/change/change.hpp"
#include "compute/ops/gain_loss/gain_loss.hpp"
#include "compute/ops/true_range/true_range.hpp"
#include "compute/ops/directional/directional.hpp"
#include "compute/ops/balance/balance.hpp"
#include "compute/ops/elementwise/elementwise.hpp"
namespace hsl::compute {
namespace {
template <class State>
void lanes(const Arguments& a, const double* const* in, double* const* out,
           std::size_t sessions) noexcept {
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        const double* lane_in[op_columns_max] = {};
        double* lane_out[op_columns_max] = {};
        for (std::size_t i = 0; i < State::inputs; ++i) lane_in[i] = in[i] + lane;
        for (std::size_t i = 0; i < State::outputs; ++i)
            lane_out[i] = out[i] ? out[i] + lane : nullptr;
        run_reference<State>(a, lane_in, lane_out, sessions, tile_lanes);
    }
}
}  // namespace
void mean_tile(const Arguments& a, const double* const* in, double* const* out,
               std::size_t n) noexcept {
    lanes<MeanState>(a, in, out, n);
}
void wma_tile(const Arguments& a, const double* const* in, double* const* out,
              std::size_t n) noexcept {
    lanes<WmaState>(a, in, out, n);
}
void ema_tile(const Arguments& a, const double* const* in, double* const* out,
              std::size_t n) noexcept {
    lanes<EmaState>(a, in, out, n);
}
void deviation_tile(const Arguments& a, const double* const* in, double* const* out,
                    std::size_t n) noexcept {
    lanes<DeviationState>(a, in, out, n);
}
void mean_deviation_tile(const Arguments& a, const double* const* in, double* const* out,
                         std::size_t n) noexcept {
    lanes<MeanDeviationState>(a, in, out, n);
}
void lowest_tile(const Arguments& a, const double* const* in, double* const* out,
                 std::size_t n) noexcept {
    lanes<ExtremeState<false>>(a, in, out, n);
}
void highest_tile(const Arguments& a, const double* const* in, double* const* out,
                  std::size_t n) noexcept {
    lanes<ExtremeState<true>>(a, in, out, n);
}
void raw_k_tile(const Arguments& a, const double* const* in, double* const* out,
                std::size_t n) noexcept {
    lanes<RawKState>(a, in, out, n);
}
void difference_tile(const Arguments& a, const double* const* in, double* const* out,
                     std::size_t n) noexcept {
    lanes<ChangeState<false>>(a, in, out, n);
}
void rate_tile(const Arguments& a, const double* const* in, double* const* out,
               std::size_t n) noexcept {
    lanes<ChangeState<true>>(a, in, out, n);
}
void gain_loss_tile(const Arguments& a, const double* const* in, double* const* out,
                    std::size_t n) noexcept {
    lanes<GainLossState>(a, in, out, n);
}
void true_range_tile(const Arguments& a, const double* const* in, double* const* out,
                     std::size_t n) noexcept {
    lanes<TrueRangeState>(a, in, out, n);
}
void directional_tile(const Arguments& a, const double* const* in, double* const* out,
                      std::size_t n) noexcept {
    lanes<DirectionalState>(a, in, out, n);
}
void balance_tile(const Arguments& a, const double* const* in, double* const* out,
                  std::size_t n) noexcept {
    lanes<BalanceState>(a, in, out, n);
}
void scaled_sum_tile(const Arguments& a, const double* const* in, double* const* out,
                     std::size_t n) noexcept {
    lanes<ScaledSumState>(a, in, out, n);
}
void where_known_tile(const Arguments& a, const double* const* in, double* const* out,
                      std::size_t n) noexcept {
    lanes<WhereKnownState>(a, in, out, n);
}
void share_tile(const Arguments& a, const double* const* in, double* const* out,
                std::size_t n) noexcept {
    lanes<ShareState>(a, in, out, n);
}
void sum3_tile(const Arguments& a, const double* const* in, double* const* out,
               std::size_t n) noexcept {
    lanes<Sum3State>(a, in, out, n);
}
}  // namespace hsl::compute
