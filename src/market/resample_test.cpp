// SPDX-License-Identifier: Apache-2.0
#include "market/resample.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

Date day(int year, unsigned month, unsigned of_month) {
    return Date::from_civil(year, month, of_month);
}

Bar bar(Date date, std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close,
        std::int64_t volume) {
    return {.date = date, .open = open, .high = high, .low = low, .close = close, .volume = volume};
}

// Samsung Electronics around Seollal of 2024 (closed 9 and 12 February).
std::vector<Bar> seollal() {
    return {bar(day(2024, 2, 5), 74300, 74500, 73900, 74300, 10),
            bar(day(2024, 2, 6), 74300, 74900, 73800, 74400, 20),
            bar(day(2024, 2, 7), 75200, 75500, 74300, 75000, 30),
            bar(day(2024, 2, 8), 75000, 75200, 73600, 74000, 40),
            bar(day(2024, 2, 13), 74800, 75200, 74400, 75200, 50),
            bar(day(2024, 2, 14), 73700, 74300, 73700, 74000, 60)};
}

TEST(Resample, AWeekIsMondayToSunday) {
    const std::vector<Bar> weeks = resample_days(seollal(), Period::week);
    ASSERT_EQ(weeks.size(), 2);
    EXPECT_EQ(weeks[0], bar(day(2024, 2, 8), 74300, 75500, 73600, 74000, 100));
    EXPECT_EQ(weeks[1], bar(day(2024, 2, 14), 74800, 75200, 73700, 74000, 110));
    const std::vector<Bar> months = resample_days(seollal(), Period::month);
    ASSERT_EQ(months.size(), 1);
    EXPECT_EQ(months[0], bar(day(2024, 2, 14), 74300, 75500, 73600, 74000, 210));
}

TEST(Resample, SaturdaySessionsBelongToTheWeekThatEnds) {
    // 5 December 1998 was the last Saturday session.
    const std::vector<Bar> weeks =
        resample_days(std::vector{bar(day(1998, 12, 4), 10, 10, 10, 10, 1),
                                  bar(day(1998, 12, 5), 11, 11, 11, 11, 1),
                                  bar(day(1998, 12, 7), 12, 12, 12, 12, 1)},
                      Period::week);
    ASSERT_EQ(weeks.size(), 2);
    EXPECT_EQ(weeks[0].date, day(1998, 12, 5));
    EXPECT_EQ(weeks[0].close, 11);
}

TEST(Resample, HaltsTakeNoPart) {
    std::vector<Bar> days = seollal();
    days[0] = {.date = days[0].date, .close = 70000};  // a halt that carries an older close
    days[4] = {.date = days[4].date, .close = 74000};
    days[5] = {.date = days[5].date, .close = 74000};
    const std::vector<Bar> weeks = resample_days(days, Period::week);
    ASSERT_EQ(weeks.size(), 2);
    EXPECT_EQ(weeks[0], bar(day(2024, 2, 8), 74300, 75500, 73600, 74000, 90));
    EXPECT_TRUE(is_halt(weeks[1]));
    EXPECT_EQ(weeks[1].close, 74000);
}

TEST(Resample, ValueIsSummedWhereOneIsKnown) {
    std::vector<Bar> days{bar(day(2024, 2, 5), 10, 10, 10, 10, 5),
                          bar(day(2024, 2, 6), 20, 20, 20, 20, 5)};
    EXPECT_EQ(resample_days(days, Period::week)[0].value, Bar::value_missing);
    days[1].value = 99;
    EXPECT_EQ(resample_days(days, Period::week)[0].value, 149);  // 10 x 5 and 99
}

std::vector<Bar> at_minutes(Date date, std::initializer_list<int> minutes) {
    std::vector<Bar> rows;
    for (const int minute : minutes) {
        Bar one = bar(date, 100 + minute, 100 + minute, 100 + minute, 100 + minute, 1);
        one.minute = minute;
        rows.push_back(one);
    }
    return rows;
}

TEST(Resample, MinutesAreCountedFromTheOpening) {
    const Date date = day(2024, 2, 5);
    const MinuteGrid grid{7, date, date};
    const std::vector<Bar> minutes = at_minutes(date, {535, 540, 541, 546, 547, 554, 936});
    const std::vector<Bar> sevens = resample_minutes(minutes, grid);
    ASSERT_EQ(sevens.size(), 3);
    EXPECT_EQ(sevens[0].minute, 540);
    EXPECT_EQ(sevens[0].volume, 3);
    EXPECT_EQ(sevens[0].close, 646);
    EXPECT_EQ(sevens[1].minute, 547);
    EXPECT_EQ(sevens[2].minute, 554);
    const std::vector<Bar> days = days_of_minutes(minutes, grid);
    ASSERT_EQ(days.size(), 1);
    EXPECT_EQ(days[0], bar(date, 640, 654, 640, 654, 5));  // 08:55 and 15:36 are no regular session
}

TEST(Resample, MinutesOfOtherExchangesAreCountedFromMidnight) {
    const std::vector<Bar> minutes = at_minutes(day(2024, 2, 11), {535, 540, 541, 1'439});
    const std::vector<Bar> tens = resample_minutes(minutes, MinuteGrid{10});
    ASSERT_EQ(tens.size(), 3);
    EXPECT_EQ(tens[0].minute, 530);
    EXPECT_EQ(tens[1].minute, 540);
    EXPECT_EQ(tens[1].volume, 2);
    EXPECT_EQ(tens[2].minute, 1'430);
}

TEST(Periods, AreOverAtTheirLastSessionByTheCalendar) {
    // Thursday 8 February 2024 ends its week, since the Friday was closed; the frame ends on a
    // Wednesday, whose week goes on.
    std::vector<Date> sessions;
    for (const Bar& row : seollal()) sessions.push_back(row.date);
    const Periods weeks = periods_of(sessions, Period::week);
    EXPECT_EQ(weeks.count, 2);
    EXPECT_EQ(weeks.of, (std::vector<std::size_t>{0, 0, 0, 0, 1, 1}));
    EXPECT_EQ(weeks.last, (std::vector<std::size_t>{3, 5}));
    constexpr std::size_t none = Periods::none;
    EXPECT_EQ(weeks.complete, (std::vector<std::size_t>{none, none, none, 0, 0, 0}));
    const Periods months = periods_of(sessions, Period::month);
    EXPECT_EQ(months.complete, (std::vector<std::size_t>(6, none)));
}

// Friday 2 February 2024 in two bars, Monday in two: the week is over at Friday's last bar.
TEST(Periods, OfBarsAreOverAtTheLastBarOfTheirLastSession) {
    const std::vector<Date> bars{day(2024, 2, 1), day(2024, 2, 2), day(2024, 2, 2), day(2024, 2, 5),
                                 day(2024, 2, 5)};
    const Periods weeks = periods_of(bars, Period::week);
    EXPECT_EQ(weeks.of, (std::vector<std::size_t>{0, 0, 0, 1, 1}));
    constexpr std::size_t none = Periods::none;
    EXPECT_EQ(weeks.complete, (std::vector<std::size_t>{none, none, 0, 0, 0}));
}

TEST(Periods, OffTheCalendarEndWhereTheNextBegins) {
    // Sundays: no session of the exchange.
    const std::vector<Date> sundays{day(2024, 2, 4), day(2024, 2, 11), day(2024, 2, 18)};
    const Periods weeks = periods_of(sundays, Period::week);
    EXPECT_EQ(weeks.complete, (std::vector<std::size_t>{0, 1, 1}));
}

// The frame's weeks against the table's, symbol by symbol.
TEST(Resample, AFrameAndATableAgree) {
    constexpr std::uint64_t seed = 7;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    BarTable table;
    std::vector<std::vector<Bar>> rows;
    const std::span<const Date> sessions = Calendar::krx().all();
    const std::size_t begin = Calendar::krx().lower_bound(day(2019, 1, 2));
    for (int symbol = 0; symbol < 11; ++symbol) {
        table.begin_symbol({.symbol = std::to_string(100000 + symbol * 10), .scale = 0});
        rows.emplace_back();
        std::int64_t close = 10'000;
        const std::size_t first = rng.below(40);
        for (std::size_t t = first; t < 120 + rng.below(9); ++t) {
            Bar one{.date = sessions[begin + t], .close = close};
            if (t == first || rng.below(6) != 0) {
                one.open = close + static_cast<std::int64_t>(rng.below(50));
                one.close = close = one.open + static_cast<std::int64_t>(rng.below(60)) - 40;
                one.high = std::max(one.open, close) + 3;
                one.low = std::min(one.open, close) - 2;
                one.volume = 1 + static_cast<std::int64_t>(rng.below(1000));
            }
            table.append(one);
            rows.back().push_back(one);
        }
    }
    const Frame frame = *build_frame(table, {.threads = 1});
    for (const Period period : {Period::week, Period::month}) {
        const Periods periods = periods_of(frame.sessions, period);
        const Frame coarse = resample(frame, periods, {}, 1);
        ASSERT_EQ(coarse.lane_count(), rows.size());
        for (std::size_t lane = 0; lane < rows.size(); ++lane) {
            const std::vector<Bar> expected = resample_days(rows[lane], period);
            const std::size_t first = coarse.lanes[lane].first;
            for (std::size_t i = 0; i < expected.size(); ++i) {
                const Bar& want = expected[i];
                const auto held = [&](Field field) {
                    return coarse.column(field).at(lane, first + i);
                };
                const bool halt = is_halt(want);
                const auto price = [&](std::int64_t of) {
                    return static_cast<double>(halt ? want.close : of);
                };
                EXPECT_EQ(held(Field::open), price(want.open));
                EXPECT_EQ(held(Field::high), price(want.high));
                EXPECT_EQ(held(Field::low), price(want.low));
                EXPECT_EQ(held(Field::close), price(want.close));
                EXPECT_EQ(held(Field::volume), static_cast<double>(want.volume));
            }
            if (first > 0) {
                EXPECT_TRUE(std::isnan(coarse.column(Field::close).at(lane, first - 1)));
            }
        }
    }
}

}  // namespace
}  // namespace hsl::market
