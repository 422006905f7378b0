// SPDX-License-Identifier: Apache-2.0
#include "market/synthetic_minutes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"
#include "market/session_slots.hpp"

namespace hsl::market {
namespace {

// Of the way from one fixed point to the next: how far a minute strays from the straight line.
constexpr double stray = 0.15;
// Of the day's volume, at least: the closing auction.
constexpr double closing_share = 0.05;
// A minute in which about so many shares are due trades for sure.
constexpr double busy_shares = 200;

// The price at the end of each minute. The last minute is the closing auction; the day's high and
// low are reached before it, at two different minutes.
struct Path {
    std::vector<std::int64_t> close;
    std::size_t high = 0, low = 0;
};

class DayWalk {
public:
    DayWalk(const Bar& day, Market market, std::span<const std::int32_t> minutes, Rng& rng)
        : day_(day), market_(market), minutes_(minutes), rng_(rng) {}

    void append_to(BarTable& table) {
        // Too few shares for a walk: one trade after the other in the first minute.
        if (day_.volume < 4 || minutes_.size() < 4) {
            Bar only = day_;
            only.minute = minutes_.front();
            table.append(only);
            return;
        }
        draw_path();
        draw_volumes();
        std::int64_t value_left = day_.value;
        std::int64_t volume_left = day_.volume;
        for (std::size_t i = 0; i < minutes_.size(); ++i) {
            if (volumes_[i] == 0) continue;
            Bar bar{.date = day_.date,
                    .open = i == 0 ? day_.open : path_.close[i - 1],
                    .close = path_.close[i],
                    .volume = volumes_[i],
                    .minute = minutes_[i]};
            if (i + 1 == minutes_.size()) bar.open = bar.close;
            bar.high = std::max(bar.open, bar.close);
            bar.low = std::min(bar.open, bar.close);
            if (day_.value != Bar::value_missing) {
                bar.value = static_cast<std::int64_t>(static_cast<double>(value_left) /
                                                      static_cast<double>(volume_left) *
                                                      static_cast<double>(bar.volume));
                if (bar.volume == volume_left) bar.value = value_left;
                value_left -= bar.value;
                volume_left -= bar.volume;
            }
            table.append(bar);
        }
    }

private:
    void draw_path() {
        const std::size_t last = minutes_.size() - 1;
        path_.high = rng_.below(last);
        path_.low = (path_.high + 1 + rng_.below(last - 1)) % last;
        struct Point {
            double at;
            std::int64_t price;
        };
        std::vector<Point> points{{-1, day_.open},
                                  {static_cast<double>(path_.high), day_.high},
                                  {static_cast<double>(path_.low), day_.low},
                                  {static_cast<double>(last), day_.close}};
        if (path_.low < path_.high) std::swap(points[1], points[2]);
        path_.close.resize(minutes_.size());
        for (std::size_t leg = 0; leg + 1 < points.size(); ++leg) {
            const auto [from, price] = points[leg];
            const auto [to, target] = points[leg + 1];
            const auto way = static_cast<double>(target - price);
            for (auto i = static_cast<std::size_t>(from + 1); i <= static_cast<std::size_t>(to);
                 ++i) {
                const double along = (static_cast<double>(i) - from) / (to - from);
                const double wanted =
                    static_cast<double>(price) + way * along +
                    stray * static_cast<double>(day_.high - day_.low) * (2 * rng_.uniform() - 1);
                path_.close[i] = on_grid(wanted);
            }
            path_.close[static_cast<std::size_t>(to)] = target;
        }
    }

    std::int64_t on_grid(double wanted) const {
        const auto won = static_cast<std::int64_t>(
            std::clamp(wanted, static_cast<double>(day_.low), static_cast<double>(day_.high)));
        const std::int64_t tick =
            tick_size(market_, day_.date, std::max<std::int64_t>(won, 1), ShareClass::unknown)
                .value_or(1);
        return std::max(won / tick * tick, day_.low);
    }

    // More at both ends of the day than in its middle. What must trade has a share at least.
    void draw_volumes() {
        const std::size_t last = minutes_.size() - 1;
        volumes_.assign(minutes_.size(), 0);
        std::int64_t left = day_.volume;
        for (const std::size_t must : {std::size_t{0}, path_.high, path_.low, last})
            if (volumes_[must] == 0) {
                volumes_[must] = 1;
                --left;
            }
        std::vector<double> weights(minutes_.size());
        double sum = 0;
        for (std::size_t i = 0; i < last; ++i) {
            const double along = 2 * static_cast<double>(i) / static_cast<double>(last) - 1;
            const double due = static_cast<double>(left) / static_cast<double>(last);
            const bool trades = rng_.uniform() * busy_shares < due;
            weights[i] = trades ? (0.4 + along * along) * (0.2 + rng_.uniform()) : 0;
            sum += weights[i];
        }
        weights[last] = std::max(sum, 1.0) * closing_share * (1 + rng_.uniform());
        sum += weights[last];
        const std::int64_t all = left;
        for (std::size_t i = 0; i < last; ++i) {
            const auto shares =
                static_cast<std::int64_t>(static_cast<double>(all) * (weights[i] / sum));
            volumes_[i] += shares;
            left -= shares;
        }
        volumes_[last] += left;
    }

    const Bar& day_;
    Market market_;
    std::span<const std::int32_t> minutes_;
    Rng& rng_;
    Path path_;
    std::vector<std::int64_t> volumes_;
};

}  // namespace

BarTable minutes_of_days(const BarTable& days, std::uint64_t seed) {
    BarTable minutes;
    minutes.interval = Interval::minute;
    if (days.rows() == 0) return minutes;
    const auto [first, last] = std::ranges::minmax(days.date);
    const MinuteGrid grid{1, Date{first}, Date{last}};
    for (std::size_t symbol = 0; symbol < days.symbols.size(); ++symbol) {
        const BarTable::Range& range = days.symbols[symbol];
        Rng rng = Rng::split(seed, symbol);
        minutes.begin_symbol(range.instrument);
        minutes.symbols.back().basis = range.basis;
        minutes.symbols.back().definition = range.definition;
        minutes.symbols.back().source = range.source;
        for (std::size_t row = range.first; row < range.first + range.count; ++row) {
            const Bar day = days.bar(row);
            if (is_halt(day)) continue;
            const SessionSlots* slots = grid.on(day.date);
            HSL_ASSERT(slots != nullptr);
            DayWalk{day, range.instrument.market, slots->begins(), rng}.append_to(minutes);
        }
    }
    return minutes;
}

}  // namespace hsl::market
