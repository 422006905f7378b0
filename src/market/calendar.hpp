// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sessions of the Korean exchange, 2015-01-01 to 2027-12-31: weekdays without the closures of
// data/calendar/krx-closures.csv, which is compiled in. Immutable; any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace hsl::market {

class Calendar {
public:
    // The exchange's own calendar, made once.
    [[nodiscard]] static const Calendar& krx();

    [[nodiscard]] Date first() const;  // 2015-01-01: first day the table covers
    [[nodiscard]] Date last() const;   // 2027-12-31
    [[nodiscard]] bool covers(Date date) const;
    [[nodiscard]] bool is_session(Date date) const;  // false outside the table
    // Sessions within [from, to], both included. A date outside the table is an error that names
    // the table and the date.
    [[nodiscard]] Result<std::span<const Date>> sessions(Date from, Date to) const;
    [[nodiscard]] std::span<const Date> all() const;
    // Index into all() of the session on that day, -1 when there is none: a table look-up.
    [[nodiscard]] int session_on(Date date) const {
        const auto day = static_cast<std::uint32_t>(date.days - first_day);
        if (day >= before_.size() - 1 || before_[day] == before_[day + 1]) return -1;
        return before_[day];
    }
    // Index into all() of the first session >= date; all().size() when there is none.
    [[nodiscard]] std::size_t lower_bound(Date date) const;
    // The session `count` sessions after `date` (T+2: count = 2); `date` need not be a session.
    // count = 0 is the first session >= date. An error when the table ends before it.
    [[nodiscard]] Result<Date> plus_sessions(Date date, int count) const;

private:
    static constexpr std::int32_t first_day = 16'436;  // 2015-01-01
    static constexpr std::int32_t last_day = 21'183;   // 2027-12-31

    Calendar();
    std::vector<Date> sessions_;
    std::vector<std::uint16_t> before_;  // sessions before each day of the table, one entry more
};

}  // namespace hsl::market
