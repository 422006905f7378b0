// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using store::MarketFile;

std::unexpected<Error> refuse(const Content& content, std::string message) {
    return std::unexpected(
        Error{.code = ErrorCode::bad_data, .message = std::move(message), .file = content.path});
}

// Naver's chart: <item data="20140711|26000|26040|25640|25680|215592" />.
Result<MarketFile> read_chart(const Content& content, const pugi::xml_node& chart) {
    const std::string_view timeframe = chart.attribute("timeframe").as_string();
    if (timeframe != "day")
        return refuse(content, fmt::format("a chart of timeframe '{}': ask for timeframe=day",
                                           printable(timeframe)));
    if (!chart.child("item")) return nothing_in(content, "Naver chart (symbol by day)");
    std::vector<ColumnSlot> slots;
    for (const Field field :
         {Field::date, Field::open, Field::high, Field::low, Field::close, Field::volume})
        slots.push_back({.field = field, .header = "data"});
    const std::string symbol = content.hints.symbol.empty()
                                   ? std::string{chart.attribute("symbol").as_string()}
                                   : content.hints.symbol;
    AssemblerOptions options{.path = content.path, .how = content.how, .symbol = symbol};
    options.how.format = "Naver chart (symbol by day)";
    options.how.separator = "|";
    options.sources_have_lines = false;
    options.basis = market::Basis::adjusted;
    options.basis_because = "the feed adjusts for splits and rights issues";
    HSL_TRY(Assembler assembler,
            Assembler::make(std::move(options), std::move(slots), content.hints));
    std::int64_t number = 0;
    std::vector<std::string_view> cells;
    for (const pugi::xml_node& item : chart.children("item")) {
        const std::string_view data = item.attribute("data").as_string();
        cells.clear();
        for (std::size_t at = 0; at <= data.size();) {
            const std::size_t end = std::min(data.find('|', at), data.size());
            cells.push_back(trimmed(data.substr(at, end - at)));
            at = end + 1;
        }
        ++number;
        if (data.empty())
            assembler.drop("filler");
        else if (cells.size() != 6)
            assembler.quarantine(number, data, "cell_count",
                                 fmt::format("{} where date, open, high, low, close and volume "
                                             "are expected",
                                             counted(std::ssize(cells), "value")));
        else
            assembler.row(cells, number, data);
    }
    return std::move(assembler).finish();
}

Records records_of_items(const pugi::xml_node& items) {
    Records records;
    for (const pugi::xml_node& item : items.children("item")) {
        Record& row = records.rows.emplace_back();
        row.line = static_cast<std::int64_t>(records.rows.size());
        std::string source;
        for (const pugi::xml_node& field : item.children()) {
            if (field.type() != pugi::node_element) continue;
            std::size_t at = records.find(field.name());
            if (at == Records::absent) {
                at = records.names.size();
                records.names.emplace_back(field.name());
            }
            row.cells.resize(std::max(row.cells.size(), at + 1));
            row.cells[at] = records.keep(std::string{trimmed(field.text().as_string())});
            source += fmt::format("<{0}>{1}</{0}>", field.name(), field.text().as_string());
        }
        row.source = records.keep(source.empty() ? "<item/>" : std::move(source));
    }
    for (Record& row : records.rows) row.cells.resize(records.names.size());
    return records;
}

}  // namespace

Reading read_xml_body(const Content& content) {
    const std::size_t first = content.bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || content.bytes[first] != '<') return {};
    const std::string_view text = content.bytes.substr(first);
    // <TICKER>,<PER>,<DTYYYYMMDD>: a header of MetaStock and its like.
    if (const std::size_t end = text.find('>');
        end + 1 < text.size() && std::string_view{",;\t|"}.contains(text[end + 1]))
        return {};
    if (auto table = read_html_table(content)) return table;
    pugi::xml_document document;
    const pugi::xml_parse_result parsed =
        document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
    const std::string_view root = document.document_element().name();
    if (root == "html" || root == "HTML" || text.substr(0, 9) == "<!DOCTYPE" ||
        text.substr(0, 9) == "<!doctype")
        return refuse(content, "a web page, not data: the server sent an error or a login page");
    if (!parsed)
        return refuse(content,
                      fmt::format("the XML cannot be read: {} at byte {}", parsed.description(),
                                  static_cast<std::size_t>(parsed.offset) + first + 1));
    if (const pugi::xml_node head = document.child("OpenAPI_ServiceResponse").child("cmmMsgHeader"))
        return refuse(content, fmt::format("data.go.kr answered {} {} ({}): no rows to read",
                                           printable(head.child_value("returnReasonCode")),
                                           printable(head.child_value("returnAuthMsg")),
                                           printable(head.child_value("errMsg"))));
    if (const pugi::xml_node chart = document.child("protocol").child("chartdata"))
        return read_chart(content, chart);
    if (const pugi::xml_node response = document.child("response")) {
        const std::string_view code = response.child("header").child_value("resultCode");
        if (code != "00")
            return refuse(
                content, fmt::format("data.go.kr answered {}: {}: no rows to read", printable(code),
                                     printable(response.child("header").child_value("resultMsg"))));
        return read_records(content, records_of_items(response.child("body").child("items")), {});
    }
    return refuse(content, fmt::format("XML whose root is <{}>: understood are Naver's charts "
                                       "(protocol) and replies of data.go.kr (response)",
                                       printable(root)));
}

}  // namespace hsl::adapters::detail
