// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads one price file as it lies on a disk: CSV, tab- or semicolon-separated, a header in English,
// Korean or none, any column order. Every data line ends up in exactly one of accepted, quarantined
// or dropped; a repaired row counts as accepted and its rule is counted.

#include <string_view>

#include "base/error.hpp"
#include "store/price_file.hpp"

namespace hsl::adapters {

using store::PriceFile;

// `file_name` names the symbol and is what messages say; `bytes` are the whole file. An error
// carries the file and means that nothing of it can be used: empty or a header alone, binary, a
// column of date, open, high, low, close or volume not found, many symbols in one file. Any thread.
[[nodiscard]] Result<PriceFile> parse_price_file(std::string_view file_name,
                                                 std::string_view bytes);

}  // namespace hsl::adapters
