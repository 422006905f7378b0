// SPDX-License-Identifier: Apache-2.0

// Any bytes are a strategy file or an error with a place in it. Seeds: tests/fuzz/strategy.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "strategy/strategy_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto file = hsl::strategy::parse_strategies("fuzz.toml", text);
    if (!file) {
        HSL_ASSERT(!file.error().message.empty() && file.error().line >= 1);
        return 0;
    }
    for (std::size_t i = 0; i < file->nodes.size(); ++i)
        for (const int input : file->nodes[i].inputs)
            HSL_ASSERT(input >= 0 && static_cast<std::size_t>(input) < i);
    for (const auto& set : file->sets) {
        HSL_ASSERT(set.entry >= 0 && static_cast<std::size_t>(set.entry) < file->nodes.size());
        HSL_ASSERT(set.exit < static_cast<int>(file->nodes.size()));
    }
    return 0;
}
