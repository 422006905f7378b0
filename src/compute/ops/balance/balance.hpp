// SPDX-License-Identifier: Apache-2.0
#pragma once

// balance(x, amount): starts as the first amount of the run, then adds the amount where x rose and
// takes it away where x fell: Granville's on-balance volume (1963). Lookback 0. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op balance;
void balance_tile(const Arguments& arguments, const double* const* in, double* const* out,
                  std::size_t sessions) noexcept;

class BalanceState {
public:
    static constexpr std::size_t inputs = 2, outputs = 1;
    explicit BalanceState(const Arguments&) {}
    void reset() {
        before_ = missing;
        total_ = 0;
    }
    void step(const double* in, double* out) noexcept {
        const bool adds = std::isnan(before_) || in[0] > before_;
        const double moved = adds ? in[1] : in[0] < before_ ? -in[1] : 0.0;
        before_ = in[0];
        total_ = total_ + moved;
        *out = total_;
    }

private:
    double before_ = missing;
    double total_ = 0;
};

}  // namespace hsl::compute
