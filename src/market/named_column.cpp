// SPDX-License-Identifier: Apache-2.0
#include "market/named_column.hpp"

#include <algorithm>

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

bool is_membership(std::string_view name) {
    if (!name.starts_with(membership) || name.size() == membership.size()) return false;
    return std::ranges::all_of(name.substr(membership.size()), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// Two sessions never lie further apart than this: the longest closures were of ten days. Where the
// calendar does not reach, a value is shown too late rather than too early.
constexpr int two_sessions_days_max = 21;

}  // namespace

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

}  // namespace hsl::market
