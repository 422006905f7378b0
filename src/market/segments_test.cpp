// SPDX-License-Identifier: Apache-2.0
#include "market/segments.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "market/calendar.hpp"
#include "market/series_text.hpp"

namespace hsl::market {
namespace {

constexpr std::size_t start = 7'578;  // the calendar's session of the first word: 2019-01-02

Date session(std::size_t index) { return Calendar::krx().all()[start + index]; }

// "0-3 cut, 4-9": first and last session of each segment, counted from the first word.
std::string in_words(const std::vector<Segment>& segments) {
    std::string text;
    for (const Segment& segment : segments)
        text += fmt::format("{}{}-{}{}", text.empty() ? "" : ", ", segment.first - start,
                            segment.last - start, segment.cut ? " cut" : "");
    return text;
}

SeriesRows rows_of(const BarTable& bars, std::size_t symbol) {
    const BarTable::Range& range = bars.symbols[symbol];
    return {range.instrument, {{range.first, range.count}}};
}

std::string segments_of(const std::string& series, std::size_t last = 200,
                        bool allow_breaks = false) {
    BarTable bars;
    add_series(bars, {"000020"}, start, series);
    const auto found =
        find_segments(bars, rows_of(bars, 0), {session(0), session(last)}, allow_breaks);
    return found ? in_words(*found) : found.error().message;
}

}  // namespace

TEST(Segments, OfSmallSeries) {
    struct Case {
        const char* what;
        const char* series;
        const char* segments;
        const char* joined;  // with allow_breaks
    };
    for (const Case& c : {
             Case{"an even series", "100 101 102 103", "0-3", "0-3"},
             Case{"one bar", "100", "0-0", "0-0"},
             Case{"nothing", "", "", ""},
             Case{"only halts", "h h v h", "", ""},
             Case{"begins at its first traded bar", "h h 100 101", "2-3", "2-3"},
             Case{"a halt inside", "100 h v 101", "0-3", "0-3"},
             Case{"missing rows inside are halts", "100 . . 101", "0-3", "0-3"},
             Case{"keeps a short trailing halt", "100 101 h h", "0-3", "0-3"},
             Case{"20 halted sessions do not cut", "100 h*20 101", "0-21", "0-21"},
             Case{"21 do", "100 h*21 101", "0-0 cut, 22-22", "0-22"},
             Case{"20 missing ones do not", "100 .*20 101", "0-21", "0-21"},
             Case{"21 do", "100 .*21 101", "0-0 cut, 22-22", "0-22"},
             Case{"halted and missing count together", "100 h*7 .*7 v*7 101", "0-0 cut, 22-22",
                  "0-22"},
             Case{"20 trailing halts stay", "100 h*20", "0-20", "0-20"},
             Case{"21 cut", "100 h*21", "0-0 cut", "0-21"},
             Case{"missing sessions after the last row are none", "100 h .*30", "0-1", "0-1"},
             Case{"up by just 31 %", "100 131", "0-1", "0-1"},
             Case{"up by more", "1000 1311", "0-0 cut, 1-1", "0-1"},
             Case{"down by just 31 %", "100 69", "0-1", "0-1"},
             Case{"down by more", "1000 689", "0-0 cut, 1-1", "0-1"},
             Case{"31 % that a double calls more", "10000 13100", "0-1", "0-1"},
             Case{"a jump right after a halt", "100 100 h h h 150 150", "0-1 cut, 5-6", "0-6"},
             Case{"a jump right after missing rows", "100 100 . . 150", "0-1 cut, 4-4", "0-4"},
             Case{"a halt right after a jump", "100 150 h h 151", "0-0 cut, 1-4", "0-4"},
             Case{"a halt's own close is no jump", "100 h 100", "0-2", "0-2"},
             Case{"two jumps", "100 200 200 400 410", "0-0 cut, 1-2 cut, 3-4", "0-4"},
             Case{"a long halt, then a trailing one", "100 h*30 100 h*30", "0-0 cut, 31-31 cut",
                  "0-61"},
             Case{"a jump on the last bar", "100 101 300", "0-1 cut, 2-2", "0-2"},
             Case{"a jump, then halts only", "100 300 h*30", "0-0 cut, 1-1 cut", "0-31"},
         }) {
        EXPECT_EQ(segments_of(c.series), c.segments) << c.what << ": " << c.series;
        EXPECT_EQ(segments_of(c.series, 200, true), c.joined) << c.what << ": " << c.series;
    }
}

TEST(Segments, AHaltsCarriedCloseIsNotCompared) {
    // The halted rows already carry the new reference, as some vendors write them.
    BarTable bars;
    bars.begin_symbol({"000020"});
    bars.append({session(0), 100, 101, 99, 100, 10});
    bars.append({session(1), 0, 0, 0, 500, 0});
    bars.append({session(2), 100, 101, 99, 100, 10});
    const auto found = find_segments(bars, rows_of(bars, 0), {session(0), session(2)}, false);
    ASSERT_TRUE(found);
    EXPECT_EQ(in_words(*found), "0-2");
}

TEST(Segments, SeeOnlyRowsOfTheirDays) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "50 100 101 102 300 301");
    const auto days = [&](std::size_t first, std::size_t last) {
        return in_words(
            find_segments(bars, rows_of(bars, 0), {session(first), session(last)}, false).value());
    };
    EXPECT_EQ(days(0, 5), "0-0 cut, 1-3 cut, 4-5");
    EXPECT_EQ(days(1, 3), "1-3");
    EXPECT_EQ(days(4, 4), "4-4");
    EXPECT_EQ(days(6, 9), "");
}

TEST(Segments, ARowAfterTheDaysMakesTheMissingOnesHalts) {
    EXPECT_EQ(segments_of("100 101 .*10 102", 5), "0-5");
    EXPECT_EQ(segments_of("100 101 .*10", 5), "0-1");
    // After 21 of them the end of the halt is no longer in sight.
    EXPECT_EQ(segments_of("100 .*30 102", 20), "0-20");
    EXPECT_EQ(segments_of("100 .*30 102", 21), "0-0 cut");
    EXPECT_EQ(segments_of("100 .*30 102", 31), "0-0 cut, 31-31");
}

TEST(Segments, KnowTheRowsOfTheirRuns) {
    BarTable bars;
    add_series(bars, {"000010"}, start, "7 8 9");
    add_series(bars, {"000020"}, start, "h 100 101 h 102 . 103 104 200");
    const auto found = find_segments(bars, rows_of(bars, 1), {session(0), session(20)}, false);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[0].runs,
              (std::vector<TradedRun>{{start + 1, 4, 2}, {start + 4, 7, 1}, {start + 6, 8, 2}}));
    EXPECT_EQ((*found)[1].runs, (std::vector<TradedRun>{{start + 8, 10, 1}}));
}

TEST(Segments, RowsThatImportWouldNotLetInAreErrorsThatNameSymbolAndDate) {
    const auto expect = [](const BarTable& bars, const char* date, const char* what) {
        const auto found =
            find_segments(bars, rows_of(bars, 0),
                          {Date::from_civil(2020, 1, 1), Date::from_civil(2020, 12, 31)}, false);
        ASSERT_FALSE(found) << what;
        EXPECT_EQ(found.error().code, ErrorCode::bad_data);
        for (const char* part : {"000020", date, what})
            EXPECT_NE(found.error().message.find(part), std::string::npos) << found.error().message;
    };
    const auto day = [](unsigned month, unsigned of) { return Date::from_civil(2020, month, of); };
    const auto table = [](std::initializer_list<Bar> rows) {
        BarTable bars;
        bars.begin_symbol({"000020"});
        for (const Bar& bar : rows) bars.append(bar);
        return bars;
    };
    const Bar good{day(1, 2), 100, 101, 99, 100, 10};
    expect(table({good, {day(1, 4), 100, 101, 99, 100, 10}}), "2020-01-04", "no session");
    expect(table({good, {day(8, 17), 0, 0, 0, 100, 0}}), "2020-08-17", "no session");
    expect(table({good, good}), "2020-01-02", "ascend");
    expect(table({good, {day(1, 3), 100, 101, 99, 0, 10}}), "2020-01-03", "close 0");
    expect(table({good, {day(1, 3), 100, 101, 0, 100, 10}}), "2020-01-03", "low 0");
    expect(table({good, {day(1, 3), 100, 101, 99, std::int64_t{1} << 60, 10}}), "2020-01-03",
           "close");
}

}  // namespace hsl::market
