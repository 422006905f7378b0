// SPDX-License-Identifier: Apache-2.0
// What strategies/kospi100.toml promises, and what it does on a generated market.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "backtest/reference_engine.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "strategy/evaluate.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl {
namespace {

const strategy::StrategyFile& shipped() {
    static const strategy::StrategyFile file = [] {
        const char* root = std::getenv("HSL_SOURCE_DIR");
        if (root == nullptr) throw std::runtime_error{"HSL_SOURCE_DIR is not set"};
        auto read = strategy::read_strategies(std::string{root} + "/strategies/kospi100.toml");
        if (!read) throw std::runtime_error{read.error().text()};
        return std::move(*read);
    }();
    return file;
}

void collect_indicators(const strategy::StrategyFile& file, int index,
                        std::set<std::string_view>& names) {
    if (index < 0) return;
    const strategy::Node& node = file.nodes[static_cast<std::size_t>(index)];
    if (node.spec != nullptr) names.insert(node.spec->name);
    for (const int input : node.inputs) collect_indicators(file, input, names);
}

portfolio::TradeRules rules_of(const strategy::StrategySet& set) {
    return {.stop_loss = set.stop_loss,
            .take_profit = set.take_profit,
            .trailing_stop = set.trailing_stop,
            .max_hold = set.max_hold,
            .slippage_e6 = std::llround(set.slippage_bp * 100)};
}

// What one set did over all lanes of a generated market.
struct Outcome {
    long closed = 0;
    double profit = 0;  // won, before costs and slippage
    double held = 0;    // won times sessions
};

std::vector<Outcome> outcomes(const market::SyntheticOptions& options) {
    const strategy::StrategyFile& file = shipped();
    const auto bars = market::generate_market(options);
    if (!bars) throw std::runtime_error{bars.error().text()};
    const auto made = market::build_frame(*bars, {});
    if (!made) throw std::runtime_error{made.error().text()};
    const market::Frame& frame = *made;
    const std::size_t sessions = frame.session_count();
    const auto begin = std::ranges::lower_bound(frame.sessions, options.from);
    const std::size_t s0 = static_cast<std::size_t>(begin - frame.sessions.begin()) +
                           static_cast<std::size_t>(file.settling);

    strategy::Evaluator evaluator{file, frame};
    evaluator.prepare(1);
    strategy::Evaluator::Workspace workspace;
    const auto entry = std::make_unique<bool[]>(sessions);
    const auto exit = std::make_unique<bool[]>(sessions);
    std::vector<Outcome> all(file.sets.size());
    for (std::size_t tile = 0; tile < frame.tile_count(); ++tile) {
        evaluator.visit_tile(
            tile, workspace,
            [&](std::size_t set, const std::uint8_t* entries, const std::uint8_t* exits) {
                for (std::size_t i = 0; i < frame.lanes_in_tile(tile); ++i) {
                    const std::size_t lane = tile * tile_lanes + i;
                    if (frame.lanes[lane].last < s0) continue;
                    for (std::size_t t = 0; t < sessions; ++t) {
                        entry[t] = (entries[t] >> i & 1) != 0;
                        exit[t] = exits != nullptr && (exits[t] >> i & 1) != 0;
                    }
                    const auto account = backtest::trade_one_lane(
                        frame, lane, s0, sessions - 1, rules_of(file.sets[set]),
                        market::Market::kospi, {entry.get(), sessions}, {exit.get(), sessions});
                    if (!account) throw std::runtime_error{account.error().text()};
                    Outcome& outcome = all[set];
                    for (const portfolio::Fill& fill : account->fills) {
                        outcome.closed += fill.side == portfolio::Side::sell;
                        outcome.profit +=
                            static_cast<double>(fill.commission + fill.tax + fill.slippage);
                    }
                    for (const std::int64_t won : account->held)
                        outcome.held += static_cast<double>(won);
                    const auto last =
                        std::ranges::find_if(account->equity.rbegin(), account->equity.rend(),
                                             [](std::int64_t won) { return won != 0; });
                    if (last != account->equity.rend())
                        outcome.profit += static_cast<double>(*last - portfolio::opening_cash_won);
                }
            });
    }
    return all;
}

}  // namespace

TEST(Kospi100, HasAHundredSetsOfManyFamilies) {
    const auto& sets = shipped().sets;
    EXPECT_GE(sets.size(), 100u);
    EXPECT_LE(sets.size(), 120u);
    std::set<std::string> families;
    for (const strategy::StrategySet& set : sets) families.insert(set.strategy);
    EXPECT_GE(families.size(), 12u);
}

TEST(Kospi100, SaysInASentenceWhatEachFamilyDoes) {
    std::set<std::string> sentences, families;
    for (const strategy::StrategySet& set : shipped().sets) {
        EXPECT_GE(set.about.size(), 30u) << set.strategy;
        EXPECT_TRUE(set.about.ends_with('.')) << set.strategy;
        sentences.insert(set.about);
        families.insert(set.strategy);
    }
    EXPECT_EQ(sentences.size(), families.size());
}

TEST(Kospi100, UsesStopsOscillatorsAndSlippage) {
    int stopped = 0, oscillating = 0;
    for (const strategy::StrategySet& set : shipped().sets) {
        stopped += !std::isnan(set.stop_loss) || !std::isnan(set.take_profit) ||
                   !std::isnan(set.trailing_stop);
        std::set<std::string_view> names;
        collect_indicators(shipped(), set.entry, names);
        collect_indicators(shipped(), set.exit, names);
        oscillating += std::ranges::any_of(
            std::initializer_list<std::string_view>{"rsi", "macd", "atr", "adx", "stoch"},
            [&](std::string_view name) { return names.contains(name); });
        EXPECT_EQ(set.slippage_bp, 10) << set.strategy;
    }
    EXPECT_GE(stopped, 40);
    EXPECT_GE(oscillating, 40);
}

TEST(Kospi100, RunsOnAYearAndAHalfOfPrices) { EXPECT_LE(shipped().settling, 140); }

// The bench's fast row: the plain crossing of averages over a wider grid.
TEST(Kospi100, ItsSmaCrossScalesToAHundredSets) {
    std::string text = shipped().text;
    const std::size_t first = text.find("[sma_cross]");
    const std::size_t next = text.find("\n[", first);
    ASSERT_NE(first, std::string::npos);
    text = text.substr(first, next - first);
    const std::size_t grid = text.find("params = ");
    ASSERT_NE(grid, std::string::npos);
    text.replace(grid, text.find('\n', grid) - grid,
                 "params = { fast = { from = 5, to = 23, step = 2 }, "
                 "slow = { from = 30, to = 120, step = 10 } }");
    const auto scaled = strategy::parse_strategies("scaled.toml", text);
    ASSERT_TRUE(scaled) << scaled.error().text();
    EXPECT_EQ(scaled->sets.size(), 100u);
}

TEST(Kospi100, TradesOftenEnoughToBeJudged) {
    constexpr int symbols = 64;
    std::vector<double> closed;
    for (const Outcome& outcome : outcomes({.symbols = symbols, .sessions = 1250, .seed = 42}))
        closed.push_back(static_cast<double>(outcome.closed) / symbols);
    std::ranges::sort(closed);
    EXPECT_GE(closed[closed.size() / 2], 5);
    EXPECT_GE(closed.front(), 1);
}

// Before costs, a won held for a session earns the generated market's drift, 2.6 basis points,
// under every rule: signals, stops and targets alike. 40 markets, compared within four standard
// errors.
TEST(LongKospi100, HasNoEdgeInAMarketWhereNothingIsPredictable) {
    constexpr int markets = 40;
    double sum = 0, square = 0;
    for (std::uint64_t seed = 1; seed <= markets; ++seed) {
        Outcome all;
        for (const Outcome& outcome : outcomes({.symbols = 60, .sessions = 1250, .seed = seed})) {
            all.profit += outcome.profit;
            all.held += outcome.held;
        }
        const double earned = all.profit / all.held * 1e4;
        sum += earned;
        square += earned * earned;
    }
    const double mean = sum / markets;
    const double error = std::sqrt((square / markets - mean * mean) / (markets - 1));
    EXPECT_LT(error, 1.0);
    EXPECT_NEAR(mean, 0.065 / 246 * 1e4, 4 * error);
}

}  // namespace hsl
