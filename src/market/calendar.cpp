// SPDX-License-Identifier: Apache-2.0
#include "market/calendar.hpp"

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "embedded/krx_closures.hpp"

namespace hsl::market {
namespace {

constexpr Date day_of(std::chrono::sys_days day) {
    return {static_cast<std::int32_t>(day.time_since_epoch().count())};
}
using namespace std::chrono_literals;
constexpr Date table_first = day_of(2015y / 1 / 1);
constexpr Date table_last = day_of(2027y / 12 / 31);

// The file is compiled in, so what is wrong with it is our own mistake.
std::vector<bool> closed_days(std::string_view csv) {
    std::vector<bool> closed(static_cast<std::size_t>(table_last - table_first + 1));
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
        HSL_ASSERT(day && *day >= table_first && *day <= table_last && !day->is_weekend());
        closed[static_cast<std::size_t>(*day - table_first)] = true;
    }
    return closed;
}

std::unexpected<Error> outside(Date date) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} lies outside the calendar of the Korean exchange, which has the "
                            "sessions of {} to {}",
                            date.iso(), table_first.iso(), table_last.iso()));
}

}  // namespace

Calendar::Calendar() {
    const std::vector<bool> closed = closed_days(embedded::krx_closures);
    before_.reserve(closed.size() + 1);
    for (Date day = table_first; day <= table_last; day = day + 1) {
        before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
        if (!day.is_weekend() && !closed[static_cast<std::size_t>(day - table_first)])
            sessions_.push_back(day);
    }
    before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
}

const Calendar& Calendar::krx() {
    static const Calendar calendar;
    return calendar;
}

Date Calendar::first() const { return table_first; }
Date Calendar::last() const { return table_last; }
bool Calendar::covers(Date date) const { return date >= table_first && date <= table_last; }

bool Calendar::is_session(Date date) const {
    if (!covers(date)) return false;
    const auto day = static_cast<std::size_t>(date - table_first);
    return before_[day] != before_[day + 1];
}

std::span<const Date> Calendar::all() const { return sessions_; }

std::size_t Calendar::lower_bound(Date date) const {
    if (date < table_first) return 0;
    if (date > table_last) return sessions_.size();
    return before_[static_cast<std::size_t>(date - table_first)];
}

Result<std::span<const Date>> Calendar::sessions(Date from, Date to) const {
    if (!covers(from)) return outside(from);
    if (!covers(to)) return outside(to);
    if (from > to)
        return fail(ErrorCode::bad_usage,
                    fmt::format("the window begins on {}, after its end {}", from.iso(), to.iso()));
    const std::size_t begin = lower_bound(from);
    return all().subspan(begin, lower_bound(to + 1) - begin);
}

Result<Date> Calendar::plus_sessions(Date date, int count) const {
    if (!covers(date)) return outside(date);
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
                                table_last.iso(), count, date.iso()));
    return sessions_[index];
}

}  // namespace hsl::market
