// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/records.hpp"

#include <algorithm>
#include <map>

#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

// The delimiter that the header has most of.
char delimiter_of(std::string_view header) {
    char best = ',';
    for (const char c : {'\t', ';', '|'})
        if (std::ranges::count(header, c) > std::ranges::count(header, best)) best = c;
    return best;
}

bool is_plain(std::string_view raw) { return !raw.contains('\\'); }

}  // namespace

std::size_t Records::find(std::string_view name) const {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? absent : static_cast<std::size_t>(found - names.begin());
}

bool Records::has_all(std::span<const std::string_view> wanted) const {
    return std::ranges::all_of(wanted, [&](std::string_view name) { return has(name); });
}

void Records::keep_from(Records&& other) {
    lent_.push_back(std::move(other.kept_));
    std::ranges::move(other.lent_, std::back_inserter(lent_));
}

void Records::add_constant(std::string_view name, std::string_view value) {
    names.emplace_back(name);
    const std::string_view kept = keep(std::string{value});
    for (Record& row : rows) {
        row.cells.resize(names.size() - 1);
        row.cells.push_back(kept);
    }
}

Records records_of(const JsonValue& array) {
    Records out;
    std::map<std::string_view, std::size_t> column_of;
    for (const JsonValue& object : array.children()) {
        Record& row = out.rows.emplace_back();
        row.line = static_cast<std::int64_t>(out.rows.size());
        row.source = object.raw();
        row.cells.resize(out.names.size());
        if (!object.is_object()) continue;
        for (const JsonValue& member : object.children()) {
            const auto [at, added] = column_of.try_emplace(member.key(), out.names.size());
            if (added) out.names.emplace_back(member.key());
            row.cells.resize(std::max(row.cells.size(), out.names.size()));
            const std::string_view raw = member.raw();
            switch (member.kind()) {
                case JsonKind::string:
                    row.cells[at->second] =
                        is_plain(raw) ? raw.substr(1, raw.size() - 2) : out.keep(member.text());
                    break;
                case JsonKind::number:
                case JsonKind::boolean:
                    row.cells[at->second] = raw;
                    break;
                default:
                    row.cells[at->second] = {};
            }
            row.cells[at->second] = trimmed(row.cells[at->second]);
        }
    }
    for (Record& row : out.rows) row.cells.resize(out.names.size());
    return out;
}

Result<Records> records_of(std::string_view text) {
    Records out;
    const char line_end = line_end_of(text);
    char delimiter = ',';
    std::int64_t number = 0;
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(line_end, at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (is_blank_row(line)) continue;
        if (out.names.empty()) {
            delimiter = delimiter_of(line);
            if (!split_cells(line, delimiter, cells))
                return fail(ErrorCode::bad_data, "the header has a quote that is not closed");
            out.names.assign(cells.begin(), cells.end());
            continue;
        }
        Record& row = out.rows.emplace_back();
        row.line = number;
        row.source = line;
        if (!split_cells(line, delimiter, cells)) row.damage = "unclosed_quote";
        if (line.contains('\0')) row.damage = "nul_byte";
        row.cells = cells;
        row.cells.resize(out.names.size());
    }
    return out;
}

Records records_of(const store::TextTable& table) {
    Records out;
    out.names = table.header;
    out.rows.resize(table.rows());
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
        Record& row = out.rows[i];
        row.line = static_cast<std::int64_t>(i + 1);
        std::string source;
        for (std::size_t column = 0; column < table.header.size(); ++column) {
            row.cells.push_back(table.cell(i, column));
            if (column > 0) source += ',';
            source += row.cells.back();
        }
        row.source = out.keep(std::move(source));
    }
    return out;
}

std::string damage_words(std::string_view damage) {
    return damage == "nul_byte" ? "the line holds a NUL byte: the file was damaged"
                                : "a quote that the line does not close";
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool says_nothing(std::string_view cell) {
    return cell.empty() || cell == "-" || cell == "null" || cell == "nan" || cell == "NaN";
}

std::string asked_for(std::string_view path, std::string_view key) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    for (const std::string_view extension : {".json", ".xml", ".txt", ".gz"})
        if (name.ends_with(extension)) name.remove_suffix(extension.size());
    for (std::size_t at = name.find(key); at != std::string_view::npos;
         at = name.find(key, at + 1)) {
        const bool begins = at == 0 || std::string_view{"_&?"}.contains(name[at - 1]);
        const std::string_view behind = name.substr(at + key.size());
        if (!begins || !(behind.starts_with('-') || behind.starts_with('='))) continue;
        return std::string{behind.substr(1, behind.find_first_of("_&", 1) - 1)};
    }
    return {};
}

std::string plain_word(std::string_view header) {
    std::string word = lower(header);
    std::erase_if(word, [](char c) { return c == ' ' || c == '_'; });
    return word;
}

std::optional<Date> day_in(std::string_view text) {
    const ScannedDate scanned = scan_date(text);
    if (scanned.state != DateState::ok) return {};
    return scanned.date;
}

}  // namespace hsl::adapters::detail
