// SPDX-License-Identifier: Apache-2.0
#pragma once

// mean_deviation(x; period, factor): how far x is from the mean of the last `period` bars, in units
// of factor times their mean absolute deviation (Lambert 1980 with factor 0.015). Mean and
// deviation are summed anew from the window at each bar, oldest to newest. Zero where x equals its
// mean to within rounding: TA-Lib's test for that is absolute (1e-14), ours is relative, so that a
// flat stretch gives zero at any price. Lookback period - 1. Exact.

#include <cmath>

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op mean_deviation;
void mean_deviation_tile(const Arguments& arguments, const double* const* in, double* const* out,
                         std::size_t sessions) noexcept;

inline constexpr double relative_zero = 1e-14;

class MeanDeviationState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit MeanDeviationState(const Arguments& arguments)
        : window_(arguments.period), period_(arguments.period), factor_(arguments.factor) {}
    void reset() { window_.clear(); }
    void step(const double* in, double* out) noexcept {
        window_.push(*in);
        if (!window_.full()) {
            *out = missing;
            return;
        }
        double sum = 0;
        window_.oldest_to_newest([&](double x) { sum += x; });
        const double center = sum / period_;
        double spread = 0;
        window_.oldest_to_newest([&](double x) { spread += std::abs(x - center); });
        const double distance = *in - center;
        const bool zero = std::abs(distance) <= relative_zero * std::abs(center);
        *out = zero ? 0.0 : distance / (factor_ * (spread / period_));
    }

private:
    Window window_;
    double period_;
    double factor_;
};

}  // namespace hsl::compute
