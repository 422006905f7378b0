// SPDX-License-Identifier: Apache-2.0
#include "strategy/evaluate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "strategy/detail/arithmetic.hpp"
#include "strategy/detail/panel.hpp"
#include "strategy/detail/program.hpp"
#include "strategy/detail/tile_ops.hpp"
#include "strategy/detail/truth_ops.hpp"
#include "strategy/random_strategies.hpp"

namespace hsl::strategy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Every column missing, no lane listed.
market::Frame empty_frame(std::size_t lanes, std::size_t sessions) {
    market::Frame frame;
    const auto days = market::Calendar::krx().all().subspan(
        market::Calendar::krx().lower_bound(Date::from_civil(2019, 1, 2)), sessions);
    frame.sessions.assign(days.begin(), days.end());
    frame.lanes.resize(lanes);
    const std::size_t tiles = frame.tile_count();
    for (TileColumn& column : frame.columns) {
        column = TileColumn(tiles, sessions);
        std::fill_n(column.tile(0), tiles * sessions * tile_lanes, nan);
    }
    for (MaskColumn* mask : {&frame.listed, &frame.traded, &frame.buyable, &frame.sellable}) {
        *mask = MaskColumn(tiles, sessions);
        std::fill_n(mask->tile(0), tiles * sessions, std::uint8_t{0});
    }
    return frame;
}

// Walks of whole won with halts, of which some begin late and some end early.
market::Frame random_frame(Rng& rng, std::size_t lanes, std::size_t sessions) {
    market::Frame frame = empty_frame(lanes, sessions);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t first = rng.below(3) == 0 ? rng.below(sessions / 2) : 0;
        const std::size_t last =
            rng.below(3) == 0 ? sessions / 2 + rng.below(sessions / 2) : sessions - 1;
        frame.lanes[lane].first = first;
        frame.lanes[lane].last = last;
        double close = static_cast<double>(1000 + rng.below(50'000));
        for (std::size_t t = first; t <= last; ++t) {
            const bool halted = rng.below(40) == 0;
            const double before = close;
            if (!halted) close = std::max(10.0, std::round(close * (0.96 + 0.08 * rng.uniform())));
            const auto volume = halted ? 0.0 : static_cast<double>(rng.below(100'000));
            const double high =
                std::max(before, close) + (halted ? 0 : static_cast<double>(rng.below(20)));
            const double low =
                std::min(before, close) - (halted ? 0 : static_cast<double>(rng.below(9)));
            const double bar[] = {halted ? close : before, high, low, close, volume,
                                  volume * close};
            for (std::size_t f = 0; f < market::field_count; ++f)
                frame.columns[f].at(lane, t) = bar[f];
            frame.listed.set(lane, t, true);
            frame.traded.set(lane, t, !halted);
        }
    }
    return frame;
}

// Columns that random texts may name. Their values have holes; sectors are three, or unknown.
constexpr std::string_view column_words[] = {"foreign_net", "per"};
void add_columns(market::Frame& frame, std::span<const std::string> names, Rng& rng) {
    for (const std::string& name : names) {
        TileColumn& column = frame.named.emplace_back(frame.tile_count(), frame.session_count());
        std::fill_n(column.tile(0), frame.tile_count() * frame.session_count() * tile_lanes, nan);
        for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
            for (std::size_t t = frame.lanes[lane].first; t <= frame.lanes[lane].last; ++t) {
                if (name == market::sector_column)
                    column.at(lane, t) = lane % 4 == 3 ? nan : static_cast<double>(lane % 4);
                else if (rng.below(5) != 0)
                    column.at(lane, t) = std::floor(200 * rng.uniform()) - 100;
            }
    }
}

// One lane a list, listed where a close is given.
market::Frame frame_of_closes(const std::vector<std::vector<double>>& closes) {
    market::Frame frame = empty_frame(closes.size(), closes[0].size());
    for (std::size_t lane = 0; lane < closes.size(); ++lane) {
        frame.lanes[lane].last = closes[lane].size() - 1;
        for (std::size_t t = 0; t < closes[lane].size(); ++t) {
            frame.columns[static_cast<std::size_t>(market::Field::close)].at(lane, t) =
                closes[lane][t];
            frame.listed.set(lane, t, !std::isnan(closes[lane][t]));
        }
    }
    return frame;
}

std::vector<double> numbers(std::string_view text, const market::Frame& frame,
                            std::size_t lane = 0) {
    const auto expression = parse_expression(text);
    EXPECT_TRUE(expression) << (expression ? "" : expression.error().text());
    return evaluate_lane(expression->nodes, expression->root, frame, lane);
}
std::vector<int> truth(std::string_view text, const market::Frame& frame, std::size_t lane = 0) {
    const auto expression = parse_expression(text);
    EXPECT_TRUE(expression) << (expression ? "" : expression.error().text());
    const auto held = evaluate_lane_truth(expression->nodes, expression->root, frame, lane);
    return {held.begin(), held.end()};
}

// Equal bits, any NaN being any other.
bool same(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) ||
           std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
MATCHER_P(IsSame, expected, "") { return same(arg, expected); }
template <class... T>
auto AreNumbers(T... expected) {
    return ElementsAre(IsSame(static_cast<double>(expected))...);
}

struct EveryCpu : testing::Test {
    template <class Work>
    void on_every_cpu(Work work) {
        for (const CpuTarget target : available_cpu_targets()) {
            SCOPED_TRACE(name_of(target));
            ASSERT_TRUE(set_cpu_target(target));
            work();
        }
    }
    ~EveryCpu() override { (void)set_cpu_target(CpuTarget::best); }
};

// ---- what the words mean ------------------------------------------------------------------------

TEST(Meaning, ComparisonsWithAMissingValueAreUnknown) {
    const auto frame = frame_of_closes({{1, nan, 3}});
    EXPECT_THAT(truth("close > 2", frame), ElementsAre(0, -1, 1));
    EXPECT_THAT(truth("not (close > 2)", frame), ElementsAre(1, -1, 0));
    EXPECT_THAT(truth("close != 1", frame), ElementsAre(0, -1, 1));
    EXPECT_THAT(truth("close == 1", frame), ElementsAre(1, -1, 0));
}

TEST(Meaning, LogicIsKleenes) {
    // Known to be false decides "and", known to be true decides "or".
    const auto frame = frame_of_closes({{1, nan, 3}});
    EXPECT_THAT(truth("close > 2 and open > 2", frame), ElementsAre(0, -1, -1));
    EXPECT_THAT(truth("close > 2 or open > 2", frame), ElementsAre(-1, -1, 1));
    EXPECT_THAT(truth("not (open > 2)", frame), ElementsAre(-1, -1, -1));
}

TEST(Meaning, CrossingsLookAtTheSessionBefore) {
    const auto frame = frame_of_closes({{1, 3, 3, 1, 2, 2, 3, nan, 3, 1}});
    EXPECT_THAT(truth("crosses_above(close, 2)", frame),
                ElementsAre(-1, 1, 0, 0, 0, 0, 1, -1, -1, 0));
    EXPECT_THAT(truth("crosses_below(close, 2)", frame),
                ElementsAre(-1, 0, 0, 1, 0, 0, 0, -1, -1, 1));
    EXPECT_THAT(truth("crosses_below(2, close)", frame),
                ElementsAre(-1, 1, 0, 0, 0, 0, 1, -1, -1, 0));
}

TEST(Meaning, LagLooksBackAndIsMissingBefore) {
    const auto frame = frame_of_closes({{1, 2, 3}});
    EXPECT_THAT(numbers("close[1]", frame), AreNumbers(nan, 1, 2));
    EXPECT_THAT(numbers("lag(close, 5)", frame), AreNumbers(nan, nan, nan));
    EXPECT_THAT(truth("(close > 1)[1]", frame), ElementsAre(-1, 0, 1));
}

TEST(Meaning, WhatIsNotFiniteIsMissing) {
    const auto frame = frame_of_closes({{0, 4, -4}});
    EXPECT_THAT(numbers("1 / close", frame), AreNumbers(nan, 0.25, -0.25));
    EXPECT_THAT(numbers("close / close", frame), AreNumbers(nan, 1, 1));
    EXPECT_THAT(numbers("sqrt(close)", frame), AreNumbers(0, 2, nan));
    EXPECT_THAT(numbers("close * 1e300 * 1e300", frame), AreNumbers(0, nan, nan));
    EXPECT_THAT(numbers("abs(close) - -close", frame), AreNumbers(0, 8, 0));
}

TEST(Meaning, LeastAndGreatestNeedBothValues) {
    const auto frame = frame_of_closes({{1, nan, 3}});
    EXPECT_THAT(numbers("least(close, 2)", frame), AreNumbers(1, nan, 2));
    EXPECT_THAT(numbers("greatest(2, close)", frame), AreNumbers(2, nan, 3));
    EXPECT_THAT(numbers("greatest(close, open)", frame), AreNumbers(nan, nan, nan));
}

TEST(Meaning, RankIsTheShareOfListedLanesNotAbove) {
    const auto frame = frame_of_closes({{10, 5}, {20, 5}, {20, nan}, {40, 7}});
    EXPECT_THAT(numbers("rank(close)", frame, 0), AreNumbers(0.25, 2.0 / 3));
    EXPECT_THAT(numbers("rank(close)", frame, 1), AreNumbers(0.75, 2.0 / 3));
    EXPECT_THAT(numbers("rank(close)", frame, 2), AreNumbers(0.75, nan));
    EXPECT_THAT(numbers("rank(close)", frame, 3), AreNumbers(1, 1));
    // A value of a lane that is no longer listed takes no part.
    EXPECT_THAT(numbers("rank(close[1])", frame, 2), AreNumbers(nan, nan));
    EXPECT_THAT(numbers("rank(close[1])", frame, 1), AreNumbers(nan, 2.0 / 3));
}

TEST(Meaning, ZscoreIsInPopulationDeviations) {
    const auto frame = frame_of_closes({{1, 5}, {3, 5}});
    EXPECT_THAT(numbers("zscore(close)", frame, 0), AreNumbers(-1, nan));
    EXPECT_THAT(numbers("zscore(close)", frame, 1), AreNumbers(1, nan));
}

TEST(Meaning, TopKeepsTies) {
    const auto frame = frame_of_closes({{10, 5}, {20, 5}, {20, nan}, {5, 5}});
    EXPECT_THAT(truth("top(close, 1)", frame, 0), ElementsAre(0, 1));
    EXPECT_THAT(truth("top(close, 1)", frame, 1), ElementsAre(1, 1));
    EXPECT_THAT(truth("top(close, 1)", frame, 2), ElementsAre(1, -1));
    EXPECT_THAT(truth("top(close, 3)", frame, 0), ElementsAre(1, 1));
    EXPECT_THAT(truth("top(close, 3)", frame, 3), ElementsAre(0, 1));
}

// ---- columns, weeks, months and sectors ---------------------------------------------------------

std::vector<double> numbers_with(std::string_view text, market::Frame& frame,
                                 const std::vector<std::vector<double>>& column,
                                 std::size_t lane = 0) {
    const auto expression = parse_expression(text);
    EXPECT_TRUE(expression) << (expression ? "" : expression.error().text());
    EXPECT_EQ(expression->columns.size(), 1);
    frame.named.clear();
    TileColumn& named = frame.named.emplace_back(frame.tile_count(), frame.session_count());
    for (std::size_t l = 0; l < column.size(); ++l)
        for (std::size_t t = 0; t < frame.session_count(); ++t) named.at(l, t) = column[l][t];
    return evaluate_lane(expression->nodes, expression->root, frame, lane);
}

TEST(Meaning, ANamedColumnIsAField) {
    auto frame = frame_of_closes({{1, 2, 3}});
    EXPECT_THAT(numbers_with("foreign_net * 2", frame, {{5, nan, -7}}), AreNumbers(10, nan, -14));
    EXPECT_THAT(numbers_with("sma(short_balance, 2)", frame, {{5, 7, 9}}), AreNumbers(nan, 6, 8));
}

TEST(Meaning, RawFieldsAreThoseThatWereTraded) {
    auto frame = frame_of_closes({{1, 2, 3}});
    EXPECT_THAT(numbers("raw_close", frame), AreNumbers(1, 2, 3));
    TileColumn& raw = frame.raw_columns[static_cast<std::size_t>(market::Field::close)];
    raw = TileColumn(1, 3);
    for (std::size_t t = 0; t < 3; ++t) raw.at(0, t) = 50;
    EXPECT_THAT(numbers("raw_close - close", frame), AreNumbers(49, 48, 47));
}

// Sessions from Wednesday, 2 January 2019: the first week has three, the second and third five.
std::vector<double> counted_to(int last) {
    std::vector<double> values;
    for (int i = 1; i <= last; ++i) values.push_back(i);
    return values;
}

TEST(Meaning, AWeekIsKnownFromTheCloseOfItsLastSession) {
    // The frame ends on a Thursday: that week is never seen.
    auto frame = frame_of_closes({counted_to(12)});
    EXPECT_THAT(numbers("weekly(close)", frame),
                AreNumbers(nan, nan, 3, 3, 3, 3, 3, 8, 8, 8, 8, 8));
    EXPECT_THAT(numbers("weekly(close[1])", frame),
                AreNumbers(nan, nan, nan, nan, nan, nan, nan, 3, 3, 3, 3, 3));
    // Days count outside, weeks inside.
    EXPECT_THAT(numbers("weekly(close)[1]", frame),
                AreNumbers(nan, nan, nan, 3, 3, 3, 3, 3, 8, 8, 8, 8));
    EXPECT_THAT(truth("weekly(close > 5)", frame),
                ElementsAre(-1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1));
    EXPECT_THAT(truth("weekly(crosses_above(close, 5))", frame),
                ElementsAre(-1, -1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1));
    EXPECT_THAT(numbers("weekly(close) - close", frame),
                AreNumbers(nan, nan, 0, -1, -2, -3, -4, 0, -1, -2, -3, -4));
    // A flow adds up, a level stays.
    EXPECT_THAT(numbers_with("weekly(foreign_net)", frame, {counted_to(12)}),
                AreNumbers(nan, nan, 6, 6, 6, 6, 6, 30, 30, 30, 30, 30));
    EXPECT_THAT(numbers_with("weekly(market_cap)", frame, {counted_to(12)}),
                AreNumbers(nan, nan, 3, 3, 3, 3, 3, 8, 8, 8, 8, 8));
    EXPECT_THAT(numbers_with("weekly(foreign_net_rate)", frame, {counted_to(12)}),
                AreNumbers(nan, nan, 3, 3, 3, 3, 3, 8, 8, 8, 8, 8));
}

TEST(Meaning, AMonthIsKnownFromTheCloseOfItsLastSession) {
    // January 2019 had 22 sessions.
    auto frame = frame_of_closes({counted_to(24)});
    const std::vector<double> seen = numbers("monthly(close)", frame);
    EXPECT_TRUE(std::isnan(seen[20]));
    EXPECT_EQ(seen[21], 22);
    EXPECT_EQ(seen[23], 22);
}

TEST(Meaning, SectorFunctionsLookAtTheirSectorOnly) {
    auto frame = frame_of_closes({{10}, {30}, {50}, {70}, {90}});
    const std::vector<std::vector<double>> sectors{{0}, {1}, {0}, {nan}, {1}};
    const auto all = [&](std::string_view text) {
        std::vector<double> values;
        for (std::size_t lane = 0; lane < 5; ++lane)
            values.push_back(numbers_with(text, frame, sectors, lane)[0]);
        return values;
    };
    EXPECT_THAT(all("sector_mean(close)"), AreNumbers(30, 60, 30, nan, 60));
    EXPECT_THAT(all("sector_rank(close)"), AreNumbers(0.5, 0.5, 1, nan, 1));
    EXPECT_THAT(all("sector_zscore(close)"), AreNumbers(-1, -1, 1, nan, 1));
}

// ---- the tile executors against the plain ones --------------------------------------------------

constexpr double values_of_interest[] = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    3,
    1e-310,
    -1e-310,
    1e308,
    -1e308,
    0x1p53,
    std::numeric_limits<double>::infinity(),
    -std::numeric_limits<double>::infinity(),
    nan,
};

struct TileOps : EveryCpu {
    static constexpr std::size_t sessions = 101;
    AlignedBuffer<double> a{sessions * tile_lanes}, b{sessions * tile_lanes},
        out{sessions * tile_lanes};
    TileOps() {
        Rng rng{7};
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = values_of_interest[rng.below(std::size(values_of_interest))];
            b[i] = values_of_interest[rng.below(std::size(values_of_interest))];
        }
    }
};

TEST_F(TileOps, ArithmeticGivesTheBitsOfThePlainForm) {
    on_every_cpu([&] {
        for (const Verb verb :
             {Verb::add, Verb::subtract, Verb::multiply, Verb::divide, Verb::negate, Verb::absolute,
              Verb::square_root, Verb::minimum, Verb::maximum})
            for (const auto& [left, right] : {std::pair<Column, Column>{{a.data()}, {b.data()}},
                                              {{a.data()}, {nullptr, -2.5}},
                                              {{nullptr, 0.0}, {b.data()}}}) {
                if (is_unary(verb) && left.data == nullptr) continue;
                combine_tile(verb, left, right, out.data(), sessions);
                for (std::size_t i = 0; i < out.size(); ++i) {
                    const double x = left.data ? left.data[i] : left.number;
                    const double y = right.data ? right.data[i] : right.number;
                    ASSERT_TRUE(same(out[i], arithmetic_of(verb, x, y)))
                        << static_cast<int>(verb) << " of " << x << " and " << y << " gives "
                        << out[i];
                }
            }
    });
}

TEST_F(TileOps, ComparisonsAndCrossingsGiveThePlainTruth) {
    const std::size_t stride = truth_stride(sessions);
    AlignedBuffer<std::uint8_t> bytes(5 * stride);
    std::fill_n(bytes.data(), bytes.size(), std::uint8_t{0xAA});
    const PairBits pair{bytes.data(), bytes.data() + stride, bytes.data() + 2 * stride};
    const Truth held{bytes.data() + 3 * stride, bytes.data() + 4 * stride};
    const auto state = [&](std::size_t t, std::size_t lane) {
        const int yes = held.yes[t] >> lane & 1, no = held.no[t] >> lane & 1;
        return yes ? (no ? 9 : 1) : (no ? 0 : -1);
    };
    on_every_cpu([&] {
        for (const bool swapped : {false, true})
            for (const auto& [left, right] : {std::pair<Column, Column>{{a.data()}, {b.data()}},
                                              {{a.data()}, {nullptr, 0.5}},
                                              {{nullptr, -0.0}, {b.data()}}}) {
                const auto at = [&](Column column, std::size_t t, std::size_t lane) {
                    return column.data ? column.data[t * tile_lanes + lane] : column.number;
                };
                compare_tile(swapped ? right : left, swapped ? left : right, pair, sessions);
                for (const Verb verb : {Verb::less, Verb::less_equal, Verb::greater,
                                        Verb::greater_equal, Verb::equal, Verb::not_equal}) {
                    truth_compare(verb, pair, swapped, held, sessions);
                    for (std::size_t t = 0; t < sessions; ++t)
                        for (std::size_t lane = 0; lane < tile_lanes; ++lane)
                            ASSERT_EQ(state(t, lane),
                                      comparison_of(verb, at(left, t, lane), at(right, t, lane)));
                }
                for (const Verb verb : {Verb::crosses_above, Verb::crosses_below}) {
                    truth_cross(verb, pair, swapped, held, sessions);
                    const bool above = verb == Verb::crosses_above;
                    for (std::size_t t = 0; t < sessions; ++t)
                        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
                            int expected = -1;
                            if (t > 0) {
                                const int now =
                                    comparison_of(above ? Verb::greater : Verb::less,
                                                  at(left, t, lane), at(right, t, lane));
                                const int before =
                                    comparison_of(above ? Verb::less_equal : Verb::greater_equal,
                                                  at(left, t - 1, lane), at(right, t - 1, lane));
                                expected = now < 0 || before < 0 ? -1 : now == 1 && before == 1;
                            }
                            ASSERT_EQ(state(t, lane), expected);
                        }
                }
            }
    });
}

// Every set of a file, every lane and session: the tiles' bits against the plain truth.
void expect_tiles_agree(const StrategyFile& file, const market::Frame& frame, unsigned threads,
                        std::string_view text) {
    Evaluator evaluator{file, frame};
    evaluator.prepare(threads);
    LaneEvaluator plain{file.nodes, frame};
    Evaluator::Workspace workspace;
    std::vector<std::vector<std::vector<std::int8_t>>> entries, exits;  // by set, lane
    for (const StrategySet& set : file.sets) {
        entries.emplace_back();
        exits.emplace_back();
        for (std::size_t lane = 0; lane < frame.lane_count(); ++lane) {
            entries.back().push_back(plain.truth(set.entry, lane));
            if (set.exit >= 0) exits.back().push_back(plain.truth(set.exit, lane));
        }
    }
    const auto check = [&] {
        for (std::size_t tile = 0; tile < frame.tile_count(); ++tile) {
            std::set<std::size_t> visited;
            evaluator.visit_tile(
                tile, workspace,
                [&](std::size_t set, const std::uint8_t* entry, const std::uint8_t* exit) {
                    ASSERT_TRUE(visited.insert(set).second);
                    ASSERT_EQ(exit != nullptr, file.sets[set].exit >= 0);
                    for (std::size_t i = 0; i < tile_lanes; ++i) {
                        const std::size_t lane = tile * tile_lanes + i;
                        if (lane >= frame.lane_count()) continue;
                        for (std::size_t t = 0; t < frame.session_count(); ++t) {
                            ASSERT_EQ(entry[t] >> i & 1, entries[set][lane][t] == 1)
                                << "entry of " << file.sets[set].strategy << " lane " << lane
                                << " session " << t << "\n"
                                << text;
                            if (exit) {
                                ASSERT_EQ(exit[t] >> i & 1, exits[set][lane][t] == 1)
                                    << "exit of " << file.sets[set].strategy << " lane " << lane
                                    << " session " << t << "\n"
                                    << text;
                            }
                        }
                    }
                });
            ASSERT_EQ(visited.size(), file.sets.size());
        }
    };
    check();
}

struct Tiles : EveryCpu {};

TEST_F(Tiles, AgreeWithThePlainEvaluatorOnRandomExpressions) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Rng rng{seed};
        market::Frame frame = random_frame(rng, 5 + rng.below(14), 60 + rng.below(90));
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += fmt::format("[s{}]\nentry = \"{}\"\nexit = \"{}\"\nmax_hold = {}\n", i,
                                random_condition(rng, static_cast<int>(rng.below(5)), column_words),
                                random_condition(rng, static_cast<int>(rng.below(3)), column_words),
                                i + 1);
        const auto file = parse_strategies("random", text);
        ASSERT_TRUE(file) << file.error().text();
        add_columns(frame, file->columns, rng);
        on_every_cpu([&] { expect_tiles_agree(*file, frame, 1 + seed % 2, text); });
    }
}

TEST_F(Tiles, AgreeWithThePlainEvaluatorOnRandomStrategies) {
    Rng rng{99};
    const std::string text = random_strategy_text(rng, 60, column_words);
    market::Frame frame = random_frame(rng, 13, 150);
    const auto file = parse_strategies("random", text);
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_THAT(file->columns, testing::IsSupersetOf({"foreign_net", "per"}));
    EXPECT_THAT(text, HasSubstr("weekly("));
    EXPECT_THAT(text, HasSubstr("monthly("));
    EXPECT_THAT(text, HasSubstr("raw_close"));
    add_columns(frame, file->columns, rng);
    on_every_cpu([&] { expect_tiles_agree(*file, frame, 2, text); });
}

TEST_F(Tiles, SignalsActOnlyWhereKnownToBeTrue) {
    const auto frame = frame_of_closes({{1, nan, 3}});
    const auto file = parse_strategies("s",
                                       "[s]\nentry = \"close > 2\"\nexit = \"not (close > 2)\"\n"
                                       "[always]\nentry = \"1 < 2\"\n[never]\nentry = \"2 < 1\"\n");
    ASSERT_TRUE(file) << file.error().text();
    Evaluator evaluator{*file, frame};
    evaluator.prepare(1);
    Evaluator::Workspace workspace;
    evaluator.visit_tile(0, workspace,
                         [&](std::size_t set, const std::uint8_t* entry, const std::uint8_t* exit) {
                             const std::vector<int> bits{entry[0] & 1, entry[1] & 1, entry[2] & 1};
                             if (set == 0) {
                                 EXPECT_THAT(bits, ElementsAre(0, 0, 1));
                                 EXPECT_EQ(exit[0] & 1, 1);
                                 EXPECT_EQ(exit[1] & 1, 0);
                                 EXPECT_EQ(exit[2] & 1, 0);
                             } else {
                                 EXPECT_EQ(exit, nullptr);
                                 EXPECT_THAT(bits, ElementsAre(set == 1, set == 1, set == 1));
                             }
                         });
}

TEST(Panels, GiveTheBitsOfThePlainForm) {
    Rng rng{11};
    market::Frame frame = random_frame(rng, 21, 70);
    // Few different values: ties at every session.
    TileColumn& close = frame.columns[static_cast<std::size_t>(market::Field::close)];
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
        for (std::size_t t = 0; t < frame.session_count(); ++t)
            close.at(lane, t) = std::floor(close.at(lane, t) / 10'000);
    add_columns(frame, std::vector{std::string{market::sector_column}}, rng);
    for (const std::string_view text :
         {"rank(close)", "zscore(close)", "top(close, 4)", "sector_rank(close)",
          "sector_mean(close)", "sector_zscore(close)"}) {
        SCOPED_TRACE(text);
        const auto expression = parse_expression(text);
        ASSERT_TRUE(expression);
        const Node& node = expression->nodes[static_cast<std::size_t>(expression->root)];
        LaneEvaluator plain{expression->nodes, frame};
        for (const unsigned threads : {1u, 2u}) {
            const Panel panel = compute_panel(node, close, frame, threads);
            for (std::size_t lane = 0; lane < frame.lane_count(); ++lane) {
                const std::vector<double> values = plain.values(expression->root, lane);
                const std::vector<std::int8_t> truth = plain.truth(expression->root, lane);
                for (std::size_t t = 0; t < frame.session_count(); ++t) {
                    if (node.type == ValueType::number) {
                        ASSERT_TRUE(same(panel.column.at(lane, t), values[t])) << lane << " " << t;
                    } else {
                        const TruthView held = panel.truth(lane / 8, frame.session_count());
                        ASSERT_EQ(held.yes[t] >> lane % 8 & 1, truth[t] == 1) << lane << " " << t;
                        ASSERT_EQ(held.no[t] >> lane % 8 & 1, truth[t] == 0) << lane << " " << t;
                    }
                }
            }
        }
    }
}

// ---- plans --------------------------------------------------------------------------------------

StrategyFile parsed(const std::string& text) {
    auto file = parse_strategies("s.toml", text);
    EXPECT_TRUE(file) << (file ? "" : file.error().text());
    return std::move(*file);
}
std::size_t steps_of(const Program& program, Step::Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(program.steps, kind, &Step::kind));
}

TEST(Program, ComputesEveryValueOnce) {
    const StrategyFile file = parsed(
        "[s]\nparams = { fast = [5, 10, 15], slow = [20, 40, 60] }\n"
        "entry = \"crosses_above(sma(close, fast), sma(close, slow))\"\n"
        "exit = \"crosses_below(sma(close, fast), sma(close, slow))\"\n");
    const Program program = plan_sets(file.nodes, file.sets);
    EXPECT_EQ(steps_of(program, Step::Kind::indicator), 6u);
    EXPECT_EQ(steps_of(program, Step::Kind::pair), 9u);
    EXPECT_EQ(steps_of(program, Step::Kind::cross), 18u);
    EXPECT_EQ(steps_of(program, Step::Kind::emit_set), 9u);
    EXPECT_LE(program.number_slots, 5u);
    EXPECT_EQ(program.truth_slots, 3u);
}

TEST(Program, OneCallComputesAllOutputsThatAreWanted) {
    const StrategyFile file = parsed(
        "[s]\nentry = \"macd(close).signal > 0\"\nexit = \"macd(close) < macd(close).signal\"\n");
    const Program program = plan_sets(file.nodes, file.sets);
    ASSERT_EQ(steps_of(program, Step::Kind::indicator), 1u);
    const auto step = std::ranges::find(program.steps, Step::Kind::indicator, &Step::kind);
    ASSERT_EQ(step->number_outputs.size(), 3u);
    EXPECT_GE(step->number_outputs[0], 0);
    EXPECT_GE(step->number_outputs[1], 0);
    EXPECT_EQ(step->number_outputs[2], -1);
}

TEST(Program, LeavesOutOutputsThatOnlyOthersWant) {
    const StrategyFile file = parsed("[s]\nentry = \"macd(close) < macd(close).signal\"\n");
    const int compare = file.sets[0].entry;
    const int signal = file.nodes[static_cast<std::size_t>(compare)].inputs[1];
    const Program program = plan_columns(file.nodes, std::vector{signal});
    ASSERT_EQ(program.steps.size(), 2u);
    EXPECT_EQ(program.steps[0].number_outputs, (std::vector{-1, 0, -1}));
}

TEST(Program, PairsServeComparisonsInEitherOrder) {
    const StrategyFile file = parsed(
        "[s]\nentry = \"close > open and not (open >= close)\"\nexit = \"crosses_below(open, "
        "close)\"\n");
    EXPECT_EQ(steps_of(plan_sets(file.nodes, file.sets), Step::Kind::pair), 1u);
}

TEST(Program, GivesPlacesBack) {
    std::string sum = "abs(close)";
    for (int i = 0; i < 50; ++i) sum = fmt::format("abs({} + {})", sum, i);
    const StrategyFile chain = parsed(fmt::format("[s]\nentry = \"{} > 1\"\n", sum));
    EXPECT_EQ(plan_sets(chain.nodes, chain.sets).number_slots, 1u);

    // Sets that share nothing need the memory of one.
    std::string text;
    for (int i = 1; i <= 40; ++i)
        text += fmt::format("[s{}]\nentry = \"close > sma(close, {})\"\n", i, i + 1);
    const StrategyFile apart = parsed(text);
    EXPECT_EQ(plan_sets(apart.nodes, apart.sets).number_slots, 1u);
}

TEST(Program, OrdersSetsSoThatFewColumnsLive) {
    // In the file's order every average of the first pass would wait for the second one.
    std::string text;
    for (const char* sign : {"<", ">"})
        for (int i = 1; i <= 20; ++i)
            text += fmt::format("[s{}_{}]\nentry = \"close {} sma(close, {})\"\n", i,
                                *sign == '<' ? "under" : "over", sign, i + 1);
    const StrategyFile file = parsed(text);
    EXPECT_EQ(plan_sets(file.nodes, file.sets).number_slots, 1u);
}

TEST(Program, EndsColumnsBeforeItBeginsNewOnes) {
    const StrategyFile file = parsed(
        "[a]\nentry = \"sma(close, 2) > 1\"\n[b]\nentry = \"sma(close, 3) > 1\"\n"
        "[c]\nentry = \"sma(close, 2) > sma(close, 4)\"\n"
        "[d]\nentry = \"sma(close, 3) > sma(close, 5)\"\n");
    EXPECT_EQ(plan_sets(file.nodes, file.sets).number_slots, 2u);
}

// ---- random strategies --------------------------------------------------------------------------

TEST(RandomStrategies, AreValidAndRepeatable) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        Rng one{seed}, other{seed};
        const std::string text = random_strategy_text(one, 50);
        EXPECT_EQ(text, random_strategy_text(other, 50));
        const auto file = parse_strategies("random", text);
        ASSERT_TRUE(file) << file.error().text();
        EXPECT_GE(file->sets.size(), 50u);
        EXPECT_LE(file->settling, 300);
    }
}

TEST(RandomStrategies, UseEveryFunctionAndEveryKey) {
    Rng rng{3};
    std::string text;
    for (int i = 0; i < 10; ++i) text += random_strategy_text(rng, 100);
    for (const std::string_view word :
         {"crosses_above(", "crosses_below(", "lag(",        ")[",
          "abs(",           "least(",         "greatest(",   "sqrt(",
          "rank(",          "zscore(",        "top(",        " and ",
          " or ",           "not ",           "params",      "let",
          "where",          "exit",           "stop_loss",   "take_profit",
          "trailing_stop",  "max_hold",       "slippage_bp", "participation",
          "\"off\"",        "from ="})
        EXPECT_THAT(text, HasSubstr(std::string{word}));
    for (const auto* spec : indicators::all_specs())
        EXPECT_THAT(text, HasSubstr(fmt::format("{}(", spec->name)));
}

}  // namespace
}  // namespace hsl::strategy
