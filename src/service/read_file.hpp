// SPDX-License-Identifier: Apache-2.0
#pragma once

// The user's files: which ones a command line means, and their bytes. Every error names the file
// and says what the system said.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"

namespace hsl::service {

// Nothing a user means to import is larger; it keeps an endless source from taking all memory.
inline constexpr std::size_t file_bytes_max = std::size_t{1} << 30;

// A folder stands for the files of market data below it (.csv .tsv .txt .gz .zip .parquet .json
// .xml .mst), by name; hidden ones, pipes and the like stay out. A pattern (*, ?, [...]) that is no
// file's name stands for what it matches, "-" for standard input. A file named twice counts once.
// What cannot be opened stays in the list: reading it says why. A path that is not there is an
// error.
[[nodiscard]] Result<std::vector<std::filesystem::path>> expand_paths(
    const std::vector<std::string>& paths);

// The whole file, `bytes_max` at most. Waits for a pipe; a stop is `cancelled`.
[[nodiscard]] Result<std::string> read_bytes(const std::filesystem::path& path,
                                             const Progress& progress = {},
                                             std::size_t bytes_max = file_bytes_max);
// The same of what comes in on standard input, which messages call "stdin".
[[nodiscard]] Result<std::string> read_standard_input(const Progress& progress = {});

}  // namespace hsl::service
