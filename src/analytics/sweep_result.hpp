// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a sweep found: plain data that the leaderboard, the JSON document, the report and the run
// record are made from. Values only, owned by whoever holds them; the writers below may be called
// from any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <limits>
#include <vector>

#include "analytics/measures.hpp"
#include "analytics/verdict.hpp"
#include "base/date.hpp"
#include "base/json.hpp"

namespace hsl::analytics {

// Over the accounts of one set: final equity / opening cash - 1 each.
struct SymbolSpread {
    double median = 0, q1 = 0, q3 = 0;
    double beat_holding = 0;       // share of symbols that ended above the same accounts held
    double top5_profit_share = 0;  // profit of the five best symbols / sum of all positive profits
};

struct LeaderboardRow {
    std::int64_t rank = 0;
    std::string strategy;  // of a benchmark: its name
    std::string about;
    std::vector<std::pair<std::string, double>> params;
    Measures measures;
    SymbolSpread symbols;
    SetVerdict verdict;
    // Curve measures had delisted positions been worth nothing instead of their last traded close;
    // where there were any.
    std::optional<Measures> delisted_at_zero;
    std::vector<double> returns;         // r_t, t = s0+1 ..
    std::vector<double> symbol_returns;  // of each account, in lane order
};

struct FillRow {
    std::string strategy;
    std::vector<std::pair<std::string, double>> params;
    std::string symbol, side;
    Date signal_date, date;
    int signal_minute = 0, minute = 0;  // that those bars begin in, of a run in minutes
    std::int64_t price = 0, shares = 0, commission = 0, tax = 0;
    std::string reason;
};

// Which symbols a run was about, and who says so.
struct Universe {
    std::string text;    // "common shares of KOSPI as of 2020-01-02"; empty: all that are there
    std::string source;  // "listings as of 2026-03-20"; empty: nobody told what was listed
    // Share of the symbols that still trade at the run's end although nobody told who left: what
    // may be there only because it survived. Not defined where nothing is known.
    double survivors_only = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::pair<std::string, std::int64_t>> left_out;  // share class, symbols
    std::vector<std::string> unconfirmed_rules;  // rules without a source (mark U) that it leans on
};
// What the page, the terminal and the notes say of it, a sentence each.
[[nodiscard]] std::vector<std::string> in_words(const Universe& universe);

struct SweepResult {
    std::string run_id, data_version, rules, code_version, command, strategy_path;
    std::string made_at;  // UTC, outside the compared bytes
    std::int64_t symbols = 0, segments = 0, sessions = 0, breaks = 0, trials = 0;
    int bar_minutes = 0;  // 0: the bars are days. `sessions` are days in any case
    Date from, to, s0;
    double annualisation = 0;
    double commission = 0;          // fraction, each side
    std::string market_of_unknown;  // "KOSPI"
    bool generated = false;
    Universe universe;
    std::vector<std::string> notes;  // said once: defaults taken, what idle cash earned
    std::vector<std::pair<std::string, std::string>> excluded;  // symbol, reason
    struct {
        double load = 0, compute = 0, verdict = 0;
    } elapsed_ms;
    // Names of the accounts of symbol_returns, in lane order: "005930", of a cut symbol "005930
    // (2)". May be empty: the report then numbers them.
    std::vector<std::string> accounts;
    std::vector<Date> dates;                  // of the returns
    std::vector<LeaderboardRow> leaderboard;  // by rank
    std::vector<LeaderboardRow> benchmarks;   // hold, equal_weight
    Verdict verdict;                          // verdict.best and .sets count in file order
    std::size_t best_row = 0;                 // index into leaderboard of verdict.best
    std::vector<FillRow> fills;               // with --trades: by set, symbol, date
};

// "golden_cross fast=5 slow=40", or a benchmark's name. Ten digits, so that a grid's 0.05 + 0.01
// reads as 0.06.
[[nodiscard]] std::string row_name(const LeaderboardRow& row);
// "1,250 sessions", "250 sessions in bars of 5 min".
[[nodiscard]] std::string sessions_text(const SweepResult& result);
// The document of `hsl sweep --json`. top = 0: every set. Values that are not defined are null. Two
// runs with the same id give the same bytes outside `elapsed_ms`.
[[nodiscard]] std::string to_json(const SweepResult& result, std::size_t top, bool with_fills);
// One self-contained HTML page that opens offline.
[[nodiscard]] std::string to_html(const SweepResult& result);

// Judges `rows`, in file order, against the holding of result.benchmarks, gives each its rank and
// verdict and makes them the leaderboard: Sharpe descending, undefined ones last, ties in file
// order.
void judge_and_rank(SweepResult& result, std::vector<LeaderboardRow> rows);

}  // namespace hsl::analytics
