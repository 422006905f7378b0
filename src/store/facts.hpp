// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a store keeps beside bars: who is listed, what companies did, further columns. They are part
// of a version like the bars are.

#include <vector>

#include "market/corporate_action.hpp"
#include "market/listing.hpp"
#include "market/named_column.hpp"

namespace hsl::store {

struct Facts {
    std::vector<market::Listing> listings = {};
    std::vector<market::StatePeriod> states = {};
    std::vector<market::CorporateAction> actions = {};
    std::vector<market::ColumnSeries> columns = {};

    [[nodiscard]] bool empty() const {
        return listings.empty() && states.empty() && actions.empty() && columns.empty();
    }
};

}  // namespace hsl::store
