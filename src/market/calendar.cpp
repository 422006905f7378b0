// SPDX-License-Identifier: Apache-2.0
#include "market/calendar.hpp"

#include <string_view>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "embedded/krx_closures.hpp"

namespace hsl::market {
namespace {

// One flag a day from `first` to `last`. The file is compiled in, so what is wrong with it is our
// own mistake.
std::vector<bool> closed_days(std::string_view csv, Date first, Date last) {
    std::vector<bool> closed(static_cast<std::size_t>(last - first + 1));
    bool header = true;
    for (std::size_t at = 0; at < csv.size();) {
        const std::size_t end = csv.find('\n', at);
        HSL_ASSERT(end != std::string_view::npos);
        const std::string_view line = csv.substr(at, end - at);
        at = end + 1;
        if (header) {
            HSL_ASSERT(line == "date,name");
            header = false;
            continue;
        }
        const std::optional<Date> day = parse_date(line.substr(0, line.find(',')));
        HSL_ASSERT(day && *day >= first && *day <= last && !day->is_weekend());
        closed[static_cast<std::size_t>(*day - first)] = true;
    }
    return closed;
}

std::unexpected<Error> outside(const Calendar& calendar, Date date) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} lies outside the calendar of the Korean exchange, which has the "
                            "sessions of {} to {}",
                            date.iso(), calendar.first().iso(), calendar.last().iso()));
}

}  // namespace

Calendar::Calendar() {
    const std::vector<bool> closed = closed_days(embedded::krx_closures, first(), last());
    before_.reserve(closed.size() + 1);
    for (Date day = first(); day <= last(); day = day + 1) {
        before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
        if (!day.is_weekend() && !closed[static_cast<std::size_t>(day - first())])
            sessions_.push_back(day);
    }
    before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
}

const Calendar& Calendar::krx() {
    static const Calendar calendar;
    return calendar;
}

Date Calendar::first() const { return {first_day}; }
Date Calendar::last() const { return {last_day}; }
bool Calendar::covers(Date date) const { return date >= first() && date <= last(); }
bool Calendar::is_session(Date date) const { return session_on(date) >= 0; }

std::span<const Date> Calendar::all() const { return sessions_; }

std::size_t Calendar::lower_bound(Date date) const {
    if (date < first()) return 0;
    if (date > last()) return sessions_.size();
    return before_[static_cast<std::size_t>(date - first())];
}

Result<std::span<const Date>> Calendar::sessions(Date from, Date to) const {
    if (!covers(from)) return outside(*this, from);
    if (!covers(to)) return outside(*this, to);
    if (from > to)
        return fail(ErrorCode::bad_usage,
                    fmt::format("the window begins on {}, after its end {}", from.iso(), to.iso()));
    const std::size_t begin = lower_bound(from);
    return all().subspan(begin, lower_bound(to + 1) - begin);
}

Result<Date> Calendar::plus_sessions(Date date, int count) const {
    if (!covers(date)) return outside(*this, date);
    if (count < 0)
        return fail(ErrorCode::bad_usage,
                    fmt::format("{} sessions after {}: the count is negative", count, date.iso()));
    std::size_t index = lower_bound(date) + static_cast<std::size_t>(count);
    // From a closed day the next session is the first one after it.
    if (count > 0 && !is_session(date)) --index;
    if (index >= sessions_.size())
        return fail(ErrorCode::unsupported,
                    fmt::format("the calendar of the Korean exchange ends on {}: it has no session "
                                "{} sessions after {}",
                                last().iso(), count, date.iso()));
    return sessions_[index];
}

}  // namespace hsl::market
