// SPDX-License-Identifier: Apache-2.0
#pragma once

// What holds for every file that was not refused, whatever its bytes: for tests and the fuzzer.

#include <algorithm>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "adapters/feeds/price_file.hpp"

namespace hsl::adapters {

// The first promise that `file` breaks, or "".
[[nodiscard]] inline std::string broken_invariant(const PriceFile& file) {
    std::int64_t sum = static_cast<std::int64_t>(file.bars.size() + file.quarantined.size());
    for (const auto& [reason, rows] : file.dropped) {
        if (rows <= 0) return fmt::format("dropped {} = {}", reason, rows);
        sum += rows;
    }
    if (sum != file.data_lines)
        return fmt::format("{} lines accounted for, {} in the file", sum, file.data_lines);
    if (file.lines.size() != file.bars.size()) return "lines and bars differ in number";
    for (const auto& [rule, rows] : file.repaired)
        if (rows <= 0 || rows > static_cast<std::int64_t>(file.bars.size()))
            return fmt::format("repaired {} = {}", rule, rows);
    for (std::size_t i = 0; i < file.bars.size(); ++i) {
        const market::Bar& bar = file.bars[i];
        const std::string place = fmt::format("line {}: ", file.lines[i]);
        if (file.lines[i] < 1) return place + "no line of a file";
        if (i > 0 && bar.date <= file.bars[i - 1].date) return place + "dates do not ascend";
        if (bar.close <= 0 || bar.volume < 0) return place + "close or volume";
        if (bar.value < 0 && bar.value != market::Bar::value_missing) return place + "value";
        if (bar.open == 0 && bar.high == 0 && bar.low == 0) continue;
        if (bar.low <= 0 || bar.low > std::min(bar.open, bar.close) ||
            bar.high < std::max(bar.open, bar.close))
            return place + "the range rule";
    }
    for (std::size_t i = 0; i < file.quarantined.size(); ++i) {
        const store::QuarantinedRow& row = file.quarantined[i];
        if (row.reason.empty() || row.detail.empty() || row.source.empty() || row.line < 1)
            return fmt::format("quarantined row {} does not say why or where", i);
        if (i > 0 && row.line <= file.quarantined[i - 1].line)
            return fmt::format("quarantined line {} stands twice or out of order", row.line);
    }
    return {};
}

}  // namespace hsl::adapters
