// SPDX-License-Identifier: Apache-2.0
#include "configuration/configuration.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hsl::configuration {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(Configuration, HoldsTextsListsAndSectionsByTheirWholeNames) {
    const auto read = parse("hsl.toml",
                            "store = \"/data/hsl\"\n[data]\nsources = [\"krx\", \"\"]\n"
                            "[collect]\nrate = 5\n[collect.openapi]\nkey = \"k\"\n");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->text("store"), "/data/hsl");
    EXPECT_THAT(read->list("data.sources"), ElementsAre("krx", ""));
    EXPECT_THAT(read->section("collect"), ElementsAre(Pair("openapi.key", "k"), Pair("rate", "5")));
    EXPECT_EQ(read->text("data.nothing"), std::nullopt);
    EXPECT_TRUE(read->list("data.nothing").empty());
}

TEST(Configuration, NamesTheLineOfAMistake) {
    for (const auto& [text, line, words] :
         {std::tuple{"stor = \"x\"\n", 1, "did you mean store?"},
          std::tuple{"[data]\nsource = [\"a\"]\n", 2, "did you mean data.sources?"},
          std::tuple{"[data]\nsources = \"a\"\n", 2, "is a list"},
          std::tuple{"\nstore = [\"a\"]\n", 2, "is one folder"},
          std::tuple{"store = \"\"\n", 1, "is one folder"},
          std::tuple{"[data]\n\nsources = [[1]]\n", 3, "list of texts"},
          std::tuple{"store = 2020-01-02\n", 1, "is a text"}, std::tuple{"a = \n", 1, ""}}) {
        const auto read = parse("hsl.toml", text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().line, line) << text << read.error().text();
        EXPECT_EQ(read.error().file, "hsl.toml");
        EXPECT_THAT(read.error().message, HasSubstr(words));
    }
}

TEST(Configuration, IsFoundByOptionThenEnvironmentThenHome) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("hsl-config-{}", ::getpid());
    fs::create_directories(folder / ".config" / "hsl");
    const auto write = [&](const fs::path& path, const char* store) {
        std::ofstream{folder / path} << "store = \"" << store << "\"\n";
        return (folder / path).string();
    };
    ::unsetenv("HSL_CONFIG");
    ::unsetenv("XDG_CONFIG_HOME");
    EXPECT_EQ(read("", folder)->file, "") << "nothing there, nothing said";
    write(".config/hsl/hsl.toml", "home");
    EXPECT_EQ(read("", folder)->text("store"), "home");
    ::setenv("HSL_CONFIG", write("env.toml", "env").c_str(), 1);
    EXPECT_EQ(read("", folder)->text("store"), "env");
    EXPECT_EQ(read(write("asked.toml", "asked"), folder)->text("store"), "asked");
    const auto gone = read((folder / "gone.toml").string(), folder);
    ASSERT_FALSE(gone);
    EXPECT_THAT(gone.error().text(), HasSubstr("gone.toml: no such file; --config"));
    EXPECT_THAT(read(folder.string(), "").error().text(), HasSubstr("directory"));
    std::ofstream{folder / "big.toml"} << std::string(100'000, '#');
    EXPECT_THAT(read((folder / "big.toml").string(), "").error().text(), HasSubstr("64 KiB"));
    ::unsetenv("HSL_CONFIG");
    fs::remove_all(folder);
}

}  // namespace
}  // namespace hsl::configuration
