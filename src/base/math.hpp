// SPDX-License-Identifier: Apache-2.0
#pragma once

// exp, log, pow and the normal distribution in plain IEEE arithmetic, compiled in: the same bits on
// every CPU, where a libm that dispatches by CPU differs in the last one. Errors are a few units in
// the last place; the tests hold them to libm within 4 ulp (quantile: 1e-14 relative).

namespace hsl {

[[nodiscard]] double exact_exp(double x);              // full double range; NaN stays NaN
[[nodiscard]] double exact_log(double x);              // x > 0; 0 gives -inf, negative gives NaN
[[nodiscard]] double exact_pow(double base, double e); // base > 0, exp(e log base)
[[nodiscard]] double exact_normal_cdf(double z);       // Phi
[[nodiscard]] double exact_normal_quantile(double p);  // inverse of Phi on (0, 1); Wichura 1988, AS 241

}  // namespace hsl
