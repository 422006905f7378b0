// SPDX-License-Identifier: Apache-2.0
#pragma once

// Kleene logic on one tile: a condition is two columns of bytes, a byte a session, a bit a lane:
// known to be true, known to be false; neither means unknown. Whole machine words at a time, so
// that no CPU differs.

#include <cstddef>
#include <cstdint>

#include "strategy/detail/tile_ops.hpp"

namespace hsl::strategy {

// Bytes of one column: whole blocks of 64 and one more, which a shifted write may spill into.
[[nodiscard]] constexpr std::size_t truth_stride(std::size_t sessions) {
    return (sessions + 63) / 64 * 64 + 64;
}

// 64-byte aligned, truth_stride(sessions) long, also what follows.
struct Truth {
    std::uint8_t* yes;
    std::uint8_t* no;
};
struct TruthView {
    const std::uint8_t* yes;
    const std::uint8_t* no;
    TruthView(const std::uint8_t* yes_column, const std::uint8_t* no_column)
        : yes(yes_column), no(no_column) {}
    TruthView(Truth truth) : yes(truth.yes), no(truth.no) {}
};

// out may be an input of these three.
void truth_and(TruthView a, TruthView b, Truth out, std::size_t sessions);
void truth_or(TruthView a, TruthView b, Truth out, std::size_t sessions);
void truth_not(TruthView a, Truth out, std::size_t sessions);
// The condition `count` sessions ago; unknown before there is one. out must not be a.
void truth_lag(TruthView a, std::size_t count, Truth out, std::size_t sessions);
// The same at every session and lane.
void truth_fill(bool value, Truth out, std::size_t sessions);

// A comparison of a with b, given how they compare; swapped: given how b and a compare.
void truth_compare(Verb verb, PairBits pair, bool swapped, Truth out, std::size_t sessions);
// crosses_above(a, b) and crosses_below(a, b); unknown where any of the four values is missing.
void truth_cross(Verb verb, PairBits pair, bool swapped, Truth out, std::size_t sessions);

}  // namespace hsl::strategy
