// SPDX-License-Identifier: Apache-2.0
#include "backtest/reference_engine.hpp"

#include <algorithm>
#include <cmath>
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
    std::int64_t entry_price = 0;
    std::size_t entry_session = 0;
    std::int64_t highest_high = 0;  // of the sessions from the entry to the one before
};

struct WaitingExit {
    Reason reason{};
    std::size_t signal_session = 0;
};

// One lane's account, moved forward one session at a time.
class Account {
public:
    Account(const market::Frame& frame, std::size_t lane, std::size_t last,
            const portfolio::TradeRules& rules, market::Market market)
        : frame_(frame), lane_(lane), last_(last), rules_(rules), market_(market) {}

    // Before any other session: decides at its close, trades nothing.
    void open_at(std::size_t t, bool entry, bool exit) {
        bar_ = bar_of(t);
        decide(t, entry, exit);
    }

    [[nodiscard]] Result<void> live_through(std::size_t t, bool entry, bool exit) {
        previous_close_ = bar_.close;
        bar_ = bar_of(t);
        HSL_CHECK(trade_at_open(t));
        HSL_CHECK(trade_at_levels(t));
        if (t == frame_.lanes[lane_].last && t < last_) {
            if (position_) {
                const bool cut = frame_.lanes[lane_].end == market::LaneEnd::cut;
                HSL_CHECK(sell(t, {cut ? Reason::cut : Reason::last_row, t}, bar_.close, 0));
            }
            waiting_.reset();
        }
        if (position_) position_->highest_high = std::max(position_->highest_high, bar_.high);
        decide(t, entry, exit);
        return {};
    }

    [[nodiscard]] std::int64_t held() const {
        return position_ ? position_->shares * bar_.close : 0;
    }
    [[nodiscard]] std::int64_t equity() const { return cash_ + held(); }

    std::vector<Fill> fills;
    std::int64_t skipped_entries = 0;

private:
    DayBar bar_of(std::size_t t) const {
        const auto whole = [&](Field field) {
            const double number = frame_.column(field).at(lane_, t);
            const auto integer = static_cast<std::int64_t>(number);
            HSL_ASSERT(static_cast<double>(integer) == number);
            return integer;
        };
        return {whole(Field::open),  whole(Field::high),   whole(Field::low),
                whole(Field::close), whole(Field::volume), whole(Field::value)};
    }

    bool halted() const {
        return bar_.volume == 0 && bar_.open == bar_.high && bar_.high == bar_.low &&
               bar_.low == bar_.close;
    }
    using LockRule = bool(double, double, double, double, double);
    bool locked(LockRule& rule) const {
        const auto won = [](std::int64_t price) { return static_cast<double>(price); };
        return rule(won(bar_.open), won(bar_.high), won(bar_.low), won(bar_.close),
                    won(previous_close_));
    }
    bool locked_upper() const { return locked(market::locked_upper); }
    bool locked_lower() const { return locked(market::locked_lower); }

    Result<void> trade_at_open(std::size_t t) {
        if (position_ && waiting_ && !halted() && !locked_lower())
            HSL_CHECK(sell_slipped(t, *waiting_, static_cast<double>(bar_.open)));
        if (pending_entry_) {
            if (!halted() && !locked_upper()) buy(t, *pending_entry_);
            pending_entry_.reset();
        }
        return {};
    }

    void buy(std::size_t t, std::size_t decided) {
        // Rounded up, no higher than the day's limit allows.
        const std::int64_t factor = million + rules_.slippage_e6;
        const std::int64_t slipped = (bar_.open * factor + million - 1) / million;
        const std::int64_t highest = std::max(bar_.open, previous_close_ * 13 / 10);
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
        position_ = Position{.shares = possible, .entry_price = price, .entry_session = t};
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
        const auto paid = static_cast<double>(position_->entry_price);
        std::optional<double> stop;
        Reason reason = Reason::stop_loss;
        if (!std::isnan(rules_.stop_loss)) stop = paid * (1 - rules_.stop_loss);
        if (!std::isnan(rules_.trailing_stop)) {
            const double peak =
                t == position_->entry_session ? paid : static_cast<double>(position_->highest_high);
            const double level = (1 - rules_.trailing_stop) * peak;
            if (!stop || level > *stop) {
                stop = level;
                reason = Reason::trailing_stop;
            }
        }
        const auto open = static_cast<double>(bar_.open);
        if (stop && static_cast<double>(bar_.low) <= *stop) {
            if (locked_lower())
                waiting_ = WaitingExit{reason, t};
            else
                HSL_CHECK(sell_slipped(t, {reason, t}, open <= *stop ? open : *stop));
            return {};
        }
        if (!std::isnan(rules_.take_profit)) {
            const double target = paid * (1 + rules_.take_profit);
            if (static_cast<double>(bar_.high) >= target) {
                if (locked_lower())
                    waiting_ = WaitingExit{Reason::take_profit, t};
                else
                    HSL_CHECK(sell(t, {Reason::take_profit, t},
                                   static_cast<std::int64_t>(open >= target ? open : target), 0));
            }
        }
        return {};
    }

    Result<void> sell_slipped(std::size_t t, WaitingExit exit, double price) {
        const auto fair = static_cast<std::int64_t>(price);
        const auto slipped =
            static_cast<std::int64_t>(price * static_cast<double>(million - rules_.slippage_e6) /
                                      static_cast<double>(million));
        const std::int64_t lowest = std::min(fair, (previous_close_ * 7 + 9) / 10);
        const std::int64_t sale = std::max(slipped, lowest);
        return sell(t, exit, sale, fair - sale);
    }

    Result<void> sell(std::size_t t, WaitingExit exit, std::int64_t price,
                      std::int64_t slippage_a_share) {
        const std::int64_t shares = position_->shares;
        const std::int64_t value = shares * price;
        HSL_TRY(const std::int64_t tax_rate, market::sale_tax_e7(market_, frame_.sessions[t]));
        const std::int64_t commission = market::cost_won(value, rules_.commission_e7);
        const std::int64_t tax = market::cost_won(value, tax_rate);
        cash_ += value - commission - tax;
        position_.reset();
        waiting_.reset();
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
    market::Market market_;

    DayBar bar_{};
    std::int64_t previous_close_ = 0;
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

    const market::Market market =
        of.instrument.market == market::Market::unknown ? unknown_is : of.instrument.market;
    Account account{frame, lane, last, rules, market};
    const std::size_t opens = std::max(s0, of.first);
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
    return found;
}

}  // namespace hsl::backtest
