// SPDX-License-Identifier: Apache-2.0

// Files as programs, sites and brokers write them: the same two bars in each. What they are was
// decided by hand, from what each of them writes.

#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/feeds/market_file_testing.hpp"
#include "market/named_column.hpp"

namespace hsl::adapters {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string two_bars =
    "005930 2020-01-02 10000 11000 9000 10500 1000\n"
    "005930 2020-01-03 10500 12000 10000 11800 2000\n";

std::string bars_of(const store::MarketFile& file) {
    std::string text;
    for (const store::PriceSeries& series : file.prices)
        for (const market::Bar& bar : series.bars) {
            text += fmt::format("{} {}", series.instrument.symbol, bar.date.iso());
            if (series.interval == market::Interval::minute)
                text += fmt::format(" {:02}:{:02}", bar.minute / 60, bar.minute % 60);
            text += fmt::format(" {} {} {} {} {}\n", bar.open, bar.high, bar.low, bar.close,
                                bar.volume);
        }
    return text;
}

struct Case {
    std::string who;
    std::string path;
    std::string bytes;
    std::string bars = two_bars;
    store::ReadHints hints = {};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.who; }

store::ReadHints on_day(std::string day) { return {.columns = {{"date", std::move(day)}}}; }

const std::string day_bars =
    "000660 2020-01-02 20000 21000 19000 20500 500\n005930 2020-01-02 10000 11000 9000 10500 "
    "1000\n";
const std::string day_table =
    "티커,시가,고가,저가,종가,거래량\n005930,10000,11000,9000,10500,1000\n"
    "000660,20000,21000,19000,20500,500\n";
const std::string header = "date,open,high,low,close,volume\n";
const std::string body =
    "2020-01-02,10000,11000,9000,10500,1000\n2020-01-03,10500,12000,10000,11800,2000\n";
const std::string pair_bars =
    "005930 2020-01-02 10000 11000 9000 10500 1000\n"
    "247540 2020-01-02 20000 21000 19000 20500 500\n";
const std::string minute_bars =
    "005930 2020-01-02 09:00 10000 11000 9000 10500 1000\n"
    "005930 2020-01-02 09:05 10500 12000 10000 11800 2000\n";
std::string coded(std::string_view code) {
    return fmt::format(
        "date,code,open,high,low,close,volume\n2020-01-02,{0},10000,11000,9000,10500,1000\n"
        "2020-01-03,{0},10500,12000,10000,11800,2000\n",
        code);
}

const std::vector<Case> cases{
    {"pandas, an index without a name", "005930.csv", ",open,high,low,close,volume\n" + body},
    {"pandas, a numbered index", "005930.csv",
     ",date,open,high,low,close,volume\n0,2020-01-02,10000,11000,9000,10500,1000\n"
     "1,,,,,,\n2,2020-01-03,10500,12000,10000,11800,2000\n"},
    {"pykrx, a day of the market", "krx_20200102.csv", day_table, day_bars},
    {"pykrx, a day that the user tells", "market.csv", day_table, day_bars, on_day("2020-01-02")},
    {"a portal's download of a day", "data_0532_20240210.csv", day_table, day_bars,
     on_day("2020-01-02")},
    {"pandas, a folder a symbol", "data/symbol=005930/part-0.csv", header + body},
    {"a code behind the name", "삼성전자_005930.csv", header + body},
    {"files behind one another", "005930.csv",
     header + "2020-01-02,10000,11000,9000,10500,1000\n" + header +
         "2020-01-03,10500,12000,10000,11800,2000\n"},
    {"a title above the header", "005930.csv",
     "삼성전자 일별 시세\n기간: 2020.01.02 ~ 2020.01.03\n\n" + header + body},
    {"yfinance, one symbol", "samsung.csv",
     "Price,Close,High,Low,Open,Volume\n"
     "Ticker,005930.KS,005930.KS,005930.KS,005930.KS,005930.KS\nDate,,,,,\n"
     "2020-01-02,10500.0,11000.0,9000.0,10000.0,1000\n"
     "2020-01-03,11800.0,12000.0,10000.0,10500.0,2000\n"},
    {"yfinance, two symbols", "panel.csv",
     "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n"
     "Ticker,005930.KS,247540.KQ,005930.KS,247540.KQ,005930.KS,247540.KQ,005930.KS,247540.KQ,"
     "005930.KS,247540.KQ\nDate,,,,,,,,,,\n"
     "2020-01-02,10500,20500,11000,21000,9000,19000,10000,20000,1000,500\n"
     "2020-01-03,,,,,,,,,,\n",
     pair_bars},
    {"pandas, symbols above fields", "wide.csv",
     ",005930,005930,005930,005930,005930,247540,247540,247540,247540,247540\n"
     ",Open,High,Low,Close,Volume,Open,High,Low,Close,Volume\nDate,,,,,,,,,,\n"
     "2020-01-02,10000,11000,9000,10500,1000,20000,21000,19000,20500,500\n",
     pair_bars},
    {"DataGuide", "dg.csv",
     "Symbol,A005930,,,,,A247540,,,,\nSymbol Name,삼성전자,,,,,에코프로비엠,,,,\n"
     "Item Name,시가(원),고가(원),저가(원),종가(원),거래량(주),시가(원),고가(원),저가(원),"
     "종가(원),거래량(주)\nFrequency,DAILY,,,,,DAILY,,,,\n"
     "2020-01-02,10000,11000,9000,10500,1000,20000,21000,19000,20500,500\n",
     pair_bars},
    {"investing.com in Korean", "005930 과거 데이터.csv",
     "\"날짜\",\"종가\",\"시가\",\"고가\",\"저가\",\"거래량\",\"변동 %\"\n"
     "\"2020- 01- 03\",\"11,800\",\"10,500\",\"12,000\",\"10,000\",\"2.00K\",\"12.38%\"\n"
     "\"2020- 01- 02\",\"10,500\",\"10,000\",\"11,000\",\"9,000\",\"1.00K\",\"5.00%\"\n"},
    {"investing.com in English",
     "Samsung Electronics.csv",
     "\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n"
     "\"01/13/"
     "2020\",\"11,800.00\",\"10,500.00\",\"12,000.00\",\"10,000.00\",\"2.00K\",\"12.38%\"\n",
     "005930 2020-01-13 10500 12000 10000 11800 2000\n",
     {.symbol = "005930"}},
    {"MetaStock", "ms.txt",
     "<TICKER>,<PER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
     "005930,D,20200102,000000,10000,11000,9000,10500,1000,0\n"
     "005930,D,20200103,000000,10500,12000,10000,11800,2000,0\n"},
    {"AmiBroker", "ami.csv",
     "Ticker,Date/Time,Open,High,Low,Close,Volume\nA005930,2020-01-02,10000,11000,9000,10500,1000\n"
     "A005930,2020-01-03,10500,12000,10000,11800,2000\n"},
    {"backtrader", "005930.csv",
     "Date,Time,Open,High,Low,Close,Volume,OpenInterest\n"
     "2020-01-02,00:00:00,10000,11000,9000,10500,1000,0\n"
     "2020-01-03,00:00:00,10500,12000,10000,11800,2000,0\n"},
    {"TradingView, days in seconds", "KRX_DLY_005930, 1D.csv",
     "time,open,high,low,close,Volume\n1577923200,10000,11000,9000,10500,1000\n"
     "1578009600,10500,12000,10000,11800,2000\n"},
    {"TradingView, minutes in seconds", "KRX_DLY_005930, 5.csv",
     "time,open,high,low,close,Volume\n1577923200,10000,11000,9000,10500,1000\n"
     "1577923500,10500,12000,10000,11800,2000\n",
     minute_bars},
    {"Korea's midnight in Greenwich", "005930.csv",
     header + "2020-01-01T15:00:00Z,10000,11000,9000,10500,1000\n"
              "2020-01-02T15:00:00Z,10500,12000,10000,11800,2000\n"},
    {"Kiwoom, signs of direction and a code in the first row", "opt10081.csv",
     "종목코드,현재가,거래량,거래대금,일자,시가,고가,저가\n"
     "005930,+11800,2000,23,20200103,-10500,+12000,-10000\n"
     ",-10500,1000,10,20200102,-10000,+11000,-9000\n"},
    {"Kiwoom, minutes", "005930.csv",
     "현재가,거래량,체결시간,시가,고가,저가\n+11800,2000,20200102090500,+10500,+12000,-10000\n"
     "-10500,1000,20200102090000,-10000,+11000,-9000\n",
     minute_bars},
    {"KIS, whose body says the code", "daily.json",
     R"({"output1":{"stck_shrn_iscd":"005930"},"output2":[
     {"stck_bsop_date":"20200102","stck_clpr":"10500","stck_oprc":"10000","stck_hgpr":"11000",
      "stck_lwpr":"9000","acml_vol":"1000"},
     {"stck_bsop_date":"20200103","stck_clpr":"11800","stck_oprc":"10500","stck_hgpr":"12000",
      "stck_lwpr":"10000","acml_vol":"2000"},{}],"rt_cd":"0"})"},
    {"KIS, minutes whose value is a sum since the morning", "005930.json",
     R"({"output2":[{"stck_bsop_date":"20200102","stck_cntg_hour":"090500","stck_prpr":"11800",
     "stck_oprc":"10500","stck_hgpr":"12000","stck_lwpr":"10000","cntg_vol":"2000",
     "acml_tr_pbmn":"33600000"},{"stck_bsop_date":"20200102","stck_cntg_hour":"090000",
     "stck_prpr":"10500","stck_oprc":"10000","stck_hgpr":"11000","stck_lwpr":"9000",
     "cntg_vol":"1000","acml_tr_pbmn":"10000000"}],"rt_cd":"0"})",
     minute_bars},
    {"LS t8413", "t8413.json",
     R"({"t8413OutBlock":{"shcode":"005930"},"t8413OutBlock1":[{"date":"20200102","open":10000,
     "high":11000,"low":9000,"close":10500,"jdiff_vol":1000,"value":10,"rate":0,"sign":"2"},
     {"date":"20200103","open":10500,"high":12000,"low":10000,"close":11800,"jdiff_vol":2000,
     "value":23,"rate":0,"sign":"2"}]})"},
    {"Daum", "days.json",
     R"({"data":[{"symbolCode":"A005930","date":"2020-01-03 00:00:00","tradePrice":11800.0,
     "openingPrice":10500.0,"highPrice":12000.0,"lowPrice":10000.0,"accTradeVolume":2000,
     "change":"RISE","changePrice":1300.0},{"symbolCode":"A005930","date":"2020-01-02 00:00:00",
     "tradePrice":10500.0,"openingPrice":10000.0,"highPrice":11000.0,"lowPrice":9000.0,
     "accTradeVolume":1000,"change":"FALL","changePrice":100.0}]})"},
    {"Naver, names in single quotes", "005930.json",
     "\n [['날짜', '시가', '고가', '저가', '종가', '거래량', '외국인소진율'],\n"
     "[\"20200102\", 10000, 11000, 9000, 10500, 1000, 53.9],\n"
     "[\"20200103\", 10500, 12000, 10000, 11800, 2000, 53.9]\n]\n"},
    {"Alpha Vantage", "av.json",
     R"js({"Meta Data":{"1. Information":"Daily","2. Symbol":"005930.KS"},"Time Series (Daily)":{
     "2020-01-03":{"1. open":"10500.00","2. high":"12000.00","3. low":"10000.00",
     "4. close":"11800.00","5. volume":"2000"},"2020-01-02":{"1. open":"10000.00",
     "2. high":"11000.00","3. low":"9000.00","4. close":"10500.00","5. volume":"1000"}}})js"},
    {"pandas to_json, columns", "005930.json",
     R"({"Open":{"1577923200000":10000,"1578009600000":10500},"High":{"1577923200000":11000,
     "1578009600000":12000},"Low":{"1577923200000":9000,"1578009600000":10000},
     "Close":{"1577923200000":10500,"1578009600000":11800},
     "Volume":{"1577923200000":1000,"1578009600000":2000}})"},
    {"pandas to_json, index", "005930.json",
     R"({"1577923200000":{"Open":10000,"High":11000,"Low":9000,"Close":10500,"Volume":1000},
     "1578009600000":{"Open":10500,"High":12000,"Low":10000,"Close":11800,"Volume":2000}})"},
    {"pandas to_json, split", "005930.json",
     R"({"columns":["Open","High","Low","Close","Volume"],"index":[1577923200000,1578009600000],
     "data":[[10000,11000,9000,10500,1000],[10500,12000,10000,11800,2000]]})"},
    {"pandas to_json, a row a line", "005930.json",
     "{\"Date\":\"2020-01-02T00:00:00.000\",\"Open\":10000,\"High\":11000,\"Low\":9000,"
     "\"Close\":10500,\"Volume\":1000}\n{\"Date\":\"2020-01-03T00:00:00.000\",\"Open\":10500,"
     "\"High\":12000,\"Low\":10000,\"Close\":11800,\"Volume\":2000}\n"},
    {"a workbook that is a web page", "005930.xls",
     "<html><body><table><tr><th>일자</th><th>시가</th><th>고가</th><th>저가</th><th>종가</th>"
     "<th>거래량</th></tr><tr><td>2020/01/02</td><td>10,000</td><td>11,000</td><td>9,000</td>"
     "<td>10,500</td><td>1,000</td></tr>\n<tr><td>2020/01/03</td><td>10,500</td><td>12,000</td>"
     "<td>10,000</td><td>11,800</td><td>2,000</td></tr></table></body></html>"},
    {"codes of ISINs", "all.csv", coded("KR7005930003")},
    {"codes with an exchange in front", "all.csv", coded("KRX:005930")},
    {"codes as real numbers", "all.csv", coded("5930.0")},
    {"codes of Yahoo", "all.csv", coded("005930.KS")},
};

class Producers : public ::testing::TestWithParam<Case> {};

TEST_P(Producers, AreUnderstood) {
    const Case& c = GetParam();
    const auto files = parse_market_file(c.path, c.bytes, c.hints);
    ASSERT_TRUE(files) << files.error().text();
    ASSERT_EQ(files->size(), 1U);
    const store::MarketFile& file = files->front();
    ASSERT_FALSE(file.error) << file.error->text();
    EXPECT_EQ(bars_of(file), c.bars);
    EXPECT_EQ(broken_invariant(file), "");
    EXPECT_TRUE(file.quarantined.empty()) << file.quarantined.front().detail;
}

INSTANTIATE_TEST_SUITE_P(Table, Producers, ::testing::ValuesIn(cases));

TEST(ProducersValues, OfBrokersInMillionsAreWon) {
    const auto file = parse_one("005930.csv",
                                "일자,현재가,거래량,거래대금,시가,고가,저가\n"
                                "20200103,11800,2000000,23000,10500,12000,10000\n"
                                "20200102,10500,1000000,10000,10000,11000,9000\n");
    ASSERT_TRUE(file) << file.error().text();
    ASSERT_EQ(file->bars.size(), 2U);
    EXPECT_EQ(file->bars[0].value, 10'000'000'000);
    EXPECT_EQ(file->bars[1].value, 23'000'000'000);
    EXPECT_EQ(file->repaired.at("value_unit"), 2);
}

TEST(ProducersColumns, AreNamedByTheirNeighbours) {
    const auto columns = [](std::string_view text) {
        const auto file = parse_one("005930.csv", text);
        EXPECT_TRUE(file) << file.error().text();
        std::string out;
        if (file)
            for (const market::ColumnSeries& column : file->facts.columns)
                out += fmt::format("{} {}\n", column.column, column.rows.front().value);
        return out;
    };
    EXPECT_EQ(columns("날짜,거래량,잔고수량,거래대금,잔고금액\n2020-01-02,10,20,1000,2000\n"),
              "short_volume 10\nshort_balance 20\nshort_value 1000\nshort_balance_value 2000\n");
    EXPECT_EQ(columns("날짜,보유수량,지분율,한도수량,한도소진률\n2020-01-02,50,5.5,1000,5.5\n"),
              "foreign_holding 50\nforeign_holding_rate 5.5\n");
    // pykrx writes 0 where the exchange writes none: a loss has no PER.
    EXPECT_EQ(columns("날짜,BPS,PER,PBR,EPS,DIV,DPS\n2020-01-02,50000,0.0,1.5,0,0.0,0\n"),
              "bps 50000\npbr 1.5\neps 0\ndividend_yield 0\ndps 0\n");
}

TEST(ProducersRefusals, SayWhatWouldHelp) {
    const auto error = [](std::string_view path, std::string_view bytes) -> std::string {
        const auto files = parse_market_file(path, bytes, {});
        return files ? "" : files.error().message;
    };
    EXPECT_THAT(error("005930.csv",
                      "날짜,기관합계,기타법인,개인,외국인합계,전체\n"
                      "2020-01-02,1,2,3,4,5\n"),
                AllOf(HasSubstr("foreign_net_shares=외국인합계"),
                      HasSubstr("--map foreign_net=외국인합계")));
    EXPECT_THAT(error("005930.csv", "날짜,공매도,매수,비중\n2020-01-02,1,2,3\n"),
                AllOf(HasSubstr("short_volume=공매도"), HasSubstr("short_value=공매도")));
    EXPECT_THAT(error("market.csv", day_table), HasSubstr("--map date=2024-01-02"));
    EXPECT_THAT(error("stocks.csv",
                      "날짜,종목명,시가,고가,저가,종가,거래량\n"
                      "2020-01-02,카카오,1,1,1,1,1\n"),
                HasSubstr("add a column of codes"));
    EXPECT_THAT(error("삼성전자.csv", header + body), HasSubstr("--symbol"));
    EXPECT_THAT(error("data_4412_20200110.csv", header + body), HasSubstr("--symbol"));
    EXPECT_THAT(error("long.csv", "date,symbol,field,value\n2020-01-02,005930,Open,1\n"),
                HasSubstr("pivot"));
    EXPECT_THAT(error("x.json", "[[1577923200000,1,1,1,1,1]]"), HasSubstr("without names"));
    EXPECT_THAT(error("x.json", R"({"status":"013","message":"조회된 데이타가 없습니다."})"),
                HasSubstr("DART answered 013: 조회된"));
    EXPECT_THAT(error("x.json", R"({"Information":"the rate limit is 25 requests"})"),
                HasSubstr("rate limit"));
    EXPECT_THAT(error("x.pkl", std::string_view{"\x80\x04\x95\0\0", 5}), HasSubstr("pickle"));
    EXPECT_THAT(error("x.db", std::string_view{"SQLite format 3\0", 16}), HasSubstr("SQLite"));
}

}  // namespace
}  // namespace hsl::adapters
