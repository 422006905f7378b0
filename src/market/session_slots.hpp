// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bars that the regular session is cut into when it is looked at in minutes. They are counted
// from the open, and after a lunch break from its end; the closing call is one bar, that of its
// auction. Definitions: docs/concepts/data.md. Plain values; any thread may read.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"
#include "market/session_hours.hpp"

namespace hsl::market {

// The longest bar of a part of a day: a whole regular session.
inline constexpr int bar_minutes_max = 390;

// Of one session.
class SessionSlots {
public:
    SessionSlots(const SessionHours& hours, int minutes);
    // The minutes that the bars begin in, ascending.
    [[nodiscard]] std::span<const std::int32_t> begins() const { return begins_; }
    // The bar of a row that is named by this minute: the last one that has begun by then, so that a
    // print stamped with the minute of the close is in the last. None outside the regular session.
    [[nodiscard]] std::optional<std::size_t> slot_of(int minute) const;
    // Minutes from the beginning of the trading that a row belongs to, the closing call's own being
    // none: what rows that are N minutes apart have N as a divisor of.
    [[nodiscard]] int since_open(int minute) const;

private:
    Minutes regular_ = {};
    std::optional<Minutes> lunch_ = {}, closing_call_ = {};
    std::vector<std::int32_t> begins_;
};

// Of every session within some days, all bars of so many minutes.
class MinuteGrid {
public:
    // Of no Korean session: there on() knows none, and bars are counted from midnight.
    explicit MinuteGrid(int minutes) : minutes_(minutes) {}
    MinuteGrid(int minutes, Date first, Date last);

    [[nodiscard]] int minutes() const { return minutes_; }
    // nullptr: no session of these days.
    [[nodiscard]] const SessionSlots* on(Date day) const;

private:
    int minutes_;
    std::size_t first_ = 0;             // index of the calendar
    std::vector<std::uint32_t> shape_;  // by session
    std::vector<SessionSlots> shapes_;
};

// How many minutes a symbol's rows are apart: the largest step that all of them are multiples of.
// 1 where they are too few to tell.
[[nodiscard]] int step_of(std::span<const Bar> rows, const MinuteGrid& grid);
// Rows of five minutes say nothing of three: an error that names the step.
[[nodiscard]] Result<void> check_step(std::string_view symbol, int step, int minutes);

}  // namespace hsl::market
