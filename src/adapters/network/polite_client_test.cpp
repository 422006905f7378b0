// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/polite_client.hpp"

#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hsl::adapters {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Time that passes only when somebody waits.
class VirtualTime {
public:
    Clock clock() {
        return {.now = [this] { return now(); },
                .wait =
                    [this](Instant until, std::stop_token stop) {
                        const std::lock_guard guard{lock_};
                        now_ = std::max(now_, until);
                        return !stop.stop_requested();
                    }};
    }
    Instant now() {
        const std::lock_guard guard{lock_};
        return now_;
    }

private:
    std::mutex lock_;
    Instant now_{1'800'000'000s};
};

using Answer = std::expected<HttpReply, HttpFailure>;

class ScriptedHttp final : public HttpClient {
public:
    explicit ScriptedHttp(VirtualTime& time, std::deque<Answer> answers = {})
        : time_(&time), answers_(std::move(answers)) {}
    Answer send(const HttpRequest&, std::stop_token) override {
        const std::lock_guard guard{lock_};
        sent.push_back(time_->now());
        if (answers_.empty()) return HttpReply{.status = 200, .body = "{}"};
        Answer answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }
    std::vector<Instant> sent;

private:
    std::mutex lock_;
    VirtualTime* time_;
    std::deque<Answer> answers_;
};

HttpReply reply(int status, std::string body = "{}", HttpHeaders headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}
Answer cut() { return std::unexpected(HttpFailure{.what = "the connection was cut"}); }

Judgement by_status(const HttpReply& answer) {
    if (answer.status == 200) return {};
    if (answer.status == 401)
        return {Worth::stop, {.code = ErrorCode::bad_usage, .message = "key refused"}};
    return {Worth::again,
            {.code = ErrorCode::io, .message = "HTTP " + std::to_string(answer.status)}};
}

struct Bench {
    explicit Bench(std::deque<Answer> answers = {}, Politeness politeness = {.id = "x"})
        : http(std::make_shared<ScriptedHttp>(time, std::move(answers))),
          limiter(std::make_shared<RateLimiter>(time.clock())),
          client(http, limiter, std::move(politeness), Secret{"s3cr/et=="}) {}
    Result<HttpReply> send() {
        return client.send(
            {.base = {.host = "h", .port = "443"}, .target = "/a?key=s3cr%2Fet%3D%3D"}, by_status,
            stop.get_token());
    }
    VirtualTime time;
    std::shared_ptr<ScriptedHttp> http;
    std::shared_ptr<RateLimiter> limiter;
    PoliteClient client;
    std::stop_source stop;
};

}  // namespace

TEST(PoliteClient, SpacesRequestsEvenly) {
    Bench bench{{}, {.id = "x", .space = 250ms}};
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench.send());
    ASSERT_EQ(bench.http->sent.size(), 5u);
    for (std::size_t i = 1; i < 5; ++i)
        EXPECT_EQ(bench.http->sent[i] - bench.http->sent[i - 1], 250ms);
}

TEST(PoliteClient, ThreadsShareOneRate) {
    VirtualTime time;
    RateLimiter limiter{time.clock()};
    const Instant begin = time.now();
    std::atomic<int> turns = 0;
    std::vector<std::jthread> threads;
    for (int worker = 0; worker < 4; ++worker)
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) turns += limiter.wait_turn("krx key", 20ms, {});
        });
    threads.clear();
    EXPECT_EQ(turns, 20);
    EXPECT_EQ(time.now() - begin, 19 * 20ms);
}

TEST(PoliteClient, KeysDoNotWaitForOneAnother) {
    VirtualTime time;
    RateLimiter limiter{time.clock()};
    const Instant begin = time.now();
    EXPECT_TRUE(limiter.wait_turn("a", 10s, {}));
    EXPECT_TRUE(limiter.wait_turn("b", 10s, {}));
    EXPECT_EQ(time.now(), begin);
    EXPECT_TRUE(limiter.wait_turn("a", 10s, {}));
    EXPECT_EQ(time.now(), begin + 10s);
}

TEST(PoliteClient, PausesGrowAndAreDrawnWithinTheirBounds) {
    Bench bench{{cut(), cut(), reply(503), reply(500), reply(200)},
                {.id = "x", .space = 1ms, .pause_first = 1000ms}};
    ASSERT_TRUE(bench.send());
    const auto& sent = bench.http->sent;
    ASSERT_EQ(sent.size(), 5u);
    std::chrono::milliseconds pause{1000};
    for (std::size_t i = 1; i < 5; ++i, pause *= 2) {
        EXPECT_GE(sent[i] - sent[i - 1], pause / 2) << i;
        EXPECT_LE(sent[i] - sent[i - 1], pause) << i;
    }
    EXPECT_EQ(bench.client.requests(), 5);
}

TEST(PoliteClient, ClientsThatFailedTogetherComeApart) {
    std::vector<std::chrono::milliseconds> pauses;
    for (const std::uint64_t seed : {1, 2}) {
        Bench bench{{cut()}, {.id = "x", .space = 1ms, .pause_first = 10'000ms, .seed = seed}};
        ASSERT_TRUE(bench.send());
        pauses.push_back(bench.http->sent[1] - bench.http->sent[0]);
    }
    EXPECT_NE(pauses[0], pauses[1]);
}

TEST(PoliteClient, GivesUpAfterItsTriesAndSaysHowMany) {
    Bench bench{{cut(), cut(), cut()}, {.id = "x", .tries = 3}};
    const auto answer = bench.send();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::io);
    EXPECT_THAT(answer.error().message, HasSubstr("(tried 3 times)"));
    EXPECT_EQ(bench.http->sent.size(), 3u);
}

TEST(PoliteClient, NeverRepeatsARefusedKey) {
    Bench bench{{reply(401)}};
    const auto answer = bench.send();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::bad_usage);
    EXPECT_EQ(bench.http->sent.size(), 1u);
}

TEST(PoliteClient, WaitsAsLongAsTheHostAsks) {
    Bench bench{{reply(429, "", {{"retry-after", "30"}}), reply(200)}};
    ASSERT_TRUE(bench.send());
    EXPECT_GE(bench.http->sent[1] - bench.http->sent[0], 30s);
    EXPECT_LE(bench.http->sent[1] - bench.http->sent[0], 31s);
}

TEST(PoliteClient, DoesNotWaitForAnHour) {
    Bench bench{{reply(503, "", {{"retry-after", "3600"}})}};
    const auto answer = bench.send();
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("wait 3,600 seconds"));
    EXPECT_EQ(bench.http->sent.size(), 1u);
}

TEST(PoliteClient, ReadsEveryFormOfRetryAfter) {
    const Instant now{1'795'507'200s};  // 2026-11-24 08:00:00 UTC
    const auto after = [&](std::string value) {
        return retry_after(reply(429, "", {{"retry-after", std::move(value)}}), now);
    };
    EXPECT_EQ(after("120"), now + 120s);
    EXPECT_EQ(after(" 0 "), now);
    EXPECT_EQ(after("Tue, 24 Nov 2026 08:02:00 GMT"), now + 120s);
    EXPECT_EQ(after("Tuesday, 24-Nov-26 08:02:00 GMT"), now + 120s);
    EXPECT_EQ(after("Tue Nov 24 08:02:00 2026"), now + 120s);
    EXPECT_EQ(after("Thu Jan  7 08:00:00 2027"), now + 44 * 24h);
    for (const char* nothing :
         {"", "soon", "-5", "1.5", "120 seconds", "Tue, 31 Feb 2026 08:02:00 GMT",
          "Tue, 24 Nov 2026 25:02:00 GMT", "Tue, 24 Nov 2026 08:02:00 KST", "2026-11-24 08:02:00"})
        EXPECT_EQ(after(nothing), std::nullopt) << nothing;
}

TEST(PoliteClient, TakesADateByTheHostsClock) {
    const Instant now{1'795'507'200s};  // 2026-11-24 08:00:00 UTC; the host is an hour ahead
    const HttpReply ahead = reply(429, "",
                                  {{"retry-after", "Tue, 24 Nov 2026 09:02:00 GMT"},
                                   {"date", "Tue, 24 Nov 2026 09:00:00 GMT"}});
    EXPECT_EQ(retry_after(ahead, now), now + 120s);
    Bench bench{{reply(503, "", {{"retry-after", "Fri, 01 Jan 2010 00:00:00 GMT"}}), reply(200)}};
    ASSERT_TRUE(bench.send()) << "a date that is over asks for no more than the usual pause";
    EXPECT_LE(bench.http->sent[1] - bench.http->sent[0], 1s);
}

TEST(PoliteClient, StopsBetweenTries) {
    Bench bench{{cut()}};
    bench.stop.request_stop();
    const auto answer = bench.send();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
}

TEST(PoliteClient, KeepsTheSecretOutOfMessages) {
    Bench bench{{reply(401)}};
    const auto answer = bench.send();
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, AllOf(HasSubstr("key=***"), Not(HasSubstr("s3cr"))));
}

TEST(Secret, ComesFromTheEnvironmentOrAPrivateFile) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("hsl_secret_" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const std::string file = (folder / "krx.key").string();
    std::ofstream{file} << "from-file\n";
    const SecretSource source{.variable = "HSL_TEST_KEY", .file = file, .named = true};
    unsetenv("HSL_TEST_KEY");

    std::filesystem::permissions(file, std::filesystem::perms{0644});
    auto secret = read_secret(source);
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, HasSubstr("chmod 600"));
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    secret = read_secret(source);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->reveal(), "from-file");

    setenv("HSL_TEST_KEY", "from-env", 1);
    EXPECT_EQ(read_secret(source)->reveal(), "from-env");
    setenv("HSL_TEST_KEY", "two words", 1);
    secret = read_secret(source);
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, Not(HasSubstr("words")));
    unsetenv("HSL_TEST_KEY");
    EXPECT_FALSE(read_secret({.file = (folder / "none").string(), .named = true}));
    EXPECT_TRUE(read_secret({.file = (folder / "none").string()})->empty());
    std::filesystem::remove_all(folder);
}

TEST(BaseUrl, TakesHostPortAndPrefix) {
    const auto url = parse_base_url("http://127.0.0.1:8080/mirror/");
    ASSERT_TRUE(url);
    EXPECT_FALSE(url->tls);
    EXPECT_EQ(url->host, "127.0.0.1");
    EXPECT_EQ(url->port, "8080");
    EXPECT_EQ(url->prefix, "/mirror");
    EXPECT_TRUE(url->is_loopback());
    EXPECT_EQ(url->text(), "http://127.0.0.1:8080/mirror");
    EXPECT_EQ(parse_base_url("https://a.kr")->text(), "https://a.kr");
    EXPECT_EQ(parse_base_url("https://[::1]:9/")->host, "::1");
    for (const char* bad : {"a.kr", "ftp://a.kr", "https://", "https://u:hidden@a.kr",
                            "https://a.kr:port", "https://a.kr/?q", "https://[::1"}) {
        const auto refused = parse_base_url(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_THAT(refused.error().message, Not(HasSubstr("hidden")));
    }
}

}  // namespace hsl::adapters
