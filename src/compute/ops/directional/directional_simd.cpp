// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/directional/directional.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/directional/directional_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"
#include "compute/ops/true_range/true_range-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void directional_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                        std::size_t sessions) {
    const double n = arguments.period;
    const double keep_steady = (n - 1.0) / n;
    const double weight = 1.0 / n;
    const double percent = arguments.period == 1 ? 1.0 : 100.0;
    Octet plus = all(0), minus = all(0), range = all(0), adx = all(0), age = all(0);
    Octet high_before = all(0), low_before = all(0), close_before = all(0);
    for (std::size_t t = 0; t < sessions; ++t) {
        const Octet high = load(in[0] + t * tile_lanes);
        const Octet low = load(in[1] + t * tile_lanes);
        const Octet close = load(in[2] + t * tile_lanes);
        const Marks is_known = known(high) & known(low) & known(close);
        age = next_age(age, is_known);
        const Octet up = high - high_before;
        const Octet down = low_before - low;
        const Octet plus_now = or_zero((up > 0.0) & (up > down), up);
        const Octet minus_now = or_zero((down > 0.0) & (up < down), down);
        const Octet range_now = true_range_of(high, low, close_before);
        high_before = high;
        low_before = low;
        close_before = close;

        const Marks warming = is_known & (age <= n);
        if (any(warming)) [[unlikely]] {
            const Marks later = age > 1.0;
            const Octet keep = choose(warming, 1.0, all(keep_steady));
            plus = or_zero(later, plus * keep + plus_now);
            minus = or_zero(later, minus * keep + minus_now);
            range = or_zero(later, range * keep + range_now);
            adx = choose(age == 1.0, 0.0, adx);
        } else {
            plus = plus * keep_steady + plus_now;
            minus = minus * keep_steady + minus_now;
            range = range * keep_steady + range_now;
        }
        const Marks ready = age > n;
        const Marks flat = magnitude(range) < all(movement_zero);
        const Octet plus_di = choose(flat, 0.0, (plus / range) * percent);
        const Octet minus_di = choose(flat, 0.0, (minus / range) * percent);
        if (out[0]) store(choose(ready, plus_di, missing), out[0] + t * tile_lanes);
        if (out[1]) store(choose(ready, minus_di, missing), out[1] + t * tile_lanes);
        if (!out[2]) continue;

        const Octet sum = plus_di + minus_di;
        const Marks still = magnitude(sum) < all(movement_zero);
        const Marks defined = ready & !still;
        const Octet dx = (magnitude(minus_di - plus_di) / sum) * 100.0;
        const Marks seeding = is_known & (age <= 2 * n);
        Octet next = (dx - adx) * weight + adx;
        if (any(seeding)) [[unlikely]] {
            next = choose(seeding, adx + dx, next);
            adx = choose(defined, next, adx);
            adx = choose(age == 2 * n, adx / n, adx);
        } else {
            adx = choose(defined, next, adx);
        }
        store(choose(age >= 2 * n, adx, missing), out[2] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(directional_kernel);
void directional_tile(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(directional_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
