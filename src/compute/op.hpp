// SPDX-License-Identifier: Apache-2.0
#pragma once

// An op is arithmetic on columns with one meaning and several executors: plain loops that define
// it, a vector form for tiles [t][8] chosen by CPU at run time, and one bar at a time. All give the
// same bits; tests/conformance holds them to it. Ops know numbers only: no Frame, no prices, no
// names of indicators. Arguments were checked at the catalogue's door. Any thread may call anything
// here.
//
// A bar is missing when any input of the op is NaN there. Every maximal run of bars that are not
// missing is a series of its own; the output is NaN at missing bars and during the run's warm-up.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace hsl::compute {

struct Arguments {
    int period = 1;     // bars in the window, >= 1
    int skip = 0;       // ema: bars of the run that come before its seed
    double factor = 1;  // ema: weight of a new value; others: a multiplier
};

enum class Tolerance {
    exact,  // the same bits from every executor
};

// One run of an op, one bar at a time, in bounded memory.
class Step {
public:
    virtual ~Step() = default;
    virtual void step(const double* in, double* out) noexcept = 0;
};

inline constexpr std::size_t op_columns_max = 3;  // inputs, and outputs, of one op

struct Op {
    std::string_view name;
    std::size_t inputs;
    std::size_t outputs;
    Tolerance tolerance;
    int (*lookback)(const Arguments&);  // bars of a run without an output
    // The meaning. Bar t of column i is in[i][t * stride]; an output that is not wanted is nullptr.
    void (*reference)(const Arguments&, const double* const* in, double* const* out,
                      std::size_t count, std::size_t stride);
    // [t][8], 64-byte aligned; outputs overlap no input. Callers go through run_tile.
    void (*tile)(const Arguments&, const double* const* in, double* const* out,
                 std::size_t sessions) noexcept;
    std::unique_ptr<Step> (*stream)(const Arguments&);
};

[[nodiscard]] std::span<const Op* const> all_ops();

// The tile by whichever executor hsl::set_cpu_target asked for.
void run_tile(const Op& op, const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions);

// Doubles in a register of the code that run_tile would choose now: 1 for plain loops.
[[nodiscard]] std::size_t vector_lanes() noexcept;

}  // namespace hsl::compute
