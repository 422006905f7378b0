// SPDX-License-Identifier: Apache-2.0

// Coin flips through the whole engine: on a rising market their raw returns look like skill, and
// the verdict must find nothing beyond its rate.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "backtest/sweep.hpp"
#include "base/math.hpp"
#include "base/rng.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl {
namespace {

// A set owns a slice of the noise in the volume column: it buys on about one session in 30 and
// sells on about one in 12, whatever the prices do.
constexpr const char* coin_flips = R"toml(
[coin]
about  = "Buys and sells by the toss of a coin."
params = { buy = { from = 0.00, to = 0.95, step = 0.05 }, sell = [0.1, 0.4, 0.7] }
entry  = "volume > buy and volume < buy + 0.035"
exit   = "volume[1] > sell and volume[1] < sell + 0.08"
)toml";

// The generated market with `drift` added to every session's log price and noise for volume.
market::Frame rising_market(std::uint64_t seed, double drift) {
    auto bars =
        market::generate_market({.symbols = 48, .sessions = 500, .seed = seed, .threads = 1});
    EXPECT_TRUE(bars);
    for (auto& range : bars->symbols) {
        range.basis = market::Basis::adjusted;  // off the grid from here on
        for (std::size_t i = 0; i < range.count; ++i) {
            const std::size_t row = range.first + i;
            const double factor =
                exact_exp(drift * (bars->date[row] - bars->date[range.first]) * 245 / 365.25);
            for (auto* column : {&bars->open, &bars->high, &bars->low, &bars->close}) {
                const auto price = static_cast<double>((*column)[row]);
                (*column)[row] = static_cast<std::int64_t>(price * factor + 0.5);
            }
            bars->value[row] = market::Bar::value_missing;
        }
    }
    auto frame = market::build_frame(*bars, {.threads = 1});
    EXPECT_TRUE(frame);
    Rng rng = Rng::split(seed, 1);
    TileColumn& volume = frame->columns[static_cast<std::size_t>(market::Field::volume)];
    for (std::size_t lane = 0; lane < frame->lane_count(); ++lane)
        for (std::size_t t = frame->lanes[lane].first; t <= frame->lanes[lane].last; ++t)
            volume.at(lane, t) = rng.uniform();
    return std::move(*frame);
}

TEST(Verdict, FindsNothingInCoinFlipsOnARisingMarket) {
    const auto file = strategy::parse_strategies("coin_flips", coin_flips);
    ASSERT_TRUE(file) << file.error().text();
    ASSERT_EQ(file->sets.size(), 60u);
    constexpr int markets = 80;
    int found = 0;           // sweeps in which any set is significant
    int deflated = 0;        // sweeps whose best DSR passes 0.95
    int raw_looks_good = 0;  // sets whose raw PSR passes 0.95
    double held = 0;
    for (int seed = 1; seed <= markets; ++seed) {
        const market::Frame frame = rising_market(static_cast<std::uint64_t>(seed), 0.0012);
        const auto output = backtest::run_sweep(frame, *file, {.threads = 1, .commission_e7 = 0});
        ASSERT_TRUE(output) << output.error().text();
        const analytics::SweepResult& result = output->result;
        found += result.verdict.significant_after_fdr > 0;
        deflated += result.verdict.dsr_best > 0.95;
        for (const auto& row : result.leaderboard) raw_looks_good += row.verdict.psr_raw > 0.95;
        held += result.benchmarks.front().measures.total_return;
    }
    EXPECT_GT(held / markets, 0.2) << "the market was to rise";
    EXPECT_GT(raw_looks_good, markets * 60 / 3) << "raw returns were to look like skill";
    // 80 sweeps at a rate of 6 %: 12 or more happen once in 300 times.
    EXPECT_LT(found, 12);
    EXPECT_LT(deflated, 12);
    RecordProperty("sweeps_with_a_find", found);
    std::printf(
        "of %d sweeps of 60 coin-flip sets: %d with any q <= 0.05, %d with a deflated Sharpe above "
        "0.95; raw Sharpe looks significant in %d of %d sets; holding made %.0f %%\n",
        markets, found, deflated, raw_looks_good, markets * 60, 100 * held / markets);
}

}  // namespace
}  // namespace hsl
