// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a store is as it was written: every file against its SHA-256, every version's rows,
// labels and facts against the hash that is its name, the records of runs, the catalogue by
// SQLite's check.

#include "adapters/parquet/detail/room.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::adapters {

[[nodiscard]] Result<store::VerifyReport> verify_store(const Room& room, const Progress& progress);

}  // namespace hsl::adapters
