// SPDX-License-Identifier: Apache-2.0
#pragma once

// The feeds that are asked over the network, and the one list of them. What each host speaks is in
// docs/guides/collect.md.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/network/polite_client.hpp"
#include "service/feed.hpp"

namespace hsl::adapters {

enum class KeyUse { none, wanted, needed };

struct FeedSpec {
    std::string_view name;    // "krx"
    std::string_view brings;  // "a market a day, raw"
    std::string_view host;    // the documented one
    double rate = 1;          // requests a second
    KeyUse key = KeyUse::none;
    std::string_view key_variable;  // "HSL_KRX_KEY"
    std::string_view columns = {};  // what it brings beside prices when asked: "valuation, short"
};
[[nodiscard]] std::span<const FeedSpec> feed_specs();
// An unknown name is an error that lists the known ones.
[[nodiscard]] Result<FeedSpec> find_feed(std::string_view name);

struct FeedSetup {
    BaseUrl host = {};
    Secret key = {};
    double rate = 1;
    std::uint64_t seed = 1;  // of the pauses
};
// A key goes out over https only, or to this machine.
[[nodiscard]] Result<std::unique_ptr<service::Feed>> make_feed(
    std::string_view name, const FeedSetup& setup, std::shared_ptr<HttpClient> http,
    std::shared_ptr<RateLimiter> limiter);

}  // namespace hsl::adapters
