// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads one price file as it lies on a disk: CSV, tab- or semicolon-separated, a header in English,
// Korean or none, any column order. Every data line ends up in exactly one of accepted, quarantined
// or dropped; a repaired row counts as accepted and its rule is counted.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "market/bar.hpp"
#include "market/instrument.hpp"
#include "store/bar_store.hpp"

namespace hsl::adapters {

struct PriceFile {
    std::string path;
    market::Instrument instrument;
    std::vector<market::Bar> bars;    // strictly ascending by date
    std::vector<std::int64_t> lines;  // source line of each bar
    std::vector<store::QuarantinedRow> quarantined;
    std::map<std::string, std::int64_t> repaired;  // rule -> rows
    std::map<std::string, std::int64_t> dropped;   // reason -> rows: filler, equal_repeat
    std::int64_t data_lines = 0;  // accepted + quarantined + dropped
};

// `file_name` is what messages say; bytes are the whole file. An error means the file as a whole is
// not a price file: empty, no date column, binary.
[[nodiscard]] Result<PriceFile> parse_price_file(std::string_view file_name, std::string_view bytes);
[[nodiscard]] Result<PriceFile> read_price_file(const std::filesystem::path& path);

}  // namespace hsl::adapters
