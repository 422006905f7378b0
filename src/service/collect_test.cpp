// SPDX-License-Identifier: Apache-2.0
#include "service/collect.hpp"

#include <atomic>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "market/calendar.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using market::Bar;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t first_day = 19'725;  // 2024-01-03
const Date d3{first_day}, d4{first_day + 1}, d5{first_day + 2}, d8{first_day + 5};

// Answers "SYMBOL DATE CLOSE" lines about a market's day.
class FakeFeed final : public Feed {
public:
    std::string name() const override { return "fake"; }
    FeedUnit unit(const FeedQuery&) const override { return FeedUnit::market_day; }
    Result<std::vector<Errand>> errands(const FeedQuery& query) override {
        HSL_TRY(const auto sessions, market::Calendar::krx().sessions(query.from, query.to));
        std::vector<Errand> all;
        for (const Date day : sessions)
            all.push_back({.subject = "KOSPI",
                           .from = day,
                           .to = day,
                           .instrument = {.symbol = {}, .market = market::Market::kospi}});
        return all;
    }
    std::expected<Fetched, FeedFailure> fetch(const Errand& errand, const Progress&) override {
        ++asked;
        if (failing.contains(errand.from))
            return std::unexpected(
                FeedFailure{.error = {.code = ErrorCode::io, .message = "no answer in time"}});
        if (empty.contains(errand.from)) return Fetched{.empty = true};
        const Date day = wrong_day ? errand.from + -1 : errand.from;
        std::string body;
        for (int i = 0; i < symbols; ++i)
            body += fmt_line(i, day, 1000 + 10 * i + errand.from.days % 7);
        Fetched fetched;
        fetched.bodies.push_back({"day_" + errand.from.iso(), body});
        return fetched;
    }
    store::ReadHints hints(const Errand& errand) const override {
        return {.basis = market::Basis::raw, .market = errand.instrument.market};
    }
    std::int64_t requests() const override { return asked; }

    static std::string fmt_line(int i, Date day, int close) {
        return std::to_string(100'000 + 10 * i) + " " + day.iso() + " " + std::to_string(close) +
               "\n";
    }
    std::atomic<std::int64_t> asked = 0;
    std::set<Date> failing, empty;
    bool wrong_day = false;
    int symbols = 30;
};

Result<std::vector<store::MarketFile>> parse(std::string_view name, std::string_view bytes,
                                             const store::ReadHints& hints) {
    store::MarketFile file{.path = std::string{name}};
    std::istringstream in{std::string{bytes}};
    std::string symbol, date;
    for (std::int64_t close = 0; in >> symbol >> date >> close; ++file.data_lines) {
        Bar bar{.date = *parse_date(date)};
        bar.open = bar.high = bar.low = bar.close = close;
        bar.volume = 1;
        file.prices.push_back({.instrument = {.symbol = symbol, .market = hints.market},
                               .basis = *hints.basis,
                               .bars = {bar},
                               .lines = {file.data_lines + 1}});
    }
    return std::vector{std::move(file)};
}

class Collect : public testing::Test {
protected:
    void TearDown() override { fs::remove_all(state_); }
    Result<CollectReport> run(Date from, Date to, bool daily = false) {
        CollectOptions options{.state = state_, .to = to, .daily = daily, .today = Date{20'000}};
        if (!daily) options.from = from;
        return collect(*store_, feed_, parse, options);
    }
    fs::path state_ = fs::temp_directory_path() / ("hsl_collect_test_" + std::to_string(getpid()));
    std::unique_ptr<store::BarStore> store_ = store::in_memory_store();
    FakeFeed feed_;
};

TEST_F(Collect, PublishesOneVersionAndAsksNothingTwice) {
    const auto first = run(d3, d8);
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(first->added, 120);
    EXPECT_EQ(feed_.asked, 4) << "the weekend is not asked about";
    EXPECT_EQ(store_->versions()->size(), 1u);
    const auto second = run(d3, d8);
    EXPECT_EQ(second->already, 4);
    EXPECT_EQ(feed_.asked, 4);
    EXPECT_EQ(second->version, first->version);
    const auto table = store_->read({.sources = {"fake"}}).value();
    EXPECT_EQ(table.symbols.front().source, "fake");
    EXPECT_EQ(table.symbols.front().basis, market::Basis::raw);
    EXPECT_EQ(table.symbols.front().instrument.market, market::Market::kospi);
}

TEST_F(Collect, KeepsWhatCameAndGoesOn) {
    feed_.failing = {d5};
    const auto failed = run(d3, d8);
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("2 of 4 answers are kept"));
    EXPECT_TRUE(store_->versions()->empty());
    feed_.failing.clear();
    const auto asked = feed_.asked.load();
    const auto report = run(d3, d8);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->resumed, 2);
    EXPECT_EQ(feed_.asked - asked, 2);
    EXPECT_EQ(report->added, 120);
    EXPECT_TRUE(fs::is_empty(state_ / "kept" / "fake"));
}

TEST_F(Collect, DoublesNothingWhenAKillCameBeforeTheJournal) {
    const auto first = run(d3, d4);
    fs::remove(state_ / "journal.tsv");
    // The bodies are there once more, as if they had not been cleared away.
    const auto again = run(d3, d5);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->already, 2) << "the store knows its days";
    EXPECT_EQ(again->added, 30);
}

TEST_F(Collect, AsksThreeTimesForAnEmptySessionAndFlagsIt) {
    feed_.empty = {d4};
    const auto report = run(d3, d5);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_THAT(report->empty, ElementsAre("KOSPI 2024-01-04"));
    EXPECT_EQ(feed_.asked, 5);
    feed_.empty.clear();
    EXPECT_EQ(run(d3, d5)->added, 30);
}

TEST_F(Collect, RefusesAnAnswerAboutAnotherDay) {
    feed_.wrong_day = true;
    const auto report = run(d4, d4);
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("2024-01-03 in an answer about 2024-01-04"));
    EXPECT_TRUE(fs::exists(state_ / "rejected" / "fake" / "day_2024-01-04"));
    EXPECT_TRUE(store_->versions()->empty());
}

TEST_F(Collect, DoesNotPublishADayThatWasCutShort) {
    ASSERT_TRUE(run(d3, d3));
    feed_.symbols = 12;
    const auto report = run(d4, d4);
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("12 rows on 2024-01-04 and had 30"));
    feed_.symbols = 29;
    const auto later = run(d4, d4);
    ASSERT_TRUE(later) << later.error().text();
    ASSERT_TRUE(later->last_day);
    ASSERT_EQ(later->last_day->changes.size(), 1u);
    EXPECT_EQ(later->last_day->changes[0].what, "gone");
}

TEST_F(Collect, DailyBeginsAfterTheLastSessionInTheStore) {
    ASSERT_TRUE(run(d3, d4));
    const auto report = run({}, d8, true);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->from, d5);
    EXPECT_EQ(report->added, 60);
}

TEST_F(Collect, SaysWhichLineOfTheJournalIsDamaged) {
    ASSERT_TRUE(run(d3, d3));
    std::ofstream{state_ / "journal.tsv", std::ios::app} << "fake\tKOS";
    const auto report = run(d3, d4);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::corrupt);
    EXPECT_EQ(report.error().line, 3);
}

// Limits of base 10,000 on KOSPI: 7,000 and 13,000.
TEST(CheckDay, TellsLimitsHaltsAndJumpsApart) {
    const auto bar = [](Date day, std::int64_t close, std::int64_t volume) {
        Bar made{.date = day};
        if (volume > 0) made.open = made.high = made.low = close;
        made.close = close;
        made.volume = volume;
        return made;
    };
    const auto two = [&](const std::string& symbol, std::optional<Bar> before,
                         std::optional<Bar> now) {
        return TwoDays{
            {.symbol = symbol, .market = market::Market::kospi}, market::Basis::raw, before, now};
    };
    const auto check = check_day(d4, d3,
                                 {two("000010", bar(d3, 10'000, 5), bar(d4, 13'000, 5)),
                                  two("000020", bar(d3, 10'000, 5), bar(d4, 12'950, 5)),
                                  two("000030", bar(d3, 10'000, 5), bar(d4, 7'000, 5)),
                                  two("000040", bar(d3, 10'000, 5), bar(d4, 2'000, 5)),
                                  two("000050", bar(d3, 10'000, 5), bar(d4, 10'000, 0)),
                                  two("000060", bar(d3, 10'000, 0), bar(d4, 10'100, 5)),
                                  two("000070", std::nullopt, bar(d4, 500, 5)),
                                  two("000080", bar(d3, 500, 5), std::nullopt)});
    std::map<std::string, std::string> found;
    for (const DayChange& change : check.changes) found[change.symbol] = change.what;
    EXPECT_EQ(found, (std::map<std::string, std::string>{{"000010", "limit_up"},
                                                         {"000030", "limit_down"},
                                                         {"000040", "jump"},
                                                         {"000050", "halted"},
                                                         {"000060", "resumed"},
                                                         {"000070", "new"},
                                                         {"000080", "gone"}}));
    ASSERT_EQ(check.counts.size(), 1u);
    EXPECT_EQ(check.counts[0].rows, 7);
    EXPECT_EQ(check.counts[0].rows_before, 7);
    EXPECT_FALSE(check.damage());
}

}  // namespace
}  // namespace hsl::service
