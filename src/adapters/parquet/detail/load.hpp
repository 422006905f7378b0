// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the files of a snapshot to bars: decodes the rows that are asked for and nothing else, and
// lays later files over earlier ones.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "adapters/parquet/detail/catalogue.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"

namespace hsl::adapters {

// Both: `corrupt`, with the symbol and the file, where rows are not those the catalogue says as far
// as their number and dates tell; `io` where memory does not suffice.

enum class Columns : std::uint8_t { all, close };  // dates and minutes always

// One table a file of the snapshot: the rows that its symbols have in it. `folder` is the store's.
[[nodiscard]] Result<std::vector<market::BarTable>> load_files(const std::filesystem::path& folder,
                                                               const Snapshot& snapshot,
                                                               unsigned threads);

// The rows of the snapshot's symbols; where files have the same date, the later file's.
[[nodiscard]] Result<market::BarTable> load(const std::filesystem::path& folder,
                                            const Snapshot& snapshot, Columns columns,
                                            unsigned threads);

}  // namespace hsl::adapters
