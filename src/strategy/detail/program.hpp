// SPDX-License-Identifier: Apache-2.0
#pragma once

// A graph made ready to run on tiles: steps in an order that keeps few columns alive, each with the
// places of its inputs and outputs in a worker's memory. Every value is computed once and its place
// is given to another as soon as its last user has run. Made once, read by all threads.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

struct NumberPlace {
    enum class Kind : std::uint8_t { slot, field, panel, number };
    Kind kind = Kind::number;
    int index = 0;  // of the slot, or the node of a field or panel
    double number = 0;
};
struct TruthPlace {
    enum class Kind : std::uint8_t { slot, panel };
    Kind kind = Kind::slot;
    int index = 0;
};

struct Step {
    enum class Kind : std::uint8_t {
        indicator,     // numbers -> number_outputs
        combine,       // numbers[0], numbers[1] -> out
        lag,           // numbers[0] -> out, by count
        pair,          // numbers[0] against numbers[1] -> three columns of the truth slot out
        compare,       // truths[0] is a pair, perhaps swapped -> out
        cross,         // the same
        logic,         // truths -> out
        truth_lag,     // truths[0] -> out, by count
        truth_fill,    // number -> out
        expand,        // numbers[0], of weeks or months -> out, of days
        truth_expand,  // truths[0] likewise
        emit_set,      // truths: entry, and exit if there is one; target is the set
        emit_column,   // numbers[0]; target is the column
    };
    Kind kind{};
    Verb verb = Verb::none;
    bool swapped = false;
    bool truth = false;                    // truth_fill
    Timeframe timeframe = Timeframe::day;  // of what it reads
    std::size_t count = 0;                 // lag
    std::size_t target = 0;
    const Node* node = nullptr;  // indicator
    std::vector<NumberPlace> numbers = {};
    std::vector<TruthPlace> truths = {};
    std::vector<int> number_outputs = {};  // slots; -1: not wanted
    int out = -1;
};

struct Program {
    std::vector<Step> steps;
    std::size_t number_slots = 0;  // columns of doubles
    std::size_t truth_slots = 0;   // three columns of bytes each
};

// For every set: entry and exit, in an order of the planner's choosing.
[[nodiscard]] Program plan_sets(std::span<const Node> nodes, std::span<const StrategySet> sets);
// For every target: its column.
[[nodiscard]] Program plan_columns(std::span<const Node> nodes, std::span<const int> targets);

}  // namespace hsl::strategy
