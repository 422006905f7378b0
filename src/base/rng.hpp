// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random numbers that are handed in, never global: same seed, same bytes, on every machine.
// SplitMix64 seeds xoshiro256** (Blackman and Vigna 2018); `split` gives independent streams, so
// that lane k draws the same numbers however many threads there are.

#include <bit>
#include <cstdint>

namespace hsl {

class Rng {
public:
    explicit Rng(std::uint64_t seed) {
        for (auto& word : state_) word = split_mix(seed);
    }
    // The stream number `stream` of a seed.
    [[nodiscard]] static Rng split(std::uint64_t seed, std::uint64_t stream) {
        std::uint64_t mixed = seed;
        const std::uint64_t head = split_mix(mixed);
        return Rng{head ^ (stream * 0x9E3779B97F4A7C15ull + 0xD1B54A32D192ED03ull)};
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }
    // [0, 1), 53 bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    // [0, bound), bound >= 1; the bias of the multiply-shift is below 2^-32 for bounds below 2^32.
    std::uint64_t below(std::uint64_t bound) {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
    }
    // Standard normal, by inversion of a uniform number with exact_normal_quantile: one draw, one
    // number, within 8.2 standard deviations.
    double normal();

private:
    static std::uint64_t split_mix(std::uint64_t& x) {
        std::uint64_t z = (x += 0x9E3779B97F4A7C15ull);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    std::uint64_t state_[4]{};
};

}  // namespace hsl
