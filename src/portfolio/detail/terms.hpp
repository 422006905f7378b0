// SPDX-License-Identifier: Apache-2.0
#pragma once

// TradeRules in the form that a walk along a lane wants, for portfolio/ alone.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "portfolio/detail/slippage.hpp"
#include "portfolio/fill.hpp"

namespace hsl::portfolio::detail {

using Bits = std::uint64_t;
inline constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr std::int64_t rate_unit = 10'000'000;  // rates are in 1e-7

inline std::int64_t whole_below(double x) { return static_cast<std::int64_t>(x); }  // x >= 0

// market::cost_won where the product fits 64 bits, which the kernel's overflow check sees to.
inline std::int64_t cost(std::int64_t value, std::int64_t rate_e7) {
    return value * rate_e7 / rate_unit;
}

struct Purchase {
    std::int64_t shares = 0, value = 0, commission = 0;
};

// TradeRules in the form the walk wants.
struct Terms {
    Terms(const TradeRules& rules, std::int64_t highest_tax_e7)
        : stop_parts(std::isnan(rules.stop_loss) ? -infinity : level_parts(-rules.stop_loss)),
          target_parts(std::isnan(rules.take_profit) ? infinity : level_parts(rules.take_profit)),
          trailing_parts(level_parts(-rules.trailing_stop)),
          trails(!std::isnan(rules.trailing_stop)),
          has_levels(trails || !std::isnan(rules.stop_loss) || !std::isnan(rules.take_profit)),
          limited(!std::isinf(rules.participation)),
          max_hold(rules.max_hold > 0 ? static_cast<std::size_t>(rules.max_hold) : never),
          slippage{rules.slippage_e6},
          slippage_ticks(rules.slippage_ticks),
          slips(rules.slippage_e6 > 0 || rules.slippage_ticks > 0),
          rights(rules.rights),
          participation(rules.participation),
          commission_e7(rules.commission_e7),
          affordable(static_cast<double>(rate_unit) /
                     static_cast<double>(rate_unit + rules.commission_e7)),
          value_bits(
              std::countl_zero(static_cast<Bits>(std::max(rules.commission_e7, highest_tax_e7))) -
              2) {}

    double stop_parts, target_parts, trailing_parts;  // level_of the entry fill, of the peak
    bool trails, has_levels, limited;
    std::size_t max_hold;
    Slippage slippage;
    int slippage_ticks;
    bool slips;
    Rights rights;
    double participation;
    std::int64_t commission_e7;
    double affordable;  // gross value a won of cash buys, to within a won
    int value_bits;     // values of more bits would overflow when multiplied by a rate

    // The largest n with n x price + commission <= cash and n x price <= limit.
    Purchase purchase(std::int64_t cash, double price, double mean_value) const {
        const double limit = limited ? participation * mean_value : infinity;
        // Off by less than two won, so by a share or two at most.
        const double spend = std::min(static_cast<double>(cash) * affordable, limit);
        const auto won = static_cast<std::int64_t>(price);
        Purchase found;
        found.shares = static_cast<std::int64_t>(spend * (1 / price));
        found.value = found.shares * won;
        found.commission = cost(found.value, commission_e7);
        const bool fits =
            found.value + found.commission <= cash && static_cast<double>(found.value) <= limit;
        const bool one_more = static_cast<double>(found.value + won) <= spend + 2;
        return fits && !one_more ? found : exact_purchase(cash, won, limit, found.shares);
    }

private:
    [[gnu::noinline]] Purchase exact_purchase(std::int64_t cash, std::int64_t price, double limit,
                                              std::int64_t shares) const {
        const auto at = [&](std::int64_t n) {
            return Purchase{n, n * price, cost(n * price, commission_e7)};
        };
        const auto fits = [&](std::int64_t n) {
            const Purchase found = at(n);
            return found.value + found.commission <= cash &&
                   static_cast<double>(found.value) <= limit;
        };
        while (shares > 0 && !fits(shares)) --shares;
        while (fits(shares + 1)) ++shares;
        return at(shares);
    }
};

}  // namespace hsl::portfolio::detail
