// SPDX-License-Identifier: Apache-2.0
#pragma once

// The loops over bars that the fill kernel leans on, for portfolio/ alone. Each has a plain form
// (lane_ops_reference.cpp) and a vector form (lane_ops_simd.cpp) with the same bits: the sums are
// of whole numbers below 2^53, the rest rounds value by value or only compares.

#include <cstddef>
#include <cstdint>

#include "portfolio/detail/slippage.hpp"
#include "portfolio/fill.hpp"

namespace hsl::portfolio::detail {

// The vector forms read up to this many elements past the end of a range.
inline constexpr std::size_t lane_padding = 8;

// What a position leaves at. Absent levels are -infinity (stop) and infinity (target).
struct Levels {
    double stop;            // low <= stop
    double target;          // high >= target
    double trailing_parts;  // level_of(peak, trailing_parts)
};

struct Trigger {
    std::size_t session;  // `last` of the call when nothing triggered
    double peak;          // highest high of [first - 1, session - 1]
};

struct LaneOps {
    // out[lane x words + w], bit k: bit `lane` of bytes[64 w + k]; bits beyond `count` are clear.
    // words >= ceil(count / 64).
    void (*split)(const std::uint8_t* bytes, std::size_t count, std::uint64_t* out,
                  std::size_t words) noexcept;
    // Slippage::buy_price and sell_price of open[i] within 30 % of previous_close[i].
    void (*slip)(const double* open, const double* previous_close, std::size_t count,
                 const Slippage& slippage, double* buy, double* sell) noexcept;
    // sums[i] += factor x values[i].
    void (*add_scaled)(double* sums, const double* values, std::size_t count,
                       double factor) noexcept;
    // First t in [first, last) with low[t] <= stop or high[t] >= target; `last` when there is none.
    std::size_t (*first_reached)(const double* low, const double* high, std::size_t first,
                                 std::size_t last, const Levels& levels) noexcept;
    // The same with max(stop, level_of(peak, trailing_parts)) for the stop, peak being the highest
    // high of [first - 1, t - 1].
    Trigger (*first_trailing)(const double* low, const double* high, std::size_t first,
                              std::size_t last, const Levels& levels) noexcept;
};

[[nodiscard]] const LaneOps& reference_lane_ops() noexcept;
[[nodiscard]] const LaneOps& simd_lane_ops() noexcept;
// The plain ones when HSL_CPU=scalar, else those of the CPU target in force.
[[nodiscard]] const LaneOps& lane_ops() noexcept;

}  // namespace hsl::portfolio::detail
