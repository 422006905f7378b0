// SPDX-License-Identifier: Apache-2.0
#pragma once

// One HTTP request and its answer, and the port to whatever carries them. The client speaks
// HTTP/1.1 on one connection a request, checks certificates and names, follows no redirect, asks no
// proxy and gives up after its timeouts. Used from any number of threads at once.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hsl::adapters {

// Where a feed lives: "https://data-dbg.krx.co.kr", "http://127.0.0.1:8080/prefix".
struct BaseUrl {
    bool tls = true;
    std::string host = {};
    std::string port = {};
    std::string prefix = {};  // without a slash at its end

    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool is_loopback() const;
};
// A name or password in front of the host is refused, as are a query and a fragment.
[[nodiscard]] Result<BaseUrl> parse_base_url(std::string_view text);
// Everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    BaseUrl base = {};
    std::string target = {};  // path and query, behind the base's prefix
    HttpHeaders headers = {};
    std::string form = {};  // a POST of a form when not empty, a GET otherwise
};

struct HttpReply {
    int status = 0;
    HttpHeaders headers = {};  // names in lower case
    std::string body = {};

    [[nodiscard]] std::string_view header(std::string_view lower_name) const;  // "" without it
};

// Why there is no answer.
struct HttpFailure {
    std::string what = {};   // "cannot connect: Connection refused"
    bool passing = true;     // trying again may help; a bad certificate stays bad
    bool cancelled = false;  // the caller asked to stop
};

class HttpClient {
public:
    virtual ~HttpClient() = default;
    [[nodiscard]] virtual std::expected<HttpReply, HttpFailure> send(const HttpRequest& request,
                                                                     std::stop_token stop) = 0;
};

struct HttpOptions {
    std::chrono::milliseconds connect_timeout{10'000};  // name, connection, handshake
    std::chrono::milliseconds reply_timeout{60'000};    // from the last byte sent to the last read
    std::size_t body_bytes_max = std::size_t{64} << 20;
};
// Certificates are checked against the system's, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(const HttpOptions& options = {});

}  // namespace hsl::adapters
