// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace hsl::bench {

double median_ms(int runs, const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    for (int run = 0; run < runs; ++run) {
        const Clock::time_point begin = Clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
}

void check(bool right, const std::string& what) {
    if (right) return;
    std::fprintf(stderr, "bench: wrong result, nothing is timed: %s\n", what.c_str());
    std::exit(3);
}

}  // namespace hsl::bench
