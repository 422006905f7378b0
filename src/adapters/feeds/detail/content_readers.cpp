// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/content.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "adapters/feeds/detail/text_table.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr ContentReader readers[] = {read_parquet_file,  read_json_body,   read_xml_body,
                                     read_broker_master, read_lean_file,   read_stacked_table,
                                     read_events_table,  read_facts_table, read_text_table};

}  // namespace

std::span<const ContentReader> content_readers() { return readers; }

}  // namespace hsl::adapters::detail
