// SPDX-License-Identifier: Apache-2.0
#include "store/merge.hpp"

#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "store/test_bars.hpp"

namespace hsl::store {

// Against the obvious way: a map from date to bar, for random stores and files.
TEST(Merge, AgreesWithAMapOfDates) {
    constexpr std::uint64_t seed = 20240305;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};
    for (int round = 0; round < 300; ++round) {
        // Few dates and two closes a date, so that repeats, conflicts and gaps are common.
        const auto random_bars = [&](std::uint64_t one_in) {
            std::vector<market::Bar> bars;
            for (int day = 0; day < 30; ++day)
                if (rng.below(one_in) == 0)
                    bars.push_back({.date = Date{18'000 + day},
                                    .close = 100 + static_cast<std::int64_t>(rng.below(5) == 0)});
            return bars;
        };
        std::optional<StoredSymbol> stored;
        if (rng.below(4) != 0) {
            stored = StoredSymbol{.instrument = {.symbol = "AAA"}, .bars = random_bars(2)};
            if (stored->bars.empty()) stored.reset();
        }
        std::vector<IncomingSymbol> files;
        for (std::uint64_t file = 0; file <= rng.below(3); ++file)
            files.push_back(incoming_for_test("AAA", random_bars(1 + rng.below(3)),
                                              market::Market::unknown, std::to_string(file)));
        const bool replace = rng.below(2) == 0;

        std::map<Date, std::vector<market::Bar>> incoming;
        for (const auto& file : files)
            for (const auto& bar : file.bars) incoming[bar.date].push_back(bar);
        std::map<Date, market::Bar> expected, written;
        std::int64_t added = 0, replaced = 0, unchanged = 0;
        std::size_t conflicts = 0;
        if (stored)
            for (const auto& bar : stored->bars) expected[bar.date] = bar;
        for (const auto& [date, rows] : incoming) {
            const bool agree =
                std::ranges::all_of(rows, [&](const market::Bar& bar) { return bar == rows[0]; });
            if (!agree) {
                conflicts += rows.size();
                continue;
            }
            unchanged += static_cast<std::int64_t>(rows.size()) - 1;
            const auto held = expected.find(date);
            if (held == expected.end())
                ++added, written[date] = expected[date] = rows[0];
            else if (held->second == rows[0])
                ++unchanged;
            else if (replace)
                ++replaced, written[date] = expected[date] = rows[0];
            else
                ++conflicts;
        }

        const MergedSymbol merged = merge_symbol(stored ? &*stored : nullptr, files, replace);
        const auto values = [](const std::map<Date, market::Bar>& map) {
            std::vector<market::Bar> bars;
            bars.reserve(map.size());
            for (const auto& [date, bar] : map) bars.push_back(bar);
            return bars;
        };
        EXPECT_EQ(merged.bars, values(expected));
        EXPECT_EQ(std::vector(merged.rows_to_write().begin(), merged.rows_to_write().end()),
                  values(written));
        EXPECT_EQ(merged.added, added);
        EXPECT_EQ(merged.replaced, replaced);
        EXPECT_EQ(merged.unchanged, unchanged);
        EXPECT_EQ(merged.conflicts.size(), conflicts);
        EXPECT_EQ(merged.changed(), added + replaced > 0);
    }
}

TEST(Merge, ShowsPricesWithTheirDecimals) {
    const StoredSymbol stored{
        .instrument = {.symbol = "KOSPI", .market = market::Market::index, .scale = 2},
        .bars = {{.date = Date{18'000}, .close = 250'005, .value = 7}}};
    IncomingSymbol file{.instrument = stored.instrument,
                        .bars = {{.date = Date{18'000}, .close = -3}},
                        .lines = {},
                        .file = "kospi.csv"};
    const MergedSymbol merged = merge_symbol(&stored, {&file, 1}, false);
    ASSERT_EQ(merged.conflicts.size(), 1u);
    EXPECT_EQ(merged.conflicts[0].detail,
              "close 2500.05 in the store, -0.03 here; value 7 in the store, missing here");
    EXPECT_EQ(merged.conflicts[0].source, "2019-04-14,0.00,0.00,0.00,-0.03,0,");
    EXPECT_EQ(merged.conflicts[0].line, 0);
}

// Rows of many files that come as one keep the file and the line that each is from.
TEST(Merge, NamesTheFileOfARowAmongThoseThatCameTogether) {
    auto incoming = incoming_for_test("005930", bars_for_test(3, 1));
    const StoredSymbol held{.instrument = incoming.instrument, .bars = incoming.bars};
    incoming.bars[1].close += 1;
    incoming.lines = {7, 8, 9};
    incoming.file = "a.csv";
    incoming.file_of = {0, 1, 0};
    incoming.files = std::make_shared<IncomingFiles>(IncomingFiles{
        .names = {"a.csv", "b.csv"}, .source_of = [](std::uint32_t file, std::int64_t line) {
            return std::to_string(file) + " " + std::to_string(line);
        }});
    const MergedSymbol merged = merge_symbol(&held, std::span{&incoming, 1}, false);
    EXPECT_EQ(merged.unchanged, 2);
    ASSERT_EQ(merged.conflicts.size(), 1u);
    EXPECT_EQ(merged.conflicts[0].file, "b.csv");
    EXPECT_EQ(merged.conflicts[0].line, 8);
    EXPECT_EQ(merged.conflicts[0].source, "1 8");
}

}  // namespace hsl::store
