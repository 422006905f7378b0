// SPDX-License-Identifier: Apache-2.0
//
// Time a bar of every indicator with its standard parameters: 800 lanes x 1,250 sessions,
// the whole panel in and every output out, one core. Each is checked against the reference first.
// HSL_CPU=avx2 and so on picks the CPU target.

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/cpu.hpp"
#include "base/rng.hpp"
#include "base/tile.hpp"
#include "indicators/catalogue.hpp"

namespace hsl::indicators {
namespace {

constexpr std::size_t lanes = 800, sessions = 1250;

struct Panel {
    TileColumn columns[5];  // open, high, low, close, volume

    Panel() {
        for (TileColumn& column : columns) column = TileColumn(tiles_for(lanes), sessions);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            Rng rng = Rng::split(7, lane);
            double close = 50000;
            for (std::size_t t = 0; t < sessions; ++t) {
                const double open = close;
                close = std::max(100.0, std::round(close * (1 + 0.04 * (rng.uniform() - 0.5))));
                columns[0].at(lane, t) = open;
                columns[1].at(lane, t) = std::round(std::max(open, close) * 1.01);
                columns[2].at(lane, t) = std::round(std::min(open, close) * 0.99);
                columns[3].at(lane, t) = close;
                columns[4].at(lane, t) = static_cast<double>(rng.below(1000000));
            }
        }
    }
    [[nodiscard]] const TileColumn& column(Input input) const {
        return columns[input == Input::series ? 3 : static_cast<std::size_t>(input) - 1];
    }
};

const Panel& panel() {
    static const Panel made;
    return made;
}

void compute_panel(const Spec& spec, std::span<const double> params, std::vector<TileColumn>& out,
                   Scratch& scratch) {
    for (std::size_t tile = 0; tile < tiles_for(lanes); ++tile) {
        const double* in[5];
        double* results[3];
        for (std::size_t i = 0; i < spec.inputs.size(); ++i)
            in[i] = panel().column(spec.inputs[i]).tile(tile);
        for (std::size_t o = 0; o < out.size(); ++o) results[o] = out[o].tile(tile);
        compute_tile(spec, params, std::span{in, spec.inputs.size()},
                     std::span{results, out.size()}, sessions, scratch);
    }
}

bool matches_reference(const Spec& spec, std::span<const double> params,
                       const std::vector<TileColumn>& out) {
    const std::size_t lane = lanes - 3;
    std::vector<std::vector<double>> series, expected(out.size(), std::vector<double>(sessions));
    std::vector<const double*> in;
    std::vector<double*> results;
    for (const Input input : spec.inputs) {
        auto& values = series.emplace_back();
        for (std::size_t t = 0; t < sessions; ++t)
            values.push_back(panel().column(input).at(lane, t));
    }
    for (const auto& values : series) in.push_back(values.data());
    for (auto& values : expected) results.push_back(values.data());
    compute_reference(spec, params, in, results, sessions);
    for (std::size_t o = 0; o < out.size(); ++o)
        for (std::size_t t = 0; t < sessions; ++t) {
            const double a = expected[o][t], b = out[o].at(lane, t);
            if (std::isnan(a) != std::isnan(b)) return false;
            if (!std::isnan(a) &&
                std::bit_cast<std::uint64_t>(a) != std::bit_cast<std::uint64_t>(b))
                return false;
        }
    return true;
}

void measure(benchmark::State& state, const Spec& spec) {
    std::vector<double> params;
    for (const Param& param : spec.params) params.push_back(param.standard);
    Scratch scratch;
    std::vector<TileColumn> out;
    for (std::size_t o = 0; o < spec.outputs.size(); ++o)
        out.emplace_back(tiles_for(lanes), sessions);
    compute_panel(spec, params, out, scratch);
    if (!matches_reference(spec, params, out))
        return state.SkipWithError("differs from the reference");
    for (auto _ : state) {
        compute_panel(spec, params, out, scratch);
        benchmark::ClobberMemory();
    }
    state.counters["a bar"] =
        benchmark::Counter(lanes * sessions, benchmark::Counter::kIsIterationInvariantRate |
                                                 benchmark::Counter::kInvert);
}

const bool registered = [] {
    if (const char* word = std::getenv("HSL_CPU")) {
        const auto target = parse_cpu_target(word);
        if (!target || !set_cpu_target(*target)) {
            std::fprintf(stderr, "HSL_CPU=%s: no such target here\n", word);
            std::exit(2);
        }
    }
    benchmark::AddCustomContext("compiler", __VERSION__);
    benchmark::AddCustomContext("CPU target", std::string{name_of(active_cpu_target())});
    for (const Spec* spec : all_specs())
        benchmark::RegisterBenchmark(std::string{spec->name}.c_str(), measure, std::ref(*spec))
            ->Unit(benchmark::kMillisecond);
    return true;
}();

}  // namespace
}  // namespace hsl::indicators
