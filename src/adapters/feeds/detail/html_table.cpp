// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "adapters/feeds/detail/text_table.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

std::string unescaped(std::string_view text) {
    static constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&nbsp;", " "}, {"&lt;", "<"},  {"&gt;", ">"},
        {"&quot;", "'"}, {"&#39;", "'"}, {"&amp;", "&"}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        bool found = false;
        for (const auto& [entity, character] : entities) {
            if (!text.substr(at).starts_with(entity)) continue;
            out += character;
            at += entity.size();
            found = true;
            break;
        }
        if (!found) out += text[at++];
    }
    return out;
}

// The rows of the page's tables, a line each, their cells between tabs.
std::string rows_of_page(std::string_view page) {
    std::string out;
    std::string cell;
    bool in_cell = false;
    bool first = true;
    for (std::size_t at = 0; at < page.size();) {
        if (page[at] != '<') {
            const char c = page[at++];
            if (in_cell) cell += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
            continue;
        }
        const std::size_t end = std::min(page.find('>', at), page.size());
        std::string tag = lower(page.substr(at + 1, end - at - 1));
        at = end + 1;
        tag.resize(std::min(tag.find_first_of(" \t\r\n"), tag.size()));
        const bool cell_begins = tag == "td" || tag == "th";
        const bool row_ends = tag == "tr" || tag == "/tr" || tag == "/table";
        if (in_cell && (cell_begins || row_ends || tag == "/td" || tag == "/th")) {
            if (!first) out += '\t';
            out += '"';
            const std::string text = unescaped(cell);
            for (const char c : trimmed(text))
                if (c != '"') out += c;
            out += '"';
            first = false;
            in_cell = false;
        }
        if (row_ends && !first) {
            out += '\n';
            first = true;
        }
        if (!cell_begins) continue;
        in_cell = true;
        cell.clear();
    }
    return out;
}

}  // namespace

Reading read_html_table(const Content& content) {
    if (!lower(content.bytes).contains("<tr")) return {};
    const auto rows = std::make_shared<const std::string>(rows_of_page(content.bytes));
    Content table{content};
    table.bytes = *rows;
    table.how.container += table.how.container.empty() ? "web page" : ", web page";
    Reading reading = read_facts_table(table);
    if (!reading) reading = read_text_table(table);
    if (!reading || !*reading) return {};
    (*reading)->source_of = [rows](std::int64_t number) {
        Lines lines{*rows, '\n'};
        std::string_view line;
        while (lines.number() < number)
            if (!lines.next(line)) return std::string{};
        return std::string{line};
    };
    return reading;
}

}  // namespace hsl::adapters::detail
