// SPDX-License-Identifier: Apache-2.0
#include "backtest/reference_engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/assert.hpp"
#include "market/rules.hpp"

namespace hsl::backtest {
namespace {

using market::Field;
using portfolio::Fill;
using portfolio::Reason;
using portfolio::Side;

constexpr std::int64_t million = 1'000'000;

struct DayBar {
    std::int64_t open, high, low, close, volume, value;
};

struct Position {
    std::int64_t shares = 0;
    std::map<std::size_t, std::int64_t> unlisted = {};  // of them, by the session they can be sold
    double entry_price = 0;                             // in today's terms
    std::size_t entry_session = 0;
    double highest_high = 0;  // of the sessions from the entry to the one before, in today's terms
};

struct Dividend {
    std::size_t known = 0, payment = 0;
    std::int64_t won = 0;
};

__extension__ using Wide = __int128;
std::int64_t part(std::int64_t whole, std::int64_t numerator, std::int64_t denominator) {
    return static_cast<std::int64_t>(static_cast<Wide>(whole) * numerator / denominator);
}

struct WaitingExit {
    Reason reason{};
    std::size_t signal_session = 0;
};

// One lane's account, moved forward one session at a time.
class Account {
public:
    Account(const market::Frame& frame, std::size_t lane, std::size_t last,
            const portfolio::TradeRules& rules, market::Market unknown_is)
        : frame_(frame), lane_(lane), last_(last), rules_(rules), unknown_is_(unknown_is) {}

    // Before any other session: decides at its close, trades nothing.
    void open_at(std::size_t t, bool entry, bool exit) {
        bar_ = bar_of(t);
        halted_ = !frame_.traded.at(lane_, t);
        day_trades_ = frame_.traded_on_day(lane_, t);
        today_ = t;
        decide(t, entry, exit);
    }

    [[nodiscard]] Result<void> live_through(std::size_t t, bool entry, bool exit) {
        // Limits hold for a day, counted from the close of the day before.
        if (frame_.sessions[t] != frame_.sessions[t - 1]) {
            previous_close_ = bar_.close;
            was_halted_ = !day_trades_;
            day_trades_ = false;
            day_first_ = t;
        }
        bar_ = bar_of(t);
        halted_ = !frame_.traded.at(lane_, t);
        day_trades_ = day_trades_ || !halted_;
        find_limits(t);
        take_actions(t);
        collect(t);
        HSL_CHECK(trade_at_open(t));
        HSL_CHECK(trade_at_levels(t));
        if (t == frame_.lanes[lane_].last && t < last_) {
            if (position_) {
                const std::int64_t before = cash_;
                HSL_CHECK(sell(t, {reason_of(of().end), t}, bar_.close, 0, position_->shares));
                if (of().end == market::LaneEnd::delisted) delisted_proceeds = cash_ - before;
            }
            waiting_.reset();
        }
        if (position_)
            position_->highest_high =
                std::max(position_->highest_high, static_cast<double>(bar_.high));
        for (const Dividend& dividend : dividends_)
            if (dividend.known == t) dividends += dividend.won;
        today_ = t;
        decide(t, entry, exit);
        return {};
    }

    [[nodiscard]] std::int64_t held() const {
        return position_ ? position_->shares * bar_.close : 0;
    }
    [[nodiscard]] std::int64_t equity() const {
        std::int64_t receivable = 0;
        for (const Dividend& dividend : dividends_)
            if (dividend.known <= today_) receivable += dividend.won;
        return cash_ + receivable + held();
    }

    std::vector<Fill> fills;
    std::int64_t skipped_entries = 0, dividends = 0, delisted_proceeds = 0;

private:
    const market::Lane& of() const { return frame_.lanes[lane_]; }

    static Reason reason_of(market::LaneEnd end) {
        if (end == market::LaneEnd::cut) return Reason::cut;
        if (end == market::LaneEnd::delisted) return Reason::delisting;
        return end == market::LaneEnd::merged ? Reason::merger : Reason::last_row;
    }

    DayBar bar_of(std::size_t t) const {
        const auto whole = [&](Field field) {
            const double number = frame_.raw(field).at(lane_, t);
            const auto integer = static_cast<std::int64_t>(number);
            HSL_ASSERT(static_cast<double>(integer) == number);
            return integer;
        };
        return {whole(Field::open),  whole(Field::high),   whole(Field::low),
                whole(Field::close), whole(Field::volume), whole(Field::value)};
    }

    bool halted() const { return halted_; }

    // Exact for raw prices, where the tables go back so far; in liquidation trading there are none.
    void find_limits(std::size_t t) {
        const market::TradedAs as = of().traded_as(t);
        const int percent = market::ratio_percent(as, frame_.sessions[t]);
        limits_ = {previous_close_ * (100 + percent) / 100,
                   percent < 100 ? (previous_close_ * (100 - percent) + 99) / 100 : 0};
        locks_ = {};
        const bool one_price =
            !halted_ && bar_.open == bar_.high && bar_.high == bar_.low && bar_.low == bar_.close;
        bool free = false;
        for (const market::SessionRange& range : of().liquidation)
            free = free || (range.first <= t && t <= range.last);
        const Date date = frame_.sessions[t];
        if (one_price && !free)
            locks_ = {100 * bar_.close >= (99 + percent) * previous_close_,
                      100 * bar_.close <= (101 - percent) * previous_close_};
        barred_ = free;
        for (const market::SessionRange& range : of().uncommon)
            barred_ = barred_ || (range.first <= t && t <= range.last);
        if (!of().is_raw() && !free) return;

        std::int64_t base = up_to_tick(t, previous_close_);
        for (const market::LaneAction& action : of().actions)
            if (action.session == day_first_ && action.factor != market::PriceFactor{}) {
                base = action.base;
                free = free || was_halted_;
            }
        const auto exact = market::price_limits(as.market, date, base, as.share_class, as.multiple);
        if (free) {
            if (!of().is_raw()) {
                locks_ = {};
                return;
            }
            limits_ = {std::numeric_limits<std::int64_t>::max(), 0};
            locks_ = {};
        } else if (exact) {
            limits_ = {exact->upper, exact->lower};
            locks_ = {one_price && bar_.close >= exact->upper,
                      one_price && bar_.close <= exact->lower};
        }
    }
    bool locked_upper() const { return locks_.upper || barred_; }
    bool locked_lower() const { return locks_.lower; }

    std::int64_t tick(std::size_t t, std::int64_t price) const {
        const market::TradedAs as = of().traded_as(t);
        return market::tick_size(as.market, frame_.sessions[t], std::max<std::int64_t>(price, 1),
                                 as.share_class)
            .value_or(1);
    }
    std::int64_t up_to_tick(std::size_t t, std::int64_t price) const {
        const std::int64_t step = tick(t, price);
        return (price + step - 1) / step * step;
    }
    std::int64_t down_to_tick(std::size_t t, std::int64_t price) const {
        return price / tick(t, price) * tick(t, price);
    }

    // --- corporate actions, before the open, to what was held at the last close -----------------

    void take_actions(std::size_t t) {
        for (const market::LaneAction& action : of().actions) {
            if (action.session != t || !position_) continue;
            switch (action.action.kind) {
                case market::ActionKind::cash_dividend:
                    earn(action);
                    break;
                case market::ActionKind::rights_issue:
                    take_rights(t, action);
                    break;
                default:
                    exchange(t, action);
            }
            if (position_->shares == 0) {
                position_.reset();
                waiting_.reset();
                return;
            }
            position_->entry_price = market::times(position_->entry_price, action.factor);
            position_->highest_high = market::times(position_->highest_high, action.factor);
        }
    }

    void earn(const market::LaneAction& action) {
        const std::int64_t gross = part(position_->shares, action.action.amount_e4, 10'000);
        const std::int64_t net = gross - part(gross, portfolio::dividend_tax_e3, 1'000);
        if (net > 0) dividends_.push_back({action.known, action.payment, net});
    }

    // Whole shares; what is left over is paid at the new reference price.
    void exchange(std::size_t t, const market::LaneAction& of_action) {
        const market::CorporateAction& action = of_action.action;
        const std::int64_t before = position_->shares;
        const std::int64_t after = part(before, action.shares_after, action.shares_before);
        const auto remainder = static_cast<std::int64_t>(
            static_cast<Wide>(before) * action.shares_after % action.shares_before);
        cash_ += part(remainder, of_action.base, action.shares_before);
        const bool bonus = action.kind == market::ActionKind::bonus_issue;
        if (!bonus)
            for (auto& [session, shares] : position_->unlisted)
                shares = part(shares, action.shares_after, action.shares_before);
        position_->shares = after;
        if (bonus && of_action.listing > t)
            position_->unlisted[of_action.listing] += after - before;
    }

    void take_rights(std::size_t t, const market::LaneAction& of_action) {
        const market::CorporateAction& action = of_action.action;
        if (of_action.factor == market::PriceFactor{}) return;  // the right is worth nothing
        const std::int64_t added = action.shares_after - action.shares_before;
        // All of it: shares x (close - theoretical price).
        const std::int64_t value = part(position_->shares * of_action.previous,
                                        of_action.factor.denominator - of_action.factor.numerator,
                                        of_action.factor.denominator);
        std::int64_t taken = 0;
        if (rules_.rights == portfolio::Rights::subscribe && action.issue_price > 0)
            taken = std::min(part(position_->shares, added, action.shares_before),
                             cash_ / action.issue_price);
        // In units of 1 / shares_before new shares.
        const std::int64_t offered = position_->shares * added;
        const std::int64_t sold = offered - taken * action.shares_before;
        cash_ += part(value, sold, offered) - taken * action.issue_price;
        position_->shares += taken;
        if (taken > 0 && of_action.listing > t) position_->unlisted[of_action.listing] += taken;
    }

    // Dividends that are paid by this morning.
    void collect(std::size_t t) {
        std::erase_if(dividends_, [&](const Dividend& dividend) {
            if (dividend.payment > t) return false;
            if (dividend.known == t) dividends += dividend.won;
            cash_ += dividend.won;
            return true;
        });
    }

    std::int64_t saleable(std::size_t t) const {
        std::int64_t shares = position_->shares;
        for (const auto& [session, unlisted] : position_->unlisted)
            if (session > t) shares -= unlisted;
        return shares;
    }

    // --- orders ----------------------------------------------------------------------------------

    Result<void> trade_at_open(std::size_t t) {
        if (position_ && waiting_ && !halted() && !locked_lower() && saleable(t) > 0)
            HSL_CHECK(sell_at_open(t, *waiting_));
        if (pending_entry_) {
            if (!halted() && !locked_upper()) buy(t, *pending_entry_);
            pending_entry_.reset();
        }
        return {};
    }

    void buy(std::size_t t, std::size_t decided) {
        // Rounded up, no higher than the day's limit allows.
        const std::int64_t factor = million + rules_.slippage_e6;
        std::int64_t slipped = (bar_.open * factor + million - 1) / million;
        if (of().is_raw() && slips()) slipped = up_to_tick(t, slipped);
        for (int i = 0; i < rules_.slippage_ticks; ++i) slipped += tick(t, slipped);
        const std::int64_t highest = std::max(bar_.open, limits_.upper);
        const std::int64_t price = std::min(slipped, highest);

        // The largest number of shares by halving, since both conditions only get harder.
        std::int64_t possible = 0, impossible = cash_ / price + 1;
        while (impossible - possible > 1) {
            const std::int64_t middle = possible + (impossible - possible) / 2;
            const std::int64_t value = middle * price;
            const bool paid = value + market::cost_won(value, rules_.commission_e7) <= cash_;
            const bool small =
                std::isinf(rules_.participation) ||
                static_cast<double>(value) <= rules_.participation * mean_value(decided);
            (paid && small ? possible : impossible) = middle;
        }
        if (possible == 0) {
            ++skipped_entries;
            return;
        }
        const std::int64_t value = possible * price;
        const std::int64_t commission = market::cost_won(value, rules_.commission_e7);
        cash_ -= value + commission;
        position_ = Position{
            .shares = possible, .entry_price = static_cast<double>(price), .entry_session = t};
        fills.push_back({.lane = static_cast<std::uint32_t>(lane_),
                         .signal_session = static_cast<std::uint32_t>(decided),
                         .session = static_cast<std::uint32_t>(t),
                         .side = Side::buy,
                         .reason = Reason::entry,
                         .price = price,
                         .shares = possible,
                         .commission = commission,
                         .tax = 0,
                         .slippage = (price - bar_.open) * possible});
    }

    // Mean of the traded value of the last 20 sessions, as many as there are.
    double mean_value(std::size_t t) const {
        std::int64_t sum = 0, count = 0;
        for (std::size_t s = t + 1; s-- > frame_.lanes[lane_].first && count < 20; ++count)
            sum += bar_of(s).value;
        return static_cast<double>(sum) / static_cast<double>(count);
    }

    Result<void> trade_at_levels(std::size_t t) {
        if (!position_ || waiting_ || halted()) return {};
        const double paid = position_->entry_price;
        std::optional<double> stop;
        Reason reason = Reason::stop_loss;
        if (!std::isnan(rules_.stop_loss))
            stop = portfolio::level_of(paid, portfolio::level_parts(-rules_.stop_loss));
        if (!std::isnan(rules_.trailing_stop)) {
            const double peak = t == position_->entry_session ? paid : position_->highest_high;
            const double level =
                portfolio::level_of(peak, portfolio::level_parts(-rules_.trailing_stop));
            if (!stop || level > *stop) {
                stop = level;
                reason = Reason::trailing_stop;
            }
        }
        const auto open = static_cast<double>(bar_.open);
        if (stop && static_cast<double>(bar_.low) <= *stop) {
            if (locked_lower())
                waiting_ = WaitingExit{reason, t};
            else if (open <= *stop)
                HSL_CHECK(sell_at_open(t, {reason, t}));
            else
                HSL_CHECK(sell_at_level(t, {reason, t}, *stop));
            return {};
        }
        if (!std::isnan(rules_.take_profit)) {
            const double target =
                portfolio::level_of(paid, portfolio::level_parts(rules_.take_profit));
            if (static_cast<double>(bar_.high) >= target) {
                if (locked_lower()) {
                    waiting_ = WaitingExit{Reason::take_profit, t};
                    return {};
                }
                std::int64_t price = bar_.open;
                if (open < target) {
                    price = static_cast<std::int64_t>(target);
                    if (of().is_raw()) price = down_to_tick(t, price);
                }
                HSL_CHECK(sell(t, {Reason::take_profit, t}, price, 0, saleable(t)));
            }
        }
        return {};
    }

    bool slips() const { return rules_.slippage_e6 > 0 || rules_.slippage_ticks > 0; }

    Result<void> sell_at_open(std::size_t t, WaitingExit exit) {
        const std::int64_t worse = slipped_down(t, static_cast<double>(bar_.open), slips());
        const std::int64_t sale = std::max(worse, std::min(bar_.open, limits_.lower));
        return sell(t, exit, sale, bar_.open - sale, saleable(t));
    }

    Result<void> sell_at_level(std::size_t t, WaitingExit exit, double level) {
        auto fair = static_cast<std::int64_t>(level);
        if (of().is_raw()) fair = down_to_tick(t, fair);
        const std::int64_t sale =
            of().is_raw() && !slips()
                ? fair
                : std::max(slipped_down(t, level, true), std::min(fair, limits_.lower));
        return sell(t, exit, sale, fair - sale, saleable(t));
    }

    std::int64_t slipped_down(std::size_t t, double price, bool to_grid) const {
        auto slipped =
            static_cast<std::int64_t>(price * static_cast<double>(million - rules_.slippage_e6) /
                                      static_cast<double>(million));
        if (of().is_raw() && to_grid) slipped = down_to_tick(t, slipped);
        for (int i = 0; i < rules_.slippage_ticks && slipped > 1; ++i)
            slipped -= tick(t, slipped - 1);
        return slipped;
    }

    // What cannot be sold yet waits for the open of the first session that it can be sold on.
    Result<void> sell(std::size_t t, WaitingExit exit, std::int64_t price,
                      std::int64_t slippage_a_share, std::int64_t shares) {
        const std::int64_t value = shares * price;
        const market::TradedAs as = of().traded_as(t);
        const market::Market market =
            as.market == market::Market::unknown ? unknown_is_ : as.market;
        HSL_TRY(const std::int64_t tax_rate,
                market::sale_tax_e7(market, frame_.sessions[t], as.share_class));
        const std::int64_t commission = market::cost_won(value, rules_.commission_e7);
        const std::int64_t tax = market::cost_won(value, tax_rate);
        cash_ += value - commission - tax;
        position_->shares -= shares;
        waiting_ = exit;
        if (position_->shares == 0) {
            position_.reset();
            waiting_.reset();
        }
        fills.push_back({.lane = static_cast<std::uint32_t>(lane_),
                         .signal_session = static_cast<std::uint32_t>(exit.signal_session),
                         .session = static_cast<std::uint32_t>(t),
                         .side = Side::sell,
                         .reason = exit.reason,
                         .price = price,
                         .shares = shares,
                         .commission = commission,
                         .tax = tax,
                         .slippage = slippage_a_share * shares});
        return {};
    }

    void decide(std::size_t t, bool entry, bool exit) {
        if (waiting_) return;
        if (position_) {
            const auto age = static_cast<int>(t - position_->entry_session) + 1;
            if (exit)
                waiting_ = WaitingExit{Reason::exit, t};
            else if (rules_.max_hold > 0 && age >= rules_.max_hold)
                waiting_ = WaitingExit{Reason::max_hold, t};
        } else if (entry && !exit) {
            pending_entry_ = t;
        }
    }

    const market::Frame& frame_;
    std::size_t lane_, last_;
    const portfolio::TradeRules& rules_;
    market::Market unknown_is_;

    struct Limits {
        std::int64_t upper = 0, lower = 0;
    };
    struct Locks {
        bool upper = false, lower = false;
    };

    DayBar bar_{};
    std::int64_t previous_close_ = 0;
    std::size_t today_ = 0, day_first_ = 0;
    bool halted_ = false, day_trades_ = false;
    bool was_halted_ = false;  // the day before
    Limits limits_;
    Locks locks_;
    bool barred_ = false;  // nothing is bought
    std::vector<Dividend> dividends_;
    std::int64_t cash_ = portfolio::opening_cash_won;
    std::optional<Position> position_;
    std::optional<WaitingExit> waiting_;
    std::optional<std::size_t> pending_entry_;  // the session that decided it
};

}  // namespace

Result<ReferenceAccount> trade_one_lane(const market::Frame& frame, std::size_t lane,
                                        std::size_t s0, std::size_t last,
                                        const portfolio::TradeRules& rules,
                                        market::Market unknown_is, std::span<const bool> entry,
                                        std::span<const bool> exit) {
    ReferenceAccount found;
    found.equity.assign(last + 1 - s0, 0);
    found.held.assign(last + 1 - s0, 0);
    const market::Lane& of = frame.lanes[lane];
    if (of.first > last || of.last < s0) return found;

    Account account{frame, lane, last, rules, unknown_is};
    const std::size_t opens = std::max(s0, frame.day_last(of.first));
    for (std::size_t t = opens; t <= std::min(of.last, last); ++t) {
        if (t == opens)
            account.open_at(t, entry[t], exit[t]);
        else
            HSL_CHECK(account.live_through(t, entry[t], exit[t]));
        found.equity[t - s0] = account.equity();
        found.held[t - s0] = account.held();
    }
    found.fills = std::move(account.fills);
    found.skipped_entries = account.skipped_entries;
    found.dividends = account.dividends;
    found.delisted_proceeds = account.delisted_proceeds;
    return found;
}

}  // namespace hsl::backtest
