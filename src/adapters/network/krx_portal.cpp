// SPDX-License-Identifier: Apache-2.0

// The exchange's public statistics pages: not a published interface, a login is needed since 2026.
// A market's day (01501) or, for symbols, a range of at most two years (01701), both raw; beside
// them PER and its like (03501, 03502), what investors of a market bought (02202) and a symbol's
// short balance (30502). These are the statistics whose rows are documented or recorded.

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "adapters/network/detail/body.hpp"
#include "adapters/network/detail/feeds.hpp"
#include "adapters/network/detail/market_days.hpp"
#include "market/calendar.hpp"

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
        const bool by_symbol = !query.symbols.empty();
        for (const std::string& column : query.columns)
            if (column == (by_symbol ? "flows" : "short"))
                return fail(ErrorCode::bad_usage,
                            by_symbol ? "flows are those of a whole market: leave --symbols out"
                                      : "a short balance is asked for by symbol: say which, "
                                        "--symbols 005930,000660");
        for (const market::Instrument& instrument : query.symbols)
            if (const auto isin = isin_of(instrument.symbol); !isin)
                return std::unexpected(isin.error());
        std::vector<service::Errand> all;
        for (std::size_t i = 0; i <= query.columns.size(); ++i) {
            service::FeedQuery one = query;
            const std::string what = i == 0 ? "" : query.columns[i - 1];
            if (what == "short") one = as_published(std::move(one));
            HSL_TRY(
                std::vector<service::Errand> errands,
                by_symbol ? symbol_ranges(name(), one, range_days_most) : market_days(name(), one));
            for (service::Errand& errand : errands) {
                if (what == "flows" && errand.instrument.market == market::Market::konex) continue;
                errand.what = what;
                if (!what.empty()) errand.subject += " " + what;
                all.push_back(std::move(errand));
            }
        }
        return all;
    }

    std::expected<service::Fetched, service::FeedFailure> fetch(const service::Errand& errand,
                                                                const Progress& progress) override {
        if (errand.what == "valuation") return fetch_valuation(errand, progress);
        if (errand.what == "flows") return fetch_flows(errand, progress);
        if (errand.what == "short") return fetch_short(errand, progress);
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

    // A short balance is public two sessions after its day: what became public in the days asked
    // for is asked about, so that a day of every evening leaves no hole.
    static service::FeedQuery as_published(service::FeedQuery query) {
        const auto& sessions = market::Calendar::krx().all();
        const auto two_before = [&](Date day) {
            const std::size_t index = market::Calendar::krx().lower_bound(day);
            return sessions[index - std::min<std::size_t>(index, 2)];
        };
        query.from = two_before(query.from);
        query.to = two_before(query.to);
        return query;
    }

    Answer fetch_day(const service::Errand& errand, const Progress& progress) {
        const auto market = market_id(errand.instrument.market);
        const std::string day = compact(errand.from);
        auto body =
            ask("standard/MDCSTAT01501",
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
            "standard/MDCSTAT01701",
            fmt::format("isuCd={}&strtDd={}&endDd={}&adjStkPrc=1&share=1&money=1", *isin, from, to),
            fmt::format("MDCSTAT01701_isuCd-{}_adjStkPrc-1_strtDd-{}_endDd-{}.json", *isin, from,
                        to),
            progress);
        if (!body) return std::unexpected(std::move(body).error());
        return answer(std::move(*body), {"TRD_DD", "TDD_CLSPRC", "FLUC_TP_CD", "CMPPREVDD_PRC",
                                         "TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL"});
    }

    Answer fetch_valuation(const service::Errand& errand, const Progress& progress) {
        const std::initializer_list<std::string_view> figures{"TDD_CLSPRC", "EPS", "PER",    "BPS",
                                                              "PBR",        "DPS", "DVD_YLD"};
        const std::string from = compact(errand.from), to = compact(errand.to);
        if (errand.instrument.symbol.empty()) {
            const auto market = market_id(errand.instrument.market);
            auto body =
                ask("standard/MDCSTAT03501", fmt::format("mktId={}&trdDd={}", market, from),
                    fmt::format("MDCSTAT03501_mktId-{}_trdDd-{}.json", market, from), progress);
            if (!body) return std::unexpected(std::move(body).error());
            return answer(std::move(*body), figures);
        }
        const auto isin = isin_of(errand.instrument.symbol);
        if (!isin) return failure(isin.error());
        auto body = ask(
            "standard/MDCSTAT03502",
            fmt::format("mktId=ALL&isuCd={}&strtDd={}&endDd={}", *isin, from, to),
            fmt::format("MDCSTAT03502_mktId-ALL_isuCd-{}_strtDd-{}_endDd-{}.json", *isin, from, to),
            progress);
        if (!body) return std::unexpected(std::move(body).error());
        return answer(std::move(*body), figures);
    }

    // In won, what was bought less what was sold.
    Answer fetch_flows(const service::Errand& errand, const Progress& progress) {
        const auto market = market_id(errand.instrument.market);
        const std::string day = compact(errand.from);
        auto body = ask(
            "standard/MDCSTAT02202",
            fmt::format("strtDd={}&endDd={}&mktId={}&etf=&etn=&elw=&inqTpCd=2&trdVolVal=2&askBid=3",
                        day, day, market),
            fmt::format("MDCSTAT02202_mktId-{}_strtDd-{}_endDd-{}_trdVolVal-2_askBid-3.json",
                        market, day, day),
            progress);
        if (!body) return std::unexpected(std::move(body).error());
        return answer(std::move(*body), {"TRD_DD", "TRDVAL1", "TRDVAL2", "TRDVAL3", "TRDVAL4"},
                      "TRDVAL4");
    }

    // Many a symbol has no balance that anybody must report.
    Answer fetch_short(const service::Errand& errand, const Progress& progress) {
        const auto isin = isin_of(errand.instrument.symbol);
        if (!isin) return failure(isin.error());
        const std::string from = compact(errand.from), to = compact(errand.to);
        auto body =
            ask("srt/MDCSTAT30502", fmt::format("isuCd={}&strtDd={}&endDd={}", *isin, from, to),
                fmt::format("MDCSTAT30502_isuCd-{}_strtDd-{}_endDd-{}.json", *isin, from, to),
                progress);
        if (!body) return std::unexpected(std::move(body).error());
        Answer fetched =
            answer(std::move(*body), {"RPT_DUTY_OCCR_DD", "BAL_QTY", "BAL_AMT"}, "BAL_QTY");
        if (fetched) fetched->empty = false;
        return fetched;
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
            .form = fmt::format("bld={}&{}",
                                percent_encoded(fmt::format("dbms/MDC/STAT/{}", statistic)), form)};
        if (const std::string held = session(); !held.empty())
            request.headers.emplace_back("Cookie", "JSESSIONID=" + held);
        auto reply = parts_.client->send(request, judge, progress.stop);
        if (!reply) return failure(std::move(reply).error());
        keep_session(*reply);
        return service::FeedBody{std::move(name), std::move(reply->body)};
    }

    static Answer answer(service::FeedBody body, std::initializer_list<std::string_view> fields,
                         std::string_view number = "TDD_CLSPRC") {
        auto rows = rows_of(body, {"OutBlock_1", "output", "block1"}, fields, number);
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
