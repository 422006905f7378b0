// SPDX-License-Identifier: Apache-2.0
#pragma once

// The test that every BarStore passes. A store's own test is the few lines that name it:
//   INSTANTIATE_TEST_SUITE_P(InMemory, BarStoreContract, testing::Values(StoreCase{...}));

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "store/bar_store.hpp"
#include "store/test_bars.hpp"

namespace hsl::store {

struct StoreCase {
    std::string name;
    // Makes an empty store and returns what opens it: each call is one more user of the same store,
    // which lives as long as what opens it.
    std::function<std::function<std::shared_ptr<BarStore>()>()> make;

    friend void PrintTo(const StoreCase& store_case, std::ostream* out) { *out << store_case.name; }
};

class BarStoreContract : public testing::TestWithParam<StoreCase> {
protected:
    void SetUp() override {
        open_ = GetParam().make();
        store_ = open_();
        ASSERT_NE(store_, nullptr);
    }

    [[nodiscard]] BarStore& store() { return *store_; }
    [[nodiscard]] std::shared_ptr<BarStore> another_user() { return open_(); }

    Result<WriteSummary> write(std::vector<IncomingSymbol> symbols,
                               const WriteOptions& options = {},
                               std::vector<QuarantinedRow> quarantined = {},
                               const Progress& progress = {}) {
        return write_all({.symbols = std::move(symbols), .quarantined = std::move(quarantined)},
                         options, progress);
    }
    Result<WriteSummary> write_all(Incoming incoming, const WriteOptions& options = {},
                                   const Progress& progress = {}) {
        HSL_TRY(const std::unique_ptr<Writer> writer, store().open_writer());
        return writer->write(std::move(incoming), options, progress);
    }
    WriteSummary must_write_all(Incoming incoming) {
        auto summary = write_all(std::move(incoming));
        EXPECT_TRUE(summary) << summary.error().text();
        return summary ? std::move(*summary) : WriteSummary{};
    }
    WriteSummary must_write(std::vector<IncomingSymbol> symbols, const WriteOptions& options = {},
                            std::vector<QuarantinedRow> quarantined = {}) {
        auto summary = write(std::move(symbols), options, std::move(quarantined));
        if (!summary) {
            ADD_FAILURE() << summary.error().text();
            return {};
        }
        return std::move(*summary);
    }
    // Every row of the store, symbol by symbol, and the hash computed from them here.
    void expect_holds(std::vector<IncomingSymbol> expected) {
        std::ranges::sort(expected, {}, [](const auto& each) { return each.instrument.symbol; });
        const auto table = store().read({.threads = 2});
        ASSERT_TRUE(table) << table.error().text();
        ASSERT_EQ(table->symbols.size(), expected.size());
        std::size_t rows = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            EXPECT_EQ(table->symbols[i].instrument, expected[i].instrument);
            EXPECT_EQ(table->symbols[i].first, rows);
            EXPECT_EQ(bars_of(*table, i), expected[i].bars) << expected[i].instrument.symbol;
            rows += expected[i].bars.size();
        }
        EXPECT_EQ(table->rows(), rows);
        EXPECT_EQ(store().data_version().value(), version_of(*table));
    }

private:
    std::function<std::shared_ptr<BarStore>()> open_;
    std::shared_ptr<BarStore> store_;
};

TEST_P(BarStoreContract, IsEmptyAtFirst) {
    EXPECT_EQ(store().data_version().value(), "");
    EXPECT_EQ(store().read({.threads = 2}).value().rows(), 0u);
    EXPECT_TRUE(store().symbols().value().empty());
    EXPECT_TRUE(store().versions().value().empty());
    EXPECT_TRUE(store().quarantine({.limit = 10}).value().empty());
    EXPECT_EQ(store().quarantine_count().value(), 0);
    EXPECT_FALSE(store().holds_generated().value());
    EXPECT_TRUE(store().runs().value().empty());

    const auto read = store().read({.symbols = {"005930"}});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::not_found);
    EXPECT_THAT(read.error().message, testing::HasSubstr("empty"));
}

TEST_P(BarStoreContract, ReadsBackWhatWasWritten) {
    const auto samsung = incoming_for_test("005930", bars_for_test(300, 1), market::Market::kospi);
    const auto kakao = incoming_for_test("035720", bars_for_test(20, 2));
    auto apple = incoming_for_test("AAPL", bars_for_test(50, 3), market::Market::foreign);
    apple.instrument.scale = 4;

    const WriteSummary summary = must_write({kakao, apple, samsung}, {.note = "hsl import x"});
    EXPECT_TRUE(summary.changed);
    EXPECT_EQ(summary.added, 370);
    EXPECT_EQ(summary.replaced + summary.unchanged, 0);
    EXPECT_TRUE(summary.conflicts.empty());
    EXPECT_EQ(summary.version.size(), 16u);
    EXPECT_EQ(summary.version, store().data_version().value());
    expect_holds({samsung, kakao, apple});

    const auto symbols = store().symbols().value();
    ASSERT_EQ(symbols.size(), 3u);
    EXPECT_EQ(symbols[0].instrument, samsung.instrument);
    EXPECT_EQ(symbols[0].first, samsung.bars.front().date);
    EXPECT_EQ(symbols[0].last, samsung.bars.back().date);
    EXPECT_EQ(symbols[0].rows, 300);
    EXPECT_EQ(symbols[2].instrument.scale, 4);

    const auto versions = store().versions().value();
    ASSERT_EQ(versions.size(), 1u);
    EXPECT_EQ(versions[0].number, 1);
    EXPECT_EQ(versions[0].version, summary.version);
    EXPECT_EQ(versions[0].note, "hsl import x");
    EXPECT_EQ(versions[0].rows_added, 370);
    EXPECT_EQ(versions[0].symbols, 3);
    EXPECT_THAT(versions[0].made_at, testing::MatchesRegex("20..-..-..T..:..:..Z"));
}

TEST_P(BarStoreContract, ReadsOnlyTheSymbolsAskedForInOrderAndOnce) {
    std::vector<IncomingSymbol> all;
    all.reserve(12);
    for (int i = 0; i < 12; ++i)
        all.push_back(incoming_for_test("0000" + std::to_string(10 + i),
                                        bars_for_test(40 + static_cast<std::size_t>(i), 7)));
    must_write(all);
    const auto table = store().read({.symbols = {"000015", "000011", "000015"}});
    ASSERT_TRUE(table) << table.error().text();
    ASSERT_EQ(table->symbols.size(), 2u);
    EXPECT_EQ(table->symbols[0].instrument.symbol, "000011");
    EXPECT_EQ(bars_of(*table, 0), all[1].bars);
    EXPECT_EQ(bars_of(*table, 1), all[5].bars);
}

TEST_P(BarStoreContract, NamesTheNearestSymbolToAnUnknownOne) {
    must_write({incoming_for_test("005930", bars_for_test(3, 1)),
                incoming_for_test("123456", bars_for_test(3, 1))});
    const auto table = store().read({.symbols = {"005939"}});
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, ErrorCode::not_found);
    EXPECT_THAT(table.error().message, testing::AllOf(testing::HasSubstr("no symbol 005939"),
                                                      testing::HasSubstr("did you mean 005930")));
}

TEST_P(BarStoreContract, WritingTheSameTwiceMakesNoNewVersion) {
    const auto symbol = incoming_for_test("005930", bars_for_test(100, 1));
    const WriteSummary first = must_write({symbol});
    const WriteSummary second = must_write({symbol});
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(second.unchanged, 100);
    EXPECT_EQ(second.added, 0);
    EXPECT_EQ(second.version, first.version);
    EXPECT_EQ(store().versions().value().size(), 1u);
    expect_holds({symbol});
}

TEST_P(BarStoreContract, WritingNothingMakesNoVersion) {
    const WriteSummary summary = must_write({});
    EXPECT_FALSE(summary.changed);
    EXPECT_EQ(summary.version, "");
    EXPECT_FALSE(must_write({incoming_for_test("005930", {})}).changed);
    EXPECT_TRUE(store().symbols().value().empty());
}

TEST_P(BarStoreContract, AddsLaterEarlierAndMissingRows) {
    const auto whole = bars_for_test(90, 5);
    // Every third row first, then the odd ones, then all: three versions with rows between rows.
    std::vector<market::Bar> thirds, odd;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i % 3 == 0) thirds.push_back(whole[i]);
        if (i % 2 == 1) odd.push_back(whole[i]);
    }
    EXPECT_EQ(must_write({incoming_for_test("005930", thirds)}).added, 30);
    const WriteSummary second = must_write({incoming_for_test("005930", odd)});
    EXPECT_EQ(second.added, 30);
    EXPECT_EQ(second.unchanged, 15);
    const WriteSummary third = must_write({incoming_for_test("005930", whole)});
    EXPECT_EQ(third.added, 30);
    EXPECT_EQ(third.unchanged, 60);
    EXPECT_EQ(store().versions().value().size(), 3u);
    expect_holds({incoming_for_test("005930", whole)});
}

TEST_P(BarStoreContract, DataVersionDependsOnContentAlone) {
    const auto a = bars_for_test(60, 5);
    const auto b = bars_for_test(40, 6);
    const std::vector<market::Bar> a1(a.begin(), a.begin() + 30), a2(a.begin() + 30, a.end());
    must_write({incoming_for_test("BBB", b), incoming_for_test("AAA", a2)});
    must_write({incoming_for_test("AAA", a1)});
    const std::string in_two = store().data_version().value();

    const auto open_other = GetParam().make();
    const auto other = open_other();
    const auto writer = other->open_writer();
    ASSERT_TRUE(writer);
    const auto in_one = (*writer)->write(
        {.symbols = {incoming_for_test("AAA", a), incoming_for_test("BBB", b)}}, {}, {});
    ASSERT_TRUE(in_one);
    EXPECT_EQ(in_one->version, in_two);
    EXPECT_NE(in_one->version, "");
}

TEST_P(BarStoreContract, QuarantinesRowsThatDifferFromTheStoredOnes) {
    const auto stored = incoming_for_test("005930", bars_for_test(10, 1));
    const WriteSummary first = must_write({stored});
    auto differing = stored;
    differing.file = "new/005930.csv";
    differing.bars[3].close += 1;
    differing.bars[3].high += 2;
    differing.source_of = [](std::int64_t line) { return "source line " + std::to_string(line); };
    const WriteSummary second = must_write({differing});
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(second.version, first.version);
    EXPECT_EQ(second.unchanged, 9);
    ASSERT_EQ(second.conflicts.size(), 1u);
    const QuarantinedRow& row = second.conflicts[0];
    EXPECT_EQ(row.symbol, "005930");
    EXPECT_EQ(row.date, stored.bars[3].date.iso());
    EXPECT_EQ(row.file, "new/005930.csv");
    EXPECT_EQ(row.line, 5);
    EXPECT_EQ(row.reason, "differs_from_store");
    EXPECT_EQ(row.source, "source line 5");
    EXPECT_EQ(row.detail, "high " + std::to_string(stored.bars[3].high) + " in the store, " +
                              std::to_string(differing.bars[3].high) + " here; close " +
                              std::to_string(stored.bars[3].close) + " in the store, " +
                              std::to_string(differing.bars[3].close) + " here");
    EXPECT_EQ(store().quarantine_count().value(), 1);
    EXPECT_EQ(store().quarantine({.limit = 5}).value().at(0).source, "source line 5");
    expect_holds({stored});

    must_write({differing});
    EXPECT_EQ(store().quarantine_count().value(), 1) << "the same file again doubles nothing";
}

TEST_P(BarStoreContract, ReplacesDifferingRowsWhenAsked) {
    const auto stored = incoming_for_test("005930", bars_for_test(10, 1));
    const WriteSummary first = must_write({stored});
    auto differing = stored;
    differing.bars[3].close += 1;
    differing.bars[9].volume += 1;
    differing.bars.push_back(bars_for_test(11, 1).back());
    differing.lines.push_back(12);
    const WriteSummary second = must_write({differing}, {.replace = true});
    EXPECT_TRUE(second.changed);
    EXPECT_EQ(second.replaced, 2);
    EXPECT_EQ(second.added, 1);
    EXPECT_EQ(second.unchanged, 8);
    EXPECT_TRUE(second.conflicts.empty());
    EXPECT_NE(second.version, first.version);
    expect_holds({differing});
    EXPECT_EQ(store().versions().value().back().rows_replaced, 2);

    // Back again: the same content has the same name, as a third version.
    auto back = stored;
    back.bars.push_back(differing.bars.back());
    back.lines.push_back(12);
    must_write({back}, {.replace = true});
    must_write({differing}, {.replace = true});
    EXPECT_EQ(store().versions().value().size(), 4u);
    EXPECT_EQ(store().data_version().value(), second.version);
    expect_holds({differing});
}

TEST_P(BarStoreContract, RefusesRowsOnWhichTwoFilesDisagreeAndNamesBoth) {
    auto one = incoming_for_test("005930", bars_for_test(10, 1), market::Market::unknown, "a.csv");
    auto other = incoming_for_test("005930", one.bars, market::Market::kospi, "b.csv");
    other.bars[4].close += 7;
    const WriteSummary summary = must_write({one, other});
    EXPECT_EQ(summary.added, 9);
    EXPECT_EQ(summary.unchanged, 9);
    ASSERT_EQ(summary.conflicts.size(), 2u);
    EXPECT_EQ(summary.conflicts[0].file, "a.csv");
    EXPECT_THAT(summary.conflicts[0].detail, testing::HasSubstr("b.csv:6"));
    EXPECT_EQ(summary.conflicts[1].file, "b.csv");
    EXPECT_THAT(summary.conflicts[1].detail, testing::HasSubstr("a.csv:6"));
    EXPECT_EQ(summary.conflicts[0].reason, "conflicting_repeat");
    EXPECT_EQ(store().quarantine_count().value(), 2);

    auto expected = other;
    expected.bars.erase(expected.bars.begin() + 4);
    expect_holds({expected});
}

TEST_P(BarStoreContract, KeepsTheBytesOfQuarantinedLines) {
    using namespace std::string_literals;
    const QuarantinedRow row{.symbol = "005930",
                             .date = "2020-01-02",
                             .file = "가격/005930.csv",
                             .line = 17,
                             .reason = "high_below_low",
                             .detail = "high 90 < low 100",
                             .source = "2020/1/2,\"1,000\",\xB0\xA1\0\xFF\r"s};
    const WriteSummary summary = must_write({}, {}, {row});
    EXPECT_FALSE(summary.changed);
    EXPECT_EQ(summary.version, "");
    ASSERT_EQ(store().quarantine_count().value(), 1);
    const QuarantinedRow kept = store().quarantine({.limit = 1}).value().at(0);
    EXPECT_EQ(kept.symbol, row.symbol);
    EXPECT_EQ(kept.date, row.date);
    EXPECT_EQ(kept.file, row.file);
    EXPECT_EQ(kept.line, row.line);
    EXPECT_EQ(kept.reason, row.reason);
    EXPECT_EQ(kept.detail, row.detail);
    EXPECT_EQ(kept.source, row.source);

    QuarantinedRow next = row;
    next.line = 18;
    must_write({}, {}, {row, next, row});
    EXPECT_EQ(store().quarantine_count().value(), 2);
    EXPECT_EQ(store().quarantine({.limit = 10}).value().at(0).line, 18) << "newest first";
    EXPECT_EQ(store().quarantine({.limit = 1}).value().size(), 1u);
}

TEST_P(BarStoreContract, LearnsAMarketThatWasUnknown) {
    const auto bars = bars_for_test(5, 1);
    const auto unknown = incoming_for_test("005930", bars);
    const auto kospi = incoming_for_test("005930", bars, market::Market::kospi);
    const auto kosdaq = incoming_for_test("005930", bars, market::Market::kosdaq);
    const WriteSummary first = must_write({unknown});
    const WriteSummary second = must_write({kospi});
    EXPECT_TRUE(second.changed);
    EXPECT_EQ(second.unchanged, 5);
    EXPECT_NE(second.version, first.version);
    expect_holds({kospi});

    EXPECT_FALSE(must_write({unknown}).changed) << "not knowing takes nothing away";
    const WriteSummary disagreeing = must_write({kosdaq});
    EXPECT_FALSE(disagreeing.changed);
    ASSERT_EQ(disagreeing.conflicts.size(), 1u);
    EXPECT_EQ(disagreeing.conflicts[0].reason, "market_differs");
    expect_holds({kospi});
    EXPECT_TRUE(must_write({kosdaq}, {.replace = true}).changed);
    expect_holds({kosdaq});
}

TEST_P(BarStoreContract, AMoveToAnotherMarketIsAFindingAndTheLaterOneIsKept) {
    const auto days = bars_for_test(6, 1);
    const std::vector<market::Bar> early{days.begin(), days.begin() + 3};
    const std::vector<market::Bar> late{days.begin() + 3, days.end()};
    const auto kosdaq = incoming_for_test("247540", early, market::Market::kosdaq);
    const auto kospi = incoming_for_test("247540", late, market::Market::kospi);
    must_write({kosdaq});
    const WriteSummary moved = must_write({kospi});
    EXPECT_TRUE(moved.conflicts.empty());
    ASSERT_EQ(moved.findings.size(), 1u);
    EXPECT_EQ(moved.findings[0].reason, "market_moved");
    EXPECT_EQ(moved.findings[0].date, late[0].date.iso());
    expect_holds({incoming_for_test("247540", days, market::Market::kospi)});

    const WriteSummary history = must_write({kosdaq});
    EXPECT_FALSE(history.changed) << "what the older file says was true in its day";
    EXPECT_TRUE(history.conflicts.empty());

    auto a = incoming_for_test("035720", late, market::Market::kospi);
    auto b = incoming_for_test("035720", early, market::Market::kosdaq);
    const WriteSummary both = must_write({a, b});
    EXPECT_TRUE(both.conflicts.empty()) << "the order of files does not matter";
    EXPECT_EQ(both.findings.size(), 1u);
}

TEST_P(BarStoreContract, NeverMixesPricesOfTwoScales) {
    const auto stored = incoming_for_test("AAPL", bars_for_test(5, 1), market::Market::foreign);
    must_write({stored});
    auto finer = stored;
    finer.instrument.scale = 4;
    for (const bool replace : {false, true}) {
        const WriteSummary summary = must_write({finer}, {.replace = replace});
        EXPECT_FALSE(summary.changed);
        ASSERT_EQ(summary.conflicts.size(), 5u);
        EXPECT_EQ(summary.conflicts[0].reason, "scale_differs");
    }
    expect_holds({stored});
}

TEST_P(BarStoreContract, RemembersThatBarsWereGenerated) {
    must_write({incoming_for_test("005930", bars_for_test(5, 1))});
    EXPECT_FALSE(store().holds_generated().value());
    must_write({incoming_for_test("900000", bars_for_test(5, 2))}, {.generated = true});
    EXPECT_TRUE(store().holds_generated().value());
}

TEST_P(BarStoreContract, RefusesASecondWriterAndNamesTheFirst) {
    auto writer = store().open_writer();
    ASSERT_TRUE(writer) << writer.error().text();
    const auto other = another_user();
    const auto second = other->open_writer();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::busy);
    EXPECT_THAT(second.error().message, testing::HasSubstr("process " + std::to_string(getpid())));
    writer->reset();
    EXPECT_TRUE(other->open_writer());
}

TEST_P(BarStoreContract, ReadersSeeTheOldOrTheNewVersionDuringWrites) {
    constexpr std::size_t writes = 12;
    std::vector<IncomingSymbol> all;
    all.reserve(5);
    for (int i = 0; i < 5; ++i)
        all.push_back(incoming_for_test("00000" + std::to_string(i),
                                        bars_for_test(writes * 10, static_cast<std::uint64_t>(i))));
    const auto up_to = [&](std::size_t rows) {
        std::vector<IncomingSymbol> part = all;
        for (auto& symbol : part) {
            symbol.bars.resize(rows);
            symbol.lines.resize(rows);
        }
        return part;
    };
    must_write(up_to(10));
    std::atomic<bool> finished{false};
    std::atomic<int> reads{0};
    const auto reader = [&] {
        const auto mine = another_user();
        std::size_t seen = 0;
        while (!finished || reads < 10) {
            const auto table = mine->read({.threads = 1});
            ASSERT_TRUE(table) << table.error().text();
            ASSERT_EQ(table->symbols.size(), 5u);
            const std::size_t rows = table->symbols[0].count;
            ASSERT_EQ(rows % 10, 0u);
            ASSERT_GE(rows, seen) << "a version went back";
            seen = rows;
            const auto expected = up_to(rows);
            for (std::size_t i = 0; i < 5; ++i) ASSERT_EQ(bars_of(*table, i), expected[i].bars);
            ++reads;
        }
    };
    {
        std::jthread one{reader}, two{reader};
        for (std::size_t write = 2; write <= writes; ++write) must_write(up_to(write * 10));
        finished = true;
    }
    expect_holds(all);
}

TEST_P(BarStoreContract, WritesNothingWhenStopped) {
    const auto symbol = incoming_for_test("005930", bars_for_test(10, 1));
    std::stop_source source;
    source.request_stop();
    const auto stopped = write({symbol}, {}, {{.symbol = "005930", .date = {}, .file = "x"}},
                               {.report = {}, .stop = source.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_TRUE(store().versions().value().empty());
    EXPECT_EQ(store().quarantine_count().value(), 0);
    EXPECT_TRUE(must_write({symbol}).changed);
}

TEST_P(BarStoreContract, ReportsProgressUpToTheEnd) {
    std::vector<IncomingSymbol> symbols;
    symbols.reserve(30);
    for (int i = 0; i < 30; ++i)
        symbols.push_back(incoming_for_test(std::to_string(100000 + i), bars_for_test(5, 1)));
    std::atomic<std::size_t> last{0}, total{0};
    const auto report = [&](std::string_view, std::size_t done, std::size_t of) {
        last = std::max(last.load(), done);
        total = of;
    };
    ASSERT_TRUE(write(symbols, {}, {}, {.report = report, .stop = {}}));
    EXPECT_GT(total, 0u);
    EXPECT_EQ(last, total);
}

TEST_P(BarStoreContract, KeepsSourcesApartAndReadsTheFirstThatHasASymbol) {
    auto krx = incoming_for_test("005930", bars_for_test(20, 1), market::Market::kospi);
    krx.source = "krx";
    krx.basis = market::Basis::raw;
    krx.definition = market::BarDefinition::regular;
    auto naver = incoming_for_test("005930", bars_for_test(30, 2), market::Market::kospi);
    naver.source = "naver";
    naver.basis = market::Basis::adjusted;
    auto nobody = incoming_for_test("000660", bars_for_test(5, 3));
    auto other = incoming_for_test("000660", bars_for_test(6, 4));
    other.source = "naver";
    EXPECT_TRUE(must_write({naver, nobody, krx, other}).conflicts.empty());

    const auto sources = [&](const ReadRequest& request) {
        std::vector<std::string> found;
        const auto table = store().read(request).value();
        for (std::size_t i = 0; i < table.symbols.size(); ++i) {
            found.push_back(table.symbols[i].instrument.symbol + " " + table.symbols[i].source);
            const auto& held = found.back() == "000660 "        ? nobody
                               : found.back() == "000660 naver" ? other
                               : found.back() == "005930 krx"   ? krx
                                                                : naver;
            EXPECT_EQ(bars_of(table, i), held.bars) << found.back();
            EXPECT_EQ(table.symbols[i].basis, held.basis);
            EXPECT_EQ(table.symbols[i].definition, held.definition);
        }
        return found;
    };
    using testing::ElementsAre;
    EXPECT_THAT(sources({}), ElementsAre("000660 ", "005930 krx"));
    EXPECT_THAT(sources({.sources = {"naver"}}), ElementsAre("000660 naver", "005930 naver"));
    EXPECT_THAT(sources({.symbols = {"005930"}, .sources = {"nobody", "naver"}}),
                ElementsAre("005930 naver"));
    EXPECT_THAT(sources({.every_source = true}),
                ElementsAre("000660 ", "000660 naver", "005930 krx", "005930 naver"));

    const auto symbols = store().symbols().value();
    ASSERT_EQ(symbols.size(), 4u);
    EXPECT_EQ(symbols[2].source, "krx");
    EXPECT_EQ(symbols[2].basis, market::Basis::raw);
    EXPECT_EQ(symbols[3].rows, 30);
    EXPECT_EQ(store().versions()->back().symbols, 2);
}

TEST_P(BarStoreContract, NeverMixesRawAndAdjustedPrices) {
    auto raw = incoming_for_test("005930", bars_for_test(10, 1));
    raw.basis = market::Basis::raw;
    must_write({raw});
    auto adjusted = incoming_for_test("005930", bars_for_test(3, 9, Date::from_civil(2021, 1, 4)));
    adjusted.basis = market::Basis::adjusted;
    const WriteSummary summary = must_write({adjusted});
    EXPECT_FALSE(summary.changed);
    ASSERT_EQ(summary.conflicts.size(), 3u);
    EXPECT_EQ(summary.conflicts[0].reason, "basis_differs");
    EXPECT_THAT(summary.conflicts[0].detail, testing::HasSubstr("--source NAME"));
    adjusted.basis = market::Basis::unknown;
    EXPECT_EQ(must_write({adjusted}).added, 3) << "who does not know takes nothing away";
    EXPECT_EQ(store().symbols()->at(0).basis, market::Basis::raw);
}

TEST_P(BarStoreContract, KeepsMinutesBesideDays) {
    auto day = incoming_for_test("005930", bars_for_test(2, 1));
    auto minutes = incoming_for_test("005930", {});
    minutes.interval = market::Interval::minute;
    for (const market::Bar& bar : bars_for_test(2, 1))
        for (int minute = 540; minute < 550; ++minute) {
            minutes.bars.push_back(bar);
            minutes.bars.back().minute = minute;
            minutes.bars.back().volume = minute;
        }
    minutes.lines.clear();
    auto first = minutes, rest = minutes;
    std::erase_if(first.bars, [](const market::Bar& bar) { return bar.minute % 3 != 0; });
    std::erase_if(rest.bars, [](const market::Bar& bar) { return bar.minute % 3 == 0; });
    must_write({day, first});
    EXPECT_EQ(must_write({rest}).added, static_cast<std::int64_t>(rest.bars.size()));
    EXPECT_FALSE(must_write({minutes}).changed);
    EXPECT_EQ(bars_of(store().read({}).value(), 0), day.bars);
    const auto table = store().read({.interval = market::Interval::minute});
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->interval, market::Interval::minute);
    EXPECT_EQ(bars_of(*table, 0), minutes.bars);
    EXPECT_EQ(store().symbols()->size(), 2u);
    EXPECT_FALSE(
        store().read({.symbols = {"000660"}, .interval = market::Interval::minute}).has_value());
}

TEST_P(BarStoreContract, ReadsOnlyClosesWhenAsked) {
    must_write({incoming_for_test("005930", bars_for_test(50, 1)),
                incoming_for_test("000660", bars_for_test(70, 2))});
    must_write({incoming_for_test("005930", bars_for_test(60, 1))});
    const auto all = store().read({}).value();
    const auto closes = store().read({.close_only = true}).value();
    EXPECT_EQ(closes.date, all.date);
    EXPECT_EQ(closes.close, all.close);
    EXPECT_TRUE(closes.volume.empty());
    EXPECT_EQ(closes.symbols.size(), 2u);
}

// What a test of facts needs: a listing, a state, an action, two columns.
inline Facts facts_for_test() {
    const Date day = Date::from_civil(2020, 3, 2);
    Facts facts;
    facts.listings = {{.symbol = "005930",
                       .name = "삼성전자",
                       .market = market::Market::kospi,
                       .share_class = market::ShareClass::common,
                       .shares = 5'969'782'550,
                       .first = day,
                       .source = "a.csv"},
                      {.symbol = "000660", .name = "SK하이닉스"}};
    facts.states = {{.symbol = "000660",
                     .state = market::ListingState::liquidation,
                     .first = day,
                     .last = day + 6}};
    facts.actions = {{.symbol = "005930",
                      .kind = market::ActionKind::split,
                      .ex_date = Date::from_civil(2018, 5, 4),
                      .shares_after = 50,
                      .announced = Date::from_civil(2018, 1, 31),
                      .note = "50:1"}};
    facts.columns = {{"005930", "per", {{day, day, 12.5}, {day + 1, day + 1, -0.1}}, "b.csv"},
                     {"000660", "per", {{day, day, 1e300}}, "b.csv"},
                     {"005930", "short_balance", {{day, day + 2, 7}}, "c.csv"}};
    return facts;
}

TEST_P(BarStoreContract, KeepsFactsAsPartOfAVersion) {
    Facts expected = facts_for_test();
    const WriteSummary first = must_write_all({.facts = expected});
    EXPECT_TRUE(first.changed);
    EXPECT_EQ(first.facts_changed, 8);
    EXPECT_EQ(first.version.size(), 16u);
    EXPECT_FALSE(must_write_all({.facts = expected}).changed);

    std::swap(expected.listings[0], expected.listings[1]);
    std::swap(expected.columns[0], expected.columns[1]);
    const auto held = store().facts({.columns = {"*"}});
    ASSERT_TRUE(held) << held.error().text();
    EXPECT_EQ(held->listings, expected.listings);
    EXPECT_EQ(held->states, expected.states);
    EXPECT_EQ(held->actions, expected.actions);
    EXPECT_EQ(held->columns, expected.columns);
    EXPECT_TRUE(store().facts({})->columns.empty());
    const auto one = store().facts({.columns = {"per"}, .symbols = {"000660", "777777"}}).value();
    ASSERT_EQ(one.columns.size(), 1u);
    EXPECT_EQ(one.columns[0], expected.columns[0]);
    const auto unknown = store().facts({.columns = {"pbr"}});
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().message, testing::AllOf(testing::HasSubstr("pbr"),
                                                        testing::HasSubstr("per, short_balance")));

    // Vendors revise: the later word stands, the version before keeps the earlier one.
    Facts revised;
    revised.listings = {expected.listings[1]};
    revised.listings[0].name = "삼성전자우";
    revised.actions = expected.actions;
    revised.actions[0].state = market::ActionState::rejected;
    revised.columns = {{"005930", "per", {{expected.columns[1].rows[0].date, {}, 13}}, "d.csv"}};
    revised.columns[0].rows[0].known = revised.columns[0].rows[0].date;
    const WriteSummary second = must_write_all({.facts = revised});
    EXPECT_EQ(second.facts_changed, 3);
    EXPECT_NE(second.version, first.version);
    const auto now = store().facts({.columns = {"*"}}).value();
    EXPECT_EQ(now.listings[1].name, "삼성전자우");
    EXPECT_EQ(now.actions[0].state, market::ActionState::rejected);
    EXPECT_EQ(now.columns[1].rows[0].value, 13);
    EXPECT_EQ(now.columns[1].rows[1].value, -0.1);
    EXPECT_EQ(now.columns[1].source, "d.csv");
    const auto before = store().facts({.at = first.version, .columns = {"*"}}).value();
    EXPECT_EQ(before.listings, expected.listings);
    EXPECT_EQ(before.actions, expected.actions);
    EXPECT_EQ(before.columns, expected.columns);
    EXPECT_EQ(store().diff(first.version, second.version, 10)->facts_changed, 3);
}

// Facts enter the name by what they are, not by how they came.
TEST_P(BarStoreContract, NamesFactsByContentAlone) {
    const Facts facts = facts_for_test();
    const auto bars = incoming_for_test("005930", bars_for_test(5, 1));
    must_write_all({.facts = {.listings = facts.listings, .columns = {facts.columns[2]}}});
    must_write_all({.symbols = {bars}});
    const auto in_pieces = must_write_all({.facts = facts});
    const auto open_other = GetParam().make();
    const auto other = open_other();
    const auto at_once =
        other->open_writer().value()->write({.symbols = {bars}, .facts = facts}, {}, {});
    ASSERT_TRUE(at_once);
    EXPECT_EQ(at_once->version, in_pieces.version);
}

TEST_P(BarStoreContract, ReadsEveryVersionAsItWas) {
    constexpr std::uint64_t seed = 11;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};
    std::vector<std::string> names;
    std::vector<market::BarTable> tables;
    for (int version = 0; version < 12; ++version) {
        std::vector<IncomingSymbol> symbols;
        for (int i = 0; i < 6; ++i) {
            auto bars = bars_for_test(40, static_cast<std::uint64_t>(i));
            std::erase_if(bars, [&](const market::Bar&) { return rng.below(3) != 0; });
            for (market::Bar& bar : bars)
                if (rng.below(4) == 0) bar.volume += version;
            if (bars.empty() || (version > 0 && rng.below(3) == 0)) continue;
            symbols.push_back(incoming_for_test(std::to_string(100'000 + i), std::move(bars)));
            symbols.back().lines.clear();
        }
        const WriteSummary summary = must_write(symbols, {.replace = true});
        if (!summary.changed) continue;
        names.push_back(summary.version);
        tables.push_back(store().read({}).value());
    }
    ASSERT_GT(names.size(), 6u);
    const auto expect_all = [&](std::size_t from) {
        for (std::size_t i = from; i < names.size(); ++i) {
            const auto table = store().read({.at = names[i]});
            ASSERT_TRUE(table) << table.error().text();
            EXPECT_EQ(table->date, tables[i].date);
            EXPECT_EQ(table->close, tables[i].close);
            EXPECT_EQ(table->volume, tables[i].volume);
            EXPECT_EQ(version_of(*table), names[i]);
            EXPECT_EQ(store().symbols(names[i])->size(), tables[i].symbols.size());
        }
    };
    expect_all(0);
    const auto writer = store().open_writer().value();
    ASSERT_TRUE(writer->compact(false, {}));
    expect_all(0);
    const auto clean = store().verify({}).value();
    EXPECT_TRUE(clean.damage.empty()) << clean.damage[0].what;
    EXPECT_EQ(clean.versions, static_cast<std::int64_t>(names.size()));
    ASSERT_TRUE(writer->compact(true, {}));
    expect_all(names.size() - 1);
    EXPECT_EQ(store().versions()->size(), 1u);
    const auto gone = store().read({.at = names[0]});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, ErrorCode::not_found);
    EXPECT_THAT(gone.error().message, testing::HasSubstr("hsl data log"));
    EXPECT_TRUE(store().verify({})->damage.empty());
}

TEST_P(BarStoreContract, ReadsTheVersionThatIsCheckedOut) {
    const auto old = incoming_for_test("005930", bars_for_test(5, 1));
    const auto newer = incoming_for_test("005930", bars_for_test(8, 1));
    const std::string first = must_write({old}).version;
    const std::string second = must_write({newer}).version;
    EXPECT_EQ(store().open_writer().value()->checkout(first.substr(0, 6)).value(), first);
    EXPECT_EQ(store().read({})->rows(), 5u);
    EXPECT_EQ(another_user()->data_version().value(), first);
    EXPECT_EQ(store().symbols()->at(0).rows, 5);
    EXPECT_EQ(store().read({.at = second})->rows(), 8u);
    EXPECT_EQ(store().read({.at = "newest"})->rows(), 8u);
    EXPECT_EQ(store().read({.at = "1"})->rows(), 5u);
    EXPECT_EQ(store().read({.at = "2"})->rows(), 8u);
    EXPECT_EQ(store().diff("1", "2", 0)->added, 3);
    const auto refused = write({newer});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("hsl data checkout newest"));
    EXPECT_EQ(store().open_writer().value()->checkout("1").value(), first);
    EXPECT_EQ(store().open_writer().value()->checkout("newest").value(), second);
    EXPECT_EQ(store().read({})->rows(), 8u);
    EXPECT_EQ(store().open_writer().value()->checkout("zz").error().code, ErrorCode::not_found);
}

TEST_P(BarStoreContract, TellsWhatDiffersBetweenVersions) {
    auto symbol = incoming_for_test("005930", bars_for_test(10, 1));
    const std::string first =
        must_write({symbol, incoming_for_test("000660", bars_for_test(4, 2))}).version;
    auto changed = symbol;
    changed.bars[3].close += 1;
    changed.bars[3].high += 1;
    changed.bars.push_back(bars_for_test(11, 1).back());
    changed.lines.push_back(12);
    const std::string second =
        must_write({changed, incoming_for_test("035720", bars_for_test(3, 5))}, {.replace = true})
            .version;
    const auto diff = store().diff(first, second, 3).value();
    EXPECT_EQ(diff.from, first);
    EXPECT_EQ(diff.to, second);
    EXPECT_EQ(diff.added, 4);
    EXPECT_EQ(diff.changed, 1);
    EXPECT_EQ(diff.removed, 0);
    EXPECT_EQ(diff.symbols, 2);
    ASSERT_EQ(diff.rows.size(), 3u);
    EXPECT_EQ(diff.rows[0].symbol, "005930");
    EXPECT_EQ(diff.rows[0].what, "changed");
    EXPECT_EQ(diff.rows[0].date, symbol.bars[3].date.iso());
    EXPECT_EQ(diff.rows[0].before, symbol.bars[3]);
    EXPECT_EQ(diff.rows[0].after, changed.bars[3]);
    EXPECT_EQ(diff.rows[1].what, "added");
    EXPECT_EQ(diff.rows[1].before, std::nullopt);
    const auto back = store().diff(second, first, 100).value();
    EXPECT_EQ(back.removed, 4);
    EXPECT_EQ(back.changed, 1);
    EXPECT_EQ(store().diff(first, first, 10)->symbols, 0);
}

TEST_P(BarStoreContract, FiltersAndSettlesTheQuarantine) {
    std::vector<QuarantinedRow> rows;
    for (int i = 0; i < 20; ++i)
        rows.push_back({.symbol = i % 2 == 0 ? "005930" : "000660",
                        .date = {},
                        .file = i < 10 ? "dir/a.csv" : "dir/b.csv",
                        .line = i + 1,
                        .reason = i % 3 == 0 ? "high_below_low" : "volume_negative",
                        .detail = {},
                        .source = std::to_string(i),
                        .bar = bars_for_test(1, 3)[0],
                        .series = "krx"});
    must_write({}, {}, rows);
    const auto count = [&](const QuarantineFilter& filter) {
        return store().quarantine(filter)->size();
    };
    EXPECT_EQ(count({}), 20u);
    EXPECT_EQ(count({.symbol = "005930"}), 10u);
    EXPECT_EQ(count({.reason = "high_below_low"}), 7u);
    EXPECT_EQ(count({.symbol = "005930", .file = "b.c"}), 5u);
    EXPECT_EQ(count({.limit = 3}), 3u);
    const auto held = store().quarantine({.file = "a.csv"}).value();
    EXPECT_EQ(held[0].bar, rows[0].bar);
    EXPECT_EQ(held[0].series, "krx");
    EXPECT_GT(held[0].id, held[1].id);
    EXPECT_EQ(count({.ids = {held[0].id, held[4].id, -5}}), 2u);
    must_write_all({.settled = {held[0].id, held[1].id}});
    EXPECT_EQ(store().quarantine_count().value(), 18);
    EXPECT_EQ(count({.ids = {held[0].id}}), 0u);
    must_write({}, {}, rows);
    EXPECT_EQ(store().quarantine_count().value(), 20) << "a settled row that comes again is new";
}

TEST_P(BarStoreContract, FindsRunsByAnUnambiguousBeginning) {
    const auto record = [](std::string id, std::string summary) {
        return RunRecord{.id = std::move(id),
                         .made_at = "2024-03-05T12:00:00Z",
                         .command = "hsl sweep x.toml",
                         .data_version = "0123456789abcdef",
                         .code_version = "c0de",
                         .rules = "krx/1",
                         .summary = std::move(summary),
                         .request = "sweep\nof x.toml",
                         .document = "{\"a\":1}"};
    };
    ASSERT_TRUE(store().put_run(record("abc123", "first")));
    ASSERT_TRUE(store().put_run(record("abd456", "second")));
    ASSERT_TRUE(store().put_run(record("ab", "third")));

    const auto runs = store().runs().value();
    ASSERT_EQ(runs.size(), 3u);
    EXPECT_EQ(runs[0].id, "ab") << "newest first";
    EXPECT_EQ(runs[2].id, "abc123");
    EXPECT_EQ(runs[2].document, "");
    EXPECT_EQ(runs[2].command, "hsl sweep x.toml");

    const auto found = store().run("abc");
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->id, "abc123");
    EXPECT_EQ(found->document, "{\"a\":1}");
    EXPECT_EQ(found->request, "sweep\nof x.toml");
    EXPECT_EQ(found->made_at, "2024-03-05T12:00:00Z");
    EXPECT_EQ(found->data_version, "0123456789abcdef");
    EXPECT_EQ(found->code_version, "c0de");
    EXPECT_EQ(found->rules, "krx/1");
    EXPECT_EQ(store().run("ab").value().summary, "third") << "a whole id is never ambiguous";
    EXPECT_EQ(store().run("a").error().code, ErrorCode::bad_usage);
    EXPECT_EQ(store().run("zz").error().code, ErrorCode::not_found);

    ASSERT_TRUE(store().put_run(record("abc123", "again")));
    EXPECT_EQ(store().runs().value().size(), 3u);
    EXPECT_EQ(store().runs().value()[0].summary, "again");
    EXPECT_EQ(another_user()->run("abc1").value().summary, "again");
}

}  // namespace hsl::store
