// SPDX-License-Identifier: Apache-2.0
// What comes after the walk: judging 110 sets of 1,200 sessions, and writing them down.
#include <benchmark/benchmark.h>

#include "analytics/sweep_result.hpp"
#include "analytics/sweep_result_example.hpp"
#include "analytics/verdict.hpp"

namespace hsl::analytics {
namespace {

const SweepResult& sweep() {
    static const SweepResult result =
        example_sweep({.sets = 110, .sessions = 1200, .accounts = 800});
    return result;
}

void judge_110_sets_of_1200_sessions(benchmark::State& state) {
    VerdictInput input;
    for (const LeaderboardRow& row : sweep().leaderboard) {
        input.returns.emplace_back(row.returns);
        input.names.push_back(row_name(row));
        input.sharpes.push_back(row.measures.sharpe);
        input.trades.push_back(row.measures.trades);
    }
    input.hold = sweep().benchmarks.front().returns;
    input.annualisation = sweep().annualisation;
    if (judge(input).best != sweep().best_row) state.SkipWithError("another set is best");
    for (auto _ : state) benchmark::DoNotOptimize(judge(input));
}
BENCHMARK(judge_110_sets_of_1200_sessions)->Unit(benchmark::kMillisecond);

void write_json_of_110_sets(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(to_json(sweep(), 0, false));
}
BENCHMARK(write_json_of_110_sets)->Unit(benchmark::kMillisecond);

void write_html_of_110_sets_of_1200_sessions(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(to_html(sweep()));
}
BENCHMARK(write_html_of_110_sets_of_1200_sessions)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hsl::analytics
