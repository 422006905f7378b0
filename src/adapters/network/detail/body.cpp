// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/detail/body.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl::adapters::detail {

namespace json = boost::json;

std::unexpected<service::FeedFailure> failure(Error error) {
    return std::unexpected(service::FeedFailure{.error = std::move(error)});
}

std::unexpected<service::FeedFailure> changed_layout(const service::FeedBody& body,
                                                     std::string_view what) {
    return std::unexpected(service::FeedFailure{
        .error = {.code = ErrorCode::bad_data,
                  .message =
                      fmt::format("{} is not laid out as its host documents: {}", body.name, what)},
        .body = body});
}

Judgement key_refused(std::string_view host_says, std::string_view remedy) {
    return {Worth::stop,
            {.code = ErrorCode::bad_usage,
             .message = fmt::format("the key was refused ({}): {}", printable(clip(host_says, 120)),
                                    remedy)}};
}

Judgement judge_status(const HttpReply& reply, std::string_view key_remedy) {
    if (reply.status >= 200 && reply.status < 300) return {};
    if (reply.status == 401 || reply.status == 403)
        return key_refused(fmt::format("HTTP {}", reply.status), key_remedy);
    std::string what = fmt::format("HTTP {}", reply.status);
    if (reply.status == 429 || reply.status == 408 || reply.status >= 500)
        return {Worth::again, {.code = ErrorCode::io, .message = std::move(what)}};
    if (const auto place = reply.header("location"); !place.empty())
        what += fmt::format(", moved to {} (--host says where a feed lives)",
                            printable(clip(place, 100)));
    return {Worth::stop, {.code = ErrorCode::io, .message = std::move(what)}};
}

std::string compact(Date date) {
    return fmt::format("{:04}{:02}{:02}", date.year(), date.month(), date.day());
}

std::expected<BodyRows, service::FeedFailure> rows_of(
    const service::FeedBody& body, std::initializer_list<std::string_view> keys,
    std::initializer_list<std::string_view> fields, std::string_view price) {
    boost::system::error_code error;
    const json::value root = json::parse(body.bytes, error);
    if (error) {
        const std::string beginning = trim(std::string_view{body.bytes}.substr(0, 80));
        if (beginning.empty()) return changed_layout(body, "the answer is empty");
        if (beginning.starts_with('<'))
            return changed_layout(body,
                                  fmt::format("a page and no JSON ({} ...)", printable(beginning)));
        return changed_layout(body, fmt::format("no JSON ({})", error.message()));
    }
    if (!root.is_object()) return changed_layout(body, "no object at its root");
    const json::value* found = nullptr;
    for (const std::string_view key : keys)
        if (found == nullptr) found = root.as_object().if_contains({key.data(), key.size()});
    if (found == nullptr)
        return changed_layout(body, fmt::format("the field {} is missing", *keys.begin()));
    if (!found->is_array())
        return changed_layout(body, fmt::format("the field {} is no list", *keys.begin()));
    BodyRows rows;
    for (const json::value& row : found->as_array()) {
        ++rows.count;
        if (!row.is_object())
            return changed_layout(body, fmt::format("row {} is no object", rows.count));
        for (const std::string_view field : fields) {
            const json::value* value = row.as_object().if_contains({field.data(), field.size()});
            if (value == nullptr)
                return changed_layout(
                    body, fmt::format("the field {} is missing in row {}", field, rows.count));
            if (field != price) continue;
            if (!value->is_string())
                return changed_layout(
                    body, fmt::format("the field {} of row {} is no text", field, rows.count));
            if (value->as_string() != "-" && !value->as_string().empty()) rows.all_dashes = false;
        }
    }
    return rows;
}

}  // namespace hsl::adapters::detail
