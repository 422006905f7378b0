// SPDX-License-Identifier: Apache-2.0
#include "market/frame.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"
#include "market/detail/frame_tiles.hpp"
#include "market/detail/minute_rows.hpp"
#include "market/segments.hpp"

namespace hsl::market {
namespace {

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
    if (nearest.empty()) return counted(std::ssize(names), "symbol is there", "symbols are there");
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

// Of a code whose class listings do not tell, the code decides.
bool is_common(const TradedAs& as, std::string_view symbol) {
    return as.share_class == ShareClass::common ||
           (as.share_class == ShareClass::unknown && !is_preferred(symbol));
}

// The days on which a symbol was a common share, the first to the last of each stretch.
std::vector<Days> common_days(const SeriesRows& rows, std::string_view symbol) {
    constexpr Date ever{std::numeric_limits<std::int32_t>::min()};
    constexpr Date end{std::numeric_limits<std::int32_t>::max()};
    if (rows.trading.empty()) return {{ever, end}};
    std::vector<Days> found;
    for (std::size_t i = 0; i < rows.trading.size(); ++i) {
        if (!is_common(rows.trading[i].as, symbol)) continue;
        const Date last = i + 1 < rows.trading.size() ? rows.trading[i + 1].first + -1 : end;
        if (!found.empty() && found.back().to + 1 == rows.trading[i].first)
            found.back().to = last;
        else
            found.push_back({rows.trading[i].first, last});
    }
    return found;
}

SeriesRows rows_of(const FrameInputs& inputs, const BarTable::Range& range) {
    SeriesRows rows{.instrument = range.instrument,
                    .parts = {{.first = range.first, .count = range.count}}};
    if (inputs.listings != nullptr)
        rows.trading = inputs.listings->traded_as(range.instrument.symbol, range.instrument.market);
    return rows;
}

// Why a symbol stays out whatever its bars are; an empty reason when it does not. Where listings
// tell its class they decide, else its code.
Excluded reason_to_exclude(const FrameInputs& inputs, const BarTable::Range& range,
                           const FrameOptions& options) {
    const Instrument& instrument = range.instrument;
    Excluded excluded{.symbol = instrument.symbol, .reason = {}};
    if (instrument.scale != 0)
        excluded.reason =
            fmt::format("prices with {}: only Korean shares in whole won are traded here",
                        counted(instrument.scale, "decimal"));
    if (instrument.scale != 0 || options.all) return excluded;
    const SeriesRows rows = rows_of(inputs, range);
    Date first, last;
    if (range.count > 0) {
        last = Date{inputs.bars.date[range.first + range.count - 1]};
        last = std::min(last, options.to.value_or(last));
        first = Date{inputs.bars.date[range.first]};
        first = std::min(std::max(first, options.from.value_or(first)), last);
    }
    // What it was last is the reason, unless it was a common share on one of its days before.
    const ShareClass share_class =
        range.count > 0 ? rows.traded_as(last).share_class : ShareClass::unknown;
    const auto overlaps = [&](const Days& days) { return days.from <= last && first <= days.to; };
    if (share_class == ShareClass::unknown) {
        if (is_preferred(instrument.symbol))
            excluded.reason = "preferred share: its code does not end in 0 (--all takes it in)";
    } else if (std::ranges::none_of(common_days(rows, instrument.symbol), overlaps)) {
        excluded.share_class = share_class;
        excluded.reason =
            fmt::format("{}: no common share (--all takes it in)", name_of(share_class));
    }
    return excluded;
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

// --- what is known of each symbol ----------------------------------------------------------------

// The rows that become a symbol's lanes, and what explains them.
struct Series {
    const BarTable::Range* range = nullptr;
    SeriesRows rows = {};
    std::vector<CorporateAction> actions = {};  // those that its prices show
    std::vector<Days> liquidation = {};
    std::vector<Days> uncommon = {};  // after it was a common share
    LaneEnd end = LaneEnd::last_row;  // of its last lane, where the rows end within the window
    std::size_t unapplied = 0;        // actions on prices that are not known to be raw
};

// Another code follows: by a merger into another company, or as the same share's new code.
bool moves_on(const CorporateAction& action, ActionKind kind) {
    return action.kind == kind && !action.successor.empty() && action.successor != action.symbol;
}

class KnownFacts {
public:
    KnownFacts(const FrameInputs& inputs, Days days, Date as_of, bool all)
        : inputs_(inputs), days_(days), as_of_(as_of), all_(all) {
        if (inputs.listings != nullptr)
            for (const StatePeriod& period : inputs.listings->states())
                if (period.state == ListingState::liquidation)
                    liquidation_.emplace(period.symbol,
                                         Days{period.first, period.last.value_or(days.to)});
        if (inputs.actions != nullptr)
            for (const CorporateAction& action : inputs.actions->all())
                if (moves_on(action, ActionKind::code_change) &&
                    action.state == ActionState::confirmed && action.known() <= as_of)
                    predecessor_.emplace(action.successor, &action);
    }

    [[nodiscard]] Series series_of(const BarTable::Range& range) const {
        Series series{.range = &range, .rows = rows_of(inputs_, range)};
        const std::string& symbol = range.instrument.symbol;
        if (inputs_.listings != nullptr)
            if (const Listing* listing = inputs_.listings->find(symbol, days_.to);
                listing != nullptr && listing->delisted && *listing->delisted <= as_of_)
                series.end = listing->successor.empty() ? LaneEnd::delisted : LaneEnd::merged;
        if (series.rows.instrument.market == Market::unknown)
            series.rows.instrument.market = series.rows.traded_as(days_.to).market;
        take_actions(symbol, series);
        join(series);
        if (!all_) keep_common(series);
        put_in_order(series.actions);
        const auto [first, last] = liquidation_.equal_range(symbol);
        for (auto period = first; period != last; ++period)
            series.liquidation.push_back(period->second);
        return series;
    }

    // The code that a symbol's rows were joined to, if any.
    [[nodiscard]] const CorporateAction* joined_to(const BarTable::Range& range) const {
        if (inputs_.actions == nullptr) return nullptr;
        for (const CorporateAction& action : inputs_.actions->of(range.instrument.symbol))
            if (const auto at = predecessor_.find(action.successor);
                at != predecessor_.end() && at->second == &action && follows(range, action))
                return &action;
        return nullptr;
    }

private:
    // Actions of a code, by what its prices can show: adjusted ones hold the factors already, and
    // of others nobody knows.
    void take_actions(const std::string& symbol, Series& series) const {
        if (inputs_.actions == nullptr) return;
        for (CorporateAction& action : inputs_.actions->known(symbol, as_of_)) {
            if (action.shares_before <= 0 || action.shares_after <= 0) continue;
            if (action.kind == ActionKind::delisting)
                series.end = LaneEnd::delisted;
            else if (moves_on(action, ActionKind::merger))
                series.end = LaneEnd::merged;
            else if (series.range->basis == Basis::raw)
                series.actions.push_back(std::move(action));
            else if (action.kind == ActionKind::code_change &&
                     action.shares_after == action.shares_before)
                series.actions.push_back(std::move(action));
            else if (days_.from <= action.ex_date && action.ex_date <= days_.to)
                ++series.unapplied;
        }
    }

    // The rows of the codes that a symbol had before, and their actions.
    void join(Series& series) const {
        std::string_view symbol = series.rows.instrument.symbol;
        for (auto at = predecessor_.find(symbol); at != predecessor_.end();
             at = predecessor_.find(symbol)) {
            const BarTable::Range* before = range_of(at->second->symbol);
            if (before == nullptr || !follows(*before, *at->second)) return;
            series.rows.parts.insert(series.rows.parts.begin(),
                                     {.first = before->first, .count = before->count});
            join_trading(rows_of(inputs_, *before).trading, at->second->ex_date, series.rows);
            const LaneEnd end = series.end;
            take_actions(before->instrument.symbol, series);
            series.end = end;
            symbol = before->instrument.symbol;
        }
    }

    // What listings tell of an older code holds until the newer one's day. Where they tell of one
    // of the two alone, it holds for both.
    static void join_trading(std::vector<TradedFrom> older, Date change, SeriesRows& rows) {
        if (older.empty()) return;
        const TradedAs newer = rows.traded_as(change);
        std::erase_if(older, [&](const TradedFrom& step) { return step.first >= change; });
        if (!rows.trading.empty()) {
            older.push_back({change, newer});
            for (const TradedFrom& step : rows.trading)
                if (step.first > change) older.push_back(step);
        }
        rows.trading = std::move(older);
    }

    // The rows from the first day on which the symbol was a common share. What it became later
    // keeps its rows, since nobody knew; nothing is bought then.
    void keep_common(Series& series) const {
        const std::vector<Days> common = common_days(series.rows, series.rows.instrument.symbol);
        if (common.empty()) return;  // it is not here
        const std::int32_t* const dates = inputs_.bars.date.data();
        for (SeriesRows::Part& part : series.rows.parts) {
            const std::int32_t* const begin = dates + part.first;
            const auto* const from =
                std::lower_bound(begin, begin + part.count, common.front().from.days);
            part.first += static_cast<std::size_t>(from - begin);
            part.count -= static_cast<std::size_t>(from - begin);
        }
        for (std::size_t i = 0; i < common.size(); ++i)
            if (common[i].to < days_.to)
                series.uncommon.push_back(
                    {common[i].to + 1, i + 1 < common.size() ? common[i + 1].from + -1 : days_.to});
    }

    // Whether the rows of a code end before those of its successor begin, in the same terms.
    [[nodiscard]] bool follows(const BarTable::Range& before, const CorporateAction& change) const {
        const BarTable::Range* after = range_of(change.successor);
        return after != nullptr && after->count > 0 && before.count > 0 &&
               after->basis == before.basis && after->instrument.scale == before.instrument.scale &&
               inputs_.bars.date[before.first + before.count - 1] < inputs_.bars.date[after->first];
    }

    [[nodiscard]] const BarTable::Range* range_of(std::string_view symbol) const {
        const auto& all = inputs_.bars.symbols;
        const auto at = std::ranges::lower_bound(all, symbol, {}, [](const BarTable::Range& range) {
            return std::string_view{range.instrument.symbol};
        });
        return at != all.end() && at->instrument.symbol == symbol ? &*at : nullptr;
    }

    const FrameInputs& inputs_;
    Days days_;
    Date as_of_;
    bool all_;
    std::multimap<std::string, Days, std::less<>> liquidation_;
    std::map<std::string, const CorporateAction*, std::less<>> predecessor_;  // by successor
};

// --- lanes ---------------------------------------------------------------------------------------

// A day's session as the frame counts them, which may lie beyond its last one.
std::size_t session_from(const std::optional<Date>& date, std::size_t base, std::size_t at_least) {
    if (!date) return at_least;
    const std::size_t session = Calendar::krx().lower_bound(*date);
    return std::max(at_least, session - std::min(session, base));
}

std::vector<LaneAction> lane_actions(const Segment& segment, const Series& series,
                                     std::size_t base) {
    std::vector<LaneAction> actions;
    for (const SegmentAction& effect : segment.actions) {
        const CorporateAction& action = series.actions[effect.index];
        LaneAction& of = actions.emplace_back();
        of.session = effect.session - base;
        of.action = action;
        of.factor = effect.factor;
        of.previous = effect.previous;
        of.base = effect.base;
        of.known = session_from(action.announced, base, of.session);
        of.listing = session_from(action.listing_date, base, of.session);
        of.payment = session_from(action.payment_date, base, of.known);
    }
    return actions;
}

std::vector<SessionRange> ranges_of(const Lane& lane, const std::vector<Days>& periods,
                                    std::size_t base) {
    std::vector<SessionRange> ranges;
    for (const Days& days : periods) {
        const std::size_t first = session_from(days.from, base, lane.first);
        const std::size_t end = Calendar::krx().lower_bound(days.to + 1);
        if (end <= base) continue;
        const std::size_t last = std::min(lane.last, end - 1 - base);
        if (first <= last) ranges.push_back({first, last});
    }
    return ranges;
}

std::vector<Lane::Trading> trading_of(const Lane& lane, const std::vector<TradedFrom>& steps,
                                      std::size_t base) {
    std::vector<Lane::Trading> trading;
    for (const TradedFrom& step : steps) {
        const std::size_t day = Calendar::krx().lower_bound(step.first);
        const std::size_t session = day - std::min(day, base);
        if (session > lane.last) break;
        if (session <= lane.first) trading.clear();
        trading.push_back({trading.empty() ? 0 : session, step.as});
    }
    return trading;
}

// Where a segment's lane ends. `window_end` is the session after the frame's last one.
LaneEnd end_of(const Segment& segment, const Series& series, bool is_last, std::size_t window_end) {
    if (segment.cut) return LaneEnd::cut;
    if (segment.last + 1 == window_end) return LaneEnd::frame_end;
    return is_last ? series.end : LaneEnd::last_row;
}

void add_lanes(Frame& frame, const Series& series, const std::vector<Segment>& segments,
               std::size_t base, std::size_t window_end) {
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& segment = segments[i];
        const bool is_last = i + 1 == segments.size();
        // A cut counts where the next lane begins; without one, where the halt does.
        if (i > 0) frame.breaks.push_back(segment.first - base);
        if (segment.cut && is_last) frame.breaks.push_back(segment.last + 1 - base);
        Lane& lane = frame.lanes.emplace_back();
        lane.instrument = series.rows.instrument;
        lane.segment = static_cast<int>(i);
        lane.first = segment.first - base;
        lane.last = segment.last - base;
        lane.end = end_of(segment, series, is_last, window_end);
        lane.basis = series.range->basis;
        lane.trading = trading_of(lane, series.rows.trading, base);
        lane.actions = lane_actions(segment, series, base);
        lane.liquidation = ranges_of(lane, series.liquidation, base);
        lane.uncommon = ranges_of(lane, series.uncommon, base);
    }
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

// --- the frame in days
// -----------------------------------------------------------------------------

// What a frame of days holds, and what its lanes were cut from; columns come later.
struct Layout {
    Frame frame = {};
    std::size_t base = 0;                       // the calendar's index of its first session
    std::vector<const Segment*> segments = {};  // by lane, into `found`
    std::vector<Result<std::vector<Segment>>> found = {};
};

Result<Layout> lay_out(const FrameInputs& inputs, const FrameOptions& options,
                       const Progress& progress) {
    const BarTable& bars = inputs.bars;
    HSL_TRY(const std::vector<const BarTable::Range*> chosen, chosen_ranges(bars, options.symbols));
    Layout layout;
    Frame& frame = layout.frame;
    std::vector<const BarTable::Range*> ranges;
    for (const BarTable::Range* range : chosen) {
        Excluded excluded = reason_to_exclude(inputs, *range, options);
        if (excluded.reason.empty())
            ranges.push_back(range);
        else
            frame.excluded.push_back(std::move(excluded));
    }

    HSL_TRY(const Days days, find_days(bars, ranges, options));
    const KnownFacts facts{inputs, days, options.as_of.value_or(days.to), options.all};
    std::vector<Series> series;
    for (const BarTable::Range* range : ranges)
        if (const CorporateAction* change = facts.joined_to(*range))
            frame.excluded.push_back(
                {.symbol = range->instrument.symbol,
                 .reason = fmt::format("its code became {} on {}: its bars begin that lane",
                                       change->successor, change->ex_date.iso())});
        else
            series.push_back(facts.series_of(*range));

    auto& found = layout.found;
    found.resize(series.size());
    parallel_for(series.size(), options.threads, [&](std::size_t i, unsigned) {
        if (!progress.stopped())
            found[i] = find_segments(bars, series[i].rows, days, options.allow_breaks,
                                     {.actions = series[i].actions,
                                      .liquidation = series[i].liquidation,
                                      .leaves = series[i].end != LaneEnd::last_row});
    });

    // A lane a segment, by symbol, then date. The frame begins where the first of them does.
    std::vector<const Segment*>& segments = layout.segments;
    const std::size_t window_end = Calendar::krx().lower_bound(days.to + 1);
    std::size_t& base = layout.base = window_end;
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (!found[i]) return std::unexpected(std::move(found[i]).error());
        const BarTable::Range& range = *series[i].range;
        frame.unapplied_actions += series[i].unapplied;
        if (found[i]->empty())
            frame.excluded.push_back({.symbol = range.instrument.symbol,
                                      .reason = reason_without_segment(bars, range, days)});
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

    const auto sessions = Calendar::krx().all().subspan(base, window_end - base);
    frame.sessions.assign(sessions.begin(), sessions.end());
    for (std::size_t i = 0; i < series.size(); ++i)
        add_lanes(frame, series[i], *found[i], base, window_end);
    std::ranges::sort(frame.breaks);

    return layout;
}

// --- columns -------------------------------------------------------------------------------------

// As traded and adjusted are the same columns until an action changes a price.
void make_columns(Frame& frame) {
    const std::size_t tiles = frame.tile_count();
    const bool adjusts = std::ranges::any_of(frame.lanes, [](const Lane& lane) {
        return std::ranges::any_of(
            lane.actions, [](const LaneAction& action) { return action.factor != PriceFactor{}; });
    });
    for (std::size_t field = 0; field < field_count; ++field) {
        frame.columns[field] = TileColumn{tiles, frame.session_count()};
        if (adjusts && static_cast<Field>(field) != Field::value)
            frame.raw_columns[field] = TileColumn{tiles, frame.session_count()};
    }
    for (MaskColumn* mask : {&frame.listed, &frame.traded, &frame.buyable, &frame.sellable})
        *mask = MaskColumn{tiles, frame.session_count()};
}

using WriteTile = std::function<void(Frame& frame, std::size_t tile)>;
Result<Frame> finish(const FrameInputs& inputs, const FrameOptions& options, Frame frame,
                     const Progress& progress, const WriteTile& write) {
    make_columns(frame);
    std::atomic<std::size_t> done{0};
    parallel_for(frame.tile_count(), options.threads, [&](std::size_t tile, unsigned) {
        if (progress.stopped()) return;
        write(frame, tile);
        progress.done("building the frame", ++done, frame.tile_count());
    });
    if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped while building the frame");
    HSL_CHECK(fill_named_columns(inputs, options, frame));
    return frame;
}

// --- minutes -------------------------------------------------------------------------------------

Result<Frame> frame_of_minutes(const FrameInputs& inputs, const FrameOptions& options,
                               const Progress& progress) {
    // Lanes, cuts and actions go by days, so a frame of days comes first.
    HSL_TRY(const detail::MinuteRows rows,
            detail::fold_minutes(inputs.bars, options.minutes, options.threads));
    const FrameInputs by_day{.bars = rows.days,
                             .listings = inputs.listings,
                             .actions = inputs.actions,
                             .columns = inputs.columns};
    HSL_TRY(Layout layout, lay_out(by_day, options, progress));
    layout.frame.outside_rows = rows.outside;
    if (options.minutes == 0)
        return finish(inputs, options, std::move(layout.frame), progress,
                      [&](Frame& frame, std::size_t tile) {
                          detail::write_tile(rows.days, frame, tile, layout.base, layout.segments);
                      });
    for (const Lane& lane : layout.frame.lanes)
        HSL_CHECK(check_step(lane.instrument.symbol, rows.steps.at(lane.instrument.symbol),
                             options.minutes));
    const detail::DayLanes days =
        detail::split_days(layout.frame, rows, layout.base, layout.segments);
    return finish(inputs, options, std::move(layout.frame), progress,
                  [&](Frame& frame, std::size_t tile) {
                      detail::write_minute_tile(rows, days, frame, tile);
                  });
}

}  // namespace

std::string_view name_of(Field field) {
    constexpr std::string_view names[field_count] = {"open",  "high",   "low",
                                                     "close", "volume", "value"};
    return names[static_cast<std::size_t>(field)];
}

TradedAs Lane::traded_as(std::size_t session) const {
    if (trading.empty()) return {.market = instrument.market};
    const auto next = std::ranges::upper_bound(trading, session, {}, &Trading::session);
    HSL_ASSERT(next != trading.begin());
    return std::prev(next)->as;
}

std::size_t Frame::lanes_in_tile(std::size_t tile) const {
    HSL_ASSERT(tile < tile_count());
    return std::min(tile_lanes, lanes.size() - tile * tile_lanes);
}

std::size_t Frame::first_of_day(std::size_t t) const {
    const auto at = sessions.begin() + static_cast<std::ptrdiff_t>(t);
    return static_cast<std::size_t>(std::lower_bound(sessions.begin(), at, *at) - sessions.begin());
}

std::size_t Frame::last_of_day(std::size_t t) const {
    const auto at = sessions.begin() + static_cast<std::ptrdiff_t>(t);
    return static_cast<std::size_t>(std::upper_bound(at, sessions.end(), *at) - sessions.begin()) -
           1;
}

bool Frame::traded_on_day(std::size_t lane, std::size_t t) const {
    for (std::size_t s = day_first(t); s <= day_last(t); ++s)
        if (traded.at(lane, s)) return true;
    return false;
}

Result<Frame> build_frame(const FrameInputs& inputs, const FrameOptions& options,
                          const Progress& progress) {
    if (inputs.bars.interval == Interval::minute)
        return frame_of_minutes(inputs, options, progress);
    if (options.minutes > 0)
        return fail(ErrorCode::bad_usage,
                    fmt::format("bars of {} minutes are made from minute bars, and these are days",
                                options.minutes));
    HSL_TRY(Layout layout, lay_out(inputs, options, progress));
    return finish(inputs, options, std::move(layout.frame), progress,
                  [&](Frame& frame, std::size_t tile) {
                      detail::write_tile(inputs.bars, frame, tile, layout.base, layout.segments);
                  });
}

}  // namespace hsl::market
