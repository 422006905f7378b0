// SPDX-License-Identifier: Apache-2.0
#include "strategy/universe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::strategy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Date day(int year, unsigned month, unsigned of_month) {
    return Date::from_civil(year, month, of_month);
}

market::Listings listings() {
    using market::Market;
    return {
        {{.symbol = "000010", .market = Market::kospi, .sector = "은행", .listed = day(2000, 1, 4)},
         // Left the exchange in 2021.
         {.symbol = "000020",
          .market = Market::kospi,
          .sector = "은행",
          .listed = day(2000, 1, 4),
          .delisted = day(2021, 3, 2)},
         // Moved from KOSDAQ to KOSPI.
         {.symbol = "000030",
          .market = Market::kosdaq,
          .sector = "반도체",
          .first = day(2010, 1, 4),
          .last = day(2022, 6, 30),
          .listed = day(2010, 1, 4)},
         {.symbol = "000030",
          .market = Market::kospi,
          .sector = "반도체",
          .first = day(2022, 7, 1),
          .listed = day(2010, 1, 4)}},
        {}};
}

std::vector<std::string> members(std::string_view text,
                                 const std::vector<market::ColumnSeries>& columns = {}) {
    const auto universe = parse_universe(text);
    EXPECT_TRUE(universe) << (universe ? "" : universe.error().text());
    auto found = members_of(*universe, listings(), columns, day(2020, 1, 2));
    EXPECT_TRUE(found) << (found ? "" : found.error().text());
    return found ? *found : std::vector<std::string>{};
}

TEST(Universe, WhoWasDelistedSinceStaysIn) {
    EXPECT_THAT(members("listed(\"KOSPI\", 2020-01-02)"), ElementsAre("000010", "000020"));
    EXPECT_THAT(members("listed(\"KOSPI\", 2023-01-02)"), ElementsAre("000010", "000030"));
    EXPECT_THAT(members("listed(\"KOSPI\")"), ElementsAre("000010", "000020", "000030"));
    EXPECT_THAT(members("listed(\"KOSDAQ\",2020-01-02)"), ElementsAre("000030"));
}

TEST(Universe, ATableOfNamesTakesNoSectorAway) {
    const market::Listings both{{{.symbol = "000010", .sector = "은행"},
                                 {.symbol = "000010",
                                  .name = "가",
                                  .market = market::Market::kospi,
                                  .first = day(2020, 1, 2)}},
                                {}};
    const auto found = members_of(*parse_universe("sector(\"은행\")"), both, {}, day(2021, 1, 4));
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_THAT(*found, ElementsAre("000010"));
}

TEST(Universe, TermsAddUp) {
    EXPECT_THAT(members(" sector(\"은행\") + listed(\"KOSDAQ\", 2020-01-02)"),
                ElementsAre("000010", "000020", "000030"));
    EXPECT_THAT(members("sector(\"반도체\")"), ElementsAre("000030"));
}

TEST(Universe, ASectorHoldsWhoWasListedOnItsDay) {
    EXPECT_THAT(members("sector(\"은행\", 2021-03-01)"), ElementsAre("000010", "000020"));
    EXPECT_THAT(members("sector(\"은행\", 2021-03-02)"), ElementsAre("000010"));
    const market::Listings later{{{.symbol = "000010", .sector = "은행", .listed = day(2022, 1, 3)},
                                  {.symbol = "000020",
                                   .sector = "은행",
                                   .first = day(2022, 1, 3),
                                   .listed = day(2021, 1, 4)},
                                  // Its listing day is not told, so the table looks back.
                                  {.symbol = "000030", .sector = "은행", .first = day(2022, 1, 3)}},
                                 {}};
    const auto found = members_of(*parse_universe("sector(\"은행\")"), later, {}, day(2020, 1, 2));
    ASSERT_TRUE(found);
    EXPECT_THAT(*found, ElementsAre("000030"));
}

TEST(Universe, AnIndexIsThatOfTheRunsFirstSession) {
    const std::vector<market::ColumnSeries> columns{
        {.symbol = "000010",
         .column = "in_kospi200",
         .rows = {{day(2019, 6, 3), day(2019, 6, 3), 1}, {day(2020, 6, 1), day(2020, 6, 1), 0}}},
        {.symbol = "000020",
         .column = "in_kospi200",
         .rows = {{day(2020, 6, 1), day(2020, 6, 1), 1}}}};
    EXPECT_THAT(members("index(\"KOSPI 200\")", columns), ElementsAre("000010"));
    EXPECT_THAT(members("index(\"KOSPI200\", 2020-06-01)", columns), ElementsAre("000020"));
    EXPECT_THAT(parse_universe("index(\"KOSPI200\")")->columns(), ElementsAre("in_kospi200"));
}

TEST(Universe, AllIsEverything) {
    EXPECT_TRUE(parse_universe("all")->everything());
    EXPECT_TRUE(parse_universe("sector(\"x\") + all")->everything());
    EXPECT_FALSE(parse_universe("sector(\"all\")")->everything());
}

TEST(Universe, MistakesAreNamed) {
    for (const char* text :
         {"", "KOSPI", "listed(KOSPI)", "listed(\"KOSPI\"", "listed(\"KOSPI\") +",
          "listed(\"KOSPI\") listed(\"KOSDAQ\")", "listed(\"\")", "all()"}) {
        const auto universe = parse_universe(text);
        ASSERT_FALSE(universe) << text;
        EXPECT_EQ(universe.error().code, ErrorCode::bad_usage);
        EXPECT_THAT(universe.error().message, HasSubstr("a universe is")) << text;
    }
    EXPECT_THAT(parse_universe("listed(\"KOSPY\")").error().message, HasSubstr("KOSPY"));
    EXPECT_THAT(parse_universe("listed(\"KOSPI\", 2020)").error().message, HasSubstr("2020-01-02"));
    EXPECT_THAT(parse_universe("index(\"코스피\")").error().message,
                HasSubstr("no name of an index"));
}

TEST(Universe, ATermWithoutMembersSaysWhatToImport) {
    const auto sector =
        members_of(*parse_universe("sector(\"조선\")"), listings(), {}, day(2020, 1, 2));
    ASSERT_FALSE(sector);
    EXPECT_THAT(sector.error().message, HasSubstr("2 sectors are known: 반도체, 은행"));
    EXPECT_THAT(members_of(*parse_universe("sector(\"도체\")"), listings(), {}, day(2020, 1, 2))
                    .error()
                    .message,
                HasSubstr("did you mean 반도체?"));
    const market::Listings names{{{.symbol = "000010"}, {.symbol = "000020"}}, {}};
    EXPECT_THAT(
        members_of(*parse_universe("sector(\"조선\")"), names, {}, day(2020, 1, 2)).error().message,
        AllOf(HasSubstr("names 2 codes, and the sector of none"),
              HasSubstr("hsl import --listing FILE")));
    EXPECT_THAT(
        members_of(*parse_universe("sector(\"조선\")"), {}, {}, day(2020, 1, 2)).error().message,
        HasSubstr("no listing table"));
    const auto index =
        members_of(*parse_universe("index(\"KOSPI200\")"), listings(), {}, day(2020, 1, 2));
    ASSERT_FALSE(index);
    EXPECT_THAT(index.error().message, HasSubstr("a list of its members"));
}

}  // namespace
}  // namespace hsl::strategy
