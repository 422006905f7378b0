// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs a file's graph on a frame, tile by tile. Cross-sectional nodes (rank, zscore, top) need every
// lane at once: prepare() computes them for the whole frame first, the rest streams through tiles.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "market/frame.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

class Evaluator {
public:
    // Keeps references to both.
    Evaluator(const StrategyFile& file, const market::Frame& frame);
    ~Evaluator();
    // Computes the panel nodes; needed once, before visit_tile.
    void prepare(unsigned threads);

    // Memory of one worker thread.
    class Workspace {
    public:
        Workspace();
        ~Workspace();
        Workspace(Workspace&&) noexcept;
        struct State;
        std::unique_ptr<State> state;
    };

    // For every set, in an order that keeps intermediates few (not file order): signals of this
    // tile, one byte a session, a bit a lane, set where the expression is true (unknown is clear).
    // exit is nullptr for a set without one. The bytes live until the visitor returns.
    using Visitor = std::function<void(std::size_t set, const std::uint8_t* entry,
                                       const std::uint8_t* exit)>;
    void visit_tile(std::size_t tile, Workspace& workspace, const Visitor& visitor) const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

// The plain meaning, one lane at a time, nothing shared: value of a number node over all sessions of
// a lane. For tests, the reference engine and `hsl indicators`.
[[nodiscard]] std::vector<double> evaluate_lane(std::span<const Node> nodes, int node,
                                                const market::Frame& frame, std::size_t lane);
// A boolean node: 1 true, 0 false, -1 unknown.
[[nodiscard]] std::vector<std::int8_t> evaluate_lane_truth(std::span<const Node> nodes, int node,
                                                           const market::Frame& frame,
                                                           std::size_t lane);

}  // namespace hsl::strategy
