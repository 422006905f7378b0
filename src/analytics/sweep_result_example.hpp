// SPDX-License-Identifier: Apache-2.0
#pragma once

// A made-up sweep for tests of the JSON document and the report: coin-flip timing with costs on
// random walks, judged by the real verdict. Same options, same result.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "analytics/sweep_result.hpp"
#include "base/rng.hpp"

namespace hsl::analytics {

struct ExampleOptions {
    std::size_t sets = 108, sessions = 1200, accounts = 120;
    std::uint64_t seed = 1;
    double worth = 0;  // how much better than a coin set 7 times the market, in chances of 1
    bool generated = false;
};

inline SweepResult example_sweep(const ExampleOptions& options) {
    constexpr auto families = std::to_array<std::pair<const char*, const char*>>({
        {"golden_cross",
         "Buy when the fast average crosses above the slow one, sell when it crosses back."},
        {"rsi_dip", "Buy an oversold close in a rising trend, sell the rebound."},
        {"macd_turn", "Follow MACD when it crosses its signal line above zero."},
        {"band_return", "Buy below the lower Bollinger band and sell at the middle."},
        {"breakout_trail", "Buy a new high of n days, leave by a trailing stop."},
        {"adx_trend", "Trade with the trend while ADX says there is one."},
        {"stoch_swing", "Buy a stochastic cross below 20, sell above 80."},
        {"volume_surge", "거래량 급증 after a quiet month, held ten days."},
    });
    SweepResult result;
    result.run_id = "4f6c2a91d3e07b58";
    result.data_version = "b7d2e6401a9c";
    result.rules = "krx-2026-11";
    result.code_version = "9c1f3be2a7d4";
    result.command = "hsl sweep strategies/kospi100.toml --report \"report.html\"";
    result.strategy_path = "strategies/kospi100.toml";
    result.made_at = "2026-11-23T09:12:44Z";
    result.symbols = static_cast<std::int64_t>(options.accounts);
    result.segments = result.symbols + 3;
    result.breaks = 3;
    result.commission = 0.00015;
    result.market_of_unknown = "KOSPI";
    result.generated = options.generated;
    result.universe.text = "common shares of KOSPI as of 2019-01-02";
    result.universe.source = "listings of 2019-01-02 to 2023-08-08";
    result.universe.survivors_only = 0.25;
    result.universe.left_out = {{"preferred", 2}, {"etf", 31}};
    result.universe.unconfirmed_rules = {"ETF and ETN pay no sale tax"};
    result.notes = {
        "Idle cash earns nothing and there are no dividends: sets that are seldom in the "
        "market look better beside holding than they should.",
        "`from` was taken as 2019-01-02, the first bar."};
    result.excluded = {{"005935", "preferred share (--all brings it in)"},
                       {"삼성전자우", "preferred share (--all brings it in)"},
                       {"000000</script><b>", "no traded bar in the window"}};
    result.elapsed_ms = {41.2, 187.9, 5.3};
    result.from = result.s0 = Date::from_civil(2019, 1, 2);
    for (int day = 1; result.dates.size() < options.sessions; ++day)
        if (const Date date = result.from + day; !date.is_weekend()) result.dates.push_back(date);
    result.to = result.dates.back();
    result.sessions = static_cast<std::int64_t>(options.sessions) + 1;
    result.trials = static_cast<std::int64_t>(options.sets);
    const double days = result.to - result.from;
    result.annualisation = annualisation_for(result.sessions, result.to - result.from + 1);
    const double years = days / 365.25;

    Rng rng{options.seed};
    std::vector<double> market(options.sessions);
    for (double& r : market) r = 0.0004 + 0.011 * rng.normal();
    const auto measured = [&](LeaderboardRow& row) {
        row.measures = measure_returns(row.returns, result.annualisation, days);
    };
    const auto spread = [&](LeaderboardRow& row, double drift) {
        for (std::size_t i = 0; i < options.accounts; ++i)
            row.symbol_returns.push_back(
                (1 + drift) * (0.6 + 0.5 * rng.uniform() + 0.3 * std::abs(rng.normal())) - 1);
        std::vector<double> sorted = row.symbol_returns;
        std::ranges::sort(sorted);
        row.symbols = {sorted[sorted.size() / 2], sorted[sorted.size() / 4],
                       sorted[sorted.size() * 3 / 4], rng.uniform(), 0.05 + 0.3 * rng.uniform()};
    };

    LeaderboardRow hold;
    hold.strategy = "hold";
    hold.about = "Every symbol bought at the first possible open and held.";
    hold.returns = market;
    measured(hold);
    spread(hold, hold.measures.total_return);
    hold.measures.exposure = 0.998;
    hold.measures.turnover = 0.1;
    hold.measures.cost_krw = 180'000;
    hold.measures.win_rate = hold.measures.profit_factor = std::nan("");
    hold.symbols.beat_holding = std::nan("");
    hold.verdict = benchmark_verdict(hold.returns);
    LeaderboardRow equal = hold;
    equal.strategy = "equal_weight";
    equal.about = "The mean return of the symbols that trade, without costs.";
    for (double& r : equal.returns) r += 0.002 * rng.normal();
    measured(equal);
    equal.measures.exposure = equal.measures.turnover = std::nan("");
    equal.symbol_returns.clear();
    equal.symbols = {std::nan(""), std::nan(""), std::nan(""), std::nan(""), std::nan("")};
    equal.verdict = benchmark_verdict(equal.returns);

    std::vector<LeaderboardRow> rows(options.sets);
    for (std::size_t i = 0; i < options.sets; ++i) {
        LeaderboardRow& row = rows[i];
        const auto& [family, about] = families[i % families.size()];
        row.strategy = family;
        row.about = about;
        row.params = {{"fast", 5 + static_cast<double>(i / families.size())},
                      {"stop", 0.05 + 0.01 * static_cast<double>(i % 4)}};
        const double pace = 0.02 + 0.2 * rng.uniform(), level = 0.15 + 0.7 * rng.uniform();
        double exposure = 0, traded = 0, held = 0;
        for (const double r : market) {
            const double edge = i == 7 && r > 0 ? options.worth : 0;
            double wanted = exposure;
            if (rng.uniform() < pace + edge)
                wanted = std::clamp(level + edge + 0.2 * rng.normal(), 0.0, 1.0);
            traded += std::abs(wanted - exposure);
            exposure = wanted;
            held += exposure;
            row.returns.push_back(exposure * r + 0.0025 * exposure * rng.normal() - 0.0003 * pace);
        }
        measured(row);
        row.measures.trades =
            static_cast<std::int64_t>(traded * static_cast<double>(options.accounts));
        row.measures.win_rate = 0.35 + 0.25 * rng.uniform();
        row.measures.profit_factor = 0.8 + 0.8 * rng.uniform();
        row.measures.exposure = held / static_cast<double>(options.sessions);
        row.measures.turnover = traded / 2 / years;
        row.measures.cost_krw =
            std::round(traded * 1e7 * 0.0015 * static_cast<double>(options.accounts) / 2);
        row.measures.slippage_krw = std::round(row.measures.cost_krw * 0.6);
        row.measures.skipped_entries = static_cast<std::int64_t>(rng.below(40));
        row.measures.dividends_krw = std::round(row.measures.exposure * 2e6);
        if (i % 3 == 0) {
            row.measures.delisted_krw = 1'234'567;
            row.delisted_at_zero = row.measures;
            row.delisted_at_zero->total_return -= 0.01;
        }
        spread(row, row.measures.total_return);
    }
    result.benchmarks = {std::move(hold), std::move(equal)};
    judge_and_rank(result, std::move(rows));
    constexpr auto names =
        std::to_array<const char*>({"005930 삼성전자", "000660 SK하이닉스", "005380 현대차",
                                    "035420 NAVER", "068270 셀트리온"});
    for (std::size_t i = 0; i < options.accounts; ++i)
        result.accounts.push_back(i < names.size() ? names[i] : fmt::format("{:06}", 10 * i));
    result.fills = {{.strategy = "golden_cross",
                     .params = {{"fast", 5}, {"stop", 0.05}},
                     .symbol = "005930",
                     .side = "buy",
                     .signal_date = Date::from_civil(2019, 3, 4),
                     .date = Date::from_civil(2019, 3, 5),
                     .price = 44'850,
                     .shares = 222,
                     .commission = 1'493,
                     .tax = 0,
                     .reason = "entry"}};
    return result;
}

}  // namespace hsl::analytics
