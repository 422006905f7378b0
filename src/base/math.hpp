// SPDX-License-Identifier: Apache-2.0
#pragma once

// exp, log, pow and the normal distribution in plain IEEE arithmetic, compiled in: the same bits on
// every CPU, where a libm that dispatches by CPU differs in the last one. exp and log are within
// one unit in the last place, the normal distribution within 2e-15 of its value in both tails. pow
// errs by up to 2 + 2.6 |e log base| units: right for growth rates, not at the ends of the range.

namespace hsl {

[[nodiscard]] double exact_exp(double x);               // full double range; NaN stays NaN
[[nodiscard]] double exact_log(double x);               // x > 0; 0 gives -inf, negative gives NaN
[[nodiscard]] double exact_pow(double base, double e);  // base > 0, exp(e log base)
[[nodiscard]] double exact_normal_cdf(double z);        // Phi
[[nodiscard]] double exact_normal_quantile(
    double p);  // inverse of Phi on (0, 1); Wichura 1988, AS 241

}  // namespace hsl
