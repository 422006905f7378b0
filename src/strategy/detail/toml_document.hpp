// SPDX-License-Identifier: Apache-2.0
#pragma once

// A TOML text as a tree of plain values that know where they stand, tables in the file's order. The
// TOML library stays behind this header.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "strategy/detail/source_text.hpp"

namespace hsl::strategy {

struct TomlEntry;

struct TomlValue {
    enum class Kind : std::uint8_t { text, number, truth, array, table, date };
    Kind kind = Kind::table;
    std::size_t offset = 0;  // of its first byte in the file
    std::string text = {};   // kind text
    // Kind text: where in the file each byte of `text` came from, and its end.
    std::vector<std::size_t> origin = {};
    double number = 0;                  // kind number, integers included
    std::vector<TomlValue> items = {};  // kind array
    std::vector<TomlEntry> entries;     // kind table, in the order of the file
};

struct TomlEntry {
    std::string key;
    std::size_t offset = 0;  // of the key
    TomlValue value;
};

[[nodiscard]] const char* name_of(TomlValue::Kind kind);  // "a text in quotes"

// The table of the whole text. Keys with more than 32 parts are refused.
[[nodiscard]] Result<TomlValue> parse_toml(const SourceText& source);

}  // namespace hsl::strategy
