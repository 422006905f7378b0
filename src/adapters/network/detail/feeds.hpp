// SPDX-License-Identifier: Apache-2.0
#pragma once

// One function a feed; feeds.cpp lists them. What they share stands above them.

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/network/detail/market_days.hpp"
#include "adapters/network/polite_client.hpp"
#include "service/feed.hpp"

namespace hsl::adapters::detail {

struct FeedParts {
    BaseUrl host = {};
    std::unique_ptr<PoliteClient> client = {};
    std::function<Instant()> now = {};
};

// What every feed of one host is: it asks through its client, which counts.
class HostFeed : public service::Feed {
public:
    explicit HostFeed(FeedParts parts) : parts_(std::move(parts)) {}
    [[nodiscard]] std::int64_t requests() const override { return parts_.client->requests(); }

protected:
    FeedParts parts_;
};

// One that answers with raw prices of a whole market on one day.
class MarketDayFeed : public HostFeed {
public:
    using HostFeed::HostFeed;
    [[nodiscard]] service::FeedUnit unit(const service::FeedQuery&) const override {
        return service::FeedUnit::market_day;
    }
    [[nodiscard]] Result<std::vector<service::Errand>> errands(
        const service::FeedQuery& query) override {
        return market_days(name(), query);
    }
    [[nodiscard]] store::ReadHints hints(const service::Errand& errand) const override {
        return {.basis = market::Basis::raw, .market = errand.instrument.market};
    }
};

// One that answers with a chart: adjusted prices of one symbol, all that was asked for at once.
class ChartFeed : public HostFeed {
public:
    using HostFeed::HostFeed;
    [[nodiscard]] service::FeedUnit unit(const service::FeedQuery&) const override {
        return service::FeedUnit::symbol;
    }
    [[nodiscard]] Result<std::vector<service::Errand>> errands(
        const service::FeedQuery& query) override {
        constexpr int whole_range = 200 * 366;
        return symbol_ranges(name(), query, whole_range);
    }
    [[nodiscard]] store::ReadHints hints(const service::Errand& errand) const override {
        return {.symbol = errand.instrument.symbol,
                .basis = market::Basis::adjusted,
                .market = errand.instrument.market};
    }
};

[[nodiscard]] std::unique_ptr<service::Feed> make_krx_open_api(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_krx_portal(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_data_go_kr(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_naver_chart(FeedParts parts);
[[nodiscard]] std::unique_ptr<service::Feed> make_yahoo_chart(FeedParts parts);

}  // namespace hsl::adapters::detail
