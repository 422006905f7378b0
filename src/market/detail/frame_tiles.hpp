// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes the columns and masks of one tile of a frame, whose lanes, sessions and memory are there.
// For market/ alone; tiles may be written by different threads.

#include <cstddef>
#include <vector>

#include "market/detail/minute_rows.hpp"
#include "market/frame.hpp"
#include "market/segments.hpp"

namespace hsl::market::detail {

// segments[lane] is what the lane was cut from; `base` is the calendar's index of session 0.
void write_tile(const BarTable& bars, Frame& frame, std::size_t tile, std::size_t base,
                const std::vector<const Segment*>& segments);
// The same of a frame of minutes. Limits are those of the day: they are counted from the last close
// of the day before.
void write_minute_tile(const MinuteRows& rows, const DayLanes& days, Frame& frame,
                       std::size_t tile);

}  // namespace hsl::market::detail
