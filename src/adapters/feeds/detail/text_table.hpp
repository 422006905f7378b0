// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reader of text tables with or without a header: bars of one symbol or a whole market, named
// columns, panels of closes. It understands whatever no other reader claimed.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/content.hpp"

namespace hsl::adapters::detail {

[[nodiscard]] std::optional<Result<store::MarketFile>> read_text_table(const Content& content);

// Rows that are looked at to learn what a column holds.
inline constexpr std::size_t sampled_rows = 200;
// The first cells of a column, at most `rows_max`.
using ColumnSample =
    std::function<std::vector<std::string_view>(std::size_t column, std::size_t rows_max)>;
// What only cells can tell of columns: which one without a name is the date, signs before prices
// that are directions, a code that stands in the first row alone. That code is returned.
[[nodiscard]] std::string settle_table(std::vector<ColumnSlot>& slots, const ColumnSample& sample);

// A table that a TableReader made of a columnar file: the same words, the same rules.
[[nodiscard]] Result<store::MarketFile> assemble_table(const Content& content,
                                                       const store::TextTable& table);

}  // namespace hsl::adapters::detail
