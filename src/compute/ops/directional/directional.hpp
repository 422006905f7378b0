// SPDX-License-Identifier: Apache-2.0
#pragma once

// directional(high, low, close; period): Wilder's directional system (1978) as TA-Lib computes it:
// +DI, -DI, ADX. Directional movements and true range are summed over period - 1 bars, then each
// sum becomes sum * (period - 1) / period + x; +DI = 100 * (+DM / TR). DX = 100 * |difference| /
// sum of the two; ADX starts as the mean of `period` DX and follows with weight 1 / period. A bar
// without a DX (no range, no movement) adds nothing to that mean and leaves ADX as it is. With
// period 1 the DI are fractions, not percent. One op, because the three share all but their last
// step. Lookback of the DI: period; of ADX: 2 * period - 1. Exact.

#include <cmath>

#include "compute/op.hpp"
#include "compute/ops/true_range/true_range.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op directional;
void directional_tile(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) noexcept;

inline constexpr double movement_zero = 1e-14;  // TA-Lib's epsilon

class DirectionalState {
public:
    static constexpr std::size_t inputs = 3, outputs = 3;
    explicit DirectionalState(const Arguments& arguments)
        : period_(arguments.period),
          keep_((arguments.period - 1.0) / arguments.period),
          weight_(1.0 / arguments.period),
          percent_(arguments.period == 1 ? 1.0 : 100.0) {}
    void reset() {
        bar_ = 0;
        plus_ = minus_ = range_ = adx_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        out[0] = out[1] = out[2] = missing;
        if (bar_ > 0) move(in, out);
        if (bar_ < 2 * period_) ++bar_;
        high_ = in[0];
        low_ = in[1];
        close_ = in[2];
    }

private:
    static bool is_zero(double x) { return std::abs(x) < movement_zero; }
    void move(const double* in, double* out) noexcept {
        const double up = in[0] - high_;
        const double down = low_ - in[1];
        const double plus = up > 0 && up > down ? up : 0.0;
        const double minus = down > 0 && up < down ? down : 0.0;
        const double range = true_range_of(in[0], in[1], close_);
        const double keep = bar_ < period_ ? 1.0 : keep_;
        plus_ = plus_ * keep + plus;
        minus_ = minus_ * keep + minus;
        range_ = range_ * keep + range;
        if (bar_ < period_) return;
        const bool flat = is_zero(range_);
        out[0] = flat ? 0.0 : percent_ * (plus_ / range_);
        out[1] = flat ? 0.0 : percent_ * (minus_ / range_);
        const double sum = out[0] + out[1];
        const bool defined = !is_zero(sum);
        const double dx = 100.0 * (std::abs(out[1] - out[0]) / sum);
        if (bar_ == 2 * period_) {
            if (defined) adx_ = (dx - adx_) * weight_ + adx_;
        } else {
            if (defined) adx_ = adx_ + dx;
            if (bar_ < 2 * period_ - 1) return;
            adx_ = adx_ / static_cast<double>(period_);
        }
        out[2] = adx_;
    }

    long period_;
    double keep_;
    double weight_;
    double percent_;
    long bar_ = 0;  // bars of this run before this one, counted up to 2 * period
    double high_ = 0;
    double low_ = 0;
    double close_ = 0;
    double plus_ = 0;
    double minus_ = 0;
    double range_ = 0;
    double adx_ = 0;  // the sum for its seed, then ADX
};

}  // namespace hsl::compute
