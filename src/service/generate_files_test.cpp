// SPDX-License-Identifier: Apache-2.0
#include "service/generate_files.hpp"

#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hsl::service {
namespace {

namespace fs = std::filesystem;

class GenerateFiles : public testing::Test {
protected:
    void TearDown() override { fs::remove_all(folder_); }
    std::vector<std::string> lines(const std::string& name) const {
        std::ifstream file{folder_ / name};
        std::vector<std::string> all;
        for (std::string line; std::getline(file, line);) all.push_back(line);
        return all;
    }
    fs::path folder_ = fs::temp_directory_path() / ("hsl_files_" + std::to_string(getpid()));
};

TEST_F(GenerateFiles, WriteAFileASymbolAndTheList) {
    const auto report =
        generate_files(folder_, {.symbols = 12, .sessions = 200, .plants = {.split = true}}, false);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->symbols, 12);
    EXPECT_EQ(lines("listings.csv").size(), 13u);
    EXPECT_EQ(lines("listings.csv").front(), "code,name,market,sector,shares,from,to");
    EXPECT_GE(lines("actions.csv").size(), 2u);
    std::int64_t rows = 0;
    for (const auto& entry : fs::directory_iterator{folder_})
        if (entry.path().filename().string().size() == 10)
            rows += static_cast<std::int64_t>(lines(entry.path().filename().string()).size()) - 1;
    EXPECT_EQ(rows, report->rows);
    EXPECT_FALSE(generate_files(folder_, {.symbols = 1, .sessions = 10}, false))
        << "a folder with files in it";
}

TEST_F(GenerateFiles, PlantOneBadRowOfEachKindWhereTheListSays) {
    const auto report = generate_files(folder_, {.symbols = 3, .sessions = 400}, true);
    ASSERT_TRUE(report) << report.error().text();
    std::set<std::string> kinds;
    for (const BadRow& row : report->bad_rows) {
        kinds.insert(row.kind);
        EXPECT_EQ(row.file, report->bad_rows.front().file);
    }
    EXPECT_EQ(kinds.size(), 14u);
    EXPECT_EQ(report->bad_rows.size(), 15u) << "both rows of a repeat";
    EXPECT_EQ(lines("bad-rows.list").size(), 16u);
    const auto file = lines(report->bad_rows.front().file);
    EXPECT_EQ(file.size(), 402u);
    for (const BadRow& row : report->bad_rows)
        if (row.kind == "unreadable_number") {
            EXPECT_THAT(file[static_cast<std::size_t>(row.line - 1)], testing::EndsWith(",many"));
        }
    EXPECT_FALSE(generate_files(folder_ / "more", {.symbols = 1, .sessions = 100}, true));
}

}  // namespace
}  // namespace hsl::service
