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

// The measured sessions: s0 is 0, the last one days.size() - 1.
struct Measured {
    double annualisation = 0;
    double calendar_days = 0;  // from s0 to the last session
};

// r_1 .. of all accounts together.
[[nodiscard]] std::vector<double> returns_of(const portfolio::SetTally& tally);
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

// Sums of close/previous close - 1 over the lanes of one tile that trade at both sessions.
struct TileMeans {
    std::vector<double> sum;
    std::vector<int> count;
};
[[nodiscard]] TileMeans tile_means(const market::Frame& frame, std::size_t tile, std::size_t s0,
                                   std::size_t last);
// Added in the order of tiles, so that the bits do not depend on who computed them.
[[nodiscard]] std::vector<double> equal_weight_returns(std::span<const TileMeans> tiles);

}  // namespace hsl::backtest::detail
