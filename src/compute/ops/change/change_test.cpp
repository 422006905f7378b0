// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/change/change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Change, IsAgainstTheBarPeriodBarsAgo) {
    EXPECT_THAT(run(difference, {.period = 2}, {{1, 2, 4, 1}}),
                ElementsAre(IsNan(), IsNan(), 3, -1));
    EXPECT_THAT(run(rate, {.period = 1}, {{4, 5, 0, 3}}), ElementsAre(IsNan(), 25, -100, 0));
}

}  // namespace
}  // namespace hsl::compute
