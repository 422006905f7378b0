// SPDX-License-Identifier: Apache-2.0
#pragma once

// Says which results are luck. All on returns beyond holding, x_t = r_set,t - b r_hold,t. Sources of
// every formula: docs/concepts/verdict.md.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hsl::analytics {

struct Moments {
    double mean = 0, sd = 0;      // sd with n-1
    double skewness = 0, kurtosis = 0;  // moments with n; kurtosis raw (normal 3)
    std::size_t count = 0;
};
[[nodiscard]] Moments moments_of(std::span<const double> x);

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
// (sum l)^2 / sum l^2 over the eigenvalues of the correlation of the series (rows of x).
[[nodiscard]] double effective_trials(std::span<const std::vector<double>> x);

struct BeyondHolding {
    double slope = 0;   // b: least squares over the window
    double alpha = 0;   // intercept, per session
    double alpha_p = 1; // 1 - Phi(t), variance the larger of White's and Newey-West's with 10 lags
    std::vector<double> x;
};
[[nodiscard]] BeyondHolding beyond_holding(std::span<const double> set,
                                           std::span<const double> hold);

// One set's figures of the verdict.
struct SetVerdict {
    double psr = 0;      // on x against 0
    double psr_raw = 0;  // on r against 0
    double dsr = 0;      // on x against luck
    double min_trl = 0;  // sessions, on x against 0 at 95 %
    double q_value = 1;
};

struct Verdict {
    std::string text;            // sentences a trader understands, the first compares with holding
    std::size_t best = 0;        // index of the set with the highest dsr
    double dsr_best = 0;
    double luck_sharpe = 0;      // SR0 x sqrt(annualisation)
    double effective_trials = 0; // a second figure, never the headline
    std::int64_t significant_after_fdr = 0;
    std::vector<SetVerdict> sets;
};

struct VerdictInput {
    std::vector<std::span<const double>> returns;  // of each concrete set
    std::span<const double> hold;
    double annualisation = 0;
    // For the text.
    std::vector<std::string> names;      // "golden_cross fast=5 slow=40"
    std::vector<double> sharpes;         // annual, of r
    std::vector<std::int64_t> trades;
    double hold_sharpe = 0;
    std::int64_t symbols = 0, breaks = 0, sessions = 0;
    std::string from, to;                // ISO
    bool generated = false;              // a market that never was
};
[[nodiscard]] Verdict judge(const VerdictInput& input);

}  // namespace hsl::analytics
