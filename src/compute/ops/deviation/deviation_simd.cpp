// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/deviation/deviation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/deviation/deviation_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void deviation_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) {
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    const double n = arguments.period;
    const double scale = 1.0 / (n * n);
    const double* x_row = in[0];
    Octet sum = all(0), squares = all(0), shift = all(0), age = all(0), anchor_age = all(0);
    for (std::size_t t = 0; t < sessions; ++t, x_row += tile_lanes) {
        const Octet x = load(x_row);
        const Marks is_known = known(x);
        age = next_age(age, is_known);
        if (t < period || any(is_known & (age <= n))) [[unlikely]] {
            const Marks first = age == 1.0;
            anchor_age = choose(first, anchor_bars + 1.0, anchor_age);
            shift = choose(first, x, shift);
            const Octet old = t < period ? x : load(x_row - period * tile_lanes);
            const Octet a = x - shift;
            const Octet b = or_zero(age > n, old - shift);
            sum = choose(first, 0.0, sum) + (a - b);
            squares = choose(first, 0.0, squares) + (a * a - b * b);
        } else {
            const Octet a = x - shift;
            const Octet b = load(x_row - period * tile_lanes) - shift;
            sum = sum + (a - b);
            squares = squares + (a * a - b * b);
        }
        const Marks due = age == anchor_age;
        if (any(due)) [[unlikely]] {
            anchor_age = choose(due, anchor_age + anchor_bars, anchor_age);
            const Marks full = due & (age >= n);
            if (any(full)) {
                const Octet oldest = load(x_row - (period - 1) * tile_lanes);
                Octet exact = all(0), exact_squares = all(0);
                for (std::size_t i = period; i-- > 0;) {
                    const Octet a = load(x_row - i * tile_lanes) - oldest;
                    exact = exact + a;
                    exact_squares = exact_squares + a * a;
                }
                shift = choose(full, oldest, shift);
                sum = choose(full, exact, sum);
                squares = choose(full, exact_squares, squares);
            }
        }
        const Octet variance = (squares * n - sum * sum) * scale;
        const Octet spread = choose(variance < all(variance_zero), 0.0, root(variance));
        store(choose(age >= n, spread * arguments.factor, missing), out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(deviation_kernel);
void deviation_tile(const Arguments& arguments, const double* const* in, double* const* out,
                    std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(deviation_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
