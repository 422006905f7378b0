// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/market_file.hpp"

#include <string>
#include <utility>

#include "adapters/feeds/detail/content.hpp"
#include "base/assert.hpp"

namespace hsl::adapters {

Result<std::vector<store::MarketFile>> parse_market_file(std::string_view name,
                                                         std::string_view bytes,
                                                         const store::ReadHints& hints,
                                                         const store::TableReader& read_table) {
    const detail::Content content{
        .path = std::string{name}, .bytes = bytes, .hints = hints, .read_table = read_table};
    for (const detail::ContentReader reader : detail::content_readers()) {
        auto file = reader(content);
        if (!file) continue;
        if (!*file) return std::unexpected(std::move(*file).error());
        std::vector<store::MarketFile> files;
        files.push_back(std::move(**file));
        return files;
    }
    HSL_ASSERT(false && "the last reader decides");
}

store::MarketFileParser market_file_parser(store::TableReader read_table) {
    return [read_table = std::move(read_table)](std::string_view name, std::string_view bytes,
                                                const store::ReadHints& hints) {
        return parse_market_file(name, bytes, hints, read_table);
    };
}

}  // namespace hsl::adapters
