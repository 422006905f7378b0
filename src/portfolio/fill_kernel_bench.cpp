// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <limits>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/assert.hpp"
#include "base/cpu.hpp"
#include "market/synthetic.hpp"
#include "portfolio/fill_kernel.hpp"

// The kernel alone on crossings of two moving averages, 8 generated symbols x 1,250 sessions, one
// thread; the time is a lane and bar. Every run first agrees with the plain loops.

namespace hsl::portfolio {
namespace {

const market::Frame& frame() {
    static const market::Frame made = [] {
        auto bars = market::generate_market({.symbols = 8, .sessions = 1250, .threads = 1});
        HSL_ASSERT(bars.has_value());
        auto built = market::build_frame(*bars, {.all = true, .threads = 1});
        HSL_ASSERT(built.has_value());
        return std::move(*built);
    }();
    return made;
}

struct Signals {
    Signals(std::size_t fast, std::size_t slow)
        : entry(frame().tile_count(), frame().session_count()),
          exit(frame().tile_count(), frame().session_count()) {
        for (std::size_t lane = 0; lane < frame().tile_count() * tile_lanes; ++lane) {
            bool was_above = false;
            for (std::size_t t = 0; t < frame().session_count(); ++t) {
                const bool known = lane < frame().lane_count() &&
                                   t >= frame().lanes[lane].first + slow &&
                                   t <= frame().lanes[lane].last;
                const bool above = known && mean(lane, t, fast) > mean(lane, t, slow);
                entry.set(lane, t, above && !was_above);
                exit.set(lane, t, !above && was_above);
                was_above = above;
            }
        }
    }
    static double mean(std::size_t lane, std::size_t t, std::size_t period) {
        double sum = 0;
        for (std::size_t s = t + 1 - period; s <= t; ++s)
            sum += frame().column(market::Field::close).at(lane, s);
        return sum / static_cast<double>(period);
    }
    MaskColumn entry, exit;
};

// Fast 5 to 20, slow 40 to 200: the sets of one family, as a sweep meets them on a tile.
const std::vector<Signals>& family() {
    static const std::vector<Signals> made = [] {
        std::vector<Signals> sets;
        for (std::size_t fast = 5; fast <= 20; fast += 5)
            for (std::size_t slow = 40; slow <= 200; slow += 20) sets.emplace_back(fast, slow);
        return sets;
    }();
    return made;
}

constexpr std::size_t s0 = 200;

// One tally for all sets: a sweep has one each, which is the same memory traffic within a walk.
void walk_family(TileWalker& walker, const TradeRules& rules, SetTally& tally) {
    std::array<LaneResult, tile_lanes> lanes;
    for (const Signals& signals : family())
        walker.walk(rules, signals.entry.tile(0), signals.exit.tile(0), tally, lanes, nullptr);
}

// Arguments: stop, target and trailing stop in percent (0: none).
void fill_kernel(benchmark::State& state) {
    TradeRules rules{.slippage_e6 = 1'000};
    const auto fraction = [&](int index) { return static_cast<double>(state.range(index)) / 100; };
    if (state.range(0) != 0) rules.stop_loss = fraction(0);
    if (state.range(1) != 0) rules.take_profit = fraction(1);
    if (state.range(2) != 0) rules.trailing_stop = fraction(2);
    const std::size_t last = frame().session_count() - 1;
    const auto context = make_context(frame(), s0, last, market::Market::kospi);
    HSL_ASSERT(context.has_value());
    TileWalker walker{*context};
    walker.load(0);

    HSL_ASSERT(set_cpu_target(CpuTarget::scalar).has_value());
    SetTally plain{last + 1 - s0};
    walk_family(walker, rules, plain);
    HSL_ASSERT(set_cpu_target(CpuTarget::best).has_value());
    SetTally best{last + 1 - s0};
    walk_family(walker, rules, best);
    HSL_ASSERT(best.held == plain.held && best.cash_flow == plain.cash_flow && best.trades > 0);

    SetTally tally{last + 1 - s0};
    for (auto _ : state) walk_family(walker, rules, tally);
    state.SetLabel(std::string{name_of(active_cpu_target())});
    const double walks = static_cast<double>(tile_lanes * family().size());
    state.counters["trades_a_lane"] = static_cast<double>(best.trades) / walks;
    state.counters["time_a_bar"] = benchmark::Counter(
        walks * static_cast<double>(last - s0),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(fill_kernel)
    ->ArgNames({"stop", "target", "trailing"})
    ->Args({0, 0, 0})
    ->Args({8, 0, 0})
    ->Args({8, 15, 0})
    ->Args({0, 0, 10})
    ->Args({8, 20, 10});

void load_tile(benchmark::State& state) {
    const auto context =
        make_context(frame(), 0, frame().session_count() - 1, market::Market::kospi);
    HSL_ASSERT(context.has_value());
    TileWalker walker{*context};
    for (auto _ : state) walker.load(0);
    state.counters["time_a_bar"] = benchmark::Counter(
        static_cast<double>(tile_lanes * frame().session_count()),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(load_tile);

}  // namespace
}  // namespace hsl::portfolio
