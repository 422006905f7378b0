// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a store and its writer share, and words that both say.

#include <filesystem>
#include <memory>
#include <vector>

#include "adapters/parquet/detail/catalogue.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"

namespace hsl::adapters {

struct Room {
    std::filesystem::path folder;
    std::unique_ptr<Catalogue> catalogue;
};

[[nodiscard]] inline Error stopped() {
    return {.code = ErrorCode::cancelled, .message = "stopped; the store is as it was"};
}

// The rows of one range, of a table with every column; a column of numbers that is not there (of a
// named column's rows) gives zeros.
[[nodiscard]] inline std::vector<market::Bar> bars_of(const market::BarTable& table,
                                                      const market::BarTable::Range& range) {
    const bool is_whole = !table.volume.empty();
    std::vector<market::Bar> bars;
    bars.reserve(range.count);
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        bars.push_back(is_whole ? table.bar(row)
                                : market::Bar{.date = Date{table.date[row]},
                                              .open = table.open[row],
                                              .close = table.close[row],
                                              .value = 0});
    return bars;
}

}  // namespace hsl::adapters
