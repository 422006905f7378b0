// SPDX-License-Identifier: Apache-2.0
#pragma once

// A synthetic market into a store of its own. A store that holds real data, or another generated
// market, is refused; the same market once more changes nothing.

#include <string>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/synthetic.hpp"
#include "store/bar_store.hpp"

namespace hsl::service {

struct GenerateReport {
    std::string version;
    bool changed = false;
    std::int64_t symbols = 0, rows = 0;
    std::int64_t minute_rows = 0;  // beside the days
    std::int64_t splits = 0;       // planted, with their corporate actions in the store
    Date from, to;
};

[[nodiscard]] Result<GenerateReport> generate_bars(store::BarStore& store,
                                                   const market::SyntheticOptions& options,
                                                   const std::string& note,
                                                   const Progress& progress = {});

}  // namespace hsl::service
