// SPDX-License-Identifier: Apache-2.0
#pragma once

// Brings the catalogue of an older format to this one. Included by the .cpp files of the catalogue
// alone.

#include <filesystem>

#include "base/error.hpp"

struct sqlite3;

namespace hsl::adapters {

// One transaction: a kill leaves the old format or the new one. Files stay as they are, and
// versions keep the names that the first rule gave them. `busy` while somebody writes,
// `unsupported` where the folder may only be read.
[[nodiscard]] Result<void> migrate(sqlite3* database, const std::filesystem::path& folder);

}  // namespace hsl::adapters
