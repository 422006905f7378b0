// SPDX-License-Identifier: Apache-2.0
#include "naive_loop.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "bench.hpp"
#include "market/lane_rules.hpp"
#include "market/rules.hpp"
#include "portfolio/fill.hpp"

namespace hsl::bench {
namespace {

using market::Field;

// One symbol's series on its own, as a loop over symbols would have read them from files.
struct Series {
    std::size_t first = 0, last = 0;
    bool cut_before_end = false;  // the lane ends before the run does
    std::vector<double> open, close, value;
    std::vector<char> buyable, sellable;
    std::vector<std::int64_t> tax_e7;
    const market::Lane* lane = nullptr;
    const market::Frame* frame = nullptr;
    std::size_t index = 0;

    // What slippage leaves of a price: whole ticks within the exact limits where prices are raw.
    double bought_at(std::size_t t, double slipped) const {
        if (!lane->is_raw())
            return std::min(slipped,
                            std::max(open[t], std::floor(market::limit_up_ratio * close[t - 1])));
        if (slipped == open[t]) return slipped;
        const auto limits = market::limits_of(*frame, index, t);
        check(limits.has_value(), "the limits of every session are known");
        const auto price = static_cast<double>(market::tick_above(
            lane->traded_as(t), frame->sessions[t], static_cast<std::int64_t>(slipped)));
        return std::min(price, std::max(open[t], static_cast<double>(limits->upper)));
    }
    double sold_at(std::size_t t, double slipped) const {
        if (!lane->is_raw())
            return std::max(slipped,
                            std::min(open[t], std::ceil(market::limit_down_ratio * close[t - 1])));
        if (slipped == open[t]) return slipped;
        const auto limits = market::limits_of(*frame, index, t);
        check(limits.has_value(), "the limits of every session are known");
        const auto price = static_cast<double>(market::tick_below(
            lane->traded_as(t), frame->sessions[t], static_cast<std::int64_t>(slipped)));
        return std::max(price, std::min(open[t], static_cast<double>(limits->lower)));
    }
};

Series series_of(const market::Frame& frame, std::size_t lane, const backtest::Window& window) {
    Series series;
    series.lane = &frame.lanes[lane];
    series.frame = &frame;
    series.index = lane;
    check(series.lane->actions.empty(), "the market has no corporate actions");
    series.first = frame.lanes[lane].first;
    series.last = std::min(frame.lanes[lane].last, window.last);
    series.cut_before_end = frame.lanes[lane].last < window.last;
    const market::Market market = frame.lanes[lane].instrument.market;
    for (std::size_t t = 0; t < frame.session_count(); ++t) {
        series.open.push_back(frame.column(Field::open).at(lane, t));
        series.close.push_back(frame.column(Field::close).at(lane, t));
        series.value.push_back(frame.column(Field::value).at(lane, t));
        series.buyable.push_back(frame.buyable.at(lane, t));
        series.sellable.push_back(frame.sellable.at(lane, t));
        const bool sells = t > window.s0 && t <= window.last;
        series.tax_e7.push_back(sells ? *market::sale_tax_e7(market, frame.sessions[t]) : 0);
    }
    return series;
}

struct Params {
    std::size_t fast = 0, slow = 0;
    double slippage = 0;
};

double param(const strategy::StrategySet& set, std::string_view name) {
    for (const auto& [key, value] : set.params)
        if (key == name) return value;
    check(false, "the family has the parameters fast and slow");
    return 0;
}

constexpr double commission_rate = 1500;

double cost(double value, double rate_e7) { return std::floor(value * rate_e7 / 1e7); }

// Daily sums over the accounts of a set, from s0.
struct Sums {
    std::vector<double> profit, equity_before;
};

// Trades one set on one symbol; adds its days to the sums and returns its final equity.
double trade(const Series& series, const Params& params, const backtest::Window& window,
             Sums& sums) {
    const auto fast = static_cast<double>(params.fast);
    const auto slow = static_cast<double>(params.slow);
    const std::size_t opens = std::max(window.s0, series.first);
    double fast_sum = 0, slow_sum = 0, value_sum = 0;
    double fast_before = std::numeric_limits<double>::quiet_NaN();
    double slow_before = fast_before;
    double cash = static_cast<double>(portfolio::opening_cash_won);
    double shares = 0, limit = 0;
    double equity = cash;
    bool entry_pending = false, exit_waiting = false;
    for (std::size_t t = series.first; t <= series.last; ++t) {
        if (t > opens) {
            const double open = series.open[t];
            if (exit_waiting && series.sellable[t] != 0) {
                const double slipped = std::floor(open * (1e6 - params.slippage) / 1e6);
                const double price = series.sold_at(t, slipped);
                const double value = shares * price;
                cash += value - cost(value, commission_rate) -
                        cost(value, static_cast<double>(series.tax_e7[t]));
                shares = 0;
                exit_waiting = false;
            }
            if (entry_pending && series.buyable[t] != 0) {
                const double slipped = std::ceil(open * (1e6 + params.slippage) / 1e6);
                const double price = series.bought_at(t, slipped);
                double n = std::floor(std::min(cash, limit) / price);
                while (n > 0 &&
                       (n * price + cost(n * price, commission_rate) > cash || n * price > limit))
                    n -= 1;
                if (n > 0) {
                    shares = n;
                    cash -= n * price + cost(n * price, commission_rate);
                }
            }
            entry_pending = false;
        }
        if (series.cut_before_end && t == series.last && shares > 0) {
            const double value = shares * series.close[t];
            cash += value - cost(value, commission_rate) -
                    cost(value, static_cast<double>(series.tax_e7[t]));
            shares = 0;
            exit_waiting = false;
        }

        const std::size_t age = t - series.first + 1;
        fast_sum += series.close[t];
        slow_sum += series.close[t];
        value_sum += series.value[t];
        if (age > params.fast) fast_sum -= series.close[t - params.fast];
        if (age > params.slow) slow_sum -= series.close[t - params.slow];
        if (age > 20) value_sum -= series.value[t - 20];
        const double fast_now = fast_sum / fast;
        const double slow_now = slow_sum / slow;
        if (age > params.slow && t >= opens) {
            if (shares > 0) {
                exit_waiting = exit_waiting || (fast_before >= slow_before && fast_now < slow_now);
            } else if (fast_before <= slow_before && fast_now > slow_now) {
                entry_pending = true;
                limit = 0.01 * (value_sum / static_cast<double>(std::min<std::size_t>(age, 20)));
            }
        }
        fast_before = fast_now;
        slow_before = slow_now;
        if (t > opens) {
            const double equity_before = equity;
            equity = cash + shares * series.close[t];
            sums.profit[t - window.s0] += equity - equity_before;
            sums.equity_before[t - window.s0] += equity_before;
        }
    }
    return equity;
}

}  // namespace

NaiveResult naive_sma_cross(const market::Frame& frame, const strategy::StrategyFile& file,
                            const backtest::Window& window) {
    std::vector<Series> symbols;
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
        if (frame.lanes[lane].first <= window.last && frame.lanes[lane].last >= window.s0)
            symbols.push_back(series_of(frame, lane, window));
    NaiveResult result;
    for (const strategy::StrategySet& set : file.sets) {
        const Params params{static_cast<std::size_t>(param(set, "fast")),
                            static_cast<std::size_t>(param(set, "slow")),
                            std::isnan(set.slippage_bp) ? 0 : set.slippage_bp * 100};
        const std::size_t sessions = window.last + 1 - window.s0;
        Sums sums{std::vector<double>(sessions), std::vector<double>(sessions)};
        NaiveSet done{.params = set.params, .final_equity = {}, .returns = {}};
        for (const Series& series : symbols)
            done.final_equity.push_back(trade(series, params, window, sums));
        for (std::size_t i = 1; i < sessions; ++i)
            done.returns.push_back(
                sums.equity_before[i] > 0 ? sums.profit[i] / sums.equity_before[i] : 0);
        result.push_back(std::move(done));
    }
    return result;
}

bool same_as_naive(const backtest::SweepOutput& sweep, const NaiveResult& naive) {
    if (sweep.result.leaderboard.size() != naive.size()) return false;
    for (const analytics::LeaderboardRow& row : sweep.result.leaderboard) {
        const auto set = std::ranges::find(naive, row.params, &NaiveSet::params);
        if (set == naive.end() || set->returns != row.returns) return false;
        std::vector<double> returns;
        for (const double equity : set->final_equity)
            returns.push_back(equity / static_cast<double>(portfolio::opening_cash_won) - 1);
        if (returns != row.symbol_returns) return false;
    }
    return true;
}

}  // namespace hsl::bench
