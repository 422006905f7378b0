// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each verb means for one value: the plain form, used where constants are folded and by the
// plain evaluator. The tile executors spell it again and are compared with it.

#include <cmath>
#include <cstdint>
#include <limits>

#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// IEEE arithmetic, except that a result which is not finite is missing. Verbs of one operand ignore
// b.
[[nodiscard]] inline double arithmetic_of(Verb verb, double a, double b) {
    double result = missing;
    switch (verb) {
        case Verb::add:
            result = a + b;
            break;
        case Verb::subtract:
            result = a - b;
            break;
        case Verb::multiply:
            result = a * b;
            break;
        case Verb::divide:
            result = a / b;
            break;
        case Verb::negate:
            result = -a;
            break;
        case Verb::absolute:
            result = std::fabs(a);
            break;
        case Verb::square_root:
            result = std::sqrt(a);
            break;
        case Verb::minimum:
            if (!std::isnan(a) && !std::isnan(b)) result = b < a ? b : a;
            break;
        case Verb::maximum:
            if (!std::isnan(a) && !std::isnan(b)) result = a < b ? b : a;
            break;
        default:
            break;
    }
    return std::isfinite(result) ? result : missing;
}

[[nodiscard]] inline bool is_unary(Verb verb) {
    return verb == Verb::negate || verb == Verb::absolute || verb == Verb::square_root;
}

[[nodiscard]] inline bool is_of_sector(Verb verb) {
    return verb == Verb::sector_rank || verb == Verb::sector_mean || verb == Verb::sector_zscore;
}

// 1 true, 0 false, -1 unknown: a side is missing.
[[nodiscard]] inline std::int8_t comparison_of(Verb verb, double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return -1;
    switch (verb) {
        case Verb::less:
            return a < b;
        case Verb::less_equal:
            return a <= b;
        case Verb::greater:
            return a > b;
        case Verb::greater_equal:
            return a >= b;
        case Verb::equal:
            return a == b;
        case Verb::not_equal:
            return a != b;
        default:
            return -1;
    }
}

}  // namespace hsl::strategy
