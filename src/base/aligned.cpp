// SPDX-License-Identifier: Apache-2.0
#include "base/aligned.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/mman.h>

namespace hsl {
namespace {
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}
}  // namespace

void* allocate_aligned(std::size_t bytes) {
    const bool large = bytes >= 2 * huge_page;
    const std::size_t unit = large ? huge_page : 64;
    void* memory = std::aligned_alloc(unit, round_up(bytes, unit));
    if (memory == nullptr) {
        std::fprintf(stderr, "hsl: out of memory (%zu bytes asked for)\n", bytes);
        std::abort();
    }
    // One fault for 2 MB instead of 512: loading a market touches every page once.
    if (large) madvise(memory, round_up(bytes, unit), MADV_HUGEPAGE);
    return memory;
}

void release_aligned(void* memory, std::size_t) noexcept { std::free(memory); }

}  // namespace hsl
