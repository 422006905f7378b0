// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace hsl {
namespace {

TEST(JsonReader, KeepsTheBytesOfEachValue) {
    const std::string text = R"({"rows": [ {"a":"1,234","b":-0.5e3}, null , {"a":""} ], "t":true})";
    const auto document = JsonDocument::read(text);
    ASSERT_TRUE(document);
    const auto rows = document->root().find("rows");
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 3U);
    const auto first = rows->children().front();
    EXPECT_EQ(first.raw(), R"({"a":"1,234","b":-0.5e3})");
    EXPECT_EQ(first.find("a")->text(), "1,234");
    EXPECT_EQ(first.find("b")->text(), "-0.5e3");
    EXPECT_FALSE(first.find("c"));
    EXPECT_EQ(rows->children()[1].kind(), JsonKind::null);
    EXPECT_EQ(rows->children()[2].find("a")->text(), "");
    EXPECT_EQ(document->root().find("t")->text(), "true");
}

TEST(JsonReader, ReadsEscapes) {
    const auto document =
        JsonDocument::read("\xEF\xBB\xBF[\"\\uc0bc\\uc131 \\ud83d\\ude00 \\\"\\/\\n\\ud800x\"]");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().children().front().text(), "삼성 😀 \"/\n\xEF\xBF\xBDx");
}

TEST(JsonReader, RefusesWhatIsNoDocument) {
    for (const char* text : {"", "{", "[1,]", "{\"a\"}", "01", "[1] 2", "\"a", "nul", "[\"\\x\"]",
                             "[\"\t\"]", "1.", "-", "[\"\\u12\"]"})
        EXPECT_FALSE(JsonDocument::read(text)) << text;
    std::string deep(100, '[');
    deep += std::string(100, ']');
    EXPECT_FALSE(JsonDocument::read(deep));
}

// The writer's own judge is a second reading of the same rules.
TEST(JsonReader, AgreesWithTheJudgeOfDocuments) {
    const std::string alphabet = "{}[]\",:\\u0a1-.eE+ tfn";
    std::uint64_t state = 7;  // a failure repeats by itself
    for (int i = 0; i < 200'000; ++i) {
        std::string text;
        for (std::uint64_t n = (state >> 20) % 9; n > 0; --n) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            text += alphabet[(state >> 33) % alphabet.size()];
        }
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        EXPECT_EQ(JsonDocument::read(text).has_value(), is_json(text)) << text;
    }
}

}  // namespace
}  // namespace hsl
