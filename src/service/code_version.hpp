// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hsl::service {

// "0.1.0+1a2b3c4d5e6f", with "+dirty" where the tree had uncommitted changes when it was built,
// "0.1.0+unknown" outside a git checkout.
[[nodiscard]] std::string_view code_version();

}  // namespace hsl::service
