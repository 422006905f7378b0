// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/feeds.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "adapters/network/detail/feeds.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

struct Entry {
    FeedSpec spec;
    std::unique_ptr<service::Feed> (*make)(detail::FeedParts parts);
};

// Hosts as their publishers document them; rates well below what they are known to bear.
constexpr Entry entries[] = {
    {{"krx", "a market a day, raw", "https://data-dbg.krx.co.kr", 2, KeyUse::needed, "HSL_KRX_KEY"},
     detail::make_krx_open_api},
    {{"portal", "a market a day, or a symbol, raw", "https://data.krx.co.kr", 1, KeyUse::wanted,
      "HSL_PORTAL_SESSION", "valuation, flows, short"},
     detail::make_krx_portal},
    {{"datago", "a market a day, raw", "https://apis.data.go.kr", 2, KeyUse::needed,
      "HSL_DATAGO_KEY"},
     detail::make_data_go_kr},
    {{"naver", "a symbol, adjusted", "https://fchart.stock.naver.com", 1, KeyUse::none, ""},
     detail::make_naver_chart},
    {{"yahoo", "a symbol, adjusted", "https://query1.finance.yahoo.com", 1, KeyUse::none, ""},
     detail::make_yahoo_chart},
};
constexpr auto specs = [] {
    std::array<FeedSpec, std::size(entries)> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = entries[i].spec;
    return all;
}();

}  // namespace

std::span<const FeedSpec> feed_specs() { return specs; }

Result<FeedSpec> find_feed(std::string_view name) {
    std::string known;
    for (const FeedSpec& spec : specs) {
        if (spec.name == name) return spec;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", spec.name);
    }
    return fail(ErrorCode::bad_usage,
                fmt::format("there is no feed {}: {} or folder", printable(name), known));
}

Result<std::unique_ptr<service::Feed>> make_feed(std::string_view name, const FeedSetup& setup,
                                                 std::shared_ptr<HttpClient> http,
                                                 std::shared_ptr<RateLimiter> limiter) {
    HSL_TRY(const FeedSpec spec, find_feed(name));
    if (spec.key == KeyUse::needed && setup.key.empty())
        return fail(ErrorCode::bad_usage,
                    fmt::format("the feed {} wants a key: put it into the variable {}, or into a "
                                "file that only you may read (--key-file)",
                                name, spec.key_variable));
    if (!setup.key.empty() && !setup.host.tls && !setup.host.is_loopback())
        return fail(ErrorCode::bad_usage,
                    fmt::format("a key does not go to {} without https", setup.host.text()));
    const Politeness politeness{
        .id = fmt::format("{} {}", name, setup.key.reveal()),
        .space = std::chrono::milliseconds{static_cast<std::int64_t>(1000 / setup.rate)},
        .seed = setup.seed};
    for (const Entry& entry : entries) {
        if (entry.spec.name != name) continue;
        return entry.make({.host = setup.host,
                           .client = std::make_unique<PoliteClient>(std::move(http), limiter,
                                                                    politeness, setup.key),
                           .now = limiter->clock().now});
    }
    std::unreachable();
}

}  // namespace hsl::adapters
