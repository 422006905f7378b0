// SPDX-License-Identifier: Apache-2.0
#pragma once

// A market that never was: market, sector and own shocks with volatility clustering and fat tails,
// whole-won prices on the tick grid, daily limits, halts, listings and delistings. Nothing in it is
// predictable but what is planted. Same options, same bytes, on every machine and any number of
// threads. docs/concepts/synthetic-market.md defines every plant.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/bar.hpp"
#include "market/corporate_action.hpp"
#include "market/listing.hpp"

namespace hsl::market {

// Things to be found. Nothing by default.
struct Plants {
    // Correlation of a share's own open-to-close shock with that of its next traded session.
    double signal = 0;
    std::optional<double> drift = {};  // arithmetic, a year, of every share; 0.065 otherwise
    bool split = false;   // one share in ten splits (or merges) once, and is halted before
    double lead_lag = 0;  // what KOSDAQ shares move by of the market's shock of the session before
    bool regime = false;  // from the middle session on: the market falls, and moves twice as much
};

struct SyntheticOptions {
    int symbols = 800;
    int sessions = 1250;
    std::uint64_t seed = 42;
    Date from = Date::from_civil(2019, 1, 2);
    unsigned threads = 0;
    Plants plants = {};
    bool minutes = false;  // the days' minute bars too: market/synthetic_minutes.hpp
};

struct SyntheticMarket {
    BarTable bars = {};     // raw, of regular sessions
    BarTable minutes = {};  // the same in minutes, where they were asked for
    std::vector<Listing> listings = {};
    std::vector<CorporateAction> actions = {};  // what `split` planted, confirmed
};
[[nodiscard]] Result<SyntheticMarket> generate_whole_market(const SyntheticOptions& options,
                                                            const Progress& progress = {});
// Its bars alone.
[[nodiscard]] Result<BarTable> generate_market(const SyntheticOptions& options,
                                               const Progress& progress = {});

}  // namespace hsl::market
