// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/true_range/true_range.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(TrueRange, ReachesBackToTheCloseBefore) {
    const Series high{10, 12, 9, 20}, low{8, 11, 7, 19}, close{9, 11, 8, 19};
    EXPECT_THAT(run(true_range, {}, {high, low, close}), ElementsAre(IsNan(), 3, 4, 12));
}

TEST(TrueRange, StartsAnewWhenAnyInputIsMissing) {
    const Series high{10, nan, 9, 20}, low{8, 11, 7, 19}, close{9, 11, 8, 19};
    EXPECT_THAT(run(true_range, {}, {high, low, close}),
                ElementsAre(IsNan(), IsNan(), IsNan(), 12));
}

}  // namespace
}  // namespace hsl::compute
