// SPDX-License-Identifier: Apache-2.0
#include "store/content_hash.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace hsl::store {
namespace {

static_assert(std::endian::native == std::endian::little, "hashed numbers are little-endian");
using Block = std::array<std::int64_t, BlockHasher::block_bytes / sizeof(std::int64_t)>;

// Rows are turned into blocks some 32 KB at a time.
template <class Row, class Fill>
void add(BlockHasher& hasher, std::span<const Row> rows, const Fill& fill) {
    constexpr std::size_t rows_at_once = 512;
    std::array<Block, rows_at_once> blocks;
    for (std::size_t first = 0; first < rows.size(); first += rows_at_once) {
        const std::size_t count = std::min(rows_at_once, rows.size() - first);
        for (std::size_t i = 0; i < count; ++i) blocks[i] = fill(rows[first + i]);
        hasher.add(std::as_bytes(std::span{blocks}.first(count)));
    }
}

// Enumerators are only ever added at the end.
template <class Enum>
std::int64_t number_of(Enum value) {
    return static_cast<std::int64_t>(value);
}

void add_day(Hasher& hasher, const std::optional<Date>& date) {
    hasher.add_number(date ? date->days : std::numeric_limits<std::int64_t>::min());
}

}  // namespace

void add_bars(BlockHasher& hasher, std::span<const market::Bar> bars) {
    add(hasher, bars, [](const market::Bar& bar) {
        return Block{bar.date.days, bar.minute, bar.open,   bar.high,
                     bar.low,       bar.close,  bar.volume, bar.value};
    });
}

void add_rows(BlockHasher& hasher, std::span<const market::ColumnRow> rows) {
    add(hasher, rows, [](const market::ColumnRow& row) {
        return Block{row.date.days, row.known.days, std::bit_cast<std::int64_t>(row.value)};
    });
}

std::string series_hash(const SeriesLabels& labels, const BlockHasher& bars) {
    Hasher hasher;
    hasher.add_text("hsl-bars/2").add_text(labels.instrument.symbol);
    hasher.add_text(market::name_of(labels.instrument.market)).add_number(labels.instrument.scale);
    hasher.add_text(labels.source).add_text(market::name_of(labels.interval));
    hasher.add_text(market::name_of(labels.basis)).add_text(market::name_of(labels.definition));
    return hasher.add_text(bars.hex()).hex();
}

std::string series_hash(std::string_view source, market::Interval interval,
                        const StoredSymbol& content) {
    BlockHasher bars;
    add_bars(bars, content.bars);
    return series_hash({.instrument = content.instrument,
                        .source = source,
                        .interval = interval,
                        .basis = content.basis,
                        .definition = content.definition},
                       bars);
}

std::string column_hash(std::string_view column, std::string_view symbol, const BlockHasher& rows) {
    Hasher hasher;
    hasher.add_text("hsl-column/2").add_text(column).add_text(symbol);
    return hasher.add_text(rows.hex()).hex();
}

std::string table_hash(const Facts& facts) {
    if (facts.listings.empty() && facts.states.empty() && facts.actions.empty()) return {};
    Hasher hasher;
    hasher.add_text("hsl-facts/2").add_number(static_cast<std::int64_t>(facts.listings.size()));
    for (const market::Listing& listing : facts.listings) {
        for (const std::string* text :
             {&listing.symbol, &listing.isin, &listing.name, &listing.name_english, &listing.sector,
              &listing.reason, &listing.successor, &listing.source})
            hasher.add_text(*text);
        hasher.add_text(market::name_of(listing.market));
        hasher.add_number(number_of(listing.share_class)).add_number(listing.shares);
        for (const auto& date : {listing.first, listing.last, listing.listed, listing.delisted})
            add_day(hasher, date);
    }
    hasher.add_number(static_cast<std::int64_t>(facts.states.size()));
    for (const market::StatePeriod& state : facts.states) {
        hasher.add_text(state.symbol).add_number(number_of(state.state));
        add_day(hasher, state.first);
        add_day(hasher, state.last);
        hasher.add_text(state.source);
    }
    for (const market::CorporateAction& action : facts.actions) {
        hasher.add_text(action.symbol).add_number(number_of(action.kind));
        for (const std::int64_t number :
             {action.shares_after, action.shares_before, action.issue_price, action.amount_e4})
            hasher.add_number(number);
        add_day(hasher, action.ex_date);
        for (const auto& date :
             {action.announced, action.record_date, action.listing_date, action.payment_date})
            add_day(hasher, date);
        hasher.add_text(action.successor).add_number(number_of(action.state));
        hasher.add_text(action.source).add_text(action.note);
    }
    return hasher.hex();
}

std::string data_version(std::vector<NamedHash> series, std::string_view table_hash) {
    if (series.empty() && table_hash.empty()) return {};
    std::ranges::sort(series);
    Hasher hasher;
    hasher.add_text("hsl-data/2");
    for (const NamedHash& each : series)
        hasher.add_text(each.kind).add_text(each.symbol).add_text(each.source).add_text(each.hash);
    return hasher.add_text(table_hash).hex(16);
}

}  // namespace hsl::store
