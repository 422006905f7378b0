// SPDX-License-Identifier: Apache-2.0
#include "store/version_diff.hpp"

#include <span>
#include <utility>

#include "store/merge_facts.hpp"

namespace hsl::store {
namespace {

using market::Bar;

auto moment_of(const Bar& bar) { return std::pair{bar.date, bar.minute}; }

template <class Row>
std::int64_t count(const std::vector<Row>& before, const std::vector<Row>& after) {
    std::int64_t changed = 0;
    walk_facts(std::span{before}, std::span{after}, [&](const Row* a, const Row* b) {
        if constexpr (requires { a->rows; }) {
            static const std::vector<market::ColumnRow> none;
            changed += count(a != nullptr ? a->rows : none, b != nullptr ? b->rows : none);
        } else if (a == nullptr || b == nullptr || !(*a == *b)) {
            ++changed;
        }
    });
    return changed;
}

}  // namespace

void diff_series(const std::string& source, const StoredSymbol* before, const StoredSymbol* after,
                 std::size_t limit, VersionDiff& diff) {
    static const std::vector<Bar> none;
    const market::Instrument& instrument = (after != nullptr ? after : before)->instrument;
    bool differs = false;
    walk_by(std::span{before != nullptr ? before->bars : none},
            std::span{after != nullptr ? after->bars : none}, moment_of,
            [&](const Bar* a, const Bar* b) {
                if (a != nullptr && b != nullptr && *a == *b) return;
                differs = true;
                std::int64_t& kind =
                    a == nullptr ? diff.added : (b == nullptr ? diff.removed : diff.changed);
                ++kind;
                if (diff.rows.size() >= limit) return;
                diff.rows.push_back(
                    {.symbol = instrument.symbol,
                     .source = source,
                     .date = (b != nullptr ? b : a)->date.iso(),
                     .what = a == nullptr ? "added" : (b == nullptr ? "removed" : "changed"),
                     .before = a != nullptr ? std::optional{*a} : std::nullopt,
                     .after = b != nullptr ? std::optional{*b} : std::nullopt,
                     .scale = instrument.scale});
            });
    if (differs) ++diff.symbols;
}

std::int64_t count_changed(const Facts& before, const Facts& after) {
    return count(before.listings, after.listings) + count(before.states, after.states) +
           count(before.actions, after.actions) + count(before.columns, after.columns);
}

}  // namespace hsl::store
