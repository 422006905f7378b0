// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "adapters/feeds/detail/content.hpp"
#include "adapters/feeds/detail/text_table.hpp"

namespace hsl::adapters::detail {
namespace {

std::optional<Result<store::MarketFile>> read_columnar(const Content& content) {
    if (!content.bytes.starts_with("PAR1")) return std::nullopt;
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
    return assemble_table(content, *table);
}

constexpr ContentReader readers[] = {read_columnar, read_text_table};

}  // namespace

std::span<const ContentReader> content_readers() { return readers; }

}  // namespace hsl::adapters::detail
