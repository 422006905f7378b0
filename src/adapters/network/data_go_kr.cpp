// SPDX-License-Identifier: Apache-2.0

// data.go.kr 15094808, stock prices of the Financial Services Commission: pages of a market's day,
// the key in the query. Its gateway answers in XML where something is wrong, whatever was asked
// for.

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"

namespace hsl::adapters::detail {
namespace {

namespace json = boost::json;

constexpr int rows_a_page = 1000;
constexpr std::string_view key_remedy =
    "check HSL_DATAGO_KEY (either form of the key will do) and that it is registered for service "
    "15094808 at data.go.kr";

// What stands between <tag> and </tag>, "" without it.
std::string_view element(std::string_view xml, std::string_view tag) {
    const std::string open = fmt::format("<{}>", tag);
    const std::size_t from = xml.find(open);
    if (from == std::string_view::npos) return {};
    const std::size_t to = xml.find('<', from + open.size());
    if (to == std::string_view::npos) return {};
    return xml.substr(from + open.size(), to - from - open.size());
}

Judgement judge_code(std::string_view code, std::string_view message) {
    if (code == "20" || code == "30" || code == "31" || code == "32")
        return key_refused(fmt::format("code {}: {}", code, message), key_remedy);
    Error error{.code = ErrorCode::io,
                .message = fmt::format("the host's code {}: {}", code, message)};
    if (code == "22") {
        error.message += "; the day's quota is spent: go on tomorrow, what came is kept";
        return {Worth::stop, std::move(error)};
    }
    if (code == "10" || code == "12") return {Worth::stop, std::move(error)};
    return {Worth::again, std::move(error)};
}

Judgement judge(const HttpReply& reply) {
    const std::size_t first = reply.body.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && reply.body[first] == '<') {
        const std::string_view code = element(reply.body, "returnReasonCode");
        if (!code.empty()) return judge_code(code, element(reply.body, "returnAuthMsg"));
    }
    return judge_status(reply, key_remedy);
}

// The site shows a key twice: percent-encoded and not. Encoded exactly once it is right.
std::string encoded_once(const std::string& key) {
    return key.find('%') != std::string::npos ? key : percent_encoded(key);
}

struct Page {
    std::int64_t total = 0;
    std::size_t rows = 0;
};

// Items may be a list, one object, or an empty text.
std::expected<Page, service::FeedFailure> read_page(const service::FeedBody& body) {
    boost::system::error_code error;
    const json::value root = json::parse(body.bytes, error);
    if (error) return changed_layout(body, fmt::format("no JSON ({})", error.message()));
    const auto at = [&](const char* pointer) {
        boost::system::error_code missing;
        return root.find_pointer(pointer, missing);
    };
    const json::value* code = at("/response/header/resultCode");
    if (code == nullptr || !code->is_string())
        return changed_layout(body, "the field response.header.resultCode is missing");
    if (code->as_string() != "00") {
        const json::value* message = at("/response/header/resultMsg");
        const Judgement judgement = judge_code(
            {code->as_string().data(), code->as_string().size()},
            message != nullptr && message->is_string()
                ? std::string_view{message->as_string().data(), message->as_string().size()}
                : std::string_view{});
        return failure(judgement.error);
    }
    const json::value* total = at("/response/body/totalCount");
    if (total == nullptr)
        return changed_layout(body, "the field response.body.totalCount is missing");
    Page page;
    if (total->is_int64()) {
        page.total = total->as_int64();
    } else if (total->is_string()) {
        const auto& text = total->as_string();
        std::from_chars(text.data(), text.data() + text.size(), page.total);
    } else {
        return changed_layout(body, "the field response.body.totalCount is no number");
    }
    const json::value* items = at("/response/body/items");
    if (items == nullptr) return changed_layout(body, "the field response.body.items is missing");
    const json::value* item = items->is_object() ? items->as_object().if_contains("item") : nullptr;
    if (item == nullptr) return page;
    const auto check = [&](const json::value& row) -> std::expected<void, service::FeedFailure> {
        ++page.rows;
        for (const char* field :
             {"basDt", "srtnCd", "mrktCtg", "clpr", "vs", "mkp", "hipr", "lopr", "trqu"})
            if (!row.is_object() || row.as_object().if_contains(field) == nullptr)
                return changed_layout(
                    body, fmt::format("the field {} is missing in row {}", field, page.rows));
        return {};
    };
    if (item->is_array()) {
        for (const json::value& row : item->as_array())
            if (auto checked = check(row); !checked) return std::unexpected(checked.error());
    } else if (auto checked = check(*item); !checked) {
        return std::unexpected(checked.error());
    }
    return page;
}

class DataGoKr final : public MarketDayFeed {
public:
    using MarketDayFeed::MarketDayFeed;
    std::string name() const override { return "datago"; }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        service::Fetched fetched;
        std::int64_t seen = 0;
        for (int number = 1;; ++number) {
            const HttpRequest request{
                .base = parts_.host,
                .target = fmt::format(
                    "/1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo?serviceKey={}"
                    "&numOfRows={}&pageNo={}&resultType=json&basDt={}&mrktCls={}",
                    encoded_once(parts_.client->secret().reveal()), rows_a_page, number,
                    compact(errand.from), errand.subject)};
            auto reply = parts_.client->send(request, judge, progress.stop);
            if (!reply) return failure(std::move(reply).error());
            service::FeedBody body{fmt::format("getStockPriceInfo_{}_{}_page{}.json",
                                               errand.subject, compact(errand.from), number),
                                   std::move(reply->body)};
            auto page = read_page(body);
            if (!page) return std::unexpected(std::move(page).error());
            seen += static_cast<std::int64_t>(page->rows);
            if (page->rows > 0) fetched.bodies.push_back(std::move(body));
            if (seen >= page->total) break;
            if (page->rows == 0)
                return changed_layout(body, fmt::format("page {} is empty after {} of {} rows",
                                                        number, seen, page->total));
        }
        fetched.empty = seen == 0;
        return fetched;
    }
};

}  // namespace

std::unique_ptr<service::Feed> make_data_go_kr(FeedParts parts) {
    return std::make_unique<DataGoKr>(std::move(parts));
}

}  // namespace hsl::adapters::detail
