// SPDX-License-Identifier: Apache-2.0
#pragma once

// Records that tell of something other than prices: who is listed, in which state, what companies
// did to their shares. Every row ends up accepted, quarantined or dropped, as with prices.

#include <optional>
#include <string_view>

#include "adapters/feeds/detail/content.hpp"
#include "adapters/feeds/detail/records.hpp"
#include "base/error.hpp"
#include "store/market_file.hpp"

namespace hsl::adapters::detail {

// Whether the columns are those of a listing: codes and names and nothing that changes by the day,
// or anything with codes where the user says --listing.
[[nodiscard]] bool is_listing(const Records& records, const store::ReadHints& hints);
[[nodiscard]] bool is_state_table(const Records& records);   // code, state, from
[[nodiscard]] bool is_action_table(const Records& records);  // code, kind, ex_date

// `snapshot` is the day that the table speaks of, where rows have none.
[[nodiscard]] Result<store::MarketFile> read_listings(const Content& content,
                                                      const Records& records,
                                                      std::optional<Date> snapshot);
[[nodiscard]] Result<store::MarketFile> read_states(const Content& content, const Records& records);
[[nodiscard]] Result<store::MarketFile> read_actions(const Content& content,
                                                     const Records& records);

// A row of `records` that cannot be used, into `file`.
void set_aside(store::MarketFile& file, const Record& row, std::string_view reason,
               std::string detail, std::string symbol = {}, std::string date = {});

}  // namespace hsl::adapters::detail
