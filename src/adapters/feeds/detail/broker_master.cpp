// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/facts_tables.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

// Fields of the fixed tail, from the broker's own sample programs: a group, three sector codes and
// a size class, flags of one character each, then the fields below.
struct Tail {
    std::size_t bytes;
    std::size_t flags;
};
constexpr Tail kospi_tail{227, 26};
constexpr Tail kosdaq_tail{221, 21};
constexpr std::size_t group_bytes = 15;
constexpr std::size_t code_bytes = 9;
constexpr std::size_t isin_bytes = 12;

// The broker's groups in the words of the exchange's listing master.
std::string_view group_word(std::string_view group) {
    if (group == "ST") return "주권";
    if (group == "RT") return "리츠";
    if (group == "EF" || group == "FE") return "etf";
    if (group == "EN") return "etn";
    if (group == "EW") return "elw";
    if (group == "DR" || group == "FS") return "foreign";
    if (group == "MF" || group == "IF" || group == "SC" || group == "BC") return "fund";
    return "other";
}

}  // namespace

Reading read_broker_master(const Content& content) {
    const std::string_view path = content.path;
    const std::string_view name = path.substr(path.find_last_of("/:") + 1);
    if (!name.ends_with(".mst")) return {};
    const bool kosdaq = name.contains("kosdaq");
    if (!kosdaq && !name.contains("kospi"))
        return std::unexpected(Error{
            .code = ErrorCode::unsupported,
            .message = "a master file of the broker KIS whose layout is not known: understood "
                       "are kospi_code.mst and kosdaq_code.mst",
            .file = content.path});
    const Tail tail = kosdaq ? kosdaq_tail : kospi_tail;
    const std::size_t after_flags = group_bytes + tail.flags;
    Records records;
    records.names = {"code",  "isin", "name", "group", "class", "listed", "상장주식수(천주)",
                     "market"};
    std::int64_t number = 0;
    for (std::size_t at = 0; at < content.bytes.size();) {
        const std::size_t end = std::min(content.bytes.find('\n', at), content.bytes.size());
        std::string_view line = content.bytes.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        Record& row = records.rows.emplace_back();
        row.line = number;
        row.source = line;
        row.cells.resize(records.names.size());
        if (line.size() < code_bytes + isin_bytes + tail.bytes) {
            row.cells[3] = "other";  // a row that was cut: it says something, and no code
            continue;
        }
        const std::string_view fixed = line.substr(line.size() - tail.bytes);
        row.cells[0] = trimmed(line.substr(0, code_bytes));
        row.cells[1] = trimmed(line.substr(code_bytes, isin_bytes));
        row.cells[2] = trimmed(line.substr(code_bytes + isin_bytes,
                                           line.size() - tail.bytes - code_bytes - isin_bytes));
        row.cells[3] = group_word(fixed.substr(0, 2));
        const char preferred = fixed[after_flags + 117];
        row.cells[4] = preferred == '1' || preferred == '2' ? "우선주" : "";
        row.cells[5] = fixed.substr(after_flags + 64, 8);
        row.cells[6] = trimmed(fixed.substr(after_flags + 72, 15));
        row.cells[7] = kosdaq ? "KOSDAQ" : "KOSPI";
    }
    Content said{content};
    said.how.format = kosdaq ? "broker KIS master, KOSDAQ" : "broker KIS master, KOSPI";
    return read_listings(said, records, {});
}

}  // namespace hsl::adapters::detail
