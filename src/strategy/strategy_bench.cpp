// SPDX-License-Identifier: Apache-2.0

// Signals of strategy families on 800 lanes x 1,250 sessions, one thread. `a_row` is nanoseconds
// for a session of eight lanes of one set: indicators, comparisons and logic, without the fill
// kernel. HSL_CPU=avx2 and so on picks the CPU target.

#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/cpu.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "strategy/evaluate.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {
namespace {

const market::Frame& market_frame() {
    static const market::Frame frame = [] {
        const char* cpu = std::getenv("HSL_CPU");
        if (auto target = parse_cpu_target(cpu == nullptr ? "best" : cpu);
            !target || !set_cpu_target(*target)) {
            fmt::print(stderr, "HSL_CPU={}: not on this machine\n", cpu);
            std::exit(1);
        }
        auto bars = market::generate_market({.symbols = 800, .sessions = 1250, .seed = 42});
        auto built =
            bars ? market::build_frame(*bars, {.all = true}) : std::unexpected(bars.error());
        if (!built) {
            fmt::print(stderr, "{}\n", built.error().text());
            std::exit(1);
        }
        return std::move(*built);
    }();
    return frame;
}

StrategyFile read(const char* text) {
    auto file = parse_strategies("bench", text);
    if (!file) {
        fmt::print(stderr, "{}\n", file.error().text());
        std::exit(1);
    }
    return std::move(*file);
}

// The first lane of every tile, against the plain evaluator.
void check(const Evaluator& evaluator, const StrategyFile& file, const market::Frame& frame) {
    LaneEvaluator plain{file.nodes, frame};
    Evaluator::Workspace workspace;
    for (std::size_t tile = 0; tile < frame.tile_count(); tile += 37)
        evaluator.visit_tile(
            tile, workspace, [&](std::size_t set, const std::uint8_t* entry, const std::uint8_t*) {
                const auto truth = plain.truth(file.sets[set].entry, tile * tile_lanes);
                for (std::size_t t = 0; t < frame.session_count(); ++t)
                    if ((entry[t] & 1) != (truth[t] == 1)) {
                        fmt::print(stderr, "{}: tile {} session {} differs\n",
                                   params_text(file.sets[set]), tile, t);
                        std::exit(1);
                    }
            });
}

void signals(benchmark::State& state, const char* text) {
    const market::Frame& frame = market_frame();
    const StrategyFile file = read(text);
    Evaluator evaluator{file, frame};
    evaluator.prepare(1);
    check(evaluator, file, frame);
    Evaluator::Workspace workspace;
    std::size_t rows = 0;
    for (auto _ : state) {
        unsigned sum = 0;
        for (std::size_t tile = 0; tile < frame.tile_count(); ++tile)
            evaluator.visit_tile(tile, workspace,
                                 [&](std::size_t, const std::uint8_t* entry, const std::uint8_t*) {
                                     sum += entry[tile];
                                 });
        benchmark::DoNotOptimize(sum);
        rows += frame.tile_count() * frame.session_count() * file.sets.size();
    }
    state.counters["a_row"] = benchmark::Counter(
        static_cast<double>(rows), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.SetLabel(fmt::format("{} sets, {}", file.sets.size(), name_of(active_cpu_target())));
}

BENCHMARK_CAPTURE(signals, sma_cross, R"toml([s]
params = { fast = { from = 3, to = 21, step = 2 }, slow = { from = 30, to = 120, step = 10 } }
entry = "crosses_above(sma(close, fast), sma(close, slow))"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
)toml")
    ->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(signals, sma_cross_13, R"toml([s]
params = { fast = [5, 8, 10, 12, 15, 20], slow = [40, 60, 80, 100, 120, 160, 200], stop = [0.05, 0.1, 0.2] }
stop_loss = "stop"
entry = "crosses_above(sma(close, fast), sma(close, slow)) and volume > sma(volume, 20)"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
)toml")
    ->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(signals, rsi_reversal, R"toml([s]
params = { n = [7, 14, 21], below = [20, 25, 30, 35], above = [60, 65, 70, 75] }
entry = "rsi(close, n) < below and close > sma(close, 200)"
exit = "rsi(close, n) > above"
)toml")
    ->Unit(benchmark::kMillisecond);

void panels(benchmark::State& state) {
    const market::Frame& frame = market_frame();
    const StrategyFile file =
        read("[s]\nentry = \"rank(roc(close, 20)) > 0.9 and top(volume, 100)\"\n");
    for (auto _ : state) {
        Evaluator evaluator{file, frame};
        evaluator.prepare(1);
        benchmark::DoNotOptimize(&evaluator);
    }
}
BENCHMARK(panels)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hsl::strategy
