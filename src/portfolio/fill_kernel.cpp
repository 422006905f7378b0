// SPDX-License-Identifier: Apache-2.0
#include "portfolio/fill_kernel.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "market/rules.hpp"

namespace hsl::portfolio {
namespace {

// Whole numbers below this are exact in a double.
constexpr double exact_below = 0x1p53;

// What is not in the tables.
constexpr market::TickStep whole_won{std::numeric_limits<std::int64_t>::max(), 1};

KernelContext::Grid grid_on(const market::TradedAs& as, Date date) {
    const auto steps = market::tick_steps(as.market, date, as.share_class);
    const auto rules = market::SessionRules::find(as.market, date, as.share_class, as.multiple);
    const int ratio = market::ratio_percent(as, date);
    return {steps ? steps->data() : &whole_won, rules ? rules->limit_percent() : ratio, ratio};
}

// What a lane is traded as, by session.
std::vector<market::Lane::Trading> trading_of(const market::Lane& lane) {
    return lane.trading.empty() ? std::vector{market::Lane::Trading{0, lane.traded_as(0)}}
                                : lane.trading;
}

// The rules of the sessions (s0, last] for what is traded as one thing all the time.
struct RulesRow {
    market::TradedAs as;
    std::vector<std::int64_t> sale_tax_e7;
    std::vector<KernelContext::Grid> grids;
};

class RulesRows {
public:
    explicit RulesRows(const KernelContext& context, market::Market unknown_is)
        : context_{context}, unknown_is_{unknown_is} {}

    Result<const RulesRow*> of(const market::TradedAs& as) {
        const auto found = std::ranges::find(rows_, as, &RulesRow::as);
        if (found != rows_.end()) return &*found;
        const std::span<const Date> sessions = context_.frame->sessions;
        const market::Market taxed = as.market == market::Market::unknown ? unknown_is_ : as.market;
        RulesRow row{.as = as,
                     .sale_tax_e7 = std::vector<std::int64_t>(sessions.size()),
                     .grids = std::vector<KernelContext::Grid>(sessions.size())};
        for (std::size_t t = context_.s0 + 1; t <= context_.last; ++t) {
            HSL_TRY(row.sale_tax_e7[t], market::sale_tax_e7(taxed, sessions[t], as.share_class));
            row.grids[t] = grid_on(as, sessions[t]);
        }
        return &rows_.emplace_back(std::move(row));
    }

private:
    const KernelContext& context_;
    market::Market unknown_is_;
    std::deque<RulesRow> rows_;
};

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
    RulesRows rules{context, unknown_is};
    std::vector<std::vector<market::Lane::Trading>> kinds;
    for (const market::Lane& lane : frame.lanes) {
        const std::vector<market::Lane::Trading> trading = trading_of(lane);
        const auto found = std::ranges::find(kinds, trading);
        context.rules_row.push_back(static_cast<std::uint32_t>(found - kinds.begin()));
        if (found != kinds.end()) continue;
        kinds.push_back(trading);
        std::vector<std::int64_t>& tax = context.sale_tax_e7.emplace_back(frame.session_count());
        std::vector<KernelContext::Grid>& grids = context.grids.emplace_back(frame.session_count());
        for (std::size_t i = 0; i < trading.size(); ++i) {
            HSL_TRY(const RulesRow* const row, rules.of(trading[i].as));
            const std::size_t first = std::max(s0 + 1, trading[i].session);
            const std::size_t end =
                std::min(last + 1, i + 1 < trading.size() ? trading[i + 1].session : last + 1);
            for (std::size_t t = first; t < end; ++t) {
                tax[t] = row->sale_tax_e7[t];
                grids[t] = row->grids[t];
                context.highest_tax_e7 = std::max(context.highest_tax_e7, tax[t]);
            }
        }
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
