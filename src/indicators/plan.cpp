// SPDX-License-Identifier: Apache-2.0
#include "indicators/plan.hpp"

#include "base/assert.hpp"

namespace hsl::indicators {

Plan::Column Plan::apply(const compute::Op& op, const compute::Arguments& arguments,
                         std::initializer_list<Column> in) {
    HSL_ASSERT(step_count_ < steps_max && in.size() == op.inputs);
    Step& step = steps_[step_count_++];
    step = {.op = &op, .arguments = arguments, .in = {}, .out = columns_};
    std::size_t i = 0;
    for (const Column column : in) step.in[i++] = column.index;
    columns_ += static_cast<int>(op.outputs);
    HSL_ASSERT(static_cast<std::size_t>(columns_) <= columns_max);
    return {step.out};
}

void Plan::output(Column column) {
    HSL_ASSERT(output_count_ < outputs_.size() && column.index >= inputs_);
    outputs_[output_count_++] = column.index;
}

}  // namespace hsl::indicators
