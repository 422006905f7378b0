// SPDX-License-Identifier: Apache-2.0
//
// The three executors of a plan.

#include <cmath>
#include <limits>
#include <vector>

#include "base/aligned.hpp"
#include "base/assert.hpp"
#include "base/tile.hpp"
#include "indicators/catalogue.hpp"
#include "indicators/plan.hpp"

namespace hsl::indicators {
namespace {

Plan plan_of(const Spec& spec, std::span<const double> params) {
    HSL_ASSERT(params.size() == spec.params.size());
    for (std::size_t i = 0; i < params.size(); ++i) {
        const Param& param = spec.params[i];
        HSL_ASSERT(params[i] >= param.first && params[i] <= param.last);
        HSL_ASSERT(!param.whole || params[i] == std::floor(params[i]));
    }
    Plan plan{spec.inputs.size()};
    spec.compose(plan, params);
    HSL_ASSERT(plan.outputs().size() == spec.outputs.size());
    return plan;
}

// Which columns somebody reads, given the outputs that the caller wants: by index of the last step
// that reads it, past the end for an output, -1 for nobody.
std::array<int, Plan::columns_max> last_uses(const Plan& plan, std::span<double* const> outputs) {
    std::array<int, Plan::columns_max> last;
    last.fill(-1);
    const auto steps = plan.steps();
    for (std::size_t o = 0; o < outputs.size(); ++o)
        if (outputs[o]) last[plan.outputs()[o]] = static_cast<int>(steps.size());
    for (int s = static_cast<int>(steps.size()) - 1; s >= 0; --s) {
        const Plan::Step& step = steps[s];
        bool wanted = false;
        for (std::size_t i = 0; i < step.op->outputs; ++i) wanted |= last[step.out + i] >= 0;
        if (!wanted) continue;
        for (std::size_t i = 0; i < step.op->inputs; ++i)
            if (last[step.in[i]] < s) last[step.in[i]] = s;
    }
    return last;
}

// Walks the steps that are needed; borrow() and give_back() lend columns for intermediates.
template <class Borrow, class GiveBack, class Run>
void walk(const Plan& plan, std::span<const double* const> inputs, std::span<double* const> outputs,
          Borrow borrow, GiveBack give_back, Run run) {
    const auto last = last_uses(plan, outputs);
    const double* columns[Plan::columns_max] = {};
    double* borrowed[Plan::columns_max] = {};
    for (int i = 0; i < plan.inputs(); ++i) columns[i] = inputs[i];
    for (std::size_t s = 0; s < plan.steps().size(); ++s) {
        const Plan::Step& step = plan.steps()[s];
        const double* in[compute::op_columns_max] = {};
        double* out[compute::op_columns_max] = {};
        bool wanted = false;
        for (std::size_t i = 0; i < step.op->inputs; ++i) in[i] = columns[step.in[i]];
        for (std::size_t i = 0; i < step.op->outputs; ++i) {
            const std::size_t column = step.out + i;
            if (last[column] < 0) continue;
            wanted = true;
            for (std::size_t o = 0; o < outputs.size() && !out[i]; ++o)
                if (plan.outputs()[o] == static_cast<int>(column)) out[i] = outputs[o];
            if (!out[i]) out[i] = borrowed[column] = borrow();
            columns[column] = out[i];
        }
        if (!wanted) continue;
        run(*step.op, step.arguments, in, out);
        for (std::size_t i = 0; i < step.op->inputs; ++i) {
            const int column = step.in[i];
            if (borrowed[column] && last[column] == static_cast<int>(s)) {
                give_back(borrowed[column]);
                borrowed[column] = nullptr;
            }
        }
    }
}

class PlanStream final : public Stream {
public:
    explicit PlanStream(const Plan& plan) : plan_(plan) {
        for (const Plan::Step& step : plan_.steps())
            steps_.push_back(step.op->stream(step.arguments));
    }
    void step(std::span<const double> inputs, std::span<double> outputs) override {
        double columns[Plan::columns_max];
        for (int i = 0; i < plan_.inputs(); ++i) columns[i] = inputs[i];
        for (std::size_t s = 0; s < steps_.size(); ++s) {
            const Plan::Step& step = plan_.steps()[s];
            double in[compute::op_columns_max];
            for (std::size_t i = 0; i < step.op->inputs; ++i) in[i] = columns[step.in[i]];
            steps_[s]->step(in, columns + step.out);
        }
        for (std::size_t o = 0; o < outputs.size(); ++o) outputs[o] = columns[plan_.outputs()[o]];
    }

private:
    Plan plan_;
    std::vector<std::unique_ptr<compute::Step>> steps_;
};

}  // namespace

struct Scratch::Pool {
    std::vector<AlignedBuffer<double>> buffers;
    std::vector<double*> free;
    std::size_t size = 0;  // doubles in each buffer

    void reserve(std::size_t doubles) {
        if (doubles <= size) return;
        buffers.clear();
        free.clear();
        size = doubles;
    }
    double* borrow() {
        if (free.empty()) free.push_back(buffers.emplace_back(size).data());
        double* column = free.back();
        free.pop_back();
        return column;
    }
};

Scratch::Scratch() : pool_(std::make_unique<Pool>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

void compute_tile(const Spec& spec, std::span<const double> params,
                  std::span<const double* const> inputs, std::span<double* const> outputs,
                  std::size_t sessions, Scratch& scratch) {
    HSL_ASSERT(inputs.size() == spec.inputs.size() && outputs.size() == spec.outputs.size());
    Scratch::Pool& pool = scratch.pool();
    pool.reserve(sessions * tile_lanes);
    walk(
        plan_of(spec, params), inputs, outputs, [&] { return pool.borrow(); },
        [&](double* column) { pool.free.push_back(column); },
        [&](const compute::Op& op, const compute::Arguments& arguments, const double* const* in,
            double* const* out) { compute::run_tile(op, arguments, in, out, sessions); });
}

void compute_reference(const Spec& spec, std::span<const double> params,
                       std::span<const double* const> inputs, std::span<double* const> outputs,
                       std::size_t count) {
    HSL_ASSERT(inputs.size() == spec.inputs.size() && outputs.size() == spec.outputs.size());
    std::vector<std::unique_ptr<double[]>> columns;
    walk(
        plan_of(spec, params), inputs, outputs,
        [&] { return columns.emplace_back(std::make_unique<double[]>(count)).get(); },
        [](double*) {},
        [&](const compute::Op& op, const compute::Arguments& arguments, const double* const* in,
            double* const* out) { op.reference(arguments, in, out, count, 1); });
}

std::unique_ptr<Stream> make_stream(const Spec& spec, std::span<const double> params) {
    return std::make_unique<PlanStream>(plan_of(spec, params));
}

}  // namespace hsl::indicators
