// SPDX-License-Identifier: Apache-2.0
#pragma once

// SHA-256 for content: data versions, run ids, checksums of files.

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

}  // namespace hsl
