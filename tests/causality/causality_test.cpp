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
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../support/bundled.hpp"
#include "base/rng.hpp"
#include "market/resample.hpp"
#include "market/synthetic_minutes.hpp"
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
    copy.minutes = frame.minutes;
    copy.bar_minutes = frame.bar_minutes;
    copy.lanes = frame.lanes;
    copy.symbol_count = frame.symbol_count;
    copy.breaks = frame.breaks;
    const std::size_t tiles = frame.tile_count(), sessions = frame.session_count();
    for (const TileColumn& column : frame.named)
        std::memcpy(copy.named.emplace_back(tiles, sessions).tile(0), column.tile(0),
                    tiles * sessions * tile_lanes * sizeof(double));
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

// A week's or month's last close seen from its first session on.
Behaviour reader_of_unfinished_weeks(const strategy::StrategyFile& file, const Frame& frame,
                                     std::size_t s0) {
    Frame seen = copy_of(frame);
    const market::Periods weeks = market::periods_of(frame.sessions, market::Period::week);
    TileColumn& column = seen.columns[static_cast<std::size_t>(Field::close)];
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
        for (std::size_t t = frame.lanes[lane].first; t <= frame.lanes[lane].last; ++t)
            column.at(lane, t) =
                frame.column(Field::close)
                    .at(lane, std::min(weeks.last[weeks.of[t]], frame.lanes[lane].last));
    return behave(file, seen, frame, s0);
}

// ---- what is known besides the bars -------------------------------------------------------------

struct Known {
    market::BarTable bars;
    std::vector<market::ColumnSeries> columns;
    std::vector<market::Listing> listings;
    std::vector<market::StatePeriod> states;
    std::vector<market::CorporateAction> actions;
};

constexpr std::string_view with_columns = R"toml(
[flows]
entry = "foreign_net > 0 and weekly(foreign_net) > 0"
exit = "foreign_net < 0"
[shorts]
entry = "short_balance < short_balance[3]"
exit = "short_balance > short_balance[3]"
stop_loss = 0.05
[accounts]
entry = "roe > 10"
exit = "roe < 8"
[sectors]
entry = "sector_rank(roc(close, 5)) > 0.6 and close > sector_mean(close)"
exit = "sector_zscore(close) < 0"
[weeks]
entry = "weekly(close > sma(close, 3))"
exit = "weekly(crosses_below(close, sma(close, 3)))"
[months]
entry = "monthly(close > open) and rank(close) > 0.2"
exit = "weekly(rank(close)) < 0.3 or raw_close < 100"
)toml";

// Sixteen symbols of raw prices, with facts that change along the way.
struct KnownMarket {
    Known known;
    std::vector<Date> sessions;
    int minutes;

    // bar_minutes = 0: days.
    explicit KnownMarket(int days = 200, int bar_minutes = 0) : minutes(bar_minutes) {
        market::BarTable& bars = known.bars;
        bars = must(market::generate_market({.symbols = 16, .sessions = days, .seed = 5}));
        for (market::BarTable::Range& range : bars.symbols) range.basis = market::Basis::raw;
        const Frame plain = must(market::build_frame(bars, {.threads = 1}));
        sessions = plain.sessions;
        if (minutes > 0) bars = in_bars(market::minutes_of_days(bars, 5), minutes);
        Rng rng{12};
        std::size_t number = 0;
        for (const market::BarTable::Range& range : bars.symbols) {
            const std::string& symbol = range.instrument.symbol;
            for (const char* name : {"foreign_net", "short_balance", "roe"}) {
                const market::ColumnSpec& spec = *market::find_column(name);
                market::ColumnSeries series{.symbol = symbol, .column = name};
                for (std::size_t t = 0; t < sessions.size(); ++t) {
                    if (rng.below(spec.knowledge == market::Knowledge::stated ? 9 : 2) != 0)
                        continue;
                    const Date public_on = spec.knowledge == market::Knowledge::stated
                                               ? sessions[t] + 5 + static_cast<int>(rng.below(20))
                                               : knowledge_day(spec, sessions[t]);
                    series.rows.push_back({sessions[t], public_on, value(rng)});
                }
                known.columns.push_back(std::move(series));
            }
            known.listings.push_back({.symbol = symbol,
                                      .market = market::Market::kospi,
                                      .share_class = market::ShareClass::common,
                                      .sector = number++ % 2 == 0 ? "a" : "b"});
        }
    }
    // Longer bars once, so that no frame has to make them.
    static market::BarTable in_bars(const market::BarTable& rows, int minutes) {
        market::BarTable longer;
        longer.interval = market::Interval::minute;
        for (const market::BarTable::Range& range : rows.symbols) {
            std::vector<market::Bar> own;
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                own.push_back(rows.bar(row));
            longer.begin_symbol(range.instrument);
            longer.symbols.back().basis = range.basis;
            const market::MinuteGrid grid = market::grid_of(range.instrument, own, minutes);
            for (const market::Bar& bar : market::resample_minutes(own, grid)) longer.append(bar);
        }
        return longer;
    }
    static double value(Rng& rng) { return std::floor(30 * rng.uniform()) - 15; }

    [[nodiscard]] Frame frame(const Known& facts, std::vector<std::string> columns) const {
        const market::Listings listings{facts.listings, facts.states};
        const market::Actions actions{facts.actions};
        return must(
            market::build_frame(market::FrameInputs{.bars = facts.bars,
                                                    .listings = &listings,
                                                    .actions = &actions,
                                                    .columns = facts.columns},
                                {.minutes = minutes, .columns = std::move(columns), .threads = 1}));
    }
};

// Other facts from the day after `day` on: each column's values that are not known by then, the
// listings, states and actions that begin later.
void change_columns(Known& known, Date day, Rng& rng) {
    for (market::ColumnSeries& series : known.columns)
        for (market::ColumnRow& row : series.rows)
            if (row.known > day) row.value = KnownMarket::value(rng);
}
void change_listings(Known& known, Date day, Rng& rng) {
    const std::vector<market::Listing> before = known.listings;
    for (market::Listing row : before) {
        row.first = day + 1 + static_cast<int>(rng.below(30));
        row.sector = rng.below(2) == 0 ? "a" : "b";
        if (rng.below(2) == 0) row.market = market::Market::kosdaq;
        if (rng.below(4) == 0) row.share_class = market::ShareClass::etf;
        known.listings.push_back(row);
        if (rng.below(3) == 0)
            known.states.push_back({.symbol = row.symbol,
                                    .state = market::ListingState::liquidation,
                                    .first = day + 1 + static_cast<int>(rng.below(40))});
    }
}
// Half the price and twice the shares, of the rows of a symbol within [from, to).
void halve(market::BarTable& bars, std::string_view symbol, Date from, Date to) {
    for (const market::BarTable::Range& range : bars.symbols)
        if (range.instrument.symbol == symbol)
            for (std::size_t row = range.first; row < range.first + range.count; ++row) {
                if (Date{bars.date[row]} < from || Date{bars.date[row]} >= to) continue;
                for (auto* price : {&bars.open, &bars.high, &bars.low, &bars.close})
                    (*price)[row] = ((*price)[row] + 1) / 2;
                bars.volume[row] *= 2;
            }
}
constexpr Date ever{std::numeric_limits<std::int32_t>::max()};
constexpr Date before_all{std::numeric_limits<std::int32_t>::min()};

// A split comes with the prices that it makes.
void change_actions(Known& known, Date day, const std::vector<Date>& sessions, Rng& rng) {
    const auto next = std::ranges::upper_bound(sessions, day);
    const auto left = static_cast<std::uint64_t>(sessions.end() - next);
    if (left == 0) return;
    for (const market::Listing& row : std::vector<market::Listing>(known.listings)) {
        if (rng.below(2) == 0) continue;
        const Date ex_date = *(next + static_cast<std::ptrdiff_t>(rng.below(left)));
        const bool split = rng.below(2) == 0;
        if (split) halve(known.bars, row.symbol, ex_date, ever);
        known.actions.push_back(
            {.symbol = row.symbol,
             .kind = split ? market::ActionKind::split : market::ActionKind::cash_dividend,
             .ex_date = ex_date,
             .shares_after = split ? 2 : 1,
             .amount_e4 = split ? 0 : 5'000'000});
    }
}

// How the facts of a market reach its frame: as they are, unless somebody cheats.
using Reach = std::function<Known(Known)>;

Findings probe_known(const KnownMarket& market, const Reach& reach, std::uint64_t seed) {
    const strategy::StrategyFile file =
        must(strategy::parse_strategies("columns.toml", with_columns));
    const auto frame_of = [&](const Known& facts) {
        return market.frame(reach(facts), file.columns);
    };
    const Frame frame = frame_of(market.known);
    const backtest::Window window = must(backtest::find_window(frame, file, {}));
    const Behaviour original = behave(file, frame, frame, window.s0);
    Findings findings{{}, std::vector<bool>(file.sets.size())};
    Rng rng{seed};
    for (int i = 0; i < times; ++i) {
        const std::size_t t = window.s0 + rng.below(window.last - window.s0);
        const Date day = frame.sessions[t];
        // What comes out in the evening is not known at a bar before the day's last.
        const Date evening = frame.ends_day(t) ? day : day + -1;
        for (int kind = 0; kind < 3; ++kind) {
            Known facts = market.known;
            if (kind == 0) change_columns(facts, evening, rng);
            if (kind == 1) change_listings(facts, day, rng);
            if (kind == 2) change_actions(facts, day, market.sessions, rng);
            const Frame changed = frame_of(facts);
            const Behaviour after = behave(file, changed, changed, window.s0);
            for (std::size_t set = 0; set < file.sets.size(); ++set)
                if (!same(original, after, set)) findings.moved[set] = true;
            const std::string found =
                difference(file, frame, original, after, {.decided = t, .filled = t});
            if (!found.empty())
                findings.violations.push_back(
                    fmt::format("facts of kind {} changed after {}: {}", kind, day.iso(), found));
        }
    }
    return findings;
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

TEST(Causality, WeeksThatAreNotOverAreNotSeen) {
    const Frame frame = generated_market(16, 200, 5);
    const strategy::StrategyFile file = one_set("weekly(close > sma(close, 2)) and close > open");
    EXPECT_EQ(probe(file, frame, honest, 4).violations, std::vector<std::string>{});
    const Findings findings =
        probe(one_set("close > sma(close, 5)"), frame, reader_of_unfinished_weeks, 4);
    EXPECT_GT(findings.violations.size(), static_cast<std::size_t>(times));
}

// The same in bars of minutes, where the bar after a day's last is the next day's first.
Frame minutes_of_a_market() {
    const auto days = must(market::generate_market({.symbols = 8, .sessions = 30, .seed = 5}));
    return must(
        market::build_frame(market::minutes_of_days(days, 5), {.minutes = 60, .threads = 1}));
}

TEST(Causality, NoBarKnowsTheNext) {
    constexpr std::uint64_t seed = 13;
    const Frame frame = minutes_of_a_market();
    const strategy::StrategyFile file = must(strategy::parse_strategies(
        "minutes.toml",
        "[crosses]\nentry = \"crosses_above(close, sma(close, 5))\"\nexit = \"close < "
        "sma(close, 5)\"\nstop_loss = 0.02\nslippage_bp = 10\n"
        "[weeks]\nentry = \"weekly(close > open)\"\nexit = \"weekly(close < open)\"\n"
        "[holds]\nentry = \"rank(close) > 0.5\"\nmax_hold = 5\ntrailing_stop = 0.02\n"));
    const Findings findings = probe(file, frame, honest, seed);
    EXPECT_EQ(findings.violations, std::vector<std::string>{});
    for (const bool moved : findings.moved) EXPECT_TRUE(moved);
    EXPECT_GT(probe(one_set("close > sma(close, 10)"), frame, reader_of_tomorrows(Field::close), 2)
                  .violations.size(),
              static_cast<std::size_t>(times));
    EXPECT_GT(probe(one_set("close > sma(close, 5)"), frame, reader_of_unfinished_weeks, 4)
                  .violations.size(),
              static_cast<std::size_t>(times));
}

TEST(Causality, NoBarKnowsWhatComesOutInTheEvening) {
    const KnownMarket market{60, 60};
    const Findings findings = probe_known(market, [](Known known) { return known; }, 6);
    EXPECT_EQ(findings.violations, std::vector<std::string>{});
    for (std::size_t set = 0; set < findings.moved.size(); ++set)
        EXPECT_TRUE(findings.moved[set]) << set;
    // A flow that is there in the morning of its own day.
    const Reach in_the_morning = [](Known known) {
        for (market::ColumnSeries& series : known.columns)
            if (series.column == "foreign_net")
                for (market::ColumnRow& row : series.rows) row.known = row.known + -1;
        return known;
    };
    EXPECT_GT(probe_known(market, in_the_morning, 8).violations.size(), 10u);
}

TEST(Causality, NothingIsSeenOfAColumnListingOrActionBeforeItsDay) {
    const KnownMarket market;
    const Findings findings = probe_known(market, [](Known known) { return known; }, 6);
    EXPECT_EQ(findings.violations, std::vector<std::string>{});
    for (std::size_t set = 0; set < findings.moved.size(); ++set)
        EXPECT_TRUE(findings.moved[set]) << set;
}

// The test is worth nothing if a value that is shown too early passes it.
TEST(Causality, CatchesAColumnThatIsShownTooEarly) {
    const KnownMarket market;
    // On the day that it speaks of.
    const auto at_its_date = [](std::string_view name) {
        return [name](Known known) {
            for (market::ColumnSeries& series : known.columns)
                if (series.column == name)
                    for (market::ColumnRow& row : series.rows) row.known = row.date;
            return known;
        };
    };
    for (const std::string_view name : {"short_balance", "roe"})
        EXPECT_GT(probe_known(market, at_its_date(name), 7).violations.size(), 10u) << name;
    // A flow one session before its own.
    const Reach early = [&](Known known) {
        for (market::ColumnSeries& series : known.columns)
            if (series.column == "foreign_net")
                for (market::ColumnRow& row : series.rows) row.known = row.known + -1;
        return known;
    };
    EXPECT_GT(probe_known(market, early, 8).violations.size(), 10u);
}

// Listings that are taken as they will be, states from long before their day on, actions
// in all prices before them.
TEST(Causality, CatchesListingsAndActionsThatAreAppliedTooEarly) {
    const KnownMarket market;
    const Reach latest_listing = [](Known known) {
        for (market::Listing& row : known.listings) row.first.reset();
        return known;
    };
    EXPECT_GT(probe_known(market, latest_listing, 9).violations.size(), 10u);
    const Reach early_state = [](Known known) {
        for (market::StatePeriod& state : known.states) state.first = state.first + -60;
        return known;
    };
    EXPECT_GT(probe_known(market, early_state, 10).violations.size(), 10u);
    // What vendors call adjusted: a split changes all prices before it.
    const Reach adjusted_backwards = [](Known known) {
        for (const market::CorporateAction& action : known.actions)
            if (action.kind == market::ActionKind::split)
                halve(known.bars, action.symbol, before_all, action.ex_date);
        std::erase_if(known.actions, [](const market::CorporateAction& action) {
            return action.kind == market::ActionKind::split;
        });
        return known;
    };
    EXPECT_GT(probe_known(market, adjusted_backwards, 11).violations.size(), 10u);
}

}  // namespace hsl::tests
