// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a write does to one series: the rules of repeats, conflicts and replacing, as a function of
// what is stored and what comes in. It knows no store; every store calls it. Any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "market/bar.hpp"
#include "store/bar_store.hpp"

namespace hsl::store {

// Reasons under which merging puts rows into quarantine.
inline constexpr std::string_view reason_differs = "differs_from_store";     // without `replace`
inline constexpr std::string_view reason_repeat = "conflicting_repeat";      // files of one write
inline constexpr std::string_view reason_scale = "scale_differs";            // never merged
inline constexpr std::string_view reason_basis = "basis_differs";            // raw against adjusted
inline constexpr std::string_view reason_market = "market_differs";          // line 0: the file
inline constexpr std::string_view reason_definition = "definition_differs";  // line 0: the file

// A finding, not a conflict: the shares went to another market.
inline constexpr std::string_view finding_moved = "market_moved";

struct StoredSymbol {
    market::Instrument instrument;
    std::vector<market::Bar> bars;  // ascending by date and minute; a store may leave them out that
                                    // end before the files begin
    market::Basis basis = market::Basis::unknown;
    market::BarDefinition definition = market::BarDefinition::unknown;
    Date last = {};  // of the newest row, where `bars` leaves it out
};

struct MergedSymbol {
    market::Instrument instrument;
    market::Basis basis = market::Basis::unknown;
    market::BarDefinition definition = market::BarDefinition::unknown;
    std::vector<market::Bar> bars;  // every row after the write
    std::vector<market::Bar>
        written;  // rows added or replaced; empty if `is_new`: then all of them
    bool is_new = false;
    bool instrument_changed = false;  // or basis, or definition
    std::int64_t added = 0;
    std::int64_t replaced = 0;
    std::int64_t unchanged = 0;
    std::vector<QuarantinedRow> conflicts;
    std::vector<QuarantinedRow> findings;  // about rows that were taken

    [[nodiscard]] std::span<const market::Bar> rows_to_write() const {
        return is_new ? bars : written;
    }
    [[nodiscard]] bool changed() const { return !rows_to_write().empty() || instrument_changed; }
};

// Sorts by series (files of one series keep their order) and returns a span for each.
[[nodiscard]] std::vector<std::span<IncomingSymbol>> group_by_series(
    std::vector<IncomingSymbol>& symbols);

// `files`: what one write brings for one series, at least one, taken apart by this. `stored` is
// null when the store lacks the series.
[[nodiscard]] MergedSymbol merge_symbol(const StoredSymbol* stored, std::span<IncomingSymbol> files,
                                        bool replace);

}  // namespace hsl::store
