// SPDX-License-Identifier: Apache-2.0
#pragma once

// The graph under construction: equal nodes are made once, inputs come before users, and each node
// knows how many bars it and all below it need to settle.

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

inline constexpr int settling_max = 1'000'000;  // sessions; larger sums stay there

class Graph {
public:
    Graph();
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    // Index of the node equal to this one; its settling is worked out here.
    int add(Node node);
    int add_constant(double number, ValueType type);
    [[nodiscard]] const Node& node(int index) const {
        return nodes_[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] std::vector<Node> take() { return std::move(nodes_); }

private:
    struct Hash {
        const Graph* graph;
        std::size_t operator()(int index) const;
    };
    struct Equal {
        const Graph* graph;
        bool operator()(int left, int right) const;
    };
    std::vector<Node> nodes_;
    std::unordered_set<int, Hash, Equal> known_;
};

}  // namespace hsl::strategy
