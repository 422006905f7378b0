// SPDX-License-Identifier: Apache-2.0
#include "market/lane_rules.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace hsl::market {

std::int64_t tick_of(const TradedAs& as, Date date, std::int64_t price) {
    return tick_size(as.market, date, std::max<std::int64_t>(price, 1), as.share_class).value_or(1);
}

std::int64_t tick_above(const TradedAs& as, Date date, std::int64_t price) {
    const std::int64_t tick = tick_of(as, date, price);
    return (price + tick - 1) / tick * tick;
}

std::int64_t tick_below(const TradedAs& as, Date date, std::int64_t price) {
    return price - price % tick_of(as, date, price);
}

bool in_liquidation(const Lane& lane, std::size_t session) {
    return std::ranges::any_of(lane.liquidation, [&](const SessionRange& range) {
        return range.first <= session && session <= range.last;
    });
}

std::optional<PriceLimits> limits_of(const Lane& lane, std::size_t session, Date date,
                                     SessionBase base) {
    if (in_liquidation(lane, session)) return no_price_limits;
    const TradedAs as = lane.traded_as(session);
    std::int64_t price = tick_above(as, date, base.previous_close);
    for (const LaneAction& action : lane.actions)
        if (action.session == session && action.factor != PriceFactor{}) {
            if (base.resumes) return no_price_limits;
            price = action.base;
        }
    const auto limits = price_limits(as.market, date, price, as.share_class, as.multiple);
    if (!limits) return std::nullopt;
    return *limits;
}

std::optional<PriceLimits> limits_of(const Frame& frame, std::size_t lane, std::size_t session) {
    const std::size_t first = frame.day_first(session);
    HSL_ASSERT(first > frame.lanes[lane].first);
    return limits_of(
        frame.lanes[lane], first, frame.sessions[first],
        {.previous_close = static_cast<std::int64_t>(frame.raw(Field::close).at(lane, first - 1)),
         .resumes = !frame.traded_on_day(lane, first - 1)});
}

}  // namespace hsl::market
