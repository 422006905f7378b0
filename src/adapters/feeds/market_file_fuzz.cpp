// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/feeds/market_fuzzing.hpp"

// Containers, encodings, tables and bodies: whatever a file may hold. The first byte picks the kind
// of instrument, since each has rules of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {"005930.csv", "KOSPI.csv", "AAPL.csv",
                                                 "005930_rich.csv"};
    if (size == 0) return 0;
    const std::string_view name = names[data[0] % 4];
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    hsl::adapters::hold_to_promises(name, bytes, {});
    return 0;
}
