// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <fmt/format.h>

#include "adapters/network/http.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using boost::system::system_error;

http::request<http::string_body> wire_form(const HttpRequest& request) {
    http::request<http::string_body> out{request.form.empty() ? http::verb::get : http::verb::post,
                                         request.base.prefix + request.target, 11};
    const bool usual = request.base.port == (request.base.tls ? "443" : "80");
    out.set(http::field::host,
            usual ? request.base.host : request.base.host + ":" + request.base.port);
    out.set(http::field::user_agent, "hsl");
    out.set(http::field::accept_encoding, "identity");
    out.set(http::field::connection, "close");
    for (const auto& [name, value] : request.headers) out.set(name, value);
    if (!request.form.empty()) {
        out.set(http::field::content_type, "application/x-www-form-urlencoded; charset=UTF-8");
        out.body() = request.form;
        out.prepare_payload();
    }
    return out;
}

// Sends and reads on a connected stream. A peer that closes before its own content length is an
// error of the parser (partial message), so that half a body never passes for a whole one.
template <class Stream>
asio::awaitable<HttpReply> converse(Stream& stream, const HttpRequest& request,
                                    const HttpOptions& options) {
    const auto wire = wire_form(request);
    beast::get_lowest_layer(stream).expires_after(options.reply_timeout);
    co_await http::async_write(stream, wire, use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(options.body_bytes_max);
    co_await http::async_read(stream, buffer, parser, use_awaitable);
    HttpReply reply;
    auto message = parser.release();
    reply.status = message.result_int();
    for (const auto& field : message) {
        const auto name = field.name_string();
        const auto value = field.value();
        reply.headers.emplace_back(lower({name.data(), name.size()}),
                                   std::string{value.data(), value.size()});
    }
    reply.body = std::move(message.body());
    co_return reply;
}

asio::awaitable<HttpReply> exchange(const HttpRequest& request, asio::ssl::context& tls,
                                    const HttpOptions& options) {
    const auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver{executor};
    const auto addresses =
        co_await resolver.async_resolve(request.base.host, request.base.port, use_awaitable);
    if (!request.base.tls) {
        beast::tcp_stream stream{executor};
        stream.expires_after(options.connect_timeout);
        co_await stream.async_connect(addresses, use_awaitable);
        co_return co_await converse(stream, request, options);
    }
    beast::ssl_stream<beast::tcp_stream> stream{executor, tls};
    SSL_set_tlsext_host_name(stream.native_handle(), request.base.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification{request.base.host});
    beast::get_lowest_layer(stream).expires_after(options.connect_timeout);
    co_await beast::get_lowest_layer(stream).async_connect(addresses, use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    co_return co_await converse(stream, request, options);
}

// In words, and whether trying again may help.
HttpFailure failure_of(const boost::system::error_code& code, const HttpRequest& request) {
    const std::string& host = request.base.host;
    if (code == beast::error::timeout) return {.what = "no answer in time"};
    if (code == http::error::partial_message || code == http::error::end_of_stream ||
        code == asio::error::connection_reset || code == asio::error::broken_pipe ||
        code == asio::error::eof || code == asio::ssl::error::stream_truncated)
        return {.what = "the connection was cut before the whole answer came"};
    if (code == http::error::body_limit)
        return {.what = "the answer is larger than 64 MB", .passing = false};
    if (code.category() == asio::error::get_ssl_category())
        return {.what = fmt::format("no safe connection to {}: {}", host, code.message()),
                .passing = false};
    if (code == asio::error::host_not_found)
        return {.what = fmt::format("there is no host named {}", host), .passing = false};
    if (code.category() == http::make_error_code(http::error::bad_version).category())
        return {.what = fmt::format("{} does not speak HTTP: {}", host, code.message())};
    return {.what = fmt::format("no connection to {}: {}", host, code.message())};
}

class BeastClient final : public HttpClient {
public:
    explicit BeastClient(const HttpOptions& options) : options_(options) {
        tls_.set_default_verify_paths();
        tls_.set_verify_mode(asio::ssl::verify_peer);
        SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    }

    std::expected<HttpReply, HttpFailure> send(const HttpRequest& request,
                                               std::stop_token stop) override {
        asio::io_context context{1};
        std::optional<HttpReply> reply;
        std::optional<HttpFailure> failure;
        asio::co_spawn(context, exchange(request, tls_, options_),
                       [&](const std::exception_ptr& thrown, HttpReply answer) {
                           if (!thrown) {
                               reply = std::move(answer);
                               return;
                           }
                           try {
                               std::rethrow_exception(thrown);
                           } catch (const system_error& error) {
                               failure = failure_of(error.code(), request);
                           } catch (const std::exception& error) {
                               failure = {.what = error.what()};
                           }
                       });
        const std::stop_callback stopper{stop, [&context] { context.stop(); }};
        context.run();
        if (reply) return std::move(*reply);
        if (failure && !stop.stop_requested()) return std::unexpected(std::move(*failure));
        return std::unexpected(HttpFailure{.what = "stopped", .passing = false, .cancelled = true});
    }

private:
    HttpOptions options_;
    asio::ssl::context tls_{asio::ssl::context::tls_client};
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(const HttpOptions& options) {
    return std::make_unique<BeastClient>(options);
}

}  // namespace hsl::adapters
