// SPDX-License-Identifier: Apache-2.0
#pragma once

// What names the content of a store: SHA-256 over the logical rows, so that it depends neither on
// how many imports it took nor on how a store keeps them. Changing a byte of what is hashed renames
// every data version ever shown: content_hash_test.cpp pins it.

#include <span>
#include <string>
#include <string_view>

#include "market/bar.hpp"
#include "market/instrument.hpp"

namespace hsl::store {

// 64 hexadecimal digits over instrument and rows (ascending by date).
[[nodiscard]] std::string symbol_hash(const market::Instrument& instrument,
                                      std::span<const market::Bar> bars);

struct NamedHash {
    std::string_view symbol;
    std::string_view hash;  // symbol_hash of it
};
// The data version: 16 hexadecimal digits over every symbol, ascending; "" for none.
[[nodiscard]] std::string data_version(std::span<const NamedHash> symbols);

}  // namespace hsl::store
