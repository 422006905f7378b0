// SPDX-License-Identifier: Apache-2.0
//
// Every indicator, by every executor this machine has, on every shape of input: the same bits as
// the plain loops that define it, one NaN being as good as another.

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "indicators/catalogue.hpp"
#include "shapes.hpp"

namespace hsl::conformance {
namespace {

using indicators::Input;
using indicators::Spec;

constexpr std::uint64_t seed = 20240613;
constexpr std::size_t sessions = 1100;  // beyond four anchors of the rolling sums

std::size_t column_of(Input input) {
    switch (input) {
        case Input::open:
            return 0;
        case Input::high:
            return 1;
        case Input::low:
            return 2;
        case Input::volume:
            return 4;
        default:
            return 3;
    }
}

// The standard parameters, the smallest, and two windows on either side of an anchor.
std::vector<std::vector<double>> parameters_of(const Spec& spec) {
    std::vector<std::vector<double>> sets(1);
    for (const auto& param : spec.params) sets[0].push_back(param.standard);
    if (spec.params.empty()) return sets;
    sets.push_back(sets[0]);
    for (std::size_t i = 0; i < spec.params.size(); ++i)
        if (spec.params[i].whole) sets[1][i] = spec.params[i].first;
    for (const double period : {20.0, 300.0}) {
        sets.push_back(sets[0]);
        sets.back()[0] = period;
    }
    return sets;
}

std::string difference(double expected, double found) {
    if (std::isnan(expected) && std::isnan(found)) return {};
    if (std::bit_cast<std::uint64_t>(expected) == std::bit_cast<std::uint64_t>(found)) return {};
    return fmt::format("{:.17g} instead of {:.17g}", found, expected);
}

class EveryIndicator : public testing::TestWithParam<const Spec*> {
protected:
    ~EveryIndicator() override { (void)set_cpu_target(CpuTarget::best); }
};

TEST_P(EveryIndicator, GivesTheSameBitsFromEveryExecutor) {
    const Spec& spec = *GetParam();
    indicators::Scratch scratch;
    for (const std::string_view name : shape_names) {
        Shape shape = make_shape(name, sessions, seed);
        const std::size_t count = shape.sessions;
        std::vector<const double*> inputs;
        for (const Input input : spec.inputs)
            inputs.push_back(shape.columns[column_of(input)].data());
        for (const auto& params : parameters_of(spec)) {
            SCOPED_TRACE(fmt::format("{}({}) on {}, seed {}", spec.name, fmt::join(params, ","),
                                     name, seed));
            // [output][lane]: the meaning, and one bar at a time.
            std::vector<std::vector<std::vector<double>>> expected(
                spec.outputs.size(), std::vector<std::vector<double>>(tile_lanes));
            for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
                std::vector<std::vector<double>> series;
                std::vector<const double*> in;
                std::vector<double*> out;
                for (const double* column : inputs) series.push_back(lane_of(column, count, lane));
                for (const auto& column : series) in.push_back(column.data());
                for (auto& output : expected) {
                    output[lane].resize(count);
                    out.push_back(output[lane].data());
                }
                compute_reference(spec, params, in, out, count);

                const auto stream = make_stream(spec, params);
                std::vector<double> bar(in.size()), now(out.size());
                for (std::size_t t = 0; t < count; ++t) {
                    for (std::size_t i = 0; i < in.size(); ++i) bar[i] = in[i][t];
                    stream->step(bar, now);
                    for (std::size_t o = 0; o < now.size(); ++o)
                        ASSERT_EQ(difference(expected[o][lane][t], now[o]), "")
                            << "streaming, output " << spec.outputs[o] << ", lane " << lane
                            << ", bar " << t;
                }
            }
            for (const CpuTarget target : available_cpu_targets()) {
                ASSERT_TRUE(set_cpu_target(target));
                // All outputs at once, then each on its own: columns that nobody wants are skipped.
                for (std::size_t only = 0; only <= spec.outputs.size(); ++only) {
                    std::vector<AlignedBuffer<double>> tiles;
                    std::vector<double*> out;
                    for (std::size_t o = 0; o < spec.outputs.size(); ++o) {
                        tiles.emplace_back(std::max<std::size_t>(1, count * tile_lanes));
                        const bool wanted = only == spec.outputs.size() || only == o;
                        out.push_back(wanted ? tiles.back().data() : nullptr);
                    }
                    compute_tile(spec, params, inputs, out, count, scratch);
                    for (std::size_t o = 0; o < out.size(); ++o)
                        for (std::size_t i = 0; out[o] && i < count * tile_lanes; ++i)
                            ASSERT_EQ(
                                difference(expected[o][i % tile_lanes][i / tile_lanes], out[o][i]),
                                "")
                                << name_of(target) << ", output " << spec.outputs[o] << ", lane "
                                << i % tile_lanes << ", bar " << i / tile_lanes;
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryIndicator,
                         testing::ValuesIn(indicators::all_specs().begin(),
                                           indicators::all_specs().end()),
                         [](const auto& tested) { return std::string{tested.param->name}; });

}  // namespace
}  // namespace hsl::conformance
