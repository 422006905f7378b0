// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/wma/wma.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Wma, WeightsRiseToTheNewest) {
    EXPECT_THAT(run(wma, {.period = 3}, {{6, 12, 18, 0}}), ElementsAre(IsNan(), IsNan(), 14, 8));
}

TEST(Wma, IsExactAgainAtAnAnchor) {
    Series x(600, 2.0);
    x[20] = 1e18;
    const Series result = run(wma, {.period = 5}, {x});
    EXPECT_NE(result[255], 2);
    EXPECT_EQ(result[256], 2);
}

}  // namespace
}  // namespace hsl::compute
