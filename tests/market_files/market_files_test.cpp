// SPDX-License-Identifier: Apache-2.0

// What becomes of every market file of the shared collection, against a table that was checked by
// hand and by an independent count. The files themselves are not part of the repository: without
// them the test says so and is skipped. To see the outcomes as the table would have them:
//   HSL_WRITE_TABLE=/tmp/outcomes.tsv market_files_tests

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/parquet/table_file.hpp"
#include "service/read_file.hpp"
#include "../support/bundled.hpp"

namespace hsl::tests {
namespace {

namespace fs = std::filesystem;

fs::path collection() { return repository().parent_path() / "shared" / "data"; }
fs::path table_path() { return repository() / "tests/market_files/outcomes.tsv"; }

// Sets that hold no market data: expected values of indicators and measures.
bool is_market_data(const fs::path& path) {
    const std::string first = path.begin()->string();
    if (first.starts_with("golden_") || std::distance(path.begin(), path.end()) < 2) return false;
    return !path.filename().string().starts_with("LICENSE");
}

std::vector<std::string> market_files() {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator{collection()}) {
        const fs::path path = entry.path().lexically_relative(collection());
        if (entry.is_regular_file() && is_market_data(path)) files.push_back(path.string());
    }
    std::ranges::sort(files);
    return files;
}

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
    std::string text;
    for (const auto& [rule, count] : counts)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", rule, count);
    return text.empty() ? "-" : text;
}

// "path lines accepted repaired quarantined dropped symbols columns from to", or the refusal.
std::string outcome_of(const std::string& path, const store::MarketFile& file) {
    if (file.error) return fmt::format("{}\trefused\t{}", path, file.error->message);
    std::map<std::string, std::int64_t> quarantined;
    std::int64_t accepted = file.data_lines;
    for (const auto& row : file.quarantined)
        if (row.line > 0) {
            ++quarantined[row.reason];
            --accepted;
        }
    for (const auto& [reason, count] : file.dropped) accepted -= count;
    std::size_t bars = 0, values = 0;
    for (const auto& series : file.prices) bars += series.bars.size();
    for (const auto& column : file.facts.columns) values += column.rows.size();
    EXPECT_GE(accepted, 0) << path;
    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", path, file.data_lines,
                       accepted, counts_text(file.repaired), counts_text(quarantined),
                       counts_text(file.dropped), file.prices.size(), bars, values,
                       file.facts.listings.size(), file.facts.actions.size(),
                       file.first ? file.first->iso() : "-", file.last ? file.last->iso() : "-");
}

// The outcomes of one file: one, or one a member.
std::vector<std::string> outcomes_of(const std::string& path) {
    static const auto parse = adapters::market_file_parser(adapters::read_parquet_table);
    const auto bytes = must(service::read_bytes(collection() / path));
    auto files = parse(path, bytes, {});
    if (!files) {
        store::MarketFile refused;
        refused.error = files.error();
        return {outcome_of(path, refused)};
    }
    std::vector<std::string> out;
    for (const store::MarketFile& file : *files) out.push_back(outcome_of(file.path, file));
    return out;
}

// Path of a line of the table, without the member of an archive.
std::string file_of(const std::string& line) {
    const std::string path = line.substr(0, line.find('\t'));
    return path.substr(0, path.find(':'));
}

std::map<std::string, std::vector<std::string>> expected_outcomes() {
    std::map<std::string, std::vector<std::string>> expected;
    std::ifstream in{table_path()};
    for (std::string line; std::getline(in, line);)
        if (!line.empty() && line.front() != '#') expected[file_of(line)].push_back(line);
    return expected;
}

class MarketFiles : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::is_directory(collection()))
            GTEST_SKIP() << "NOT TESTED: no collection of market files at " << collection();
    }
};

TEST_F(MarketFiles, EachBecomesWhatTheTableSays) {
    const auto expected = expected_outcomes();
    const char* target = std::getenv("HSL_WRITE_TABLE");
    std::ofstream written{target != nullptr ? target : "/dev/null"};
    for (const std::string& path : market_files()) {
        const std::vector<std::string> outcomes = outcomes_of(path);
        for (const std::string& outcome : outcomes) written << outcome << '\n';
        const auto row = expected.find(path);
        if (row != expected.end()) EXPECT_EQ(outcomes, row->second) << path;
    }
}

TEST_F(MarketFiles, AreAllInTheTable) {
    const auto expected = expected_outcomes();
    std::set<std::string> present;
    for (const std::string& path : market_files()) {
        present.insert(path);
        EXPECT_TRUE(expected.contains(path)) << "not in " << table_path() << ": " << path;
    }
    for (const auto& [path, lines] : expected)
        EXPECT_TRUE(present.contains(path)) << "no such file any more: " << path;
}

}  // namespace
}  // namespace hsl::tests
