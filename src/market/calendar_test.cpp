// SPDX-License-Identifier: Apache-2.0
#include "market/calendar.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "market/day_testing.hpp"

namespace hsl::market {
namespace {

const Calendar& krx() { return Calendar::krx(); }

std::filesystem::path source_dir() {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    return root == nullptr ? "." : root;
}
std::filesystem::path shared(const char* path) { return source_dir() / "../shared/data" / path; }

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST(Calendar, CountsTheSessionsOfEveryYear) {
    struct Year {
        int year;
        std::size_t sessions;
        int closed_weekdays;
    };
    for (const Year& y :
         {Year{2015, 248, 13}, Year{2016, 246, 15}, Year{2017, 243, 17}, Year{2018, 244, 17},
          Year{2019, 246, 15}, Year{2020, 248, 14}, Year{2021, 248, 13}, Year{2022, 246, 14},
          Year{2023, 245, 15}, Year{2024, 244, 18}, Year{2025, 242, 19}, Year{2026, 244, 17},
          Year{2027, 245, 16}}) {
        const Date first = Date::from_civil(y.year, 1, 1);
        const Date last = Date::from_civil(y.year, 12, 31);
        const auto sessions = krx().sessions(first, last);
        ASSERT_TRUE(sessions);
        EXPECT_EQ(sessions->size(), y.sessions) << y.year;
        int closed = 0;
        for (Date d = first; d <= last; d = d + 1)
            closed += !d.is_weekend() && !krx().is_session(d);
        EXPECT_EQ(closed, y.closed_weekdays) << y.year;
    }
}

// Days that one public calendar or another gets wrong.
TEST(Calendar, KnowsTheDaysThatOtherCalendarsMiss) {
    for (const auto* open : {"2026-09-28", "2025-03-10", "2026-12-30", "2018-05-04", "2015-01-02",
                             "2017-11-16", "2027-12-30"})
        EXPECT_TRUE(krx().is_session(day(open))) << open;
    for (const auto* closed :
         {"2023-10-02", "2024-04-10", "2024-10-01", "2025-01-27", "2025-06-03", "2026-05-25",
          "2026-06-03", "2026-07-17", "2015-08-14", "2016-05-06", "2017-10-02", "2020-08-17"})
        EXPECT_FALSE(krx().is_session(day(closed))) << closed;
}

TEST(Calendar, ClosesOnTheLastWeekdayOfEveryYear) {
    for (int year = 2001; year <= 2027; ++year) {
        Date last = Date::from_civil(year, 12, 31);
        while (last.is_weekend()) last = last + -1;
        EXPECT_FALSE(krx().is_session(last)) << last.iso();
        EXPECT_TRUE(krx().is_session(last + (last.weekday() == 1 ? -3 : -1))) << last.iso();
    }
}

TEST(Calendar, HasSaturdaysUntilDecember1998AndNoSunday) {
    std::size_t saturdays = 0;
    for (const Date session : krx().all()) {
        EXPECT_NE(session.weekday(), 0u) << session.iso();
        if (session.weekday() != 6) continue;
        EXPECT_LE(session, day("1998-12-05"));
        ++saturdays;
    }
    EXPECT_TRUE(krx().is_session(day("1998-12-05")));
    EXPECT_FALSE(krx().is_session(day("1998-12-12")));
    EXPECT_EQ(saturdays, 438u);
}

// Of the exchange's own index: 00301, KOSPI by day. Days on which it and four stocks' rows agree
// against the public calendar are listed in the next test.
TEST(Calendar, IsThatOfTheExchangesIndexDayByDay) {
    const std::filesystem::path folder = shared("krx_raw_responses");
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
    std::set<std::string> traded;
    const std::regex row{R"re("TRD_DD":"(\d{4})/(\d\d)/(\d\d)","CLSPRC_IDX":"([^"]*)")re"};
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
        const std::string name = file.path().filename();
        if (!name.starts_with("MDCSTAT00301")) continue;
        const std::string text = text_of(file.path());
        for (std::sregex_iterator at{text.begin(), text.end(), row}, end; at != end; ++at)
            if ((*at)[4] != "-" && (*at)[4] != "")
                traded.insert((*at)[1].str() + "-" + (*at)[2].str() + "-" + (*at)[3].str());
    }
    int compared = 0;
    for (Date d = krx().first(); d <= day("2020-08-31"); d = d + 1, ++compared)
        EXPECT_EQ(krx().is_session(d), traded.contains(d.iso())) << d.iso();
    EXPECT_EQ(compared, 11'201);
}

// Each difference is explained in docs/concepts/market-rules.md.
TEST(Calendar, DiffersFromThePublicCalendarOnTheseDaysAlone) {
    const std::filesystem::path file = shared("krx_calendar/xkrx.csv");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
    std::set<std::string> theirs;
    std::istringstream lines{text_of(file)};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) theirs.insert(line.substr(0, 10));
    std::vector<std::string> ours_alone, theirs_alone;
    for (Date d = krx().first(); d <= day("2026-12-31"); d = d + 1) {
        const bool open = krx().is_session(d);
        if (open && !theirs.contains(d.iso())) ours_alone.push_back(d.iso());
        if (!open && theirs.contains(d.iso())) theirs_alone.push_back(d.iso());
    }
    EXPECT_EQ(ours_alone, (std::vector<std::string>{"1992-12-28", "1993-07-07", "1994-01-03",
                                                    "1994-02-14", "1994-05-20"}));
    EXPECT_EQ(theirs_alone, (std::vector<std::string>{"1990-12-29", "1991-12-28", "1995-06-27",
                                                      "1995-12-28", "1996-04-11", "1996-11-23",
                                                      "1996-12-28", "1998-06-04", "2026-07-17"}));
    const std::string page = text_of(source_dir() / "docs/concepts/market-rules.md");
    for (const auto& list : {ours_alone, theirs_alone})
        for (const std::string& date : list) EXPECT_NE(page.find(date), std::string::npos) << date;
}

TEST(Calendar, SettlesTwoSessionsLater) {
    struct Case {
        const char* trade;
        const char* settled;
    };
    for (const Case& c : {
             Case{"2020-08-14", "2020-08-19"},  // Monday 2020-08-17 was closed
             Case{"2024-12-27", "2025-01-02"},  // 31 December does not count
             Case{"2024-12-26", "2024-12-30"}, Case{"2019-05-30", "2019-06-03"},
             Case{"2026-09-23", "2026-09-29"},  // Chuseok, and Monday the 28th is a session
         }) {
        const auto settled = krx().plus_sessions(day(c.trade), 2);
        ASSERT_TRUE(settled) << c.trade;
        EXPECT_EQ(settled->iso(), c.settled) << c.trade;
    }
}

TEST(Calendar, CountsOnFromAClosedDay) {
    const Date saturday = day("2020-08-15");
    EXPECT_EQ(krx().plus_sessions(saturday, 0)->iso(), "2020-08-18");
    EXPECT_EQ(krx().plus_sessions(saturday, 1)->iso(), "2020-08-18");
    EXPECT_EQ(krx().plus_sessions(saturday, 2)->iso(), "2020-08-19");
    EXPECT_EQ(krx().plus_sessions(day("2020-08-14"), 0)->iso(), "2020-08-14");
    EXPECT_EQ(krx().plus_sessions(day("2020-08-14"), 1)->iso(), "2020-08-18");
    EXPECT_FALSE(krx().plus_sessions(saturday, -1));
}

TEST(Calendar, LowerBoundAgreesWithTheListOfSessions) {
    const auto all = krx().all();
    std::size_t index = 0;
    for (Date d = krx().first() + -3; d <= krx().last() + 3; d = d + 1) {
        while (index < all.size() && all[index] < d) ++index;
        ASSERT_EQ(krx().lower_bound(d), index) << d.iso();
        const bool open = index < all.size() && all[index] == d;
        ASSERT_EQ(krx().is_session(d), open) << d.iso();
        ASSERT_EQ(krx().session_on(d), open ? static_cast<int>(index) : -1) << d.iso();
    }
}

TEST(Calendar, GivesTheSessionsOfAWindowBothEndsIncluded) {
    const auto week = krx().sessions(day("2018-04-30"), day("2018-05-08"));
    ASSERT_TRUE(week);
    ASSERT_EQ(week->size(), 5u);  // without Labor Day, the weekend and Children's Day's substitute
    EXPECT_EQ(week->front().iso(), "2018-04-30");
    EXPECT_EQ(week->back().iso(), "2018-05-08");
    EXPECT_TRUE(krx().sessions(day("2018-05-05"), day("2018-05-06"))->empty());
}

TEST(Calendar, ADateOutsideTheTableIsAnErrorThatNamesTableAndDate) {
    for (const auto* iso : {"1989-12-27", "2028-01-03"}) {
        const Date date = day(iso);
        EXPECT_FALSE(krx().covers(date));
        EXPECT_FALSE(krx().is_session(date));
        for (const auto& message : {krx().sessions(date, date).error().message,
                                    krx().plus_sessions(date, 2).error().message}) {
            EXPECT_NE(message.find(iso), std::string::npos) << message;
            EXPECT_NE(message.find("calendar"), std::string::npos) << message;
        }
    }
    EXPECT_EQ(krx().first().iso(), "1990-01-01");
    EXPECT_EQ(krx().last().iso(), "2027-12-31");
    EXPECT_EQ(krx().session_on(Date{std::numeric_limits<std::int32_t>::max()}), -1);
    EXPECT_EQ(krx().session_on(Date{-1}), -1);
    // The last two sessions settle in a year the table does not have.
    EXPECT_TRUE(krx().plus_sessions(day("2027-12-28"), 2));
    EXPECT_FALSE(krx().plus_sessions(day("2027-12-29"), 2));
    EXPECT_EQ(krx().sessions(day("2020-01-03"), day("2020-01-02")).error().code,
              ErrorCode::bad_usage);
}

TEST(Calendar, TakesDaysThatWereAnnouncedLater) {
    const Date closed = day("2027-03-05");
    const std::size_t sessions = krx().all().size();
    EXPECT_EQ(Calendar::override_krx("date,what,name\n2027-03-05,closed,Temporary holiday\n\n"
                                     "# a Saturday that was made a session\r\n2027-03-06,open\n",
                                     "days.csv"),
              2u);
    EXPECT_FALSE(krx().is_session(closed));
    EXPECT_TRUE(krx().is_session(closed + 1));
    EXPECT_EQ(krx().all().size(), sessions);
    EXPECT_EQ(krx().plus_sessions(closed + -1, 1)->iso(), "2027-03-06");
    EXPECT_EQ(Calendar::override_krx("2027-03-05,open\n2027-03-06,closed\n", "days.csv"), 2u);
    EXPECT_EQ(Calendar::override_krx("2027-03-05,open\n", "days.csv"), 0u);
    EXPECT_TRUE(krx().is_session(closed));
}

TEST(Calendar, RefusesAWrongOverrideAsAWhole) {
    for (const auto* text :
         {"2027-03-05,closed\n2028-01-03,closed\n", "2027-03-05,closed\nx,open\n",
          "2027-03-05,closed\n2027-03-08,shut\n"}) {
        const auto changed = Calendar::override_krx(text, "days.csv");
        ASSERT_FALSE(changed) << text;
        EXPECT_NE(changed.error().message.find("days.csv:2"), std::string::npos)
            << changed.error().message;
    }
    EXPECT_TRUE(krx().is_session(day("2027-03-05")));
}

TEST(Calendar, WarnsInItsLast60Days) {
    EXPECT_FALSE(calendar_warning(krx(), day("2027-11-01")));
    EXPECT_TRUE(calendar_warning(krx(), day("2027-11-02")));
    EXPECT_NE(calendar_warning(krx(), day("2028-01-10"))->find("10 days ago"), std::string::npos);
}

}  // namespace hsl::market
