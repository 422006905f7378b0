// SPDX-License-Identifier: Apache-2.0
#include "base/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "base/rng.hpp"

namespace hsl {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int draws = 200'000;

// Distance from the truth in units of the truth's last place.
double ulps(double found, long double truth) {
    const double near = std::fabs(static_cast<double>(truth));
    const double unit = std::nextafter(near, infinity) - near;
    return static_cast<double>(std::fabs(static_cast<long double>(found) - truth) /
                               static_cast<long double>(unit));
}

double relative(double found, long double truth) {
    return static_cast<double>(std::fabs((static_cast<long double>(found) - truth) / truth));
}

double between(Rng& rng, double first, double last) {
    return first + (last - first) * rng.uniform();
}

long double true_cdf(long double z) {
    return 0.5L * std::erfc(-z / std::numbers::sqrt2_v<long double>);
}

// Newton's method in 80-bit arithmetic from a start that is already near.
long double true_quantile(double p, double start) {
    long double z = start;
    const long double scale = std::numbers::inv_sqrtpi_v<long double> / std::sqrt(2.0L);
    for (int i = 0; i < 3; ++i) z -= (true_cdf(z) - p) / (std::exp(-z * z / 2) * scale);
    return z;
}

}  // namespace

TEST(ExactMath, ExpIsWithinAnUlpOverItsWholeRange) {
    Rng rng{1};
    double worst = 0;
    for (int i = 0; i < draws; ++i) {
        const double wide = between(rng, -745.1, 709.7);
        const double narrow = between(rng, -1, 1);
        worst = std::fmax(worst, ulps(exact_exp(wide), std::exp(static_cast<long double>(wide))));
        worst =
            std::fmax(worst, ulps(exact_exp(narrow), std::exp(static_cast<long double>(narrow))));
    }
    EXPECT_LE(worst, 1.0);
}

TEST(ExactMath, LogIsWithinAnUlpOverItsWholeRange) {
    Rng rng{2};
    double worst = 0;
    for (int i = 0; i < draws; ++i) {
        const double wide = std::bit_cast<double>(rng.next() >> 1);
        const double narrow = between(rng, 0.5, 2);
        if (std::isfinite(wide) && wide > 0) {
            worst =
                std::fmax(worst, ulps(exact_log(wide), std::log(static_cast<long double>(wide))));
        }
        worst =
            std::fmax(worst, ulps(exact_log(narrow), std::log(static_cast<long double>(narrow))));
    }
    EXPECT_LE(worst, 1.0);
}

TEST(ExactMath, LogOfPowersOfTwoIsTheNearestDouble) {
    for (int k = -1074; k <= 1023; ++k) {
        if (k == 0) continue;
        EXPECT_LE(ulps(exact_log(std::ldexp(1.0, k)), std::numbers::ln2_v<long double> * k), 0.51)
            << k;
    }
    EXPECT_EQ(exact_log(1.0), 0.0);
}

// Growth rates: total returns of 1e-6 .. 1e6 to exponents of up to 300 (annualising a week).
TEST(ExactMath, PowErrsByNoMoreThanItsExponentTells) {
    Rng rng{3};
    for (int i = 0; i < draws; ++i) {
        const double base = exact_exp(between(rng, -13.8, 13.8));
        const double exponent = between(rng, -1, 1) * (i % 2 ? 2 : 50);
        const long double truth =
            std::pow(static_cast<long double>(base), static_cast<long double>(exponent));
        const double found = exact_pow(base, exponent);
        if (!std::isfinite(found) || found < std::numeric_limits<double>::min()) continue;
        const double size = std::fabs(exponent * std::log(base));
        ASSERT_LE(ulps(found, truth), 2 + 2.6 * size) << base << " ^ " << exponent;
    }
}

TEST(ExactMath, NormalCdfHoldsBothTailsToFifteenDigits) {
    Rng rng{4};
    double worst = 0;
    for (int i = 0; i < draws; ++i) {
        const double far = between(rng, -37.5, 37.5);
        const double near = between(rng, -3, 3);
        worst = std::fmax(worst, relative(exact_normal_cdf(far), true_cdf(far)));
        worst = std::fmax(worst, relative(exact_normal_cdf(near), true_cdf(near)));
    }
    EXPECT_LE(worst, 2e-15);
}

TEST(ExactMath, NormalQuantileHoldsBothTailsToFifteenDigits) {
    Rng rng{5};
    double worst = 0;
    for (int i = 0; i < draws / 4; ++i) {
        const double far = exact_exp(-700 * rng.uniform());
        const double near = between(rng, 0.001, 0.999);
        for (const double p : {far, near}) {
            if (p >= 1.0 || p == 0.5) continue;
            const double z = exact_normal_quantile(p);
            worst = std::fmax(worst, relative(z, true_quantile(p, z)));
        }
    }
    EXPECT_LE(worst, 2e-15);
}

TEST(ExactMath, NormalQuantileInvertsTheCdf) {
    for (double z = -8; z <= 5; z += 0.015625) {
        // Rounding of p moves z by its distance over the density, which grows in the upper tail.
        const double slack = 1e-15 * (1 + std::exp(z > 0 ? z * z / 2 : 0));
        EXPECT_NEAR(exact_normal_quantile(exact_normal_cdf(z)), z, 8 * slack) << z;
    }
}

TEST(ExactMath, NormalTablesAreMet) {
    EXPECT_DOUBLE_EQ(exact_normal_cdf(0), 0.5);
    EXPECT_DOUBLE_EQ(exact_normal_cdf(1.959963984540054), 0.975);
    EXPECT_DOUBLE_EQ(exact_normal_cdf(-10), 7.61985302416052606597e-24);
    EXPECT_DOUBLE_EQ(exact_normal_quantile(0.975), 1.95996398454005423552);
    // The two values that Wichura prints with the algorithm.
    EXPECT_DOUBLE_EQ(exact_normal_quantile(0.25), -0.6744897501960817);
    EXPECT_DOUBLE_EQ(exact_normal_quantile(0.001), -3.090232306167814);
    EXPECT_DOUBLE_EQ(exact_normal_quantile(1e-20), -9.262340089798408);
}

TEST(ExactMath, TheNormalDistributionIsSymmetric) {
    Rng rng{6};
    for (int i = 0; i < draws / 10; ++i) {
        const double z = between(rng, -6, 6);
        EXPECT_NEAR(exact_normal_cdf(z) + exact_normal_cdf(-z), 1.0, 1.2e-16);
        const double p = static_cast<double>(rng.next() >> 12) * 0x1p-53;  // 1 - p is exact
        EXPECT_EQ(exact_normal_quantile(p), -exact_normal_quantile(1 - p));
    }
}

// Steps of some units in the last place of the result, all along and across each joint of two
// approximations; the quantile is so flat in p that its step is wider.
TEST(ExactMath, NothingEverTurnsBack) {
    Rng rng{7};
    const auto climbs = [&](double (*function)(double), double first, double last,
                            double step = 0x1p-46) {
        for (int i = 0; i < draws / 10; ++i) {
            const double x = between(rng, first, last);
            const double y = x + std::fabs(x) * step;
            ASSERT_LE(function(x), function(y)) << x;
        }
    };
    climbs(exact_exp, -745, 709);
    climbs(exact_log, 1e-3, 1e3);
    climbs(exact_normal_cdf, -38, 9);
    climbs(exact_normal_quantile, 0, 0.5, 0x1p-42);
    climbs(exact_normal_quantile, 1e-300, 1e-290, 0x1p-38);
    for (const double joint : {0.67448975, 5.656854249492380195, 39.0}) {
        climbs(exact_normal_cdf, joint * (1 - 1e-13), joint * (1 + 1e-13));
        climbs(exact_normal_cdf, -joint * (1 + 1e-13), -joint * (1 - 1e-13));
    }
    for (const double joint : {0.075, 0.925, 1.3887943864964021e-11, 1 - 1.3887943864964021e-11}) {
        climbs(exact_normal_quantile, joint * (1 - 1e-12), joint * (1 + 1e-12), 0x1p-40);
    }
    for (int k = -1000; k <= 1000; ++k) {
        const double joint = std::numbers::ln2 * (k + 0.5);
        if (joint > -745 && joint < 709)
            ASSERT_LE(exact_exp(joint - std::fabs(joint) * 0x1p-47),
                      exact_exp(joint + std::fabs(joint) * 0x1p-47));
    }
}

TEST(ExactMath, EndsAndMissingValues) {
    EXPECT_TRUE(std::isnan(exact_exp(nan)));
    EXPECT_EQ(exact_exp(infinity), infinity);
    EXPECT_EQ(exact_exp(-infinity), 0.0);
    EXPECT_EQ(exact_exp(0.0), 1.0);
    EXPECT_EQ(exact_exp(-0.0), 1.0);
    EXPECT_EQ(exact_exp(710.0), infinity);
    EXPECT_GT(exact_exp(709.78), 1.7e308);
    EXPECT_EQ(exact_exp(-746.0), 0.0);
    EXPECT_EQ(exact_exp(-745.13), std::numeric_limits<double>::denorm_min());

    EXPECT_TRUE(std::isnan(exact_log(nan)));
    EXPECT_TRUE(std::isnan(exact_log(-1.0)));
    EXPECT_TRUE(std::isnan(exact_log(-infinity)));
    EXPECT_EQ(exact_log(0.0), -infinity);
    EXPECT_EQ(exact_log(-0.0), -infinity);
    EXPECT_EQ(exact_log(infinity), infinity);

    EXPECT_EQ(exact_pow(0.0, 0.5), 0.0);
    EXPECT_EQ(exact_pow(1.0, infinity), 1.0);
    EXPECT_EQ(exact_pow(3.0, 0.0), 1.0);
    EXPECT_EQ(exact_pow(3.0, 1.0), 3.0);
    EXPECT_TRUE(std::isnan(exact_pow(-2.0, 0.5)));
    EXPECT_TRUE(std::isnan(exact_pow(nan, 0.5)));

    EXPECT_TRUE(std::isnan(exact_normal_cdf(nan)));
    EXPECT_EQ(exact_normal_cdf(-infinity), 0.0);
    EXPECT_EQ(exact_normal_cdf(infinity), 1.0);
    EXPECT_EQ(exact_normal_cdf(-40), 0.0);
    EXPECT_GT(exact_normal_cdf(-38), 0.0);
    EXPECT_EQ(exact_normal_cdf(9), 1.0);

    EXPECT_EQ(exact_normal_quantile(0.0), -infinity);
    EXPECT_EQ(exact_normal_quantile(1.0), infinity);
    EXPECT_EQ(exact_normal_quantile(0.5), 0.0);
    for (const double p : {nan, -0.1, 1.1, infinity})
        EXPECT_TRUE(std::isnan(exact_normal_quantile(p)));
}

TEST(Rng, NormalsHaveTheMomentsOfTheNormal) {
    Rng rng{8};
    double sum = 0, square = 0, third = 0, fourth = 0;
    const int count = 400'000;
    for (int i = 0; i < count; ++i) {
        const double z = rng.normal();
        sum += z;
        square += z * z;
        third += z * z * z;
        fourth += z * z * z * z;
    }
    // Five standard errors: 1, sqrt(2), sqrt(15) and sqrt(96) over sqrt(count).
    const double unit = 5 / std::sqrt(static_cast<double>(count));
    EXPECT_NEAR(sum / count, 0, unit);
    EXPECT_NEAR(square / count, 1, unit * std::sqrt(2));
    EXPECT_NEAR(third / count, 0, unit * std::sqrt(15));
    EXPECT_NEAR(fourth / count, 3, unit * std::sqrt(96));
}

TEST(Rng, NormalTakesOneDraw) {
    Rng left{9}, right{9};
    left.normal();
    right.next();
    EXPECT_EQ(left.next(), right.next());
}

TEST(Rng, StreamsOfASeedAreUncorrelated) {
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
        Rng left = Rng::split(42, stream), right = Rng::split(42, stream + 1);
        double product = 0;
        for (int i = 0; i < 10'000; ++i) product += left.normal() * right.normal();
        EXPECT_LT(std::fabs(product / 100), 5) << stream;
    }
}

// The bits themselves, the same on every CPU and with every compiler: a change here changes every
// generated market and the identity of every run.
TEST(ExactMath, BitsNeverChange) {
    Hasher hash;
    const auto add = [&](double x) { hash.add_number(std::bit_cast<std::int64_t>(x)); };
    Rng rng{42};
    for (int i = 0; i < 2'000; ++i) {
        const double u = rng.uniform();
        add(exact_exp(1400 * u - 740));
        add(exact_exp(u - 0.5));
        add(exact_log(exact_exp(1400 * u - 740)));
        add(exact_log(0.5 + u));
        add(exact_pow(0.5 + u, 3.7 * u));
        add(exact_normal_cdf(76 * u - 38));
        add(exact_normal_cdf(4 * u - 2));
        add(exact_normal_quantile(u));
        add(exact_normal_quantile(exact_exp(-700 * u)));
        add(rng.normal());
    }
    EXPECT_EQ(hash.hex(16), "a76c2c9a0e50b30a");
}

}  // namespace hsl
