// SPDX-License-Identifier: Apache-2.0
#include "compute/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::compute {
namespace {

TEST(Window, GivesBackWhatLeavesAndKeepsTheOrder) {
    Window window(3);
    EXPECT_TRUE(window.empty());
    for (const double x : {1.0, 2.0, 3.0}) window.push(x);
    EXPECT_TRUE(window.full());
    EXPECT_EQ(window.push(4), 1);
    EXPECT_EQ(window.oldest(), 2);
    std::vector<double> order;
    window.oldest_to_newest([&](double x) { order.push_back(x); });
    EXPECT_THAT(order, testing::ElementsAre(2, 3, 4));
    window.clear();
    EXPECT_TRUE(window.empty());
}

TEST(Window, AnchorsAtEvery256thBarButTheFirst) {
    EXPECT_FALSE(is_anchor(0));
    EXPECT_FALSE(is_anchor(255));
    EXPECT_TRUE(is_anchor(256));
    EXPECT_FALSE(is_anchor(257));
    EXPECT_TRUE(is_anchor(512));
}

}  // namespace
}  // namespace hsl::compute
