// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "analytics/sweep_result.hpp"
#include "analytics/sweep_result_example.hpp"

namespace hsl::analytics {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t times(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

// One set, every figure told apart from its neighbours.
SweepResult small_result() {
    SweepResult result;
    result.run_id = "run";
    result.data_version = "data";
    result.rules = "rules";
    result.code_version = "code";
    result.symbols = 9;
    result.segments = 10;
    result.sessions = 713;
    result.breaks = 1;
    result.trials = 2;
    result.from = Date::from_civil(2015, 6, 15);
    result.to = Date::from_civil(2018, 5, 4);
    result.s0 = Date::from_civil(2016, 4, 1);
    result.annualisation = 246.5;
    result.commission = 0.00015;
    result.market_of_unknown = "KOSPI";
    result.notes = {"a note"};
    result.excluded = {{"005935", "preferred"}};
    result.elapsed_ms = {1, 2, 3};
    LeaderboardRow row;
    row.rank = 1;
    row.strategy = "cross";
    row.params = {{"fast", 5}, {"stop", 0.08}};
    row.measures = {.total_return = 0.1,
                    .cagr = 0.2,
                    .volatility = 0.3,
                    .sharpe = 0.4,
                    .sortino = 0.5,
                    .max_drawdown = 0.6,
                    .max_drawdown_sessions = 7,
                    .calmar = std::nan(""),
                    .trades = 8,
                    .win_rate = 0.9,
                    .profit_factor = 1.1,
                    .exposure = 1.2,
                    .turnover = 1.3,
                    .cost_krw = 14,
                    .slippage_krw = 15,
                    .skipped_entries = 16};
    row.symbols = {1.7, 1.8, 1.9, 0.21, 0.22};
    row.verdict = {.psr = 0.23,
                   .psr_raw = 0.24,
                   .dsr = 0.25,
                   .min_trl = HUGE_VAL,
                   .q_value = 0.26,
                   .sharpe_beyond = 0.27,
                   .slope = 0.28};
    result.leaderboard.assign(2, row);
    result.leaderboard[1].rank = 2;
    result.best_row = 1;
    LeaderboardRow hold = row;
    hold.strategy = "hold";
    hold.params.clear();
    hold.verdict = {.psr_raw = 0.5};
    result.benchmarks = {hold};
    result.verdict.text = "Text.";
    result.verdict.dsr_best = 0.25;
    result.verdict.luck_sharpe = 0.92;
    result.verdict.effective_trials = 1.5;
    return result;
}

constexpr const char* figures =
    R"("total_return":0.1,"cagr":0.2,"volatility":0.3,"sharpe":0.4,"sortino":0.5,"max_drawdown":0.6,)"
    R"("max_drawdown_sessions":7,"calmar":null,"trades":8,"win_rate":0.9,"profit_factor":1.1,"exposure":1.2,)"
    R"("turnover":1.3,"cost_krw":14,"slippage_krw":15,"skipped_entries":16,)"
    R"("symbols":{"median":1.7,"q1":1.8,"q3":1.9,"beat_holding":0.21,"top5_profit_share":0.22},)";

TEST(SweepJson, HasTheDocumentedKeysInOrder) {
    const std::string f = figures;
    const std::string row = f +
                            R"("psr":0.23,"psr_raw":0.24,"dsr":0.25,"min_trl":null,"q_value":0.26,)"
                            R"("dividends_krw":0,"delisted_krw":0,"delisted_at_zero":null})";
    const std::string set = R"("strategy":"cross","params":{"fast":5,"stop":0.08},)" + row;
    EXPECT_EQ(
        to_json(small_result(), 0, false),
        R"({"run_id":"run","data_version":"data","rules":"rules","symbols":9,"segments":10,"sessions":713,)"
        R"("from":"2015-06-15","to":"2018-05-04","s0":"2016-04-01","annualisation":246.5,"trials":2,"breaks":1,)"
        R"("excluded":[{"symbol":"005935","reason":"preferred"}],)"
        R"("elapsed_ms":{"load":1,"compute":2,"verdict":3},)"
        R"("leaderboard":[{"rank":1,)" +
            set + R"(,{"rank":2,)" + set + R"(],"benchmarks":[{"name":"hold",)" + f +
            R"("psr":null,"psr_raw":0.5,"dsr":null,"min_trl":null,"q_value":null,)"
            R"("dividends_krw":0,"delisted_krw":0,"delisted_at_zero":null}],)"
            R"("verdict":{"text":"Text.","best":{"rank":2,"strategy":"cross","params":{"fast":5,"stop":0.08}},)"
            R"("dsr_best":0.25,"luck_sharpe":0.92,"significant_after_fdr":0,"effective_trials":1.5},)"
            R"("generated":false,"commission":0.00015,"market_of_unknown":"KOSPI","code_version":"code",)"
            R"("universe":{"text":"","source":"","survivors_only":null,"left_out":{},)"
            R"("unconfirmed_rules":[]},"notes":["a note"]})");
}

TEST(SweepJson, ShowsTheFirstRowsButNamesTheBestOfAll) {
    const std::string json = to_json(small_result(), 1, false);
    EXPECT_EQ(times(json, "\"strategy\":\"cross\",\"params\""), 2u);  // one row, and the best
    EXPECT_THAT(json, HasSubstr(R"("best":{"rank":2,)"));
    EXPECT_THAT(json, HasSubstr(R"("trials":2)"));
}

TEST(SweepJson, HasFillsWhenAskedFor) {
    const SweepResult result = example_sweep({.sets = 3, .sessions = 60, .accounts = 3});
    EXPECT_THAT(to_json(result, 0, false), Not(HasSubstr("\"fills\"")));
    EXPECT_THAT(
        to_json(result, 0, true),
        HasSubstr(
            R"("fills":[{"strategy":"golden_cross","params":{"fast":5,"stop":0.05},"symbol":"005930",)"
            R"("side":"buy","signal_date":"2019-03-04","date":"2019-03-05","price":44850,)"
            R"("shares":222,"commission":1493,"tax":0,"reason":"entry"}])"));
}

TEST(SweepJson, DiffersBetweenRunsInElapsedTimeOnly) {
    SweepResult first = small_result(), second = small_result();
    second.elapsed_ms = {4, 5, 6};
    second.made_at = "2026-11-23T09:12:44Z";
    second.command = "hsl sweep kospi100.toml --threads 2";
    const std::string elapsed = R"("elapsed_ms":{"load":4,"compute":5,"verdict":6})";
    std::string json = to_json(second, 0, false);
    json.replace(json.find(elapsed), elapsed.size(),
                 R"("elapsed_ms":{"load":1,"compute":2,"verdict":3})");
    EXPECT_EQ(json, to_json(first, 0, false));
}

}  // namespace
}  // namespace hsl::analytics
