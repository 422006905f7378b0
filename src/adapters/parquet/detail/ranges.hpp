// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which rows of a file are whose, as the catalogue keeps it: a few bytes a symbol, with a checksum
// in front, for a range at the wrong row would give another symbol's bars.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"

namespace hsl::adapters {

// A symbol in a file, and the whole of its series once that file lay on top. Rows follow one
// another: a symbol's begin where those of the one before end.
struct FileSymbol {
    std::string symbol;
    std::int64_t rows = 0;        // in the file
    std::int64_t total_rows = 0;  // of the series
    Date first = {};              // of the series
    Date last = {};
};

[[nodiscard]] std::string encode(const std::vector<FileSymbol>& symbols);
// `corrupt` unless the bytes are as encode() made them.
[[nodiscard]] Result<std::vector<FileSymbol>> decode_ranges(std::string_view bytes);

}  // namespace hsl::adapters
