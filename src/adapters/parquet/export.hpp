// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bars and named columns of a store for other programs: Parquet, Arrow IPC (Feather) or CSV, one
// table or one a symbol. Columns: symbol, name (the newest that listings tell, where there are
// any), date, minute (of minute bars), open, high, low, close (whole numbers where no price has
// decimals), volume, value (null where the source had none), source, then the named columns (null
// where there is no row).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::adapters {

enum class ExportFormat : std::uint8_t { parquet, arrow, csv };
// "parquet", "arrow" (or "feather"), "csv".
[[nodiscard]] Result<ExportFormat> parse_export_format(std::string_view word);
[[nodiscard]] std::string_view extension_of(ExportFormat format);  // ".parquet"

struct ExportOptions {
    ExportFormat format = ExportFormat::parquet;
    store::ReadRequest bars = {};           // which version, symbols, sources
    std::vector<std::string> columns = {};  // named columns, {"*"} = all
    bool file_a_symbol = false;             // the path is a folder: SYMBOL.parquet in it
    // Prices and volumes as somebody sees them on `as_of` (by default each series' last day), for
    // the confirmed actions known by then; bars after that day are left out.
    bool adjusted = false;
    std::optional<Date> as_of = {};
};

struct ExportReport {
    std::string version = {};  // of the data
    std::int64_t rows = 0;
    std::vector<std::filesystem::path> files = {};
};

// Replaces files of the same names, each whole or not at all; `cancelled` leaves those that were
// finished. `bad_usage` where bars that their publisher adjusted are to be adjusted.
[[nodiscard]] Result<ExportReport> export_bars(store::BarStore& store,
                                               const std::filesystem::path& path,
                                               const ExportOptions& options,
                                               const Progress& progress);

}  // namespace hsl::adapters
