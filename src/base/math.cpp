// SPDX-License-Identifier: Apache-2.0
#include "base/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace hsl {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first has 33 significant bits, so k x ln2_high is exact for |k| < 2^20.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;
constexpr double ln2_inverse = 0x1.71547652b82fep0;

// a[0] + a[1] x + ... by Horner's rule.
template <std::size_t Count>
double polynomial(double x, const double (&coefficients)[Count]) {
    double sum = coefficients[Count - 1];
    for (std::size_t i = Count - 1; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

// 2^k for -1022 <= k <= 1023.
double power_of_two(int k) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

// exp(-x x / 2) for x >= 0: x is split at a multiple of 1/16 so that the square of the large part
// is exact (Cody 1969); the plain product would lose |x|^2 / 2 units in the last place.
double exp_of_half_square(double x) {
    const double head = static_cast<double>(static_cast<std::int64_t>(x * 16.0)) / 16.0;
    const double rest = (x - head) * (x + head);
    return exact_exp(-head * head * 0.5) * exact_exp(-rest * 0.5);
}

}  // namespace

// x = k ln 2 + r with |r| <= ln 2 / 2, then the rational approximation of FreeBSD's msun (Sun
// Microsystems 1993): r (exp(r) + 1) / (exp(r) - 1) is even, a polynomial in r^2 to 2^-59.
double exact_exp(double x) {
    if (std::isnan(x)) return x;
    if (x > 709.782712893383973096) return infinity;
    if (x < -745.13321910194110842) return 0.0;
    // Adding and taking away 1.5 x 2^52 rounds to the nearest whole number.
    const double shift = 0x1.8p52;
    const double count = (x * ln2_inverse + shift) - shift;
    const double high = x - count * ln2_high;
    const double low = count * ln2_low;
    const double r = high - low;
    static constexpr double even[] = {1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                      6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                      4.13813679705723846039e-08};
    const double square = r * r;
    const double c = r - square * polynomial(square, even);
    const double fraction = 1.0 - ((low - (r * c) / (2.0 - c)) - high);
    // Two factors, since 2^k alone leaves the range at both ends; the first one is exact.
    const int k = static_cast<int>(count);
    const int half = k / 2;
    return fraction * power_of_two(half) * power_of_two(k - half);
}

// x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), s = f / (2 + f), and
// log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), R to 2^-58 (FreeBSD's msun, Sun Microsystems 1993).
double exact_log(double x) {
    if (std::isnan(x) || x == infinity) return x;
    if (x <= 0.0) return x == 0.0 ? -infinity : not_a_number;
    int k = 0;
    if (x < std::numeric_limits<double>::min()) {
        x *= 0x1p54;
        k = -54;
    }
    auto bits = std::bit_cast<std::uint64_t>(x);
    constexpr std::uint64_t half_root = 0x3fe6a09e667f3bcdull;  // sqrt(1/2)
    constexpr std::uint64_t one = 0x3ff0000000000000ull;
    bits += one - half_root;
    k += static_cast<int>(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffull) + half_root;
    const double f = std::bit_cast<double>(bits) - 1.0;
    static constexpr double series[] = {6.666666666666735130e-01, 3.999999999940941908e-01,
                                        2.857142874366239149e-01, 2.222219843214978396e-01,
                                        1.818357216161805012e-01, 1.531383769920937332e-01,
                                        1.479819860511658591e-01};
    const double s = f / (2.0 + f);
    const double square = s * s;
    const double rest = square * polynomial(square, series);
    const double half = 0.5 * f * f;
    const double count = k;
    return s * (half + rest) + count * ln2_low - half + f + count * ln2_high;
}

// The error of e log(base), up to 1.3 of its last places, is scaled by |e log(base)| in the result.
double exact_pow(double base, double e) {
    if (e == 0.0 || base == 1.0) return 1.0;
    if (e == 1.0) return base;
    return exact_exp(e * exact_log(base));
}

// Rational Chebyshev approximations of W. J. Cody (1969) in the form of ANORM (TOMS 715, 1993),
// with a relative error below 1e-15 in the lower tail as well.
double exact_normal_cdf(double z) {
    if (std::isnan(z)) return z;
    const double y = std::fabs(z);
    if (y <= 0.67448975) {
        static constexpr double a[] = {18154.981253343561249, 1067.6894854603709582,
                                       161.02823106855587881, 2.2352520354606839287,
                                       0.065682337918207449113};
        static constexpr double b[] = {45507.789335026729956, 10260.932208618978205,
                                       976.09855173777669322, 47.20258190468824187, 1.0};
        const double square = y * y;
        return 0.5 + z * polynomial(square, a) / polynomial(square, b);
    }
    double tail = 0.0;
    if (y <= 5.656854249492380195) {  // sqrt(32)
        static constexpr double c[] = {
            9842.7148383839780218, 11602.651437647350124,  6848.1904505362823326,
            2494.5375852903726711, 597.27027639480026226,  93.506656132177855979,
            8.8831497943883759412, 0.39894151208813466764, 1.0765576773720192317e-8};
        static constexpr double d[] = {
            19685.429676859990727, 38912.003286093271411, 34900.952721145977266,
            18615.571640885098091, 6485.558298266760755,  1519.377599407554805,
            235.38790178262499861, 22.266688044328115691, 1.0};
        tail = exp_of_half_square(y) * polynomial(y, c) / polynomial(y, d);
    } else if (y < 39.0) {  // beyond, the tail is below the smallest double
        static constexpr double p[] = {2.9112874951168792e-5, 0.001421619193227893466,
                                       0.022235277870649807,  0.1274011611602473639,
                                       0.21589853405795699,   0.02307344176494017303};
        static constexpr double q[] = {7.29751555083966205e-5, 0.00378239633202758244,
                                       0.0659881378689285515,  0.468238212480865118,
                                       1.28426009614491121,    1.0};
        constexpr double root_two_pi_inverse = 0.398942280401432677939946;
        const double square = 1.0 / (y * y);
        const double bend = square * polynomial(square, p) / polynomial(square, q);
        tail = exp_of_half_square(y) * ((root_two_pi_inverse - bend) / y);
    }
    return z < 0.0 ? tail : 0.5 - tail + 0.5;
}

// PPND16 of M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988): about 1 part in 10^16.
double exact_normal_quantile(double p) {
    if (!(p >= 0.0 && p <= 1.0)) return not_a_number;
    if (p == 0.0) return -infinity;
    if (p == 1.0) return infinity;
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        static constexpr double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                       1.9715909503065514427e3, 1.3731693765509461125e4,
                                       4.5921953931549871457e4, 6.7265770927008700853e4,
                                       3.3430575583588128105e4, 2.5090809287301226727e3};
        static constexpr double b[] = {1.0,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3};
        const double r = 0.180625 - q * q;
        return q * polynomial(r, a) / polynomial(r, b);
    }
    double r = std::sqrt(-exact_log(q < 0.0 ? p : 1.0 - p));
    double size = 0.0;
    if (r <= 5.0) {
        static constexpr double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                       5.76949722146069140550e0,  3.64784832476320460504e0,
                                       1.27045825245236838258e0,  2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
        static constexpr double d[] = {1.0,
                                       2.05319162663775882187e0,
                                       1.67638483018380384940e0,
                                       6.89767334985100004550e-1,
                                       1.48103976427480074590e-1,
                                       1.51986665636164571966e-2,
                                       5.47593808499534494600e-4,
                                       1.05075007164441684324e-9};
        r -= 1.6;
        size = polynomial(r, c) / polynomial(r, d);
    } else {
        static constexpr double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                       1.78482653991729133580e0,  2.96560571828504891230e-1,
                                       2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                       2.71155556874348757815e-5, 2.01033439929228813265e-7};
        static constexpr double f[] = {1.0,
                                       5.99832206555887937690e-1,
                                       1.36929880922735805310e-1,
                                       1.48753612908506148525e-2,
                                       7.86869131145613259100e-4,
                                       1.84631831751005468180e-5,
                                       1.42151175831644588870e-7,
                                       2.04426310338993978564e-15};
        r -= 5.0;
        size = polynomial(r, e) / polynomial(r, f);
    }
    return q < 0.0 ? -size : size;
}

}  // namespace hsl
