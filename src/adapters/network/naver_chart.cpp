// SPDX-License-Identifier: Apache-2.0

// The chart XML of fchart.stock.naver.com: the last so many sessions of one symbol, adjusted for
// splits and rights. It takes a count, not dates.

#include <algorithm>

#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr std::int64_t count_most = 6000;

class NaverChart final : public ChartFeed {
public:
    using ChartFeed::ChartFeed;
    std::string name() const override { return "naver"; }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        // Bars go back from today; every weekday may have been a session, and a few are to spare.
        const Date today{
            static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::days>(
                                          parts_.now().time_since_epoch() + std::chrono::hours{9})
                                          .count())};
        const std::int64_t count = std::clamp<std::int64_t>(
            (today - errand.from) * std::int64_t{5} / 7 + 10, 10, count_most);
        const HttpRequest request{
            .base = parts_.host,
            .target = fmt::format("/sise.nhn?symbol={}&timeframe=day&count={}&requestType=0",
                                  percent_encoded(errand.instrument.symbol), count)};
        auto reply = parts_.client->send(
            request, [](const HttpReply& answer) { return judge_status(answer, "it has no key"); },
            progress.stop);
        if (!reply) return failure(std::move(reply).error());
        service::FeedBody body{fmt::format("naver_sise_symbol-{}.xml", errand.instrument.symbol),
                               std::move(reply->body)};
        if (body.bytes.find("<chartdata") == std::string::npos)
            return changed_layout(body, "the element chartdata is missing");
        // An unknown symbol has no items.
        if (body.bytes.find("<item") == std::string::npos)
            return failure({.code = ErrorCode::not_found,
                            .message = fmt::format("{} knows no symbol {}", name(),
                                                   errand.instrument.symbol)});
        if (body.bytes.find("<item data=\"") == std::string::npos)
            return changed_layout(body, "the attribute data of item is missing");
        service::Fetched fetched;
        fetched.bodies.push_back(std::move(body));
        return fetched;
    }
};

}  // namespace

std::unique_ptr<service::Feed> make_naver_chart(FeedParts parts) {
    return std::make_unique<NaverChart>(std::move(parts));
}

}  // namespace hsl::adapters::detail
