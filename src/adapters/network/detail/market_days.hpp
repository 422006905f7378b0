// SPDX-License-Identifier: Apache-2.0
#pragma once

// Errands of the feeds that answer with a whole market's day, and of those with one symbol's range.

#include <string_view>
#include <vector>

#include "service/feed.hpp"

namespace hsl::adapters::detail {

// One for each market (KOSPI and KOSDAQ unless asked for others) and session within the days asked
// for, oldest first: the calendar's closed days are not asked about.
[[nodiscard]] Result<std::vector<service::Errand>> market_days(std::string_view feed,
                                                               const service::FeedQuery& query);
// One for each symbol and piece of at most `days_most` days, oldest first.
[[nodiscard]] Result<std::vector<service::Errand>> symbol_ranges(std::string_view feed,
                                                                 const service::FeedQuery& query,
                                                                 int days_most);

}  // namespace hsl::adapters::detail
