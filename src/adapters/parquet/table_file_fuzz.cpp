// SPDX-License-Identifier: Apache-2.0

// Parquet files that somebody else wrote: any bytes are a table or an error that says why not.
// Seeds: tests/fuzz/table_file.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/parquet/table_file.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    const auto table = hsl::adapters::read_parquet_table("fuzz.parquet", bytes);
    if (!table) {
        HSL_ASSERT(table.error().file == "fuzz.parquet" && !table.error().message.empty());
        return 0;
    }
    HSL_ASSERT(!table->header.empty());
    HSL_ASSERT(table->ends.size() % table->header.size() == 0);
    std::uint64_t last = 0;
    for (const std::uint64_t end : table->ends) {
        HSL_ASSERT(end >= last && end <= table->text.size());
        last = end;
    }
    return 0;
}
