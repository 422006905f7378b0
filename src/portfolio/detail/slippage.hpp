// SPDX-License-Identifier: Apache-2.0
#pragma once

// Prices worsened by slippage, in whole won, within the day's limits.
// docs/concepts/session-order.md.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace hsl::portfolio::detail {

struct Slippage {
    static constexpr double unit = 1e6;
    explicit Slippage(std::int64_t e6)
        : buy_factor(unit + static_cast<double>(e6)), sell_factor(unit - static_cast<double>(e6)) {}

    double buy_factor, sell_factor;

    // `upper`, `lower`: the room of the day, in whole won.
    [[nodiscard]] double buy_price(double open, double upper) const {
        return std::min(std::ceil(open * buy_factor / unit), std::max(open, upper));
    }
    // `fair`: the open or a stop level, not rounded.
    [[nodiscard]] double sell_price(double fair, double lower) const {
        return std::max(std::floor(fair * sell_factor / unit), std::min(std::floor(fair), lower));
    }
};

}  // namespace hsl::portfolio::detail
