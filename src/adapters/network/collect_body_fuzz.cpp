// SPDX-License-Identifier: Apache-2.0

// Whatever a host answers, a feed makes bodies or a failure of it. The first byte picks the feed
// and the status. Seeds: tests/fuzz/collect_body.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/network/feeds.hpp"
#include "base/assert.hpp"

namespace hsl::adapters {
namespace {

class OneAnswer final : public HttpClient {
public:
    explicit OneAnswer(HttpReply reply) : reply_(std::move(reply)) {}
    std::expected<HttpReply, HttpFailure> send(const HttpRequest& /*request*/,
                                               std::stop_token /*stop*/) override {
        return reply_;
    }

private:
    HttpReply reply_;
};

// Time that passes when somebody waits.
Clock clock_without_waiting() {
    auto now = std::make_shared<Instant>();
    return {.now = [now] { return *now; },
            .wait =
                [now](Instant until, std::stop_token) {
                    if (until > *now) *now = until;
                    return true;
                }};
}

void ask(const FeedSpec& spec, HttpReply reply) {
    const auto limiter = std::make_shared<RateLimiter>(clock_without_waiting());
    FeedSetup setup{.key = Secret{"key"}, .rate = 1e6};
    setup.host = {.tls = true, .host = "localhost", .port = "443"};
    const auto feed =
        make_feed(spec.name, setup, std::make_shared<OneAnswer>(std::move(reply)), limiter);
    HSL_ASSERT(feed.has_value());
    const Date day = Date::from_civil(2024, 1, 4);
    const service::FeedQuery query{.from = day,
                                   .to = day,
                                   .markets = {market::Market::kospi},
                                   .symbols = {market::instrument_for("005930")}};
    const auto errands = (*feed)->errands(query);
    if (!errands) return;
    for (const service::Errand& errand : *errands) {
        const auto fetched = (*feed)->fetch(errand, {});
        if (!fetched) HSL_ASSERT(!fetched.error().error.message.empty());
    }
}

}  // namespace
}  // namespace hsl::adapters

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr int statuses[] = {200, 200, 200, 400, 401, 403, 429, 500};
    if (size == 0) return 0;
    const auto specs = hsl::adapters::feed_specs();
    hsl::adapters::ask(specs[data[0] % specs.size()],
                       {.status = statuses[data[0] >> 5],
                        .body = {reinterpret_cast<const char*>(data) + 1, size - 1}});
    return 0;
}
