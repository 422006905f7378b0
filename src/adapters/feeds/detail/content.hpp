// SPDX-License-Identifier: Apache-2.0
#pragma once

// One document, unpacked and in UTF-8, and the readers that may understand it. The front
// (market_file.cpp) peels containers and encodings off and asks each reader in turn: the first that
// does not say "not mine" decides. A new format is one function and one line in
// content_readers.cpp.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/market_file.hpp"
#include "store/table_reader.hpp"

namespace hsl::adapters::detail {

struct Content {
    std::string path = {};          // as messages name it; "a.zip:b.csv" inside an archive
    std::string_view bytes = {};    // UTF-8 without BOM; of a Parquet file its own bytes
    store::Understanding how = {};  // container and encoding are filled in
    const store::ReadHints& hints;
    const store::TableReader& read_table;
};

// Nothing: not a document of this kind.
using ContentReader = std::optional<Result<store::MarketFile>> (*)(const Content& content);

// In the order in which they are asked; the table of text with any header is last.
[[nodiscard]] std::span<const ContentReader> content_readers();

}  // namespace hsl::adapters::detail
