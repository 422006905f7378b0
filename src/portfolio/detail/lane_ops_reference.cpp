// SPDX-License-Identifier: Apache-2.0
#include "portfolio/detail/lane_ops.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/cpu.hpp"
#include "base/tile.hpp"
#include "market/rules.hpp"

namespace hsl::portfolio::detail {
namespace {

// Transposes 8 bytes as an 8 x 8 matrix of bits (Warren, Hacker's Delight, section 7-3): byte
// `lane` of the result holds bit `lane` of each byte.
std::uint64_t transpose_bits(std::uint64_t x) {
    std::uint64_t swap = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAull;
    x ^= swap ^ (swap << 7);
    swap = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCull;
    x ^= swap ^ (swap << 14);
    swap = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ull;
    return x ^ swap ^ (swap << 28);
}

void split(const std::uint8_t* bytes, std::size_t count, std::uint64_t* out,
           std::size_t words) noexcept {
    std::fill_n(out, tile_lanes * words, 0);
    for (std::size_t at = 0; at < count; at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, bytes + at, std::min<std::size_t>(8, count - at));
        eight = transpose_bits(eight);
        for (std::size_t lane = 0; lane < tile_lanes; ++lane)
            out[lane * words + at / 64] |= ((eight >> (8 * lane)) & 0xFF) << (at % 64);
    }
}

void slip(const double* open, const double* previous_close, std::size_t count,
          const Slippage& slippage, double* buy, double* sell) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        buy[i] =
            slippage.buy_price(open[i], std::floor(market::limit_up_ratio * previous_close[i]));
        sell[i] =
            slippage.sell_price(open[i], std::ceil(market::limit_down_ratio * previous_close[i]));
    }
}

void add_scaled(double* sums, const double* values, std::size_t count, double factor) noexcept {
    for (std::size_t i = 0; i < count; ++i) sums[i] += factor * values[i];
}

std::size_t first_reached(const double* low, const double* high, std::size_t first,
                          std::size_t last, const Levels& levels) noexcept {
    for (std::size_t t = first; t < last; ++t)
        if (low[t] <= levels.stop || high[t] >= levels.target) return t;
    return last;
}

Trigger first_trailing(const double* low, const double* high, std::size_t first, std::size_t last,
                       const Levels& levels) noexcept {
    double peak = -std::numeric_limits<double>::infinity();
    for (std::size_t t = first; t < last; ++t) {
        peak = std::max(peak, high[t - 1]);
        if (low[t] <= std::max(levels.stop, level_of(peak, levels.trailing_parts)) ||
            high[t] >= levels.target)
            return {t, peak};
    }
    return {last, peak};
}

}  // namespace

const LaneOps& reference_lane_ops() noexcept {
    static constexpr LaneOps ops{split, slip, add_scaled, first_reached, first_trailing};
    return ops;
}

const LaneOps& lane_ops() noexcept {
    return scalar_only() ? reference_lane_ops() : simd_lane_ops();
}

}  // namespace hsl::portfolio::detail
