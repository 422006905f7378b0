// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "base/date.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"

namespace hsl {

TEST(Date, CountsDaysFrom1970) {
    EXPECT_EQ(Date::from_civil(1970, 1, 1).days, 0);
    EXPECT_EQ(Date::from_civil(2018, 5, 4).iso(), "2018-05-04");
    EXPECT_EQ(Date::from_civil(2018, 5, 4).weekday(), 5u);
    EXPECT_EQ(parse_date("2024-02-29")->iso(), "2024-02-29");
    EXPECT_FALSE(parse_date("2023-02-29"));
    EXPECT_FALSE(parse_date("2023-2-9"));
    EXPECT_FALSE(parse_date("2023-13-01"));
}

TEST(Hash, IsSha256) {
    EXPECT_EQ(Hasher{}.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_NE(Hasher{}.add_text("ab").add_text("c").hex(),
              Hasher{}.add_text("a").add_text("bc").hex());
}

TEST(Json, WritesShortestNumbersAndNullForNaN) {
    JsonWriter json;
    json.begin_object().member("a", 0.1).member("b", 12.0).member("nan", 0.0 / 0.0);
    json.key("list").begin_array().value(1).value("x\"\n").value(true).end_array().end_object();
    EXPECT_EQ(json.text(), R"({"a":0.1,"b":12,"nan":null,"list":[1,"x\"\n",true]})");
}

TEST(Json, StaysADocumentWhateverTheBytes) {
    JsonWriter json;
    json.value(std::string_view{"\xC0\x80 \xED\xA0\x80 \xFF삼\0", 12});
    EXPECT_EQ(json.text(), "\"\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD \uFFFD삼\\u0000\"");
}

TEST(Json, KnowsADocument) {
    for (const std::string_view text : {"{}", "[]", "0", "-1.5e+3", " null ", "\"삼\\u00e9\\n\"",
                                        R"({"a":[1,{"b":true}],"c":"\""})", "[ 1 , 2 ]"})
        EXPECT_TRUE(is_json(text)) << text;
    for (const std::string_view text :
         {"", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "-", "1e", "nul", "\"", "\"\\x\"",
          "\"\n\"", "\"\\u12\"", "[1] 2", "{\"a\":1,}", "\"\xff\"", "NaN", "[1}"})
        EXPECT_FALSE(is_json(text)) << text;
    EXPECT_FALSE(is_json(std::string(100, '[') + std::string(100, ']')));
}

TEST(Text, CountsKoreanAsTwoColumns) {
    EXPECT_EQ(display_width("삼성전자"), 8u);
    EXPECT_EQ(pad_right("삼성", 6), "삼성  ");
    EXPECT_EQ(clip("삼성전자", 5), "삼성…");
    EXPECT_EQ(with_commas(-1234567), "-1,234,567");
    EXPECT_EQ(with_commas(-123), "-123");
}

TEST(Text, JoinsHangulInPieces) { EXPECT_EQ(display_width("\u1109\u1161\u11B7"), 2u); }

TEST(Text, ShowsWhatATerminalWouldObey) {
    EXPECT_EQ(printable("삼성 a,b"), "삼성 a,b");
    EXPECT_EQ(printable("\x1b[31mred\a\n\t\x7f"), "\\x1b[31mred\\x07\\x0a\\x09\\x7f");
    EXPECT_EQ(printable("a\n\tb", "\n\t"), "a\n\tb");
    EXPECT_EQ(printable("\u009b2J"), "\\x9b2J");
    EXPECT_EQ(printable("csv.\u202Egpj \xFF"), "csv.\uFFFDgpj \uFFFD");
}

TEST(Text, FindsWhatEndsALine) {
    for (const std::string_view text : {"", "a", "a\nb", "a\r\nb", "a\r\r\nb", "a\nb\rc"})
        EXPECT_EQ(line_end_of(text), '\n') << printable(text);
    for (const std::string_view text : {"a\r", "a\rb", "a\rb\n", "a\rb\r\n", "a\r\rb"})
        EXPECT_EQ(line_end_of(text), '\r') << printable(text);
}

TEST(Text, NamesTheNearestWord) {
    constexpr std::string_view words[] = {"--show", "--strict", "--replace"};
    EXPECT_EQ(nearest_word("--shwo", words, 3), "--show");
    EXPECT_EQ(nearest_word("--replaced", words, 3), "--replace");
    EXPECT_EQ(nearest_word("--colour", words, 3), "");
    EXPECT_EQ(nearest_word("", words, 3), "");
}

TEST(Parallel, RunsEachIndexOnce) {
    std::vector<int> seen(1000);
    parallel_for(seen.size(), 2, [&](std::size_t i, unsigned) { ++seen[i]; });
    for (const int count : seen) EXPECT_EQ(count, 1);
    EXPECT_THROW(parallel_for(10, 2, [](std::size_t, unsigned) { throw std::runtime_error{"x"}; }),
                 std::runtime_error);
}

TEST(Cpu, EachTargetCanBeChosen) {
    for (const CpuTarget target : available_cpu_targets()) {
        ASSERT_TRUE(set_cpu_target(target));
        EXPECT_EQ(active_cpu_target(), target);
        EXPECT_EQ(scalar_only(), target == CpuTarget::scalar);
    }
    ASSERT_TRUE(set_cpu_target(CpuTarget::best));
}

}  // namespace hsl
