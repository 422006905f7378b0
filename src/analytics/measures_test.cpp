// SPDX-License-Identifier: Apache-2.0
#include "analytics/measures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/rng.hpp"

namespace hsl::analytics {
namespace {

using Returns = std::vector<double>;

Returns random_returns(std::uint64_t seed, std::size_t count) {
    Rng rng{seed};
    Returns returns(count);
    for (double& r : returns) r = 0.0004 + 0.01 * rng.normal();
    return returns;
}

Measures yearly(const Returns& returns) { return measure_returns(returns, 252, 365.25); }

TEST(Measures, AgreeWithEmpyrical) {
    const std::string path =
        std::string{std::getenv("HSL_SOURCE_DIR")} + "/data/golden/empyrical/measures.tsv";
    std::ifstream file{path};
    ASSERT_TRUE(file) << path;
    const std::map<std::string, double Measures::*> fields{
        {"total_return", &Measures::total_return},
        {"max_drawdown", &Measures::max_drawdown},
        {"volatility", &Measures::volatility},
        {"sharpe", &Measures::sharpe},
        {"sortino", &Measures::sortino},
        {"calmar", &Measures::calmar},
        {"cagr", &Measures::cagr}};
    int cases = 0;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream row{line};
        std::string test, name, annualisation, periods, series, decimals, expected;
        for (std::string* cell :
             {&test, &name, &annualisation, &periods, &series, &decimals, &expected})
            ASSERT_TRUE(std::getline(row, *cell, '\t')) << line;
        Returns returns;
        std::istringstream values{series};
        for (double value = 0; values >> value;) returns.push_back(value / 100);
        const double per_year = std::stod(annualisation);
        const Measures got =
            measure_returns(returns, per_year, std::stod(periods) / per_year * 365.25);
        const double value = got.*fields.at(name);
        if (expected == "nan")
            EXPECT_TRUE(std::isnan(value)) << line << " gave " << value;
        else
            EXPECT_NEAR(value, std::stod(expected), 0.5 * std::pow(10.0, -std::stod(decimals)))
                << line;
        ++cases;
    }
    EXPECT_EQ(cases, 33);
}

TEST(Measures, AnnualisesBySessionsAYearOfTheWindow) {
    EXPECT_DOUBLE_EQ(annualisation_for(1230, 1826), 1230 * 365.25 / 1826);
    EXPECT_TRUE(std::isnan(annualisation_for(3, 0)));
}

TEST(Measures, SharpeIsUndefinedWithoutVariance) {
    // 0.01 summed and divided again is not 0.01 to the last bit: a variance of rounding would give
    // a Sharpe of 1e17.
    const Measures flat = yearly(Returns(9, 0.01));
    EXPECT_TRUE(std::isnan(flat.sharpe));
    EXPECT_EQ(flat.volatility, 0);
    EXPECT_NEAR(flat.total_return, std::pow(1.01, 9) - 1, 1e-15);
    EXPECT_TRUE(std::isnan(yearly({0.01}).sharpe));
    EXPECT_TRUE(std::isnan(yearly({0.01}).volatility));
    EXPECT_TRUE(std::isnan(yearly(Returns(20, 0.0)).sharpe));
}

TEST(Measures, NothingIsDefinedWithoutReturns) {
    const Measures none = yearly({});
    for (const double value : {none.total_return, none.cagr, none.volatility, none.sharpe,
                               none.sortino, none.max_drawdown, none.calmar})
        EXPECT_TRUE(std::isnan(value));
    EXPECT_EQ(none.max_drawdown_sessions, 0);
}

TEST(Measures, SortinoIsUndefinedWithoutALoss) {
    EXPECT_TRUE(std::isnan(yearly({0.01, 0.02, 0}).sortino));
    // mean .005; sqrt(mean(min(r, 0)^2)) = .01 / sqrt(2)
    EXPECT_NEAR(yearly({0.02, -0.01}).sortino, 0.005 / (0.01 / std::sqrt(2.0)) * std::sqrt(252.0),
                1e-12);
}

TEST(Measures, DrawdownCountsFromTheStartingOne) {
    const Measures fell = yearly({-0.2, 0.1, 0.05});
    EXPECT_NEAR(fell.max_drawdown, 0.2, 1e-15);
    EXPECT_EQ(fell.max_drawdown_sessions, 3);  // never recovered: to the end
}

TEST(Measures, DrawdownLastsFromThePeakToRecovery) {
    // 1, 1.1, 1.1, .55, .605, 1.21 (recovered), 1.089
    const Measures measures = yearly({0.1, 0, -0.5, 0.1, 1, -0.1});
    EXPECT_NEAR(measures.max_drawdown, 0.5, 1e-15);
    EXPECT_EQ(measures.max_drawdown_sessions, 3);  // session 2, the last at the peak, to session 5
}

TEST(Measures, DrawdownLengthIsOfTheDeepestNotTheLongest) {
    // A shallow fall of six sessions, then a deep one of two.
    const Measures measures = yearly({0.1, -0.02, 0, 0, 0, 0, 0.05, 0.1, -0.3, 0.8});
    EXPECT_NEAR(measures.max_drawdown, 0.3, 1e-15);
    EXPECT_EQ(measures.max_drawdown_sessions, 2);
}

TEST(Measures, CalmarIsUndefinedWithoutDrawdown) {
    const Measures rising = yearly({0.01, 0.02, 0.01});
    EXPECT_EQ(rising.max_drawdown, 0);
    EXPECT_EQ(rising.max_drawdown_sessions, 0);
    EXPECT_TRUE(std::isnan(rising.calmar));
}

TEST(Measures, LosingEverythingIsMinusOne) {
    const Measures ruined = yearly({0.1, -1, 0});
    EXPECT_EQ(ruined.total_return, -1);
    EXPECT_EQ(ruined.cagr, -1);
    EXPECT_EQ(ruined.max_drawdown, 1);
}

TEST(Measures, RatiosDoNotChangeWithScale) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Returns returns = random_returns(seed, 300);
        const Measures once = yearly(returns);
        for (double& r : returns) r *= 0.5;
        const Measures half = yearly(returns);
        EXPECT_NEAR(half.sharpe, once.sharpe, 1e-10);
        EXPECT_NEAR(half.sortino, once.sortino, 1e-10);
        EXPECT_NEAR(half.volatility, once.volatility / 2, 1e-12);
    }
}

TEST(Measures, AShiftMovesTheMeanAndLeavesVolatility) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Returns returns = random_returns(seed, 300);
        const Measures before = yearly(returns);
        for (double& r : returns) r += 0.001;
        const Measures after = yearly(returns);
        EXPECT_NEAR(after.volatility, before.volatility, 1e-12);
        EXPECT_NEAR(after.sharpe - before.sharpe, 0.001 * 252 / before.volatility, 1e-9);
        EXPECT_GT(after.total_return, before.total_return);
        EXPECT_LE(after.max_drawdown, before.max_drawdown);
    }
}

TEST(Measures, DrawdownIsTheWorstOfAllPairs) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        const Returns returns = random_returns(seed, 120);
        Returns curve{1};
        for (const double r : returns) curve.push_back(curve.back() * (1 + r));
        double worst = 0;
        for (std::size_t i = 0; i < curve.size(); ++i)
            for (std::size_t j = i; j < curve.size(); ++j)
                worst = std::max(worst, 1 - curve[j] / curve[i]);
        EXPECT_NEAR(yearly(returns).max_drawdown, worst, 1e-14);
    }
}

}  // namespace
}  // namespace hsl::analytics
