// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole-workload benchmarks. Each row checks its result before it is timed, names its input, and
// prints the median of several runs beside the goal and a baseline of the same run: on shared
// machines ratios decide and seconds inform.

#include <functional>
#include <string>
#include <vector>

namespace hsl::bench {

struct Row {
    std::string what;
    double median = 0;     // in `unit`
    std::string unit;      // "ms", "ns/bar", "MB"
    double goal = 0;       // same unit; 0 = none
    std::string baseline;  // "9.3x the plain loop"; may be empty
};

// Median of `runs` timings of work(), in milliseconds.
[[nodiscard]] double median_ms(int runs, const std::function<void()>& work);

// Stops the bench with a message when a result is not what it should be.
void check(bool right, const std::string& what);

}  // namespace hsl::bench
