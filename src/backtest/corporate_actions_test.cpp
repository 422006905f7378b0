// SPDX-License-Identifier: Apache-2.0

// Corporate actions, limits and ticks of raw prices, worked by hand and traded by both engines.
// Sessions are those of January 2019: sale tax 0.30 %, commission 0.015 %.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "backtest/reference_engine.hpp"
#include "base/cpu.hpp"
#include "portfolio/fill_kernel.hpp"
#include "portfolio/frame_from_rows.hpp"

namespace hsl::backtest {
namespace {

using market::ActionKind;
using market::Basis;
using market::CorporateAction;
using market::Field;
using portfolio::flat;
using portfolio::halt;
using portfolio::Row;
using portfolio::RowMarket;

constexpr const char* symbol = "000010";
Date day(std::size_t session) { return RowMarket::day(session); }

RowMarket raw_symbol(const std::vector<Row>& rows) {
    return RowMarket{}.add(symbol, 0, rows, market::Market::kospi, Basis::raw);
}

std::vector<Row> rows(std::initializer_list<std::pair<int, Row>> runs) {
    std::vector<Row> all;
    for (const auto& [count, row] : runs)
        all.insert(all.end(), static_cast<std::size_t>(count), row);
    return all;
}

struct Setting {
    portfolio::TradeRules rules = {};
    std::vector<std::size_t> entry = {0}, exit = {};
};

struct Outcome {
    std::vector<std::string> fills;    // "3 sell 995 x 10000 (exit)"
    std::vector<std::int64_t> equity;  // by session
    portfolio::SetTally tally;
};

// By both engines, which must agree to the won; lane 0.
Outcome trade(const market::Frame& frame, const Setting& setting) {
    const std::size_t count = frame.session_count();
    const auto entry = std::make_unique<bool[]>(count), exit = std::make_unique<bool[]>(count);
    std::vector<std::uint8_t> entry_bits(count), exit_bits(count);
    for (const std::size_t t : setting.entry) entry[t] = true, entry_bits[t] = 1;
    for (const std::size_t t : setting.exit) exit[t] = true, exit_bits[t] = 1;
    const auto account =
        trade_one_lane(frame, 0, 0, count - 1, setting.rules, market::Market::kospi,
                       {entry.get(), count}, {exit.get(), count});
    EXPECT_TRUE(account.has_value());
    const auto context = portfolio::make_context(frame, 0, count - 1, market::Market::kospi);
    EXPECT_TRUE(context.has_value());
    Outcome outcome{.fills = {}, .equity = account->equity, .tally = portfolio::SetTally{count}};
    std::vector<portfolio::Fill> fills;
    std::array<portfolio::LaneResult, tile_lanes> lanes;
    portfolio::TileWalker walker{*context};
    walker.load(0);
    walker.walk(setting.rules, entry_bits.data(), exit_bits.data(), outcome.tally, lanes, &fills);
    EXPECT_EQ(fills, account->fills);
    EXPECT_EQ(outcome.tally.dividends, static_cast<double>(account->dividends));
    const std::vector<double> cash = outcome.tally.cash();
    // The other lanes hold the cash that they opened with.
    const double others = 1e7 * static_cast<double>(frame.lane_count() - 1);
    for (std::size_t t = 0; t <= frame.lanes[0].last; ++t)
        EXPECT_EQ(cash[t] + outcome.tally.held[t] - others, static_cast<double>(account->equity[t]))
            << t;
    for (const portfolio::Fill& fill : fills)
        outcome.fills.push_back(fmt::format("{} {} {} x {} ({})", fill.session, name_of(fill.side),
                                            fill.shares, fill.price, name_of(fill.reason)));
    return outcome;
}

using Fills = std::vector<std::string>;

// Every cell of both frames that the shorter one has is the same.
void expect_a_beginning(const market::Frame& shorter, const market::Frame& longer) {
    for (std::size_t lane = 0; lane < shorter.lane_count(); ++lane) {
        const market::Lane& of = shorter.lanes[lane];
        const auto at = std::ranges::find_if(longer.lanes, [&](const market::Lane& other) {
            return other.instrument.symbol == of.instrument.symbol && other.segment == of.segment;
        });
        ASSERT_NE(at, longer.lanes.end());
        const auto other = static_cast<std::size_t>(at - longer.lanes.begin());
        for (std::size_t t = of.first; t <= std::min(of.last, at->last); ++t) {
            for (std::size_t field = 0; field < market::field_count; ++field) {
                const auto name = static_cast<Field>(field);
                ASSERT_EQ(shorter.column(name).at(lane, t), longer.column(name).at(other, t))
                    << of.instrument.symbol << ' ' << name_of(name) << ' ' << t;
                ASSERT_EQ(shorter.raw(name).at(lane, t), longer.raw(name).at(other, t));
            }
            ASSERT_EQ(shorter.buyable.at(lane, t), longer.buyable.at(other, t));
            ASSERT_EQ(shorter.sellable.at(lane, t), longer.sellable.at(other, t));
        }
    }
}

}  // namespace

TEST(CorporateActions, ASplitChangesSharesAndNeitherEquityNorSignals) {
    const market::Frame frame =
        raw_symbol(rows({{2, flat(50'000)}, {3, flat(10'000)}}))
            .act(
                {.symbol = symbol, .kind = ActionKind::split, .ex_date = day(2), .shares_after = 5})
            .frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_TRUE(frame.breaks.empty());
    for (std::size_t t = 0; t < 5; ++t) {
        EXPECT_EQ(frame.column(Field::close).at(0, t), 50'000);
        EXPECT_EQ(frame.column(Field::volume).at(0, t), t < 2 ? 1e9 : 2e8);
        EXPECT_EQ(frame.raw(Field::close).at(0, t), t < 2 ? 50'000 : 10'000);
        EXPECT_EQ(frame.raw(Field::volume).at(0, t), 1e9);
    }
    // 199 cost 9,950,000 + 1,492 and become 995.
    const Outcome outcome = trade(frame, {.exit = {2}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 199 x 50000 (entry)", "3 sell 995 x 10000 (exit)"}));
    EXPECT_EQ(outcome.equity[1], 9'998'508);
    EXPECT_EQ(outcome.equity[2], 9'998'508);
    EXPECT_EQ(outcome.equity[3], 9'998'508 - 1'492 - 29'850);
    EXPECT_EQ(outcome.tally.trades, 1);
}

TEST(CorporateActions, AReverseSplitPaysFractionsInCash) {
    const market::Frame frame = raw_symbol(rows({{2, flat(1'000)}, {2, flat(10'000)}}))
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::reverse_split,
                                          .ex_date = day(2),
                                          .shares_before = 10})
                                    .frame();
    // 9,998 shares leave 501 won; they become 999, and 8/10 of a share at 10,000.
    const Outcome outcome = trade(frame, {});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 9998 x 1000 (entry)"}));
    EXPECT_EQ(outcome.equity,
              (std::vector<std::int64_t>{10'000'000, 9'998'501, 9'998'501, 9'998'501}));
    EXPECT_EQ(outcome.tally.held[3], 999 * 10'000);
}

TEST(CorporateActions, APositionThatRoundsToNothingIsPaidOut) {
    const market::Frame frame = raw_symbol(rows({{2, flat(100'000)}, {3, flat(10'000'000)}}))
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::capital_reduction,
                                          .ex_date = day(2),
                                          .shares_before = 100})
                                    .frame();
    // 99 shares leave 98,515 won and become none: 99/100 of 10,000,000. The account may buy again.
    const Outcome outcome = trade(frame, {.rules = {.commission_e7 = 1'500}, .entry = {0, 2}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 99 x 100000 (entry)"}));
    EXPECT_EQ(outcome.tally.skipped_entries, 1);  // 9,998,515 buy none
    EXPECT_EQ(outcome.equity[2], 9'998'515);
    EXPECT_EQ(outcome.tally.trades, 1);
}

TEST(CorporateActions, BonusSharesCountAtOnceAndAreSoldFromTheirListing) {
    const market::Frame frame = raw_symbol(rows({{2, flat(12'000)}, {4, flat(10'000)}}))
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::bonus_issue,
                                          .ex_date = day(2),
                                          .shares_after = 6,
                                          .shares_before = 5,
                                          .listing_date = day(4)})
                                    .frame();
    // 833 leave 2,501 won. 999 and 3/5 of a share at 10,000; 166 of them are new. An entry at 3 is
    // not heard: the account is not flat.
    const Outcome outcome = trade(frame, {.entry = {0, 3}, .exit = {2}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 833 x 12000 (entry)", "3 sell 833 x 10000 (exit)",
                                    "4 sell 166 x 10000 (exit)"}));
    EXPECT_EQ(outcome.equity[2], 9'998'501);
    EXPECT_EQ(outcome.equity[3], 8'501 + 8'330'000 - 1'249 - 24'990 + 1'660'000);
    EXPECT_EQ(outcome.equity[4], outcome.equity[3] - 249 - 4'980);
    EXPECT_EQ(outcome.tally.trades, 1);
}

TEST(CorporateActions, RightsAreSoldAtTheirTheoreticalValueOrTakenUp) {
    const market::Frame frame = raw_symbol(rows({{2, flat(10'000)}, {4, flat(9'200)}}))
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::rights_issue,
                                          .ex_date = day(2),
                                          .shares_after = 5,
                                          .shares_before = 4,
                                          .issue_price = 6'000,
                                          .listing_date = day(4)})
                                    .frame();
    EXPECT_EQ(frame.lanes[0].actions.at(0).base, 9'200);  // (4 x 10,000 + 6,000) / 5
    EXPECT_EQ(frame.column(Field::close).at(0, 3), 10'000);
    // 999 shares and 8,502 won; the rights bring 800 each.
    const Outcome sold = trade(frame, {});
    EXPECT_EQ(sold.equity[2], 9'998'502);
    EXPECT_EQ(sold.tally.held[2], 999 * 9'200);
    // The cash buys one of 249 new shares; 995 of 999 rights are sold for 796,000.
    const Outcome poor = trade(frame, {.rules = {.rights = portfolio::Rights::subscribe}});
    EXPECT_EQ(poor.equity[2], 9'998'502);
    EXPECT_EQ(poor.tally.held[2], 1'000 * 9'200);
    // 100 shares take up 25 for 150,000, saleable two sessions later.
    const Outcome rich = trade(
        frame,
        {.rules = {.rights = portfolio::Rights::subscribe, .participation = 1e-7}, .exit = {2}});
    EXPECT_EQ(rich.fills, (Fills{"1 buy 100 x 10000 (entry)", "3 sell 100 x 9200 (exit)",
                                 "4 sell 25 x 9200 (exit)"}));
    EXPECT_EQ(rich.equity[2], 9'999'850);
}

TEST(CorporateActions, RightsBesideABonusCountOnTheOldShares) {
    // 833 shares of 12,000; 1 for 5 as a bonus, 1 for 5 at 8,000: (12,000 + 1,600) / 1.4 = 9,714.3,
    // up to a tick of 10. 999 shares, 3/5 of one in cash. 5/6 of a right a share of the new ones:
    // 999 x (10,000 - 9,714.3) = 285,428 won.
    const CorporateAction bonus{.symbol = symbol,
                                .kind = ActionKind::bonus_issue,
                                .ex_date = day(2),
                                .shares_after = 6,
                                .shares_before = 5};
    CorporateAction rights = bonus;
    rights.kind = ActionKind::rights_issue;
    rights.issue_price = 8'000;
    const market::Frame frame =
        raw_symbol(rows({{2, flat(12'000)}, {3, flat(9'720)}})).act(rights).act(bonus).frame();
    ASSERT_EQ(frame.lanes[0].actions.size(), 2u);
    EXPECT_EQ(frame.lanes[0].actions[1].base, 9'720);
    const Outcome sold = trade(frame, {});
    EXPECT_EQ(sold.equity[2], 10'000'000 - 833 * 12'000 - 1'499 + 6'000 + 285'428 + 999 * 9'720);
    // 166 new shares for 1/6 each of the 999; the cash pays one of them.
    const Outcome taken = trade(frame, {.rules = {.rights = portfolio::Rights::subscribe}});
    EXPECT_GE(taken.equity[2], sold.equity[2] - 10'000);
    EXPECT_LE(taken.equity[2], sold.equity[2] + 10'000);
}

TEST(CorporateActions, ARightAboveTheMarketIsWorthNothing) {
    const market::Frame frame = raw_symbol(rows({{4, flat(10'000)}}))
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::rights_issue,
                                          .ex_date = day(2),
                                          .shares_after = 2,
                                          .issue_price = 10'000})
                                    .frame();
    const Outcome outcome = trade(frame, {.rules = {.rights = portfolio::Rights::subscribe}});
    EXPECT_EQ(outcome.equity[2], outcome.equity[1]);
    EXPECT_EQ(outcome.tally.held[2], 999 * 10'000);
}

TEST(CorporateActions, DividendsAreReceivableOnceKnownAndCashOncePaid) {
    const CorporateAction dividend{.symbol = symbol,
                                   .kind = ActionKind::cash_dividend,
                                   .ex_date = day(2),
                                   .amount_e4 = 3'615'000,
                                   .announced = day(3),
                                   .payment_date = day(5)};
    const market::Frame frame = raw_symbol(rows({{7, flat(10'000)}})).act(dividend).frame();
    EXPECT_EQ(frame.column(Field::close).at(0, 4), 10'000);
    // 999 x 361.5 = 361,138; 15.4 % of it are 55,615. Sold at the open of the ex-date: held over
    // it.
    const Outcome outcome = trade(frame, {.exit = {1}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 999 x 10000 (entry)", "2 sell 999 x 10000 (exit)"}));
    const std::int64_t without = 9'998'502 - 1'498 - 29'970;
    EXPECT_EQ(outcome.equity,
              (std::vector<std::int64_t>{10'000'000, 9'998'502, without, without + 305'523,
                                         without + 305'523, without + 305'523, without + 305'523}));
    EXPECT_EQ(outcome.tally.dividends, 305'523);
    EXPECT_EQ(outcome.tally.gains, 0);  // no part of a trade
    // Before the payment it buys nothing: 996 shares of 9,967,034 won, then 1,027 of 10,272,557.
    const Outcome early = trade(frame, {.entry = {0, 3}, .exit = {1}});
    EXPECT_EQ(early.fills.back(), "4 buy 996 x 10000 (entry)");
    const Outcome late = trade(frame, {.entry = {0, 4}, .exit = {1}});
    EXPECT_EQ(late.fills.back(), "5 buy 1027 x 10000 (entry)");
    // Bought on the ex-date: too late.
    EXPECT_EQ(trade(frame, {.entry = {1}}).tally.dividends, 0);
}

TEST(CorporateActions, ADividendIsPaidForTheSharesBeforeTheBonusOfItsDay) {
    const CorporateAction dividend{.symbol = symbol,
                                   .kind = ActionKind::cash_dividend,
                                   .ex_date = day(2),
                                   .amount_e4 = 3'615'000};
    const CorporateAction bonus{.symbol = symbol,
                                .kind = ActionKind::bonus_issue,
                                .ex_date = day(2),
                                .shares_after = 6,
                                .shares_before = 5};
    const market::Frame frame =
        raw_symbol(rows({{2, flat(12'000)}, {3, flat(10'000)}})).act(bonus).act(dividend).frame();
    const Outcome outcome = trade(frame, {.exit = {3}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 833 x 12000 (entry)", "4 sell 999 x 10000 (exit)"}));
    EXPECT_EQ(outcome.tally.dividends, 301'129 - 46'373);  // 833 x 361.5
}

TEST(CorporateActions, LevelsAndPeaksMoveWithThePrice) {
    const market::Frame frame =
        raw_symbol({flat(50'000),
                    {50'000, 55'000, 49'900, 54'000},
                    {10'800, 10'900, 10'700, 10'800},
                    {9'500, 9'600, 8'900, 9'000},
                    flat(9'000)})
            .act(
                {.symbol = symbol, .kind = ActionKind::split, .ex_date = day(2), .shares_after = 5})
            .frame();
    EXPECT_EQ(trade(frame, {.rules = {.stop_loss = 0.1}}).fills.back(),
              "3 sell 995 x 9000 (stop_loss)");
    // The peak of 55,000 is 11,000 now: 9,900 is above that session's open.
    EXPECT_EQ(trade(frame, {.rules = {.trailing_stop = 0.1}}).fills.back(),
              "3 sell 995 x 9500 (trailing_stop)");
    EXPECT_EQ(trade(frame, {.rules = {.take_profit = 0.08}}).fills.back(),
              "1 sell 199 x 54000 (take_profit)");
    EXPECT_EQ(trade(frame, {.rules = {.max_hold = 3}}).fills.size(), 1u + 1u);
}

TEST(CorporateActions, AHaltWithAnActionIsExplainedHoweverLong) {
    std::vector<Row> prices = rows({{2, flat(1'000)}, {25, halt(1'000)}, {2, flat(12'000)}});
    EXPECT_EQ(raw_symbol(prices).frame().lane_count(), 2u);
    const market::Frame frame = raw_symbol(prices)
                                    .act({.symbol = symbol,
                                          .kind = ActionKind::capital_reduction,
                                          .ex_date = day(20),  // before it trades again
                                          .shares_before = 10})
                                    .frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_EQ(frame.lanes[0].actions.at(0).session, 27u);
    const Outcome outcome = trade(frame, {});
    EXPECT_EQ(outcome.equity[26], 9'998'501);
    EXPECT_EQ(outcome.equity[27], 501 + 8'000 + 999 * 12'000);
    EXPECT_TRUE(frame.buyable.at(0, 27));  // the auction set the base: no limit is known
}

TEST(CorporateActions, AJumpThatTheFactorDoesNotExplainStillCuts) {
    const market::Frame frame =
        raw_symbol(rows({{2, flat(50'000)}, {2, flat(20'000)}}))
            .act(
                {.symbol = symbol, .kind = ActionKind::split, .ex_date = day(2), .shares_after = 5})
            .frame();
    EXPECT_EQ(frame.lane_count(), 2u);
    EXPECT_TRUE(frame.lanes[1].actions.empty());
}

TEST(CorporateActions, NothingIsAppliedToPricesThatAreNotKnownToBeRaw) {
    for (const Basis basis : {Basis::unknown, Basis::adjusted}) {
        const market::Frame frame =
            RowMarket{}
                .add(symbol, 0, rows({{4, flat(10'000)}}), market::Market::kospi, basis)
                .act({.symbol = symbol,
                      .kind = ActionKind::split,
                      .ex_date = day(2),
                      .shares_after = 5})
                .frame();
        EXPECT_TRUE(frame.lanes[0].actions.empty());
        EXPECT_EQ(frame.column(Field::close).at(0, 3), 10'000);
        EXPECT_EQ(frame.unapplied_actions, 1u);
    }
}

TEST(CorporateActions, ProposalsAndWhatIsNotKnownYetChangeNothing) {
    const CorporateAction split{.symbol = symbol,
                                .kind = ActionKind::split,
                                .ex_date = day(2),
                                .shares_after = 5,
                                .announced = day(1)};
    CorporateAction proposed = split;
    proposed.state = market::ActionState::proposed;
    const auto prices = rows({{2, flat(50'000)}, {2, flat(10'000)}});
    EXPECT_EQ(raw_symbol(prices).act(proposed).frame().lane_count(), 2u);
    EXPECT_EQ(raw_symbol(prices).act(split).frame().lane_count(), 1u);
    EXPECT_EQ(raw_symbol(prices)
                  .act(split)
                  .frame(market::FrameOptions{.as_of = day(0), .threads = 1})
                  .lane_count(),
              2u);
}

TEST(CorporateActions, ADelistingSettlesAtTheLastCloseAndIsToldApart) {
    const auto prices = rows({{2, flat(10'000)}, {2, flat(9'000)}});
    const auto other = rows({{8, flat(500)}});
    const auto market = [&](CorporateAction action) {
        return raw_symbol(prices).act(std::move(action)).add("000020", 0, other).frame();
    };
    const market::Frame delisted =
        market({.symbol = symbol, .kind = ActionKind::delisting, .ex_date = day(5)});
    EXPECT_EQ(delisted.lanes[0].end, market::LaneEnd::delisted);
    const Outcome outcome = trade(delisted, {});
    EXPECT_EQ(outcome.fills.back(), "3 sell 999 x 9000 (delisting)");
    ASSERT_EQ(outcome.tally.delisted.size(), 1u);
    EXPECT_EQ(outcome.tally.delisted[0].session, 3u);
    EXPECT_EQ(outcome.tally.delisted[0].won, 8'991'000 - 1'348 - 26'973);
    const market::Frame merged = market({.symbol = symbol,
                                         .kind = ActionKind::merger,
                                         .ex_date = day(4),
                                         .shares_after = 2,
                                         .shares_before = 3,
                                         .successor = "000020"});
    const Outcome exchanged = trade(merged, {});
    EXPECT_EQ(exchanged.fills.back(), "3 sell 999 x 9000 (merger)");
    EXPECT_TRUE(exchanged.tally.delisted.empty());
}

TEST(CorporateActions, ANewCodeCarriesTheSeriesOn) {
    const market::Frame frame =
        RowMarket{}
            .add("000010", 0, rows({{3, flat(10'000)}}), market::Market::kospi, Basis::raw)
            .add("000020", 4, rows({{3, flat(11'000)}}), market::Market::kospi, Basis::raw)
            .act({.symbol = "000010",
                  .kind = ActionKind::code_change,
                  .ex_date = day(4),
                  .successor = "000020"})
            .frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_EQ(frame.lanes[0].instrument.symbol, "000020");
    EXPECT_EQ(frame.lanes[0].first, 0u);
    EXPECT_EQ(frame.column(Field::close).at(0, 1), 10'000);
    ASSERT_EQ(frame.excluded.size(), 1u);
    EXPECT_EQ(frame.excluded[0].symbol, "000010");
    const Outcome outcome = trade(frame, {.exit = {4}});
    EXPECT_EQ(outcome.fills, (Fills{"1 buy 999 x 10000 (entry)", "5 sell 999 x 11000 (exit)"}));
}

TEST(RawPrices, LockedMeansExactlyAtTheLimit) {
    // 4,245 x 0.3 is 1,270 in ticks of 5; 5,515 is 5,510 in ticks of 10. 5,500 is 29.6 % up.
    for (const auto& [price, basis, fills] : {std::tuple{5'510, Basis::raw, 0u},
                                              {5'500, Basis::raw, 1u},
                                              {5'500, Basis::unknown, 0u}}) {
        const market::Frame frame = RowMarket{}
                                        .add(symbol, 0, {flat(4'245), flat(price), flat(price)},
                                             market::Market::kospi, basis)
                                        .frame();
        EXPECT_EQ(trade(frame, {}).fills.size(), fills) << price;
    }
}

TEST(RawPrices, SlippageInTicksCrossesTheTable) {
    const market::Frame frame =
        raw_symbol({flat(4'990), flat(4'990), flat(5'010), flat(5'010)}).frame();
    // 4,995, 5,000, 5,010; and back.
    const Outcome outcome = trade(frame, {.rules = {.slippage_ticks = 3}, .exit = {1}});
    ASSERT_EQ(outcome.fills.size(), 2u);
    EXPECT_EQ(outcome.fills[0], "1 buy 1995 x 5010 (entry)");
    EXPECT_EQ(outcome.fills[1], "2 sell 1995 x 4990 (exit)");
    EXPECT_EQ(outcome.tally.slippage, 1'995 * 40);
}

TEST(RawPrices, SlippageStopsAtTheExactLimit) {
    // The base of 10,000 limits to 7,000 and 13,000; 12,990 is a tick of 50 below.
    const market::Frame frame =
        raw_symbol({flat(10'000), {12'990, 13'000, 12'000, 12'000}, flat(12'000)}).frame();
    EXPECT_EQ(trade(frame, {.rules = {.slippage_ticks = 5}}).fills.front(),
              "1 buy 769 x 13000 (entry)");
}

TEST(RawPrices, LevelsFillOnTheGrid) {
    const std::vector<Row> prices = {
        flat(10'050), flat(10'050), {10'000, 10'000, 9'400, 9'500}, flat(9'500)};
    // 5 % below 10,050 is 9,547.5: ticks are 10 there.
    EXPECT_EQ(trade(raw_symbol(prices).frame(), {.rules = {.stop_loss = 0.05}}).fills.back(),
              "2 sell 994 x 9540 (stop_loss)");
    EXPECT_EQ(trade(RowMarket{}.add(symbol, 0, prices).frame(), {.rules = {.stop_loss = 0.05}})
                  .fills.back(),
              "2 sell 994 x 9547 (stop_loss)");
}

TEST(RawPrices, LiquidationTradingIsNotBoughtHasNoLimitAndDoesNotCut) {
    const auto prices = std::vector<Row>{flat(1'000), flat(1'000), flat(400), flat(100), flat(90)};
    const market::StatePeriod liquidation{.symbol = symbol,
                                          .state = market::ListingState::liquidation,
                                          .first = day(2),
                                          .last = day(4)};
    EXPECT_EQ(raw_symbol(prices).frame().lane_count(), 3u);
    for (const Basis basis : {Basis::raw, Basis::unknown}) {
        const market::Frame frame = RowMarket{}
                                        .add(symbol, 0, prices, market::Market::kospi, basis)
                                        .state(liquidation)
                                        .frame();
        ASSERT_EQ(frame.lane_count(), 1u);
        EXPECT_EQ(trade(frame, {.exit = {2}}).fills,
                  (Fills{"1 buy 9998 x 1000 (entry)", "3 sell 9998 x 100 (exit)"}));
        EXPECT_EQ(trade(frame, {.entry = {1, 2, 3}}).fills, Fills{});
    }
}

TEST(RawPrices, FundsPayNoSaleTaxAndStayOutUnlessAskedFor) {
    RowMarket market = raw_symbol(rows({{4, flat(10'000)}}));
    market.list({.symbol = symbol, .share_class = market::ShareClass::etf});
    market.add("000020", 0, rows({{4, flat(10'000)}}));
    const market::Frame common = market.frame();
    ASSERT_EQ(common.excluded.size(), 1u);
    EXPECT_EQ(common.excluded[0].share_class, market::ShareClass::etf);
    const market::Frame all = market.frame(market::FrameOptions{.all = true, .threads = 1});
    EXPECT_EQ(trade(all, {.exit = {1}}).tally.tax, 0);
}

market::Listing listed_as(market::Market market, market::ShareClass share_class,
                          std::optional<std::size_t> session = {}, const char* name = "") {
    market::Listing listing{
        .symbol = symbol, .name = name, .market = market, .share_class = share_class};
    if (session) listing.first = day(*session);
    return listing;
}

TEST(RawPrices, AMoveToAnotherMarketBringsItsTicksFromItsDayOn) {
    // 150,300 is on KOSDAQ's grid of 100 and not on KOSPI's of 500. KOSPI from session 3 on.
    RowMarket market = raw_symbol(rows({{6, flat(150'300)}}));
    market.list(listed_as(market::Market::kosdaq, market::ShareClass::common, 0));
    market.list(listed_as(market::Market::kospi, market::ShareClass::common, 3));
    const market::Frame frame = market.frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    const Setting setting{.rules = {.slippage_ticks = 1}, .entry = {0, 3}, .exit = {1, 4}};
    EXPECT_EQ(trade(frame, setting).fills,
              (Fills{"1 buy 66 x 150400 (entry)", "2 sell 66 x 150200 (exit)",
                     "4 buy 65 x 151000 (entry)", "5 sell 65 x 149500 (exit)"}));
    // Without the listing it is KOSPI's all the time, as its prices' file says.
    EXPECT_EQ(trade(raw_symbol(rows({{6, flat(150'300)}})).frame(), setting).fills.front(),
              "1 buy 66 x 151000 (entry)");
}

TEST(RawPrices, AMoveToAnotherMarketBringsItsLimitFromItsDayOn) {
    // 15 % on KONEX, 30 % from session 2 on: 11,500 locks the one and not the other.
    for (const auto& [up, fills] : {std::pair{std::size_t{1}, 0u}, {std::size_t{2}, 1u}}) {
        std::vector<Row> prices = rows({{4, flat(10'000)}});
        for (std::size_t t = up; t < prices.size(); ++t) prices[t] = flat(11'500);
        RowMarket market = raw_symbol(prices);
        market.list(listed_as(market::Market::konex, market::ShareClass::common, 0));
        market.list(listed_as(market::Market::kosdaq, market::ShareClass::common, 2));
        EXPECT_EQ(trade(market.frame(), {.entry = {up - 1}}).fills.size(), fills) << up;
    }
}

TEST(RawPrices, TheTaxIsThatOfTheDaysMarket) {
    // Since 2019-06-03 KONEX pays 0.10 % and KOSDAQ 0.25 %.
    const Date origin = Date::from_civil(2019, 8, 1);
    for (const auto& [moves, tax] : {std::pair{2u, 999 * 25}, {3u, 999 * 25}, {4u, 999 * 10}}) {
        RowMarket market{origin};
        market.add(symbol, 0, rows({{6, flat(10'000)}}), market::Market::unknown, Basis::raw);
        for (const auto& [to, session] :
             {std::pair{market::Market::konex, 0u}, {market::Market::kosdaq, moves}})
            market.list({.symbol = symbol,
                         .market = to,
                         .share_class = market::ShareClass::common,
                         .first = RowMarket::day(session, origin)});
        const Outcome outcome = trade(market.frame(), {.exit = {2}});
        EXPECT_EQ(outcome.fills.back(), "3 sell 999 x 10000 (exit)");
        EXPECT_EQ(outcome.tally.tax, tax) << moves;
    }
}

TEST(Universe, AShellIsThereFromTheDayItBecameACommonShareOn) {
    RowMarket market = raw_symbol(rows({{8, flat(2'000)}}));
    market.list(listed_as(market::Market::kosdaq, market::ShareClass::spac, 0));
    market.list(listed_as(market::Market::kosdaq, market::ShareClass::common, 4));
    const market::Frame frame = market.frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_EQ(frame.sessions[frame.lanes[0].first], day(4));
    EXPECT_TRUE(frame.excluded.empty());
    EXPECT_EQ(trade(frame, {.exit = {2}}).fills,
              (Fills{"1 buy 4999 x 2000 (entry)", "3 sell 4999 x 2000 (exit)"}));
    // A window that ends before is one of a shell.
    market.add("000020", 0, rows({{8, flat(2'000)}}));
    const market::Frame before = market.frame(market::FrameOptions{.to = day(3), .threads = 1});
    ASSERT_EQ(before.excluded.size(), 1u);
    EXPECT_EQ(before.excluded[0].share_class, market::ShareClass::spac);
    const market::Frame all = market.frame(market::FrameOptions{.all = true, .threads = 1});
    EXPECT_EQ(all.sessions[all.lanes[0].first], day(0));
}

TEST(Universe, WhatIsNoCommonShareAnyMoreIsSoldAndNotBought) {
    RowMarket market = raw_symbol(rows({{8, flat(2'000)}}));
    market.list(listed_as(market::Market::kospi, market::ShareClass::common, 0));
    market.list(listed_as(market::Market::kospi, market::ShareClass::fund, 3));
    market.list(listed_as(market::Market::kospi, market::ShareClass::common, 6));
    const market::Frame frame = market.frame();
    ASSERT_EQ(frame.lane_count(), 1u);
    EXPECT_EQ(frame.lanes[0].last, 7u);
    EXPECT_EQ(trade(frame, {.entry = {1}, .exit = {3}}).fills,
              (Fills{"2 buy 4999 x 2000 (entry)", "4 sell 4999 x 2000 (exit)"}));
    EXPECT_EQ(trade(frame, {.entry = {2, 3, 4}}).fills, Fills{});
    EXPECT_EQ(trade(frame, {.entry = {5}}).fills, Fills{"6 buy 4999 x 2000 (entry)"});
    const market::Frame all = market.frame(market::FrameOptions{.all = true, .threads = 1});
    EXPECT_EQ(trade(all, {.entry = {3}}).fills, Fills{"4 buy 4999 x 2000 (entry)"});
}

TEST(RawPrices, ALeveragedFundHasTwiceTheLimit) {
    // 10,000 x 60 %: 4,000 to 16,000. At a limit nothing is bought, or nothing sold.
    struct Case {
        const char* name;
        std::int64_t price;
        bool buyable, sellable;
    };
    for (const Case& c :
         {Case{"KODEX 레버리지", 16'000, false, true}, Case{"KODEX 레버리지", 15'995, true, true},
          Case{"KODEX 인버스2X", 4'000, true, false}, Case{"KODEX 인버스2X", 4'005, true, true},
          Case{"KODEX 200", 13'000, false, true}}) {
        for (const Basis basis : {Basis::raw, Basis::unknown}) {
            RowMarket market;
            market.add(symbol, 0, {flat(10'000), flat(c.price), flat(c.price)},
                       market::Market::kospi, basis);
            market.list(listed_as(market::Market::kospi, market::ShareClass::etf, {}, c.name));
            const market::Frame frame =
                market.frame(market::FrameOptions{.all = true, .threads = 1});
            ASSERT_EQ(frame.lane_count(), 1u) << c.name;
            // One percent within the limit counts as locked where prices are not known to be raw.
            const bool exact = basis == Basis::raw || c.price % 1'000 == 0;
            if (exact) {
                EXPECT_EQ(frame.buyable.at(0, 1), c.buyable) << c.name << c.price;
                EXPECT_EQ(frame.sellable.at(0, 1), c.sellable) << c.name << c.price;
            }
            trade(frame, {.exit = {1}});
        }
    }
    EXPECT_EQ(raw_symbol({flat(10'000), flat(16'000), flat(16'000)}).frame().lane_count(), 2u);
}

TEST(RatioPrices, SlippageStaysWithinTheLimitOfItsDay) {
    const auto fills = [&](Date origin) {
        const market::Frame frame =
            RowMarket{origin}.add(symbol, 0, rows({{3, flat(10'001)}})).frame();
        return trade(frame, {.rules = {.slippage_e6 = 500'000}, .exit = {1}}).fills;
    };
    // 15 % until 2015-06-12: floor(11,501.15), ceil(8,500.85). Then 30 %: 13,001.3, 7,000.7.
    EXPECT_EQ(fills(Date::from_civil(2015, 6, 8)),
              (Fills{"1 buy 869 x 11501 (entry)", "2 sell 869 x 8501 (exit)"}));
    EXPECT_EQ(fills(Date::from_civil(2015, 6, 15)),
              (Fills{"1 buy 769 x 13001 (entry)", "2 sell 769 x 7001 (exit)"}));
    // The last session of the one and the first of the other.
    EXPECT_EQ(fills(Date::from_civil(2015, 6, 11)),
              (Fills{"1 buy 869 x 11501 (entry)", "2 sell 869 x 7001 (exit)"}));
    // 8 % until Saturday 1998-02-28, then 12 %.
    EXPECT_EQ(fills(Date::from_civil(1998, 2, 27)),
              (Fills{"1 buy 925 x 10801 (entry)", "2 sell 925 x 8801 (exit)"}));
    // A stop is bounded likewise.
    const market::Frame frame =
        RowMarket{Date::from_civil(2015, 6, 8)}
            .add(symbol, 0,
                 {flat(10'001), flat(10'001), {10'001, 10'001, 9'000, 9'000}, flat(9'000)})
            .frame();
    EXPECT_EQ(trade(frame, {.rules = {.stop_loss = 0.2, .slippage_e6 = 500'000}}).fills.back(),
              "2 sell 869 x 8501 (stop_loss)");
}

TEST(CorporateActions, NoLaterActionChangesAnEarlierValue) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Rng rng{seed};
        const std::size_t count = 30 + rng.below(60);
        RowMarket market;
        for (const char* code : {"000010", "000020", "000030"}) {
            std::vector<Row> drawn = portfolio::random_rows(rng, count);
            drawn.front() = flat(drawn.front().close == 0 ? 1'000 : drawn.front().close);
            for (std::uint64_t actions = rng.below(4); actions > 0; --actions)
                market.act(portfolio::random_action(rng, code, 0, 1 + rng.below(count - 1), drawn));
            market.add(code, 0, drawn, market::Market::kosdaq, Basis::raw);
        }
        const market::Frame whole = market.frame();
        for (int cut = 0; cut < 3; ++cut)
            expect_a_beginning(
                market.frame(market::FrameOptions{.to = day(rng.below(count)), .threads = 1}),
                whole);
        if (testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace hsl::backtest
