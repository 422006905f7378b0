// SPDX-License-Identifier: Apache-2.0
#pragma once

// When a session opens and closes, as a function of its date. Times are minutes of the Korean day:
// 09:00 is 540. Definitions and marks: docs/concepts/market-rules.md. Pure functions; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace hsl::market {

struct Minutes {
    int from = 0;
    int to = 0;
    friend bool operator==(const Minutes&, const Minutes&) = default;
};

enum class OffHours : std::uint8_t {
    before_at_close,   // 장전 시간외종가: at the last close
    after_at_close,    // 장후 시간외종가: at today's close
    after_auctions,    // 시간외단일가: an auction every ten minutes, until 2026-09-13
    after_market,      // since 2026-09-14: continuous, a book of its own
    nextrade_before,   // the other venue
    nextrade_regular,  // opens half a minute after the time given
    nextrade_after,
};
[[nodiscard]] std::string_view name_of(OffHours session);

struct OffHoursSession {
    OffHours session{};
    Minutes minutes = {};
    friend bool operator==(const OffHoursSession&, const OffHoursSession&) = default;
};

struct SessionHours {
    Minutes regular = {};
    std::optional<Minutes> lunch = {};         // until 2000-05-19
    std::optional<Minutes> opening_call = {};  // orders for the opening auction; where known
    std::optional<Minutes> closing_call = {};
    std::vector<OffHoursSession> off_hours = {};  // those that are known, by begin
};

// The hours of a session. An error for a day that is none.
[[nodiscard]] Result<SessionHours> session_hours(Date session);

[[nodiscard]] std::string time_text(int minute);  // "09:30"

}  // namespace hsl::market
