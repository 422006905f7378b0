// SPDX-License-Identifier: Apache-2.0
#include "analytics/detail/verdict_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace hsl::analytics::detail {
namespace {

constexpr std::size_t names_shown = 3;
constexpr double dsr_mark = 0.95;
constexpr const char* planted =
    " Unless a pattern was planted in the generated market, this is a false discovery.";

bool traded(const VerdictInput& input) {
    return std::ranges::any_of(input.trades, [](std::int64_t count) { return count > 0; });
}

std::string sharpe_text(double sharpe) {
    const std::string text = fixed(sharpe, 2);
    return text == "-0.00" ? "0.00" : text;
}

// Three decimals, but never "0.000" or "1.000" for what is neither.
std::string probability_text(double p) {
    if (p > 0 && p < 0.001) return "below 0.001";
    if (p < 1 && p > 0.999) return "above 0.999";
    return fixed(p, p > 0.99 || p < 0.1 ? 3 : 2);
}

// The set at the top of the leaderboard: the highest Sharpe, NaN last, ties in file order.
std::size_t leader_of(const VerdictInput& input) {
    std::size_t leader = 0;
    for (std::size_t i = 1; i < input.sharpes.size(); ++i)
        if (input.sharpes[i] > input.sharpes[leader] ||
            (std::isnan(input.sharpes[leader]) && !std::isnan(input.sharpes[i])))
            leader = i;
    return leader;
}

std::string tries(std::size_t count) {
    return counted(static_cast<std::int64_t>(count), "try", "tries");
}

std::string market_text(const VerdictInput& input) {
    return counted(input.symbols, input.generated ? "generated symbol" : "symbol");
}

std::string holding_sentence(const VerdictInput& input) {
    double held = 1;
    for (const double r : input.hold) held *= 1 + r;
    const std::string holding =
        fmt::format("{} (Sharpe {})", percent(held - 1), sharpe_text(input.hold_sharpe));
    const std::size_t count = input.sharpes.size(), leader = leader_of(input);
    const auto ahead =
        std::ranges::count_if(input.sharpes, [&](double s) { return s > input.hold_sharpe; });
    const std::string& name = input.names[leader];
    const std::string sharpe = sharpe_text(input.sharpes[leader]);
    if (!traded(input))
        return fmt::format(
            "Holding the {} returned {}; {} closed a trade, so there is nothing to judge.",
            market_text(input), holding,
            count == 1 ? fmt::format("the one set, {}, never", name)
                       : fmt::format("none of the {} sets ever", count));
    if (count == 1)
        return fmt::format("Holding the {} returned {}; the one set, {}, {} with a Sharpe of {}.",
                           market_text(input), holding, name,
                           ahead ? "did better for its risk" : "did not do better for its risk",
                           sharpe);
    if (ahead == 0)
        return fmt::format(
            "Holding the {} returned {}; none of the {} sets had a higher Sharpe, {} came closest "
            "with "
            "{}.",
            market_text(input), holding, count, name, sharpe);
    return fmt::format(
        "Holding the {} returned {}; {} of the {} sets had a higher Sharpe, {} the highest with "
        "{}.",
        market_text(input), holding,
        ahead == static_cast<std::ptrdiff_t>(count) ? "all" : with_commas(ahead), count, name,
        sharpe);
}

std::string luck_sentence(const VerdictInput& input, const Verdict& verdict) {
    const SetVerdict& best = verdict.sets[verdict.best];
    const std::string& name = input.names[verdict.best];
    if (input.names.size() == 1)
        return fmt::format(
            "1 try: beyond holding {} has a Sharpe of {}; the probability that this is above zero "
            "is {}.",
            name, sharpe_text(best.sharpe_beyond), probability_text(best.psr));
    if (input.trades[verdict.best] == 0)
        return fmt::format(
            "{}: luck alone gives a Sharpe of {} beyond holding; the best against that is {}, "
            "which "
            "closed no trade: no set that traded does better than doing nothing.",
            tries(input.names.size()), sharpe_text(verdict.luck_sharpe), name);
    return fmt::format(
        "{}: luck alone gives a Sharpe of {} beyond holding; the best has {} ({}), and the "
        "probability "
        "that this is more than the luck of the best try is {} (deflated Sharpe; {} is the mark).",
        tries(input.names.size()), sharpe_text(verdict.luck_sharpe),
        sharpe_text(best.sharpe_beyond), name, probability_text(verdict.dsr_best),
        fixed(dsr_mark, 2));
}

std::string leader_sentence(const VerdictInput& input, const Verdict& verdict) {
    const std::size_t leader = leader_of(input);
    return fmt::format(
        "The leaderboard, ordered by Sharpe, is led by another set, {}: beyond holding it has a "
        "Sharpe of "
        "{} (deflated Sharpe {}).",
        input.names[leader], sharpe_text(verdict.sets[leader].sharpe_beyond),
        probability_text(verdict.sets[leader].dsr));
}

std::string nothing_significant(const VerdictInput& input, const Verdict& verdict) {
    const std::string q =
        probability_text(std::ranges::min_element(verdict.sets, {}, &SetVerdict::q_value)->q_value);
    const std::string mark = fixed(false_discovery_rate, 2);
    if (input.names.size() == 1)
        return fmt::format(
            "It did not earn significantly more than holding explains (q {}, {} is the mark): take "
            "it "
            "as luck until data it has not seen says otherwise.",
            q, mark);
    return fmt::format(
        "Corrected for {}, no set earned significantly more than holding explains (smallest q {}, "
        "{} is "
        "the mark): take the order of this leaderboard as luck until data it has not seen says "
        "otherwise.{}",
        tries(input.names.size()), q, mark,
        verdict.dsr_best >= dsr_mark
            ? " The deflated Sharpe passes its mark and this test does not: "
              "that is no claim."
            : "");
}

// The sets that pass the mark, smallest q first, and how many more pass with too few trades.
struct Significant {
    std::vector<std::size_t> sets;
    std::int64_t too_few_trades = 0;
};

Significant significant_sets(const VerdictInput& input, const Verdict& verdict) {
    Significant found;
    for (std::size_t i = 0; i < verdict.sets.size(); ++i) {
        if (!(verdict.sets[i].q_value <= false_discovery_rate)) continue;
        if (input.trades[i] < trades_for_a_claim)
            ++found.too_few_trades;
        else
            found.sets.push_back(i);
    }
    std::ranges::stable_sort(found.sets, {},
                             [&](std::size_t i) { return verdict.sets[i].q_value; });
    return found;
}

std::string something_significant(const VerdictInput& input, const Verdict& verdict) {
    const Significant found = significant_sets(input, verdict);
    const std::string few =
        fmt::format("fewer than {} trades, too few for any claim", trades_for_a_claim);
    if (found.sets.empty())
        return fmt::format(
            "Corrected for {}, {} below q {}, but with {}: take the order of this leaderboard as "
            "luck.",
            tries(input.names.size()),
            found.too_few_trades == 1 ? "1 set stays"
                                      : fmt::format("{} sets stay", found.too_few_trades),
            fixed(false_discovery_rate, 2), few);

    if (input.names.size() == 1)
        return fmt::format(
            "It earned significantly more than holding explains (q {}): worth a second look on "
            "data not "
            "used here, which is not yet proof of anything.{}",
            probability_text(verdict.sets.front().q_value), input.generated ? planted : "");

    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(found.sets.size(), names_shown); ++i)
        names.push_back(fmt::format("{} (q {})", input.names[found.sets[i]],
                                    probability_text(verdict.sets[found.sets[i]].q_value)));
    std::string listed = fmt::format("{}", fmt::join(names, ", "));
    if (found.sets.size() > names_shown)
        listed += fmt::format(" and {} more", found.sets.size() - names_shown);
    std::string text =
        fmt::format("Corrected for {}, {} earned significantly more than holding explains: {}",
                    tries(input.names.size()),
                    counted(static_cast<std::int64_t>(found.sets.size()), "set"), listed);
    text += verdict.dsr_best >= dsr_mark
                ? "; worth a second look on data not used here, which is not yet proof of anything."
                : fmt::format(
                      ", yet the best of {} by luck alone could look the same: a second look on "
                      "data not used here comes before any belief.",
                      tries(input.names.size()));
    if (found.too_few_trades > 0)
        text += fmt::format(" {} more below the mark closed {}.", found.too_few_trades, few);
    if (input.generated) text += planted;
    return text;
}

// Said of the set that the sentences above put first, since a ratio of a dozen trades reads like
// one of a thousand.
std::string few_trades_sentence(const VerdictInput& input, const Verdict& verdict) {
    return fmt::format("{} closed {}: no claim about it is made below {}.",
                       input.names[verdict.best], counted(input.trades[verdict.best], "trade"),
                       trades_for_a_claim);
}

std::string data_sentence(const VerdictInput& input) {
    std::string market =
        input.generated
            ? fmt::format(
                  "{}, a market that never was: nothing here says anything about a real stock",
                  market_text(input))
            : fmt::format(
                  "{} that {} today: those that left the market are missing, which flatters "
                  "every figure, holding's too",
                  market_text(input), input.symbols == 1 ? "exists" : "exist");
    return fmt::format("Tested on {}. Window {} to {}, {}; {}; {}.", market, input.from, input.to,
                       counted(input.sessions, "session"),
                       input.breaks == 0
                           ? std::string{"no breaks in the series"}
                           : counted(input.breaks, "break") +
                                 " (jumps beyond the day's limit, long halts) cut the series",
                       tries(input.names.size()));
}

}  // namespace

std::string verdict_headline(const VerdictInput& input, const Verdict& verdict) {
    if (!traded(input)) return "Nothing to judge";
    if (verdict.significant_after_fdr == 0)
        return input.names.size() == 1 ? "Not distinguishable from luck"
                                       : "No set is distinguishable from luck";
    const auto found = static_cast<std::int64_t>(significant_sets(input, verdict).sets.size());
    if (found == 0) return "Too few trades for any claim";
    return counted(found, "set") + " worth a second look";
}

std::vector<std::string> verdict_sentences(const VerdictInput& input, const Verdict& verdict) {
    std::vector<std::string> sentences{holding_sentence(input)};
    if (traded(input)) {
        sentences.push_back(luck_sentence(input, verdict));
        if (verdict.best != leader_of(input)) sentences.push_back(leader_sentence(input, verdict));
        sentences.push_back(verdict.significant_after_fdr == 0
                                ? nothing_significant(input, verdict)
                                : something_significant(input, verdict));
        if (input.trades[verdict.best] < trades_for_a_claim)
            sentences.push_back(few_trades_sentence(input, verdict));
    }
    sentences.push_back(data_sentence(input));
    return sentences;
}

}  // namespace hsl::analytics::detail
