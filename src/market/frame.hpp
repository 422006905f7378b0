// SPDX-License-Identifier: Apache-2.0
#pragma once

// A rectangle of sessions x lanes in tiles. A lane is one segment of one symbol: a stretch without
// unexplained jumps or long halts, a series of its own with its own warm-up and its own account.
// A session is a day, or in a frame of minutes one bar of a day's trading. Built once, then read by
// any number of threads.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/tile.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "market/corporate_action.hpp"
#include "market/instrument.hpp"
#include "market/listing.hpp"
#include "market/named_column.hpp"

namespace hsl::market {

enum class Field : std::uint8_t { open, high, low, close, volume, value };
inline constexpr std::size_t field_count = 6;
[[nodiscard]] std::string_view name_of(Field field);

enum class LaneEnd : std::uint8_t {
    frame_end,  // alive at the frame's last session
    last_row,   // nothing traded after it: the rows end, or more than 20 halted sessions follow
    cut,        // a break: a jump, or a halt that was too long
    delisted,   // as last_row, and an action or a listing says that it left the exchange
    merged,     // as last_row, and its shares became those of another company
};

// A corporate action within a lane. Its sessions may lie beyond the frame's last one.
struct LaneAction {
    // It takes effect before the open of this session, the first traded one on or after the
    // ex-date, and never at a lane's first.
    std::size_t session = 0;
    CorporateAction action = {};
    PriceFactor factor = {};    // of this action alone
    std::int64_t previous = 0;  // reference price before it: the last close, or the base of an
                                // action before it on the same session
    std::int64_t base = 0;      // reference price after it: previous x factor, up to a whole tick
    std::size_t known = 0;      // a dividend counts from this close on
    std::size_t listing = 0;    // new shares can be sold from this session on
    std::size_t payment = 0;    // a dividend is cash from this open on
};

// Sessions, both included.
struct SessionRange {
    std::size_t first = 0;
    std::size_t last = 0;
};

struct Lane {
    Instrument instrument;
    int segment = 0;        // 0, 1, ... within the symbol, by date
    std::size_t first = 0;  // session index of its first bar: traded
    std::size_t last = 0;   // session index of its last bar, included
    LaneEnd end = LaneEnd::frame_end;
    Basis basis = Basis::unknown;
    // What listings tell, by session; nothing where they tell nothing. The first holds from the
    // frame's first session.
    struct Trading {
        std::size_t session = 0;
        TradedAs as = {};
        friend bool operator==(const Trading&, const Trading&) = default;
    };
    std::vector<Trading> trading = {};
    std::vector<LaneAction> actions = {};  // by session; of lanes whose prices are raw alone
    // Liquidation trading (정리매매): no limit, and nothing is bought.
    std::vector<SessionRange> liquidation = {};
    // After it was a common share, of frames that hold no others: nothing is bought.
    std::vector<SessionRange> uncommon = {};

    // Limits, ticks and base prices are exact: otherwise the ratio rules stand for them.
    [[nodiscard]] bool is_raw() const { return basis == Basis::raw; }
    // What picks a session's tick, limit and tax.
    [[nodiscard]] TradedAs traded_as(std::size_t session) const;
};

struct Excluded {
    std::string symbol;
    std::string reason;
    ShareClass share_class = ShareClass::unknown;  // where that is the reason
};

// All that a frame is made from. What is not given is not known.
struct FrameInputs {
    const BarTable& bars;
    const Listings* listings = nullptr;
    const Actions* actions = nullptr;
    std::span<const ColumnSeries> columns = {};
};

struct FrameOptions {
    std::optional<Date> from = {};  // earlier bars do not enter; default: the calendar's first day
    std::optional<Date> to = {};    // later bars do not enter; default: the last bar
    // Of minute bars: how many minutes a session of the frame is long. 0: it is a day.
    int minutes = 0;
    bool allow_breaks = false;  // join segments instead of cutting
    // Preferred shares, funds and the like too. Without it a symbol is there from the first day
    // on which it was a common share.
    bool all = false;
    // Confirmed actions count that were known by the close of this day; default: the last session.
    std::optional<Date> as_of = {};
    std::vector<std::string> columns = {};  // named columns wanted: Frame::named, in this order
    std::vector<std::string> symbols = {};  // only these; empty = every one
    unsigned threads = 0;                   // 0 = every core
};

class Frame {
public:
    [[nodiscard]] std::size_t session_count() const { return sessions.size(); }
    [[nodiscard]] std::size_t lane_count() const { return lanes.size(); }
    [[nodiscard]] std::size_t tile_count() const { return tiles_for(lanes.size()); }
    // Lanes in use in a tile: 8, fewer in the last one. Unused lanes hold NaN and clear bits.
    [[nodiscard]] std::size_t lanes_in_tile(std::size_t tile) const;
    [[nodiscard]] const TileColumn& column(Field field) const {
        return columns[static_cast<std::size_t>(field)];
    }
    // As they were traded: what fills and the account read. The same column where no action changed
    // a price.
    [[nodiscard]] const TileColumn& raw(Field field) const {
        const TileColumn& own = raw_columns[static_cast<std::size_t>(field)];
        return own.tiles() == 0 ? column(field) : own;
    }

    // First and last session of t's day: t itself in a frame of days.
    [[nodiscard]] std::size_t day_first(std::size_t t) const {
        return minutes.empty() ? t : first_of_day(t);
    }
    [[nodiscard]] std::size_t day_last(std::size_t t) const {
        return minutes.empty() ? t : last_of_day(t);
    }
    [[nodiscard]] bool ends_day(std::size_t t) const {
        return t + 1 == sessions.size() || sessions[t + 1] != sessions[t];
    }
    // Whether a lane traded at any session of t's day.
    [[nodiscard]] bool traded_on_day(std::size_t lane, std::size_t t) const;

    // The exchange's sessions from the first traded bar to the earlier of `to` and the last bar. In
    // a frame of minutes each is there once for every bar of its day.
    std::vector<Date> sessions;
    // Of a frame of minutes: the minute that each session begins in. Empty in a frame of days.
    std::vector<std::int32_t> minutes;
    int bar_minutes = 0;      // FrameOptions::minutes
    std::vector<Lane> lanes;  // by symbol, then segment; lane i is in tile i / 8
    // Doubles in won; value is close x volume where a bar has none. Within [first, last] never NaN:
    // a halted session is a flat bar at the last close with volume 0. Outside: NaN. Prices are in
    // terms of the lane's first bar: divided by the factors of the actions since; volumes
    // multiplied by them. So no later action changes an earlier value.
    TileColumn columns[field_count];
    TileColumn raw_columns[field_count];  // empty where they would equal `columns`
    std::vector<TileColumn> named;        // FrameOptions::columns; NaN where nothing is known
    MaskColumn listed;                    // first <= t <= last
    MaskColumn traded;                    // listed and not halted
    MaskColumn buyable;                   // traded and not locked at the upper limit
    MaskColumn sellable;                  // traded and not locked at the lower limit
    std::vector<Excluded> excluded;       // symbols that were left out, and why
    std::size_t symbol_count = 0;         // symbols with at least one lane
    // Confirmed actions of symbols whose prices are not known to be raw: nothing was done.
    std::size_t unapplied_actions = 0;
    // Sessions of the cuts, ascending: where the next lane begins, or a halt without an end. As
    // many as lanes that end in a cut.
    std::vector<std::size_t> breaks;
    std::size_t outside_rows = 0;  // minute bars outside the regular session: left out

private:
    [[nodiscard]] std::size_t first_of_day(std::size_t t) const;
    [[nodiscard]] std::size_t last_of_day(std::size_t t) const;
};

// Scale other than 0, no traded bar, or without `all` no common share: excluded with a reason. An
// empty result is an error that says which. Other errors: a symbol that is not there (with the
// nearest ones), a date outside the calendar, a row that import would have quarantined, minute bars
// of a coarser step than `minutes`. Of minute bars and minutes = 0 days are made first.
[[nodiscard]] Result<Frame> build_frame(const FrameInputs& inputs, const FrameOptions& options,
                                        const Progress& progress = {});
[[nodiscard]] inline Result<Frame> build_frame(const BarTable& bars, const FrameOptions& options,
                                               const Progress& progress = {}) {
    return build_frame(FrameInputs{bars}, options, progress);
}
// The last step of it: fills frame.named from inputs.columns, each value from its day of knowledge
// on. An error that names the nearest column for one that is not there.
[[nodiscard]] Result<void> fill_named_columns(const FrameInputs& inputs,
                                              const FrameOptions& options, Frame& frame);

}  // namespace hsl::market
