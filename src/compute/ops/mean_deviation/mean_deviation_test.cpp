// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/mean_deviation/mean_deviation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(MeanDeviation, CountsDistanceInMeanDeviations) {
    // Mean 2, deviations 1, 1, 2: their mean is 4 / 3, the last value is 2 away.
    EXPECT_THAT(run(mean_deviation, {.period = 3, .factor = 0.5}, {{1, 1, 4}}),
                ElementsAre(IsNan(), IsNan(), DoubleNear(2 / (0.5 * 4 / 3), 1e-12)));
}

TEST(MeanDeviation, IsZeroOnAFlatStretchAtAnyPrice) {
    for (const double price : {0.07, 100.1, 70300.3, 1e9 / 7})
        EXPECT_EQ(run(mean_deviation, {.period = 14, .factor = 0.015}, {Series(20, price)}).back(),
                  0);
}

}  // namespace
}  // namespace hsl::compute
