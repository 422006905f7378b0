// SPDX-License-Identifier: Apache-2.0
#include "market/named_column.hpp"

#include <algorithm>
#include <iterator>

#include "market/calendar.hpp"

namespace hsl::market {
namespace {

using enum Knowledge;

// Flows and balances come in won and in shares; which one a file has is told by its size against
// the volume, so each has a name of its own.
constexpr ColumnSpec specs[] = {
    {"market_cap", "시가총액", "won", "Close times listed shares.", evening, true},
    {"listed_shares", "상장주식수", "shares", "Shares that are listed.", evening, true},
    {"foreign_net", "외국인 순매수 대금", "won", "Bought less sold by foreigners.", evening, false},
    {"institution_net", "기관 순매수 대금", "won", "Bought less sold by institutions.", evening,
     false},
    {"individual_net", "개인 순매수 대금", "won", "Bought less sold by individuals.", evening,
     false},
    {"foreign_net_shares", "외국인 순매수 수량", "shares", "Bought less sold by foreigners.",
     evening, false},
    {"institution_net_shares", "기관 순매수 수량", "shares", "Bought less sold by institutions.",
     evening, false},
    {"individual_net_shares", "개인 순매수 수량", "shares", "Bought less sold by individuals.",
     evening, false},
    {"foreign_net_rate", "외국인 순매수 비율", "",
     "Bought less sold by foreigners, as a fraction of the day's volume.", evening, false},
    {"institution_net_rate", "기관 순매수 비율", "",
     "Bought less sold by institutions, as a fraction of the day's volume.", evening, false},
    {"individual_net_rate", "개인 순매수 비율", "",
     "Bought less sold by individuals, as a fraction of the day's volume.", evening, false},
    {"foreign_holding", "외국인 보유수량", "shares", "Shares that foreigners hold.", evening, true},
    {"foreign_holding_rate", "외국인 보유비율", "%", "Share of the company that foreigners hold.",
     evening, true},
    {"short_volume", "공매도 거래량", "shares", "Shares sold short during the session.", evening,
     false},
    {"short_value", "공매도 거래대금", "won", "Value sold short during the session.", evening,
     false},
    {"short_balance", "공매도 잔고수량", "shares", "Shares sold short and not bought back.",
     evening_after_two, true},
    {"short_balance_value", "공매도 잔고금액", "won", "Value of the shares sold short.",
     evening_after_two, true},
    {"per", "PER", "", "Price over earnings a share, as published for the session.", evening, true},
    {"pbr", "PBR", "", "Price over book value a share, as published for the session.", evening,
     true},
    {"eps", "EPS", "won", "Earnings a share of the last accounts, as published for the session.",
     evening, true},
    {"bps", "BPS", "won", "Book value a share of the last accounts, as published for the session.",
     evening, true},
    {"dps", "주당배당금", "won", "Dividend a share of the last accounts, as published.", evening,
     true},
    {"dividend_yield", "배당수익률", "%", "Dividend a share over the price, as published.", evening,
     true},
    {"roe", "ROE", "%", "Net profit over equity, known when the accounts are filed.", stated, true},
    {"revenue", "매출액", "won", "Of the accounts, known when they are filed.", stated, true},
    {"operating_profit", "영업이익", "won", "Of the accounts, known when they are filed.", stated,
     true},
    {"net_profit", "당기순이익", "won", "Of the accounts, known when they are filed.", stated,
     true},
    {"equity", "자본총계", "won", "Of the accounts, known when they are filed.", stated, true},
    {"market_kospi_ma5_ratio", "코스피 5일 평균비", "", "KOSPI against its mean of 5 sessions.",
     evening, false},
    {"market_kospi_ma20_ratio", "코스피 20일 평균비", "", "KOSPI against its mean of 20 sessions.",
     evening, false},
    {"market_kospi_ma60_ratio", "코스피 60일 평균비", "", "KOSPI against its mean of 60 sessions.",
     evening, false},
    {"market_kospi_ma120_ratio", "코스피 120일 평균비", "",
     "KOSPI against its mean of 120 sessions.", evening, false},
    {"bond_k3y_ma5_ratio", "국고채 3년 5일 평균비", "",
     "Three-year treasury bond against its mean of 5 sessions.", evening, false},
    {"bond_k3y_ma20_ratio", "국고채 3년 20일 평균비", "",
     "Three-year treasury bond against its mean of 20 sessions.", evening, false},
    {"bond_k3y_ma60_ratio", "국고채 3년 60일 평균비", "",
     "Three-year treasury bond against its mean of 60 sessions.", evening, false},
    {"bond_k3y_ma120_ratio", "국고채 3년 120일 평균비", "",
     "Three-year treasury bond against its mean of 120 sessions.", evening, false},
    {"in_", "지수 편입", "", "1 while a member of the index that follows in_, else 0.", evening,
     true},
};
constexpr std::string_view membership = "in_";

// Two sessions never lie further apart than this: the longest closures were of ten days. Where the
// calendar does not reach, a value is shown too late rather than too early.
constexpr int two_sessions_days_max = 21;

// A row of one of the series of an index.
struct MemberRow {
    std::size_t series = 0;
    ColumnRow row = {};
};

// Who is a member, day by day.
class Members {
public:
    explicit Members(std::vector<ColumnSeries>& series)
        : series_{series}, is_member_(series.size()), named_on_(series.size()) {}

    // The rows of one day.
    void take(std::span<const MemberRow> day) {
        ++day_;
        Date known = day.front().row.known;
        for (const MemberRow& one : day) {
            named_on_[one.series] = day_;
            known = std::max(known, one.row.known);
        }
        const bool is_list =
            2 * day.size() >= count_ &&
            std::ranges::all_of(day, [](const MemberRow& one) { return one.row.value > 0; });
        if (is_list) end_others({day.front().row.date, known, 0});
        for (const MemberRow& one : day) set(one.series, one.row.value > 0);
    }

private:
    void end_others(const ColumnRow& end) {
        for (std::size_t i = 0; i < series_.size(); ++i) {
            if (!is_member_[i] || named_on_[i] == day_) continue;
            series_[i].rows.push_back(end);
            set(i, false);
        }
    }
    void set(std::size_t series, bool member) {
        if (is_member_[series] == member) return;
        is_member_[series] = member;
        count_ += member ? 1 : std::size_t{0} - 1;
    }

    std::vector<ColumnSeries>& series_;
    std::vector<bool> is_member_;
    std::vector<std::size_t> named_on_;  // the last day that has a row
    std::size_t day_ = 0;
    std::size_t count_ = 0;
};

// Of one source.
void end_members(std::vector<ColumnSeries>& series) {
    std::vector<MemberRow> rows;
    for (std::size_t i = 0; i < series.size(); ++i)
        for (const ColumnRow& row : series[i].rows) rows.push_back({i, row});
    const auto date = [](const MemberRow& one) { return one.row.date; };
    std::ranges::stable_sort(rows, {}, date);
    Members members{series};
    for (auto day = rows.begin(); day != rows.end();) {
        const auto end = std::ranges::upper_bound(day, rows.end(), date(*day), {}, date);
        members.take({day, end});
        day = end;
    }
    for (ColumnSeries& one : series) std::ranges::stable_sort(one.rows, {}, &ColumnRow::date);
}

}  // namespace

bool is_membership(std::string_view name) {
    if (!name.starts_with(membership) || name.size() == membership.size()) return false;
    return std::ranges::all_of(name.substr(membership.size()), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::span<const ColumnSpec> column_specs() { return specs; }

const ColumnSpec* find_column(std::string_view name) {
    if (name == membership) return nullptr;
    const std::string_view wanted = is_membership(name) ? membership : name;
    const auto* const found = std::ranges::find(specs, wanted, &ColumnSpec::name);
    return found == std::end(specs) ? nullptr : found;
}

Date knowledge_day(const ColumnSpec& spec, Date date) {
    if (spec.knowledge != evening_after_two) return date;
    return Calendar::krx().plus_sessions(date, 2).value_or(date + two_sessions_days_max);
}

bool ends_quarter(Date date) {
    const unsigned month = date.month();
    return month % 3 == 0 && (date + 1).month() != month;
}

Date accounts_due(Date date) {
    constexpr int annual_days = 90;
    constexpr int quarterly_days = 45;
    return date + (date.month() == 12 ? annual_days : quarterly_days);
}

std::vector<ColumnSeries> with_leavers(std::span<const ColumnSeries> columns,
                                       std::string_view column) {
    // Sources stay in their order: the first that has a symbol is the one that is read.
    std::vector<std::vector<ColumnSeries>> sources;
    for (const ColumnSeries& series : columns) {
        if (series.column != column) continue;
        const auto same = [&](const auto& held) { return held.front().source == series.source; };
        auto found = std::ranges::find_if(sources, same);
        if (found == sources.end()) found = sources.insert(found, std::vector<ColumnSeries>{});
        found->push_back(series);
    }
    std::vector<ColumnSeries> all;
    for (std::vector<ColumnSeries>& source : sources) {
        end_members(source);
        std::ranges::move(source, std::back_inserter(all));
    }
    return all;
}

}  // namespace hsl::market
