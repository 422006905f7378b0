// SPDX-License-Identifier: Apache-2.0
#pragma once

// Content readers of everything that is no plain table of text: JSON and XML bodies, Parquet,
// Lean's headerless files, listings, corporate actions. Formats: docs/reference/file-formats.md.

#include <optional>

#include "adapters/feeds/detail/content.hpp"
#include "base/json_reader.hpp"
#include "adapters/feeds/detail/records.hpp"

namespace hsl::adapters::detail {

using Reading = std::optional<Result<store::MarketFile>>;  // nothing: not of this kind

[[nodiscard]] Reading read_json_body(const Content& content);
[[nodiscard]] Reading read_xml_body(const Content& content);  // chart feed, data.go.kr, errors
// What a site calls a workbook and is a web page with one table: nothing where no table of it is
// understood.
[[nodiscard]] Reading read_html_table(const Content& content);
[[nodiscard]] Reading read_parquet_file(const Content& content);
[[nodiscard]] Reading read_lean_file(const Content& content);  // prices, factor and map files
[[nodiscard]] Reading read_events_table(
    const Content& content);  // prices beside dividend and split
[[nodiscard]] Reading read_stacked_table(
    const Content& content);  // a line of symbols and a line of fields above the rows
[[nodiscard]] Reading read_facts_table(const Content& content);    // listings, states, actions
[[nodiscard]] Reading read_broker_master(const Content& content);  // KIS kospi_code.mst

// Rows of a body, whatever it was written in: prices, columns, listings or actions by their names.
// `downloaded` dates a list that has no day of its own.
[[nodiscard]] Result<store::MarketFile> read_records(const Content& content, Records records,
                                                     std::optional<Date> downloaded);
// An answer without rows: no error, since a closed day has none.
[[nodiscard]] store::MarketFile nothing_in(const Content& content, std::string_view format);

// chart.result of Yahoo; nothing when the document is no such chart.
[[nodiscard]] Reading read_yahoo_chart(const Content& content, const JsonValue& root);

}  // namespace hsl::adapters::detail
