// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one fill kernel: turns decisions into fills and running sums, a tile at a time. The order of a
// session is that of docs/concepts/session-order.md. Every sum is of whole won below 2^53, so it is
// exact in any order and any number of lanes: same bits for every CPU and thread count.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tile.hpp"
#include "market/frame.hpp"
#include "portfolio/fill.hpp"

namespace hsl::portfolio {

// What all sets share on one frame: the window, tax by session, the participation base.
struct KernelContext {
    const market::Frame* frame = nullptr;
    std::size_t s0 = 0;    // first decision at the close of s0
    std::size_t last = 0;  // the run's last session, included
    // Sale tax a session in 1e-7, one row a market class; tax_row[lane] picks the row.
    std::vector<std::vector<std::int64_t>> sale_tax_e7;
    std::vector<std::uint8_t> tax_row;
    // Mean traded value of the last 20 sessions as of t (fewer at a lane's start: those there are).
    TileColumn mean_value;
};
[[nodiscard]] Result<KernelContext> make_context(const market::Frame& frame, std::size_t s0,
                                                 std::size_t last, market::Market unknown_is,
                                                 unsigned threads);

// The running sums of one set: grows over tiles, adds up over workers. Index t = session - s0.
struct SetTally {
    explicit SetTally(std::size_t sessions);
    void add(const SetTally& other);

    // Sum over accounts open at the close of t. Whole won.
    std::vector<double> cash;      // money
    std::vector<double> held;      // shares x last traded close
    std::vector<double> opened;    // equity of the accounts that open at t
    std::vector<double> closed;    // equity of the accounts whose last row is t (still in cash/held at t)
    // Trades: closed round trips by signal or stop or forced; sums in won.
    std::int64_t trades = 0;
    std::int64_t wins = 0;              // net profit > 0
    double gains = 0;                   // sum of positive net profits
    double losses = 0;                  // sum of negative net profits, as a positive number
    double bought = 0;                  // value of buys
    double sold = 0;
    double commission = 0;
    double tax = 0;
    double slippage = 0;
    std::int64_t skipped_entries = 0;   // n = 0
    std::int64_t accounts = 0;
    bool overflow = false;              // a sum left the exact range: the run is refused
};

struct LaneResult {
    double final_equity = 0;  // 0 for a lane that never opened an account
    std::int32_t trades = 0;
};

// Walks one set over one tile. entry/exit: [session] bytes over the whole frame (exit may be null).
// lane_results: 8 entries. fills: appended in session order when not null.
void walk_tile(const KernelContext& context, std::size_t tile, const TradeRules& rules,
               const std::uint8_t* entry, const std::uint8_t* exit, SetTally& tally,
               std::span<LaneResult> lane_results, std::vector<Fill>* fills);

}  // namespace hsl::portfolio
