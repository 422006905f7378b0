// SPDX-License-Identifier: Apache-2.0

// Sweep and reference engine agree: every fill of every set, every account's end and every daily
// return. The sweep evaluates a graph on tiles and walks lanes from event to event with vector
// code; the reference evaluates each expression on its own, lane by lane, and trades one bar at a
// time.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../support/bundled.hpp"
#include "backtest/reference_engine.hpp"
#include "backtest/sweep.hpp"
#include "base/parallel.hpp"
#include "market/session_hours.hpp"
#include "market/synthetic_minutes.hpp"
#include "strategy/evaluate.hpp"
#include "strategy/random_strategies.hpp"

namespace hsl::tests {
namespace {

using backtest::ReferenceAccount;
using portfolio::Fill;

// One set by the reference: fills by lane, daily returns, final equities.
struct ReferenceSet {
    std::vector<Fill> fills;
    std::vector<double> returns;
    std::vector<double> account_returns;
    std::int64_t skipped_entries = 0;
};

struct Decisions {
    explicit Decisions(std::size_t count)
        : entry(std::make_unique<bool[]>(count)), exit(std::make_unique<bool[]>(count)) {}
    std::unique_ptr<bool[]> entry, exit;
};

Decisions decisions_of(strategy::LaneEvaluator& evaluator, const strategy::StrategySet& set,
                       std::size_t lane, std::size_t count) {
    Decisions decisions{count};
    const auto entry = evaluator.truth(set.entry, lane);
    for (std::size_t t = 0; t < count; ++t) decisions.entry[t] = entry[t] == 1;
    if (set.exit < 0) return decisions;
    const auto exit = evaluator.truth(set.exit, lane);
    for (std::size_t t = 0; t < count; ++t) decisions.exit[t] = exit[t] == 1;
    return decisions;
}

ReferenceSet reference_set(const market::Frame& frame, const strategy::StrategyFile& file,
                           std::size_t index, const backtest::Window& window,
                           const backtest::SweepOptions& options) {
    const strategy::StrategySet& set = file.sets[index];
    const portfolio::TradeRules rules = rules_of(set, options);
    const std::size_t count = frame.session_count();
    strategy::LaneEvaluator evaluator{file.nodes, frame};
    ReferenceSet found;
    std::vector<std::size_t> ends;  // of the days
    for (std::size_t t = window.s0; t <= window.last; ++t)
        if (t == window.last || frame.sessions[t + 1] != frame.sessions[t])
            ends.push_back(t - window.s0);
    std::vector<std::int64_t> profit(ends.size()), before(ends.size());
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane) {
        const std::size_t opens = std::max(window.s0, frame.day_last(frame.lanes[lane].first));
        const std::size_t closes = std::min(window.last, frame.lanes[lane].last);
        if (opens > closes) continue;
        const Decisions decisions = decisions_of(evaluator, set, lane, count);
        const ReferenceAccount account = must(backtest::trade_one_lane(
            frame, lane, window.s0, window.last, rules, options.unknown_is,
            {decisions.entry.get(), count}, {decisions.exit.get(), count}));
        found.fills.insert(found.fills.end(), account.fills.begin(), account.fills.end());
        found.skipped_entries += account.skipped_entries;
        for (std::size_t day = 1; day < ends.size(); ++day) {
            if (window.s0 + ends[day - 1] < opens || window.s0 + ends[day] > closes) continue;
            profit[day] += account.equity[ends[day]] - account.equity[ends[day - 1]];
            before[day] += account.equity[ends[day - 1]];
        }
        found.account_returns.push_back(static_cast<double>(account.equity[closes - window.s0]) /
                                            static_cast<double>(portfolio::opening_cash_won) -
                                        1);
    }
    for (std::size_t i = 1; i < profit.size(); ++i)
        found.returns.push_back(
            before[i] == 0 ? 0 : static_cast<double>(profit[i]) / static_cast<double>(before[i]));
    return found;
}

std::string in_words(const market::Frame& frame, const Fill& fill) {
    const auto moment = [&](std::size_t t) {
        return frame.sessions[t].iso() +
               (frame.minutes.empty() ? "" : ' ' + market::time_text(frame.minutes[t]));
    };
    return fmt::format("{} {} {} {} x {} ({}, decided {})",
                       frame.lanes[fill.lane].instrument.symbol, moment(fill.session),
                       name_of(fill.side), fill.shares, fill.price, name_of(fill.reason),
                       moment(fill.signal_session));
}

// Compares every set; returns the number of fills.
std::size_t expect_agreement(const market::Frame& frame, const strategy::StrategyFile& file,
                             const backtest::SweepOptions& asked = {}) {
    backtest::SweepOptions options = asked;
    options.trades = true;
    const backtest::SweepOutput sweep = must(backtest::run_sweep(frame, file, options));
    const backtest::Window window = must(backtest::find_window(frame, file, options));
    std::vector<const analytics::LeaderboardRow*> rows(file.sets.size());
    for (const analytics::LeaderboardRow& row : sweep.result.leaderboard)
        for (std::size_t set = 0; set < file.sets.size(); ++set)
            if (row.strategy == file.sets[set].strategy && row.params == file.sets[set].params)
                rows[set] = &row;

    std::vector<std::string> differences(file.sets.size());
    std::atomic<std::size_t> fills{0};
    parallel_for(file.sets.size(), 0, [&](std::size_t set, unsigned) {
        const ReferenceSet expected = reference_set(frame, file, set, window, options);
        const std::vector<Fill>& found = sweep.fills[set];
        fills += expected.fills.size();
        std::string& difference = differences[set];
        for (std::size_t i = 0; i < std::min(found.size(), expected.fills.size()); ++i)
            if (found[i] != expected.fills[i] && difference.empty())
                difference =
                    fmt::format("fill {}: {}, the reference has {}", i, in_words(frame, found[i]),
                                in_words(frame, expected.fills[i]));
        if (difference.empty() && found.size() != expected.fills.size())
            difference =
                fmt::format("{} fills, the reference has {}", found.size(), expected.fills.size());
        if (difference.empty() && rows[set] == nullptr) difference = "not on the leaderboard";
        if (!difference.empty()) return;
        if (rows[set]->returns != expected.returns) difference = "daily returns";
        if (rows[set]->symbol_returns != expected.account_returns) difference = "final equities";
        if (rows[set]->measures.skipped_entries != expected.skipped_entries)
            difference = "skipped entries";
    });
    for (std::size_t set = 0; set < file.sets.size(); ++set)
        EXPECT_EQ(differences[set], "")
            << file.sets[set].strategy << ' ' << params_text(file.sets[set]);
    return fills;
}

// A generated market as it would have been traded: splits, bonus issues, rights issues and
// dividends at random, each moving the prices from its ex-date on.
struct RawMarket {
    market::BarTable bars;
    std::vector<market::CorporateAction> actions;
};
RawMarket raw_bars(int symbols, int sessions, std::uint64_t seed) {
    RawMarket market;
    market::BarTable& bars = market.bars;
    bars = must(market::generate_market({.symbols = symbols, .sessions = sessions, .seed = seed}));
    Rng rng{seed};
    const auto draw = [&](std::uint64_t below) {
        return static_cast<std::int64_t>(rng.below(below));
    };
    using market::ActionKind;
    constexpr ActionKind kinds[] = {ActionKind::split, ActionKind::reverse_split,
                                    ActionKind::bonus_issue, ActionKind::rights_issue,
                                    ActionKind::cash_dividend};
    for (market::BarTable::Range& range : bars.symbols) {
        range.basis = market::Basis::raw;
        for (const ActionKind kind : kinds) {
            const std::size_t at = range.first + 1 + rng.below(range.count - 1);
            const std::int64_t close = bars.close[at - 1];
            market::CorporateAction action{.symbol = range.instrument.symbol,
                                           .kind = kind,
                                           .ex_date = Date{bars.date[at]},
                                           .shares_after = 2 + draw(9),
                                           .shares_before = 1};
            if (kind == ActionKind::reverse_split)
                std::swap(action.shares_after, action.shares_before);
            if (kind == ActionKind::bonus_issue || kind == ActionKind::rights_issue) {
                action.shares_before = action.shares_after * 2;
                action.shares_after += action.shares_before;
                action.listing_date = action.ex_date + static_cast<int>(draw(40));
            }
            action.issue_price = kind == ActionKind::rights_issue ? 1 + close * 7 / 10 : 0;
            if (kind == ActionKind::cash_dividend) {
                action.shares_after = 1;
                action.amount_e4 = close * draw(500);
                action.announced = action.ex_date + static_cast<int>(draw(40));
                action.payment_date = *action.announced + static_cast<int>(draw(30));
            }
            const double factor = market::price_factor(action, close).value();
            for (std::size_t row = at; row < range.first + range.count; ++row)
                for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close})
                    if (std::int64_t& price = (*column)[row]; price != 0)
                        price = std::max<std::int64_t>(
                            1, std::llround(static_cast<double>(price) * factor));
            market.actions.push_back(std::move(action));
        }
    }
    return market;
}
market::Frame raw_market(int symbols, int sessions, std::uint64_t seed) {
    const RawMarket market = raw_bars(symbols, sessions, seed);
    const market::Actions known{market.actions};
    return must(market::build_frame({.bars = market.bars, .actions = &known}, {}));
}

// Minutes of days, one row in `kept_of` left out.
market::BarTable thinned(const market::BarTable& minutes, std::uint64_t kept_of, Rng& rng) {
    market::BarTable some;
    some.interval = market::Interval::minute;
    for (const market::BarTable::Range& range : minutes.symbols) {
        some.begin_symbol(range.instrument);
        some.symbols.back().basis = range.basis;
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            if (rng.below(kept_of) != 0) some.append(minutes.bar(row));
    }
    return some;
}

}  // namespace

TEST(Agreement, OnRawPricesWithCorporateActions) {
    const market::Frame frame = raw_market(16, 420, 7);
    std::size_t actions = 0;
    for (const market::Lane& lane : frame.lanes) actions += lane.actions.size();
    EXPECT_GT(actions, 40u);
    EXPECT_GT(expect_agreement(frame, kospi100()), 5'000u);
    auto file = kospi100();
    for (strategy::StrategySet& set : file.sets) {
        set.slippage_bp = std::nan("");
        set.slippage_ticks = 2;
    }
    EXPECT_GT(expect_agreement(frame, file, {.rights = portfolio::Rights::subscribe}), 5'000u);
}

TEST(Agreement, OfFiguresOnAnyNumberOfThreads) {
    const market::Frame frame = raw_market(24, 300, 8);
    const auto file = kospi100();
    const auto one = must(backtest::run_sweep(frame, file, {.threads = 1}));
    const auto four = must(backtest::run_sweep(frame, file, {.threads = 4}));
    ASSERT_EQ(one.result.leaderboard.size(), four.result.leaderboard.size());
    for (std::size_t i = 0; i < one.result.leaderboard.size(); ++i) {
        EXPECT_EQ(one.result.leaderboard[i].returns, four.result.leaderboard[i].returns);
        EXPECT_EQ(one.result.leaderboard[i].measures.dividends_krw,
                  four.result.leaderboard[i].measures.dividends_krw);
    }
}

TEST(Agreement, Kospi100OnTheSampleMarket) {
    EXPECT_GT(expect_agreement(sample_market(), kospi100()), 10'000u);
}

TEST(Agreement, Kospi100OnAGeneratedMarket) {
    EXPECT_GT(expect_agreement(generated_market(60, 400, 42), kospi100()), 10'000u);
}

TEST(Agreement, TheCommandsCostsReachEverySet) {
    const backtest::SweepOptions options{.commission_e7 = 30'000,
                                         .slippage_bp = 25,
                                         .participation = 0.0001,
                                         .unknown_is = market::Market::kosdaq};
    auto file = kospi100();
    for (strategy::StrategySet& set : file.sets) set.slippage_bp = std::nan("");
    EXPECT_GT(expect_agreement(generated_market(12, 300, 3), file, options), 1'000u);
}

TEST(Agreement, TwoHundredRandomStrategies) {
    constexpr std::uint64_t seed = 20'190'102;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    const market::Frame frame = generated_market(16, 420, 11);
    std::size_t fills = 0;
    for (int file = 0; file < 4; ++file) {
        const std::string text = strategy::random_strategy_text(rng, 50);
        fills += expect_agreement(frame, must(strategy::parse_strategies("random.toml", text)));
    }
    EXPECT_GT(fills, 5'000u);
}

// The same on a frame with flows, levels and sectors.
TEST(Agreement, RandomStrategiesOnNamedColumns) {
    constexpr std::uint64_t seed = 77;
    constexpr std::string_view words[] = {"foreign_net", "short_balance", "per"};
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    const market::BarTable bars =
        must(market::generate_market({.symbols = 13, .sessions = 420, .seed = 4}));
    std::vector<market::ColumnSeries> columns;
    std::vector<market::Listing> listings;
    for (const market::BarTable::Range& range : bars.symbols) {
        const std::string& symbol = range.instrument.symbol;
        listings.push_back({.symbol = symbol,
                            .share_class = market::ShareClass::common,
                            .sector = std::string(1, static_cast<char>('a' + rng.below(3)))});
        for (const std::string_view word : words) {
            market::ColumnSeries series{.symbol = symbol, .column = std::string{word}};
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                if (rng.below(3) != 0) {
                    const Date date{bars.date[row]};
                    series.rows.push_back({date,
                                           market::knowledge_day(*market::find_column(word), date),
                                           std::floor(100 * rng.uniform()) - 50});
                }
            columns.push_back(std::move(series));
        }
    }
    const market::Listings listed{listings, {}};
    const strategy::StrategyFile file = must(
        strategy::parse_strategies("random.toml", strategy::random_strategy_text(rng, 60, words)));
    const market::Frame frame = must(market::build_frame(
        market::FrameInputs{.bars = bars, .listings = &listed, .columns = columns},
        {.columns = file.columns}));
    EXPECT_EQ(frame.named.size(), 4u);
    EXPECT_GT(expect_agreement(frame, file), 1'000u);
}

// Days with a late open and a late close among them (2023-11-16, 2024-01-02).
TEST(Agreement, OnMinutesOfAGeneratedMarket) {
    constexpr std::uint64_t seed = 21;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    const auto days = must(market::generate_market(
        {.symbols = 9, .sessions = 75, .seed = seed, .from = Date::from_civil(2023, 11, 1)}));
    const market::BarTable rows = thinned(market::minutes_of_days(days, seed), 4, rng);
    const market::Frame frame = must(market::build_frame(rows, {.minutes = 20}));
    ASSERT_EQ(frame.bar_minutes, 20);
    auto file = kospi100();
    for (strategy::StrategySet& set : file.sets) set.slippage_bp = 30;
    EXPECT_GT(expect_agreement(frame, file, {.participation = 0.2}), 3'000u);
    const std::string text = strategy::random_strategy_text(rng, 60);
    EXPECT_GT(expect_agreement(frame, must(strategy::parse_strategies("random.toml", text)),
                               {.participation = 0.2}),
              1'000u);
}

TEST(Agreement, OnMinutesOfRawPricesWithCorporateActions) {
    constexpr std::uint64_t seed = 22;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    const RawMarket market = raw_bars(12, 60, seed);
    const market::BarTable rows = thinned(market::minutes_of_days(market.bars, seed), 3, rng);
    const market::Actions known{market.actions};
    const market::Frame frame =
        must(market::build_frame({.bars = rows, .actions = &known}, {.minutes = 30}));
    std::size_t actions = 0;
    for (const market::Lane& lane : frame.lanes) actions += lane.actions.size();
    EXPECT_GT(actions, 20u);
    EXPECT_GT(expect_agreement(frame, kospi100(), {.participation = 0.5}), 2'000u);
    auto file = kospi100();
    for (strategy::StrategySet& set : file.sets) {
        set.slippage_bp = std::nan("");
        set.slippage_ticks = 2;
    }
    EXPECT_GT(expect_agreement(frame, file,
                               {.rights = portfolio::Rights::subscribe, .participation = 0.5}),
              2'000u);
}

TEST(LongAgreement, Kospi100OnTheWholeGeneratedMarket) {
    EXPECT_GT(expect_agreement(generated_market(800, 1250, 42), kospi100()), 1'000'000u);
}

TEST(LongAgreement, ThousandsOfRandomStrategiesOnMinutes) {
    // Months look back over most of a year.
    constexpr int lengths[] = {30, 60, 95, 195, 390};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Rng rng{seed};
        const RawMarket market = raw_bars(6, 330, seed);
        const market::BarTable rows =
            thinned(market::minutes_of_days(market.bars, seed), 2 + seed % 5, rng);
        const market::Actions known{market.actions};
        const market::Frame frame = must(market::build_frame(
            {.bars = rows, .actions = &known}, {.minutes = lengths[seed % std::size(lengths)]}));
        const std::string text = strategy::random_strategy_text(rng, 100);
        expect_agreement(frame, must(strategy::parse_strategies("random.toml", text)),
                         {.slippage_bp = 20, .participation = 0.5});
        if (testing::Test::HasFailure()) break;
    }
}

TEST(LongAgreement, ThousandsOfRandomStrategies) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Rng rng{seed};
        const market::Frame frame = generated_market(16, 420, seed);
        const std::string text = strategy::random_strategy_text(rng, 100);
        expect_agreement(frame, must(strategy::parse_strategies("random.toml", text)));
        if (testing::Test::HasFailure()) break;
    }
}

}  // namespace hsl::tests
