// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port to whatever reads a table out of a columnar file (Parquet, Arrow) as text, so that the
// parsers of market files meet its cells as they meet those of a CSV. A plain value; any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::store {

// Cells in one block of text, row by row: a whole market's year has ten million of them.
struct TextTable {
    std::vector<std::string> header = {};
    std::string text = {};                 // of every cell, one behind the other
    std::vector<std::uint64_t> ends = {};  // where each cell ends in it, rows x header.size()

    [[nodiscard]] std::size_t rows() const {
        return header.empty() ? 0 : ends.size() / header.size();
    }
    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
        const std::size_t index = row * header.size() + column;
        const std::uint64_t first = index == 0 ? 0 : ends[index - 1];
        return std::string_view{text}.substr(first, ends[index] - first);
    }
    void append(std::string_view cell) {
        text += cell;
        ends.push_back(text.size());
    }
};

// Dates as YYYY-MM-DD, days with a time as YYYY-MM-DD HH:MM:SS, whole numbers without a point,
// other numbers in their shortest form, missing values empty.
using TableReader = std::function<Result<TextTable>(std::string_view name, std::string_view bytes)>;

}  // namespace hsl::store
