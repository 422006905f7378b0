// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/extreme/extreme.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/extreme/extreme_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

template <bool high>
HWY_INLINE Octet better(Octet a, Octet b) {
    return choose(high ? b > a : b < a, b, a);
}

// van Herk 1992: blocks of `period` bars; a window is the end of one block and the beginning of the
// next. The ends are kept where they will be used, in the output. What lanes hold that are not
// ready does not matter: their bars are written as missing.
template <bool high>
HWY_INLINE void extreme(const Arguments& arguments, const double* x, double* result,
                        std::size_t sessions) {
    const std::size_t period = static_cast<std::size_t>(arguments.period);
    const double n = arguments.period;
    Octet age = all(0);
    for (std::size_t begin = 0; begin < sessions; begin += period) {
        if (begin != 0 && period > 1) {
            Octet best = load(x + (begin - 1) * tile_lanes);
            for (std::size_t i = period - 1;; --i) {
                if (begin + i - 1 < sessions) store(best, result + (begin + i - 1) * tile_lanes);
                if (i == 1) break;
                best = better<high>(best, load(x + (begin - period + i - 1) * tile_lanes));
            }
        }
        const std::size_t end = begin + period < sessions ? begin + period : sessions;
        Octet best = load(x + begin * tile_lanes);
        for (std::size_t t = begin; t < end; ++t) {
            const Octet now = load(x + t * tile_lanes);
            age = next_age(age, known(now));
            best = better<high>(best, now);
            const bool reaches_back = begin != 0 && t + 1 < begin + period;
            const Octet window =
                reaches_back ? better<high>(best, load(result + t * tile_lanes)) : best;
            store(choose(age >= n, window + 0.0, missing), result + t * tile_lanes);
        }
    }
}

void lowest_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) {
    extreme<false>(arguments, in[0], out[0], sessions);
}
void highest_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                    std::size_t sessions) {
    extreme<true>(arguments, in[0], out[0], sessions);
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(lowest_kernel);
void lowest_tile(const Arguments& arguments, const double* const* in, double* const* out,
                 std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(lowest_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(highest_kernel);
void highest_tile(const Arguments& arguments, const double* const* in, double* const* out,
                  std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(highest_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
