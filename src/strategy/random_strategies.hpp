// SPDX-License-Identifier: Apache-2.0
#pragma once

// Valid strategy texts out of a random number generator, for tests that hold two executors against
// each other. Same generator state, same text. Not for trading.

#include <span>
#include <string>
#include <string_view>

#include "base/rng.hpp"

namespace hsl::strategy {

// A file of `count` strategies, 1 <= count <= 1000, named r0, r1, ...: grids, lets, where, stops,
// max_hold, slippage, participation and every function of the language take part. No two sets are
// equal. Periods are at most 12, and less in weeks and months, so that settling stays below some
// 300 sessions. Named columns and sector functions take part where columns are given.
[[nodiscard]] std::string random_strategy_text(Rng& rng, int count,
                                               std::span<const std::string_view> columns = {});

// One expression of fields, indicators and functions, nested up to `depth`.
[[nodiscard]] std::string random_number_expression(Rng& rng, int depth,
                                                   std::span<const std::string_view> columns = {});
[[nodiscard]] std::string random_condition(Rng& rng, int depth,
                                           std::span<const std::string_view> columns = {});

}  // namespace hsl::strategy
