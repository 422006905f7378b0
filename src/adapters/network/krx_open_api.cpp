// SPDX-License-Identifier: Apache-2.0

// The exchange's Open API: one market, one day, raw prices; the key in the header AUTH_KEY.

#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr std::string_view key_remedy =
    "check HSL_KRX_KEY, that it is not over a year old, and that this service was approved for it "
    "at openapi.krx.co.kr";

std::string_view endpoint_of(market::Market market) {
    if (market == market::Market::kosdaq) return "ksq_bydd_trd";
    if (market == market::Market::konex) return "knx_bydd_trd";
    return "stk_bydd_trd";
}

// A refused key is said with the status 401, and has been seen under 200 as well.
Judgement judge(const HttpReply& reply) {
    if (reply.body.size() < 1000 && reply.body.find("\"respCode\"") != std::string::npos)
        return key_refused(reply.body, key_remedy);
    return judge_status(reply, key_remedy);
}

class KrxOpenApi final : public MarketDayFeed {
public:
    using MarketDayFeed::MarketDayFeed;
    std::string name() const override { return "krx"; }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        const auto endpoint = endpoint_of(errand.instrument.market);
        const std::string day = compact(errand.from);
        HttpRequest request{.base = parts_.host,
                            .target = fmt::format("/svc/apis/sto/{}?basDd={}", endpoint, day),
                            .headers = {{"AUTH_KEY", parts_.client->secret().reveal()}}};
        auto reply = parts_.client->send(request, judge, progress.stop);
        if (!reply) return failure(std::move(reply).error());
        service::FeedBody body{fmt::format("{}_{}.json", endpoint, day), std::move(reply->body)};
        auto rows =
            rows_of(body, {"OutBlock_1"},
                    {"BAS_DD", "ISU_CD", "MKT_NM", "TDD_CLSPRC", "CMPPREVDD_PRC", "TDD_OPNPRC",
                     "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL", "ACC_TRDVAL", "MKTCAP", "LIST_SHRS"},
                    "TDD_CLSPRC");
        if (!rows) return std::unexpected(std::move(rows).error());
        if (rows->count == 0 || rows->all_dashes) return service::Fetched{.empty = true};
        service::Fetched fetched;
        fetched.bodies.push_back(std::move(body));
        return fetched;
    }
};

}  // namespace

std::unique_ptr<service::Feed> make_krx_open_api(FeedParts parts) {
    return std::make_unique<KrxOpenApi>(std::move(parts));
}

}  // namespace hsl::adapters::detail
