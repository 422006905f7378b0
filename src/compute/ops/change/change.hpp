// SPDX-License-Identifier: Apache-2.0
#pragma once

// Against the bar `period` bars ago: difference(x; period) = x - old, rate(x; period) = 100 * (x /
// old
// - 1), 0 where old is 0, as in TA-Lib. Lookback period. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op difference;
extern const Op rate;
void difference_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept;
void rate_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept;

template <bool relative>
class ChangeState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit ChangeState(const Arguments& arguments) : window_(arguments.period) {}
    void reset() { window_.clear(); }
    void step(const double* in, double* out) noexcept {
        const bool was_full = window_.full();
        const double old = window_.push(*in);
        if (!was_full)
            *out = missing;
        else if constexpr (relative)
            *out = old == 0 ? 0.0 : (*in / old - 1.0) * 100.0;
        else
            *out = *in - old;
    }

private:
    Window window_;
};

}  // namespace hsl::compute
