// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/graph.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace hsl::strategy {
namespace {

// The most sessions a week and a month can hold: with Saturdays, as until 1998.
constexpr double week_sessions_max = 6;
constexpr double month_sessions_max = 27;

std::uint64_t bits_of(double number) { return std::bit_cast<std::uint64_t>(number); }

// What a node adds to the settling of its inputs, `below`; `bars_a_day` sessions are a day.
int settled_by(const Node& node, const std::vector<Node>& nodes, int below,
               std::size_t bars_a_day) {
    double settling = below;
    if (node.kind == NodeKind::resample) {
        // Whole periods, and the one in which the data begins.
        const bool weeks =
            nodes[static_cast<std::size_t>(node.inputs[0])].timeframe == Timeframe::week;
        settling = (settling + 1) * (weeks ? week_sessions_max : month_sessions_max) *
                   static_cast<double>(bars_a_day);
    }
    if (node.kind == NodeKind::indicator) settling += node.spec->settling(node.params);
    if (node.kind == NodeKind::cross) settling += 1;
    if (node.verb == Verb::lag) settling += node.number;
    return static_cast<int>(std::min(settling, static_cast<double>(settling_max)));
}

int settling_of(const Node& node, const std::vector<Node>& nodes) {
    int below = 0;
    for (const int input : node.inputs)
        below = std::max(below, nodes[static_cast<std::size_t>(input)].settling);
    return settled_by(node, nodes, below, 1);
}

}  // namespace

int settling_in_bars(const StrategyFile& file, std::size_t bars_a_day) {
    std::vector<int> settling;
    settling.reserve(file.nodes.size());
    for (const Node& node : file.nodes) {
        int below = 0;
        for (const int input : node.inputs)
            below = std::max(below, settling[static_cast<std::size_t>(input)]);
        settling.push_back(settled_by(node, file.nodes, below, bars_a_day));
    }
    int longest = 0;
    for (const StrategySet& set : file.sets)
        for (const int node : {set.entry, set.exit})
            if (node >= 0) longest = std::max(longest, settling[static_cast<std::size_t>(node)]);
    return longest;
}

std::size_t Graph::Hash::operator()(int index) const {
    const Node& node = graph->node(index);
    std::uint64_t hash = 0;
    const auto mix = [&](std::uint64_t value) {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
        hash ^= hash >> 29;
    };
    mix(static_cast<std::uint64_t>(node.kind) | static_cast<std::uint64_t>(node.verb) << 8 |
        static_cast<std::uint64_t>(node.type) << 16 | static_cast<std::uint64_t>(node.field) << 24 |
        static_cast<std::uint64_t>(node.output) << 32 |
        static_cast<std::uint64_t>(node.timeframe) << 48 |
        static_cast<std::uint64_t>(node.raw) << 56);
    mix(static_cast<std::uint64_t>(node.column));
    mix(bits_of(node.number));
    mix(reinterpret_cast<std::uintptr_t>(node.spec));
    for (const double param : node.params) mix(bits_of(param));
    for (const int input : node.inputs) mix(static_cast<std::uint64_t>(input));
    return static_cast<std::size_t>(hash);
}

bool Graph::Equal::operator()(int left, int right) const {
    const Node& a = graph->node(left);
    const Node& b = graph->node(right);
    return a.kind == b.kind && a.verb == b.verb && a.type == b.type && a.field == b.field &&
           a.timeframe == b.timeframe && a.raw == b.raw && a.column == b.column &&
           a.output == b.output && a.spec == b.spec && bits_of(a.number) == bits_of(b.number) &&
           std::ranges::equal(a.params, b.params, {}, bits_of, bits_of) && a.inputs == b.inputs;
}

Graph::Graph() : known_(64, Hash{this}, Equal{this}) {}

int Graph::add(Node node) {
    const int index = static_cast<int>(nodes_.size());
    for (const int input : node.inputs) HSL_ASSERT(input >= 0 && input < index);
    node.settling = settling_of(node, nodes_);
    nodes_.push_back(std::move(node));
    const auto [place, inserted] = known_.insert(index);
    if (!inserted) nodes_.pop_back();
    return *place;
}

int Graph::add_constant(double number, ValueType type) {
    return add({.kind = NodeKind::constant, .type = type, .number = number});
}

int Graph::add_in(Timeframe timeframe, int day) {
    const auto known = retimed_.find({timeframe, day});
    if (known != retimed_.end()) return known->second;
    // Inputs come before users: a pass over what lies below, no recursion.
    std::vector<bool> needed(static_cast<std::size_t>(day) + 1, false);
    needed.back() = true;
    for (std::size_t i = needed.size(); i-- > 0;)
        if (needed[i])
            for (const int input : nodes_[i].inputs) needed[static_cast<std::size_t>(input)] = true;
    for (std::size_t i = 0; i < needed.size(); ++i) {
        const std::pair key{timeframe, static_cast<int>(i)};
        if (!needed[i] || retimed_.contains(key)) continue;
        Node node = nodes_[i];
        HSL_ASSERT(node.timeframe == Timeframe::day && node.kind != NodeKind::resample);
        if (node.kind != NodeKind::constant) node.timeframe = timeframe;
        for (int& input : node.inputs) input = retimed_.at({timeframe, input});
        retimed_.emplace(key, add(std::move(node)));
    }
    return retimed_.at({timeframe, day});
}

int Graph::column(std::string_view name) {
    const auto found = std::ranges::find(columns_, name);
    const auto index = static_cast<int>(found - columns_.begin());
    if (found == columns_.end()) columns_.emplace_back(name);
    return index;
}

}  // namespace hsl::strategy
