// SPDX-License-Identifier: Apache-2.0
#pragma once

// strength(x; period): the average rise as a share of the average rise and fall, 0 to 100: Wilder's
// relative strength index (1978). Both averages start as the mean of the first `period` changes and
// follow with weight 1 / period. Where their sum is below 1e-14 (nothing moved) it is 0, as in
// TA-Lib. One op and not a chain of four: fused it takes a third of the time, since the two
// averages wait for each other's latency and nothing goes through memory. Lookback period. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op strength;
void strength_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept;

inline constexpr double strength_zero = 1e-14;

class StrengthState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit StrengthState(const Arguments& arguments)
        : period_(arguments.period), weight_(1.0 / arguments.period) {}
    void reset() {
        bar_ = 0;
        rise_ = fall_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        const double change = bar_ == 0 ? 0.0 : *in - before_;
        before_ = *in;
        const double rise = change > 0 ? change : 0.0;
        const double fall = change < 0 ? -change : 0.0;
        if (bar_ > period_) {
            rise_ = (rise - rise_) * weight_ + rise_;
            fall_ = (fall - fall_) * weight_ + fall_;
        } else {
            rise_ = rise_ + rise;
            fall_ = fall_ + fall;
            if (bar_ == period_) {
                rise_ = rise_ / static_cast<double>(period_);
                fall_ = fall_ / static_cast<double>(period_);
            }
            if (bar_++ < period_) {
                *out = missing;
                return;
            }
        }
        const double sum = rise_ + fall_;
        *out = sum < strength_zero ? 0.0 : 100.0 * (rise_ / sum);
    }

private:
    long period_;
    double weight_;
    long bar_ = 0;  // bars of this run before this one, counted up to period + 1
    double before_ = 0;
    double rise_ = 0;  // the sums for the seed, then the averages
    double fall_ = 0;
};

}  // namespace hsl::compute
