// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/program.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "base/assert.hpp"

namespace hsl::strategy {
namespace {

constexpr std::size_t window = 64;  // sets considered for the next place

// What one emit needs: the roots and where they go.
struct Goal {
    Step::Kind kind{};
    std::size_t target = 0;
    std::vector<int> roots = {};
};

// Values are nodes and, numbered after them, pairs: two number nodes compared, whose bits serve
// every comparison and crossing of the two in either order.
class Planner {
public:
    explicit Planner(std::span<const Node> nodes) : nodes_(nodes), done_(nodes.size()) {
        std::map<std::pair<int, int>, int> known;
        pair_of_.assign(nodes.size(), -1);
        group_of_.assign(nodes.size(), -1);
        std::map<std::vector<double>, int> groups;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const Node& node = nodes[i];
            if (node.kind == NodeKind::compare || node.kind == NodeKind::cross) {
                const std::pair key = std::minmax(node.inputs[0], node.inputs[1]);
                const auto [place, is_new] =
                    known.emplace(std::pair<int, int>{key}, static_cast<int>(pairs_.size()));
                if (is_new) pairs_.push_back({key.first, key.second});
                pair_of_[i] = static_cast<int>(nodes.size()) + place->second;
            }
            if (node.kind == NodeKind::indicator) {
                // Outputs of one call differ in nothing but their number.
                std::vector<double> key;
                key.push_back(
                    static_cast<double>(std::ranges::find(indicators::all_specs(), node.spec) -
                                        indicators::all_specs().begin()));
                for (const int input : node.inputs) key.push_back(input);
                key.insert(key.end(), node.params.begin(), node.params.end());
                const auto [place, is_new] =
                    groups.emplace(std::move(key), static_cast<int>(members_.size()));
                if (is_new) members_.emplace_back();
                group_of_[i] = place->second;
                members_[static_cast<std::size_t>(place->second)].push_back(static_cast<int>(i));
            }
        }
        done_.assign(nodes.size() + pairs_.size(), false);
        uses_.assign(nodes.size() + pairs_.size(), 0);
    }

    Program plan(std::span<const Goal> goals) {
        for (const Goal& goal : goals) {
            for (const int root : goal.roots) schedule(root);
            order_.push_back({.goal = &goal});
            for (const int root : goal.roots) ++uses(root);
        }
        slot_of_.assign(uses_.size(), -1);
        for (const Item& item : order_) place(item);
        program_.number_slots = static_cast<std::size_t>(numbers_.count);
        program_.truth_slots = static_cast<std::size_t>(truths_.count);
        return std::move(program_);
    }

private:
    struct Item {
        int value = -1;  // a node (of a group of outputs: the first one) or a pair
        const Goal* goal = nullptr;
    };
    struct Slots {
        std::vector<int> free = {};
        int count = 0;
        int take() {
            if (free.empty()) return count++;
            const int slot = free.back();  // the last one given back is still in the cache
            free.pop_back();
            return slot;
        }
    };

    bool is_pair(int value) const { return value >= static_cast<int>(nodes_.size()); }
    const Node& node(int value) const { return nodes_[static_cast<std::size_t>(value)]; }
    int& uses(int value) { return uses_[static_cast<std::size_t>(value)]; }
    int& slot(int value) { return slot_of_[static_cast<std::size_t>(value)]; }

    // Values that take no step: they lie in the frame, among the panels, or in the step itself.
    bool is_given(int value) const {
        if (is_pair(value)) return false;
        const Node& it = node(value);
        return it.kind == NodeKind::field || it.kind == NodeKind::panel ||
               (it.kind == NodeKind::constant && it.type == ValueType::number);
    }
    std::vector<int> needs(int value) const {
        if (is_pair(value)) {
            const auto& [a, b] = pairs_[static_cast<std::size_t>(value) - nodes_.size()];
            return {a, b};
        }
        if (const int pair = pair_of_[static_cast<std::size_t>(value)]; pair >= 0) return {pair};
        return node(value).inputs;
    }
    // One step computes all outputs of a call: it stands for the first of them.
    int leader(int value) const {
        if (is_pair(value) || node(value).kind != NodeKind::indicator) return value;
        return members(value).front();
    }
    const std::vector<int>& members(int value) const {
        return members_[static_cast<std::size_t>(group_of_[static_cast<std::size_t>(value)])];
    }

    // Depth first; a stack of our own, since a chain of lets may be long.
    void schedule(int root) {
        std::vector<std::pair<int, bool>> stack{{root, false}};
        while (!stack.empty()) {
            auto& [value, opened] = stack.back();
            value = leader(value);
            if (is_given(value) || done_[static_cast<std::size_t>(value)]) {
                stack.pop_back();
                continue;
            }
            const int current = value;
            if (!opened) {
                opened = true;
                const std::vector<int> below = needs(current);
                for (const int need : std::vector<int>(below.rbegin(), below.rend()))
                    stack.emplace_back(need, false);
                continue;
            }
            stack.pop_back();
            done_[static_cast<std::size_t>(current)] = true;
            order_.push_back({.value = current});
            for (const int need : needs(current)) ++uses(need);
        }
    }

    NumberPlace number_place(int value) {
        const Node& it = node(value);
        switch (it.kind) {
            case NodeKind::field:
                return {NumberPlace::Kind::field, value, 0};
            case NodeKind::panel:
                return {NumberPlace::Kind::panel, value, 0};
            case NodeKind::constant:
                return {NumberPlace::Kind::number, 0, it.number};
            default:
                return {NumberPlace::Kind::slot, slot(value), 0};
        }
    }
    TruthPlace truth_place(int value) {
        if (!is_pair(value) && node(value).kind == NodeKind::panel)
            return {TruthPlace::Kind::panel, value};
        return {TruthPlace::Kind::slot, slot(value)};
    }
    void release(int value) {
        if (is_given(value) || --uses(value) > 0) return;
        Slots& slots =
            is_pair(value) || node(value).type == ValueType::boolean ? truths_ : numbers_;
        slots.free.push_back(slot(value));
    }

    // Of what the step of a value reads; a constant has none.
    Timeframe timeframe_of(const std::vector<int>& inputs) const {
        for (const int input : inputs)
            if (is_pair(input) || node(input).kind != NodeKind::constant)
                return is_pair(input) ? timeframe_of(needs(input)) : node(input).timeframe;
        return Timeframe::day;
    }

    void place(const Item& item) {
        Step step;
        if (item.goal != nullptr) {
            step.kind = item.goal->kind;
            step.target = item.goal->target;
            for (const int root : item.goal->roots) {
                if (step.kind == Step::Kind::emit_column) {
                    step.numbers.push_back(number_place(root));
                    step.timeframe = node(root).timeframe;
                } else
                    step.truths.push_back(truth_place(root));
            }
            program_.steps.push_back(std::move(step));
            for (const int root : item.goal->roots) release(root);
            return;
        }
        const int value = item.value;
        const std::vector<int> inputs = needs(value);
        step.timeframe = timeframe_of(inputs);
        bool in_place = false;  // the output may take the place of an input that ends here
        if (is_pair(value)) {
            step.kind = Step::Kind::pair;
        } else {
            const Node& it = node(value);
            step.verb = it.verb;
            step.count = static_cast<std::size_t>(it.verb == Verb::lag ? it.number : 0);
            switch (it.kind) {
                case NodeKind::indicator:
                    step.kind = Step::Kind::indicator;
                    step.node = &it;
                    break;
                case NodeKind::arithmetic:
                    step.kind = it.verb == Verb::lag ? Step::Kind::lag : Step::Kind::combine;
                    in_place = it.verb != Verb::lag;
                    break;
                case NodeKind::compare:
                case NodeKind::cross:
                    step.kind =
                        it.kind == NodeKind::compare ? Step::Kind::compare : Step::Kind::cross;
                    step.swapped = it.inputs[0] > it.inputs[1];
                    break;
                case NodeKind::logic:
                    step.kind = it.verb == Verb::lag ? Step::Kind::truth_lag : Step::Kind::logic;
                    in_place = it.verb != Verb::lag;
                    break;
                case NodeKind::resample:
                    step.kind = it.type == ValueType::number ? Step::Kind::expand
                                                             : Step::Kind::truth_expand;
                    break;
                case NodeKind::constant:
                    step.kind = Step::Kind::truth_fill;
                    step.truth = it.number != 0;
                    break;
                default:
                    HSL_ASSERT(false && "a value that takes a step");
            }
        }
        const bool takes_numbers = step.kind == Step::Kind::indicator ||
                                   step.kind == Step::Kind::combine ||
                                   step.kind == Step::Kind::lag ||
                                   step.kind == Step::Kind::expand || step.kind == Step::Kind::pair;
        for (const int input : inputs) {
            if (takes_numbers)
                step.numbers.push_back(number_place(input));
            else
                step.truths.push_back(truth_place(input));
        }
        if (in_place)
            for (const int input : inputs) release(input);
        if (step.kind == Step::Kind::indicator) {
            step.number_outputs.assign(node(value).spec->outputs.size(), -1);
            for (const int member : members(value)) {
                if (uses(member) == 0) continue;
                slot(member) = numbers_.take();
                step.number_outputs[static_cast<std::size_t>(node(member).output)] = slot(member);
            }
        } else {
            const bool is_number = step.kind == Step::Kind::combine ||
                                   step.kind == Step::Kind::lag || step.kind == Step::Kind::expand;
            slot(value) = is_number ? numbers_.take() : truths_.take();
            step.out = slot(value);
        }
        if (!in_place)
            for (const int input : inputs) release(input);
        program_.steps.push_back(std::move(step));
    }

    std::span<const Node> nodes_;
    std::vector<std::pair<int, int>> pairs_;
    std::vector<int> pair_of_;               // of a comparison or crossing
    std::vector<int> group_of_;              // of an indicator
    std::vector<std::vector<int>> members_;  // of a group
    std::vector<bool> done_;
    std::vector<int> uses_;
    std::vector<int> slot_of_;
    std::vector<Item> order_;
    Slots numbers_, truths_;
    Program program_;
};

Goal goal_of(const StrategySet& set, std::size_t index) {
    Goal goal{.kind = Step::Kind::emit_set, .target = index, .roots = {set.entry}};
    if (set.exit >= 0) goal.roots.push_back(set.exit);
    return goal;
}

// The number columns that the conditions of a set compare.
std::vector<int> compared_by(const StrategySet& set, std::span<const Node> nodes,
                             std::vector<std::size_t>& seen_by, std::size_t mark) {
    std::vector<int> found;
    std::vector<int> stack{set.entry};
    if (set.exit >= 0) stack.push_back(set.exit);
    while (!stack.empty()) {
        const int index = stack.back();
        stack.pop_back();
        if (std::exchange(seen_by[static_cast<std::size_t>(index)], mark) == mark) continue;
        const Node& node = nodes[static_cast<std::size_t>(index)];
        if (node.type == ValueType::boolean) {
            if (node.kind != NodeKind::panel)
                stack.insert(stack.end(), node.inputs.begin(), node.inputs.end());
        } else if (node.kind == NodeKind::indicator || node.kind == NodeKind::arithmetic ||
                   node.kind == NodeKind::resample) {
            found.push_back(index);
        }
    }
    return found;
}

// Greedy: next comes the set, among the first few that are left, which adds the fewest columns and
// ends the most.
std::vector<std::size_t> thrifty_order(std::span<const Node> nodes,
                                       std::span<const StrategySet> sets) {
    std::vector<std::size_t> seen_by(nodes.size(), 0);
    std::vector<std::vector<int>> compared;
    std::vector<int> uses(nodes.size(), 0);
    std::vector<bool> alive(nodes.size(), false);
    for (std::size_t s = 0; s < sets.size(); ++s) {
        compared.push_back(compared_by(sets[s], nodes, seen_by, s + 1));
        for (const int column : compared.back()) ++uses[static_cast<std::size_t>(column)];
    }
    std::vector<std::size_t> order;
    // The candidates; what is chosen is replaced by the next set of the file.
    std::vector<std::size_t> near(std::min(window, sets.size()));
    std::iota(near.begin(), near.end(), std::size_t{0});
    std::size_t next = near.size();
    while (!near.empty()) {
        std::size_t best = 0;
        int best_cost = std::numeric_limits<int>::max();
        for (std::size_t c = 0; c < near.size(); ++c) {
            int cost = 0;
            for (const int column : compared[near[c]]) {
                if (!alive[static_cast<std::size_t>(column)]) ++cost;
                if (uses[static_cast<std::size_t>(column)] == 1) --cost;
            }
            if (cost < best_cost) {
                best_cost = cost;
                best = c;
            }
        }
        const std::size_t chosen = near[best];
        order.push_back(chosen);
        for (const int column : compared[chosen]) {
            alive[static_cast<std::size_t>(column)] = true;
            --uses[static_cast<std::size_t>(column)];
        }
        near.erase(near.begin() + static_cast<std::ptrdiff_t>(best));
        if (next < sets.size()) near.push_back(next++);
    }
    return order;
}

}  // namespace

Program plan_sets(std::span<const Node> nodes, std::span<const StrategySet> sets) {
    std::vector<Goal> in_file_order, thrifty;
    for (std::size_t s = 0; s < sets.size(); ++s) in_file_order.push_back(goal_of(sets[s], s));
    for (const std::size_t s : thrifty_order(nodes, sets)) thrifty.push_back(goal_of(sets[s], s));
    Program one = Planner{nodes}.plan(in_file_order);
    Program other = Planner{nodes}.plan(thrifty);
    return other.number_slots < one.number_slots ? std::move(other) : std::move(one);
}

Program plan_columns(std::span<const Node> nodes, std::span<const int> targets) {
    std::vector<Goal> goals;
    goals.reserve(targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i)
        goals.push_back({.kind = Step::Kind::emit_column, .target = i, .roots = {targets[i]}});
    return Planner{nodes}.plan(goals);
}

}  // namespace hsl::strategy
