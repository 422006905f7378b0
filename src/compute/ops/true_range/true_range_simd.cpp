// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/true_range/true_range.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/true_range/true_range_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"
#include "compute/ops/true_range/true_range-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void true_range_kernel(const Arguments&, const double* const* in, double* const* out,
                       std::size_t sessions) {
    Octet close_before = all(missing);
    for (std::size_t t = 0; t < sessions; ++t) {
        const Octet high = load(in[0] + t * tile_lanes);
        const Octet low = load(in[1] + t * tile_lanes);
        const Octet close = load(in[2] + t * tile_lanes);
        const Marks is_known = known(high) & known(low) & known(close);
        const Octet range = true_range_of(high, low, close_before);
        store(choose(is_known & known(close_before), range, missing), out[0] + t * tile_lanes);
        close_before = choose(is_known, close, missing);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(true_range_kernel);
void true_range_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(true_range_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
