// SPDX-License-Identifier: Apache-2.0
#pragma once

// The graph under construction: equal nodes are made once, inputs come before users, and each node
// knows how many bars it and all below it need to settle.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
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
    // The same value out of weeks or months: every node below is made again in that timeframe.
    int add_in(Timeframe timeframe, int day);
    // Index of a named column, noted when it is new.
    int column(std::string_view name);
    [[nodiscard]] const Node& node(int index) const {
        return nodes_[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] std::vector<Node> take() { return std::move(nodes_); }
    [[nodiscard]] std::vector<std::string> take_columns() { return std::move(columns_); }

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
    std::vector<std::string> columns_;
    std::map<std::pair<Timeframe, int>, int> retimed_;
    std::unordered_set<int, Hash, Equal> known_;
};

}  // namespace hsl::strategy
