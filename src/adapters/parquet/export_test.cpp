// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/export.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "adapters/parquet/parquet_store.hpp"
#include "store/test_bars.hpp"

namespace hsl::adapters {
namespace {

namespace fs = std::filesystem;
using store::bars_for_test;
using store::incoming_for_test;
using testing::HasSubstr;

class Export : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "hsl-export-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        store_ = open_parquet_store(folder_ / "store", true).value();
    }
    void TearDown() override { fs::remove_all(folder_); }

    static std::string text_of(const fs::path& path) {
        std::ifstream file{path, std::ios::binary};
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    std::string write(store::Incoming incoming) {
        return store_->open_writer().value()->write(std::move(incoming), {}, {}).value().version;
    }
    // Three days of one share and two of an index, a name and a column with a hole.
    std::string fill() {
        const Date day = Date::from_civil(2024, 3, 4);
        auto samsung = incoming_for_test("005930", {});
        samsung.bars = {{day, 100, 120, 90, 110, 1000, 5000},
                        {day + 1, 110, 115, 105, 108, 0},
                        {day + 2, 108, 108, 108, 108, 7, 756}};
        samsung.lines.clear();
        store::Facts facts;
        facts.listings = {{.symbol = "005930", .name = "삼성전자, 보통"}};
        facts.columns = {{"005930", "per", {{day, day, 12.5}, {day + 2, day + 2, 0.1}}}};
        return write({.symbols = {samsung}, .facts = facts});
    }

    fs::path folder_;
    std::unique_ptr<store::BarStore> store_;
};

TEST_F(Export, WritesCommaSeparatedRowsWithNamedColumns) {
    const std::string version = fill();
    const auto report = export_bars(*store_, folder_ / "all.csv",
                                    {.format = ExportFormat::csv, .columns = {"per"}}, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->rows, 3);
    EXPECT_EQ(report->version, version);
    EXPECT_EQ(text_of(folder_ / "all.csv"),
              "\"symbol\",\"name\",\"date\",\"open\",\"high\",\"low\",\"close\",\"volume\","
              "\"value\",\"source\",\"per\"\n"
              "\"005930\",\"삼성전자, 보통\",2024-03-04,100,120,90,110,1000,5000,\"\",12.5\n"
              "\"005930\",\"삼성전자, 보통\",2024-03-05,110,115,105,108,0,,\"\",\n"
              "\"005930\",\"삼성전자, 보통\",2024-03-06,108,108,108,108,7,756,\"\",0.1\n");
}

// A split of 2:1 on the third day, known from the second on; and one that nobody confirmed.
TEST_F(Export, WritesPricesAsSomebodySeesThemOnADay) {
    fill();
    const Date day = Date::from_civil(2024, 3, 4);
    store::Facts facts;
    facts.actions = {{.symbol = "005930",
                      .kind = market::ActionKind::split,
                      .ex_date = day + 2,
                      .shares_after = 2,
                      .announced = day + 1,
                      .state = market::ActionState::confirmed},
                     {.symbol = "005930",
                      .kind = market::ActionKind::split,
                      .ex_date = day + 1,
                      .shares_after = 10,
                      .announced = day,
                      .state = market::ActionState::proposed}};
    write({.facts = facts});
    const auto text = [&](std::optional<Date> as_of) {
        const auto report =
            export_bars(*store_, folder_ / "a.csv",
                        {.format = ExportFormat::csv, .adjusted = true, .as_of = as_of}, {});
        EXPECT_TRUE(report) << report.error().text();
        return text_of(folder_ / "a.csv");
    };
    EXPECT_THAT(text({}), testing::AllOf(HasSubstr(",2024-03-04,50,60,45,55,2000,5000,"),
                                         HasSubstr(",2024-03-05,55,58,53,54,0,,"),
                                         HasSubstr(",2024-03-06,108,108,108,108,7,756,")));
    EXPECT_THAT(text(day + 1), testing::AllOf(HasSubstr(",2024-03-04,100,120,90,110,1000,5000,"),
                                              testing::Not(HasSubstr("2024-03-06"))));
    auto vendor = incoming_for_test("000660", bars_for_test(3, 1));
    vendor.basis = market::Basis::adjusted;
    write({.symbols = {vendor}});
    const auto refused = export_bars(*store_, folder_ / "b.csv",
                                     {.format = ExportFormat::csv, .adjusted = true}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(refused.error().message, HasSubstr("000660"));
    EXPECT_FALSE(fs::exists(folder_ / "b.csv"));
}

TEST_F(Export, WritesPricesWithDecimalsWhereThereAreSome) {
    auto index = incoming_for_test("KOSPI", {});
    index.instrument.scale = 2;
    index.bars = {{Date::from_civil(2024, 3, 4), 250'005, 260'000, 250'000, 255'050, 1}};
    index.lines.clear();
    write({.symbols = {index}});
    ASSERT_TRUE(export_bars(*store_, folder_ / "i.csv", {.format = ExportFormat::csv}, {}));
    EXPECT_THAT(text_of(folder_ / "i.csv"),
                HasSubstr("\"KOSPI\",2024-03-04,2500.05,2600,2500,2550.5,1,,\"\"\n"));
}

TEST_F(Export, WritesAnOlderVersionAndAFileASymbol) {
    const std::string old = fill();
    write({.symbols = {incoming_for_test("000660", bars_for_test(4, 2))}});
    const auto report =
        export_bars(*store_, folder_ / "each",
                    {.format = ExportFormat::csv, .bars = {.at = old}, .file_a_symbol = true}, {});
    ASSERT_TRUE(report) << report.error().text();
    ASSERT_EQ(report->files.size(), 1u);
    EXPECT_EQ(report->files[0], folder_ / "each" / "005930.csv");
    const auto all = export_bars(*store_, folder_ / "each", {.file_a_symbol = true}, {}).value();
    EXPECT_EQ(all.files.size(), 2u);
    EXPECT_TRUE(fs::exists(folder_ / "each" / "000660.parquet"));
}

TEST_F(Export, LeavesNothingHalfWritten) {
    fill();
    EXPECT_EQ(export_bars(*store_, folder_ / "no" / "x.csv", {.format = ExportFormat::csv}, {})
                  .error()
                  .code,
              ErrorCode::io);
    std::stop_source source;
    source.request_stop();
    const auto stopped =
        export_bars(*store_, folder_ / "x.parquet", {}, {.report = {}, .stop = source.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_FALSE(fs::exists(folder_ / "x.parquet"));
    EXPECT_FALSE(fs::exists(folder_ / "x.parquet.new"));
    EXPECT_EQ(parse_export_format("xls").error().code, ErrorCode::bad_usage);
}

// other_readers.py beside this file, in the environment of `./dev setup`.
TEST_F(Export, IsReadByPandasPolarsAndDuckDbAsTheStoresOwnFilesAre) {
    const char* source = std::getenv("HSL_SOURCE_DIR");
    const fs::path root = source != nullptr ? source : ".";
    const fs::path python = root / "build/venv/bin/python3";
    const std::string probe =
        fmt::format("'{}' -c 'import pandas, polars, duckdb' 2>/dev/null", python.string());
    if (std::system(probe.c_str()) != 0)
        GTEST_SKIP() << "pandas, polars and DuckDB are not in build/venv; ./dev setup brings them";
    store::Incoming incoming;
    store::Facts& facts = incoming.facts;
    std::int64_t closes = 0;
    double values = 0;
    std::size_t rows = 0;
    for (int i = 0; i < 5; ++i) {
        auto symbol = incoming_for_test(fmt::format("{:06}", 100 + i * 10),
                                        bars_for_test(100, static_cast<std::uint64_t>(i)));
        market::ColumnSeries per{symbol.instrument.symbol, "per", {}};
        for (const market::Bar& bar : symbol.bars) {
            closes += bar.close;
            per.rows.push_back({bar.date, bar.date, static_cast<double>(i) + 0.25});
            values += per.rows.back().value;
            ++rows;
        }
        facts.columns.push_back(std::move(per));
        incoming.symbols.push_back(std::move(symbol));
    }
    write(std::move(incoming));
    for (const auto format : {ExportFormat::parquet, ExportFormat::arrow, ExportFormat::csv})
        ASSERT_TRUE(export_bars(*store_, folder_ / ("all" + std::string{extension_of(format)}),
                                {.format = format, .columns = {"*"}}, {}));
    const auto only_file = [&](const char* kind) {
        return fs::directory_iterator { folder_ / "store" / kind } -> path().string();
    };
    const std::string command =
        fmt::format("'{}' '{}' '{}' '{}' '{}'", python.string(),
                    (root / "src/adapters/parquet/other_readers.py").string(), only_file("bars"),
                    only_file("columns"), (folder_ / "all").string());
    FILE* pipe = ::popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string output;
    for (std::array<char, 256> line{}; std::fgets(line.data(), line.size(), pipe) != nullptr;)
        output += line.data();
    ASSERT_EQ(::pclose(pipe), 0) << output;
    const auto bars = bars_for_test(100, 0);
    std::size_t lines = 0;
    std::stringstream text{output};
    for (std::string line; std::getline(text, line); ++lines) {
        std::stringstream words{line};
        std::string reader, kind, first, last;
        std::size_t found = 0, symbols = 0;
        double sum = 0;
        words >> reader >> kind >> found >> symbols >> first >> last >> sum;
        EXPECT_EQ(found, rows) << line;
        EXPECT_EQ(symbols, 5u) << line;
        EXPECT_EQ(first, bars.front().date.iso()) << line;
        EXPECT_EQ(last, bars.back().date.iso()) << line;
        const bool is_price = kind == "bars" || kind.ends_with(".close");
        EXPECT_EQ(sum, is_price ? static_cast<double>(closes) : values) << line;
    }
    EXPECT_EQ(lines, 22u);
}

}  // namespace
}  // namespace hsl::adapters
