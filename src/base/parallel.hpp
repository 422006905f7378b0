// SPDX-License-Identifier: Apache-2.0
#pragma once

// Splits independent units of work over threads. Results never depend on which thread took a unit:
// callers keep per-worker accumulators whose sums are exact, or write to the unit's own place.

#include <cstddef>
#include <functional>

namespace hsl {

// Cores this process may use (affinity honoured), at least 1.
[[nodiscard]] unsigned core_count();

// Calls work(index, worker) once for every index < count, from `threads` threads (0 =
// core_count()), worker < threads. Returns when all are done. The first exception is rethrown here.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t index, unsigned worker)>& work);

}  // namespace hsl
