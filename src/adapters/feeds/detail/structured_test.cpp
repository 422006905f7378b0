// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/structured.hpp"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"

namespace hsl::adapters {
namespace {

using market::Bar;
using store::MarketFile;
using testing::HasSubstr;

Date day(const char *text) { return *parse_date(text); }

Result<MarketFile> parse(const std::string &name, const std::string &bytes,
                         const store::ReadHints &hints = {}) {
    auto files = parse_market_file(name, bytes, hints);
    if (!files) return std::unexpected(std::move(files).error());
    EXPECT_EQ(files->size(), 1U);
    MarketFile file = std::move(files->front());
    if (file.error) return std::unexpected(std::move(*file.error));
    EXPECT_EQ(broken_invariant(file), "");
    return file;
}

std::string message_of(const std::string &name, const std::string &bytes) {
    const auto file = parse(name, bytes);
    EXPECT_FALSE(file);
    if (file) return {};
    EXPECT_EQ(file.error().file, name);
    return file.error().message;
}

const market::ColumnSeries *column(const MarketFile &file, std::string_view symbol,
                                   std::string_view name) {
    for (const market::ColumnSeries &series : file.facts.columns)
        if (series.symbol == symbol && series.column == name) return &series;
    return nullptr;
}

std::string row_01501(std::string_view code, std::string_view close, std::string_view open,
                      std::string_view volume) {
    return std::string{R"({"ISU_SRT_CD":")"} + std::string{code} +
           R"(","ISU_CD":"KR7060310000","ISU_ABBRV":"3S","MKT_NM":"KOSDAQ","SECT_TP_NM":"",)" +
           R"("TDD_CLSPRC":")" + std::string{close} + R"(","FLUC_TP_CD":"0","CMPPREVDD_PRC":"-",)" +
           R"("FLUC_RT":"-","TDD_OPNPRC":")" + std::string{open} + R"(","TDD_HGPRC":")" +
           std::string{open} + R"(","TDD_LWPRC":")" + std::string{open} + R"(","ACC_TRDVOL":")" +
           std::string{volume} + R"(","ACC_TRDVAL":"-","MKTCAP":"-","LIST_SHRS":"44,802,511",)" +
           R"("MKT_ID":"KSQ"})";
}

TEST(ExchangeBody, OfAWholeMarketNeedsItsDay) {
    const std::string body = R"({"OutBlock_1":[)" + row_01501("060310", "2,260", "2,260", "5") +
                             "," + row_01501("060311", "-", "-", "-") +
                             R"(],"CURRENT_DATETIME":"2026.01.25 PM 08:28:15"})";
    const std::string told = message_of("today.json", body);
    EXPECT_THAT(told, HasSubstr("--map date=2021-01-04"));

    for (const auto &[name, hints] :
         {std::pair{"MDCSTAT01501_mktId-ALL_trdDd-20210104.json", store::ReadHints{}},
          std::pair{"today.json", store::ReadHints{.columns = {{"date", "2021-01-04"}}}}}) {
        const auto file = parse(name, body, hints);
        ASSERT_TRUE(file) << file.error().message;
        ASSERT_EQ(file->prices.size(), 1U);
        EXPECT_EQ(file->prices[0].instrument.symbol, "060310");
        EXPECT_EQ(file->prices[0].instrument.market, market::Market::kosdaq);
        EXPECT_EQ(file->prices[0].basis, market::Basis::raw);
        EXPECT_EQ(file->prices[0].bars[0].date, day("2021-01-04"));
        EXPECT_EQ(file->prices[0].bars[0].close, 2260);
        EXPECT_EQ(file->dropped.at("filler"), 1);
        EXPECT_EQ(file->data_lines, 2);
    }
}

TEST(ExchangeBody, KeepsTheBytesOfARowItSetsAside) {
    const std::string row = row_01501("060310", "2,260", "x", "5");
    const auto file = parse("a_trdDd-20210104.json", R"({"OutBlock_1":[)" + row + "]}");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->quarantined.size(), 1U);
    EXPECT_EQ(file->quarantined[0].source, row);
    EXPECT_EQ(file->quarantined[0].line, 1);
}

TEST(ExchangeBody, WithoutRowsIsAnswerEnough) {
    const auto file = parse("MDCSTAT00301.json", R"({"output":[],"CURRENT_DATETIME":""})");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->data_lines, 0);
    EXPECT_EQ(file->found.at("no_rows"), 1);
}

TEST(OpenApi, ReadsADayOfTheMarket) {
    // The real values of 2024-01-04.
    const auto file =
        parse("stk.json",
              R"({"OutBlock_1":[{"BAS_DD":"20240104","ISU_CD":"005930","ISU_NM":"삼성전자",)"
              R"("MKT_NM":"KOSPI","SECT_TP_NM":"-","TDD_CLSPRC":"76600","CMPPREVDD_PRC":"-400",)"
              R"("FLUC_RT":"-0.52","TDD_OPNPRC":"76100","TDD_HGPRC":"77300","TDD_LWPRC":"76100",)"
              R"("ACC_TRDVOL":"15324439","ACC_TRDVAL":"1173912901977","MKTCAP":"457285343330000",)"
              R"("LIST_SHRS":"5969782550"}]})");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->prices.size(), 1U);
    EXPECT_EQ(file->prices[0].instrument.symbol, "005930");
    EXPECT_EQ(file->prices[0].bars[0], (Bar{.date = day("2024-01-04"),
                                            .open = 76100,
                                            .high = 77300,
                                            .low = 76100,
                                            .close = 76600,
                                            .volume = 15324439,
                                            .value = 1173912901977}));
    ASSERT_NE(column(*file, "005930", "listed_shares"), nullptr);
    EXPECT_EQ(column(*file, "005930", "listed_shares")->rows[0].value, 5969782550.0);
}

TEST(OpenApi, TakesTheIndicesItKnows) {
    const auto row = [](std::string_view name, std::string_view price) {
        return std::string{R"({"BAS_DD":"20240104","IDX_CLSS":"KOSPI","IDX_NM":")"} +
               std::string{name} + R"(","CLSPRC_IDX":")" + std::string{price} +
               R"(","CMPPREVDD_IDX":"-","FLUC_RT":"-","OPNPRC_IDX":")" + std::string{price} +
               R"(","HGPRC_IDX":")" + std::string{price} + R"(","LWPRC_IDX":")" +
               std::string{price} + R"(","ACC_TRDVOL":"5","ACC_TRDVAL":"7","MKTCAP":"9"})";
    };
    const auto file =
        parse("idx.json", R"({"OutBlock_1":[)" + row("코스피", "2587.02") + "," +
                              row("코스피 200", "347.11") + "," + row("섬유의복", "200.10") + "]}");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->prices.size(), 2U);
    EXPECT_EQ(file->prices[0].instrument.symbol, "KOSPI");
    EXPECT_EQ(file->prices[0].instrument.scale, 2);
    EXPECT_EQ(file->prices[0].bars[0].close, 258702);
    EXPECT_EQ(file->prices[1].instrument.symbol, "KOSPI200");
    EXPECT_EQ(file->dropped.at("other_index"), 1);
}

TEST(Servers, AreQuotedWhenTheySentNoRows) {
    EXPECT_THAT(message_of("a.json", R"({"respMsg":"Unauthorized Key","respCode":"401"})"),
                HasSubstr("401 Unauthorized Key"));
    EXPECT_THAT(message_of("a.json", "LOGOUT"), HasSubstr("LOGOUT"));
    EXPECT_THAT(message_of("a.json", R"({"rt_cd":"1","msg_cd":"EGW00201","msg1":"초과"})"),
                HasSubstr("EGW00201: 초과"));
    EXPECT_THAT(message_of("a.json", R"({"chart":{"result":null,"error":{"code":"Not Found",)"
                                     R"("description":"No data found"}}})"),
                HasSubstr("Not Found: No data found"));
    EXPECT_THAT(message_of("a.json",
                           "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE "
                           "ERROR</errMsg>"
                           "<returnAuthMsg>LIMITED_NUMBER</returnAuthMsg><returnReasonCode>22"
                           "</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"),
                HasSubstr("22 LIMITED_NUMBER (SERVICE ERROR)"));
    EXPECT_THAT(
        message_of("a.json", R"({"response":{"header":{"resultCode":"30","resultMsg":"KEY"}}})"),
        HasSubstr("30: KEY"));
    EXPECT_THAT(message_of("a.html", "<!DOCTYPE html><html></html>"), HasSubstr("web page"));
    EXPECT_THAT(message_of("a.json", R"({"a":)"), HasSubstr("JSON"));
}

TEST(Bodies, ThatHoldNoMarketDataAreNamed) {
    EXPECT_THAT(
        message_of("a.json", R"({"output":[{"ITM_TP_NM":"국고채","LST_ORD_BAS_YD":"1.4"}]})"),
        HasSubstr("bond yields"));
    EXPECT_THAT(
        message_of("a.json", R"({"output":[{"COMPST_ISU_CD":"1","COMPST_ISU_CU1_SHRS":"-3"}]})"),
        HasSubstr("basket of a fund"));
}

TEST(DataGoKr, AcceptsAListAnObjectAndNothing) {
    const std::string item =
        R"({"basDt":"20240104","srtnCd":"005930","isinCd":"KR7005930003","itmsNm":"삼성전자",)"
        R"("mrktCtg":"KOSPI","clpr":"76600","vs":"-400","fltRt":"-.52","mkp":"76100",)"
        R"("hipr":"77300","lopr":"76100","trqu":"15324439","trPrc":"1173912901977",)"
        R"("lstgStCnt":"5969782550","mrktTotAmt":"457285343330000"})";
    const auto body = [](const std::string &items) {
        return R"({"response":{"header":{"resultCode":"00"},"body":{"items":)" + items + "}}}";
    };
    for (const std::string &items : {"{\"item\":[" + item + "]}", "{\"item\":" + item + "}"}) {
        const auto file = parse("a.json", body(items));
        ASSERT_TRUE(file) << file.error().message;
        ASSERT_EQ(file->prices.size(), 1U) << items;
        EXPECT_EQ(file->prices[0].instrument.symbol, "005930");
        EXPECT_EQ(file->prices[0].bars[0].close, 76600);
    }
    const auto none = parse("a.json", body("\"\""));
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_EQ(none->data_lines, 0);
    const auto xml = parse("a.xml",
                           "<response><header><resultCode>00</resultCode></"
                           "header><body><items><item><basDt>20240104"
                           "</basDt><srtnCd>005930</srtnCd><mrktCtg>KOSPI</"
                           "mrktCtg><clpr>76600</clpr><mkp>76100</mkp>"
                           "<hipr>77300</hipr><lopr>76100</lopr><trqu>15324439</"
                           "trqu></item></items></body>"
                           "</response>");
    ASSERT_TRUE(xml) << xml.error().message;
    ASSERT_EQ(xml->prices.size(), 1U);
    EXPECT_EQ(xml->prices[0].bars[0].high, 77300);
}

TEST(BrokerChart, SkipsBlankRows) {
    const std::string body =
        R"({"rt_cd":"0","output1":{"hts_kor_isnm":"삼성전자"},"output2":[)"
        R"({"stck_bsop_date":"20240105","stck_clpr":"76600","stck_oprc":"76700","stck_hgpr":"77100",)"
        R"("stck_lwpr":"76400","acml_vol":"11304316","acml_tr_pbmn":"867011000000","prdy_vrss":"0",)"
        R"("prdy_vrss_sign":"3"},{},{"stck_bsop_date":"","stck_clpr":""}]})";
    const auto file = parse("FHKST03010100_FID_INPUT_ISCD-005930_FID_ORG_ADJ_PRC-1.json", body);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->prices[0].instrument.symbol, "005930");
    EXPECT_EQ(file->prices[0].basis, market::Basis::raw);
    const auto named = parse("005930.json", body);
    ASSERT_TRUE(named) << named.error().message;
    ASSERT_EQ(named->prices.size(), 1U);
    EXPECT_EQ(named->prices[0].bars.size(), 1U);
    EXPECT_EQ(named->prices[0].bars[0].value, 867011000000);
    EXPECT_EQ(named->dropped.at("filler"), 2);
}

TEST(YahooChart, ReadsQuotesAndProposesEvents) {
    const auto file = parse(
        "chart.json",
        R"({"chart":{"result":[{"meta":{"symbol":"005930.KS","gmtoffset":32400,)"
        R"("dataGranularity":"1d"},"timestamp":[1525132800,1525219200,1525392000],)"
        R"("events":{"dividends":{"1525132800":{"amount":361.5,"date":1525132800}},)"
        R"("splits":{"1525392000":{"date":1525392000,"numerator":50,"denominator":1}}},)"
        R"("indicators":{"quote":[{"open":[53000.0,null,53000],"high":[53900,null,53900],)"
        R"("low":[51800,null,51800],"close":[53000.0000001,null,51900],)"
        R"("volume":[0,null,39565391]}],"adjclose":[{"adjclose":[1,2,3]}]}}],"error":null}})");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->prices.size(), 1U);
    EXPECT_EQ(file->prices[0].instrument.symbol, "005930");
    EXPECT_EQ(file->prices[0].instrument.market, market::Market::kospi);
    EXPECT_EQ(file->prices[0].basis, market::Basis::adjusted);
    EXPECT_EQ(file->prices[0].bars.back().date, day("2018-05-04"));
    EXPECT_EQ(file->prices[0].bars.back().close, 51900);
    EXPECT_EQ(file->dropped.at("filler"), 1);
    ASSERT_EQ(file->facts.actions.size(), 2U);
    for (const market::CorporateAction &action : file->facts.actions) {
        EXPECT_EQ(action.state, market::ActionState::proposed);
        EXPECT_EQ(action.source, "yahoo");
        EXPECT_EQ(action.symbol, "005930");
    }
    EXPECT_EQ(file->facts.actions[0].amount_e4, 3'615'000);
    EXPECT_EQ(file->facts.actions[1].shares_after, 50);
    EXPECT_EQ(file->facts.actions[1].ex_date, day("2018-05-04"));
}

TEST(NaverChart, IsAdjustedAndCountsItsItems) {
    const auto file = parse("sise.xml",
                            "\n\n<?xml version=\"1.0\" encoding=\"EUC-KR\" ?>\n<protocol>"
                            "<chartdata symbol=\"005930\" timeframe=\"day\">"
                            "<item data=\"20140711|26000|26040|25640|25680|215592\" />"
                            "<item data=\"20140714|25960|26000|25720|25720\" />"
                            "</chartdata></protocol>");
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_EQ(file->prices.size(), 1U);
    EXPECT_EQ(file->prices[0].basis, market::Basis::adjusted);
    EXPECT_EQ(file->prices[0].bars[0].close, 25680);
    ASSERT_EQ(file->quarantined.size(), 1U);
    EXPECT_EQ(file->quarantined[0].reason, "cell_count");
    EXPECT_THAT(message_of("a.xml",
                           "<protocol><chartdata symbol=\"005930\" timeframe=\"week\"/>"
                           "</protocol>"),
                HasSubstr("timeframe=day"));
    const auto none =
        parse("a.xml", "<protocol><chartdata symbol=\"1\" timeframe=\"day\"/></protocol>");
    ASSERT_TRUE(none);
    EXPECT_EQ(none->data_lines, 0);
}

TEST(Lean, ReadsDaysMinutesFactorsAndNames) {
    const auto daily = parse("aapl.csv",
                             "19980102 00:00,136300,162500,135000,162500,6315000\n"
                             "19980105 00:00,165000,165600,151900,160000\n");
    ASSERT_TRUE(daily) << daily.error().message;
    ASSERT_EQ(daily->prices.size(), 1U);
    EXPECT_EQ(daily->prices[0].instrument.symbol, "AAPL");
    EXPECT_EQ(daily->prices[0].bars[0].close, 162500);
    EXPECT_EQ(daily->prices[0].basis, market::Basis::raw);
    EXPECT_EQ(daily->quarantined.size(), 1U);

    const auto minute = parse("20140605_aapl_minute_trade.csv",
                              "15300000,6448000,6448000,6448000,6448000,90\n"
                              "86400000,6448000,6448000,6448000,6448000,90\n");
    ASSERT_TRUE(minute) << minute.error().message;
    ASSERT_EQ(minute->prices.size(), 1U);
    EXPECT_EQ(minute->prices[0].instrument.symbol, "AAPL");
    EXPECT_EQ(minute->prices[0].interval, market::Interval::minute);
    EXPECT_EQ(minute->prices[0].bars[0].minute, 255);
    EXPECT_EQ(minute->prices[0].bars[0].date, day("2014-06-05"));
    EXPECT_EQ(minute->quarantined.size(), 1U);
    EXPECT_THAT(message_of("20140605_aapl_minute_quote.csv", "1,2,3\n"), HasSubstr("quotes"));

    const auto factors = parse("aapl.csv",
                               "19980102,0.9,0.0178571,1\n20140606,0.9,0.0357143,645.57\n"
                               "20140806,0.9,0.25,94.97\n20501231,1,0.25,0\n");
    ASSERT_TRUE(factors) << factors.error().message;
    ASSERT_EQ(factors->facts.actions.size(), 3U);
    EXPECT_EQ(factors->facts.actions[0].shares_after, 2);
    EXPECT_EQ(factors->facts.actions[1].shares_after, 7);
    EXPECT_EQ(factors->facts.actions[1].ex_date, day("2014-06-09"));
    EXPECT_EQ(factors->facts.actions[2].kind, market::ActionKind::cash_dividend);
    EXPECT_EQ(factors->facts.actions[2].amount_e4, 94970);

    const auto names =
        parse("wm.csv", "19980102,uw,N\n19980716,uw,N\n20090804,wmi,N\n20501231,wm,N\n");
    ASSERT_TRUE(names) << names.error().message;
    ASSERT_EQ(names->facts.listings.size(), 3U);
    EXPECT_EQ(names->facts.listings[0].symbol, "UW");
    EXPECT_EQ(names->facts.listings[0].successor, "WMI");
    EXPECT_EQ(names->facts.listings[1].first, day("1998-07-17"));
    EXPECT_EQ(names->facts.listings[2].last, std::nullopt);
    EXPECT_EQ(names->facts.actions.size(), 2U);
}

TEST(EventsTable, ConfirmsOnlySplitsThatThePricesFollow) {
    const std::string head = "date,open,high,low,close,volume,dividend,split\n";
    const auto raw = parse("AAPL.csv", head +
                                           "2014-06-06,649.9,651.26,644.47,645.57,10,0.0,1.0\n"
                                           "2014-06-09,92.7,93.88,91.75,93.7,10,0.0,7.0\n"
                                           "2014-08-07,94.9,95.95,94.1,94.48,10,0.47,1.0\n");
    ASSERT_TRUE(raw) << raw.error().message;
    ASSERT_EQ(raw->facts.actions.size(), 2U);
    EXPECT_EQ(raw->facts.actions[0].shares_after, 7);
    EXPECT_EQ(raw->facts.actions[0].state, market::ActionState::confirmed);
    EXPECT_EQ(raw->facts.actions[1].amount_e4, 4700);
    const auto adjusted = parse("AAPL.csv", head +
                                                "2014-06-06,92.8,93.0,92.0,92.2,10,0.0,1.0\n"
                                                "2014-06-09,92.7,93.88,91.75,93.7,10,0.0,7.0\n");
    ASSERT_TRUE(adjusted) << adjusted.error().message;
    ASSERT_EQ(adjusted->facts.actions.size(), 1U);
    EXPECT_EQ(adjusted->facts.actions[0].state, market::ActionState::proposed);
    EXPECT_EQ(adjusted->prices[0].basis, market::Basis::adjusted);
}

TEST(DepositoryEvents, BecomeActionsByTheirFields) {
    const auto dividend = parse(
        "dividend.json", R"({"rt_cd":"0","output1":[{"record_date":"20211231","sht_cd":"005930",)"
                         R"("per_sto_divi_amt":"361","divi_rate":"0.5","stk_divi_rate":"0.00",)"
                         R"("divi_pay_dt":"2022/04/20"}]})");
    ASSERT_TRUE(dividend) << dividend.error().message;
    ASSERT_EQ(dividend->facts.actions.size(), 1U);
    EXPECT_EQ(dividend->facts.actions[0].ex_date, day("2021-12-29"));
    EXPECT_EQ(dividend->facts.actions[0].state, market::ActionState::confirmed);
    const auto split =
        parse("rev.json", R"({"rt_cd":"0","output1":[{"record_date":"20180502","sht_cd":"005930",)"
                          R"("inter_bf_face_amt":"5,000","inter_af_face_amt":"100",)"
                          R"("td_stop_dt":"2018/04/30 ~ 2018/05/03","list_dt":"2018/05/04"}]})");
    ASSERT_TRUE(split) << split.error().message;
    ASSERT_EQ(split->facts.actions.size(), 1U);
    EXPECT_EQ(split->facts.actions[0].shares_after, 50);
    EXPECT_EQ(split->facts.actions[0].ex_date, day("2018-05-04"));
    const auto bonus = parse(
        "bonus.json", R"({"rt_cd":"0","output1":[{"record_date":"20240105","sht_cd":"000020",)"
                      R"("fix_rate":"20","right_dt":"20240104","list_date":"20240130"}]})");
    ASSERT_TRUE(bonus) << bonus.error().message;
    ASSERT_EQ(bonus->facts.actions.size(), 1U);
    EXPECT_EQ(bonus->facts.actions[0].state, market::ActionState::proposed);
    EXPECT_EQ(bonus->facts.actions[0].shares_after, 6);
    EXPECT_EQ(bonus->facts.actions[0].shares_before, 5);
}

}  // namespace
}  // namespace hsl::adapters
