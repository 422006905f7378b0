// SPDX-License-Identifier: Apache-2.0
#include "market/bar.hpp"

#include <utility>

#include "base/assert.hpp"

namespace hsl::market {

void BarTable::resize(std::size_t rows) {
    date.resize(rows);
    for (auto* column : {&open, &high, &low, &close, &volume, &value}) column->resize(rows);
    if (interval == Interval::minute) minute.resize(rows);
}

void BarTable::append(const Bar& bar) {
    HSL_ASSERT(!symbols.empty());
    date.push_back(bar.date.days);
    open.push_back(bar.open);
    high.push_back(bar.high);
    low.push_back(bar.low);
    close.push_back(bar.close);
    volume.push_back(bar.volume);
    value.push_back(bar.value);
    if (interval == Interval::minute) minute.push_back(bar.minute);
    ++symbols.back().count;
}

void BarTable::begin_symbol(Instrument instrument) {
    symbols.push_back({.instrument = std::move(instrument), .first = rows()});
}

}  // namespace hsl::market
