// SPDX-License-Identifier: Apache-2.0
#include "market/rules.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "market/day_testing.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

std::int64_t tick(Market market, const char* date, std::int64_t price) {
    return tick_size(market, day(date), price).value_or(-1);
}

struct Boundary {
    std::int64_t price;  // the first price of the upper row
    std::int64_t below;  // tick just below it
    std::int64_t above;  // tick at it
};

void expect_boundaries(Market market, const char* date, const std::vector<Boundary>& boundaries) {
    for (const Boundary& b : boundaries) {
        EXPECT_EQ(tick(market, date, b.price - 1), b.below) << date << ' ' << b.price - 1;
        EXPECT_EQ(tick(market, date, b.price), b.above) << date << ' ' << b.price;
        EXPECT_EQ(tick(market, date, b.price + b.above), b.above) << date << ' ' << b.price;
    }
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST(Tick, HasOneTableForAllMarketsFrom2023January25) {
    for (const Market market : {Market::kospi, Market::kosdaq, Market::konex, Market::unknown})
        for (const auto* date : {"2023-01-25", "2026-03-20"}) {
            expect_boundaries(market, date,
                              {{2'000, 1, 5},
                               {5'000, 5, 10},
                               {20'000, 10, 50},
                               {50'000, 50, 100},
                               {200'000, 100, 500},
                               {500'000, 500, 1'000}});
            EXPECT_EQ(tick(market, date, 1), 1);
            EXPECT_EQ(tick(market, date, 3'000'000), 1'000);
        }
}

TEST(Tick, OnKospiBefore2023January25HasTheOldTable) {
    for (const auto* date : {"2015-06-15", "2020-12-30", "2023-01-24"})
        for (const Market market : {Market::kospi, Market::unknown})
            expect_boundaries(market, date,
                              {{1'000, 1, 5},
                               {5'000, 5, 10},
                               {10'000, 10, 50},
                               {50'000, 50, 100},
                               {100'000, 100, 500},
                               {500'000, 500, 1'000}});
}

TEST(Tick, OnKosdaqAndKonexBefore2023January25StopsAt100) {
    for (const auto* date : {"2015-06-15", "2021-01-22", "2023-01-24"})
        for (const Market market : {Market::kosdaq, Market::konex})
            expect_boundaries(market, date,
                              {{1'000, 1, 5},
                               {5'000, 5, 10},
                               {10'000, 10, 50},
                               {50'000, 50, 100},
                               {100'000, 100, 100},
                               {500'000, 100, 100}});
}

TEST(Tick, DividesTheNextLargerOne) {
    for (const auto* date : {"2018-01-02", "2024-01-02"}) {
        std::int64_t previous = 1;
        for (const std::int64_t price :
             {1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000}) {
            const std::int64_t now = tick(Market::kospi, date, price);
            EXPECT_EQ(now % previous, 0) << price;
            previous = now;
        }
    }
}

// Every row of 30 sessions of the whole market lies within the limits of its base price, which is
// its close less its change. Exceptions: one first day and one liquidation (정리매매).
TEST(Limits, HoldEveryRowOfAWholeMarket) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    const std::string path = std::string{root == nullptr ? "." : root} +
                             "/../shared/data/krx_marcap_full_market/"
                             "marcap-2021.to-2021-02-22.csv.gz";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "NOT TESTED: there is no " << path;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines{
        popen(("gzip -dc '" + path + "'").c_str(), "r"), pclose};
    ASSERT_TRUE(lines);
    std::set<std::string> outside;
    int rows = 0;
    std::array<char, 1024> line{};
    while (std::fgets(line.data(), line.size(), lines.get()) != nullptr) {
        // Code, Name, Market, Dept, Close, ChangeCode, Changes, ChagesRatio, Open, High, Low, ...
        std::vector<std::string> cells(1);
        bool quoted = false;
        for (const char c : std::string_view{line.data()}) {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                cells.emplace_back();
            else if (c != '\n')
                cells.back() += c;
        }
        ASSERT_EQ(cells.size(), 18u);
        const auto date = parse_date(cells[17]);
        if (!date) continue;  // the header
        const auto won = [&](std::size_t at) {
            return static_cast<std::int64_t>(std::strtod(cells[at].c_str(), nullptr));
        };
        if (won(9) == 0) continue;  // a halt
        const Market market = cells[2].starts_with("KOSPI")    ? Market::kospi
                              : cells[2].starts_with("KOSDAQ") ? Market::kosdaq
                                                               : Market::konex;
        const auto limits = price_limits(market, *date, won(4) - won(6));
        ASSERT_TRUE(limits) << cells[0];
        ++rows;
        if (won(9) > limits->upper || won(10) < limits->lower)
            outside.insert(cells[0] + " " + cells[17]);
    }
    EXPECT_EQ(rows, 79'979);
    EXPECT_EQ(outside,
              (std::set<std::string>{"241510 2021-01-15", "036260 2021-02-02", "036260 2021-02-03",
                                     "036260 2021-02-05", "036260 2021-02-08", "036260 2021-02-09",
                                     "036260 2021-02-10"}));
}

// Limits of every base on the grid up to 1,200,000 won, on both sides of each change of a rule,
// folded into one number by a program of a few lines of Python that was written from the published
// rules and not from this code.
TEST(Limits, AreThoseOfAnIndependentProgramForEveryBase) {
    struct Case {
        Market market;
        ShareClass share_class;
        int multiple;
        const char* date;
        int bases;
        std::uint64_t sum;
    };
    for (const Case& c :
         {Case{Market::kospi, ShareClass::common, 1, "1995-04-01", 4300, 66112612786506723u},
          Case{Market::kospi, ShareClass::common, 1, "1996-11-23", 4300, 66112612786506723u},
          Case{Market::kospi, ShareClass::common, 1, "1996-11-25", 4300, 11276697866412485889u},
          Case{Market::kospi, ShareClass::common, 1, "1998-02-28", 4300, 11276697866412485889u},
          Case{Market::kospi, ShareClass::common, 1, "1998-03-02", 4300, 14178430991074764613u},
          Case{Market::kospi, ShareClass::common, 1, "1998-12-05", 4300, 14178430991074764613u},
          Case{Market::kospi, ShareClass::common, 1, "1998-12-07", 4300, 2867308333720863387u},
          Case{Market::kospi, ShareClass::common, 1, "2010-10-01", 4300, 2867308333720863387u},
          Case{Market::kospi, ShareClass::common, 1, "2010-10-04", 5100, 4025891750503926860u},
          Case{Market::kospi, ShareClass::common, 1, "2015-06-12", 5100, 4025891750503926860u},
          Case{Market::kospi, ShareClass::common, 1, "2015-06-15", 5100, 9254093430430463442u},
          Case{Market::kospi, ShareClass::common, 1, "2023-01-24", 5100, 9254093430430463442u},
          Case{Market::kospi, ShareClass::common, 1, "2023-01-25", 7500, 18051783558022511702u},
          Case{Market::kospi, ShareClass::common, 1, "2026-09-11", 7500, 18051783558022511702u},
          Case{Market::kospi, ShareClass::common, 1, "2026-09-14", 7500, 18051783558022511702u},
          Case{Market::kospi, ShareClass::common, 1, "2027-12-31", 7500, 18051783558022511702u},
          Case{Market::kosdaq, ShareClass::common, 1, "1998-05-25", 13800, 16661336423069934653u},
          Case{Market::kosdaq, ShareClass::common, 1, "2005-03-25", 13800, 16661336423069934653u},
          Case{Market::kosdaq, ShareClass::common, 1, "2005-03-28", 13800, 3684128423444924763u},
          Case{Market::kosdaq, ShareClass::common, 1, "2010-10-01", 13800, 3684128423444924763u},
          Case{Market::kosdaq, ShareClass::common, 1, "2010-10-04", 14600, 5063083389060140092u},
          Case{Market::kosdaq, ShareClass::common, 1, "2015-06-12", 14600, 5063083389060140092u},
          Case{Market::kosdaq, ShareClass::common, 1, "2015-06-15", 14600, 11673000322380852794u},
          Case{Market::kosdaq, ShareClass::common, 1, "2023-01-24", 14600, 11673000322380852794u},
          Case{Market::kosdaq, ShareClass::common, 1, "2023-01-25", 7500, 18051783558022511702u},
          Case{Market::kosdaq, ShareClass::common, 1, "2026-09-14", 7500, 18051783558022511702u},
          Case{Market::konex, ShareClass::common, 1, "2013-07-01", 14600, 5063083389060140092u},
          Case{Market::konex, ShareClass::common, 1, "2015-06-15", 14600, 5063083389060140092u},
          Case{Market::konex, ShareClass::common, 1, "2023-01-24", 14600, 5063083389060140092u},
          Case{Market::konex, ShareClass::common, 1, "2023-01-25", 7500, 11204122705075242306u},
          Case{Market::konex, ShareClass::common, 1, "2026-09-14", 7500, 11204122705075242306u},
          Case{Market::kospi, ShareClass::etf, 1, "2002-09-30", 240000, 675857511027397760u},
          Case{Market::kospi, ShareClass::etf, 2, "2002-09-30", 240000, 17144090613991897088u},
          Case{Market::kospi, ShareClass::etf, 3, "2002-09-30", 240000, 11546239131972248768u},
          Case{Market::kospi, ShareClass::etf, 1, "2015-06-12", 240000, 675857511027397760u},
          Case{Market::kospi, ShareClass::etf, 2, "2015-06-12", 240000, 17144090613991897088u},
          Case{Market::kospi, ShareClass::etf, 3, "2015-06-12", 240000, 11546239131972248768u},
          Case{Market::kospi, ShareClass::etf, 1, "2015-06-15", 240000, 17144090613991897088u},
          Case{Market::kospi, ShareClass::etf, 2, "2015-06-15", 240000, 2019387204274739840u},
          Case{Market::kospi, ShareClass::etf, 3, "2015-06-15", 240000, 9119722830349625984u},
          Case{Market::kospi, ShareClass::etf, 1, "2023-12-08", 240000, 17144090613991897088u},
          Case{Market::kospi, ShareClass::etf, 2, "2023-12-08", 240000, 2019387204274739840u},
          Case{Market::kospi, ShareClass::etf, 3, "2023-12-08", 240000, 9119722830349625984u},
          Case{Market::kospi, ShareClass::etf, 1, "2023-12-11", 241600, 6515529575616152124u},
          Case{Market::kospi, ShareClass::etf, 2, "2023-12-11", 241600, 16482652655692521200u},
          Case{Market::kospi, ShareClass::etf, 3, "2023-12-11", 241600, 6760860453926730574u},
          Case{Market::kospi, ShareClass::etf, 1, "2023-12-18", 241600, 6515529575616152124u},
          Case{Market::kospi, ShareClass::etf, 2, "2023-12-18", 241600, 16482652655692521200u},
          Case{Market::kospi, ShareClass::etf, 3, "2023-12-18", 241600, 6760860453926730574u},
          Case{Market::kospi, ShareClass::etf, 1, "2026-09-14", 241600, 6515529575616152124u},
          Case{Market::kospi, ShareClass::etf, 2, "2026-09-14", 241600, 16482652655692521200u},
          Case{Market::kospi, ShareClass::etf, 3, "2026-09-14", 241600, 6760860453926730574u}}) {
        const auto rules = SessionRules::find(c.market, day(c.date), c.share_class, c.multiple);
        ASSERT_TRUE(rules) << c.date;
        std::uint64_t sum = 0;
        int bases = 0;
        for (std::int64_t price = 1; price <= 1'200'000; ++bases) {
            const std::int64_t base = rules->up_to_tick(price);
            ASSERT_EQ(rules->up_to_tick(base), base) << c.date;
            const PriceLimits limits = rules->limits(base);
            sum = sum * 1'000'003 + static_cast<std::uint64_t>(limits.lower * 7'919 + limits.upper);
            price = base + 1;
        }
        EXPECT_EQ(bases, c.bases) << name_of(c.market) << ' ' << c.date;
        EXPECT_EQ(sum, c.sum) << name_of(c.market) << ' ' << c.date << ' ' << c.multiple;
    }
}

TEST(Limits, MatchTheExchangesOwnNumbers) {
    struct Case {
        std::int64_t base, upper, lower;
    };
    // Upper limits seen in the exchange's data of March 2026.
    for (const Case& c :
         {Case{1'579, 2'050, 1'106}, Case{1'690, 2'195, 1'183}, Case{4'245, 5'510, 2'975},
          Case{19'860, 25'800, 13'910}, Case{46'450, 60'300, 32'550}})
        for (const Market market : {Market::kospi, Market::kosdaq, Market::unknown}) {
            const auto limits = price_limits(market, day("2026-03-20"), c.base);
            ASSERT_TRUE(limits);
            EXPECT_EQ(limits->upper, c.upper) << c.base;
            EXPECT_EQ(limits->lower, c.lower) << c.base;
        }
}

TEST(Limits, FollowTheTickTableOfTheDay) {
    // 1,690: w = 507, raw 2,197. Old table: base tick 5, w = 505, raw 2,195.
    const auto before = price_limits(Market::kospi, day("2023-01-20"), 1'690);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->upper, 2'195);
    EXPECT_EQ(before->lower, 1'185);
    // 150,500: w = 45,150, cut to KOSPI's old tick of 500 or KOSDAQ's of 100.
    EXPECT_EQ(price_limits(Market::kospi, day("2020-12-30"), 150'500)->upper, 195'500);
    EXPECT_EQ(price_limits(Market::kosdaq, day("2020-12-30"), 150'500)->upper, 195'600);
}

TEST(Limits, OnKonexAre15Percent) {
    // 10,000: w = 1,500. 1,990: w = 298, raw 2,288 floored to 5.
    EXPECT_EQ(price_limits(Market::konex, day("2024-01-02"), 10'000)->upper, 11'500);
    EXPECT_EQ(price_limits(Market::konex, day("2024-01-02"), 10'000)->lower, 8'500);
    EXPECT_EQ(price_limits(Market::konex, day("2024-01-02"), 1'990)->upper, 2'285);
    EXPECT_EQ(price_limits(Market::konex, day("2024-01-02"), 1'990)->lower, 1'692);
    EXPECT_EQ(price_limits(Market::konex, day("2015-06-15"), 10'000)->upper, 11'500);
}

TEST(Limits, LieOnTheGridAndWithinTheWidthForEveryBase) {
    for (const auto* date : {"2020-01-02", "2024-01-02"})
        for (const Market market : {Market::kospi, Market::kosdaq, Market::konex}) {
            const std::int64_t percent = market == Market::konex ? 15 : 30;
            for (std::int64_t base = 1; base < 1'000'000;
                 base += tick(market, date, base) * (base < 10'000 ? 1 : 7)) {
                base = base / tick(market, date, base) * tick(market, date, base);
                const auto limits = price_limits(market, day(date), base);
                ASSERT_TRUE(limits);
                ASSERT_EQ(limits->upper % tick(market, date, limits->upper), 0) << base;
                ASSERT_EQ(limits->lower % tick(market, date, limits->lower), 0) << base;
                ASSERT_LE(100 * limits->upper, (100 + percent) * base) << base;
                ASSERT_GE(100 * limits->lower, (100 - percent) * base) << base;
                // No tick above the upper limit would still be inside the width.
                ASSERT_GT(100 * (limits->upper + 2 * tick(market, date, limits->upper)),
                          (100 + percent) * base)
                    << base;
            }
        }
}

TEST(SaleTax, IsTheRateOfTheFirstTradeDateAndTheOneBefore) {
    struct Case {
        const char* trade;  // the first trade date that pays the new rate
        std::int64_t kospi_before, kospi, kosdaq_before, kosdaq, konex_before, konex;
    };
    for (const Case& c : {
             Case{"2019-05-30", 30'000, 25'000, 30'000, 25'000, 30'000, 10'000},
             Case{"2020-12-29", 25'000, 23'000, 25'000, 23'000, 10'000, 10'000},
             Case{"2022-12-28", 23'000, 20'000, 23'000, 20'000, 10'000, 10'000},
             Case{"2023-12-27", 20'000, 18'000, 20'000, 18'000, 10'000, 10'000},
             Case{"2024-12-27", 18'000, 15'000, 18'000, 15'000, 10'000, 10'000},
             Case{"2025-12-29", 15'000, 20'000, 15'000, 20'000, 10'000, 10'000},
         }) {
        const Date first = day(c.trade);
        const auto sessions = Calendar::krx().all();
        const Date before = sessions[Calendar::krx().lower_bound(first) - 1];
        EXPECT_EQ(sale_tax_e7(Market::kospi, before), c.kospi_before) << before.iso();
        EXPECT_EQ(sale_tax_e7(Market::kospi, first), c.kospi) << c.trade;
        EXPECT_EQ(sale_tax_e7(Market::unknown, first), c.kospi) << c.trade;
        EXPECT_EQ(sale_tax_e7(Market::kosdaq, before), c.kosdaq_before) << before.iso();
        EXPECT_EQ(sale_tax_e7(Market::kosdaq, first), c.kosdaq) << c.trade;
        EXPECT_EQ(sale_tax_e7(Market::konex, before), c.konex_before) << before.iso();
        EXPECT_EQ(sale_tax_e7(Market::konex, first), c.konex) << c.trade;
    }
}

TEST(SaleTax, ChangesOnNoOtherSession) {
    std::vector<std::string> changes;
    std::int64_t previous = -1;
    for (const Date session : Calendar::krx().all()) {
        if (session < rules_first() || session > day("2027-12-28")) continue;
        const auto rate = sale_tax_e7(Market::kospi, session);
        ASSERT_TRUE(rate) << session.iso();
        if (*rate != previous && previous >= 0) changes.push_back(session.iso());
        previous = *rate;
    }
    EXPECT_EQ(changes, (std::vector<std::string>{"2019-05-30", "2020-12-29", "2022-12-28",
                                                 "2023-12-27", "2024-12-27", "2025-12-29"}));
}

TEST(SaleTax, OfATradeThatSettlesAfterTheCalendarIsAnErrorThatNamesIt) {
    const auto rate = sale_tax_e7(Market::kospi, day("2027-12-30"));
    ASSERT_FALSE(rate);
    EXPECT_NE(rate.error().message.find("calendar"), std::string::npos) << rate.error().message;
    EXPECT_NE(rate.error().message.find("2027-12-30"), std::string::npos) << rate.error().message;
}

TEST(Rules, ADateOutsideATableIsAnErrorThatNamesTableAndDate) {
    for (const auto* date : {"1995-03-31", "1990-01-03", "2028-01-03"}) {
        const auto expect = [&](const Error& error, const char* table) {
            EXPECT_EQ(error.code, ErrorCode::unsupported);
            EXPECT_NE(error.message.find(table), std::string::npos) << error.message;
            EXPECT_NE(error.message.find(date), std::string::npos) << error.message;
        };
        expect(tick_size(Market::kospi, day(date), 1'000).error(), "tick table");
        expect(price_limits(Market::kospi, day(date), 1'000).error(), "limit table");
        expect(sale_tax_e7(Market::kospi, day(date)).error(), "sale tax table");
        expect(first_day_limits(Market::kospi, day(date), 1'000).error(), "first day table");
    }
    EXPECT_TRUE(tick_size(Market::kospi, rules_first(), 1'000));
    EXPECT_TRUE(price_limits(Market::kospi, rules_first(), 1'000));
    EXPECT_EQ(sale_tax_e7(Market::kospi, rules_first()), 30'000);
    EXPECT_EQ(sale_tax_e7(Market::kospi, run_first()), 30'000);
    // KOSDAQ's limits are known later than KOSPI's.
    const auto early = price_limits(Market::kosdaq, day("1998-05-23"), 1'000);
    ASSERT_FALSE(early);
    EXPECT_NE(early.error().message.find("limit table of KOSDAQ covers 1998-05-25"),
              std::string::npos)
        << early.error().message;
}

// Highs and lows of real stocks reached these widths and never more, apart from days that the test
// of real prices names.
TEST(Limits, WidenedStepByStep) {
    struct Case {
        Market market;
        const char* date;
        std::int64_t lower, upper;
    };
    for (const Case& c : {
             Case{Market::kospi, "1995-04-01", 94'000, 106'000},
             Case{Market::kospi, "1996-11-22", 94'000, 106'000},
             Case{Market::kospi, "1996-11-25", 92'000, 108'000},
             Case{Market::kospi, "1998-02-28", 92'000, 108'000},
             Case{Market::kospi, "1998-03-02", 88'000, 112'000},
             Case{Market::kospi, "1998-12-05", 88'000, 112'000},
             Case{Market::kospi, "1998-12-07", 85'000, 115'000},
             Case{Market::kospi, "2015-06-12", 85'000, 115'000},
             Case{Market::kospi, "2015-06-15", 70'000, 130'000},
             Case{Market::kosdaq, "2005-03-25", 88'000, 112'000},
             Case{Market::kosdaq, "2005-03-28", 85'000, 115'000},
             Case{Market::kosdaq, "2015-06-15", 70'000, 130'000},
         }) {
        const auto limits = price_limits(c.market, day(c.date), 100'000);
        ASSERT_TRUE(limits) << c.date;
        EXPECT_EQ(limits->lower, c.lower) << c.date;
        EXPECT_EQ(limits->upper, c.upper) << c.date;
        EXPECT_EQ(ratio_percent({.market = c.market}, day(c.date)), (c.upper - 100'000) / 1'000)
            << c.date;
    }
    EXPECT_EQ(ratio_percent({.market = Market::kospi}, day("1990-01-03")), 6);
    EXPECT_EQ(ratio_percent({.market = Market::foreign}, day("2010-01-04")), 30);
    EXPECT_EQ(ratio_percent({.market = Market::konex}, day("2015-06-12")), 15);
    EXPECT_EQ(ratio_percent({.market = Market::konex}, day("2015-06-15")), 30);
    for (const auto& [date, percent] : {std::pair{"2015-06-12", 30}, {"2015-06-15", 60}})
        EXPECT_EQ(ratio_percent({.share_class = ShareClass::etf, .multiple = 2}, day(date)),
                  percent);
    EXPECT_EQ(ratio_percent({.share_class = ShareClass::elw}, day("2010-01-04")), 30);
}

TEST(Tick, BeforeOctober2010IsFiveBelow5000) {
    EXPECT_EQ(tick(Market::kospi, "2010-10-01", 999), 5);
    EXPECT_EQ(tick(Market::kospi, "2010-10-04", 999), 1);
    EXPECT_EQ(tick(Market::kospi, "1995-04-01", 600'000), 1'000);
    EXPECT_EQ(tick(Market::kosdaq, "2005-01-03", 600'000), 100);
}

TEST(Tick, OfFundsIsFiveAndSinceDecember2023OneBelow2000) {
    for (const ShareClass fund : {ShareClass::etf, ShareClass::etn}) {
        const auto of = [&](const char* date, std::int64_t price) {
            return tick_size(Market::kospi, day(date), price, fund).value_or(-1);
        };
        EXPECT_EQ(of("2020-01-02", 1'000), 5);
        EXPECT_EQ(of("2023-12-07", 1'999), 5);
        EXPECT_EQ(of("2023-12-18", 1'999), 1);
        EXPECT_EQ(of("2023-12-18", 2'000), 5);
        EXPECT_EQ(of("2023-12-18", 600'000), 5);
    }
    EXPECT_EQ(tick_size(Market::kospi, day("2024-01-02"), 600'000, ShareClass::elw), 5);
    EXPECT_EQ(tick_size(Market::kospi, day("2024-01-02"), 600'000, ShareClass::foreign), 1'000);
}

TEST(Limits, OfALeveragedFundAreAMultiple) {
    const Date date = day("2024-01-02");
    EXPECT_EQ(price_limits(Market::kospi, date, 10'000, ShareClass::etf),
              (PriceLimits{7'000, 13'000}));
    EXPECT_EQ(price_limits(Market::kospi, date, 10'000, ShareClass::etf, 2),
              (PriceLimits{4'000, 16'000}));
    EXPECT_EQ(price_limits(Market::kospi, date, 10'000, ShareClass::elw), no_price_limits);
}

TEST(Limits, OfAFirstDayComeFromTheOfferPrice) {
    // Highs seen: 8,500 -> 34,000 and 26,000 -> 104,000.
    EXPECT_EQ(first_day_limits(Market::kosdaq, day("2023-06-26"), 8'500),
              (PriceLimits{5'100, 34'000}));
    EXPECT_EQ(first_day_limits(Market::kospi, day("2024-01-02"), 26'000),
              (PriceLimits{15'600, 104'000}));
    // Before: an auction of 90 % to 200 %, then 30 % around its result.
    EXPECT_EQ(first_day_limits(Market::kosdaq, day("2023-06-23"), 10'000),
              (PriceLimits{6'300, 26'000}));
    EXPECT_FALSE(first_day_limits(Market::konex, day("2024-01-02"), 10'000));
}

TEST(BasePrice, IsTheCloseUpToTheTick) {
    const auto rules = SessionRules::find(Market::kospi, day("2026-03-20"));
    ASSERT_TRUE(rules);
    EXPECT_EQ(rules->base_price(520'500), 521'000);  // half a tick, as mid-point orders trade
    EXPECT_EQ(rules->base_price(2'197), 2'200);
    EXPECT_EQ(rules->base_price(2'200), 2'200);
    EXPECT_EQ(rules->down_to_tick(2'197), 2'195);
    EXPECT_EQ(rules->limit_percent(), 30);
}

TEST(SaleTax, OfFundsIsNone) {
    for (const ShareClass fund : {ShareClass::etf, ShareClass::etn, ShareClass::elw})
        EXPECT_EQ(sale_tax_e7(Market::kospi, day("2024-01-02"), fund), 0);
    EXPECT_EQ(sale_tax_e7(Market::kosdaq, day("2024-01-02"), ShareClass::preferred), 18'000);
}

TEST(Rules, SayWhichRowsARunLeansOn) {
    const auto marks = [](const std::vector<RuleRow>& rows) {
        std::string text;
        for (const RuleRow& row : rows)
            text += fmt::format("{} {} {}; ", row.table, row.first.iso(),
                                static_cast<char>(row.confidence));
        return text;
    };
    EXPECT_EQ(marks(rules_used(Market::kospi, ShareClass::common, day("2016-01-04"),
                               day("2019-05-29"), false)),
              "sale tax 2015-06-15 B; ");
    // The last sale settles at the next rate.
    EXPECT_EQ(marks(rules_used(Market::kospi, ShareClass::common, day("2016-01-04"),
                               day("2019-05-30"), true)),
              "tick 2010-10-04 A; limit 2015-06-15 A; sale tax 2015-06-15 B; sale tax 2019-06-03 "
              "B; ");
    EXPECT_EQ(marks(rules_used(Market::konex, ShareClass::common, day("2016-01-04"),
                               day("2017-05-30"), true)),
              "tick 2013-07-01 U; limit 2013-07-01 A; sale tax 2013-07-01 C; ");
    EXPECT_TRUE(
        rules_used(Market::index, ShareClass::unknown, day("2016-01-04"), day("2017-05-30"), true)
            .empty());
}

TEST(Rules, KnowNoIndexNorForeignShare) {
    for (const Market market : {Market::index, Market::foreign}) {
        EXPECT_FALSE(tick_size(market, day("2024-01-02"), 1'000));
        EXPECT_FALSE(price_limits(market, day("2024-01-02"), 1'000));
        EXPECT_FALSE(sale_tax_e7(market, day("2024-01-02")));
    }
}

TEST(Rules, RefuseAPriceThatIsNone) {
    for (const std::int64_t price :
         {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(tick_size(Market::kospi, day("2024-01-02"), price).error().code,
                  ErrorCode::bad_data);
        EXPECT_EQ(price_limits(Market::kospi, day("2024-01-02"), price).error().code,
                  ErrorCode::bad_data);
    }
}

TEST(Cost, IsCutToWholeWon) {
    EXPECT_EQ(cost_won(1'000'000, commission_default_e7), 150);
    EXPECT_EQ(cost_won(9'999'999, commission_default_e7), 1'499);  // 1499.99985
    EXPECT_EQ(cost_won(6'666, commission_default_e7), 0);          // 0.9999
    EXPECT_EQ(cost_won(6'667, commission_default_e7), 1);          // 1.00005
    EXPECT_EQ(cost_won(0, 30'000), 0);
    EXPECT_EQ(cost_won(999, 30'000), 2);  // 2.997
    EXPECT_EQ(cost_won(5'000'000'000'000'000, 30'000), 15'000'000'000'000);
}

TEST(Locked, NeedsOnePriceAndTheWholeMove) {
    EXPECT_TRUE(locked_upper(13'000, 13'000, 13'000, 13'000, 10'000));
    EXPECT_FALSE(locked_upper(12'900, 13'000, 12'900, 13'000, 10'000));
    EXPECT_FALSE(locked_lower(13'000, 13'000, 13'000, 13'000, 10'000));
    EXPECT_TRUE(locked_lower(7'000, 7'000, 7'000, 7'000, 10'000));
    EXPECT_FALSE(locked_lower(7'000, 7'000, 7'000, 7'000, nan));
    EXPECT_FALSE(locked_upper(7'000, 7'000, 7'000, 7'000, nan));
}

TEST(Locked, IsOnePercentWithinTheLimitOfTheDay) {
    EXPECT_TRUE(locked_upper(1'140, 1'140, 1'140, 1'140, 1'000, 15));
    EXPECT_FALSE(locked_upper(1'139, 1'139, 1'139, 1'139, 1'000, 15));
    EXPECT_TRUE(locked_lower(950, 950, 950, 950, 1'000, 6));
    EXPECT_FALSE(locked_lower(951, 951, 951, 951, 1'000, 6));
}

TEST(Locked, IsExactAt29Percent) {
    for (double previous = 100; previous <= 5'000'000; previous += 100) {
        const double up = previous / 100 * 129;
        const double down = previous / 100 * 71;
        ASSERT_TRUE(locked_upper(up, up, up, up, previous)) << previous;
        ASSERT_FALSE(locked_upper(up - 1, up - 1, up - 1, up - 1, previous)) << previous;
        ASSERT_TRUE(locked_lower(down, down, down, down, previous)) << previous;
        ASSERT_FALSE(locked_lower(down + 1, down + 1, down + 1, down + 1, previous)) << previous;
    }
}

TEST(Break, IsMoreThan31PercentEitherWayExactly) {
    for (std::int64_t previous = 100; previous <= 5'000'000; previous += 100) {
        const std::int64_t move = previous / 100 * 31;
        ASSERT_FALSE(is_break(previous + move, previous)) << previous;
        ASSERT_TRUE(is_break(previous + move + 1, previous)) << previous;
        ASSERT_FALSE(is_break(previous - move, previous)) << previous;
        ASSERT_TRUE(is_break(previous - move - 1, previous)) << previous;
    }
    EXPECT_TRUE(is_break(53'000, 2'650'000));
    EXPECT_FALSE(is_break(13'000, 10'000));
}

// The page that people read and the tables that the program uses are the same.
TEST(Rules, EveryRowStandsInTheDocumentationWithItsMark) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    if (root == nullptr) GTEST_SKIP() << "HSL_SOURCE_DIR is not set: run through ctest";
    std::ifstream file{std::string{root} + "/docs/concepts/market-rules.md"};
    std::stringstream text;
    text << file.rdbuf();
    ASSERT_FALSE(text.str().empty());
    const auto rows = rule_rows();
    EXPECT_GE(rows.size(), 20u);
    for (const RuleRow& row : rows) {
        const auto line = fmt::format("| {} | {} | {} | {} | {} |", row.table, row.first.iso(),
                                      row.market, row.rule, static_cast<char>(row.confidence));
        EXPECT_NE(text.str().find(line), std::string::npos)
            << "docs/concepts/market-rules.md: no " << line;
    }
}

}  // namespace hsl::market
