// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a store is as it was written: every file of every version against its SHA-256, the newest
// version's rows and facts against the hashes that make its name, the catalogue by SQLite's check.

#include "adapters/parquet/detail/room.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::adapters {

[[nodiscard]] Result<store::VerifyReport> verify_store(const Room& room, const Progress& progress);

}  // namespace hsl::adapters
