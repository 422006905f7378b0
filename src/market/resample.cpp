// SPDX-License-Identifier: Apache-2.0
#include "market/resample.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

// Equal for two days of the same period, larger for a later one.
int number_of(Date date, Period period) {
    if (period == Period::month) return date.year() * 12 + static_cast<int>(date.month()) - 1;
    // 1970-01-05 was a Monday.
    const int days = date.days - 4;
    return days >= 0 ? days / 7 : (days - 6) / 7;
}

// Rows of the regular session, and of days that the grid does not know.
std::vector<Bar> within_sessions(std::span<const Bar> rows, const MinuteGrid& grid) {
    std::vector<Bar> within;
    within.reserve(rows.size());
    std::ranges::copy_if(rows, std::back_inserter(within), [&](const Bar& row) {
        const SessionSlots* slots = grid.on(row.date);
        return slots == nullptr || slots->slot_of(row.minute);
    });
    return within;
}

// One bar a stretch of bars with the same key; `stamp` sets date and minute.
template <class Key, class Stamp>
std::vector<Bar> group(std::span<const Bar> bars, Key key, Stamp stamp) {
    std::vector<Bar> groups;
    std::int64_t close = 0;
    for (std::size_t first = 0; first < bars.size();) {
        Bar out{.date = bars[first].date, .value = 0};
        bool traded = false, valued = false;
        std::size_t next = first;
        for (; next < bars.size() && key(bars[next]) == key(bars[first]); ++next) {
            const Bar& bar = bars[next];
            if (is_halt(bar)) {
                if (close == 0) close = bar.close;
                continue;
            }
            if (!traded) {
                out.open = bar.open;
                out.high = bar.high;
                out.low = bar.low;
            }
            traded = true;
            out.high = std::max(out.high, bar.high);
            out.low = std::min(out.low, bar.low);
            close = bar.close;
            out.volume += bar.volume;
            valued = valued || bar.value != Bar::value_missing;
            out.value += bar.value == Bar::value_missing ? bar.close * bar.volume : bar.value;
        }
        out.close = close;
        if (traded && !valued) out.value = Bar::value_missing;
        stamp(out, bars.subspan(first, next - first));
        groups.push_back(out);
        first = next;
    }
    return groups;
}

// Session p of the six columns `to` from the sessions [first, last] of `from`, one lane.
struct LanePeriod {
    std::size_t lane, first, last, period;
};
using Columns = std::array<const TileColumn*, field_count>;
void write_period(const Columns& from, const MaskColumn& traded, LanePeriod at, TileColumn* to) {
    const auto in = [&](Field field, std::size_t t) {
        return from[static_cast<std::size_t>(field)]->at(at.lane, t);
    };
    const double close = in(Field::close, at.last);
    double open = close, high = close, low = close, volume = 0, value = 0;
    bool any = false;
    for (std::size_t t = at.first; t <= at.last; ++t) {
        volume += in(Field::volume, t);
        value += in(Field::value, t);
        if (!traded.at(at.lane, t)) continue;
        open = any ? open : in(Field::open, t);
        high = any ? std::max(high, in(Field::high, t)) : in(Field::high, t);
        low = any ? std::min(low, in(Field::low, t)) : in(Field::low, t);
        any = true;
    }
    const std::array<double, field_count> bar{open, high, low, close, volume, value};
    for (std::size_t field = 0; field < field_count; ++field)
        to[field].at(at.lane, at.period) = bar[field];
}

double value_of_period(const Frame& frame, const TileColumn& column, LanePeriod at, bool summed) {
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!summed) return column.at(at.lane, at.last);
    // A day's value is there at the close of its last bar, and goes on into the next day.
    for (std::size_t t = at.first; t <= at.last; ++t)
        if (const double held = column.at(at.lane, t); frame.ends_day(t) && !std::isnan(held))
            value = std::isnan(value) ? held : value + held;
    return value;
}

void fill_missing(TileColumn& column, std::size_t tile) {
    std::fill_n(column.tile(tile), column.sessions() * tile_lanes,
                std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

std::vector<Bar> resample_days(std::span<const Bar> days, Period period) {
    return group(
        days, [&](const Bar& bar) { return number_of(bar.date, period); },
        [](Bar& out, std::span<const Bar> rows) { out.date = rows.back().date; });
}

std::vector<Bar> resample_minutes(std::span<const Bar> rows, const MinuteGrid& grid) {
    const auto begin_of = [&](const Bar& row) {
        const SessionSlots* slots = grid.on(row.date);
        return slots == nullptr ? row.minute / grid.minutes() * grid.minutes()
                                : slots->begins()[*slots->slot_of(row.minute)];
    };
    std::vector<Bar> bars = group(
        within_sessions(rows, grid),
        [&](const Bar& row) { return std::pair{row.date, begin_of(row)}; },
        [&](Bar& out, std::span<const Bar> of) {
            out.date = of.front().date;
            out.minute = begin_of(of.front());
        });
    std::erase_if(bars, is_halt);
    return bars;
}

std::vector<Bar> days_of_minutes(std::span<const Bar> rows, const MinuteGrid& grid) {
    return group(
        within_sessions(rows, grid), [](const Bar& row) { return row.date; },
        [](Bar& out, std::span<const Bar> of) { out.date = of.front().date; });
}

MinuteGrid grid_of(const Instrument& instrument, std::span<const Bar> rows, int minutes) {
    if (!is_krx_code(instrument.symbol) || rows.empty()) return MinuteGrid{minutes};
    return {minutes, rows.front().date, rows.back().date};
}

Periods periods_of(std::span<const Date> sessions, Period period) {
    const Calendar& calendar = Calendar::krx();
    const std::span<const Date> all = calendar.all();
    Periods periods;
    periods.of.reserve(sessions.size());
    periods.complete.reserve(sessions.size());
    for (std::size_t t = 0; t < sessions.size(); ++t) {
        const int number = number_of(sessions[t], period);
        if (t == 0 || number != number_of(sessions[t - 1], period)) {
            ++periods.count;
            periods.last.push_back(t);
        }
        periods.last.back() = t;
        const std::size_t own = periods.count - 1;
        periods.of.push_back(own);
        const int session = calendar.session_on(sessions[t]);
        bool over = t + 1 < sessions.size() && number != number_of(sessions[t + 1], period);
        if (session >= 0) {
            const auto after = static_cast<std::size_t>(session) + 1;
            over = after == all.size() || number != number_of(all[after], period);
        }
        const bool day_goes_on = t + 1 < sessions.size() && sessions[t + 1] == sessions[t];
        over = over && !day_goes_on;
        periods.complete.push_back(over ? own : own - 1);  // before the first: none
    }
    return periods;
}

Frame resample(const Frame& frame, const Periods& periods, const std::vector<bool>& summed,
               unsigned threads) {
    HSL_ASSERT(periods.of.size() == frame.session_count());
    Frame out;
    out.lanes = frame.lanes;
    out.symbol_count = frame.symbol_count;
    for (Lane& lane : out.lanes) {
        lane.first = periods.of[lane.first];
        lane.last = periods.of[lane.last];
    }
    for (const std::size_t last : periods.last) out.sessions.push_back(frame.sessions[last]);
    const std::size_t tiles = frame.tile_count();
    for (TileColumn& column : out.columns) column = TileColumn{tiles, periods.count};
    Columns columns{}, raw{};
    for (std::size_t field = 0; field < field_count; ++field) {
        columns[field] = &frame.columns[field];
        raw[field] = &frame.raw(static_cast<Field>(field));
    }
    const bool has_raw = columns != raw;
    if (has_raw)
        for (TileColumn& column : out.raw_columns) column = TileColumn{tiles, periods.count};
    for (std::size_t i = 0; i < frame.named.size(); ++i)
        out.named.emplace_back(tiles, periods.count);
    for (MaskColumn* mask : {&out.listed, &out.traded, &out.buyable, &out.sellable})
        *mask = MaskColumn{tiles, periods.count};

    parallel_for(tiles, threads, [&](std::size_t tile, unsigned) {
        for (TileColumn& column : out.columns) fill_missing(column, tile);
        if (has_raw)
            for (TileColumn& column : out.raw_columns) fill_missing(column, tile);
        for (TileColumn& column : out.named) fill_missing(column, tile);
        for (std::size_t p = 0; p < periods.count; ++p) {
            const std::size_t last = periods.last[p];
            out.listed.tile(tile)[p] = frame.listed.tile(tile)[last];
            out.traded.tile(tile)[p] = frame.traded.tile(tile)[last];
            out.buyable.tile(tile)[p] = frame.buyable.tile(tile)[last];
            out.sellable.tile(tile)[p] = frame.sellable.tile(tile)[last];
            const std::size_t first = p == 0 ? 0 : periods.last[p - 1] + 1;
            for (std::size_t i = 0; i < frame.lanes_in_tile(tile); ++i) {
                const std::size_t lane = tile * tile_lanes + i;
                const LanePeriod at{.lane = lane,
                                    .first = std::max(first, frame.lanes[lane].first),
                                    .last = std::min(last, frame.lanes[lane].last),
                                    .period = p};
                if (at.first > at.last) continue;
                write_period(columns, frame.traded, at, out.columns);
                if (has_raw) write_period(raw, frame.traded, at, out.raw_columns);
                for (std::size_t c = 0; c < frame.named.size(); ++c)
                    out.named[c].at(lane, p) =
                        value_of_period(frame, frame.named[c], at, c < summed.size() && summed[c]);
            }
        }
    });
    return out;
}

}  // namespace hsl::market
