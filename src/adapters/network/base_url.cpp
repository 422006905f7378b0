// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "adapters/network/http.hpp"

namespace hsl::adapters {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string BaseUrl::text() const {
    const bool usual = port == (tls ? "443" : "80");
    const bool brackets = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}", tls ? "https" : "http", brackets ? "[" + host + "]" : host,
                       usual ? "" : ":" + port, prefix);
}

bool BaseUrl::is_loopback() const {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<BaseUrl> parse_base_url(std::string_view text) {
    const auto refused = [](std::string_view why) {
        // The text itself may hold a password, so it is not repeated.
        return fail(ErrorCode::bad_usage,
                    fmt::format("a feed's host is http(s)://NAME[:PORT][/PATH]: {}", why));
    };
    BaseUrl url;
    if (text.starts_with("https://")) {
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        url.tls = false;
        text.remove_prefix(7);
    } else {
        return refused("it begins with neither http:// nor https://");
    }
    const std::size_t slash = text.find('/');
    std::string_view authority = text.substr(0, slash);
    if (slash != std::string_view::npos) url.prefix = text.substr(slash);
    while (url.prefix.ends_with('/')) url.prefix.pop_back();
    if (authority.find('@') != std::string_view::npos)
        return refused("a name or password does not belong there");
    if (text.find_first_of("?# \t\r\n") != std::string_view::npos)
        return refused("it ends with the path, without ? or #");
    url.port = url.tls ? "443" : "80";
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return refused("a [ without its ]");
        url.host = authority.substr(1, close - 1);
        authority.remove_prefix(close + 1);
        if (!authority.empty() && authority.front() != ':') return refused("text behind the ]");
    } else {
        url.host = authority.substr(0, authority.find(':'));
        authority.remove_prefix(url.host.size());
    }
    if (!authority.empty()) {
        authority.remove_prefix(1);
        if (!is_number(authority)) return refused("the port is no number");
        url.port = authority;
    }
    if (url.host.empty()) return refused("the name is missing");
    return url;
}

std::string percent_encoded(std::string_view text) {
    static constexpr std::string_view kept =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        if (kept.find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string_view HttpReply::header(std::string_view lower_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_name) return value;
    return {};
}

}  // namespace hsl::adapters
