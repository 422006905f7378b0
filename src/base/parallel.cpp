// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <sched.h>

namespace hsl {

unsigned core_count() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
    return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t, unsigned)>& work) {
    if (threads == 0) threads = core_count();
    threads =
        static_cast<unsigned>(std::min<std::size_t>(threads, std::max<std::size_t>(count, 1)));
    std::atomic<std::size_t> next{0};
    std::exception_ptr first_failure;
    std::mutex failure_lock;
    const auto loop = [&](unsigned worker) {
        try {
            for (std::size_t index; (index = next.fetch_add(1, std::memory_order_relaxed)) < count;)
                work(index, worker);
        } catch (...) {
            const std::lock_guard guard{failure_lock};
            if (!first_failure) first_failure = std::current_exception();
            next.store(count, std::memory_order_relaxed);
        }
    };
    {
        std::vector<std::jthread> helpers;
        helpers.reserve(threads - 1);
        for (unsigned worker = 1; worker < threads; ++worker) {
            try {
                helpers.emplace_back(loop, worker);
            } catch (const std::system_error&) {
                break;  // the system gives no more threads: those there are do all of the work
            }
        }
        loop(0);
    }
    if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace hsl
