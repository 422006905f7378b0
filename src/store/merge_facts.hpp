// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a write does to facts: a row of the same key replaces the stored one, for vendors revise
// what they publish. Keys: a listing's symbol and first day, a state's symbol, state and first day,
// an action's symbol, kind and ex-date, a column's name, symbol and date. Pure; any thread.

#include <cstdint>
#include <span>
#include <tuple>

#include "store/facts.hpp"

namespace hsl::store {

inline auto fact_key(const market::Listing& listing) {
    return std::tie(listing.symbol, listing.first);
}
inline auto fact_key(const market::StatePeriod& state) {
    return std::tie(state.symbol, state.first, state.state);
}
inline auto fact_key(const market::CorporateAction& action) {
    return std::tie(action.symbol, action.ex_date, action.kind);
}
inline auto fact_key(const market::ColumnSeries& series) {
    return std::tie(series.column, series.symbol);
}
inline auto fact_key(const market::ColumnRow& row) { return std::tie(row.date); }

// The one order of facts: listings and states by symbol and first day, actions by symbol, ex-date
// and kind, columns by name and symbol, their rows by date. Of rows with the same key the last one
// stays; columns of one name and symbol become one, with the last one's source.
void settle_facts(Facts& facts);

// Puts `incoming` over `held` (which is in the one order) and returns how many rows are new or
// changed.
std::int64_t merge_facts(Facts& held, Facts incoming);

// Both in order: calls `see(before, after)` for each key that is in one of them only (the other
// null) or in both.
template <class Row, class Key, class See>
void walk_by(std::span<const Row> before, std::span<const Row> after, const Key& key_of,
             const See& see) {
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
        if (b == after.end() || (a != before.end() && key_of(*a) < key_of(*b)))
            see(&*a++, static_cast<const Row*>(nullptr));
        else if (a == before.end() || key_of(*b) < key_of(*a))
            see(static_cast<const Row*>(nullptr), &*b++);
        else
            see(&*a++, &*b++);
    }
}

template <class Row, class See>
void walk_facts(std::span<const Row> before, std::span<const Row> after, const See& see) {
    walk_by(before, after, [](const Row& row) { return fact_key(row); }, see);
}

}  // namespace hsl::store
