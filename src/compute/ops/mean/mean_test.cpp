// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean/mean.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Mean, IsOfTheLastPeriodBars) {
    EXPECT_THAT(run(mean, {.period = 2}, {{1, 3, 7, 7}}), ElementsAre(IsNan(), 2, 5, 7));
}

TEST(Mean, StartsAnewAfterAMissingBar) {
    EXPECT_THAT(run(mean, {.period = 2}, {{1, 3, nan, 7, 9}}),
                ElementsAre(IsNan(), 2, IsNan(), IsNan(), 8));
}

}  // namespace
}  // namespace hsl::compute
