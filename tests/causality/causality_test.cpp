// SPDX-License-Identifier: Apache-2.0

// Nothing a strategy decides and nothing that is filled may depend on what was not known yet. Every
// field has a time of knowledge: the open when the session opens, high, low, close, volume and
// value at its close (stops and targets, which trade during the session, may see its high and low).
// At many random times everything after is changed, and what came before must stay to the last bit.
//
// One thing a fill at the open knows early, by decision: whether that session stays locked at a
// limit until its close (docs/concepts/session-order.md). So that does not change here.

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../support/bundled.hpp"
#include "base/rng.hpp"
#include "portfolio/fill_kernel.hpp"
#include "strategy/evaluate.hpp"

namespace hsl::tests {
namespace {

using market::Field;
using market::Frame;
using portfolio::Fill;

constexpr int times = 60;
constexpr std::array fields{Field::open,  Field::high,   Field::low,
                            Field::close, Field::volume, Field::value};

Frame copy_of(const Frame& frame) {
    Frame copy;
    copy.sessions = frame.sessions;
    copy.lanes = frame.lanes;
    copy.symbol_count = frame.symbol_count;
    copy.breaks = frame.breaks;
    const std::size_t tiles = frame.tile_count(), sessions = frame.session_count();
    for (const Field field : fields) {
        TileColumn& column = copy.columns[static_cast<std::size_t>(field)];
        column = TileColumn{tiles, sessions};
        std::memcpy(column.tile(0), frame.column(field).tile(0),
                    tiles * sessions * tile_lanes * sizeof(double));
    }
    for (const auto mask : {&Frame::listed, &Frame::traded, &Frame::buyable, &Frame::sellable}) {
        copy.*mask = MaskColumn{tiles, sessions};
        std::memcpy((copy.*mask).tile(0), (frame.*mask).tile(0), tiles * sessions);
    }
    return copy;
}

// Changes one field from session `from` on, in every lane that is listed then.
void change(Frame& frame, Field field, std::size_t from, Rng& rng) {
    TileColumn& column = frame.columns[static_cast<std::size_t>(field)];
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
        for (std::size_t t = std::max(from, frame.lanes[lane].first); t <= frame.lanes[lane].last;
             ++t) {
            double& value = column.at(lane, t);
            value = std::max(1.0, std::floor(value * (0.5 + rng.uniform())));
        }
}
// Changes on which sessions a lane trades and can be bought and sold.
void change_masks(Frame& frame, std::size_t from, Rng& rng) {
    for (std::size_t tile = 0; tile < frame.tile_count(); ++tile)
        for (std::size_t t = from; t < frame.session_count(); ++t) {
            const auto some = [&] { return static_cast<unsigned>(rng.next() | rng.next()); };
            const unsigned traded = frame.listed.tile(tile)[t] & some();
            frame.traded.tile(tile)[t] = static_cast<std::uint8_t>(traded);
            frame.buyable.tile(tile)[t] = static_cast<std::uint8_t>(traded & some());
            frame.sellable.tile(tile)[t] = static_cast<std::uint8_t>(traded & some());
        }
}

// All that a file decides and fills on a frame.
struct Behaviour {
    // By set, then tile: a byte a session.
    std::vector<std::vector<std::vector<std::uint8_t>>> entry, exit;
    std::vector<std::vector<Fill>> fills;
};

// Signals come from one frame, fills from another: the same one, unless somebody cheats.
Behaviour behave(const strategy::StrategyFile& file, const Frame& seen, const Frame& traded,
                 std::size_t s0) {
    const std::size_t sets = file.sets.size();
    Behaviour behaviour;
    behaviour.entry.assign(sets, {});
    behaviour.exit.assign(sets, {});
    behaviour.fills.assign(sets, {});
    const std::size_t sessions = seen.session_count();
    const auto context =
        must(portfolio::make_context(traded, s0, sessions - 1, market::Market::kospi));
    portfolio::TileWalker walker{context};
    strategy::Evaluator evaluator{file, seen};
    evaluator.prepare(1);
    strategy::Evaluator::Workspace workspace;
    std::array<portfolio::LaneResult, tile_lanes> lanes;
    for (std::size_t tile = 0; tile < seen.tile_count(); ++tile) {
        walker.load(tile);
        evaluator.visit_tile(
            tile, workspace,
            [&](std::size_t set, const std::uint8_t* entry, const std::uint8_t* exit) {
                behaviour.entry[set].emplace_back(entry, entry + sessions);
                behaviour.exit[set].emplace_back(sessions, 0);
                if (exit != nullptr) behaviour.exit[set].back().assign(exit, exit + sessions);
                portfolio::SetTally tally{sessions - s0};
                walker.walk(rules_of(file.sets[set], {}), entry, exit, tally, lanes,
                            &behaviour.fills[set]);
            });
    }
    return behaviour;
}

using Pipeline =
    std::function<Behaviour(const strategy::StrategyFile&, const Frame&, std::size_t s0)>;

Behaviour honest(const strategy::StrategyFile& file, const Frame& frame, std::size_t s0) {
    return behave(file, frame, frame, s0);
}

// What both behaviours did before: decisions up to the close of `decided`, fills up to session
// `filled`, and with `at_open` what the next session fills at its open.
struct Before {
    std::size_t decided = 0;
    std::size_t filled = 0;
    bool at_open = false;
};

bool belongs(const Fill& fill, const Before& before) {
    return fill.session <= before.filled || (before.at_open && fill.session == before.filled + 1 &&
                                             fill.signal_session <= before.filled);
}

// The first difference in words, empty when there is none.
std::string difference(const strategy::StrategyFile& file, const Frame& frame,
                       const Behaviour& original, const Behaviour& changed, const Before& before) {
    for (std::size_t set = 0; set < file.sets.size(); ++set) {
        const std::string name =
            fmt::format("{} {}", file.sets[set].strategy, params_text(file.sets[set]));
        for (std::size_t tile = 0; tile < frame.tile_count(); ++tile)
            for (std::size_t t = 0; t <= before.decided; ++t)
                if (original.entry[set][tile][t] != changed.entry[set][tile][t] ||
                    original.exit[set][tile][t] != changed.exit[set][tile][t])
                    return fmt::format("{}: decision of {}, tile {}", name, frame.sessions[t].iso(),
                                       tile);
        const auto kept = [&](const std::vector<Fill>& fills) {
            std::vector<Fill> some;
            std::ranges::copy_if(fills, std::back_inserter(some),
                                 [&](const Fill& fill) { return belongs(fill, before); });
            return some;
        };
        const std::vector<Fill> left = kept(original.fills[set]);
        const std::vector<Fill> right = kept(changed.fills[set]);
        if (left == right) continue;
        const auto at = std::ranges::mismatch(left, right);
        const Fill& fill = at.in1 != left.end() ? *at.in1 : *at.in2;
        return fmt::format("{}: {} of {} on {}", name, name_of(fill.side),
                           frame.lanes[fill.lane].instrument.symbol,
                           frame.sessions[fill.session].iso());
    }
    return {};
}

struct Findings {
    std::vector<std::string> violations;
    std::vector<bool> moved;  // by set: some later decision or fill did change
};

bool same(const Behaviour& a, const Behaviour& b, std::size_t set) {
    return a.entry[set] == b.entry[set] && a.exit[set] == b.exit[set] &&
           a.fills[set] == b.fills[set];
}

Findings probe(const strategy::StrategyFile& file, const Frame& frame, const Pipeline& pipeline,
               std::uint64_t seed) {
    backtest::SweepOptions options;
    const backtest::Window window = must(backtest::find_window(frame, file, options));
    const Behaviour original = pipeline(file, frame, window.s0);
    Findings findings{{}, std::vector<bool>(file.sets.size())};
    Rng rng{seed};
    const auto compare = [&](const Frame& changed, const Before& before, std::string_view what) {
        const Behaviour after = pipeline(file, changed, window.s0);
        for (std::size_t set = 0; set < file.sets.size(); ++set)
            if (!same(original, after, set)) findings.moved[set] = true;
        const std::string found = difference(file, frame, original, after, before);
        if (!found.empty())
            findings.violations.push_back(fmt::format("{} changed after {}: {}", what,
                                                      frame.sessions[before.decided].iso(), found));
    };
    for (int i = 0; i < times; ++i) {
        const std::size_t t = window.s0 + rng.below(window.last - window.s0);
        // The close of t knows everything up to t.
        {
            Frame changed = copy_of(frame);
            for (const Field field : fields) change(changed, field, t + 1, rng);
            change_masks(changed, t + 1, rng);
            compare(changed, {.decided = t, .filled = t}, "everything");
        }
        // A fill at the open of t + 1 knows that open.
        {
            Frame changed = copy_of(frame);
            change(changed, Field::open, t + 2, rng);
            for (const Field field : fields)
                if (field != Field::open) change(changed, field, t + 1, rng);
            change_masks(changed, t + 2, rng);
            compare(changed, {.decided = t, .filled = t, .at_open = true}, "all but the next open");
        }
        for (const Field field : fields) {
            Frame changed = copy_of(frame);
            change(changed, field, t + 1, rng);
            compare(changed, {.decided = t, .filled = t, .at_open = field != Field::open},
                    name_of(field));
        }
    }
    return findings;
}

// Reads tomorrow's value of one field and trades on today's.
Pipeline reader_of_tomorrows(Field field) {
    return [field](const strategy::StrategyFile& file, const Frame& frame, std::size_t s0) {
        Frame seen = copy_of(frame);
        TileColumn& column = seen.columns[static_cast<std::size_t>(field)];
        for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
            for (std::size_t t = frame.lanes[lane].first; t < frame.lanes[lane].last; ++t)
                column.at(lane, t) = frame.column(field).at(lane, t + 1);
        return behave(file, seen, frame, s0);
    };
}

strategy::StrategyFile one_set(std::string_view entry) {
    return must(strategy::parse_strategies(
        "planted.toml", fmt::format("[planted]\nabout = \"Planted.\"\nentry = \"{}\"\n"
                                    "exit = \"close < sma(close, 5)\"\nstop_loss = 0.05\n",
                                    entry)));
}

}  // namespace

TEST(Causality, NoShippedStrategyKnowsTheFuture) {
    constexpr std::uint64_t seed = 1;
    const Frame frame = generated_market(16, 360, 5);
    const auto files = shipped_files();
    ASSERT_FALSE(files.empty());
    for (const auto& path : files) {
        SCOPED_TRACE(testing::Message() << path << ", seed " << seed);
        const strategy::StrategyFile file = must(strategy::read_strategies(path.string()));
        const Findings findings = probe(file, frame, honest, seed);
        EXPECT_EQ(findings.violations, std::vector<std::string>{});
        // Every set did see the changes later on, so the comparison compared something.
        for (std::size_t set = 0; set < file.sets.size(); ++set)
            EXPECT_TRUE(findings.moved[set])
                << file.sets[set].strategy << ' ' << params_text(file.sets[set]);
    }
}

// The test is worth nothing if a strategy that reads t+1 passes it.
TEST(Causality, CatchesAStrategyThatReadsTomorrow) {
    const Frame frame = generated_market(16, 200, 5);
    struct Planted {
        Field field;
        const char* entry;
    };
    for (const auto& [field, entry] :
         {Planted{Field::close, "close > sma(close, 10)"}, Planted{Field::open, "open > close[1]"},
          Planted{Field::high, "high > max(high, 10)[1]"}, Planted{Field::low, "low > low[1]"},
          Planted{Field::volume, "volume > sma(volume, 10)"},
          Planted{Field::value, "value > value[1]"}}) {
        const strategy::StrategyFile file = one_set(entry);
        EXPECT_EQ(probe(file, frame, honest, 2).violations, std::vector<std::string>{}) << entry;
        const Findings findings = probe(file, frame, reader_of_tomorrows(field), 2);
        // Each time of the run and both ways to change the field must give it away.
        EXPECT_GT(findings.violations.size(), static_cast<std::size_t>(times)) << entry;
    }
}

// A fill that peeks at the session it is made in: buys only what will close above its open.
TEST(Causality, CatchesAFillThatKnowsItsOwnClose) {
    const Frame frame = generated_market(16, 200, 5);
    const Pipeline peeking = [](const strategy::StrategyFile& file, const Frame& seen,
                                std::size_t s0) {
        Frame traded = copy_of(seen);
        for (std::size_t lane = 0; lane < seen.lane_count(); ++lane)
            for (std::size_t t = seen.lanes[lane].first; t <= seen.lanes[lane].last; ++t)
                if (seen.column(Field::close).at(lane, t) <= seen.column(Field::open).at(lane, t))
                    traded.buyable.set(lane, t, false);
        return behave(file, seen, traded, s0);
    };
    const Findings findings = probe(one_set("close > sma(close, 10)"), frame, peeking, 3);
    EXPECT_GT(findings.violations.size(), static_cast<std::size_t>(times));
}

}  // namespace hsl::tests
