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

// Makes the folder when it is missing and `create`; without `create` a folder that is no store is
// `not_found`. A newer format is `unsupported`.
[[nodiscard]] Result<std::unique_ptr<store::BarStore>> open_parquet_store(
    const std::filesystem::path& folder, bool create);

}  // namespace hsl::adapters
