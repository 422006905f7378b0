// SPDX-License-Identifier: Apache-2.0
#include "service/show_indicators.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::service {
namespace {

using market::Bar;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Bar> bars_of(std::initializer_list<std::int64_t> closes) {
    std::vector<Bar> bars;
    Date date = *parse_date("2020-01-02");
    for (const std::int64_t close : closes) {
        // A close alone is a halted row.
        bars.push_back(close > 0
                           ? Bar{date, close, close + 1, close - 1, close, 10, Bar::value_missing}
                           : Bar{date, 0, 0, 0, -close, 0, Bar::value_missing});
        date = date + 1;
    }
    return bars;
}

IndicatorTable shown(const std::vector<Bar>& bars, const std::vector<std::string>& expressions,
                     std::string_view symbol = "005930") {
    auto table = show_indicators(market::instrument_for(symbol), bars, expressions);
    EXPECT_TRUE(table) << table.error().text();
    return table ? std::move(*table) : IndicatorTable{};
}

TEST(ShowIndicators, TakesTheRowsAsTheyAre) {
    const auto table = shown(bars_of({100, 102, 104}), {"sma(close,2)", "close > 101"});
    EXPECT_EQ(to_csv(table),
              "date,\"sma(close,2)\",close > 101\n"
              "2020-01-02,,0\n2020-01-03,101,1\n2020-01-04,103,1\n");
}

TEST(ShowIndicators, AHaltIsAFlatBarAtTheLastClose) {
    EXPECT_THAT(shown(bars_of({100, -999, 104}), {"close"}).columns[0], ElementsAre(100, 100, 104));
    EXPECT_THAT(shown(bars_of({-99, 104}), {"close"}).columns[0], ElementsAre(99, 104));
    EXPECT_THAT(shown(bars_of({100, -999}), {"volume"}).columns[0], ElementsAre(10, 0));
}

TEST(ShowIndicators, PricesComeInTheirUnit) {
    EXPECT_THAT(shown(bars_of({12345}), {"close"}, "AAPL").columns[0], ElementsAre(1.2345));
    EXPECT_THAT(shown(bars_of({12345}), {"close"}, "KOSPI").columns[0], ElementsAre(123.45));
}

TEST(ShowIndicators, NamedColumnsStandFromTheDayTheyWereKnown) {
    const auto bars = bars_of({100, 102, 104});
    const std::vector<market::ColumnSeries> columns{
        {.symbol = "005930",
         .column = "foreign_net",
         .rows = {{bars[0].date, bars[0].date, 7}, {bars[1].date, bars[2].date, 9}}}};
    EXPECT_THAT(columns_of({"foreign_net + per", "sector_rank(close)", "close", "1 +"}),
                ElementsAre("foreign_net", "per"));
    const auto table = show_indicators(market::instrument_for("005930"), bars,
                                       {"foreign_net", "raw_close"}, columns);
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(to_csv(*table),
              "date,foreign_net,raw_close\n2020-01-02,7,100\n2020-01-03,,102\n"
              "2020-01-04,9,104\n");
    const auto without = show_indicators(market::instrument_for("005930"), bars, {"per"}, columns);
    ASSERT_FALSE(without);
    EXPECT_THAT(without.error().message, HasSubstr("hsl import FILE"));
}

TEST(ShowIndicators, AWeekIsShownFromItsLastSessionOn) {
    // Thursday 2 and Friday 3 January 2020, then Saturday: a row on no session. Its week has gone.
    const auto table = shown(bars_of({100, 102}), {"weekly(close)"});
    EXPECT_TRUE(std::isnan(table.columns[0][0]));
    EXPECT_EQ(table.columns[0][1], 102);
    // A halt takes no part in its week.
    EXPECT_EQ(shown(bars_of({-999, 102}), {"weekly(high)"}).columns[0][1], 103);
}

TEST(ShowIndicators, OneRowIsEnough) {
    const auto table = shown(bars_of({100}), {"rsi(close,14)"});
    ASSERT_EQ(table.columns[0].size(), 1u);
    EXPECT_TRUE(std::isnan(table.columns[0][0]));
}

TEST(ShowIndicators, EachOutputIsAColumnAndWhatIsAskedTwiceComesOnce) {
    EXPECT_THAT(shown(bars_of({100}),
                      {"macd(close,12,26,9)", "close", "macd(close,12,26,9).signal", "close"})
                    .headers,
                ElementsAre("macd(close,12,26,9)", "macd(close,12,26,9).signal",
                            "macd(close,12,26,9).hist", "close"));
}

TEST(ShowIndicators, AWrongExpressionIsAWrongRequest) {
    for (const char* text : {"", "rsi(close,", "nonsense", "rsi(close,0)", "((close"}) {
        const auto table = show_indicators(market::instrument_for("005930"), bars_of({1}), {text});
        ASSERT_FALSE(table) << text;
        EXPECT_EQ(table.error().code, ErrorCode::bad_usage) << text;
    }
}

TEST(ShowIndicators, NoRowIsBadData) {
    const auto table = show_indicators(market::instrument_for("005930"), {}, {"close"});
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, ErrorCode::bad_data);
}

}  // namespace
}  // namespace hsl::service
