// SPDX-License-Identifier: Apache-2.0
#include "market/detail/minute_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "market/calendar.hpp"
#include "market/resample.hpp"

namespace hsl::market::detail {
namespace {

struct Folded {
    std::vector<Bar> days = {}, bars = {};
    int step = 1;
    std::size_t outside = 0;
    const Bar* disorder = nullptr;
    std::vector<Bar> rows = {};
};

MinuteGrid grid_over(const BarTable& rows, int minutes) {
    if (rows.rows() == 0) return MinuteGrid{minutes};
    const auto [first, last] = std::ranges::minmax(rows.date);
    return {minutes, Date{first}, Date{last}};
}

std::size_t count_outside(std::span<const Bar> rows, const MinuteGrid& grid) {
    return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const Bar& row) {
        const SessionSlots* slots = grid.on(row.date);
        return slots != nullptr && !slots->slot_of(row.minute);
    }));
}

Folded fold(const BarTable& table, const BarTable::Range& range, const MinuteGrid& grid,
            bool days_alone) {
    Folded folded;
    folded.rows.reserve(range.count);
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        folded.rows.push_back(table.bar(row));
    const auto disorder = std::ranges::adjacent_find(folded.rows, [](const Bar& a, const Bar& b) {
        return std::pair{a.date, a.minute} >= std::pair{b.date, b.minute};
    });
    if (disorder != folded.rows.end()) {
        folded.disorder = &*disorder;
        return folded;
    }
    folded.days = days_of_minutes(folded.rows, grid);
    if (!days_alone) folded.bars = resample_minutes(folded.rows, grid);
    folded.step = step_of(folded.rows, grid);
    folded.outside = count_outside(folded.rows, grid);
    folded.rows = {};
    return folded;
}

void append_all(BarTable& table, const BarTable::Range& range, const std::vector<Bar>& bars) {
    const std::size_t first = table.rows();
    table.symbols.push_back(range);
    table.symbols.back().first = first;
    table.symbols.back().count = 0;
    for (const Bar& bar : bars) table.append(bar);
}

}  // namespace

Result<MinuteRows> fold_minutes(const BarTable& rows, int minutes, unsigned threads) {
    MinuteRows found{.grid = grid_over(rows, std::max(minutes, 1))};
    std::vector<Folded> folded(rows.symbols.size());
    parallel_for(folded.size(), threads, [&](std::size_t i, unsigned) {
        folded[i] = fold(rows, rows.symbols[i], found.grid, minutes == 0);
    });
    found.bars.interval = Interval::minute;
    for (std::size_t i = 0; i < folded.size(); ++i) {
        const BarTable::Range& range = rows.symbols[i];
        Folded& of = folded[i];
        if (of.disorder != nullptr)
            return fail(ErrorCode::bad_data,
                        fmt::format("bars {} {} {}: the rows do not ascend by date and minute; "
                                    "import the symbol again",
                                    range.instrument.symbol, of.disorder->date.iso(),
                                    time_text(of.disorder->minute)));
        std::size_t bar = found.bars.rows();
        append_all(found.days, range, of.days);
        append_all(found.bars, range, of.bars);
        for (const Bar& day : of.days) {
            found.first_bar.push_back(bar);
            while (bar < found.bars.rows() && found.bars.date[bar] == day.date.days) ++bar;
        }
        found.steps.emplace(range.instrument.symbol, of.step);
        found.outside += of.outside;
        of = {};
    }
    found.first_bar.push_back(found.bars.rows());
    return found;
}

std::optional<std::size_t> day_row(const Segment& segment, std::size_t session, std::size_t& run) {
    while (run < segment.runs.size() &&
           segment.runs[run].session + segment.runs[run].count <= session)
        ++run;
    if (run == segment.runs.size() || session < segment.runs[run].session) return std::nullopt;
    return segment.runs[run].row + (session - segment.runs[run].session);
}

DayLanes split_days(Frame& frame, const MinuteRows& rows, std::size_t base,
                    std::vector<const Segment*> segments) {
    DayLanes days{
        .lanes = frame.lanes, .segments = std::move(segments), .base = base, .begin = {0}};
    const std::vector<Date> dates = std::move(frame.sessions);
    frame.sessions.clear();
    frame.bar_minutes = rows.grid.minutes();
    for (const Date date : dates) {
        const auto begins = rows.grid.on(date)->begins();
        frame.sessions.insert(frame.sessions.end(), begins.size(), date);
        frame.minutes.insert(frame.minutes.end(), begins.begin(), begins.end());
        days.begin.push_back(frame.sessions.size());
    }
    // Days beyond the frame stay in order behind it.
    const auto first_of = [&](std::size_t day) {
        return day <= dates.size() ? days.begin[day] : days.begin.back() + (day - dates.size());
    };
    const auto last_of = [&](std::size_t day) { return first_of(day + 1) - 1; };
    for (std::size_t index = 0; index < frame.lanes.size(); ++index) {
        Lane& lane = frame.lanes[index];
        // The lane begins with its first trade, not with its first day.
        const Segment& segment = *days.segments[index];
        const std::size_t bar = rows.first_bar[segment.runs.front().row];
        const std::size_t slot = *rows.grid.on(dates[lane.first])->slot_of(rows.bars.minute[bar]);
        lane.first = first_of(lane.first) + slot;
        lane.last = last_of(lane.last);
        for (LaneAction& action : lane.actions) {
            action.session = first_of(action.session);
            action.listing = first_of(action.listing);
            // Paid on the day that it became known on: not before that.
            action.known = last_of(action.known);
            action.payment = std::max(first_of(action.payment), action.known);
        }
        for (std::vector<SessionRange>* ranges : {&lane.liquidation, &lane.uncommon})
            for (SessionRange& range : *ranges)
                range = {first_of(range.first), last_of(range.last)};
        for (Lane::Trading& step : lane.trading) step.session = first_of(step.session);
    }
    for (std::size_t& day : frame.breaks) day = first_of(day);
    return days;
}

}  // namespace hsl::market::detail
