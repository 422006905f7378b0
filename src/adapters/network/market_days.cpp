// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/detail/market_days.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "market/calendar.hpp"

namespace hsl::adapters::detail {

Result<std::vector<service::Errand>> market_days(std::string_view feed,
                                                 const service::FeedQuery& query) {
    if (!query.symbols.empty())
        return fail(
            ErrorCode::bad_usage,
            fmt::format("the feed {} answers with whole markets: leave --symbols out", feed));
    HSL_TRY(const auto sessions, market::Calendar::krx().sessions(query.from, query.to));
    std::vector<market::Market> markets = query.markets;
    if (markets.empty()) markets = {market::Market::kospi, market::Market::kosdaq};
    std::vector<service::Errand> errands;
    for (const Date day : sessions)
        for (const market::Market market : markets)
            errands.push_back({.subject = std::string{market::name_of(market)},
                               .from = day,
                               .to = day,
                               .instrument = {.symbol = {}, .market = market}});
    return errands;
}

Result<std::vector<service::Errand>> symbol_ranges(std::string_view feed,
                                                   const service::FeedQuery& query, int days_most) {
    if (query.symbols.empty())
        return fail(
            ErrorCode::bad_usage,
            fmt::format("the feed {} answers for one symbol at a time: say which, --symbols "
                        "005930,000660",
                        feed));
    std::vector<service::Errand> errands;
    for (const market::Instrument& instrument : query.symbols)
        for (Date from = query.from; from <= query.to;) {
            const Date to = std::min(query.to, from + (days_most - 1));
            errands.push_back(
                {.subject = instrument.symbol, .from = from, .to = to, .instrument = instrument});
            from = to + 1;
        }
    return errands;
}

}  // namespace hsl::adapters::detail
