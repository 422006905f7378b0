// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include "portfolio/detail/exact_prices.hpp"
#include "portfolio/detail/lane_ops.hpp"
#include "portfolio/detail/walk_parts.hpp"
#include "portfolio/fill_kernel.hpp"

namespace hsl::portfolio {
namespace {

using detail::infinity;
using detail::never;
using detail::whole_below;

__extension__ using Wide = __int128;

// floor(whole x numerator / denominator)
std::int64_t part(std::int64_t whole, std::int64_t numerator, std::int64_t denominator) {
    return static_cast<std::int64_t>(static_cast<Wide>(whole) * numerator / denominator);
}

}  // namespace

// A position is walked in pieces: from one corporate action to the next its shares and levels stay
// as they are, so each piece is swept by the same vector code as elsewhere. Sessions are counted
// from the walker's base ("u").
struct TileWalker::RawWalk {
    // A lane's share count between two events, and what it may come to.
    struct Position {
        std::size_t bought = 0;
        std::int64_t shares = 0;
        double paid = 0;           // the entry fill in today's terms
        double peak = -infinity;   // highest high before the piece, in today's terms
        std::int64_t balance = 0;  // received - spent so far
        // New shares by the session they can be sold from; they are among `shares`.
        struct Unlisted {
            std::size_t session;
            std::int64_t shares;
        };
        std::vector<Unlisted> unlisted;

        void lock(std::size_t session, std::int64_t count) {
            const auto same = std::ranges::find(unlisted, session, &Unlisted::session);
            if (same != unlisted.end())
                same->shares += count;
            else
                unlisted.push_back({session, count});
        }
        std::int64_t saleable(std::size_t u) const {
            std::int64_t count = shares;
            for (const Unlisted& batch : unlisted)
                if (batch.session > u) count -= batch.shares;
            return count;
        }
    };
    // An exit on its way to the first open that allows it; `first` never: none.
    struct Waiting {
        std::size_t first = never;
        std::size_t decided = never;
        Reason reason = Reason::exit;
    };
    // A level that was reached.
    struct Reached {
        std::size_t session = never;
        Reason reason = Reason::stop_loss;
        double level = 0;
    };
    struct Due {
        std::size_t payment;
        std::int64_t won;
    };

    LaneResult run() {
        if (!account.exists) return {};
        ++sums.accounts;
        move(account.first, opening_cash_won);
        tally.opened[account.first - before_s0] += static_cast<double>(opening_cash_won);
        for (std::size_t decided = entry.next(account.first); decided != never;) {
            const std::size_t bought = decided + 1;
            collect(bought);
            decided = buy(bought) ? entry_after(hold()) : entry.next(bought);
        }
        std::int64_t money = cash;
        for (const Due& due : dues) money += due.won;
        const std::int64_t equity = money + marked;
        if (ends_early) {
            tally.closed[account.last - before_s0] += static_cast<double>(equity);
            flow[account.last + 1] -= static_cast<double>(money);
        }
        sums.trades += trades;
        return {static_cast<double>(equity), trades};
    }

    std::size_t entry_after(std::size_t flat_from) const {
        return flat_from == never ? never : entry.next(flat_from);
    }

    void move(std::size_t u, std::int64_t won) {
        cash += won;
        flow[u] += static_cast<double>(won);
    }

    // Dividends that are paid by the morning of u. They were counted when they became known.
    void collect(std::size_t u) {
        std::erase_if(dues, [&](const Due& due) {
            if (due.payment > u) return false;
            cash += due.won;
            return true;
        });
    }

    // --- orders ----------------------------------------------------------------------------------

    bool buy(std::size_t u) {
        const std::int64_t price = whole_below(quote[u].buy);
        const auto [shares, value, commission] =
            terms.purchase(cash, static_cast<double>(price), quote[u].mean_value);
        if (shares == 0) {
            ++sums.skipped_entries;
            return false;
        }
        const std::int64_t slippage = (price - whole_below(quote[u].open)) * shares;
        position = {};
        position.bought = u;
        position.shares = shares;
        position.paid = static_cast<double>(price);
        position.balance = -(value + commission);
        move(u, -(value + commission));
        const Fill done =
            fill(u, u - 1, Side::buy, Reason::entry, price, shares, commission, 0, slippage);
        sums.add_buy(done);
        if (fills != nullptr) fills->push_back(done);
        return true;
    }

    void sell(std::size_t u, std::size_t decided, Reason reason, std::int64_t shares,
              std::int64_t price, std::int64_t fair) {
        const std::int64_t value = shares * price;
        const std::int64_t commission = detail::cost(value, terms.commission_e7);
        const std::int64_t tax = detail::cost(value, tax_e7[u]);
        const std::int64_t slippage = (fair - price) * shares;
        const std::int64_t received = value - commission - tax;
        move(u, received);
        position.shares -= shares;
        position.balance += received;
        if (reason == Reason::delisting)
            tally.delisted.push_back({u - before_s0, static_cast<double>(received)});
        const Fill done =
            fill(u, decided, Side::sell, reason, price, shares, commission, tax, slippage);
        sums.add_sale(done);
        if (fills != nullptr) fills->push_back(done);
        if (position.shares == 0) close_trade();
    }

    void close_trade() {
        ++trades;
        sums.add_trade(position.balance);
    }

    // --- corporate actions -----------------------------------------------------------------------

    // Before the open of u, to what was held at the close before.
    void take_actions(std::size_t u) {
        for (; next_action < actions.size() && actions[next_action].session == base + u;
             ++next_action) {
            const market::LaneAction& action = actions[next_action];
            if (position.shares == 0) continue;
            if (action.action.kind == market::ActionKind::cash_dividend)
                earn(action);
            else if (action.action.kind == market::ActionKind::rights_issue)
                take_rights(u, action);
            else
                exchange(u, action);
            position.paid = market::times(position.paid, action.factor);
            position.peak = market::times(position.peak, action.factor);
        }
    }

    void earn(const market::LaneAction& action) {
        const std::int64_t gross = part(position.shares, action.action.amount_e4, 10'000);
        const std::int64_t net = gross - part(gross, dividend_tax_e3, 1'000);
        // What becomes known after the account closed is not there to count.
        if (net <= 0 || action.known > base + account.last) return;
        dues.push_back({action.payment - base, net});
        flow[action.known - base] += static_cast<double>(net);
        tally.dividends += static_cast<double>(net);
    }

    void exchange(std::size_t u, const market::LaneAction& of_action) {
        const market::CorporateAction& action = of_action.action;
        const std::int64_t before = position.shares;
        position.shares = part(before, action.shares_after, action.shares_before);
        const auto remainder = static_cast<std::int64_t>(
            static_cast<Wide>(before) * action.shares_after % action.shares_before);
        pay(u, part(remainder, of_action.base, action.shares_before));
        if (action.kind != market::ActionKind::bonus_issue)
            for (auto& batch : position.unlisted)
                batch.shares = part(batch.shares, action.shares_after, action.shares_before);
        else if (of_action.listing > base + u)
            position.lock(of_action.listing - base, position.shares - before);
    }

    void take_rights(std::size_t u, const market::LaneAction& of_action) {
        if (of_action.factor == market::PriceFactor{}) return;  // the right is worth nothing
        const market::CorporateAction& action = of_action.action;
        const std::int64_t added = action.shares_after - action.shares_before;
        const auto [numerator, denominator] = of_action.factor;
        const std::int64_t value =
            part(position.shares * of_action.previous, denominator - numerator, denominator);
        const bool subscribes = terms.rights == Rights::subscribe && action.issue_price > 0;
        const std::int64_t taken =
            subscribes ? std::min(part(position.shares, added, action.shares_before),
                                  cash / action.issue_price)
                       : 0;
        // In units of 1 / shares_before new shares.
        const std::int64_t offered = position.shares * added;
        pay(u, part(value, offered - taken * action.shares_before, offered) -
                   taken * action.issue_price);
        position.shares += taken;
        if (taken > 0 && of_action.listing > base + u)
            position.lock(of_action.listing - base, taken);
    }

    void pay(std::size_t u, std::int64_t won) {
        move(u, won);
        position.balance += won;
    }

    // --- a position ------------------------------------------------------------------------------

    // Lives through what was just bought: the session from which the account is flat again, `never`
    // when it closes first.
    std::size_t hold() {
        while (next_action < actions.size() &&
               actions[next_action].session <= base + position.bought)
            ++next_action;
        waiting = {};
        for (std::size_t first = position.bought;;) {
            std::size_t last = account.last;
            if (next_action < actions.size())
                last = std::min(last, actions[next_action].session - base - 1);
            const std::size_t flat = live(first, last);
            if (flat != never) return flat;
            if (last == account.last) break;
            first = last + 1;
            collect(first - 1);
            take_actions(first);
            collect(first);
            if (position.shares == 0) {
                close_trade();
                return first;
            }
        }
        const std::int64_t at = whole_below(close[account.last]);
        if (ends_early)
            sell(account.last, account.last, reason_of(of.end), position.shares, at, at);
        else
            marked = position.shares * at;
        return never;
    }

    // One piece, sessions [first, last]: the session of the last sale, `never` when shares are
    // left.
    std::size_t live(std::size_t first, std::size_t last) {
        if (waiting.first == never) {
            const Reached reached = await(first, last);
            if (reached.session != never) {
                keep(first, reached.session);
                sell_at_level(reached);
                if (position.shares == 0) return reached.session;
                waiting = {reached.session + 1, reached.session, reached.reason};
                first = reached.session;
            }
        }
        while (waiting.first <= last) {
            const std::size_t u = next_sale(std::max(first, waiting.first));
            if (u > last) break;
            keep(first, u);
            const std::int64_t open = whole_below(quote[u].open);
            sell(u, waiting.decided, waiting.reason, position.saleable(u),
                 whole_below(quote[u].sell), open);
            if (position.shares == 0) return u;
            waiting.first = u + 1;
            first = u;
        }
        // Sold at the close of an account that ends under it.
        keep(first, last == account.last && ends_early ? last : last + 1);
        return never;
    }

    // The first open at or after u at which some of it can be sold.
    std::size_t next_sale(std::size_t u) const {
        while (u <= account.last && (u = sellable.next(u)) != never && position.saleable(u) <= 0)
            ++u;
        return u;
    }

    // Held through the closes [first, end).
    void keep(std::size_t first, std::size_t end) {
        if (first < end)
            ops.add_scaled(held + first, close + first, end - first,
                           static_cast<double>(position.shares));
    }

    // What ends the position within [first, last]: a level that can be filled there, or else an
    // exit that waits from then on.
    Reached await(std::size_t first, std::size_t last) {
        std::size_t decided = exit.next(first);
        Reason reason = Reason::exit;
        if (terms.max_hold != never && position.bought + terms.max_hold - 1 < decided) {
            decided = position.bought + terms.max_hold - 1;
            reason = Reason::max_hold;
        }
        // No close decides anything at the account's last session.
        if (decided >= account.last) decided = never;
        if (terms.has_levels) {
            const Reached reached = reach(first, std::min(decided, last));
            if (reached.session != never) {
                if (sellable.is_set(reached.session)) return reached;
                // Locked at the lower limit.
                waiting = {reached.session + 1, reached.session, reached.reason};
                return {};
            }
        }
        if (decided <= last)
            waiting = {decided + 1, decided, reason};
        else
            raise_peak(first, last);
        return {};
    }

    // The level that stops the position, given the peak, and why.
    Reached stop_below(double peak) const {
        const double stop = level_of(position.paid, terms.stop_parts);
        const double trailing = level_of(peak, terms.trailing_parts);
        if (terms.trails && trailing > stop)
            return {.reason = Reason::trailing_stop, .level = trailing};
        return {.reason = Reason::stop_loss, .level = stop};
    }

    Reached reach(std::size_t first, std::size_t last) const {
        const double target = level_of(position.paid, terms.target_parts);
        const bool enters = first == position.bought;
        Reached stop = stop_below(enters ? position.paid : position.peak);
        std::size_t u = first;
        if (low[u] > stop.level && high[u] < target) {
            const double before = enters ? -infinity : position.peak;
            const detail::Levels levels{stop_below(before).level, target, terms.trailing_parts};
            if (terms.trails) {
                const detail::Trigger trigger =
                    ops.first_trailing(low, high, first + 1, last + 1, levels);
                u = trigger.session;
                stop = stop_below(std::max(before, trigger.peak));
            } else {
                u = ops.first_reached(low, high, first + 1, last + 1, levels);
            }
            if (u > last) return {};
        }
        if (low[u] <= stop.level) {
            stop.session = u;
            return stop;
        }
        return {.session = u, .reason = Reason::take_profit, .level = target};
    }

    void raise_peak(std::size_t first, std::size_t last) {
        if (!terms.trails) return;
        for (std::size_t u = first; u <= last; ++u)
            position.peak = std::max(position.peak, high[u]);
    }

    // An open beyond the level is the price; else the level, down to a whole tick.
    void sell_at_level(const Reached& reached) {
        const std::size_t u = reached.session;
        const double open = quote[u].open;
        const bool target = reached.reason == Reason::take_profit;
        const bool beyond = target ? open >= reached.level : open <= reached.level;
        const double fair = beyond ? open : reached.level;
        const std::int64_t won =
            beyond ? whole_below(open) : prices.down_to_tick(base + u, whole_below(fair));
        sell(
            u, u, reached.reason, position.saleable(u),
            target ? won : prices.sell(base + u, fair, won, close[context.before(base + u) - base]),
            won);
    }

    const detail::Terms& terms;
    const detail::LaneOps& ops;
    const KernelContext& context;
    detail::ExactPrices prices;
    SetTally& tally;
    Sums& sums;
    std::vector<Fill>* fills;
    FillMaker fill;
    std::size_t base, before_s0;
    const market::Lane& of;
    Account account;
    bool ends_early;
    const Quote* quote;                // [u]
    const double *close, *low, *high;  // [u]
    const std::int64_t* tax_e7;
    BitRow entry, exit, sellable;
    double *flow, *held;
    std::span<const market::LaneAction> actions;

    std::int64_t cash = 0;
    std::int64_t marked = 0;  // value of a position that outlives the run
    std::int32_t trades = 0;
    std::size_t next_action = 0;
    Position position = {};
    Waiting waiting = {};
    std::vector<Due> dues = {};
};

LaneResult TileWalker::walk_raw(const detail::Terms& terms, const Quotes& quotes, std::size_t lane,
                                SetTally& tally, Sums& sums, std::vector<Fill>* fills) const {
    const std::size_t index = tile_ * tile_lanes + lane;
    const std::size_t before_s0 = context_.s0 - base_;
    const Account account = account_of(index);
    RawWalk walk{.terms = terms,
                 .ops = detail::lane_ops(),
                 .context = context_,
                 .prices = exact_prices(terms, lane),
                 .tally = tally,
                 .sums = sums,
                 .fills = fills,
                 .fill = {index, base_},
                 .base = base_,
                 .before_s0 = before_s0,
                 .of = context_.frame->lanes[index],
                 .account = account,
                 .ends_early = account.exists && base_ + account.last < context_.last,
                 .quote = &quotes.at[lane * count_],
                 .close = &close_[lane * row_],
                 .low = &low_[lane * row_],
                 .high = &high_[lane * row_],
                 .tax_e7 = context_.sale_tax_e7[context_.rules_row[index]].data() + base_,
                 .entry = row_of(entry_, entry_summary_, lane),
                 .exit = row_of(exit_, exit_summary_, lane),
                 .sellable = row_of(sellable_, sellable_summary_, lane),
                 .flow = tally.cash_flow.data() - before_s0,
                 .held = tally.held.data() - before_s0,
                 .actions = context_.frame->lanes[index].actions};
    return walk.run();
}

}  // namespace hsl::portfolio
