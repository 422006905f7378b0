// SPDX-License-Identifier: Apache-2.0
#pragma once

// Requests the way a host likes them: evenly spaced for all threads that use the same key, tried
// again with growing pauses when a failure may pass, never when a key was refused. Clock and random
// numbers are handed in.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "adapters/network/http.hpp"
#include "adapters/network/secret.hpp"
#include "base/error.hpp"
#include "base/rng.hpp"

namespace hsl::adapters {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

struct Clock {
    std::function<Instant()> now;
    // Waits until then; false when it was asked to stop before.
    std::function<bool(Instant until, std::stop_token stop)> wait;
};
[[nodiscard]] Clock system_clock();

// Gives each (source, key) a turn at even spaces. Any thread.
class RateLimiter {
public:
    explicit RateLimiter(Clock clock) : clock_(std::move(clock)) {}
    // Waits for a turn; false when it was asked to stop before.
    [[nodiscard]] bool wait_turn(const std::string& id, std::chrono::milliseconds space,
                                 std::stop_token stop);
    // No turn before that instant: the host asked everybody to wait.
    void hold_until(const std::string& id, Instant until);
    [[nodiscard]] const Clock& clock() const { return clock_; }

private:
    Clock clock_;
    std::mutex lock_;
    std::map<std::string, Instant> next_;
};

struct Politeness {
    std::string id = {};  // of the source and its key, for the rate limit
    std::chrono::milliseconds space{1000};
    int tries = 5;
    std::chrono::milliseconds pause_first{500};  // doubled after each try, half of it at random
    std::chrono::milliseconds pause_most{60'000};
    std::chrono::milliseconds retry_after_most{300'000};  // a host that asks for more gets an error
    std::uint64_t seed = 1;
};

// What the caller makes of an answer.
enum class Worth { good, again, stop };
struct Judgement {
    Worth worth = Worth::good;
    Error error = {};  // of again and stop
};

class PoliteClient {
public:
    PoliteClient(std::shared_ptr<HttpClient> http, std::shared_ptr<RateLimiter> limiter,
                 Politeness politeness, Secret secret);

    // The first answer that is good. `judge` sees answers of any status: some hosts say in a body
    // what others say in a status. 429 and 5xx that it calls good are tried again all the same.
    // Messages name the request without its secret.
    [[nodiscard]] Result<HttpReply> send(const HttpRequest& request,
                                         const std::function<Judgement(const HttpReply&)>& judge,
                                         std::stop_token stop);
    [[nodiscard]] std::int64_t requests() const;
    [[nodiscard]] const Secret& secret() const { return secret_; }

private:
    std::chrono::milliseconds pause_after(int tried);

    std::shared_ptr<HttpClient> http_;
    std::shared_ptr<RateLimiter> limiter_;
    Politeness politeness_;
    Secret secret_;
    mutable std::mutex lock_;
    Rng rng_;
    std::int64_t requests_ = 0;
};

// The instant of a header: "Tue, 24 Nov 2026 08:00:00 GMT" or one of the two older forms that
// readers of HTTP must take (RFC 9110, 5.6.7).
[[nodiscard]] std::optional<Instant> http_date(std::string_view text);
// When the Retry-After header of a reply that came `now` lets us ask again; nothing when it names
// nothing. A date is meant by the host's clock, which its Date header tells: ours may be off.
[[nodiscard]] std::optional<Instant> retry_after(const HttpReply& reply, Instant now);

}  // namespace hsl::adapters
