// SPDX-License-Identifier: Apache-2.0
#include "market/session_slots.hpp"

#include <gtest/gtest.h>

namespace hsl::market {
namespace {

Date day(int year, unsigned month, unsigned of_month) {
    return Date::from_civil(year, month, of_month);
}
SessionSlots slots_on(Date date, int minutes) { return {*session_hours(date), minutes}; }
constexpr int at(int hour, int minute) { return 60 * hour + minute; }

TEST(SessionSlots, CutTheDayFromTheOpenAndGiveTheClosingAuctionABarOfItsOwn) {
    const SessionSlots slots = slots_on(day(2024, 2, 5), 30);
    ASSERT_EQ(slots.begins().size(), 14u);  // 09:00 .. 15:00, the last of 20 minutes; 15:20
    EXPECT_EQ(slots.begins().front(), at(9, 0));
    EXPECT_EQ(slots.begins()[12], at(15, 0));
    EXPECT_EQ(slots.begins()[13], at(15, 20));
    EXPECT_EQ(slots.slot_of(at(8, 59)), std::nullopt);
    EXPECT_EQ(slots.slot_of(at(9, 0)), 0u);
    EXPECT_EQ(slots.slot_of(at(9, 29)), 0u);
    EXPECT_EQ(slots.slot_of(at(15, 19)), 12u);
    // The print of the auction, whether it is stamped with the minute before it or its own.
    EXPECT_EQ(slots.slot_of(at(15, 29)), 13u);
    EXPECT_EQ(slots.slot_of(at(15, 30)), 13u);
    EXPECT_EQ(slots.slot_of(at(15, 31)), std::nullopt);
    EXPECT_EQ(slots_on(day(2024, 2, 5), 1).begins().size(), 381u);
}

TEST(SessionSlots, FollowTheHoursOfTheDay) {
    // The first session of a year opens an hour later and closes as ever.
    const SessionSlots first = slots_on(day(2024, 1, 2), 60);
    EXPECT_EQ(first.begins().front(), at(10, 0));
    EXPECT_EQ(first.begins().back(), at(15, 20));
    // On the day of the entrance exam everything is an hour later.
    const SessionSlots exam = slots_on(day(2023, 11, 16), 60);
    EXPECT_EQ(exam.begins().front(), at(10, 0));
    EXPECT_EQ(exam.begins().back(), at(16, 20));
    EXPECT_EQ(exam.slot_of(at(16, 30)), exam.begins().size() - 1);
    // Until 2016-07-29 the market closed at 15:00.
    EXPECT_EQ(slots_on(day(2016, 7, 29), 60).begins().back(), at(14, 50));
}

TEST(SessionSlots, AnAfternoonIsCountedFromTheEndOfTheLunchBreak) {
    const SessionSlots slots = slots_on(day(1999, 3, 3), 50);
    const std::vector<std::int32_t> expected{at(9, 0),  at(9, 50),  at(10, 40), at(11, 30),
                                             at(13, 0), at(13, 50), at(14, 40)};
    EXPECT_EQ(std::vector<std::int32_t>(slots.begins().begin(), slots.begins().end()), expected);
    EXPECT_EQ(slots.slot_of(at(12, 0)), 3u);  // the last print of the morning
    EXPECT_EQ(slots.slot_of(at(15, 0)), 6u);  // no closing call is known of then
}

std::vector<Bar> rows_at(Date date, int from, int count, int step) {
    std::vector<Bar> rows;
    for (int i = 0; i < count; ++i) rows.push_back({.date = date, .minute = from + i * step});
    return rows;
}

TEST(SessionSlots, TellHowFarRowsAreApart) {
    const Date date = day(2024, 2, 5);
    const MinuteGrid grid{1, date, date};
    EXPECT_EQ(step_of(rows_at(date, at(9, 0), 77, 5), grid), 5);
    EXPECT_EQ(step_of(rows_at(date, at(9, 0), 77, 1), grid), 1);
    // The print of the closing auction lies where it lies.
    std::vector<Bar> rows = rows_at(date, at(9, 0), 38, 10);
    rows.push_back({.date = date, .minute = at(15, 29)});
    EXPECT_EQ(step_of(rows, grid), 10);
    // A few rows tell nothing.
    EXPECT_EQ(step_of(rows_at(date, at(9, 0), 5, 10), grid), 1);
}

}  // namespace
}  // namespace hsl::market
