// SPDX-License-Identifier: Apache-2.0

// The exchange's public statistics pages: not a published interface, a login is needed since 2026.
// A market's day (01501) or, for symbols, a range of at most two years (01701), both raw.

#include <mutex>

#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr std::string_view path = "/comm/bldAttendant/getJsonData.cmd";
constexpr std::string_view page = "/contents/MDC/MDI/outerLoader/index.cmd";
constexpr std::string_view key_remedy =
    "log in at data.krx.co.kr with a browser and put its cookie JSESSIONID into "
    "HSL_PORTAL_SESSION, "
    "or download the files by hand and import them";
constexpr int range_days_most = 730;

// A session that is not logged in is told so in a body of one word, under 400 or 200.
Judgement judge(const HttpReply& reply) {
    if (reply.body.size() < 200 && reply.body.find("LOGOUT") != std::string::npos)
        return {Worth::stop,
                {.code = ErrorCode::bad_usage,
                 .message = fmt::format("the host wants a login (LOGOUT): {}", key_remedy)}};
    return judge_status(reply, key_remedy);
}

std::string_view market_id(market::Market market) {
    if (market == market::Market::kosdaq) return "KSQ";
    if (market == market::Market::konex) return "KNX";
    return "STK";
}

// The ISIN of a common share, which its code gives: KR7, the code, 00 and the check digit.
Result<std::string> isin_of(const std::string& symbol) {
    if (!market::is_krx_code(symbol) || market::is_preferred(symbol))
        return fail(ErrorCode::bad_usage,
                    fmt::format("{}: the portal asks for ISINs, and only that of a common share "
                                "follows from its code",
                                symbol));
    for (char digit = '0'; digit <= '9'; ++digit) {
        std::string isin = "KR7" + symbol + "00" + digit;
        if (market::is_isin(isin)) return isin;
    }
    return fail(ErrorCode::internal, fmt::format("{} has no ISIN", symbol));
}

class KrxPortal final : public HostFeed {
public:
    explicit KrxPortal(FeedParts parts)
        : HostFeed(std::move(parts)), session_(parts_.client->secret().reveal()) {}
    std::string name() const override { return "portal"; }
    service::FeedUnit unit(const service::FeedQuery& query) const override {
        return query.symbols.empty() ? service::FeedUnit::market_day : service::FeedUnit::symbol;
    }
    Result<std::vector<service::Errand>> errands(const service::FeedQuery& query) override {
        if (query.symbols.empty()) return market_days(name(), query);
        for (const market::Instrument& instrument : query.symbols)
            if (const auto isin = isin_of(instrument.symbol); !isin)
                return std::unexpected(isin.error());
        return symbol_ranges(name(), query, range_days_most);
    }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        return errand.instrument.symbol.empty() ? fetch_day(errand, progress)
                                                : fetch_range(errand, progress);
    }

    store::ReadHints hints(const service::Errand& errand) const override {
        return {.symbol = errand.instrument.symbol,
                .basis = market::Basis::raw,
                .market = errand.instrument.market};
    }

private:
    using Answer = std::expected<service::Fetched, service::FeedFailure>;

    Answer fetch_day(const service::Errand& errand, const Progress& progress) {
        const auto market = market_id(errand.instrument.market);
        const std::string day = compact(errand.from);
        auto body =
            ask("MDCSTAT01501",
                fmt::format("mktId={}&trdDd={}&share=1&money=1&csvxls_isNo=false", market, day),
                fmt::format("MDCSTAT01501_mktId-{}_trdDd-{}.json", market, day), progress);
        if (!body) return std::unexpected(std::move(body).error());
        return answer(std::move(*body),
                      {"ISU_SRT_CD", "ISU_ABBRV", "MKT_NM", "TDD_CLSPRC", "FLUC_TP_CD",
                       "CMPPREVDD_PRC", "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL",
                       "ACC_TRDVAL", "MKTCAP", "LIST_SHRS"});
    }

    Answer fetch_range(const service::Errand& errand, const Progress& progress) {
        const auto isin = isin_of(errand.instrument.symbol);
        if (!isin) return failure(isin.error());
        const std::string from = compact(errand.from), to = compact(errand.to);
        auto body = ask(
            "MDCSTAT01701",
            fmt::format("isuCd={}&strtDd={}&endDd={}&adjStkPrc=1&share=1&money=1", *isin, from, to),
            fmt::format("MDCSTAT01701_isuCd-{}_adjStkPrc-1_strtDd-{}_endDd-{}.json", *isin, from,
                        to),
            progress);
        if (!body) return std::unexpected(std::move(body).error());
        return answer(std::move(*body), {"TRD_DD", "TDD_CLSPRC", "FLUC_TP_CD", "CMPPREVDD_PRC",
                                         "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL"});
    }

    std::expected<service::FeedBody, service::FeedFailure> ask(std::string_view statistic,
                                                               std::string_view form,
                                                               std::string name,
                                                               const Progress& progress) {
        HttpRequest request{
            .base = parts_.host,
            .target = std::string{path},
            .headers = {{"Referer", parts_.host.text() + std::string{page}},
                        {"X-Requested-With", "XMLHttpRequest"}},
            .form = fmt::format(
                "bld={}&{}", percent_encoded(fmt::format("dbms/MDC/STAT/standard/{}", statistic)),
                form)};
        if (const std::string held = session(); !held.empty())
            request.headers.emplace_back("Cookie", "JSESSIONID=" + held);
        auto reply = parts_.client->send(request, judge, progress.stop);
        if (!reply) return failure(std::move(reply).error());
        keep_session(*reply);
        return service::FeedBody{std::move(name), std::move(reply->body)};
    }

    static Answer answer(service::FeedBody body, std::initializer_list<std::string_view> fields) {
        auto rows = rows_of(body, {"OutBlock_1", "output", "block1"}, fields, "TDD_CLSPRC");
        if (!rows) return std::unexpected(std::move(rows).error());
        // A day without trading has all its rows, with dashes.
        if (rows->count == 0 || rows->all_dashes) return service::Fetched{.empty = true};
        service::Fetched fetched;
        fetched.bodies.push_back(std::move(body));
        return fetched;
    }

    std::string session() {
        const std::lock_guard guard{lock_};
        return session_;
    }
    // The host opens a session with its first answer and may renew it with any.
    void keep_session(const HttpReply& reply) {
        constexpr std::string_view cookie = "JSESSIONID=";
        for (const auto& [header, value] : reply.headers) {
            if (header != "set-cookie" || !value.starts_with(cookie)) continue;
            const std::lock_guard guard{lock_};
            session_ = value.substr(cookie.size(), value.find(';') - cookie.size());
        }
    }

    std::mutex lock_;
    std::string session_;
};

}  // namespace

std::unique_ptr<service::Feed> make_krx_portal(FeedParts parts) {
    return std::make_unique<KrxPortal>(std::move(parts));
}

}  // namespace hsl::adapters::detail
