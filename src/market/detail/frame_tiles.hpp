// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes the columns and masks of one tile of a frame, whose lanes, sessions and memory are there.
// For market/ alone; tiles may be written by different threads.

#include <cstddef>
#include <vector>

#include "market/frame.hpp"
#include "market/segments.hpp"

namespace hsl::market::detail {

// segments[lane] is what the lane was cut from; `base` is the calendar's index of session 0.
void write_tile(const BarTable& bars, Frame& frame, std::size_t tile, std::size_t base,
                const std::vector<const Segment*>& segments);

}  // namespace hsl::market::detail
