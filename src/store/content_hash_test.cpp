// SPDX-License-Identifier: Apache-2.0
#include "store/content_hash.hpp"

#include <gtest/gtest.h>

#include "store/test_bars.hpp"

namespace hsl::store {

// The bytes of these were written down once; a different name for the same rows would orphan every
// recorded run.
TEST(ContentHash, NamesTheSameRowsAlwaysAlike) {
    const std::vector<market::Bar> bars{{.date = Date::from_civil(2024, 3, 5),
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
                                         .value = 0}};
    const market::Instrument samsung{
        .symbol = "005930", .market = market::Market::kospi, .scale = 0};
    const std::string hash = symbol_hash(samsung, bars);
    EXPECT_EQ(hash, "a95ccf478c77725442f890719ff39b9c8eb8237b30479c5bcd0192e4341c7f51");
    const std::vector<NamedHash> named{{"005930", hash}};
    EXPECT_EQ(data_version(named), "2b5b49fb8deb7b2c");
    EXPECT_EQ(data_version({}), "");
}

TEST(ContentHash, SeesEveryFieldAndRow) {
    const auto bars = bars_for_test(1500, 3);
    const market::Instrument instrument{.symbol = "005930", .market = market::Market::kospi};
    const std::string hash = symbol_hash(instrument, bars);
    for (const std::size_t row : {std::size_t{0}, std::size_t{511}, std::size_t{512},
                                  std::size_t{1023}, std::size_t{1499}}) {
        for (std::int64_t market::Bar::* field :
             {&market::Bar::open, &market::Bar::high, &market::Bar::low, &market::Bar::close,
              &market::Bar::volume, &market::Bar::value}) {
            auto changed = bars;
            changed[row].*field += 1;
            EXPECT_NE(symbol_hash(instrument, changed), hash);
        }
        auto moved = bars;
        moved[row].date = moved[row].date + 1;
        EXPECT_NE(symbol_hash(instrument, moved), hash);
    }
    EXPECT_NE(symbol_hash(instrument, std::span{bars}.first(1499)), hash);
    market::Instrument other = instrument;
    other.market = market::Market::kosdaq;
    EXPECT_NE(symbol_hash(other, bars), hash);
    other = instrument;
    other.scale = 2;
    EXPECT_NE(symbol_hash(other, bars), hash);
}

}  // namespace hsl::store
