// SPDX-License-Identifier: Apache-2.0
#pragma once

// From an op's scalar state to its reference loop and its stream: both are the same step, so they
// cannot differ. A state is made from Arguments, has `inputs` and `outputs`, reset() for the end of
// a run and step(in, out) for one bar that is not missing.

#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>

#include "compute/op.hpp"

namespace hsl::compute {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

template <class State>
void step_or_reset(State& state, const double* in, double* out) noexcept {
    bool known = true;
    for (std::size_t i = 0; i < State::inputs; ++i) known = known && !std::isnan(in[i]);
    if (known) return state.step(in, out);
    state.reset();
    for (std::size_t i = 0; i < State::outputs; ++i) out[i] = missing;
}

template <class State>
void run_reference(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t count, std::size_t stride) {
    State state{arguments};
    for (std::size_t t = 0; t < count; ++t) {
        double x[State::inputs];
        double y[State::outputs];
        for (std::size_t i = 0; i < State::inputs; ++i) x[i] = in[i][t * stride];
        step_or_reset(state, x, y);
        for (std::size_t i = 0; i < State::outputs; ++i)
            if (out[i]) out[i][t * stride] = y[i];
    }
}

template <class State>
class StateStep final : public Step {
public:
    explicit StateStep(const Arguments& arguments) : state_{arguments} {}
    void step(const double* in, double* out) noexcept override { step_or_reset(state_, in, out); }

private:
    State state_;
};

template <class State>
std::unique_ptr<Step> make_step(const Arguments& arguments) {
    return std::make_unique<StateStep<State>>(arguments);
}

}  // namespace hsl::compute
