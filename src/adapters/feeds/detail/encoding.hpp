// SPDX-License-Identifier: Apache-2.0
#pragma once

// What bytes are when they are text: UTF-8, CP949 (EUC-KR with the rest of Hangul) or UTF-16, with
// or without a byte order mark. Pure functions; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "store/market_file.hpp"

namespace hsl::adapters::detail {

struct Decoded {
    std::string_view text = {};  // UTF-8 without a mark: of the bytes themselves, or of `owned`
    std::string owned = {};      // where another encoding had to be changed
    std::string encoding = {};   // "UTF-8 with BOM", "CP949", "UTF-16LE"
};
// Bytes that are of no encoding stay as they are, as damaged UTF-8. A text of both UTF-8 and CP949
// (two files in one) is read line by line. What `told` says comes before any guess.
[[nodiscard]] Decoded decode(std::string_view bytes, std::optional<store::TextEncoding> told = {});

// CP949 to UTF-8; nothing where a sequence is none of it.
[[nodiscard]] std::optional<std::string> from_cp949(std::string_view bytes);

}  // namespace hsl::adapters::detail
