// SPDX-License-Identifier: Apache-2.0
#pragma once

// Arithmetic and comparisons on one tile, [t][8 lanes]: vector code chosen by CPU at run time,
// plain loops when hsl::scalar_only() says so, the same bits from all. What the verbs mean is
// written in arithmetic.hpp.

#include <cstddef>
#include <cstdint>

#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

// A column of a tile, 64-byte aligned, or one number for all of it.
struct Column {
    const double* data = nullptr;  // nullptr: the number
    double number = 0;
};

// out may be one of the inputs. Verbs of one operand ignore b. Never two numbers.
void combine_tile(Verb verb, Column a, Column b, double* out, std::size_t sessions);

// How each pair of values compares, a byte a session, a bit a lane: exactly one of the three bits
// is set, none where a side is missing. Never two numbers.
struct PairBits {
    std::uint8_t* greater;
    std::uint8_t* less;
    std::uint8_t* equal;
};
void compare_tile(Column a, Column b, PairBits out, std::size_t sessions);

}  // namespace hsl::strategy
