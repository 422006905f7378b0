// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/balance/balance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Balance, AddsWhenXRisesAndTakesAwayWhenItFalls) {
    EXPECT_THAT(run(balance, {}, {{1, 2, 2, 1, nan, 9}, {10, 20, 30, 40, 50, 60}}),
                ElementsAre(10, 30, 30, -10, IsNan(), 60));
}

}  // namespace
}  // namespace hsl::compute
