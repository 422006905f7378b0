// SPDX-License-Identifier: Apache-2.0
#include "market/segments.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"

namespace hsl::market {
namespace {

// Whole numbers up to here are exact in a column of doubles.
constexpr std::int64_t price_end = std::int64_t{1} << 53;

constexpr auto halt_max = static_cast<std::size_t>(break_halt_sessions);

std::unexpected<Error> bad_row(const BarTable::Range& range, Date date, std::string_view what) {
    return fail(ErrorCode::bad_data, fmt::format("bars {} {}: {}; import the symbol again",
                                                 range.instrument.symbol, date.iso(), what));
}

}  // namespace

Result<std::vector<Segment>> find_segments(const BarTable& bars, const BarTable::Range& range,
                                           Days days, bool allow_breaks) {
    HSL_ASSERT(range.first + range.count <= bars.rows());
    const Calendar& calendar = Calendar::krx();
    const std::int32_t* const dates = bars.date.data();
    const std::int32_t* const rows_end = dates + range.first + range.count;
    const std::int32_t* const begin =
        std::lower_bound(dates + range.first, rows_end, days.from.days);
    const std::int32_t* const end = std::upper_bound(begin, rows_end, days.to.days);

    std::vector<Segment> segments;
    std::int64_t last_close = 0;  // of the last traded row
    std::size_t last_traded = 0;  // its session
    std::size_t last_row = 0;     // session of the last row, traded or not
    for (auto row = static_cast<std::size_t>(begin - dates);
         row < static_cast<std::size_t>(end - dates); ++row) {
        const Date date{dates[row]};
        const int on = calendar.session_on(date);
        if (on < 0) return bad_row(range, date, "the exchange had no session on that day");
        const auto session = static_cast<std::size_t>(on);
        if (row > static_cast<std::size_t>(begin - dates) && session <= last_row)
            return bad_row(range, date, "the rows do not ascend by date");
        last_row = session;

        // A halt has a low of 0 or no volume, so most rows need no closer look.
        if ((bars.low[row] <= 0 || bars.volume[row] == 0) && is_halt(bars.bar(row))) continue;
        const std::int64_t close = bars.close[row];
        if (bars.low[row] <= 0 || close <= 0 || close >= price_end)
            return bad_row(
                range, date,
                fmt::format("a traded row with low {} and close {}", bars.low[row], close));

        const bool cut = !segments.empty() && !allow_breaks &&
                         (is_break(close, last_close) || session - last_traded > halt_max + 1);
        if (cut) {
            segments.back().last = last_traded;
            segments.back().cut = true;
        }
        if (cut || segments.empty()) segments.push_back({.first = session});
        std::vector<TradedRun>& runs = segments.back().runs;
        if (!runs.empty() && session == last_traded + 1 &&
            row == runs.back().row + runs.back().count)
            ++runs.back().count;
        else
            runs.push_back({.session = session, .row = row, .count = 1});
        last_traded = session;
        last_close = close;
    }
    if (segments.empty()) return segments;

    // The last segment keeps the halts after its last traded row, unless there are too many: they
    // cut as they would if the symbol came back.
    if (end != rows_end) last_row = calendar.lower_bound(days.to + 1) - 1;
    const bool keep = allow_breaks || last_row - last_traded <= halt_max;
    segments.back().last = keep ? last_row : last_traded;
    segments.back().cut = !keep;
    return segments;
}

}  // namespace hsl::market
