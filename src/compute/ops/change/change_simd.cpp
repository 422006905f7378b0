// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/change/change.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/change/change_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

template <bool relative>
HWY_INLINE void change(const Arguments& arguments, const double* x_row, double* result,
                       std::size_t sessions) {
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    const double n = arguments.period;
    Octet age = all(0);
    for (std::size_t t = 0; t < sessions; ++t, x_row += tile_lanes, result += tile_lanes) {
        const Octet x = load(x_row);
        age = next_age(age, known(x));
        if (t < period) {
            store(all(missing), result);
            continue;
        }
        const Octet old = load(x_row - period * tile_lanes);
        const Octet change = relative ? choose(old == 0.0, 0.0, (x / old - 1.0) * 100.0) : x - old;
        store(choose(age > n, change, missing), result);
    }
}

void difference_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                       std::size_t sessions) {
    change<false>(arguments, in[0], out[0], sessions);
}
void rate_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                 std::size_t sessions) {
    change<true>(arguments, in[0], out[0], sessions);
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(difference_kernel);
void difference_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(difference_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(rate_kernel);
void rate_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(rate_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
