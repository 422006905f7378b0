// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/balance/balance.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/balance/balance_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void balance_kernel(const Arguments&, const double* const* in, double* const* out,
                    std::size_t sessions) {
    Octet before = all(missing), total = all(0);
    for (std::size_t t = 0; t < sessions; ++t) {
        const Octet x = load(in[0] + t * tile_lanes);
        const Octet amount = load(in[1] + t * tile_lanes);
        const Marks is_known = known(x) & known(amount);
        const Marks first = !known(before);
        const Octet moved =
            choose(first | (x > before), amount, or_zero(x < before, minus(amount)));
        total = choose(first, 0.0, total) + moved;
        before = choose(is_known, x, missing);
        store(choose(is_known, total, missing), out[0] + t * tile_lanes);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(balance_kernel);
void balance_tile(const Arguments& arguments, const double* const* in, double* const* out,
                  std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(balance_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
