// SPDX-License-Identifier: Apache-2.0
#include "service/run_sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <ranges>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "market/rules.hpp"
#include "service/code_version.hpp"
#include "service/sweep_request.hpp"
#include "store/lookup.hpp"
#include "strategy/strategy_file.hpp"
#include "strategy/universe.hpp"

namespace hsl::service {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string run_id(const SweepRequest& request, const strategy::StrategyFile& file,
                   const std::string& data_version) {
    const auto day = [](const std::optional<Date>& date) { return date ? date->iso() : "-"; };
    const backtest::SweepOptions& sweep = request.sweep;
    Hasher hash;
    hash.add_text(code_version()).add_text(file.text).add_text(data_version);
    hash.add_text(market::rules_version);
    hash.add_text(day(sweep.from)).add_text(day(sweep.to));
    hash.add_number(sweep.commission_e7);
    hash.add_text(fmt::format("{} {} {}", sweep.slippage_bp, sweep.participation,
                              sweep.annualisation.value_or(std::nan(""))));
    hash.add_number(sweep.slippage_ticks).add_number(static_cast<int>(sweep.rights));
    hash.add_text(market::name_of(sweep.unknown_is));
    hash.add_number(request.frame.allow_breaks).add_number(request.frame.all);
    hash.add_text(day(request.frame.as_of)).add_text(request.universe);
    hash.add_number(request.sources.size());
    for (const std::string& source : request.sources) hash.add_text(source);
    if (!request.calendar.empty()) hash.add_text(request.calendar);
    if (request.frame.minutes > 0) hash.add_text("minutes").add_number(request.frame.minutes);
    // The same symbols in another order are the same run.
    const std::set<std::string> symbols(request.frame.symbols.begin(), request.frame.symbols.end());
    for (const std::string& symbol : symbols) hash.add_text(symbol);
    return hash.hex(16);
}

// Facts as they were known on a day: what was written down later is not there yet.
void forget_after(Date day, store::Facts& facts) {
    std::erase_if(facts.listings, [&](const auto& row) { return row.first && *row.first > day; });
    std::erase_if(facts.states, [&](const auto& state) { return state.first > day; });
    for (market::Listing& row : facts.listings) {
        if (row.last && *row.last > day) row.last.reset();
        if (row.delisted && *row.delisted > day) row.delisted.reset();
    }
    for (market::StatePeriod& state : facts.states)
        if (state.last && *state.last > day) state.last.reset();
}

// Listings, states, actions, and the named columns that are read.
Result<store::Facts> facts_for(store::BarStore& store, const SweepRequest& request,
                               std::vector<std::string> columns) {
    std::erase(columns, market::sector_column);
    auto read = store.facts({.at = request.at, .columns = columns});
    // A column that nobody imported is told where it is missed: that error says what to import.
    if (!read && read.error().code == ErrorCode::not_found && !columns.empty())
        read = store.facts({.at = request.at, .columns = {"*"}});
    if (!read) return read;
    if (request.frame.as_of) forget_after(*request.frame.as_of, *read);
    const auto priority = [&](const market::ColumnSeries& series) {
        return std::ranges::find(request.sources, series.source) - request.sources.begin();
    };
    std::ranges::stable_sort(read->columns, {}, priority);
    return read;
}

market::Interval interval_of(const SweepRequest& request) {
    return request.frame.minutes > 0 ? market::Interval::minute : market::Interval::day;
}

// What the universe adds to a request: its symbols that have bars, or everything.
struct Chosen {
    market::FrameOptions frame;
    std::string note = {};
};
Result<Chosen> choose(store::BarStore& store, const SweepRequest& request,
                      const strategy::Universe& universe, const market::Listings& listings,
                      std::span<const market::ColumnSeries> columns) {
    Chosen chosen{.frame = request.frame};
    if (universe.terms.empty()) return chosen;
    if (universe.everything()) {
        chosen.frame.all = true;
        return chosen;
    }
    HSL_TRY(const auto series, store.symbols(request.at));
    std::set<std::string, std::less<>> with_bars;
    std::optional<Date> first = request.sweep.from;
    for (const store::SymbolSummary& one : series) {
        if (one.interval != interval_of(request)) continue;
        with_bars.insert(one.instrument.symbol);
        if (!request.sweep.from) first = std::min(first.value_or(one.first), one.first);
    }
    const Date begin = std::max(first.value_or(market::rules_first()), market::rules_first());
    HSL_TRY(const auto members, strategy::members_of(universe, listings, columns, begin));
    for (const std::string& symbol : members)
        if (with_bars.contains(symbol)) chosen.frame.symbols.push_back(symbol);
    if (chosen.frame.symbols.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("none of the {} of {} has bars in the store",
                                counted(std::ssize(members), "member"), universe.text));
    chosen.note =
        fmt::format("Universe {}: {}.", universe.text, counted(std::ssize(members), "member"));
    if (const auto without = std::ssize(members) - std::ssize(chosen.frame.symbols); without > 0)
        chosen.note.insert(chosen.note.size() - 1, fmt::format(", {} without bars", without));
    return chosen;
}

using Symbols = std::set<std::string, std::less<>>;

Symbols symbols_of(const market::Frame& frame) {
    Symbols symbols;
    for (const market::Lane& lane : frame.lanes) symbols.insert(lane.instrument.symbol);
    return symbols;
}

// "listings.csv, marcap-2020.csv and 3 more".
std::string sources_text(const std::set<std::string_view>& sources) {
    constexpr std::ptrdiff_t shown = 3;
    std::string text = fmt::format("{}", fmt::join(sources | std::views::take(shown), ", "));
    if (const auto more = std::ssize(sources) - shown; more > 0)
        text += fmt::format(" and {} more", more);
    return text;
}

// Share of the symbols that were still there at the end and are known from files alone which tell
// of no delisting: who left before is not in those.
double survivors_only(const market::Listings& listings, const Symbols& symbols) {
    std::set<std::string_view> with_ends;  // files
    for (const market::Listing& row : listings.all())
        if (row.delisted || row.last) with_ends.insert(row.source);
    std::set<std::string_view> followed;  // symbols
    for (const market::Listing& row : listings.all())
        if (with_ends.contains(row.source)) followed.insert(row.symbol);
    const auto survivors = std::ranges::count_if(
        symbols, [&](const std::string& symbol) { return !followed.contains(symbol); });
    return static_cast<double>(survivors) / static_cast<double>(symbols.size());
}

// Rows of the rule tables without a source that the run leans on.
std::vector<std::string> unconfirmed_rules(const market::Frame& frame,
                                           const analytics::SweepResult& result,
                                           market::Market unknown_is) {
    std::vector<std::string> found;
    const auto lean_on = [&](market::TradedAs as, Date from, Date to, bool raw) {
        if (as.market == market::Market::unknown) as.market = unknown_is;
        for (const market::RuleRow& row :
             market::rules_used(as.market, as.share_class, from, to, raw)) {
            if (row.confidence != market::Confidence::unconfirmed) continue;
            std::string text =
                fmt::format("{} {} {} from {}", row.table, row.market, row.rule, row.first.iso());
            if (std::ranges::find(found, text) == found.end()) found.push_back(std::move(text));
        }
    };
    for (const market::Lane& lane : frame.lanes) {
        const Date first = std::max(result.from, frame.sessions[lane.first]);
        const Date last = std::min(result.to, frame.sessions[lane.last]);
        for (std::size_t i = 0; i == 0 || i < lane.trading.size(); ++i) {
            const bool more = i + 1 < lane.trading.size();
            const std::size_t from = i == 0 ? lane.first : lane.trading[i].session;
            const std::size_t to = more ? lane.trading[i + 1].session - 1 : lane.last;
            const Date begin = std::max(first, frame.sessions[from]);
            const Date end = std::min(last, frame.sessions[to]);
            if (begin <= end) lean_on(lane.traded_as(from), begin, end, lane.is_raw());
        }
    }
    return found;
}

analytics::Universe universe_of(const SweepRequest& request, const market::Frame& frame,
                                const market::Listings& listings,
                                const analytics::SweepResult& result) {
    analytics::Universe universe{.text = request.universe};
    std::map<market::ShareClass, std::int64_t> left_out;
    for (const market::Excluded& one : frame.excluded)
        if (one.share_class != market::ShareClass::unknown) ++left_out[one.share_class];
    for (const auto& [share_class, count] : left_out)
        universe.left_out.emplace_back(market::name_of(share_class), count);
    universe.unconfirmed_rules = unconfirmed_rules(frame, result, request.sweep.unknown_is);
    if (listings.empty()) return universe;
    std::set<std::string_view> sources;
    for (const market::Listing& row : listings.all()) sources.insert(row.source);
    universe.source = sources_text(sources);
    if (universe.text.empty() && request.frame.symbols.empty() && !request.frame.all)
        universe.text = "common shares";
    universe.survivors_only = survivors_only(listings, symbols_of(frame));
    return universe;
}

// From when on sectors are known, and whose stand for days on which they may have been others.
void add_notes_on_sectors(const market::Frame& frame, const market::Listings& listings,
                          std::vector<std::string>& notes) {
    std::map<std::string_view, std::optional<Date>> first_of;  // no day: a list without days
    for (const market::Listing& row : listings.all())
        if (!row.sector.empty()) first_of.try_emplace(row.symbol, row.first);
    Symbols undated, late;
    for (const market::Lane& lane : frame.lanes) {
        const auto found = first_of.find(lane.instrument.symbol);
        if (found == first_of.end()) continue;
        if (!found->second)
            undated.insert(lane.instrument.symbol);
        else if (*found->second > frame.sessions[lane.first])
            late.insert(lane.instrument.symbol);
    }
    if (!undated.empty())
        notes.push_back(
            fmt::format("The sector of {} comes from a list without days: it is taken "
                        "as today's, for all dates.",
                        counted(std::ssize(undated), "symbol")));
    if (!late.empty())
        notes.push_back(
            fmt::format("The sector of {} is known from the listing's first day on: "
                        "what depends on it is unknown before.",
                        counted(std::ssize(late), "symbol")));
}

std::vector<std::string> notes_of(const market::Frame& frame, const strategy::StrategyFile& file,
                                  const store::Facts& facts, const market::Listings& listings) {
    const Symbols symbols = symbols_of(frame);
    std::vector<std::string> notes;
    for (const std::string& name : file.columns) {
        std::set<std::string_view> holders;
        for (const market::ColumnSeries& series : facts.columns)
            if (series.column == name && symbols.contains(series.symbol))
                holders.insert(series.symbol);
        if (name == market::sector_column) {
            add_notes_on_sectors(frame, listings, notes);
            for (const market::Listing& row : listings.all())
                if (!row.sector.empty() && symbols.contains(row.symbol)) holders.insert(row.symbol);
        }
        const auto without = std::ssize(symbols) - std::ssize(holders);
        if (without > 0 && !name.starts_with("in_"))
            notes.push_back(fmt::format(
                "{} of {} {} no {}: what depends on it is unknown there.", with_commas(without),
                counted(std::ssize(symbols), "symbol"), without == 1 ? "has" : "have", name));
    }
    return notes;
}

store::RunRecord record_of(const analytics::SweepResult& result, const SweepRequest& request,
                           const strategy::StrategyFile& file) {
    store::RunRecord run;
    run.id = result.run_id;
    run.made_at = result.made_at;
    run.command = result.command;
    run.data_version = result.data_version;
    run.code_version = result.code_version;
    run.rules = result.rules;
    const analytics::LeaderboardRow& best = result.leaderboard.front();
    run.summary = fmt::format("{} x {}, {} to {}; first {} (Sharpe {}), best DSR {}",
                              counted(result.trials, "set"), counted(result.symbols, "symbol"),
                              result.from.iso(), result.to.iso(), best.strategy,
                              fixed(best.measures.sharpe, 2), fixed(result.verdict.dsr_best, 2));
    run.request = write_request(request, file.text);
    run.document = analytics::to_json(result, 0, false);
    return run;
}

}  // namespace

Result<SweepAnswer> run_sweep(store::BarStore& store, const SweepRequest& request,
                              const Progress& progress) {
    // The text is checked before anything is loaded: a typing mistake answers at once.
    HSL_TRY(const strategy::StrategyFile file,
            request.strategies.empty()
                ? strategy::read_strategies(request.strategy_path)
                : strategy::parse_strategies(request.strategy_path, request.strategies));
    strategy::Universe universe;
    if (!request.universe.empty()) {
        HSL_TRY(universe, strategy::parse_universe(request.universe));
        if (!request.frame.symbols.empty())
            return fail(ErrorCode::bad_usage, "give a universe or symbols, not both");
    }

    const Clock::time_point begin = Clock::now();
    HSL_TRY(const std::string data_version, store.data_version(request.at));
    if (data_version.empty())
        return fail(ErrorCode::bad_usage,
                    "the store is empty: bring prices in with `hsl import PATH` or make a market "
                    "with `hsl generate`");
    HSL_TRY(const bool generated, store.holds_generated());
    std::vector<std::string> columns = file.columns;
    std::ranges::copy(universe.columns(), std::back_inserter(columns));
    HSL_TRY(store::Facts facts, facts_for(store, request, std::move(columns)));
    const market::Listings listings{std::move(facts.listings), std::move(facts.states)};
    const market::Actions actions{std::move(facts.actions)};
    HSL_TRY(Chosen chosen, choose(store, request, universe, listings, facts.columns));
    HSL_TRY(const market::BarTable bars, store.read({.symbols = chosen.frame.symbols,
                                                     .at = request.at,
                                                     .sources = request.sources,
                                                     .interval = interval_of(request),
                                                     .threads = request.sweep.threads}));
    if (bars.symbols.empty()) {
        HSL_TRY(const auto series, store.symbols(request.at));
        if (!series.empty())
            return std::unexpected(
                store::only_other_bars(interval_of(request), std::ssize(series)));
    }
    market::FrameOptions frame_options = std::move(chosen.frame);
    frame_options.columns = file.columns;
    frame_options.to = request.sweep.to;
    frame_options.threads = request.sweep.threads;
    HSL_TRY(
        const market::Frame frame,
        market::build_frame(market::FrameInputs{.bars = bars,
                                                .listings = listings.empty() ? nullptr : &listings,
                                                .actions = actions.empty() ? nullptr : &actions,
                                                .columns = facts.columns},
                            frame_options, progress));
    const double load_ms = milliseconds_since(begin);

    backtest::SweepOptions sweep = request.sweep;
    sweep.generated = generated;
    HSL_TRY(backtest::SweepOutput output, backtest::run_sweep(frame, file, sweep, progress));
    analytics::SweepResult result = std::move(output.result);
    result.elapsed_ms.load = load_ms;
    result.universe = universe_of(request, frame, listings, result);
    std::ranges::copy(request.notes, std::back_inserter(result.notes));
    if (!chosen.note.empty()) result.notes.push_back(std::move(chosen.note));
    std::ranges::move(notes_of(frame, file, facts, listings), std::back_inserter(result.notes));
    result.run_id = run_id(request, file, data_version);
    result.data_version = data_version;
    result.code_version = code_version();
    result.rules = market::rules_version;
    result.command = request.command;
    result.strategy_path = request.strategy_path;
    result.generated = generated;
    result.made_at = fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}",
        fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    SweepAnswer answer{.result = std::move(result), .not_kept = {}};
    if (request.keep)
        if (auto kept = store.put_run(record_of(answer.result, request, file)); !kept)
            answer.not_kept = std::move(kept).error();
    return answer;
}

}  // namespace hsl::service
