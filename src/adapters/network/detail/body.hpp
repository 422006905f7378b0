// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the feeds of JSON bodies have in common: reading one far enough to see that it is what the
// host documents, and saying which body and field are not. The rows themselves are understood
// elsewhere.

#include <expected>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/network/polite_client.hpp"
#include "service/feed.hpp"

namespace hsl::adapters::detail {

// The rows of a body as far as a feed looks at them.
struct BodyRows {
    std::size_t count = 0;
    bool all_dashes = true;  // no row has a number in the price field
};

// Rows below one of `keys` of the root object. Each row must have `fields`; `price` is the one that
// holds "-" where nothing was traded. The error says what is missing in which body.
[[nodiscard]] std::expected<BodyRows, service::FeedFailure> rows_of(
    const service::FeedBody& body, std::initializer_list<std::string_view> keys,
    std::initializer_list<std::string_view> fields, std::string_view price);

// "the layout of BODY has changed: ..."
[[nodiscard]] std::unexpected<service::FeedFailure> changed_layout(const service::FeedBody& body,
                                                                   std::string_view what);
// 401 and 403, and what says the same in a body: the key is at fault and no retry helps.
[[nodiscard]] Judgement key_refused(std::string_view host_says, std::string_view remedy);
// Statuses that mean the same everywhere: 2xx good, 401 and 403 the key, 429 and 5xx again, the
// rest an error.
[[nodiscard]] Judgement judge_status(const HttpReply& reply, std::string_view key_remedy);

[[nodiscard]] std::string compact(Date date);  // 20240104
[[nodiscard]] std::unexpected<service::FeedFailure> failure(Error error);

}  // namespace hsl::adapters::detail
