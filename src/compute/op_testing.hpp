// SPDX-License-Identifier: Apache-2.0
#pragma once

// For the tests of ops: a series in, the reference's first output (or another) out.

#include <cstddef>
#include <limits>
#include <vector>

#include "compute/op.hpp"

namespace hsl::compute {

using Series = std::vector<double>;
inline const double nan = std::numeric_limits<double>::quiet_NaN();

inline Series run(const Op& op, const Arguments& arguments, const std::vector<Series>& in,
                  std::size_t output = 0) {
    const double* columns[op_columns_max] = {};
    double* outputs[op_columns_max] = {};
    for (std::size_t i = 0; i < in.size(); ++i) columns[i] = in[i].data();
    Series result(in[0].size());
    outputs[output] = result.data();
    op.reference(arguments, columns, outputs, result.size(), 1);
    return result;
}

}  // namespace hsl::compute
