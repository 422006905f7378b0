// SPDX-License-Identifier: Apache-2.0
#pragma once

// Weeks and months out of days, longer bars and days out of minutes: a view, nothing is stored. A
// week is Monday to Sunday, a month that of the calendar. Open of the first, highest high, lowest
// low, close of the last bar, sum of volume and value; halted bars take no part. Pure functions;
// any thread.

#include <cstddef>
#include <span>
#include <vector>

#include "base/date.hpp"
#include "market/bar.hpp"
#include "market/frame.hpp"
#include "market/session_slots.hpp"

namespace hsl::market {

enum class Period : std::uint8_t { week, month };

// One symbol's days, ascending. A bar carries the date of its last row; a period in which nothing
// traded is a halted bar at the last close.
[[nodiscard]] std::vector<Bar> resample_days(std::span<const Bar> days, Period period);
// One symbol's minute bars, ascending, as the bars of a grid: one for each that something traded
// in. A bar carries the minute that it begins in, though there may be no row of it. Rows outside
// the regular session are left out; on days that the grid does not know bars are counted from
// midnight.
[[nodiscard]] std::vector<Bar> resample_minutes(std::span<const Bar> rows, const MinuteGrid& grid);
// The same as one bar a day: halted where nothing traded.
[[nodiscard]] std::vector<Bar> days_of_minutes(std::span<const Bar> rows, const MinuteGrid& grid);

// The grid of a symbol's rows: that of its sessions for a Korean one.
[[nodiscard]] MinuteGrid grid_of(const Instrument& instrument, std::span<const Bar> rows,
                                 int minutes);

// The periods that sessions fall in, numbered from 0.
struct Periods {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t count = 0;
    std::vector<std::size_t> of;    // by session
    std::vector<std::size_t> last;  // by period: its last session here
    // By session: the latest period that is over at its close, or none. A period is over at the
    // close of its last session by the exchange's calendar, which is known in advance: a frame that
    // ends on a Wednesday does not end that week. On days that the calendar does not know, a period
    // is over at its last session here, unless nothing follows. Of a day's bars only the last can
    // be a period's last.
    std::vector<std::size_t> complete;
};
[[nodiscard]] Periods periods_of(std::span<const Date> sessions, Period period);

// A frame whose sessions are the periods: session p is dated as the last one of period p, listed
// says who is listed on that day. A lane's bar is made of its own sessions alone. Named columns for
// which `summed` says so are summed over the values that are there, others keep the last value.
[[nodiscard]] Frame resample(const Frame& frame, const Periods& periods,
                             const std::vector<bool>& summed, unsigned threads);

}  // namespace hsl::market
