// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/market_file.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/feeds/market_file_testing.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view header = "Date,Open,High,Low,Close,Volume\n";

OneFile parsed(std::string_view text, std::string_view name = "005930.csv") {
    const auto files = parse_market_file(name, text, {});
    EXPECT_TRUE(files) << files.error().text();
    if (!files) return {};
    for (const store::MarketFile& file : *files) EXPECT_EQ(broken_invariant(file), "");
    auto one = parse_one(name, text);
    EXPECT_TRUE(one) << one.error().text();
    return one ? std::move(*one) : OneFile{};
}

// What became of a file, a line each: "2020-01-02 100 110 90 105 1000", "3 high_below_low",
// "repaired rounded_to_won 1", "dropped filler 2".
std::string outcome(const OneFile& file) {
    std::string text;
    for (const market::Bar& bar : file.bars) {
        text += fmt::format("{} {} {} {} {} {}", bar.date.iso(), bar.open, bar.high, bar.low,
                            bar.close, bar.volume);
        if (bar.value != market::Bar::value_missing) text += fmt::format(" value {}", bar.value);
        text += '\n';
    }
    for (const auto& row : file.quarantined) text += fmt::format("{} {}\n", row.line, row.reason);
    for (const auto& [rule, rows] : file.repaired)
        text += fmt::format("repaired {} {}\n", rule, rows);
    for (const auto& [why, rows] : file.dropped) text += fmt::format("dropped {} {}\n", why, rows);
    return text;
}

struct Case {
    std::string text;
    std::string expected;
    std::string name = "005930.csv";
};

void expect_outcomes(std::initializer_list<Case> cases) {
    for (const Case& c : cases) EXPECT_EQ(outcome(parsed(c.text, c.name)), c.expected) << c.text;
}

const std::string two_bars = "2020-01-02 100 110 90 105 1000\n2020-01-03 105 120 100 118 2000\n";

TEST(MarketFile, ReadsTheSameBarsInEveryDress) {
    expect_outcomes({
        {"Date,Open,High,Low,Close,Volume\n2020-01-02,100,110,90,105,1000\n"
         "2020-01-03,105,120,100,118,2000\n",
         two_bars},
        // No header, BOM, quotes, thousands commas, CRLF.
        {"\xEF\xBB\xBF"
         "2020-01-02,\"100\",\"110\",\"90\",\"105\",\"1,000\"\r\n"
         "2020-01-03,\"105\",\"120\",\"100\",\"118\",\"2,000\"\r\n",
         two_bars},
        // Korean, the close first, newest first, the rate of change ignored.
        {"\xEF\xBB\xBF날짜,종가,시가,고가,저가,거래량,등락률\n2020-01-03,118,105,120,100,2000,12."
         "4\n"
         "2020-01-02,105,100,110,90,1000,\n",
         two_bars},
        // Tabs, unquoted thousands commas.
        {"일자\t시가\t고가\t저가\t현재가\t거래량\n2020/01/02\t100\t110\t90\t105\t1,000\n"
         "2020/1/3\t105\t120\t100\t118\t2,000\n",
         two_bars},
        // Semicolons, compact dates, decimals that are none.
        {"date;open;high;low;close;volume\n20200102;100.0;110.0;90.0;105.0;1000.0\n"
         "20200103;105.0;120.0;100.0;118.0;2000.0\n",
         two_bars},
        // Midnights, unsorted, empty lines between, no line end at the end.
        {"\n\nDate,Open,High,Low,Close,Volume\n\n2020-01-03 00:00:00,105,120,100,118,2000\n\n"
         "2020-01-02 00:00:00,100,110,90,105,1000",
         two_bars},
        // Lines that end in CR alone.
        {"2020-01-02,100,110,90,105,1000\r2020-01-03,105,120,100,118,2000\r", two_bars},
        // Cells that nothing asked for, empty ones at the end.
        {"2020-01-02,100,110,90,105,1000, , \n2020-01-03,105,120,100,118,2000,\"6,708\",7\n",
         two_bars},
        {"Date,Open,High,Low,Close,Volume,\n2020-01-02,100,110,90,105,1000\n"
         "2020-01-03,105,120,100,118,2000,\n",
         two_bars},
        // Yahoo's order, and a code column that says one code.
        {"Date,High,Low,Open,Close,Volume,Adj Close\n2020-01-02,110,90,100,105,1000,99.5\n"
         "2020-01-03,120,100,105,118,2000,99.5\n",
         two_bars},
        {"date,open,high,low,close,volume,ticker,code,name\n"
         "20200102,100,110,90,105,1000,005930,005930,삼성전자\n"
         "20200103,105,120,100,118,2000,005930,005930,삼성전자\n",
         two_bars},
    });
}

TEST(MarketFile, TakesTheTradedValueWhereThereIsOne) {
    expect_outcomes({
        {"날짜,시가,고가,저가,종가,거래량,거래대금\n2020-01-02,100,110,90,105,10,1050\n"
         "2020-01-03,100,110,90,105,10,\n2020-01-06,100,110,90,105,10,-5\n"
         "2020-01-07,100,110,90,105,10,x\n",
         "2020-01-02 100 110 90 105 10 value 1050\n2020-01-03 100 110 90 105 10\n"
         "4 negative_volume\n5 unreadable_number\n"},
    });
}

TEST(MarketFile, OneRowIsAFile) {
    const OneFile file = parsed("2020-01-02,100,110,90,105,1000");
    EXPECT_EQ(file.data_lines, 1);
    EXPECT_EQ(file.lines, std::vector<std::int64_t>{1});
    EXPECT_EQ(file.instrument.symbol, "005930");
    EXPECT_EQ(file.path, "005930.csv");
}

TEST(MarketFile, ScaleComesFromTheSymbol) {
    const std::string text = std::string{header} + "2020-01-02,212.61,213.355,211.5,212.8,10\n";
    expect_outcomes({
        {text, "2020-01-02 213 213 212 213 10\nrepaired rounded_to_won 1\n", "005930_D.csv"},
        {text, "2020-01-02 21261 21336 21150 21280 10\nrepaired rounded_to_scale 1\n", "kospi.csv"},
        {text, "2020-01-02 2126100 2133550 2115000 2128000 10\n", "spy.csv"},
    });
}

TEST(MarketFile, HaltedRowsCarryTheirClose) {
    expect_outcomes({
        {std::string{header} + "2020-01-02,0,0,0,105,0\n2020-01-03,105,105,105,105,0\n"
                               "2020-01-06,0,0,0,105,177\n",
         "2020-01-02 0 0 0 105 0\n2020-01-03 105 105 105 105 0\n2020-01-06 0 0 0 105 177\n"},
    });
    EXPECT_TRUE(
        market::is_halt(parsed(std::string{header} + "2020-01-02,0,0,0,105,177\n").bars[0]));
}

TEST(MarketFile, RowsThatSayNothingAreDropped) {
    expect_outcomes({
        // All zero on a holiday, a Saturday and a session alike; empty cells; blanks.
        {std::string{header} +
             "2020-01-01,0,0,0,0,0\n2020-01-04,0.0,0.0,0.0,0.0,0.0\n"
             "2020-01-02,0,0,0,0,0\n,,,,,\n   \n\n2020-01-03,105,120,100,118,2000\n",
         "2020-01-03 105 120 100 118 2000\ndropped filler 5\n"},
        {"\t\t\t\t\t\n2020-01-02\t1\t1\t1\t1\t1\n\t\t\t\t\t\n",
         "2020-01-02 1 1 1 1 1\ndropped filler 2\n"},
    });
}

TEST(MarketFile, ARangeBrokenByOneWonIsWidened) {
    const std::string repaired = "repaired range_by_one_won 1\n";
    expect_outcomes({
        {std::string{header} + "2020-01-02,111,110,90,105,10\n",
         "2020-01-02 111 111 90 105 10\n" + repaired},
        {std::string{header} + "2020-01-02,100,110,90,111,10\n",
         "2020-01-02 100 111 90 111 10\n" + repaired},
        {std::string{header} + "2020-01-02,89,110,90,105,10\n",
         "2020-01-02 89 110 89 105 10\n" + repaired},
        {std::string{header} + "2020-01-02,89,110,90,111,10\n",
         "2020-01-02 89 111 89 111 10\n" + repaired},
        // A flat day whose high was rounded down and whose low up.
        {std::string{header} + "2020-01-02,100,99,100,100,10\n",
         "2020-01-02 100 100 99 100 10\n" + repaired},
        // Two won are no rounding, nor is a hundredth of an index point.
        {std::string{header} + "2020-01-02,112,110,90,105,10\n", "2 open_outside_range\n"},
        {std::string{header} + "2020-01-02,100,110,90,88,10\n", "2 close_outside_range\n"},
        {std::string{header} + "2020-01-02,100,98,100,99,10\n", "2 high_below_low\n"},
        {std::string{header} + "2020-01-02,1.11,1.10,0.90,1.05,10\n", "2 open_outside_range\n",
         "KOSPI.csv"},
        // Held after rounding: 110.4 and 110.6 are a won apart, 110.6 and 110.7 are none.
        {std::string{header} + "2020-01-02,100,110.4,90,110.6,10\n",
         "2020-01-02 100 111 90 111 10\n" + repaired + "repaired rounded_to_won 1\n"},
        {std::string{header} + "2020-01-02,100,110.6,90,110.7,10\n",
         "2020-01-02 100 111 90 111 10\nrepaired rounded_to_won 1\n"},
    });
}

TEST(MarketFile, BrokenRowsAreQuarantinedByTheNameOfTheirRule) {
    const auto reason = [](std::string_view row, std::string_view name = "005930.csv") {
        const OneFile file = parsed(std::string{header} + std::string{row} + "\n", name);
        EXPECT_EQ(file.quarantined.size(), 1u) << row;
        return file.quarantined.empty() ? "" : file.quarantined[0].reason;
    };
    EXPECT_EQ(reason("2020-01-02,100,90,110,105,10"), "high_below_low");
    EXPECT_EQ(reason("2020-01-02,120,110,90,105,10"), "open_outside_range");
    EXPECT_EQ(reason("2020-01-02,100,110,90,120,10"), "close_outside_range");
    EXPECT_EQ(reason("2020-01-02,100,110,90,0,10"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,100,110,90,-105,10"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,100,110,0,105,10"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,0,0,0,0,10"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,0,0,0,-5,0"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,0.3,0.4,0.2,0.4,10"), "price_not_positive");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,-1"), "negative_volume");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,1e-5"), "unreadable_number");
    EXPECT_EQ(reason("2020-01-02,100,110,90,12a,10"), "unreadable_number");
    EXPECT_EQ(reason("2020-01-02,null,null,null,null,null"), "missing_value");
    EXPECT_EQ(reason("2020-01-02,100,110,90,,10"), "missing_value");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,99999999999999999999"), "number_too_large");
    EXPECT_EQ(reason("2020-01-02,1,900719925475,1,1,1", "AAPL.csv"), "number_too_large");
    EXPECT_EQ(reason("2020-13-02,100,110,90,105,10"), "unreadable_date");
    EXPECT_EQ(reason("2020-01-02 25:30,100,110,90,105,10"), "unreadable_date");
    EXPECT_EQ(reason(",100,110,90,105,10"), "missing_value");
    EXPECT_EQ(reason("1899-12-31,100,110,90,105,10"), "date_out_of_range");
    EXPECT_EQ(reason("2101-01-01,100,110,90,105,10"), "date_out_of_range");
    EXPECT_EQ(reason("2020-01-01,100,110,90,105,10"), "not_a_session");
    EXPECT_EQ(reason("2020-01-04,100,110,90,105,10"), "not_a_session");
    EXPECT_EQ(reason("2019-12-31,0,0,0,105,0"), "not_a_session");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105"), "cell_count");
    EXPECT_EQ(reason("2020-01-02,1,000,1,100,900,1,050,10"), "cell_count");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,\"10"), "unclosed_quote");
    EXPECT_EQ(reason("2020-01-02;100;110;90;105;10"), "cell_count");
}

TEST(MarketFile, OnlyKoreanStocksAreHeldToTheSessionsFrom1990On) {
    const std::string saturday = std::string{header} + "2020-01-04,1,1,1,1,1\n";
    EXPECT_EQ(parsed(saturday, "BTC.csv").bars.size(), 1u);
    EXPECT_EQ(parsed(saturday, "KOSPI.csv").bars.size(), 1u);
    EXPECT_EQ(parsed(saturday, "33637L.csv").bars.size(), 0u);
    // Saturdays were sessions until 1998, and the calendar begins in 1990.
    EXPECT_EQ(parsed(std::string{header} + "1998-01-17,1,1,1,1,1\n").bars.size(), 1u);
    EXPECT_EQ(parsed(std::string{header} + "2014-12-31,1,1,1,1,1\n").bars.size(), 0u);
    EXPECT_EQ(parsed(std::string{header} + "1989-12-31,1,1,1,1,1\n").bars.size(), 1u);
    EXPECT_EQ(parsed(std::string{header} + "2028-01-01,1,1,1,1,1\n").bars.size(), 1u);
}

TEST(MarketFile, QuarantineKeepsPlaceValuesAndTheLine) {
    const OneFile file = parsed(
        "\xEF\xBB\xBF"
        "Date,Open,High,Low,Close,Volume\r\n\r\n"
        "2020-01-02,\"100\",90,110,105,10\r\n",
        "some/005930.csv");
    ASSERT_EQ(file.quarantined.size(), 1u);
    const store::QuarantinedRow& row = file.quarantined[0];
    EXPECT_EQ(row.symbol, "005930");
    EXPECT_EQ(row.date, "2020-01-02");
    EXPECT_EQ(row.file, "some/005930.csv");
    EXPECT_EQ(row.line, 3);
    EXPECT_EQ(row.reason, "high_below_low");
    EXPECT_EQ(row.detail, "high 90 < low 110");
    EXPECT_EQ(row.source, "2020-01-02,\"100\",90,110,105,10");
}

TEST(MarketFile, EqualRepeatsAreDroppedAndConflictingOnesAllQuarantined) {
    const std::string a = "2020-01-02,100,110,90,105,10\n";
    const std::string same_a = "20200102,100.0,110,90,105,10\n";
    const std::string other_a = "2020-01-02,100,110,90,106,10\n";
    const std::string b = "2020-01-03,100,110,90,105,10\n";
    const std::string bar_a = "2020-01-02 100 110 90 105 10\n";
    const std::string bar_b = "2020-01-03 100 110 90 105 10\n";
    expect_outcomes({
        {a + b + same_a, bar_a + bar_b + "dropped equal_repeat 1\n"},
        {b + a + other_a, bar_b + "2 conflicting_repeat\n3 conflicting_repeat\n"},
        {a + a + b + other_a, bar_b + "1 conflicting_repeat\n2 conflicting_repeat\n"
                                      "4 conflicting_repeat\n"},
        // Rows that are quarantined or dropped anyway repeat nothing.
        {a + "2020-01-02,100,90,110,105,10\n2020-01-02,0,0,0,0,0\n",
         bar_a + "2 high_below_low\ndropped filler 1\n"},
        // A repaired row that is dropped or quarantined counts in no repair.
        {"2020-01-02,111,110,90,105,10\n2020-01-02,111,110,90,105,10\n",
         "2020-01-02 111 111 90 105 10\nrepaired range_by_one_won 1\ndropped equal_repeat 1\n"},
        {"2020-01-02,111,110,90,105,10\n" + a, "1 conflicting_repeat\n2 conflicting_repeat\n"},
    });
    const OneFile file = parsed(b + a + other_a);
    EXPECT_EQ(file.quarantined[0].detail,
              "lines 2, 3 have this date: close 105 here, 106 on line 3");
    EXPECT_EQ(file.quarantined[1].detail,
              "lines 2, 3 have this date: close 106 here, 105 on line 2");
    EXPECT_EQ(file.quarantined[1].source + "\n", other_a);
}

TEST(MarketFile, RowsOfAnyOrderKeepTheirLines) {
    const OneFile file = parsed(std::string{header} +
                                "2020-01-06,1,1,1,1,1\n"
                                "2020-01-02,2,2,2,2,2\n"
                                "2020-01-03,3,3,3,3,3\n");
    EXPECT_EQ(file.lines, (std::vector<std::int64_t>{3, 4, 2}));
    EXPECT_EQ(file.bars[2].close, 1);
}

TEST(MarketFile, ACutLastLineIsQuarantined) {
    const std::string whole = std::string{header} + "2020-01-02,100,110,90,105,1000\n";
    expect_outcomes({
        {whole + "2020-01-03,105,12", "2020-01-02 100 110 90 105 1000\n3 cell_count\n"},
        {whole + "2020-01-0", "2020-01-02 100 110 90 105 1000\n3 cell_count\n"},
        // A last line with every cell is taken: many files end without a line end.
        {whole + "2020-01-03,105,120,100,118,2000",
         "2020-01-02 100 110 90 105 1000\n"
         "2020-01-03 105 120 100 118 2000\n"},
    });
}

TEST(MarketFile, NulBytesAreDamageToTheirLineAlone) {
    const std::string head{header};
    const std::string damaged = "2020-01-02,100,110,90,105,10" + std::string(50, '\0') + "\n";
    const std::string good = "2020-01-03,100,110,90,105,1000\n2020-01-06,100,110,90,105,1000\n";
    for (const std::string& text :
         {head + damaged + good, head + good + damaged, damaged + good, good + damaged,
          head + damaged + good + std::string(4096, '\0')}) {
        const OneFile file = parsed(text);
        EXPECT_EQ(file.bars.size(), 2u);
        ASSERT_GE(file.quarantined.size(), 1u);
        EXPECT_EQ(file.quarantined[0].reason, "nul_byte");
        EXPECT_EQ(file.quarantined[0].source.size(), 28u + 50u);
        EXPECT_EQ(file.data_lines, 2 + std::ssize(file.quarantined));
    }
    // Where the header itself is damaged nothing says what the columns are.
    const std::string header_damaged = "Date,Op" + std::string(1, '\0') + "n,High,Low,Close,Vol\n";
    const auto refused = parse_market_file("005930.csv", header_damaged + good, {});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("byte 7 is NUL"), std::string::npos);
}

// A stretch of a large file gives up keeping rows where it finds nothing but bad ones; a good row
// anywhere brings them back.
TEST(MarketFile, CountsEveryRowOfAFileHoweverManyAreBad) {
    constexpr int bad_rows = 210'000;
    std::string text{header};
    for (int i = 0; i < bad_rows; ++i) text += "2020-01-02,100,90,110,105,1000\n";
    const auto refused = parse_market_file("005930.csv", text, {});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("not one of its 210,000 rows can be used"),
              std::string::npos)
        << refused.error().message;
    for (const std::string& whole :
         {text + "2020-01-03,100,110,90,105,1000\n",
          std::string{header} + "2020-01-03,100,110,90,105,1000\n" + text.substr(header.size())}) {
        const OneFile file = parsed(whole);
        EXPECT_EQ(file.bars.size(), 1u);
        EXPECT_EQ(file.quarantined.size(), static_cast<std::size_t>(bad_rows));
        EXPECT_EQ(file.data_lines, bad_rows + 1);
    }
}

TEST(MarketFile, SeesFilesThatWerePutOneBehindTheOther) {
    const std::string first = "2020-01-02,100,110,90,105,1000\n";
    const std::string second = "2020-01-03,100,110,90,105,1000\n";
    for (const std::string& again : {std::string{header}, "\xEF\xBB\xBF" + std::string{header},
                                     std::string{"날짜,시가,고가,저가,종가,거래량\n"}}) {
        const OneFile file = parsed(std::string{header} + first + again + second);
        EXPECT_EQ(file.bars.size(), 2u);
        EXPECT_EQ(file.dropped.at("repeated_header"), 1);
        EXPECT_EQ(file.data_lines, 3);
    }
    for (const char* other :
         {"Date,Close,High,Low,Open,Volume\n", "날짜,종가,시가,고가,저가,거래량\n",
          "Date,Close,Open,High,Low,Volume,Change\n"}) {
        const auto refused =
            parse_market_file("005930.csv", std::string{header} + first + other + second, {});
        ASSERT_FALSE(refused) << other;
        EXPECT_EQ(refused.error().line, 3);
        EXPECT_NE(refused.error().message.find("cut them apart"), std::string::npos);
    }
}

TEST(MarketFile, RefusesWhatIsNoPriceFileAndNamesIt) {
    struct Refusal {
        std::string text;
        const char* words;
        std::string name = "005930.csv";
    };
    for (const Refusal& c : {
             Refusal{"", "empty"},
             Refusal{"\xEF\xBB\xBF", "empty"},
             Refusal{"\n\r\n\n", "empty"},
             Refusal{"\"\"\n", "empty"},
             Refusal{",,,,,\n,,,,,\n", "empty"},
             Refusal{std::string{header}, "a header and no row"},
             Refusal{std::string{"a\0b", 3}, "byte 1 is NUL"},
             Refusal{"PK\x03\x04 etc", "zip: its table of contents is missing"},
             Refusal{"\x1F\x8B\x08", "gzip: cut short"},
             Refusal{"\xD0\xCF\x11\xE0", "Excel"},
             Refusal{"\x89HDF", "HDF5"},
             Refusal{"MIT License\n\nCopyright\n", "no column of dates"},
             Refusal{"\x89PNG\r\n\x1A\n", "no column of dates"},
             Refusal{"ticker,name\n005930,x\n", "no column date, open"},
             Refusal{"date,open,high,low,close,volume,code\n2020-01-02,1,1,1,1,1,000660\n",
                     "the code column says '000660' and the file's name 005930"},
             Refusal{"date,open,high,low,close,volume\n2020-01-02,1,1,1,1,1\n", "gives no symbol",
                     ""},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", "prices/.csv"},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", "  .csv"},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", "a\x1b[31m.csv"},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", "a\nb.csv"},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", "\xBB\xEF\xBC\xBA.csv"},
             Refusal{"2020-01-02,1,1,1,1,1\n", "gives no symbol", std::string(70, 'x') + ".csv"},
             Refusal{"2020-01-02,71,500,72,500,70,900,71,500,1,234,567\n", "thousands commas"},
             Refusal{"2020-01-02,950,960,940,955,1,234\n", "thousands commas"},
         }) {
        const auto file = parse_one(c.name, c.text);
        ASSERT_FALSE(file) << c.text;
        EXPECT_THAT(file.error().message, HasSubstr(c.words)) << c.text;
        EXPECT_EQ(file.error().file, c.name);
        EXPECT_EQ(file.error().code, ErrorCode::bad_data);
    }
}

// "1,234" without quotes in the first column of a row is also a number of its own: such a file is
// refused above. Columns behind the volume stay welcome.
TEST(MarketFile, WithoutAHeaderFurtherColumnsAreIgnored) {
    for (const std::string_view row :
         {"2020-01-02,100,110,90,105,1000,0.0226", "2020-01-02,100,110,90,105,1000,-12",
          "2020-01-02,100,110,90,105,1000,105000,1.5",
          "2020-01-02,\"1,000\",\"1,100\",900,\"1,050\",10,105"})
        EXPECT_EQ(parsed(row).bars.size(), 1u) << row;
}

TEST(MarketFile, ManyRowsWithoutAGoodOneAreRefused) {
    std::string text{header};
    for (int i = 0; i < 1001; ++i) text += "2020-01-02,1,000,1,100,900,1,050,10\n";
    const auto file = parse_one("005930.csv", text);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, HasSubstr("not one of its 1,001 rows can be used"));
    EXPECT_THAT(file.error().message, HasSubstr("cell_count: 9 cells, the header has 6"));
    EXPECT_EQ(file.error().line, 2);
    text += "2020-01-03,100,110,90,105,1000\n";
    EXPECT_EQ(parsed(text).quarantined.size(), 1001u);
}

TEST(MarketFile, CarriageReturnsMayEndInALineFeed) {
    const OneFile file = parsed(
        "Date,Open,High,Low,Close,Volume\r2020-01-02,100,110,90,105,10\r"
        "2020-01-03,100,90,110,105,10\r\n");
    EXPECT_EQ(outcome(file), "2020-01-02 100 110 90 105 10\n3 high_below_low\n");
    EXPECT_EQ(file.quarantined[0].source, "2020-01-03,100,90,110,105,10");
}

TEST(MarketFile, TwoByteOrderMarksAreOneTooMany) {
    EXPECT_EQ(
        parsed("\xEF\xBB\xBF\xEF\xBB\xBF" + std::string{header} + "2020-01-02,100,110,90,105,10\n")
            .bars.size(),
        1u);
}

TEST(MarketFile, ACodeColumnMayWriteTheCodeItsOwnWay) {
    const std::string columns = "date,open,high,low,close,volume,code\n2020-01-02,1,1,1,1,1,";
    for (const auto& [code, name] :
         {std::pair{"005930", "005930.csv"}, std::pair{"A005930", "005930.csv"},
          std::pair{"5930", "005930.csv"}, std::pair{"\"=\"\"005930\"\"\"", "005930.csv"},
          std::pair{"Q520057", "Q520057_D.csv"}, std::pair{"aapl", "AAPL.csv"},
          std::pair{"", "005930.csv"}})
        EXPECT_TRUE(parse_one(name, columns + code + "\n")) << code;
}

// ---- the page that explains the rules -----------------------------------------------------------

// The texts in backticks of one cell of a table.
std::vector<std::string> quoted_in(std::string_view cell) {
    std::vector<std::string> texts;
    for (std::size_t at = cell.find('`'); at != std::string_view::npos; at = cell.find('`', at)) {
        const std::size_t end = cell.find('`', at + 1);
        if (end == std::string_view::npos) break;
        texts.emplace_back(cell.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return texts;
}

TEST(ImportPage, EachExampleGivesTheRuleItStandsBeside) {
    const char* repository = std::getenv("HSL_SOURCE_DIR");
    ASSERT_NE(repository, nullptr) << "HSL_SOURCE_DIR must name the repository";
    std::ifstream page{std::filesystem::path{repository} / "docs/concepts/import.md"};
    int examples = 0;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `")) continue;
        const std::size_t second = line.find('|', 1);
        const std::size_t third = line.find('|', second + 1);
        const std::string rule = quoted_in(line.substr(0, second)).at(0);
        const auto rows = quoted_in(line.substr(second, third - second));
        if (rows.empty()) continue;
        ++examples;
        std::string text{header};
        for (const std::string& row : rows) text += row + "\n";
        const OneFile file = parsed(text);
        const auto told =
            std::ranges::count(file.quarantined, rule, &store::QuarantinedRow::reason) +
            (file.repaired.contains(rule) ? file.repaired.at(rule) : 0) +
            (file.dropped.contains(rule) ? file.dropped.at(rule) : 0);
        const auto wanted = rule == "equal_repeat" ? 1 : static_cast<std::ptrdiff_t>(rows.size());
        EXPECT_EQ(told, wanted) << line << '\n' << outcome(file);
    }
    EXPECT_EQ(examples, 20);
}

// ---- properties over random files ------------------------------------------------------------

constexpr std::uint64_t seed = 20'240'613;

std::vector<market::Bar> random_bars(Rng& rng, std::size_t count) {
    std::vector<market::Bar> bars;
    const auto sessions = market::Calendar::krx().all();
    for (std::size_t i = 0; i < count; ++i) {
        market::Bar bar{.date = sessions[i]};
        bar.low = 100'000 + static_cast<std::int64_t>(rng.below(20'000));
        bar.high = bar.low + static_cast<std::int64_t>(rng.below(1000));
        const auto inside = [&] {
            return bar.low + static_cast<std::int64_t>(
                                 rng.below(static_cast<std::uint64_t>(bar.high - bar.low + 1)));
        };
        bar.open = inside();
        bar.close = inside();
        bar.volume = static_cast<std::int64_t>(rng.below(1'000'000'000));
        bars.push_back(bar);
    }
    return bars;
}

template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

TEST(MarketFileProperty, AnyColumnOrderRowOrderAndDressGiveTheSameBars) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Rng rng{seed};
    const std::array<std::vector<std::string>, 6> words{{{"Date", "날짜", "일자"},
                                                         {"open", "시가"},
                                                         {"HIGH", "고가"},
                                                         {"Low", "저가"},
                                                         {"close", "종가", "현재가"},
                                                         {"Volume", "거래량"}}};
    for (int round = 0; round < 300; ++round) {
        const auto bars = random_bars(rng, 1 + rng.below(40));
        std::vector<std::size_t> columns{0, 1, 2, 3, 4, 5, 6};  // 6 is one to ignore
        shuffle(columns, rng);
        const char delimiter = ",;\t"[rng.below(3)];
        const std::string line_end = rng.below(2) == 0 ? "\n" : "\r\n";
        const auto joined = [&](auto&& cell_of) {
            std::string line;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                if (i > 0) line += delimiter;
                const std::string cell = cell_of(columns[i]);
                line += rng.below(2) == 0 ? cell : '"' + cell + '"';
            }
            return line + line_end;
        };
        std::string text = rng.below(2) == 0 ? "" : "\xEF\xBB\xBF";
        text += joined([&](std::size_t column) {
            return column == 6 ? "change" : words[column][rng.below(words[column].size())];
        });
        std::vector<std::size_t> rows(bars.size());
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        shuffle(rows, rng);
        for (const std::size_t row : rows) {
            const market::Bar& bar = bars[row];
            text += joined([&](std::size_t column) -> std::string {
                switch (column) {
                    case 0:
                        return bar.date.iso();
                    case 1:
                        return fmt::format("{}.0", bar.open);
                    case 2:
                        return fmt::format("{}", bar.high);
                    case 3:
                        return fmt::format("{}", bar.low);
                    case 4:
                        return fmt::format("{}", bar.close);
                    case 5:
                        return fmt::format("{}", bar.volume);
                    default:
                        return "0.5";
                }
            });
        }
        ASSERT_EQ(parsed(text).bars, bars) << text;
    }
}

// Lines that are neither empty nor the header, counted without the parser.
std::int64_t counted_lines(std::string_view text) {
    std::int64_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.find_first_not_of('\r') != std::string_view::npos) ++count;
        at = end + 1;
    }
    return count;
}

TEST(MarketFileProperty, EveryLineOfADamagedFileIsAccountedFor) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Rng rng{seed};
    const std::string_view pieces[] = {",",
                                       "\"",
                                       "\n",
                                       "\r\n",
                                       "0",
                                       "-",
                                       ".",
                                       "null",
                                       "2020-01-02",
                                       ",,,,,,",
                                       "99999999999999999999",
                                       "\t",
                                       "e5",
                                       "가",
                                       " ",
                                       "\n\n"};
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string text{header};
        for (const market::Bar& bar : random_bars(rng, 1 + rng.below(30)))
            text += fmt::format("{},{},{},{},{},{}\n", bar.date.iso(), bar.open, bar.high, bar.low,
                                bar.close, bar.volume);
        for (std::uint64_t i = rng.below(12); i > 0; --i) {
            const std::size_t at = rng.below(text.size() + 1);
            switch (rng.below(4)) {
                case 0:
                    text.insert(at, pieces[rng.below(std::size(pieces))]);
                    break;
                case 1:
                    text.erase(at, rng.below(8));
                    break;
                case 2:
                    text.insert(at, text.substr(rng.below(text.size() + 1), rng.below(60)));
                    break;
                default:
                    if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
                    break;
            }
        }
        const auto file = parse_one("005930.csv", text);
        if (!file) {
            ++refused;
            continue;
        }
        const auto whole = parse_market_file("005930.csv", text, {});
        ASSERT_TRUE(whole) << text;
        ASSERT_EQ(broken_invariant(whole->at(0)), "") << text;
        // One line is the header unless the damage took it.
        const std::int64_t lines = counted_lines(text);
        ASSERT_TRUE(file->data_lines == lines || file->data_lines == lines - 1)
            << file->data_lines << " of " << lines << '\n'
            << text;
    }
    EXPECT_LT(refused, 1500);  // or the test would say little
}

}  // namespace
}  // namespace hsl::adapters
