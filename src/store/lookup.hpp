// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every store answers in the same words: a symbol that is not there, a run by the beginning of
// its id, which quarantined rows are the same, the time now.

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/bar_store.hpp"

namespace hsl::store {

// `not_found`, naming the symbol and the nearest of `known`.
[[nodiscard]] Error unknown_symbol(std::string_view symbol, std::span<const std::string> known);

// The id that `beginning` means: an equal one, else the only one that begins so.
[[nodiscard]] Result<std::string> match_run(std::string_view beginning,
                                            std::span<const std::string> ids);

// Equal for the same row of the same file, whatever it was compared with: importing a file twice
// does not double its quarantine.
[[nodiscard]] std::string quarantine_key(const QuarantinedRow& row);

[[nodiscard]] std::string utc_now();  // "2024-03-05T12:34:56Z"

}  // namespace hsl::store
