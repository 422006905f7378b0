// SPDX-License-Identifier: Apache-2.0
#pragma once

// A sweep: every set of a strategy file over every lane of a frame. A function of (frame, file,
// options): it opens nothing and knows no store.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "analytics/sweep_result.hpp"
#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/frame.hpp"
#include "market/rules.hpp"
#include "portfolio/fill.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::backtest {

struct SweepOptions {
    std::optional<Date> from = {};  // default: the later of the first bar and 2015-06-15
    std::optional<Date> to = {};    // default: the frame's last session
    unsigned threads = 0;           // 0 = every core
    std::int64_t commission_e7 = market::commission_default_e7;
    double slippage_bp = 0;  // where the set names none
    int slippage_ticks = 0;  // where the set names no slippage; raw prices alone
    portfolio::Rights rights = portfolio::Rights::sell;
    double participation = 0.01;  // where the set names none; infinity = off
    std::optional<double> annualisation = {};
    market::Market unknown_is = market::Market::kospi;
    bool trades = false;     // keep every fill
    bool generated = false;  // a market that never was: the verdict's words say so
};

// The window of a run on a frame, before anything is computed.
struct Window {
    std::size_t from = 0, s0 = 0, last = 0;  // session indices; s0 and last end their days
};
[[nodiscard]] Result<Window> find_window(const market::Frame& frame,
                                         const strategy::StrategyFile& file,
                                         const SweepOptions& options);

// Fills by set (file order) and lane; filled with options.trades.
using FillBook = std::vector<std::vector<portfolio::Fill>>;

struct SweepOutput {
    analytics::SweepResult result;  // run id, data version and command are the caller's to fill
    FillBook fills;                 // one list a set, by lane, then session
};
[[nodiscard]] Result<SweepOutput> run_sweep(const market::Frame& frame,
                                            const strategy::StrategyFile& file,
                                            const SweepOptions& options,
                                            const Progress& progress = {});

}  // namespace hsl::backtest
