// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the two walks of a TileWalker share: rows of bits, sums of a tile.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "portfolio/detail/terms.hpp"
#include "portfolio/fill_kernel.hpp"

namespace hsl::portfolio {

// A lane's sessions as bits, and a summary of which words hold any: a set bit is found without a
// loop, whose length no branch predictor could guess.
struct TileWalker::BitRow {
    const detail::Bits* words;
    const detail::Bits* summary;
    std::size_t summary_count;

    bool is_set(std::size_t at) const { return ((words[at / 64] >> (at % 64)) & 1) != 0; }

    // The first set bit at or after `from`, `never` when there is none.
    std::size_t next(std::size_t from) const {
        const std::size_t here = from / 64;
        const detail::Bits rest = words[here] & (~detail::Bits{0} << (from % 64));
        std::size_t group = here / 64;
        detail::Bits later = summary[group] & (~detail::Bits{1} << (here % 64));
        if (later == 0 && rest == 0) {
            do
                if (++group >= summary_count) return detail::never;
            while ((later = summary[group]) == 0);
        }
        // Where `rest` decides, `there` only has to be a word that can be read.
        const std::size_t there =
            group * 64 + (static_cast<std::size_t>(std::countr_zero(later)) & 63);
        const std::size_t word = rest != 0 ? here : there;
        const detail::Bits bits = rest != 0 ? rest : words[there];
        return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    }
};

// Fills of one lane; sessions are counted from the walker's base.
struct TileWalker::FillMaker {
    std::size_t lane, base;

    Fill operator()(std::size_t u, std::size_t decided, Side side, Reason reason,
                    std::int64_t price, std::int64_t shares, std::int64_t commission,
                    std::int64_t tax, std::int64_t slippage) const {
        return {.lane = static_cast<std::uint32_t>(lane),
                .signal_session = static_cast<std::uint32_t>(base + decided),
                .session = static_cast<std::uint32_t>(base + u),
                .side = side,
                .reason = reason,
                .price = price,
                .shares = shares,
                .commission = commission,
                .tax = tax,
                .slippage = slippage};
    }
};

// What one set does in one tile, in whole won.
struct TileWalker::Sums {
    std::int64_t trades = 0, wins = 0, gains = 0, losses = 0, bought = 0, sold = 0;
    std::int64_t commission = 0, tax = 0, slippage = 0, skipped_entries = 0, accounts = 0;
    // Every value and every price that was multiplied, or-ed together: the widest one shows.
    detail::Bits values = 0, prices = 0;

    void add_buy(const Fill& fill) {
        bought += fill.shares * fill.price;
        add_costs(fill);
    }
    void add_sale(const Fill& fill) {
        sold += fill.shares * fill.price;
        tax += fill.tax;
        add_costs(fill);
    }
    // What a closed trade brought in, less what it took.
    void add_trade(std::int64_t profit) {
        wins += profit > 0 ? 1 : 0;
        gains += std::max<std::int64_t>(profit, 0);
        losses += std::max<std::int64_t>(-profit, 0);
    }
    void add_to(SetTally& tally) const {
        tally.trades += trades;
        tally.wins += wins;
        tally.gains += static_cast<double>(gains);
        tally.losses += static_cast<double>(losses);
        tally.bought += static_cast<double>(bought);
        tally.sold += static_cast<double>(sold);
        tally.commission += static_cast<double>(commission);
        tally.tax += static_cast<double>(tax);
        tally.slippage += static_cast<double>(slippage);
        tally.skipped_entries += skipped_entries;
        tally.accounts += accounts;
    }

private:
    void add_costs(const Fill& fill) {
        commission += fill.commission;
        slippage += fill.slippage;
        values |= static_cast<detail::Bits>(fill.shares * fill.price);
        prices |= static_cast<detail::Bits>(fill.price);
    }
};

// Why a position is closed where its lane ends.
inline Reason reason_of(market::LaneEnd end) {
    switch (end) {
        case market::LaneEnd::cut:
            return Reason::cut;
        case market::LaneEnd::delisted:
            return Reason::delisting;
        case market::LaneEnd::merged:
            return Reason::merger;
        default:
            return Reason::last_row;
    }
}

}  // namespace hsl::portfolio
