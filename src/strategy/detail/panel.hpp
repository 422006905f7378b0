// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cross-sectional functions on a whole frame: each session looks at every listed lane with a value.

#include <cstddef>
#include <cstdint>

#include "base/aligned.hpp"
#include "base/tile.hpp"
#include "market/frame.hpp"
#include "strategy/detail/truth_ops.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

// A panel node's result over all tiles: a column, or for top a condition.
struct Panel {
    TileColumn column;
    AlignedBuffer<std::uint8_t> truths;  // [tile][yes, no][truth_stride]

    [[nodiscard]] Truth truth(std::size_t tile, std::size_t sessions) {
        std::uint8_t* yes = truths.data() + tile * 2 * truth_stride(sessions);
        return {yes, yes + truth_stride(sessions)};
    }
    [[nodiscard]] TruthView truth(std::size_t tile, std::size_t sessions) const {
        const std::uint8_t* yes = truths.data() + tile * 2 * truth_stride(sessions);
        return {yes, yes + truth_stride(sessions)};
    }
};

[[nodiscard]] Panel compute_panel(const Node& node, const TileColumn& input,
                                  const market::Frame& frame, unsigned threads);

}  // namespace hsl::strategy
