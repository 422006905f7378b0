// SPDX-License-Identifier: Apache-2.0
#pragma once

// A child process, timed from before its start to after its end, with its peak memory.

#include <string>
#include <vector>

namespace hsl::bench {

struct ProcessCost {
    int status = -1;  // exit status
    double wall_ms = 0;
    double peak_mb = 0;  // resident
    std::string output;  // stdout
};
[[nodiscard]] ProcessCost run_process(const std::vector<std::string>& words);

}  // namespace hsl::bench
