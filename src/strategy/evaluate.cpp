// SPDX-License-Identifier: Apache-2.0
#include "strategy/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/aligned.hpp"
#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "strategy/detail/arithmetic.hpp"
#include "strategy/detail/panel.hpp"
#include "strategy/detail/program.hpp"
#include "strategy/detail/tile_ops.hpp"
#include "strategy/detail/timeframes.hpp"
#include "strategy/detail/truth_ops.hpp"

namespace hsl::strategy {

namespace {

// The latest complete period of each session.
void expand_tile(const market::Periods& periods, const double* coarse, double* out) {
    for (const std::size_t period : periods.complete) {
        if (period == market::Periods::none)
            std::fill_n(out, tile_lanes, missing);
        else
            std::copy_n(coarse + period * tile_lanes, tile_lanes, out);
        out += tile_lanes;
    }
}
void truth_expand(const market::Periods& periods, TruthView coarse, Truth out) {
    for (std::size_t t = 0; t < periods.complete.size(); ++t) {
        const std::size_t period = periods.complete[t];
        const bool known = period != market::Periods::none;
        out.yes[t] = known ? coarse.yes[period] : std::uint8_t{0};
        out.no[t] = known ? coarse.no[period] : std::uint8_t{0};
    }
}

}  // namespace

struct Evaluator::Workspace::State {
    AlignedBuffer<double> numbers;
    AlignedBuffer<std::uint8_t> truths;
    indicators::Scratch scratch;
};
Evaluator::Workspace::Workspace() : state(std::make_unique<State>()) {}
Evaluator::Workspace::~Workspace() = default;
Evaluator::Workspace::Workspace(Workspace&&) noexcept = default;

struct Evaluator::Plan {
    const StrategyFile& file;
    const market::Frame& frame;
    Timeframes timeframes;
    Program program;
    std::vector<std::vector<int>> panel_levels;  // those of a level need lower levels only
    std::map<int, Panel> panels;                 // by node

    Plan(const StrategyFile& strategies, const market::Frame& data)
        : file(strategies),
          frame(data),
          timeframes(strategies.nodes, data),
          program(plan_sets(file.nodes, file.sets)) {
        // Panels that some set needs, by the number of panels below.
        std::vector<bool> needed(file.nodes.size(), false);
        for (const StrategySet& set : file.sets) {
            needed[static_cast<std::size_t>(set.entry)] = true;
            if (set.exit >= 0) needed[static_cast<std::size_t>(set.exit)] = true;
        }
        for (std::size_t i = file.nodes.size(); i-- > 0;)
            if (needed[i])
                for (const int input : file.nodes[i].inputs)
                    needed[static_cast<std::size_t>(input)] = true;
        std::vector<std::size_t> depth(file.nodes.size(), 0);
        for (std::size_t i = 0; i < file.nodes.size(); ++i) {
            for (const int input : file.nodes[i].inputs)
                depth[i] = std::max(depth[i], depth[static_cast<std::size_t>(input)]);
            if (file.nodes[i].kind != NodeKind::panel || !needed[i]) continue;
            ++depth[i];
            if (panel_levels.size() < depth[i]) panel_levels.resize(depth[i]);
            panel_levels[depth[i] - 1].push_back(static_cast<int>(i));
        }
    }

    void prepare(unsigned threads) {
        timeframes.prepare(threads);
        for (const std::vector<int>& level : panel_levels) {
            std::vector<int> targets;
            targets.reserve(level.size());
            for (const int panel : level) targets.push_back(input_of(panel));
            std::ranges::sort(targets);
            const auto repeated = std::ranges::unique(targets);
            targets.erase(repeated.begin(), repeated.end());
            std::erase_if(targets, [&](int node) { return whole_column(node) != nullptr; });

            std::vector<TileColumn> columns;
            columns.reserve(targets.size());
            for (const int target : targets)
                columns.emplace_back(frame.tile_count(),
                                     timeframes.sessions(node_at(target).timeframe));
            if (!targets.empty()) {
                const Program inputs = plan_columns(file.nodes, targets);
                std::vector<Workspace> workspaces(threads == 0 ? core_count() : threads);
                parallel_for(frame.tile_count(), threads, [&](std::size_t tile, unsigned worker) {
                    run(inputs, tile, *workspaces[worker].state, nullptr, columns);
                });
            }
            for (const int panel : level) {
                const int input = input_of(panel);
                const TileColumn* source = whole_column(input);
                if (source == nullptr)
                    source = &columns[static_cast<std::size_t>(std::ranges::find(targets, input) -
                                                               targets.begin())];
                panels.insert_or_assign(
                    panel, compute_panel(node_at(panel), *source,
                                         timeframes.frame(node_at(panel).timeframe), threads));
            }
        }
    }

    void run(const Program& steps, std::size_t tile, Workspace::State& memory,
             const Visitor* visitor, std::span<TileColumn> columns) const;

private:
    const Node& node_at(int index) const { return file.nodes[static_cast<std::size_t>(index)]; }
    int input_of(int panel) const { return node_at(panel).inputs[0]; }
    // The column over all tiles that is there already, nullptr if it must be computed.
    const TileColumn* whole_column(int index) const {
        const Node& node = node_at(index);
        if (node.kind == NodeKind::field) return &timeframes.column(node);
        return node.kind == NodeKind::panel ? &panels.at(index).column : nullptr;
    }
};

void Evaluator::Plan::run(const Program& steps, std::size_t tile, Workspace::State& memory,
                          const Visitor* visitor, std::span<TileColumn> columns) const {
    // Places have room for days; weeks and months need less.
    const std::size_t stride = truth_stride(frame.session_count());
    const std::size_t room = frame.session_count() * tile_lanes;
    if (memory.numbers.size() < steps.number_slots * room)
        memory.numbers = AlignedBuffer<double>(steps.number_slots * room);
    if (memory.truths.size() < steps.truth_slots * 3 * stride) {
        memory.truths = AlignedBuffer<std::uint8_t>(steps.truth_slots * 3 * stride);
        std::memset(memory.truths.data(), 0, memory.truths.size());
    }

    const auto number_slot = [&](int slot) {
        return memory.numbers.data() + static_cast<std::size_t>(slot) * room;
    };
    const auto column_at = [&](const NumberPlace& place) -> Column {
        switch (place.kind) {
            case NumberPlace::Kind::slot:
                return {number_slot(place.index)};
            case NumberPlace::Kind::field:
                return {timeframes.column(node_at(place.index)).tile(tile)};
            case NumberPlace::Kind::panel:
                return {panels.at(place.index).column.tile(tile)};
            case NumberPlace::Kind::number:
                break;
        }
        return {nullptr, place.number};
    };
    const auto pair_at = [&](int slot) -> PairBits {
        std::uint8_t* first = memory.truths.data() + static_cast<std::size_t>(slot) * 3 * stride;
        return {first, first + stride, first + 2 * stride};
    };
    const auto truth_at = [&](const TruthPlace& place) -> TruthView {
        if (place.kind == TruthPlace::Kind::panel)
            return panels.at(place.index)
                .truth(tile, timeframes.sessions(node_at(place.index).timeframe));
        const PairBits bits = pair_at(place.index);
        return {bits.greater, bits.less};
    };

    for (const Step& step : steps.steps) {
        const std::size_t sessions = timeframes.sessions(step.timeframe);
        const std::size_t column = sessions * tile_lanes;
        const auto out_truth = [&] {
            const PairBits bits = pair_at(step.out);
            return Truth{bits.greater, bits.less};
        };
        switch (step.kind) {
            case Step::Kind::indicator: {
                std::array<const double*, 8> inputs{};
                std::array<double*, 8> outputs{};
                HSL_ASSERT(step.numbers.size() <= inputs.size() &&
                           step.number_outputs.size() <= outputs.size());
                for (std::size_t i = 0; i < step.numbers.size(); ++i)
                    inputs[i] = column_at(step.numbers[i]).data;
                for (std::size_t i = 0; i < step.number_outputs.size(); ++i)
                    if (step.number_outputs[i] >= 0)
                        outputs[i] = number_slot(step.number_outputs[i]);
                indicators::compute_tile(*step.node->spec, step.node->params,
                                         std::span{inputs}.first(step.numbers.size()),
                                         std::span{outputs}.first(step.number_outputs.size()),
                                         sessions, memory.scratch);
                break;
            }
            case Step::Kind::combine:
                combine_tile(step.verb, column_at(step.numbers.front()),
                             column_at(step.numbers.back()), number_slot(step.out), sessions);
                break;
            case Step::Kind::lag: {
                const std::size_t shift = std::min(step.count, sessions) * tile_lanes;
                double* out = number_slot(step.out);
                std::fill_n(out, shift, missing);
                std::copy_n(column_at(step.numbers[0]).data, column - shift, out + shift);
                break;
            }
            case Step::Kind::pair:
                compare_tile(column_at(step.numbers[0]), column_at(step.numbers[1]),
                             pair_at(step.out), sessions);
                break;
            case Step::Kind::compare:
                truth_compare(step.verb, pair_at(step.truths[0].index), step.swapped, out_truth(),
                              sessions);
                break;
            case Step::Kind::cross:
                truth_cross(step.verb, pair_at(step.truths[0].index), step.swapped, out_truth(),
                            sessions);
                break;
            case Step::Kind::logic: {
                const TruthView a = truth_at(step.truths.front());
                const TruthView b = truth_at(step.truths.back());
                if (step.verb == Verb::logical_and) truth_and(a, b, out_truth(), sessions);
                if (step.verb == Verb::logical_or) truth_or(a, b, out_truth(), sessions);
                if (step.verb == Verb::logical_not) truth_not(a, out_truth(), sessions);
                break;
            }
            case Step::Kind::truth_lag:
                truth_lag(truth_at(step.truths[0]), step.count, out_truth(), sessions);
                break;
            case Step::Kind::truth_fill:
                truth_fill(step.truth, out_truth(), sessions);
                break;
            case Step::Kind::expand:
                expand_tile(timeframes.periods(step.timeframe), column_at(step.numbers[0]).data,
                            number_slot(step.out));
                break;
            case Step::Kind::truth_expand:
                truth_expand(timeframes.periods(step.timeframe), truth_at(step.truths[0]),
                             out_truth());
                break;
            case Step::Kind::emit_set:
                (*visitor)(step.target, truth_at(step.truths[0]).yes,
                           step.truths.size() > 1 ? truth_at(step.truths[1]).yes : nullptr);
                break;
            case Step::Kind::emit_column:
                std::copy_n(column_at(step.numbers[0]).data, column,
                            columns[step.target].tile(tile));
                break;
        }
    }
}

Evaluator::Evaluator(const StrategyFile& file, const market::Frame& frame)
    : plan_(std::make_unique<Plan>(file, frame)) {}
Evaluator::~Evaluator() = default;

void Evaluator::prepare(unsigned threads) { plan_->prepare(threads); }

void Evaluator::visit_tile(std::size_t tile, Workspace& workspace, const Visitor& visitor) const {
    plan_->run(plan_->program, tile, *workspace.state, &visitor, {});
}

}  // namespace hsl::strategy
