// SPDX-License-Identifier: Apache-2.0
#pragma once

// From minute bars to a frame of minutes. Its lanes, cuts and actions are those of a frame of days,
// which is laid out first and then split into the bars of each day. For market/ alone.

#include <map>
#include <string>
#include <vector>

#include "market/frame.hpp"
#include "market/segments.hpp"
#include "market/session_slots.hpp"

namespace hsl::market::detail {

// The same rows as days, and as bars of `grid.minutes()`.
struct MinuteRows {
    MinuteGrid grid;
    BarTable days = {};                       // a row a day, of its regular session
    BarTable bars = {};                       // a row for each bar with a row in it
    std::vector<std::size_t> first_bar = {};  // by row of `days`: where its bars begin; one more
    std::map<std::string, int> steps = {};    // by symbol: minutes from row to row
    std::size_t outside = 0;                  // rows outside the regular session
};
// minutes = 0: days alone. Rows that do not ascend are an error that names symbol and date.
[[nodiscard]] Result<MinuteRows> fold_minutes(const BarTable& rows, int minutes, unsigned threads);

// A frame's lanes as they were in days, and where each day's bars are.
struct DayLanes {
    std::vector<Lane> lanes = {};
    std::vector<const Segment*> segments = {};  // by lane
    std::size_t base = 0;                       // the calendar's index of day 0
    std::vector<std::size_t> begin = {};        // by day: the session of its first bar; one more
};
// Turns sessions, lanes and breaks of a frame of days, which has no columns yet, into those of a
// frame of minutes.
[[nodiscard]] DayLanes split_days(Frame& frame, const MinuteRows& rows, std::size_t base,
                                  std::vector<const Segment*> segments);

// The row of `days` that holds a lane's bars of a calendar session, none where it did not trade.
// `run` is where the last call found one; sessions ascend.
[[nodiscard]] std::optional<std::size_t> day_row(const Segment& segment, std::size_t session,
                                                 std::size_t& run);

}  // namespace hsl::market::detail
