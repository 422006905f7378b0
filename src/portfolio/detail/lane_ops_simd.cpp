// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "portfolio/detail/lane_ops_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/tile.hpp"
#include "market/rules.hpp"
#include "portfolio/detail/lane_ops.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::portfolio::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;
constexpr std::size_t width = hn::MaxLanes(Doubles{});
static_assert(width <= lane_padding);

void split_block(const std::uint8_t* bytes, std::uint64_t* out, std::size_t words) {
    const hn::CappedTag<std::uint8_t, 64> d;
    for (std::size_t at = 0; at < 64; at += hn::Lanes(d)) {
        const auto block = hn::LoadU(d, bytes + at);
        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
            const auto bit = hn::Set(d, static_cast<std::uint8_t>(1u << lane));
            hn::StoreMaskBits(d, hn::TestBit(block, bit),
                              reinterpret_cast<std::uint8_t*>(out + lane * words) + at / 8);
        }
    }
}

void split(const std::uint8_t* bytes, std::size_t count, std::uint64_t* out,
           std::size_t words) noexcept {
    std::size_t at = 0;
    for (; at + 64 <= count; at += 64) split_block(bytes + at, out + at / 64, words);
    for (; at < words * 64; at += 64) {
        alignas(64) std::uint8_t tail[64] = {};
        if (at < count) std::memcpy(tail, bytes + at, count - at);
        split_block(tail, out + at / 64, words);
    }
}

// Where nothing is listed the inputs are NaN and the results, which nobody reads, differ by CPU.
void slip(const double* open, const double* previous_close, std::size_t count,
          const Slippage& slippage, double* buy, double* sell) noexcept {
    const Doubles d;
    const auto unit = hn::Set(d, Slippage::unit);
    const auto buy_factor = hn::Set(d, slippage.buy_factor);
    const auto sell_factor = hn::Set(d, slippage.sell_factor);
    const auto up = hn::Set(d, market::limit_up_ratio);
    const auto down = hn::Set(d, market::limit_down_ratio);
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        const auto from = hn::LoadU(d, open + i);
        const auto before = hn::LoadU(d, previous_close + i);
        const auto dearer = hn::Ceil(hn::Div(hn::Mul(from, buy_factor), unit));
        const auto highest = hn::Max(from, hn::Floor(hn::Mul(up, before)));
        hn::StoreU(hn::Min(dearer, highest), d, buy + i);
        const auto cheaper = hn::Floor(hn::Div(hn::Mul(from, sell_factor), unit));
        const auto lowest = hn::Min(hn::Floor(from), hn::Ceil(hn::Mul(down, before)));
        hn::StoreU(hn::Max(cheaper, lowest), d, sell + i);
    }
    for (; i < count; ++i) {
        buy[i] =
            slippage.buy_price(open[i], std::floor(market::limit_up_ratio * previous_close[i]));
        sell[i] =
            slippage.sell_price(open[i], std::ceil(market::limit_down_ratio * previous_close[i]));
    }
}

void add_scaled(double* sums, const double* values, std::size_t count, double factor) noexcept {
    const Doubles d;
    const auto scale = hn::Set(d, factor);
    std::size_t i = 0;
    for (; i + width <= count; i += width)
        hn::StoreU(hn::Add(hn::LoadU(d, sums + i), hn::Mul(scale, hn::LoadU(d, values + i))), d,
                   sums + i);
    // Highway 1.0.3 makes an aligned load of a masked one where the CPU has no masks: plain code
    // there.
    if constexpr (width > 2) {
        if (i == count) return;
        const auto rest = hn::FirstN(d, count - i);
        const auto added = hn::Add(hn::MaskedLoad(rest, d, sums + i),
                                   hn::Mul(scale, hn::MaskedLoad(rest, d, values + i)));
        hn::BlendedStore(added, rest, d, sums + i);
    } else {
        for (; i < count; ++i) sums[i] += factor * values[i];
    }
}

std::size_t first_reached(const double* low, const double* high, std::size_t first,
                          std::size_t last, const Levels& levels) noexcept {
    const Doubles d;
    const auto stop = hn::Set(d, levels.stop);
    const auto target = hn::Set(d, levels.target);
    for (std::size_t t = first; t < last; t += width) {
        const auto reached =
            hn::Or(hn::Le(hn::LoadU(d, low + t), stop), hn::Ge(hn::LoadU(d, high + t), target));
        const auto at = hn::FindFirstTrue(d, reached);
        if (at >= 0) return std::min(last, t + static_cast<std::size_t>(at));
    }
    return last;
}

// The highest of lanes 0..i in lane i. Shifting in lane 0 again instead of nothing changes no
// maximum. There is no NaN here, on which Max would depend on the CPU.
template <class V>
V running_max(V v) {
    const Doubles d;
    const hn::RebindToSigned<Doubles> di;
    for (std::size_t shift = 1; shift < width; shift *= 2) {
        const auto from =
            hn::Max(hn::Sub(hn::Iota(di, 0), hn::Set(di, static_cast<int>(shift))), hn::Zero(di));
        v = hn::Max(v, hn::TableLookupLanes(v, hn::IndicesFromVec(d, from)));
    }
    return v;
}

Trigger first_trailing(const double* low, const double* high, std::size_t first, std::size_t last,
                       const Levels& levels) noexcept {
    const Doubles d;
    const hn::RebindToSigned<Doubles> di;
    const auto stop = hn::Set(d, levels.stop);
    const auto target = hn::Set(d, levels.target);
    const auto parts = hn::Set(d, levels.trailing_parts);
    const auto unit = hn::Set(d, level_unit);
    const auto highest_lane = hn::IndicesFromVec(d, hn::Set(di, static_cast<int>(width - 1)));
    auto carried = hn::Set(d, -std::numeric_limits<double>::infinity());
    for (std::size_t t = first; t < last; t += width) {
        const auto peak = hn::Max(carried, running_max(hn::LoadU(d, high + t - 1)));
        const auto level = hn::Max(stop, hn::Div(hn::Mul(peak, parts), unit));
        const auto reached =
            hn::Or(hn::Le(hn::LoadU(d, low + t), level), hn::Ge(hn::LoadU(d, high + t), target));
        const auto at = hn::FindFirstTrue(d, reached);
        if (at >= 0) {
            alignas(64) double peaks[width];
            hn::Store(peak, d, peaks);
            return {std::min(last, t + static_cast<std::size_t>(at)), peaks[at]};
        }
        carried = hn::TableLookupLanes(peak, highest_lane);
    }
    return {last, hn::GetLane(carried)};
}

const LaneOps& ops() {
    static constexpr LaneOps table{split, slip, add_scaled, first_reached, first_trailing};
    return table;
}

}  // namespace hsl::portfolio::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::portfolio::detail {

HWY_EXPORT(ops);

const LaneOps& simd_lane_ops() noexcept { return HWY_DYNAMIC_DISPATCH(ops)(); }

}  // namespace hsl::portfolio::detail
#endif
