// SPDX-License-Identifier: Apache-2.0
#pragma once

// Corporate actions as a user meets them: read out of the data as proposals, with the evidence in
// words, and confirmed or rejected by hand. A proposal changes nothing. What counts as evidence:
// docs/concepts/cross-checks.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/corporate_action.hpp"
#include "store/bar_store.hpp"

namespace hsl::service {

// What an action is called on a command line: eight hexadecimal digits of symbol, kind and ex-date.
[[nodiscard]] std::string action_id(const market::CorporateAction& action);

struct Proposals {
    std::vector<market::CorporateAction> actions = {};  // by symbol, then ex-date
    std::int64_t symbols = 0;                           // that were looked at
    std::int64_t adjusted = 0;  // left out: whoever published them has adjusted already
    std::int64_t unknown = 0;   // left out: nobody said whether they are raw
    std::int64_t gaps = 0;  // proposals left out: the data has a hole of over a month before them
    std::int64_t other_definition = 0;  // series left out: not bars of the regular session
};

// What market::propose_actions reads out of the raw series of `request`, less what is recorded.
[[nodiscard]] Result<Proposals> propose_actions(store::BarStore& store,
                                                const store::ReadRequest& request,
                                                const Progress& progress = {});

// What the rows that `incoming` adds to raw series suggest, as they follow those of the store: its
// own bars before they are written. Less what is recorded.
[[nodiscard]] Result<std::vector<market::CorporateAction>> propose_from_new_rows(
    store::BarStore& store, const store::Incoming& incoming);

// Keeps proposals, as proposals. Returns the data version.
[[nodiscard]] Result<std::string> record_actions(store::BarStore& store,
                                                 std::vector<market::CorporateAction> actions,
                                                 const std::string& note, const Progress& progress);

// Sets the state of recorded actions; ids may be beginnings. Returns them as they are now.
[[nodiscard]] Result<std::vector<market::CorporateAction>> settle_actions(
    store::BarStore& store, const std::vector<std::string>& ids, market::ActionState state,
    const std::string& note, const Progress& progress = {});

}  // namespace hsl::service
