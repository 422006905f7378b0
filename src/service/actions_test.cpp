// SPDX-License-Identifier: Apache-2.0
#include "service/actions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::service {
namespace {

using market::ActionKind;
using market::ActionState;
using market::Bar;
using market::CorporateAction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Date first = Date::from_civil(2024, 1, 2);

std::vector<Bar> bars_of(const std::vector<std::int64_t>& closes, Date from = first) {
    std::vector<Bar> bars;
    for (const std::int64_t close : closes)
        bars.push_back({.date = from + static_cast<int>(bars.size()),
                        .open = close,
                        .high = close,
                        .low = close,
                        .close = close,
                        .volume = 7});
    return bars;
}

const std::vector<std::int64_t> split{50'000, 51'000, 10'100, 10'300};  // 5:1 on the third day

class ActionsOfAStore : public testing::Test {
protected:
    static store::IncomingSymbol series(const std::string& symbol, std::vector<Bar> bars,
                                        market::Basis basis = market::Basis::raw) {
        return {.instrument = {.symbol = symbol, .market = market::Market::kospi},
                .bars = std::move(bars),
                .file = symbol + ".csv",
                .basis = basis,
                .definition = market::BarDefinition::regular};
    }
    static market::ColumnSeries shares(const std::string& symbol,
                                       const std::vector<std::int64_t>& counts) {
        market::ColumnSeries column{.symbol = symbol, .column = "listed_shares"};
        for (const std::int64_t count : counts) {
            const Date day = first + static_cast<int>(column.rows.size());
            column.rows.push_back({day, day, static_cast<double>(count)});
        }
        return column;
    }
    void put(store::Incoming incoming) {
        const auto writer = store_->open_writer();
        ASSERT_TRUE((*writer)->write(std::move(incoming), {}, {}));
    }
    std::vector<CorporateAction> recorded() { return store_->facts({}).value().actions; }

    std::unique_ptr<store::BarStore> store_ = store::in_memory_store();
};

TEST_F(ActionsOfAStore, AreProposedFromRawPricesAndShareCounts) {
    put({.symbols = {series("000010", bars_of(split)), series("000020", bars_of(split)),
                     series("000030", bars_of(split), market::Basis::adjusted),
                     series("000040", bars_of(split), market::Basis::unknown)},
         .facts = {.columns = {shares("000010", {100, 100, 500, 500})}}});
    const auto found = propose_actions(*store_, {});
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->actions.size(), 2u);
    EXPECT_EQ(found->actions[0].kind, ActionKind::split);
    EXPECT_EQ(found->actions[0].shares_after, 5);
    EXPECT_EQ(found->actions[0].ex_date, first + 2);
    EXPECT_EQ(found->actions[0].state, ActionState::proposed);
    EXPECT_THAT(found->actions[0].note, HasSubstr("listed shares 100 to 500"));
    EXPECT_THAT(found->actions[1].note, HasSubstr("weak")) << "nobody told of its shares";
    EXPECT_EQ(found->symbols, 4);
    EXPECT_EQ(found->adjusted, 1);
    EXPECT_EQ(found->unknown, 1);
    EXPECT_THAT(recorded(), IsEmpty()) << "a look keeps nothing";
}

TEST_F(ActionsOfAStore, AreNotProposedBehindAHoleNorWhereOneIsRecorded) {
    auto late = bars_of({50'000, 51'000});
    const auto after = bars_of({10'100, 10'300}, first + 40);
    late.insert(late.end(), after.begin(), after.end());
    put({.symbols = {series("000010", bars_of(split)), series("000020", late)}});
    auto found = propose_actions(*store_, {});
    ASSERT_EQ(found->actions.size(), 1u);
    EXPECT_EQ(found->gaps, 1);
    for (const auto state : {ActionState::proposed, ActionState::rejected}) {
        CorporateAction known = found->actions.front();
        known.state = state;
        ASSERT_TRUE(record_actions(*store_, {known}, "", {}));
        EXPECT_THAT(propose_actions(*store_, {})->actions, IsEmpty()) << name_of(state);
    }
}

TEST_F(ActionsOfAStore, ACashDividendOfTheDayIsNoReasonAgainstASplit) {
    put({.symbols = {series("000010", bars_of(split))},
         .facts = {.actions = {{.symbol = "000010",
                                .kind = ActionKind::cash_dividend,
                                .ex_date = first + 2,
                                .amount_e4 = 10'000}}}});
    EXPECT_EQ(propose_actions(*store_, {})->actions.size(), 1u);
}

TEST_F(ActionsOfAStore, OtherDefinitionsThanTheRegularSessionAreLeftOut) {
    auto all_day = series("000010", bars_of(split));
    all_day.definition = market::BarDefinition::all_krx;
    auto unsure = series("000020", bars_of(split));
    auto late = series("000030", bars_of(split, Date::from_civil(2025, 6, 2)));
    unsure.definition = late.definition = market::BarDefinition::unknown;
    put({.symbols = {all_day, unsure, late}});
    const auto found = propose_actions(*store_, {});
    ASSERT_EQ(found->actions.size(), 1u);
    EXPECT_EQ(found->actions[0].symbol, "000020") << "one venue alone was open then";
    EXPECT_EQ(found->other_definition, 1);
}

TEST_F(ActionsOfAStore, AreSettledByTheBeginningOfTheirIds) {
    put({.symbols = {series("000010", bars_of(split)), series("000020", bars_of(split))}});
    const auto found = propose_actions(*store_, {})->actions;
    ASSERT_TRUE(record_actions(*store_, found, "proposed", {}));
    const std::string one = action_id(found[0]), other = action_id(found[1]);
    ASSERT_EQ(one.size(), 8u);
    ASSERT_NE(one.substr(0, 4), other.substr(0, 4));

    auto settled = settle_actions(*store_, {one.substr(0, 4)}, ActionState::confirmed, "confirmed");
    ASSERT_TRUE(settled) << settled.error().text();
    ASSERT_EQ(settled->size(), 1u);
    EXPECT_EQ(settled->front().symbol, found[0].symbol);
    const auto version = store_->data_version().value();
    ASSERT_TRUE(settle_actions(*store_, {one, one}, ActionState::confirmed, "again"));
    EXPECT_EQ(store_->data_version().value(), version) << "said twice, changed once";
    ASSERT_TRUE(settle_actions(*store_, {one, other}, ActionState::rejected, "after all not"));
    for (const CorporateAction& action : recorded()) EXPECT_EQ(action.state, ActionState::rejected);

    for (const char* unknown : {"zzzz", ""}) {
        settled = settle_actions(*store_, {one, unknown}, ActionState::confirmed, "");
        ASSERT_FALSE(settled) << unknown;
        EXPECT_THAT(settled.error().message, HasSubstr("hsl actions list"));
    }
    EXPECT_EQ(recorded()[0].state, ActionState::rejected) << "all or none";
}

TEST_F(ActionsOfAStore, NewRowsAreJudgedBehindThoseOfTheStore) {
    const auto whole = bars_of(split);
    put({.symbols = {series("000010", {whole[0], whole[1]})}});
    const auto found =
        propose_from_new_rows(*store_, {.symbols = {series("000010", {whole[2], whole[3]})}});
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().ex_date, first + 2);
    EXPECT_THAT(recorded(), IsEmpty()) << "whoever writes the rows keeps them";
}

TEST_F(ActionsOfAStore, NewRowsBringTheirShareCounts) {
    // Two for three: no move that a day does not allow.
    const auto whole = bars_of({50'000, 51'000, 34'500, 34'000});
    put({.symbols = {series("000010", {whole[0], whole[1]})},
         .facts = {.columns = {shares("000010", {200, 200})}}});
    store::Incoming incoming{.symbols = {series("000010", {whole[2], whole[3]})}};
    EXPECT_THAT(*propose_from_new_rows(*store_, incoming), IsEmpty());
    incoming.facts.columns = {shares("000010", {200, 200, 300, 300})};
    const auto found = propose_from_new_rows(*store_, incoming);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().shares_after, 3);
    EXPECT_EQ(found->front().shares_before, 2);
}

TEST_F(ActionsOfAStore, OldRowsAdjustedRowsAndKnownActionsProposeNothingNew) {
    const auto whole = bars_of(split);
    put({.symbols = {series("000010", whole)}});
    EXPECT_THAT(*propose_from_new_rows(*store_, {.symbols = {series("000010", whole)}}), IsEmpty())
        << "the rows are there already";
    const auto more = bars_of({10'200}, first + 4);
    EXPECT_THAT(*propose_from_new_rows(*store_, {.symbols = {series("000010", more)}}), IsEmpty())
        << "the split is none of the new rows";
    EXPECT_THAT(*propose_from_new_rows(
                    *store_, {.symbols = {series("000020", whole, market::Basis::adjusted)}}),
                IsEmpty());
    store::Incoming announced{.symbols = {series("000020", whole)}};
    announced.facts.actions = {
        {.symbol = "000020", .kind = ActionKind::split, .ex_date = first + 2, .shares_after = 5}};
    EXPECT_THAT(*propose_from_new_rows(*store_, announced), IsEmpty());
    announced.facts.actions.clear();
    EXPECT_EQ(propose_from_new_rows(*store_, announced)->size(), 1u);
}

TEST_F(ActionsOfAStore, SourcesAreJudgedApart) {
    const auto whole = bars_of(split);
    auto other = series("000010", bars_of({50'000, 51'000, 52'000, 53'000}));
    put({.symbols = {other}});
    auto mine = series("000010", whole);
    mine.source = "krx";
    EXPECT_EQ(propose_from_new_rows(*store_, {.symbols = {mine}})->size(), 1u);
}

}  // namespace
}  // namespace hsl::service
