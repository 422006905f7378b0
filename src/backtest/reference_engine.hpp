// SPDX-License-Identifier: Apache-2.0
#pragma once

// The obvious engine: one lane, one bar, one order at a time, in integers. It shares nothing with
// the fill kernel but the rule tables, and exists to disagree with it.

#include <cstdint>
#include <span>
#include <vector>

#include "market/frame.hpp"
#include "portfolio/fill.hpp"

namespace hsl::backtest {

struct ReferenceAccount {
    std::vector<portfolio::Fill> fills;
    std::vector<std::int64_t> equity;  // at the close of s0 .. last; 0 while not open
    std::vector<std::int64_t> held;    // value of the shares at the last traded close
    std::int64_t skipped_entries = 0;
    std::int64_t dividends = 0;          // net, those that came into equity
    std::int64_t delisted_proceeds = 0;  // of a position that a delisting settled
};

// entry[t], exit[t]: true decisions of this lane at the close of t, over the whole frame.
[[nodiscard]] Result<ReferenceAccount> trade_one_lane(const market::Frame& frame, std::size_t lane,
                                                      std::size_t s0, std::size_t last,
                                                      const portfolio::TradeRules& rules,
                                                      market::Market unknown_is,
                                                      std::span<const bool> entry,
                                                      std::span<const bool> exit);

}  // namespace hsl::backtest
