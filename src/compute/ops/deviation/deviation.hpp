// SPDX-License-Identifier: Apache-2.0
#pragma once

// deviation(x; period, factor): factor times the population standard deviation of the last `period`
// bars. Sums of x - s and (x - s)^2 roll along and are anchored as window.hpp says; s is the run's
// first value, then the oldest of the window at each anchor. The shift keeps digits that x^2 would
// lose, and whole-number prices give an exact zero when flat. A variance below 1e-14 counts as
// zero, as in TA-Lib. Lookback period - 1. Exact.

#include <cmath>

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op deviation;
void deviation_tile(const Arguments& arguments, const double* const* in, double* const* out,
                    std::size_t sessions) noexcept;

inline constexpr double variance_zero = 1e-14;

class DeviationState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit DeviationState(const Arguments& arguments)
        : window_(arguments.period),
          period_(arguments.period),
          scale_(1.0 / (period_ * period_)),
          factor_(arguments.factor) {}
    void reset() {
        window_.clear();
        bar_ = 0;
        sum_ = squares_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        if (bar_ == 0) shift_ = *in;
        const bool was_full = window_.full();
        const double leaving = window_.push(*in);
        const double a = *in - shift_;
        const double b = was_full ? leaving - shift_ : 0.0;
        sum_ = sum_ + (a - b);
        squares_ = squares_ + (a * a - b * b);
        if (is_anchor(bar_++)) {
            shift_ = window_.oldest();
            sum_ = squares_ = 0;
            window_.oldest_to_newest([this](double x) {
                sum_ += x - shift_;
                squares_ += (x - shift_) * (x - shift_);
            });
        }
        const double variance = (period_ * squares_ - sum_ * sum_) * scale_;
        const double root = variance < variance_zero ? 0.0 : std::sqrt(variance);
        *out = window_.full() ? root * factor_ : missing;
    }

private:
    Window window_;
    double period_;
    double scale_;
    double factor_;
    std::size_t bar_ = 0;
    double shift_ = 0;
    double sum_ = 0;
    double squares_ = 0;
};

}  // namespace hsl::compute
