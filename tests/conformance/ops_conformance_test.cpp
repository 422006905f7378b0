// SPDX-License-Identifier: Apache-2.0
//
// Every op by itself: each CPU target and the stream against its reference loop, and the lookback
// that it declares. Indicators use few of the arguments that an op understands; this asks for more.

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "compute/op.hpp"
#include "shapes.hpp"

namespace hsl::conformance {
namespace {

using compute::Arguments;
using compute::Op;

constexpr std::uint64_t seed = 977;
constexpr std::size_t sessions = 900;

bool same(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) ||
           std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

class EveryOp : public testing::TestWithParam<const Op*> {
protected:
    ~EveryOp() override { (void)set_cpu_target(CpuTarget::best); }
};

TEST_P(EveryOp, GivesTheSameBitsFromEveryExecutor) {
    const Op& op = *GetParam();
    EXPECT_EQ(op.tolerance, compute::Tolerance::exact);
    for (const std::string_view name : shape_names) {
        Shape shape = make_shape(name, sessions, seed);
        const std::size_t count = shape.sessions;
        const double* in[compute::op_columns_max] = {
            shape.columns[1].data(), shape.columns[2].data(), shape.columns[3].data()};
        for (const Arguments& arguments :
             {Arguments{1, 0, 1.0}, Arguments{2, 3, -0.5}, Arguments{19, 0, 0.1},
              Arguments{257, 10, 2.0}, Arguments{2000, 0, 1.0}}) {
            AlignedBuffer<double> expected[compute::op_columns_max];
            AlignedBuffer<double> found[compute::op_columns_max];
            double* expected_out[compute::op_columns_max] = {};
            double* found_out[compute::op_columns_max] = {};
            for (std::size_t o = 0; o < op.outputs; ++o) {
                expected[o] = AlignedBuffer<double>(count * tile_lanes + 1);
                found[o] = AlignedBuffer<double>(count * tile_lanes + 1);
                expected_out[o] = expected[o].data();
                found_out[o] = found[o].data();
            }
            ASSERT_TRUE(set_cpu_target(CpuTarget::scalar));
            run_tile(op, arguments, in, expected_out, count);
            for (const CpuTarget target : available_cpu_targets()) {
                ASSERT_TRUE(set_cpu_target(target));
                run_tile(op, arguments, in, found_out, count);
                for (std::size_t o = 0; o < op.outputs; ++o)
                    for (std::size_t i = 0; i < count * tile_lanes; ++i)
                        ASSERT_TRUE(same(expected[o][i], found[o][i])) << fmt::format(
                            "{} period {} skip {} on {} by {}, output {}, lane {}, bar {}: {:.17g} "
                            "instead of {:.17g}; seed {}",
                            op.name, arguments.period, arguments.skip, name, name_of(target), o,
                            i % tile_lanes, i / tile_lanes, found[o][i], expected[o][i], seed);
            }
            for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
                const auto step = op.stream(arguments);
                for (std::size_t t = 0; t < count; ++t) {
                    double x[compute::op_columns_max], y[compute::op_columns_max];
                    for (std::size_t i = 0; i < op.inputs; ++i) x[i] = in[i][t * tile_lanes + lane];
                    step->step(x, y);
                    for (std::size_t o = 0; o < op.outputs; ++o)
                        ASSERT_TRUE(same(expected[o][t * tile_lanes + lane], y[o]))
                            << op.name << " streaming on " << name << ", bar " << t;
                }
            }
        }
    }
}

TEST_P(EveryOp, IsSilentForItsLookbackAndNoLonger) {
    const Op& op = *GetParam();
    Shape shape = make_shape("walk", sessions, seed);
    const double* in[compute::op_columns_max] = {shape.columns[1].data(), shape.columns[2].data(),
                                                 shape.columns[3].data()};
    std::vector<double> out(sessions);
    double* outputs[compute::op_columns_max] = {out.data()};
    for (const Arguments& arguments : {Arguments{1, 0, 1.0}, Arguments{30, 7, 1.0}}) {
        op.reference(arguments, in, outputs, sessions, 1);
        const auto lookback = static_cast<std::size_t>(op.lookback(arguments));
        for (std::size_t t = 0; t < sessions; ++t)
            ASSERT_EQ(std::isnan(out[t]), t < lookback) << op.name << " at bar " << t;
    }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryOp,
                         testing::ValuesIn(compute::all_ops().begin(), compute::all_ops().end()),
                         [](const auto& tested) { return std::string{tested.param->name}; });

// Highway picks a vector target only if the CPU has all that it lists for it, and takes what the
// compiler's flags already promise as a floor. A build with -march=x86-64-v3 promises AVX2 without
// AES, which Highway's AVX2 asks for: dynamic dispatch then gives 4 or fewer doubles on a machine
// that has 8, and nothing fails, it is only slow. This test fails then.
TEST(Highway, RunsEightLanesWhereTheMachineHasThem) {
    std::ifstream file("/proc/cpuinfo");
    std::string flags;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("flags")) {
            flags = line + " ";
            break;
        }
    if (flags.empty()) GTEST_SKIP() << "/proc/cpuinfo has no flags: not an x86 Linux";
    const auto has = [&](std::string_view words) {
        std::istringstream in{std::string{words}};
        for (std::string word; in >> word;)
            if (flags.find(" " + word + " ") == std::string::npos) return false;
        return true;
    };
    const char* avx2 = "avx2 fma bmi1 bmi2 f16c aes pclmulqdq";
    const char* avx512 = "avx512f avx512vl avx512dq avx512bw avx512cd";
    ASSERT_TRUE(set_cpu_target(CpuTarget::best));
    const std::size_t expected = has(avx2) ? (has(avx512) ? 8 : 4) : has("sse4_1 aes") ? 2 : 1;
    EXPECT_EQ(compute::vector_lanes(), expected)
        << "build without -march, or with one that includes AES and PCLMUL: x86-64-v3 does not";
}

TEST(Highway, RunsTheTargetThatWasAskedFor) {
    for (const CpuTarget target : available_cpu_targets()) {
        ASSERT_TRUE(set_cpu_target(target));
        EXPECT_EQ(compute::vector_lanes(), static_cast<std::size_t>(lanes_of(target)));
    }
    ASSERT_TRUE(set_cpu_target(CpuTarget::best));
}

}  // namespace
}  // namespace hsl::conformance
