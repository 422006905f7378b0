// SPDX-License-Identifier: Apache-2.0
#include "market/session_hours.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "embedded/krx_exam_days.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

using namespace std::chrono_literals;

constexpr Date on(std::chrono::sys_days day) {
    return {static_cast<std::int32_t>(day.time_since_epoch().count())};
}
constexpr int at(int hour, int minute) { return 60 * hour + minute; }

struct HoursRow {
    Date first;
    Minutes regular;
    Minutes lunch;         // from == to: none
    Minutes opening_call;  // likewise: not known
    Minutes closing_call;
};
constexpr Minutes none{};
constexpr HoursRow hours_rows[] = {
    {on(1990y / 1 / 1), {at(9, 40), at(15, 20)}, {at(11, 40), at(13, 20)}, none, none},
    {on(1995y / 1 / 1), {at(9, 30), at(15, 0)}, {at(11, 30), at(13, 0)}, none, none},
    {on(1998y / 12 / 7), {at(9, 0), at(15, 0)}, {at(12, 0), at(13, 0)}, none, none},
    {on(2000y / 5 / 22), {at(9, 0), at(15, 0)}, none, none, none},
    {on(2015y / 1 / 1), {at(9, 0), at(15, 0)}, none, {at(8, 0), at(9, 0)}, {at(14, 50), at(15, 0)}},
    {on(2016y / 8 / 1),
     {at(9, 0), at(15, 30)},
     none,
     {at(8, 0), at(9, 0)},
     {at(15, 20), at(15, 30)}},
    {on(2019y / 4 / 29),
     {at(9, 0), at(15, 30)},
     none,
     {at(8, 30), at(9, 0)},
     {at(15, 20), at(15, 30)}},
    {on(2026y / 9 / 14),
     {at(9, 0), at(15, 30)},
     none,
     {at(8, 20), at(9, 0)},
     {at(15, 20), at(15, 30)}},
};
constexpr Date off_hours_first = on(2019y / 4 / 29);
constexpr Date nextrade_first = on(2025y / 3 / 4);
constexpr Date after_market_first = on(2026y / 9 / 14);
constexpr int first_session_later = 60;  // the first session of a year opens an hour later

// Minutes by which everything moves on the days of the college entrance exam.
const std::map<Date, int>& exam_days() {
    static const std::map<Date, int> days = [] {
        std::map<Date, int> read;
        std::string_view rest = embedded::krx_exam_days;
        rest.remove_prefix(rest.find('\n') + 1);
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            const std::size_t end = rest.find('\n');
            const std::optional<Date> day = parse_date(rest.substr(0, comma));
            int later = 0;
            std::from_chars(rest.data() + comma + 1, rest.data() + end, later);
            HSL_ASSERT(day && later > 0);
            read.emplace(*day, later);
            rest.remove_prefix(end + 1);
        }
        return read;
    }();
    return days;
}

bool first_of_year(Date session) {
    const Calendar& calendar = Calendar::krx();
    const int index = calendar.session_on(session);
    return index == 0 ||
           calendar.all()[static_cast<std::size_t>(index) - 1].year() < session.year();
}

std::optional<Minutes> moved(Minutes minutes, int later) {
    if (minutes == none) return std::nullopt;
    return Minutes{minutes.from + later, minutes.to + later};
}

// What is not known of a day is left out: the exchange's own sessions of the exam days since
// 2026-09-14.
std::vector<OffHoursSession> off_hours(Date session, bool exam) {
    std::vector<OffHoursSession> list;
    const bool after_market = session >= after_market_first;
    if (session >= off_hours_first && !(exam && after_market)) {
        if (!exam) list.push_back({OffHours::before_at_close, {at(8, 30), at(8, 40)}});
        if (!exam) list.push_back({OffHours::after_at_close, {at(15, 40), at(16, 0)}});
        if (exam) list.push_back({OffHours::after_at_close, {at(16, 40), at(17, 0)}});
        if (after_market)
            list.push_back({OffHours::after_market, {at(16, 0), at(20, 0)}});
        else
            list.push_back({OffHours::after_auctions, {exam ? at(17, 0) : at(16, 0), at(18, 0)}});
    }
    if (session >= nextrade_first) {
        const int open = exam ? at(10, 0) : at(9, 0);
        const int close = exam ? at(16, 20) : at(15, 20);
        if (!exam) list.push_back({OffHours::nextrade_before, {at(8, 0), at(8, 50)}});
        list.push_back({OffHours::nextrade_regular, {open, close}});
        list.push_back({OffHours::nextrade_after, {exam ? at(16, 30) : at(15, 30), at(20, 0)}});
    }
    std::ranges::stable_sort(list, {}, [](const OffHoursSession& s) { return s.minutes.from; });
    return list;
}

}  // namespace

std::string_view name_of(OffHours session) {
    switch (session) {
        case OffHours::before_at_close:
            return "before the open, at the last close";
        case OffHours::after_at_close:
            return "after the close, at the close";
        case OffHours::after_auctions:
            return "auctions after the close";
        case OffHours::after_market:
            return "after-market";
        case OffHours::nextrade_before:
            return "Nextrade pre-market";
        case OffHours::nextrade_regular:
            return "Nextrade main market";
        case OffHours::nextrade_after:
            return "Nextrade after-market";
    }
    return "";
}

Result<SessionHours> session_hours(Date session) {
    if (!Calendar::krx().is_session(session))
        return fail(ErrorCode::bad_usage,
                    fmt::format("{} is no session of the Korean exchange", session.iso()));
    const HoursRow& row = *std::prev(std::ranges::upper_bound(
        hours_rows, session, {}, [](const HoursRow& each) { return each.first; }));
    const auto found = exam_days().find(session);
    const bool exam = found != exam_days().end();
    const int later = exam ? found->second : 0;
    SessionHours hours;
    hours.regular = *moved(row.regular, later);
    hours.lunch = moved(row.lunch, later);
    hours.opening_call = moved(row.opening_call, later);
    hours.closing_call = moved(row.closing_call, later);
    if (first_of_year(session)) {
        hours.regular.from += first_session_later;
        if (hours.opening_call)
            hours.opening_call = moved(*hours.opening_call, first_session_later);
    }
    if (session.weekday() == 6) {  // Saturdays had a morning only
        hours.regular.to = hours.lunch->from;
        hours.lunch.reset();
    }
    hours.off_hours = off_hours(session, exam);
    return hours;
}

std::string time_text(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace hsl::market
