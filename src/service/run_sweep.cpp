// SPDX-License-Identifier: Apache-2.0
#include "service/run_sweep.hpp"

#include <chrono>
#include <cmath>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "market/rules.hpp"
#include "service/code_version.hpp"
#include "strategy/strategy_file.hpp"

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
    hash.add_text(market::name_of(sweep.unknown_is));
    hash.add_number(request.frame.allow_breaks).add_number(request.frame.all);
    // The same symbols in another order are the same run.
    const std::set<std::string> symbols(request.frame.symbols.begin(), request.frame.symbols.end());
    for (const std::string& symbol : symbols) hash.add_text(symbol);
    return hash.hex(16);
}

store::RunRecord record_of(const analytics::SweepResult& result) {
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
    run.document = analytics::to_json(result, 0, false);
    return run;
}

}  // namespace

Result<SweepAnswer> run_sweep(store::BarStore& store, const SweepRequest& request,
                              const Progress& progress) {
    // The text is checked before anything is loaded: a typing mistake answers at once.
    HSL_TRY(const strategy::StrategyFile file, strategy::read_strategies(request.strategy_path));

    const Clock::time_point begin = Clock::now();
    HSL_TRY(const std::string data_version, store.data_version());
    if (data_version.empty())
        return fail(ErrorCode::bad_usage,
                    "the store is empty: bring prices in with `hsl import PATH` or make a market "
                    "with `hsl generate`");
    HSL_TRY(const bool generated, store.holds_generated());
    HSL_TRY(const market::BarTable bars,
            store.read({.symbols = request.frame.symbols, .threads = request.sweep.threads}));
    market::FrameOptions frame_options = request.frame;
    frame_options.to = request.sweep.to;
    frame_options.threads = request.sweep.threads;
    HSL_TRY(const market::Frame frame, market::build_frame(bars, frame_options, progress));
    const double load_ms = milliseconds_since(begin);

    backtest::SweepOptions sweep = request.sweep;
    sweep.generated = generated;
    HSL_TRY(backtest::SweepOutput output, backtest::run_sweep(frame, file, sweep, progress));
    analytics::SweepResult result = std::move(output.result);
    result.elapsed_ms.load = load_ms;
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
        if (auto kept = store.put_run(record_of(answer.result)); !kept)
            answer.not_kept = std::move(kept).error();
    return answer;
}

}  // namespace hsl::service
