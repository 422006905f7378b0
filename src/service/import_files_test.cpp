// SPDX-License-Identifier: Apache-2.0
#include "service/import_files.hpp"

#include <atomic>
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
using store::MarketFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::atomic<int> parsed_files = 0;

// The least a parser can do: a line is "2020-01-02 CLOSE [VALUE]", in a file of a whole market
// "2020-01-02 CLOSE CODE"; "bad" is quarantined, "per 9" a further column, "refuse" refuses. "--"
// begins another member, as of an archive.
MarketFile parse_member(const std::string& name, std::string_view bytes,
                        const store::ReadHints& hints) {
    MarketFile file;
    file.path = name;
    const std::string own = hints.symbol.empty()
                                ? market::symbol_from_path(name.substr(name.find(':') + 1))
                                : hints.symbol;
    std::map<std::string, store::PriceSeries> series;
    auto lines_of = std::make_shared<std::vector<std::string>>();
    std::istringstream lines{std::string{bytes}};
    for (std::string line; std::getline(lines, line);) {
        lines_of->push_back(line);
        if (line.empty()) continue;
        const auto number = static_cast<std::int64_t>(lines_of->size());
        if (line == "refuse") {
            file.error = Error{.code = ErrorCode::bad_data, .message = "refused", .file = name};
            return file;
        }
        ++file.data_lines;
        std::istringstream words{line};
        std::string date, code;
        std::int64_t close = 0;
        words >> date;
        if (date == "per") {
            file.facts.columns.push_back({own, "per", {{*parse_date("2020-01-02"), {}, 9}}});
            continue;
        }
        if (!(words >> close)) {
            file.quarantined.push_back(
                {.symbol = own, .file = name, .line = number, .reason = "bad", .source = line});
            continue;
        }
        words >> code;
        const bool whole = market::is_krx_code(code);
        const std::string symbol = whole ? code : own;
        store::PriceSeries& one = series[symbol];
        one.instrument = market::instrument_for(symbol);
        if (hints.market != market::Market::unknown) one.instrument.market = hints.market;
        one.bars.push_back(
            {.date = *parse_date(date),
             .open = close,
             .high = close,
             .low = close,
             .close = close,
             .volume = 1,
             .value = whole || code.empty() ? market::Bar::value_missing : std::stoll(code)});
        one.lines.push_back(number);
        const Date day = one.bars.back().date;
        file.first = file.first ? std::min(*file.first, day) : day;
        file.last = file.last ? std::max(*file.last, day) : day;
    }
    for (auto& [symbol, one] : series) file.prices.push_back(std::move(one));
    file.source_of = [lines_of](std::int64_t line) {
        return (*lines_of)[static_cast<std::size_t>(line - 1)];
    };
    return file;
}

Result<std::vector<MarketFile>> parse_for_test(std::string_view name, std::string_view bytes,
                                               const store::ReadHints& hints) {
    ++parsed_files;
    std::vector<MarketFile> files;
    std::size_t cut = bytes.find("--\n");
    if (cut == std::string_view::npos) {
        files.push_back(parse_member(std::string{name}, bytes, hints));
        if (files[0].error) return std::unexpected(*files[0].error);
        return files;
    }
    for (int member = 0;; ++member) {
        const std::string member_name = fmt::format("{}:{}.csv", name, 100'000 + 10 * member);
        files.push_back(parse_member(member_name, bytes.substr(0, cut), hints));
        if (cut == std::string_view::npos) return files;
        bytes.remove_prefix(std::min(cut + 3, bytes.size()));
        cut = bytes.find("--\n");
    }
}

class ImportFiles : public testing::Test {
protected:
    ImportFiles()
        : folder_(fs::temp_directory_path() / fmt::format("hsl-import-test-{}", ::getpid())),
          store_(store::in_memory_store()) {
        fs::create_directories(folder_);
    }
    ~ImportFiles() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& text) {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }
    ImportReport import(const std::vector<fs::path>& files, const ImportOptions& options = {},
                        const store::ReadHints& hints = {}) {
        auto report = import_files(*store_, parse_for_test, import_sources(files, hints), options);
        EXPECT_TRUE(report) << report.error().text();
        if (!report) return {};
        for (const ImportedFile& file : report->files) {
            std::int64_t sum = file.accepted;
            for (const auto& [reason, count] : file.quarantined) sum += count;
            for (const auto& [reason, count] : file.dropped) sum += count;
            EXPECT_EQ(sum, file.data_lines) << file.path;
            EXPECT_GE(file.accepted, 0) << file.path;
        }
        return std::move(*report);
    }
    // "005930 2020-01-02 100, ..." of everything the store holds.
    std::string held() {
        const auto table = store_->read({.every_source = true});
        if (!table) return table.error().text();
        std::string text;
        for (const auto& range : table->symbols)
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                text +=
                    fmt::format("{}{}{} {} {}", text.empty() ? "" : ", ", range.instrument.symbol,
                                range.source.empty() ? "" : "/" + range.source,
                                Date{table->date[row]}.iso(), table->close[row]);
        return text;
    }

    fs::path folder_;
    std::unique_ptr<store::BarStore> store_;
};

TEST_F(ImportFiles, FilesOfOneSymbolMakeOneSeries) {
    const auto report = import({write("005930.csv", "2020-01-03 110\n2020-01-06 120\n"),
                                write("A005930.csv", "2020-01-02 100\n2020-01-03 110\n")});
    EXPECT_EQ(held(), "005930 2020-01-02 100, 005930 2020-01-03 110, 005930 2020-01-06 120");
    EXPECT_EQ(report.added, 3);
    EXPECT_EQ(report.files[0].accepted, 2);
    EXPECT_EQ(report.files[1].accepted, 1);
    EXPECT_THAT(report.files[1].dropped, ElementsAre(Pair("equal_repeat", 1)));
    EXPECT_EQ(report.files[1].to->iso(), "2020-01-02");
    EXPECT_THAT(report.quarantined, IsEmpty());
    ASSERT_EQ(report.agreements.size(), 1u);
    EXPECT_EQ(report.agreements[0].pairs[0].equal, 1);
}

TEST_F(ImportFiles, ConflictingRowsOfSeveralFilesAreAllSetAside) {
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

TEST_F(ImportFiles, SeriesOfDifferentSourcesStandSideBySide) {
    import({write("a/005930.csv", "2020-01-02 100\n")}, {}, {.source = "krx"});
    const auto report =
        import({write("b/005930.csv", "2020-01-02 101\n")}, {}, {.source = "naver"});
    EXPECT_EQ(held(), "005930/krx 2020-01-02 100, 005930/naver 2020-01-02 101");
    EXPECT_THAT(report.quarantined, IsEmpty());
}

TEST_F(ImportFiles, AFileOfAWholeMarketCountsItsSymbols) {
    const auto report = import(
        {write("market.csv",
               "2020-01-02 100 005930\n2020-01-02 200 000660\n2020-01-03 110 005930\nbad\n")});
    EXPECT_EQ(held(), "000660 2020-01-02 200, 005930 2020-01-02 100, 005930 2020-01-03 110");
    EXPECT_EQ(report.files[0].symbol, "");
    EXPECT_EQ(report.files[0].symbols, 2);
    EXPECT_EQ(report.files[0].accepted, 3);
    EXPECT_EQ(report.files[0].to->iso(), "2020-01-03");
}

TEST_F(ImportFiles, EachMemberOfAnArchiveIsAFileOfItsOwn) {
    const fs::path zip =
        write("a.zip", "2020-01-02 1\n--\nrefuse\n--\n2020-01-02 2\n2020-01-03 3\n");
    const auto report = import({zip, write("100000.csv", "2020-01-02 7\n")});
    ASSERT_EQ(report.files.size(), 4u);
    EXPECT_EQ(report.files[0].path, zip.string() + ":100000.csv");
    EXPECT_EQ(report.files[0].quarantined.at("conflicting_repeat"), 1);
    EXPECT_TRUE(report.files[1].error);
    EXPECT_EQ(report.files[2].accepted, 2);
    ASSERT_EQ(report.quarantined.size(), 2u);
    EXPECT_EQ(report.quarantined[0].source, "2020-01-02 1");
    EXPECT_EQ(held(), "100020 2020-01-02 2, 100020 2020-01-03 3");
}

TEST_F(ImportFiles, ARowThatBringsMoreThanItsBarIsNoRepeat) {
    const auto report = import({write("a/005930.csv", "2020-01-02 100\n"),
                                write("b/005930.csv", "2020-01-02 100\nper 9\n")});
    EXPECT_EQ(report.files[1].accepted, 2);
    EXPECT_EQ(report.facts_changed, 1);
    EXPECT_EQ(store_->facts({.columns = {"per"}})->columns.front().rows.front().value, 9);
}

TEST_F(ImportFiles, AKnownTradedValueIsNoConflictWithAnUnknownOne) {
    import({write("a/005930.csv", "2020-01-02 100\n"),
            write("b/005930.csv", "2020-01-02 100 500\n"),
            write("c/005930.csv", "2020-01-02 100\n")});
    EXPECT_THAT(store_->read({})->value, ElementsAre(500));
}

TEST_F(ImportFiles, RowsThatDifferFromTheStoreNameTheirOwnFileAndLine) {
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

TEST_F(ImportFiles, ADryRunSaysWhatWouldHappenAndWritesNothing) {
    import({write("old/005930.csv", "2020-01-02 100\n2020-01-03 110\n")});
    const std::string before = held();
    const std::vector files{write("a/005930.csv", "2020-01-03 111\n2020-01-06 120\n"),
                            write("b/000660.csv", "2020-01-06 120\nbad\n")};
    const auto dry = import(files, {.dry_run = true});
    EXPECT_EQ(held(), before);
    EXPECT_EQ(store_->quarantine_count().value(), 0);
    EXPECT_EQ(dry.version, "");
    const auto wet = import(files);
    EXPECT_EQ(dry.added, wet.added);
    ASSERT_EQ(dry.quarantined.size(), wet.quarantined.size());
    EXPECT_EQ(dry.quarantined[0].detail, wet.quarantined[0].detail);
    EXPECT_EQ(dry.files[0].accepted, wet.files[0].accepted);
}

TEST_F(ImportFiles, ALineIsReadAgainOnlyWhenItIsAskedFor) {
    const std::vector files{write("a/005930.csv", "2020-01-02 100\n"),
                            write("b/005930.csv", "2020-01-02 100\n")};
    parsed_files = 0;
    import(files);
    EXPECT_EQ(parsed_files, 2);
    parsed_files = 0;
    import({write("c/005930.csv", "2020-01-02 100\n2020-01-03 7\n"),
            write("d/005930.csv", "2020-01-03 8\n2020-01-06 1\n"),
            write("e/005930.csv", "2020-01-06 2\n")});
    EXPECT_EQ(parsed_files, 6) << "four rows in quarantine, three files understood once more";
}

TEST_F(ImportFiles, ASourceThatComesOnceKeepsItsLines) {
    int reads = 0;
    const ImportSource once{.path = "stdin",
                            .read =
                                [&](const Progress&) {
                                    ++reads;
                                    return Result<std::string>{"2020-01-02 100 005930\n"};
                                },
                            .again = false};
    auto sources = import_sources({write("005930.csv", "2020-01-02 101\n")}, {});
    sources.push_back(once);
    const auto report = import_files(*store_, parse_for_test, sources, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(reads, 1);
    ASSERT_EQ(report->quarantined.size(), 2u);
    EXPECT_EQ(report->quarantined[1].source, "2020-01-02 100 005930");
}

TEST_F(ImportFiles, AnotherMarketIsToldAndTakesNoRowAway) {
    const fs::path file = write("005930.csv", "2020-01-02 100\n");
    import({file}, {}, {.market = market::Market::kospi});
    const auto report = import({file}, {}, {.market = market::Market::kosdaq});
    EXPECT_EQ(report.files[0].accepted, 1);
    EXPECT_EQ(report.unchanged, 1);
    ASSERT_EQ(report.quarantined.size(), 1u);
    EXPECT_EQ(report.quarantined[0].reason, "market_differs");
    EXPECT_EQ(store_->symbols()->front().instrument.market, market::Market::kospi);
}

TEST_F(ImportFiles, ARefusedFileDoesNotStopTheOthers) {
    const auto report = import({write("000660.csv", "refuse\n"), folder_ / "gone.csv", folder_,
                                write("005930.csv", "2020-01-02 100\nbad\n")});
    EXPECT_EQ(report.files[0].error->text(), (folder_ / "000660.csv").string() + ": refused");
    EXPECT_THAT(report.files[1].error->text(), HasSubstr("No such file"));
    EXPECT_THAT(report.files[2].error->text(), HasSubstr("Is a directory"));
    EXPECT_EQ(report.files[3].accepted, 1);
    EXPECT_EQ(report.added, 1);
}

TEST_F(ImportFiles, ImportingTwiceChangesNothing) {
    const std::vector files{write("a/005930.csv", "2020-01-02 100\n2020-01-03 1\nbad\n"),
                            write("b/005930.csv", "2020-01-02 100\n2020-01-03 2\nper 9\n")};
    const auto first = import(files);
    const auto second = import(files);
    EXPECT_TRUE(first.changed);
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(second.version, first.version);
    EXPECT_EQ(second.added + second.replaced + second.facts_changed, 0);
    EXPECT_EQ(store_->quarantine_count().value(), 3);
}

TEST_F(ImportFiles, AnyOrderOfFilesGivesTheSameStore) {
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

TEST_F(ImportFiles, NothingGoesIntoAGeneratedMarket) {
    auto writer = store_->open_writer().value();
    store::Incoming generated;
    generated.symbols.push_back({.instrument = market::instrument_for("000010"),
                                 .bars = {{.date = *parse_date("2020-01-02"), .close = 1}}});
    writer->write(std::move(generated), {.generated = true}, {}).value();
    writer.reset();
    const auto report = import_files(
        *store_, parse_for_test, import_sources({write("005930.csv", "2020-01-02 100\n")}, {}), {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(report.error().message, HasSubstr("--store"));
}

TEST_F(ImportFiles, AStopLeavesTheStoreAsItWas) {
    std::stop_source stop;
    Progress progress{.report = {}, .stop = stop.get_token()};
    progress.report = [&](std::string_view, std::size_t, std::size_t) { stop.request_stop(); };
    const auto report =
        import_files(*store_, parse_for_test,
                     import_sources({write("005930.csv", "2020-01-02 100\n")}, {}), {}, progress);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::cancelled);
    EXPECT_EQ(held(), "");
    EXPECT_TRUE(store_->open_writer()) << "the right to write was given back";
}

}  // namespace
}  // namespace hsl::service
