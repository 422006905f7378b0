// SPDX-License-Identifier: Apache-2.0
#include "store/content_hash.hpp"

#include <gtest/gtest.h>

#include "store/test_bars.hpp"

namespace hsl::store {

// The bytes of these were written down once, by a Python script; a different name for the same rows
// would orphan every recorded run.
TEST(ContentHash, NamesTheSameRowsAlwaysAlike) {
    const StoredSymbol samsung{
        .instrument = {.symbol = "005930", .market = market::Market::kospi, .scale = 0},
        .bars = {{.date = Date::from_civil(2024, 3, 5),
                  .open = 100,
                  .high = 120,
                  .low = 90,
                  .close = 110,
                  .volume = 1000,
                  .value = market::Bar::value_missing},
                 {.date = Date::from_civil(2024, 3, 6),
                  .open = 110,
                  .high = 115,
                  .low = 105,
                  .close = 108,
                  .volume = 0,
                  .value = 0}},
        .basis = market::Basis::raw,
        .definition = market::BarDefinition::regular};
    const std::string hash = series_hash("", market::Interval::day, samsung);
    EXPECT_EQ(hash, "c8f129f5aeedae2c9a1649f1dd82f3186d199715b34d158024f8921be4717d95");
    BlockHasher rows;
    const market::ColumnRow row{samsung.bars[0].date, samsung.bars[1].date, 1.5};
    add_rows(rows, {&row, 1});
    const std::string column = column_hash("per", "005930", rows);
    EXPECT_EQ(column, "0a729b69714f1ef6e7601c0ff20096a95005623f3c9a941d267f9939485e5767");
    EXPECT_EQ(data_version({{"005930", "", "day", hash}, {"005930", "per", "column", column}}, ""),
              "2a07e17f0fdd27e7");
    EXPECT_EQ(data_version({}, ""), "");
}

TEST(ContentHash, SeesEveryFieldAndRow) {
    const StoredSymbol content{.instrument = {.symbol = "005930", .market = market::Market::kospi},
                               .bars = bars_for_test(1500, 3)};
    const auto hash_of = [](const StoredSymbol& changed, std::string_view source = "",
                            market::Interval interval = market::Interval::day) {
        return series_hash(source, interval, changed);
    };
    const std::string hash = hash_of(content);
    for (const std::size_t row : {std::size_t{0}, std::size_t{511}, std::size_t{512},
                                  std::size_t{1023}, std::size_t{1499}}) {
        for (std::int64_t market::Bar::* field :
             {&market::Bar::open, &market::Bar::high, &market::Bar::low, &market::Bar::close,
              &market::Bar::volume, &market::Bar::value}) {
            auto changed = content;
            changed.bars[row].*field += 1;
            EXPECT_NE(hash_of(changed), hash);
        }
        auto moved = content;
        moved.bars[row].date = moved.bars[row].date + 1;
        EXPECT_NE(hash_of(moved), hash);
        moved = content;
        moved.bars[row].minute = 540;
        EXPECT_NE(hash_of(moved), hash);
    }
    auto other = content;
    other.bars.pop_back();
    EXPECT_NE(hash_of(other), hash);
    other = content;
    other.instrument.market = market::Market::kosdaq;
    EXPECT_NE(hash_of(other), hash);
    other = content;
    other.instrument.scale = 2;
    EXPECT_NE(hash_of(other), hash);
    other = content;
    other.basis = market::Basis::raw;
    EXPECT_NE(hash_of(other), hash);
    other = content;
    other.definition = market::BarDefinition::regular;
    EXPECT_NE(hash_of(other), hash);
    EXPECT_NE(hash_of(content, "krx"), hash);
    EXPECT_NE(hash_of(content, "", market::Interval::minute), hash);
}

// What makes an import of one day cost a day.
TEST(ContentHash, GoesOnWhereItWasLeft) {
    const auto bars = bars_for_test(1500, 3);
    BlockHasher whole;
    add_bars(whole, bars);
    BlockHasher first;
    add_bars(first, std::span{bars}.first(700));
    BlockHasher rest{first.state()};
    add_bars(rest, std::span{bars}.subspan(700));
    EXPECT_EQ(rest.state(), whole.state());
    EXPECT_EQ(rest.hex(), whole.hex());
    EXPECT_EQ(BlockHasher{}.hex(),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace hsl::store
