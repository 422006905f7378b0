// SPDX-License-Identifier: Apache-2.0
#include "store/merge_facts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace hsl::store {
namespace {

// Sorts by key; of equal keys the last one stays.
template <class Row>
void settle(std::vector<Row>& rows) {
    std::ranges::stable_sort(rows,
                             [](const Row& a, const Row& b) { return fact_key(a) < fact_key(b); });
    std::vector<Row> kept;
    kept.reserve(rows.size());
    for (Row& row : rows) {
        if (!kept.empty() && fact_key(kept.back()) == fact_key(row))
            kept.back() = std::move(row);
        else
            kept.push_back(std::move(row));
    }
    rows = std::move(kept);
}

// Both in order; `take` puts an incoming row over the held one of its key and returns how much
// changed.
template <class Row, class Take>
std::int64_t merge(std::vector<Row>& held, std::vector<Row> incoming, const Take& take) {
    if (incoming.empty()) return 0;
    std::int64_t changed = 0;
    std::vector<Row> result;
    result.reserve(held.size() + incoming.size());
    auto at = held.begin();
    for (Row& row : incoming) {
        while (at != held.end() && fact_key(*at) < fact_key(row))
            result.push_back(std::move(*at++));
        if (at != held.end() && fact_key(*at) == fact_key(row)) {
            changed += take(*at, row);
            result.push_back(std::move(*at++));
        } else {
            Row empty{};
            changed += take(empty, row);
            result.push_back(std::move(empty));
        }
    }
    std::move(at, held.end(), std::back_inserter(result));
    held = std::move(result);
    return changed;
}

template <class Row>
std::int64_t replace(Row& held, Row& row) {
    if (held == row) return 0;
    held = std::move(row);
    return 1;
}

}  // namespace

void settle_facts(Facts& facts) {
    settle(facts.listings);
    settle(facts.states);
    settle(facts.actions);
    std::ranges::stable_sort(
        facts.columns, [](const auto& a, const auto& b) { return fact_key(a) < fact_key(b); });
    std::vector<market::ColumnSeries> columns;
    for (market::ColumnSeries& series : facts.columns) {
        if (series.rows.empty()) continue;
        if (columns.empty() || fact_key(columns.back()) != fact_key(series)) {
            columns.push_back(std::move(series));
            continue;
        }
        columns.back().source = std::move(series.source);
        columns.back().rows.insert(columns.back().rows.end(), series.rows.begin(),
                                   series.rows.end());
    }
    for (market::ColumnSeries& series : columns) settle(series.rows);
    facts.columns = std::move(columns);
}

std::int64_t merge_facts(Facts& held, Facts incoming) {
    settle_facts(incoming);
    std::int64_t changed =
        merge(held.listings, std::move(incoming.listings), replace<market::Listing>);
    changed += merge(held.states, std::move(incoming.states), replace<market::StatePeriod>);
    changed += merge(held.actions, std::move(incoming.actions), replace<market::CorporateAction>);
    // The source says who spoke last; alone it changes nothing.
    changed += merge(held.columns, std::move(incoming.columns),
                     [](market::ColumnSeries& kept, market::ColumnSeries& series) {
                         const std::int64_t rows =
                             merge(kept.rows, std::move(series.rows), replace<market::ColumnRow>);
                         if (rows > 0) {
                             kept.symbol = std::move(series.symbol);
                             kept.column = std::move(series.column);
                             kept.source = std::move(series.source);
                         }
                         return rows;
                     });
    return changed;
}

}  // namespace hsl::store
