// SPDX-License-Identifier: Apache-2.0

// The chart JSON of query1.finance.yahoo.com: one symbol between two instants, adjusted for splits.

#include <boost/json.hpp>
#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

namespace json = boost::json;

// The host turns away what does not look like a browser.
constexpr std::string_view browser =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

// 005930 on KOSDAQ is 005930.KQ there, KOSPI ^KS11.
std::string yahoo_symbol(const market::Instrument& instrument) {
    const std::string& symbol = instrument.symbol;
    if (symbol == "KOSPI") return "^KS11";
    if (symbol == "KOSDAQ") return "^KQ11";
    if (symbol == "KOSPI200") return "^KS200";
    if (!market::is_krx_code(symbol)) return symbol;
    return symbol + (instrument.market == market::Market::kosdaq ? ".KQ" : ".KS");
}

// An instant of midnight in Seoul.
std::int64_t midnight(Date date) { return date.days * std::int64_t{86'400} - 9 * 3600; }

// An error has a body of its own, under 404, 422 or 200.
Judgement judge(const HttpReply& reply) {
    if (reply.status == 404 || reply.status == 422) return {};
    return judge_status(reply, "it has no key");
}

class YahooChart final : public ChartFeed {
public:
    using ChartFeed::ChartFeed;
    std::string name() const override { return "yahoo"; }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        const std::string symbol = yahoo_symbol(errand.instrument);
        const HttpRequest request{
            .base = parts_.host,
            .target = fmt::format(
                "/v8/finance/chart/{}?period1={}&period2={}&interval=1d&events=div%2Csplits"
                "&includePrePost=false&includeAdjustedClose=true",
                percent_encoded(symbol), midnight(errand.from), midnight(errand.to + 1)),
            .headers = {{"User-Agent", std::string{browser}}}};
        auto reply = parts_.client->send(request, judge, progress.stop);
        if (!reply) return failure(std::move(reply).error());
        service::FeedBody body{fmt::format("yahoo_chart_{}.json", symbol), std::move(reply->body)};
        return answer(std::move(body), symbol);
    }

private:
    static std::expected<service::Fetched, service::FeedFailure> answer(service::FeedBody body,
                                                                        const std::string& symbol) {
        boost::system::error_code error, missing;
        const json::value root = json::parse(body.bytes, error);
        if (error) return changed_layout(body, fmt::format("no JSON ({})", error.message()));
        if (const json::value* said = root.find_pointer("/chart/error/description", missing);
            said != nullptr && said->is_string())
            return failure({.code = ErrorCode::not_found,
                            .message = fmt::format("yahoo says of {}: {}", symbol,
                                                   said->as_string().c_str())});
        const json::value* result = root.find_pointer("/chart/result/0", missing);
        if (result == nullptr) return changed_layout(body, "the field chart.result[0] is missing");
        // Without data in the range the timestamps are missing altogether.
        const json::value* times = result->find_pointer("/timestamp", missing);
        if (times == nullptr) return service::Fetched{.empty = true};
        for (const char* field : {"open", "high", "low", "close", "volume"}) {
            const json::value* column =
                result->find_pointer(fmt::format("/indicators/quote/0/{}", field), missing);
            if (column == nullptr || !column->is_array() || !times->is_array())
                return changed_layout(
                    body, fmt::format("the field indicators.quote[0].{} is missing", field));
            if (column->as_array().size() != times->as_array().size())
                return changed_layout(
                    body, fmt::format("the field indicators.quote[0].{} has {} for {}", field,
                                      counted(std::ssize(column->as_array()), "value"),
                                      counted(std::ssize(times->as_array()), "time")));
        }
        service::Fetched fetched;
        fetched.bodies.push_back(std::move(body));
        return fetched;
    }
};

}  // namespace

std::unique_ptr<service::Feed> make_yahoo_chart(FeedParts parts) {
    return std::make_unique<YahooChart>(std::move(parts));
}

}  // namespace hsl::adapters::detail
