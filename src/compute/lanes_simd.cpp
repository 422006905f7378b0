// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.hpp"
#include "compute/op.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/lanes_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

std::size_t lanes_here() { return width; }

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(lanes_here);
std::size_t vector_lanes() noexcept {
    return scalar_only() ? 1 : HWY_DYNAMIC_DISPATCH(lanes_here)();
}
}  // namespace hsl::compute
#endif
