// SPDX-License-Identifier: Apache-2.0
#pragma once

// Daily bars at rest, as columns of scaled integers: what the store holds and a Frame is built
// from. A plain value; whoever makes it owns it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned.hpp"
#include "base/date.hpp"
#include "market/instrument.hpp"

namespace hsl::market {

// One bar. Prices in 10^-scale of the instrument's currency, volume in shares, value in won.
struct Bar {
    Date date;
    std::int64_t open = 0;
    std::int64_t high = 0;
    std::int64_t low = 0;
    std::int64_t close = 0;
    std::int64_t volume = 0;
    std::int64_t value = value_missing;

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
    };
    std::vector<Range> symbols;       // ascending by symbol
    ColumnVector<std::int32_t> date;  // Date::days
    ColumnVector<std::int64_t> open, high, low, close, volume, value;

    [[nodiscard]] std::size_t rows() const { return date.size(); }
    [[nodiscard]] Bar bar(std::size_t row) const {
        return {Date{date[row]}, open[row],   high[row], low[row],
                close[row],      volume[row], value[row]};
    }
    // Rows only: whoever fills a resized table by index sets the ranges too.
    void resize(std::size_t rows);  // the caller fills new rows: they are not zeroed
    // Starts a symbol after the last row; append() then adds rows to it and counts them.
    void begin_symbol(Instrument instrument);
    void append(const Bar& bar);
};

}  // namespace hsl::market
