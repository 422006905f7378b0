// SPDX-License-Identifier: Apache-2.0
#include "analytics/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analytics/detail/verdict_text.hpp"
#include "base/rng.hpp"

namespace hsl::analytics {
namespace {

using testing::HasSubstr;
using testing::Not;
using Series = std::vector<double>;

// x <- (1103515245 x + 12345) mod 2^31, output x / 2^31.
Series lcg(std::uint64_t seed, std::size_t count) {
    Series values(count);
    std::uint64_t x = seed;
    for (double& value : values) {
        x = (1103515245 * x + 12345) % (std::uint64_t{1} << 31);
        value = static_cast<double>(x) / 0x1p31;
    }
    return values;
}

// The test matrix of Bailey and Lopez de Prado's measures: .02 (u - .5), 160 x 10, a column a
// series.
std::vector<Series> test_matrix() {
    const Series u = lcg(1, 1600);
    std::vector<Series> columns(10, Series(160));
    for (std::size_t t = 0; t < 160; ++t)
        for (std::size_t i = 0; i < 10; ++i) columns[i][t] = 0.02 * (u[t * 10 + i] - 0.5);
    return columns;
}

double session_sharpe(const Series& x) {
    const Moments moments = moments_of(x);
    return moments.mean / moments.sd;
}

TEST(Moments, AreThoseOfTheTestMatrix) {
    const auto m = test_matrix();
    const double sharpes[] = {.0862979, -.1389122, .0405375,  .1017745,  -.1145443,
                              .0154706, .1171574,  -.0236129, -.0315304, -.0716890};
    for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(session_sharpe(m[i]), sharpes[i], 1e-7);
    const Moments six = moments_of(m[6]);
    EXPECT_NEAR(six.skewness, -.1294756, 1e-7);
    EXPECT_NEAR(six.kurtosis, 1.8137660, 1e-7);
    EXPECT_EQ(six.count, 160u);
}

TEST(Moments, OfEqualValuesHaveNoVariance) {
    const Moments flat = moments_of(Series(7, 0.1));
    EXPECT_EQ(flat.mean, 0.1);
    EXPECT_EQ(flat.sd, 0);
    EXPECT_TRUE(std::isnan(flat.skewness));
    EXPECT_TRUE(std::isnan(moments_of(Series{0.1}).sd));
    EXPECT_TRUE(std::isnan(moments_of({}).mean));
}

TEST(Psr, HasTheGoldenValues) {
    const double s = .036 / .079;
    EXPECT_NEAR(probabilistic_sharpe(s, 0, 24, -2.448, 10.164), .91270934, 1e-8);
    EXPECT_NEAR(probabilistic_sharpe(s, 0, 24, 0, 3), .98124272, 1e-8);
    EXPECT_NEAR(probabilistic_sharpe(s, .1, 24, -2.448, 10.164), .85536062, 1e-8);
    const Moments six = moments_of(test_matrix()[6]);
    EXPECT_NEAR(probabilistic_sharpe(six.mean / six.sd, 0, 160, six.skewness, six.kurtosis),
                .92843132, 1e-8);
}

TEST(Psr, IsOneHalfAtItsBenchmark) {
    EXPECT_EQ(probabilistic_sharpe(0.1, 0.1, 500, -1, 9), 0.5);
    EXPECT_EQ(probabilistic_sharpe(0, 0, 500, 0, 3), 0.5);
}

TEST(MinTrl, HasTheGoldenValues) {
    const double s = .036 / .079;
    EXPECT_NEAR(min_track_record(s, 0, -2.448, 10.164, .05), 34.761358, 1e-6);
    EXPECT_NEAR(min_track_record(s, 0, 0, 3, .05), 15.381550, 1e-6);
    EXPECT_TRUE(std::isinf(min_track_record(-.01, 0, 0, 3, .05)));
    EXPECT_TRUE(std::isinf(min_track_record(0, 0, 0, 3, .05)));
}

TEST(MinTrl, IsWherePsrReachesItsConfidence) {
    const double length = min_track_record(.08, .02, -.5, 6, .05);
    const auto below = static_cast<std::size_t>(length);
    EXPECT_LT(probabilistic_sharpe(.08, .02, below, -.5, 6), .95);
    EXPECT_GE(probabilistic_sharpe(.08, .02, below + 1, -.5, 6), .95);
}

TEST(ExpectedBestByLuck, HasTheGoldenValues) {
    EXPECT_NEAR(expected_best_by_luck(1, 10), 1.574598, 1e-6);
    EXPECT_NEAR(expected_best_by_luck(1, 100), 2.530603, 1e-6);
    EXPECT_NEAR(expected_best_by_luck(1, 1000), 3.255122, 1e-6);
    EXPECT_NEAR(expected_best_by_luck(1, 80000), 4.342041, 1e-6);
    EXPECT_NEAR(expected_best_by_luck(.5 / 250, 100), .11317200, 1e-8);
    EXPECT_NEAR(expected_best_by_luck(.5 / 250, 46), .10036237, 1e-8);
}

TEST(ExpectedBestByLuck, IsNothingForOneTryOrNoSpread) {
    EXPECT_EQ(expected_best_by_luck(1, 1), 0);
    EXPECT_EQ(expected_best_by_luck(0, 100), 0);
    EXPECT_EQ(expected_best_by_luck(std::nan(""), 100), 0);
    EXPECT_EQ(expected_best_by_luck(1, 1.08), 0);  // the formula is negative there
}

TEST(Dsr, HasTheGoldenValues) {
    const double s = 2.5 / std::sqrt(250.0);
    const auto dsr = [&](double trials, double skewness, double kurtosis) {
        return probabilistic_sharpe(s, expected_best_by_luck(.5 / 250, trials), 1250, skewness,
                                    kurtosis);
    };
    EXPECT_NEAR(dsr(100, -3, 10), .90039683, 1e-8);
    EXPECT_NEAR(dsr(46, -3, 10), .95050171, 1e-8);
    EXPECT_NEAR(dsr(88, 0, 3), .95049082, 1e-8);

    const auto m = test_matrix();
    Series sharpes;
    for (const Series& column : m) sharpes.push_back(session_sharpe(column));
    const double sd = moments_of(sharpes).sd;
    EXPECT_NEAR(sd * sd, .0080539559, 1e-10);
    const double luck = expected_best_by_luck(sd * sd, 10);
    EXPECT_NEAR(luck, .14131049, 1e-8);
    const Moments six = moments_of(m[6]);
    EXPECT_NEAR(probabilistic_sharpe(sharpes[6], luck, 160, six.skewness, six.kurtosis), .38137926,
                1e-8);
}

TEST(EffectiveTrials, HasTheGoldenValue) {
    EXPECT_NEAR(effective_trials(test_matrix()), 9.294383, 1e-6);
}

TEST(EffectiveTrials, CountsCopiesOnceAndLeavesOutTheIdle) {
    const auto m = test_matrix();
    std::vector<Series> copies(5, m[0]);
    for (std::size_t i = 0; i < copies.size(); ++i)
        for (double& value : copies[i]) value = 0.001 + value * static_cast<double>(i + 1);
    EXPECT_NEAR(effective_trials(copies), 1, 1e-12);
    copies.push_back(Series(160, 0.0));
    EXPECT_NEAR(effective_trials(copies), 1, 1e-12);
    EXPECT_EQ(effective_trials(std::vector<Series>(3, Series(160, 0.0))), 0);
}

TEST(BenjaminiHochberg, HasTheGoldenValues) {
    const Series p{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                   .0459, .3240, .4262, .5719, .6528, .7590, 1};
    const Series q = benjamini_hochberg(p);
    EXPECT_EQ(std::ranges::count_if(q, [](double value) { return value <= .05; }), 4);
    const double expected[] = {.0015, .003, .0095, .035625, .0603};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(q[i], expected[i], 1e-12);
    EXPECT_EQ(q.back(), 1);
}

TEST(BenjaminiHochberg, KeepsTheOrderGiven) {
    const Series q = benjamini_hochberg(Series{.9, .01, .5, .02});
    EXPECT_THAT(q, testing::Pointwise(testing::DoubleEq(), Series{.9, .04, .5 * 4 / 3, .04}));
    EXPECT_TRUE(benjamini_hochberg({}).empty());
}

// statsmodels 0.14: OLS(y, [1, h]) with cov_type HC0 and HAC (maxlags 10, no correction), y =
// column i of the test matrix + .4 of column j, h = column j; the larger variance, one-sided normal
// p.
TEST(BeyondHolding, AgreesWithStatsmodels) {
    const auto m = test_matrix();
    struct Case {
        std::size_t set, hold;
        double alpha, slope, p;
    };
    for (const Case& c : {Case{6, 0, .00071894, .2714064, .052969237449936424},
                          Case{3, 9, .00052852, .25078127, .12253518499990979},
                          Case{0, 5, .00051593, .2452204, .13742414571779205}}) {
        Series set = m[c.set];
        for (std::size_t t = 0; t < set.size(); ++t) set[t] += .4 * m[c.hold][t];
        const BeyondHolding beyond = beyond_holding(set, m[c.hold]);
        EXPECT_NEAR(beyond.alpha, c.alpha, 1e-8);
        EXPECT_NEAR(beyond.slope, c.slope, 1e-7);
        EXPECT_NEAR(beyond.alpha_p, c.p, 1e-12);
        EXPECT_NEAR(moments_of(beyond.x).mean, beyond.alpha, 1e-16);
    }
    // Overlapping sums of six: here Newey-West's variance is four times White's.
    const Series e = lcg(5, 160);
    Series smooth(160, .0005);
    for (std::size_t t = 0; t < 160; ++t)
        for (std::size_t lag = 0; lag < 6 && lag <= t; ++lag)
            smooth[t] += .02 / 6 * (e[t - lag] - .5);
    EXPECT_NEAR(beyond_holding(smooth, m[2]).alpha_p, .1595263262331017, 1e-12);
}

TEST(BeyondHolding, IsUncorrelatedWithHolding) {
    const auto m = test_matrix();
    Series set(160);
    for (std::size_t t = 0; t < 160; ++t) set[t] = .7 * m[1][t] + m[2][t];
    const BeyondHolding beyond = beyond_holding(set, m[1]);
    double covariance = 0;
    const double mean = moments_of(m[1]).mean;
    for (std::size_t t = 0; t < 160; ++t)
        covariance += (m[1][t] - mean) * (beyond.x[t] - beyond.alpha);
    EXPECT_NEAR(covariance, 0, 1e-17);
}

TEST(BeyondHolding, FindsNothingInHoldingItself) {
    const auto m = test_matrix();
    for (const double share : {1.0, 0.37}) {
        Series set = m[4];
        for (double& r : set) r *= share;
        const BeyondHolding beyond = beyond_holding(set, m[4]);
        EXPECT_NEAR(beyond.slope, share, 1e-12);
        EXPECT_EQ(moments_of(beyond.x).sd, 0);
        EXPECT_EQ(beyond.alpha_p, 1);
    }
    EXPECT_EQ(beyond_holding(Series(160, 0.0), m[4]).alpha_p, 1);
}

TEST(BeyondHolding, OfAMarketThatStandsStillIsTheSetItself) {
    const auto m = test_matrix();
    const BeyondHolding beyond = beyond_holding(m[6], Series(160, 0.0));
    EXPECT_EQ(beyond.slope, 0);
    EXPECT_EQ(beyond.x, m[6]);
}

// --- judge ---

struct Sweep {
    std::vector<Series> returns;
    Series hold;
    VerdictInput input;

    Verdict judged() {
        input.returns.assign(returns.begin(), returns.end());
        input.hold = hold;
        return judge(input);
    }
};

Sweep sweep_of(std::vector<Series> returns, Series hold) {
    Sweep sweep{.returns = std::move(returns), .hold = std::move(hold), .input = {}};
    sweep.input.annualisation = 246;
    for (std::size_t i = 0; i < sweep.returns.size(); ++i) {
        sweep.input.names.push_back(fmt::format("set_{} n={}", i, 5 * i));
        sweep.input.sharpes.push_back(measure_returns(sweep.returns[i], 246, 365.25).sharpe);
        sweep.input.trades.push_back(500);
    }
    sweep.input.hold_sharpe = measure_returns(sweep.hold, 246, 365.25).sharpe;
    sweep.input.symbols = 9;
    sweep.input.sessions = static_cast<std::int64_t>(sweep.hold.size()) + 1;
    sweep.input.from = "2015-06-15";
    sweep.input.to = "2018-05-04";
    return sweep;
}

// On a market that stands still, x is r and the figures are those of the test matrix.
TEST(Judge, HasTheGoldenValuesOfTheTestMatrix) {
    const Verdict verdict = sweep_of(test_matrix(), Series(160, 0.0)).judged();
    EXPECT_EQ(verdict.best, 6u);
    EXPECT_NEAR(verdict.dsr_best, .38137926, 1e-8);
    EXPECT_NEAR(verdict.luck_sharpe, .14131049 * std::sqrt(246.0), 1e-6);
    EXPECT_NEAR(verdict.effective_trials, 9.294383, 1e-6);
    EXPECT_NEAR(verdict.sets[6].psr, .92843132, 1e-8);
    EXPECT_NEAR(verdict.sets[6].psr_raw, .92843132, 1e-8);
    EXPECT_NEAR(verdict.sets[6].sharpe_beyond, .1171574 * std::sqrt(246.0), 1e-5);
    EXPECT_EQ(verdict.significant_after_fdr, 0);
}

TEST(Judge, CountsASetWithoutVarianceAsSharpeZero) {
    auto m = test_matrix();
    m.push_back(Series(160, 0.0));
    const Verdict verdict = sweep_of(m, Series(160, 0.0)).judged();
    Series sharpes{0};
    for (std::size_t i = 0; i < 10; ++i) sharpes.push_back(session_sharpe(m[i]));
    const double sd = moments_of(sharpes).sd;
    EXPECT_NEAR(verdict.luck_sharpe, expected_best_by_luck(sd * sd, 11) * std::sqrt(246.0), 1e-12);
    const SetVerdict& idle = verdict.sets.back();
    EXPECT_EQ(idle.psr, 0.5);
    EXPECT_EQ(idle.sharpe_beyond, 0);
    EXPECT_LT(idle.dsr, 0.5);
    EXPECT_EQ(idle.q_value, 1);
    EXPECT_TRUE(std::isinf(idle.min_trl));
}

TEST(Judge, RanksSetsWhoseProbabilityHasSaturated) {
    Rng rng{7};
    std::vector<Series> sets(3, Series(1000));
    for (std::size_t i = 0; i < 3; ++i)
        for (double& r : sets[i]) r = .01 * (rng.uniform() - .5 + .5 * static_cast<double>(i + 1));
    std::swap(sets[1], sets[2]);
    const Verdict verdict = sweep_of(sets, Series(1000, 0.0)).judged();
    EXPECT_EQ(verdict.sets[1].psr, 1);
    EXPECT_EQ(verdict.best, 1u);
}

TEST(Judge, GivesABenchmarkOnlyItsRawProbability) {
    const SetVerdict verdict = benchmark_verdict(test_matrix()[6]);
    EXPECT_NEAR(verdict.psr_raw, .92843132, 1e-8);
    EXPECT_TRUE(std::isnan(verdict.psr) && std::isnan(verdict.dsr) && std::isnan(verdict.q_value));
}

// A market of `symbols` that share a factor and rise by `drift` a year; each set flips a coin on
// every symbol every ten sessions or so and is in or out of it.
Sweep coin_flips(std::uint64_t seed, std::size_t sets, double drift) {
    constexpr std::size_t sessions = 1000, symbols = 6;
    Rng rng = Rng::split(20240607, seed);
    std::vector<Series> market(symbols, Series(sessions));
    Series hold(sessions);
    double volatility = 1;
    for (std::size_t t = 0; t < sessions; ++t) {
        volatility = 1 + .95 * (volatility - 1) + .1 * rng.normal();
        const double scale = std::max(.3, volatility) * .008;
        const double factor = rng.normal();
        for (Series& symbol : market) {
            symbol[t] = drift / 246 + scale * (.7 * factor + 1.2 * rng.normal());
            hold[t] += symbol[t] / symbols;
        }
    }
    std::vector<Series> returns(sets, Series(sessions));
    for (Series& set : returns)
        for (const Series& symbol : market) {
            bool in = rng.uniform() < .5;
            for (std::size_t t = 0; t < sessions; ++t) {
                if (rng.uniform() < .1) in = rng.uniform() < .5;
                if (in) set[t] += symbol[t] / symbols;
            }
        }
    return sweep_of(std::move(returns), std::move(hold));
}

bool any_significant(const Series& p) {
    return std::ranges::any_of(benjamini_hochberg(p), [](double q) { return q < .05; });
}

// Timing by coin is worth nothing. Judged on raw returns most of these sweeps are full of "skill",
// since every set earns its share of a rising market; beyond holding no more than the rate remains.
TEST(Judge, FindsNothingInCoinFlipsOnARisingMarket) {
    constexpr int sweeps = 400;
    int found = 0, found_raw = 0, deflated = 0, deflated_raw = 0;
    for (int i = 0; i < sweeps; ++i) {
        Sweep sweep = coin_flips(static_cast<std::uint64_t>(i), 20, .20);
        const Verdict verdict = sweep.judged();
        found += verdict.significant_after_fdr > 0;
        deflated += verdict.dsr_best > .95;
        Series raw_p;
        for (const SetVerdict& set : verdict.sets) raw_p.push_back(1 - set.psr_raw);
        found_raw += any_significant(raw_p);
        deflated_raw += std::ranges::any_of(
            verdict.sets, [](const SetVerdict& set) { return set.psr_raw > .95; });
    }
    RecordProperty("sweeps_with_q_below_05", found);
    RecordProperty("sweeps_with_raw_q_below_05", found_raw);
    EXPECT_LE(found, sweeps * 6 / 100);
    EXPECT_LE(deflated, sweeps * 6 / 100);
    EXPECT_GE(found_raw, sweeps / 2);
    EXPECT_GE(deflated_raw, sweeps / 2);
}

// The same judge does see a set that is in the market on the better days a little more often.
TEST(Judge, FindsTimingThatIsThere) {
    Sweep sweep = coin_flips(3, 20, .10);
    Rng rng{11};
    for (std::size_t t = 0; t < sweep.hold.size(); ++t)
        sweep.returns[13][t] = rng.uniform() < (sweep.hold[t] > 0 ? .65 : .35) ? sweep.hold[t] : 0;
    const Verdict verdict = sweep.judged();
    EXPECT_EQ(verdict.best, 13u);
    EXPECT_GT(verdict.dsr_best, .95);
    EXPECT_LE(verdict.sets[13].q_value, .05);
    EXPECT_EQ(verdict.significant_after_fdr, 1);
}

// --- the text ---

// Figures that the tests set by hand: the words must follow from them alone.
struct Case {
    VerdictInput input;
    Verdict verdict;
    Series hold;

    explicit Case(std::size_t count) : hold(100, .003) {
        for (std::size_t i = 0; i < count; ++i) {
            input.names.push_back(fmt::format("cross n={}", i));
            input.sharpes.push_back(.5 + .01 * static_cast<double>(i));
            input.trades.push_back(100);
        }
        input.hold_sharpe = .8;
        input.symbols = 9;
        input.breaks = 2;
        input.sessions = 713;
        input.from = "2015-06-15";
        input.to = "2018-05-04";
        verdict.sets.resize(count, {.psr = .5,
                                    .psr_raw = .9,
                                    .dsr = .1,
                                    .min_trl = 900,
                                    .q_value = .6,
                                    .sharpe_beyond = .1,
                                    .slope = .5});
        verdict.best = count - 1;
        verdict.sets.back().sharpe_beyond = .71;
        verdict.sets.back().dsr = verdict.dsr_best = .23;
        verdict.luck_sharpe = .92;
    }
    void found(std::size_t i, double q) {
        verdict.sets[i].q_value = q;
        ++verdict.significant_after_fdr;
    }
    std::vector<std::string> sentences() {
        input.hold = hold;
        return detail::verdict_sentences(input, verdict);
    }
    std::string headline() { return detail::verdict_headline(input, verdict); }
    std::string text() { return fmt::format("{}", fmt::join(sentences(), "\n")); }
};

TEST(VerdictText, ComparesWithHoldingFirst) {
    Case nothing_beats_it{108};
    nothing_beats_it.input.hold_sharpe = 2;
    EXPECT_EQ(
        nothing_beats_it.sentences().front(),
        "Holding the 9 symbols returned 34.9% (Sharpe 2.00); none of the 108 sets had a higher "
        "Sharpe, cross n=107 came closest with 1.57.");
    EXPECT_EQ(Case{108}.sentences().front(),
              "Holding the 9 symbols returned 34.9% (Sharpe 0.80); 77 of the 108 sets had a higher "
              "Sharpe, cross n=107 the highest with 1.57.");
}

TEST(VerdictText, NamesTheTriesTheLuckAndTheMark) {
    EXPECT_THAT(
        Case{108}.sentences()[1],
        HasSubstr("108 tries: luck alone gives a Sharpe of 0.92 beyond holding; the best has "
                  "0.71 (cross n=107)"));
    EXPECT_THAT(Case{108}.sentences()[1], HasSubstr("is 0.23 (deflated Sharpe; 0.95 is the mark)"));
}

TEST(VerdictText, SaysWhenTheBestDoesNotLead) {
    Case same{20};
    EXPECT_THAT(same.text(), Not(HasSubstr("is led by another set")));
    Case other{20};
    other.verdict.best = 3;
    EXPECT_THAT(other.text(),
                HasSubstr("is led by another set, cross n=19: beyond holding it has a "
                          "Sharpe of 0.71"));
}

TEST(VerdictText, NamesSurvivorsBreaksWindowAndTries) {
    EXPECT_EQ(
        Case{108}.sentences().back(),
        "Tested on 9 symbols that exist today: those that left the market are missing, which "
        "flatters every figure, holding's too. Window 2015-06-15 to 2018-05-04, 713 sessions; "
        "2 breaks (jumps beyond the day's limit, long halts) cut the series; 108 tries.");
    Case generated{108};
    generated.input.generated = true;
    generated.input.breaks = 0;
    EXPECT_THAT(generated.sentences().back(),
                HasSubstr("9 generated symbols, a market that never was"));
    EXPECT_THAT(generated.sentences().back(), HasSubstr("no breaks in the series"));
    EXPECT_THAT(generated.text(), Not(HasSubstr("exist today")));
}

TEST(VerdictText, OfNothingSignificantIsLuck) {
    Case nothing{108};
    EXPECT_THAT(nothing.text(),
                HasSubstr("Corrected for 108 tries, no set earned significantly more "
                          "than holding explains (smallest q 0.60, 0.05 is the mark)"));
    EXPECT_EQ(nothing.headline(), "No set is distinguishable from luck");
    nothing.verdict.dsr_best = .97;
    EXPECT_THAT(nothing.text(), HasSubstr("that is no claim"));
}

TEST(VerdictText, OfSomethingSignificantAsksForUnseenData) {
    Case some{108};
    some.found(5, .0001);
    some.found(9, .03);
    some.verdict.dsr_best = .98;
    EXPECT_EQ(some.headline(), "2 sets worth a second look");
    EXPECT_THAT(some.text(),
                HasSubstr("2 sets earned significantly more than holding explains: cross "
                          "n=5 (q below 0.001), cross n=9 (q 0.030); worth a second look "
                          "on data not used here, which is not yet proof of anything."));
    some.verdict.dsr_best = .6;
    EXPECT_THAT(some.text(), HasSubstr("the best of 108 tries by luck alone could look the same"));
    some.input.generated = true;
    EXPECT_THAT(some.text(), HasSubstr("false discovery"));
    for (const std::size_t i : {1u, 2u, 3u}) some.found(i, .04);
    EXPECT_THAT(some.text(), HasSubstr("and 2 more"));
}

TEST(VerdictText, ClaimsNothingBelowThirtyTrades) {
    Case few{108};
    few.found(5, .01);
    few.input.trades[5] = 29;
    EXPECT_EQ(few.headline(), "Too few trades for any claim");
    EXPECT_THAT(few.text(), HasSubstr("1 set stays below q 0.05, but with fewer than 30 trades"));
    EXPECT_THAT(few.text(), Not(HasSubstr("cross n=5")));
    few.found(9, .01);
    EXPECT_EQ(few.headline(), "1 set worth a second look");
    EXPECT_THAT(few.text(), HasSubstr("1 more below the mark closed fewer than 30 trades"));
    few.input.trades.back() = 12;
    EXPECT_THAT(few.text(),
                HasSubstr("cross n=107 closed 12 trades: no claim about it is made below "
                          "30."));
}

TEST(VerdictText, OfASingleSetTalksAboutIt) {
    Case single{1};
    EXPECT_EQ(
        single.sentences().front(),
        "Holding the 9 symbols returned 34.9% (Sharpe 0.80); the one set, cross n=0, did not do "
        "better for its risk with a Sharpe of 0.50.");
    EXPECT_THAT(single.text(), HasSubstr("1 try: beyond holding cross n=0 has a Sharpe of 0.71"));
    EXPECT_EQ(single.headline(), "Not distinguishable from luck");
    single.found(0, .01);
    EXPECT_THAT(single.text(),
                HasSubstr("It earned significantly more than holding explains (q 0.010)"));
}

TEST(VerdictText, WithoutTradesThereIsNothingToJudge) {
    Case idle{108};
    std::ranges::fill(idle.input.trades, 0);
    std::ranges::fill(idle.input.sharpes, std::nan(""));
    EXPECT_EQ(idle.headline(), "Nothing to judge");
    EXPECT_EQ(idle.sentences().size(), 2u);
    EXPECT_THAT(idle.text(), HasSubstr("none of the 108 sets ever closed a trade"));
    EXPECT_THAT(idle.text(), Not(HasSubstr("nan")));
}

TEST(VerdictText, NeverSpeaksOfSkill) {
    for (const double q : {.001, .6})
        for (const std::int64_t trades : {0, 10, 500})
            for (const std::size_t count : {1u, 2u, 108u}) {
                Case c{count};
                if (q < .05) c.found(0, q);
                std::ranges::fill(c.input.trades, trades);
                EXPECT_THAT(c.text() + c.headline(), Not(HasSubstr("skill")));
                EXPECT_THAT(c.text(), Not(HasSubstr("  ")));
            }
}

}  // namespace
}  // namespace hsl::analytics
