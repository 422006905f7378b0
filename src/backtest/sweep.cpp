// SPDX-License-Identifier: Apache-2.0
#include "backtest/sweep.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "backtest/detail/set_measures.hpp"
#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"
#include "portfolio/fill_kernel.hpp"
#include "strategy/evaluate.hpp"

namespace hsl::backtest {
namespace {

using Clock = std::chrono::steady_clock;
using analytics::LeaderboardRow;
using portfolio::Fill;
using portfolio::LaneResult;
using portfolio::SetTally;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// --- what was asked for --------------------------------------------------------------------------

Result<void> check_options(const SweepOptions& options) {
    const auto bad = [](std::string message) {
        return fail(ErrorCode::bad_usage, std::move(message));
    };
    if (!(options.slippage_bp >= 0 && options.slippage_bp < 10'000))
        return bad(
            fmt::format("a slippage of {} basis points: give 0 to 10,000", options.slippage_bp));
    if (!(options.participation > 0))
        return bad(fmt::format("a participation of {}: give a fraction above 0, or off",
                               options.participation));
    if (options.slippage_ticks < 0 || options.slippage_ticks > 100)
        return bad(fmt::format("a slippage of {} ticks: give 0 to 100", options.slippage_ticks));
    if (options.commission_e7 < 0 || options.commission_e7 > 1'000'000)
        return bad(fmt::format("a commission of {} %: give 0 to 10",
                               static_cast<double>(options.commission_e7) / 1e5));
    if (options.annualisation && !(*options.annualisation > 0))
        return bad(fmt::format("an annualisation of {}: give sessions a year, above 0",
                               *options.annualisation));
    return {};
}

portfolio::TradeRules rules_of(const strategy::StrategySet& set, const SweepOptions& options) {
    // What a set says, in ticks or in basis points, stands for both of the command's.
    const bool own = set.slippage_ticks >= 0 || !std::isnan(set.slippage_bp);
    const double own_bp = std::isnan(set.slippage_bp) ? 0 : set.slippage_bp;
    const double slippage_bp = own ? own_bp : options.slippage_bp;
    return {
        .stop_loss = set.stop_loss,
        .take_profit = set.take_profit,
        .trailing_stop = set.trailing_stop,
        .max_hold = set.max_hold,
        .slippage_e6 = std::llround(slippage_bp * 100),
        .slippage_ticks = own ? std::max(set.slippage_ticks, 0) : options.slippage_ticks,
        .rights = options.rights,
        .participation = std::isnan(set.participation) ? options.participation : set.participation,
        .commission_e7 = options.commission_e7};
}

// Rules of every set and, last, of holding: the costs that all sets share, else the command's.
std::vector<portfolio::TradeRules> all_rules(const strategy::StrategyFile& file,
                                             const SweepOptions& options) {
    std::vector<portfolio::TradeRules> rules;
    rules.reserve(file.sets.size() + 1);
    for (const strategy::StrategySet& set : file.sets) rules.push_back(rules_of(set, options));
    portfolio::TradeRules hold = rules_of({}, options);
    const auto shared = [&](auto member) {
        return std::ranges::all_of(
            rules, [&](const auto& of) { return of.*member == rules.front().*member; });
    };
    if (shared(&portfolio::TradeRules::slippage_e6)) hold.slippage_e6 = rules.front().slippage_e6;
    if (shared(&portfolio::TradeRules::slippage_ticks))
        hold.slippage_ticks = rules.front().slippage_ticks;
    if (shared(&portfolio::TradeRules::participation))
        hold.participation = rules.front().participation;
    rules.push_back(hold);
    return rules;
}

// A tick is known of raw prices alone.
Result<void> check_ticks(const market::Frame& frame,
                         const std::vector<portfolio::TradeRules>& rules) {
    if (std::ranges::all_of(rules, [](const auto& of) { return of.slippage_ticks == 0; }))
        return {};
    std::set<std::string_view> others;
    for (const market::Lane& lane : frame.lanes)
        if (!lane.is_raw()) others.insert(lane.instrument.symbol);
    if (others.empty()) return {};
    return fail(
        ErrorCode::bad_usage,
        fmt::format(
            "slippage in ticks needs prices as they were traded, and those of {} ({}{}) are "
            "adjusted or nobody knows: import them with --raw, leave them out with "
            "--symbols, or give the slippage in basis points",
            counted(std::ssize(others), "symbol"), *others.begin(),
            others.size() > 1 ? " ..." : ""));
}

// --- walking -------------------------------------------------------------------------------------

// What a thread keeps while it takes tile after tile.
struct Worker {
    Worker(const portfolio::KernelContext& context, std::size_t walks)
        : walker(context), tallies(walks, SetTally{context.last + 1 - context.s0}) {}
    strategy::Evaluator::Workspace workspace;
    portfolio::TileWalker walker;
    std::vector<SetTally> tallies;  // by walk: the sets, then holding
};

struct Walked {
    std::vector<SetTally> tallies;               // by walk
    std::vector<std::vector<LaneResult>> lanes;  // by walk, then lane
    std::vector<detail::TileMeans> tile_means;   // by tile
    FillBook fills;                              // by set
};

Result<Walked> walk_everything(const portfolio::KernelContext& context,
                               const strategy::StrategyFile& file,
                               const std::vector<portfolio::TradeRules>& rules,
                               const detail::Measured& measured, const SweepOptions& options,
                               const Progress& progress) {
    const market::Frame& frame = *context.frame;
    const std::size_t tiles = frame.tile_count();
    const std::size_t walks = rules.size();
    const std::size_t hold = walks - 1;
    strategy::Evaluator evaluator{file, frame};
    evaluator.prepare(options.threads);
    if (progress.stopped()) return fail(ErrorCode::cancelled, "the sweep was stopped");

    Walked walked;
    walked.lanes.assign(walks, std::vector<LaneResult>(tiles * tile_lanes));
    walked.tile_means.resize(tiles);
    std::vector<FillBook> tile_fills(options.trades ? tiles : 0, FillBook(file.sets.size()));
    const std::vector<std::uint8_t> always(frame.session_count(), 0xFF);
    std::vector<std::optional<Worker>> workers(options.threads == 0 ? core_count()
                                                                    : options.threads);
    std::atomic<std::size_t> done{0};
    parallel_for(tiles, options.threads, [&](std::size_t tile, unsigned index) {
        if (progress.stopped()) return;
        if (!workers[index]) workers[index].emplace(context, walks);
        Worker& worker = *workers[index];
        worker.walker.load(tile);
        const auto walk = [&](std::size_t which, const std::uint8_t* entry,
                              const std::uint8_t* exit) {
            worker.walker.walk(
                rules[which], entry, exit, worker.tallies[which],
                std::span{walked.lanes[which]}.subspan(tile * tile_lanes, tile_lanes),
                options.trades && which != hold ? &tile_fills[tile][which] : nullptr);
        };
        evaluator.visit_tile(tile, worker.workspace, walk);
        walk(hold, always.data(), nullptr);
        walked.tile_means[tile] = detail::tile_means(frame, tile, context.s0, measured.day_ends);
        progress.done("sweep", ++done, tiles);
    });
    if (progress.stopped()) return fail(ErrorCode::cancelled, "the sweep was stopped");

    // The first worker's sums take in those of the others.
    std::vector<Worker*> others;
    for (std::optional<Worker>& worker : workers) {
        if (!worker) continue;
        if (walked.tallies.empty())
            walked.tallies = std::move(worker->tallies);
        else
            others.push_back(&*worker);
    }
    parallel_for(walks, options.threads, [&](std::size_t which, unsigned) {
        for (const Worker* other : others) walked.tallies[which].add(other->tallies[which]);
        walked.tallies[which].check();
    });
    if (options.trades) {
        walked.fills.resize(file.sets.size());
        for (std::size_t set = 0; set < file.sets.size(); ++set)
            for (const FillBook& of_tile : tile_fills)
                walked.fills[set].insert(walked.fills[set].end(), of_tile[set].begin(),
                                         of_tile[set].end());
    }
    return walked;
}

// --- what is said about it -----------------------------------------------------------------------

// What is known of dividends, of raw and adjusted, and what follows: of the lanes that have an
// account, and of the actions in its time.
void add_notes_on_prices(const market::Frame& frame, const detail::AccountBook& book,
                         const Window& window, std::vector<std::string>& notes) {
    std::int64_t raw = 0, adjusted = 0, actions = 0, dividends = 0;
    for (const std::size_t index : book.lanes) {
        const market::Lane& lane = frame.lanes[index];
        raw += lane.is_raw() ? 1 : 0;
        adjusted += lane.basis == market::Basis::adjusted ? 1 : 0;
        for (const market::LaneAction& of : lane.actions) {
            if (of.session <= window.s0 || of.session > window.last) continue;
            ++(of.action.kind == market::ActionKind::cash_dividend ? dividends : actions);
        }
    }
    if (dividends == 0)
        notes.push_back(
            "Idle cash earns nothing and there are no dividends: a set that is seldom in the "
            "market looks better beside holding than it should, by (1 - exposure) x the dividend "
            "yield.");
    else
        notes.push_back(fmt::format(
            "Idle cash earns nothing. {} paid net of 15.4 % tax; where others are "
            "missing, a set that is seldom in the market looks better beside holding than it "
            "should.",
            counted(dividends, "dividend known here is", "dividends known here are")));
    const auto lanes = std::ssize(book.lanes);
    if (raw > 0)
        notes.push_back(fmt::format(
            "Prices as traded in {} of {}: limits and ticks are exact there, {} adjusted for in "
            "signals and carried out in the accounts.",
            raw, counted(lanes, "segment"), counted(actions, "corporate action")));
    if (raw < lanes)
        notes.push_back(fmt::format(
            "{} in {}: one price serves signals, fills and the account, and a session counts as "
            "locked at the limit when it has one price 29 % from the last close.",
            adjusted == lanes - raw ? "Adjusted prices"
            : adjusted == 0         ? "Prices not known to be raw or adjusted"
                                    : "Prices adjusted or not known to be raw",
            raw == 0 ? counted(lanes, "segment") : counted(lanes - raw, "segment")));
    if (frame.unapplied_actions > 0)
        notes.push_back(fmt::format(
            "{} of symbols whose prices are not known to be raw changed nothing (import with --raw "
            "says that they are).",
            counted(static_cast<std::int64_t>(frame.unapplied_actions), "corporate action")));
}

std::vector<std::string> notes_of(const market::Frame& frame, const detail::AccountBook& book,
                                  const std::vector<portfolio::TradeRules>& rules,
                                  const SweepOptions& options, const Window& window) {
    const Date first = frame.sessions.front();
    const Date from = frame.sessions[window.from];
    std::vector<std::string> notes;
    if (!options.from && first < market::run_first())
        notes.push_back(fmt::format(
            "No --from was given: taken as {}, when the daily limit became 30 %.", from.iso()));
    else if (!options.from)
        notes.push_back(
            fmt::format("No --from was given: taken as {}, the first bar.", from.iso()));
    else if (*options.from < first)
        notes.push_back(fmt::format("No bars before {}: the window begins there.", from.iso()));
    if (options.to && *options.to > frame.sessions.back())
        notes.push_back(
            fmt::format("No bars after {}: the window ends there.", frame.sessions.back().iso()));
    if (frame.bar_minutes > 0)
        notes.push_back(fmt::format(
            "Bars of {}: decided at the close of each, filled at the open of the next. Lookbacks, "
            "max_hold and the sessions of participation count bars; returns go from one day's "
            "close to the next.",
            counted(frame.bar_minutes, "minute")));
    if (frame.outside_rows > 0)
        notes.push_back(fmt::format("{} of minutes outside the regular session left out.",
                                    counted(static_cast<std::int64_t>(frame.outside_rows), "row")));
    add_notes_on_prices(frame, book, window, notes);
    std::set<std::string_view> unknown;
    for (const std::size_t lane : book.lanes)
        if (frame.lanes[lane].instrument.market == market::Market::unknown)
            unknown.insert(frame.lanes[lane].instrument.symbol);
    if (!unknown.empty())
        notes.push_back(
            fmt::format("{} of unknown market: taken as {} for the sale tax (--market "
                        "says otherwise).",
                        counted(std::ssize(unknown), "symbol"), name_of(options.unknown_is)));
    const auto unlimited =
        std::ranges::count_if(rules.begin(), rules.end() - 1,
                              [](const auto& of) { return std::isinf(of.participation); });
    if (unlimited > 0)
        notes.push_back(
            fmt::format("Optimistic: {} with participation off buys any size whatever is "
                        "traded.",
                        counted(unlimited, "set")));
    return notes;
}

std::vector<std::string> account_names(const market::Frame& frame,
                                       const detail::AccountBook& book) {
    std::vector<std::string> names;
    for (const std::size_t lane : book.lanes) {
        const market::Lane& of = frame.lanes[lane];
        names.push_back(of.segment == 0
                            ? of.instrument.symbol
                            : fmt::format("{} ({})", of.instrument.symbol, of.segment + 1));
    }
    return names;
}

LeaderboardRow hold_row(const SetTally& tally, std::span<const LaneResult> lanes,
                        const detail::AccountBook& book, const detail::Measured& measured) {
    LeaderboardRow row;
    row.strategy = "hold";
    row.about = "Every symbol bought at the first possible open after s0 and held, same costs.";
    row.returns = detail::returns_of(tally, measured);
    row.measures = detail::measures_of(tally, row.returns, measured);
    row.delisted_at_zero = detail::measures_at_zero(tally, row.returns, measured);
    row.symbol_returns = detail::account_returns(book, lanes);
    row.symbols = detail::spread_of(book, row.symbol_returns, row.symbol_returns);
    row.symbols.beat_holding = std::nan("");
    row.verdict = analytics::benchmark_verdict(row.returns);
    return row;
}

LeaderboardRow equal_weight_row(std::span<const detail::TileMeans> tiles,
                                const detail::Measured& measured) {
    LeaderboardRow row;
    row.strategy = "equal_weight";
    row.about =
        "The daily mean return of the segments that trade on both days, without costs: nobody can "
        "trade this.";
    row.returns = detail::equal_weight_returns(tiles);
    row.measures =
        analytics::measure_returns(row.returns, measured.annualisation, measured.calendar_days);
    const double none = std::nan("");
    row.measures.win_rate = row.measures.profit_factor = none;
    row.measures.exposure = row.measures.turnover = none;
    row.symbols = {none, none, none, none, none};
    row.verdict = analytics::benchmark_verdict(row.returns);
    return row;
}

std::vector<analytics::FillRow> fill_rows(const market::Frame& frame,
                                          const strategy::StrategyFile& file,
                                          const FillBook& book) {
    const auto minute_of = [&](std::size_t session) {
        return frame.minutes.empty() ? 0 : frame.minutes[session];
    };
    std::vector<analytics::FillRow> rows;
    for (std::size_t set = 0; set < file.sets.size(); ++set)
        for (const Fill& fill : book[set])
            rows.push_back({.strategy = file.sets[set].strategy,
                            .params = file.sets[set].params,
                            .symbol = frame.lanes[fill.lane].instrument.symbol,
                            .side = std::string{name_of(fill.side)},
                            .signal_date = frame.sessions[fill.signal_session],
                            .date = frame.sessions[fill.session],
                            .signal_minute = minute_of(fill.signal_session),
                            .minute = minute_of(fill.session),
                            .price = fill.price,
                            .shares = fill.shares,
                            .commission = fill.commission,
                            .tax = fill.tax,
                            .reason = std::string{name_of(fill.reason)}});
    return rows;
}

// What the frame left out, and the symbols that ended before anything could be decided.
std::vector<std::pair<std::string, std::string>> left_out(const market::Frame& frame,
                                                          const detail::AccountBook& book,
                                                          Date s0) {
    std::vector<std::pair<std::string, std::string>> excluded;
    for (const market::Excluded& one : frame.excluded)
        excluded.emplace_back(one.symbol, one.reason);
    const std::set<std::string> traded(book.symbols.begin(), book.symbols.end());
    std::set<std::string> without;
    for (const market::Lane& lane : frame.lanes)
        if (!traded.contains(lane.instrument.symbol)) without.insert(lane.instrument.symbol);
    for (const std::string& symbol : without)
        excluded.emplace_back(symbol,
                              fmt::format("it ended before the first decision, on {}", s0.iso()));
    std::ranges::sort(excluded);
    return excluded;
}

}  // namespace

Result<SweepOutput> run_sweep(const market::Frame& frame, const strategy::StrategyFile& file,
                              const SweepOptions& options, const Progress& progress) {
    const Clock::time_point begin = Clock::now();
    HSL_CHECK(check_options(options));
    HSL_ASSERT(!file.sets.empty());
    HSL_TRY(const Window window, find_window(frame, file, options));
    HSL_TRY(const portfolio::KernelContext context,
            portfolio::make_context(frame, window.s0, window.last, options.unknown_is));
    const std::vector<portfolio::TradeRules> rules = all_rules(file, options);
    HSL_CHECK(check_ticks(frame, rules));
    const std::vector<std::size_t> ends_before = detail::day_ends(frame, window.from, window.s0);
    detail::Measured measured{.calendar_days = static_cast<double>(frame.sessions[window.last] -
                                                                   frame.sessions[window.s0]),
                              .day_ends = detail::day_ends(frame, window.s0, window.last)};
    HSL_TRY(Walked walked, walk_everything(context, file, rules, measured, options, progress));
    for (const SetTally& tally : walked.tallies)
        if (tally.overflow)
            return fail(
                ErrorCode::bad_data,
                "an account or a traded value outgrew what is summed exactly (2^53 won): some "
                "price series holds moves that no market makes; look for them in the data "
                "(--allow-breaks lets them in), or leave the symbol out with --symbols");

    SweepOutput output;
    analytics::SweepResult& result = output.result;
    const detail::AccountBook book = detail::account_book(frame, window.s0, window.last);
    result.rules = market::rules_version;
    result.strategy_path = file.path;
    result.generated = options.generated;
    result.commission = static_cast<double>(options.commission_e7) / 1e7;
    result.market_of_unknown = name_of(options.unknown_is);
    result.segments = std::ssize(book.lanes);
    result.symbols =
        static_cast<std::int64_t>(std::set(book.symbols.begin(), book.symbols.end()).size());
    result.bar_minutes = frame.bar_minutes;
    result.sessions = std::ssize(ends_before) + std::ssize(measured.day_ends) - 1;
    result.from = frame.sessions[window.from];
    result.to = frame.sessions[window.last];
    result.s0 = frame.sessions[window.s0];
    result.breaks = std::ranges::count_if(frame.breaks, [&](std::size_t session) {
        return session >= window.from && session <= window.last;
    });
    result.trials = std::ssize(file.sets);
    result.annualisation = options.annualisation.value_or(
        analytics::annualisation_for(result.sessions, result.to - result.from + 1));
    result.notes = notes_of(frame, book, rules, options, window);
    result.excluded = left_out(frame, book, result.s0);
    result.accounts = account_names(frame, book);
    for (const std::size_t end : std::span{measured.day_ends}.subspan(1))
        result.dates.push_back(frame.sessions[window.s0 + end]);
    measured.annualisation = result.annualisation;

    const std::size_t hold = file.sets.size();
    result.benchmarks.push_back(hold_row(walked.tallies[hold], walked.lanes[hold], book, measured));
    result.benchmarks.push_back(equal_weight_row(walked.tile_means, measured));

    std::vector<LeaderboardRow> rows(file.sets.size());
    parallel_for(rows.size(), options.threads, [&](std::size_t set, unsigned) {
        LeaderboardRow& row = rows[set];
        row.strategy = file.sets[set].strategy;
        row.about = file.sets[set].about;
        row.params = file.sets[set].params;
        row.returns = detail::returns_of(walked.tallies[set], measured);
        row.measures = detail::measures_of(walked.tallies[set], row.returns, measured);
        row.delisted_at_zero = detail::measures_at_zero(walked.tallies[set], row.returns, measured);
        row.symbol_returns = detail::account_returns(book, walked.lanes[set]);
        row.symbols =
            detail::spread_of(book, row.symbol_returns, result.benchmarks[0].symbol_returns);
    });
    result.elapsed_ms.compute = milliseconds_since(begin);

    const Clock::time_point judging = Clock::now();
    analytics::judge_and_rank(result, std::move(rows));
    result.elapsed_ms.verdict = milliseconds_since(judging);
    if (options.trades) {
        result.fills = fill_rows(frame, file, walked.fills);
        output.fills = std::move(walked.fills);
    }
    return output;
}

}  // namespace hsl::backtest
