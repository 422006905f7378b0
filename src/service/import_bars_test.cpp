// SPDX-License-Identifier: Apache-2.0
#include "service/import_bars.hpp"

#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/text.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using store::PriceFile;
using store::QuarantinedRow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// The least a parser can do: a line is "2020-01-02 CLOSE [VALUE]", "bad" is quarantined, "refuse"
// anywhere refuses the file.
Result<PriceFile> parse_for_test(std::string_view name, std::string_view bytes) {
    PriceFile file;
    file.path = name;
    file.instrument = market::instrument_for(market::symbol_from_path(name));
    std::istringstream lines{std::string{bytes}};
    std::int64_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty()) continue;
        ++file.data_lines;
        if (line == "refuse")
            return std::unexpected(
                Error{.code = ErrorCode::bad_data, .message = "refused", .file = file.path});
        std::istringstream words{line};
        std::string date;
        std::int64_t close = 0, value = market::Bar::value_missing;
        if (!(words >> date >> close)) {
            file.quarantined.push_back({.symbol = file.instrument.symbol,
                                        .file = file.path,
                                        .line = number,
                                        .reason = "bad",
                                        .detail = "it is bad",
                                        .source = line});
            continue;
        }
        words >> value;
        file.bars.push_back({.date = *parse_date(date),
                             .open = close,
                             .high = close,
                             .low = close,
                             .close = close,
                             .volume = 1,
                             .value = words ? value : market::Bar::value_missing});
        file.lines.push_back(number);
    }
    return file;
}

class ImportBars : public testing::Test {
protected:
    ImportBars()
        : folder_(fs::temp_directory_path() / fmt::format("hsl-import-test-{}", ::getpid())),
          store_(store::in_memory_store()) {
        fs::create_directories(folder_);
    }
    ~ImportBars() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& text) {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }
    ImportReport import(const std::vector<fs::path>& files, ImportOptions options = {}) {
        auto report = import_bars(*store_, parse_for_test, files, options);
        EXPECT_TRUE(report) << report.error().text();
        if (!report) return {};
        for (const ImportedFile& file : report->files) {
            std::int64_t sum = file.accepted;
            for (const auto& [reason, count] : file.quarantined) sum += count;
            for (const auto& [reason, count] : file.dropped) sum += count;
            EXPECT_EQ(sum, file.data_lines) << file.path;
            EXPECT_GE(file.accepted, 0) << file.path;
            EXPECT_EQ(file.from.has_value(), file.accepted > 0) << file.path;
        }
        return std::move(*report);
    }
    // "005930 2020-01-02 100, ..." of everything the store holds.
    std::string held() {
        const auto table = store_->read({});
        if (!table) return table.error().text();
        std::string text;
        for (const auto& range : table->symbols)
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", range.instrument.symbol,
                                    Date{table->date[row]}.iso(), table->close[row]);
        return text;
    }

    fs::path folder_;
    std::unique_ptr<store::BarStore> store_;
};

TEST_F(ImportBars, FilesOfOneSymbolMakeOneSeries) {
    const auto report = import({write("005930.csv", "2020-01-03 110\n2020-01-06 120\n"),
                                write("A005930.csv", "2020-01-02 100\n2020-01-03 110\n")});
    EXPECT_EQ(held(), "005930 2020-01-02 100, 005930 2020-01-03 110, 005930 2020-01-06 120");
    EXPECT_EQ(report.added, 3);
    EXPECT_EQ(report.files[0].accepted, 2);
    EXPECT_EQ(report.files[1].accepted, 1);
    EXPECT_THAT(report.files[1].dropped, ElementsAre(Pair("equal_repeat", 1)));
    EXPECT_EQ(report.files[1].to->iso(), "2020-01-02");
    EXPECT_THAT(report.quarantined, IsEmpty());
}

TEST_F(ImportBars, ConflictingRowsOfSeveralFilesAreAllSetAside) {
    const fs::path a = write("a/005930.csv", "2020-01-02 100\n2020-01-03 110\n");
    const fs::path b = write("b/005930.csv", "2020-01-03 111\n");
    const fs::path c = write("c/005930.csv", "\n2020-01-03 110\n2020-01-06 120\n");
    const auto report = import({a, b, c});
    EXPECT_EQ(held(), "005930 2020-01-02 100, 005930 2020-01-06 120");
    ASSERT_EQ(report.quarantined.size(), 3u);
    // Each names a row that differs from it, though the first and the last of the three are equal.
    EXPECT_EQ(report.quarantined[0].detail, fmt::format("close 110 here, 111 at {}:1", b.string()));
    EXPECT_EQ(report.quarantined[1].detail, fmt::format("close 111 here, 110 at {}:2", a.string()));
    EXPECT_EQ(report.quarantined[2].detail, fmt::format("close 110 here, 111 at {}:1", b.string()));
    EXPECT_EQ(report.quarantined[2].line, 2);
    EXPECT_EQ(report.quarantined[2].source, "2020-01-03 110");
    EXPECT_EQ(report.files[0].to->iso(), "2020-01-02");
    EXPECT_EQ(report.files[1].accepted, 0);
}

TEST_F(ImportBars, AKnownTradedValueIsNoConflictWithAnUnknownOne) {
    import({write("a/005930.csv", "2020-01-02 100\n"),
            write("b/005930.csv", "2020-01-02 100 500\n"),
            write("c/005930.csv", "2020-01-02 100\n")});
    EXPECT_THAT(store_->read({})->value, ElementsAre(500));
}

TEST_F(ImportBars, TwoKnownTradedValuesAreAConflictWhoeverComesFirst) {
    const auto report = import({write("a/005930.csv", "2020-01-02 100\n"),
                                write("b/005930.csv", "2020-01-02 100 500\n"),
                                write("c/005930.csv", "2020-01-02 100 501\n")});
    EXPECT_EQ(held(), "");
    ASSERT_EQ(report.quarantined.size(), 3u);
    EXPECT_THAT(report.quarantined[1].detail, HasSubstr("value 500 here, 501 at"));
}

TEST_F(ImportBars, RowsThatDifferFromTheStoreNameTheirOwnFileAndLine) {
    import({write("old/005930.csv", "2020-01-02 100\n2020-01-03 110\n")});
    const fs::path a = write("a/005930.csv", "2020-01-06 120\n");
    const fs::path b = write("b/005930.csv", "\n2020-01-03 111\n2020-01-07 130\n");
    const auto report = import({a, b});
    ASSERT_EQ(report.quarantined.size(), 1u);
    EXPECT_EQ(report.quarantined[0].file, b.string());
    EXPECT_EQ(report.quarantined[0].line, 2);
    EXPECT_EQ(report.quarantined[0].source, "2020-01-03 111");
    EXPECT_EQ(report.files[1].accepted, 1);
    EXPECT_EQ(report.files[1].from->iso(), "2020-01-07");

    const auto replaced = import({b}, {.replace = true});
    EXPECT_EQ(replaced.replaced, 1);
    EXPECT_THAT(held(), HasSubstr("2020-01-03 111"));
}

TEST_F(ImportBars, AnotherMarketIsToldAndTakesNoRowAway) {
    const fs::path file = write("005930.csv", "2020-01-02 100\n");
    import({file}, {.market = market::Market::kospi});
    const auto report = import({file}, {.market = market::Market::kosdaq});
    EXPECT_EQ(report.files[0].accepted, 1);
    EXPECT_EQ(report.unchanged, 1);
    ASSERT_EQ(report.quarantined.size(), 1u);
    EXPECT_EQ(report.quarantined[0].reason, "market_differs");
    EXPECT_EQ(store_->symbols()->front().instrument.market, market::Market::kospi);
}

TEST_F(ImportBars, TheMarketIsThatOfKoreanSharesOnly) {
    import({write("005930.csv", "2020-01-02 100\n"), write("AAPL.csv", "2020-01-02 100\n")},
           {.market = market::Market::kosdaq});
    EXPECT_EQ(store_->symbols()->at(0).instrument.market, market::Market::kosdaq);
    EXPECT_EQ(store_->symbols()->at(1).instrument.market, market::Market::foreign);
}

TEST_F(ImportBars, ARefusedFileDoesNotStopTheOthers) {
    const auto report = import({write("000660.csv", "refuse\n"), folder_ / "gone.csv", folder_,
                                write("005930.csv", "2020-01-02 100\nbad\n")});
    EXPECT_EQ(report.files[0].error->text(), (folder_ / "000660.csv").string() + ": refused");
    EXPECT_THAT(report.files[1].error->text(), HasSubstr("No such file"));
    EXPECT_THAT(report.files[2].error->text(), HasSubstr("Is a directory"));
    EXPECT_EQ(report.files[3].accepted, 1);
    EXPECT_EQ(report.added, 1);
}

TEST_F(ImportBars, ImportingTwiceChangesNothing) {
    const std::vector files{write("a/005930.csv", "2020-01-02 100\n2020-01-03 1\nbad\n"),
                            write("b/005930.csv", "2020-01-02 100\n2020-01-03 2\n")};
    const auto first = import(files);
    const auto second = import(files);
    EXPECT_TRUE(first.changed);
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(second.version, first.version);
    EXPECT_EQ(second.added + second.replaced, 0);
    EXPECT_EQ(store_->quarantine_count().value(), 3);
}

TEST_F(ImportBars, AnyOrderOfFilesGivesTheSameStore) {
    std::vector files{write("a/005930.csv", "2020-01-02 100\n2020-01-03 110\n"),
                      write("b/005930.csv", "2020-01-03 111\n2020-01-06 120\n"),
                      write("c/005930.csv", "2020-01-06 120 7\n2020-01-07 130\n")};
    std::ranges::sort(files);
    std::string version;
    do {
        store_ = store::in_memory_store();
        const std::string now = import(files).version;
        if (version.empty()) version = now;
        EXPECT_EQ(now, version);
        EXPECT_EQ(store_->quarantine_count().value(), 2);
    } while (std::ranges::next_permutation(files).found);
}

TEST_F(ImportBars, NothingGoesIntoAGeneratedMarket) {
    store_->open_writer().value()->write({}, {}, {}).value();
    auto writer = store_->open_writer().value();
    writer
        ->write({.symbols = {{.instrument = market::instrument_for("000010"),
                              .bars = {{.date = *parse_date("2020-01-02"), .close = 1}}}}},
                {.generated = true}, {})
        .value();
    writer.reset();
    const auto report =
        import_bars(*store_, parse_for_test, {write("005930.csv", "2020-01-02 100\n")}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(report.error().message, HasSubstr("--store"));
}

TEST_F(ImportBars, AStopLeavesTheStoreAsItWas) {
    std::stop_source stop;
    Progress progress{.report = {}, .stop = stop.get_token()};
    progress.report = [&](std::string_view, std::size_t, std::size_t) { stop.request_stop(); };
    const auto report = import_bars(*store_, parse_for_test,
                                    {write("005930.csv", "2020-01-02 100\n")}, {}, progress);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::cancelled);
    EXPECT_EQ(held(), "");
    EXPECT_TRUE(store_->open_writer()) << "the right to write was given back";
}

}  // namespace
}  // namespace hsl::service
