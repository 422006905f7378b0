// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bar by bar, nothing remembered, lookback 0, exact:
//   scaled_sum(a, b; factor)     a + factor * b
//   where_known(a, b)            a where b is not missing
//   together(a, b, c)            each of the three where none of them is missing: one run for all
//   sum3(a, b, c)                a + b + c
//   position(x, bottom, top)     where x is between the two, 0 to 100; 0 where they are equal

#include "compute/op.hpp"
#include "compute/series.hpp"

namespace hsl::compute {

extern const Op scaled_sum;
void scaled_sum_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept;
extern const Op where_known;
void where_known_tile(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) noexcept;
extern const Op together;
void together_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept;
extern const Op sum3;
void sum3_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept;
extern const Op position;
void position_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept;

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

struct Sum3State {
    static constexpr std::size_t inputs = 3, outputs = 1;
    explicit Sum3State(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept { *out = in[0] + in[1] + in[2]; }
};

struct TogetherState {
    static constexpr std::size_t inputs = 3, outputs = 3;
    explicit TogetherState(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept {
        for (std::size_t i = 0; i < inputs; ++i) out[i] = in[i];
    }
};

struct PositionState {
    static constexpr std::size_t inputs = 3, outputs = 1;
    explicit PositionState(const Arguments&) {}
    void reset() {}
    void step(const double* in, double* out) noexcept {
        const double range = in[2] - in[1];
        *out = range == 0 ? 0.0 : 100.0 * ((in[0] - in[1]) / range);
    }
};

}  // namespace hsl::compute
