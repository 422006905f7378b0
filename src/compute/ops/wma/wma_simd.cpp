// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/wma/wma.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/wma/wma_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void wma_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                std::size_t sessions) {
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    const double n = arguments.period;
    const double weights = 0.5 * n * (n + 1);
    const double* x_row = in[0];
    Octet sum = all(0), weighted = all(0), age = all(0), anchor_age = all(0);
    for (std::size_t t = 0; t < sessions; ++t, x_row += tile_lanes) {
        const Octet x = load(x_row);
        const Marks is_known = known(x);
        age = next_age(age, is_known);
        if (t < period || any(is_known & (age <= n))) [[unlikely]] {
            const Marks first = age == 1.0;
            const Marks full = age > n;
            anchor_age = choose(first, anchor_bars + 1.0, anchor_age);
            const Octet old = t < period ? x : load(x_row - period * tile_lanes);
            weighted =
                choose(full, weighted + (x * n - sum), choose(first, 0.0, weighted) + age * x);
            sum = choose(full, sum + (x - old), choose(first, 0.0, sum) + x);
        } else {
            weighted = weighted + (x * n - sum);
            sum = sum + (x - load(x_row - period * tile_lanes));
        }
        const Marks due = age == anchor_age;
        if (any(due)) [[unlikely]] {
            anchor_age = choose(due, anchor_age + anchor_bars, anchor_age);
            const Marks full = due & (age > n);
            if (any(full)) {
                Octet exact = all(0), exact_weighted = all(0);
                double weight = 0;
                for (std::size_t i = period; i-- > 0;) {
                    const Octet old = load(x_row - i * tile_lanes);
                    weight += 1;
                    exact_weighted = exact_weighted + old * weight;
                    exact = exact + old;
                }
                sum = choose(full, exact, sum);
                weighted = choose(full, exact_weighted, weighted);
            }
        }
        store(choose(age >= n, weighted / weights, missing), out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(wma_kernel);
void wma_tile(const Arguments& arguments, const double* const* in, double* const* out,
              std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(wma_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
