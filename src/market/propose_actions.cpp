// SPDX-License-Identifier: Apache-2.0
#include "market/propose_actions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"

namespace hsl::market {
namespace {

// A split that the price answers: open x shares after / (close x shares before) lies within a day's
// limit of 1. After a halt an auction opens between half and twice its reference.
constexpr double answer_min = 0.70, answer_max = 1.30;
constexpr double auction_min = 0.50, auction_max = 2.00;
// Of prices alone: n or 1/n, and the price this near to it.
constexpr double near_min = 0.85, near_max = 1.15;
constexpr int simple_max = 100;

struct Ratio {
    std::int64_t after = 1, before = 1;
};

Ratio lowest(std::int64_t after, std::int64_t before) {
    const std::int64_t divisor = std::gcd(after, before);
    return {after / divisor, before / divisor};
}

// Counts of shares as a ratio. Fractions of shares are paid out, which leaves a count a few shares
// off ten times or a tenth.
Ratio ratio_of_counts(std::int64_t after, std::int64_t before) {
    const std::int64_t most = std::max(after, before), least = std::min(after, before);
    const std::int64_t times = (most + least / 2) / least;
    if (times >= 2 && std::abs(most - times * least) <= times)
        return after > before ? Ratio{times, 1} : Ratio{1, times};
    return lowest(after, before);
}

// What a price alone tells of a ratio.
struct Guess {
    Ratio ratio;
    bool fits;  // the open is the close in the ratio's terms, up to a tick
};

// Par values are 100, 200, 500, 1,000, 2,500 and 5,000 won, and a split goes from one to another.
constexpr Ratio par_ratios[] = {{2, 1}, {5, 2}, {5, 1}, {10, 1}, {20, 1}, {25, 1}, {50, 1}};

// Shares after over before. A whole ratio that the open meets to the tick; else the one of par
// values that is nearest to it within a day's limit; else the nearest whole one.
std::optional<Guess> guess_ratio(std::int64_t close, std::int64_t open, const SessionRules* rules) {
    const bool falls = open < close;
    const double times = falls ? static_cast<double>(close) / static_cast<double>(open)
                               : static_cast<double>(open) / static_cast<double>(close);
    const auto turned = [&](Ratio ratio) {
        return falls ? ratio : Ratio{ratio.before, ratio.after};
    };
    const auto whole = static_cast<std::int64_t>(std::lround(times));
    if (whole < 2 || whole > simple_max) return std::nullopt;
    const std::int64_t exact = falls ? (close + whole - 1) / whole : close * whole;
    if (open == exact || (rules != nullptr && open == rules->base_price(exact)))
        return Guess{turned({whole, 1}), true};
    const auto off = [&](Ratio ratio) {
        return times * static_cast<double>(ratio.before) / static_cast<double>(ratio.after);
    };
    const auto distance = [&](Ratio ratio) { return std::abs(std::log(off(ratio))); };
    const Ratio par = *std::ranges::min_element(par_ratios, {}, distance);
    // An auction alone may halve or double a price, so small ratios need a nearer one.
    const bool small = par.after <= 2 * par.before;
    if (off(par) >= (small ? near_min : answer_min) && off(par) <= (small ? near_max : answer_max))
        return Guess{turned(par), false};
    const Ratio nearest{whole, 1};
    if (off(nearest) < near_min || off(nearest) > near_max) return std::nullopt;
    return Guess{turned(nearest), false};
}

ActionKind kind_of(const Ratio& ratio) {
    if (ratio.after < ratio.before) return ActionKind::reverse_split;
    return ratio.after % ratio.before == 0 ? ActionKind::split : ActionKind::bonus_issue;
}

class Proposer {
public:
    explicit Proposer(const ProposalInputs& inputs) : in_{inputs} {}

    std::vector<CorporateAction> run() {
        std::optional<std::size_t> before;  // the last traded bar
        for (std::size_t at = 0; at < in_.bars.size(); ++at) {
            if (is_halt(in_.bars[at])) continue;
            if (before) look_at(*before, at);
            before = at;
        }
        return std::move(found_);
    }

private:
    void look_at(std::size_t before, std::size_t at) {
        const Bar& last = in_.bars[before];
        const Bar& now = in_.bars[at];
        // Some lists leave halted symbols out.
        const Calendar& calendar = Calendar::krx();
        const bool resumes =
            at > before + 1 || calendar.lower_bound(now.date) > calendar.lower_bound(last.date + 1);
        // The exchange says that nothing happened.
        if (!resumes && !in_.base.empty() && in_.base[at] == last.close) return;
        if (by_shares(before, at, resumes)) return;
        if (!in_.base.empty() && in_.base[at] > 0) {
            if (!resumes) by_base(last, now, in_.base[at]);
            return;  // a known base, or an auction's
        }
        // A share count that stayed is evidence against a split.
        if (known_shares(before) > 0 && known_shares(at) > 0) return;
        by_price(last, now);
    }

    std::int64_t known_shares(std::size_t at) const {
        return in_.shares.empty() ? 0 : in_.shares[at];
    }

    bool by_shares(std::size_t before, std::size_t at, bool resumes) {
        const std::int64_t old_count = known_shares(before), new_count = known_shares(at);
        if (old_count <= 0 || new_count <= 0 || old_count == new_count) return false;
        const Bar& last = in_.bars[before];
        const Bar& now = in_.bars[at];
        const double times = static_cast<double>(new_count) / static_cast<double>(old_count);
        // New shares of another kind change the count by a little and the price not at all.
        if (times > 0.8 && times < 1.25) return false;
        const double answer =
            static_cast<double>(now.open) * times / static_cast<double>(last.close);
        if (answer < (resumes ? auction_min : answer_min) ||
            answer > (resumes ? auction_max : answer_max))
            return false;
        // Shares that were sold to somebody leave the price where it was: it has to lie nearer to
        // the terms of an action than to no action.
        const double move = static_cast<double>(now.open) / static_cast<double>(last.close);
        if (std::max(answer, 1 / answer) >= std::max(move, 1 / move)) return false;
        const bool answers = answer >= answer_min && answer <= answer_max;
        add(now.date, ratio_of_counts(new_count, old_count),
            fmt::format("{}listed shares {} to {}, close {}, next open {}",
                        answers ? "" : "uncertain: ", old_count, new_count, last.close, now.open));
        if (answers) return true;
        found_.back().note += fmt::format(
            ", {:.2f} of what these terms alone would make: {}", answer,
            answer < 1 ? "part of the worth may have gone to another company (a spin-off)"
                       : "other terms at once, or an auction's rise");
        if (answer < 1) found_.back().kind = ActionKind::spin_off;
        return true;
    }

    void by_base(const Bar& last, const Bar& now, std::int64_t base) {
        if (base == last.close) return;
        const auto rules = rules_on(now.date);
        if (rules && base == rules->base_price(last.close)) return;
        const Ratio ratio = lowest(last.close, base);
        add(now.date, ratio, fmt::format("base price {} after a close of {}", base, last.close));
        // Which of the kinds it was the price does not tell: bonus, rights or a stock dividend.
        if (base < last.close) found_.back().kind = ActionKind::bonus_issue;
    }

    void by_price(const Bar& last, const Bar& now) {
        if (!is_break(now.open, last.close)) return;
        const auto rules = rules_on(now.date);
        const auto guess = guess_ratio(last.close, now.open, rules ? &*rules : nullptr);
        if (!guess) return;
        std::string note = fmt::format("{}: close {} on {}, next open {}; ",
                                       guess->fits ? "weak" : "weak and uncertain", last.close,
                                       last.date.iso(), now.open);
        if (!guess->fits) note += in_doubt(last.close, now.open);
        add(now.date, guess->ratio, note + "no base price and no share count");
    }

    // Which ratios would do as well.
    static std::string in_doubt(std::int64_t close, std::int64_t open) {
        const auto most = static_cast<double>(std::max(close, open));
        const double times = most / static_cast<double>(std::min(close, open));
        const auto from = static_cast<std::int64_t>(std::ceil(times / answer_max));
        const auto to = static_cast<std::int64_t>(std::floor(times / answer_min));
        return fmt::format(
            "{:.2f} to 1 is no whole ratio, {} to {} would do with a day's move, and several "
            "events may be mixed in it (a spin-off with a split, rights): go by the announced "
            "terms; ",
            times, std::max<std::int64_t>(from, 1), to);
    }

    [[nodiscard]] Result<SessionRules> rules_on(Date date) const {
        return SessionRules::find(in_.instrument.market, date, in_.share_class);
    }

    void add(Date date, const Ratio& ratio, std::string note) {
        CorporateAction action;
        action.symbol = in_.instrument.symbol;
        action.kind = kind_of(ratio);
        action.ex_date = date;
        action.shares_after = ratio.after;
        action.shares_before = ratio.before;
        action.state = ActionState::proposed;
        action.source = "proposed";
        action.note = std::move(note);
        found_.push_back(std::move(action));
    }

    const ProposalInputs& in_;
    std::vector<CorporateAction> found_;
};

}  // namespace

std::vector<CorporateAction> propose_actions(const ProposalInputs& inputs) {
    HSL_ASSERT(inputs.base.empty() || inputs.base.size() == inputs.bars.size());
    HSL_ASSERT(inputs.shares.empty() || inputs.shares.size() == inputs.bars.size());
    if (inputs.definition != BarDefinition::regular || inputs.instrument.scale != 0) return {};
    return Proposer{inputs}.run();
}

}  // namespace hsl::market
