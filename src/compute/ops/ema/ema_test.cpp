// SPDX-License-Identifier: Apache-2.0
#include "compute/ops/ema/ema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compute/op_testing.hpp"

namespace hsl::compute {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Ema, SeedsWithMeanOfFirstN) {
    EXPECT_THAT(run(ema, {.period = 2, .factor = 0.5}, {{1, 3, 4, 4}}),
                ElementsAre(IsNan(), 2, 3, 3.5));
}

TEST(Ema, SkipsBarsBeforeItsSeed) {
    EXPECT_THAT(run(ema, {.period = 2, .skip = 1, .factor = 0.5}, {{100, 1, 3, 4}}),
                ElementsAre(IsNan(), IsNan(), 2, 3));
}

TEST(Ema, StaysOnAFlatSeries) {
    const Series result = run(ema, {.period = 7, .factor = 1.0 / 7}, {Series(500, 70300)});
    EXPECT_EQ(result.back(), 70300);
}

}  // namespace
}  // namespace hsl::compute
