// SPDX-License-Identifier: Apache-2.0
#pragma once

// The verdict in sentences. Wording for each case: docs/concepts/verdict.md. It says what the
// numbers allow and nothing more: never "skill", no claim below 30 closed trades.

#include <string>
#include <vector>

#include "analytics/verdict.hpp"

namespace hsl::analytics::detail {

// `verdict` has all its figures, no text yet. The first sentence compares with holding.
[[nodiscard]] std::vector<std::string> verdict_sentences(const VerdictInput& input,
                                                         const Verdict& verdict);
// A few words: "No set is distinguishable from luck".
[[nodiscard]] std::string verdict_headline(const VerdictInput& input, const Verdict& verdict);

}  // namespace hsl::analytics::detail
