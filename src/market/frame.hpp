// SPDX-License-Identifier: Apache-2.0
#pragma once

// A rectangle of sessions x lanes in tiles. A lane is one segment of one symbol: a stretch without
// unexplained jumps or long halts, a series of its own with its own warm-up and its own account.
// Built once, then read by any number of threads.

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
#include "market/instrument.hpp"

namespace hsl::market {

enum class Field : std::uint8_t { open, high, low, close, volume, value };
inline constexpr std::size_t field_count = 6;
[[nodiscard]] std::string_view name_of(Field field);

enum class LaneEnd : std::uint8_t {
    frame_end,  // alive at the frame's last session
    last_row,   // nothing traded after it: the rows end, or more than 20 halted sessions follow
    cut,        // a break: a jump, or a halt that was too long
};

struct Lane {
    Instrument instrument;
    int segment = 0;        // 0, 1, ... within the symbol, by date
    std::size_t first = 0;  // session index of its first bar: traded
    std::size_t last = 0;   // session index of its last bar, included
    LaneEnd end = LaneEnd::frame_end;
};

struct Excluded {
    std::string symbol;
    std::string reason;
};

struct FrameOptions {
    std::optional<Date> from = {};  // earlier bars do not enter; default: the calendar's first day
    std::optional<Date> to = {};    // later bars do not enter; default: the last bar
    bool allow_breaks = false;      // join segments instead of cutting
    bool all = false;               // preferred shares too
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

    // The exchange's sessions from the first traded bar to the earlier of `to` and the last bar.
    std::vector<Date> sessions;
    std::vector<Lane> lanes;  // by symbol, then segment; lane i is in tile i / 8
    // Doubles in won; value is close x volume where a bar has none. Within [first, last] never NaN:
    // a halted session is a flat bar at the last close with volume 0. Outside: NaN.
    TileColumn columns[field_count];
    MaskColumn listed;               // first <= t <= last
    MaskColumn traded;               // listed and not halted
    MaskColumn buyable;              // traded and not locked at the upper limit
    MaskColumn sellable;             // traded and not locked at the lower limit
    std::vector<Excluded> excluded;  // symbols that were left out, and why
    std::size_t symbol_count = 0;    // symbols with at least one lane
    // Sessions of the cuts, ascending: where the next lane begins, or a halt without an end. As
    // many as lanes that end in a cut.
    std::vector<std::size_t> breaks;
};

// Scale other than 0, no traded bar, or a preferred share without `all`: excluded with a reason. An
// empty result is an error that says which. Other errors: a symbol that is not there (with the
// nearest ones), a date outside the calendar, a row that import would have quarantined.
[[nodiscard]] Result<Frame> build_frame(const BarTable& bars, const FrameOptions& options,
                                        const Progress& progress = {});

}  // namespace hsl::market
