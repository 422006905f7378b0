// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/json_rows.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/scan.hpp"

namespace hsl::adapters::detail {
namespace {

bool is_day(std::string_view text) {
    const DateState state = scan_date(text).state;
    return state == DateState::ok || state == DateState::time_of_day;
}

std::string_view cell_of(const JsonValue& value, Records& records) {
    switch (value.kind()) {
        case JsonKind::string:
            return trimmed(records.keep(value.text()));
        case JsonKind::number:
        case JsonKind::boolean:
            return value.raw();
        default:
            return {};
    }
}

void add_row(Records& records, std::string_view source) {
    Record& row = records.rows.emplace_back();
    row.line = static_cast<std::int64_t>(records.rows.size());
    row.source = source;
}

// Lists of values, whose names stand in a list of their own; `index` holds what names each list.
Records rows_of_lists(std::span<const JsonValue> lists, const JsonValue& names,
                      const std::vector<JsonValue>& index) {
    Records records;
    if (!index.empty()) records.names.emplace_back("index");
    for (const JsonValue& name : names.children()) records.names.push_back(name.text());
    for (std::size_t i = 0; i < lists.size(); ++i) {
        add_row(records, lists[i].raw());
        std::vector<std::string_view> cells;
        if (!index.empty())
            cells.push_back(i < index.size() ? cell_of(index[i], records) : std::string_view{});
        if (lists[i].is_array())
            for (const JsonValue& value : lists[i].children())
                cells.push_back(cell_of(value, records));
        cells.resize(records.names.size());
        records.rows.back().cells = std::move(cells);
    }
    return records;
}

// "1. open" of Alpha Vantage is open.
std::string without_number(std::string_view name) {
    const std::size_t point = name.find(". ");
    const bool numbered = point != std::string_view::npos && point > 0 && point < 3 &&
                          name.find_first_not_of("0123456789") == point;
    return std::string{numbered ? name.substr(point + 2) : name};
}

// {"2024-01-02": {"open": 1, ...}, ...}: a row a key.
Records rows_by_day(const JsonValue& object) {
    Records records;
    records.names.emplace_back("index");
    for (const JsonValue& row : object.children()) {
        add_row(records, row.raw());
        std::vector<std::string_view> cells(records.names.size());
        cells[0] = row.key();
        for (const JsonValue& member : row.children()) {
            const std::string name = without_number(member.key());
            std::size_t at = records.find(name);
            if (at == Records::absent) {
                at = records.names.size();
                records.names.push_back(name);
            }
            cells.resize(records.names.size());
            cells[at] = cell_of(member, records);
        }
        records.rows.back().cells = std::move(cells);
    }
    for (Record& row : records.rows) row.cells.resize(records.names.size());
    return records;
}

// {"open": {"2024-01-02": 1, ...}, ...}: a column a key.
Records rows_by_column(const JsonValue& object) {
    Records records;
    records.names.emplace_back("index");
    std::map<std::string_view, std::size_t> row_of;
    for (const JsonValue& column : object.children()) {
        const std::size_t at = records.names.size();
        records.names.emplace_back(column.key());
        for (const JsonValue& member : column.children()) {
            const auto [row, added] = row_of.try_emplace(member.key(), records.rows.size());
            if (added) {
                add_row(records, member.key());
                records.rows.back().cells.push_back(member.key());
            }
            auto& cells = records.rows[row->second].cells;
            cells.resize(std::max(cells.size(), at + 1));
            cells[at] = cell_of(member, records);
        }
    }
    for (Record& row : records.rows) {
        row.cells.resize(records.names.size());
        row.source = records.keep(fmt::format("{}", fmt::join(row.cells, ",")));
    }
    return records;
}

bool holds_objects(const JsonValue& value) {
    const auto children = value.children();
    return value.is_object() && !children.empty() &&
           std::ranges::all_of(children, [](const JsonValue& child) { return child.is_object(); });
}

// pandas: {day: {column: value}} or {column: {day: value}}.
std::optional<Records> rows_of_objects(const JsonValue& root) {
    if (!holds_objects(root)) return {};
    const JsonValue first = root.children().front();
    if (is_day(first.key())) return rows_by_day(root);
    const auto inner = first.children();
    std::vector<std::string> names;
    for (const JsonValue& child : root.children()) names.emplace_back(child.key());
    const auto slots = slots_of_header(names, {});
    const bool known = std::ranges::any_of(
        *slots, [](const ColumnSlot& slot) { return slot.field == Field::close; });
    if (known && !inner.empty()) return rows_by_column(root);
    return {};
}

std::optional<JsonValue> list_of(const JsonValue& root) {
    for (const std::string_view key :
         {"OutBlock_1", "output", "block1", "output2", "output1", "candles", "data"}) {
        const auto list = root.find(key);
        if (list && list->is_array()) return list;
    }
    for (const JsonValue& member : root.children())  // t8413OutBlock1 of LS
        if (member.is_array() && member.key().ends_with("OutBlock1")) return member;
    return {};
}

// Whose rows these are, where the document says it beside them.
std::string symbol_told(const JsonValue& root) {
    for (const JsonValue& member : root.children())
        for (const std::string_view key : {"stck_shrn_iscd", "shcode", "2. Symbol"})
            if (const auto told = member.find(key)) return code_in(told->text());
    return {};
}

Result<Records> rows_of_array(const JsonValue& list) {
    const auto rows = list.children();
    if (rows.empty() || !rows.front().is_array()) return records_of(list);
    const auto names = rows.front().children();
    const bool named = names.size() > 1 && std::ranges::all_of(names, [](const JsonValue& name) {
                           return name.kind() == JsonKind::string && !is_day(name.text());
                       });
    if (named) return rows_of_lists(std::span{rows}.subspan(1), rows.front(), {});
    return fail(ErrorCode::bad_data,
                "JSON whose rows are lists of values without names: write it with the names of "
                "its columns (pandas: orient='records', 'split' or 'table')");
}

}  // namespace

Result<Records> rows_of(const JsonValue& root) {
    if (root.is_array()) return rows_of_array(root);
    const auto columns = root.find("columns");
    const auto data = root.find("data");
    if (columns && columns->is_array() && data && data->is_array()) {
        const auto index = root.find("index");
        return rows_of_lists(data->children(), *columns,
                             index ? index->children() : std::vector<JsonValue>{});
    }
    if (const auto list = list_of(root)) {
        HSL_TRY(Records records, rows_of_array(*list));
        records.symbol = symbol_told(root);
        return records;
    }
    for (const JsonValue& member : root.children())
        if (member.key().starts_with("Time Series") && holds_objects(member)) {
            Records records = rows_by_day(member);
            records.symbol = symbol_told(root);
            return records;
        }
    if (const auto response = root.find("response"))
        if (const auto body = response->find("body"))
            if (const auto items = body->find("items")) {
                const auto item = items->find("item");
                return item ? records_of(item->is_array() ? *item : *items) : Records{};
            }
    if (auto records = rows_of_objects(root)) return *std::move(records);
    return fail(ErrorCode::bad_data,
                "JSON without a list of rows that is understood (OutBlock_1, output, block1, "
                "output2, data, response.body.items, chart.result, candles, columns of pandas, or "
                "an array of rows)");
}

std::optional<Records> rows_of_lines(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    const std::string_view bare = text.substr(first);
    std::string rewritten;
    if (bare.starts_with('{')) {
        rewritten = "[";
        for (std::size_t at = 0; at < bare.size();) {
            const std::size_t end = std::min(bare.find('\n', at), bare.size());
            const std::string_view line = trimmed(bare.substr(at, end - at));
            at = end + 1;
            if (line.find_first_not_of("\r") == std::string_view::npos) continue;
            if (rewritten.size() > 1) rewritten += ',';
            rewritten += line;
        }
        rewritten += ']';
    } else if (bare.starts_with("[[") && bare.contains('\'')) {
        rewritten = bare;
        std::ranges::replace(rewritten, '\'', '"');
    } else {
        return {};
    }
    Records owner;
    const std::string_view kept = owner.keep(std::move(rewritten));
    auto document = JsonDocument::read(kept);
    if (!document) return {};
    auto records = rows_of(document->root());
    if (!records) return {};
    records->keep_from(std::move(owner));
    return *std::move(records);
}

}  // namespace hsl::adapters::detail
