// SPDX-License-Identifier: Apache-2.0
#include "backtest/reference_engine.hpp"

#include <array>
#include <limits>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "portfolio/fill_kernel.hpp"
#include "portfolio/frame_from_rows.hpp"

namespace hsl::backtest {
namespace {

using portfolio::Reason;
using portfolio::RowMarket;

// Signals of every lane over the whole frame.
struct Signals {
    Signals(Rng& rng, const market::Frame& frame)
        : entry(frame.tile_count(), frame.session_count()),
          exit(frame.tile_count(), frame.session_count()) {
        const std::uint64_t entry_gap = 1 + rng.below(20);
        const std::uint64_t exit_gap = 1 + rng.below(60);
        for (std::size_t tile = 0; tile < frame.tile_count(); ++tile)
            for (std::size_t t = 0; t < frame.session_count(); ++t) {
                entry.tile(tile)[t] = sparse(rng, entry_gap);
                exit.tile(tile)[t] = sparse(rng, exit_gap);
            }
    }
    static std::uint8_t sparse(Rng& rng, std::uint64_t gap) {
        std::uint8_t bits = 0;
        for (unsigned lane = 0; lane < tile_lanes; ++lane)
            if (rng.below(gap) == 0) bits = static_cast<std::uint8_t>(bits | 1u << lane);
        return bits;
    }
    MaskColumn entry, exit;
};

portfolio::TradeRules random_rules(Rng& rng) {
    // Round fractions make levels that a price can equal.
    constexpr double round[] = {0.05, 0.1, 0.125, 0.2, 0.25, 1.0 / 7};
    const auto sometimes = [&](double highest) {
        if (rng.below(2) == 0) return std::numeric_limits<double>::quiet_NaN();
        if (rng.below(2) == 0) return round[rng.below(std::size(round))];
        return highest * (0.02 + 0.98 * rng.uniform());
    };
    portfolio::TradeRules rules;
    rules.stop_loss = sometimes(0.2);
    rules.take_profit = sometimes(0.3);
    rules.trailing_stop = rng.below(8) == 0 ? rules.stop_loss : sometimes(0.2);
    rules.max_hold = rng.below(2) == 0 ? 0 : static_cast<int>(1 + rng.below(25));
    constexpr std::int64_t slippages[] = {0, 1'000, 1'234, 20'000, 300'000};
    rules.slippage_e6 = slippages[rng.below(std::size(slippages))];
    constexpr double participations[] = {0.01, 0.0005, 0.3,
                                         std::numeric_limits<double>::infinity()};
    rules.participation = participations[rng.below(std::size(participations))];
    constexpr std::int64_t commissions[] = {1'500, 0, 333, 100'000};
    rules.commission_e7 = commissions[rng.below(std::size(commissions))];
    return rules;
}

// Days on which rules change come after each of them.
constexpr const char* origins[] = {"1995-04-03", "1996-09-02", "1998-01-05", "1998-10-01",
                                   "2005-01-03", "2010-08-02", "2015-04-01", "2019-01-02",
                                   "2022-12-01", "2023-11-01", "2025-11-03"};

// What a symbol is traded as changes with the days.
void list_at_random(RowMarket& rows, Rng& rng, const std::string& symbol, std::size_t sessions,
                    Date origin, std::span<const market::Market> markets) {
    constexpr market::ShareClass classes[] = {market::ShareClass::common, market::ShareClass::spac,
                                              market::ShareClass::etf, market::ShareClass::unknown};
    constexpr const char* names[] = {"", "KODEX 레버리지", "3X", "인버스"};
    for (std::uint64_t count = rng.below(4); count > 0; --count) {
        market::Listing listing{.symbol = symbol,
                                .name = names[rng.below(std::size(names))],
                                .market = markets[rng.below(markets.size())],
                                .share_class = classes[rng.below(std::size(classes))]};
        if (rng.below(5) != 0) listing.first = RowMarket::day(rng.below(sessions), origin);
        rows.list(std::move(listing));
    }
}

market::Frame random_frame(Rng& rng, bool raw) {
    const Date origin = rng.below(2) == 0 ? RowMarket::usual_first
                                          : *parse_date(origins[rng.below(std::size(origins))]);
    RowMarket rows{origin};
    const std::size_t symbols = 1 + rng.below(12);
    const std::size_t sessions = 20 + rng.below(120);
    const auto day_of = [&](std::size_t session) { return RowMarket::day(session, origin); };
    constexpr market::Market all_markets[] = {market::Market::kospi, market::Market::kosdaq,
                                              market::Market::unknown, market::Market::konex};
    // KONEX opened in July 2013.
    const std::span markets{all_markets, day_of(0) < *parse_date("2013-07-01") ? 3u : 4u};
    const bool all = rng.below(3) != 0;
    for (std::size_t i = 0; i < symbols; ++i) {
        const std::size_t first = rng.below(2) == 0 ? 0 : rng.below(sessions / 2);
        const std::size_t count =
            rng.below(2) == 0 ? sessions - first : 1 + rng.below(sessions - first);
        std::vector<portfolio::Row> drawn = portfolio::random_rows(rng, count);
        drawn.front() = portfolio::flat(drawn.front().close == 0 ? 1'000 : drawn.front().close);
        const std::string symbol = fmt::format("{:05}0", i + 1);
        if (raw)
            for (std::uint64_t actions = rng.below(5); actions > 0 && count > 1; --actions)
                rows.act(portfolio::random_action(rng, symbol, first, 1 + rng.below(count - 1),
                                                  drawn, origin));
        if (raw && rng.below(2) == 0) {
            const std::size_t last = first + count - 1;
            rows.state({.symbol = symbol,
                        .state = market::ListingState::liquidation,
                        .first = day_of(last - rng.below(std::min<std::size_t>(count, 9)))});
            rows.act({.symbol = symbol,
                      .kind = market::ActionKind::delisting,
                      .ex_date = day_of(last + 1)});
        }
        // The first symbol is always there.
        if (i > 0 && rng.below(2) == 0)
            list_at_random(rows, rng, symbol, sessions, origin, markets);
        rows.add(symbol, first, drawn, markets[rng.below(markets.size())],
                 raw && rng.below(4) != 0 ? market::Basis::raw : market::Basis::unknown);
    }
    return rows.frame(
        market::FrameOptions{.allow_breaks = rng.below(3) == 0, .all = all, .threads = 1});
}

struct KernelRun {
    explicit KernelRun(std::size_t sessions) : tally(sessions) {}
    portfolio::SetTally tally;
    std::vector<portfolio::Fill> fills;
    std::vector<portfolio::LaneResult> lanes;
};

KernelRun kernel_run(const portfolio::KernelContext& context, const portfolio::TradeRules& rules,
                     const Signals& signals, bool with_exit) {
    KernelRun run{context.last + 1 - context.s0};
    portfolio::TileWalker walker{context};
    for (std::size_t tile = 0; tile < context.frame->tile_count(); ++tile) {
        walker.load(tile);
        std::array<portfolio::LaneResult, tile_lanes> lanes;
        walker.walk(rules, signals.entry.tile(tile), with_exit ? signals.exit.tile(tile) : nullptr,
                    run.tally, lanes, &run.fills);
        run.lanes.insert(run.lanes.end(), lanes.begin(), lanes.end());
    }
    return run;
}

// What all lanes did together, by the reference engine.
struct ReferenceRun {
    std::vector<portfolio::Fill> fills;
    std::vector<double> equity, held, final_equity;
    std::int64_t skipped_entries = 0, dividends = 0, delisted_proceeds = 0;
};

ReferenceRun reference_run(const portfolio::KernelContext& context,
                           const portfolio::TradeRules& rules, const Signals& signals,
                           bool with_exit) {
    const market::Frame& frame = *context.frame;
    ReferenceRun run;
    run.equity.resize(context.last + 1 - context.s0);
    run.held.resize(run.equity.size());
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane) {
        const std::size_t count = frame.session_count();
        const auto entry = std::make_unique<bool[]>(count);
        const auto exit = std::make_unique<bool[]>(count);
        for (std::size_t t = 0; t < count; ++t) {
            entry[t] = signals.entry.at(lane, t);
            exit[t] = with_exit && signals.exit.at(lane, t);
        }
        const auto account =
            trade_one_lane(frame, lane, context.s0, context.last, rules, market::Market::kosdaq,
                           {entry.get(), count}, {exit.get(), count});
        EXPECT_TRUE(account.has_value());
        run.fills.insert(run.fills.end(), account->fills.begin(), account->fills.end());
        for (std::size_t i = 0; i < run.equity.size(); ++i) {
            run.equity[i] += static_cast<double>(account->equity[i]);
            run.held[i] += static_cast<double>(account->held[i]);
        }
        const std::size_t closes = std::min(frame.lanes[lane].last, context.last);
        run.final_equity.push_back(
            closes < context.s0 ? 0 : static_cast<double>(account->equity[closes - context.s0]));
        run.skipped_entries += account->skipped_entries;
        run.dividends += account->dividends;
        run.delisted_proceeds += account->delisted_proceeds;
    }
    return run;
}

std::string in_words(const portfolio::Fill& fill) {
    return fmt::format("lane {} session {} {} {} x {} ({}, decided {}, {} + {} won, slippage {})",
                       fill.lane, fill.session, name_of(fill.side), fill.shares, fill.price,
                       name_of(fill.reason), fill.signal_session, fill.commission, fill.tax,
                       fill.slippage);
}

// The first fill that differs; empty when none does.
std::string difference(const std::vector<portfolio::Fill>& found,
                       const std::vector<portfolio::Fill>& expected) {
    for (std::size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
        const bool both = i < found.size() && i < expected.size();
        if (both && found[i] == expected[i]) continue;
        return fmt::format("fill {}: {}, the reference has {}", i,
                           i < found.size() ? in_words(found[i]) : "none",
                           i < expected.size() ? in_words(expected[i]) : "none");
    }
    return {};
}

struct Coverage {
    std::size_t fills = 0;
    std::array<std::size_t, 9> reasons{};
    std::size_t skipped = 0, waited = 0, partial = 0, paid = 0;
};

// One random market, window, set of rules and signals: kernel and reference agree fill by fill and
// won by won at every close, on every CPU target.
void compare(std::uint64_t seed, bool raw, Coverage& coverage) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng{seed};
    const market::Frame frame = random_frame(rng, raw);
    const std::size_t s0 = rng.below(frame.session_count());
    const std::size_t last =
        rng.below(2) == 0 ? frame.session_count() - 1 : s0 + rng.below(frame.session_count() - s0);
    const auto context = portfolio::make_context(frame, s0, last, market::Market::kosdaq);
    ASSERT_TRUE(context.has_value()) << context.error().message;
    portfolio::TradeRules rules = random_rules(rng);
    const bool all_raw = std::ranges::all_of(frame.lanes, &market::Lane::is_raw);
    if (all_raw) rules.slippage_ticks = static_cast<int>(rng.below(4));
    if (raw && rng.below(2) == 0) rules.rights = portfolio::Rights::subscribe;
    const Signals signals{rng, frame};
    const bool with_exit = rng.below(4) != 0;

    const ReferenceRun expected = reference_run(*context, rules, signals, with_exit);
    for (const CpuTarget target : available_cpu_targets()) {
        ASSERT_TRUE(set_cpu_target(target).has_value());
        SCOPED_TRACE(name_of(target));
        const KernelRun run = kernel_run(*context, rules, signals, with_exit);
        ASSERT_EQ(difference(run.fills, expected.fills), "");
        ASSERT_EQ(run.tally.held, expected.held);
        ASSERT_EQ(run.tally.skipped_entries, expected.skipped_entries);
        EXPECT_FALSE(run.tally.overflow);
        const std::vector<double> cash = run.tally.cash();
        for (std::size_t i = 0; i < cash.size(); ++i)
            ASSERT_EQ(cash[i] + run.tally.held[i], expected.equity[i]) << "session " << s0 + i;
        for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
            ASSERT_EQ(run.lanes[lane].final_equity, expected.final_equity[lane]) << "lane " << lane;
        ASSERT_EQ(run.tally.dividends, static_cast<double>(expected.dividends));
        double delisted = 0;
        for (const auto& settled : run.tally.delisted) delisted += settled.won;
        ASSERT_EQ(delisted, static_cast<double>(expected.delisted_proceeds));
        // The sums are those of the fills.
        portfolio::SetTally of_fills{1};
        for (const portfolio::Fill& fill : run.fills) {
            const auto value = static_cast<double>(fill.price * fill.shares);
            (fill.side == portfolio::Side::buy ? of_fills.bought : of_fills.sold) += value;
            of_fills.commission += static_cast<double>(fill.commission);
            of_fills.tax += static_cast<double>(fill.tax);
            of_fills.slippage += static_cast<double>(fill.slippage);
        }
        EXPECT_EQ(run.tally.bought, of_fills.bought);
        EXPECT_EQ(run.tally.sold, of_fills.sold);
        EXPECT_EQ(run.tally.commission, of_fills.commission);
        EXPECT_EQ(run.tally.tax, of_fills.tax);
        EXPECT_EQ(run.tally.slippage, of_fills.slippage);
    }
    coverage.fills += expected.fills.size();
    coverage.paid += expected.dividends > 0 ? 1 : 0;
    for (std::size_t i = 1; i < expected.fills.size(); ++i)
        coverage.partial += expected.fills[i].side == portfolio::Side::sell &&
                            expected.fills[i - 1].side == portfolio::Side::sell &&
                            expected.fills[i - 1].lane == expected.fills[i].lane;
    coverage.skipped += static_cast<std::size_t>(expected.skipped_entries);
    for (const portfolio::Fill& fill : expected.fills) {
        ++coverage.reasons[static_cast<std::size_t>(fill.reason)];
        coverage.waited += fill.reason == Reason::stop_loss && fill.signal_session != fill.session;
    }
}

void compare_seeds(std::uint64_t first, std::uint64_t count, bool raw) {
    Coverage coverage;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        compare(seed, raw, coverage);
        if (testing::Test::HasFatalFailure()) break;
    }
    ASSERT_TRUE(set_cpu_target(CpuTarget::best).has_value());
    // The seeds reach every kind of fill, so none of them is compared with nothing.
    const std::size_t reasons = coverage.reasons.size() - (raw ? 0 : 1);  // delistings
    for (std::size_t reason = 0; reason < reasons; ++reason)
        EXPECT_GT(coverage.reasons[reason], count / 20) << name_of(static_cast<Reason>(reason));
    EXPECT_GT(coverage.skipped, count / 20);
    EXPECT_GT(coverage.waited, count / 20);
    if (!raw) return;
    EXPECT_GT(coverage.paid, count / 20);
    EXPECT_GT(coverage.partial, count / 40);
}

}  // namespace

TEST(ReferenceEngine, AgreesWithTheKernelOnRandomMarkets) { compare_seeds(0, 5'000, false); }
TEST(ReferenceEngine, AgreesWithTheKernelOnRawPricesWithActions) {
    compare_seeds(1'000'000, 5'000, true);
}
TEST(LongReferenceEngine, AgreesWithTheKernelOnManyRandomMarkets) {
    compare_seeds(5'000, 200'000, false);
    compare_seeds(2'000'000, 200'000, true);
}

}  // namespace hsl::backtest
