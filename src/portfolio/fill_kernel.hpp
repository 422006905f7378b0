// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one fill kernel: turns decisions into fills and running sums, a tile at a time. The order of
// a session is that of docs/concepts/session-order.md. Every sum is of whole won below 2^53, so it
// is exact in any order and any number of lanes: same bits for every CPU and thread count.
//
// It walks a lane from event to event, not from bar to bar: signals become strings of bits, of
// which the next set one is found in a few instructions; a position's bars are swept by vector
// code, once for its value and, where the set has stops, once for the first bar that reaches a
// level.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.hpp"
#include "base/error.hpp"
#include "market/frame.hpp"
#include "market/rules.hpp"
#include "portfolio/fill.hpp"

namespace hsl::portfolio {

namespace detail {
struct ExactPrices;
struct Terms;
}  // namespace detail

// What all sets share on one frame: the window and the rules of its sessions. Read by any number
// of threads.
struct KernelContext {
    const market::Frame* frame = nullptr;
    std::size_t s0 = 0;    // first decision at the close of s0
    std::size_t last = 0;  // the run's last session, included
    // In a frame of minutes: the last session of the day before, by session. Empty in one of days.
    std::vector<std::uint32_t> last_of_day_before;
    // The session whose close the limits of t are counted from.
    [[nodiscard]] std::size_t before(std::size_t t) const {
        return last_of_day_before.empty() ? t - 1 : last_of_day_before[t];
    }
    // By session, one row for lanes that are traded as the same; rules_row[lane] picks the row.
    // Sessions outside (s0, last] hold nothing: nothing is traded there.
    std::vector<std::vector<std::int64_t>> sale_tax_e7;
    struct Grid {
        const market::TickStep* ticks = nullptr;
        int limit_percent = 0;  // exact
        int ratio_percent = 0;  // where prices are not known to be raw, or the table ends
    };
    std::vector<std::vector<Grid>> grids;
    std::vector<std::uint32_t> rules_row;
    std::int64_t highest_tax_e7 = 0;
};
// Keeps a reference to the frame. s0 and last end their days. An error when a session of the window
// is outside the tax table.
[[nodiscard]] Result<KernelContext> make_context(const market::Frame& frame, std::size_t s0,
                                                 std::size_t last, market::Market unknown_is);

// The running sums of one set: grows over tiles, adds up over workers. Index = session - s0.
struct SetTally {
    explicit SetTally(std::size_t sessions);
    // Exact, so the order of adding does not matter.
    void add(const SetTally& other);
    // Sets `overflow` when a sum has left the exact range. Once, at the end.
    void check();
    // Sum of the money of the accounts open at the close of each session.
    [[nodiscard]] std::vector<double> cash() const;

    // Change of that sum since the session before, openings and closings of accounts included: it
    // moves at events only, so this is what the walk keeps.
    std::vector<double> cash_flow;
    std::vector<double> held;    // shares x last traded close, over the accounts open at that close
    std::vector<double> opened;  // equity of the accounts that open at this session
    std::vector<double> closed;  // equity of those whose last row this is, before the run's last
    // Trades: closed round trips, forced ones included; sums in won.
    std::int64_t trades = 0;
    std::int64_t wins = 0;  // net profit > 0
    double gains = 0;       // sum of positive net profits
    double losses = 0;      // sum of negative net profits, as a positive number
    double bought = 0;      // value of buys
    double sold = 0;
    double commission = 0;
    double tax = 0;
    double slippage = 0;
    std::int64_t skipped_entries = 0;  // n = 0
    std::int64_t accounts = 0;
    double dividends = 0;  // net, as they came into equity
    // What positions brought that a delisting settled at the last traded close, by session.
    struct Settled {
        std::size_t session;  // - s0
        double won;
    };
    std::vector<Settled> delisted;
    bool overflow = false;  // a sum left the exact range: the run is refused
};

struct LaneResult {
    double final_equity = 0;  // 0 for a lane that never opened an account
    std::int32_t trades = 0;
};

// One worker's view of one tile. load() turns the tile on its side, once for all sets; walk() then
// trades one set on it. Not for two threads at once.
class TileWalker {
public:
    explicit TileWalker(const KernelContext& context);  // keeps a reference
    void load(std::size_t tile);
    // entry, exit: a byte a session of the whole frame, a bit a lane (exit may be null: never).
    // results: an entry for each of the 8 lanes. fills, when not null, grows by lane, then session.
    void walk(const TradeRules& rules, const std::uint8_t* entry, const std::uint8_t* exit,
              SetTally& tally, std::span<LaneResult> results, std::vector<Fill>* fills);

private:
    struct LaneWalk;
    struct RawWalk;
    struct Sums;
    struct BitRow;
    struct FillMaker;
    // The sessions of a lane's account, counted from base_, both included.
    struct Account {
        bool exists = false;
        std::size_t first = 0, last = 0;
    };
    [[nodiscard]] Account account_of(std::size_t lane) const;
    // What a fill at an open needs to know, side by side: fills are rare and far apart.
    struct Quote {
        double open, buy, sell;  // as it is, what is paid for a buy and got for a sale
        double mean_value;       // traded value, as of the session before
    };
    struct Quotes {
        std::int64_t slippage_e6;
        int slippage_ticks;
        AlignedBuffer<Quote> at;  // [lane][t]
        bool loaded = false;      // for this tile
    };
    // One set on a lane with corporate actions.
    LaneResult walk_raw(const detail::Terms& terms, const Quotes& quotes, std::size_t lane,
                        SetTally& tally, Sums& sums, std::vector<Fill>* fills) const;
    const Quotes& quotes_with(const TradeRules& rules, const detail::Terms& terms);
    // Replaces what is paid and got on a lane of raw prices.
    void quote_exactly(const detail::Terms& terms, std::size_t lane, Quotes& quotes) const;
    // The same on another lane, on the sessions whose limit was not 30 %.
    void quote_within_ratio(const detail::Terms& terms, std::size_t lane, Quotes& quotes) const;
    [[nodiscard]] detail::ExactPrices exact_prices(const detail::Terms& terms,
                                                   std::size_t lane) const;
    void average_values();
    // The closes that the limits of [begin, begin + sessions) are counted from, a tile's lanes side
    // by side; `room` is where they go if they do not lie so already.
    [[nodiscard]] const double* closes_before(std::size_t begin, std::size_t sessions,
                                              double* room) const;
    void summarize(const std::vector<std::uint64_t>& bits,
                   std::vector<std::uint64_t>& summary) const;
    [[nodiscard]] BitRow row_of(const std::vector<std::uint64_t>& bits,
                                const std::vector<std::uint64_t>& summary, std::size_t lane) const;

    const KernelContext& context_;
    std::size_t tile_ = 0;
    std::size_t lanes_ = 0;  // in use
    std::size_t base_;       // the session that index 0 below stands for: s0 down to a whole word
    std::size_t count_;      // sessions from there to the run's last
    std::size_t row_;        // doubles from one lane to the next
    std::size_t words_;      // of bits, 64 sessions each
    std::size_t groups_;     // of summaries, 64 words each
    // [lane][t]. low_ and high_ are infinite where nothing can be reached: halts, not listed.
    AlignedBuffer<double> close_, low_, high_;
    AlignedBuffer<double> mean_value_;  // [t][lane]: traded value, as of t
    std::vector<Quotes> quotes_;
    // [lane][word], clipped to the account. buyable_next_: a buy can fill at the session after.
    std::vector<std::uint64_t> buyable_next_, sellable_;
    std::vector<std::uint64_t> entry_, exit_;  // of the set being walked
    // [lane][group]: a bit a word that holds any.
    std::vector<std::uint64_t> sellable_summary_, entry_summary_, exit_summary_;
    bool inexact_ = false;  // a sum of traded values left the exact range
};

}  // namespace hsl::portfolio
