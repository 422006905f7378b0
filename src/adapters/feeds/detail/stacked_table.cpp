// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using store::MarketFile;

constexpr std::size_t header_lines_max = 8;
constexpr std::size_t line_bytes_max = std::size_t{1} << 20;
constexpr std::array fields{Field::open,  Field::high,   Field::low,
                            Field::close, Field::volume, Field::value};

// Tables whose columns have a symbol and a field each, in lines of their own above the rows:
// pandas' and yfinance's columns of two levels, DataGuide's blocks.
struct StackedHead {
    std::vector<ColumnSlot> slots = {};     // of every column but the first
    std::vector<std::string> symbols = {};  // likewise
    std::size_t body = 0;
    std::int64_t body_line = 0;
    char separator = ',';
};

bool is_day(std::string_view cell) {
    const DateState state = scan_date(cell).state;
    return state == DateState::ok || state == DateState::time_of_day;
}

// Cells behind the first; what is empty is what stands before it, as merged cells leave it.
std::vector<std::string> labels_of(std::span<const std::string_view> cells) {
    std::vector<std::string> labels;
    for (const std::string_view cell : cells.subspan(1))
        labels.emplace_back(cell.empty() && !labels.empty() ? labels.back() : std::string{cell});
    return labels;
}

bool are_symbols(std::span<const std::string> labels) {
    constexpr std::size_t symbol_max = 12;
    return !labels.empty() && std::ranges::all_of(labels, [](const std::string& label) {
        if (market::is_krx_code(code_in(label))) return true;
        return !label.empty() && label.size() <= symbol_max && lower(label) != label &&
               std::ranges::all_of(label, [](char c) {
                   return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                          c == '-' || c == '^' || c == '=';
               });
    });
}

bool are_fields(std::span<const ColumnSlot> slots) {
    const auto known = std::ranges::count_if(slots, [](const ColumnSlot& slot) {
        return std::ranges::find(fields, slot.field) != fields.end();
    });
    return 2 * known >= std::ssize(slots) &&
           std::ranges::find(slots, Field::close, &ColumnSlot::field) != slots.end();
}

std::optional<StackedHead> learn_stacked(std::string_view text, char separator) {
    Lines lines{text, line_end_of(text)};
    std::string_view line;
    std::vector<std::string_view> cells;
    StackedHead head{.separator = separator};
    std::size_t width = 0;
    for (std::size_t i = 0; i < header_lines_max && lines.next(line); ++i) {
        if (line.size() > line_bytes_max || !split_cells(line, separator, cells)) return {};
        if (cells.size() < 2 || (width != 0 && cells.size() != width)) return {};
        width = cells.size();
        if (is_day(cells[0])) {
            if (head.slots.empty() || head.symbols.empty()) return {};
            return head;
        }
        head.body = lines.offset();
        head.body_line = lines.number();
        const auto labels = labels_of(cells);
        const auto slots = slots_of_header(labels, {});
        if (head.slots.empty() && are_fields(*slots))
            head.slots = *slots;
        else if (head.symbols.empty() && are_symbols(labels))
            for (const std::string& label : labels) head.symbols.push_back(label);
    }
    return {};
}

// A symbol's columns, in the order of `fields`; 0 where it has none.
struct Block {
    std::string_view symbol;
    std::array<std::size_t, fields.size()> at{};
};

std::vector<Block> blocks_of(const StackedHead& head) {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < head.symbols.size(); ++i) {
        const auto field = std::ranges::find(fields, head.slots[i].field);
        if (field == fields.end()) continue;
        auto block = std::ranges::find(blocks, head.symbols[i], &Block::symbol);
        if (block == blocks.end()) block = blocks.insert(blocks.end(), {head.symbols[i], {}});
        std::size_t& at = block->at[static_cast<std::size_t>(field - fields.begin())];
        if (at == 0) at = i + 1;
    }
    return blocks;
}

// A row and a symbol are a data line.
void read_blocks(const Content& content, const StackedHead& head, std::span<const Block> blocks,
                 std::span<const std::size_t> wanted, Assembler& assembler) {
    Lines lines{content.bytes.substr(head.body), line_end_of(content.bytes)};
    std::string_view line;
    std::vector<std::string_view> cells;
    std::vector<std::string_view> row;
    while (lines.next(line)) {
        if (line.empty() || is_blank_row(line)) continue;
        const std::int64_t number = head.body_line + lines.number();
        if (line.size() > line_bytes_max || !split_cells(line, head.separator, cells) ||
            cells.size() != head.symbols.size() + 1) {
            assembler.quarantine(number, line.substr(0, 4096), "cell_count",
                                 fmt::format("the line has other cells than its header's {}",
                                             head.symbols.size() + 1));
            continue;
        }
        for (const Block& block : blocks) {
            row.assign({cells[0], block.symbol});
            bool told = false;
            for (const std::size_t field : wanted) {
                const std::size_t at = block.at[field];
                row.push_back(at == 0 ? std::string_view{} : cells[at]);
                told = told || !row.back().empty();
            }
            if (told)
                assembler.row(row, number, line);
            else
                assembler.drop("filler");
        }
    }
}

}  // namespace

Reading read_stacked_table(const Content& content) {
    std::optional<StackedHead> head;
    for (const char separator : {',', '\t', ';'})
        if (!head) head = learn_stacked(content.bytes, separator);
    if (!head) return {};
    const std::vector<Block> blocks = blocks_of(*head);
    std::vector<ColumnSlot> slots{{.field = Field::date, .header = "the first column"},
                                  {.field = Field::code, .header = "the header"}};
    std::vector<std::size_t> wanted;
    for (std::size_t field = 0; field < fields.size(); ++field) {
        const auto slot = std::ranges::find(head->slots, fields[field], &ColumnSlot::field);
        if (slot == head->slots.end()) continue;
        wanted.push_back(field);
        slots.push_back(*slot);
    }
    AssemblerOptions options{.path = content.path, .how = content.how};
    options.how.format =
        fmt::format("columns of symbols and fields, {}", counted(std::ssize(blocks), "symbol"));
    options.how.separator = separator_name(head->separator);
    const bool korean = std::ranges::any_of(
        blocks, [](const Block& block) { return market::is_krx_code(code_in(block.symbol)); });
    if (!korean) options.market = market::Market::foreign;
    auto assembler = Assembler::make(std::move(options), std::move(slots), content.hints);
    if (!assembler) return std::unexpected(std::move(assembler).error());
    read_blocks(content, *head, blocks, wanted, *assembler);
    return std::move(*assembler).finish();
}

}  // namespace hsl::adapters::detail
