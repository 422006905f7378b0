// SPDX-License-Identifier: Apache-2.0
#include "market/frame.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"
#include "market/rules.hpp"
#include "market/segments.hpp"

namespace hsl::market {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// --- which symbols -----------------------------------------------------------------------------

std::string nearest_symbols(const BarTable& bars, std::string_view wanted) {
    std::vector<std::string_view> names;
    names.reserve(bars.symbols.size());
    for (const BarTable::Range& range : bars.symbols) names.push_back(range.instrument.symbol);
    std::vector<std::string> nearest;
    while (nearest.size() < 3) {
        std::string name = nearest_word(wanted, names.data(), names.size());
        if (name.empty()) break;
        std::erase(names, name);
        nearest.push_back(std::move(name));
    }
    if (nearest.empty()) return fmt::format("{} are there", counted(std::ssize(names), "symbol"));
    return fmt::format("did you mean {}?", fmt::join(nearest, ", "));
}

// Ranges asked for, in the table's order.
Result<std::vector<const BarTable::Range*>> chosen_ranges(const BarTable& bars,
                                                          const std::vector<std::string>& symbols) {
    const auto by_symbol = [](const BarTable::Range& range) -> std::string_view {
        return range.instrument.symbol;
    };
    HSL_ASSERT(std::ranges::adjacent_find(bars.symbols, std::ranges::greater_equal{}, by_symbol) ==
               bars.symbols.end());
    std::vector<const BarTable::Range*> chosen;
    if (symbols.empty()) {
        for (const BarTable::Range& range : bars.symbols) chosen.push_back(&range);
        return chosen;
    }
    for (const std::string& symbol : symbols) {
        const auto at =
            std::ranges::lower_bound(bars.symbols, std::string_view{symbol}, {}, by_symbol);
        if (at == bars.symbols.end() || at->instrument.symbol != symbol)
            return fail(ErrorCode::not_found, fmt::format("no bars of symbol '{}'; {}", symbol,
                                                          nearest_symbols(bars, symbol)));
        chosen.push_back(&*at);
    }
    std::ranges::sort(chosen);
    const auto repeated = std::ranges::unique(chosen);
    chosen.erase(repeated.begin(), repeated.end());
    return chosen;
}

// Why a symbol stays out whatever its bars are; empty when it does not.
std::string reason_to_exclude(const Instrument& instrument, bool all) {
    if (instrument.scale != 0)
        return fmt::format("prices with {}: only Korean shares in whole won are traded here",
                           counted(instrument.scale, "decimal"));
    if (!all && is_preferred(instrument.symbol))
        return "preferred share: its code does not end in 0 (--all takes it in)";
    return {};
}

// --- which sessions ----------------------------------------------------------------------------

// From options.from, or the calendar's beginning, to the earlier of options.to and the last bar.
Result<Days> find_days(const BarTable& bars, const std::vector<const BarTable::Range*>& ranges,
                       const FrameOptions& options) {
    const Calendar& calendar = Calendar::krx();
    const Date from = options.from.value_or(calendar.first());
    HSL_CHECK(calendar.sessions(from, from));
    if (options.to && *options.to < calendar.first())
        HSL_CHECK(calendar.sessions(*options.to, *options.to));
    if (options.to && *options.to < from)
        return fail(ErrorCode::bad_usage, fmt::format("the window begins on {}, after its end {}",
                                                      from.iso(), options.to->iso()));

    const BarTable::Range* latest = nullptr;
    Date last_bar = from + -1;
    for (const BarTable::Range* range : ranges) {
        if (range->count == 0) continue;
        const Date date{bars.date[range->first + range->count - 1]};
        if (date > last_bar) {
            last_bar = date;
            latest = range;
        }
    }
    const Date to = options.to ? std::min(*options.to, last_bar) : last_bar;
    if (to > calendar.last()) {
        Error error = calendar.sessions(to, to).error();
        return std::unexpected(
            std::move(error).within(fmt::format("bars {}", latest->instrument.symbol)));
    }
    return Days{from, to};
}

// Why a symbol has no segment in the window.
std::string reason_without_segment(const BarTable& bars, const BarTable::Range& range, Days days) {
    if (range.count == 0) return "no bars";
    const Date first{bars.date[range.first]};
    const Date last{bars.date[range.first + range.count - 1]};
    if (last < days.from)
        return fmt::format("its bars end on {}, before the window begins on {}", last.iso(),
                           days.from.iso());
    if (first > days.to)
        return fmt::format("its bars begin on {}, after the window's end on {}", first.iso(),
                           days.to.iso());
    return fmt::format("it did not trade between {} and {}", std::max(first, days.from).iso(),
                       std::min(last, days.to).iso());
}

// --- filling a tile ----------------------------------------------------------------------------

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
    std::size_t lane = 0;              // within the tile
    std::size_t run = 0;               // the next run, or the one we are in
    double last_close = nan;           // of the last traded session
};

void set(std::uint8_t* masks, std::size_t t, std::uint8_t bit) {
    masks[t] = static_cast<std::uint8_t>(masks[t] | bit);
}

void write_missing(const TileCells& cells, std::size_t lane, std::size_t begin, std::size_t end) {
    for (double* const column : cells.columns)
        for (std::size_t t = begin; t < end; ++t) column[t * tile_lanes + lane] = nan;
}

void write_halt(const TileCells& cells, const LaneWalk& walk, std::size_t begin, std::size_t end) {
    const auto bit = static_cast<std::uint8_t>(1u << walk.lane);
    for (std::size_t t = begin; t < end; ++t) {
        const std::size_t cell = t * tile_lanes + walk.lane;
        for (const Field field : {Field::open, Field::high, Field::low, Field::close})
            cells.columns[static_cast<std::size_t>(field)][cell] = walk.last_close;
        for (const Field field : {Field::volume, Field::value})
            cells.columns[static_cast<std::size_t>(field)][cell] = 0.0;
        set(cells.listed, t, bit);
    }
}

// Sessions [begin, end) from rows that begin at `row`.
void write_traded(const BarTable& bars, const TileCells& cells, LaneWalk& walk, std::size_t begin,
                  std::size_t end, std::size_t row) {
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
        bool upper = false;
        bool lower = false;
        if (high[i] == low[i]) {
            const auto at_open = static_cast<double>(open[i]);
            const auto at_price = static_cast<double>(high[i]);
            upper = locked_upper(at_open, at_price, at_price, at_close, walk.last_close);
            lower = locked_lower(at_open, at_price, at_price, at_close, walk.last_close);
        }
        if (!upper) set(cells.buyable, t, bit);
        if (!lower) set(cells.sellable, t, bit);
        if (value[i] == Bar::value_missing)
            values[i * tile_lanes] = at_close * static_cast<double>(volume[i]);
        walk.last_close = at_close;
    }
}

// Sessions [begin, end) of one lane; `base` is the calendar's index of the frame's session 0.
void write_lane(const BarTable& bars, const TileCells& cells, LaneWalk& walk, std::size_t base,
                std::size_t begin, std::size_t end) {
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
                write_halt(cells, walk, t, next);
            } else {
                const TradedRun& run = runs[walk.run];
                next = std::min(end, run_begin + run.count);
                write_traded(bars, cells, walk, t, next, run.row + (t - run_begin));
                if (next == run_begin + run.count) ++walk.run;
            }
        }
        t = next;
    }
}

void write_tile(const BarTable& bars, Frame& frame, std::size_t tile, std::size_t base,
                const std::vector<const Segment*>& segments) {
    const std::size_t count = frame.session_count();
    TileCells cells{.columns = {},
                    .listed = frame.listed.tile(tile),
                    .traded = frame.traded.tile(tile),
                    .buyable = frame.buyable.tile(tile),
                    .sellable = frame.sellable.tile(tile)};
    for (std::size_t field = 0; field < field_count; ++field)
        cells.columns[field] = frame.columns[field].tile(tile);
    for (std::uint8_t* const mask : {cells.listed, cells.traded, cells.buyable, cells.sellable})
        std::memset(mask, 0, count);

    std::array<LaneWalk, tile_lanes> walks;
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        walks[lane].lane = lane;
        if (lane < frame.lanes_in_tile(tile))
            walks[lane].segment = segments[tile * tile_lanes + lane];
    }
    for (std::size_t begin = 0; begin < count; begin += block_sessions)
        for (LaneWalk& walk : walks)
            write_lane(bars, cells, walk, base, begin, std::min(count, begin + block_sessions));
}

// --- an empty result ---------------------------------------------------------------------------

std::unexpected<Error> nothing_left(const std::vector<Excluded>& excluded) {
    if (excluded.empty())
        return fail(ErrorCode::not_found, "no bars at all: import price files first (hsl import)");
    constexpr std::size_t shown = 3;
    std::string message = "no symbol is left to trade: ";
    for (std::size_t i = 0; i < std::min(shown, excluded.size()); ++i)
        message +=
            fmt::format("{}{} ({})", i == 0 ? "" : ", ", excluded[i].symbol, excluded[i].reason);
    if (excluded.size() > shown) message += fmt::format(" and {} more", excluded.size() - shown);
    return fail(ErrorCode::bad_data, std::move(message));
}

}  // namespace

std::string_view name_of(Field field) {
    constexpr std::string_view names[field_count] = {"open",  "high",   "low",
                                                     "close", "volume", "value"};
    return names[static_cast<std::size_t>(field)];
}

std::size_t Frame::lanes_in_tile(std::size_t tile) const {
    HSL_ASSERT(tile < tile_count());
    return std::min(tile_lanes, lanes.size() - tile * tile_lanes);
}

Result<Frame> build_frame(const FrameInputs& inputs, const FrameOptions& options,
                          const Progress& progress) {
    const BarTable& bars = inputs.bars;
    HSL_TRY(const std::vector<const BarTable::Range*> chosen, chosen_ranges(bars, options.symbols));
    Frame frame;
    std::vector<const BarTable::Range*> ranges;
    for (const BarTable::Range* range : chosen) {
        std::string reason = reason_to_exclude(range->instrument, options.all);
        if (reason.empty())
            ranges.push_back(range);
        else
            frame.excluded.push_back({range->instrument.symbol, std::move(reason)});
    }

    HSL_TRY(const Days days, find_days(bars, ranges, options));
    const Calendar& calendar = Calendar::krx();
    std::vector<Result<std::vector<Segment>>> found(ranges.size());
    parallel_for(ranges.size(), options.threads, [&](std::size_t i, unsigned) {
        if (!progress.stopped())
            found[i] = find_segments(bars, *ranges[i], days, options.allow_breaks);
    });

    // A lane a segment, by symbol, then date. The frame begins where the first of them does.
    std::vector<const Segment*> segments;
    const std::size_t window_end = calendar.lower_bound(days.to + 1);
    std::size_t base = window_end;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (!found[i]) return std::unexpected(std::move(found[i]).error());
        if (found[i]->empty())
            frame.excluded.push_back(
                {ranges[i]->instrument.symbol, reason_without_segment(bars, *ranges[i], days)});
        else
            ++frame.symbol_count;
        for (const Segment& segment : *found[i]) {
            base = std::min(base, segment.first);
            segments.push_back(&segment);
        }
    }
    if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped while building the frame");
    std::ranges::sort(frame.excluded, {}, &Excluded::symbol);
    if (segments.empty()) return nothing_left(frame.excluded);

    const auto sessions = calendar.all().subspan(base, window_end - base);
    frame.sessions.assign(sessions.begin(), sessions.end());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        int number = 0;
        for (const Segment& segment : *found[i]) {
            const LaneEnd end = segment.cut                      ? LaneEnd::cut
                                : segment.last + 1 == window_end ? LaneEnd::frame_end
                                                                 : LaneEnd::last_row;
            // A cut counts where the next lane begins; without one, where the halt does.
            if (number > 0) frame.breaks.push_back(segment.first - base);
            if (segment.cut && &segment == &found[i]->back())
                frame.breaks.push_back(segment.last + 1 - base);
            frame.lanes.push_back({.instrument = ranges[i]->instrument,
                                   .segment = number++,
                                   .first = segment.first - base,
                                   .last = segment.last - base,
                                   .end = end,
                                   .basis = ranges[i]->basis});
        }
    }
    std::ranges::sort(frame.breaks);

    const std::size_t tiles = frame.tile_count();
    for (TileColumn& column : frame.columns) column = TileColumn{tiles, frame.session_count()};
    for (MaskColumn* mask : {&frame.listed, &frame.traded, &frame.buyable, &frame.sellable})
        *mask = MaskColumn{tiles, frame.session_count()};
    std::atomic<std::size_t> done{0};
    parallel_for(tiles, options.threads, [&](std::size_t tile, unsigned) {
        if (progress.stopped()) return;
        write_tile(bars, frame, tile, base, segments);
        progress.done("building the frame", ++done, tiles);
    });
    if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped while building the frame");
    HSL_CHECK(fill_named_columns(inputs, options, frame));
    return frame;
}

}  // namespace hsl::market
