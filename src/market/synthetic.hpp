// SPDX-License-Identifier: Apache-2.0
#pragma once

// A market that never was: market, sector and own shocks with volatility clustering and fat tails,
// whole-won prices on the tick grid, daily limits, halts, listings and delistings. Nothing in it is
// predictable. Same options, same bytes, on every machine and any number of threads.

#include <cstdint>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/bar.hpp"

namespace hsl::market {

struct SyntheticOptions {
    int symbols = 800;
    int sessions = 1250;
    std::uint64_t seed = 42;
    Date from = Date::from_civil(2019, 1, 2);
    unsigned threads = 0;
};

[[nodiscard]] Result<BarTable> generate_market(const SyntheticOptions& options,
                                               const Progress& progress = {});

}  // namespace hsl::market
