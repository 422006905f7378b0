// SPDX-License-Identifier: Apache-2.0
#include "service/agreement.hpp"

#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::service {
namespace {

using market::Bar;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Days of 2018 from 2 January on, a bar a day.
std::vector<Bar> bars_of(const std::vector<std::int64_t>& closes, std::int64_t volume = 7) {
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < closes.size(); ++i)
        bars.push_back({.date = Date::from_civil(2018, 1, 2) + static_cast<int>(i),
                        .open = closes[i],
                        .high = closes[i],
                        .low = closes[i],
                        .close = closes[i],
                        .volume = volume});
    return bars;
}

const std::vector<std::int64_t> raw{2'650'000, 2'600'000, 2'480'000, 2'523'000, 2'571'000,
                                    2'607'000, 53'000,    51'900,    52'600,    51'600};
const std::vector<std::int64_t> adjusted{53'000, 52'000, 49'600, 50'460, 51'420,
                                         52'140, 53'000, 51'900, 52'600, 51'600};

TEST(Agreement, FindsTheFactorOfASplitAndItsLastDay) {
    const auto a = bars_of(raw), b = bars_of(adjusted);
    const PairAgreement pair = compare({"raw", a, 0}, {"adjusted", b, 0});
    EXPECT_EQ(pair.common, 10);
    EXPECT_EQ(pair.equal, 4);
    EXPECT_EQ(pair.by_factor, 6);
    EXPECT_EQ(pair.differing, 0);
    EXPECT_EQ(pair.volumes_equal, 10);
    ASSERT_EQ(pair.stretches.size(), 1u);
    EXPECT_EQ(pair.stretches[0].factor, 50);
    EXPECT_EQ(pair.stretches[0].to.iso(), "2018-01-07");
    EXPECT_EQ(pair.stretches[0].sessions, 6);

    const PairAgreement turned = compare({"adjusted", b, 0}, {"raw", a, 0});
    EXPECT_EQ(turned.stretches[0].factor, 1.0 / 50);
    EXPECT_EQ(turned.by_factor, 6);
}

TEST(Agreement, RoundingOfAdjustedPricesIsNoDifferenceToAFactor) {
    std::vector<std::int64_t> thirds;
    for (const std::int64_t price : {100'001, 100'003, 99'995, 100'010, 100'024, 99'970, 100'100})
        thirds.push_back((price + 1) / 3);
    const auto a = bars_of({100'001, 100'003, 99'995, 100'010, 100'024, 99'970, 100'100});
    const auto b = bars_of(thirds);
    const PairAgreement pair = compare({"a", a, 0}, {"b", b, 0});
    EXPECT_EQ(pair.by_factor, 7);
    EXPECT_EQ(pair.stretches[0].factor, 3);
}

TEST(Agreement, AWonThatDiffersIsADifferenceAndNoFactor) {
    auto closes = adjusted;
    closes[3] += 1;
    closes[8] += 400;
    const auto a = bars_of(adjusted), b = bars_of(closes, 8);
    const PairAgreement pair = compare({"a", a, 0}, {"b", b, 0});
    EXPECT_EQ(pair.equal, 8);
    EXPECT_EQ(pair.by_factor, 0);
    EXPECT_EQ(pair.differing, 2);
    EXPECT_EQ(pair.volumes_equal, 0);
    EXPECT_THAT(pair.differences,
                ElementsAre(Date::from_civil(2018, 1, 5), Date::from_civil(2018, 1, 10)));
}

TEST(Agreement, ComparesCommonSessionsInOneUnit) {
    auto a = bars_of(adjusted), b = bars_of({5'300'000, 5'200'000, 4'960'000});
    b.erase(b.begin() + 1);
    const PairAgreement pair = compare({"a", a, 0}, {"b", b, 2});
    EXPECT_EQ(pair.common, 2);
    EXPECT_EQ(pair.equal, 2);
}

TEST(Agreement, NamesTheOneThatDiffersFromAllOthers) {
    auto wrong = adjusted;
    for (std::size_t i = 0; i < wrong.size(); ++i)
        wrong[i] += 100 + 37 * static_cast<std::int64_t>(i * i % 5);
    const auto a = bars_of(adjusted), b = bars_of(adjusted), c = bars_of(wrong), d = bars_of(raw);
    const Telling good{"a", a, 0}, same{"b", b, 0}, bad{"c", c, 0}, factor{"d", d, 0};
    EXPECT_EQ(compare_all("005930", std::vector{good, bad, same}).odd, "c");
    const Agreement split = compare_all("005930", std::vector{factor, good, same});
    EXPECT_EQ(split.odd, "d");
    EXPECT_EQ(split.why, "d is x50 of the others until 2018-01-07");
    EXPECT_EQ(compare_all("005930", std::vector{good, same}).odd, "") << "of two nobody is odd";
    EXPECT_EQ(compare_all("005930", std::vector{good, same, Telling{"e", a, 0}}).odd, "");
    EXPECT_EQ(compare_all("005930", std::vector{bad, factor, good}).odd, "c")
        << "a factor is an agreement";
}

// A raw and an adjusted telling of one symbol, and one that something is wrong with.
std::string odd_beside_raw_and_adjusted(const std::vector<Bar>& wrong, std::string* why = nullptr) {
    const auto a = bars_of(raw), b = bars_of(adjusted);
    const std::vector<Telling> tellings{{"raw", a, 0}, {"adjusted", b, 0}, {"wrong", wrong, 0}};
    const Agreement all = compare_all("005930", tellings);
    if (why != nullptr) *why = all.why;
    return all.odd;
}

TEST(Agreement, NamesTheOneInAnotherUnitBesideRawAndAdjusted) {
    for (const std::int64_t unit : {10, 100, 1000}) {
        auto shifted = adjusted;
        for (std::int64_t& close : shifted) close *= unit;
        std::string why;
        EXPECT_EQ(odd_beside_raw_and_adjusted(bars_of(shifted), &why), "wrong") << unit;
        auto thousands = raw;
        for (std::int64_t& close : thousands) close *= unit;
        EXPECT_EQ(odd_beside_raw_and_adjusted(bars_of(thousands), &why), "wrong") << unit;
        EXPECT_EQ(why, fmt::format("wrong is x{} of raw throughout: another unit", unit));
    }
}

TEST(Agreement, NamesTheOneWhoseDatesAreADayOff) {
    for (const bool late : {true, false}) {
        // Each close on the day after its own, or on the day before.
        std::vector<std::int64_t> closes(raw.begin() + (late ? 0 : 1), raw.end() - (late ? 1 : 0));
        if (late) closes.insert(closes.begin(), 2'640'000);
        std::string why;
        EXPECT_EQ(odd_beside_raw_and_adjusted(bars_of(closes), &why), "wrong") << late;
        EXPECT_EQ(why,
                  fmt::format("wrong differs from the 2 others, which agree; its closes stand a "
                              "session {}",
                              late ? "late" : "early"));
    }
}

TEST(Agreement, MeasuresHowFarClosesDiffer) {
    auto closes = adjusted;
    closes[2] = 49'600 * 101 / 100;  // 1 %
    closes[5] += 1;
    closes[9] = 51'600 * 105 / 100;  // 5 %
    const auto a = bars_of(closes), b = bars_of(adjusted);
    const PairAgreement pair = compare({"a", a, 0}, {"b", b, 0});
    EXPECT_EQ(pair.differing, 3);
    ASSERT_TRUE(pair.median_difference);
    EXPECT_DOUBLE_EQ(*pair.median_difference, std::abs(50'096.0 / 49'600 - 1));
    EXPECT_FALSE(compare({"a", a, 0}, {"b", a, 0}).median_difference);
}

}  // namespace
}  // namespace hsl::service
