// SPDX-License-Identifier: Apache-2.0
#pragma once

// Listings, states and actions in the catalogue: a row holds from the version that brought it to
// the one before it was changed. Included by the .cpp files of the catalogue alone.

#include <cstdint>
#include <string>

#include "adapters/parquet/detail/sqlite.hpp"
#include "base/error.hpp"
#include "store/facts.hpp"

namespace hsl::adapters {

[[nodiscard]] std::string fact_schema();  // CREATE TABLE ...
[[nodiscard]] Result<store::Facts> read_facts(sqlite3* database, std::int64_t version);
// Both in their order (store/merge_facts.hpp).
[[nodiscard]] Result<void> write_facts(sqlite3* database, const store::Facts& before,
                                       const store::Facts& after, std::int64_t version);
// A query for the versions in which a row of any of the tables begins, or is there no more.
[[nodiscard]] std::string fact_changes();
// Drops rows that no version from `oldest` on has.
[[nodiscard]] Result<void> forget_facts(sqlite3* database, std::int64_t oldest);

}  // namespace hsl::adapters
