// SPDX-License-Identifier: Apache-2.0
#pragma once

// Corporate actions read out of daily rows: proposals, which change nothing until somebody confirms
// them. Definitions: docs/concepts/corporate-actions.md. Pure functions; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "market/bar.hpp"
#include "market/corporate_action.hpp"
#include "market/listing.hpp"

namespace hsl::market {

// What is known of one raw series. Columns have one entry a bar, or none at all.
struct ProposalInputs {
    Instrument instrument = {};
    BarDefinition definition = BarDefinition::regular;
    ShareClass share_class = ShareClass::unknown;  // it picks the tick
    std::span<const Bar> bars = {};                // ascending
    std::span<const std::int64_t> base = {};  // 기준가: close less the published change; 0 unknown
    std::span<const std::int64_t> shares = {};  // listed shares; 0 unknown
};

// Ascending by ex-date, each with its evidence in `note`. From base prices: a base that is neither
// the last close nor that close rounded up to the tick. From share counts: a jump that the price
// answers. From prices alone: a move beyond the limit near a simple ratio, marked weak, and
// uncertain where the price does not meet it. After a halt (untraded rows, or sessions without a
// row) the ratio comes from the shares, never from base over close, since an auction may have set
// the base. Nothing where the bars are not known to be of the regular session.
[[nodiscard]] std::vector<CorporateAction> propose_actions(const ProposalInputs& inputs);

}  // namespace hsl::market
