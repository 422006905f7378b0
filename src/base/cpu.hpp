// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which executor the vector code uses. `best` is what this machine has; the others are for tests,
// benches and `HSL_CPU=scalar|sse4|avx2|avx512`. Every choice gives the same bits. Set it before
// work starts: it is one setting for the process.

#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl {

enum class CpuTarget { best, scalar, sse4, avx2, avx512 };

// An error when this machine lacks it.
[[nodiscard]] Result<void> set_cpu_target(CpuTarget target);
[[nodiscard]] Result<CpuTarget> parse_cpu_target(std::string_view word);
// scalar, then each vector target this machine has.
[[nodiscard]] std::vector<CpuTarget> available_cpu_targets();
// What runs now: never `best`.
[[nodiscard]] CpuTarget active_cpu_target();
[[nodiscard]] std::string_view name_of(CpuTarget target);  // "avx512"
[[nodiscard]] int lanes_of(CpuTarget target);              // doubles in a register: 1, 2, 4, 8
// True when plain scalar loops were asked for: vector entry points ask this first.
[[nodiscard]] bool scalar_only() noexcept;

}  // namespace hsl
