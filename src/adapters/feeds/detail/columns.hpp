// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which cell of a row holds what, learnt from the first row of a file: its delimiter, its header in
// English or Korean, or the order date,open,high,low,close,volume where there is no header.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::adapters::detail {

enum class Column : std::size_t { date, open, high, low, close, volume, value, code };
inline constexpr std::size_t column_count = 8;
[[nodiscard]] std::string_view name_of(Column column);  // "close"

struct Layout {
    static constexpr std::size_t absent = static_cast<std::size_t>(-1);

    char delimiter = ',';
    bool header = false;  // the row it was learnt from is a header, not data
    std::array<std::size_t, column_count> index{};  // cell of each column, or `absent`
    std::size_t cells_min = 0;  // cells of the first row without empty ones at its end
    std::size_t cells_max = 0;  // and with them

    [[nodiscard]] std::size_t at(Column column) const {
        return index[static_cast<std::size_t>(column)];
    }
    [[nodiscard]] bool has(Column column) const { return at(column) != absent; }
};

// The trimmed, unquoted cells of one line. False when a quote is not closed; `cells` is then of no
// use.
[[nodiscard]] bool split_cells(std::string_view line, char delimiter,
                               std::vector<std::string_view>& cells);

// Nothing but delimiters, quotes and blanks: a row that says nothing, in any of the formats.
[[nodiscard]] bool is_blank_row(std::string_view line);

// The layout that `line`, the first row that is not blank, stands for. The error says what was
// found and what would be understood; it carries no file yet.
[[nodiscard]] Result<Layout> learn_layout(std::string_view line);

// Bytes of a file for a message: at most `bytes_max`, what is not printable as \xNN.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t bytes_max = 60);

}  // namespace hsl::adapters::detail
