// SPDX-License-Identifier: Apache-2.0
#include "portfolio/fill_kernel.hpp"

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "base/cpu.hpp"
#include "portfolio/frame_from_rows.hpp"

// Every sentence of docs/concepts/session-order.md, worked by hand. The sale tax of the sessions
// used here is 0.30 % (KOSPI, settled before 2019-06-03), commission 0.015 %.

namespace hsl::portfolio {
namespace {

using Sessions = std::vector<std::size_t>;

struct Outcome {
    Outcome(std::size_t sessions) : tally(sessions) {}
    std::vector<Fill> fills;
    SetTally tally;
    std::array<LaneResult, tile_lanes> lanes{};
};

struct Setting {
    TradeRules rules = {};
    Sessions entry = {};  // sessions whose close says so, in every lane
    Sessions exit = {};
    std::size_t s0 = 0;
    std::optional<std::size_t> last = {};
};

Outcome trade_on_this_target(const market::Frame& frame, const Setting& setting) {
    const std::size_t last = setting.last.value_or(frame.session_count() - 1);
    std::vector<std::uint8_t> entry(frame.session_count()), exit(frame.session_count());
    for (const std::size_t t : setting.entry) entry[t] = 0xFF;
    for (const std::size_t t : setting.exit) exit[t] = 0xFF;
    const auto context = make_context(frame, setting.s0, last, market::Market::kospi);
    EXPECT_TRUE(context.has_value());
    TileWalker walker{*context};
    walker.load(0);
    Outcome outcome{last + 1 - setting.s0};
    walker.walk(setting.rules, entry.data(), setting.exit.empty() ? nullptr : exit.data(),
                outcome.tally, outcome.lanes, &outcome.fills);
    return outcome;
}

// Every case runs on every CPU target this machine has.
Outcome trade(const market::Frame& frame, const Setting& setting) {
    const Outcome best = trade_on_this_target(frame, setting);
    for (const CpuTarget target : available_cpu_targets()) {
        EXPECT_TRUE(set_cpu_target(target).has_value());
        const Outcome other = trade_on_this_target(frame, setting);
        EXPECT_EQ(other.fills, best.fills) << name_of(target);
        EXPECT_EQ(other.tally.held, best.tally.held) << name_of(target);
        EXPECT_EQ(other.tally.cash_flow, best.tally.cash_flow) << name_of(target);
    }
    EXPECT_TRUE(set_cpu_target(CpuTarget::best).has_value());
    return best;
}

market::Frame one_symbol(const std::vector<Row>& rows) {
    return RowMarket{}.add("000010", 0, rows).frame();
}

TradeRules stop_at(double fraction) { return {.stop_loss = fraction}; }

// (session, side, reason, price, shares) of each fill.
struct Brief {
    std::size_t session;
    Reason reason;
    std::int64_t price;
    friend bool operator==(const Brief&, const Brief&) = default;
    friend void PrintTo(const Brief& brief, std::ostream* out) {
        *out << brief.session << ' ' << name_of(brief.reason) << ' ' << brief.price;
    }
};
std::vector<Brief> brief(const Outcome& outcome) {
    std::vector<Brief> fills;
    fills.reserve(outcome.fills.size());
    for (const Fill& fill : outcome.fills) fills.push_back({fill.session, fill.reason, fill.price});
    return fills;
}
using Briefs = std::vector<Brief>;

constexpr Reason entry = Reason::entry;

}  // namespace

TEST(FillKernel, BuysAndSellsAtTheNextOpenWithCosts) {
    const market::Frame frame = one_symbol({flat(10'000),
                                            {10'000, 10'500, 9'900, 10'400},
                                            {10'600, 10'700, 10'300, 10'500},
                                            {10'800, 11'000, 10'700, 10'900},
                                            flat(10'900)});
    const Outcome outcome = trade(frame, {.entry = {0}, .exit = {2}});
    // 1,000 shares would cost 10,000,000 + 1,500; 999 cost 9,990,000 + 1,498.
    ASSERT_EQ(outcome.fills.size(), 2u);
    const Fill buy{.lane = 0,
                   .signal_session = 0,
                   .session = 1,
                   .side = Side::buy,
                   .reason = Reason::entry,
                   .price = 10'000,
                   .shares = 999,
                   .commission = 1'498,
                   .tax = 0,
                   .slippage = 0};
    EXPECT_EQ(outcome.fills.at(0), buy);
    // 999 x 10,800 = 10,789,200: commission 1,618.38, tax 32,367.6, each cut.
    const Fill sell{.lane = 0,
                    .signal_session = 2,
                    .session = 3,
                    .side = Side::sell,
                    .reason = Reason::exit,
                    .price = 10'800,
                    .shares = 999,
                    .commission = 1'618,
                    .tax = 32'367,
                    .slippage = 0};
    EXPECT_EQ(outcome.fills.at(1), sell);

    const double after_buy = 10'000'000 - 9'990'000 - 1'498;
    const double after_sell = after_buy + 10'789'200 - 1'618 - 32'367;
    EXPECT_EQ(outcome.tally.cash(),
              (std::vector<double>{10'000'000, after_buy, after_buy, after_sell, after_sell}));
    EXPECT_EQ(outcome.tally.held, (std::vector<double>{0, 999 * 10'400, 999 * 10'500, 0, 0}));
    EXPECT_EQ(outcome.tally.opened, (std::vector<double>{10'000'000, 0, 0, 0, 0}));
    EXPECT_EQ(outcome.tally.closed, (std::vector<double>(5, 0.0)));
    EXPECT_EQ(outcome.tally.trades, 1);
    EXPECT_EQ(outcome.tally.wins, 1);
    EXPECT_EQ(outcome.tally.gains, after_sell - 10'000'000);
    EXPECT_EQ(outcome.tally.losses, 0);
    EXPECT_EQ(outcome.tally.bought, 9'990'000);
    EXPECT_EQ(outcome.tally.sold, 10'789'200);
    EXPECT_EQ(outcome.tally.commission, 1'498 + 1'618);
    EXPECT_EQ(outcome.tally.tax, 32'367);
    EXPECT_EQ(outcome.tally.accounts, 1);
    EXPECT_FALSE(outcome.tally.overflow);
    EXPECT_EQ(outcome.lanes[0].final_equity, after_sell);
    EXPECT_EQ(outcome.lanes[0].trades, 1);
    EXPECT_EQ(outcome.lanes[1].final_equity, 0);
}

TEST(FillKernel, TaxFollowsTheSettlementDate) {
    // Sold on the sessions around 2019-05-30, whose T+2 is 2019-06-03.
    const auto& calendar = market::Calendar::krx();
    const std::size_t changes = calendar.lower_bound(Date::from_civil(2019, 5, 30)) -
                                calendar.lower_bound(Date::from_civil(2019, 1, 2));
    const market::Frame frame = one_symbol(std::vector<Row>(changes + 3, flat(10'000)));
    const Outcome before = trade(frame, {.entry = {3}, .exit = {changes - 2}});
    ASSERT_EQ(before.fills.size(), 2u);
    EXPECT_EQ(before.fills[1].tax, 29'970);
    const Outcome after = trade(frame, {.entry = {3}, .exit = {changes - 1}});
    ASSERT_EQ(after.fills.size(), 2u);
    EXPECT_EQ(after.fills[1].tax, 24'975);
}

TEST(FillKernel, NoFillOnOrBeforeS0) {
    const market::Frame frame = one_symbol(std::vector<Row>(6, flat(100)));
    EXPECT_EQ(brief(trade(frame, {.entry = {0, 1}, .s0 = 2})), Briefs{});
    EXPECT_EQ(brief(trade(frame, {.entry = {0, 1, 2}, .s0 = 2})), (Briefs{{3, entry, 100}}));
}

TEST(FillKernel, EntryAndExitTogetherDoNotBuyAndHoldingIgnoresEntry) {
    const market::Frame frame = one_symbol(std::vector<Row>(7, flat(100)));
    EXPECT_EQ(brief(trade(frame, {.entry = {1}, .exit = {1}})), Briefs{});
    EXPECT_EQ(
        brief(trade(frame, {.entry = {0, 1, 2, 3, 5}, .exit = {2, 5}})),
        (Briefs{{1, entry, 100}, {3, Reason::exit, 100}, {4, entry, 100}, {6, Reason::exit, 100}}));
}

TEST(FillKernel, ExitDecidedAtTheCloseOfTheEntrySession) {
    const market::Frame frame = one_symbol(std::vector<Row>(4, flat(100)));
    EXPECT_EQ(brief(trade(frame, {.entry = {0}, .exit = {1}})),
              (Briefs{{1, entry, 100}, {2, Reason::exit, 100}}));
}

TEST(FillKernel, EntryLapsesOnALockedUpperSessionAndOnAHalt) {
    const market::Frame locked = one_symbol({flat(1'000), flat(1'290), flat(1'300), flat(1'300)});
    EXPECT_EQ(brief(trade(locked, {.entry = {0}})), Briefs{});
    EXPECT_EQ(trade(locked, {.entry = {0}}).tally.skipped_entries, 0);
    const market::Frame halted = one_symbol({flat(1'000), halt(1'000), flat(1'010), flat(1'010)});
    EXPECT_EQ(brief(trade(halted, {.entry = {0}})), Briefs{});
    // Decided on the halt itself, from its flat bar.
    EXPECT_EQ(brief(trade(halted, {.entry = {1}})), (Briefs{{2, entry, 1'010}}));
}

TEST(FillKernel, OpeningAtTheLimitAndTradingOffItFills) {
    const market::Frame frame =
        one_symbol({flat(1'000), {1'300, 1'300, 1'190, 1'200}, flat(1'200)});
    EXPECT_EQ(brief(trade(frame, {.entry = {0}})), (Briefs{{1, entry, 1'300}}));
}

TEST(FillKernel, BuysOnALockedLowerAndSellsOnALockedUpperSession) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(710), flat(920), flat(1'190), flat(1'190)});
    EXPECT_EQ(brief(trade(frame, {.entry = {0}, .exit = {2}})),
              (Briefs{{1, entry, 710}, {3, Reason::exit, 1'190}}));
}

TEST(FillKernel, ExitWaitsThroughLockedLowerSessionsAndHalts) {
    const market::Frame frame = one_symbol({flat(1'000),
                                            flat(1'000),
                                            flat(710),
                                            halt(710),
                                            flat(504),
                                            {500, 520, 490, 510},
                                            flat(510)});
    const Outcome outcome = trade(frame, {.entry = {0, 2, 4}, .exit = {1, 3}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'000}, {5, Reason::exit, 500}}));
    EXPECT_EQ(outcome.fills.at(1).signal_session, 1u);
}

TEST(FillKernel, ParticipationLimitsTheSizeByTheMeanOfTheSessionsThereAre) {
    // Traded value 3,000,000, 5,000,000 and 10,000,000: at the close of session 2 the mean is
    // 6,000,000 and 1 % of it 60,000 won: 59 shares of 1,000 won make 59,000, 60 make exactly
    // 60,000.
    const market::Frame frame = one_symbol(
        {flat(1'000, 3'000), flat(1'000, 5'000), flat(1'000, 10'000), flat(1'000, 1), flat(1'000)});
    const Outcome outcome = trade(frame, {.entry = {2}});
    ASSERT_EQ(outcome.fills.size(), 1u);
    EXPECT_EQ(outcome.fills.at(0).shares, 60);
    const Outcome half = trade(frame, {.rules = {.participation = 0.005}, .entry = {2}});
    EXPECT_EQ(half.fills.at(0).shares, 30);
    const Outcome off = trade(
        frame, {.rules = {.participation = std::numeric_limits<double>::infinity()}, .entry = {2}});
    EXPECT_EQ(off.fills.at(0).shares, 9'998);  // 9,998,000 + 1,499
}

TEST(FillKernel, ParticipationLooksBackTwentySessionsEvenBeforeS0) {
    std::vector<Row> rows(30, flat(1'000, 2'000));
    rows[5].volume = 1'002'000;  // leaves the window of 20 at session 25
    const market::Frame frame = one_symbol(rows);
    // 20 sessions of 2,000,000 and one more 1,000,000,000 among them: 1 % of 52,000,000.
    EXPECT_EQ(trade(frame, {.entry = {24}, .s0 = 24}).fills.at(0).shares, 520);
    EXPECT_EQ(trade(frame, {.entry = {25}, .s0 = 24}).fills.at(0).shares, 20);
}

TEST(FillKernel, NotOneShareIsASkippedEntryAndStaysFlat) {
    const market::Frame frame = one_symbol({flat(20'000'000), flat(20'000'000), flat(16'000'000),
                                            flat(11'300'000), flat(9'000'000), flat(9'000'000)});
    const Outcome outcome = trade(frame, {.entry = {0, 1, 2, 3}});
    EXPECT_EQ(outcome.tally.skipped_entries, 3);
    EXPECT_EQ(brief(outcome), (Briefs{{4, entry, 9'000'000}}));
    // Too little is traded: 1 % of 99,900 won.
    const market::Frame thin = one_symbol({flat(999, 100), flat(999, 100), flat(999, 100)});
    EXPECT_EQ(trade(thin, {.entry = {0}}).tally.skipped_entries, 0);  // 999 won: one share
    const market::Frame thinner = one_symbol({flat(999, 99), flat(999, 99), flat(999, 99)});
    EXPECT_EQ(trade(thinner, {.entry = {0}}).tally.skipped_entries, 1);
}

TEST(FillKernel, StopFillsAtTheLevelRoundedDownOrAtAWorseOpen) {
    // 8 % below 1,001 is 920.92.
    const market::Frame at_level = one_symbol({flat(1'000),
                                               {1'001, 1'010, 990, 1'000},
                                               {950, 960, 921, 930},
                                               {950, 960, 920, 930},
                                               flat(930)});
    EXPECT_EQ(brief(trade(at_level, {.rules = stop_at(0.08), .entry = {0}})),
              (Briefs{{1, entry, 1'001}, {3, Reason::stop_loss, 920}}));
    const market::Frame gap =
        one_symbol({flat(1'000), {1'001, 1'010, 990, 1'000}, {900, 960, 890, 930}, flat(930)});
    const Outcome outcome = trade(gap, {.rules = stop_at(0.08), .entry = {0}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'001}, {2, Reason::stop_loss, 900}}));
    EXPECT_EQ(outcome.fills.at(1).signal_session, 2u);
}

TEST(FillKernel, StopIsReachedByALowThatEqualsTheLevel) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), {960, 970, 900, 950}, flat(950)});
    EXPECT_EQ(brief(trade(frame, {.rules = stop_at(0.1), .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {2, Reason::stop_loss, 900}}));
}

TEST(FillKernel, LevelsOfWholeWonAreExact) {
    // In doubles 4,000 x (1 - 0.07) is below 3,720, and 1,000 x (1 + 0.13) above 1,130.
    const market::Frame falls =
        one_symbol({flat(4'000), flat(4'000), {3'900, 3'950, 3'720, 3'900}, flat(3'900)});
    EXPECT_EQ(brief(trade(falls, {.rules = stop_at(0.07), .entry = {0}})),
              (Briefs{{1, entry, 4'000}, {2, Reason::stop_loss, 3'720}}));
    EXPECT_EQ(brief(trade(falls, {.rules = {.trailing_stop = 0.07}, .entry = {0}})),
              (Briefs{{1, entry, 4'000}, {2, Reason::trailing_stop, 3'720}}));
    for (int percent = 1; percent < 60; ++percent) {
        SCOPED_TRACE(percent);
        const std::int64_t target = 1'000 + 10 * percent;
        const market::Frame rises =
            one_symbol({flat(1'000), flat(1'000), {1'000, target, 1'000, 1'000}, flat(1'000)});
        EXPECT_EQ(brief(trade(rises, {.rules = {.take_profit = percent / 100.0}, .entry = {0}})),
                  (Briefs{{1, entry, 1'000}, {2, Reason::take_profit, target}}));
    }
}

TEST(FillKernel, StopsAndTargetsLiveFromTheEntrySessionItself) {
    const market::Frame frame = one_symbol({flat(1'000), {1'000, 1'100, 900, 950}, flat(950)});
    EXPECT_EQ(brief(trade(frame, {.rules = stop_at(0.05), .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {1, Reason::stop_loss, 950}}));
    EXPECT_EQ(brief(trade(frame, {.rules = {.take_profit = 0.055}, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {1, Reason::take_profit, 1'055}}));
    EXPECT_EQ(brief(trade(frame, {.rules = {.trailing_stop = 0.05}, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {1, Reason::trailing_stop, 950}}));
    const Outcome outcome = trade(frame, {.rules = stop_at(0.05), .entry = {0}});
    EXPECT_EQ(outcome.tally.held, (std::vector<double>{0, 0, 0}));
    // Reached by prices that equal the level.
    EXPECT_EQ(brief(trade(frame, {.rules = stop_at(0.1), .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {1, Reason::stop_loss, 900}}));
    EXPECT_EQ(brief(trade(frame, {.rules = {.take_profit = 0.1}, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {1, Reason::take_profit, 1'100}}));
}

TEST(FillKernel, BothReachedInOneSessionIsTheStop) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), {1'000, 1'100, 900, 950}, flat(950)});
    EXPECT_EQ(
        brief(trade(frame, {.rules = {.stop_loss = 0.05, .take_profit = 0.05}, .entry = {0}})),
        (Briefs{{1, entry, 1'000}, {2, Reason::stop_loss, 950}}));
}

TEST(FillKernel, TargetFillsAtTheLevelRoundedDownOrABetterOpenWithoutSlippage) {
    const TradeRules rules{.take_profit = 0.05, .slippage_e6 = 1000};
    // Bought at 1,003 (1,001 + 0.1 %, rounded up): the target is 1,053.15.
    const market::Frame at_level = one_symbol({flat(1'001),
                                               {1'001, 1'010, 990, 1'000},
                                               {1'010, 1'053, 1'000, 1'030},
                                               {1'010, 1'054, 1'000, 1'030},
                                               flat(1'030)});
    const Outcome outcome = trade(at_level, {.rules = rules, .entry = {0}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'003}, {3, Reason::take_profit, 1'053}}));
    EXPECT_EQ(outcome.fills.at(1).slippage, 0);
    const market::Frame gap = one_symbol(
        {flat(1'001), {1'001, 1'010, 990, 1'000}, {1'200, 1'210, 1'000, 1'030}, flat(1'030)});
    EXPECT_EQ(brief(trade(gap, {.rules = rules, .entry = {0}})),
              (Briefs{{1, entry, 1'003}, {2, Reason::take_profit, 1'200}}));
    // A target fills on a session locked at the upper limit: it is a sale.
    const market::Frame locked =
        one_symbol({flat(1'001), {1'001, 1'010, 990, 1'000}, flat(1'300), flat(1'300)});
    EXPECT_EQ(brief(trade(locked, {.rules = rules, .entry = {0}})),
              (Briefs{{1, entry, 1'003}, {2, Reason::take_profit, 1'300}}));
}

TEST(FillKernel, TrailingStopFollowsTheHighestHighUpToTheSessionBefore) {
    const TradeRules rules{.trailing_stop = 0.1};
    // The high of session 2 (1,200) counts from session 3 on: level 1,080, not on session 2 itself.
    const market::Frame frame = one_symbol({flat(1'000),
                                            {1'000, 1'050, 990, 1'000},
                                            {1'000, 1'200, 1'000, 1'150},
                                            {1'100, 1'120, 1'080, 1'090},
                                            flat(1'090)});
    EXPECT_EQ(brief(trade(frame, {.rules = rules, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {3, Reason::trailing_stop, 1'080}}));
    // The high of the entry session counts on the next one, in place of the entry fill: 945.
    const market::Frame next = one_symbol(
        {flat(1'000), {1'000, 1'050, 990, 1'000}, {1'000, 1'010, 945, 1'000}, flat(1'000)});
    EXPECT_EQ(brief(trade(next, {.rules = rules, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {2, Reason::trailing_stop, 945}}));
    const market::Frame not_yet = one_symbol(
        {flat(1'000), {1'000, 1'050, 990, 1'000}, {1'000, 1'010, 946, 1'000}, flat(1'000)});
    EXPECT_EQ(brief(trade(not_yet, {.rules = rules, .entry = {0}})), (Briefs{{1, entry, 1'000}}));
}

TEST(FillKernel, HigherOfTwoStopsActsAndATieIsTheStopLoss) {
    const market::Frame frame = one_symbol(
        {flat(1'000), {1'000, 1'000, 990, 1'000}, {1'000, 1'000, 890, 1'000}, flat(1'000)});
    const auto reason = [&](double stop_loss, double trailing) {
        const Outcome outcome = trade(
            frame, {.rules = {.stop_loss = stop_loss, .trailing_stop = trailing}, .entry = {0}});
        return brief(outcome).at(1);
    };
    EXPECT_EQ(reason(0.1, 0.1), (Brief{2, Reason::stop_loss, 900}));
    EXPECT_EQ(reason(0.05, 0.1), (Brief{2, Reason::stop_loss, 950}));
    EXPECT_EQ(reason(0.1, 0.05), (Brief{2, Reason::trailing_stop, 950}));
}

TEST(FillKernel, HaltsTriggerNothing) {
    // After a high of 1,200 the trailing level of 10 % is 1,080, above the halt's flat bar at
    // 1,000.
    const market::Frame frame = one_symbol({flat(1'000),
                                            {1'000, 1'200, 990, 1'000},
                                            halt(1'000),
                                            halt(1'000),
                                            {1'070, 1'100, 1'060, 1'090},
                                            flat(1'090)});
    EXPECT_EQ(brief(trade(frame, {.rules = {.trailing_stop = 0.1}, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {4, Reason::trailing_stop, 1'070}}));
}

TEST(FillKernel, StopOnALockedLowerSessionWaitsWithItsReason) {
    const market::Frame frame = one_symbol({flat(1'000),
                                            flat(1'000),
                                            flat(710),
                                            flat(500),
                                            halt(500),
                                            {490, 510, 480, 500},
                                            flat(500)});
    const Outcome outcome = trade(frame, {.rules = stop_at(0.08), .entry = {0}, .exit = {2, 3, 4}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'000}, {5, Reason::stop_loss, 490}}));
    EXPECT_EQ(outcome.fills.at(1).signal_session, 2u);
}

TEST(FillKernel, AfterAStopAnEntryDecidedThatDayFillsTheNext) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), {950, 950, 900, 910}, flat(910), flat(910)});
    EXPECT_EQ(brief(trade(frame, {.rules = stop_at(0.05), .entry = {0, 2}})),
              (Briefs{{1, entry, 1'000}, {2, Reason::stop_loss, 950}, {3, entry, 910}}));
}

TEST(FillKernel, AWaitingExitComesBeforeTheStopOfThatSession) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), {980, 980, 900, 910}, flat(910)});
    EXPECT_EQ(brief(trade(frame, {.rules = stop_at(0.05), .entry = {0}, .exit = {1}})),
              (Briefs{{1, entry, 1'000}, {2, Reason::exit, 980}}));
}

TEST(FillKernel, MaxHoldCountsTheEntrySessionAndHalts) {
    const market::Frame frame = one_symbol({flat(1'000), flat(1'000), halt(1'000), flat(1'010),
                                            flat(1'020), flat(1'030), flat(1'040)});
    // Sessions 1, 2 and 3 are the first three: decided at the close of 3.
    const Outcome outcome = trade(frame, {.rules = {.max_hold = 3}, .entry = {0}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'000}, {4, Reason::max_hold, 1'020}}));
    EXPECT_EQ(outcome.fills.at(1).signal_session, 3u);
    EXPECT_EQ(brief(trade(frame, {.rules = {.max_hold = 1}, .entry = {0}})),
              (Briefs{{1, entry, 1'000}, {3, Reason::max_hold, 1'010}}));
    EXPECT_EQ(brief(trade(frame, {.rules = {.max_hold = 3}, .entry = {0}, .exit = {3}})),
              (Briefs{{1, entry, 1'000}, {4, Reason::exit, 1'020}}));
}

TEST(FillKernel, SlippageWorsensOpenFillsAndIsCounted) {
    const TradeRules rules{.slippage_e6 = 1000};
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), flat(1'000), flat(1'001), flat(1'001)});
    const Outcome outcome = trade(frame, {.rules = rules, .entry = {0}, .exit = {2}});
    // 1,000 x 1.001 is 1,001 and stays whole; 1,001 x 0.999 = 999.999 is cut.
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'001}, {3, Reason::exit, 999}}));
    const std::int64_t shares = outcome.fills.at(0).shares;
    EXPECT_EQ(outcome.fills.at(0).slippage, shares);
    EXPECT_EQ(outcome.fills.at(1).slippage, 2 * shares);
    EXPECT_EQ(outcome.tally.slippage, static_cast<double>(3 * shares));
}

TEST(FillKernel, SlippageOfAStopStartsFromTheUnroundedLevel) {
    const TradeRules rules{.stop_loss = 0.08, .slippage_e6 = 1000};
    const market::Frame frame =
        one_symbol({flat(999), {999, 1'010, 990, 1'000}, {950, 960, 900, 930}, flat(930)});
    // Bought at 1,000; level 920, sold at 919.08 cut to 919; without slippage 920.
    const Outcome outcome = trade(frame, {.rules = rules, .entry = {0}});
    EXPECT_EQ(brief(outcome), (Briefs{{1, entry, 1'000}, {2, Reason::stop_loss, 919}}));
    EXPECT_EQ(outcome.fills.at(1).slippage, outcome.fills.at(1).shares);
}

TEST(FillKernel, SlippageStaysWithinTheDaysLimits) {
    const TradeRules rules{.slippage_e6 = 50'000};
    // Opens at 1,290 after 1,000 and trades off it: 5 % more would be 1,355, the limit is 1,300.
    const market::Frame up = one_symbol({flat(1'000), {1'290, 1'295, 1'200, 1'200}, flat(1'200)});
    EXPECT_EQ(brief(trade(up, {.rules = rules, .entry = {0}})), (Briefs{{1, entry, 1'300}}));
    // An open above 1.3 x the previous close is taken as it is.
    const market::Frame above =
        one_symbol({flat(1'000), {1'305, 1'305, 1'200, 1'200}, flat(1'200)});
    EXPECT_EQ(brief(trade(above, {.rules = rules, .entry = {0}})), (Briefs{{1, entry, 1'305}}));
    // Sold at an open of 720 after 1,000: 5 % less would be 684, the limit is 700.
    const market::Frame down =
        one_symbol({flat(1'000), flat(1'000), flat(1'000), {720, 800, 715, 790}, flat(790)});
    EXPECT_EQ(brief(trade(down, {.rules = rules, .entry = {0}, .exit = {2}})),
              (Briefs{{1, entry, 1'050}, {3, Reason::exit, 700}}));
    const market::Frame below =
        one_symbol({flat(1'000), flat(1'000), flat(1'000), {695, 800, 695, 790}, flat(790)});
    EXPECT_EQ(brief(trade(below, {.rules = rules, .entry = {0}, .exit = {2}})),
              (Briefs{{1, entry, 1'050}, {3, Reason::exit, 695}}));
}

TEST(FillKernel, LastRowClosesThePositionAtTheLastTradedClose) {
    std::vector<Row> ends(4, flat(1'000));
    ends[3] = {1'000, 1'030, 990, 1'020};
    const market::Frame frame =
        RowMarket{}.add("000010", 0, ends).add("000020", 0, std::vector<Row>(8, flat(50))).frame();
    const Outcome outcome =
        trade(frame, {.rules = {.slippage_e6 = 1000}, .entry = {0}, .exit = {3}});
    ASSERT_GE(outcome.fills.size(), 2u);
    const Fill& forced = outcome.fills.at(1);
    EXPECT_EQ(brief(outcome)[1], (Brief{3, Reason::last_row, 1'020}));
    EXPECT_EQ(forced.signal_session, 3u);
    EXPECT_EQ(forced.slippage, 0);
    EXPECT_GT(forced.tax, 0);
    // The money leaves with the account: it is in the sums at session 3 and gone at 4.
    const double equity = outcome.lanes[0].final_equity;
    EXPECT_EQ(outcome.tally.closed, (std::vector<double>{0, 0, 0, equity, 0, 0, 0, 0}));
    const std::vector<double> cash = outcome.tally.cash();
    EXPECT_EQ(cash[4], cash[3] + outcome.tally.cash_flow[4]);
    EXPECT_EQ(outcome.tally.trades, 2);
}

TEST(FillKernel, ALaneThatEndsWithTheRunIsMarkedNotClosed) {
    std::vector<Row> rows(4, flat(1'000));
    rows[3] = {1'000, 1'030, 990, 1'020};
    const market::Frame frame =
        RowMarket{}.add("000010", 0, rows).add("000020", 0, std::vector<Row>(8, flat(50))).frame();
    const Outcome outcome = trade(frame, {.entry = {0}, .last = 3});
    EXPECT_EQ(outcome.tally.trades, 0);
    EXPECT_EQ(outcome.fills.size(), 2u);  // two buys
    const std::int64_t shares = outcome.fills.at(0).shares;
    EXPECT_EQ(outcome.lanes[0].final_equity,
              static_cast<double>(10'000'000 - shares * 1'000 - outcome.fills.at(0).commission +
                                  shares * 1'020));
    EXPECT_EQ(outcome.tally.closed, (std::vector<double>(4, 0.0)));
}

TEST(FillKernel, ABreakClosesThePositionAndTheNextSegmentIsAnotherAccount) {
    const market::Frame frame =
        one_symbol({flat(1'000), flat(1'000), flat(1'010), flat(3'000), flat(3'000), flat(3'000)});
    ASSERT_EQ(frame.lane_count(), 2u);
    const Outcome outcome = trade(frame, {.entry = {0, 3}});
    EXPECT_EQ(brief(outcome),
              (Briefs{{1, entry, 1'000}, {2, Reason::cut, 1'010}, {4, entry, 3'000}}));
    EXPECT_EQ(outcome.fills.at(2).lane, 1u);
    EXPECT_EQ(outcome.tally.accounts, 2);
    EXPECT_EQ(outcome.tally.opened[3], 10'000'000);
    EXPECT_EQ(outcome.tally.closed[2], outcome.lanes[0].final_equity);
}

TEST(FillKernel, APendingEntryLapsesWithTheLane) {
    const market::Frame frame = RowMarket{}
                                    .add("000010", 0, std::vector<Row>(3, flat(1'000)))
                                    .add("000020", 4, std::vector<Row>(4, flat(50)))
                                    .frame();
    EXPECT_EQ(brief(trade(frame, {.entry = {2}})), Briefs{});
}

TEST(FillKernel, AccountsOpenAtTheLaterOfS0AndTheFirstRow) {
    const market::Frame frame = RowMarket{}
                                    .add("000010", 0, std::vector<Row>(2, flat(1'000)))
                                    .add("000020", 0, std::vector<Row>(3, flat(1'000)))
                                    .add("000030", 0, std::vector<Row>(8, flat(1'000)))
                                    .add("000040", 5, std::vector<Row>(3, flat(1'000)))
                                    .add("000050", 7, std::vector<Row>(1, flat(1'000)))
                                    .frame();
    const Outcome outcome = trade(frame, {.entry = {4, 5}, .s0 = 2, .last = 6});
    // The first lane ended before s0; the second has its only session of the run there; the last
    // one is listed after the run.
    EXPECT_EQ(outcome.tally.accounts, 3);
    EXPECT_EQ(outcome.tally.opened, (std::vector<double>{20'000'000, 0, 0, 10'000'000, 0}));
    EXPECT_EQ(outcome.tally.closed, (std::vector<double>{10'000'000, 0, 0, 0, 0}));
    EXPECT_EQ(outcome.lanes[0].final_equity, 0);
    EXPECT_EQ(outcome.lanes[1].final_equity, 10'000'000);
    EXPECT_EQ(outcome.lanes[4].final_equity, 0);
    const std::vector<double> cash = outcome.tally.cash();
    EXPECT_EQ(cash[0], 20'000'000);
    EXPECT_EQ(cash[1], 10'000'000);
    EXPECT_EQ(brief(outcome), (Briefs{{5, entry, 1'000}, {6, entry, 1'000}}));
}

TEST(FillKernel, NoDecisionAtTheRunsLastSession) {
    const market::Frame frame = one_symbol(std::vector<Row>(5, flat(100)));
    EXPECT_EQ(brief(trade(frame, {.entry = {0, 3}, .exit = {3}, .last = 3})),
              (Briefs{{1, entry, 100}}));
}

TEST(FillKernel, RefusesSumsThatAreNotExact) {
    const std::int64_t price = 9'000'000;
    std::vector<Row> rows(4, flat(price, 1'000'000'000'000));  // a traded value of 9e18 won
    const market::Frame frame = one_symbol(rows);
    EXPECT_TRUE(trade(frame, {.entry = {0}}).tally.overflow);

    SetTally total{1};
    SetTally part{1};
    part.held[0] = 0x1p52;
    total.add(part);
    total.check();
    EXPECT_FALSE(total.overflow);
    total.add(part);
    total.check();
    EXPECT_TRUE(total.overflow);
}

TEST(FillKernel, ADateOutsideTheTaxTableIsAnErrorThatNamesIt) {
    market::Frame frame = one_symbol(std::vector<Row>(5, flat(100)));
    frame.sessions[1] = Date::from_civil(1995, 3, 31);
    const auto context = make_context(frame, 0, 4, market::Market::kospi);
    ASSERT_FALSE(context.has_value());
    EXPECT_NE(context.error().message.find("1995-03-31"), std::string::npos);
    // Sessions that only warm up need no tax.
    EXPECT_TRUE(make_context(frame, 1, 4, market::Market::kospi).has_value());
}

}  // namespace hsl::portfolio
