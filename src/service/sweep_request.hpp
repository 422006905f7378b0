// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a sweep was asked, as a run's record keeps it: everything that its numbers depend on beside
// the data version and the code, the text of the strategies included. Not for people to read.

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "service/run_sweep.hpp"

namespace hsl::service {

// `strategies` is the text of the file at request.strategy_path.
[[nodiscard]] std::string write_request(const SweepRequest& request, std::string_view strategies);
// Without a data version and a command. `unsupported` for what another hsl wrote and this one does
// not know.
[[nodiscard]] Result<SweepRequest> read_request(std::string_view text);

}  // namespace hsl::service
