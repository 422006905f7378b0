// SPDX-License-Identifier: Apache-2.0
#pragma once

// What differs between two versions, a series at a time. Pure; any thread.

#include <cstddef>
#include <string>

#include "store/bar_store.hpp"
#include "store/merge.hpp"

namespace hsl::store {

// Adds what differs in one series (null: the version lacks it) to `diff`, whose rows stay at most
// `limit`.
void diff_series(const std::string& source, const StoredSymbol* before, const StoredSymbol* after,
                 std::size_t limit, VersionDiff& diff);
// Facts that are in one version only, or differ; both in their order. A changed row counts once.
[[nodiscard]] std::int64_t count_changed(const Facts& before, const Facts& after);

}  // namespace hsl::store
