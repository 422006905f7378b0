// SPDX-License-Identifier: Apache-2.0
#include "analytics/sweep_result.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "market/session_hours.hpp"

namespace hsl::analytics {
namespace {

using Params = std::vector<std::pair<std::string, double>>;

void write_params(JsonWriter& json, const Params& params) {
    json.key("params").begin_object();
    for (const auto& [name, value] : params) json.member(name, value);
    json.end_object();
}

// Everything of a row but what names it: the same keys for a set and for a benchmark.
void write_figures(JsonWriter& json, const LeaderboardRow& row) {
    const Measures& m = row.measures;
    json.member("total_return", m.total_return)
        .member("cagr", m.cagr)
        .member("volatility", m.volatility)
        .member("sharpe", m.sharpe)
        .member("sortino", m.sortino)
        .member("max_drawdown", m.max_drawdown)
        .member("max_drawdown_sessions", m.max_drawdown_sessions)
        .member("calmar", m.calmar)
        .member("trades", m.trades)
        .member("win_rate", m.win_rate)
        .member("profit_factor", m.profit_factor)
        .member("exposure", m.exposure)
        .member("turnover", m.turnover)
        .member("cost_krw", m.cost_krw)
        .member("slippage_krw", m.slippage_krw)
        .member("skipped_entries", m.skipped_entries);
    json.key("symbols")
        .begin_object()
        .member("median", row.symbols.median)
        .member("q1", row.symbols.q1)
        .member("q3", row.symbols.q3)
        .member("beat_holding", row.symbols.beat_holding)
        .member("top5_profit_share", row.symbols.top5_profit_share)
        .end_object();
    json.member("psr", row.verdict.psr)
        .member("psr_raw", row.verdict.psr_raw)
        .member("dsr", row.verdict.dsr)
        .member("min_trl", row.verdict.min_trl)
        .member("q_value", row.verdict.q_value)
        .member("dividends_krw", m.dividends_krw)
        .member("delisted_krw", m.delisted_krw);
    json.key("delisted_at_zero");
    if (row.delisted_at_zero)
        json.begin_object()
            .member("total_return", row.delisted_at_zero->total_return)
            .member("cagr", row.delisted_at_zero->cagr)
            .member("sharpe", row.delisted_at_zero->sharpe)
            .member("max_drawdown", row.delisted_at_zero->max_drawdown)
            .end_object();
    else
        json.null();
}

void write_universe(JsonWriter& json, const Universe& universe) {
    json.key("universe")
        .begin_object()
        .member("text", universe.text)
        .member("source", universe.source)
        .member("survivors_only", universe.survivors_only);
    json.key("left_out").begin_object();
    for (const auto& [share_class, count] : universe.left_out) json.member(share_class, count);
    json.end_object().key("unconfirmed_rules").begin_array();
    for (const std::string& rule : universe.unconfirmed_rules) json.value(rule);
    json.end_array().end_object();
}

void write_fills(JsonWriter& json, const std::vector<FillRow>& fills, bool in_minutes) {
    json.key("fills").begin_array();
    for (const FillRow& fill : fills) {
        json.begin_object().member("strategy", fill.strategy);
        write_params(json, fill.params);
        json.member("symbol", fill.symbol)
            .member("side", fill.side)
            .member("signal_date", fill.signal_date)
            .member("date", fill.date)
            .member("price", fill.price)
            .member("shares", fill.shares)
            .member("commission", fill.commission)
            .member("tax", fill.tax)
            .member("reason", fill.reason);
        if (in_minutes)
            json.member("signal_time", market::time_text(fill.signal_minute))
                .member("time", market::time_text(fill.minute));
        json.end_object();
    }
    json.end_array();
}

}  // namespace

std::string row_name(const LeaderboardRow& row) {
    std::string name = row.strategy;
    for (const auto& [param, value] : row.params) name += fmt::format(" {}={:.10g}", param, value);
    return name;
}

std::string sessions_text(const SweepResult& result) {
    std::string text = counted(result.sessions, "session");
    if (result.bar_minutes > 0) text += fmt::format(" in bars of {} min", result.bar_minutes);
    return text;
}

std::string to_json(const SweepResult& result, std::size_t top, bool with_fills) {
    JsonWriter json;
    json.begin_object()
        .member("run_id", result.run_id)
        .member("data_version", result.data_version)
        .member("rules", result.rules)
        .member("symbols", result.symbols)
        .member("segments", result.segments)
        .member("sessions", result.sessions)
        .member("from", result.from)
        .member("to", result.to)
        .member("s0", result.s0)
        .member("annualisation", result.annualisation)
        .member("trials", result.trials)
        .member("breaks", result.breaks);
    json.key("excluded").begin_array();
    for (const auto& [symbol, reason] : result.excluded)
        json.begin_object().member("symbol", symbol).member("reason", reason).end_object();
    json.end_array();
    json.key("elapsed_ms")
        .begin_object()
        .member("load", result.elapsed_ms.load)
        .member("compute", result.elapsed_ms.compute)
        .member("verdict", result.elapsed_ms.verdict)
        .end_object();

    json.key("leaderboard").begin_array();
    const std::size_t rows =
        top == 0 ? result.leaderboard.size() : std::min(top, result.leaderboard.size());
    for (std::size_t i = 0; i < rows; ++i) {
        const LeaderboardRow& row = result.leaderboard[i];
        json.begin_object().member("rank", row.rank).member("strategy", row.strategy);
        write_params(json, row.params);
        write_figures(json, row);
        json.end_object();
    }
    json.end_array();
    json.key("benchmarks").begin_array();
    for (const LeaderboardRow& row : result.benchmarks) {
        json.begin_object().member("name", row.strategy);
        write_figures(json, row);
        json.end_object();
    }
    json.end_array();

    json.key("verdict").begin_object().member("text", result.verdict.text);
    json.key("best");
    if (result.best_row < result.leaderboard.size()) {
        const LeaderboardRow& best = result.leaderboard[result.best_row];
        json.begin_object().member("rank", best.rank).member("strategy", best.strategy);
        write_params(json, best.params);
        json.end_object();
    } else {
        json.null();
    }
    json.member("dsr_best", result.verdict.dsr_best)
        .member("luck_sharpe", result.verdict.luck_sharpe)
        .member("significant_after_fdr", result.verdict.significant_after_fdr)
        .member("effective_trials", result.verdict.effective_trials)
        .end_object();
    if (with_fills) write_fills(json, result.fills, result.bar_minutes > 0);

    if (result.bar_minutes > 0) json.member("bar_minutes", result.bar_minutes);
    // Beyond the documented keys. The command line is not among them: it holds thread counts and
    // paths, and a document is compared byte by byte once `elapsed_ms` is taken out.
    json.member("generated", result.generated)
        .member("commission", result.commission)
        .member("market_of_unknown", result.market_of_unknown)
        .member("code_version", result.code_version);
    write_universe(json, result.universe);
    json.key("notes").begin_array();
    for (const std::string& note : result.notes) json.value(note);
    json.end_array();
    json.end_object();
    return json.take();
}

}  // namespace hsl::analytics
