// SPDX-License-Identifier: Apache-2.0
#pragma once

// ema(x; period, skip, factor): value += (x - value) * factor, seeded with the mean of `period`
// bars after the first `skip` of the run. factor 2 / (period + 1) is the usual average, 1 / period
// is Wilder's (1978), which is (value * (period - 1) + x) / period with one rounding less. A flat
// series stays exactly flat. Lookback skip + period - 1. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op ema;
void ema_tile(const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions) noexcept;

class EmaState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit EmaState(const Arguments& arguments) : arguments_(arguments) {}
    void reset() {
        bar_ = 0;
        value_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        const long seed_bar = arguments_.skip + arguments_.period;
        if (bar_ < seed_bar)
            ++bar_;
        else {
            value_ = (*in - value_) * arguments_.factor + value_;
            *out = value_;
            return;
        }
        if (bar_ > arguments_.skip) value_ = value_ + *in;
        if (bar_ == seed_bar) value_ = value_ / arguments_.period;
        *out = bar_ == seed_bar ? value_ : missing;
    }

private:
    Arguments arguments_;
    long bar_ = 0;      // bars of this run, counted up to the seed
    double value_ = 0;  // the sum for the seed, then the average
};

}  // namespace hsl::compute
