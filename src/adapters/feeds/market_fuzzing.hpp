// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every fuzzer of this room asks of the parser, whatever the bytes are.

#include <cstdio>
#include <string>
#include <string_view>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "base/assert.hpp"

namespace hsl::adapters {

// Stops the program where a refusal says nothing, a file breaks a promise, or the text of a
// quarantined line cannot be asked for.
inline void hold_to_promises(std::string_view name, std::string_view bytes,
                             const store::ReadHints& hints) {
    const auto files = parse_market_file(name, bytes, hints);
    if (!files) {
        HSL_ASSERT(files.error().file.starts_with(name));
        HSL_ASSERT(!files.error().message.empty());
        return;
    }
    for (const store::MarketFile& file : *files) {
        const std::string broken = broken_invariant(file);
        if (!broken.empty()) std::fprintf(stderr, "%s: %s\n", file.path.c_str(), broken.c_str());
        HSL_ASSERT(broken.empty());
        if (file.source_of && !file.quarantined.empty())
            static_cast<void>(file.source_of(file.quarantined.front().line));
    }
}

}  // namespace hsl::adapters
