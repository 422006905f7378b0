// SPDX-License-Identifier: Apache-2.0
#pragma once

// wma(x; period): the mean of the last `period` bars with weights 1, 2, ... period, newest
// heaviest. The weighted sum loses the plain sum of the window before and gains period * x; both
// sums are anchored as window.hpp says. Lookback period - 1. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op wma;
void wma_tile(const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions) noexcept;

class WmaState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit WmaState(const Arguments& arguments)
        : window_(arguments.period),
          period_(arguments.period),
          weights_(0.5 * period_ * (period_ + 1)) {}
    void reset() {
        window_.clear();
        bar_ = 0;
        sum_ = weighted_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        const bool was_full = window_.full();
        const double leaving = window_.push(*in);
        if (was_full) {
            weighted_ = weighted_ + (period_ * *in - sum_);
            sum_ = sum_ + (*in - leaving);
        } else {
            weighted_ = weighted_ + static_cast<double>(bar_ + 1) * *in;
            sum_ = sum_ + *in;
        }
        if (is_anchor(bar_++)) {
            sum_ = weighted_ = 0;
            double weight = 0;
            window_.oldest_to_newest([&](double x) {
                weight += 1;
                weighted_ += weight * x;
                sum_ += x;
            });
        }
        *out = window_.full() ? weighted_ / weights_ : missing;
    }

private:
    Window window_;
    double period_;
    double weights_;
    std::size_t bar_ = 0;
    double sum_ = 0;
    double weighted_ = 0;
};

}  // namespace hsl::compute
