// SPDX-License-Identifier: Apache-2.0

// A true signal in a generated market is what the verdict is for: it must find one where it was
// planted and none where it was not.

#include <gtest/gtest.h>

#include "backtest/sweep.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl {
namespace {

// Holds a share over the session after one on which it rose between open and close.
constexpr const char* followers = R"toml(
[follow]
about  = "Goes with yesterday's open-to-close move."
params = { margin = [0.0, 0.01, 0.02] }
entry  = "close > open * (1 + margin)"
exit   = "close < open"

[against]
about  = "Goes against it."
params = { margin = [0.0, 0.01, 0.02] }
entry  = "close < open * (1 - margin)"
exit   = "close > open"
)toml";

analytics::SweepResult judged(double signal, std::uint64_t seed) {
    const auto bars = market::generate_market(
        {.symbols = 60, .sessions = 600, .seed = seed, .plants = {.signal = signal}});
    EXPECT_TRUE(bars);
    const auto frame = market::build_frame(*bars, {});
    EXPECT_TRUE(frame);
    const auto file = strategy::parse_strategies("followers", followers);
    EXPECT_TRUE(file) << file.error().text();
    auto output = backtest::run_sweep(*frame, *file, {});
    EXPECT_TRUE(output) << output.error().text();
    return std::move(output->result);
}

TEST(Verdict, FindsAPlantedSignalAndNothingWithoutOne) {
    int found_without = 0;
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        const auto planted = judged(0.4, seed);
        // The three that go with it, none of those that go against it.
        EXPECT_EQ(planted.verdict.significant_after_fdr, 3) << "seed " << seed;
        EXPECT_EQ(planted.leaderboard.front().strategy, "follow") << "seed " << seed;
        found_without += judged(0, seed).verdict.significant_after_fdr > 0;
    }
    // At a rate of 6 % two or more of six happen once in 20 times, three once in 250.
    EXPECT_LE(found_without, 2);
}

}  // namespace
}  // namespace hsl
