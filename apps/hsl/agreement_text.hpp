// SPDX-License-Identifier: Apache-2.0
#pragma once

// How several tellings of one symbol agree, as a table and as JSON.

#include <vector>

#include "base/json.hpp"
#include "service/agreement.hpp"

namespace hsl::app {

// The first `most` symbols (0 = all), those that disagree first.
void show_agreements(const std::vector<service::Agreement>& agreements, std::size_t most);
// "agreements":[...]
void write_agreements(JsonWriter& out, const std::vector<service::Agreement>& agreements);

}  // namespace hsl::app
