// SPDX-License-Identifier: Apache-2.0
#include "service/actions.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "market/propose_actions.hpp"

namespace hsl::service {
namespace {

using market::ActionKind;
using market::ActionState;
using market::Bar;
using market::CorporateAction;

// Days without a row beyond which the data has a hole rather than the share a halt.
constexpr int gap_most = 31;
// Nextrade opened on 2025-03-04: a bar of unknown definition is that of the regular session before.
const Date other_venue = Date::from_civil(2025, 3, 4);

// Listed shares as of each bar, 0 where none was told of for a month.
std::vector<std::int64_t> shares_of(const market::ColumnSeries* column, std::span<const Bar> bars) {
    std::vector<std::int64_t> out;
    if (column == nullptr) return out;
    std::size_t next = 0;
    for (const Bar& bar : bars) {
        while (next < column->rows.size() && column->rows[next].date <= bar.date) ++next;
        const bool told = next > 0 && bar.date - column->rows[next - 1].date <= gap_most;
        out.push_back(told ? std::llround(column->rows[next - 1].value) : 0);
    }
    return out;
}

// The last row before `date` is more than a month older.
bool behind_a_hole(std::span<const Bar> bars, Date date) {
    const auto at = std::ranges::lower_bound(bars, date, {}, &Bar::date);
    return at != bars.begin() && at != bars.end() && at->date - std::prev(at)->date > gap_most;
}

bool recorded(const market::Actions& actions, const CorporateAction& proposal) {
    return std::ranges::any_of(actions.of(proposal.symbol), [&](const CorporateAction& one) {
        return one.kind != ActionKind::cash_dividend && one.ex_date == proposal.ex_date;
    });
}

Result<std::string> id_meant(const std::string& beginning,
                             std::span<const CorporateAction> actions) {
    std::vector<std::string> found;
    for (const CorporateAction& action : actions)
        if (const std::string id = action_id(action); id.starts_with(beginning))
            found.push_back(id);
    if (found.size() == 1 && !beginning.empty()) return found.front();
    return fail(found.empty() ? ErrorCode::not_found : ErrorCode::bad_usage,
                fmt::format("{} called '{}'; `hsl actions list` shows those there are",
                            found.empty() ? "no action is" : "several actions are", beginning));
}

}  // namespace

std::string action_id(const CorporateAction& action) {
    return Hasher{}
        .add_text(action.symbol)
        .add_text(market::name_of(action.kind))
        .add_number(action.ex_date.days)
        .hex(8);
}

Result<Proposals> propose_actions(store::BarStore& store, const store::ReadRequest& request,
                                  const Progress& progress) {
    Proposals out;
    HSL_TRY(store::Facts facts, store.facts({.at = request.at}));
    const market::Actions actions{std::move(facts.actions)};
    const market::Listings listings{std::move(facts.listings), {}};
    // A store without the column answers with an error; then prices alone speak.
    std::map<std::string, market::ColumnSeries> shares;
    if (auto columns = store.facts({.at = request.at, .columns = {"listed_shares"}}))
        for (market::ColumnSeries& one : columns->columns)
            shares.emplace(one.symbol, std::move(one));
    HSL_TRY(const market::BarTable table, store.read(request));
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < table.symbols.size(); ++i) {
        const market::BarTable::Range& range = table.symbols[i];
        const std::string& symbol = range.instrument.symbol;
        progress.done("looking for corporate actions", i + 1, table.symbols.size());
        if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped; nothing was proposed");
        if (!market::is_krx_code(symbol)) continue;
        ++out.symbols;
        if (range.basis != market::Basis::raw) {
            ++(range.basis == market::Basis::adjusted ? out.adjusted : out.unknown);
            continue;
        }
        bars.clear();
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            bars.push_back(table.bar(row));
        // A series of unknown definition is looked at as far as it can only be the regular session.
        market::BarDefinition definition = range.definition;
        std::span<const Bar> seen = bars;
        if (definition == market::BarDefinition::unknown) {
            const auto end = std::ranges::lower_bound(bars, other_venue, {}, &Bar::date);
            seen = seen.first(static_cast<std::size_t>(end - bars.begin()));
            definition = market::BarDefinition::regular;
        }
        if (definition != market::BarDefinition::regular) {
            ++out.other_definition;
            continue;
        }
        const auto known = shares.find(symbol);
        const std::vector<std::int64_t> counts =
            shares_of(known == shares.end() ? nullptr : &known->second, seen);
        const market::Listing* const listing =
            seen.empty() ? nullptr : listings.find(symbol, seen.back().date);
        for (CorporateAction& action : market::propose_actions(
                 {.instrument = range.instrument,
                  .definition = definition,
                  .share_class = listing == nullptr ? market::ShareClass::unknown
                                                    : listing->share_class,
                  .bars = seen,
                  .shares = counts})) {
            if (recorded(actions, action)) continue;
            if (behind_a_hole(seen, action.ex_date))
                ++out.gaps;
            else
                out.actions.push_back(std::move(action));
        }
    }
    return out;
}

Result<std::string> record_actions(store::BarStore& store, std::vector<CorporateAction> actions,
                                   const std::string& note, const Progress& progress) {
    HSL_TRY(const auto writer, store.open_writer());
    store::Incoming incoming;
    incoming.facts.actions = std::move(actions);
    HSL_TRY(const store::WriteSummary summary,
            writer->write(std::move(incoming), {.note = note}, progress));
    return summary.version;
}

Result<std::vector<CorporateAction>> settle_actions(store::BarStore& store,
                                                    const std::vector<std::string>& ids,
                                                    ActionState state, const std::string& note,
                                                    const Progress& progress) {
    HSL_TRY(const store::Facts facts, store.facts({}));
    std::set<std::string> wanted;
    for (const std::string& id : ids) {
        HSL_TRY(std::string whole, id_meant(id, facts.actions));
        wanted.insert(std::move(whole));
    }
    std::vector<CorporateAction> out;
    for (const CorporateAction& action : facts.actions) {
        if (!wanted.contains(action_id(action))) continue;
        out.push_back(action);
        out.back().state = state;
    }
    HSL_CHECK(record_actions(store, out, note, progress));
    return out;
}

}  // namespace hsl::service
