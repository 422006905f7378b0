// SPDX-License-Identifier: Apache-2.0
#include "portfolio/fill_kernel.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "market/rules.hpp"
#include "portfolio/detail/lane_ops.hpp"

namespace hsl::portfolio {
namespace {

using Bits = std::uint64_t;
constexpr std::size_t never = std::numeric_limits<std::size_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double exact_limit = 0x1p53;
constexpr std::int64_t rate_unit = 10'000'000;  // rates are in 1e-7
constexpr double slippage_unit = 1e6;
// Beyond this a price times (1e6 + slippage) is no whole double any more.
constexpr std::int64_t price_limit = std::int64_t{1} << 32;

// The first set bit at or after `from` in bits[0, words), `never` when there is none.
std::size_t next_set(const Bits* bits, std::size_t from, std::size_t words) {
    std::size_t word = from / 64;
    if (word >= words) return never;
    Bits rest = bits[word] & (~Bits{0} << (from % 64));
    while (rest == 0) {
        if (++word == words) return never;
        rest = bits[word];
    }
    return word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
}

bool is_set(const Bits* bits, std::size_t at) { return ((bits[at / 64] >> (at % 64)) & 1) != 0; }

void clear(Bits* bits, std::size_t words) { std::fill_n(bits, words, Bits{0}); }

// Keeps bits [first, last].
void keep_range(Bits* bits, std::size_t words, std::size_t first, std::size_t last) {
    for (std::size_t word = 0; word < words; ++word) {
        const std::size_t begin = word * 64;
        if (begin > last || begin + 63 < first) {
            bits[word] = 0;
            continue;
        }
        if (first > begin) bits[word] &= ~Bits{0} << (first - begin);
        if (last < begin + 63) bits[word] &= ~Bits{0} >> (begin + 63 - last);
    }
}

std::int64_t whole_below(double x) { return static_cast<std::int64_t>(x); }  // x >= 0
std::int64_t whole_above(double x) {
    const std::int64_t below = whole_below(x);
    return below + (static_cast<double>(below) < x ? 1 : 0);
}

// market::cost_won where the product fits 64 bits, which the kernel's overflow check sees to.
std::int64_t cost(std::int64_t value, std::int64_t rate_e7) { return value * rate_e7 / rate_unit; }

// TradeRules in the form the walk wants.
struct Terms {
    explicit Terms(const TradeRules& rules, std::int64_t highest_tax_e7)
        : stop_factor(std::isnan(rules.stop_loss) ? -infinity : 1 - rules.stop_loss),
          target_factor(std::isnan(rules.take_profit) ? infinity : 1 + rules.take_profit),
          trailing_factor(1 - rules.trailing_stop),
          trails(!std::isnan(rules.trailing_stop)),
          has_levels(trails || !std::isnan(rules.stop_loss) || !std::isnan(rules.take_profit)),
          max_hold(rules.max_hold > 0 ? static_cast<std::size_t>(rules.max_hold) : never),
          buy_factor(slippage_unit + static_cast<double>(rules.slippage_e6)),
          sell_factor(slippage_unit - static_cast<double>(rules.slippage_e6)),
          participation(rules.participation),
          commission_e7(rules.commission_e7),
          affordable(static_cast<double>(rate_unit) /
                     static_cast<double>(rate_unit + rules.commission_e7)),
          value_limit((std::int64_t{1} << 62) /
                      std::max({rules.commission_e7, highest_tax_e7, std::int64_t{1}})) {}

    double stop_factor, target_factor, trailing_factor;  // of the entry fill, of the peak
    bool trails, has_levels;
    std::size_t max_hold;
    double buy_factor, sell_factor;
    double participation;
    std::int64_t commission_e7;
    double affordable;  // gross value a won of cash buys, to within a won
    std::int64_t value_limit;

    // Most that may be spent on a decision of that session, by the traded value before it.
    double spend_limit(double mean_value) const {
        return std::isinf(participation) ? infinity : participation * mean_value;
    }
    std::int64_t buy_price(double open, double previous_close) const {
        const std::int64_t slipped = whole_above(open * buy_factor / slippage_unit);
        const double cap = market::limit_up_ratio * previous_close;
        return std::min(slipped, std::max(whole_below(open), whole_below(cap)));
    }
    std::int64_t sell_price(double base, double previous_close) const {
        const std::int64_t slipped = whole_below(base * sell_factor / slippage_unit);
        const double floor = market::limit_down_ratio * previous_close;
        return std::max(slipped, std::min(whole_below(base), whole_above(floor)));
    }
    // The largest n with n x price + commission <= cash and n x price <= limit. The estimate is off
    // by a share or two at most: both limits are known to within two won.
    std::int64_t shares_for(std::int64_t cash, std::int64_t price, double limit) const {
        const auto fits = [&](std::int64_t n) {
            const std::int64_t value = n * price;
            return value + cost(value, commission_e7) <= cash &&
                   static_cast<double>(value) <= limit;
        };
        const double spend = std::min(static_cast<double>(cash) * affordable, limit);
        auto n = static_cast<std::int64_t>(spend / static_cast<double>(price));
        while (n > 0 && !fits(n)) --n;
        while (fits(n + 1)) ++n;
        return n;
    }
};

std::size_t round_up(std::size_t count, std::size_t unit) {
    return (count + unit - 1) / unit * unit;
}

}  // namespace

Result<KernelContext> make_context(const market::Frame& frame, std::size_t s0, std::size_t last,
                                   market::Market unknown_is) {
    HSL_ASSERT(s0 <= last && last < frame.session_count());
    KernelContext context;
    context.frame = &frame;
    context.s0 = s0;
    context.last = last;
    std::vector<market::Market> classes;
    for (const market::Lane& lane : frame.lanes) {
        const market::Market market =
            lane.instrument.market == market::Market::unknown ? unknown_is : lane.instrument.market;
        const auto found = std::ranges::find(classes, market);
        context.tax_row.push_back(static_cast<std::uint8_t>(found - classes.begin()));
        if (found == classes.end()) classes.push_back(market);
    }
    for (const market::Market market : classes) {
        std::vector<std::int64_t> row(frame.session_count());
        for (std::size_t t = s0 + 1; t <= last; ++t) {
            HSL_TRY(row[t], market::sale_tax_e7(market, frame.sessions[t]));
            context.highest_tax_e7 = std::max(context.highest_tax_e7, row[t]);
        }
        context.sale_tax_e7.push_back(std::move(row));
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
    overflow = overflow || other.overflow;
    // Every term is positive, so a sum that was rounded on the way has a large end.
    for (const double sum : {gains, losses, bought, sold, commission, tax, slippage})
        overflow = overflow || sum >= exact_limit;
    for (const double sum : held) overflow = overflow || sum >= exact_limit;
}

std::vector<double> SetTally::cash() const {
    std::vector<double> sums(cash_flow.size());
    double sum = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sum += cash_flow[i];
    return sums;
}

TileWalker::TileWalker(const KernelContext& context)
    : context_(context),
      base_(context.s0 / 64 * 64),
      row_(round_up(context.last + 1 - base_ + detail::lane_padding, 8)),
      words_(round_up(context.last + 1 - base_, 64) / 64),
      close_(tile_lanes * row_),
      low_(tile_lanes * row_),
      high_(tile_lanes * row_),
      recent_value_(tile_lanes * row_),
      buyable_next_(tile_lanes * words_),
      sellable_(tile_lanes * words_),
      entry_(tile_lanes * words_),
      exit_(tile_lanes * words_) {}

TileWalker::Account TileWalker::account_of(std::size_t lane) const {
    const market::Lane& of = context_.frame->lanes[lane];
    if (of.first > context_.last || of.last < context_.s0) return {};
    return {true, std::max(context_.s0, of.first) - base_,
            std::min(context_.last, of.last) - base_};
}

void TileWalker::load(std::size_t tile) {
    const market::Frame& frame = *context_.frame;
    tile_ = tile;
    lanes_ = frame.lanes_in_tile(tile);
    const std::size_t count = context_.last + 1 - base_;

    // Columns turn on their side a page at a time, so that each cache line is fetched once.
    const double* close = frame.column(market::Field::close).tile(tile);
    const double* low = frame.column(market::Field::low).tile(tile);
    const double* high = frame.column(market::Field::high).tile(tile);
    const std::uint8_t* traded = frame.traded.tile(tile);
    for (std::size_t begin = 0; begin < row_; begin += 64) {
        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
            for (std::size_t u = begin; u < std::min(begin + 64, row_); ++u) {
                const std::size_t t = base_ + u;
                const std::size_t from = t * tile_lanes + lane;
                const std::size_t to = lane * row_ + u;
                // Nothing is reached on a halt, nor outside the lane.
                const bool open = u < count && ((traded[t] >> lane) & 1) != 0;
                close_[to] = u < count ? close[from] : 0;
                low_[to] = open ? low[from] : infinity;
                high_[to] = open ? high[from] : -infinity;
            }
        }
    }
    sum_recent_values();

    const std::uint8_t* buyable = frame.buyable.tile(tile);
    const std::uint8_t* sellable = frame.sellable.tile(tile);
    const detail::LaneOps& ops = detail::lane_ops();
    ops.split(buyable + base_ + 1, count - 1, buyable_next_.data(), words_);
    ops.split(sellable + base_, count, sellable_.data(), words_);
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        Bits* buys = &buyable_next_[lane * words_];
        Bits* sells = &sellable_[lane * words_];
        const Account account = lane < lanes_ ? account_of(tile * tile_lanes + lane) : Account{};
        if (!account.exists || account.first == account.last) {
            clear(buys, words_);
            clear(sells, words_);
            continue;
        }
        keep_range(buys, words_, account.first, account.last - 1);
        keep_range(sells, words_, account.first + 1, account.last);
    }
}

// Sums of the traded value over the 20 sessions up to each, fewer at a lane's start.
void TileWalker::sum_recent_values() {
    const market::Frame& frame = *context_.frame;
    const double* value = frame.column(market::Field::value).tile(tile_);
    const std::size_t lookback = participation_sessions - 1;
    inexact_ = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const std::size_t index = tile_ * tile_lanes + lane;
        const Account account = account_of(index);
        if (!account.exists) continue;
        const std::size_t opens = base_ + account.first;
        const std::size_t first =
            std::max(frame.lanes[index].first, opens > lookback ? opens - lookback : 0);
        double sum = 0;
        double highest = 0;
        for (std::size_t t = first; t <= base_ + account.last; ++t) {
            sum += value[t * tile_lanes + lane];
            if (t > first + lookback) sum -= value[(t - lookback - 1) * tile_lanes + lane];
            highest = std::max(highest, sum);
            if (t >= opens) recent_value_[lane * row_ + (t - base_)] = sum;
        }
        inexact_ = inexact_ || !(highest < exact_limit);
    }
}

// What one set does in one tile, in whole won.
struct TileWalker::Sums {
    std::int64_t trades = 0, wins = 0, gains = 0, losses = 0, bought = 0, sold = 0;
    std::int64_t commission = 0, tax = 0, slippage = 0, skipped_entries = 0, accounts = 0;
    bool overflow = false;

    void add_to(SetTally& tally) const {
        tally.trades += trades;
        tally.wins += wins;
        tally.gains += static_cast<double>(gains);
        tally.losses += static_cast<double>(losses);
        tally.bought += static_cast<double>(bought);
        tally.sold += static_cast<double>(sold);
        tally.commission += static_cast<double>(commission);
        tally.tax += static_cast<double>(tax);
        tally.slippage += static_cast<double>(slippage);
        tally.skipped_entries += skipped_entries;
        tally.accounts += accounts;
        tally.overflow = tally.overflow || overflow;
    }
};

// One set on one lane. Sessions are counted from the walker's base here ("u").
struct TileWalker::LaneWalk {
    LaneWalk(const TileWalker& walker, const Terms& terms_of_set, SetTally& tally_of_set,
             Sums& sums_of_set, std::vector<Fill>* fills_of_set, std::size_t lane)
        : terms(terms_of_set),
          ops(detail::lane_ops()),
          tally(tally_of_set),
          sums(sums_of_set),
          fills(fills_of_set),
          base(walker.base_),
          before_s0(walker.context_.s0 - walker.base_),
          words(walker.words_),
          index(walker.tile_ * tile_lanes + lane),
          of(walker.context_.frame->lanes[index]),
          account(walker.account_of(index)),
          ends_early(of.last < walker.context_.last),
          open(walker.context_.frame->column(market::Field::open).tile(walker.tile_) +
               base * tile_lanes + lane),
          close(&walker.close_[lane * walker.row_]),
          low(&walker.low_[lane * walker.row_]),
          high(&walker.high_[lane * walker.row_]),
          recent_value(&walker.recent_value_[lane * walker.row_]),
          tax_e7(walker.context_.sale_tax_e7[walker.context_.tax_row[index]].data() + base),
          buyable_next(&walker.buyable_next_[lane * words]),
          sellable(&walker.sellable_[lane * words]),
          entry(&walker.entry_[lane * words]),
          exit(&walker.exit_[lane * words]) {}

    // The first session at or after `from` whose close decides an entry that can be filled.
    std::size_t next_entry(std::size_t from) const {
        std::size_t word = from / 64;
        Bits kept = ~Bits{0} << (from % 64);
        for (; word < words; ++word, kept = ~Bits{0}) {
            const Bits found = entry[word] & ~exit[word] & buyable_next[word] & kept;
            if (found != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(found));
        }
        return never;
    }

    double mean_value(std::size_t u) const {
        const std::size_t age = base + u - of.first + 1;
        return recent_value[u] /
               static_cast<double>(std::min<std::size_t>(age, participation_sessions));
    }

    // Returns false when not one share can be had.
    bool buy(std::size_t decided) {
        const std::size_t u = decided + 1;
        const double open_price = open[u * tile_lanes];
        price = terms.buy_price(open_price, close[decided]);
        shares = terms.shares_for(cash, price, terms.spend_limit(mean_value(decided)));
        if (shares == 0) {
            ++sums.skipped_entries;
            return false;
        }
        const std::int64_t value = shares * price;
        const std::int64_t commission = cost(value, terms.commission_e7);
        const std::int64_t slippage = (price - whole_below(open_price)) * shares;
        sums.overflow = sums.overflow || price >= price_limit || value > terms.value_limit;
        sums.bought += value;
        sums.commission += commission;
        sums.slippage += slippage;
        spent = value + commission;
        cash -= spent;
        tally.cash_flow[u - before_s0] -= static_cast<double>(spent);
        entered = u;
        if (fills != nullptr)
            fills->push_back({static_cast<std::uint32_t>(index),
                              static_cast<std::uint32_t>(base + decided),
                              static_cast<std::uint32_t>(base + u), Side::buy, Reason::entry, price,
                              shares, commission, 0, slippage});
        return true;
    }

    // Sells the position at session u; `fair` is the price that slippage worsened.
    void sell(std::size_t u, std::size_t decided, Reason reason, std::int64_t sale_price,
              std::int64_t fair) {
        const std::int64_t value = shares * sale_price;
        const std::int64_t commission = cost(value, terms.commission_e7);
        const std::int64_t tax = cost(value, tax_e7[u]);
        const std::int64_t slippage = (fair - sale_price) * shares;
        const std::int64_t received = value - commission - tax;
        const std::int64_t profit = received - spent;
        sums.overflow = sums.overflow || sale_price >= price_limit || value > terms.value_limit;
        sums.sold += value;
        sums.commission += commission;
        sums.tax += tax;
        sums.slippage += slippage;
        ++trades;
        sums.wins += profit > 0 ? 1 : 0;
        sums.gains += std::max<std::int64_t>(profit, 0);
        sums.losses += std::max<std::int64_t>(-profit, 0);
        cash += received;
        tally.cash_flow[u - before_s0] += static_cast<double>(received);
        // Held through the closes before this session.
        mark(u);
        if (fills != nullptr)
            fills->push_back({static_cast<std::uint32_t>(index),
                              static_cast<std::uint32_t>(base + decided),
                              static_cast<std::uint32_t>(base + u), Side::sell, reason, sale_price,
                              shares, commission, tax, slippage});
        shares = 0;
    }
    void sell_slipped(std::size_t u, std::size_t decided, Reason reason, double base_price) {
        sell(u, decided, reason, terms.sell_price(base_price, close[u - 1]),
             whole_below(base_price));
    }

    // Adds the position's value at the closes of [entered, end).
    void mark(std::size_t end) {
        if (end > entered)
            ops.add_scaled(&tally.held[entered - before_s0], close + entered, end - entered,
                           static_cast<double>(shares));
    }

    // The first session of [entered, last] that reaches a level, or `never`. Sets `stop` to the
    // level and the reason that act there.
    std::size_t reach_level(std::size_t last) {
        const double paid = static_cast<double>(price);
        const detail::Levels levels{paid * terms.stop_factor, paid * terms.target_factor,
                                    terms.trailing_factor};
        target = levels.target;
        const auto stop_below = [&](double peak) {
            stop = levels.stop;
            stop_reason = Reason::stop_loss;
            if (terms.trails && terms.trailing_factor * peak > stop) {
                stop = terms.trailing_factor * peak;
                stop_reason = Reason::trailing_stop;
            }
        };
        stop_below(paid);
        if (low[entered] <= stop || high[entered] >= target) return entered;
        if (terms.trails) {
            const detail::Trigger trigger =
                ops.first_trailing(low, high, entered + 1, last + 1, levels);
            stop_below(trigger.peak);
            return trigger.session > last ? never : trigger.session;
        }
        const std::size_t session = ops.first_reached(low, high, entered + 1, last + 1, levels);
        return session > last ? never : session;
    }

    // From the entry fill to the sale; returns the session of the sale, or `never` when the account
    // closes first.
    std::size_t hold_position() {
        // The close that decides to leave: a signal, or the age of the position.
        std::size_t decided = next_set(exit, entered, words);
        Reason reason = Reason::exit;
        if (terms.max_hold != never && entered + terms.max_hold - 1 < decided) {
            decided = entered + terms.max_hold - 1;
            reason = Reason::max_hold;
        }
        // No close decides anything at the account's last session.
        if (decided >= account.last) decided = never;

        if (terms.has_levels) {
            const std::size_t reached = reach_level(std::min(decided, account.last));
            if (reached != never) {
                const bool stopped = low[reached] <= stop;
                const Reason why = stopped ? stop_reason : Reason::take_profit;
                const double opening = open[reached * tile_lanes];
                if (!is_set(sellable, reached)) {
                    // Locked at the lower limit: it waits, whatever a later signal says.
                    decided = reached;
                    reason = why;
                } else if (stopped) {
                    sell_slipped(reached, reached, why, std::min(opening, stop));
                    return reached;
                } else {
                    const std::int64_t at = whole_below(std::max(opening, target));
                    sell(reached, reached, why, at, at);
                    return reached;
                }
            }
        }
        if (decided == never) return never;
        const std::size_t sold = next_set(sellable, decided + 1, words);
        if (sold != never) sell_slipped(sold, decided, reason, open[sold * tile_lanes]);
        return sold;
    }

    LaneResult run() {
        if (!account.exists) return {};
        ++sums.accounts;
        tally.cash_flow[account.first - before_s0] += static_cast<double>(opening_cash_won);
        tally.opened[account.first - before_s0] += static_cast<double>(opening_cash_won);

        for (std::size_t flat_at = next_entry(account.first); flat_at != never;) {
            if (!buy(flat_at)) {
                flat_at = next_entry(flat_at + 1);
                continue;
            }
            const std::size_t sold = hold_position();
            if (sold == never) break;
            flat_at = next_entry(sold);
        }

        std::int64_t equity = cash;
        if (shares != 0 && ends_early) {
            // The lane ends under the position: the last traded close, no slippage.
            const std::int64_t at = whole_below(close[account.last]);
            sell(account.last, account.last,
                 of.end == market::LaneEnd::cut ? Reason::cut : Reason::last_row, at, at);
            equity = cash;
        } else if (shares != 0) {
            mark(account.last + 1);
            equity += shares * whole_below(close[account.last]);
        }
        if (ends_early) {
            tally.closed[account.last - before_s0] += static_cast<double>(equity);
            tally.cash_flow[account.last + 1 - before_s0] -= static_cast<double>(cash);
        }
        sums.trades += trades;
        return {static_cast<double>(equity), trades};
    }

    const Terms& terms;
    const detail::LaneOps& ops;
    SetTally& tally;
    Sums& sums;
    std::vector<Fill>* fills;
    std::size_t base, before_s0, words, index;
    const market::Lane& of;
    Account account;
    bool ends_early;     // before the run does
    const double* open;  // a tile's column: one session is tile_lanes further
    const double *close, *low, *high, *recent_value;  // [u]
    const std::int64_t* tax_e7;
    const Bits *buyable_next, *sellable, *entry, *exit;

    std::int64_t cash = opening_cash_won;
    std::int64_t shares = 0, price = 0, spent = 0;  // of the position
    std::size_t entered = 0;
    double stop = 0, target = 0;
    Reason stop_reason = Reason::stop_loss;
    std::int32_t trades = 0;
};

void TileWalker::walk(const TradeRules& rules, const std::uint8_t* entry, const std::uint8_t* exit,
                      SetTally& tally, std::span<LaneResult> results, std::vector<Fill>* fills) {
    const std::size_t count = context_.last + 1 - base_;
    HSL_ASSERT(results.size() >= tile_lanes &&
               tally.held.size() == context_.last + 1 - context_.s0);
    const detail::LaneOps& ops = detail::lane_ops();
    ops.split(entry + base_, count, entry_.data(), words_);
    if (exit != nullptr)
        ops.split(exit + base_, count, exit_.data(), words_);
    else
        clear(exit_.data(), exit_.size());

    const Terms terms{rules, context_.highest_tax_e7};
    Sums sums;
    sums.overflow = inexact_;
    for (std::size_t lane = 0; lane < tile_lanes; ++lane)
        results[lane] =
            lane < lanes_ ? LaneWalk{*this, terms, tally, sums, fills, lane}.run() : LaneResult{};
    sums.add_to(tally);
}

}  // namespace hsl::portfolio
