// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/directional/directional.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Directional, SplitsMovementByItsLargerSide) {
    // Up 2 beats down -1; then up 1 loses to down 3; the true ranges are 3 and 7.
    const Series high{10, 12, 13}, low{8, 9, 6}, close{9, 11, 9};
    EXPECT_THAT(run(directional, {.period = 1}, {high, low, close}, 0),
                ElementsAre(IsNan(), 2.0 / 3, 0));
    EXPECT_THAT(run(directional, {.period = 1}, {high, low, close}, 1),
                ElementsAre(IsNan(), 0, 3.0 / 7));
}

TEST(Directional, LeavesAdxAsItIsWhereNothingMoves) {
    Series high, low, close;
    for (int t = 0; t < 60; ++t) {
        const double price = 100 + 7 * (t % 5) + t;
        high.push_back(price + 2);
        low.push_back(price - 2);
        close.push_back(price);
    }
    const double before = run(directional, {.period = 3}, {high, low, close}, 2).back();
    for (Series* column : {&high, &low, &close}) column->resize(400, 130);
    const Series adx = run(directional, {.period = 3}, {high, low, close}, 2);
    EXPECT_GT(before, 0);
    EXPECT_EQ(adx[399], adx[390]) << "all movement has decayed to nothing";
    EXPECT_EQ(run(directional, {.period = 3}, {high, low, close}, 0).back(), 0);
}

}  // namespace
}  // namespace hsl::compute
