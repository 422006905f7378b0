// SPDX-License-Identifier: Apache-2.0
#include "base/hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>

// OpenSSL 3 has no other way to take up a SHA-256 where it was left.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/assert.hpp"

namespace hsl {
namespace {

std::string hex_of(std::span<const unsigned char> digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

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
    std::string text = hex_of(digest);
    text.resize(std::min<std::size_t>(digits, text.size()));
    return text;
}

namespace {
SHA256_CTX context_of(const BlockHasher::State& state) {
    SHA256_CTX context;
    HSL_ASSERT(SHA256_Init(&context) == 1);
    std::ranges::copy(state.chain, context.h);
    const std::uint64_t bits = state.blocks * BlockHasher::block_bytes * 8;
    context.Nl = static_cast<std::uint32_t>(bits);
    context.Nh = static_cast<std::uint32_t>(bits >> 32);
    return context;
}
}  // namespace

BlockHasher::BlockHasher() {
    SHA256_CTX context;
    HSL_ASSERT(SHA256_Init(&context) == 1);
    std::ranges::copy(context.h, state_.chain.begin());
}

void BlockHasher::add(std::span<const std::byte> blocks) {
    HSL_ASSERT(blocks.size() % block_bytes == 0);
    SHA256_CTX context = context_of(state_);
    HSL_ASSERT(SHA256_Update(&context, blocks.data(), blocks.size()) == 1);
    std::ranges::copy(context.h, state_.chain.begin());
    state_.blocks += blocks.size() / block_bytes;
}

std::string BlockHasher::hex() const {
    SHA256_CTX context = context_of(state_);
    std::array<unsigned char, 32> digest{};
    HSL_ASSERT(SHA256_Final(digest.data(), &context) == 1);
    return hex_of(digest);
}

}  // namespace hsl
