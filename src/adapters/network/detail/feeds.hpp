// SPDX-License-Identifier: Apache-2.0
#pragma once

// One function a feed; feeds.cpp lists them.

#include <functional>
#include <memory>

#include "adapters/network/polite_client.hpp"
#include "service/feed.hpp"

namespace hsl::adapters::detail {

struct FeedParts {
    BaseUrl host = {};
    std::unique_ptr<PoliteClient> client = {};
    std::function<Instant()> now = {};
};

[[nodiscard]] std::unique_ptr<service::Feed> make_krx_open_api(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_krx_portal(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_data_go_kr(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_naver_chart(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_yahoo_chart(FeedParts parts);

}  // namespace hsl::adapters::detail
