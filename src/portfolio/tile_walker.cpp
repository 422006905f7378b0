// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.hpp"
#include "market/rules.hpp"
#include "portfolio/detail/exact_prices.hpp"
#include "portfolio/detail/lane_ops.hpp"
#include "portfolio/detail/walk_parts.hpp"
#include "portfolio/fill_kernel.hpp"

namespace hsl::portfolio {
namespace {

using detail::Bits;
using detail::cost;
using detail::infinity;
using detail::never;
using detail::Terms;
using detail::whole_below;
// Whole numbers below this are exact in a double.
constexpr double exact_below = 0x1p53;
// Beyond this a price times (1e6 + slippage) is no whole double any more.
constexpr int price_bits = 32;

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

std::size_t round_up(std::size_t count, std::size_t unit) {
    return (count + unit - 1) / unit * unit;
}

}  // namespace

TileWalker::TileWalker(const KernelContext& context)
    : context_(context),
      base_(context.s0 / 64 * 64),
      count_(context.last + 1 - base_),
      row_(round_up(count_ + detail::lane_padding, 8)),
      words_(round_up(count_, 64) / 64),
      groups_(round_up(words_, 64) / 64),
      close_(tile_lanes * row_),
      low_(tile_lanes * row_),
      high_(tile_lanes * row_),
      mean_value_(tile_lanes * count_),
      buyable_next_(tile_lanes * words_),
      sellable_(tile_lanes * words_),
      entry_(tile_lanes * words_),
      exit_(tile_lanes * words_),
      sellable_summary_(tile_lanes * groups_),
      entry_summary_(tile_lanes * groups_),
      exit_summary_(tile_lanes * groups_) {}

TileWalker::BitRow TileWalker::row_of(const std::vector<Bits>& bits,
                                      const std::vector<Bits>& summary, std::size_t lane) const {
    return {&bits[lane * words_], &summary[lane * groups_], groups_};
}

TileWalker::Account TileWalker::account_of(std::size_t lane) const {
    const market::Lane& of = context_.frame->lanes[lane];
    if (of.first > context_.last || of.last < context_.s0) return {};
    // Opened at the close of a day.
    return {true, std::max(context_.s0, context_.frame->day_last(of.first)) - base_,
            std::min(context_.last, of.last) - base_};
}

void TileWalker::load(std::size_t tile) {
    const market::Frame& frame = *context_.frame;
    tile_ = tile;
    lanes_ = frame.lanes_in_tile(tile);
    for (Quotes& quotes : quotes_) quotes.loaded = false;

    // Columns turn on their side a few pages at a time, so that each cache line is fetched once.
    const double* close = frame.raw(market::Field::close).tile(tile);
    const double* low = frame.raw(market::Field::low).tile(tile);
    const double* high = frame.raw(market::Field::high).tile(tile);
    const std::uint8_t* traded = frame.traded.tile(tile);
    for (std::size_t begin = 0; begin < row_; begin += 64) {
        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
            for (std::size_t u = begin; u < std::min(begin + 64, row_); ++u) {
                const std::size_t t = base_ + u;
                const std::size_t from = t * tile_lanes + lane;
                const std::size_t to = lane * row_ + u;
                // Nothing is reached on a halt, nor outside the lane.
                const bool trades = u < count_ && ((traded[t] >> lane) & 1) != 0;
                close_[to] = u < count_ ? close[from] : 0;
                low_[to] = trades ? low[from] : infinity;
                high_[to] = trades ? high[from] : -infinity;
            }
        }
    }
    average_values();

    const detail::LaneOps& ops = detail::lane_ops();
    ops.split(frame.buyable.tile(tile) + base_ + 1, count_ - 1, buyable_next_.data(), words_);
    ops.split(frame.sellable.tile(tile) + base_, count_, sellable_.data(), words_);
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
    summarize(sellable_, sellable_summary_);
}

// Means of the traded value over the 20 sessions up to each, fewer at a lane's start.
void TileWalker::average_values() {
    const market::Frame& frame = *context_.frame;
    const double* value = frame.column(market::Field::value).tile(tile_);
    const std::size_t lookback = participation_sessions - 1;
    inexact_ = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const std::size_t index = tile_ * tile_lanes + lane;
        const Account account = account_of(index);
        if (!account.exists) continue;
        const std::size_t opens = base_ + account.first;
        const std::size_t listed = frame.lanes[index].first;
        const std::size_t first = std::max(listed, opens > lookback ? opens - lookback : 0);
        double sum = 0;
        double highest = 0;
        for (std::size_t t = first; t <= base_ + account.last; ++t) {
            sum += value[t * tile_lanes + lane];
            if (t > first + lookback) sum -= value[(t - lookback - 1) * tile_lanes + lane];
            highest = std::max(highest, sum);
            const auto count = std::min<std::size_t>(t - listed + 1, participation_sessions);
            if (t >= opens)
                mean_value_[(t - base_) * tile_lanes + lane] = sum / static_cast<double>(count);
        }
        inexact_ = inexact_ || !(highest < exact_below);
    }
}

// Computed once for the sets that share a slippage.
const TileWalker::Quotes& TileWalker::quotes_with(const TradeRules& rules, const Terms& terms) {
    auto found = std::ranges::find_if(quotes_, [&](const Quotes& quotes) {
        return quotes.slippage_e6 == rules.slippage_e6 &&
               quotes.slippage_ticks == rules.slippage_ticks;
    });
    if (found == quotes_.end()) {
        quotes_.push_back(
            {rules.slippage_e6, rules.slippage_ticks, AlignedBuffer<Quote>{tile_lanes * count_}});
        found = quotes_.end() - 1;
    }
    if (found->loaded) return *found;
    found->loaded = true;

    const market::Frame& frame = *context_.frame;
    const double* open = frame.raw(market::Field::open).tile(tile_) + base_ * tile_lanes;
    constexpr std::size_t block = 64;
    alignas(64) double buy[block * tile_lanes];
    alignas(64) double sell[block * tile_lanes];
    alignas(64) double before[block * tile_lanes];
    // Nothing is filled at the first session.
    for (std::size_t begin = 1; begin < count_; begin += block) {
        const std::size_t sessions = std::min(block, count_ - begin);
        detail::lane_ops().slip(open + begin * tile_lanes, closes_before(begin, sessions, before),
                                sessions * tile_lanes, terms.slippage, buy, sell);
        for (std::size_t lane = 0; lane < tile_lanes; ++lane)
            for (std::size_t i = 0; i < sessions; ++i) {
                const std::size_t cell = i * tile_lanes + lane;
                found->at[lane * count_ + begin + i] = {
                    .open = open[begin * tile_lanes + cell],
                    .buy = buy[cell],
                    .sell = sell[cell],
                    .mean_value = mean_value_[(begin - 1) * tile_lanes + cell]};
            }
    }
    if (!terms.slips) return *found;
    for (std::size_t lane = 0; lane < lanes_; ++lane)
        if (frame.lanes[tile_ * tile_lanes + lane].is_raw())
            quote_exactly(terms, lane, *found);
        else
            quote_within_ratio(terms, lane, *found);
    return *found;
}

const double* TileWalker::closes_before(std::size_t begin, std::size_t sessions,
                                        double* room) const {
    const double* close = context_.frame->raw(market::Field::close).tile(tile_);
    if (context_.last_of_day_before.empty()) return close + (base_ + begin - 1) * tile_lanes;
    for (std::size_t i = 0; i < sessions; ++i)
        std::copy_n(close + context_.before(base_ + begin + i) * tile_lanes, tile_lanes,
                    room + i * tile_lanes);
    return room;
}

void TileWalker::quote_within_ratio(const Terms& terms, std::size_t lane, Quotes& quotes) const {
    constexpr int quoted = 30;  // by the vector code
    const Account account = account_of(tile_ * tile_lanes + lane);
    if (!account.exists) return;
    const detail::ExactPrices prices = exact_prices(terms, lane);
    const double* const close = &close_[lane * row_];
    Quote* const at = &quotes.at[lane * count_];
    for (std::size_t u = account.first + 1; u <= account.last; ++u) {
        if (prices.grids[base_ + u].ratio_percent == quoted) continue;
        const auto [lower, upper] =
            prices.ratio_limits(base_ + u, close[context_.before(base_ + u) - base_]);
        at[u].buy = terms.slippage.buy_price(at[u].open, static_cast<double>(upper));
        at[u].sell = terms.slippage.sell_price(at[u].open, static_cast<double>(lower));
    }
}

void TileWalker::quote_exactly(const Terms& terms, std::size_t lane, Quotes& quotes) const {
    const Account account = account_of(tile_ * tile_lanes + lane);
    if (!account.exists) return;
    const detail::ExactPrices prices = exact_prices(terms, lane);
    const double* const close = &close_[lane * row_];
    Quote* const at = &quotes.at[lane * count_];
    for (std::size_t u = account.first + 1; u <= account.last; ++u) {
        const double open = at[u].open;
        const double before = close[context_.before(base_ + u) - base_];
        at[u].buy = static_cast<double>(prices.buy(base_ + u, open, before));
        at[u].sell = static_cast<double>(prices.sell(base_ + u, open, whole_below(open), before));
    }
}

detail::ExactPrices TileWalker::exact_prices(const Terms& terms, std::size_t lane) const {
    const std::size_t index = tile_ * tile_lanes + lane;
    return {.terms = terms,
            .frame = *context_.frame,
            .lane = index,
            .grids = context_.grids[context_.rules_row[index]].data()};
}

// One set on one lane. Sessions are counted from the walker's base here ("u"). Everything is
// inlined into run(), so that the state of the walk lives in registers.
struct TileWalker::LaneWalk {
    LaneWalk(const TileWalker& walker, const Terms& terms_of_set, const Quotes& quotes,
             const detail::LaneOps& ops_in_force, std::size_t lane)
        : terms(terms_of_set),
          ops(ops_in_force),
          fill{walker.tile_ * tile_lanes + lane, walker.base_},
          base(walker.base_),
          before_s0(walker.context_.s0 - walker.base_),
          of(walker.context_.frame->lanes[fill.lane]),
          account(walker.account_of(fill.lane)),
          last_of_run(walker.context_.last),
          context(walker.context_),
          quote(&quotes.at[lane * walker.count_]),
          close(&walker.close_[lane * walker.row_]),
          low(&walker.low_[lane * walker.row_]),
          high(&walker.high_[lane * walker.row_]),
          tax_e7(walker.context_.sale_tax_e7[walker.context_.rules_row[fill.lane]].data() + base),
          prices(walker.exact_prices(terms_of_set, lane)),
          entry(walker.row_of(walker.entry_, walker.entry_summary_, lane)),
          exit(walker.row_of(walker.exit_, walker.exit_summary_, lane)),
          sellable(walker.row_of(walker.sellable_, walker.sellable_summary_, lane)) {}

    // A position on its way: bought at `session` for `price`.
    struct Position {
        std::size_t session;
        double price;
    };
    // How a position ends; session `never`: not before the account does.
    struct Sale {
        std::size_t session = never;
        std::size_t decided = never;
        Reason reason = Reason::exit;
        std::int64_t price = 0;
        std::int64_t fair = 0;  // the price that slippage worsened
    };

    // The level that stops a position, and why.
    struct Stop {
        double level;
        Reason reason;
    };
    Stop stop_below(const detail::Levels& levels, double peak) const {
        const double trailing = level_of(peak, terms.trailing_parts);
        if (terms.trails && trailing > levels.stop) return {trailing, Reason::trailing_stop};
        return {levels.stop, Reason::stop_loss};
    }

    // What a level does to the position by the close of session `last`; session `never` and a
    // reason: it waits for a session it can be sold on. `decided` never: no level was reached.
    Sale level_sale(const Position& position, std::size_t last) const {
        const double paid = position.price;
        const detail::Levels levels{level_of(paid, terms.stop_parts),
                                    level_of(paid, terms.target_parts), terms.trailing_parts};
        Stop stop = stop_below(levels, paid);
        std::size_t at = position.session;
        if (low[at] > stop.level && high[at] < levels.target) {
            if (terms.trails) {
                const detail::Trigger trigger =
                    ops.first_trailing(low, high, at + 1, last + 1, levels);
                at = trigger.session;
                stop = stop_below(levels, trigger.peak);
            } else {
                at = ops.first_reached(low, high, at + 1, last + 1, levels);
            }
            if (at > last) return {};
        }
        const bool stopped = low[at] <= stop.level;
        const Reason reason = stopped ? stop.reason : Reason::take_profit;
        // Locked at the lower limit: it waits, whatever a later signal says.
        if (!sellable.is_set(at)) return {.decided = at, .reason = reason};
        const double opening = quote[at].open;
        if (of.is_raw()) return exact_level_sale(at, reason, stopped ? stop.level : levels.target);
        if (stopped) {
            const double fair = std::min(opening, stop.level);
            const auto lower =
                static_cast<double>(prices.ratio_limits(base + at, close_before(at)).lower);
            return {at, at, reason, whole_below(terms.slippage.sell_price(fair, lower)),
                    whole_below(fair)};
        }
        const std::int64_t price = whole_below(std::max(opening, levels.target));
        return {at, at, reason, price, price};
    }

    // An open beyond the level is the price; else the level, down to a whole tick.
    Sale exact_level_sale(std::size_t u, Reason reason, double level) const {
        const double opening = quote[u].open;
        const bool target = reason == Reason::take_profit;
        const bool beyond = target ? opening >= level : opening <= level;
        const double fair = beyond ? opening : level;
        const std::int64_t won =
            beyond ? whole_below(opening) : prices.down_to_tick(base + u, whole_below(fair));
        return {u, u, reason, target ? won : prices.sell(base + u, fair, won, close_before(u)),
                won};
    }

    // What the limits of u are counted from.
    double close_before(std::size_t u) const { return close[context.before(base + u) - base]; }

    [[gnu::always_inline]] Sale find_sale(const Position& position) const {
        // The close that decides to leave: a signal, or the age of the position.
        std::size_t decided = exit.next(position.session);
        Reason reason = Reason::exit;
        if (terms.max_hold != never && position.session + terms.max_hold - 1 < decided) {
            decided = position.session + terms.max_hold - 1;
            reason = Reason::max_hold;
        }
        // No close decides anything at the account's last session.
        if (decided >= account.last) decided = never;
        if (terms.has_levels) {
            const Sale sale = level_sale(position, std::min(decided, account.last));
            if (sale.session != never) return sale;
            if (sale.decided != never) {
                decided = sale.decided;
                reason = sale.reason;
                if (decided == account.last) return {};
            }
        }
        if (decided == never) return {};
        std::size_t session = decided + 1;
        if (!sellable.is_set(session)) [[unlikely]] {
            session = sellable.next(session);
            if (session == never) return {};
        }
        return {session, decided, reason, whole_below(quote[session].sell),
                whole_below(quote[session].open)};
    }

    [[gnu::always_inline]] LaneResult run(SetTally& tally, Sums& sums,
                                          std::vector<Fill>* fills) const {
        if (!account.exists) return {};
        double* const flow = tally.cash_flow.data() - before_s0;
        double* const held = tally.held.data() - before_s0;
        ++sums.accounts;
        flow[account.first] += static_cast<double>(opening_cash_won);
        tally.opened[account.first - before_s0] += static_cast<double>(opening_cash_won);
        const bool ends_early = base + account.last < last_of_run;

        std::int64_t cash = opening_cash_won;
        std::int64_t marked = 0;  // value of a position that outlives the run
        std::int32_t trades = 0;
        std::size_t decided = entry.next(account.first);
        while (decided != never) {
            const std::size_t bought = decided + 1;
            const auto [opening, price, sell_price, mean_value] = quote[bought];
            const auto [shares, value, commission] = terms.purchase(cash, price, mean_value);
            if (shares == 0) {
                ++sums.skipped_entries;
                decided = entry.next(bought);
                continue;
            }
            const std::int64_t won = whole_below(price);
            const std::int64_t slippage = (won - whole_below(opening)) * shares;
            const std::int64_t spent = value + commission;
            cash -= spent;
            flow[bought] -= static_cast<double>(spent);
            const Fill buy = fill(bought, decided, Side::buy, Reason::entry, won, shares,
                                  commission, 0, slippage);
            sums.add_buy(buy);
            if (fills != nullptr) fills->push_back(buy);

            Sale sale = find_sale({bought, price});
            if (sale.session == never) {
                if (!ends_early) {
                    const std::size_t end = account.last + 1;
                    ops.add_scaled(held + bought, close + bought, end - bought,
                                   static_cast<double>(shares));
                    marked = shares * whole_below(close[account.last]);
                    break;
                }
                // The lane ends under the position: the last traded close, no slippage.
                const std::int64_t at = whole_below(close[account.last]);
                sale = {account.last, account.last, reason_of(of.end), at, at};
            }
            // Held through the closes before the sale's session.
            ops.add_scaled(held + bought, close + bought, sale.session - bought,
                           static_cast<double>(shares));
            const std::int64_t sale_value = shares * sale.price;
            const std::int64_t sale_commission = cost(sale_value, terms.commission_e7);
            const std::int64_t tax = cost(sale_value, tax_e7[sale.session]);
            const std::int64_t sale_slippage = (sale.fair - sale.price) * shares;
            const std::int64_t received = sale_value - sale_commission - tax;
            const std::int64_t profit = received - spent;
            cash += received;
            flow[sale.session] += static_cast<double>(received);
            if (sale.reason == Reason::delisting)
                tally.delisted.push_back({sale.session - before_s0, static_cast<double>(received)});
            ++trades;
            sums.add_trade(profit);
            const Fill sell = fill(sale.session, sale.decided, Side::sell, sale.reason, sale.price,
                                   shares, sale_commission, tax, sale_slippage);
            sums.add_sale(sell);
            if (fills != nullptr) fills->push_back(sell);
            decided = entry.next(sale.session);
        }

        const std::int64_t equity = cash + marked;
        if (ends_early) {
            tally.closed[account.last - before_s0] += static_cast<double>(equity);
            flow[account.last + 1] -= static_cast<double>(cash);
        }
        sums.trades += trades;
        return {static_cast<double>(equity), trades};
    }

    const Terms& terms;
    const detail::LaneOps& ops;
    FillMaker fill;
    std::size_t base, before_s0;
    const market::Lane& of;
    Account account;
    std::size_t last_of_run;
    const KernelContext& context;
    const Quote* quote;                // [u]
    const double *close, *low, *high;  // [u]
    const std::int64_t* tax_e7;
    detail::ExactPrices prices;
    BitRow entry, exit, sellable;
};

// Marks the words that hold any bit.
void TileWalker::summarize(const std::vector<Bits>& bits, std::vector<Bits>& summary) const {
    for (std::size_t lane = 0; lane < tile_lanes; ++lane)
        for (std::size_t group = 0; group < groups_; ++group) {
            Bits any = 0;
            for (std::size_t word = group * 64; word < std::min(words_, group * 64 + 64); ++word)
                any |= Bits{bits[lane * words_ + word] != 0} << (word % 64);
            summary[lane * groups_ + group] = any;
        }
}

void TileWalker::walk(const TradeRules& rules, const std::uint8_t* entry, const std::uint8_t* exit,
                      SetTally& tally, std::span<LaneResult> results, std::vector<Fill>* fills) {
    HSL_ASSERT(results.size() >= tile_lanes &&
               tally.held.size() == context_.last + 1 - context_.s0);
    // The sums of a set were last touched a tile ago, and are touched in no order: ask for them
    // now.
    constexpr std::size_t line = 64 / sizeof(double);
    for (std::size_t i = 0; i < tally.held.size(); i += line) {
        __builtin_prefetch(&tally.cash_flow[i], 1);
        __builtin_prefetch(&tally.held[i], 1);
    }
    const detail::LaneOps& ops = detail::lane_ops();
    ops.split(entry + base_, count_, entry_.data(), words_);
    if (exit != nullptr)
        ops.split(exit + base_, count_, exit_.data(), words_);
    else
        std::ranges::fill(exit_, Bits{0});
    // Sessions whose close decides an entry that can be filled.
    for (std::size_t i = 0; i < entry_.size(); ++i) entry_[i] &= ~exit_[i] & buyable_next_[i];
    summarize(entry_, entry_summary_);
    summarize(exit_, exit_summary_);

    const Terms terms{rules, context_.highest_tax_e7};
    const Quotes& quotes = quotes_with(rules, terms);
    Sums sums;
    for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
        if (lane >= lanes_)
            results[lane] = {};
        else if (!context_.frame->lanes[tile_ * tile_lanes + lane].actions.empty())
            results[lane] = walk_raw(terms, quotes, lane, tally, sums, fills);
        else
            results[lane] = LaneWalk{*this, terms, quotes, ops, lane}.run(tally, sums, fills);
    }
    sums.add_to(tally);
    tally.overflow = tally.overflow || inexact_ || (sums.values >> terms.value_bits) != 0 ||
                     (sums.prices >> price_bits) != 0;
}

}  // namespace hsl::portfolio
