// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inputs that every op and indicator is held to: one tile of bars a shape. Prices are whole won
// in most shapes and fractions in one; the lanes of a shape differ.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "base/aligned.hpp"
#include "base/rng.hpp"
#include "base/tile.hpp"

namespace hsl::conformance {

inline constexpr std::string_view shape_names[] = {
    "walk", "fractions",  "trend",       "flat",    "flat, holed",
    "gaps", "NaN inside", "late starts", "one bar", "none"};

// Columns open, high, low, close, volume, each [sessions][8].
struct Shape {
    std::string_view name;
    std::size_t sessions;
    std::array<AlignedBuffer<double>, 5> columns;

    [[nodiscard]] double& at(std::size_t column, std::size_t t, std::size_t lane) {
        return columns[column][t * tile_lanes + lane];
    }
};

inline Shape make_shape(std::string_view name, std::size_t sessions, std::uint64_t seed) {
    if (name == "one bar") sessions = 1;
    if (name == "none") sessions = 0;
    Shape shape{name, sessions, {}};
    for (auto& column : shape.columns) column = AlignedBuffer<double>(sessions * tile_lanes);
    const double missing = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        Rng rng = Rng::split(seed, lane);
        double close = 1000.0 + static_cast<double>(rng.below(90000));
        if (name == "flat, holed" && lane == 0) close = 0;
        std::size_t halted = 0;
        for (std::size_t t = 0; t < sessions; ++t) {
            const double unit = name == "fractions" ? 0.0078 : 1.0;
            const auto near = [&](double price, double spread) {
                return std::max(unit, std::round(price * (1 + spread) / unit) * unit);
            };
            const double open = near(close, 0.02 * (rng.uniform() - 0.5));
            if (name == "trend")
                close = near(close, lane % 2 ? 0.01 : -0.01);
            else if (!name.starts_with("flat"))
                close = near(close, 0.06 * (rng.uniform() - 0.5));
            double bar[] = {open, near(std::max(open, close), 0.02 * rng.uniform()),
                            near(std::min(open, close), -0.02 * rng.uniform()), close,
                            static_cast<double>(rng.below(1000000))};
            if (name.starts_with("flat")) std::fill(bar, bar + 4, close);
            // Halts enter a frame as flat bars without volume, up to 20 at a time.
            if (name == "gaps" && halted == 0 && rng.below(25) == 0) halted = 1 + rng.below(20);
            if (halted > 0 && t > 0) {
                std::fill(bar, bar + 4, close = shape.at(3, t - 1, lane));
                bar[4] = 0;
                --halted;
            }
            for (std::size_t column = 0; column < 5; ++column)
                shape.at(column, t, lane) = bar[column];
        }
        if (name == "late starts") {
            const std::size_t first = lane == 7 ? sessions : sessions / 9 * lane;
            const std::size_t last = lane == 3 ? sessions / 2 : sessions;
            for (std::size_t t = 0; t < sessions; ++t)
                if (t < first || t >= last)
                    for (std::size_t column = 0; column < 5; ++column)
                        shape.at(column, t, lane) = missing;
        }
        if (name == "NaN inside" || name == "flat, holed") {
            // In one column at a time: an op of several must end the run of all.
            for (std::size_t t = 0; t < sessions; ++t)
                if (rng.below(lane < 4 ? 40 : 400) == 0) shape.at(rng.below(5), t, lane) = missing;
        }
    }
    return shape;
}

// One lane of a column on its own.
inline std::vector<double> lane_of(const double* tile, std::size_t sessions, std::size_t lane) {
    std::vector<double> series(sessions);
    for (std::size_t t = 0; t < sessions; ++t) series[t] = tile[t * tile_lanes + lane];
    return series;
}

}  // namespace hsl::conformance
