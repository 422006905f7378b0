// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "adapters/feeds/detail/content.hpp"
#include "adapters/feeds/price_file.hpp"

namespace hsl::adapters::detail {
namespace {

std::optional<Result<store::MarketFile>> read_text_table(const Content& content) {
    auto prices = parse_price_file(content.path, content.bytes);
    if (!prices) return std::unexpected(std::move(prices).error());
    store::MarketFile file{.path = std::move(prices->path), .how = content.how};
    if (!prices->bars.empty()) {
        file.first = prices->bars.front().date;
        file.last = prices->bars.back().date;
        file.prices.push_back({.instrument = std::move(prices->instrument),
                               .bars = std::move(prices->bars),
                               .lines = std::move(prices->lines)});
    }
    file.quarantined = std::move(prices->quarantined);
    file.repaired = std::move(prices->repaired);
    file.dropped = std::move(prices->dropped);
    file.data_lines = prices->data_lines;
    return file;
}

constexpr ContentReader readers[] = {read_text_table};

}  // namespace

std::span<const ContentReader> content_readers() { return readers; }

}  // namespace hsl::adapters::detail
