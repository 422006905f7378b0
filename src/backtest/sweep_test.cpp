// SPDX-License-Identifier: Apache-2.0
#include "backtest/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backtest/detail/set_measures.hpp"
#include "base/cpu.hpp"
#include "base/rng.hpp"
#include "market/synthetic.hpp"
#include "portfolio/frame_from_rows.hpp"

namespace hsl::backtest {
namespace {

using portfolio::flat;
using portfolio::Row;
using portfolio::RowMarket;
using testing::HasSubstr;

strategy::StrategyFile parse(std::string_view text) {
    auto file = strategy::parse_strategies("test.toml", text);
    if (!file) ADD_FAILURE() << file.error().text();
    return file ? std::move(*file) : strategy::StrategyFile{};
}

SweepOutput sweep(const market::Frame& frame, const strategy::StrategyFile& file,
                  const SweepOptions& options = {}) {
    auto output = run_sweep(frame, file, options);
    if (!output) ADD_FAILURE() << output.error().text();
    return output ? std::move(*output) : SweepOutput{};
}

Date session(std::size_t index) {
    const auto& calendar = market::Calendar::krx();
    return calendar.all()[calendar.lower_bound(Date::from_civil(2019, 1, 2)) + index];
}

// A set that is in the market whenever the close is above 1,000, and one that never is.
constexpr std::string_view above_thousand = R"toml(
[above]
about = "In the market above 1,000 won."
entry = "close > 1000"
exit = "close <= 1000"

[never]
about = "Waits for a price that does not come."
entry = "close > 100000000"
)toml";

std::vector<Row> closes(std::initializer_list<std::int64_t> prices) {
    std::vector<Row> rows;
    for (const std::int64_t price : prices) rows.push_back(flat(price));
    return rows;
}

market::Frame generated(int symbols, int sessions) {
    const auto bars =
        market::generate_market({.symbols = symbols, .sessions = sessions, .seed = 7});
    EXPECT_TRUE(bars.has_value());
    auto frame = market::build_frame(*bars, {.all = true});
    EXPECT_TRUE(frame.has_value());
    return std::move(*frame);
}

constexpr std::string_view crossings = R"toml(
[cross]
about = "Averages cross."
params = { fast = [3, 5], slow = [10, 20] }
entry = "crosses_above(sma(close, fast), sma(close, slow))"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
slippage_bp = 10

[dip]
about = "Buys weakness."
params = { stop = [0.05, 0.1] }
entry = "rsi(close, 5) < 30"
take_profit = 0.08
stop_loss = "stop"
max_hold = 15
)toml";

}  // namespace

TEST(Window, BeginsAtTheFirstBarAndWaitsForTheLongestLookback) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, std::vector<Row>(30, flat(100))).frame();
    const auto none = find_window(frame, parse(above_thousand), {});
    ASSERT_TRUE(none.has_value());
    EXPECT_EQ(none->from, 0u);
    EXPECT_EQ(none->s0, 0u);
    EXPECT_EQ(none->last, 29u);
    const strategy::StrategyFile average =
        parse("[a]\nabout = \"An average.\"\nentry = \"close > sma(close, 5)\"\n");
    ASSERT_EQ(average.settling, 4);
    EXPECT_EQ(find_window(frame, average, {})->s0, 4u);
    // Bars before `from` warm up.
    EXPECT_EQ(find_window(frame, average, {.from = session(2)})->s0, 4u);
    EXPECT_EQ(find_window(frame, average, {.from = session(9)})->s0, 9u);
    EXPECT_EQ(find_window(frame, average, {.from = session(9), .to = session(20)})->last, 20u);
    // Dates outside the bars are drawn in.
    const auto wide = find_window(
        frame, average, {.from = Date::from_civil(2018, 3, 1), .to = Date::from_civil(2027, 1, 1)});
    ASSERT_TRUE(wide.has_value());
    EXPECT_EQ(wide->from, 0u);
    EXPECT_EQ(wide->last, 29u);
}

TEST(Window, WaitsForLanesThatAreThereAtFromAndLiveLongEnough) {
    const strategy::StrategyFile average =
        parse("[a]\nabout = \"An average.\"\nentry = \"close > sma(close, 5)\"\n");
    const market::Frame frame = RowMarket{}
                                    .add("000010", 0, std::vector<Row>(30, flat(100)))
                                    .add("000020", 3, std::vector<Row>(3, flat(100)))
                                    .add("000030", 4, std::vector<Row>(20, flat(100)))
                                    .add("000040", 9, std::vector<Row>(20, flat(100)))
                                    .frame();
    // At session 5: the second symbol ends before it settles, the fourth is not there yet.
    EXPECT_EQ(find_window(frame, average, {.from = session(5)})->s0, 8u);
    EXPECT_EQ(find_window(frame, average, {})->s0, 4u);
    EXPECT_EQ(find_window(frame, average, {.from = session(10)})->s0, 13u);
}

TEST(Window, LaterSymbolsDoWhereNoneOfTheFirstOnesSettles) {
    const strategy::StrategyFile average =
        parse("[a]\nabout = \"An average.\"\nentry = \"close > sma(close, 5)\"\n");
    const market::Frame frame = RowMarket{}
                                    .add("000010", 0, std::vector<Row>(3, flat(100)))
                                    .add("000020", 2, std::vector<Row>(20, flat(100)))
                                    .frame();
    EXPECT_EQ(find_window(frame, average, {})->s0, 0u);
}

TEST(Window, SaysHowManySessionsAreNeededAndThere) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, std::vector<Row>(30, flat(100))).frame();
    const strategy::StrategyFile average =
        parse("[a]\nabout = \"An average.\"\nentry = \"close > sma(close, 40)\"\n");
    const auto window = find_window(frame, average, {});
    ASSERT_FALSE(window.has_value());
    EXPECT_EQ(window.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(window.error().message, HasSubstr("39 sessions"));
    EXPECT_THAT(window.error().message, HasSubstr("30 sessions"));
    // One session to decide and one to trade.
    const strategy::StrategyFile tight =
        parse("[a]\nabout = \"An average.\"\nentry = \"close > sma(close, 29)\"\n");
    EXPECT_TRUE(find_window(frame, tight, {}).has_value());
    EXPECT_FALSE(find_window(frame, tight, {.to = session(28)}).has_value());
}

TEST(Window, RefusesDatesThatMakeNoSense) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, std::vector<Row>(30, flat(100))).frame();
    const strategy::StrategyFile file = parse(above_thousand);
    const auto message = [&](const SweepOptions& options) {
        const auto window = find_window(frame, file, options);
        return window ? std::string{"accepted"} : window.error().message;
    };
    EXPECT_THAT(message({.from = Date::from_civil(1995, 3, 31)}), HasSubstr("1995-04-01"));
    EXPECT_THAT(message({.from = Date::from_civil(2019, 8, 1)}), HasSubstr("last bar"));
    EXPECT_THAT(message({.to = Date::from_civil(2018, 8, 1)}), HasSubstr("first bar"));
    EXPECT_THAT(message({.to = Date::from_civil(2028, 8, 1)}), HasSubstr("calendar"));
    EXPECT_THAT(message({.from = Date::from_civil(1989, 8, 1)}), HasSubstr("calendar"));
    EXPECT_THAT(message({.from = session(9), .to = session(8)}), HasSubstr("after its end"));
    // A weekend holds no session.
    const Date saturday = Date::from_civil(2019, 1, 5);
    EXPECT_THAT(message({.from = saturday, .to = saturday + 1}), HasSubstr("no session"));
}

TEST(Sweep, ReturnsAreOfTheAccountsOpenTheDayBefore) {
    // One symbol lives through, one ends at session 4, one comes at session 3.
    const market::Frame frame =
        RowMarket{}
            .add("000010", 0, closes({1'000, 1'010, 1'010, 1'111, 1'111, 1'222, 1'222}))
            .add("000020", 0, closes({1'000, 1'010, 1'010, 1'212, 1'100}))
            .add("000030", 3, closes({2'000, 2'000, 2'200, 2'200}))
            .frame();
    const SweepOutput output = sweep(frame, parse(above_thousand), {.trades = true});
    ASSERT_EQ(output.fills.size(), 2u);
    const std::vector<portfolio::Fill>& fills = output.fills[0];
    ASSERT_EQ(fills.size(), 4u);
    // Decided at the close of 1, bought at 1,010 at the open of 2: 9,899 shares for 9,997,990 won
    // and a commission of 1,499.
    EXPECT_EQ(fills[0].session, 2u);
    EXPECT_EQ(fills[0].shares, 9'899);
    const double cash = 10'000'000 - 9'899 * 1'010.0 - 1'499;
    const double first2 = cash + 9'899 * 1'010.0, first3 = cash + 9'899 * 1'111.0;
    const double second3 = cash + 9'899 * 1'212.0;
    const double sold = 9'899 * 1'100.0;
    const double second4 = cash + sold - std::floor(sold * 0.00015) - std::floor(sold * 0.003);
    const double third4_cash = 10'000'000 - static_cast<double>(fills[3].shares) * 2'000.0 -
                               static_cast<double>(fills[3].commission);
    const double third4 = third4_cash + static_cast<double>(fills[3].shares) * 2'000.0;
    const double third5 = third4_cash + static_cast<double>(fills[3].shares) * 2'200.0;
    const double first5 = cash + 9'899 * 1'222.0;

    const analytics::LeaderboardRow& above = output.result.leaderboard[0];
    ASSERT_EQ(above.strategy, "above");
    ASSERT_EQ(above.returns.size(), 6u);
    EXPECT_EQ(above.returns[0], 0);
    EXPECT_EQ(above.returns[1], (2 * first2 - 20'000'000) / 20'000'000);
    EXPECT_EQ(above.returns[2], (first3 + second3 - 2 * first2) / (2 * first2));
    // The third account opened at session 3: its opening is no profit.
    EXPECT_EQ(above.returns[3],
              (second4 - second3 + third4 - 10'000'000) / (first3 + second3 + 10'000'000));
    // The second one has left.
    EXPECT_EQ(above.returns[4], (first5 - first3 + third5 - third4) / (first3 + third4));
    EXPECT_EQ(above.returns[5], 0);
    EXPECT_EQ(above.measures.trades, 1);
    EXPECT_EQ(above.measures.win_rate, 1);
    EXPECT_TRUE(std::isnan(above.measures.profit_factor));  // no losses: not defined
    EXPECT_EQ(above.symbol_returns,
              (std::vector<double>{first5 / 1e7 - 1, second4 / 1e7 - 1, third5 / 1e7 - 1}));
    EXPECT_EQ(fills[2].reason, portfolio::Reason::last_row);
    EXPECT_EQ(output.result.segments, 3);
    EXPECT_EQ(output.result.symbols, 3);
    EXPECT_EQ(output.result.accounts, (std::vector<std::string>{"000010", "000020", "000030"}));
}

TEST(Sweep, ExposureAndTurnoverAreOverTheSessionsWithAReturn) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, closes({1'000, 1'010, 1'010, 990, 990})).frame();
    const SweepOutput output = sweep(frame, parse(above_thousand), {.trades = true});
    const analytics::Measures& measures = output.result.leaderboard.front().measures;
    ASSERT_EQ(output.result.leaderboard.front().strategy, "above");
    const std::vector<portfolio::Fill>& fills = output.fills[0];
    ASSERT_EQ(fills.size(), 2u);
    const double bought = static_cast<double>(fills[0].shares) * 1'010;
    const double sold = static_cast<double>(fills[0].shares) * 990;
    const double cash = 10'000'000 - bought - static_cast<double>(fills[0].commission);
    const double end = cash + sold - static_cast<double>(fills[1].commission + fills[1].tax);
    const double held = bought / (cash + bought) + sold / (cash + sold);
    EXPECT_DOUBLE_EQ(measures.exposure, held / 4);
    const double mean_equity = (10'000'000 + cash + bought + cash + sold + end) / 4;
    const double years = (session(4) - session(0)) / 365.25;
    EXPECT_DOUBLE_EQ(measures.turnover, (bought + sold) / 2 / mean_equity / years);
    EXPECT_EQ(measures.win_rate, 0);
    EXPECT_EQ(measures.profit_factor, 0);
    EXPECT_EQ(measures.cost_krw,
              static_cast<double>(fills[0].commission + fills[1].commission + fills[1].tax));
}

TEST(Sweep, HoldBuysAtTheFirstOpenAfterS0AndKeeps) {
    // The first open after s0 is locked at the upper limit, so the second one is taken.
    const market::Frame frame =
        RowMarket{}.add("000010", 0, closes({1'000, 1'300, 1'400, 1'500, 1'450})).frame();
    const SweepOutput output = sweep(frame, parse(above_thousand), {.slippage_bp = 10});
    const analytics::LeaderboardRow& hold = output.result.benchmarks[0];
    EXPECT_EQ(hold.strategy, "hold");
    // 1,400 x 1.001 = 1,401.4: rounded up, 7,131 shares of 1,402 won.
    const double shares = 7'131;
    const double cash = 10'000'000 - shares * 1'402 - std::floor(shares * 1'402 * 0.00015);
    EXPECT_GE(cash, 0);
    EXPECT_LT(cash, 1'402);
    EXPECT_EQ(hold.symbol_returns[0], (cash + shares * 1'450) / 1e7 - 1);
    EXPECT_EQ(hold.measures.trades, 0);
    EXPECT_EQ(hold.measures.slippage_krw, 2 * shares);
    EXPECT_TRUE(std::isnan(hold.symbols.beat_holding));
    EXPECT_TRUE(std::isnan(hold.verdict.dsr));
    EXPECT_FALSE(std::isnan(hold.verdict.psr_raw));
}

TEST(Sweep, HoldTakesTheSlippageThatAllSetsShare) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, std::vector<Row>(5, flat(1'000))).frame();
    const auto slippage = [&](std::string_view second) {
        const auto file =
            parse(fmt::format("[a]\nabout = \"One.\"\nentry = \"close > 0\"\nslippage_bp = 10\n\n"
                              "[b]\nabout = \"Two.\"\nentry = \"close > 1\"\nslippage_bp = {}\n",
                              second));
        return sweep(frame, file).result.benchmarks[0].measures.slippage_krw;
    };
    EXPECT_GT(slippage("10"), 0);
    EXPECT_EQ(slippage("20"), 0);
}

TEST(Sweep, EqualWeightIsTheMeanOfLanesThatTradeOnBothDays) {
    std::vector<Row> halted = closes({1'000, 1'100, 1'100, 1'210, 1'210});
    halted[2] = portfolio::halt(1'100);
    const market::Frame frame = RowMarket{}
                                    .add("000010", 0, closes({1'000, 1'010, 1'111, 1'000, 1'000}))
                                    .add("000020", 0, halted)
                                    .add("000030", 3, closes({500, 600}))
                                    .frame();
    const SweepOutput output = sweep(frame, parse(above_thousand));
    const analytics::LeaderboardRow& equal = output.result.benchmarks[1];
    EXPECT_EQ(equal.strategy, "equal_weight");
    ASSERT_EQ(equal.returns.size(), 4u);
    EXPECT_EQ(equal.returns[0], ((1'010.0 / 1'000 - 1) + (1'100.0 / 1'000 - 1)) / 2);
    EXPECT_EQ(equal.returns[1], 1'111.0 / 1'010 - 1);
    EXPECT_EQ(equal.returns[2], 1'000.0 / 1'111 - 1);
    EXPECT_EQ(equal.returns[3], (0.0 + 0.0 + (600.0 / 500 - 1)) / 3);
    EXPECT_TRUE(std::isnan(equal.measures.exposure));
    EXPECT_EQ(equal.measures.cost_krw, 0);
}

TEST(Sweep, RanksBySharpeWithUndefinedLastAndTiesInFileOrder) {
    const market::Frame frame =
        RowMarket{}
            .add("000010", 0, closes({1'000, 1'010, 1'020, 1'010, 1'030, 1'045, 1'040}))
            .frame();
    const SweepOutput output = sweep(frame, parse(R"toml(
[never]
about = "Waits."
entry = "close > 100000000"

[first]
about = "Buys."
entry = "close > 1000"

[never_too]
about = "Waits as well."
entry = "close > 200000000"

[second]
about = "Buys the same."
entry = "close > 1001"
)toml"));
    std::vector<std::string> order;
    order.reserve(4);
    for (const analytics::LeaderboardRow& row : output.result.leaderboard)
        order.push_back(row.strategy);
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "never", "never_too"}));
    EXPECT_TRUE(std::isnan(output.result.leaderboard[3].measures.sharpe) ||
                output.result.leaderboard[3].measures.sharpe == 0);
    EXPECT_EQ(output.result.trials, 4);
    EXPECT_EQ(output.result.leaderboard[output.result.best_row].verdict.dsr,
              output.result.verdict.dsr_best);
}

TEST(Sweep, CountsBreaksWithinTheWindowOnly) {
    std::vector<Row> rows(60, flat(1'000));
    for (std::size_t t = 20; t < 60; ++t) rows[t] = flat(3'000);
    for (std::size_t t = 40; t < 60; ++t) rows[t] = flat(500);
    const market::Frame frame = RowMarket{}.add("000010", 0, rows).frame();
    const auto file = parse(above_thousand);
    EXPECT_EQ(sweep(frame, file).result.breaks, 2);
    const SweepOutput later = sweep(frame, file, {.from = session(30)});
    EXPECT_EQ(later.result.breaks, 1);
    EXPECT_EQ(later.result.segments, 2);
    EXPECT_EQ(later.result.symbols, 1);
    EXPECT_EQ(later.result.accounts, (std::vector<std::string>{"000010 (2)", "000010 (3)"}));
    EXPECT_EQ(sweep(frame, file, {.to = session(30)}).result.breaks, 1);
}

TEST(Sweep, SaysWhatItTookForGranted) {
    const market::Frame frame =
        RowMarket{}
            .add("000010", 0, std::vector<Row>(5, flat(1'000)), market::Market::unknown)
            .frame();
    const auto file =
        parse("[a]\nabout = \"Buys.\"\nentry = \"close > 0\"\nparticipation = \"off\"\n");
    const std::vector<std::string> notes =
        sweep(frame, file, {.unknown_is = market::Market::kosdaq}).result.notes;
    EXPECT_THAT(notes, testing::Contains(HasSubstr("taken as 2019-01-02, the first bar")));
    EXPECT_THAT(notes, testing::Contains(HasSubstr("Idle cash earns nothing")));
    EXPECT_THAT(notes, testing::Contains(HasSubstr("1 symbol of unknown market: taken as KOSDAQ")));
    EXPECT_THAT(notes, testing::Contains(HasSubstr("Optimistic: 1 set")));
    const std::vector<std::string> given =
        sweep(frame, parse(above_thousand), {.from = session(1)}).result.notes;
    EXPECT_THAT(given, testing::Not(testing::Contains(HasSubstr("--from"))));
    EXPECT_THAT(given, testing::Not(testing::Contains(HasSubstr("Optimistic"))));
}

TEST(Sweep, RefusesOptionsOutOfRange) {
    const market::Frame frame =
        RowMarket{}.add("000010", 0, std::vector<Row>(5, flat(1'000))).frame();
    const auto file = parse(above_thousand);
    for (const SweepOptions& options :
         {SweepOptions{.slippage_bp = -1}, SweepOptions{.slippage_bp = std::nan("")},
          SweepOptions{.participation = 0}, SweepOptions{.commission_e7 = -1},
          SweepOptions{.annualisation = 0}}) {
        const auto output = run_sweep(frame, file, options);
        ASSERT_FALSE(output.has_value());
        EXPECT_EQ(output.error().code, ErrorCode::bad_usage);
    }
}

TEST(Sweep, StopsWhenAsked) {
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::string_view, std::size_t, std::size_t) { stop.request_stop(); };
    const auto output = run_sweep(generated(24, 120), parse(crossings), {.threads = 1}, progress);
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().code, ErrorCode::cancelled);
}

TEST(Sweep, GivesTheSameBitsOnEveryCpuTargetAndAnyNumberOfThreads) {
    const market::Frame frame = generated(60, 300);
    const strategy::StrategyFile file = parse(crossings);
    const auto run = [&](unsigned threads) {
        SweepOutput output = sweep(frame, file, {.threads = threads, .trades = true});
        output.result.elapsed_ms = {};
        return output;
    };
    const SweepOutput expected = run(1);
    EXPECT_GT(expected.result.fills.size(), 1'000u);
    const std::string document = to_json(expected.result, 0, true);
    for (const CpuTarget target : available_cpu_targets()) {
        ASSERT_TRUE(set_cpu_target(target).has_value());
        for (const unsigned threads : {1u, 2u, 3u}) {
            const SweepOutput output = run(threads);
            EXPECT_EQ(output.fills, expected.fills) << name_of(target) << ' ' << threads;
            EXPECT_EQ(to_json(output.result, 0, true), document)
                << name_of(target) << ' ' << threads;
            for (std::size_t i = 0; i < output.result.leaderboard.size(); ++i)
                EXPECT_EQ(output.result.leaderboard[i].returns,
                          expected.result.leaderboard[i].returns);
            for (std::size_t i = 0; i < 2; ++i)
                EXPECT_EQ(output.result.benchmarks[i].returns,
                          expected.result.benchmarks[i].returns);
        }
    }
    ASSERT_TRUE(set_cpu_target(CpuTarget::best).has_value());
}

TEST(Sweep, ListsFillsBySetSymbolAndDate) {
    const SweepOutput output = sweep(generated(20, 200), parse(crossings), {.trades = true});
    const auto& fills = output.result.fills;
    ASSERT_GT(fills.size(), 100u);
    std::vector<std::size_t> of_set;
    for (const auto& of : output.fills) of_set.push_back(of.size());
    EXPECT_EQ(std::accumulate(of_set.begin(), of_set.end(), std::size_t{0}), fills.size());
    std::size_t next = 0;
    for (const std::size_t count : of_set) {
        for (std::size_t i = next + 1; i < next + count; ++i) {
            EXPECT_EQ(fills[i].strategy, fills[next].strategy);
            EXPECT_EQ(fills[i].params, fills[next].params);
            EXPECT_LE(fills[i - 1].symbol, fills[i].symbol);
            if (fills[i - 1].symbol == fills[i].symbol) {
                EXPECT_LE(fills[i - 1].date, fills[i].date);
            }
        }
        next += count;
    }
    EXPECT_TRUE(sweep(generated(20, 200), parse(crossings)).result.fills.empty());
}

TEST(Sweep, CountsASymbolThatEndedBeforeTheFirstDecision) {
    market::BarTable bars;
    const auto sessions =
        market::Calendar::krx()
            .sessions(Date::from_civil(2019, 1, 2), Date::from_civil(2019, 12, 30))
            .value();
    for (const auto& [symbol, count] : {std::pair{"000010", 80}, std::pair{"000020", 15}}) {
        bars.begin_symbol({.symbol = symbol});
        for (int i = 0; i < count; ++i)
            bars.append({.date = sessions[static_cast<std::size_t>(i)],
                         .open = 1000 + i,
                         .high = 1010 + i,
                         .low = 990 + i,
                         .close = 1000 + i,
                         .volume = 100'000});
    }
    const auto frame = market::build_frame(bars, {});
    ASSERT_TRUE(frame);
    const auto file = strategy::parse_strategies(
        "one", "[above]\nabout = \"x\"\nentry = \"close > sma(close, 30)\"\n");
    ASSERT_TRUE(file);
    const auto output = run_sweep(*frame, *file, {});
    ASSERT_TRUE(output) << output.error().text();
    EXPECT_EQ(output->result.symbols, 1);
    ASSERT_EQ(output->result.excluded.size(), 1u);
    EXPECT_EQ(output->result.excluded[0].first, "000020");
    EXPECT_EQ(output->result.excluded[0].second,
              "it ended before the first decision, on " + output->result.s0.iso());
}

TEST(SymbolSpread, TakesQuartilesHoldingAndTheFiveBestSymbols) {
    detail::AccountBook book;
    for (std::size_t i = 0; i < 8; ++i) {
        book.lanes.push_back(i);
        // The last symbol has two segments.
        book.symbols.push_back(std::to_string(std::min<std::size_t>(i, 6)));
    }
    const std::vector<double> returns{0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.2, 0.05};
    const std::vector<double> hold{0.0, 0.0, 0.0, 0.4, 0.6, 0.0, 0.0, 0.0};
    const analytics::SymbolSpread spread = detail::spread_of(book, returns, hold);
    // Sorted: -0.2 0.05 0.1 0.2 0.3 0.4 0.5 0.6.
    EXPECT_DOUBLE_EQ(spread.median, 0.25);
    EXPECT_DOUBLE_EQ(spread.q1, 0.0875);
    EXPECT_DOUBLE_EQ(spread.q3, 0.425);
    // The two segments of the last symbol count as one.
    EXPECT_DOUBLE_EQ(spread.beat_holding, 4.0 / 7);
    // By symbol 0.1 -0.2 0.3 0.4 0.5 0.6 0.25: the five best of six positive ones.
    EXPECT_DOUBLE_EQ(spread.top5_profit_share, 2.05 / 2.15);
    const std::vector<double> losses(8, -0.1);
    EXPECT_TRUE(std::isnan(detail::spread_of(book, losses, hold).top5_profit_share));
}

}  // namespace hsl::backtest
