// SPDX-License-Identifier: Apache-2.0
#include "portfolio/fill_kernel.hpp"

#include <algorithm>
#include <limits>

#include "base/assert.hpp"
#include "market/rules.hpp"

namespace hsl::portfolio {
namespace {

// Whole numbers below this are exact in a double.
constexpr double exact_below = 0x1p53;

// What is not in the tables: whole won, and the width of the ratio rule.
constexpr market::TickStep whole_won{std::numeric_limits<std::int64_t>::max(), 1};
constexpr int ratio_percent = 30;

KernelContext::Grid grid_on(market::Market market, Date date, market::ShareClass share_class) {
    const auto steps = market::tick_steps(market, date, share_class);
    const auto rules = market::SessionRules::find(market, date, share_class);
    return {steps ? steps->data() : &whole_won, rules ? rules->limit_percent() : ratio_percent};
}

}  // namespace

Result<KernelContext> make_context(const market::Frame& frame, std::size_t s0, std::size_t last,
                                   market::Market unknown_is) {
    HSL_ASSERT(s0 <= last && last < frame.session_count() && frame.ends_day(s0) &&
               frame.ends_day(last));
    KernelContext context;
    context.frame = &frame;
    context.s0 = s0;
    context.last = last;
    if (!frame.minutes.empty()) {
        context.last_of_day_before.resize(frame.session_count());
        for (std::size_t t = 1; t < frame.session_count(); ++t)
            context.last_of_day_before[t] = frame.ends_day(t - 1)
                                                ? static_cast<std::uint32_t>(t - 1)
                                                : context.last_of_day_before[t - 1];
    }
    struct RulesClass {
        market::Market market{};
        market::ShareClass share_class{};
        bool operator==(const RulesClass&) const = default;
    };
    std::vector<RulesClass> classes;
    for (const market::Lane& lane : frame.lanes) {
        const RulesClass of{lane.instrument.market, lane.share_class};
        const auto found = std::ranges::find(classes, of);
        context.rules_row.push_back(static_cast<std::uint8_t>(found - classes.begin()));
        if (found == classes.end()) classes.push_back(of);
    }
    for (const auto& [market, share_class] : classes) {
        const market::Market taxed = market == market::Market::unknown ? unknown_is : market;
        std::vector<std::int64_t> row(frame.session_count());
        std::vector<KernelContext::Grid> grids(frame.session_count());
        for (std::size_t t = s0 + 1; t <= last; ++t) {
            HSL_TRY(row[t], market::sale_tax_e7(taxed, frame.sessions[t], share_class));
            context.highest_tax_e7 = std::max(context.highest_tax_e7, row[t]);
            grids[t] = grid_on(market, frame.sessions[t], share_class);
        }
        context.sale_tax_e7.push_back(std::move(row));
        context.grids.push_back(std::move(grids));
    }
    return context;
}

SetTally::SetTally(std::size_t sessions)
    : cash_flow(sessions), held(sessions), opened(sessions), closed(sessions) {}

void SetTally::add(const SetTally& other) {
    const auto add_series = [](std::vector<double>& sums, const std::vector<double>& more) {
        HSL_ASSERT(sums.size() == more.size());
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
    };
    add_series(cash_flow, other.cash_flow);
    add_series(held, other.held);
    add_series(opened, other.opened);
    add_series(closed, other.closed);
    trades += other.trades;
    wins += other.wins;
    gains += other.gains;
    losses += other.losses;
    bought += other.bought;
    sold += other.sold;
    commission += other.commission;
    tax += other.tax;
    slippage += other.slippage;
    skipped_entries += other.skipped_entries;
    accounts += other.accounts;
    dividends += other.dividends;
    delisted.insert(delisted.end(), other.delisted.begin(), other.delisted.end());
    overflow = overflow || other.overflow;
}

void SetTally::check() {
    // Every term is positive, so a sum that was rounded on the way has a large end.
    for (const double sum : {gains, losses, bought, sold, commission, tax, slippage, dividends})
        overflow = overflow || sum >= exact_below;
    for (const double sum : held) overflow = overflow || sum >= exact_below;
}

std::vector<double> SetTally::cash() const {
    std::vector<double> sums(cash_flow.size());
    double sum = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sum += cash_flow[i];
    return sums;
}

}  // namespace hsl::portfolio
