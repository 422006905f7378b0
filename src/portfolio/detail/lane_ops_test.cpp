// SPDX-License-Identifier: Apache-2.0
#include "portfolio/detail/lane_ops.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "base/rng.hpp"
#include "base/tile.hpp"

namespace hsl::portfolio::detail {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Calls check(ops) for the vector form of every CPU target of this machine.
template <class Check>
void on_every_target(const Check& check) {
    for (const CpuTarget target : available_cpu_targets()) {
        if (target == CpuTarget::scalar) continue;
        ASSERT_TRUE(set_cpu_target(target).has_value());
        SCOPED_TRACE(name_of(target));
        EXPECT_EQ(&lane_ops(), &simd_lane_ops());
        check(simd_lane_ops());
    }
    ASSERT_TRUE(set_cpu_target(CpuTarget::scalar).has_value());
    EXPECT_EQ(&lane_ops(), &reference_lane_ops());
    ASSERT_TRUE(set_cpu_target(CpuTarget::best).has_value());
}

// Lows and highs as the kernel lays them out: infinite on halts and past the end.
struct Prices {
    Prices(Rng& rng, std::size_t count)
        : low(count + lane_padding, infinity), high(low.size(), -infinity) {
        double price = 1000;
        for (std::size_t t = 0; t < count; ++t) {
            price += static_cast<double>(rng.below(41)) - 20;
            if (t > 0 && rng.below(10) == 0) continue;
            low[t] = price - static_cast<double>(rng.below(20));
            high[t] = price + static_cast<double>(rng.below(20));
        }
    }
    std::vector<double> low, high;
};

}  // namespace

TEST(LaneOps, SplitGivesEachLaneItsBits) {
    Rng rng{1};
    for (const std::size_t count : {1, 7, 8, 63, 64, 65, 127, 128, 300}) {
        std::vector<std::uint8_t> bytes(count);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
        const std::size_t words = (count + 63) / 64;
        const auto check = [&](const LaneOps& ops) {
            std::vector<std::uint64_t> bits(tile_lanes * words, ~std::uint64_t{0});
            ops.split(bytes.data(), count, bits.data(), words);
            for (std::size_t lane = 0; lane < tile_lanes; ++lane)
                for (std::size_t t = 0; t < words * 64; ++t)
                    ASSERT_EQ((bits[lane * words + t / 64] >> (t % 64)) & 1,
                              t < count ? (bytes[t] >> lane) & 1u : 0u)
                        << count << " sessions, lane " << lane << ", session " << t;
        };
        check(reference_lane_ops());
        on_every_target(check);
    }
}

TEST(LaneOps, SlippedPricesAreWholeAndWithinTheDaysLimits) {
    Rng rng{3};
    for (const std::int64_t slippage_e6 : {0, 1'000, 1'234, 50'000, 400'000}) {
        std::vector<double> open(203), before(203);
        for (std::size_t i = 0; i < open.size(); ++i) {
            before[i] = static_cast<double>(1 + rng.below(i < 100 ? 50 : 2'000'000));
            open[i] = std::max(1.0, std::floor(before[i] * (0.65 + 0.7 * rng.uniform())));
        }
        const auto check = [&](const LaneOps& ops) {
            std::vector<double> buy(open.size()), sell(open.size());
            ops.slip(open.data(), before.data(), open.size(), Slippage{slippage_e6}, buy.data(),
                     sell.data());
            for (std::size_t i = 0; i < open.size(); ++i) {
                const auto from = static_cast<std::int64_t>(open[i]);
                const auto previous = static_cast<std::int64_t>(before[i]);
                const std::int64_t dearer =
                    (from * (1'000'000 + slippage_e6) + 999'999) / 1'000'000;
                const std::int64_t cheaper = from * (1'000'000 - slippage_e6) / 1'000'000;
                EXPECT_EQ(buy[i], static_cast<double>(
                                      std::min(dearer, std::max(from, previous * 13 / 10))));
                EXPECT_EQ(sell[i], static_cast<double>(
                                       std::max(cheaper, std::min(from, (previous * 7 + 9) / 10))));
            }
        };
        check(reference_lane_ops());
        on_every_target(check);
    }
}

TEST(LaneOps, AddScaledTouchesItsRangeOnly) {
    Rng rng{2};
    for (std::size_t count = 0; count < 40; ++count) {
        std::vector<double> values(count + 3 + lane_padding,
                                   std::numeric_limits<double>::quiet_NaN());
        std::vector<double> sums(count + 11);
        for (std::size_t i = 0; i < count; ++i)
            values[3 + i] = static_cast<double>(rng.below(1'000'000));
        for (double& sum : sums) sum = static_cast<double>(rng.below(1'000'000'000));
        const double factor = static_cast<double>(rng.below(10'000));
        std::vector<double> expected = sums;
        for (std::size_t i = 0; i < count; ++i) expected[5 + i] += factor * values[3 + i];
        const auto check = [&](const LaneOps& ops) {
            std::vector<double> found = sums;
            ops.add_scaled(&found[5], &values[3], count, factor);
            EXPECT_EQ(found, expected) << count;
        };
        check(reference_lane_ops());
        on_every_target(check);
    }
}

TEST(LaneOps, FindsTheFirstSessionThatReachesALevel) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Rng rng{seed};
        const std::size_t count = 2 + rng.below(60);
        const Prices prices{rng, count};
        const std::size_t first = 1 + rng.below(count - 1);
        const std::size_t last = first + rng.below(count - first + 1);
        const Levels levels{
            .stop = rng.below(4) == 0 ? -infinity : 1000 - static_cast<double>(rng.below(120)),
            .target = rng.below(4) == 0 ? infinity : 1000 + static_cast<double>(rng.below(120)),
            .trailing_parts = level_parts(-0.15 * rng.uniform())};

        std::size_t reached = last;
        std::size_t trailed = last;
        double peak = prices.high[first - 1];
        double peak_there = peak;
        for (std::size_t t = first; t < last; ++t) {
            if (t > first) peak = std::max(peak, prices.high[t - 1]);
            const bool target = prices.high[t] >= levels.target;
            if (reached == last && (target || prices.low[t] <= levels.stop)) reached = t;
            const bool trailing = prices.low[t] <= level_of(peak, levels.trailing_parts);
            if (trailed == last && (target || trailing || prices.low[t] <= levels.stop)) {
                trailed = t;
                peak_there = peak;
            }
        }
        const auto check = [&](const LaneOps& ops) {
            EXPECT_EQ(ops.first_reached(prices.low.data(), prices.high.data(), first, last, levels),
                      reached);
            const Trigger found =
                ops.first_trailing(prices.low.data(), prices.high.data(), first, last, levels);
            EXPECT_EQ(found.session, trailed);
            if (trailed != last) {
                EXPECT_EQ(found.peak, peak_there);
            }
        };
        check(reference_lane_ops());
        on_every_target(check);
    }
}

}  // namespace hsl::portfolio::detail
