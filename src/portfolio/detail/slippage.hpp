// SPDX-License-Identifier: Apache-2.0
#pragma once

// Prices worsened by slippage, in whole won, within the day's limits.
// docs/concepts/session-order.md.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "market/rules.hpp"

namespace hsl::portfolio::detail {

struct Slippage {
    static constexpr double unit = 1e6;
    explicit Slippage(std::int64_t e6)
        : buy_factor(unit + static_cast<double>(e6)), sell_factor(unit - static_cast<double>(e6)) {}

    double buy_factor, sell_factor;

    [[nodiscard]] double buy_price(double open, double previous_close) const {
        const double slipped = std::ceil(open * buy_factor / unit);
        const double highest = std::max(open, std::floor(market::limit_up_ratio * previous_close));
        return std::min(slipped, highest);
    }
    // `fair`: the open or a stop level, not rounded.
    [[nodiscard]] double sell_price(double fair, double previous_close) const {
        const double slipped = std::floor(fair * sell_factor / unit);
        const double lowest =
            std::min(std::floor(fair), std::ceil(market::limit_down_ratio * previous_close));
        return std::max(slipped, lowest);
    }
};

}  // namespace hsl::portfolio::detail
