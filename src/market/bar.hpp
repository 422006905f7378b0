// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bars at rest, as columns of scaled integers: what the store holds and a Frame is built from. Of a
// day or of a minute. A plain value; whoever makes it owns it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned.hpp"
#include "base/date.hpp"
#include "market/instrument.hpp"

namespace hsl::market {

// Whether prices are those of the day, or were changed later for splits and rights.
enum class Basis : std::uint8_t { unknown, raw, adjusted };
// What of the day's trading a bar holds. Since 2026-09-14 the exchange trades until 20:00, and some
// sources carry that price as the close.
enum class BarDefinition : std::uint8_t {
    unknown,
    regular,        // 09:00 to 15:30: the close that strategies use
    all_krx,        // with the exchange's after-market
    with_nextrade,  // with the other venue as well
};
enum class Interval : std::uint8_t { day, minute };
[[nodiscard]] std::string_view name_of(Basis basis);               // "adjusted"
[[nodiscard]] std::string_view name_of(BarDefinition definition);  // "regular", "with_nextrade"
[[nodiscard]] std::string_view name_of(Interval interval);         // "day"
[[nodiscard]] std::optional<Basis> parse_basis(std::string_view word);
[[nodiscard]] std::optional<BarDefinition> parse_definition(std::string_view word);

// One bar. Prices in 10^-scale of the instrument's currency, volume in shares, value in won.
struct Bar {
    Date date;
    std::int64_t open = 0;
    std::int64_t high = 0;
    std::int64_t low = 0;
    std::int64_t close = 0;
    std::int64_t volume = 0;
    std::int64_t value = value_missing;
    // Of a minute bar: the minute of the Korean day that it begins in, 09:00 = 540. 0 for a day.
    std::int32_t minute = 0;

    static constexpr std::int64_t value_missing = -1;  // then close x volume stands for it
    friend bool operator==(const Bar&, const Bar&) = default;
};

// A halted row: nothing traded. Either O=H=L=0 with the close carried, or four equal prices and no
// volume. docs/concepts/data.md says why the second is one.
[[nodiscard]] constexpr bool is_halt(const Bar& bar) {
    return (bar.open == 0 && bar.high == 0 && bar.low == 0) ||
           (bar.volume == 0 && bar.open == bar.high && bar.high == bar.low && bar.low == bar.close);
}

// Many symbols' bars, column by column: symbol i owns rows [first, first + count), dates ascending.
struct BarTable {
    struct Range {
        Instrument instrument;
        std::size_t first = 0;
        std::size_t count = 0;
        std::string source = {};  // who published it: "" where nobody said
        Basis basis = Basis::unknown;
        BarDefinition definition = BarDefinition::unknown;
    };
    std::vector<Range> symbols;       // ascending by symbol
    ColumnVector<std::int32_t> date;  // Date::days
    ColumnVector<std::int64_t> open, high, low, close, volume, value;
    Interval interval = Interval::day;
    ColumnVector<std::int32_t> minute;  // Bar::minute; empty in a table of days

    [[nodiscard]] std::size_t rows() const { return date.size(); }
    [[nodiscard]] Bar bar(std::size_t row) const {
        return {Date{date[row]}, open[row],   high[row],  low[row],
                close[row],      volume[row], value[row], minute.empty() ? 0 : minute[row]};
    }
    // Rows only: whoever fills a resized table by index sets the ranges too.
    void resize(std::size_t rows);  // the caller fills new rows: they are not zeroed
    // Starts a symbol after the last row; append() then adds rows to it and counts them.
    void begin_symbol(Instrument instrument);
    void append(const Bar& bar);
};

}  // namespace hsl::market
