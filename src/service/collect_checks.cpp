// SPDX-License-Identifier: Apache-2.0
#include "service/collect_checks.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "market/rules.hpp"

namespace hsl::service {
namespace {

constexpr std::array<std::string_view, 7> order{"new",  "gone",     "halted",    "resumed",
                                                "jump", "limit_up", "limit_down"};

// A close that is off the grid (a mid-point match) gives the next price up as base.
std::optional<market::PriceLimits> exact_limits(const TwoDays& two) {
    if (two.basis != market::Basis::raw || two.instrument.scale != 0) return {};
    const market::Market market = two.instrument.market;
    const std::int64_t close = two.before->close;
    const auto tick = market::tick_size(market, two.now->date, close);
    if (!tick) return {};
    const auto limits =
        market::price_limits(market, two.now->date, (close + *tick - 1) / *tick * *tick);
    if (!limits) return {};
    return *limits;
}

// What the close says about limits: "jump", "limit_up", "limit_down" or "".
std::string_view move_of(const TwoDays& two) {
    const std::int64_t close = two.now->close, before = two.before->close;
    if (before <= 0) return "";
    if (const auto limits = exact_limits(two)) {
        if (close > limits->upper || close < limits->lower) return "jump";
        if (close == limits->upper) return "limit_up";
        return close == limits->lower ? "limit_down" : "";
    }
    const double ratio = static_cast<double>(close) / static_cast<double>(before);
    if (ratio > 1 + market::break_ratio || ratio < 1 - market::break_ratio) return "jump";
    if (ratio >= 1.29) return "limit_up";
    return ratio <= 0.71 ? "limit_down" : "";
}

}  // namespace

std::optional<Error> DayCheck::damage() const {
    for (const MarketCount& count : counts)
        if (count.rows_before >= 20 && 2 * count.rows < count.rows_before)
            return Error{.code = ErrorCode::bad_data,
                         .message = fmt::format(
                             "{} has {} on {} and had {} on {}: this looks like an answer "
                             "that was cut short, so nothing was published; run the "
                             "command again",
                             market::name_of(count.market), counted(count.rows, "row"), day.iso(),
                             with_commas(count.rows_before), before.iso())};
    return {};
}

DayCheck check_day(Date day, Date before, const std::vector<TwoDays>& symbols) {
    DayCheck check{.day = day, .before = before};
    std::map<market::Market, MarketCount> counts;
    const auto add = [&](const TwoDays& two, std::string_view what, std::string detail) {
        check.changes.push_back({two.instrument.symbol, std::string{what}, std::move(detail)});
    };
    for (const TwoDays& two : symbols) {
        MarketCount& count = counts[two.instrument.market];
        count.market = two.instrument.market;
        count.rows += two.now.has_value();
        count.rows_before += two.before.has_value();
        const auto price = [&](std::int64_t number) {
            return market::price_text(number, two.instrument.scale);
        };
        if (!two.now) {
            if (two.before)
                add(two, "gone", fmt::format("last close {}", price(two.before->close)));
            continue;
        }
        if (!two.before) {
            add(two, "new", fmt::format("close {}", price(two.now->close)));
            continue;
        }
        const bool halted = market::is_halt(*two.now), was_halted = market::is_halt(*two.before);
        if (halted && !was_halted) add(two, "halted", fmt::format("at {}", price(two.now->close)));
        if (!halted && was_halted)
            add(two, "resumed",
                fmt::format("{} after {}", price(two.now->close), price(two.before->close)));
        if (const auto move = move_of(two); !halted && !move.empty())
            add(two, move,
                fmt::format("close {} after {}, {:+.1f}%", price(two.now->close),
                            price(two.before->close),
                            100.0 * (static_cast<double>(two.now->close) /
                                         static_cast<double>(two.before->close) -
                                     1)));
    }
    for (const auto& [market, count] : counts) check.counts.push_back(count);
    std::ranges::sort(check.changes, {}, [](const DayChange& change) {
        return std::tuple{std::ranges::find(order, change.what) - order.begin(), change.symbol};
    });
    return check;
}

}  // namespace hsl::service
