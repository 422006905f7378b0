// SPDX-License-Identifier: Apache-2.0
#include "base/rng.hpp"

#include "base/math.hpp"

namespace hsl {

// The middle of one of 2^52 equal cells: never 0 or 1, and as likely as its mirror image.
double Rng::normal() {
    return exact_normal_quantile((static_cast<double>(next() >> 12) + 0.5) * 0x1p-52);
}

}  // namespace hsl
