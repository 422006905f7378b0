// SPDX-License-Identifier: Apache-2.0
#include "market/calendar.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "embedded/krx_closures.hpp"

namespace hsl::market {
namespace {

constexpr int saturdays_until = 10'565;  // 1998-12-05
constexpr int warning_days = 60;

// Calls `use(line number, line)` for each line, without its end.
template <class Use>
void each_line(std::string_view text, Use use) {
    int number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        use(++number, line);
        at = end + 1;
    }
}

bool may_be_open(Date day) {
    const unsigned weekday = day.weekday();
    return weekday != 0 && (weekday != 6 || day.days <= saturdays_until);
}

struct Override {
    Date day;
    bool open;
};

Result<Override> parse_override(const Calendar& calendar, std::string_view line) {
    const std::size_t comma = line.find(',');
    const std::optional<Date> day = parse_date(line.substr(0, comma));
    if (!day) return fail(ErrorCode::bad_data, "the first field is no date like 2027-03-05");
    if (!calendar.covers(*day))
        return fail(ErrorCode::bad_data,
                    fmt::format("{} lies outside the calendar, which has {} to {}", day->iso(),
                                calendar.first().iso(), calendar.last().iso()));
    const std::string_view rest =
        comma == std::string_view::npos ? std::string_view{} : line.substr(comma + 1);
    const std::string_view what = rest.substr(0, rest.find(','));
    if (what != "open" && what != "closed")
        return fail(ErrorCode::bad_data,
                    fmt::format("the second field is '{}'; known: open, closed", what));
    return Override{*day, what == "open"};
}

std::unexpected<Error> outside(const Calendar& calendar, Date date) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} lies outside the calendar of the Korean exchange, which has the "
                            "sessions of {} to {}",
                            date.iso(), calendar.first().iso(), calendar.last().iso()));
}

}  // namespace

Calendar::Calendar() : open_(static_cast<std::size_t>(last() - first() + 1)) {
    for (Date day = first(); day <= last(); day = day + 1)
        open_[static_cast<std::size_t>(day - first())] = may_be_open(day);
    // The file is compiled in, so what is wrong with it is our own mistake. It is there once the
    // program's constants are: not for another file's.
    HSL_ASSERT(!embedded::krx_closures.empty());
    each_line(embedded::krx_closures, [&](int number, std::string_view line) {
        if (number == 1) {
            HSL_ASSERT(line == "date,name");
            return;
        }
        const std::optional<Date> day = parse_date(line.substr(0, line.find(',')));
        HSL_ASSERT(day && covers(*day) && may_be_open(*day));
        open_[static_cast<std::size_t>(*day - first())] = false;
    });
    number_sessions();
}

void Calendar::number_sessions() {
    sessions_.clear();
    before_.clear();
    before_.reserve(open_.size() + 1);
    for (Date day = first(); day <= last(); day = day + 1) {
        before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
        if (open_[static_cast<std::size_t>(day - first())]) sessions_.push_back(day);
    }
    before_.push_back(static_cast<std::uint16_t>(sessions_.size()));
}

Calendar& Calendar::instance() {
    static Calendar calendar;
    return calendar;
}

const Calendar& Calendar::krx() { return instance(); }

Result<std::size_t> Calendar::override_krx(std::string_view csv, std::string_view name) {
    Calendar& calendar = instance();
    std::vector<Override> overrides;
    std::optional<Error> wrong;
    each_line(csv, [&](int number, std::string_view line) {
        if (wrong || line.empty() || line.starts_with('#')) return;
        if (number == 1 && line == "date,what,name") return;
        auto parsed = parse_override(calendar, line);
        if (parsed)
            overrides.push_back(*parsed);
        else
            wrong = Error{parsed.error().code, fmt::format("{}:{}: {} (lines are date,what,name: "
                                                           "2027-03-05,closed,Temporary holiday)",
                                                           name, number, parsed.error().message)};
    });
    if (wrong) return std::unexpected{*wrong};
    std::size_t changed = 0;
    for (const Override& each : overrides) {
        const auto at = static_cast<std::size_t>(each.day - calendar.first());
        changed += calendar.open_[at] != each.open;
        calendar.open_[at] = each.open;
    }
    if (changed > 0) calendar.number_sessions();
    return changed;
}

std::optional<std::string> calendar_warning(const Calendar& calendar, Date today) {
    const int left = calendar.last() - today;
    if (left >= warning_days) return std::nullopt;
    return fmt::format(
        "the calendar of the Korean exchange ends on {}, {}: get a newer hsl; single days that "
        "were announced meanwhile can be given with --calendar FILE",
        calendar.last().iso(),
        left >= 0 ? "in " + counted(left, "day") : counted(-left, "day") + " ago");
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
                                "{} after {}",
                                last().iso(), counted(count, "session"), date.iso()));
    return sessions_[index];
}

}  // namespace hsl::market
