// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "adapters/feeds/price_file.hpp"
#include "adapters/feeds/price_file_invariants.hpp"
#include "base/assert.hpp"

// The first byte picks the kind of instrument, since each has rules of its own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {"005930.csv", "KOSPI.csv", "AAPL.csv"};
    if (size == 0) return 0;
    const std::string_view name = names[data[0] % 3];
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto file = hsl::adapters::parse_price_file(name, bytes);
    if (!file) {
        HSL_ASSERT(file.error().file == name);
        HSL_ASSERT(!file.error().message.empty());
        return 0;
    }
    const std::string broken = hsl::adapters::broken_invariant(*file);
    if (!broken.empty()) std::fprintf(stderr, "%s\n", broken.c_str());
    HSL_ASSERT(broken.empty());
    return 0;
}
