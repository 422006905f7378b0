// SPDX-License-Identifier: Apache-2.0
#include "market/bar.hpp"

#include <gtest/gtest.h>

namespace hsl::market {

TEST(Halt, IsZeroPricesOrFourEqualPricesWithoutVolume) {
    const Date day = Date::from_civil(2018, 4, 30);
    EXPECT_TRUE(is_halt({day, 0, 0, 0, 2'650'000, 0}));
    EXPECT_TRUE(is_halt({day, 0, 0, 0, 0, 0}));
    EXPECT_TRUE(is_halt({day, 500, 500, 500, 500, 0}));
    EXPECT_FALSE(is_halt({day, 500, 500, 500, 500, 1}));  // traded at one price
    EXPECT_FALSE(is_halt({day, 500, 510, 500, 505, 0}));  // a vendor that lost the volume
    EXPECT_FALSE(is_halt({day, 0, 510, 0, 505, 7}));
}

TEST(BarTable, KeepsEachSymbolsRowsTogether) {
    const Date day = Date::from_civil(2020, 1, 2);
    const Bar first{day, 10, 12, 9, 11, 100, 1'100};
    const Bar second{day + 1, 11, 13, 10, 12, 200};
    BarTable table;
    table.begin_symbol({"000020"});
    table.append(first);
    table.append(second);
    table.begin_symbol({"000030"});
    table.begin_symbol({"005930"});
    table.append(second);
    ASSERT_EQ(table.symbols.size(), 3u);
    EXPECT_EQ(table.rows(), 3u);
    EXPECT_EQ(table.symbols[0].count, 2u);
    EXPECT_EQ(table.symbols[1].count, 0u);
    EXPECT_EQ(table.symbols[2].first, 2u);
    EXPECT_EQ(table.bar(0), first);
    EXPECT_EQ(table.bar(2), second);
    EXPECT_EQ(table.bar(2).value, Bar::value_missing);
}

TEST(BarTable, ResizeGivesEveryColumnTheRows) {
    BarTable table;
    table.resize(5);
    for (const auto* column :
         {&table.open, &table.high, &table.low, &table.close, &table.volume, &table.value})
        EXPECT_EQ(column->size(), 5u);
    EXPECT_EQ(table.rows(), 5u);
}

}  // namespace hsl::market
