// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/strength/strength.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/strength/strength_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void strength_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) {
    const double n = arguments.period;
    const double weight = 1.0 / n;
    Octet rise = all(0), fall = all(0), before = all(0), age = all(0);
    for (std::size_t t = 0; t < sessions; ++t) {
        const Octet x = load(in[0] + t * tile_lanes);
        const Marks is_known = known(x);
        age = next_age(age, is_known);
        const Octet change = x - before;
        before = x;
        const Octet rise_now = or_zero(change > 0.0, change);
        const Octet fall_now = or_zero(change < 0.0, minus(change));
        const Marks warming = is_known & (age <= n + 1);
        if (any(warming)) [[unlikely]] {
            const Marks first = age == 1.0;
            const Marks seeding = age == n + 1;
            const Octet rises = choose(first, 0.0, rise + rise_now);
            const Octet falls = choose(first, 0.0, fall + fall_now);
            rise = choose(warming, choose(seeding, rises / n, rises),
                          (rise_now - rise) * weight + rise);
            fall = choose(warming, choose(seeding, falls / n, falls),
                          (fall_now - fall) * weight + fall);
        } else {
            rise = (rise_now - rise) * weight + rise;
            fall = (fall_now - fall) * weight + fall;
        }
        const Octet sum = rise + fall;
        const Octet share = choose(sum < all(strength_zero), 0.0, (rise / sum) * 100.0);
        store(choose(age > n, share, missing), out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(strength_kernel);
void strength_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(strength_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
