// SPDX-License-Identifier: Apache-2.0
#include "service/generate_bars.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::service {
namespace {

using testing::HasSubstr;

const market::SyntheticOptions small{.symbols = 5, .sessions = 60};

TEST(GenerateBars, TheSameMarketOnceMoreChangesNothing) {
    const auto store = store::in_memory_store();
    const auto first = generate_bars(*store, small, "hsl generate").value();
    EXPECT_TRUE(first.changed);
    EXPECT_EQ(first.symbols, 5);
    EXPECT_EQ(first.version, store->data_version().value());
    const auto second = generate_bars(*store, small, "hsl generate").value();
    EXPECT_FALSE(second.changed);
    EXPECT_EQ(second.version, first.version);
    EXPECT_TRUE(store->holds_generated().value());
}

TEST(GenerateBars, MinutesLieBesideTheDaysTheyMake) {
    const auto store = store::in_memory_store();
    market::SyntheticOptions with_minutes = small;
    with_minutes.minutes = true;
    const auto first = generate_bars(*store, with_minutes, "").value();
    EXPECT_GT(first.minute_rows, 20 * first.rows);
    const auto minutes = store->read({.interval = market::Interval::minute}).value();
    EXPECT_EQ(static_cast<std::int64_t>(minutes.rows()), first.minute_rows);
    EXPECT_FALSE(generate_bars(*store, with_minutes, "").value().changed);
    EXPECT_FALSE(generate_bars(*store, small, ""));  // the same days alone are another market
}

TEST(GenerateBars, AnotherMarketNeedsAnotherStore) {
    const auto store = store::in_memory_store();
    generate_bars(*store, small, "").value();
    market::SyntheticOptions other = small;
    other.seed = 43;
    const auto second = generate_bars(*store, other, "");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(second.error().message, HasSubstr("another generated market"));
}

TEST(GenerateBars, RealPricesAreLeftAlone) {
    const auto store = store::in_memory_store();
    store->open_writer()
        .value()
        ->write({.symbols = {{.instrument = market::instrument_for("005930"),
                              .bars = {{.date = *parse_date("2020-01-02"), .close = 1}}}}},
                {}, {})
        .value();
    const auto generated = generate_bars(*store, small, "");
    ASSERT_FALSE(generated);
    EXPECT_THAT(generated.error().message, HasSubstr("real prices"));
}

TEST(GenerateBars, MoreThanTheMemoryHoldsIsRefusedAtOnce) {
    const auto store = store::in_memory_store();
    const auto generated =
        generate_bars(*store, {.symbols = 2'000'000'000, .sessions = 2'000'000'000}, "");
    ASSERT_FALSE(generated);
    EXPECT_EQ(generated.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(generated.error().message, HasSubstr("memory"));
}

}  // namespace
}  // namespace hsl::service
