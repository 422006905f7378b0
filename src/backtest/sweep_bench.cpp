// SPDX-License-Identifier: Apache-2.0

// Whole sweeps on a generated market of 800 symbols x 1,250 sessions, from a loaded frame to the
// verdict. The argument is the number of threads; `--benchmark_filter=kospi100` needs the
// repository (HSL_SOURCE_DIR or the working folder). ./dev bench holds the same work against a
// plain loop.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "backtest/sweep.hpp"
#include "base/cpu.hpp"
#include "market/synthetic.hpp"

namespace hsl::backtest {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().text());
        std::exit(1);
    }
    return std::move(*result);
}

const market::Frame& frame() {
    static const market::Frame made = [] {
        const char* cpu = std::getenv("HSL_CPU");
        if (!set_cpu_target(must(parse_cpu_target(cpu == nullptr ? "best" : cpu)))) std::exit(1);
        return must(market::build_frame(must(market::generate_market({})), {.all = true}));
    }();
    return made;
}

void sweep(benchmark::State& state, const strategy::StrategyFile& file) {
    const SweepOptions options{.threads = static_cast<unsigned>(state.range(0))};
    analytics::SweepResult result;
    double verdict = 0;
    for (auto _ : state) {
        result = must(run_sweep(frame(), file, options)).result;
        verdict += result.elapsed_ms.verdict;
    }
    state.SetLabel(fmt::format("{}, {} sets, {} trades in the median set",
                               name_of(active_cpu_target()), result.trials,
                               result.leaderboard[result.leaderboard.size() / 2].measures.trades));
    state.counters["verdict_ms"] = verdict / static_cast<double>(state.iterations());
}

void kospi100(benchmark::State& state) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    const auto file = must(strategy::read_strategies(
        fmt::format("{}/strategies/kospi100.toml", root == nullptr ? "." : root)));
    sweep(state, file);
}
BENCHMARK(kospi100)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void sma_cross(benchmark::State& state) {
    const auto file = must(strategy::parse_strategies("sma_cross", R"toml(
[sma_cross]
about = "A short average crosses a long one."
params = { fast = { from = 5, to = 23, step = 2 }, slow = { from = 30, to = 120, step = 10 } }
entry = "crosses_above(sma(close, fast), sma(close, slow))"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
slippage_bp = 10
)toml"));
    sweep(state, file);
}
BENCHMARK(sma_cross)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace hsl::backtest
