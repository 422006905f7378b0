// SPDX-License-Identifier: Apache-2.0
#include "market/session_hours.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "market/day_testing.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

std::string text_of(Minutes minutes) {
    return fmt::format("{}-{}", time_text(minutes.from), time_text(minutes.to));
}
std::string regular(const char* iso) {
    const auto hours = session_hours(day(iso));
    return hours ? text_of(hours->regular) : hours.error().message;
}
std::string minutes_of(const char* iso, OffHours wanted) {
    const auto hours = session_hours(day(iso));
    for (const OffHoursSession& each : hours->off_hours)
        if (each.session == wanted) return text_of(each.minutes);
    return "none";
}

// "2000-05-19T03:00:00Z" is 12:00 in Korea.
int korean_minute(const std::string& utc) {
    return std::stoi(utc.substr(11, 2)) * 60 + std::stoi(utc.substr(14, 2)) + 9 * 60;
}

}  // namespace

TEST(SessionHours, ChangeWithTheYears) {
    EXPECT_EQ(regular("1994-12-27"), "09:40-15:20");
    EXPECT_EQ(regular("1995-01-04"), "09:30-15:00");
    EXPECT_EQ(regular("1998-12-05"), "09:30-11:30");  // the last Saturday
    EXPECT_EQ(regular("1998-12-07"), "09:00-15:00");
    EXPECT_EQ(text_of(*session_hours(day("2000-05-19"))->lunch), "12:00-13:00");
    EXPECT_FALSE(session_hours(day("2000-05-22"))->lunch);
    EXPECT_EQ(regular("2016-07-29"), "09:00-15:00");
    EXPECT_EQ(regular("2016-08-01"), "09:00-15:30");
    EXPECT_EQ(text_of(*session_hours(day("2019-04-26"))->opening_call), "08:00-09:00");
    EXPECT_EQ(text_of(*session_hours(day("2019-04-29"))->opening_call), "08:30-09:00");
    EXPECT_EQ(text_of(*session_hours(day("2026-09-14"))->opening_call), "08:20-09:00");
    EXPECT_EQ(text_of(*session_hours(day("2016-07-29"))->closing_call), "14:50-15:00");
    EXPECT_EQ(text_of(*session_hours(day("2016-08-01"))->closing_call), "15:20-15:30");
    EXPECT_FALSE(session_hours(day("2027-01-01")));
}

TEST(SessionHours, BeginLateOnTheFirstSessionOfAYear) {
    for (const auto* iso : {"2015-01-02", "2016-01-04", "2021-01-04", "2026-01-02", "2027-01-04"})
        EXPECT_TRUE(regular(iso).starts_with("10:00-")) << iso;
    EXPECT_EQ(regular("2026-12-30"), "09:00-15:30");
}

TEST(SessionHours, MoveOnExamDays) {
    EXPECT_EQ(regular("1997-11-19"), "10:00-15:30");
    EXPECT_EQ(regular("2015-11-12"), "10:00-16:00");
    EXPECT_EQ(regular("2017-11-16"), "10:00-16:30");  // kept although the exam was put off
    EXPECT_EQ(regular("2026-11-19"), "10:00-16:30");
    EXPECT_EQ(minutes_of("2025-11-13", OffHours::after_at_close), "16:40-17:00");
    EXPECT_EQ(minutes_of("2025-11-13", OffHours::nextrade_before), "none");
    EXPECT_EQ(minutes_of("2025-11-13", OffHours::nextrade_after), "16:30-20:00");
    EXPECT_EQ(minutes_of("2026-11-19", OffHours::after_market), "none");  // nobody has told
}

TEST(SessionHours, HaveAnAfterMarketSinceSeptember2026) {
    EXPECT_EQ(minutes_of("2026-09-11", OffHours::after_auctions), "16:00-18:00");
    EXPECT_EQ(minutes_of("2026-09-11", OffHours::after_market), "none");
    EXPECT_EQ(minutes_of("2026-09-14", OffHours::after_auctions), "none");
    EXPECT_EQ(minutes_of("2026-09-14", OffHours::after_market), "16:00-20:00");
    EXPECT_EQ(minutes_of("2025-02-28", OffHours::nextrade_regular), "none");
    EXPECT_EQ(minutes_of("2025-03-04", OffHours::nextrade_regular), "09:00-15:20");
}

// Against exchange_calendars, session by session. What differs is explained in
// docs/concepts/market-rules.md.
TEST(SessionHours, DifferFromThePublicCalendarOnSaturdaysAndFiveDaysAlone) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    const std::filesystem::path file = std::filesystem::path{root == nullptr ? "." : root} /
                                       "../shared/data/krx_calendar/xkrx.csv";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
    std::ifstream page_file{std::string{root == nullptr ? "." : root} +
                            "/docs/concepts/market-rules.md"};
    const std::string page{std::istreambuf_iterator<char>{page_file}, {}};
    std::ifstream lines{file};
    std::string line;
    std::getline(lines, line);
    std::vector<std::string> differing;
    int saturdays = 0, compared = 0;
    while (std::getline(lines, line)) {
        std::vector<std::string> fields;
        for (std::size_t at = 0; at <= line.size();) {
            const std::size_t end = std::min(line.find(',', at), line.size());
            fields.push_back(line.substr(at, end - at));
            at = end + 1;
        }
        ASSERT_EQ(fields.size(), 5u) << line;
        const auto date = parse_date(fields[0].substr(0, 10));
        ASSERT_TRUE(date) << line;
        if (!Calendar::krx().is_session(*date)) continue;
        ++compared;
        const SessionHours hours = *session_hours(*date);
        const Minutes theirs{korean_minute(fields[1]), korean_minute(fields[2])};
        if (date->weekday() == 6) {
            // They have the whole day; a Saturday ended where their lunch begins.
            ++saturdays;
            EXPECT_EQ(hours.regular, (Minutes{theirs.from, korean_minute(fields[3])})) << line;
            continue;
        }
        bool same = hours.regular == theirs && hours.lunch.has_value() == !fields[3].empty();
        if (same && hours.lunch)
            same = *hours.lunch == Minutes{korean_minute(fields[3]), korean_minute(fields[4])};
        if (!same) differing.push_back(date->iso());
    }
    EXPECT_EQ(differing, (std::vector<std::string>{"1990-01-03", "1990-01-04", "2000-01-04",
                                                   "2026-11-19", "2026-12-30"}));
    for (const std::string& date : differing) EXPECT_NE(page.find(date), std::string::npos) << date;
    EXPECT_EQ(saturdays, 438);
    EXPECT_GT(compared, 9'000);
}

}  // namespace hsl::market
