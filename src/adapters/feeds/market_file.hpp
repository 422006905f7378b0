// SPDX-License-Identifier: Apache-2.0
#pragma once

// Any market file as it lies on somebody's disk: a price table of one symbol or a whole market,
// packed or not, in any of the usual encodings; bodies of the exchange and of chart feeds; lists of
// names and of corporate actions. docs/concepts/import.md says what is understood, repaired,
// dropped and quarantined. Pure functions; any thread.

#include <string_view>
#include <vector>

#include "store/market_file.hpp"
#include "store/table_reader.hpp"

namespace hsl::adapters {

// `read_table` reads Parquet; without it such a file is refused. One result, or one a member of an
// archive (whose error then stands in it); an error means that nothing of the file can be used.
[[nodiscard]] Result<std::vector<store::MarketFile>> parse_market_file(
    std::string_view name, std::string_view bytes, const store::ReadHints& hints,
    const store::TableReader& read_table = {});

// The port's form of it.
[[nodiscard]] store::MarketFileParser market_file_parser(store::TableReader read_table);

}  // namespace hsl::adapters
