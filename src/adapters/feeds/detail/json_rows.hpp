// SPDX-License-Identifier: Apache-2.0
#pragma once

// The rows of a JSON document, however a program laid them out: a list under one of the keys of
// servers, lists of values under a row of names, the five layouts of pandas, a row a line. Pure
// functions; any thread.

#include <optional>
#include <string_view>

#include "adapters/feeds/detail/records.hpp"
#include "base/error.hpp"
#include "base/json_reader.hpp"

namespace hsl::adapters::detail {

// The rows refer to the document's bytes. The error says what would be understood.
[[nodiscard]] Result<Records> rows_of(const JsonValue& root);
// Of a text that is no JSON document: a document a line, or lists whose names stand in single
// quotes.
[[nodiscard]] std::optional<Records> rows_of_lines(std::string_view text);

}  // namespace hsl::adapters::detail
