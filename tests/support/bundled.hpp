// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tests across modules share: the repository's own strategies and sample market, generated
// markets, and the rules of a set as a sweep takes them by default.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/feeds/market_file.hpp"
#include "backtest/sweep.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "service/import_files.hpp"
#include "service/read_file.hpp"
#include "store/bar_store.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::tests {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    return std::move(*result);
}

inline std::filesystem::path repository() {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    if (root == nullptr) throw std::runtime_error{"HSL_SOURCE_DIR is not set"};
    return root;
}

// Every file of strategies/, by name.
inline std::vector<std::filesystem::path> shipped_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{repository() / "strategies"})
        if (entry.path().extension() == ".toml") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

inline strategy::StrategyFile kospi100() {
    return must(strategy::read_strategies((repository() / "strategies/kospi100.toml").string()));
}

// The eleven stocks of data/sample, through the importer.
inline market::Frame sample_market() {
    const auto store = store::in_memory_store();
    const auto files = must(service::expand_paths({(repository() / "data/sample").string()}));
    must(service::import_files(*store, adapters::market_file_parser({}),
                               service::import_sources(files, {}), {}));
    return must(market::build_frame(must(store->read({.threads = 1})), {.threads = 1}));
}

inline market::Frame generated_market(int symbols, int sessions, std::uint64_t seed) {
    const auto bars =
        must(market::generate_market({.symbols = symbols, .sessions = sessions, .seed = seed}));
    return must(market::build_frame(bars, {}));
}

inline portfolio::TradeRules rules_of(const strategy::StrategySet& set,
                                      const backtest::SweepOptions& options) {
    portfolio::TradeRules rules;
    rules.stop_loss = set.stop_loss;
    rules.take_profit = set.take_profit;
    rules.trailing_stop = set.trailing_stop;
    rules.max_hold = set.max_hold;
    const bool own = set.slippage_ticks >= 0 || !std::isnan(set.slippage_bp);
    if (!own || set.slippage_ticks < 0)
        rules.slippage_e6 = std::llround(100 * (own ? set.slippage_bp : options.slippage_bp));
    rules.slippage_ticks = own ? std::max(set.slippage_ticks, 0) : options.slippage_ticks;
    rules.rights = options.rights;
    rules.participation = std::isnan(set.participation) ? options.participation : set.participation;
    rules.commission_e7 = options.commission_e7;
    return rules;
}

}  // namespace hsl::tests
