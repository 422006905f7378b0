// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/facts_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/detail/structured.hpp"

namespace hsl::adapters::detail {
namespace {

using market::ActionKind;
using market::ListingState;
using market::ShareClass;
using store::MarketFile;
using testing::ElementsAre;

struct Read {
    std::string text;
    store::ReadHints hints = {};
    store::TableReader tables = {};
    std::string path = "table.csv";

    MarketFile facts() const {
        auto file = read_facts_table(
            {.path = path, .bytes = text, .how = {}, .hints = hints, .read_table = tables});
        EXPECT_TRUE(file) << "not taken for a table of facts";
        if (!file) return {};
        EXPECT_TRUE(*file) << file->error().message;
        return *file ? std::move(**file) : MarketFile{};
    }
};

std::int64_t dropped(const MarketFile& file) {
    std::int64_t rows = 0;
    for (const auto& [reason, count] : file.dropped) rows += count;
    return rows;
}

Date day(const char* text) { return *parse_date(text); }

TEST(Listings, AreReadByKoreanHeaders) {
    const MarketFile file =
        Read{
            "단축코드,한글 종목약명,시장구분,업종,상장주식수,상장일,증권구분,주식종류\n"
            "5930,삼성전자,KOSPI,전기전자,\"5,969,782,550\",1975/06/11,주권,보통주\n"
            "005935,삼성전자우,KOSPI,전기전자,822886700,1989-09-25,주권,구형우선주\n"
            "330590,롯데리츠,KOSPI,,,2019.10.30,부동산투자회사,보통주\n"}
            .facts();
    ASSERT_EQ(file.facts.listings.size(), 3U);
    EXPECT_EQ(file.data_lines, 3);
    const market::Listing& samsung = file.facts.listings[0];
    EXPECT_EQ(samsung.symbol, "005930");
    EXPECT_EQ(samsung.name, "삼성전자");
    EXPECT_EQ(samsung.market, market::Market::kospi);
    EXPECT_EQ(samsung.sector, "전기전자");
    EXPECT_EQ(samsung.shares, 5'969'782'550);
    EXPECT_EQ(samsung.listed, day("1975-06-11"));
    EXPECT_EQ(samsung.share_class, ShareClass::common);
    EXPECT_EQ(file.facts.listings[1].share_class, ShareClass::preferred);
    EXPECT_EQ(file.facts.listings[2].share_class, ShareClass::reit);
}

TEST(Listings, ShowTheLeverageThatAFundsNameTells) {
    const MarketFile file = Read{
        .text =
            "code,name,market,증권구분\n"
            "069500,KODEX 200,KOSPI,ETF\n"
            "122630,KODEX 레버리지,KOSPI,ETF\n"
            "252670,KODEX 200선물인버스2X,KOSPI,ETF\n"
            "000010,레버리지상사,KOSPI,주권\n",
        .hints = {.listing =
                      true}}.facts();
    ASSERT_EQ(file.facts.listings.size(), 4U);
    EXPECT_EQ(file.found.at("leveraged_fund"), 2);
    ASSERT_EQ(file.findings.size(), 2U);
    EXPECT_EQ(file.findings[1].symbol, "252670");
    EXPECT_EQ(file.findings[1].detail,
              "KODEX 200선물인버스2X is etf -2x: its daily limit is 2 x that of others");
    EXPECT_THAT(file.how.first_rows[2], testing::HasSubstr("KOSPI etf 2x"));
    EXPECT_THAT(file.how.first_rows[0], testing::HasSubstr("KOSPI common"));
}

TEST(Listings, OfManyDaysBecomeStretches) {
    const MarketFile file = Read{
        .text =
            "Code,Name,Market,Dept,Close,Open,High,Low,Volume,Stocks,Date\n"
            "060310,3S,KOSDAQ,중견기업부,1,1,1,1,1,100,2021-01-04\n"
            "060310,3S,KOSDAQ,중견기업부,2,1,1,1,1,100,2021-01-05\n"
            "060310,3S,KOSDAQ,관리종목(소속부없음),2,1,1,1,1,100,2021-01-06\n"
            "060310,삼에스,KOSDAQ,중견기업부,2,1,1,1,1,120,2021-01-08\n",
        .hints = {.listing =
                      true}}.facts();
    ASSERT_EQ(file.facts.listings.size(), 2U);
    EXPECT_EQ(file.facts.listings[0].first, day("2021-01-04"));
    EXPECT_EQ(file.facts.listings[0].last, day("2021-01-07"));
    EXPECT_EQ(file.facts.listings[0].shares, 100);
    EXPECT_EQ(file.facts.listings[1].first, day("2021-01-08"));
    EXPECT_EQ(file.facts.listings[1].last, std::nullopt);
    EXPECT_EQ(file.facts.listings[1].name, "삼에스");
    ASSERT_EQ(file.facts.states.size(), 1U);
    EXPECT_EQ(file.facts.states[0].state, ListingState::administrative);
    EXPECT_EQ(file.facts.states[0].first, day("2021-01-06"));
    EXPECT_EQ(file.facts.states[0].last, day("2021-01-07"));
    EXPECT_EQ(file.data_lines, 4);
}

TEST(Listings, SetAsideWhatContradicts) {
    const MarketFile file =
        Read{
            "code,name,market,from\n"
            "005930,A,KOSPI,2020-01-01\n"
            "005930,B,KOSPI,2020-01-01\n"
            "000660,C,KOSPI,2020-13-01\n"
            ",D,KOSPI,2020-01-01\n"
            "000020,E,KOSPI,2020-01-01\n"
            "000020,E,KOSPI,2020-01-01\n"}
            .facts();
    std::vector<std::string> reasons;
    for (const auto& row : file.quarantined) reasons.push_back(row.reason);
    EXPECT_THAT(reasons, ElementsAre("conflicting_repeat", "conflicting_repeat", "unreadable_date",
                                     "unreadable_code"));
    EXPECT_EQ(file.quarantined[2].source, "000660,C,KOSPI,2020-13-01");
    EXPECT_EQ(file.quarantined[2].line, 4);
    EXPECT_EQ(dropped(file), 1);
    EXPECT_EQ(file.data_lines, 6);
    EXPECT_EQ(file.facts.listings.size(), 1U);
}

TEST(Listings, OfDelistedIssuesBringTheirLiquidation) {
    const MarketFile file =
        Read{.text =
                 "ISU_CD,ISU_NM,MKT_NM,SECUGRP_NM,KIND_STKCERT_TP_NM,LIST_DD,DELIST_DD,"
                 "DELIST_RSN_DSC,ARRANTRD_MKTACT_ENFORCE_DD,ARRANTRD_END_DD,TO_ISU_SRT_CD\n"
                 "001465,BYC우,KOSPI,주권,구형우선주,1990/01/05,2024/03/14,감사의견 거절,"
                 "2024/03/05,2024/03/13,001460\n"}
            .facts();
    ASSERT_EQ(file.facts.listings.size(), 1U);
    EXPECT_EQ(file.facts.listings[0].symbol, "001465");
    EXPECT_EQ(file.facts.listings[0].delisted, day("2024-03-14"));
    EXPECT_EQ(file.facts.listings[0].reason, "감사의견 거절");
    EXPECT_EQ(file.facts.listings[0].successor, "001460");
    ASSERT_EQ(file.facts.states.size(), 1U);
    EXPECT_EQ(file.facts.states[0].state, ListingState::liquidation);
    EXPECT_EQ(file.facts.states[0].first, day("2024-03-05"));
    EXPECT_EQ(file.facts.states[0].last, day("2024-03-13"));
}

TEST(States, AreReadWithTheirDays) {
    const MarketFile file =
        Read{
            "종목코드,지정구분,지정일,해제일\n"
            "001465,정리매매,2024-03-05,2024-03-13\n"
            "078860,관리종목,2024.03.05,-\n"
            "078860,모름,2024.03.05,-\n"}
            .facts();
    ASSERT_EQ(file.facts.states.size(), 2U);
    EXPECT_EQ(file.facts.states[0].state, ListingState::liquidation);
    EXPECT_EQ(file.facts.states[1].last, std::nullopt);
    ASSERT_EQ(file.quarantined.size(), 1U);
    EXPECT_EQ(file.quarantined[0].reason, "unknown_state");
    EXPECT_EQ(file.data_lines, 3);
}

TEST(ActionTable, ReadsEveryKindOfRatio) {
    const MarketFile file =
        Read{
            "code,kind,ex_date,ratio,shares_after,shares_before,new_per_old,issue_price,announced\n"
            "005930,액면분할,2018-05-04,50:1,,,,,2018-01-31\n"
            "035420,split,2018-10-12,1:5,,,,,\n"
            "078860,병합,2024-01-02,10:1,,,,,\n"
            "000020,무상증자,2020-01-02,,,,0.2,,\n"
            "000030,rights,2020-01-02,,,,0.25,\"12,500\",\n"
            "000040,감자,2020-01-02,,1,3,,,\n"
            "000050,split,2020-01-02,0.5,,,,,\n"
            "000060,감자,2020-01-02,0.9,,,,,\n"
            "000070,split,2020-01-02,,,,,,2020-02-01\n"
            "000080,mystery,2020-01-02,2:1,,,,,\n"}
            .facts();
    ASSERT_EQ(file.facts.actions.size(), 6U);
    const auto action = [&](const char* symbol) {
        for (const auto& a : file.facts.actions)
            if (a.symbol == symbol) return a;
        return market::CorporateAction{};
    };
    EXPECT_EQ(action("005930").shares_after, 50);
    EXPECT_EQ(action("005930").shares_before, 1);
    EXPECT_EQ(action("005930").known(), day("2018-01-31"));
    EXPECT_EQ(action("035420").shares_after, 5);
    EXPECT_EQ(action("078860").shares_before, 10);
    EXPECT_EQ(action("078860").shares_after, 1);
    EXPECT_EQ(action("000020").shares_after, 6);
    EXPECT_EQ(action("000020").shares_before, 5);
    EXPECT_EQ(action("000030").shares_after, 5);
    EXPECT_EQ(action("000030").issue_price, 12'500);
    EXPECT_EQ(action("000040").shares_before, 3);
    std::vector<std::string> reasons;
    for (const auto& row : file.quarantined) reasons.push_back(row.reason);
    EXPECT_THAT(reasons, ElementsAre("ratio_against_kind", "unreadable_number", "days_reversed",
                                     "unknown_kind"));
    EXPECT_EQ(file.data_lines, 10);
}

TEST(ActionTable, TakesDividendsThatAreToldAfterTheirExDate) {
    const MarketFile file =
        Read{
            "code,kind,ex_date,announced,payment_date,amount,ratio\n"
            "005930,cash_dividend,2018-12-27,2019-01-31,2019-04-19,354,\n"
            "005930,split,2018-12-27,2019-01-31,,,50:1\n"}
            .facts();
    ASSERT_EQ(file.facts.actions.size(), 1U);
    EXPECT_EQ(file.facts.actions[0].announced, day("2019-01-31"));
    ASSERT_EQ(file.quarantined.size(), 1U);
    EXPECT_EQ(file.quarantined[0].reason, "days_reversed");
}

TEST(ActionTable, ReadsCodesAsListingsDo) {
    const MarketFile file =
        Read{
            "code,kind,ex_date,ratio\n"
            "A005930,split,2018-05-04,50:1\n"
            "Q520057,split,2018-05-08,2:1\n"
            "ABCDEFG,split,2018-05-09,3:1\n"
            "5380,split,2018-05-10,4:1\n"}
            .facts();
    std::vector<std::string> symbols;
    for (const auto& action : file.facts.actions) symbols.push_back(action.symbol);
    EXPECT_THAT(symbols, testing::UnorderedElementsAre("005930", "520057", "ABCDEFG", "005380"));
}

TEST(ActionTable, CountsTheExDateBackFromTheRecordDate) {
    // The register of 2021-12-31, a closed day, holds what was bought by 12-28: 12-29 is ex.
    const MarketFile file =
        Read{
            "code,kind,record_date,amount,payment_date\n"
            "005930,현금배당,2021-12-31,361.5,2022-04-20\n"
            "005930,배당,2022-03-31,361,2022-05-20\n"}
            .facts();
    ASSERT_EQ(file.facts.actions.size(), 2U);
    EXPECT_EQ(file.facts.actions[0].ex_date, day("2021-12-29"));
    EXPECT_EQ(file.facts.actions[0].amount_e4, 3'615'000);
    EXPECT_EQ(file.facts.actions[1].ex_date, day("2022-03-30"));
    EXPECT_EQ(file.facts.actions[1].payment_date, day("2022-05-20"));
}

TEST(ActionTable, IsNotMistakenForPrices) {
    const store::ReadHints hints;
    const store::TableReader tables;
    for (const char* text :
         {"Date,Open,High,Low,Close,Volume\n2020-01-02,1,1,1,1,1\n",
          "code,date,open,high,low,close,volume,name,market\n",
          "날짜,종목코드,종목명,시장구분,PER,PBR\n2020-01-02,005930,A,KOSPI,1,1\n",
          "20200102,1,1,1,1,1\n", "날짜,시가,고가,저가,종가,거래량,등락률\n1\n"})
        EXPECT_FALSE(read_facts_table(
            {.path = "a.csv", .bytes = text, .how = {}, .hints = hints, .read_table = tables}))
            << text;
}

TEST(BrokerMaster, CutsItsFixedTail) {
    std::string tail(227, ' ');
    tail.replace(0, 2, "ST");
    tail.replace(105, 8, "19750611");
    tail.replace(113, 15, "000000005969782");
    tail.replace(158, 1, "0");
    std::string preferred = tail;
    preferred.replace(158, 1, "1");
    const std::string bytes = "005930   KR7005930003삼성전자" + std::string(32, ' ') + tail +
                              "\n005935   KR7005931001삼성전자우" + std::string(30, ' ') +
                              preferred + "\nshort\n";
    const store::ReadHints hints;
    const store::TableReader tables;
    auto file = read_broker_master({.path = "kospi_code.mst",
                                    .bytes = bytes,
                                    .how = {},
                                    .hints = hints,
                                    .read_table = tables});
    ASSERT_TRUE(file && *file);
    ASSERT_EQ((*file)->facts.listings.size(), 2U);
    const market::Listing& samsung = (*file)->facts.listings[0];
    EXPECT_EQ(samsung.symbol, "005930");
    EXPECT_EQ(samsung.isin, "KR7005930003");
    EXPECT_EQ(samsung.name, "삼성전자");
    EXPECT_EQ(samsung.listed, day("1975-06-11"));
    EXPECT_EQ(samsung.shares, 5'969'782'000);
    EXPECT_EQ(samsung.share_class, ShareClass::common);
    EXPECT_EQ((*file)->facts.listings[1].share_class, ShareClass::preferred);
    EXPECT_EQ((*file)->quarantined.size(), 1U);
    EXPECT_EQ((*file)->data_lines, 3);
}

}  // namespace
}  // namespace hsl::adapters::detail
