// SPDX-License-Identifier: Apache-2.0
#include "market/instrument.hpp"

#include <gtest/gtest.h>

namespace hsl::market {

TEST(KrxCode, IsADigitThenFiveDigitsOrCapitals) {
    for (const auto* code : {"005930", "000020", "0126Z0", "0009K0", "0010V0", "33637L", "00680K",
                             "37550L", "520057", "950210"})
        EXPECT_TRUE(is_krx_code(code)) << code;
    for (const auto* text : {"", "5930", "05930", "0059300", "A05930", "00593a", "00593 ", "005-30",
                             "KOSPI", "AAPL", "00593\xea"})
        EXPECT_FALSE(is_krx_code(text)) << text;
}

TEST(KrxCode, PreferredDoesNotEndInZero) {
    for (const auto* code : {"005935", "005387", "00680K", "37550L", "33637L"})
        EXPECT_TRUE(is_preferred(code)) << code;
    for (const auto* code : {"005930", "0126Z0", "0009K0", "AAPL", "KOSPI", ""})
        EXPECT_FALSE(is_preferred(code)) << code;
}

TEST(MarketNames, OfEverySourceAreUnderstood) {
    struct Case {
        const char* word;
        Market market;
    };
    for (const Case& c :
         {Case{"KOSPI", Market::kospi}, Case{"STK", Market::kospi}, Case{".KS", Market::kospi},
          Case{"02", Market::kospi}, Case{"kospi", Market::kospi}, Case{"유가증권", Market::kospi},
          Case{"KOSDAQ", Market::kosdaq}, Case{"KOSDAQ GLOBAL", Market::kosdaq},
          Case{"KSQ", Market::kosdaq}, Case{".KQ", Market::kosdaq}, Case{"03", Market::kosdaq},
          Case{"KONEX", Market::konex}, Case{"KNX", Market::konex}}) {
        const auto market = parse_market(c.word);
        ASSERT_TRUE(market) << c.word;
        EXPECT_EQ(*market, c.market) << c.word;
    }
}

TEST(MarketNames, ReadBackAsWritten) {
    for (const Market market : {Market::unknown, Market::kospi, Market::kosdaq, Market::konex,
                                Market::index, Market::foreign})
        EXPECT_EQ(parse_market(name_of(market)), market) << name_of(market);
    EXPECT_EQ(name_of(Market::kospi), "KOSPI");
}

TEST(MarketNames, UnknownOneIsAnErrorThatListsTheKnown) {
    const auto market = parse_market("NASDAQ");
    ASSERT_FALSE(market);
    EXPECT_EQ(market.error().code, ErrorCode::bad_usage);
    EXPECT_NE(market.error().message.find("NASDAQ"), std::string::npos);
    EXPECT_NE(market.error().message.find("KOSDAQ"), std::string::npos);
}

TEST(SymbolFromPath, FindsTheCodeOrKeepsTheStem) {
    struct Case {
        const char* path;
        const char* symbol;
    };
    for (const Case& c : {
             Case{"005930.csv", "005930"},
             Case{"/data/krx/005930_D.csv", "005930"},
             Case{"A005930.csv", "005930"},
             Case{"035720_카카오.csv", "035720"},
             Case{"Q520057_D.csv", "520057"},
             Case{"005930.KS.csv", "005930"},
             Case{"33637L.csv", "33637L"},
             Case{"33637l.csv", "33637L"},
             Case{"0126Z0-2024.txt", "0126Z0"},
             Case{"kospi.csv", "KOSPI"},
             Case{"us/default.csv", "DEFAULT"},
             Case{"BRK.B.csv", "BRK.B"},
             Case{"2006-day-001.txt", "2006-DAY-001"},
             Case{"20200102.csv", "20200102"},
             Case{"A00593.csv", "A00593"},
             Case{"B005930.csv", "B005930"},
             Case{"005930", "005930"},
             Case{"카카오.csv", "카카오"},
             Case{".hidden", ".HIDDEN"},
             Case{"dir.with.dots/aapl", "AAPL"},
         })
        EXPECT_EQ(symbol_from_path(c.path), c.symbol) << c.path;
}

TEST(InstrumentFor, TellsSharesIndicesAndTheRestByTheSymbol) {
    EXPECT_EQ(instrument_for("005930"), (Instrument{"005930", Market::unknown, 0}));
    EXPECT_EQ(instrument_for("33637L"), (Instrument{"33637L", Market::unknown, 0}));
    EXPECT_EQ(instrument_for("0126z0"), (Instrument{"0126Z0", Market::unknown, 0}));
    EXPECT_EQ(instrument_for("KOSPI"), (Instrument{"KOSPI", Market::index, 2}));
    EXPECT_EQ(instrument_for("KOSDAQ150"), (Instrument{"KOSDAQ150", Market::index, 2}));
    EXPECT_EQ(instrument_for("AAPL"), (Instrument{"AAPL", Market::foreign, 4}));
}

TEST(Isin, CheckDigitHolds) {
    // Common, preferred, with letters in the code, foreign issuers.
    for (const auto* isin : {"KR7005930003", "KR7005931001", "KR7005382007", "KR700680K019",
                             "KR737550K029", "US0378331005", "US5949181045", "GB0002634946"})
        EXPECT_TRUE(is_isin(isin)) << isin;
}

TEST(Isin, AnyOtherCheckDigitFails) {
    const std::string isin = "KR7005930003";
    for (char digit = '0'; digit <= '9'; ++digit)
        EXPECT_EQ(is_isin(isin.substr(0, 11) + digit), digit == '3') << digit;
    for (const auto* text : {"", "KR700593000", "KR70059300030", "kr7005930003", "K17005930003",
                             "KR7005930 03", "KR700593000A"})
        EXPECT_FALSE(is_isin(text)) << text;
}

TEST(PriceText, PutsThePointWhereTheScaleSays) {
    EXPECT_EQ(price_text(71500, 0), "71500");
    EXPECT_EQ(price_text(12345, 2), "123.45");
    EXPECT_EQ(price_text(-5, 2), "-0.05");
    EXPECT_EQ(price_text(1000000, 4), "100.0000");
}

TEST(Isin, OneWrongCharacterIsNoticed) {
    const std::string isin = "KR7005930003";
    for (std::size_t at = 2; at < 11; ++at)
        for (char digit = '0'; digit <= '9'; ++digit) {
            std::string changed = isin;
            changed[at] = digit;
            EXPECT_EQ(is_isin(changed), digit == isin[at]) << changed;
        }
}

}  // namespace hsl::market
