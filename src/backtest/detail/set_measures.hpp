// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the running sums of a set to its figures, for backtest/ alone.
// docs/concepts/session-order.md says how accounts become returns.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analytics/sweep_result.hpp"
#include "portfolio/fill_kernel.hpp"

namespace hsl::backtest::detail {

// What is measured: returns from day to day, the last sessions of which count from s0.
struct Measured {
    double annualisation = 0;
    double calendar_days = 0;                // from s0 to the last session
    std::vector<std::size_t> day_ends = {};  // - s0, which is the first of them
};
[[nodiscard]] std::vector<std::size_t> day_ends(const market::Frame& frame, std::size_t s0,
                                                std::size_t last);

// r_1 .. of all accounts together, a day each.
[[nodiscard]] std::vector<double> returns_of(const portfolio::SetTally& tally,
                                             const Measured& measured);
// Curve and trade figures.
[[nodiscard]] analytics::Measures measures_of(const portfolio::SetTally& tally,
                                              std::span<const double> returns,
                                              const Measured& measured);

// The same had what a delisting settled been worth nothing: curve figures alone. Nothing when none
// was.
[[nodiscard]] std::optional<analytics::Measures> measures_at_zero(const portfolio::SetTally& tally,
                                                                  std::span<const double> returns,
                                                                  const Measured& measured);

// What each account came to: lanes that never opened one are left out of both.
struct AccountBook {
    std::vector<std::size_t> lanes;    // those with an account, ascending
    std::vector<std::string> symbols;  // of each, parallel
};
[[nodiscard]] AccountBook account_book(const market::Frame& frame, std::size_t s0,
                                       std::size_t last);
// final_equity, hold_equity: by lane.
[[nodiscard]] std::vector<double> account_returns(const AccountBook& book,
                                                  std::span<const portfolio::LaneResult> lanes);
[[nodiscard]] analytics::SymbolSpread spread_of(const AccountBook& book,
                                                std::span<const double> returns,
                                                std::span<const double> hold_returns);
// Interpolated between ranks (type 7 of Hyndman and Fan 1996); NaN when empty. Reorders the values.
[[nodiscard]] double quantile(std::span<double> values, double share);

// Sums of close/previous close - 1 over the lanes of one tile that trade on both days.
struct TileMeans {
    std::vector<double> sum;
    std::vector<int> count;
};
[[nodiscard]] TileMeans tile_means(const market::Frame& frame, std::size_t tile, std::size_t s0,
                                   std::span<const std::size_t> day_ends);
// Added in the order of tiles, so that the bits do not depend on who computed them.
[[nodiscard]] std::vector<double> equal_weight_returns(std::span<const TileMeans> tiles);

}  // namespace hsl::backtest::detail
