// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Parquet file that somebody else wrote, as a table of text: what store::TableReader asks for.
// Not the store's own files, which detail/bar_file reads. Arrow stays in the .cpp. Any thread.

#include <string_view>

#include "base/error.hpp"
#include "store/table_reader.hpp"

namespace hsl::adapters {

// Columns that hold lists or structures have empty cells; the index that pandas writes comes along
// under its name. Errors name the file: damaged, no column, a page that cannot be decoded.
[[nodiscard]] Result<store::TextTable> read_parquet_table(std::string_view name,
                                                          std::string_view bytes);

}  // namespace hsl::adapters
