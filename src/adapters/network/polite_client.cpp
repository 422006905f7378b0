// SPDX-License-Identifier: Apache-2.0
#include "adapters/network/polite_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "base/date.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

using std::chrono::milliseconds;

std::string describe(const HttpRequest& request) { return request.base.text() + request.target; }

std::optional<std::chrono::seconds> whole_seconds(std::string_view text) {
    long count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 0) return {};
    return std::chrono::seconds{std::min(count, 1'000'000'000L)};
}

bool busy_status(int status) { return status == 429 || status == 408 || status >= 500; }

}  // namespace

Clock system_clock() {
    return {
        .now =
            [] {
                return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
            },
        .wait =
            [](Instant until, std::stop_token stop) {
                std::mutex lock;
                std::condition_variable_any signal;
                std::unique_lock guard{lock};
                signal.wait_until(guard, stop, until, [] { return false; });
                return !stop.stop_requested();
            }};
}

bool RateLimiter::wait_turn(const std::string& id, milliseconds space, std::stop_token stop) {
    while (!stop.stop_requested()) {
        Instant turn;
        {
            const std::lock_guard guard{lock_};
            Instant& next = next_[id];
            const Instant now = clock_.now();
            if (next <= now) {
                next = now + space;
                return true;
            }
            turn = next;
        }
        // Whoever wakes first takes the turn, the others wait for the one after.
        if (!clock_.wait(turn, stop)) return false;
    }
    return false;
}

void RateLimiter::hold_until(const std::string& id, Instant until) {
    const std::lock_guard guard{lock_};
    Instant& next = next_[id];
    next = std::max(next, until);
}

PoliteClient::PoliteClient(std::shared_ptr<HttpClient> http, std::shared_ptr<RateLimiter> limiter,
                           Politeness politeness, Secret secret)
    : http_(std::move(http)),
      limiter_(std::move(limiter)),
      politeness_(std::move(politeness)),
      secret_(std::move(secret)),
      rng_(politeness_.seed) {}

std::int64_t PoliteClient::requests() const {
    const std::lock_guard guard{lock_};
    return requests_;
}

// Half of the pause is certain, half is drawn, so that clients that failed together come apart.
milliseconds PoliteClient::pause_after(int tried) {
    const std::lock_guard guard{lock_};
    auto pause = politeness_.pause_first;
    for (int i = 1; i < tried && pause < politeness_.pause_most; ++i) pause *= 2;
    pause = std::min(pause, politeness_.pause_most);
    return milliseconds{static_cast<std::int64_t>(static_cast<double>(pause.count()) *
                                                  (0.5 + 0.5 * rng_.uniform()))};
}

Result<HttpReply> PoliteClient::send(const HttpRequest& request,
                                     const std::function<Judgement(const HttpReply&)>& judge,
                                     std::stop_token stop) {
    const auto stopped = [] { return fail(ErrorCode::cancelled, "stopped"); };
    const auto failed = [&](Error error, int tried) {
        error.message =
            secret_.masked(fmt::format("{}: {}{}", describe(request), error.message,
                                       tried > 1 ? fmt::format(" (tried {} times)", tried) : ""));
        return std::unexpected(std::move(error));
    };
    for (int tried = 1;; ++tried) {
        if (!limiter_->wait_turn(politeness_.id, politeness_.space, stop)) return stopped();
        {
            const std::lock_guard guard{lock_};
            ++requests_;
        }
        auto reply = http_->send(request, stop);
        Error error;
        Instant until = limiter_->clock().now() + pause_after(tried);
        if (!reply) {
            if (reply.error().cancelled) return stopped();
            error = {.code = ErrorCode::io, .message = reply.error().what};
            if (!reply.error().passing) return failed(std::move(error), tried);
        } else {
            Judgement judgement = judge(*reply);
            if (judgement.worth == Worth::stop) return failed(std::move(judgement.error), tried);
            if (judgement.worth == Worth::good && !busy_status(reply->status)) {
                // Some hosts repeat a request in their answer.
                reply->body = secret_.masked(std::move(reply->body));
                return std::move(*reply);
            }
            error = judgement.worth == Worth::again
                        ? std::move(judgement.error)
                        : Error{.code = ErrorCode::io,
                                .message = fmt::format("HTTP {}", reply->status)};
            const Instant now = limiter_->clock().now();
            if (const auto asked = retry_after(*reply, now)) {
                if (*asked - now > politeness_.retry_after_most) {
                    error.message += fmt::format(
                        ", and the host asks to wait {}: try again after that",
                        counted(
                            std::chrono::duration_cast<std::chrono::seconds>(*asked - now).count(),
                            "second"));
                    return failed(std::move(error), tried);
                }
                until = std::max(until, *asked);
                limiter_->hold_until(politeness_.id, *asked);
            }
        }
        if (tried >= politeness_.tries) return failed(std::move(error), tried);
        if (!limiter_->clock().wait(until, stop)) return stopped();
    }
}

std::optional<Instant> http_date(std::string_view value) {
    const std::string text = trim(value);
    char month[4] = {};
    int day = 0, year = 0, hour = 0, minute = 0, second = 0, end = 0;
    const auto reads = [&](const char* form, auto... fields) {
        end = 0;
        std::sscanf(text.c_str(), form, fields..., &end);
        return end > 0 && static_cast<std::size_t>(end) == text.size();
    };
    if (reads("%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &day, month, &year, &hour,
              &minute, &second))
        year += 2000;
    else if (!reads("%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour,
                    &minute, &second) &&
             !reads("%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &day, &hour, &minute,
                    &second, &year))
        return {};
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::ranges::find(months, std::string_view{month});
    const auto date = make_date(year, static_cast<int>(found - months.begin()) + 1, day);
    const bool of_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0;
    if (!date || !of_day) return {};
    const auto seconds = date->days * std::int64_t{86'400} + hour * 3600 + minute * 60 + second;
    return Instant{std::chrono::seconds{seconds}};
}

std::optional<Instant> retry_after(const HttpReply& reply, Instant now) {
    const std::string text = trim(reply.header("retry-after"));
    if (const auto seconds = whole_seconds(text)) return now + *seconds;
    const auto asked = http_date(text);
    if (!asked) return {};
    return now + (*asked - http_date(reply.header("date")).value_or(now));
}

}  // namespace hsl::adapters
