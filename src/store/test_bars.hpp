// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bars for the tests of stores: from a seed, so that tests agree on them without keeping them.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "store/bar_store.hpp"
#include "store/content_hash.hpp"

namespace hsl::store {

// `count` plausible bars on consecutive days; equal arguments, equal bars.
inline std::vector<market::Bar> bars_for_test(std::size_t count, std::uint64_t seed,
                                              Date first = Date::from_civil(2020, 1, 2)) {
    Rng rng{seed};
    std::vector<market::Bar> bars;
    std::int64_t close = 10'000 + static_cast<std::int64_t>(rng.below(50'000));
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t open = close + static_cast<std::int64_t>(rng.below(200)) - 100;
        close =
            std::max<std::int64_t>(100, open + static_cast<std::int64_t>(rng.below(1000)) - 500);
        market::Bar bar{.date = first + static_cast<int>(i),
                        .open = open,
                        .high = std::max(open, close) + static_cast<std::int64_t>(rng.below(300)),
                        .low = std::min(open, close) - static_cast<std::int64_t>(rng.below(50)),
                        .close = close,
                        .volume = static_cast<std::int64_t>(rng.below(1'000'000))};
        if (rng.below(4) != 0) bar.value = bar.volume * close;
        bars.push_back(bar);
    }
    return bars;
}

inline IncomingSymbol incoming_for_test(std::string symbol, std::vector<market::Bar> bars,
                                        market::Market market = market::Market::unknown,
                                        std::string file = {}) {
    IncomingSymbol incoming;
    incoming.file = file.empty() ? symbol + ".csv" : std::move(file);
    incoming.instrument = {.symbol = std::move(symbol), .market = market, .scale = 0};
    for (std::size_t i = 0; i < bars.size(); ++i)
        incoming.lines.push_back(static_cast<std::int64_t>(i) + 2);  // line 1 is the header
    incoming.bars = std::move(bars);
    return incoming;
}

inline std::vector<market::Bar> bars_of(const market::BarTable& table, std::size_t symbol) {
    std::vector<market::Bar> bars;
    const auto& range = table.symbols.at(symbol);
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        bars.push_back(table.bar(row));
    return bars;
}

// The data version of a store that holds these rows and nothing else, whatever it says of them.
inline std::string version_of(const market::BarTable& table) {
    std::vector<std::string> hashes(table.symbols.size());
    std::vector<NamedHash> named(table.symbols.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const market::BarTable::Range& range = table.symbols[i];
        hashes[i] =
            series_hash(range.source, table.interval,
                        {range.instrument, bars_of(table, i), range.basis, range.definition});
        named[i] = {range.instrument.symbol, range.source, market::name_of(table.interval),
                    hashes[i]};
    }
    return data_version(std::move(named), {});
}

}  // namespace hsl::store
