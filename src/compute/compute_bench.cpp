// SPDX-License-Identifier: Apache-2.0
//
// Time a bar of every op: one tile of 8 lanes x 1,250 sessions that stays in the cache,
// period
// 20. Each is checked against the reference first. HSL_CPU=avx2 and so on picks the CPU target.

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "base/cpu.hpp"
#include "base/rng.hpp"
#include "base/tile.hpp"
#include "compute/op.hpp"

namespace hsl::compute {
namespace {

constexpr std::size_t sessions = 1250;

struct Columns {
    AlignedBuffer<double> buffers[op_columns_max];
    double* pointers[op_columns_max];

    Columns() {
        for (std::size_t i = 0; i < op_columns_max; ++i) {
            buffers[i] = AlignedBuffer<double>(sessions * tile_lanes);
            pointers[i] = buffers[i].data();
        }
    }
};

void measure(benchmark::State& state, const Op& op) {
    Columns in, expected, found;
    Rng rng(11);
    for (std::size_t i = 0; i < sessions * tile_lanes; ++i)
        for (AlignedBuffer<double>& column : in.buffers)
            column[i] = static_cast<double>(10000 + rng.below(1000));
    const Arguments arguments{.period = 20, .skip = 0, .factor = 0.1};

    const CpuTarget target = active_cpu_target();
    run_tile(op, arguments, in.pointers, found.pointers, sessions);
    (void)set_cpu_target(CpuTarget::scalar);
    run_tile(op, arguments, in.pointers, expected.pointers, sessions);
    (void)set_cpu_target(target);
    for (std::size_t o = 0; o < op.outputs; ++o)
        for (std::size_t i = 0; i < sessions * tile_lanes; ++i) {
            const double a = expected.buffers[o][i], b = found.buffers[o][i];
            if (std::isnan(a) && std::isnan(b)) continue;
            if (std::bit_cast<std::uint64_t>(a) != std::bit_cast<std::uint64_t>(b))
                return state.SkipWithError("differs from the reference");
        }
    for (auto _ : state) {
        run_tile(op, arguments, in.pointers, found.pointers, sessions);
        benchmark::ClobberMemory();
    }
    state.counters["a bar"] =
        benchmark::Counter(sessions * tile_lanes, benchmark::Counter::kIsIterationInvariantRate |
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
    for (const Op* op : all_ops())
        benchmark::RegisterBenchmark(std::string{op->name}.c_str(), measure, std::ref(*op));
    return true;
}();

}  // namespace
}  // namespace hsl::compute
