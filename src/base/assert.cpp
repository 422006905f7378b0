// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace hsl {

void assertion_failed(const char* expression, const char* file, int line,
                      const char* function) noexcept {
    std::fprintf(stderr, "hsl: broken promise: %s\n  in %s, %s:%d\n", expression, function, file,
                 line);
    std::abort();
}

}  // namespace hsl
