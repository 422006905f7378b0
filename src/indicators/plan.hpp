// SPDX-License-Identifier: Apache-2.0
#pragma once

// How an indicator is put together: columns that ops turn into other columns. Written once by each
// indicator's compose(), run by three executors: tile, reference, one bar at a time. Private to
// this module and its tests. A plan is small, made anew for each call, and allocates nothing.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

#include "compute/op.hpp"

namespace hsl::indicators {

// Windows and smoothing in an indicator's parameters are whole numbers.
[[nodiscard]] inline int whole(double param) { return static_cast<int>(param); }

class Plan {
public:
    static constexpr std::size_t steps_max = 8, columns_max = 16;

    struct Column {
        int index;
    };
    struct Step {
        const compute::Op* op;
        compute::Arguments arguments;
        std::array<int, compute::op_columns_max> in;
        int out;  // its first output; the others follow
    };

    explicit Plan(std::size_t inputs) : inputs_(static_cast<int>(inputs)), columns_(inputs_) {}

    // The i-th input of the spec.
    [[nodiscard]] Column input(int i) const { return {i}; }
    // Applies an op; the result is its first output, nth() names the others.
    Column apply(const compute::Op& op, const compute::Arguments& arguments,
                 std::initializer_list<Column> in);
    [[nodiscard]] static Column nth(Column first, int i) { return {first.index + i}; }
    // Names the next output of the spec.
    void output(Column column);

    [[nodiscard]] int inputs() const { return inputs_; }
    [[nodiscard]] int columns() const { return columns_; }
    [[nodiscard]] std::span<const Step> steps() const { return {steps_.data(), step_count_}; }
    [[nodiscard]] std::span<const int> outputs() const { return {outputs_.data(), output_count_}; }

private:
    int inputs_;
    int columns_;
    std::array<Step, steps_max> steps_{};
    std::size_t step_count_ = 0;
    std::array<int, compute::op_columns_max> outputs_{};
    std::size_t output_count_ = 0;
};

}  // namespace hsl::indicators
