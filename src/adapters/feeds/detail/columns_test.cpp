// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::adapters::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string_view> cells_of(std::string_view line, char delimiter = ',') {
    std::vector<std::string_view> cells;
    EXPECT_TRUE(split_cells(line, delimiter, cells)) << line;
    return cells;
}

TEST(SplitCells, TrimsUnquotesAndKeepsDelimitersInQuotes) {
    EXPECT_THAT(cells_of("a,b"), ElementsAre("a", "b"));
    EXPECT_THAT(cells_of(""), ElementsAre(""));
    EXPECT_THAT(cells_of(","), ElementsAre("", ""));
    EXPECT_THAT(cells_of(" a ,\tb\t, "), ElementsAre("a", "b", ""));
    EXPECT_THAT(cells_of("x,\"1,234\",\" 5 \""), ElementsAre("x", "1,234", "5"));
    EXPECT_THAT(cells_of("\"a\" , \"b\" ,c"), ElementsAre("a", "b", "c"));
    EXPECT_THAT(cells_of("\"say \"\"no\"\"\",c"), ElementsAre("say \"\"no\"\"", "c"));
    EXPECT_THAT(cells_of("\"a\"b,c"), ElementsAre("\"a\"b", "c"));
    EXPECT_THAT(cells_of("a\"b,c"), ElementsAre("a\"b", "c"));
    EXPECT_THAT(cells_of("\"2,054\"\t\"1\"", '\t'), ElementsAre("2,054", "1"));
    EXPECT_THAT(cells_of("1.000;2", ';'), ElementsAre("1.000", "2"));
}

TEST(SplitCells, SeesAQuoteThatDoesNotClose) {
    std::vector<std::string_view> cells;
    for (const char* line : {"\"", "a,\"b", "a,\"b\"\"", "\"\"\""})
        EXPECT_FALSE(split_cells(line, ',', cells)) << line;
}

TEST(BlankRow, HoldsDelimitersQuotesAndBlanksOnly) {
    for (const char* line : {",,,,,", "\t\t\t", ";;", "  ", "\"\"", " , ,\"\""})
        EXPECT_TRUE(is_blank_row(line)) << line;
    for (const char* line : {"0,,", ",-,", "a"}) EXPECT_FALSE(is_blank_row(line)) << line;
}

TEST(Layout, FindsColumnsByNameInEitherLanguage) {
    struct Case {
        const char* line;
        char delimiter;
        std::array<std::size_t, 6> index;  // date, open, high, low, close, volume
    };
    for (const Case& c : {
             Case{"Date,Open,High,Low,Close,Volume,Change", ',', {0, 1, 2, 3, 4, 5}},
             Case{"날짜,시가,고가,저가,종가,거래량,등락률", ',', {0, 1, 2, 3, 4, 5}},
             Case{"날짜,종가,시가,고가,저가,거래량", ',', {0, 2, 3, 4, 1, 5}},
             Case{"일자;현재가;대비;시가;고가;저가;거래량", ';', {0, 3, 4, 5, 1, 6}},
             Case{"Date,High,Low,Open,Close,Volume,Adj Close", ',', {0, 3, 1, 2, 4, 5}},
             Case{"Date,Open,High,Low,Close,Adj Close,Volume", ',', {0, 1, 2, 3, 4, 6}},
             Case{"\"DATE\"\t\"OPEN\"\t\"HIGH\"\t\"LOW\"\t\"CLOSE\"\t\"VOLUME\"",
                  '\t',
                  {0, 1, 2, 3, 4, 5}},
             Case{" timestamp , open , high , low , close , volume ", ',', {0, 1, 2, 3, 4, 5}},
             Case{"per,volume,close,low,high,open,date", ',', {6, 5, 4, 3, 2, 1}},
         }) {
        const auto layout = learn_layout(c.line);
        ASSERT_TRUE(layout) << c.line << ": " << layout.error().message;
        EXPECT_TRUE(layout->header);
        EXPECT_EQ(layout->delimiter, c.delimiter) << c.line;
        for (std::size_t i = 0; i < c.index.size(); ++i)
            EXPECT_EQ(layout->index[i], c.index[i]) << c.line << " column " << i;
    }
}

TEST(Layout, KnowsValueAndCode) {
    const auto layout = learn_layout("종목코드,일자,시가,고가,저가,종가,거래량,거래대금");
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->at(Column::code), 0u);
    EXPECT_EQ(layout->at(Column::value), 7u);
    EXPECT_FALSE(learn_layout("date,open,high,low,close,volume")->has(Column::value));
}

TEST(Layout, WithoutAHeaderIsDateOpenHighLowCloseVolume) {
    for (const auto& [line, delimiter] :
         {std::pair{"1996-12-26,\"182,299\",\"182,299\",\"182,299\",\"182,299\",0", ','},
          std::pair{"2015-11-04\t\"2,054\"\t\"2,056\"\t\"2,042\"\t\"2,053\"\t\"545,085\"", '\t'},
          std::pair{"20150102;1,5;2;1;1;5;more", ';'}}) {
        const auto layout = learn_layout(line);
        ASSERT_TRUE(layout) << line;
        EXPECT_FALSE(layout->header);
        EXPECT_EQ(layout->delimiter, delimiter);
        EXPECT_EQ(layout->at(Column::close), 4u);
        EXPECT_FALSE(layout->has(Column::value));
    }
}

TEST(Layout, SaysWhatIsMissing) {
    struct Case {
        const char* line;
        const char* words;
    };
    for (const Case& c : {
             Case{"Date,Close,PER", "no column open, high, low, volume"},
             Case{"Open,High,Low,Close,Volume", "no column date"},
             Case{"날짜,종가,전일비,등락률,거래량(천주),거래대금(백만)",
                  "no column open, high, low, volume"},
             Case{"Date,Open,High,Low,Close,종가,Volume",
                  "two columns of the header are the close"},
             Case{"2020-01-02,1,2,3", "the first one has 4 cells"},
             Case{"hello world", "no column of dates"},
             Case{"{\"a\":1}", "no column of dates"},
             Case{"\xC0\xCF\xC0\xDA,\xBD\xC3\xB0\xA1", "CP949"},
         }) {
        const auto layout = learn_layout(c.line);
        ASSERT_FALSE(layout) << c.line;
        EXPECT_THAT(layout.error().message, HasSubstr(c.words)) << c.line;
    }
}

TEST(Printable, EscapesWhatATerminalShouldNotGet) {
    EXPECT_EQ(printable("저가 5"), "저가 5");
    EXPECT_EQ(printable(std::string_view{"a\0\x1b\xC0", 4}), "a\\x00\\x1b\\xc0");
    EXPECT_EQ(printable("abcdef", 3), "abc…");
    EXPECT_EQ(printable("가나", 4), "가…");
}

}  // namespace
}  // namespace hsl::adapters::detail
