// SPDX-License-Identifier: Apache-2.0

// Any bytes are an hsl.toml or an error with a place in it. Seeds: tests/fuzz/configuration.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "configuration/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto configuration = hsl::configuration::parse("fuzz.toml", text);
    if (!configuration) {
        HSL_ASSERT(!configuration.error().message.empty());
        return 0;
    }
    for (const auto& [name, setting] : configuration->settings) {
        HSL_ASSERT(!name.empty() && setting.line >= 1);
        HSL_ASSERT(setting.list || setting.values.size() == 1);
    }
    return 0;
}
