// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/ema/ema.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/ema/ema_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void ema_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                std::size_t sessions) {
    const double skip = arguments.skip;
    const double n = arguments.period;
    const double weight = arguments.factor;
    const double seed_age = skip + n;
    const double* x_row = in[0];
    Octet value = all(0), age = all(0);
    for (std::size_t t = 0; t < sessions; ++t, x_row += tile_lanes) {
        const Octet x = load(x_row);
        const Marks is_known = known(x);
        age = next_age(age, is_known);
        Octet result = (x - value) * weight + value;
        const Marks warming = is_known & (age <= seed_age);
        if (any(warming)) [[unlikely]] {
            const Octet sum = choose(age == 1.0, 0.0, value) + or_zero(age > skip, x);
            const Marks seeding = age == seed_age;
            value = choose(warming, choose(seeding, sum / n, sum), result);
            result = choose(warming & !seeding, missing, value);
        } else {
            value = result;
        }
        store(result, out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(ema_kernel);
void ema_tile(const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(ema_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
