// SPDX-License-Identifier: Apache-2.0
#include "analytics/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/ranges.h>

#include "analytics/detail/verdict_text.hpp"
#include "base/assert.hpp"
#include "base/math.hpp"

namespace hsl::analytics {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double euler_gamma = 0.57721566490153286061;
constexpr double euler_number = 2.71828182845904523536;
constexpr std::size_t newey_west_lags = 10;
// What is left of a set's variance after rounding when holding explains all of it.
constexpr double rounding_share = 1e-24;

// 1 - g3 s + (g4 - 1)/4 s^2, the variance of a Sharpe estimate times T - 1 (Mertens 2002). At least
// 0, since kurtosis >= skewness^2 + 1.
double sharpe_variance(double sharpe, double skewness, double kurtosis) {
    return std::max(0.0, 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe);
}

// The number that probabilistic_sharpe takes Phi of: it ranks sets where Phi has saturated at 1.
double sharpe_z(double sharpe, double benchmark, std::size_t count, double skewness,
                double kurtosis) {
    if (count < 2 || sharpe == benchmark) return 0;
    return (sharpe - benchmark) * std::sqrt(static_cast<double>(count - 1)) /
           std::sqrt(sharpe_variance(sharpe, skewness, kurtosis));
}

struct SessionSharpe {
    double value = 0, skewness = 0, kurtosis = 3;
    std::size_t count = 0;

    [[nodiscard]] double z(double benchmark) const {
        return sharpe_z(value, benchmark, count, skewness, kurtosis);
    }
};

// Without variance: Sharpe 0 with the moments of a normal, so that the set counts as a try.
SessionSharpe session_sharpe(std::span<const double> x) {
    const Moments moments = moments_of(x);
    if (!(moments.sd > 0)) return {.count = x.size()};
    return {moments.mean / moments.sd, moments.skewness, moments.kurtosis, moments.count};
}

// Eight sums of their own, spelled out: so written, GCC keeps them in vector registers at -O2.
double dot(const double* a, const double* b, std::size_t count) {
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
    std::size_t t = 0;
    for (; t + 8 <= count; t += 8) {
        s0 += a[t] * b[t];
        s1 += a[t + 1] * b[t + 1];
        s2 += a[t + 2] * b[t + 2];
        s3 += a[t + 3] * b[t + 3];
        s4 += a[t + 4] * b[t + 4];
        s5 += a[t + 5] * b[t + 5];
        s6 += a[t + 6] * b[t + 6];
        s7 += a[t + 7] * b[t + 7];
    }
    for (; t < count; ++t) s0 += a[t] * b[t];
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
}

// Variance of sum(v): White's without lags, Newey and West's 1987 with Bartlett weights.
double sum_variance(std::span<const double> v, std::size_t lags) {
    double variance = 0;
    for (std::size_t lag = 0; lag <= lags && lag < v.size(); ++lag) {
        const double covariance = dot(v.data(), v.data() + lag, v.size() - lag);
        const double weight = 1 - static_cast<double>(lag) / static_cast<double>(lags + 1);
        variance += lag == 0 ? covariance : 2 * weight * covariance;
    }
    return variance;
}

}  // namespace

double probabilistic_sharpe(double sharpe, double benchmark, std::size_t count, double skewness,
                            double kurtosis) {
    return exact_normal_cdf(sharpe_z(sharpe, benchmark, count, skewness, kurtosis));
}

double min_track_record(double sharpe, double benchmark, double skewness, double kurtosis,
                        double alpha) {
    if (!(sharpe > benchmark)) return infinity;
    const double ratio = exact_normal_quantile(1 - alpha) / (sharpe - benchmark);
    return 1 + sharpe_variance(sharpe, skewness, kurtosis) * ratio * ratio;
}

double expected_best_by_luck(double variance, double trials) {
    if (!(trials > 1) || !(variance > 0)) return 0;
    const double best = (1 - euler_gamma) * exact_normal_quantile(1 - 1 / trials) +
                        euler_gamma * exact_normal_quantile(1 - 1 / (trials * euler_number));
    return std::max(0.0, std::sqrt(variance) * best);
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
    std::vector<double> q(p.size());
    const auto m = static_cast<double>(p.size());
    double smallest = 1;
    for (std::size_t j = p.size(); j-- > 0;) {
        smallest = std::min(smallest, p[order[j]] * m / static_cast<double>(j + 1));
        q[order[j]] = smallest;
    }
    return q;
}

double effective_trials(std::span<const std::vector<double>> x) {
    // The eigenvalues of a correlation C of n series sum to n, their squares to |C|^2.
    std::vector<double> standard;
    if (!x.empty()) standard.reserve(x.size() * x.front().size());
    std::size_t n = 0;
    for (const auto& series : x) {
        HSL_ASSERT(series.size() == x.front().size());
        const Moments moments = moments_of(series);
        if (!(moments.sd > 0)) continue;
        const double scale = 1 / (moments.sd * std::sqrt(static_cast<double>(series.size() - 1)));
        for (const double value : series) standard.push_back((value - moments.mean) * scale);
        ++n;
    }
    if (n == 0) return 0;
    const std::size_t sessions = x.front().size();
    double squares = static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j) {
            const double correlation =
                dot(standard.data() + i * sessions, standard.data() + j * sessions, sessions);
            squares += 2 * correlation * correlation;
        }
    return static_cast<double>(n) * static_cast<double>(n) / squares;
}

BeyondHolding beyond_holding(std::span<const double> set, std::span<const double> hold) {
    HSL_ASSERT(set.size() == hold.size());
    const std::size_t count = set.size();
    BeyondHolding beyond;
    beyond.x.assign(set.begin(), set.end());
    if (count == 0) return beyond;

    const double set_mean = moments_of(set).mean, hold_mean = moments_of(hold).mean;
    double hold_square = 0, product = 0, set_square = 0;
    for (std::size_t t = 0; t < count; ++t) {
        const double h = hold[t] - hold_mean;
        hold_square += h * h;
        product += h * (set[t] - set_mean);
        set_square += set[t] * set[t];
    }
    if (hold_square > 0) beyond.slope = product / hold_square;
    beyond.alpha = set_mean - beyond.slope * hold_mean;

    double residual_square = 0;
    std::vector<double> influence(count);
    for (std::size_t t = 0; t < count; ++t) {
        beyond.x[t] = set[t] - beyond.slope * hold[t];
        const double residual = beyond.x[t] - beyond.alpha;
        residual_square += residual * residual;
        // alpha is linear in the returns: its error is the sum of these.
        double weight = 1 / static_cast<double>(count);
        if (hold_square > 0) weight -= hold_mean * (hold[t] - hold_mean) / hold_square;
        influence[t] = weight * residual;
    }
    if (count < 3 || residual_square <= rounding_share * set_square) {
        std::ranges::fill(beyond.x, beyond.alpha);
        return beyond;
    }
    const double variance =
        std::max(sum_variance(influence, 0), sum_variance(influence, newey_west_lags));
    beyond.alpha_p = exact_normal_cdf(-beyond.alpha / std::sqrt(variance));
    return beyond;
}

SetVerdict benchmark_verdict(std::span<const double> returns) {
    SetVerdict verdict;
    verdict.psr_raw = exact_normal_cdf(session_sharpe(returns).z(0));
    return verdict;
}

Verdict judge(const VerdictInput& input) {
    const std::size_t count = input.returns.size();
    HSL_ASSERT(count > 0 && input.names.size() == count && input.sharpes.size() == count &&
               input.trades.size() == count);
    const double scale = std::sqrt(input.annualisation);

    Verdict verdict;
    verdict.sets.resize(count);
    std::vector<std::vector<double>> x(count);
    std::vector<SessionSharpe> sharpes(count);
    std::vector<double> p(count), values(count);
    for (std::size_t i = 0; i < count; ++i) {
        BeyondHolding beyond = beyond_holding(input.returns[i], input.hold);
        x[i] = std::move(beyond.x);
        sharpes[i] = session_sharpe(x[i]);
        values[i] = sharpes[i].value;
        p[i] = beyond.alpha_p;
        SetVerdict& set = verdict.sets[i];
        set.slope = beyond.slope;
        set.sharpe_beyond = sharpes[i].value * scale;
        set.psr = exact_normal_cdf(sharpes[i].z(0));
        set.psr_raw = exact_normal_cdf(session_sharpe(input.returns[i]).z(0));
        set.min_trl =
            min_track_record(sharpes[i].value, 0, sharpes[i].skewness, sharpes[i].kurtosis, 0.05);
    }

    const double sd = moments_of(values).sd;
    const double luck = expected_best_by_luck(sd * sd, static_cast<double>(count));
    verdict.luck_sharpe = luck * scale;
    verdict.effective_trials = effective_trials(x);
    const std::vector<double> q = benjamini_hochberg(p);
    double best_z = -infinity;
    for (std::size_t i = 0; i < count; ++i) {
        const double z = sharpes[i].z(luck);
        verdict.sets[i].dsr = exact_normal_cdf(z);
        verdict.sets[i].q_value = q[i];
        if (q[i] <= false_discovery_rate) ++verdict.significant_after_fdr;
        if (z > best_z) {
            best_z = z;
            verdict.best = i;
        }
    }
    verdict.dsr_best = verdict.sets[verdict.best].dsr;
    verdict.headline = detail::verdict_headline(input, verdict);
    verdict.sentences = detail::verdict_sentences(input, verdict);
    verdict.text = fmt::format("{}", fmt::join(verdict.sentences, " "));
    return verdict;
}

}  // namespace hsl::analytics
