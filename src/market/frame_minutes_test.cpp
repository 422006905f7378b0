// SPDX-License-Identifier: Apache-2.0

// Frames of minute bars: where each row goes, and what holds for a day and not for a bar.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/calendar.hpp"
#include "market/frame.hpp"
#include "market/lane_rules.hpp"
#include "market/resample.hpp"
#include "market/synthetic.hpp"
#include "market/synthetic_minutes.hpp"

namespace hsl::market {
namespace {

using testing::HasSubstr;

constexpr int at(int hour, int minute) { return 60 * hour + minute; }
Date day(int year, unsigned month, unsigned of_month) {
    return Date::from_civil(year, month, of_month);
}

struct Print {
    Date date;
    int minute;
    std::int64_t price;
    std::int64_t volume = 100;
};
// One price a row.
BarTable table_of(std::string symbol, const std::vector<Print>& prints, Basis basis = Basis::raw) {
    BarTable table;
    table.interval = Interval::minute;
    table.begin_symbol({.symbol = std::move(symbol), .market = Market::kospi, .scale = 0});
    table.symbols.back().basis = basis;
    for (const auto& [date, minute, price, volume] : prints)
        table.append({.date = date,
                      .open = price,
                      .high = price,
                      .low = price,
                      .close = price,
                      .volume = volume,
                      .minute = minute});
    return table;
}
Frame frame_of(const BarTable& table, int minutes) {
    auto frame = build_frame(table, {.minutes = minutes, .threads = 1});
    EXPECT_TRUE(frame) << (frame ? "" : frame.error().text());
    return std::move(*frame);
}
double close_at(const Frame& frame, std::size_t t) { return frame.column(Field::close).at(0, t); }

// Friday 29 December 2023 does not open: the 28th was the last session; 2 January opens at 10:00.
TEST(MinuteFrame, HoldsEveryBarOfEverySessionsHours) {
    const Date thursday = day(2023, 12, 28), tuesday = day(2024, 1, 2);
    const Frame frame = frame_of(table_of("005930", {{thursday, at(9, 1), 10'000},
                                                     {thursday, at(9, 2), 10'010},
                                                     {thursday, at(15, 30), 10'020},
                                                     {tuesday, at(10, 0), 10'030},
                                                     {tuesday, at(15, 29), 10'040}}),
                                 30);
    // 09:00 .. 15:00 and the auction; 10:00 .. 15:00 and the auction.
    ASSERT_EQ(frame.session_count(), 14u + 12u);
    EXPECT_EQ(frame.bar_minutes, 30);
    EXPECT_EQ(frame.sessions[13], thursday);
    EXPECT_EQ(frame.sessions[14], tuesday);
    EXPECT_EQ(frame.minutes[14], at(10, 0));
    EXPECT_EQ(frame.minutes[25], at(15, 20));
    EXPECT_EQ(frame.day_first(25), 14u);
    EXPECT_EQ(frame.day_last(0), 13u);
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_EQ(frame.lanes[0].first, 0u);
    EXPECT_EQ(frame.lanes[0].last, 25u);
    EXPECT_EQ(frame.lanes[0].end, LaneEnd::frame_end);
    EXPECT_EQ(frame.column(Field::open).at(0, 0), 10'000);
    EXPECT_EQ(close_at(frame, 0), 10'010);
    EXPECT_EQ(frame.column(Field::volume).at(0, 0), 200);
    EXPECT_EQ(close_at(frame, 13), 10'020);
    EXPECT_EQ(close_at(frame, 14), 10'030);
    EXPECT_EQ(close_at(frame, 25), 10'040);
}

TEST(MinuteFrame, ABarWithoutATradeIsFlat) {
    const Date date = day(2024, 2, 5);
    const Frame frame =
        frame_of(table_of("005930", {{date, at(9, 12), 10'000}, {date, at(9, 40), 10'100}}), 10);
    EXPECT_EQ(frame.lanes[0].first, 1u);  // nothing is known before the first trade
    EXPECT_TRUE(std::isnan(close_at(frame, 0)));
    EXPECT_FALSE(frame.listed.at(0, 0));
    for (const std::size_t t : {2u, 3u}) {
        EXPECT_EQ(close_at(frame, t), 10'000);
        EXPECT_EQ(frame.column(Field::open).at(0, t), 10'000);
        EXPECT_EQ(frame.column(Field::volume).at(0, t), 0);
        EXPECT_TRUE(frame.listed.at(0, t));
        EXPECT_FALSE(frame.traded.at(0, t));
        EXPECT_FALSE(frame.buyable.at(0, t));
        EXPECT_FALSE(frame.sellable.at(0, t));
    }
    EXPECT_TRUE(frame.traded.at(0, 4));
    EXPECT_EQ(frame.lanes[0].last, frame.session_count() - 1);
    EXPECT_EQ(close_at(frame, frame.session_count() - 1), 10'100);
}

// A day without a row is flat bars, as a halted session is.
TEST(MinuteFrame, AHaltedDayIsFlatBars) {
    const Frame frame = frame_of(table_of("005930", {{day(2024, 2, 5), at(9, 0), 10'000},
                                                     {day(2024, 2, 7), at(9, 0), 10'100}}),
                                 60);
    const std::size_t bars = 8;  // 09:00 .. 15:00 and the auction
    ASSERT_EQ(frame.session_count(), 3 * bars);
    for (std::size_t t = bars; t < 2 * bars; ++t) {
        EXPECT_EQ(close_at(frame, t), 10'000);
        EXPECT_FALSE(frame.traded.at(0, t));
    }
    EXPECT_FALSE(frame.traded_on_day(0, bars));
    EXPECT_TRUE(frame.traded_on_day(0, 2 * bars + 3));
}

// Limits go by the day: +30 % of Monday's close of 10,000 is 13,000, whatever Tuesday traded at.
TEST(MinuteFrame, ABarIsLockedAtTheLimitOfItsDay) {
    const Date monday = day(2024, 2, 5), tuesday = day(2024, 2, 6);
    for (const Basis basis : {Basis::raw, Basis::adjusted}) {
        SCOPED_TRACE(name_of(basis));
        const Frame frame = frame_of(table_of("005930",
                                              {{monday, at(9, 0), 9'000},
                                               {monday, at(15, 30), 10'000},
                                               {tuesday, at(9, 0), 12'000},
                                               {tuesday, at(10, 0), 13'000},
                                               {tuesday, at(11, 0), 12'900},
                                               {tuesday, at(12, 0), 13'000},
                                               {tuesday, at(13, 0), 9'000},
                                               {tuesday, at(14, 0), 7'000},
                                               {tuesday, at(15, 30), 12'990}},
                                              basis),
                                     60);
        const std::size_t open = 8;
        const auto hour = [&](int of_day) { return open + static_cast<std::size_t>(of_day - 9); };
        EXPECT_TRUE(frame.buyable.at(0, hour(9)));
        EXPECT_FALSE(frame.buyable.at(0, hour(10)));
        EXPECT_TRUE(frame.sellable.at(0, hour(10)));
        // 12,900 is 29 %: the ratio rule takes it for the limit, the exact one does not.
        EXPECT_EQ(frame.buyable.at(0, hour(11)), basis == Basis::raw);
        EXPECT_FALSE(frame.buyable.at(0, hour(12)));
        EXPECT_TRUE(frame.sellable.at(0, hour(13)));
        EXPECT_FALSE(frame.sellable.at(0, hour(14)));
        EXPECT_TRUE(frame.buyable.at(0, hour(14)));
        // The lane's first day has no limits.
        for (std::size_t t = 0; t < open; ++t)
            if (frame.traded.at(0, t)) {
                EXPECT_TRUE(frame.buyable.at(0, t));
            }
        const auto limits = limits_of(frame, 0, hour(13));
        ASSERT_TRUE(limits);
        EXPECT_EQ(limits->upper, 13'000);
        EXPECT_EQ(limits->lower, 7'000);
    }
}

// 31 % within a day is no cut, between the closes of two days it is one.
TEST(MinuteFrame, CutsGoFromDayToDay) {
    const Frame frame = frame_of(table_of("005930", {{day(2024, 2, 5), at(9, 0), 10'000},
                                                     {day(2024, 2, 5), at(15, 30), 10'000},
                                                     {day(2024, 2, 6), at(9, 0), 7'000},
                                                     {day(2024, 2, 6), at(15, 30), 12'900},
                                                     {day(2024, 2, 7), at(10, 0), 50'000},
                                                     {day(2024, 2, 7), at(15, 30), 50'000}}),
                                 60);
    ASSERT_EQ(frame.lane_count(), 2u);
    EXPECT_EQ(frame.lanes[0].last, 15u);
    EXPECT_EQ(frame.lanes[0].end, LaneEnd::cut);
    EXPECT_EQ(frame.lanes[1].first, 17u);  // 10:00
    EXPECT_EQ(frame.breaks, (std::vector<std::size_t>{16}));
}

TEST(MinuteFrame, RowsOutsideTheRegularSessionAreLeftOutAndCounted) {
    const Date date = day(2024, 2, 5);
    const BarTable table = table_of("005930", {{date, at(8, 35), 9'000},
                                               {date, at(9, 0), 10'000},
                                               {date, at(15, 30), 10'100},
                                               {date, at(15, 45), 10'100},
                                               {date, at(17, 50), 11'000}});
    EXPECT_EQ(frame_of(table, 60).outside_rows, 3u);
    const Frame days = frame_of(table, 0);
    EXPECT_EQ(days.outside_rows, 3u);
    ASSERT_EQ(days.session_count(), 1u);
    EXPECT_TRUE(days.minutes.empty());
    EXPECT_EQ(close_at(days, 0), 10'100);
    EXPECT_EQ(days.column(Field::open).at(0, 0), 10'000);
}

TEST(MinuteFrame, ASplitTakesEffectBeforeTheFirstBarOfItsDay) {
    const Date monday = day(2024, 2, 5), tuesday = day(2024, 2, 6);
    const BarTable table = table_of("005930", {{monday, at(9, 0), 10'000},
                                               {monday, at(15, 30), 10'000},
                                               {tuesday, at(9, 0), 5'100},
                                               {tuesday, at(15, 30), 5'200}});
    const Actions actions{{{.symbol = "005930",
                            .kind = ActionKind::split,
                            .ex_date = tuesday,
                            .shares_after = 2,
                            .shares_before = 1}}};
    const Frame frame =
        *build_frame({.bars = table, .actions = &actions}, {.minutes = 60, .threads = 1});
    ASSERT_EQ(frame.lane_count(), 1u);
    ASSERT_EQ(frame.lanes[0].actions.size(), 1u);
    EXPECT_EQ(frame.lanes[0].actions[0].session, 8u);
    EXPECT_EQ(close_at(frame, 8), 10'200);
    EXPECT_EQ(frame.raw(Field::close).at(0, 8), 5'100);
    EXPECT_EQ(limits_of(frame, 0, 12)->upper, 6'500);
}

TEST(MinuteFrame, AnEveningsValueIsSeenAtTheLastBarOfItsDayAndUntilTheNext) {
    const Date monday = day(2024, 2, 5), tuesday = day(2024, 2, 6), wednesday = day(2024, 2, 7);
    const BarTable table = table_of("005930", {{monday, at(9, 0), 10'000},
                                               {tuesday, at(9, 0), 10'000},
                                               {wednesday, at(9, 0), 10'000},
                                               {day(2024, 2, 8), at(9, 0), 10'000}});
    const std::vector<ColumnSeries> columns{
        {.symbol = "005930",
         .column = "foreign_net",
         .rows = {{monday, monday, 1}, {tuesday, tuesday, 2}}},
        // Published on the Sunday before, and again on Wednesday.
        {.symbol = "005930",
         .column = "roe",
         .rows = {{day(2023, 9, 30), day(2024, 2, 4), 7}, {day(2023, 12, 31), wednesday, 8}}}};
    const Frame frame =
        *build_frame({.bars = table, .columns = columns},
                     {.minutes = 60, .columns = {"foreign_net", "roe"}, .threads = 1});
    const auto value = [&](std::size_t column, std::size_t t) {
        return frame.named[column].at(0, t);
    };
    EXPECT_TRUE(std::isnan(value(0, 6)));
    for (std::size_t t = 7; t < 15; ++t) EXPECT_EQ(value(0, t), 1) << t;
    for (std::size_t t = 15; t < 23; ++t) EXPECT_EQ(value(0, t), 2) << t;
    EXPECT_TRUE(std::isnan(value(0, 23)));
    for (std::size_t t = 0; t < 23; ++t) EXPECT_EQ(value(1, t), 7) << t;
    for (std::size_t t = 23; t < 32; ++t) EXPECT_EQ(value(1, t), 8) << t;
}

TEST(MinuteFrame, OfRowsThatAreTooFarApartIsRefused) {
    std::vector<Print> prints;
    for (int minute = at(9, 0); minute < at(15, 20); minute += 5)
        prints.push_back({day(2024, 2, 5), minute, 10'000});
    const BarTable table = table_of("005930", prints);
    EXPECT_EQ(frame_of(table, 10).minutes[1], at(9, 10));
    for (const int minutes : {1, 3, 7}) {
        const auto refused = build_frame(table, {.minutes = minutes});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::bad_usage);
        EXPECT_THAT(refused.error().message, HasSubstr("005930: its rows are 5 minutes apart"));
        EXPECT_THAT(refused.error().message, HasSubstr("--minutes 5"));
    }
}

TEST(MinuteFrame, OfRowsOutOfOrderOrOnADayWithoutASessionIsAnError) {
    const auto twice = build_frame(
        table_of("005930", {{day(2024, 2, 5), at(9, 0), 10}, {day(2024, 2, 5), at(9, 0), 10}}),
        {.minutes = 5});
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().message, HasSubstr("bars 005930 2024-02-05 09:00"));
    const auto sunday = build_frame(
        table_of("005930", {{day(2024, 2, 4), at(9, 0), 10}, {day(2024, 2, 5), at(9, 0), 10}}),
        {.minutes = 5});
    ASSERT_FALSE(sunday);
    EXPECT_THAT(sunday.error().message, HasSubstr("no session on that day"));
    BarTable days;
    days.begin_symbol({.symbol = "005930", .scale = 0});
    days.append({.date = day(2024, 2, 5), .open = 1, .high = 1, .low = 1, .close = 1});
    EXPECT_FALSE(build_frame(days, {.minutes = 5}));
}

// --- a whole market
// --------------------------------------------------------------------------------

BarTable generated_days() {
    return *generate_market({.symbols = 11, .sessions = 40, .seed = 3, .from = day(2023, 11, 1)});
}

TEST(MinuteFrame, DaysMadeOfMinutesAreTheDays) {
    const BarTable days = generated_days();
    const BarTable minutes = minutes_of_days(days, 5);
    EXPECT_GT(minutes.rows(), 20 * days.rows());
    const Frame expected = *build_frame(days, {.threads = 1});
    const Frame found = frame_of(minutes, 0);
    ASSERT_EQ(found.sessions, expected.sessions);
    ASSERT_EQ(found.lane_count(), expected.lane_count());
    for (std::size_t lane = 0; lane < found.lane_count(); ++lane) {
        EXPECT_EQ(found.lanes[lane].first, expected.lanes[lane].first);
        // A halt behind the last trade leaves no minutes.
        for (std::size_t t = found.lanes[lane].first; t <= found.lanes[lane].last; ++t) {
            for (std::size_t field = 0; field < field_count; ++field)
                ASSERT_EQ(found.columns[field].at(lane, t), expected.columns[field].at(lane, t))
                    << expected.lanes[lane].instrument.symbol << ' ' << expected.sessions[t].iso()
                    << ' ' << name_of(static_cast<Field>(field));
            for (const auto mask : {&Frame::traded, &Frame::buyable, &Frame::sellable})
                EXPECT_EQ((found.*mask).at(lane, t), (expected.*mask).at(lane, t));
        }
    }
}

// Bars of N minutes from a frame of one-minute bars, cell by cell, against the frame that is built
// of them; both against the resampled rows.
TEST(MinuteFrame, LongerBarsAreThoseOfTheMinutes) {
    const BarTable minutes = minutes_of_days(generated_days(), 6);
    const Frame fine = frame_of(minutes, 1);
    for (const int length : {5, 7, 60, 390}) {
        const Frame coarse = frame_of(minutes, length);
        ASSERT_EQ(coarse.lane_count(), fine.lane_count());
        const MinuteGrid grid{length, coarse.sessions.front(), coarse.sessions.back()};
        for (std::size_t lane = 0; lane < coarse.lane_count(); ++lane) {
            std::size_t t = 0;
            for (std::size_t b = 0; b < coarse.session_count(); ++b) {
                double open = std::nan(""), high = 0, low = 1e18, volume = 0, close = std::nan("");
                bool traded = false, listed = false;
                for (;
                     t < fine.session_count() && fine.sessions[t] == coarse.sessions[b] &&
                     grid.on(fine.sessions[t])->slot_of(fine.minutes[t]) == b - coarse.day_first(b);
                     ++t) {
                    if (!fine.listed.at(lane, t)) continue;
                    listed = true;
                    close = fine.column(Field::close).at(lane, t);
                    volume += fine.column(Field::volume).at(lane, t);
                    if (!fine.traded.at(lane, t)) continue;
                    if (!traded) open = fine.column(Field::open).at(lane, t);
                    traded = true;
                    high = std::max(high, fine.column(Field::high).at(lane, t));
                    low = std::min(low, fine.column(Field::low).at(lane, t));
                }
                ASSERT_EQ(coarse.listed.at(lane, b), listed) << length << ' ' << b;
                ASSERT_EQ(coarse.traded.at(lane, b), traded);
                if (!listed) continue;
                EXPECT_EQ(coarse.column(Field::close).at(lane, b), close);
                EXPECT_EQ(coarse.column(Field::volume).at(lane, b), volume);
                EXPECT_EQ(coarse.column(Field::open).at(lane, b), traded ? open : close);
                EXPECT_EQ(coarse.column(Field::high).at(lane, b), traded ? high : close);
                EXPECT_EQ(coarse.column(Field::low).at(lane, b), traded ? low : close);
            }
            EXPECT_EQ(t, fine.session_count());
        }
    }
}

TEST(MinuteFrame, IsTheSameOnAnyNumberOfThreads) {
    const BarTable minutes = minutes_of_days(generated_days(), 7);
    const Frame one = frame_of(minutes, 5);
    const Frame four = *build_frame(minutes, {.minutes = 5, .threads = 4});
    for (std::size_t lane = 0; lane < one.lane_count(); ++lane)
        for (std::size_t t = one.lanes[lane].first; t <= one.lanes[lane].last; ++t)
            ASSERT_EQ(one.column(Field::close).at(lane, t), four.column(Field::close).at(lane, t));
}

}  // namespace
}  // namespace hsl::market
