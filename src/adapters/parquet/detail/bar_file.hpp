// SPDX-License-Identifier: Apache-2.0
#pragma once

// One immutable Parquet file, by symbol, then date. Columns of bars: symbol (text, dictionary),
// date (date32), in files of minutes minute (int32), open, high, low, close, volume, value (int64,
// as in market::Bar); of a named column: symbol, date, known (date32), value (double). Which rows
// belong to which symbol is the catalogue's to know: the symbol column is there for other readers
// (pandas, DuckDB) and never decoded here. Arrow stays in the .cpp. A BarFile may be read from many
// threads.

#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/parquet/detail/stack.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/bar.hpp"

namespace hsl::adapters {

// The rows of one symbol on their way into a file.
struct SymbolRows {
    std::string_view symbol;
    std::span<const market::Bar> bars;
};

struct WrittenFile {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::string sha256;
};

// Writes and syncs the file; it exists whole or, after an error, not at all. `cancelled` when
// stopped.
[[nodiscard]] Result<WrittenFile> write_bar_file(const std::filesystem::path& path, StackKind kind,
                                                 std::span<const SymbolRows> symbols,
                                                 const Progress& progress);

// Where decoded columns go: row 0 of each, null for those that are not wanted.
struct ColumnTargets {
    std::int32_t* date = nullptr;
    std::int32_t* minute = nullptr;
    std::int64_t* numbers[6] = {};  // open, high, low, close, volume, value
};
// The columns of a file after its symbols.
[[nodiscard]] int columns_of(StackKind kind);

// `count` rows from `row` of a row group go to `target` of the columns.
struct RowCopy {
    std::size_t row = 0;
    std::size_t count = 0;
    std::size_t target = 0;
};

// What an exception while reading means: `corrupt`, the file `what`, but `io` where memory ran out,
// which says nothing about the file.
[[nodiscard]] Error read_failure(const std::filesystem::path& path, std::string_view what,
                                 const std::exception& failure);

class BarFile {
public:
    // `corrupt` when the file is missing, has another size or row count than the catalogue says, or
    // is no bar file.
    [[nodiscard]] static Result<BarFile> open(const std::filesystem::path& path, StackKind kind,
                                              std::int64_t bytes, std::int64_t rows);
    BarFile(BarFile&&) noexcept;
    ~BarFile();

    [[nodiscard]] int row_groups() const;
    [[nodiscard]] std::size_t rows_in(int row_group) const;
    // One column of some rows of a row group, if it is wanted; `copies` ascend by row. Page
    // checksums are verified.
    [[nodiscard]] Result<void> read(int row_group, int column, std::span<const RowCopy> copies,
                                    const ColumnTargets& targets) const;

private:
    struct Parts;
    explicit BarFile(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace hsl::adapters
