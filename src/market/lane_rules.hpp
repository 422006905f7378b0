// SPDX-License-Identifier: Apache-2.0
#pragma once

// The exchange's rules as they bear on one lane of a frame: base price, daily limits, tick. Exact
// where a lane's prices are raw. Definitions: docs/concepts/session-order.md. Any thread.

#include <cstdint>
#include <optional>

#include "market/frame.hpp"
#include "market/rules.hpp"

namespace hsl::market {

// 1 where the tables know no tick: before they begin.
[[nodiscard]] std::int64_t tick_of(const TradedAs& as, Date date, std::int64_t price);
// Up and down to a whole tick.
[[nodiscard]] std::int64_t tick_above(const TradedAs& as, Date date, std::int64_t price);
[[nodiscard]] std::int64_t tick_below(const TradedAs& as, Date date, std::int64_t price);

// What the limits of a session are counted from.
struct SessionBase {
    std::int64_t previous_close = 0;  // of the last traded day, raw
    bool resumes = false;             // the day before it was a halt
};
// The limits of a traded session of a raw lane. `no_price_limits` in liquidation trading, and where
// an action takes effect after a halt, since an auction may then have set the base. Nothing where
// the tables know no limit: the ratio rule stands in.
[[nodiscard]] std::optional<PriceLimits> limits_of(const Lane& lane, std::size_t session, Date date,
                                                   SessionBase base);
// The same, looked up in a finished frame, which may be one of minutes: the limits of a bar are
// those of its day. Not for the lane's first day.
[[nodiscard]] std::optional<PriceLimits> limits_of(const Frame& frame, std::size_t lane,
                                                   std::size_t session);

[[nodiscard]] bool in_liquidation(const Lane& lane, std::size_t session);

}  // namespace hsl::market
