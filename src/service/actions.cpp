// SPDX-License-Identifier: Apache-2.0
#include "service/actions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::service {
namespace {

using market::ActionKind;
using market::ActionState;
using market::Bar;
using market::CorporateAction;

// A move that no session allows; the same bound cuts segments.
constexpr double jump_least = 0.31;
// On its first session at new terms a share moves within the day's limit of its new base.
constexpr double limit = 0.30;
// Days without a row beyond which the data has a hole rather than the share a halt.
constexpr int gap_most = 31;
// Nextrade opened on 2025-03-04: a bar of unknown definition is that of the regular session before.
const Date other_venue = Date::from_civil(2025, 3, 4);

// Shares after for each before. Those that companies choose.
constexpr std::array<std::pair<int, int>, 26> usual_ratios{
    {{2, 1},  {3, 1},  {4, 1},  {5, 1},  {10, 1},  {20, 1}, {25, 1}, {50, 1}, {100, 1},
     {1, 2},  {1, 3},  {1, 4},  {1, 5},  {1, 6},   {1, 7},  {1, 8},  {1, 10}, {1, 15},
     {1, 20}, {1, 25}, {1, 30}, {1, 50}, {1, 100}, {3, 2},  {2, 3},  {5, 2}}};

struct Jump {
    Bar before, after;
    std::int64_t halted = 0;  // sessions between
    int gap = 0;              // the longest time between without a row, in days
};

std::vector<Jump> jumps_of(std::span<const Bar> bars) {
    std::vector<Jump> out;
    const Bar* last = nullptr;
    std::int64_t halted = 0;
    int gap = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const Bar& bar = bars[i];
        if (i > 0) gap = std::max(gap, bar.date - bars[i - 1].date);
        if (market::is_halt(bar) || bar.close <= 0) {
            ++halted;
            continue;
        }
        if (last != nullptr) {
            const double move =
                static_cast<double>(bar.close) / static_cast<double>(last->close) - 1;
            if (std::abs(move) > jump_least) out.push_back({*last, bar, halted, gap});
        }
        last = &bar;
        halted = 0;
        gap = 0;
    }
    return out;
}

// Shares listed on the last day before and the first day from the jump on that the data knows.
std::optional<std::pair<std::int64_t, std::int64_t>> shares_around(
    const market::ColumnSeries* shares, const Jump& jump) {
    if (shares == nullptr) return std::nullopt;
    const market::ColumnRow *before = nullptr, *after = nullptr;
    for (const market::ColumnRow& row : shares->rows) {
        if (row.date <= jump.before.date) before = &row;
        if (row.date >= jump.after.date && after == nullptr) after = &row;
    }
    if (before == nullptr || after == nullptr || before->value <= 0 || after->value <= 0)
        return std::nullopt;
    return std::pair{std::llround(before->value), std::llround(after->value)};
}

// How far the open is from the base that `after`:`before` shares make of the last close.
double off_base(const Jump& jump, double after, double before) {
    const double open =
        static_cast<double>(jump.after.open > 0 ? jump.after.open : jump.after.close);
    return open / (static_cast<double>(jump.before.close) * before / after) - 1;
}

std::string fraction(std::int64_t after, std::int64_t before) {
    return fmt::format("{}:{}", after, before);
}

std::pair<std::int64_t, std::int64_t> reduced(std::int64_t a, std::int64_t b) {
    for (std::int64_t x = a, y = b;;) {
        if (y == 0) return {a / x, b / x};
        x = std::exchange(y, x % y);
    }
}

// What explains a jump, or nothing.
std::optional<CorporateAction> explain(const std::string& symbol, int scale, const Jump& jump,
                                       const market::ColumnSeries* shares) {
    CorporateAction action{.symbol = symbol,
                           .ex_date = jump.after.date,
                           .state = ActionState::proposed,
                           .source = "proposed"};
    const std::string prices = fmt::format(
        "close {} on {}, open {} and close {} on {}{}",
        market::price_text(jump.before.close, scale), jump.before.date.iso(),
        market::price_text(jump.after.open, scale), market::price_text(jump.after.close, scale),
        jump.after.date.iso(),
        jump.halted > 0 ? fmt::format(" after {}", counted(jump.halted, "halted session")) : "");
    if (const auto around = shares_around(shares, jump)) {
        // Where the share count is known it decides, against the prices too.
        const auto [before, after] = *around;
        if (before == after || std::abs(off_base(jump, static_cast<double>(after),
                                                 static_cast<double>(before))) > limit)
            return std::nullopt;
        std::tie(action.shares_after, action.shares_before) = reduced(after, before);
        action.kind = after > before ? ActionKind::split : ActionKind::reverse_split;
        action.note = fmt::format("{}; listed shares {} before and {} after ({})", prices,
                                  with_commas(before), with_commas(after),
                                  fraction(action.shares_after, action.shares_before));
        return action;
    }
    // By price alone: the usual ratios whose base lies within a day's move of the open.
    std::vector<std::pair<double, std::pair<int, int>>> fits;
    for (const auto& ratio : usual_ratios) {
        const double off = off_base(jump, ratio.first, ratio.second);
        if (std::abs(off) <= limit) fits.emplace_back(std::abs(off), ratio);
    }
    if (fits.empty()) return std::nullopt;
    std::ranges::sort(fits);
    std::tie(action.shares_after, action.shares_before) = fits.front().second;
    action.kind =
        action.shares_after > action.shares_before ? ActionKind::split : ActionKind::reverse_split;
    action.note = fmt::format("{}; by price alone, no share count: {} is the nearest usual ratio",
                              prices, fraction(action.shares_after, action.shares_before));
    std::string others;
    for (std::size_t i = 1; i < fits.size(); ++i)
        others +=
            (others.empty() ? "" : ", ") + fraction(fits[i].second.first, fits[i].second.second);
    if (!others.empty()) action.note += ", " + others + " would do as well";
    return action;
}

bool recorded(const market::Actions& actions, const Jump& jump, const std::string& symbol) {
    return std::ranges::any_of(actions.of(symbol), [&](const CorporateAction& one) {
        return one.kind != ActionKind::cash_dividend && one.ex_date > jump.before.date &&
               one.ex_date <= jump.after.date;
    });
}

Result<std::string> id_meant(const std::string& beginning,
                             std::span<const CorporateAction> actions) {
    std::vector<std::string> found;
    for (const CorporateAction& action : actions)
        if (const std::string id = action_id(action); id.starts_with(beginning))
            found.push_back(id);
    if (found.size() == 1 && !beginning.empty()) return found.front();
    return fail(found.empty() ? ErrorCode::not_found : ErrorCode::bad_usage,
                fmt::format("{} called '{}'; `hsl actions list` shows those there are",
                            found.empty() ? "no action is" : "several actions are", beginning));
}

}  // namespace

std::string action_id(const CorporateAction& action) {
    return Hasher{}
        .add_text(action.symbol)
        .add_text(market::name_of(action.kind))
        .add_number(action.ex_date.days)
        .hex(8);
}

Result<Proposals> propose_actions(store::BarStore& store, const store::ReadRequest& request,
                                  const Progress& progress) {
    Proposals out;
    HSL_TRY(store::Facts facts, store.facts({.at = request.at}));
    const market::Actions actions{std::move(facts.actions)};
    // A store without the column answers with an error; then prices alone speak.
    std::map<std::string, market::ColumnSeries> shares;
    if (auto columns = store.facts({.at = request.at, .columns = {"listed_shares"}}))
        for (market::ColumnSeries& one : columns->columns)
            shares.emplace(one.symbol, std::move(one));
    HSL_TRY(const market::BarTable table, store.read(request));
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < table.symbols.size(); ++i) {
        const market::BarTable::Range& range = table.symbols[i];
        const std::string& symbol = range.instrument.symbol;
        progress.done("looking for corporate actions", i + 1, table.symbols.size());
        if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped; nothing was proposed");
        if (!market::is_krx_code(symbol)) continue;
        ++out.symbols;
        if (range.basis != market::Basis::raw) {
            ++(range.basis == market::Basis::adjusted ? out.adjusted : out.unknown);
            continue;
        }
        bars.clear();
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            bars.push_back(table.bar(row));
        const auto known_shares = shares.find(symbol);
        for (const Jump& jump : jumps_of(bars)) {
            if (recorded(actions, jump, symbol)) continue;
            if (jump.gap > gap_most) {
                ++out.gaps;
                continue;
            }
            if (range.definition != market::BarDefinition::regular &&
                (range.definition != market::BarDefinition::unknown ||
                 jump.after.date >= other_venue)) {
                ++out.other_definition;
                continue;
            }
            auto action = explain(symbol, range.instrument.scale, jump,
                                  known_shares == shares.end() ? nullptr : &known_shares->second);
            if (action)
                out.actions.push_back(std::move(*action));
            else
                ++out.unexplained;
        }
    }
    return out;
}

Result<std::string> record_actions(store::BarStore& store, std::vector<CorporateAction> actions,
                                   const std::string& note, const Progress& progress) {
    HSL_TRY(const auto writer, store.open_writer());
    store::Incoming incoming;
    incoming.facts.actions = std::move(actions);
    HSL_TRY(const store::WriteSummary summary,
            writer->write(std::move(incoming), {.note = note}, progress));
    return summary.version;
}

Result<std::vector<CorporateAction>> settle_actions(store::BarStore& store,
                                                    const std::vector<std::string>& ids,
                                                    ActionState state, const std::string& note,
                                                    const Progress& progress) {
    HSL_TRY(const store::Facts facts, store.facts({}));
    std::set<std::string> wanted;
    for (const std::string& id : ids) {
        HSL_TRY(std::string whole, id_meant(id, facts.actions));
        wanted.insert(std::move(whole));
    }
    std::vector<CorporateAction> out;
    for (const CorporateAction& action : facts.actions) {
        if (!wanted.contains(action_id(action))) continue;
        out.push_back(action);
        out.back().state = state;
    }
    HSL_CHECK(record_actions(store, out, note, progress));
    return out;
}

}  // namespace hsl::service
