// SPDX-License-Identifier: Apache-2.0
#include "market/corporate_action.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "market/day_testing.hpp"

namespace hsl::market {
namespace {

CorporateAction action(ActionKind kind, const char* ex_date, std::int64_t after,
                       std::int64_t before) {
    CorporateAction made{.symbol = "005930", .kind = kind, .ex_date = day(ex_date)};
    made.shares_after = after;
    made.shares_before = before;
    return made;
}

CorporateAction rights(const char* ex_date, std::int64_t after, std::int64_t before,
                       std::int64_t issue_price) {
    CorporateAction made = action(ActionKind::rights_issue, ex_date, after, before);
    made.issue_price = issue_price;
    return made;
}

Bar bar(const char* date, std::int64_t close, std::int64_t volume = 100) {
    return {day(date), close, close, close, close, volume};
}

std::vector<std::int64_t> closes(const std::vector<Bar>& bars) {
    std::vector<std::int64_t> found;
    for (const Bar& each : bars) found.push_back(each.close);
    return found;
}
using Closes = std::vector<std::int64_t>;

}  // namespace

TEST(ActionKind, IsReadFromEnglishAndKorean) {
    for (int number = 0; number <= static_cast<int>(ActionKind::delisting); ++number) {
        const auto kind = static_cast<ActionKind>(number);
        EXPECT_EQ(parse_action_kind(name_of(kind)), kind);
        EXPECT_EQ(parse_action_kind(korean_name_of(kind)), kind);
    }
    EXPECT_EQ(parse_action_kind("감자"), ActionKind::capital_reduction);
    const auto wrong = parse_action_kind("buyback");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("'buyback'"), std::string::npos);
}

TEST(PriceFactor, IsSharesBeforeOverSharesAfter) {
    EXPECT_EQ(price_factor(action(ActionKind::split, "2018-05-04", 50, 1), 2'650'000),
              (PriceFactor{1, 50}));
    EXPECT_EQ(price_factor(action(ActionKind::reverse_split, "2020-01-02", 1, 10), 500),
              (PriceFactor{10, 1}));
    EXPECT_EQ(price_factor(action(ActionKind::bonus_issue, "2020-01-02", 6, 5), 500),
              (PriceFactor{5, 6}));
    // Listed shares on both sides of the split of 2018.
    EXPECT_EQ(price_factor(action(ActionKind::split, "2018-05-04", 6'419'324'700, 128'386'494), 1),
              (PriceFactor{1, 50}));
}

TEST(PriceFactor, OfRightsIsTheTheoreticalValue) {
    // P = 10,000, a new share for four old ones at 8,000: (10,000 + 8,000 / 4) / 1.25 = 9,600.
    EXPECT_EQ(price_factor(rights("2020-01-02", 5, 4, 8'000), 10'000), (PriceFactor{24, 25}));
    EXPECT_EQ(price_factor(rights("2020-01-02", 5, 4, 10'000), 10'000), (PriceFactor{1, 1}));
    EXPECT_EQ(price_factor(rights("2020-01-02", 5, 4, 12'000), 10'000), (PriceFactor{1, 1}));
    EXPECT_EQ(price_factor(rights("2020-01-02", 5, 4, 8'000), 0), (PriceFactor{1, 1}));
}

TEST(PriceFactor, OfACashDividendIsOne) {
    CorporateAction dividend = action(ActionKind::cash_dividend, "2020-12-29", 1, 1);
    dividend.amount_e4 = 3'540'000;
    EXPECT_EQ(price_factor(dividend, 80'000), (PriceFactor{1, 1}));
    EXPECT_EQ(price_factor(action(ActionKind::code_change, "2020-12-29", 1, 1), 80'000),
              (PriceFactor{1, 1}));
}

TEST(PriceFactor, StaysWithinItsIntegers) {
    const PriceFactor factor = price_factor(
        rights("2020-01-02", 6'000'000'007, 5'000'000'029, 999'999'999'937), 999'999'999'989);
    EXPECT_GT(factor.value(), 0.99999);
    EXPECT_LT(factor.value(), 1.0);
}

TEST(Actions, KnowOnlyWhatWasConfirmedAndAnnounced) {
    CorporateAction announced = action(ActionKind::split, "2018-05-04", 50, 1);
    announced.announced = day("2018-01-31");
    CorporateAction proposed = action(ActionKind::split, "2016-05-04", 5, 1);
    proposed.state = ActionState::proposed;
    CorporateAction other = action(ActionKind::split, "2017-05-04", 5, 1);
    other.symbol = "000660";
    const Actions actions{{announced, proposed, other}};
    EXPECT_EQ(actions.of("005930").size(), 2u);
    EXPECT_EQ(actions.of("005930")[0].ex_date, day("2016-05-04"));
    EXPECT_TRUE(actions.of("111111").empty());
    EXPECT_TRUE(actions.known("005930", day("2018-01-30")).empty());
    ASSERT_EQ(actions.known("005930", day("2018-01-31")).size(), 1u);
    EXPECT_EQ(actions.known("005930", day("2018-01-31"))[0].ex_date, day("2018-05-04"));
}

TEST(AdjustedView, MultipliesWhatLiesBeforeTheExDate) {
    const std::vector<Bar> raw{bar("2018-04-26", 2'607'000, 7), bar("2018-04-27", 2'650'000, 3),
                               bar("2018-05-04", 51'900, 39), bar("2018-05-08", 52'600, 5)};
    const std::vector<CorporateAction> split{action(ActionKind::split, "2018-05-04", 50, 1)};
    const auto view = adjusted_view(raw, split, day("2018-05-08"));
    EXPECT_EQ(closes(view), (Closes{52'140, 53'000, 51'900, 52'600}));
    EXPECT_EQ(view[0].volume, 350);
    EXPECT_EQ(view[2].volume, 39);
    // As somebody saw it before: nothing had happened.
    EXPECT_EQ(closes(adjusted_view(raw, split, day("2018-05-03"))), (Closes{2'607'000, 2'650'000}));
}

TEST(AdjustedView, ChainsActionsAndRoundsOnce) {
    const std::vector<Bar> raw{bar("2020-01-02", 1'001), bar("2020-01-03", 500),
                               bar("2020-01-06", 333)};
    const std::vector<CorporateAction> actions{action(ActionKind::split, "2020-01-06", 3, 2),
                                               action(ActionKind::split, "2020-01-03", 2, 1)};
    // 1,001 / 3 = 333.67; with a rounding at each step it would be 501 / 1.5 = 334 as well, 500
    // not.
    EXPECT_EQ(closes(adjusted_view(raw, actions, day("2020-01-06"))), (Closes{334, 333, 333}));
}

TEST(AdjustedView, RightsLookAtTheLastTradedClose) {
    std::vector<Bar> raw{bar("2020-01-02", 10'000), bar("2020-01-03", 9'600, 0),
                         bar("2020-01-06", 9'700)};  // a halt that shows the coming reference
    const std::vector<CorporateAction> actions{rights("2020-01-06", 5, 4, 8'000)};
    EXPECT_EQ(closes(adjusted_view(raw, actions, day("2020-01-06"))),
              (Closes{9'600, 9'216, 9'700}));
}

TEST(AdjustedView, RightsAndABonusOfOneDayShareTheOldShares) {
    // (P + S r) / (1 + r + bonus) = (10,000 + 8,000 x 0.2) / 1.3.
    const std::vector<Bar> raw{bar("2020-01-02", 10'000), bar("2020-01-03", 8'900)};
    const std::vector<CorporateAction> actions{
        rights("2020-01-03", 6, 5, 8'000), action(ActionKind::bonus_issue, "2020-01-03", 11, 10)};
    EXPECT_EQ(closes(adjusted_view(raw, actions, day("2020-01-03"))), (Closes{8'923, 8'900}));
}

TEST(AdjustedView, RightsAfterASplitInOneHaltLookAtTheNewPrice) {
    // 50,000 is 10,000 after the split; (10,000 + 8,000 x 0.25) / 1.25 = 9,600.
    const std::vector<Bar> raw{bar("2020-01-02", 50'000), bar("2020-01-06", 9'700)};
    const std::vector<CorporateAction> actions{action(ActionKind::split, "2020-01-03", 5, 1),
                                               rights("2020-01-06", 5, 4, 8'000)};
    EXPECT_EQ(closes(adjusted_view(raw, actions, day("2020-01-06"))), (Closes{9'600, 9'700}));
}

TEST(AdjustedView, LeavesProposalsAndDividendsOut) {
    const std::vector<Bar> raw{bar("2020-01-02", 1'000), bar("2020-01-03", 500)};
    CorporateAction proposal = action(ActionKind::split, "2020-01-03", 2, 1);
    proposal.state = ActionState::proposed;
    CorporateAction dividend = action(ActionKind::cash_dividend, "2020-01-03", 1, 1);
    dividend.amount_e4 = 1'000'000;
    const std::vector<CorporateAction> actions{proposal, dividend};
    EXPECT_EQ(adjusted_view(raw, actions, day("2020-01-03")), raw);
}

}  // namespace hsl::market
