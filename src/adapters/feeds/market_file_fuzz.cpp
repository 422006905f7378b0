// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "base/assert.hpp"

// Containers, encodings, tables and bodies: whatever a file may hold. The first byte picks the kind
// of instrument, since each has rules of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {"005930.csv", "KOSPI.csv", "AAPL.csv",
                                                 "005930_rich.csv"};
    if (size == 0) return 0;
    const std::string_view name = names[data[0] % 4];
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto files = hsl::adapters::parse_market_file(name, bytes, {});
    if (!files) {
        HSL_ASSERT(files.error().file.starts_with(name));
        HSL_ASSERT(!files.error().message.empty());
        return 0;
    }
    for (const hsl::store::MarketFile& file : *files) {
        const std::string broken = hsl::adapters::broken_invariant(file);
        if (!broken.empty()) std::fprintf(stderr, "%s: %s\n", file.path.c_str(), broken.c_str());
        HSL_ASSERT(broken.empty());
        if (file.source_of && !file.quarantined.empty())
            static_cast<void>(file.source_of(file.quarantined.front().line));
    }
    return 0;
}
