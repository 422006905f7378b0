// SPDX-License-Identifier: Apache-2.0
#include "service/code_version.hpp"

#include "version/code_version.hpp"

namespace hsl::service {

std::string_view code_version() { return HSL_CODE_VERSION; }

}  // namespace hsl::service
