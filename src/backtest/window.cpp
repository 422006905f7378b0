// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "backtest/sweep.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::backtest {
namespace {

Result<void> check_dates(const market::Frame& frame, const SweepOptions& options) {
    const market::Calendar& calendar = market::Calendar::krx();
    const Date first = frame.sessions.front();
    const Date last = frame.sessions.back();
    if (options.from) {
        HSL_CHECK(calendar.sessions(*options.from, *options.from));
        if (*options.from < market::rules_first())
            return fail(
                ErrorCode::bad_usage,
                fmt::format("a run from {} was asked for, but the rule tables (limit, sale "
                            "tax) begin on {}: choose that day or a later one; earlier bars "
                            "warm up indicators all the same",
                            options.from->iso(), market::rules_first().iso()));
        if (*options.from > last && !(options.to && *options.to < *options.from))
            return fail(ErrorCode::bad_usage,
                        fmt::format("a run from {} was asked for, but the last bar is of {}",
                                    options.from->iso(), last.iso()));
    }
    if (options.to) {
        HSL_CHECK(calendar.sessions(*options.to, *options.to));
        if (*options.to < first)
            return fail(ErrorCode::bad_usage,
                        fmt::format("a run to {} was asked for, but the first bar is of {}",
                                    options.to->iso(), first.iso()));
    }
    if (options.from && options.to && *options.to < *options.from)
        return fail(ErrorCode::bad_usage, fmt::format("the run begins on {}, after its end {}",
                                                      options.from->iso(), options.to->iso()));
    return {};
}

int settling_on(const market::Frame& frame, const strategy::StrategyFile& file) {
    if (frame.minutes.empty()) return file.settling;
    std::size_t bars_a_day = 0;
    for (std::size_t t = 0; t < frame.session_count(); t = frame.day_last(t) + 1)
        bars_a_day = std::max(bars_a_day, frame.day_last(t) + 1 - t);
    return strategy::settling_in_bars(file, bars_a_day);
}

std::unexpected<Error> too_short(const market::Frame& frame, int settling, std::size_t from,
                                 std::size_t last) {
    const std::string_view unit = frame.minutes.empty() ? "session" : "bar";
    std::size_t longest = 0;  // sessions of a lane by the end of the run
    for (const market::Lane& lane : frame.lanes)
        if (lane.first <= last)
            longest = std::max(longest, std::min(lane.last, last) + 1 - lane.first);
    return fail(
        ErrorCode::bad_usage,
        fmt::format(
            "the window {} to {} is too short: the longest lookback of the strategies needs "
            "{} of a symbol before the first decision, one to decide and one to trade; the "
            "longest series has {} by then. Give more data, a later end or shorter lookbacks",
            frame.sessions[from].iso(), frame.sessions[last].iso(), counted(settling, unit),
            counted(static_cast<std::int64_t>(longest), unit)));
}

}  // namespace

Result<Window> find_window(const market::Frame& frame, const strategy::StrategyFile& file,
                           const SweepOptions& options) {
    HSL_CHECK(check_dates(frame, options));
    const Date begin = std::max(options.from.value_or(market::run_first()), frame.sessions.front());
    const Date end = std::min(options.to.value_or(frame.sessions.back()), frame.sessions.back());
    const auto from = static_cast<std::size_t>(std::ranges::lower_bound(frame.sessions, begin) -
                                               frame.sessions.begin());
    const auto after = static_cast<std::size_t>(std::ranges::upper_bound(frame.sessions, end) -
                                                frame.sessions.begin());
    if (from >= after)
        return fail(
            ErrorCode::bad_usage,
            fmt::format("there is no session with bars between {} and {}: the bars are of "
                        "{} to {}, and a run begins on {} unless --from names an earlier day",
                        begin.iso(), end.iso(), frame.sessions.front().iso(),
                        frame.sessions.back().iso(), market::run_first().iso()));
    Window window{.from = from, .s0 = from, .last = after - 1};

    // s0 waits for the symbols that are there at `from` and live long enough. Where none of them
    // does, a later one must, or nothing would ever be decided.
    const auto settling = static_cast<std::size_t>(settling_on(frame, file));
    bool settles = false;
    for (const market::Lane& lane : frame.lanes)
        if (lane.first <= from && lane.last >= from && lane.last >= lane.first + settling) {
            window.s0 = std::max(window.s0, lane.first + settling);
            settles = true;
        }
    window.s0 = frame.day_last(window.s0);
    for (const market::Lane& lane : frame.lanes)
        settles = settles ||
                  (lane.last > from && lane.first + settling < std::min(lane.last, window.last));
    if (!settles || window.s0 >= window.last)
        return too_short(frame, static_cast<int>(settling), from, window.last);
    return window;
}

}  // namespace hsl::backtest
