// SPDX-License-Identifier: Apache-2.0
#include "market/frame.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "market/rules.hpp"
#include "market/series_text.hpp"

namespace hsl::market {
namespace {

constexpr std::size_t start = 7'578;  // 2019-01-02

Date session(std::size_t index) { return Calendar::krx().all()[start + index]; }

Frame built(const BarTable& bars, const FrameOptions& options = {}) {
    auto frame = build_frame(bars, options);
    EXPECT_TRUE(frame) << frame.error().message;
    return frame ? std::move(*frame) : Frame{};
}

// "000020/0 0-3 last_row, ..." of every lane.
std::string lanes_of(const Frame& frame) {
    std::string text;
    for (const Lane& lane : frame.lanes) {
        const char* const end = lane.end == LaneEnd::frame_end  ? "frame_end"
                                : lane.end == LaneEnd::last_row ? "last_row"
                                                                : "cut";
        text += fmt::format("{}{}/{} {}-{} {}", text.empty() ? "" : ", ", lane.instrument.symbol,
                            lane.segment, lane.first, lane.last, end);
    }
    return text;
}

std::string excluded_of(const Frame& frame) {
    std::string text;
    for (const Excluded& one : frame.excluded)
        text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", one.symbol, one.reason);
    return text;
}

// A mask of one lane as text: "##.#".
std::string mask_of(const MaskColumn& mask, std::size_t lane) {
    std::string text;
    for (std::size_t t = 0; t < mask.sessions(); ++t) text += mask.at(lane, t) ? '#' : '.';
    return text;
}

std::string column_of(const Frame& frame, Field field, std::size_t lane) {
    std::string text;
    for (std::size_t t = 0; t < frame.session_count(); ++t)
        text += fmt::format("{}{}", t == 0 ? "" : " ", frame.column(field).at(lane, t));
    return text;
}

// A market of every kind of trouble: gaps, halts of both kinds, jumps, limits, values or none.
BarTable random_market(std::uint64_t seed, std::size_t symbols, std::size_t sessions) {
    BarTable bars;
    for (std::size_t s = 0; s < symbols; ++s) {
        Rng rng = Rng::split(seed, s);
        bars.begin_symbol({fmt::format("{:05}0", s)});
        std::int64_t close = 100 + static_cast<std::int64_t>(rng.below(100'000));
        const std::size_t first = rng.below(3) == 0 ? rng.below(sessions) : 0;
        const std::size_t last = rng.below(3) == 0 ? rng.below(sessions) : sessions - 1;
        std::size_t quiet = 0;  // sessions of a halt still to come
        const bool halted_for_life = rng.below(20) == 0;
        const bool has_value = rng.below(2) == 0;
        for (std::size_t t = first; t <= last; ++t) {
            if (quiet == 0 && rng.below(60) == 0) quiet = 1 + rng.below(30);
            if (quiet > 0 || halted_for_life) {
                quiet -= quiet > 0;
                switch (rng.below(3)) {
                    case 0:
                        bars.append({session(t), 0, 0, 0, close, 0});
                        break;
                    case 1:
                        bars.append({session(t), close, close, close, close, 0});
                        break;
                    default:
                        break;  // no row
                }
                continue;
            }
            const std::uint64_t kind = rng.below(40);
            const std::int64_t before = close;
            if (kind == 0) close = before * 13 / 10;
            if (kind == 1) close = (before * 7 + 9) / 10;
            if (kind == 2) close = before * 5;
            if (kind == 3) close = before / 5 + 1;
            if (kind > 3)
                close = before + before * (static_cast<std::int64_t>(rng.below(21)) - 10) / 100;
            if (close > 100'000'000) close = 1'000;
            const std::int64_t room = kind < 2 ? 0 : static_cast<std::int64_t>(rng.below(3));
            const auto volume = 1 + static_cast<std::int64_t>(rng.below(1'000'000));
            bars.append({session(t), close, close + room, std::max<std::int64_t>(1, close - room),
                         close, volume, has_value ? close * volume - 1 : Bar::value_missing});
        }
    }
    return bars;
}

bool same_bytes(const TileColumn& a, const TileColumn& b) {
    return a.tiles() == b.tiles() && a.sessions() == b.sessions() &&
           std::memcmp(a.tile(0), b.tile(0),
                       a.tiles() * a.sessions() * tile_lanes * sizeof(double)) == 0;
}
bool same_bytes(const MaskColumn& a, const MaskColumn& b) {
    return a.tiles() == b.tiles() && a.sessions() == b.sessions() &&
           std::memcmp(a.tile(0), b.tile(0), a.tiles() * a.sessions()) == 0;
}

}  // namespace

TEST(Frame, HoldsBarsHaltsAndNothingOutside) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 101 102 103 104 105");
    add_series(bars, {"000030"}, start, ". 100 h . 110! v .");
    const Frame frame = built(bars);
    EXPECT_EQ(lanes_of(frame), "000020/0 0-5 frame_end, 000030/0 1-5 frame_end");
    EXPECT_EQ(frame.sessions.front(), session(0));
    EXPECT_EQ(frame.sessions.back(), session(5));
    EXPECT_EQ(frame.session_count(), 6u);
    EXPECT_EQ(frame.symbol_count, 2u);
    EXPECT_EQ(frame.tile_count(), 1u);
    EXPECT_EQ(frame.lanes_in_tile(0), 2u);
    EXPECT_EQ(column_of(frame, Field::open, 1), "nan 100 100 100 110 110");
    EXPECT_EQ(column_of(frame, Field::high, 1), "nan 101 100 100 110 110");
    EXPECT_EQ(column_of(frame, Field::low, 1), "nan 99 100 100 110 110");
    EXPECT_EQ(column_of(frame, Field::close, 1), "nan 100 100 100 110 110");
    EXPECT_EQ(column_of(frame, Field::volume, 1), "nan 10 0 0 10 0");
    EXPECT_EQ(column_of(frame, Field::value, 1), "nan 1000 0 0 1100 0");
    EXPECT_EQ(mask_of(frame.listed, 1), ".#####");
    EXPECT_EQ(mask_of(frame.traded, 1), ".#..#.");
    EXPECT_EQ(mask_of(frame.traded, 0), "######");
    EXPECT_EQ(mask_of(frame.listed, 5), "......");
    EXPECT_EQ(column_of(frame, Field::close, 5), "nan nan nan nan nan nan");
}

TEST(Frame, TakesAVendorsValueWhereThereIsOne) {
    BarTable bars;
    bars.begin_symbol({"000020"});
    bars.append({session(0), 100, 101, 99, 100, 10, 1'234});
    bars.append({session(1), 100, 101, 99, 100, 10, Bar::value_missing});
    bars.append({session(2), 100, 101, 99, 100, 0, 0});  // prices, and no volume
    bars.append({session(3), 100, 101, 99, 100, 5'000'000'000'000, Bar::value_missing});
    const Frame frame = built(bars);
    EXPECT_EQ(column_of(frame, Field::value, 0), "1234 1000 0 500000000000000");
    EXPECT_EQ(mask_of(frame.traded, 0), "####");
}

TEST(Frame, LocksAgainstTheLastTradedClose) {
    BarTable bars;
    // Up 30 %, down 30 %, a halt, up 29.7 % after it, up 29.7 % but not at one price, up 11 %.
    add_series(bars, {"000020"}, start, "100! 130! 91! h . 118! 153 170!");
    const Frame frame = built(bars);
    EXPECT_EQ(mask_of(frame.traded, 0), "###..###");
    EXPECT_EQ(mask_of(frame.buyable, 0), "#.#...##");
    EXPECT_EQ(mask_of(frame.sellable, 0), "##...###");
}

TEST(Frame, ASegmentsFirstBarIsNotLocked) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100! 300! 390!");
    const Frame frame = built(bars);
    EXPECT_EQ(lanes_of(frame), "000020/0 0-0 cut, 000020/1 1-2 frame_end");
    EXPECT_EQ(mask_of(frame.buyable, 0), "#..");
    EXPECT_EQ(mask_of(frame.buyable, 1), ".#.");
    const Frame joined = built(bars, {.allow_breaks = true});
    EXPECT_EQ(lanes_of(joined), "000020/0 0-2 frame_end");
    EXPECT_EQ(mask_of(joined.buyable, 0), "#..");
}

TEST(Frame, CutsIntoLanesAndListsTheBreaks) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 100 h h 150 150 .*21 150 150");
    add_series(bars, {"000030"}, start, "100 300");
    const Frame frame = built(bars);
    EXPECT_EQ(lanes_of(frame),
              "000020/0 0-1 cut, 000020/1 4-5 cut, 000020/2 27-28 frame_end, "
              "000030/0 0-0 cut, 000030/1 1-1 last_row");
    EXPECT_EQ(frame.breaks, (std::vector<std::size_t>{1, 4, 27}));
    EXPECT_EQ(frame.symbol_count, 2u);
    // The halt before the jump belongs to neither side.
    EXPECT_EQ(mask_of(frame.listed, 0).substr(0, 6), "##....");
    EXPECT_EQ(mask_of(frame.listed, 1).substr(0, 6), "....##");
}

TEST(Frame, EndsOfLanes) {
    BarTable bars;
    add_series(bars, {"000010"}, start, "100*40");
    add_series(bars, {"000020"}, start, "100*20 h*20");  // a short halt to the end
    add_series(bars, {"000030"}, start, "100*19 h*21");  // a long one
    add_series(bars, {"000040"}, start, "100*20 h*5");   // rows end in a halt
    add_series(bars, {"000050"}, start, "100*20");
    EXPECT_EQ(lanes_of(built(bars)),
              "000010/0 0-39 frame_end, 000020/0 0-39 frame_end, 000030/0 0-18 cut, "
              "000040/0 0-24 last_row, 000050/0 0-19 last_row");
    EXPECT_EQ(built(bars).breaks, std::vector<std::size_t>{19});
}

TEST(Frame, LeavesOutWithReasons) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 101");
    add_series(bars, {"000030"}, start, "h v");
    add_series(bars, {"000040"}, start, "");
    bars.begin_symbol({"000050"});
    bars.append({Date::from_civil(1989, 12, 26), 100, 101, 99, 100, 10});
    add_series(bars, {"005935"}, start, "100 101");
    bars.begin_symbol({"AAPL", Market::foreign, 4});
    bars.append({Date::from_civil(1999, 1, 1), 100, 101, 99, 100, 10});
    const Frame frame = built(bars);
    EXPECT_EQ(lanes_of(frame), "000020/0 0-1 frame_end");
    EXPECT_EQ(frame.symbol_count, 1u);
    EXPECT_EQ(excluded_of(frame),
              fmt::format("000030: it did not trade between {} and {}; 000040: no bars; "
                          "000050: its bars end on 1989-12-26, before the window begins on "
                          "1990-01-01; 005935: preferred share: its code does not end in 0 "
                          "(--all takes it in); AAPL: prices with 4 decimals: only Korean shares "
                          "in whole won are traded here",
                          session(0).iso(), session(1).iso()));
    const Frame all = built(bars, {.all = true});
    EXPECT_EQ(lanes_of(all), "000020/0 0-1 frame_end, 005935/0 0-1 frame_end");
    EXPECT_EQ(all.excluded.size(), 4u);
}

TEST(Frame, BeginsAtTheFirstTradedBar) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "h h h 100 101");
    add_series(bars, {"000030"}, start, ". . . . 100");
    const Frame frame = built(bars);
    EXPECT_EQ(frame.sessions.front(), session(3));
    EXPECT_EQ(lanes_of(frame), "000020/0 0-1 frame_end, 000030/0 1-1 frame_end");
}

TEST(Frame, OldBarsDoNotEnter) {
    BarTable bars;
    bars.begin_symbol({"000020"});
    bars.append({Date::from_civil(1989, 12, 26), 1'000, 1'001, 999, 1'000, 10});
    bars.append({Date::from_civil(1990, 1, 3), 100, 101, 99, 100, 10});
    bars.append({Date::from_civil(1990, 1, 4), 100, 101, 99, 100, 10});
    const Frame frame = built(bars);
    EXPECT_EQ(lanes_of(frame), "000020/0 0-1 frame_end");
    EXPECT_EQ(frame.sessions.front().iso(), "1990-01-03");
    EXPECT_TRUE(frame.breaks.empty());
}

TEST(Frame, KeepsToTheDaysAskedFor) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 100 100 300 300");
    add_series(bars, {"000030"}, start, "100 100 . . 100");
    add_series(bars, {"000040"}, start, ". . . 100 100");
    const Frame frame = built(bars, {.to = session(2)});
    // 000030 lives on after the last day: a halt, not its end.
    EXPECT_EQ(lanes_of(frame), "000020/0 0-2 frame_end, 000030/0 0-2 frame_end");
    EXPECT_EQ(mask_of(frame.traded, 1), "##.");
    EXPECT_EQ(excluded_of(frame),
              fmt::format("000040: its bars begin on {}, after the window's end on {}",
                          session(3).iso(), session(2).iso()));
    EXPECT_EQ(lanes_of(built(bars, {.from = session(3)})),
              "000020/0 0-1 frame_end, 000030/0 1-1 frame_end, 000040/0 0-1 frame_end");
    // An end after the last bar adds no sessions.
    EXPECT_EQ(built(bars, {.to = session(100)}).session_count(), 5u);
    EXPECT_EQ(built(bars, {.to = Date::from_civil(2040, 1, 1)}).session_count(), 5u);
}

TEST(Frame, AShorterFrameIsTheBeginningOfALongerOne) {
    const BarTable bars = random_market(7, 20, 120);
    const Frame longer = built(bars);
    const Frame shorter = built(bars, {.to = longer.sessions[80]});
    std::size_t compared = 0;
    for (std::size_t i = 0; i < shorter.lanes.size(); ++i) {
        const Lane& lane = shorter.lanes[i];
        for (std::size_t j = 0; j < longer.lanes.size(); ++j) {
            const Lane& same = longer.lanes[j];
            if (same.instrument != lane.instrument || same.segment != lane.segment) continue;
            EXPECT_EQ(same.first, lane.first);
            for (std::size_t t = lane.first; t <= std::min(lane.last, same.last); ++t, ++compared) {
                ASSERT_EQ(shorter.column(Field::close).at(i, t),
                          longer.column(Field::close).at(j, t));
                ASSERT_EQ(shorter.buyable.at(i, t), longer.buyable.at(j, t));
            }
        }
    }
    EXPECT_GT(compared, 500u);
}

TEST(Frame, TakesOnlyTheSymbolsAskedFor) {
    BarTable bars;
    for (const auto* symbol : {"000020", "000030", "005930", "005935"})
        add_series(bars, {symbol}, start, "100 101");
    const Frame frame = built(bars, {.symbols = {"005930", "000020", "005930"}});
    EXPECT_EQ(lanes_of(frame), "000020/0 0-1 frame_end, 005930/0 0-1 frame_end");
    EXPECT_TRUE(frame.excluded.empty());
    EXPECT_EQ(built(bars, {.symbols = {"005930", "005935"}}).excluded.size(), 1u);
}

TEST(Frame, AnUnknownSymbolIsAnErrorWithTheNearestOnes) {
    BarTable bars;
    for (const auto* symbol : {"000020", "005930", "005935"})
        add_series(bars, {symbol}, start, "100");
    const auto near = build_frame(bars, {.symbols = {"005931"}});
    ASSERT_FALSE(near);
    EXPECT_EQ(near.error().code, ErrorCode::not_found);
    EXPECT_EQ(near.error().message, "no bars of symbol '005931'; did you mean 005930, 005935?");
    EXPECT_EQ(build_frame(bars, {.symbols = {"AAPL"}}).error().message,
              "no bars of symbol 'AAPL'; 3 symbols are there");
}

TEST(Frame, NothingLeftIsAnErrorThatSaysWhy) {
    EXPECT_EQ(build_frame({}, {}).error().code, ErrorCode::not_found);
    BarTable bars;
    for (const auto* symbol : {"000015", "000025", "000035", "000045", "000055"})
        add_series(bars, {symbol}, start, "100");
    const auto frame = build_frame(bars, {});
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::bad_data);
    EXPECT_NE(frame.error().message.find("000015 (preferred"), std::string::npos);
    EXPECT_NE(frame.error().message.find("and 2 more"), std::string::npos);
}

TEST(Frame, DatesOutsideTheCalendarAreErrorsThatNameThem) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 101");
    const auto message = [&](const FrameOptions& options) {
        const auto frame = build_frame(bars, options);
        return frame ? std::string{} : frame.error().message;
    };
    EXPECT_NE(message({.from = Date::from_civil(1989, 1, 1)}).find("1989-01-01"),
              std::string::npos);
    EXPECT_NE(message({.to = Date::from_civil(1989, 1, 1)}).find("calendar"), std::string::npos);
    EXPECT_NE(message({.from = session(1), .to = session(0)}).find("after its end"),
              std::string::npos);
    bars.append({Date::from_civil(2028, 1, 3), 100, 101, 99, 100, 10});
    EXPECT_NE(message({}).find("bars 000020: 2028-01-03"), std::string::npos) << message({});
    EXPECT_EQ(message({.to = session(1)}), "");
}

TEST(Frame, ABarOnADayWithoutSessionIsAnError) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 101");
    bars.begin_symbol({"000030"});
    bars.append({Date::from_civil(2020, 1, 4), 100, 101, 99, 100, 10});  // a Saturday, the last bar
    const auto frame = build_frame(bars, {});
    ASSERT_FALSE(frame);
    EXPECT_NE(frame.error().message.find("000030 2020-01-04"), std::string::npos)
        << frame.error().message;
}

TEST(Frame, StopsWhenAsked) {
    BarTable bars;
    add_series(bars, {"000020"}, start, "100 101");
    std::stop_source source;
    source.request_stop();
    const auto frame = build_frame(bars, {}, {.report = {}, .stop = source.get_token()});
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::cancelled);
}

TEST(Frame, IsTheSameBytesFromOneThreadAndTwo) {
    const BarTable bars = random_market(1, 100, 300);
    const Frame one = built(bars, {.threads = 1});
    const Frame two = built(bars, {.threads = 2});
    EXPECT_EQ(lanes_of(one), lanes_of(two));
    EXPECT_EQ(excluded_of(one), excluded_of(two));
    EXPECT_EQ(one.breaks, two.breaks);
    for (std::size_t field = 0; field < field_count; ++field)
        EXPECT_TRUE(same_bytes(one.columns[field], two.columns[field])) << field;
    EXPECT_TRUE(same_bytes(one.listed, two.listed));
    EXPECT_TRUE(same_bytes(one.traded, two.traded));
    EXPECT_TRUE(same_bytes(one.buyable, two.buyable));
    EXPECT_TRUE(same_bytes(one.sellable, two.sellable));
}

// Every promise of the header, on markets full of trouble, and every cell against its row.
TEST(Frame, KeepsItsPromisesOnAnyMarket) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        const BarTable bars = random_market(seed, 30 + seed, 200);
        const bool allow_breaks = seed % 3 == 0;
        const Frame frame = built(bars, {.allow_breaks = allow_breaks});
        std::size_t cuts = 0;
        std::size_t locked = 0;
        for (std::size_t i = 0; i < frame.tile_count() * tile_lanes; ++i) {
            const bool used = i < frame.lane_count();
            const Lane lane = used ? frame.lanes[i] : Lane{};
            double last_close = std::numeric_limits<double>::quiet_NaN();
            std::size_t halted = 0;
            for (std::size_t t = 0; t < frame.session_count(); ++t) {
                const bool listed = used && t >= lane.first && t <= lane.last;
                ASSERT_EQ(frame.listed.at(i, t), listed);
                ASSERT_LE(frame.traded.at(i, t), listed);
                ASSERT_LE(frame.buyable.at(i, t), frame.traded.at(i, t));
                ASSERT_LE(frame.sellable.at(i, t), frame.traded.at(i, t));
                for (const TileColumn& column : frame.columns)
                    ASSERT_EQ(std::isnan(column.at(i, t)), !listed) << i << ' ' << t;
                if (!listed) continue;
                const auto cell = [&](Field field) { return frame.column(field).at(i, t); };
                if (!frame.traded.at(i, t)) {
                    for (const Field field : {Field::open, Field::high, Field::low, Field::close})
                        ASSERT_EQ(cell(field), last_close);
                    ASSERT_EQ(cell(Field::volume), 0.0);
                    ASSERT_EQ(cell(Field::value), 0.0);
                    ++halted;
                    ASSERT_TRUE(halted <= 20 || allow_breaks);
                    continue;
                }
                halted = 0;
                ASSERT_EQ(frame.buyable.at(i, t),
                          !locked_upper(cell(Field::open), cell(Field::high), cell(Field::low),
                                        cell(Field::close), last_close));
                ASSERT_EQ(frame.sellable.at(i, t),
                          !locked_lower(cell(Field::open), cell(Field::high), cell(Field::low),
                                        cell(Field::close), last_close));
                locked += !frame.buyable.at(i, t) || !frame.sellable.at(i, t);
                if (!allow_breaks && !std::isnan(last_close)) {
                    ASSERT_FALSE(is_break(static_cast<std::int64_t>(cell(Field::close)),
                                          static_cast<std::int64_t>(last_close)));
                }
                last_close = cell(Field::close);
            }
            if (!used) continue;
            ASSERT_TRUE(frame.traded.at(i, lane.first));
            cuts += lane.end == LaneEnd::cut;
            if (lane.end == LaneEnd::cut) {
                ASSERT_TRUE(frame.traded.at(i, lane.last));
                if (i + 1 < frame.lanes.size() &&
                    frame.lanes[i + 1].instrument == lane.instrument) {
                    ASSERT_EQ(frame.lanes[i + 1].segment, lane.segment + 1);
                    ASSERT_GT(frame.lanes[i + 1].first, lane.last);
                } else {
                    ASSERT_GE(frame.session_count() - lane.last, 22u) << "21 halted sessions cut";
                }
            }
            ASSERT_EQ(lane.end == LaneEnd::frame_end, lane.last + 1 == frame.session_count());
        }
        EXPECT_EQ(frame.breaks.size(), cuts);
        EXPECT_EQ(allow_breaks, cuts == 0);
        EXPECT_GT(locked, 0u);
        EXPECT_EQ(frame.symbol_count + frame.excluded.size(), bars.symbols.size());

        // Each traded row is in exactly one lane, unchanged.
        for (const BarTable::Range& range : bars.symbols)
            for (std::size_t row = range.first; row < range.first + range.count; ++row) {
                const Bar bar = bars.bar(row);
                if (is_halt(bar)) continue;
                const auto t = static_cast<std::size_t>(
                    std::ranges::lower_bound(frame.sessions, bar.date) - frame.sessions.begin());
                std::size_t holders = 0;
                for (std::size_t i = 0; i < frame.lane_count(); ++i) {
                    if (frame.lanes[i].instrument != range.instrument || !frame.traded.at(i, t))
                        continue;
                    ++holders;
                    const auto cell = [&](Field field) { return frame.column(field).at(i, t); };
                    ASSERT_EQ(cell(Field::open), static_cast<double>(bar.open));
                    ASSERT_EQ(cell(Field::high), static_cast<double>(bar.high));
                    ASSERT_EQ(cell(Field::low), static_cast<double>(bar.low));
                    ASSERT_EQ(cell(Field::close), static_cast<double>(bar.close));
                    ASSERT_EQ(cell(Field::volume), static_cast<double>(bar.volume));
                    ASSERT_EQ(
                        cell(Field::value),
                        static_cast<double>(bar.value == Bar::value_missing ? bar.close * bar.volume
                                                                            : bar.value));
                }
                ASSERT_EQ(holders, 1u) << range.instrument.symbol << ' ' << bar.date.iso();
            }
    }
}

TEST(Frame, NamesItsFields) {
    EXPECT_EQ(name_of(Field::open), "open");
    EXPECT_EQ(name_of(Field::value), "value");
}

}  // namespace hsl::market
