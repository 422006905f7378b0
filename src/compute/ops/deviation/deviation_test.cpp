// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/deviation/deviation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Deviation, IsOfThePopulationTimesTheFactor) {
    EXPECT_THAT(run(deviation, {.period = 2, .factor = 3}, {{1, 3, 3}}),
                ElementsAre(IsNan(), 3, 0));
}

TEST(Deviation, OfAFlatStretchOfWholePricesIsExactlyZero) {
    Series x;
    for (int t = 0; t < 400; ++t) x.push_back(50000 + 37 * (t % 11));
    x.resize(430, 61234);
    EXPECT_EQ(run(deviation, {.period = 20}, {x}).back(), 0);
}

}  // namespace
}  // namespace hsl::compute
