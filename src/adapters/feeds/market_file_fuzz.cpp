// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/feeds/market_fuzzing.hpp"

namespace {

// The first line of `bytes` as --map takes it: "date=일자,decimal=comma".
void take_columns(std::string_view& bytes, hsl::store::ReadHints& hints) {
    std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(line.size());
    while (!line.empty()) {
        const std::string_view pair = line.substr(0, line.find(','));
        line.remove_prefix(std::min(pair.size() + 1, line.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        hints.columns[std::string{pair.substr(0, equals)}] = pair.substr(equals + 1);
    }
}

}  // namespace

// Containers, encodings, tables and bodies: whatever a file may hold. The first byte picks the kind
// of instrument, since each has rules of its own, and what the user says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {"005930.csv", "KOSPI.csv", "AAPL.csv",
                                                 "005930_rich.csv"};
    if (size == 0) return 0;
    const std::string_view name = names[data[0] % 4];
    std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    hsl::store::ReadHints hints;
    if ((data[0] & 0x80) != 0) take_columns(bytes, hints);
    if ((data[0] & 0x40) != 0)
        hints.encoding = static_cast<hsl::store::TextEncoding>(data[0] >> 4 & 3);
    hsl::adapters::hold_to_promises(name, bytes, hints);
    return 0;
}
