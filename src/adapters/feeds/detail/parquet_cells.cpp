// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "adapters/feeds/detail/facts_tables.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "adapters/feeds/detail/text_table.hpp"

namespace hsl::adapters::detail {

Reading read_parquet_file(const Content& content) {
    if (!content.bytes.starts_with("PAR1")) return {};
    if (!content.read_table)
        return std::unexpected(Error{.code = ErrorCode::unsupported,
                                     .message = "a Parquet file: this build does not read them",
                                     .file = content.path});
    auto table = content.read_table(content.path, content.bytes);
    if (!table) {
        Error error = std::move(table).error();
        error.file = content.path;
        return std::unexpected(std::move(error));
    }
    Records head;
    head.names = table->header;
    const bool actions = content.hints.actions || is_action_table(head);
    const bool states = is_state_table(head);
    if (!actions && !states && !is_listing(head, content.hints))
        return assemble_table(content, *table);
    const Records records = records_of(*table);
    if (actions) return read_actions(content, records);
    if (states) return read_states(content, records);
    return read_listings(content, records, {});
}

}  // namespace hsl::adapters::detail
