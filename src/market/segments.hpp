// SPDX-License-Identifier: Apache-2.0
#pragma once

// Splits one symbol's rows into segments, the stretches that become lanes of a Frame. The
// definitions are in docs/concepts/data.md. Pure functions of the table; any thread.

#include <cstddef>
#include <span>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"
#include "market/corporate_action.hpp"
#include "market/listing.hpp"

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

// An action that takes effect at a traded session of a segment, which is not its first.
struct SegmentAction {
    std::size_t session = 0;
    std::size_t index = 0;  // into Known::actions
    PriceFactor factor = {};
    std::int64_t previous = 0, base = 0;  // reference price before and after it

    friend bool operator==(const SegmentAction&, const SegmentAction&) = default;
};

struct Segment {
    std::size_t first = 0;  // traded
    std::size_t last = 0;   // included; a halt when the segment is the symbol's last one
    bool cut = false;       // a break ended it: a jump, or a halt that was too long
    std::vector<TradedRun> runs = {};
    std::vector<SegmentAction> actions = {};

    friend bool operator==(const Segment&, const Segment&) = default;
};

// Rows of one series, a part after the other: a symbol's own, behind those of the code it had
// before.
struct SeriesRows {
    struct Part {
        std::size_t first = 0, count = 0;
    };
    Instrument instrument = {};
    std::vector<Part> parts = {};
    std::vector<TradedFrom> trading = {};  // nothing where no listing tells

    [[nodiscard]] TradedAs traded_as(Date date) const;
};

// What explains a jump or a long halt.
struct Known {
    std::span<const CorporateAction> actions = {};  // by ex-date: those that the rows show
    std::span<const Days> liquidation = {};         // trading without a limit before delisting
    bool leaves = false;  // the symbol left the exchange: a halt without an end is explained
};

// The segments of a series' rows that lie within the days, by date; none when none of them traded.
// `allow_breaks` joins them into one. A row after the last day tells that the symbol lives on: then
// sessions without a row before it are halts.
//
// bad_data, naming symbol and date: a row on a day without a session, rows that do not ascend by
// date, a traded row with a price that is none.
[[nodiscard]] Result<std::vector<Segment>> find_segments(const BarTable& bars,
                                                         const SeriesRows& rows, Days days,
                                                         bool allow_breaks,
                                                         const Known& known = {});

}  // namespace hsl::market
