// SPDX-License-Identifier: Apache-2.0
#include "actions_text.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "console.hpp"
#include "service/actions.hpp"

namespace hsl::app {

using market::CorporateAction;

namespace {

void write(JsonWriter& out, const CorporateAction& action) {
    const auto date = [&](std::string_view name, const std::optional<Date>& value) {
        out.key(name);
        value ? out.value(*value) : out.null();
    };
    out.begin_object()
        .member("id", service::action_id(action))
        .member("symbol", action.symbol)
        .member("kind", market::name_of(action.kind))
        .member("state", market::name_of(action.state))
        .member("ex_date", action.ex_date)
        .member("shares_after", action.shares_after)
        .member("shares_before", action.shares_before)
        .member("issue_price", action.issue_price)
        .member("amount", static_cast<double>(action.amount_e4) / 1e4);
    date("announced", action.announced);
    date("record_date", action.record_date);
    date("listing_date", action.listing_date);
    date("payment_date", action.payment_date);
    out.member("successor", action.successor)
        .member("source", action.source)
        .member("note", action.note)
        .end_object();
}

}  // namespace

void write_actions(JsonWriter& out, std::string_view key,
                   const std::vector<CorporateAction>& actions) {
    out.key(key).begin_array();
    for (const CorporateAction& action : actions) write(out, action);
    out.end_array();
}

std::string terms_of(const CorporateAction& action) {
    if (action.kind == market::ActionKind::cash_dividend)
        return fmt::format("{} won", static_cast<double>(action.amount_e4) / 1e4);
    if (!action.successor.empty()) return "to " + action.successor;
    if (action.shares_after == action.shares_before) return "-";
    std::string text = fmt::format("{}:{}", action.shares_after, action.shares_before);
    if (action.issue_price > 0) text += fmt::format(" at {}", with_commas(action.issue_price));
    return text;
}

void show_evidence(const std::vector<CorporateAction>& actions) {
    for (const CorporateAction& action : actions)
        print(fmt::format("{}  {} {} {} {}\n    {}", bold(service::action_id(action)),
                          action.symbol, action.ex_date.iso(), market::name_of(action.kind),
                          terms_of(action), hanging(printable(action.note), 4)));
}

std::string how_to_settle(const std::vector<CorporateAction>& actions) {
    const std::string id = actions.size() == 1 ? service::action_id(actions.front()) : "ID...";
    return fmt::format(
        "Nothing changes until you say so: hsl actions confirm {0}, or hsl actions reject {0}.\n",
        id);
}

}  // namespace hsl::app
