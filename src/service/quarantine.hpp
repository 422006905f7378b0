// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a person does about rows in quarantine: looks at them as a table, accepts them as they are
// or with other numbers, drops them. An accepted row goes through the rules of import once more and
// then takes the place of whatever the store holds for its day.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"
#include "store/market_file.hpp"

namespace hsl::service {

// One row to be accepted, with the cells that are to be other than they were: "close" -> "123".
struct QuarantineFix {
    std::int64_t id = 0;
    std::map<std::string, std::string> cells = {};
};

struct StillQuarantined {
    std::int64_t id = 0;
    std::string reason = {}, detail = {};
};

struct QuarantineReport {
    std::string version = {};
    std::int64_t accepted = 0;
    std::int64_t replaced = 0;  // of these, rows that took another one's place
    std::int64_t dropped = 0;
    std::vector<StillQuarantined> refused = {};  // they break a rule as they would be
};

// The cells a fix may name, in the order of the table.
[[nodiscard]] const std::vector<std::string>& fixable_cells();

// The table `hsl quarantine list --csv` prints: id, symbol, the bar's cells, reason, place, line.
[[nodiscard]] std::string quarantine_csv(const std::vector<store::QuarantinedRow>& rows,
                                         const std::vector<store::SymbolSummary>& symbols);
// The fixes in such a table: of each row its cells as they stand there now; other columns are not
// looked at. Errors name the line.
[[nodiscard]] Result<std::vector<QuarantineFix>> read_fixes(const std::string& file,
                                                            std::string_view text);
// "close=123,open=120".
[[nodiscard]] Result<std::map<std::string, std::string>> read_cells(std::string_view text);

[[nodiscard]] Result<QuarantineReport> accept_quarantined(store::BarStore& store,
                                                          const store::MarketFileParser& parse,
                                                          const std::vector<QuarantineFix>& fixes,
                                                          const std::string& note,
                                                          const Progress& progress = {});
[[nodiscard]] Result<QuarantineReport> drop_quarantined(store::BarStore& store,
                                                        const std::vector<std::int64_t>& ids,
                                                        const std::string& note,
                                                        const Progress& progress = {});

}  // namespace hsl::service
