// SPDX-License-Identifier: Apache-2.0
#pragma once

// The default store: a folder with Parquet files for bars and an SQLite catalogue (WAL).
//   DIR/catalogue.sqlite   versions, symbols, quarantine, runs; the truth
//   DIR/bars/*.parquet     immutable; a file no version names is litter of a killed writer
//   DIR/lock               held by the writer

#include <filesystem>
#include <memory>

#include "store/bar_store.hpp"

namespace hsl::adapters {

// Makes the folder when it is missing and `create`; refuses a newer format.
[[nodiscard]] Result<std::unique_ptr<store::BarStore>> open_parquet_store(
    const std::filesystem::path& folder, bool create);

}  // namespace hsl::adapters
