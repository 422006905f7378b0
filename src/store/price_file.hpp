// SPDX-License-Identifier: Apache-2.0
#pragma once

// One price file as it was understood, and the port to whatever reads one. Every data line ends up
// in exactly one of accepted, quarantined or dropped; a repaired row counts as accepted.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "market/bar.hpp"
#include "market/instrument.hpp"
#include "store/bar_store.hpp"

namespace hsl::store {

struct PriceFile {
    std::string path;
    market::Instrument instrument;
    std::vector<market::Bar> bars;    // strictly ascending by date
    std::vector<std::int64_t> lines;  // source line of each bar
    std::vector<QuarantinedRow> quarantined;
    std::map<std::string, std::int64_t> repaired;  // rule -> rows
    std::map<std::string, std::int64_t> dropped;   // reason -> rows: filler, equal_repeat
    std::int64_t data_lines = 0;                   // accepted + quarantined + dropped
};

// Understands the bytes of a whole file; `file_name` is what messages say.
using PriceFileParser =
    std::function<Result<PriceFile>(std::string_view file_name, std::string_view bytes)>;

}  // namespace hsl::store
