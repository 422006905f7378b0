// SPDX-License-Identifier: Apache-2.0
#pragma once

// What companies do to their shares, and adjustment of prices as a view of it. Bars at rest stay
// raw. Definitions: docs/concepts/corporate-actions.md. Plain values and pure functions; any
// thread.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"

namespace hsl::market {

enum class ActionKind : std::uint8_t {
    split,
    reverse_split,
    bonus_issue,   // 무상증자, stock dividend
    rights_issue,  // 유상증자 to shareholders
    cash_dividend,
    merger,
    spin_off,
    capital_reduction,
    code_change,
    delisting,
};
[[nodiscard]] std::string_view name_of(ActionKind kind);         // "split"
[[nodiscard]] std::string_view korean_name_of(ActionKind kind);  // "액면분할"
[[nodiscard]] Result<ActionKind> parse_action_kind(std::string_view word);

// A proposal was read out of prices and changes nothing until a user confirms it.
enum class ActionState : std::uint8_t { confirmed, proposed, rejected };
[[nodiscard]] std::string_view name_of(ActionState state);

struct CorporateAction {
    std::string symbol = {};
    ActionKind kind{};
    Date ex_date = {};  // first session at the new terms
    // Shares after for each share before: 50/1 for a split, 1/10 for a reverse split, 6/5 for a
    // bonus of 0.2, 5/4 for rights of 0.25. 1/1 for dividends, code changes, delistings.
    std::int64_t shares_after = 1;
    std::int64_t shares_before = 1;
    std::int64_t issue_price = 0;        // rights: won for each new share
    std::int64_t amount_e4 = 0;          // cash dividend: 1e-4 won a share, before tax
    std::optional<Date> announced = {};  // known from the close of this day; none: the ex-date
    std::optional<Date> record_date = {};
    std::optional<Date> listing_date = {};  // new shares can be sold from here; none: the ex-date
    std::optional<Date> payment_date = {};  // of a dividend; none: the ex-date
    std::string successor = {};             // code change, merger: the code that follows
    ActionState state = ActionState::confirmed;
    std::string source = {};  // file, or "proposed"
    std::string note = {};    // evidence, in words

    [[nodiscard]] Date known() const { return announced.value_or(ex_date); }
    friend bool operator==(const CorporateAction&, const CorporateAction&) = default;
};

// Price after / price before, exact.
struct PriceFactor {
    std::int64_t numerator = 1;
    std::int64_t denominator = 1;
    [[nodiscard]] double value() const {
        return static_cast<double>(numerator) / static_cast<double>(denominator);
    }
    friend bool operator==(const PriceFactor&, const PriceFactor&) = default;
};
// Rounded once where both products are below 2^53: a whole result is exact.
[[nodiscard]] inline double times(double price, const PriceFactor& factor) {
    return price * static_cast<double>(factor.numerator) / static_cast<double>(factor.denominator);
}

// The factor that an action puts on prices: shares_before / shares_after, for rights
// (P + S r) / (1 + r) / P with P the close before the ex-date or the reference price that earlier
// actions since then left (1 when S >= P), 1 for cash dividends.
[[nodiscard]] PriceFactor price_factor(const CorporateAction& action, std::int64_t previous_close);

// Orders the actions of one symbol as they happen: by ex-date, on one day dividends first (for the
// shares of the close before), then by kind. Rights that go with a bonus issue of their day count
// on the shares before it, so r new shares become r / (1 + bonus) of each share after it: the
// reference price is then (P + S r) / (1 + r + bonus).
void put_in_order(std::vector<CorporateAction>& actions);

class Actions {
public:
    Actions() = default;
    explicit Actions(std::vector<CorporateAction> actions);

    [[nodiscard]] bool empty() const { return actions_.empty(); }
    [[nodiscard]] std::span<const CorporateAction> all() const { return actions_; }
    // Of a symbol, ascending by ex-date, every state.
    [[nodiscard]] std::span<const CorporateAction> of(std::string_view symbol) const;
    // Those that were confirmed and known by the close of `as_of`.
    [[nodiscard]] std::vector<CorporateAction> known(std::string_view symbol, Date as_of) const;

private:
    std::vector<CorporateAction> actions_;  // by symbol, then ex-date
    std::map<std::string, std::pair<std::size_t, std::size_t>, std::less<>> rows_of_;
};

// Raw bars of one symbol, ascending, as somebody sees them on `as_of`: prices before each known
// ex-date times its factor, rounded half away from zero to a unit of the scale; volumes divided by
// the share factor. Bars after `as_of` are left out. What vendors call adjusted.
[[nodiscard]] std::vector<Bar> adjusted_view(std::span<const Bar> raw,
                                             std::span<const CorporateAction> actions, Date as_of);

}  // namespace hsl::market
