// SPDX-License-Identifier: Apache-2.0
#pragma once

// gain_loss(x): the rise since the bar before, else 0, and the fall since the bar before, else 0;
// both are >= 0. Lookback 1. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op gain_loss;
void gain_loss_tile(const Arguments& arguments, const double* const* in, double* const* out,
                    std::size_t sessions) noexcept;

class GainLossState {
public:
    static constexpr std::size_t inputs = 1, outputs = 2;
    explicit GainLossState(const Arguments&) {}
    void reset() { before_ = missing; }
    void step(const double* in, double* out) noexcept {
        const double change = *in - before_;
        const bool first = std::isnan(before_);
        before_ = *in;
        out[0] = first ? missing : change > 0 ? change : 0.0;
        out[1] = first ? missing : change < 0 ? -change : 0.0;
    }

private:
    double before_ = missing;
};

}  // namespace hsl::compute
