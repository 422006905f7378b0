// SPDX-License-Identifier: Apache-2.0
#include "market/segments.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"

namespace hsl::market {
namespace {

// Whole numbers up to here are exact in a column of doubles.
constexpr std::int64_t price_end = std::int64_t{1} << 53;

constexpr auto halt_max = static_cast<std::size_t>(break_halt_sessions);

std::unexpected<Error> bad_row(const SeriesRows& rows, Date date, std::string_view what) {
    return fail(ErrorCode::bad_data, fmt::format("bars {} {}: {}; import the symbol again",
                                                 rows.instrument.symbol, date.iso(), what));
}

// Whether an action changes what a price or a halt means. A dividend does not.
bool explains(ActionKind kind) {
    return kind != ActionKind::cash_dividend && kind != ActionKind::delisting;
}

// Walks a series' rows and cuts them.
class Cutter {
public:
    Cutter(const BarTable& bars, const SeriesRows& rows, bool allow_breaks, const Known& known)
        : bars_(bars), rows_(rows), allow_breaks_(allow_breaks), known_(known) {}

    Result<void> take(std::size_t row) {
        const Date date{bars_.date[row]};
        const int on = Calendar::krx().session_on(date);
        if (on < 0) return bad_row(rows_, date, "the exchange had no session on that day");
        const auto session = static_cast<std::size_t>(on);
        if (any_ && session <= last_row_)
            return bad_row(rows_, date, "the rows do not ascend by date");
        any_ = true;
        last_row_ = session;

        // A halt has a low of 0 or no volume, so most rows need no closer look.
        if ((bars_.low[row] <= 0 || bars_.volume[row] == 0) && is_halt(bars_.bar(row))) return {};
        const std::int64_t close = bars_.close[row];
        if (bars_.low[row] <= 0 || close <= 0 || close >= price_end)
            return bad_row(
                rows_, date,
                fmt::format("a traded row with low {} and close {}", bars_.low[row], close));

        const bool acts = next_ < known_.actions.size() && known_.actions[next_].ex_date <= date;
        std::vector<SegmentAction> actions;
        if (acts) actions = take_effect(session, date);
        const bool cut =
            !segments_.empty() && !allow_breaks_ && cuts(session, date, close, actions);
        if (cut) {
            segments_.back().last = last_traded_;
            segments_.back().cut = true;
        }
        if (cut || segments_.empty())
            segments_.push_back({.first = session});
        else if (acts)
            segments_.back().actions.insert(segments_.back().actions.end(), actions.begin(),
                                            actions.end());
        std::vector<TradedRun>& runs = segments_.back().runs;
        if (!runs.empty() && session == last_traded_ + 1 &&
            row == runs.back().row + runs.back().count)
            ++runs.back().count;
        else
            runs.push_back({.session = session, .row = row, .count = 1});
        last_traded_ = session;
        last_close_ = close;
        return {};
    }

    // `ended`: there is no row after the last one taken, whatever its day.
    std::vector<Segment> finish(bool ended, Days days) {
        if (segments_.empty()) return std::move(segments_);
        // The last segment keeps the halts after its last traded row, unless there are too many:
        // they cut as they would if the symbol came back.
        if (!ended) last_row_ = Calendar::krx().lower_bound(days.to + 1) - 1;
        const bool keep = allow_breaks_ || last_row_ - last_traded_ <= halt_max;
        segments_.back().last = keep ? last_row_ : last_traded_;
        segments_.back().cut = !keep && !(ended && known_.leaves);
        return std::move(segments_);
    }

private:
    // The actions since the last traded row, each on the reference price that the one before left.
    std::vector<SegmentAction> take_effect(std::size_t session, Date date) {
        std::vector<SegmentAction> actions;
        std::int64_t previous = last_close_;
        for (; next_ < known_.actions.size() && known_.actions[next_].ex_date <= date; ++next_) {
            if (segments_.empty()) continue;
            const PriceFactor factor = price_factor(known_.actions[next_], previous);
            const std::int64_t base = base_after(previous, factor, date);
            actions.push_back({session, next_, factor, previous, base});
            previous = base;
        }
        return actions;
    }

    // previous x factor, up to a whole tick.
    std::int64_t base_after(std::int64_t previous, PriceFactor factor, Date date) const {
        if (factor == PriceFactor{}) return previous;
        __extension__ using Wide = __int128;
        const auto up = [](Wide value, Wide unit) { return (value + unit - 1) / unit; };
        const auto won = static_cast<std::int64_t>(std::max<Wide>(
            up(static_cast<Wide>(previous) * factor.numerator, factor.denominator), 1));
        const TradedAs as = rows_.traded_as(date);
        const std::int64_t tick = tick_size(as.market, date, won, as.share_class).value_or(1);
        return static_cast<std::int64_t>(up(won, tick)) * tick;
    }

    bool cuts(std::size_t session, Date date, std::int64_t close,
              const std::vector<SegmentAction>& actions) const {
        const bool free = std::ranges::any_of(known_.liquidation, [&](const Days& days) {
            return days.from <= date && date <= days.to;
        });
        if (free) return false;
        // What a holder then has are shares of two companies, of which this is one.
        const auto splits_up = [&](const SegmentAction& action) {
            return known_.actions[action.index].kind == ActionKind::spin_off;
        };
        if (std::ranges::any_of(actions, splits_up)) return true;
        const bool explained = std::ranges::any_of(actions, [&](const SegmentAction& action) {
            return explains(known_.actions[action.index].kind);
        });
        const std::int64_t reference = actions.empty() ? last_close_ : actions.back().base;
        const std::size_t halts = session - last_traded_ - 1;
        if (explained && halts > 0) return beyond_auction(close, reference);
        return is_break(close, reference, rows_.traded_as(date).multiple) || halts > halt_max;
    }

    // Trading resumes by an auction between half and twice the reference, then within the limit.
    static bool beyond_auction(std::int64_t close, std::int64_t reference) {
        return 20 * close > 52 * reference || 20 * close < 7 * reference;
    }

    const BarTable& bars_;
    const SeriesRows& rows_;
    bool allow_breaks_;
    const Known& known_;
    std::vector<Segment> segments_;
    std::size_t next_ = 0;         // action
    std::int64_t last_close_ = 0;  // of the last traded row
    std::size_t last_traded_ = 0;  // its session
    std::size_t last_row_ = 0;     // session of the last row, traded or not
    bool any_ = false;
};

}  // namespace

TradedAs SeriesRows::traded_as(Date date) const {
    if (trading.empty()) return {.market = instrument.market};
    auto next = std::ranges::upper_bound(trading, date, {}, &TradedFrom::first);
    if (next == trading.begin()) ++next;
    return std::prev(next)->as;
}

Result<std::vector<Segment>> find_segments(const BarTable& bars, const SeriesRows& rows, Days days,
                                           bool allow_breaks, const Known& known) {
    Cutter cutter{bars, rows, allow_breaks, known};
    const std::int32_t* const dates = bars.date.data();
    bool ended = true;
    for (const SeriesRows::Part& part : rows.parts) {
        HSL_ASSERT(part.first + part.count <= bars.rows());
        const std::int32_t* const part_end = dates + part.first + part.count;
        const std::int32_t* const begin =
            std::lower_bound(dates + part.first, part_end, days.from.days);
        const std::int32_t* const end = std::upper_bound(begin, part_end, days.to.days);
        for (auto row = static_cast<std::size_t>(begin - dates);
             row < static_cast<std::size_t>(end - dates); ++row)
            HSL_CHECK(cutter.take(row));
        ended = ended && end == part_end;
    }
    return cutter.finish(ended, days);
}

}  // namespace hsl::market
