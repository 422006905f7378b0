// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an order on a lane of raw prices is filled at: whole ticks, within the limits of the day.
// And the room of the day where prices are not known to be raw. docs/concepts/session-order.md. For
// portfolio/ alone.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "market/lane_rules.hpp"
#include "portfolio/detail/terms.hpp"
#include "portfolio/fill_kernel.hpp"

namespace hsl::portfolio::detail {

// Of one lane; t is a session of the frame after the lane's first.
struct ExactPrices {
    const Terms& terms;
    const market::Frame& frame;
    std::size_t lane;
    const KernelContext::Grid* grids;  // [t]

    // `before`: the last close.
    [[nodiscard]] std::int64_t buy(std::size_t t, double open, double before) const {
        const std::int64_t slipped =
            whole_below(std::ceil(open * terms.slippage.buy_factor / Slippage::unit));
        const std::int64_t step = tick(t, slipped);
        std::int64_t price = whole_ticks(slipped + step - 1, step);
        for (int i = 0; i < terms.slippage_ticks; ++i) price += tick(t, price);
        if (is_within_limits(t, price, before)) return price;
        return std::min(price, std::max(whole_below(open), limits(t, before).upper));
    }

    // `fair`: the open or a level; `fair_won` the same as a price that can be had.
    [[nodiscard]] std::int64_t sell(std::size_t t, double fair, std::int64_t fair_won,
                                    double before) const {
        if (!terms.slips) return fair_won;
        // Not negative, so the cast is the floor.
        std::int64_t price =
            down_to_tick(t, whole_below(fair * terms.slippage.sell_factor / Slippage::unit));
        for (int i = 0; i < terms.slippage_ticks && price > 1; ++i) price -= tick(t, price - 1);
        if (is_within_limits(t, price, before)) return price;
        return std::max(price, std::min(fair_won, limits(t, before).lower));
    }

    [[nodiscard]] std::int64_t down_to_tick(std::size_t t, std::int64_t price) const {
        return whole_ticks(price, tick(t, price));
    }

    // Of the ratio rule.
    [[nodiscard]] market::PriceLimits ratio_limits(std::size_t t, double before) const {
        const std::int64_t close = whole_below(before);
        return {market::ratio_lower(close, grids[t].ratio_percent),
                market::ratio_upper(close, grids[t].ratio_percent)};
    }

private:
    [[nodiscard]] std::int64_t tick(std::size_t t, std::int64_t price) const {
        const market::TickStep* step = grids[t].ticks;
        while (price >= step->below) ++step;
        return step->tick;
    }

    // The quotient of whole numbers below 2^53 is off by less than a tick of 1,000 could hide, and
    // a division of doubles takes a third of the time.
    static std::int64_t whole_ticks(std::int64_t price, std::int64_t step) {
        return static_cast<std::int64_t>(static_cast<double>(price) / static_cast<double>(step)) *
               step;
    }

    // Whether no limit of this session can bind, which saves most fills from looking it up. No tick
    // is above 5 won or 0.65 % of the last close; base price, width and upper limit are each
    // rounded to one, the width to a won before.
    [[nodiscard]] bool is_within_limits(std::size_t t, std::int64_t price, double before) const {
        const double move = std::abs(static_cast<double>(price) - before);
        return 100 * move <= (grids[t].limit_percent - 2) * before - 1'600 && !has_action(t);
    }

    [[nodiscard]] bool has_action(std::size_t t) const {
        const auto& actions = frame.lanes[lane].actions;
        return !actions.empty() && std::ranges::binary_search(actions, frame.day_first(t), {},
                                                              &market::LaneAction::session);
    }

    [[nodiscard]] market::PriceLimits limits(std::size_t t, double before) const {
        if (const auto exact = market::limits_of(frame, lane, t)) return *exact;
        return ratio_limits(t, before);
    }
};

}  // namespace hsl::portfolio::detail
