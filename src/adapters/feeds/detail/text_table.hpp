// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reader of text tables with or without a header: bars of one symbol or a whole market, named
// columns, panels of closes. It understands whatever no other reader claimed.

#include "adapters/feeds/detail/content.hpp"

namespace hsl::adapters::detail {

[[nodiscard]] std::optional<Result<store::MarketFile>> read_text_table(const Content& content);

// A table that a TableReader made of a columnar file: the same words, the same rules.
[[nodiscard]] Result<store::MarketFile> assemble_table(const Content& content,
                                                       const store::TextTable& table);

}  // namespace hsl::adapters::detail
