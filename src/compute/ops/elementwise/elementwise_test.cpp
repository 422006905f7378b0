// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/elementwise/elementwise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Elementwise, DoesAsItsNamesSay) {
    const Series a{1, nan, 3}, b{10, 20, nan}, c{100, 200, 300};
    EXPECT_THAT(run(scaled_sum, {.factor = -2}, {a, b}), ElementsAre(-19, IsNan(), IsNan()));
    EXPECT_THAT(run(where_known, {}, {c, b}), ElementsAre(100, 200, IsNan()));
    EXPECT_THAT(run(sum3, {}, {a, b, c}), ElementsAre(111, IsNan(), IsNan()));
    EXPECT_THAT(run(together, {}, {a, b, c}, 2), ElementsAre(100, IsNan(), IsNan()));
}

TEST(Elementwise, PositionIsZeroWhereTheRangeIsNothing) {
    EXPECT_THAT(run(position, {}, {{5, 7, 9}, {5, 5, 9}, {5, 15, 9}}), ElementsAre(0, 20, 0));
}

}  // namespace
}  // namespace hsl::compute
