// SPDX-License-Identifier: Apache-2.0
#include "base/hash.hpp"

#include <array>
#include <cstring>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/assert.hpp"

namespace hsl {

struct Hasher::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() {
        HSL_ASSERT(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::add(std::span<const std::byte> bytes) {
    HSL_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
    return *this;
}

Hasher& Hasher::add_text(std::string_view text) {
    add_number(static_cast<std::int64_t>(text.size()));
    return add(std::as_bytes(std::span{text.data(), text.size()}));
}

Hasher& Hasher::add_number(std::int64_t number) {
    std::array<std::byte, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, sizeof number);
    return add(bytes);
}

std::string Hasher::hex(std::size_t digits) {
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    HSL_ASSERT(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1 && length == 32);
    std::string text;
    for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
    text.resize(std::min<std::size_t>(digits, text.size()));
    return text;
}

}  // namespace hsl
