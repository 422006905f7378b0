// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/gain_loss/gain_loss.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/gain_loss/gain_loss_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void gain_loss_kernel(const Arguments&, const double* const* in, double* const* out,
                      std::size_t sessions) {
    Octet before = all(missing);
    for (std::size_t t = 0; t < sessions; ++t) {
        const Octet x = load(in[0] + t * tile_lanes);
        const Octet change = x - before;
        const Marks is_known = known(x) & known(before);
        before = x;
        if (out[0])
            store(choose(is_known, or_zero(change > 0.0, change), missing),
                  out[0] + t * tile_lanes);
        if (out[1])
            store(choose(is_known, or_zero(change < 0.0, minus(change)), missing),
                  out[1] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(gain_loss_kernel);
void gain_loss_tile(const Arguments& arguments, const double* const* in, double* const* out,
                    std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(gain_loss_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
