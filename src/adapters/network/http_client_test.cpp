// SPDX-License-Identifier: Apache-2.0

// The client against hosts that misbehave on a socket of this machine.

#include <atomic>
#include <functional>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/network/http.hpp"

namespace hsl::adapters {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Takes one connection, reads what comes first, and does with it what it is told.
class Host {
public:
    explicit Host(std::function<void(const Host&, int)> serve) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread{[this, serve = std::move(serve)] {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) return;
            char request[4096];
            if (::recv(peer, request, sizeof request, 0) > 0) serve(*this, peer);
            ::close(peer);
        }};
    }
    ~Host() {
        over_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    [[nodiscard]] bool over() const { return over_; }
    static bool say(int peer, std::string_view text) {
        return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(text.size());
    }
    auto ask(const HttpOptions& options = {.connect_timeout = 1s, .reply_timeout = 300ms},
             std::stop_token stop = {}) {
        const auto client = make_http_client(options);
        return client->send({.base = {.tls = false,
                                      .host = "127.0.0.1",
                                      .port = std::to_string(port_),
                                      .prefix = {}},
                             .target = "/a",
                             .headers = {},
                             .form = {}},
                            stop);
    }

private:
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> over_ = false;
    std::jthread thread_;
};

std::function<void(const Host&, int)> saying(std::string text) {
    return [text = std::move(text)](const Host&, int peer) { Host::say(peer, text); };
}

auto seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST(HttpClient, BringsAWholeAnswer) {
    Host host{saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\n{}")};
    const auto reply = host.ask();
    ASSERT_TRUE(reply) << reply.error().what;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "{}");
    EXPECT_EQ(reply->header("date"), "x");
}

TEST(HttpClient, GivesUpOnAHostThatNeverAnswers) {
    Host host{[](const Host& self, int) {
        while (!self.over()) std::this_thread::sleep_for(5ms);
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = host.ask();
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().what, HasSubstr("no answer in time"));
    EXPECT_TRUE(reply.error().passing);
    EXPECT_LT(seconds_since(begin), 5);
}

TEST(HttpClient, GivesUpOnAHostThatDripsItsAnswer) {
    Host host{[](const Host& self, int peer) {
        Host::say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (!self.over() && Host::say(peer, " ")) std::this_thread::sleep_for(20ms);
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = host.ask();
    ASSERT_FALSE(reply) << "each byte came in time, the answer did not";
    EXPECT_THAT(reply.error().what, HasSubstr("no answer in time"));
    EXPECT_LT(seconds_since(begin), 5);
}

TEST(HttpClient, NeverTakesHalfAnAnswerForAWholeOne) {
    for (const char* half :
         {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a"}) {
        Host host{saying(half)};
        const auto reply = host.ask();
        ASSERT_FALSE(reply) << half;
        EXPECT_THAT(reply.error().what, HasSubstr("cut before the whole answer")) << half;
        EXPECT_TRUE(reply.error().passing);
    }
}

TEST(HttpClient, JoinsTheChunksOfAnAnswer) {
    Host host{
        saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "5\r\n{\"a\":\r\n3;x=y\r\n\"b\"\r\n1\r\n}\r\n0\r\n\r\n")};
    const auto reply = host.ask();
    ASSERT_TRUE(reply) << reply.error().what;
    EXPECT_EQ(reply->body, "{\"a\":\"b\"}");
}

TEST(HttpClient, SaysWhenAHostSpeaksSomethingElse) {
    for (const char* noise : {"SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01",
                              "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"}) {
        Host host{saying(noise)};
        const auto reply = host.ask();
        ASSERT_FALSE(reply) << noise;
        EXPECT_FALSE(reply.error().what.empty());
    }
}

TEST(HttpClient, BoundsWhatItReads) {
    Host host{saying("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + std::string(300, ' '))};
    const auto reply = host.ask({.reply_timeout = 1s, .body_bytes_max = 200});
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().what, HasSubstr("larger than"));
    EXPECT_FALSE(reply.error().passing);
}

TEST(HttpClient, StopsWhenAsked) {
    std::stop_source stop;
    Host host{[&](const Host& self, int) {
        stop.request_stop();
        while (!self.over()) std::this_thread::sleep_for(5ms);
    }};
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = host.ask({.reply_timeout = 60s}, stop.get_token());
    ASSERT_FALSE(reply);
    EXPECT_TRUE(reply.error().cancelled);
    EXPECT_LT(seconds_since(begin), 5);
}

}  // namespace hsl::adapters
