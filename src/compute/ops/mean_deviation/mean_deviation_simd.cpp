// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean_deviation/mean_deviation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/mean_deviation/mean_deviation_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

// `bars` bars at once, the first one's window beginning at `window`: their sums do not wait for
// each other. Gives the scores, whatever the lanes' ages.
template <std::size_t bars>
HWY_INLINE void score(const double* window, std::size_t period, double factor, Octet* scores) {
    const double n = static_cast<double>(period);
    Octet center[bars], spread[bars];
    for (std::size_t bar = 0; bar < bars; ++bar) center[bar] = spread[bar] = all(0);
    for (std::size_t i = 0; i < period; ++i) {
        HWY_UNROLL(4)
        for (std::size_t bar = 0; bar < bars; ++bar)
            center[bar] = center[bar] + load(window + (i + bar) * tile_lanes);
    }
    for (std::size_t bar = 0; bar < bars; ++bar) center[bar] = center[bar] / n;
    for (std::size_t i = 0; i < period; ++i) {
        HWY_UNROLL(4)
        for (std::size_t bar = 0; bar < bars; ++bar)
            spread[bar] =
                spread[bar] + magnitude(load(window + (i + bar) * tile_lanes) - center[bar]);
    }
    for (std::size_t bar = 0; bar < bars; ++bar) {
        const Octet distance = load(window + (period - 1 + bar) * tile_lanes) - center[bar];
        const Marks zero = magnitude(distance) <= magnitude(center[bar]) * relative_zero;
        scores[bar] = choose(zero, 0.0, distance / ((spread[bar] / n) * factor));
    }
}

void mean_deviation_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                           std::size_t sessions) {
    constexpr std::size_t bars = parts == 1 ? 4 : parts == 2 ? 2 : 1;
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    Octet age = all(0);
    const auto finish = [&](std::size_t t, Octet score) HWY_ATTR {
        age = next_age(age, known(load(in[0] + t * tile_lanes)));
        store(choose(age >= arguments.period, score, missing), out[0] + t * tile_lanes);
    };
    std::size_t t = 0;
    for (; t < sessions && t + 1 < period; ++t) finish(t, all(missing));
    Octet scores[bars];
    for (; t + bars <= sessions; t += bars) {
        score<bars>(in[0] + (t + 1 - period) * tile_lanes, period, arguments.factor, scores);
        for (std::size_t bar = 0; bar < bars; ++bar) finish(t + bar, scores[bar]);
    }
    for (; t < sessions; ++t) {
        score<1>(in[0] + (t + 1 - period) * tile_lanes, period, arguments.factor, scores);
        finish(t, scores[0]);
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
