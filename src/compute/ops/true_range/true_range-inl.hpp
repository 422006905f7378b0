// SPDX-License-Identifier: Apache-2.0

// The vector form of true_range_of, for the kernels that need it. Included once per CPU target.

#if defined(HSL_COMPUTE_TRUE_RANGE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HSL_COMPUTE_TRUE_RANGE_INL_HPP
#undef HSL_COMPUTE_TRUE_RANGE_INL_HPP
#else
#define HSL_COMPUTE_TRUE_RANGE_INL_HPP
#endif

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

HWY_INLINE Octet true_range_of(Octet high, Octet low, Octet close_before) {
    Octet range = high - low;
    const Octet up = magnitude(high - close_before);
    const Octet down = magnitude(low - close_before);
    range = choose(up > range, up, range);
    return choose(down > range, down, range);
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#endif
