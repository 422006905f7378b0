// SPDX-License-Identifier: Apache-2.0
#pragma once

// Indicator values of one series, session by session or in bars of some minutes. A halt is a flat
// bar at the last close with volume 0; a session without a row, between the first and the last row
// of a Korean share, is one. Before 1990, where the calendar begins, and for other instruments the
// rows are the sessions. The series is not cut at breaks.

#include <span>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"
#include "market/named_column.hpp"

namespace hsl::service {

struct IndicatorTable {
    std::string symbol;
    std::vector<Date> dates;
    std::vector<std::int32_t> minutes = {};  // that each bar begins in; empty for days
    std::vector<std::string> headers;        // the expression; ".signal" added for further outputs
    std::vector<std::vector<double>> columns;  // NaN while there is no value
};

// Names of the columns that expressions read, for who must fetch them. Expressions that cannot be
// read have none.
[[nodiscard]] std::vector<std::string> columns_of(const std::vector<std::string>& expressions);

// One symbol's bars, ascending, and the series of its named columns. `minutes`: how long the bars
// are that are made from minute bars; 0: the bars are days. Prices are those of the
// bars: raw_close is close. What compares symbols has one to look at. An expression that names an
// indicator of several outputs without a dot gives a column an output; what is asked for twice
// comes once.
[[nodiscard]] Result<IndicatorTable> show_indicators(
    const market::Instrument& instrument, const std::vector<market::Bar>& bars,
    const std::vector<std::string>& expressions, std::span<const market::ColumnSeries> columns = {},
    int minutes = 0);

// date, time of minutes, then a column an output; NaN empty; shortest numbers that read back the
// same.
[[nodiscard]] std::string to_csv(const IndicatorTable& table);

}  // namespace hsl::service
