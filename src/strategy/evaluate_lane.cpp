// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "strategy/detail/arithmetic.hpp"
#include "strategy/detail/timeframes.hpp"
#include "strategy/evaluate.hpp"

namespace hsl::strategy {
namespace {

using Numbers = std::vector<double>;
using Truths = std::vector<std::int8_t>;

std::int8_t conjunction(std::int8_t a, std::int8_t b) {
    if (a == 0 || b == 0) return 0;
    return a == 1 && b == 1 ? 1 : -1;
}
std::int8_t negation(std::int8_t a) { return a < 0 ? a : static_cast<std::int8_t>(1 - a); }

}  // namespace

LaneEvaluator::LaneEvaluator(std::span<const Node> nodes, const market::Frame& frame)
    : nodes_(nodes), timeframes_(std::make_unique<Timeframes>(nodes, frame)) {
    timeframes_->prepare(1);
}
LaneEvaluator::~LaneEvaluator() = default;

std::vector<double> LaneEvaluator::values(int node, std::size_t lane) {
    return evaluate(node, lane).numbers;
}

std::vector<std::int8_t> LaneEvaluator::truth(int node, std::size_t lane) {
    return evaluate(node, lane).truths;
}

LaneEvaluator::Value LaneEvaluator::evaluate(int wanted, std::size_t lane) {
    // Everything below the node, lowest first.
    std::vector<bool> needed(static_cast<std::size_t>(wanted) + 1, false);
    needed.back() = true;
    for (std::size_t i = needed.size(); i-- > 0;)
        if (needed[i])
            for (const int input : nodes_[i].inputs) needed[static_cast<std::size_t>(input)] = true;
    std::vector<Value> held(needed.size());
    for (std::size_t i = 0; i < needed.size(); ++i) {
        if (!needed[i]) continue;
        const Node& node = nodes_[i];
        std::vector<const Value*> inputs;
        inputs.reserve(node.inputs.size());
        for (const int input : node.inputs)
            inputs.push_back(&held[static_cast<std::size_t>(input)]);
        held[i] = node.kind == NodeKind::panel ? panel(static_cast<int>(i), lane)
                                               : compute(node, inputs, lane);
    }
    return std::move(held.back());
}

LaneEvaluator::Value LaneEvaluator::compute(const Node& node, std::span<const Value* const> inputs,
                                            std::size_t lane) const {
    const std::size_t sessions = timeframes_->sessions(node.timeframe);
    Value out;
    if (node.type == ValueType::number)
        out.numbers.assign(sessions, missing);
    else
        out.truths.assign(sessions, -1);

    switch (node.kind) {
        case NodeKind::field:
            for (std::size_t t = 0; t < sessions; ++t)
                out.numbers[t] = timeframes_->column(node).at(lane, t);
            break;
        case NodeKind::resample: {
            const Node& inner = nodes_[static_cast<std::size_t>(node.inputs[0])];
            const market::Periods& periods = timeframes_->periods(inner.timeframe);
            for (std::size_t t = 0; t < sessions; ++t) {
                const std::size_t period = periods.complete[t];
                if (period == market::Periods::none) continue;
                if (node.type == ValueType::number)
                    out.numbers[t] = inputs[0]->numbers[period];
                else
                    out.truths[t] = inputs[0]->truths[period];
            }
            break;
        }
        case NodeKind::constant:
            if (node.type == ValueType::number)
                out.numbers.assign(sessions, node.number);
            else
                out.truths.assign(sessions, node.number != 0 ? 1 : 0);
            break;
        case NodeKind::indicator: {
            std::vector<const double*> columns;
            for (const Value* input : inputs) columns.push_back(input->numbers.data());
            std::vector<Numbers> outputs(node.spec->outputs.size(), Numbers(sessions));
            std::vector<double*> places;
            places.reserve(outputs.size());
            for (Numbers& output : outputs) places.push_back(output.data());
            indicators::compute_reference(*node.spec, node.params, columns, places, sessions);
            out.numbers = std::move(outputs[static_cast<std::size_t>(node.output)]);
            break;
        }
        case NodeKind::arithmetic:
        case NodeKind::logic:
            for (std::size_t t = 0; t < sessions; ++t) {
                if (node.verb == Verb::lag) {
                    const auto count = static_cast<std::size_t>(node.number);
                    if (t < count) continue;
                    if (node.type == ValueType::number)
                        out.numbers[t] = inputs[0]->numbers[t - count];
                    else
                        out.truths[t] = inputs[0]->truths[t - count];
                } else if (node.type == ValueType::number) {
                    out.numbers[t] = arithmetic_of(node.verb, inputs.front()->numbers[t],
                                                   inputs.back()->numbers[t]);
                } else {
                    const std::int8_t a = inputs.front()->truths[t];
                    const std::int8_t b = inputs.back()->truths[t];
                    if (node.verb == Verb::logical_and) out.truths[t] = conjunction(a, b);
                    if (node.verb == Verb::logical_or)
                        out.truths[t] = negation(conjunction(negation(a), negation(b)));
                    if (node.verb == Verb::logical_not) out.truths[t] = negation(a);
                }
            }
            break;
        case NodeKind::compare:
            for (std::size_t t = 0; t < sessions; ++t)
                out.truths[t] =
                    comparison_of(node.verb, inputs[0]->numbers[t], inputs[1]->numbers[t]);
            break;
        case NodeKind::cross:
            for (std::size_t t = 1; t < sessions; ++t) {
                const double a = inputs[0]->numbers[t], b = inputs[1]->numbers[t];
                const double a_before = inputs[0]->numbers[t - 1];
                const double b_before = inputs[1]->numbers[t - 1];
                if (std::isnan(a) || std::isnan(b) || std::isnan(a_before) || std::isnan(b_before))
                    continue;
                out.truths[t] = node.verb == Verb::crosses_above ? a_before <= b_before && a > b
                                                                 : a_before >= b_before && a < b;
            }
            break;
        case NodeKind::panel:
            HSL_ASSERT(false && "a panel is computed over all lanes");
    }
    return out;
}

LaneEvaluator::Value LaneEvaluator::panel(int index, std::size_t lane) {
    const Node& node = nodes_[static_cast<std::size_t>(index)];
    const market::Frame& frame = timeframes_->frame(node.timeframe);
    const std::size_t sessions = frame.session_count();
    std::vector<Numbers>& everyone = panel_inputs_[node.inputs[0]];
    if (everyone.empty())
        for (std::size_t other = 0; other < frame.lane_count(); ++other)
            everyone.push_back(values(node.inputs[0], other));

    Value out;
    if (node.type == ValueType::number)
        out.numbers.assign(sessions, missing);
    else
        out.truths.assign(sessions, -1);
    for (std::size_t t = 0; t < sessions; ++t) {
        const double own = everyone[lane][t];
        if (!frame.listed.at(lane, t) || std::isnan(own)) continue;
        const auto sector = [&](std::size_t of) {
            return node.column < 0 ? 0.0
                                   : frame.named[static_cast<std::size_t>(node.column)].at(of, t);
        };
        double count = 0, at_most = 0, larger = 0, sum = 0, squares = 0;
        const auto each = [&](const auto& visit) {
            for (std::size_t other = 0; other < everyone.size(); ++other)
                if (frame.listed.at(other, t) && !std::isnan(everyone[other][t]) &&
                    sector(other) == sector(lane))
                    visit(everyone[other][t]);
        };
        each([&](double value) {
            count += 1;
            at_most += value <= own;
            larger += value > own;
            sum += value;
        });
        if (count == 0) continue;  // its own sector is not known
        const double mean = sum / count;
        each([&](double value) { squares += (value - mean) * (value - mean); });
        if (node.verb == Verb::sector_mean && std::isfinite(mean)) out.numbers[t] = mean;
        if (node.verb == Verb::rank || node.verb == Verb::sector_rank)
            out.numbers[t] = at_most / count;
        if (node.verb == Verb::zscore || node.verb == Verb::sector_zscore) {
            const double score = (own - mean) / std::sqrt(squares / count);
            if (std::isfinite(score)) out.numbers[t] = score;
        }
        if (node.verb == Verb::top) out.truths[t] = larger < node.number ? 1 : 0;
    }
    return out;
}

std::vector<double> evaluate_lane(std::span<const Node> nodes, int node, const market::Frame& frame,
                                  std::size_t lane) {
    return LaneEvaluator{nodes, frame}.values(node, lane);
}

std::vector<std::int8_t> evaluate_lane_truth(std::span<const Node> nodes, int node,
                                             const market::Frame& frame, std::size_t lane) {
    return LaneEvaluator{nodes, frame}.truth(node, lane);
}

}  // namespace hsl::strategy
