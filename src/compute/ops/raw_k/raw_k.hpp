// SPDX-License-Identifier: Apache-2.0
#pragma once

// raw_k(high, low, close; period): where the close is between the lowest low and the highest high
// of the last `period` bars, 0 to 100 (Lane's raw %K); 0 where they are equal, as in TA-Lib. One op
// over three inputs, because a bar that lacks one of them ends the run of all. Lookback period - 1.
// Exact.

#include "compute/op.hpp"
#include "compute/ops/extreme/extreme.hpp"

namespace hsl::compute {

extern const Op raw_k;
void raw_k_tile(const Arguments& arguments, const double* const* in, double* const* out,
                std::size_t sessions) noexcept;

class RawKState {
public:
    static constexpr std::size_t inputs = 3, outputs = 1;
    explicit RawKState(const Arguments& arguments) : high_(arguments), low_(arguments) {}
    void reset() {
        high_.reset();
        low_.reset();
    }
    void step(const double* in, double* out) noexcept {
        const double top = high_.push(in[0]);
        const double bottom = low_.push(in[1]);
        const double unit = (top - bottom) / 100.0;
        const double k = unit == 0 ? 0.0 : (in[2] - bottom) / unit;
        *out = high_.full() ? k : missing;
    }

private:
    ExtremeState<true> high_;
    ExtremeState<false> low_;
};

}  // namespace hsl::compute
