// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/price_file.hpp"

#include <utility>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/market_file.hpp"

namespace hsl::adapters {

Result<PriceFile> parse_price_file(std::string_view file_name, std::string_view bytes) {
    HSL_TRY(auto files, parse_market_file(file_name, bytes, {}));
    const auto refuse = [&](std::string message) {
        return std::unexpected(Error{.code = ErrorCode::bad_data,
                                     .message = std::move(message),
                                     .file = std::string{file_name}});
    };
    if (files.size() != 1) return refuse("an archive of several files: import them one by one");
    store::MarketFile& file = files.front();
    if (file.error) return std::unexpected(std::move(*file.error));
    if (file.prices.size() > 1) return refuse("a file of many symbols");
    PriceFile prices{.path = std::move(file.path),
                     .instrument = market::instrument_for(detail::symbol_of_path(file_name)),
                     .quarantined = std::move(file.quarantined),
                     .repaired = std::move(file.repaired),
                     .dropped = std::move(file.dropped),
                     .data_lines = file.data_lines};
    if (file.prices.size() == 1) {
        prices.instrument = std::move(file.prices.front().instrument);
        prices.bars = std::move(file.prices.front().bars);
        prices.lines = std::move(file.prices.front().lines);
    }
    return prices;
}

}  // namespace hsl::adapters
