// SPDX-License-Identifier: Apache-2.0
#include "market/corporate_action.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace hsl::market {
namespace {

__extension__ using Wide = __int128;

struct KindWord {
    std::string_view word;
    ActionKind kind;
};
// The first two words of a kind are its names; the others are what files call it.
constexpr KindWord kind_words[] = {
    {"split", ActionKind::split},
    {"액면분할", ActionKind::split},
    {"주식분할", ActionKind::split},
    {"분할", ActionKind::split},
    {"reverse_split", ActionKind::reverse_split},
    {"액면병합", ActionKind::reverse_split},
    {"주식병합", ActionKind::reverse_split},
    {"병합", ActionKind::reverse_split},
    {"reverse split", ActionKind::reverse_split},
    {"bonus_issue", ActionKind::bonus_issue},
    {"무상증자", ActionKind::bonus_issue},
    {"주식배당", ActionKind::bonus_issue},
    {"bonus", ActionKind::bonus_issue},
    {"stock_dividend", ActionKind::bonus_issue},
    {"rights_issue", ActionKind::rights_issue},
    {"유상증자", ActionKind::rights_issue},
    {"rights", ActionKind::rights_issue},
    {"cash_dividend", ActionKind::cash_dividend},
    {"현금배당", ActionKind::cash_dividend},
    {"배당", ActionKind::cash_dividend},
    {"dividend", ActionKind::cash_dividend},
    {"merger", ActionKind::merger},
    {"합병", ActionKind::merger},
    {"spin_off", ActionKind::spin_off},
    {"인적분할", ActionKind::spin_off},
    {"회사분할", ActionKind::spin_off},
    {"분할재상장", ActionKind::spin_off},
    {"spin-off", ActionKind::spin_off},
    {"capital_reduction", ActionKind::capital_reduction},
    {"감자", ActionKind::capital_reduction},
    {"자본감소", ActionKind::capital_reduction},
    {"code_change", ActionKind::code_change},
    {"코드변경", ActionKind::code_change},
    {"delisting", ActionKind::delisting},
    {"상장폐지", ActionKind::delisting},
};

// numerator / denominator in lowest terms. Beyond 62 bits both lose low bits: a relative error of
// 2^-61, below half a won of any price.
PriceFactor lowest_terms(Wide numerator, Wide denominator) {
    HSL_ASSERT(numerator > 0 && denominator > 0);
    Wide a = numerator, b = denominator;
    while (b != 0) a = std::exchange(b, a % b);
    numerator /= a;
    denominator /= a;
    while (std::max(numerator, denominator) >> 62 != 0) {
        numerator /= 2;
        denominator /= 2;
    }
    return {std::max<std::int64_t>(1, static_cast<std::int64_t>(numerator)),
            std::max<std::int64_t>(1, static_cast<std::int64_t>(denominator))};
}

PriceFactor product(const PriceFactor& a, const PriceFactor& b) {
    return lowest_terms(Wide{a.numerator} * b.numerator, Wide{a.denominator} * b.denominator);
}

// value x numerator / denominator, half away from zero; value >= 0.
std::int64_t times(std::int64_t value, std::int64_t numerator, std::int64_t denominator) {
    const Wide doubled = Wide{value} * numerator * 2 / denominator;
    const Wide result = (doubled + 1) / 2;
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    return result > largest ? largest : static_cast<std::int64_t>(result);
}

// Of each action in their order. A halted row's price is not asked: some vendors write the coming
// reference price there.
std::vector<PriceFactor> factors_of(std::span<const CorporateAction> actions,
                                    std::span<const Bar> raw) {
    std::vector<PriceFactor> factors;
    std::size_t next = 0;
    std::int64_t reference = 0;  // the last traded close, as the actions since then left it
    for (const CorporateAction& action : actions) {
        for (; next < raw.size() && raw[next].date < action.ex_date; ++next)
            if (!is_halt(raw[next])) reference = raw[next].close;
        const PriceFactor factor = price_factor(action, reference);
        reference = static_cast<std::int64_t>(
            (Wide{reference} * factor.numerator + factor.denominator - 1) / factor.denominator);
        factors.push_back(factor);
    }
    return factors;
}

Bar adjusted(Bar bar, const PriceFactor& factor) {
    for (std::int64_t* const price : {&bar.open, &bar.high, &bar.low, &bar.close})
        *price = times(*price, factor.numerator, factor.denominator);
    bar.volume = times(bar.volume, factor.denominator, factor.numerator);
    return bar;
}

}  // namespace

std::string_view name_of(ActionKind kind) {
    return std::ranges::find(kind_words, kind, &KindWord::kind)->word;
}

std::string_view korean_name_of(ActionKind kind) {
    return std::next(std::ranges::find(kind_words, kind, &KindWord::kind))->word;
}

Result<ActionKind> parse_action_kind(std::string_view word) {
    const auto* const found = std::ranges::find(kind_words, word, &KindWord::word);
    if (found != std::end(kind_words)) return found->kind;
    std::string known;
    for (int kind = 0; kind <= static_cast<int>(ActionKind::delisting); ++kind)
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ",
                             name_of(static_cast<ActionKind>(kind)),
                             korean_name_of(static_cast<ActionKind>(kind)));
    return fail(ErrorCode::bad_usage,
                fmt::format("'{}' is no kind of corporate action; known: {}", word, known));
}

std::string_view name_of(ActionState state) {
    switch (state) {
        case ActionState::confirmed:
            return "confirmed";
        case ActionState::proposed:
            return "proposed";
        case ActionState::rejected:
            return "rejected";
    }
    return "confirmed";
}

PriceFactor price_factor(const CorporateAction& action, std::int64_t previous_close) {
    const std::int64_t before = action.shares_before;
    const std::int64_t after = action.shares_after;
    if (before <= 0 || after <= 0) return {};
    switch (action.kind) {
        case ActionKind::cash_dividend:
        case ActionKind::code_change:
        case ActionKind::delisting:
            return {};
        case ActionKind::rights_issue:
            // Nobody subscribes above the market: no value leaves the share.
            if (previous_close <= 0 || action.issue_price >= previous_close || after < before)
                return {};
            return lowest_terms(
                Wide{previous_close} * before + Wide{action.issue_price} * (after - before),
                Wide{after} * previous_close);
        case ActionKind::split:
        case ActionKind::reverse_split:
        case ActionKind::bonus_issue:
        case ActionKind::merger:
        case ActionKind::spin_off:
        case ActionKind::capital_reduction:
            break;
    }
    return lowest_terms(before, after);
}

void put_in_order(std::vector<CorporateAction>& actions) {
    std::ranges::stable_sort(actions, {}, [](const CorporateAction& action) {
        return std::tuple{action.ex_date, action.kind != ActionKind::cash_dividend, action.kind};
    });
    for (CorporateAction& rights : actions) {
        if (rights.kind != ActionKind::rights_issue) continue;
        const auto bonus = std::ranges::find_if(actions, [&](const CorporateAction& other) {
            return other.kind == ActionKind::bonus_issue && other.ex_date == rights.ex_date;
        });
        if (bonus == actions.end() || bonus->shares_before <= 0 || bonus->shares_after <= 0 ||
            rights.shares_before <= 0 || rights.shares_after < rights.shares_before)
            continue;
        const Wide kept = Wide{rights.shares_before} * bonus->shares_after;
        const Wide added = Wide{rights.shares_after - rights.shares_before} * bonus->shares_before;
        const PriceFactor terms = lowest_terms(kept, kept + added);
        rights.shares_before = terms.numerator;
        rights.shares_after = terms.denominator;
    }
}

Actions::Actions(std::vector<CorporateAction> actions) : actions_{std::move(actions)} {
    std::ranges::stable_sort(actions_, [](const CorporateAction& a, const CorporateAction& b) {
        return std::tie(a.symbol, a.ex_date) < std::tie(b.symbol, b.ex_date);
    });
    for (std::size_t at = 0; at < actions_.size(); ++at) {
        auto& [first, count] = rows_of_.try_emplace(actions_[at].symbol, at, 0).first->second;
        count = at - first + 1;
    }
}

std::span<const CorporateAction> Actions::of(std::string_view symbol) const {
    const auto found = rows_of_.find(symbol);
    if (found == rows_of_.end()) return {};
    return std::span{actions_}.subspan(found->second.first, found->second.second);
}

std::vector<CorporateAction> Actions::known(std::string_view symbol, Date as_of) const {
    std::vector<CorporateAction> known;
    for (const CorporateAction& action : of(symbol))
        if (action.state == ActionState::confirmed && action.known() <= as_of)
            known.push_back(action);
    return known;
}

std::vector<Bar> adjusted_view(std::span<const Bar> raw, std::span<const CorporateAction> actions,
                               Date as_of) {
    const auto end = std::ranges::upper_bound(raw, as_of, {}, &Bar::date);
    std::vector<Bar> view(raw.begin(), end);
    std::vector<CorporateAction> in_force;
    for (const CorporateAction& action : actions)
        if (action.state == ActionState::confirmed && action.known() <= as_of &&
            action.ex_date <= as_of)
            in_force.push_back(action);
    put_in_order(in_force);
    const std::vector<PriceFactor> factors = factors_of(in_force, raw);

    // Backwards from the last bar: each action is passed once, and everything before it carries it.
    PriceFactor factor;
    std::size_t at = view.size();
    while (!in_force.empty()) {
        for (; at > 0 && view[at - 1].date >= in_force.back().ex_date; --at)
            view[at - 1] = adjusted(view[at - 1], factor);
        factor = product(factor, factors[in_force.size() - 1]);
        in_force.pop_back();
    }
    for (; at > 0; --at) view[at - 1] = adjusted(view[at - 1], factor);
    return view;
}

}  // namespace hsl::market
