// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs a file's graph on a frame, tile by tile. Cross-sectional nodes (rank, zscore, top) need
// every lane at once: prepare() computes them for the whole frame first, the rest streams through
// tiles.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "market/frame.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

class Timeframes;

class Evaluator {
public:
    // Keeps references to both. The frame has the file's columns.
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
    using Visitor =
        std::function<void(std::size_t set, const std::uint8_t* entry, const std::uint8_t* exit)>;
    void visit_tile(std::size_t tile, Workspace& workspace, const Visitor& visitor) const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

// The plain meaning, one lane at a time, nothing shared with the tiles but the specs: for tests,
// the reference engine and `hsl indicators`. Keeps what panels need of all lanes between calls, and
// references to both arguments. One thread.
class LaneEvaluator {
public:
    LaneEvaluator(std::span<const Node> nodes, const market::Frame& frame);
    ~LaneEvaluator();
    // A number node over all sessions of a lane.
    [[nodiscard]] std::vector<double> values(int node, std::size_t lane);
    // A boolean node: 1 true, 0 false, -1 unknown.
    [[nodiscard]] std::vector<std::int8_t> truth(int node, std::size_t lane);

private:
    struct Value {
        std::vector<double> numbers = {};
        std::vector<std::int8_t> truths = {};
    };
    Value evaluate(int wanted, std::size_t lane);
    Value compute(const Node& node, std::span<const Value* const> inputs, std::size_t lane) const;
    Value panel(int index, std::size_t lane);

    std::span<const Node> nodes_;
    std::unique_ptr<Timeframes> timeframes_;
    std::map<int, std::vector<std::vector<double>>> panel_inputs_;  // by node, then lane
};

// The same for one question.
[[nodiscard]] std::vector<double> evaluate_lane(std::span<const Node> nodes, int node,
                                                const market::Frame& frame, std::size_t lane);
[[nodiscard]] std::vector<std::int8_t> evaluate_lane_truth(std::span<const Node> nodes, int node,
                                                           const market::Frame& frame,
                                                           std::size_t lane);

}  // namespace hsl::strategy
