// SPDX-License-Identifier: Apache-2.0
#include "market/frame.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
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

// Why a symbol stays out whatever its bars are; an empty reason when it does not. Where listings
// tell its class they decide, else its code.
Excluded reason_to_exclude(const Instrument& instrument, ShareClass share_class, bool all) {
    Excluded excluded{.symbol = instrument.symbol, .reason = {}, .share_class = share_class};
    if (instrument.scale != 0)
        excluded.reason =
            fmt::format("prices with {}: only Korean shares in whole won are traded here",
                        counted(instrument.scale, "decimal"));
    else if (all || share_class == ShareClass::common)
        return excluded;
    else if (share_class != ShareClass::unknown)
        excluded.reason =
            fmt::format("{}: no common share (--all takes it in)", name_of(share_class));
    else if (is_preferred(instrument.symbol))
        excluded.reason = "preferred share: its code does not end in 0 (--all takes it in)";
    return excluded;
}

// What the listings say of a symbol at its last bar in the window.
ShareClass class_of(const FrameInputs& inputs, const BarTable::Range& range,
                    const FrameOptions& options) {
    if (inputs.listings == nullptr || range.count == 0) return ShareClass::unknown;
    const Date last{inputs.bars.date[range.first + range.count - 1]};
    const Listing* listing =
        inputs.listings->find(range.instrument.symbol, std::min(last, options.to.value_or(last)));
    return listing == nullptr ? ShareClass::unknown : listing->share_class;
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
    LaneEnd end = LaneEnd::last_row;  // of its last lane, where the rows end within the window
    std::size_t unapplied = 0;        // actions on prices that are not known to be raw
};

// Another code follows: by a merger into another company, or as the same share's new code.
bool moves_on(const CorporateAction& action, ActionKind kind) {
    return action.kind == kind && !action.successor.empty() && action.successor != action.symbol;
}

class KnownFacts {
public:
    KnownFacts(const FrameInputs& inputs, Days days, Date as_of)
        : inputs_(inputs), days_(days), as_of_(as_of) {
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
        Series series{.range = &range,
                      .rows = {.instrument = range.instrument,
                               .parts = {{.first = range.first, .count = range.count}}}};
        const std::string& symbol = range.instrument.symbol;
        if (inputs_.listings != nullptr)
            if (const Listing* listing = inputs_.listings->find(symbol, days_.to)) {
                series.rows.share_class = listing->share_class;
                if (series.rows.instrument.market == Market::unknown)
                    series.rows.instrument.market = listing->market;
                if (listing->delisted && *listing->delisted <= as_of_)
                    series.end = listing->successor.empty() ? LaneEnd::delisted : LaneEnd::merged;
            }
        take_actions(symbol, series);
        join(series);
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
            const LaneEnd end = series.end;
            take_actions(before->instrument.symbol, series);
            series.end = end;
            symbol = before->instrument.symbol;
        }
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

std::vector<SessionRange> liquidation_of(const Lane& lane, const std::vector<Days>& periods,
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

// Where a segment's lane ends. `window_end` is the session after the frame's last one.
LaneEnd end_of(const Segment& segment, const Series& series, bool is_last, std::size_t window_end) {
    if (segment.cut) return LaneEnd::cut;
    if (segment.last + 1 == window_end) return LaneEnd::frame_end;
    return is_last ? series.end : LaneEnd::last_row;
}

void add_lanes(Frame& frame, const Series& series, const std::vector<Segment>& segments,
               const Listings* listings, std::size_t base, std::size_t window_end) {
    const auto calendar = Calendar::krx().all();
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
        if (listings != nullptr)
            if (const Listing* listing =
                    listings->find(lane.instrument.symbol, calendar[segment.last]))
                lane.share_class = listing->share_class;
        lane.actions = lane_actions(segment, series, base);
        lane.liquidation = liquidation_of(lane, series.liquidation, base);
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
        Excluded excluded =
            reason_to_exclude(range->instrument, class_of(inputs, *range, options), options.all);
        if (excluded.reason.empty())
            ranges.push_back(range);
        else
            frame.excluded.push_back(std::move(excluded));
    }

    HSL_TRY(const Days days, find_days(bars, ranges, options));
    const KnownFacts facts{inputs, days, options.as_of.value_or(days.to)};
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
        add_lanes(frame, series[i], *found[i], inputs.listings, base, window_end);
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
