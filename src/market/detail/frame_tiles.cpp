// SPDX-License-Identifier: Apache-2.0
#include "market/detail/frame_tiles.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "market/lane_rules.hpp"
#include "market/rules.hpp"

namespace hsl::market::detail {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Sessions written at a time: the six columns of so many lie in the L1 cache while lane after lane
// goes in.
constexpr std::size_t block_sessions = 64;

// Where a tile's cells go. Sessions are the frame's.
struct TileCells {
    std::array<double*, field_count> columns;
    std::uint8_t* listed;
    std::uint8_t* traded;
    std::uint8_t* buyable;
    std::uint8_t* sellable;
};

// One lane on its way through the sessions.
struct LaneWalk {
    const Segment* segment = nullptr;  // nullptr: the lane is not in use
    const Lane* of = nullptr;
    std::size_t lane = 0;     // within the tile
    std::size_t run = 0;      // the next run, or the one we are in
    double last_close = nan;  // of the last traded session
};

void set(std::uint8_t* masks, std::size_t t, std::uint8_t bit) {
    masks[t] = static_cast<std::uint8_t>(masks[t] | bit);
}

void write_missing(const TileCells& cells, std::size_t lane, std::size_t begin, std::size_t end) {
    for (double* const column : cells.columns)
        for (std::size_t t = begin; t < end; ++t) column[t * tile_lanes + lane] = nan;
}

// Nothing trades at [begin, end).
void write_flat(const TileCells& cells, std::size_t lane, double last_close, std::size_t begin,
                std::size_t end) {
    const auto bit = static_cast<std::uint8_t>(1u << lane);
    for (std::size_t t = begin; t < end; ++t) {
        const std::size_t cell = t * tile_lanes + lane;
        for (const Field field : {Field::open, Field::high, Field::low, Field::close})
            cells.columns[static_cast<std::size_t>(field)][cell] = last_close;
        for (const Field field : {Field::volume, Field::value})
            cells.columns[static_cast<std::size_t>(field)][cell] = 0.0;
        set(cells.listed, t, bit);
    }
}

struct Locked {
    bool upper = false, lower = false;
};

// What the limits of a lane's session are counted from.
struct LimitBase {
    const Lane& lane;
    std::size_t session;  // as the lane counts them
    Date date;
    double previous_close;
    bool resumes;
};

// Of a session with one price. A lane's first session has no limits: nothing is known before it.
Locked locked_at(const LimitBase& base, std::int64_t price) {
    if (std::isnan(base.previous_close)) return {};
    if (base.lane.is_raw() || !base.lane.liquidation.empty()) {
        const auto limits =
            limits_of(base.lane, base.session, base.date,
                      {.previous_close = static_cast<std::int64_t>(base.previous_close),
                       .resumes = base.resumes});
        if (limits && (base.lane.is_raw() || *limits == no_price_limits))
            return {price >= limits->upper, price <= limits->lower};
    }
    const auto won = static_cast<double>(price);
    const int percent = ratio_percent(base.lane.traded_as(base.session), base.date);
    return {locked_upper(won, won, won, won, base.previous_close, percent),
            locked_lower(won, won, won, won, base.previous_close, percent)};
}

// Sessions [begin, end) from rows that begin at `row`.
void write_traded(const BarTable& bars, const Frame& frame, const TileCells& cells, LaneWalk& walk,
                  std::size_t begin, std::size_t end, std::size_t row, bool resumes) {
    const std::size_t count = end - begin;
    const std::array<const std::int64_t*, field_count> source = {
        bars.open.data() + row,  bars.high.data() + row,   bars.low.data() + row,
        bars.close.data() + row, bars.volume.data() + row, bars.value.data() + row};
    for (std::size_t field = 0; field < field_count; ++field) {
        double* const out = cells.columns[field] + begin * tile_lanes + walk.lane;
        const std::int64_t* const in = source[field];
        for (std::size_t i = 0; i < count; ++i) out[i * tile_lanes] = static_cast<double>(in[i]);
    }
    const auto& [open, high, low, close, volume, value] = source;
    double* const values =
        cells.columns[static_cast<std::size_t>(Field::value)] + begin * tile_lanes + walk.lane;
    const auto bit = static_cast<std::uint8_t>(1u << walk.lane);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t t = begin + i;
        set(cells.listed, t, bit);
        set(cells.traded, t, bit);
        const auto at_close = static_cast<double>(close[i]);
        Locked locked;
        if (high[i] == low[i] && low[i] == open[i] && open[i] == close[i])
            locked = locked_at({.lane = *walk.of,
                                .session = t,
                                .date = frame.sessions[t],
                                .previous_close = walk.last_close,
                                .resumes = resumes && i == 0},
                               close[i]);
        if (!locked.upper) set(cells.buyable, t, bit);
        if (!locked.lower) set(cells.sellable, t, bit);
        if (value[i] == Bar::value_missing)
            values[i * tile_lanes] = at_close * static_cast<double>(volume[i]);
        walk.last_close = at_close;
    }
}

// Whether a halt lies before a run.
bool resumes_at(const Segment& segment, std::size_t run) {
    return run > 0 &&
           segment.runs[run - 1].session + segment.runs[run - 1].count < segment.runs[run].session;
}

// Sessions [begin, end) of one lane; `base` is the calendar's index of the frame's session 0.
void write_lane(const BarTable& bars, const Frame& frame, const TileCells& cells, LaneWalk& walk,
                std::size_t base, std::size_t begin, std::size_t end) {
    std::size_t t = begin;
    while (t < end) {
        std::size_t next = end;
        if (walk.segment == nullptr || t > walk.segment->last - base) {
            write_missing(cells, walk.lane, t, next);
        } else if (t < walk.segment->first - base) {
            next = std::min(end, walk.segment->first - base);
            write_missing(cells, walk.lane, t, next);
        } else {
            const std::vector<TradedRun>& runs = walk.segment->runs;
            const bool more = walk.run < runs.size();
            const std::size_t run_begin =
                more ? runs[walk.run].session - base : walk.segment->last - base + 1;
            if (t < run_begin) {
                next = std::min(end, run_begin);
                write_flat(cells, walk.lane, walk.last_close, t, next);
            } else {
                const TradedRun& run = runs[walk.run];
                next = std::min(end, run_begin + run.count);
                write_traded(bars, frame, cells, walk, t, next, run.row + (t - run_begin),
                             t == run_begin && resumes_at(*walk.segment, walk.run));
                if (next == run_begin + run.count) ++walk.run;
            }
        }
        t = next;
    }
}

// From as traded to the terms of the lane's first bar: prices over the factors of the actions up to
// each session, volumes times them, which leaves the value in won.
void adjust_lane(Frame& frame, std::size_t lane) {
    const Lane& of = frame.lanes[lane];
    double numerator = 1;
    double denominator = 1;
    for (std::size_t i = 0; i < of.actions.size(); ++i) {
        numerator *= static_cast<double>(of.actions[i].factor.numerator);
        denominator *= static_cast<double>(of.actions[i].factor.denominator);
        const std::size_t end = i + 1 < of.actions.size() ? of.actions[i + 1].session : of.last + 1;
        for (std::size_t t = of.actions[i].session; t < end; ++t) {
            for (const Field field : {Field::open, Field::high, Field::low, Field::close}) {
                double& price = frame.columns[static_cast<std::size_t>(field)].at(lane, t);
                price = price * denominator / numerator;
            }
            double& volume = frame.columns[static_cast<std::size_t>(Field::volume)].at(lane, t);
            volume = volume * numerator / denominator;
        }
    }
}

// Nothing is bought in liquidation trading, nor what is no common share any more.
void bar_buys(Frame& frame, std::size_t lane) {
    const Lane& of = frame.lanes[lane];
    for (const std::vector<SessionRange>* ranges : {&of.liquidation, &of.uncommon})
        for (const SessionRange& range : *ranges)
            for (std::size_t t = range.first; t <= range.last; ++t)
                frame.buyable.set(lane, t, false);
}

TileCells cells_of(Frame& frame, std::size_t tile) {
    TileCells cells{.columns = {},
                    .listed = frame.listed.tile(tile),
                    .traded = frame.traded.tile(tile),
                    .buyable = frame.buyable.tile(tile),
                    .sellable = frame.sellable.tile(tile)};
    // Written as traded, and adjusted in a copy where there is anything to adjust.
    for (std::size_t field = 0; field < field_count; ++field)
        cells.columns[field] =
            (frame.raw_columns[field].tiles() > 0 ? frame.raw_columns[field] : frame.columns[field])
                .tile(tile);
    for (std::uint8_t* const mask : {cells.listed, cells.traded, cells.buyable, cells.sellable})
        std::memset(mask, 0, frame.session_count());
    return cells;
}

void finish_tile(Frame& frame, std::size_t tile) {
    for (std::size_t field = 0; field < field_count; ++field)
        if (frame.raw_columns[field].tiles() > 0)
            std::copy_n(frame.raw_columns[field].tile(tile), frame.session_count() * tile_lanes,
                        frame.columns[field].tile(tile));
    const std::size_t first_lane = tile * tile_lanes;
    for (std::size_t lane = first_lane; lane < first_lane + frame.lanes_in_tile(tile); ++lane) {
        adjust_lane(frame, lane);
        bar_buys(frame, lane);
    }
}

// --- minutes -------------------------------------------------------------------------------------

// One lane on its way through the days.
struct MinuteWalk {
    const Segment* segment = nullptr;  // nullptr: the lane is not in use
    const Lane* of = nullptr;          // in days
    std::size_t lane = 0;              // within the tile
    std::size_t run = 0;
    double last_close = nan;  // of the last bar that traded
    double day_close = nan;   // of the last one of an earlier day
    bool day_before = false;  // whether the day before traded
};

// A bar that traded.
void write_bar(const BarTable& bars, std::size_t row, const TileCells& cells, std::size_t t,
               MinuteWalk& walk, const LimitBase& base) {
    const Bar bar = bars.bar(row);
    const std::size_t cell = t * tile_lanes + walk.lane;
    const auto at_close = static_cast<double>(bar.close);
    const double value = bar.value == Bar::value_missing
                             ? at_close * static_cast<double>(bar.volume)
                             : static_cast<double>(bar.value);
    const double fields[field_count] = {
        static_cast<double>(bar.open),   static_cast<double>(bar.high),
        static_cast<double>(bar.low),    at_close,
        static_cast<double>(bar.volume), value};
    for (std::size_t field = 0; field < field_count; ++field)
        cells.columns[field][cell] = fields[field];
    const auto bit = static_cast<std::uint8_t>(1u << walk.lane);
    set(cells.listed, t, bit);
    set(cells.traded, t, bit);
    Locked locked;
    if (bar.open == bar.high && bar.high == bar.low && bar.low == bar.close)
        locked = locked_at(base, bar.close);
    if (!locked.upper) set(cells.buyable, t, bit);
    if (!locked.lower) set(cells.sellable, t, bit);
    walk.last_close = at_close;
}

// The bars of one day of one lane. A bar without a trade is flat, or missing before the first.
void write_day(const MinuteRows& rows, const DayLanes& days, const Frame& frame,
               const TileCells& cells, MinuteWalk& walk, std::size_t day) {
    const std::size_t begin = days.begin[day], end = days.begin[day + 1];
    if (walk.segment == nullptr || day < walk.of->first || day > walk.of->last)
        return write_missing(cells, walk.lane, begin, end);
    const auto row = day_row(*walk.segment, days.base + day, walk.run);
    const LimitBase base{.lane = *walk.of,
                         .session = day,
                         .date = frame.sessions[begin],
                         .previous_close = walk.day_close,
                         .resumes = !walk.day_before};
    std::size_t bar = row ? rows.first_bar[*row] : 0;
    const std::size_t bars_end = row ? rows.first_bar[*row + 1] : 0;
    for (std::size_t t = begin; t < end; ++t) {
        if (bar < bars_end && rows.bars.minute[bar] == frame.minutes[t])
            write_bar(rows.bars, bar++, cells, t, walk, base);
        else if (std::isnan(walk.last_close))
            write_missing(cells, walk.lane, t, t + 1);
        else
            write_flat(cells, walk.lane, walk.last_close, t, t + 1);
    }
    walk.day_close = walk.last_close;
    walk.day_before = row.has_value();
}

// A walk a lane of the tile; those of unused lanes have no segment.
template <class Walk>
std::array<Walk, tile_lanes> walks_of(const Frame& frame, std::size_t tile,
                                      const std::vector<Lane>& lanes,
                                      const std::vector<const Segment*>& segments) {
    const std::size_t first_lane = tile * tile_lanes;
    std::array<Walk, tile_lanes> walks;
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        walks[lane].lane = lane;
        if (lane >= frame.lanes_in_tile(tile)) continue;
        walks[lane].segment = segments[first_lane + lane];
        walks[lane].of = &lanes[first_lane + lane];
    }
    return walks;
}

}  // namespace

void write_tile(const BarTable& bars, Frame& frame, std::size_t tile, std::size_t base,
                const std::vector<const Segment*>& segments) {
    const std::size_t count = frame.session_count();
    const TileCells cells = cells_of(frame, tile);
    auto walks = walks_of<LaneWalk>(frame, tile, frame.lanes, segments);
    for (std::size_t begin = 0; begin < count; begin += block_sessions)
        for (LaneWalk& walk : walks)
            write_lane(bars, frame, cells, walk, base, begin,
                       std::min(count, begin + block_sessions));
    finish_tile(frame, tile);
}

void write_minute_tile(const MinuteRows& rows, const DayLanes& days, Frame& frame,
                       std::size_t tile) {
    const TileCells cells = cells_of(frame, tile);
    auto walks = walks_of<MinuteWalk>(frame, tile, days.lanes, days.segments);
    for (std::size_t day = 0; day + 1 < days.begin.size(); ++day)
        for (MinuteWalk& walk : walks) write_day(rows, days, frame, cells, walk, day);
    finish_tile(frame, tile);
}

}  // namespace hsl::market::detail
