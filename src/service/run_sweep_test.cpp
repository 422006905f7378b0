// SPDX-License-Identifier: Apache-2.0
#include "service/run_sweep.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "service/generate_bars.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A store that may only be read.
class ReadOnly final : public store::BarStore {
public:
    explicit ReadOnly(store::BarStore& held) : held_(held) {}
    Result<std::unique_ptr<store::Writer>> open_writer() override { return full(); }
    Result<market::BarTable> read(const store::ReadRequest& request) override {
        return held_.read(request);
    }
    Result<store::Facts> facts(const store::FactsRequest& request) override {
        return held_.facts(request);
    }
    Result<std::string> data_version(const std::string& at) override {
        return held_.data_version(at);
    }
    Result<bool> holds_generated() override { return held_.holds_generated(); }
    std::string format() const override { return held_.format(); }
    Result<std::vector<store::SymbolSummary>> symbols(const std::string& at) override {
        return held_.symbols(at);
    }
    Result<std::vector<store::VersionSummary>> versions() override { return held_.versions(); }
    Result<store::VersionDiff> diff(const std::string& from, const std::string& to,
                                    std::size_t limit) override {
        return held_.diff(from, to, limit);
    }
    Result<store::VerifyReport> verify(const Progress& progress) override {
        return held_.verify(progress);
    }
    Result<std::vector<store::QuarantinedRow>> quarantine(
        const store::QuarantineFilter& filter) override {
        return held_.quarantine(filter);
    }
    Result<std::int64_t> quarantine_count() override { return held_.quarantine_count(); }
    Result<void> put_run(const store::RunRecord&) override { return full(); }
    Result<std::vector<store::RunRecord>> runs() override { return held_.runs(); }
    Result<store::RunRecord> run(const std::string& id) override { return held_.run(id); }

private:
    static std::unexpected<Error> full() { return fail(ErrorCode::io, "read only"); }
    store::BarStore& held_;
};

class RunSweep : public testing::Test {
protected:
    RunSweep()
        : strategies_(fs::temp_directory_path() /
                      fmt::format("hsl-sweep-test-{}.toml", ::getpid())),
          store_(store::in_memory_store()) {
        std::ofstream{strategies_}
            << "[dip]\nabout = \"Buys weakness.\"\nentry = \"rsi(close, 5) < "
               "40\"\nexit = \"rsi(close, 5) > 60\"\n";
        generate_bars(*store_, {.symbols = 6, .sessions = 150}, "").value();
    }
    ~RunSweep() override { fs::remove(strategies_); }

    std::string run_id(SweepRequest request) {
        request.strategy_path = strategies_;
        return run_sweep(*store_, request).value().result.run_id;
    }

    fs::path strategies_;
    std::unique_ptr<store::BarStore> store_;
};

TEST_F(RunSweep, TheRunIdDependsOnWhatChangesANumber) {
    const auto symbols = store_->symbols().value();
    const std::string a = symbols[0].instrument.symbol, b = symbols[1].instrument.symbol;
    const std::string all = run_id({});
    EXPECT_EQ(run_id({}), all);
    SweepRequest threads;
    threads.sweep.threads = 1;
    EXPECT_EQ(run_id(threads), all);
    SweepRequest some;
    some.frame.symbols = {a, b};
    const std::string two = run_id(some);
    EXPECT_NE(two, all);
    some.frame.symbols = {b, a, b};
    EXPECT_EQ(run_id(some), two);
    SweepRequest costly;
    costly.sweep.commission_e7 = 2000;
    EXPECT_NE(run_id(costly), all);
    EXPECT_EQ(store_->runs().value().size(), 3u);
}

// Facts beside the bars of the generated market.
void write_facts(store::BarStore& store, store::Facts facts) {
    const auto writer = store.open_writer().value();
    ASSERT_TRUE(writer->write({.facts = std::move(facts)}, {}, {}));
}

std::vector<std::string> notes_with(const SweepAnswer& answer, std::string_view part) {
    std::vector<std::string> found;
    for (const std::string& note : answer.result.notes)
        if (note.contains(part)) found.push_back(note);
    return found;
}

TEST_F(RunSweep, AColumnThatNobodyImportedSaysWhatToImport) {
    std::ofstream{strategies_} << "[flow]\nentry = \"foreign_net > 0 and per < 10\"\n";
    const auto symbols = store_->symbols().value();
    const market::ColumnSeries per{.symbol = symbols[0].instrument.symbol,
                                   .column = "per",
                                   .rows = {{symbols[0].first, symbols[0].first, 8}}};
    write_facts(*store_, {.columns = {per}});
    const auto answer = run_sweep(*store_, {.strategy_path = strategies_});
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("'foreign_net' (외국인 순매수 대금)"));
    EXPECT_THAT(answer.error().message, HasSubstr("hsl import FILE"));
}

TEST_F(RunSweep, SymbolsWithoutAColumnAreCounted) {
    std::ofstream{strategies_} << "[cheap]\nentry = \"per < 10\"\n";
    const auto symbols = store_->symbols().value();
    write_facts(*store_, {.columns = {{.symbol = symbols[0].instrument.symbol,
                                       .column = "per",
                                       .rows = {{symbols[0].first, symbols[0].first, 8}}}}});
    const auto answer = run_sweep(*store_, {.strategy_path = strategies_});
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(notes_with(*answer, "have no per").size(), 1u);
    EXPECT_THAT(notes_with(*answer, "have no per")[0], HasSubstr("5 of 6 symbols"));
    EXPECT_GT(answer->result.leaderboard[0].measures.exposure, 0);
}

TEST_F(RunSweep, AUniverseIsThatOfItsDay) {
    const auto symbols = store_->symbols().value();
    const Date later = symbols[0].first + 100;
    store::Facts facts;
    for (std::size_t i = 0; i < 3; ++i)
        facts.listings.push_back({.symbol = symbols[i].instrument.symbol,
                                  .market = market::Market::kospi,
                                  .share_class = market::ShareClass::common,
                                  .first = i < 2 ? symbols[0].first : later,
                                  .listed = i < 2 ? symbols[0].first : later,
                                  .source = "listing.csv"});
    facts.listings.push_back({.symbol = "999990",
                              .market = market::Market::kospi,
                              .share_class = market::ShareClass::common,
                              .first = symbols[0].first,
                              .listed = symbols[0].first,
                              .source = "listing.csv"});
    write_facts(*store_, std::move(facts));
    SweepRequest request{.strategy_path = strategies_};
    request.universe = fmt::format("listed(\"KOSPI\", {})", symbols[0].first.iso());
    const auto answer = run_sweep(*store_, request);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->result.symbols, 2);
    ASSERT_EQ(notes_with(*answer, "Universe").size(), 1u);
    EXPECT_THAT(notes_with(*answer, "Universe")[0], HasSubstr("3 members, 1 without bars"));
    EXPECT_EQ(answer->result.universe.text, request.universe);
    EXPECT_EQ(answer->result.universe.source, "listing.csv");
    EXPECT_EQ(answer->result.universe.survivors_only, 1);
    request.universe = "listed(\"KOSPI\")";
    EXPECT_EQ(run_sweep(*store_, request)->result.symbols, 3);
    request.frame.symbols = {symbols[0].instrument.symbol};
    EXPECT_EQ(run_sweep(*store_, request).error().code, ErrorCode::bad_usage);
    request.frame.symbols.clear();
    request.universe = "sector(\"은행\")";
    EXPECT_THAT(run_sweep(*store_, request).error().message, HasSubstr("--listing FILE"));
}

TEST_F(RunSweep, NamesTheUnconfirmedRulesOfItsSharesAndNoOthers) {
    const auto symbols = store_->symbols().value();
    store::Facts facts;
    facts.listings = {{.symbol = symbols[0].instrument.symbol,
                       .market = market::Market::kospi,
                       .share_class = market::ShareClass::etf,
                       .listed = symbols[0].first,
                       .source = "listing.csv"},
                      {.symbol = symbols[1].instrument.symbol,
                       .market = market::Market::kospi,
                       .share_class = market::ShareClass::common,
                       .listed = symbols[0].first,
                       .source = "listing.csv"}};
    write_facts(*store_, std::move(facts));
    SweepRequest request{.strategy_path = strategies_};
    const auto shares = run_sweep(*store_, request);
    ASSERT_TRUE(shares) << shares.error().text();
    EXPECT_THAT(shares->result.universe.unconfirmed_rules, testing::IsEmpty());
    EXPECT_EQ(shares->result.universe.text, "common shares");
    request.frame.all = true;
    const auto funds = run_sweep(*store_, request);
    ASSERT_TRUE(funds) << funds.error().text();
    EXPECT_THAT(funds->result.universe.unconfirmed_rules,
                testing::Contains("sale tax ETF, ETN 0.00 % from 1995-04-01"));
    EXPECT_EQ(funds->result.universe.text, "");
}

TEST_F(RunSweep, ARunCanBeRepeatedOnTheDataItSaw) {
    const auto before = run_sweep(*store_, {.strategy_path = strategies_});
    ASSERT_TRUE(before);
    // Another symbol comes in.
    const market::BarTable table =
        store_->read({.symbols = {store_->symbols().value()[0].instrument.symbol}}).value();
    store::IncomingSymbol another{.instrument = market::instrument_for("999990")};
    for (std::size_t row = 0; row < table.rows(); ++row) another.bars.push_back(table.bar(row));
    ASSERT_TRUE(store_->open_writer().value()->write({.symbols = {another}}, {}, {}));
    const auto after = run_sweep(*store_, {.strategy_path = strategies_});
    ASSERT_TRUE(after);
    EXPECT_NE(after->result.run_id, before->result.run_id);
    const auto again =
        run_sweep(*store_, {.strategy_path = strategies_, .at = before->result.data_version});
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->result.run_id, before->result.run_id);
    EXPECT_EQ(again->result.leaderboard[0].returns, before->result.leaderboard[0].returns);
    EXPECT_EQ(run_sweep(*store_, {.strategy_path = strategies_, .at = "nothing"}).error().code,
              ErrorCode::not_found);
}

TEST_F(RunSweep, AResultThatCannotBeKeptIsStillAResult) {
    ReadOnly locked{*store_};
    const auto answer = run_sweep(locked, {.strategy_path = strategies_});
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->result.leaderboard.size(), 1u);
    ASSERT_TRUE(answer->not_kept);
    EXPECT_EQ(answer->not_kept->message, "read only");
    EXPECT_TRUE(store_->runs().value().empty());
}

TEST_F(RunSweep, AnEmptyStoreSaysWhatToDo) {
    const auto empty = store::in_memory_store();
    const auto answer = run_sweep(*empty, {.strategy_path = strategies_});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(answer.error().message, HasSubstr("hsl import"));
}

TEST_F(RunSweep, AStrategyThatIsNotThereIsToldBeforeAnythingIsLoaded) {
    const auto empty = store::in_memory_store();
    const auto answer = run_sweep(*empty, {.strategy_path = "nowhere.toml"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().file, "nowhere.toml");
}

}  // namespace
}  // namespace hsl::service
