// SPDX-License-Identifier: Apache-2.0
#include "service/agreement.hpp"

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

}  // namespace
}  // namespace hsl::service
