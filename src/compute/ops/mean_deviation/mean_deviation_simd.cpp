// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean_deviation/mean_deviation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/mean_deviation/mean_deviation_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void mean_deviation_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                           std::size_t sessions) {
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    const double n = arguments.period;
    const double* x_row = in[0];
    Octet age = all(0);
    for (std::size_t t = 0; t < sessions; ++t, x_row += tile_lanes) {
        const Octet x = load(x_row);
        age = next_age(age, known(x));
        Octet result = all(missing);
        if (t + 1 >= period) {
            const double* window = x_row - (period - 1) * tile_lanes;
            Octet sum = all(0);
            for (std::size_t i = 0; i < period; ++i) sum = sum + load(window + i * tile_lanes);
            const Octet center = sum / n;
            Octet spread = all(0);
            for (std::size_t i = 0; i < period; ++i)
                spread = spread + magnitude(load(window + i * tile_lanes) - center);
            const Octet distance = x - center;
            const Marks zero = magnitude(distance) <= magnitude(center) * relative_zero;
            const Octet score = distance / ((spread / n) * arguments.factor);
            result = choose(age >= n, choose(zero, 0.0, score), missing);
        }
        store(result, out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(mean_deviation_kernel);
void mean_deviation_tile(const Arguments& arguments, const double* const* in, double* const* out,
                         std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(mean_deviation_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
