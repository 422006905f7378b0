// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one would write first: a crossing of two moving averages, one set, one symbol and one bar at
// a time, with running sums, the same fills and the same costs as the sweep. One thread, plain
// code, the same flags. The bench times the sweep against it once both have the same results.

#include <string>
#include <utility>
#include <vector>

#include "backtest/sweep.hpp"
#include "market/frame.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::bench {

struct NaiveSet {
    std::vector<std::pair<std::string, double>> params;
    std::vector<double> final_equity;  // of each account, in lane order
    std::vector<double> returns;       // of all accounts together, from the session after s0
};
using NaiveResult = std::vector<NaiveSet>;

// Every set of the file buys when sma(close, fast) crosses above sma(close, slow) and sells when it
// crosses below, with the file's slippage and the command's defaults for the rest.
[[nodiscard]] NaiveResult naive_sma_cross(const market::Frame& frame,
                                          const strategy::StrategyFile& file,
                                          const backtest::Window& window);

// The final equity of every account and every daily return of every set, to the last bit.
[[nodiscard]] bool same_as_naive(const backtest::SweepOutput& sweep, const NaiveResult& naive);

}  // namespace hsl::bench
