// SPDX-License-Identifier: Apache-2.0

// Any bytes are a strategy file or an error with a place in it; so with one expression, as `hsl
// indicators` takes it, and with a universe. Seeds: tests/fuzz/strategy.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "strategy/strategy_file.hpp"
#include "strategy/universe.hpp"

namespace {

void hold_inputs(const std::vector<hsl::strategy::Node>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const int input : nodes[i].inputs)
            HSL_ASSERT(input >= 0 && static_cast<std::size_t>(input) < i);
}

void try_alone(std::string_view text) {
    if (const auto parsed = hsl::strategy::parse_expression(text)) {
        HSL_ASSERT(static_cast<std::size_t>(parsed->root) < parsed->nodes.size());
        hold_inputs(parsed->nodes);
    } else {
        HSL_ASSERT(!parsed.error().message.empty());
    }
    if (const auto universe = hsl::strategy::parse_universe(text); !universe)
        HSL_ASSERT(!universe.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try_alone(text);
    const auto file = hsl::strategy::parse_strategies("fuzz.toml", text);
    if (!file) {
        HSL_ASSERT(!file.error().message.empty() && file.error().line >= 1);
        return 0;
    }
    hold_inputs(file->nodes);
    for (const auto& set : file->sets) {
        HSL_ASSERT(set.entry >= 0 && static_cast<std::size_t>(set.entry) < file->nodes.size());
        HSL_ASSERT(set.exit < static_cast<int>(file->nodes.size()));
    }
    return 0;
}
