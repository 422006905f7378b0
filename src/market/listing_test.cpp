// SPDX-License-Identifier: Apache-2.0
#include "market/listing.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "market/day_testing.hpp"

namespace hsl::market {
namespace {

Listing row(std::string symbol, std::string name, const char* first = nullptr,
            const char* last = nullptr) {
    Listing listing{.symbol = std::move(symbol), .name = std::move(name)};
    listing.market = Market::kospi;
    if (first != nullptr) listing.first = day(first);
    if (last != nullptr) listing.last = day(last);
    return listing;
}

std::vector<std::string> symbols_of(const std::vector<const Listing*>& rows) {
    std::vector<std::string> symbols;
    for (const Listing* listing : rows) symbols.push_back(listing->symbol);
    return symbols;
}
using Symbols = std::vector<std::string>;

}  // namespace

TEST(ShareClass, IsReadFromTheExchangesWords) {
    EXPECT_EQ(parse_share_class("보통주"), ShareClass::common);
    EXPECT_EQ(parse_share_class("구형우선주"), ShareClass::preferred);
    EXPECT_EQ(parse_share_class("ETF"), ShareClass::etf);
    EXPECT_EQ(parse_share_class("부동산투자회사"), ShareClass::reit);
    EXPECT_EQ(parse_share_class("외국주권"), ShareClass::foreign);
    for (int number = 0; number <= static_cast<int>(ShareClass::other); ++number) {
        const auto share_class = static_cast<ShareClass>(number);
        EXPECT_EQ(parse_share_class(name_of(share_class)), share_class);
    }
    const auto wrong = parse_share_class("bond");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("'bond'"), std::string::npos);
}

TEST(FundMultiple, IsReadFromTheNamesOfFundsAlone) {
    struct Case {
        const char* name;
        int multiple;
    };
    for (const Case& c : {Case{"KODEX 200", 1},
                          Case{"KODEX 레버리지", 2},
                          Case{"KODEX 인버스", -1},
                          Case{"KODEX 200선물인버스2X", -2},
                          Case{"TIGER 200선물레버리지", 2},
                          Case{"TIGER 200IT레버리지", 2},
                          Case{"KODEX 코스닥150레버리지", 2},
                          Case{"ACE 미국빅테크TOP7 Plus레버리지(합성)", 2},
                          Case{"TIGER KRX300", 1},
                          Case{"KOSEF 미국달러선물인버스2X(H)", -2},
                          Case{"삼성 레버리지 WTI원유 선물 ETN", 2},
                          Case{"신한 인버스 2X WTI원유 선물 ETN(H)", -2},
                          Case{"메리츠 3X 국채30년 ETN", 3},
                          Case{"메리츠 인버스 3배 국채30년 ETN", -3},
                          Case{"KB 1.5X 국채 ETN", 2},
                          Case{"KB 2.0X 국채 ETN", 2},
                          Case{"KB 0.5X 국채 ETN", 1},
                          Case{"RISE 2Xenon", 1},
                          Case{"미래에셋 12X ETN", 1},
                          Case{"KODEX Leverage", 2},
                          Case{"TIGER 200 Futures Inverse 2X", -2},
                          Case{"", 1}}) {
        EXPECT_EQ(fund_multiple(ShareClass::etf, c.name), c.multiple) << c.name;
        EXPECT_EQ(fund_multiple(ShareClass::etn, c.name), c.multiple) << c.name;
        EXPECT_EQ(fund_multiple(ShareClass::common, c.name), 1) << c.name;
        EXPECT_EQ(fund_multiple(ShareClass::unknown, c.name), 1) << c.name;
    }
    EXPECT_EQ(class_text({.name = "KODEX 200선물인버스2X", .share_class = ShareClass::etf}),
              "etf -2x");
    EXPECT_EQ(class_text({.name_english = "KODEX Leverage", .share_class = ShareClass::etf}),
              "etf 2x");
    EXPECT_EQ(class_text({.name = "레버리지상사", .share_class = ShareClass::common}), "common");
}

// "KOSDAQ common; 2020-01-02 KOSPI common".
std::string in_words(const std::vector<TradedFrom>& steps) {
    std::string text;
    for (const TradedFrom& step : steps) {
        if (!text.empty()) text += "; " + step.first.iso() + " ";
        text += fmt::format("{} {}", name_of(step.as.market), name_of(step.as.share_class));
        if (step.as.multiple != 1) text += fmt::format(" {}x", step.as.multiple);
    }
    return text;
}

TEST(TradedAs, ChangesWithTheDaysOfTheRows) {
    const auto of = [](std::vector<Listing> rows, Market of_prices = Market::unknown) {
        return in_words(Listings{std::move(rows), {}}.traded_as("000010", of_prices));
    };
    const auto told = [](Market market, ShareClass share_class, const char* first = nullptr,
                         const char* last = nullptr, const char* name = "") {
        Listing listing = row("000010", name, first, last);
        listing.market = market;
        listing.share_class = share_class;
        return listing;
    };
    constexpr auto kospi = Market::kospi, kosdaq = Market::kosdaq, nowhere = Market::unknown;
    constexpr auto common = ShareClass::common, spac = ShareClass::spac, etf = ShareClass::etf,
                   untold = ShareClass::unknown;
    EXPECT_EQ(of({}, kospi), "");
    EXPECT_EQ(of({told(kospi, common)}), "KOSPI common");
    // A move between the markets; a row without a first day holds since ever.
    EXPECT_EQ(
        of({told(kosdaq, common, nullptr, "2019-12-30"), told(kospi, common, "2020-01-02")}, kospi),
        "KOSDAQ common; 2020-01-02 KOSPI common");
    // The first row that tells of it holds before its day; the market of the prices' file does too.
    EXPECT_EQ(of({told(kosdaq, spac, "2019-01-02"), told(kosdaq, common, "2020-01-02")}),
              "KOSDAQ spac; 2020-01-02 KOSDAQ common");
    EXPECT_EQ(of({told(kosdaq, spac, "2019-01-02"), told(kosdaq, common, "2020-01-02")}, kospi),
              "KOSPI spac; 2019-01-02 KOSDAQ spac; 2020-01-02 KOSDAQ common");
    // A list without days does not overrule the prices' file; with nothing else it stands.
    EXPECT_EQ(of({told(kosdaq, common)}, kospi), "KOSPI common");
    EXPECT_EQ(of({told(kosdaq, common)}), "KOSDAQ common");
    // What a row does not tell stays as it was.
    EXPECT_EQ(of({told(kosdaq, spac, "2019-01-02"), told(nowhere, untold, "2020-01-02"),
                  told(kospi, untold, "2021-01-04")},
                 kosdaq),
              "KOSDAQ spac; 2021-01-04 KOSPI spac");
    EXPECT_EQ(of({told(nowhere, untold, "2019-01-02"), told(kospi, spac, "2020-01-02")}),
              "KOSPI spac");
    // A fund's leverage is that of its name.
    EXPECT_EQ(of({told(kospi, etf, "2019-01-02", nullptr, "KODEX 200"),
                  told(kospi, etf, "2020-01-02", nullptr, "KODEX 인버스2X"),
                  told(kospi, etf, "2021-01-04")}),
              "KOSPI etf; 2020-01-02 KOSPI etf 2x");
}

TEST(ShareClass, IsGuessedFromCodeAndName) {
    struct Case {
        const char* code;
        const char* name;
        ShareClass expected;
    };
    for (const Case& c : {
             Case{"005930", "", ShareClass::common},
             Case{"005930", "삼성전자", ShareClass::common},
             Case{"005935", "삼성전자우", ShareClass::preferred},
             Case{"33637L", "두산퓨얼셀2우B", ShareClass::preferred},
             Case{"0126Z0", "삼성에피스홀딩스", ShareClass::common},
             Case{"069500", "KODEX 200", ShareClass::etf},
             Case{"069500", "", ShareClass::common},  // only the name would tell
             Case{"195940", "HK이노엔", ShareClass::common},
             Case{"161510", "PLUS 고배당주", ShareClass::etf},
             Case{"520057", "미래에셋 TRUE ETN", ShareClass::etn},
             Case{"520057", "", ShareClass::etn},
             Case{"58F123", "", ShareClass::elw},
             Case{"900140", "엘브이엠씨홀딩스", ShareClass::foreign},
             Case{"950130", "엑세스바이오", ShareClass::foreign},
             Case{"330590", "롯데리츠", ShareClass::reit},
             Case{"088260", "이리츠코크렙", ShareClass::reit},
             Case{"138040", "메리츠금융지주", ShareClass::common},
             Case{"369370", "블리츠웨이엔터테인먼트", ShareClass::common},
             Case{"448830", "SK증권제8호스팩", ShareClass::spac},
             Case{"088980", "맥쿼리인프라", ShareClass::fund},
             Case{"042670", "HD현대인프라코어", ShareClass::common},
             Case{"AAPL", "Apple", ShareClass::unknown},
             Case{"", "", ShareClass::unknown},
         })
        EXPECT_EQ(guess_share_class(c.code, c.name), c.expected) << c.code << ' ' << c.name;
}

TEST(ListingState, IsReadFromTheExchangesWords) {
    EXPECT_EQ(parse_listing_state("관리종목(소속부없음)"), ListingState::administrative);
    EXPECT_EQ(parse_listing_state("투자주의환기종목(소속부없음)"), ListingState::attention);
    EXPECT_EQ(parse_listing_state("정리매매"), ListingState::liquidation);
    for (int number = 0; number <= static_cast<int>(ListingState::halted); ++number) {
        const auto state = static_cast<ListingState>(number);
        EXPECT_EQ(parse_listing_state(name_of(state)), state);
        EXPECT_EQ(parse_listing_state(korean_name_of(state)), state);
    }
    EXPECT_FALSE(parse_listing_state("우량기업부"));
}

TEST(Listings, GiveTheNameOfTheDay) {
    const Listings listings{{row("035720", "카카오", "2015-10-01"),
                             row("035720", "다음카카오", "2014-10-14", "2015-09-30"),
                             row("035720", "다음", {}, "2014-10-13")},
                            {}};
    EXPECT_EQ(listings.find("035720", day("2010-01-04"))->name, "다음");
    EXPECT_EQ(listings.find("035720", day("2015-09-30"))->name, "다음카카오");
    EXPECT_EQ(listings.find("035720", day("2015-10-01"))->name, "카카오");
    EXPECT_EQ(listings.find("000000", day("2015-10-01")), nullptr);
    EXPECT_TRUE(listings.is_listed("035720", day("2014-10-13")));
    EXPECT_TRUE(listings.is_listed("035720", day("2026-01-02")));
}

TEST(Listings, BeforeTheFirstRowGiveTheEarliest) {
    const Listings listings{{row("005930", "삼성전자", "2021-01-04")}, {}};
    EXPECT_EQ(listings.find("005930", day("2018-01-02"))->name, "삼성전자");
    EXPECT_FALSE(listings.is_listed("005930", day("2018-01-02")));  // nobody told of it by then
}

TEST(Listings, AreThoseOfTheDayDelistedNamesToo) {
    Listing gone = row("003560", "IHQ");
    gone.listed = day("2000-01-04");
    gone.delisted = day("2026-01-15");
    Listing kosdaq = row("035900", "JYP Ent.");
    kosdaq.market = Market::kosdaq;
    Listing late = row("279570", "케이뱅크");
    late.listed = day("2026-03-05");
    const Listings listings{{gone, kosdaq, late}, {}};
    EXPECT_EQ(symbols_of(listings.listed(Market::kospi, day("2026-01-14"))), (Symbols{"003560"}));
    EXPECT_EQ(symbols_of(listings.listed(Market::kospi, day("2026-01-15"))), Symbols{});
    EXPECT_EQ(symbols_of(listings.listed(Market::kosdaq, day("2026-01-15"))), (Symbols{"035900"}));
    EXPECT_EQ(symbols_of(listings.listed(Market::unknown, day("2026-03-05"))),
              (Symbols{"035900", "279570"}));
    EXPECT_FALSE(listings.is_listed("003560", day("1999-12-28")));
}

TEST(Listings, ACodeThatIsUsedAgainIsListedAgain) {
    Listing before = row("012340", "옛회사");
    before.listed = day("1990-01-05");
    before.delisted = day("2001-05-02");
    const Listings listings{{before, row("012340", "새회사", "2010-03-02")}, {}};
    EXPECT_TRUE(listings.is_listed("012340", day("2001-04-30")));
    EXPECT_FALSE(listings.is_listed("012340", day("2005-01-04")));
    EXPECT_TRUE(listings.is_listed("012340", day("2010-03-02")));
}

TEST(Listings, KnowTheStatesOfADay) {
    const Listings listings{
        {},
        {{"003560", ListingState::liquidation, day("2026-01-06"), day("2026-01-14"), ""},
         {"001465", ListingState::administrative, day("2025-03-24"), {}, ""}}};
    const auto liquid = [&](const char* on) {
        return listings.in_state("003560", ListingState::liquidation, day(on));
    };
    EXPECT_FALSE(liquid("2026-01-05"));
    EXPECT_TRUE(liquid("2026-01-06"));
    EXPECT_TRUE(liquid("2026-01-14"));
    EXPECT_FALSE(liquid("2026-01-15"));
    EXPECT_FALSE(listings.in_state("003560", ListingState::administrative, day("2026-01-06")));
    EXPECT_TRUE(listings.in_state("001465", ListingState::administrative, day("2027-01-04")));
}

TEST(Listings, AreSearchedByCodeNameIsinAndInitialConsonants) {
    Listing samsung = row("005930", "삼성전자");
    samsung.isin = "KR7005930003";
    samsung.name_english = "Samsung Electronics";
    const Listings listings{
        {samsung, row("005935", "삼성전자우"), row("009150", "삼성전기"), row("028260", "삼성물산"),
         row("0126Z0", "삼성에피스홀딩스"), row("035900", "JYP Ent."), row("003230", "삼양식품")},
        {}};
    const auto search = [&](const char* text) { return symbols_of(listings.search(text, 10)); };
    EXPECT_EQ(search("005930"), (Symbols{"005930"}));
    EXPECT_EQ(search("kr7005930003"), (Symbols{"005930"}));
    EXPECT_EQ(search("ㅅㅅㅈㅈ"), (Symbols{"005930", "005935"}));  // the whole name comes first
    EXPECT_EQ(search("삼성ㅈㄱ"), (Symbols{"009150"}));
    EXPECT_EQ(search("삼성 전자"), (Symbols{"005930", "005935"}));
    EXPECT_EQ(search("전기"), (Symbols{"009150"}));
    EXPECT_EQ(search("jyp"), (Symbols{"035900"}));
    EXPECT_EQ(search("electronics"), (Symbols{"005930"}));
    EXPECT_EQ(search("0059"), (Symbols{"005930", "005935"}));
    EXPECT_EQ(search("없다"), Symbols{});
    EXPECT_EQ(search(""), Symbols{});
    EXPECT_EQ(listings.search("ㅅ", 2).size(), 2u);
}

TEST(Listings, AnOlderNameFindsACode) {
    const Listings listings{
        {row("035720", "다음", {}, "2014-10-13"), row("035720", "카카오", "2015-10-01")}, {}};
    const auto found = listings.search("다음", 10);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0]->name, "카카오");
}

TEST(InitialConsonants, AreThoseOfEachSyllable) {
    EXPECT_EQ(initial_consonants("삼성전자 A"), "ㅅㅅㅈㅈ a");
    EXPECT_EQ(initial_consonants("가까힣"), "ㄱㄲㅎ");
    EXPECT_EQ(initial_consonants(""), "");
}

}  // namespace hsl::market
