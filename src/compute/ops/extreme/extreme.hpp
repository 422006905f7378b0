// SPDX-License-Identifier: Apache-2.0
#pragma once

// lowest(x; period), highest(x; period): the extreme of the last `period` bars. A minus zero comes
// out as zero, so that the order of comparing cannot be seen. Lookback period - 1. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"
#include "compute/window.hpp"

namespace hsl::compute {

extern const Op lowest;
extern const Op highest;
void lowest_tile(const Arguments& arguments, const double* const* in, double* const* out,
                 std::size_t sessions) noexcept;
void highest_tile(const Arguments& arguments, const double* const* in, double* const* out,
                  std::size_t sessions) noexcept;

// Looks through the whole window only when the extreme has left it.
template <bool high>
class ExtremeState {
public:
    static constexpr std::size_t inputs = 1, outputs = 1;
    explicit ExtremeState(const Arguments& arguments) : window_(arguments.period) {}
    void reset() { window_.clear(); }
    void step(const double* in, double* out) noexcept {
        const bool was_full = window_.full();
        const bool was_empty = window_.empty();
        const double leaving = window_.push(*in);
        if (was_empty || beats(*in, best_)) {
            best_ = *in;
        } else if (was_full && leaving == best_) {
            best_ = *in;
            window_.oldest_to_newest([this](double x) {
                if (beats(x, best_)) best_ = x;
            });
        }
        *out = window_.full() ? best_ + 0.0 : missing;
    }

private:
    static bool beats(double x, double y) { return high ? x > y : x < y; }
    Window window_;
    double best_ = 0;
};

}  // namespace hsl::compute
