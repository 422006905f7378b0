// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/text_table.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/rows.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using store::MarketFile;

// No table has such lines: what stands in one is damage, or another kind of file. Its first bytes
// are kept.
constexpr std::size_t line_bytes_max = std::size_t{1} << 20;
constexpr std::size_t line_bytes_kept = 4096;
// A stretch of a large file, for one thread.
constexpr std::size_t stretch_bytes = std::size_t{2} << 20;
// Rows without a good one among them after which the next ones are counted and not kept, since the
// file will most likely be refused.
constexpr std::size_t hopeless_rows = 100'000;

std::unexpected<Error> at(const Content& content, Error error, std::int64_t line = 0) {
    error.file = content.path;
    if (error.line == 0) error.line = static_cast<long>(line);
    return std::unexpected(std::move(error));
}

// Calls see(cells) for the rows of the body that have them, at most `rows_max`; stops when it
// returns false.
template <class See>
void look(std::string_view body, char line_end, char separator, std::size_t rows_max, See&& see) {
    Lines lines{body, line_end};
    std::vector<std::string_view> cells;
    std::string_view line;
    for (std::size_t rows = 0; rows < rows_max && lines.next(line);) {
        if (line.empty() || line.size() > line_bytes_max || !split_cells(line, separator, cells))
            continue;
        ++rows;
        if (!see(std::span<const std::string_view>{cells})) return;
    }
}

std::string_view cell_of(std::span<const std::string_view> cells, std::size_t index) {
    return index < cells.size() ? cells[index] : std::string_view{};
}

std::size_t slot_at(std::span<const ColumnSlot> slots, Field field) {
    const auto found = std::ranges::find(slots, field, &ColumnSlot::field);
    return static_cast<std::size_t>(found - slots.begin());
}

// ---- what the columns are ----------------------------------------------------------------------

// Without a header: date, open, high, low, close, volume. rltrader's files called _rich go on with
// the net purchases of institutions and of foreigners, calendar-filled ones with the change as a
// fraction.
std::vector<ColumnSlot> slots_without_header(const Content& content, const TableHead& head) {
    static constexpr Field order[] = {Field::date, Field::open,  Field::high,
                                      Field::low,  Field::close, Field::volume};
    std::vector<ColumnSlot> slots(head.cells.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (i < std::size(order)) slots[i].field = order[i];
        slots[i].header = fmt::format("column {}", i + 1);
    }
    if (content.path.find("_rich") != std::string::npos && slots.size() == 8) {
        slots[6] = {Field::named, "institution_net_shares", slots[6].header};
        slots[7] = {Field::named, "foreign_net_shares", slots[7].header};
    } else if (slots.size() == 7) {
        bool fractions = true;
        look(content.bytes.substr(head.body), line_end_of(content.bytes), head.separator,
             sampled_rows, [&](std::span<const std::string_view> cells) {
                 const ScannedReal real = scan_real(cell_of(cells, 6));
                 fractions = real.state == NumberState::ok && real.value > -1 && real.value < 2 &&
                             (real.value == 0 || cell_of(cells, 6).contains('.'));
                 return fractions;
             });
        if (fractions) {
            slots[6].field = Field::rate;
            slots[6].unit = 100;
        }
    }
    return slots;
}

// "Change" is a fraction at FinanceDataReader and won elsewhere: whole numbers are won.
void settle_change(std::string_view body, char line_end, char separator,
                   std::vector<ColumnSlot>& slots) {
    const auto change = std::ranges::find_if(slots, [](const ColumnSlot& slot) {
        return slot.field == Field::rate && lower(slot.header) == "change";
    });
    if (change == slots.end()) return;
    const auto index = static_cast<std::size_t>(change - slots.begin());
    bool won = false;
    look(body, line_end, separator, sampled_rows, [&](std::span<const std::string_view> cells) {
        const std::string_view cell = cell_of(cells, index);
        if (cell.contains('%')) change->unit = 1;
        if (cell.contains('.')) return cell == "0.0";
        const ScannedNumber number = scan_number(cell, 0);
        won = number.state == NumberState::ok && (number.value >= 2 || number.value <= -2);
        return !won;
    });
    if (!won) return;
    change->field = Field::change;
    change->unit = 1;
}

// pandas writes the index without a name: where no column is a date, the first without a name is
// it, if days stand in it.
void settle_unnamed_date(std::vector<ColumnSlot>& slots, const ColumnSample& sample) {
    const auto has = [&](Field field) { return slot_at(slots, field) < slots.size(); };
    if (has(Field::date) || has(Field::time)) return;
    const auto index = std::ranges::find_if(slots, [](const ColumnSlot& slot) {
        const std::string name = lower(slot.header);
        return slot.field == Field::ignored &&
               (name.empty() || name == "index" || name.starts_with("unnamed:") ||
                name.starts_with("__index_level_"));
    });
    if (index == slots.end()) return;
    const auto at = static_cast<std::size_t>(index - slots.begin());
    const auto cells = sample(at, sampled_rows);
    const auto is_day = [](std::string_view cell) {
        const DateState state = scan_date(cell).state;
        return cell.empty() || state == DateState::ok || state == DateState::time_of_day;
    };
    const bool told = std::ranges::any_of(cells, [](std::string_view c) { return !c.empty(); });
    if (told && std::ranges::all_of(cells, is_day)) index->field = Field::date;
}

// A Korean broker writes the direction against the day before in front of every price: +76600.
void settle_signs(std::vector<ColumnSlot>& slots, const ColumnSample& sample) {
    const auto is_price = [](const ColumnSlot& slot) {
        return slot.field >= Field::open && slot.field <= Field::close;
    };
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (!is_price(slots[i])) continue;
        const auto cells = sample(i, sampled_rows);
        if (std::ranges::none_of(cells, [](std::string_view c) { return c.starts_with('+'); }))
            continue;
        for (ColumnSlot& slot : slots) slot.signs_are_directions = is_price(slot);
        return;
    }
}

// The code of a column that says it in its first row and nothing below: a broker's answer.
std::string code_of_first_row(std::vector<ColumnSlot>& slots, const ColumnSample& sample) {
    const std::size_t at = slot_at(slots, Field::code);
    if (at == slots.size()) return {};
    const auto rest_is_empty = [&](std::size_t rows_max) {
        const auto cells = sample(at, rows_max);
        return cells.size() > 1 && !cells[0].empty() &&
               std::all_of(cells.begin() + 1, cells.end(),
                           [](std::string_view cell) { return cell.empty(); });
    };
    if (!rest_is_empty(sampled_rows) || !rest_is_empty(static_cast<std::size_t>(-1))) return {};
    slots[at].field = Field::ignored;
    return code_in(sample(at, 1).front());
}

Result<std::vector<ColumnSlot>> learn_slots(const Content& content, const TableHead& head) {
    if (head.header) {
        HSL_TRY(auto slots, slots_of_header(head.cells, content.hints));
        settle_change(content.bytes.substr(head.body), line_end_of(content.bytes), head.separator,
                      slots);
        return slots;
    }
    std::vector<ColumnSlot> slots = slots_without_header(content, head);
    std::vector<std::string> names;
    for (const ColumnSlot& slot : slots) names.push_back(slot.header);
    HSL_TRY(const auto hinted, slots_of_header(names, content.hints));
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (hinted[i].field == Field::ignored) continue;
        for (ColumnSlot& other : slots)
            if (other.field == hinted[i].field && other.column == hinted[i].column)
                other = {.header = other.header};
        slots[i] = hinted[i];
    }
    return slots;
}

// ---- what its days look like -------------------------------------------------------------------

// The order of days written 03/05/2024: told by any of them with a number above 12 in it, or by the
// user; guessed never.
Result<DayOrder> learn_day_order(const Content& content, const TableHead& head,
                                 std::size_t date_cell, std::string& form) {
    if (const auto told = content.hints.columns.find("date_order");
        told != content.hints.columns.end()) {
        if (told->second == "mdy") return DayOrder::month_first;
        if (told->second == "dmy") return DayOrder::day_first;
        return fail(ErrorCode::bad_usage,
                    fmt::format("--map date_order={}: it is mdy (03/05/2024 is 5 March) or dmy (3 "
                                "May)",
                                printable(told->second)));
    }
    DayOrder order = DayOrder::unknown;
    bool slashes = false;
    std::string example;
    constexpr std::size_t days_looked_at = 8;
    look(content.bytes.substr(head.body), line_end_of(content.bytes), head.separator,
         days_looked_at, [&](std::span<const std::string_view> cells) {
             const std::string_view cell = cell_of(cells, date_cell);
             if (scan_day_parts(cell).first > 0) {
                 slashes = true;
                 example = cell;
             }
             if (form.empty()) form = date_form(cell);
             return !slashes;
         });
    if (!slashes) return order;
    bool both = false;
    look(content.bytes.substr(head.body), line_end_of(content.bytes), head.separator,
         content.bytes.size(), [&](std::span<const std::string_view> cells) {
             const DayParts parts = scan_day_parts(cell_of(cells, date_cell));
             const DayOrder told = parts.first > 12    ? DayOrder::day_first
                                   : parts.second > 12 ? DayOrder::month_first
                                                       : DayOrder::unknown;
             if (told == DayOrder::unknown) return true;
             both = order != DayOrder::unknown && order != told;
             order = told;
             return !both;
         });
    if (both)
        return fail(ErrorCode::bad_data,
                    fmt::format("days like '{}' stand in both orders, month first and day first: "
                                "--map date_order=mdy or dmy says which holds",
                                printable(example)));
    if (order == DayOrder::unknown)
        return fail(ErrorCode::bad_data,
                    fmt::format("'{}' may be month first or day first, and no day of the file is "
                                "above 12: --map date_order=mdy or dmy says which",
                                printable(example)));
    form = order == DayOrder::day_first ? "D/M/YYYY" : "M/D/YYYY";
    return order;
}

// ---- what its numbers look like ----------------------------------------------------------------

// What the commas and points of one cell can only be, or both.
struct NumberForm {
    bool point = false;      // its point is a decimal one, or its commas stand between thousands
    bool comma = false;      // the other way round
    bool ambiguous = false;  // 71.500
};
NumberForm form_of(std::string_view cell) {
    if (cell.empty() || cell.find_first_not_of("0123456789,.+-") != std::string_view::npos)
        return {};
    const std::size_t point = cell.rfind('.');
    const std::size_t comma = cell.rfind(',');
    constexpr std::size_t none = std::string_view::npos;
    if (point != none && comma != none) return {.point = point > comma, .comma = comma > point};
    if (comma != none)
        return {.comma = cell.size() - comma != 4 && std::ranges::count(cell, ',') == 1};
    if (point == none) return {};
    const bool group = cell.size() - point == 4;
    if (std::ranges::count(cell, '.') > 1) return {.comma = group};
    const std::size_t first = std::min(cell.find_first_not_of("+-"), point);
    const bool whole = group && point > first && point - first <= 3 && cell[first] != '0';
    return {.point = !whole, .ambiguous = whole};
}

bool is_number(Field field) {
    return field >= Field::open && field != Field::change_sign && field != Field::named;
}

// Whether 1,5 is one and a half, as half of Europe writes. Told by numbers that can be nothing
// else, or by the user. Where each price of a Korean share is like 71.500 nobody can tell.
Result<bool> learn_decimal_comma(const Content& content, const TableHead& head,
                                 std::span<const ColumnSlot> slots) {
    if (const auto told = content.hints.columns.find("decimal");
        told != content.hints.columns.end()) {
        if (told->second == "comma") return true;
        if (told->second == "point") return false;
        return fail(ErrorCode::bad_usage,
                    fmt::format("--map decimal={}: it is comma (1.234,56) or point (1,234.56)",
                                printable(told->second)));
    }
    std::int64_t points = 0;
    std::int64_t commas = 0;
    std::int64_t ambiguous = 0;
    std::string example;
    look(content.bytes.substr(head.body), line_end_of(content.bytes), head.separator, sampled_rows,
         [&](std::span<const std::string_view> cells) {
             for (std::size_t i = 0; i < std::min(cells.size(), slots.size()); ++i) {
                 if (!is_number(slots[i].field)) continue;
                 const NumberForm form = form_of(cells[i]);
                 points += form.point;
                 commas += form.comma;
                 ambiguous += form.ambiguous;
                 if (form.ambiguous && example.empty()) example = cells[i];
             }
             return true;
         });
    if (commas > 0 && points == 0) return true;
    const bool shares = slot_at(slots, Field::code) < slots.size() ||
                        market::is_krx_code(symbol_of_path(content.path)) ||
                        market::is_krx_code(content.hints.symbol);
    if (ambiguous > 0 && points == 0 && shares)
        return fail(ErrorCode::bad_data,
                    fmt::format("'{}' may be that or 1,000 times as much: --map decimal=point or "
                                "decimal=comma says which",
                                printable(example)));
    return false;
}

// ---- rows --------------------------------------------------------------------------------------

// As many cells as the first row; empty ones at the end may be more or fewer.
bool has_right_count(std::span<const std::string_view> cells, const TableHead& head) {
    const std::size_t cells_max = head.cells.size();
    if (cells.size() == cells_max) return true;
    if (cells.size() < head.cells_min) return false;
    return std::ranges::all_of(cells.subspan(std::min(cells.size(), cells_max)),
                               [](std::string_view cell) { return cell.empty(); });
}

void read_line(std::string_view line, std::int64_t number, const TableHead& head, bool has_nul,
               std::vector<std::string_view>& cells, RowReader& reader) {
    if (line.size() > line_bytes_max) {
        reader.quarantine(number, line.substr(0, line_bytes_kept), "line_too_long",
                          fmt::format("a line of {} bytes, of which the first {} are kept",
                                      with_commas(std::ssize(line)), with_commas(line_bytes_kept)));
    } else if (has_nul && line.contains('\0')) {
        reader.quarantine(number, line, "nul_byte",
                          "the line holds a NUL byte: the file was damaged");
    } else if (!split_cells(line, head.separator, cells)) {
        reader.quarantine(number, line, "unclosed_quote", "a quote is not closed on its line");
    } else if (cells.front().empty() && is_blank_row(line)) {
        reader.drop("filler");
    } else if (!has_right_count(cells, head)) {
        reader.quarantine(number, line, "cell_count",
                          fmt::format("{}, the {} has {}", counted(std::ssize(cells), "cell"),
                                      head.header ? "header" : "first row", head.cells.size()));
    } else {
        reader.row(cells, number, line);
    }
}

// Hands the rows of one stretch to its reader; returns how many lines it has. Rows that are not
// kept may come to be wanted: then it stops, and is to be called again with `keep_all`.
std::int64_t read_stretch(std::string_view text, char line_end, const TableHead& head, bool has_nul,
                          bool keep_all, RowReader& reader) {
    Lines lines{text, line_end};
    std::vector<std::string_view> cells;
    std::string_view line;
    bool first = true;
    while (lines.next(line)) {
        if (line.empty()) continue;
        if (first && line.size() <= line_bytes_max) {
            reader.reserve(text.size() / (line.size() + 1) + 16);
            first = false;
        }
        read_line(line, lines.number(), head, has_nul, cells, reader);
        if (keep_all || reader.quarantined().size() <= hopeless_rows) continue;
        if (reader.rows().size() == 0)
            reader.count_only();
        else if (!reader.keeps())
            break;
    }
    return lines.number();
}

// Stretches of about equal length that end with a line each.
std::vector<std::string_view> stretches_of(std::string_view body, char line_end) {
    const std::size_t count =
        std::clamp<std::size_t>(body.size() / stretch_bytes, 1, std::size_t{2} * core_count());
    std::vector<std::string_view> stretches;
    std::size_t from = 0;
    for (std::size_t i = 1; i <= count && from < body.size(); ++i) {
        std::size_t to = body.size();
        if (i < count) {
            const std::size_t end = body.find(line_end, std::max(from, body.size() / count * i));
            to = end == std::string_view::npos ? body.size() : end + 1;
        }
        stretches.push_back(body.substr(from, to - from));
        from = to;
    }
    if (stretches.empty()) stretches.push_back(body);
    return stretches;
}

std::span<RowReader> read_rows(const Content& content, const TableHead& head,
                               Assembler& assembler) {
    const char line_end = line_end_of(content.bytes);
    const auto stretches = stretches_of(content.bytes.substr(head.body), line_end);
    const std::span<RowReader> readers = assembler.readers(stretches.size());
    const bool has_nul = content.bytes.contains('\0');
    std::vector<std::int64_t> lines(stretches.size());
    const auto read_all = [&](bool again) {
        parallel_for(stretches.size(), stretches.size() == 1 ? 1 : 0, [&](std::size_t i, unsigned) {
            if (again && readers[i].keeps()) return;
            if (again) readers[i].start_over();
            lines[i] = read_stretch(stretches[i], line_end, head, has_nul, again, readers[i]);
        });
    };
    read_all(false);
    // One good row anywhere, and every bad one belongs into quarantine.
    if (std::ranges::any_of(readers, [](RowReader& reader) { return reader.rows().size() > 0; }))
        read_all(true);
    std::int64_t before = head.body_line;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        readers[i].shift_lines(before);
        before += lines[i];
    }
    for (std::int64_t i = 0; i < head.blank_rows; ++i) assembler.drop("filler");
    return readers;
}

// ---- headers further down ----------------------------------------------------------------------

// Files put one behind the other bring their headers along. The same columns again are no row;
// other ones would be read in the order of the first, which is a wrong number that looks right.
class HeadersInside {
public:
    HeadersInside(const TableHead& head, std::vector<ColumnSlot> slots)
        : head_(head), slots_(std::move(slots)) {}

    Result<void> settle(std::span<RowReader> readers) {
        for (RowReader& reader : readers) {
            std::optional<Error> error;
            const auto again = [&](const store::QuarantinedRow& row) {
                if (error || !may_be_header(row)) return false;
                const std::vector<std::string> names{cells_.begin(), cells_.end()};
                const auto slots = slots_of_header(names, {});
                const auto known = std::ranges::count_if(
                    *slots, [](const ColumnSlot& slot) { return slot.field != Field::ignored; });
                if (known < columns_min) return false;
                const bool same = names == head_.cells || same_columns(*slots);
                if (!same)
                    error = {.code = ErrorCode::bad_data,
                             .message = fmt::format(
                                 "another header below the first ('{}'), with other columns: these "
                                 "are two files, cut them apart",
                                 printable(row.source)),
                             .line = static_cast<long>(row.line)};
                return same;
            };
            const auto count = std::erase_if(reader.quarantined(), again);
            if (error) return std::unexpected(*std::move(error));
            if (count > 0)
                reader.counts().dropped["repeated_header"] += static_cast<std::int64_t>(count);
        }
        return {};
    }

private:
    static constexpr std::ptrdiff_t columns_min = 4;

    // Nearly no digits, and cells.
    bool may_be_header(const store::QuarantinedRow& row) {
        if (row.reason != "unreadable_date" && row.reason != "cell_count" &&
            row.reason != "unreadable_code")
            return false;
        const std::string_view line = row.source;
        const auto digits =
            std::ranges::count_if(line, [](char c) { return c >= '0' && c <= '9'; });
        return 8 * digits < std::ssize(line) && split_cells(line, head_.separator, cells_);
    }

    bool same_columns(std::span<const ColumnSlot> slots) const {
        return std::ranges::equal(slots, slots_, [](const ColumnSlot& a, const ColumnSlot& b) {
            return a.field == b.field && a.column == b.column && a.unit == b.unit;
        });
    }

    const TableHead& head_;
    std::vector<ColumnSlot> slots_;
    std::vector<std::string_view> cells_;
};

// ---- panels ------------------------------------------------------------------------------------

// A date, and a column of closes for each symbol.
bool is_panel(const TableHead& head, std::span<const ColumnSlot> slots) {
    if (!head.header || slots.size() < 2 || slots[0].field != Field::date) return false;
    return std::ranges::all_of(slots.subspan(1), [](const ColumnSlot& slot) {
        return slot.field == Field::ignored && is_panel_symbol(slot.header);
    });
}

// Every cell is a data line of its own: one may be missing while its neighbour is not.
void read_panel(const Content& content, const TableHead& head, Assembler& assembler) {
    Lines lines{content.bytes.substr(head.body), line_end_of(content.bytes)};
    std::vector<std::string_view> cells;
    std::string_view line;
    while (lines.next(line)) {
        if (line.empty() || is_blank_row(line)) continue;
        const std::int64_t number = head.body_line + lines.number();
        if (line.size() > line_bytes_max || !split_cells(line, head.separator, cells) ||
            !has_right_count(cells, head)) {
            assembler.quarantine(
                number, line.substr(0, line_bytes_kept), "cell_count",
                fmt::format("the line has other cells than its header's {}", head.cells.size()));
            continue;
        }
        for (std::size_t i = 1; i < cells.size() && i < head.cells.size(); ++i) {
            if (cells[i].empty())
                assembler.drop("filler");
            else
                assembler.row(std::array{cells[0], std::string_view{head.cells[i]}, cells[i]},
                              number, line);
        }
    }
}

Result<MarketFile> panel_of(const Content& content, const TableHead& head,
                            AssemblerOptions options) {
    options.how.format =
        fmt::format("panel of closes, {}", counted(std::ssize(head.cells) - 1, "symbol"));
    const bool korean = std::ranges::any_of(
        head.cells, [](const std::string& cell) { return market::is_krx_code(cell); });
    options.market = korean ? market::Market::unknown : market::Market::foreign;
    HSL_TRY(auto assembler, Assembler::make(std::move(options),
                                            {{Field::date, "", head.cells[0]},
                                             {Field::code, "", "the header"},
                                             {Field::close, "", "every other column"}},
                                            content.hints));
    read_panel(content, head, assembler);
    return std::move(assembler).finish();
}

}  // namespace

std::string settle_table(std::vector<ColumnSlot>& slots, const ColumnSample& sample) {
    settle_unnamed_date(slots, sample);
    settle_signs(slots, sample);
    return code_of_first_row(slots, sample);
}

std::optional<Result<MarketFile>> read_text_table(const Content& content) {
    auto head = learn_head(content.bytes, content.hints);
    if (!head) return at(content, std::move(head).error());
    if (may_hold_thousands(*head))
        return at(content,
                  {.code = ErrorCode::bad_data,
                   .message = fmt::format(
                       "'{}' may hold thousands commas that are not quoted, or more columns: put a "
                       "header line above, or quotes around the numbers",
                       printable(fmt::format("{}", fmt::join(head->cells, ","))))},
                  head->line);
    auto slots = learn_slots(content, *head);
    if (!slots) return at(content, std::move(slots).error(), head->line);
    AssemblerOptions options{.path = content.path, .how = content.how};
    options.how.separator = separator_name(head->separator);
    if (head->header)
        options.symbol = settle_table(*slots, [&](std::size_t column, std::size_t rows_max) {
            std::vector<std::string_view> cells;
            look(content.bytes.substr(head->body), line_end_of(content.bytes), head->separator,
                 rows_max, [&](std::span<const std::string_view> row) {
                     cells.push_back(cell_of(row, column));
                     return true;
                 });
            return cells;
        });
    std::size_t date_cell = slot_at(*slots, Field::date);
    if (date_cell == slots->size()) date_cell = slot_at(*slots, Field::time);
    auto order = learn_day_order(content, *head, date_cell, options.how.date_form);
    if (!order) return at(content, std::move(order).error());
    options.day_order = *order;
    const auto comma = learn_decimal_comma(content, *head, *slots);
    if (!comma) return at(content, comma.error());
    options.decimal_comma = *comma;
    if (is_panel(*head, *slots)) return panel_of(content, *head, std::move(options));
    auto assembler = Assembler::make(std::move(options), *slots, content.hints);
    if (!assembler) return at(content, std::move(assembler).error(), head->line);
    const std::span<RowReader> readers = read_rows(content, *head, *assembler);
    if (auto settled = HeadersInside{*head, *std::move(slots)}.settle(readers); !settled)
        return at(content, std::move(settled).error());
    auto file = std::move(*assembler).finish();
    if (file && file->data_lines == 0)
        return at(content, {.code = ErrorCode::bad_data,
                            .message = "a header and no row below it: nothing was downloaded?"});
    return file;
}

Result<MarketFile> assemble_table(const Content& content, const store::TextTable& table) {
    auto slots = slots_of_header(table.header, content.hints);
    if (!slots) return at(content, std::move(slots).error());
    AssemblerOptions options{.path = content.path, .how = content.how, .sources_have_lines = false};
    options.symbol = settle_table(*slots, [&](std::size_t column, std::size_t rows_max) {
        std::vector<std::string_view> cells;
        for (std::size_t row = 0; row < std::min(table.rows(), rows_max); ++row)
            cells.push_back(table.cell(row, column));
        return cells;
    });
    options.how.date_form = "YYYY-MM-DD";
    auto assembler = Assembler::make(std::move(options), *std::move(slots), content.hints);
    if (!assembler) return at(content, std::move(assembler).error());
    std::vector<std::string_view> cells(table.header.size());
    std::vector<std::string> sources(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t column = 0; column < cells.size(); ++column)
            cells[column] = table.cell(row, column);
        // Cells lie one behind the other in the table's text: that is the row as it stood.
        sources[row] = fmt::format("{}", fmt::join(cells, ","));
        assembler->row(cells, static_cast<std::int64_t>(row) + 1, sources[row]);
    }
    return std::move(*assembler).finish();
}

}  // namespace hsl::adapters::detail
