// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bar by bar, nothing remembered: scaled_sum(a, b; factor) = a + factor * b; where_known(a, b) = a
// where b is not missing; share(a, b) = 100 * a / (a + b) for a, b >= 0, 0 where the sum is below
// 1e-14 (TA-Lib's epsilon); sum3(a, b, c) = a + b + c. Lookback 0. Exact.

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op scaled_sum;
extern const Op where_known;
extern const Op share;
extern const Op sum3;
void scaled_sum_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept;
void where_known_tile(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) noexcept;
void share_tile(const Arguments& arguments, const double* const* in, double* const* out,
                std::size_t sessions) noexcept;
void sum3_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept;

inline constexpr double share_zero = 1e-14;

struct ScaledSumState {
    static constexpr std::size_t inputs = 2, outputs = 1;
    explicit ScaledSumState(const Arguments& arguments) : factor(arguments.factor) {}
    void reset() {}
    void step(const double* in, double* out) noexcept { *out = in[0] + factor * in[1]; }
    double factor;
};

struct WhereKnownState {
    static constexpr std::size_t inputs = 2, outputs = 1;
    explicit WhereKnownState(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept { *out = in[0]; }
};

struct ShareState {
    static constexpr std::size_t inputs = 2, outputs = 1;
    explicit ShareState(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept {
        const double sum = in[0] + in[1];
        *out = sum < share_zero ? 0.0 : 100.0 * (in[0] / sum);
    }
};

struct Sum3State {
    static constexpr std::size_t inputs = 3, outputs = 1;
    explicit Sum3State(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept { *out = in[0] + in[1] + in[2]; }
};

}  // namespace hsl::compute
