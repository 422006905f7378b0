// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sessions of the Korean exchange, 1990-01-01 to 2027-12-31: weekdays, and Saturdays until
// 1998-12-05, without the closures of data/calendar/krx-closures.csv, which is compiled in. Read by
// any thread; overrides are applied before there is a second one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace hsl::market {

class Calendar {
public:
    // The exchange's own calendar, made once.
    [[nodiscard]] static const Calendar& krx();
    // Days that were announced after this program was made, for krx(): lines of date, "open" or
    // "closed", and why, under the header "date,what,name". All or nothing; `name` is what messages
    // say. Once, at the start of the program: no other thread, and nothing that was made from the
    // calendar. Gives the number of days that changed.
    [[nodiscard]] static Result<std::size_t> override_krx(std::string_view csv,
                                                          std::string_view name);

    [[nodiscard]] Date first() const;  // 1990-01-01: first day the table covers
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
    static constexpr std::int32_t first_day = 7'305;  // 1990-01-01
    static constexpr std::int32_t last_day = 21'183;  // 2027-12-31

    Calendar();
    [[nodiscard]] static Calendar& instance();
    void number_sessions();
    std::vector<bool> open_;  // a flag for each day of the table
    std::vector<Date> sessions_;
    std::vector<std::uint16_t> before_;  // sessions before each day of the table, one entry more
};

// Where fewer than 60 days of the table are left after `today`: a sentence that says so and what to
// do. Nothing while it reaches further.
[[nodiscard]] std::optional<std::string> calendar_warning(const Calendar& calendar, Date today);

}  // namespace hsl::market
