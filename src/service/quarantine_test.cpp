// SPDX-License-Identifier: Apache-2.0
#include "service/quarantine.hpp"

#include <charconv>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::service {
namespace {

using market::Bar;
using store::QuarantinedRow;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const Date first = Date::from_civil(2024, 1, 2);

Bar bar(int day, std::int64_t close) {
    return {.date = first + day,
            .open = close,
            .high = close + 10,
            .low = close - 10,
            .close = close,
            .volume = 100};
}

// Understands a table of the cells that a fix may have, and one rule.
Result<std::vector<store::MarketFile>> parse(std::string_view name, std::string_view bytes,
                                             const store::ReadHints& hints) {
    std::istringstream text{std::string{bytes}};
    std::string line;
    std::getline(text, line);
    EXPECT_EQ(line, "date,open,high,low,close,volume,value");
    store::MarketFile file{.path = std::string{name}};
    store::PriceSeries series{.instrument = {.symbol = hints.symbol, .market = hints.market},
                              .basis = hints.basis.value_or(market::Basis::unknown)};
    for (std::int64_t number = 2; std::getline(text, line); ++number, ++file.data_lines) {
        std::vector<std::string> cells(7);
        std::istringstream row{line};
        for (std::string& cell : cells) std::getline(row, cell, ',');
        const auto count = [&](std::size_t at) { return std::stoll("0" + cells[at]); };
        const Bar read{.date = *parse_date(cells[0]),
                       .open = count(1),
                       .high = count(2),
                       .low = count(3),
                       .close = count(4),
                       .volume = count(5)};
        if (read.high < read.low) {
            file.quarantined.push_back({.symbol = hints.symbol,
                                        .line = number,
                                        .reason = "high_below_low",
                                        .detail = "high below low"});
        } else if (!series.bars.empty() && series.bars.back() == read) {
            ++file.dropped["equal_repeat"];
        } else {
            series.bars.push_back(read);
            series.lines.push_back(number);
        }
    }
    if (!series.bars.empty()) file.prices.push_back(std::move(series));
    return std::vector{std::move(file)};
}

class Quarantine : public testing::Test {
protected:
    // Three good bars of 005930, and these rows; their ids ascend in this order.
    void SetUp() override {
        Bar broken = bar(3, 100);
        broken.high = 50;
        put({{.symbol = "005930",
              .file = "a,b.csv",
              .line = 5,
              .reason = "high_below_low",
              .source = "as \"it\"\nstood",
              .bar = broken},
             {.symbol = "005930",
              .file = "a.csv",
              .line = 6,
              .reason = "conflicting_repeat",
              .bar = bar(1, 200)},
             {.symbol = "005930", .file = "a.csv", .line = 7, .reason = "unreadable_number"},
             {.symbol = "", .file = "b.csv", .line = 8, .reason = "unreadable_code"},
             {.symbol = "000660",
              .file = "c.csv",
              .line = 2,
              .reason = "high_below_low",
              .bar = broken,
              .series = "other"}});
    }
    void put(std::vector<QuarantinedRow> rows) {
        for (QuarantinedRow& row : rows)
            if (row.bar) row.date = row.bar->date.iso();
        store::Incoming incoming{.quarantined = std::move(rows)};
        incoming.symbols.push_back(
            {.instrument = {.symbol = "005930", .market = market::Market::kospi},
             .bars = {bar(0, 90), bar(1, 100), bar(2, 110)},
             .file = "a.csv",
             .basis = market::Basis::raw});
        const auto writer = store_->open_writer();
        ASSERT_TRUE((*writer)->write(std::move(incoming), {}, {}));
        const auto held = store_->quarantine({});
        ASSERT_TRUE(held);
        for (const QuarantinedRow& row : *held) ids_.insert(ids_.begin(), row.id);
    }
    Result<QuarantineReport> accept(std::vector<QuarantineFix> fixes) {
        return accept_quarantined(*store_, parse, fixes, "a note");
    }
    std::int64_t left() { return store_->quarantine_count().value(); }
    std::vector<std::int64_t> closes(const std::string& symbol, const std::string& source = "") {
        const auto table = store_->read({.symbols = {symbol}, .sources = {source}}).value();
        return {table.close.begin(), table.close.end()};
    }

    std::unique_ptr<store::BarStore> store_ = store::in_memory_store();
    std::vector<std::int64_t> ids_;
};

TEST_F(Quarantine, TakesARowInWithOtherCellsAsABarOfItsSeries) {
    const auto report = accept({{ids_[0], {{"high", "120"}, {"close", "105"}}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 1);
    EXPECT_EQ(report->replaced, 0);
    EXPECT_THAT(report->refused, IsEmpty());
    EXPECT_EQ(left(), 4);
    EXPECT_THAT(closes("005930"), ElementsAre(90, 100, 110, 105));
    const auto series = store_->symbols().value().at(0);
    EXPECT_EQ(series.instrument.market, market::Market::kospi) << "what is known of it stays";
    EXPECT_EQ(series.basis, market::Basis::raw);
    EXPECT_EQ(store_->versions()->back().note, "a note");
    EXPECT_EQ(store_->versions()->back().version, report->version);
}

TEST_F(Quarantine, KeepsARowThatBreaksARuleAsItWouldBe) {
    const auto before = store_->data_version().value();
    const auto report = accept({{ids_[0], {}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 0);
    ASSERT_EQ(report->refused.size(), 1u);
    EXPECT_EQ(report->refused[0].id, ids_[0]);
    EXPECT_EQ(report->refused[0].reason, "high_below_low");
    EXPECT_EQ(left(), 5);
    EXPECT_EQ(report->version, before) << "no version for nothing";
}

TEST_F(Quarantine, AnAcceptedRowTakesThePlaceOfTheStoredOne) {
    const auto report = accept({{ids_[1], {}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 1);
    EXPECT_EQ(report->replaced, 1);
    EXPECT_THAT(closes("005930"), ElementsAre(90, 200, 110));
}

TEST_F(Quarantine, GoodRowsOfACallGoInAndTheOthersStay) {
    const auto report = accept({{ids_[0], {}}, {ids_[1], {}}, {ids_[4], {{"high", "130"}}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 2);
    ASSERT_EQ(report->refused.size(), 1u);
    EXPECT_EQ(report->refused[0].id, ids_[0]);
    EXPECT_THAT(closes("000660", "other"), ElementsAre(100)) << "its source is that of its series";
    EXPECT_EQ(left(), 3);
}

TEST_F(Quarantine, AsksForCellsThatNobodyKnows) {
    auto report = accept({{ids_[2], {{"date", "2024-01-10"}, {"open", "1"}}}});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(report.error().message,
                AllOf(HasSubstr("unreadable_number of a.csv:7"),
                      HasSubstr("has no high, low, close, volume"), HasSubstr("--set high=")));
    report = accept({{ids_[2],
                      {{"date", "2024-01-10"},
                       {"open", "1"},
                       {"high", "3"},
                       {"low", "1"},
                       {"close", "2"},
                       {"volume", "9"}}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 1);
}

TEST_F(Quarantine, WhatIsNoBarOfASymbolCanOnlyBeDropped) {
    const auto report = accept({{ids_[3], {}}});
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("hsl quarantine drop"));
    EXPECT_EQ(left(), 5);
}

TEST_F(Quarantine, ARowLeavesItOnce) {
    ASSERT_TRUE(accept({{ids_[1], {}}}));
    for (const auto& again : {accept({{ids_[1], {}}}), drop_quarantined(*store_, {ids_[1]}, "")}) {
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code, ErrorCode::not_found);
        EXPECT_THAT(again.error().message, HasSubstr("no row " + std::to_string(ids_[1])));
    }
}

TEST_F(Quarantine, AnUnknownIdChangesNothing) {
    EXPECT_FALSE(accept({{ids_[1], {}}, {999, {}}}));
    EXPECT_FALSE(drop_quarantined(*store_, {ids_[0], 999}, ""));
    EXPECT_EQ(left(), 5);
    EXPECT_THAT(closes("005930"), ElementsAre(90, 100, 110));
}

TEST_F(Quarantine, TwoRowsThatSayTheSameAreOneBar) {
    QuarantinedRow same{.symbol = "005930",
                        .file = "z.csv",
                        .line = 9,
                        .reason = "conflicting_repeat",
                        .bar = bar(1, 200)};
    put({same});
    const auto report = accept({{ids_[1], {}}, {store_->quarantine({}).value().front().id, {}}});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->accepted, 1);
    ASSERT_EQ(report->refused.size(), 1u);
    EXPECT_EQ(report->refused[0].reason, "filler");
}

TEST_F(Quarantine, LetsRowsGoForGood) {
    const auto report = drop_quarantined(*store_, {ids_[0], ids_[3]}, "gone");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->dropped, 2);
    EXPECT_EQ(left(), 3);
    EXPECT_THAT(closes("005930"), ElementsAre(90, 100, 110));
}

TEST_F(Quarantine, ItsTableIsWhatAFixIsReadFrom) {
    const auto rows = store_->quarantine({}).value();
    const std::string csv = quarantine_csv(rows, store_->symbols().value());
    EXPECT_THAT(csv, AllOf(HasSubstr("id,symbol,date,time,open,"), HasSubstr("\"a,b.csv\""),
                           HasSubstr("\"as \"\"it\"\"\nstood\"")));
    const auto fixes = read_fixes("fix.csv", csv);
    ASSERT_TRUE(fixes) << fixes.error().text();
    ASSERT_EQ(fixes->size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ((*fixes)[i].id, rows[i].id);
        const std::string close = rows[i].bar ? std::to_string(rows[i].bar->close) : "";
        EXPECT_EQ((*fixes)[i].cells.at("close"), close);
    }
}

TEST(QuarantineFixes, TakeColumnsInAnyOrderAndFromAnySpreadsheet) {
    const auto fixes = read_fixes("fix.csv",
                                  "\xEF\xBB\xBF"
                                  "reason,close,id\r\n\"a, b\",120,7\r\nx,\"1,300\",9\r\n");
    ASSERT_TRUE(fixes) << fixes.error().text();
    ASSERT_EQ(fixes->size(), 2u);
    EXPECT_EQ((*fixes)[0].id, 7);
    EXPECT_THAT((*fixes)[0].cells, UnorderedElementsAre(Pair("close", "120")));
    EXPECT_EQ((*fixes)[1].cells.at("close"), "1,300");
}

TEST(QuarantineFixes, NameTheLineThatIsWrong) {
    struct Case {
        std::string_view text, message;
        long line;
    };
    for (const Case& one : {Case{"close\n1\n", "no column 'id'", 1}, Case{"", "no column 'id'", 1},
                            Case{"id,close\n", "no row below the header", 0},
                            Case{"id,close\n7,1\nx,2\n", "'x' is no id", 3},
                            Case{"id,close\n7,1\n\n-1,2\n", "'-1' is no id", 4},
                            Case{"id,close\n7,\"a\nb\"\n7,2\n", "id 7 stands twice", 4}}) {
        const auto fixes = read_fixes("fix.csv", one.text);
        ASSERT_FALSE(fixes) << one.text;
        EXPECT_THAT(fixes.error().message, HasSubstr(one.message)) << one.text;
        EXPECT_EQ(fixes.error().file, "fix.csv");
        EXPECT_EQ(fixes.error().line, one.line) << one.text;
    }
}

TEST(QuarantineCells, AreNamesAndValues) {
    EXPECT_THAT(read_cells("close=123, open = 120").value(),
                UnorderedElementsAre(Pair("close", "123"), Pair("open", "120")));
    EXPECT_THAT(read_cells("").value(), IsEmpty());
    for (const char* bad : {"close", "price=1", "close=1,,open=2"}) {
        const auto cells = read_cells(bad);
        ASSERT_FALSE(cells) << bad;
        EXPECT_THAT(cells.error().message, HasSubstr("is no cell like close=123"));
    }
}

}  // namespace
}  // namespace hsl::service
