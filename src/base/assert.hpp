// SPDX-License-Identifier: Apache-2.0
#pragma once

// HSL_ASSERT states a promise of our own code. It stays in release builds and stops the program,
// naming the place: a wrong number that looks right is the worst outcome we have.

namespace hsl {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line,
                                   const char* function) noexcept;
}

#define HSL_ASSERT(...)                                                          \
    do {                                                                         \
        if (!(__VA_ARGS__)) [[unlikely]]                                         \
            ::hsl::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__, __func__); \
    } while (false)
