// SPDX-License-Identifier: Apache-2.0
#pragma once

// Splits one symbol's rows into segments, the stretches that become lanes of a Frame. The
// definitions are in docs/concepts/data.md. Pure functions of the table; any thread.

#include <cstddef>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"

namespace hsl::market {

// Days of which rows are looked at, both included, within the calendar.
struct Days {
    Date from;
    Date to;
};

// Sessions here are indices into Calendar::krx().all().

// Traded sessions in a row whose rows follow one another in the table. Between two runs of a
// segment every session is a halt.
struct TradedRun {
    std::size_t session = 0;
    std::size_t row = 0;
    std::size_t count = 0;

    friend bool operator==(const TradedRun&, const TradedRun&) = default;
};

struct Segment {
    std::size_t first = 0;  // traded
    std::size_t last = 0;   // included; a halt when the segment is the symbol's last one
    bool cut = false;       // a break ended it: a jump, or a halt that was too long
    std::vector<TradedRun> runs = {};

    friend bool operator==(const Segment&, const Segment&) = default;
};

// The segments of rows [range.first, range.first + range.count) that lie within the days, by date;
// none when none of them traded. `allow_breaks` joins them into one. A row after the last day tells
// that the symbol lives on: then sessions without a row before it are halts.
//
// bad_data, naming symbol and date: a row on a day without a session, rows that do not ascend by
// date, a traded row with a price that is none.
[[nodiscard]] Result<std::vector<Segment>> find_segments(const BarTable& bars,
                                                         const BarTable::Range& range, Days days,
                                                         bool allow_breaks);

}  // namespace hsl::market
