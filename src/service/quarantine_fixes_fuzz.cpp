// SPDX-License-Identifier: Apache-2.0

// Tables of fixes that come back from a spreadsheet, and cells of a command line: fixes, or an
// error that says why not. Seeds: tests/fuzz/quarantine_fixes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "service/quarantine.hpp"

namespace {

void hold(const std::map<std::string, std::string>& cells) {
    const auto& known = hsl::service::fixable_cells();
    for (const auto& [name, value] : cells)
        HSL_ASSERT(std::ranges::find(known, name) != known.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto fixes = hsl::service::read_fixes("fix.csv", text);
    if (fixes) {
        for (const auto& fix : *fixes) hold(fix.cells);
    } else {
        HSL_ASSERT(!fixes.error().message.empty());
    }
    const auto cells = hsl::service::read_cells(text);
    if (cells)
        hold(*cells);
    else
        HSL_ASSERT(!cells.error().message.empty());
    return 0;
}
