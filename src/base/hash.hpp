// SPDX-License-Identifier: Apache-2.0
#pragma once

// SHA-256 for content: data versions, run ids, checksums of files.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hsl {

class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    Hasher& add(std::span<const std::byte> bytes);
    // A text goes in with its length, so that ("ab","c") and ("a","bc") differ.
    Hasher& add_text(std::string_view text);
    Hasher& add_number(std::int64_t number);
    // Lower-case hexadecimal, `digits` of it (at most 64). Ends this hash.
    [[nodiscard]] std::string hex(std::size_t digits = 64);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// SHA-256 over records of one block (64 bytes), which can be left and taken up again where it
// stood: a record more costs one block, however many there were.
class BlockHasher {
public:
    static constexpr std::size_t block_bytes = 64;
    struct State {
        std::array<std::uint32_t, 8> chain{};
        std::uint64_t blocks = 0;
        friend bool operator==(const State&, const State&) = default;
    };

    BlockHasher();  // nothing yet
    explicit BlockHasher(const State& state) : state_(state) {}
    void add(std::span<const std::byte> blocks);  // whole ones
    [[nodiscard]] const State& state() const { return state_; }
    // SHA-256 of all blocks so far: 64 digits. The hasher can go on.
    [[nodiscard]] std::string hex() const;

private:
    State state_;
};

}  // namespace hsl
