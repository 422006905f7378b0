// SPDX-License-Identifier: Apache-2.0
#include "backtest/detail/set_measures.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/assert.hpp"

namespace hsl::backtest::detail {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double ratio(double part, double whole) { return whole > 0 ? part / whole : undefined; }

}  // namespace

std::vector<std::size_t> day_ends(const market::Frame& frame, std::size_t s0, std::size_t last) {
    std::vector<std::size_t> ends;
    for (std::size_t t = s0; t <= last; ++t)
        if (frame.ends_day(t)) ends.push_back(t - s0);
    return ends;
}

std::vector<double> returns_of(const portfolio::SetTally& tally, const Measured& measured) {
    const std::vector<double> cash = tally.cash();
    const std::vector<std::size_t>& ends = measured.day_ends;
    std::vector<double> returns;
    returns.reserve(ends.size() - 1);
    for (std::size_t day = 1; day < ends.size(); ++day) {
        // Whole won, so the differences are exact. What closed at the end of a day, where accounts
        // open and close, took its money with it.
        const std::size_t i = ends[day];
        const std::size_t last = ends[day - 1];
        const double before = cash[last] + tally.held[last] - tally.closed[last];
        const double profit = cash[i] + tally.held[i] - tally.opened[i] - before;
        returns.push_back(before > 0 ? profit / before : 0);
    }
    return returns;
}

analytics::Measures measures_of(const portfolio::SetTally& tally, std::span<const double> returns,
                                const Measured& measured) {
    analytics::Measures measures =
        analytics::measure_returns(returns, measured.annualisation, measured.calendar_days);
    measures.trades = tally.trades;
    measures.win_rate = ratio(static_cast<double>(tally.wins), static_cast<double>(tally.trades));
    measures.profit_factor = ratio(tally.gains, tally.losses);

    // Over the sessions after s0.
    const std::vector<double> cash = tally.cash();
    double exposure = 0, equity_sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 1; i < cash.size(); ++i) {
        const double equity = cash[i] + tally.held[i];
        if (equity <= 0) continue;
        exposure += tally.held[i] / equity;
        equity_sum += equity;
        ++count;
    }
    const auto sessions = static_cast<double>(count);
    measures.exposure = ratio(exposure, sessions);
    measures.turnover = ratio(ratio((tally.bought + tally.sold) / 2, ratio(equity_sum, sessions)),
                              measured.calendar_days / 365.25);
    measures.cost_krw = tally.commission + tally.tax;
    measures.slippage_krw = tally.slippage;
    measures.skipped_entries = tally.skipped_entries;
    measures.dividends_krw = tally.dividends;
    for (const portfolio::SetTally::Settled& settled : tally.delisted)
        measures.delisted_krw += settled.won;
    return measures;
}

std::optional<analytics::Measures> measures_at_zero(const portfolio::SetTally& tally,
                                                    std::span<const double> returns,
                                                    const Measured& measured) {
    if (tally.delisted.empty()) return std::nullopt;
    // The accounts close at that session, which ends a day, so nothing later changes.
    const std::vector<std::size_t>& ends = measured.day_ends;
    std::vector<double> lost(tally.held.size());
    for (const portfolio::SetTally::Settled& settled : tally.delisted)
        lost[settled.session] += settled.won;
    const std::vector<double> cash = tally.cash();
    std::vector<double> worse(returns.begin(), returns.end());
    for (std::size_t day = 1; day < ends.size(); ++day) {
        const std::size_t last = ends[day - 1];
        const double before = cash[last] + tally.held[last] - tally.closed[last];
        if (before > 0) worse[day - 1] -= lost[ends[day]] / before;
    }
    return analytics::measure_returns(worse, measured.annualisation, measured.calendar_days);
}

AccountBook account_book(const market::Frame& frame, std::size_t s0, std::size_t last) {
    AccountBook book;
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane) {
        if (frame.lanes[lane].first > last || frame.lanes[lane].last < s0) continue;
        book.lanes.push_back(lane);
        book.symbols.push_back(frame.lanes[lane].instrument.symbol);
    }
    return book;
}

std::vector<double> account_returns(const AccountBook& book,
                                    std::span<const portfolio::LaneResult> lanes) {
    std::vector<double> returns;
    returns.reserve(book.lanes.size());
    for (const std::size_t lane : book.lanes)
        returns.push_back(
            lanes[lane].final_equity / static_cast<double>(portfolio::opening_cash_won) - 1);
    return returns;
}

double quantile(std::span<double> values, double share) {
    if (values.empty()) return undefined;
    const double at = share * static_cast<double>(values.size() - 1);
    const auto below = values.begin() + static_cast<std::ptrdiff_t>(at);
    std::ranges::nth_element(values, below);
    if (below + 1 == values.end()) return *below;
    const double above = *std::min_element(below + 1, values.end());
    return *below + (at - std::floor(at)) * (above - *below);
}

analytics::SymbolSpread spread_of(const AccountBook& book, std::span<const double> returns,
                                  std::span<const double> hold_returns) {
    HSL_ASSERT(returns.size() == book.lanes.size() && hold_returns.size() == returns.size());
    std::vector<double> values(returns.begin(), returns.end());
    analytics::SymbolSpread spread;
    spread.q1 = quantile(values, 0.25);
    spread.median = quantile(values, 0.5);
    spread.q3 = quantile(values, 0.75);

    // The segments of a symbol lie side by side; every account opened with the same cash.
    std::vector<double> profits, beyond;
    for (std::size_t i = 0; i < returns.size(); ++i) {
        if (i == 0 || book.symbols[i] != book.symbols[i - 1]) {
            profits.push_back(0);
            beyond.push_back(0);
        }
        profits.back() += returns[i];
        beyond.back() += returns[i] - hold_returns[i];
    }
    const auto ahead = std::ranges::count_if(beyond, [](double more) { return more > 0; });
    spread.beat_holding = ratio(static_cast<double>(ahead), static_cast<double>(beyond.size()));
    double best = 0, all = 0;
    for (double& profit : profits) all += profit = std::max(profit, 0.0);
    const auto five = profits.begin() + std::min<std::ptrdiff_t>(5, std::ssize(profits));
    std::ranges::partial_sort(profits, five, std::greater{});
    for (auto profit = profits.begin(); profit != five; ++profit) best += *profit;
    spread.top5_profit_share = ratio(best, all);
    return spread;
}

TileMeans tile_means(const market::Frame& frame, std::size_t tile, std::size_t s0,
                     std::span<const std::size_t> day_ends) {
    const double* close = frame.column(market::Field::close).tile(tile);
    const std::uint8_t* traded = frame.traded.tile(tile);
    // The lanes that trade on the day that ends at a session.
    const auto traded_by = [&](std::size_t end) {
        unsigned lanes = 0;
        for (std::size_t t = frame.day_first(end); t <= end; ++t) lanes |= traded[t];
        return lanes;
    };
    const std::size_t days = day_ends.size() - 1;
    TileMeans means{std::vector<double>(days), std::vector<int>(days)};
    unsigned before = traded_by(s0);
    for (std::size_t day = 0; day < days; ++day) {
        const std::size_t last = s0 + day_ends[day], t = s0 + day_ends[day + 1];
        const unsigned now = traded_by(t);
        const unsigned both = now & before;
        before = now;
        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
            if (((both >> lane) & 1) == 0) continue;
            means.sum[day] += close[t * tile_lanes + lane] / close[last * tile_lanes + lane] - 1;
            ++means.count[day];
        }
    }
    return means;
}

std::vector<double> equal_weight_returns(std::span<const TileMeans> tiles) {
    std::vector<double> returns(tiles.empty() ? 0 : tiles[0].sum.size());
    for (std::size_t i = 0; i < returns.size(); ++i) {
        double sum = 0;
        int count = 0;
        for (const TileMeans& tile : tiles) {
            sum += tile.sum[i];
            count += tile.count[i];
        }
        returns[i] = count > 0 ? sum / count : 0;
    }
    return returns;
}

}  // namespace hsl::backtest::detail
