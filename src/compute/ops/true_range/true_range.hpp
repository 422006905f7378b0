// SPDX-License-Identifier: Apache-2.0
#pragma once

// true_range(high, low, close): the largest of high - low, |high - close before| and |low - close
// before| (Wilder 1978). Lookback 1. Exact.

#include <cmath>

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op true_range;
void true_range_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept;

[[nodiscard]] inline double true_range_of(double high, double low, double close_before) {
    double range = high - low;
    const double up = std::abs(high - close_before);
    const double down = std::abs(low - close_before);
    if (up > range) range = up;
    if (down > range) range = down;
    return range;
}

class TrueRangeState {
public:
    static constexpr std::size_t inputs = 3, outputs = 1;
    explicit TrueRangeState(const Arguments&) {}
    void reset() { close_ = missing; }
    void step(const double* in, double* out) noexcept {
        *out = std::isnan(close_) ? missing : true_range_of(in[0], in[1], close_);
        close_ = in[2];
    }

private:
    double close_ = missing;
};

}  // namespace hsl::compute
