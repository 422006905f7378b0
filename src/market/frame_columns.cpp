// SPDX-License-Identifier: Apache-2.0
#include "market/frame.hpp"

#include <fmt/format.h>

namespace hsl::market {

Result<void> fill_named_columns(const FrameInputs& /*inputs*/, const FrameOptions& options,
                                Frame& /*frame*/) {
    if (options.columns.empty()) return {};
    return fail(ErrorCode::not_found,
                fmt::format("no column '{}' was imported", options.columns.front()));
}

}  // namespace hsl::market
