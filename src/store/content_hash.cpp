// SPDX-License-Identifier: Apache-2.0
#include "store/content_hash.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/hash.hpp"

namespace hsl::store {

std::string symbol_hash(const market::Instrument& instrument, std::span<const market::Bar> bars) {
    Hasher hasher;
    hasher.add_text("hsl-bars/1").add_text(instrument.symbol);
    hasher.add_text(market::name_of(instrument.market)).add_number(instrument.scale);
    hasher.add_number(static_cast<std::int64_t>(bars.size()));

    // A Bar has padding, so rows are copied into plain numbers first, some 28 KB at a time.
    constexpr std::size_t fields = 7;
    constexpr std::size_t rows_at_once = 512;
    std::array<std::int64_t, fields * rows_at_once> block;
    for (std::size_t first = 0; first < bars.size(); first += rows_at_once) {
        const std::size_t count = std::min(rows_at_once, bars.size() - first);
        std::int64_t* to = block.data();
        for (const market::Bar& bar : bars.subspan(first, count)) {
            *to++ = bar.date.days;
            for (const std::int64_t number :
                 {bar.open, bar.high, bar.low, bar.close, bar.volume, bar.value})
                *to++ = number;
        }
        hasher.add(std::as_bytes(std::span{block}.first(fields * count)));
    }
    return hasher.hex();
}

std::string data_version(std::span<const NamedHash> symbols) {
    if (symbols.empty()) return {};
    HSL_ASSERT(std::ranges::is_sorted(symbols, std::ranges::less{}, &NamedHash::symbol));
    Hasher hasher;
    hasher.add_text("hsl-data/1");
    for (const NamedHash& each : symbols) hasher.add_text(each.symbol).add_text(each.hash);
    return hasher.hex(16);
}

}  // namespace hsl::store
