// SPDX-License-Identifier: Apache-2.0
//
// What holds for every indicator whatever its formula, and the conventions a trader would ask
// about.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "base/tile.hpp"
#include "indicators/catalogue.hpp"

namespace hsl::indicators {
namespace {

using Column = std::vector<double>;
using Bars = std::map<Input, Column>;

constexpr std::uint64_t seed = 31;
const double nan = std::numeric_limits<double>::quiet_NaN();

Bars walk(std::size_t count, double unit = 1, std::uint64_t with_seed = seed) {
    Rng rng(with_seed);
    Bars bars;
    double close = 50000;
    for (std::size_t t = 0; t < count; ++t) {
        const auto on_grid = [&](double price) {
            return std::max(unit, std::round(price / unit) * unit);
        };
        const double open = close;
        close = on_grid(close * (1 + 0.05 * (rng.uniform() - 0.5)));
        bars[Input::open].push_back(open);
        bars[Input::high].push_back(on_grid(std::max(open, close) * (1 + 0.01 * rng.uniform())));
        bars[Input::low].push_back(on_grid(std::min(open, close) * (1 - 0.01 * rng.uniform())));
        bars[Input::close].push_back(close);
        bars[Input::volume].push_back(static_cast<double>(rng.below(1000000)));
    }
    bars[Input::series] = bars[Input::close];
    return bars;
}

// All prices to the given function, volume as it is.
template <class Change>
Bars change_prices(Bars bars, Change change) {
    for (auto& [input, column] : bars)
        if (input != Input::volume)
            for (double& value : column) value = change(value);
    return bars;
}

Column standards(const Spec& spec) {
    Column params;
    for (const Param& param : spec.params) params.push_back(param.standard);
    return params;
}

std::vector<Column> compute(const Spec& spec, const Column& params, const Bars& bars) {
    std::vector<const double*> in;
    for (const Input input : spec.inputs) in.push_back(bars.at(input).data());
    const std::size_t count = bars.at(spec.inputs[0]).size();
    std::vector<Column> results(spec.outputs.size(), Column(count));
    std::vector<double*> out;
    for (Column& result : results) out.push_back(result.data());
    compute_reference(spec, params, in, out, count);
    return results;
}

Column compute(std::string_view name, const Column& params, const Bars& bars,
               std::size_t output = 0) {
    return compute(*find_spec(name), params, bars)[output];
}

Bars series(Column values) { return {{Input::series, std::move(values)}}; }

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::string name_of(const testing::TestParamInfo<const Spec*>& tested) {
    return std::string{tested.param->name};
}

class EveryIndicator : public testing::TestWithParam<const Spec*> {};
INSTANTIATE_TEST_SUITE_P(Catalogue, EveryIndicator,
                         testing::ValuesIn(all_specs().begin(), all_specs().end()), name_of);

TEST_P(EveryIndicator, IsSilentForItsLookbackAndNoLonger) {
    const Spec& spec = *GetParam();
    const Bars bars = walk(400);
    std::vector<Column> sets{standards(spec), standards(spec)};
    for (std::size_t i = 0; i < spec.params.size(); ++i)
        if (spec.params[i].whole) sets[1][i] = spec.params[i].first;
    for (const Column& params : sets) {
        const auto lookback = static_cast<std::size_t>(spec.lookback(params));
        EXPECT_GE(spec.settling(params), spec.lookback(params));
        for (const Column& output : compute(spec, params, bars))
            for (std::size_t t = 0; t < output.size(); ++t)
                ASSERT_EQ(std::isnan(output[t]), t < lookback) << "bar " << t;
    }
}

TEST_P(EveryIndicator, DoesNotSeeTheFuture) {
    const Spec& spec = *GetParam();
    const Bars bars = walk(600);
    const auto whole = compute(spec, standards(spec), bars);
    for (const std::size_t count : {1u, 7u, 34u, 300u, 599u}) {
        Bars other = walk(600, 1, seed + count);
        for (auto& [input, column] : other)
            std::copy_n(bars.at(input).begin(), count, column.begin());
        const auto changed = compute(spec, standards(spec), other);
        for (std::size_t o = 0; o < whole.size(); ++o)
            for (std::size_t t = 0; t < count; ++t)
                ASSERT_TRUE(same(whole[o][t], changed[o][t]))
                    << spec.outputs[o] << " at bar " << t << " moved with bars from " << count;
    }
}

TEST_P(EveryIndicator, TakesEachRunOfKnownBarsAsASeriesOfItsOwn) {
    const Spec& spec = *GetParam();
    const std::size_t count = 700, cut = 310;
    Bars bars = walk(count);
    for (const Input missing : spec.inputs) {
        Bars holed = bars;
        holed[missing][cut] = nan;
        Bars head, tail;
        for (const auto& [input, column] : bars) {
            head[input].assign(column.begin(), column.begin() + cut);
            tail[input].assign(column.begin() + cut + 1, column.end());
        }
        const auto found = compute(spec, standards(spec), holed);
        const auto before = compute(spec, standards(spec), head);
        const auto after = compute(spec, standards(spec), tail);
        for (std::size_t o = 0; o < found.size(); ++o) {
            for (std::size_t t = 0; t < cut; ++t) ASSERT_TRUE(same(found[o][t], before[o][t]));
            EXPECT_TRUE(std::isnan(found[o][cut]));
            for (std::size_t t = cut + 1; t < count; ++t)
                ASSERT_TRUE(same(found[o][t], after[o][t - cut - 1])) << "bar " << t;
        }
    }
}

// How outputs answer when every price is multiplied or raised by the same amount.
enum class Answer { stays, follows };

TEST_P(EveryIndicator, AnswersToScaleAndShiftAsItsUnitSays) {
    const Spec& spec = *GetParam();
    const std::string_view name = spec.name;
    const std::set<std::string_view> percent{"rsi", "stoch",   "cci",     "roc",
                                             "adx", "plus_di", "minus_di"};
    const std::set<std::string_view> level{"sma", "ema", "wma", "bbands", "min", "max"};
    const Bars bars = walk(900);
    const auto plain = compute(spec, standards(spec), bars);
    const double factor = 3.7, offset = 12345.6;
    const auto scaled =
        compute(spec, standards(spec), change_prices(bars, [&](double x) { return x * factor; }));
    const auto shifted =
        compute(spec, standards(spec), change_prices(bars, [&](double x) { return x + offset; }));
    const bool unitless = percent.contains(name) || name == "obv";
    const Answer to_scale = unitless ? Answer::stays : Answer::follows;
    const Answer to_shift = level.contains(name) ? Answer::follows : Answer::stays;
    for (std::size_t o = 0; o < plain.size(); ++o)
        for (std::size_t t = 0; t < plain[o].size(); ++t) {
            const double x = plain[o][t];
            if (std::isnan(x)) continue;
            // Rounding of inputs near 50,000, as seen in the output's unit.
            const double tolerance = unitless ? 1e-7 : 1e-6;
            ASSERT_NEAR(scaled[o][t], to_scale == Answer::stays ? x : x * factor, tolerance);
            if (name == "roc") continue;  // a ratio of levels: neither
            ASSERT_NEAR(shifted[o][t], to_shift == Answer::stays ? x : x + offset, tolerance);
        }
}

// Rounding must not pile up in anything that rolls: a late stretch computed on its own, from far
// enough before, agrees with the same stretch of a long series.
TEST_P(EveryIndicator, DoesNotDriftOverTwentyThousandBars) {
    const Spec& spec = *GetParam();
    const std::size_t count = 20000, begin = 18000;
    const Bars bars = walk(count, 0.01);
    Bars late;
    for (const auto& [input, column] : bars)
        late[input].assign(column.begin() + begin, column.end());
    const auto all = compute(spec, standards(spec), bars);
    const auto fresh = compute(spec, standards(spec), late);
    for (std::size_t o = 0; o < all.size(); ++o)
        for (std::size_t t = 1000; t < count - begin; ++t) {
            // A running total remembers what came before: exact, since volumes are whole.
            const double before = spec.name == "obv" ? all[o][begin] - fresh[o][0] : 0;
            const double expected = fresh[o][t] + before;
            const double scale = std::max(std::abs(expected), 1.0);
            ASSERT_NEAR(all[o][begin + t], expected, 1e-9 * scale) << "bar " << t;
        }
}

TEST(Catalogue, NamesAreUniqueAndFound) {
    std::set<std::string_view> names;
    for (const Spec* spec : all_specs()) {
        EXPECT_TRUE(names.insert(spec->name).second) << spec->name;
        EXPECT_EQ(find_spec(spec->name), spec);
        EXPECT_TRUE(spec->summary.ends_with('.')) << spec->name;
        for (const Param& param : spec->params) {
            EXPECT_GE(param.standard, param.first);
            EXPECT_LE(param.standard, param.last);
        }
    }
    EXPECT_EQ(find_spec("SMA"), nullptr);
    EXPECT_EQ(find_spec(""), nullptr);
}

TEST(Catalogue, DiesOfAParameterOutsideItsRange) {
    const Bars bars = walk(10);
    EXPECT_DEATH(compute("sma", {0}, bars), "params");
    EXPECT_DEATH(compute("sma", {2.5}, bars), "whole");
    EXPECT_DEATH(compute("sma", {}, bars), "size");
}

TEST(Sma, OfAFlatStretchIsExactlyThePrice) {
    Column values = walk(300, 0.01)[Input::close];
    values.resize(400, 0.07);
    EXPECT_NEAR(compute("sma", {7}, series(values)).back(), 0.07, 1e-9);
    Column won = walk(300)[Input::close];
    won.resize(400, 70301);
    EXPECT_EQ(compute("sma", {7}, series(won)).back(), 70301);
}

TEST(Sma, IsAnchoredAtEvery256thBarOfItsRun) {
    // 1e18 swallows what is added to it; when it has left the window the rolling sum is still
    // wrong, and the anchor at bar 256 of the run makes it right.
    Column values(300, 1.0);
    values[100] = 1e18;
    const Column mean = compute("sma", {10}, series(values));
    EXPECT_NE(mean[255], 1.0);
    EXPECT_EQ(mean[256], 1.0);
    Column late(50, nan);
    late.insert(late.end(), values.begin(), values.end());
    const Column of_late = compute("sma", {10}, series(late));
    EXPECT_NE(of_late[305], 1.0);
    EXPECT_EQ(of_late[306], 1.0);
}

TEST(Ema, SeedsWithMeanOfFirstN) {
    const Column ema = compute("ema", {3}, series({1, 2, 6, 5, 5}));
    EXPECT_TRUE(std::isnan(ema[1]));
    EXPECT_EQ(ema[2], 3);
    EXPECT_EQ(ema[3], 4);  // weight 2 / (3 + 1)
    EXPECT_EQ(ema[4], 4.5);
}

TEST(Wma, WeighsTheNewestMost) {
    EXPECT_EQ(compute("wma", {3}, series({1, 2, 6}))[2], (1 * 1 + 2 * 2 + 6 * 3) / 6.0);
}

TEST(Macd, SeedsTheFastAverageOnTheSlowOnesFirstBar) {
    // Fast 2, slow 4: the fast average starts as the mean of bars 2 and 3.
    const Column values{100, 100, 1, 3, 5};
    const Column line = compute("macd", {2, 4, 1}, series(values));
    EXPECT_TRUE(std::isnan(line[2]));
    EXPECT_EQ(line[3], 2 - 51.0);
    const Column swapped = compute("macd", {4, 2, 1}, series(values));
    EXPECT_EQ(swapped[3], line[3]);
    EXPECT_EQ(swapped[4], line[4]);
}

TEST(Macd, BeginsAllOutputsWithTheSignal) {
    const auto outputs = compute(*find_spec("macd"), {12, 26, 9}, walk(100));
    for (const Column& output : outputs) {
        EXPECT_TRUE(std::isnan(output[32]));
        EXPECT_FALSE(std::isnan(output[33]));
    }
    EXPECT_EQ(outputs[2][60], outputs[0][60] - outputs[1][60]);
}

TEST(Bbands, HasTheSimpleAverageInTheMiddleAndUpperFirst) {
    const Bars bars = walk(500);
    const auto bands = compute(*find_spec("bbands"), {20, 2, 1}, bars);
    const Column sma = compute("sma", {20}, bars), spread = compute("stddev", {20, 1}, bars);
    for (std::size_t t = 19; t < 500; ++t) {
        ASSERT_EQ(bands[1][t], sma[t]);
        ASSERT_EQ(bands[0][t], sma[t] + 2 * spread[t]);
        ASSERT_EQ(bands[2][t], sma[t] - 1 * spread[t]);
    }
}

TEST(Stddev, IsOfThePopulation) {
    EXPECT_NEAR(compute("stddev", {2, 1}, series({1, 3}))[1], 1.0, 1e-15);
}

TEST(Stddev, KeepsItsDigitsFarFromZero) {
    Column near, far;
    Rng rng(seed);
    for (int t = 0; t < 1000; ++t) {
        near.push_back(std::round(1000 * rng.uniform()) / 1024);
        far.push_back(near.back() + 1e9);
    }
    const Column a = compute("stddev", {20, 1}, series(near)),
                 b = compute("stddev", {20, 1}, series(far));
    for (std::size_t t = 19; t < 1000; ++t) ASSERT_NEAR(a[t], b[t], 1e-6);
}

TEST(Rsi, IsTheShareOfRisesAmongMoves) {
    // Rises 2 and 4, fall 3: (6 / 3) / (6 / 3 + 3 / 3).
    EXPECT_NEAR(compute("rsi", {3}, series({10, 12, 9, 13}))[3], 200.0 / 3, 1e-12);
    EXPECT_EQ(compute("rsi", {3}, series({1, 2, 3, 4}))[3], 100);
}

// TA-Lib's answers where a formula divides by nothing.
TEST(Flat, GivesTalibsValues) {
    Bars bars;
    for (const Input input : {Input::series, Input::open, Input::high, Input::low, Input::close})
        bars[input] = Column(80, 100.1);
    bars[Input::volume] = Column(80, 5);
    for (const char* name : {"rsi", "stoch", "cci", "roc", "mom", "adx", "plus_di", "minus_di",
                             "atr", "trange", "stddev"})
        for (const Column& output : compute(*find_spec(name), standards(*find_spec(name)), bars))
            EXPECT_EQ(output.back(), 0) << name;
    EXPECT_EQ(compute("obv", {}, bars).back(), 5);
    EXPECT_EQ(compute("ema", {9}, series(Column(80, 70300))).back(), 70300);
    EXPECT_EQ(compute("macd", {12, 26, 9}, series(Column(80, 70300))).back(), 0);
    EXPECT_EQ(compute("roc", {1}, series({0, 5}))[1], 0) << "from zero";
}

TEST(Cci, IsZeroInAHaltAfterMovement) {
    Bars bars = walk(200, 0.01);
    for (auto& [input, column] : bars) column.resize(230, 77.77);
    EXPECT_EQ(compute("cci", {14}, bars).back(), 0);
}

TEST(Stoch, IsZeroWhereTheRangeIsNothing) {
    Bars bars = walk(50);
    for (auto& [input, column] : bars) column.resize(60, bars[Input::close][49]);
    const Column slowk = compute("stoch", {5, 1, 1}, bars);
    EXPECT_EQ(slowk[53 + 1], 0);
}

TEST(PlusDi, WithPeriodOneIsAFraction) {
    Bars bars{{Input::high, {10, 12}}, {Input::low, {8, 9}}, {Input::close, {9, 11}}};
    EXPECT_EQ(compute("plus_di", {1}, bars)[1], 2.0 / 3.0);
}

TEST(Obv, BeginsWithTheFirstVolume) {
    Bars bars{{Input::close, {10, 11, 11, 9}}, {Input::volume, {5, 7, 100, 3}}};
    EXPECT_EQ(compute("obv", {}, bars), (Column{5, 12, 12, 9}));
}

TEST(Min, AndMaxFindTheExtremeWhereverItIsInTheWindow) {
    const Bars bars = walk(700);
    const Column& close = bars.at(Input::close);
    for (const int n : {1, 2, 3, 5, 30, 255}) {
        const Column low = compute("min", {double(n)}, bars),
                     high = compute("max", {double(n)}, bars);
        for (std::size_t t = static_cast<std::size_t>(n) - 1; t < close.size(); ++t) {
            const auto first = close.begin() + static_cast<long>(t) + 1 - n;
            ASSERT_EQ(low[t], *std::min_element(first, first + n));
            ASSERT_EQ(high[t], *std::max_element(first, first + n));
        }
    }
}

TEST(Settling, CountsFourPeriodsForRecursiveFunctions) {
    const auto settling = [](std::string_view name, Column params) {
        return find_spec(name)->settling(params);
    };
    EXPECT_EQ(settling("ema", {20}), 80);
    EXPECT_EQ(settling("rsi", {14}), 56);
    EXPECT_EQ(settling("macd", {12, 26, 9}), 104);
    EXPECT_EQ(settling("macd", {2, 3, 100}), 400);
    EXPECT_EQ(settling("adx", {14}), 56);
    EXPECT_EQ(settling("sma", {20}), 19);
    EXPECT_EQ(settling("stoch", {14, 3, 3}), 17);
}

// A tile of lanes that begin at different bars, some never: each as if it were alone.
TEST(Tile, GivesWhatNobodyWantsNoMemory) {
    const Spec& spec = *find_spec("bbands");
    const std::size_t sessions = 60;
    AlignedBuffer<double> in(sessions * tile_lanes), lower(sessions * tile_lanes);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<double>(i % 13);
    const double* inputs[] = {in.data()};
    double* outputs[] = {nullptr, nullptr, lower.data()};
    Scratch scratch;
    compute_tile(spec, std::vector<double>{5, 2, 2}, inputs, outputs, sessions, scratch);
    EXPECT_TRUE(std::isnan(lower[3 * tile_lanes]));
    EXPECT_FALSE(std::isnan(lower[4 * tile_lanes]));
}

}  // namespace
}  // namespace hsl::indicators
