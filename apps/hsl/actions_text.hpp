// SPDX-License-Identifier: Apache-2.0
#pragma once

// Corporate actions as the program shows them: of `hsl actions`, and those that a collection
// proposes.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "market/corporate_action.hpp"

namespace hsl::app {

void write_actions(JsonWriter& out, std::string_view key,
                   const std::vector<market::CorporateAction>& actions);

// "50:1", "5:4 at 12,000", "361 won".
[[nodiscard]] std::string terms_of(const market::CorporateAction& action);
// A proposal and its evidence on two lines each.
void show_evidence(const std::vector<market::CorporateAction>& actions);
// That they wait for a word, and the command that gives it.
[[nodiscard]] std::string how_to_settle(const std::vector<market::CorporateAction>& actions);

}  // namespace hsl::app
