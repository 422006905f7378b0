// SPDX-License-Identifier: Apache-2.0
#pragma once

// mean(x; period): the arithmetic mean of the last `period` bars, by a rolling sum that is anchored
// as window.hpp says. Lookback period - 1. Exact: every executor adds in the same order.

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op mean;
void mean_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept;

class MeanState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit MeanState(const Arguments& arguments)
        : window_(arguments.period), period_(arguments.period) {}
    void reset() {
        window_.clear();
        bar_ = 0;
        sum_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        const bool was_full = window_.full();
        const double leaving = window_.push(*in);
        sum_ = was_full ? sum_ + (*in - leaving) : sum_ + *in;
        if (is_anchor(bar_++)) {
            sum_ = 0;
            window_.oldest_to_newest([this](double x) { sum_ += x; });
        }
        *out = window_.full() ? sum_ / period_ : missing;
    }

private:
    Window window_;
    double period_;
    std::size_t bar_ = 0;
    double sum_ = 0;
};

}  // namespace hsl::compute
