// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/strength/strength.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Strength, IsTheShareOfRisesThenFollowsWilder) {
    // Rises 2, falls 1: averages 1 and 0.5. Then a fall of 3: 0.5 and 1.75.
    EXPECT_THAT(run(strength, {.period = 2}, {{10, 12, 11, 8}}),
                ElementsAre(IsNan(), IsNan(), DoubleNear(200.0 / 3, 1e-12),
                            DoubleNear(100 * 0.5 / 2.25, 1e-12)));
}

TEST(Strength, IsZeroWhereNothingMoved) {
    EXPECT_THAT(run(strength, {.period = 2}, {{5, 5, 5}}), ElementsAre(IsNan(), IsNan(), 0));
}

}  // namespace
}  // namespace hsl::compute
