// SPDX-License-Identifier: Apache-2.0
#pragma once

// A synthetic market as files, for whoever wants to try an import: a CSV a symbol, the list of its
// names and, where splits were planted, the table of corporate actions.

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/synthetic.hpp"

namespace hsl::service {

// A line that no import may take for a bar, and where it stands.
struct BadRow {
    std::string kind = {};  // "high_below_low": the reason under which it ends in quarantine
    std::string file = {};
    std::int64_t line = 0;
};

struct GenerateFilesReport {
    std::int64_t files = 0, symbols = 0, rows = 0;
    std::vector<BadRow> bad_rows = {};  // also in bad-rows.list
};

// Into a folder that is not there yet or empty. With `bad_rows` the first symbol's file has one bad
// row of each kind among its bars.
[[nodiscard]] Result<GenerateFilesReport> generate_files(const std::filesystem::path& folder,
                                                         const market::SyntheticOptions& options,
                                                         bool bad_rows,
                                                         const Progress& progress = {});

}  // namespace hsl::service
