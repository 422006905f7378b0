// SPDX-License-Identifier: Apache-2.0
#pragma once

// The shape of every column: tiles of 8 lanes side by side, time running inside a tile,
// [tile][t][lane]. One tile and its intermediates fit the L2 cache; a tile is the unit of work.
// Booleans are one byte a session, bit i = lane i.

#include <cstddef>
#include <cstdint>

#include "base/aligned.hpp"

namespace hsl {

inline constexpr std::size_t tile_lanes = 8;
[[nodiscard]] constexpr std::size_t tiles_for(std::size_t lanes) {
    return (lanes + tile_lanes - 1) / tile_lanes;
}

// One column over all tiles. Element (lane, t) is tile(lane / 8)[t * 8 + lane % 8].
class TileColumn {
public:
    TileColumn() = default;
    TileColumn(std::size_t tiles, std::size_t sessions)
        : data_(tiles * sessions * tile_lanes), tiles_(tiles), sessions_(sessions) {}

    [[nodiscard]] double* tile(std::size_t index) {
        return data_.data() + index * sessions_ * tile_lanes;
    }
    [[nodiscard]] const double* tile(std::size_t index) const {
        return data_.data() + index * sessions_ * tile_lanes;
    }
    [[nodiscard]] double& at(std::size_t lane, std::size_t t) {
        return tile(lane / tile_lanes)[t * tile_lanes + lane % tile_lanes];
    }
    [[nodiscard]] double at(std::size_t lane, std::size_t t) const {
        return tile(lane / tile_lanes)[t * tile_lanes + lane % tile_lanes];
    }
    [[nodiscard]] std::size_t tiles() const { return tiles_; }
    [[nodiscard]] std::size_t sessions() const { return sessions_; }

private:
    AlignedBuffer<double> data_;
    std::size_t tiles_ = 0;
    std::size_t sessions_ = 0;
};

// One boolean column over all tiles: tile(i)[t] holds a bit a lane.
class MaskColumn {
public:
    MaskColumn() = default;
    MaskColumn(std::size_t tiles, std::size_t sessions)
        : data_(tiles * sessions), tiles_(tiles), sessions_(sessions) {}

    [[nodiscard]] std::uint8_t* tile(std::size_t index) { return data_.data() + index * sessions_; }
    [[nodiscard]] const std::uint8_t* tile(std::size_t index) const {
        return data_.data() + index * sessions_;
    }
    [[nodiscard]] bool at(std::size_t lane, std::size_t t) const {
        return (tile(lane / tile_lanes)[t] >> (lane % tile_lanes)) & 1;
    }
    void set(std::size_t lane, std::size_t t, bool value) {
        std::uint8_t& byte = tile(lane / tile_lanes)[t];
        const auto bit = static_cast<std::uint8_t>(1u << (lane % tile_lanes));
        byte = static_cast<std::uint8_t>(value ? byte | bit : byte & ~bit);
    }
    [[nodiscard]] std::size_t tiles() const { return tiles_; }
    [[nodiscard]] std::size_t sessions() const { return sessions_; }

private:
    AlignedBuffer<std::uint8_t> data_;
    std::size_t tiles_ = 0;
    std::size_t sessions_ = 0;
};

}  // namespace hsl
