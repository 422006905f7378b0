// SPDX-License-Identifier: Apache-2.0
#pragma once

// Says which results are luck. All on returns beyond holding, x_t = r_set,t - b r_hold,t. Sources
// of every formula: docs/concepts/verdict.md. Free functions over spans, callable from any thread.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "analytics/measures.hpp"

namespace hsl::analytics {

// A claim needs this many closed trades, and a q value no larger than this.
inline constexpr std::int64_t trades_for_a_claim = 30;
inline constexpr double false_discovery_rate = 0.05;

// Probability that the true per-session Sharpe exceeds `benchmark` (Bailey, Lopez de Prado 2012).
[[nodiscard]] double probabilistic_sharpe(double sharpe, double benchmark, std::size_t count,
                                          double skewness, double kurtosis);
// Observations needed for that at confidence 1 - alpha. Infinity when sharpe <= benchmark.
[[nodiscard]] double min_track_record(double sharpe, double benchmark, double skewness,
                                      double kurtosis, double alpha);
// Expected largest of `trials` Sharpe ratios without skill whose variance is `variance`; >= 0.
[[nodiscard]] double expected_best_by_luck(double variance, double trials);
// Benjamini-Hochberg adjusted p values, in the order given.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);
// (sum l)^2 / sum l^2 over the eigenvalues of the correlation of the series (rows of x, equally
// long). Series without variance are left out; 0 when none is left.
[[nodiscard]] double effective_trials(std::span<const std::vector<double>> x);

struct BeyondHolding {
    double slope = 0;    // b: least squares over the window; 0 when holding has no variance
    double alpha = 0;    // intercept, per session: the mean of x
    double alpha_p = 1;  // 1 - Phi(t), variance the larger of White's and Newey-West's with 10 lags
    std::vector<double> x;
};
// Both spans equally long. Where nothing but rounding is left of the set's variance, x is constant
// and alpha_p is 1: a set that never trades, or that is holding itself, shows nothing.
[[nodiscard]] BeyondHolding beyond_holding(std::span<const double> set,
                                           std::span<const double> hold);

// One set's figures of the verdict. NaN: not judged (a benchmark).
struct SetVerdict {
    static constexpr double unjudged = std::numeric_limits<double>::quiet_NaN();
    double psr = unjudged;      // on x against 0
    double psr_raw = unjudged;  // on r against 0
    double dsr = unjudged;      // on x against luck
    double min_trl = unjudged;  // sessions, on x against 0 at 95 %; infinity when Sharpe of x <= 0
    double q_value = unjudged;
    double sharpe_beyond = unjudged;  // annual Sharpe of x
    double slope = unjudged;          // b
};

struct Verdict {
    std::string text;  // sentences a trader understands, the first compares with holding
    std::vector<std::string> sentences;  // the same, one by one
    std::string headline;                // a few words: "No set is distinguishable from luck"
    std::size_t best = 0;                // index of the set with the highest dsr
    double dsr_best = 0;
    double luck_sharpe = 0;       // SR0 x sqrt(annualisation)
    double effective_trials = 0;  // a second figure, never the headline
    std::int64_t significant_after_fdr = 0;
    std::vector<SetVerdict> sets;
};

struct VerdictInput {
    std::vector<std::span<const double>> returns;  // of each concrete set
    std::span<const double> hold;
    double annualisation = 0;
    // For the text.
    std::vector<std::string> names;  // "golden_cross fast=5 slow=40"
    std::vector<double> sharpes;     // annual, of r
    std::vector<std::int64_t> trades;
    double hold_sharpe = 0;
    std::int64_t symbols = 0, breaks = 0, sessions = 0;
    std::string from, to;    // ISO
    bool generated = false;  // a market that never was
};
// At least one set; every span as long as `hold`; names, sharpes and trades one a set.
[[nodiscard]] Verdict judge(const VerdictInput& input);
// What stands beside a benchmark: psr_raw, the rest unjudged.
[[nodiscard]] SetVerdict benchmark_verdict(std::span<const double> returns);

}  // namespace hsl::analytics
