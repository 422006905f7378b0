// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/extreme/extreme.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Extreme, FindsLowestAndHighest) {
    const Series x{3, 1, 2, 5, 4};
    EXPECT_THAT(run(lowest, {.period = 2}, {x}), ElementsAre(IsNan(), 1, 1, 2, 4));
    EXPECT_THAT(run(highest, {.period = 2}, {x}), ElementsAre(IsNan(), 3, 2, 5, 5));
}

TEST(Extreme, HidesTheSignOfZero) {
    EXPECT_FALSE(std::signbit(run(lowest, {.period = 2}, {{0.0, -0.0}})[1]));
    EXPECT_FALSE(std::signbit(run(highest, {.period = 2}, {{-0.0, -0.0}})[1]));
}

}  // namespace
}  // namespace hsl::compute
