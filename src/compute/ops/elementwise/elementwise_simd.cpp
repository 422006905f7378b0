// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/elementwise/elementwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/ops/elementwise/elementwise_simd.cpp"
#include <hwy/foreach_target.h>

#include "compute/octet-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {

void scaled_sum_kernel(const Arguments& arguments, const double* const* in, double* const* out,
                       std::size_t sessions) {
    for (std::size_t i = 0; i < sessions * tile_lanes; i += tile_lanes)
        store(load(in[0] + i) + load(in[1] + i) * arguments.factor, out[0] + i);
}
void where_known_kernel(const Arguments&, const double* const* in, double* const* out,
                        std::size_t sessions) {
    for (std::size_t i = 0; i < sessions * tile_lanes; i += tile_lanes)
        store(choose(known(load(in[1] + i)), load(in[0] + i), missing), out[0] + i);
}
void together_kernel(const Arguments&, const double* const* in, double* const* out,
                     std::size_t sessions) {
    for (std::size_t i = 0; i < sessions * tile_lanes; i += tile_lanes) {
        const Octet x[] = {load(in[0] + i), load(in[1] + i), load(in[2] + i)};
        const Marks is_known = known(x[0]) & known(x[1]) & known(x[2]);
        for (std::size_t o = 0; o < 3; ++o)
            if (out[o]) store(choose(is_known, x[o], missing), out[o] + i);
    }
}
void sum3_kernel(const Arguments&, const double* const* in, double* const* out,
                 std::size_t sessions) {
    for (std::size_t i = 0; i < sessions * tile_lanes; i += tile_lanes)
        store(load(in[0] + i) + load(in[1] + i) + load(in[2] + i), out[0] + i);
}
void position_kernel(const Arguments&, const double* const* in, double* const* out,
                     std::size_t sessions) {
    for (std::size_t i = 0; i < sessions * tile_lanes; i += tile_lanes) {
        const Octet x = load(in[0] + i);
        const Octet bottom = load(in[1] + i);
        const Octet range = load(in[2] + i) - bottom;
        const Octet position = choose(range == 0.0, 0.0, ((x - bottom) / range) * 100.0);
        store(choose(known(x), position, missing), out[0] + i);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::compute {
HWY_EXPORT(scaled_sum_kernel);
void scaled_sum_tile(const Arguments& arguments, const double* const* in, double* const* out,
                     std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(scaled_sum_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(where_known_kernel);
void where_known_tile(const Arguments& arguments, const double* const* in, double* const* out,
                      std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(where_known_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(together_kernel);
void together_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(together_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(sum3_kernel);
void sum3_tile(const Arguments& arguments, const double* const* in, double* const* out,
               std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(sum3_kernel)(arguments, in, out, sessions);
}
HWY_EXPORT(position_kernel);
void position_tile(const Arguments& arguments, const double* const* in, double* const* out,
                   std::size_t sessions) noexcept {
    HWY_DYNAMIC_DISPATCH(position_kernel)(arguments, in, out, sessions);
}
}  // namespace hsl::compute
#endif
