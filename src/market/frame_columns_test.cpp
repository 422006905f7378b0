// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/calendar.hpp"
#include "market/frame.hpp"

namespace hsl::market {
namespace {

using testing::HasSubstr;

// Session t counts from 2 January 2019.
Date session(std::size_t t) {
    const Calendar& calendar = Calendar::krx();
    return calendar.all()[calendar.lower_bound(Date::from_civil(2019, 1, 2)) + t];
}

// One symbol a list of closes; 0 is a session without a row.
BarTable table_of(const std::vector<std::pair<std::string, std::vector<std::int64_t>>>& symbols) {
    BarTable table;
    for (const auto& [symbol, closes] : symbols) {
        table.begin_symbol({.symbol = symbol, .market = Market::kospi, .scale = 0});
        for (std::size_t t = 0; t < closes.size(); ++t)
            if (const std::int64_t close = closes[t]; close > 0)
                table.append({.date = session(t),
                              .open = close,
                              .high = close,
                              .low = close,
                              .close = close,
                              .volume = 1});
    }
    return table;
}

ColumnSeries series(std::string symbol, std::string column, std::vector<ColumnRow> rows) {
    return {.symbol = std::move(symbol), .column = std::move(column), .rows = std::move(rows)};
}

std::string row_of(const Frame& frame, std::size_t lane, std::size_t column = 0) {
    std::string text;
    for (std::size_t t = 0; t < frame.session_count(); ++t) {
        const double value = frame.named[column].at(lane, t);
        text += std::isnan(value) ? "- " : std::to_string(static_cast<int>(value)) + " ";
    }
    return text;
}

Result<Frame> frame_with(const BarTable& table, const std::vector<ColumnSeries>& columns,
                         std::vector<std::string> names, const Listings* listings = nullptr) {
    return build_frame(FrameInputs{.bars = table, .listings = listings, .columns = columns},
                       {.columns = std::move(names), .threads = 2});
}

TEST(FrameColumns, AFlowStandsAtItsSessionAlone) {
    const BarTable table = table_of({{"000010", {100, 100, 100, 100}}});
    const auto frame =
        frame_with(table,
                   {series("000010", "foreign_net",
                           {{session(0), session(0), 5}, {session(2), session(2), -7}})},
                   {"foreign_net"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "5 - -7 - ");
}

TEST(FrameColumns, ALevelIsCarriedFromTheDayItWasKnown) {
    const BarTable table = table_of({{"000010", {100, 100, 100, 100, 100, 100}}});
    const auto frame = frame_with(
        table,
        {series("000010", "short_balance",
                {{session(0), session(2), 5}, {session(1), session(3), 6}}),
         // Filed on a Saturday: seen at the close of Monday. The older accounts, filed late, do not
         // replace the newer ones.
         series("000010", "roe",
                {{session(0) + -200, session(4), 1}, {session(0) + -100, session(2) + 1, 2}})},
        {"short_balance", "roe"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0, 0), "- - 5 6 6 6 ");
    EXPECT_EQ(session(2).weekday(), 5u);  // Friday
    EXPECT_EQ(row_of(*frame, 0, 1), "- - - 2 2 2 ");
}

TEST(FrameColumns, NothingStandsOutsideOfTheLaneAndALevelDoesNotPassACut) {
    // A jump of a factor 10 without an action: two lanes.
    const BarTable table =
        table_of({{"000010", {0, 100, 100, 0, 1000, 1000}}, {"000020", {1, 1, 1, 1, 1, 1, 1}}});
    const auto frame = frame_with(
        table,
        {series("000010", "per", {{session(0), session(0), 8}, {session(2), session(2), 9}}),
         series("000010", "foreign_net",
                {{session(0), session(0), 1},
                 {session(3), session(3), 2},
                 {session(5), session(5), 3},
                 {session(6), session(6), 4}})},
        {"per", "foreign_net"});
    ASSERT_TRUE(frame);
    ASSERT_EQ(frame->lane_count(), 3u);
    EXPECT_EQ(row_of(*frame, 0, 0), "- 8 9 - - - - ");
    EXPECT_EQ(row_of(*frame, 1, 0), "- - - - - - - ");
    EXPECT_EQ(row_of(*frame, 0, 1), "- - - - - - - ");
    EXPECT_EQ(row_of(*frame, 1, 1), "- - - - - 3 - ");
    EXPECT_EQ(row_of(*frame, 2, 0), "- - - - - - - ");  // a symbol without the column
}

TEST(FrameColumns, ALevelIsCarriedThroughAHalt) {
    const BarTable table = table_of({{"000010", {100, 0, 0, 100}}});
    const auto frame =
        frame_with(table, {series("000010", "per", {{session(0), session(0), 8}})}, {"per"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "8 8 8 8 ");
}

TEST(FrameColumns, WhoIsNotNamedAsAMemberIsNone) {
    const BarTable table = table_of({{"000010", {1, 1, 1}}, {"000020", {1, 1, 1}}});
    const auto frame = frame_with(
        table, {series("000010", "in_kospi200", {{session(1), session(1), 1}})}, {"in_kospi200"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "- 1 1 ");
    EXPECT_EQ(row_of(*frame, 1), "- 0 0 ");
}

TEST(FrameColumns, WhoALaterListNoLongerNamesHasLeft) {
    const BarTable table = table_of(
        {{"000010", {1, 1, 1, 1, 1}}, {"000020", {1, 1, 1, 1, 1}}, {"000030", {1, 1, 1, 1, 1}}});
    const auto in = [](std::size_t t) { return ColumnRow{session(t), session(t), 1}; };
    const auto frame = frame_with(
        table,
        {series("000010", "in_kospi200", {in(0), in(2), in(3)}),
         series("000020", "in_kospi200", {in(0), in(3)}), series("000030", "in_kospi200", {in(2)})},
        {"in_kospi200"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "1 1 1 1 1 ");
    EXPECT_EQ(row_of(*frame, 1), "1 1 0 1 1 ");  // left, and came back
    EXPECT_EQ(row_of(*frame, 2), "0 0 1 0 0 ");
}

TEST(FrameColumns, ARowOfASingleChangeIsNoListOfMembers) {
    const BarTable table = table_of({{"000010", {1, 1, 1, 1}},
                                     {"000020", {1, 1, 1, 1}},
                                     {"000030", {1, 1, 1, 1}},
                                     {"000040", {1, 1, 1, 1}}});
    const auto row = [](std::size_t t, double value) {
        return ColumnRow{session(t), session(t), value};
    };
    const auto frame = frame_with(
        table,
        {series("000010", "in_kospi200", {row(0, 1), row(2, 0)}),
         series("000020", "in_kospi200", {row(0, 1)}), series("000030", "in_kospi200", {row(0, 1)}),
         series("000040", "in_kospi200", {row(1, 1)})},
        {"in_kospi200"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "1 1 0 0 ");
    EXPECT_EQ(row_of(*frame, 1), "1 1 1 1 ");
    EXPECT_EQ(row_of(*frame, 3), "0 1 1 1 ");
}

TEST(FrameColumns, TheFirstSourceOfASymbolCounts) {
    const BarTable table = table_of({{"000010", {1, 1}}});
    const auto frame = frame_with(table,
                                  {series("000010", "foreign_net", {{session(0), session(0), 1}}),
                                   series("000010", "foreign_net", {{session(1), session(1), 2}})},
                                  {"foreign_net"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(row_of(*frame, 0), "1 - ");
}

TEST(FrameColumns, AColumnThatNobodyHasIsAnErrorThatSaysWhatToImport) {
    const BarTable table = table_of({{"000010", {1, 1}}});
    const auto frame =
        frame_with(table, {series("000090", "short_balance", {{session(0), session(0), 1}})},
                   {"short_balance"});
    ASSERT_FALSE(frame);
    EXPECT_THAT(frame.error().message, HasSubstr("'short_balance' (공매도 잔고수량)"));
    EXPECT_THAT(frame.error().message, HasSubstr("hsl import FILE"));
    const auto flows =
        frame_with(table, {series("000010", "foreign_net_shares", {{session(0), session(0), 1}})},
                   {"foreign_net"});
    ASSERT_FALSE(flows);
    EXPECT_THAT(flows.error().message, HasSubstr("but 'foreign_net_shares' ("));
    const auto sectors = frame_with(table, {}, {std::string{sector_column}});
    ASSERT_FALSE(sectors);
    EXPECT_THAT(sectors.error().message, HasSubstr("hsl import --listing FILE"));
}

TEST(FrameColumns, SectorsFollowTheListings) {
    const BarTable table =
        table_of({{"000010", {1, 1, 1}}, {"000020", {1, 1, 1}}, {"000030", {1, 1, 1}}});
    const Listings listings{
        {{.symbol = "000010", .share_class = ShareClass::common, .sector = "은행"},
         {.symbol = "000010",
          .share_class = ShareClass::common,
          .sector = "보험",
          .first = session(1)},
         {.symbol = "000020",
          .share_class = ShareClass::common,
          .sector = "은행",
          .first = session(2)},
         {.symbol = "000030", .share_class = ShareClass::common}},
        {}};
    const auto frame = frame_with(table, {}, {std::string{sector_column}}, &listings);
    ASSERT_TRUE(frame) << frame.error().text();
    EXPECT_EQ(row_of(*frame, 0), "1 0 0 ");
    EXPECT_EQ(row_of(*frame, 1), "- - 1 ");  // unknown before its first day
    EXPECT_EQ(row_of(*frame, 2), "- - - ");
}

}  // namespace
}  // namespace hsl::market
