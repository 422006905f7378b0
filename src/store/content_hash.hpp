// SPDX-License-Identifier: Apache-2.0
#pragma once

// What names the content of a store: SHA-256 over the logical rows, so that it depends neither on
// how many imports it took nor on how a store keeps them. The second rule; what the first one named
// keeps that name (docs/concepts/store.md). Changing a byte of what is hashed renames every data
// version ever shown: content_hash_test.cpp pins it.

#include <span>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "market/bar.hpp"
#include "market/instrument.hpp"
#include "store/facts.hpp"
#include "store/merge.hpp"

namespace hsl::store {

// Adds bars to a hash of bars, a block each: date, minute, open, high, low, close, volume, value as
// eight little-endian 64-bit numbers. Later bars are added to where earlier ones left it.
void add_bars(BlockHasher& hasher, std::span<const market::Bar> bars);
// The same for a column: date, day of knowledge, the bits of the double, five zeros.
void add_rows(BlockHasher& hasher, std::span<const market::ColumnRow> rows);

// What a series is beside its bars.
struct SeriesLabels {
    const market::Instrument& instrument;
    std::string_view source;
    market::Interval interval{};
    market::Basis basis{};
    market::BarDefinition definition{};
};
// 64 hexadecimal digits over labels and bars.
[[nodiscard]] std::string series_hash(const SeriesLabels& labels, const BlockHasher& bars);
[[nodiscard]] std::string series_hash(std::string_view source, market::Interval interval,
                                      const StoredSymbol& content);
// The same for a column of a symbol.
[[nodiscard]] std::string column_hash(std::string_view column, std::string_view symbol,
                                      const BlockHasher& rows);
// Over listings, states and actions, which are in their order (merge_facts.hpp); "" for none.
[[nodiscard]] std::string table_hash(const Facts& facts);

struct NamedHash {
    std::string_view symbol;
    std::string_view source;  // of a column: its name
    std::string_view kind;    // "day", "minute", "column"
    std::string_view hash;    // series_hash or column_hash of it
    friend auto operator<=>(const NamedHash&, const NamedHash&) = default;
};
// The data version: 16 hexadecimal digits over everything, in whatever order it comes; "" for
// nothing.
[[nodiscard]] std::string data_version(std::vector<NamedHash> series, std::string_view table_hash);

}  // namespace hsl::store
