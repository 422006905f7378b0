// SPDX-License-Identifier: Apache-2.0
#pragma once

// What holds for every file that was not refused, whatever its bytes: for tests and fuzzers.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "store/market_file.hpp"

namespace hsl::adapters {

// The first promise that the bars of one series break, or "".
[[nodiscard]] inline std::string broken_series(const store::PriceSeries& series) {
    if (series.instrument.symbol.empty()) return "a series without a symbol";
    if (series.bars.empty()) return "a series without a bar";
    if (series.lines.size() != series.bars.size()) return "lines and bars differ in number";
    for (std::size_t i = 0; i < series.bars.size(); ++i) {
        const market::Bar& bar = series.bars[i];
        const std::string place =
            fmt::format("{} line {}: ", series.instrument.symbol, series.lines[i]);
        if (series.lines[i] < 1) return place + "no line of a file";
        if (series.interval == market::Interval::day && bar.minute != 0)
            return place + "a day with a minute";
        if (i > 0) {
            const market::Bar& last = series.bars[i - 1];
            if (bar.date < last.date || (bar.date == last.date && bar.minute <= last.minute))
                return place + "times do not ascend";
        }
        if (bar.close <= 0 || bar.volume < 0) return place + "close or volume";
        if (bar.value < 0 && bar.value != market::Bar::value_missing) return place + "value";
        if (bar.open == 0 && bar.high == 0 && bar.low == 0) continue;
        if (bar.low <= 0 || bar.low > std::min(bar.open, bar.close) ||
            bar.high < std::max(bar.open, bar.close))
            return place + "the range rule";
    }
    return {};
}

// The first promise that `file` breaks, or "". A file of named columns alone has rows that are no
// bars: what it accepted is what remains.
[[nodiscard]] inline std::string broken_invariant(const store::MarketFile& file) {
    std::int64_t bars = 0;
    for (std::size_t i = 0; i < file.prices.size(); ++i) {
        if (const std::string broken = broken_series(file.prices[i]); !broken.empty())
            return broken;
        if (i > 0 && file.prices[i].instrument.symbol <= file.prices[i - 1].instrument.symbol)
            return "symbols do not ascend";
        bars += static_cast<std::int64_t>(file.prices[i].bars.size());
    }
    auto sum = bars + static_cast<std::int64_t>(file.quarantined.size());
    for (const auto& [reason, rows] : file.dropped) {
        if (rows <= 0) return fmt::format("dropped {} = {}", reason, rows);
        sum += rows;
    }
    if (file.facts.empty() ? sum != file.data_lines : sum > file.data_lines)
        return fmt::format("{} lines accounted for, {} in the file", sum, file.data_lines);
    if (!file.prices.empty() && file.facts.listings.empty() && file.facts.actions.empty() &&
        sum != file.data_lines)
        return fmt::format("{} lines of prices accounted for, {} in the file", sum,
                           file.data_lines);
    for (const auto& [rule, rows] : file.repaired)
        if (rows <= 0 || rows > file.data_lines) return fmt::format("repaired {} = {}", rule, rows);
    for (const market::ColumnSeries& column : file.facts.columns) {
        if (column.rows.empty()) return "a column without a row";
        for (std::size_t i = 0; i < column.rows.size(); ++i) {
            if (!std::isfinite(column.rows[i].value)) return column.column + ": no number";
            if (column.rows[i].known < column.rows[i].date) return column.column + ": known early";
            if (i > 0 && column.rows[i].date <= column.rows[i - 1].date)
                return column.column + ": dates do not ascend";
        }
    }
    for (std::size_t i = 0; i < file.quarantined.size(); ++i) {
        const store::QuarantinedRow& row = file.quarantined[i];
        if (row.reason.empty() || row.detail.empty() || row.line < 1)
            return fmt::format("quarantined row {} does not say why or where", i);
        if (i > 0 && row.line < file.quarantined[i - 1].line)
            return fmt::format("quarantined line {} is out of order", row.line);
    }
    return {};
}

}  // namespace hsl::adapters
