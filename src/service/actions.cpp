// SPDX-License-Identifier: Apache-2.0
#include "service/actions.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "market/listing.hpp"
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

constexpr std::string_view shares_column = "listed_shares";
using ShareCounts = std::map<std::string, std::vector<market::ColumnRow>>;  // by symbol, then date

// A store without the column answers with an error; then prices alone speak.
ShareCounts share_counts(store::BarStore& store, store::FactsRequest request) {
    request.columns = {std::string{shares_column}};
    ShareCounts out;
    if (auto facts = store.facts(request))
        for (market::ColumnSeries& one : facts->columns)
            out.emplace(one.symbol, std::move(one.rows));
    return out;
}

// Listed shares as of each bar, 0 where none was told of for a month.
std::vector<std::int64_t> shares_of(const std::vector<market::ColumnRow>& rows,
                                    std::span<const Bar> bars) {
    std::vector<std::int64_t> out;
    std::size_t next = 0;
    for (const Bar& bar : bars) {
        while (next < rows.size() && rows[next].date <= bar.date) ++next;
        const bool told = next > 0 && bar.date - rows[next - 1].date <= gap_most;
        out.push_back(told ? std::llround(rows[next - 1].value) : 0);
    }
    return out;
}

std::vector<Bar> bars_of(const market::BarTable& table, const market::BarTable::Range& range) {
    std::vector<Bar> bars;
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        bars.push_back(table.bar(row));
    return bars;
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

// Adds what one series suggests to `out`, or counts why it was left out.
void look_at(const market::BarTable::Range& range, std::span<const Bar> bars,
             const ShareCounts& shares, const market::Listings& listings,
             const market::Actions& actions, Proposals& out) {
    const std::string& symbol = range.instrument.symbol;
    if (!market::is_krx_code(symbol)) return;
    ++out.symbols;
    if (range.basis != market::Basis::raw) {
        ++(range.basis == market::Basis::adjusted ? out.adjusted : out.unknown);
        return;
    }
    // A series of unknown definition is looked at as far as it can only be the regular session.
    market::BarDefinition definition = range.definition;
    if (definition == market::BarDefinition::unknown) {
        const auto end = std::ranges::lower_bound(bars, other_venue, {}, &Bar::date);
        bars = bars.first(static_cast<std::size_t>(end - bars.begin()));
        definition = market::BarDefinition::regular;
    }
    if (definition != market::BarDefinition::regular) {
        ++out.other_definition;
        return;
    }
    const auto known = shares.find(symbol);
    const std::vector<std::int64_t> counts =
        known == shares.end() ? std::vector<std::int64_t>{} : shares_of(known->second, bars);
    const market::Listing* const listing =
        bars.empty() ? nullptr : listings.find(symbol, bars.back().date);
    for (CorporateAction& action :
         market::propose_actions({.instrument = range.instrument,
                                  .definition = definition,
                                  .share_class = listing == nullptr ? market::ShareClass::unknown
                                                                    : listing->share_class,
                                  .bars = bars,
                                  .shares = counts})) {
        if (recorded(actions, action)) continue;
        if (behind_a_hole(bars, action.ex_date))
            ++out.gaps;
        else
            out.actions.push_back(std::move(action));
    }
}

// An action is read out of a move of at least this much from one row's close to the next open: a
// quarter more shares or fewer, and the price nearer to their terms than to none.
constexpr double move_least = 0.11;

bool moved(std::int64_t close, std::int64_t open) {
    if (close <= 0 || open <= 0) return false;
    const double move = static_cast<double>(open) / static_cast<double>(close);
    return std::abs(std::log(move)) >= move_least;
}

// Days that a write adds to raw series, and by source the symbols (ascending) that moved there.
struct NewRows {
    std::set<std::pair<std::string, Date>> days = {};
    std::map<std::string, std::vector<std::string>> moved = {};
};

Result<market::BarTable> rows_behind(store::BarStore& store, const std::string& source,
                                     const std::vector<std::string>& symbols,
                                     bool close_only = false) {
    store::ReadRequest request{.sources = {source}, .close_only = close_only};
    HSL_TRY(const auto series, store.symbols());
    for (const store::SymbolSummary& one : series)
        if (one.source == source && one.interval == market::Interval::day &&
            std::ranges::binary_search(symbols, one.instrument.symbol))
            request.symbols.push_back(one.instrument.symbol);
    return request.symbols.empty() ? market::BarTable{} : store.read(request);
}

Result<NewRows> new_rows(store::BarStore& store, const store::Incoming& incoming) {
    NewRows out;
    std::map<std::string, std::vector<const store::IncomingSymbol*>> by_source;
    for (const store::IncomingSymbol& one : incoming.symbols)
        if (one.basis == market::Basis::raw && one.interval == market::Interval::day)
            by_source[one.source].push_back(&one);
    for (const auto& [source, all] : by_source) {
        std::set<std::string> names;
        for (const store::IncomingSymbol* one : all) names.insert(one->instrument.symbol);
        HSL_TRY(const market::BarTable table,
                rows_behind(store, source, {names.begin(), names.end()}, true));
        std::map<std::string_view, const market::BarTable::Range*> stored;
        for (const auto& range : table.symbols)
            if (range.source == source) stored.emplace(range.instrument.symbol, &range);
        std::set<std::string> moving;
        for (const store::IncomingSymbol* one : all) {
            const std::string& symbol = one->instrument.symbol;
            const auto found = stored.find(symbol);
            std::size_t at = found == stored.end() ? 0 : found->second->first;
            const std::size_t end = found == stored.end() ? 0 : at + found->second->count;
            std::int64_t before = 0;  // the close of the row before, whoever has it
            for (const Bar& bar : one->bars) {
                for (; at < end && table.date[at] < bar.date.days; ++at) before = table.close[at];
                if (at < end && table.date[at] == bar.date.days) continue;
                out.days.emplace(symbol, bar.date);
                if (moved(before, bar.open)) moving.insert(symbol);
                before = bar.close;
            }
        }
        if (!moving.empty()) out.moved[source] = {moving.begin(), moving.end()};
    }
    return out;
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
    const ShareCounts shares = share_counts(store, {.at = request.at});
    HSL_TRY(const market::BarTable table, store.read(request));
    for (std::size_t i = 0; i < table.symbols.size(); ++i) {
        const market::BarTable::Range& range = table.symbols[i];
        progress.done("looking for corporate actions", i + 1, table.symbols.size());
        if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped; nothing was proposed");
        look_at(range, bars_of(table, range), shares, listings, actions, out);
    }
    return out;
}

Result<std::vector<CorporateAction>> propose_from_new_rows(store::BarStore& store,
                                                           const store::Incoming& incoming) {
    HSL_TRY(const NewRows rows, new_rows(store, incoming));
    HSL_TRY(store::Facts facts, store.facts({}));
    facts.actions.insert(facts.actions.end(), incoming.facts.actions.begin(),
                         incoming.facts.actions.end());
    const market::Actions actions{std::move(facts.actions)};
    const market::Listings listings{std::move(facts.listings), {}};
    Proposals found;
    for (const auto& [source, symbols] : rows.moved) {
        HSL_TRY(const market::BarTable table, rows_behind(store, source, symbols));
        ShareCounts shares = share_counts(store, {.symbols = symbols});
        for (const market::ColumnSeries& one : incoming.facts.columns)
            if (one.column == shares_column)
                shares[one.symbol].insert(shares[one.symbol].end(), one.rows.begin(),
                                          one.rows.end());
        for (auto& [symbol, known] : shares)
            std::ranges::stable_sort(known, {}, &market::ColumnRow::date);
        std::set<std::string_view> looked;
        for (const store::IncomingSymbol& one : incoming.symbols) {
            const bool mine =
                one.source == source && std::ranges::binary_search(symbols, one.instrument.symbol);
            // Rows of one day that differ come as series of their own and are set aside.
            if (!mine || !looked.insert(one.instrument.symbol).second) continue;
            market::BarTable::Range range{.instrument = one.instrument,
                                          .source = source,
                                          .basis = one.basis,
                                          .definition = one.definition};
            std::vector<Bar> bars;
            for (const market::BarTable::Range& stored : table.symbols) {
                if (stored.instrument.symbol != range.instrument.symbol || stored.source != source)
                    continue;
                bars = bars_of(table, stored);
                // What the series is known to be, rows that do not tell are too.
                if (range.definition == market::BarDefinition::unknown)
                    range.definition = stored.definition;
            }
            bars.insert(bars.end(), one.bars.begin(), one.bars.end());
            std::ranges::stable_sort(bars, {}, &Bar::date);
            const auto repeats = std::ranges::unique(bars, {}, &Bar::date);
            bars.erase(repeats.begin(), repeats.end());
            look_at(range, bars, shares, listings, actions, found);
        }
    }
    std::erase_if(found.actions, [&](const CorporateAction& action) {
        return !rows.days.contains({action.symbol, action.ex_date});
    });
    return std::move(found.actions);
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
