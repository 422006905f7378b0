// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/basis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"

namespace hsl::adapters::detail {
namespace {

using market::Bar;
using market::BarDefinition;
using market::Basis;
using market::Market;

// Mid-point orders put trades off the grid from here on; before the other day the old tick table is
// not known to hold (docs/concepts/market-rules.md).
const Date mid_points = Date::from_civil(2025, 3, 4);
const Date ticks_known = Date::from_civil(2015, 6, 15);
// The exchange trades until 20:00 from here on.
const Date long_day = Date::from_civil(2026, 9, 14);

// Enough to tell, few enough to cost nothing: the first rows, which every later action would have
// changed, and as many spread over the rest.
constexpr std::size_t rows_weighed = 128;
// Distinct prices that could be off the grid and are not; fewer tell nothing.
constexpr std::int64_t telling_min = 30;
// -log2 of the chance at which prices divided by a factor are still taken to be possible.
constexpr double bits_wanted = 20;
constexpr std::int64_t values_min = 60;
// A split needs new certificates, and these some days without trading; a bonus issue does not.
constexpr int pause_sessions = 3;
// Old rows that change nothing about the others.
constexpr std::int64_t old_rows_max = 20;

struct Factor {
    int by;           // prices divided by this; below 0: multiplied
    bool early;       // may happen without a pause (bonus issues): the first rows must tell
    double bits = 0;  // against it
};
constexpr Factor candidates[] = {
    {2, true},   {3, true},   {4, true},   {5, true},    {6, true},    {8, true},
    {9, true},   {10, false}, {20, false}, {25, false},  {50, false},  {100, false},
    {-2, false}, {-3, false}, {-5, false}, {-10, false}, {-20, false},
};

bool traded(const Bar& bar) { return bar.volume != 0 && (bar.open != 0 || bar.high != 0); }

// The tick tables of one market, asked for one day after another.
class Ticks {
public:
    explicit Ticks(Market market) : market_(market) {}
    std::int64_t at(Date date, std::int64_t price) {
        if (date != date_ || steps_.empty()) {
            const auto steps = market::tick_steps(market_, date);
            steps_ = steps ? *steps : std::span<const market::TickStep>{};
            date_ = date;
        }
        for (const market::TickStep& step : steps_)
            if (price < step.below) return step.tick;
        return 1;
    }

private:
    Market market_;
    Date date_{};
    std::span<const market::TickStep> steps_;
};

// -log2 of the chance that a raw price on its own grid of `raw_tick`, divided by `by`, lies on a
// grid of `tick`; where `price` cannot be such a price, more than any number of rows would give.
double bits_against(int by, std::int64_t price, std::int64_t raw_tick, std::int64_t tick) {
    constexpr double impossible = 64;
    if (by > 0) {
        // Lattice raw_tick / by; the quotient was rounded to a won.
        const std::int64_t beside = price * by % raw_tick;
        if (2 * std::min(beside, raw_tick - beside) > by) return impossible;
        const std::int64_t common = std::lcm(raw_tick, tick * by);
        return std::log2(static_cast<double>(common) / static_cast<double>(raw_tick));
    }
    const std::int64_t lattice = raw_tick * -by;
    if (price % lattice != 0) return impossible;
    return std::log2(static_cast<double>(std::lcm(lattice, tick)) / static_cast<double>(lattice));
}

// Prices that are looked at, and what they say of the grid.
class Grid {
public:
    Grid(const Series& series, Evidence& evidence)
        : bars_(series.rows.bars), evidence_(evidence), market_(series.instrument.market) {}

    void weigh() {
        find_pause();
        gather();
        const bool both = market_ == Market::unknown;
        // KOSDAQ's grid is the finer one: prices that are all on KOSPI's are held to that.
        Market grid = both ? Market::kospi : market_;
        if (both && off_grid(grid) > 0) grid = Market::kosdaq;
        count(grid);
        if (evidence_.off_grid > 0) return;
        std::vector<Factor> open{std::begin(candidates), std::end(candidates)};
        if (!evidence_.paused) std::erase_if(open, [](const Factor& f) { return f.by < 0; });
        const auto markets = both ? std::vector{Market::kospi, Market::kosdaq} : std::vector{grid};
        exclude(open, grid, markets);
        for (const Factor& factor : open) evidence_.factors.push_back(factor.by);
    }

private:
    struct Price {
        Date date;
        std::int64_t price;
        bool early;
    };

    // Rows behind a pause may be of other prices than those before it: the first ones have to tell.
    void find_pause() {
        const market::Calendar& calendar = market::Calendar::krx();
        rows_before_pause_ = bars_.size();
        for (std::size_t row = 0, last = bars_.size(); row < bars_.size(); ++row) {
            if (!traded(bars_[row])) continue;
            const std::size_t before = std::exchange(last, row);
            if (before == bars_.size() || bars_[row].date - bars_[before].date <= pause_sessions)
                continue;
            const int here = calendar.session_on(bars_[row].date);
            const int there = calendar.session_on(bars_[before].date);
            if (here < 0 || there < 0 || here - there - 1 < pause_sessions) continue;
            evidence_.paused = true;
            rows_before_pause_ = row;
            return;
        }
    }

    void gather() {
        const auto by_date = [](const Bar& bar, Date date) { return bar.date < date; };
        const auto row_of = [&](Date date) {
            return static_cast<std::size_t>(
                std::lower_bound(bars_.begin(), bars_.end(), date, by_date) - bars_.begin());
        };
        const std::size_t first = row_of(ticks_known);
        const std::size_t last = row_of(mid_points);
        evidence_.old_rows = static_cast<std::int64_t>(first);
        for (std::size_t row = 0; row < first; row += first / rows_weighed + 1) add_old(bars_[row]);
        const std::size_t early_end = std::min(last, first + rows_weighed);
        std::array<bool, 3> whole{true, true, true};
        for (std::size_t row = first; row < early_end; ++row) add(row, true, whole);
        evidence_.whole_volumes = whole[0] || whole[1] || whole[2];
        const std::size_t step = (last - early_end) / rows_weighed + 1;
        for (std::size_t row = early_end; row < last; row += step) add(row, false, whole);
    }

    // Ticks were 10 won and more above 5,000 in every table: what is no multiple of 5 was no price.
    // What is one tells nothing.
    void add_old(const Bar& bar) {
        for (const std::int64_t price : {bar.open, bar.high, bar.low, bar.close}) {
            if (price < 5'000 || price % 5 == 0) continue;
            ++evidence_.telling;
            ++evidence_.off_grid;
            ++evidence_.off_five;
        }
    }

    void add(std::size_t row, bool early, std::array<bool, 3>& whole) {
        const Bar& bar = bars_[row];
        if (!traded(bar)) return;
        if (early) {
            static constexpr std::int64_t primes[] = {2, 3, 5};
            for (std::size_t i = 0; i < whole.size(); ++i)
                whole[i] = whole[i] && bar.volume % primes[i] == 0;
        }
        if (bar.value > 0 && bar.low > 0) {
            const double mean = static_cast<double>(bar.value) / static_cast<double>(bar.volume);
            ++evidence_.values;
            evidence_.values_off += mean < 0.99 * static_cast<double>(bar.low) ||
                                    mean > 1.01 * static_cast<double>(bar.high);
        }
        for (const std::int64_t price : {bar.open, bar.high, bar.low, bar.close}) {
            const auto at = std::ranges::lower_bound(seen_, price);
            if (price <= 0 || (at != seen_.end() && *at == price)) continue;
            seen_.insert(at, price);
            prices_.push_back({bar.date, price, early});
            if (row < rows_before_pause_) prices_before_pause_ = prices_.size();
        }
    }

    std::int64_t off_grid(Market market) const {
        Ticks ticks{market};
        return std::ranges::count_if(prices_, [&](const Price& p) {
            const std::int64_t tick = ticks.at(p.date, p.price);
            return tick >= 5 && p.price % tick != 0;
        });
    }

    void count(Market market) {
        Ticks ticks{market};
        for (const Price& p : prices_) {
            const std::int64_t tick = ticks.at(p.date, p.price);
            if (tick < 5) continue;
            ++evidence_.telling;
            if (p.price % tick == 0) continue;
            ++evidence_.off_grid;
            evidence_.off_five += p.price % 5 != 0;
        }
    }

    // Leaves the factors that are still possible.
    void exclude(std::vector<Factor>& open, Market market, std::span<const Market> raw_markets) {
        Ticks ticks{market};
        std::vector<Ticks> raw_ticks{raw_markets.begin(), raw_markets.end()};
        for (std::size_t i = 0; i < prices_before_pause_ && !open.empty(); ++i) {
            const Price& p = prices_[i];
            const std::int64_t tick = ticks.at(p.date, p.price);
            if (tick < 5) continue;
            for (Factor& factor : open) {
                if (factor.early && !p.early) continue;
                const std::int64_t raw = factor.by > 0 ? p.price * factor.by : p.price / -factor.by;
                double least = std::numeric_limits<double>::infinity();
                for (Ticks& table : raw_ticks)
                    least = std::min(least,
                                     bits_against(factor.by, p.price, table.at(p.date, raw), tick));
                factor.bits += least;
            }
            std::erase_if(open, [](const Factor& f) { return f.bits >= bits_wanted; });
        }
    }

    const std::vector<Bar>& bars_;
    Evidence& evidence_;
    Market market_;
    std::size_t rows_before_pause_ = 0;
    std::vector<Price> prices_;  // distinct, in the order of days
    std::vector<std::int64_t> seen_;
    std::size_t prices_before_pause_ = 0;
};

void weigh_definition(const Series& series, Evidence& evidence) {
    const Rows& rows = series.rows;
    const auto change = static_cast<std::size_t>(
        std::ranges::lower_bound(rows.bars, long_day, {}, &Bar::date) - rows.bars.begin());
    evidence.rows_before_change = static_cast<std::int64_t>(change);
    evidence.rows_after_change = static_cast<std::int64_t>(rows.size() - change);
    if (rows.bases.empty()) return;
    Ticks ticks{series.instrument.market == Market::unknown ? Market::kosdaq
                                                            : series.instrument.market};
    for (std::size_t row = change + 1; row < rows.size(); ++row) {
        if (rows.bases[row] <= 0 || !traded(rows.bars[row - 1])) continue;
        const std::int64_t close = rows.bars[row - 1].close;
        const std::int64_t tick = ticks.at(rows.bars[row].date, close);
        ++evidence.bases_after_change;
        const std::int64_t rounded = (close + tick - 1) / tick * tick;  // up to the tick
        if (rows.bases[row] != close && rows.bases[row] != rounded) ++evidence.bases_off;
    }
}

std::string words_of(std::span<const int> factors) {
    std::vector<int> divided, multiplied;
    for (const int by : factors) (by > 0 ? divided : multiplied).push_back(std::abs(by));
    std::string words;
    if (!divided.empty()) words = fmt::format("divided by {}", fmt::join(divided, ", "));
    if (!multiplied.empty())
        words += fmt::format("{}multiplied by {}", words.empty() ? "" : " or ",
                             fmt::join(multiplied, ", "));
    return words;
}

// How strong a claim of raw prices is.
enum class Proof : std::uint8_t { none, grid, whole };

struct Finding {
    BasisJudgement judgement = {};
    Proof proof = Proof::none;
};

bool all_on_grid(const Evidence& e) {
    return e.korean && e.fractions == 0 && e.ranges == 0 && e.off_grid == 0 &&
           e.telling >= telling_min;
}

Finding judge(const Evidence& e) {
    const auto say = [](Basis basis, std::string because, Proof proof = Proof::none) {
        return Finding{{basis, std::move(because)}, proof};
    };
    if (!e.korean) return say(Basis::unknown, "not a Korean share");
    if (e.rows == 0) return say(Basis::unknown, "no days to judge by");
    if (e.caps > 0)
        return say(Basis::raw,
                   fmt::format("market cap = close x shares in {}", counted(e.caps, "row")),
                   Proof::whole);
    if (e.fractions > 0)
        return say(Basis::adjusted,
                   fmt::format("{} with a fraction of a won", counted(e.fractions, "row")));
    if (e.ranges > 0)
        return say(Basis::adjusted,
                   fmt::format("{} by a won or so, as rounding of adjusted prices leaves it",
                               counted(e.ranges, "range is broken", "ranges are broken")));
    if (e.off_five >= 2)
        return say(Basis::adjusted, fmt::format("{} of {} prices off the tick grid of their day",
                                                with_commas(e.off_grid), with_commas(e.telling)));
    if (e.off_grid > 0)
        return say(Basis::unknown, fmt::format("{} of {} prices off the grid of shares, on that of "
                                               "5 won: a fund, or adjusted by a round factor",
                                               with_commas(e.off_grid), with_commas(e.telling)));
    if (e.telling < telling_min)
        return say(Basis::unknown,
                   fmt::format("{} that could be off the tick grid, from 2015-06-15 to 2025-03-03: "
                               "fewer than {}",
                               counted(e.telling, "different price"), telling_min));
    const std::string on_grid = fmt::format(
        "all {} different prices are on the tick grid of their day", with_commas(e.telling));
    if (!e.jump.empty())
        return say(Basis::raw, fmt::format("a split stands in them ({}), and {}", e.jump, on_grid),
                   Proof::whole);
    if (2 * e.values_off > e.values)
        return say(Basis::unknown,
                   fmt::format("traded value / volume lies outside low .. high in {} of {} rows",
                               with_commas(e.values_off), with_commas(e.values)));
    if (e.old_rows > old_rows_max)
        return say(Basis::unknown,
                   fmt::format("{}, and {} older than 2015-06-15, whose ticks are not known",
                               on_grid, counted(e.old_rows, "row is", "rows are")));
    const bool multiplied = std::ranges::any_of(e.factors, [](int by) { return by < 0; });
    if (!multiplied && !e.whole_volumes && e.values >= values_min && 20 * e.values_off <= e.values)
        return say(
            Basis::raw,
            fmt::format("{}, traded value / volume within low .. high in {} of {} rows", on_grid,
                        with_commas(e.values - e.values_off), with_commas(e.values)),
            Proof::grid);
    if (!e.factors.empty())
        return say(Basis::unknown,
                   fmt::format("{}; so they would be {}", on_grid, words_of(e.factors)));
    return say(Basis::raw,
               fmt::format("{}, with a chance below 1 in a million had they been divided by a "
                           "round factor",
                           on_grid),
               Proof::grid);
}

}  // namespace

Evidence weigh(const Series& series, const Verdict& verdict) {
    const Rows& rows = series.rows;
    Evidence evidence{.korean = series.korean};
    if (!evidence.korean || rows.bars.empty()) return evidence;
    evidence.rows = static_cast<std::int64_t>(rows.size());
    constexpr std::uint8_t range_repairs = repair::range_by_one | repair::range_by_rounding;
    for (const std::uint8_t repairs : rows.repairs) {
        if (repairs == 0) continue;
        evidence.fractions += (repairs & repair::rounded_price) != 0;
        evidence.ranges += (repairs & range_repairs) != 0;
    }
    // Rows whose cap is another number are in quarantine.
    if (series.caps && series.shares)
        for (std::size_t row = 0; row < rows.size(); ++row)
            evidence.caps +=
                rows.named[*series.caps][row] > 0 && rows.named[*series.shares][row] > 0;
    for (const store::Finding& finding : verdict.findings)
        if (finding.rule == "jump_split" || finding.rule == "jump_reverse_split") {
            evidence.jump = fmt::format("{} {}", finding.date, finding.detail);
            break;
        }
    weigh_definition(series, evidence);
    Grid{series, evidence}.weigh();
    return evidence;
}

std::vector<BasisJudgement> judge_bases(std::span<const Evidence> evidence) {
    std::vector<Finding> found;
    std::int64_t adjusted = 0;
    std::int64_t proven = 0;
    for (const Evidence& e : evidence) {
        found.push_back(judge(e));
        adjusted += found.back().judgement.basis == Basis::adjusted;
        proven += found.back().proof == Proof::whole;
    }
    std::vector<BasisJudgement> judgements;
    for (std::size_t i = 0; i < found.size(); ++i) {
        BasisJudgement& judgement = found[i].judgement;
        if (found[i].proof == Proof::grid && adjusted > 0)
            judgement = {Basis::unknown,
                         fmt::format("on the tick grid, but {} of the file {} adjusted",
                                     counted(adjusted, "other series", "other series"),
                                     adjusted == 1 ? "is" : "are")};
        if (judgement.basis == Basis::unknown && adjusted == 0 && proven > 0 &&
            all_on_grid(evidence[i]))
            judgement = {Basis::raw,
                         fmt::format("on the tick grid, and {} of the file {} raw for certain",
                                     counted(proven, "other series", "other series"),
                                     proven == 1 ? "is" : "are")};
        judgements.push_back(std::move(judgement));
    }
    return judgements;
}

BasisJudgement sum_up(std::span<const BasisJudgement> judgements) {
    if (judgements.empty()) return {};
    std::array<std::int64_t, 3> count{};  // raw, adjusted, unknown
    for (const BasisJudgement& judgement : judgements)
        ++count[judgement.basis == Basis::raw ? 0 : judgement.basis == Basis::adjusted ? 1 : 2];
    const BasisJudgement& first = judgements.front();
    const auto same = std::ranges::count(judgements, first.basis, &BasisJudgement::basis);
    if (judgements.size() == 1) return first;
    if (same == std::ssize(judgements))
        return {first.basis, fmt::format("each of {} series, such as the first: {}",
                                         with_commas(same), first.because)};
    return {Basis::unknown,
            fmt::format("{} series raw, {} adjusted, {} unknown; the first is {}: {}",
                        with_commas(count[0]), with_commas(count[1]), with_commas(count[2]),
                        first.basis == Basis::raw        ? "raw"
                        : first.basis == Basis::adjusted ? "adjusted"
                                                         : "unknown",
                        first.because)};
}

DefinitionJudgement judge_definition(std::span<const Evidence> evidence) {
    Evidence e;
    for (const Evidence& one : evidence) {
        e.rows_before_change += one.rows_before_change;
        e.rows_after_change += one.rows_after_change;
        e.bases_after_change += one.bases_after_change;
        e.bases_off += one.bases_off;
    }
    constexpr std::int64_t bases_min = 3;
    if (e.rows_before_change + e.rows_after_change == 0)
        return {BarDefinition::unknown, std::ranges::any_of(evidence, &Evidence::korean)
                                            ? "no days to judge by"
                                            : "not a Korean share"};
    if (e.rows_after_change == 0)
        return {BarDefinition::regular,
                "all rows are older than 2026-09-14, when trading until 20:00 began"};
    if (e.bases_after_change >= bases_min && e.bases_off == 0)
        return {BarDefinition::regular,
                fmt::format("{} since 2026-09-14 are the close before",
                            counted(e.bases_after_change, "base price is", "base prices"))};
    if (e.bases_after_change >= bases_min && 2 * e.bases_off > e.bases_after_change)
        return {BarDefinition::all_krx,
                fmt::format("{} of {} base prices since 2026-09-14 are not the close before: it is "
                            "that of 20:00",
                            e.bases_off, e.bases_after_change),
                e.rows_before_change > 0};
    return {BarDefinition::unknown,
            "rows since 2026-09-14 without base prices that tell which close they hold"};
}

}  // namespace hsl::adapters::detail
