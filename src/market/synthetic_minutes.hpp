// SPDX-License-Identifier: Apache-2.0
#pragma once

// Minutes that days may have been made of: a walk from the day's open over its high and low to its
// close, on the tick grid, with the day's volume. The days that are made from them again are those
// that they were made of. docs/concepts/synthetic-market.md says how. Same seed, same bytes.

#include <cstdint>

#include "market/bar.hpp"

namespace hsl::market {

// Of Korean shares in days, whose sessions the calendar knows. A halt has no minutes.
[[nodiscard]] BarTable minutes_of_days(const BarTable& days, std::uint64_t seed);

}  // namespace hsl::market
