// SPDX-License-Identifier: Apache-2.0
#pragma once

// How files are understood, told without importing them: `hsl import --explain`.

#include <vector>

#include "commands.hpp"
#include "service/import_files.hpp"
#include "store/market_file.hpp"

namespace hsl::app {

int explain(const Session& session, const store::MarketFileParser& parse,
            const std::vector<service::ImportSource>& sources);

}  // namespace hsl::app
