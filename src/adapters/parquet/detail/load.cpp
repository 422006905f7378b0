// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/load.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "adapters/parquet/detail/bar_file.hpp"
#include "base/parallel.hpp"

namespace hsl::adapters {
namespace {

using market::BarTable;

constexpr std::array<decltype(BarTable::open) BarTable::*, 6> numbers{
    &BarTable::open,  &BarTable::high,   &BarTable::low,
    &BarTable::close, &BarTable::volume, &BarTable::value};

// Makes `rows` rows in a table, not yet filled, of the columns that are wanted.
void make_room(BarTable& table, std::size_t rows, StackKind kind, Columns columns) {
    table.interval = interval_of(kind);
    table.date.resize(rows);
    if (kind == StackKind::minute) table.minute.resize(rows);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const bool of_columns = numbers[i] == &BarTable::open || numbers[i] == &BarTable::close;
        if (kind == StackKind::column && !of_columns) continue;
        if (columns == Columns::close && numbers[i] != &BarTable::close) continue;
        (table.*numbers[i]).resize(rows);
    }
}

// The same columns as another table has.
void make_room_like(const BarTable& model, std::size_t rows, BarTable& table) {
    table.interval = model.interval;
    table.date.resize(rows);
    if (!model.minute.empty()) table.minute.resize(rows);
    for (const auto column : numbers)
        if (!(model.*column).empty()) (table.*column).resize(rows);
}

// Columns without room have no target.
ColumnTargets targets_in(BarTable& table) {
    ColumnTargets targets{.date = table.date.data()};
    if (!table.minute.empty()) targets.minute = table.minute.data();
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (!(table.*numbers[i]).empty()) targets.numbers[i] = (table.*numbers[i]).data();
    return targets;
}

// Date and minute as one number.
std::int64_t moment(const BarTable& table, std::size_t row) {
    constexpr std::int64_t minutes_a_day = 1440;
    return table.date[row] * minutes_a_day + (table.minute.empty() ? 0 : table.minute[row]);
}

// Rows of one file and the row of a table that they go to.
struct Placed {
    FileRange range;
    std::size_t target;
};

// What to read of one file, ascending by row, into one table.
struct FileRead {
    const CataloguedFile* file;
    BarTable* table;
    std::vector<Placed> rows;
};

struct GroupRead {
    const BarFile* file;
    int row_group;
    std::vector<RowCopy> copies;
    ColumnTargets targets;
};

// Splits the rows of one file at its row groups, and joins neighbours.
void split(const BarFile& file, const FileRead& read, std::vector<GroupRead>& groups) {
    std::size_t group_first = 0;
    auto placed = read.rows.begin();
    std::size_t done = 0;  // of *placed
    for (int group = 0; group < file.row_groups() && placed != read.rows.end(); ++group) {
        const std::size_t group_end = group_first + file.rows_in(group);
        GroupRead part{
            .file = &file, .row_group = group, .copies = {}, .targets = targets_in(*read.table)};
        while (placed != read.rows.end()) {
            const std::size_t first = static_cast<std::size_t>(placed->range.first_row) + done;
            if (first >= group_end) break;
            const std::size_t rest = static_cast<std::size_t>(placed->range.rows) - done;
            const RowCopy copy{.row = first - group_first,
                               .count = std::min(rest, group_end - first),
                               .target = placed->target + done};
            RowCopy* last = part.copies.empty() ? nullptr : &part.copies.back();
            if (last != nullptr && last->row + last->count == copy.row &&
                last->target + last->count == copy.target)
                last->count += copy.count;
            else
                part.copies.push_back(copy);
            done += copy.count;
            if (copy.count < rest) break;
            ++placed;
            done = 0;
        }
        if (!part.copies.empty()) groups.push_back(std::move(part));
        group_first = group_end;
    }
}

// The files that rows are read of, in the order of `reads`. Opened before the tables get their
// room: a file tells how many rows it has, where the catalogue might ask for more than memory has.
Result<std::vector<BarFile>> open_files(const std::filesystem::path& folder,
                                        std::span<const FileRead> reads) {
    std::vector<BarFile> files;
    for (const FileRead& read : reads) {
        if (read.rows.empty()) continue;
        HSL_TRY(BarFile file, BarFile::open(folder / read.file->path(), read.file->kind,
                                            read.file->bytes, read.file->rows));
        files.push_back(std::move(file));
    }
    return files;
}

// Decodes into tables that have room.
Result<void> decode(std::span<const BarFile> files, std::span<const FileRead> reads, StackKind kind,
                    unsigned threads) {
    if (files.empty()) return {};
    std::vector<GroupRead> groups;
    for (std::size_t next = 0; const FileRead& read : reads)
        if (!read.rows.empty()) split(files[next++], read, groups);
    std::mutex failure_lock;
    std::optional<Error> failure;
    const auto columns = static_cast<std::size_t>(columns_of(kind));
    parallel_for(groups.size() * columns, threads, [&](std::size_t index, unsigned) {
        const GroupRead& group = groups[index / columns];
        auto done = group.file->read(group.row_group, static_cast<int>(index % columns),
                                     group.copies, group.targets);
        if (done) return;
        const std::lock_guard guard{failure_lock};
        if (!failure) failure = std::move(done).error();
    });
    if (failure) return std::unexpected(std::move(*failure));
    return {};
}

// Rows [at, end) of a table: one file's share of a symbol.
struct Source {
    const BarTable* table;
    std::size_t at;
    std::size_t end;
};

void copy_rows(const BarTable& from, std::size_t at, std::size_t count, BarTable& to,
               std::size_t target) {
    const auto copy = [&](const auto& source, auto& destination) {
        std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(at), count,
                    destination.begin() + static_cast<std::ptrdiff_t>(target));
    };
    copy(from.date, to.date);
    if (!to.minute.empty()) copy(from.minute, to.minute);
    for (const auto column : numbers)
        if (!(to.*column).empty()) copy(from.*column, to.*column);
}

// Lays `sources` (oldest first) over one another into rows [target, target + room) and returns how
// many rows that takes; more than `room` means that the catalogue is wrong, and nothing is written
// beyond it.
std::size_t overlay(std::vector<Source> sources, BarTable& to, std::size_t target,
                    std::size_t room) {
    constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    std::size_t count = 0;
    while (true) {
        // The newest source of the earliest moment gives the next rows, up to the next moment of
        // others.
        Source* next = nullptr;
        for (Source& source : sources)
            if (source.at < source.end && (next == nullptr || moment(*source.table, source.at) <=
                                                                  moment(*next->table, next->at)))
                next = &source;
        if (next == nullptr) return count;
        const std::int64_t now = moment(*next->table, next->at);
        std::int64_t until = never;
        for (Source& source : sources) {
            if (&source == next) continue;
            if (source.at < source.end && moment(*source.table, source.at) == now) ++source.at;
            if (source.at < source.end) until = std::min(until, moment(*source.table, source.at));
        }
        const auto later = std::views::iota(next->at + 1, next->end);
        const auto end = std::ranges::lower_bound(
            later, until, {}, [&](std::size_t row) { return moment(*next->table, row); });
        const std::size_t rows =
            1 + static_cast<std::size_t>(std::ranges::distance(later.begin(), end));
        if (count + rows <= room) copy_rows(*next->table, next->at, rows, to, target + count);
        count += rows;
        next->at += rows;
    }
}

// The files that hold rows of a symbol.
std::string files_of(const std::filesystem::path& folder, const Snapshot& snapshot,
                     const Snapshot::Symbol& symbol) {
    std::string names;
    for (const FileRange& range : symbol.ranges) {
        if (!names.empty()) names += " and ";
        names += (folder / snapshot.files[range.file].path()).string();
    }
    return names.empty() ? "any file" : names;
}

Error wrong_count(const std::filesystem::path& folder, const Snapshot& snapshot,
                  const Snapshot::Symbol& symbol, std::size_t found) {
    return {.code = ErrorCode::corrupt,
            .message = fmt::format(
                "the store has {} rows of {} in {} where its catalogue says {}{}", found,
                symbol.state.instrument.symbol, files_of(folder, snapshot, symbol),
                symbol.state.rows, restore_catalogue)};
}

Error wrong_dates(const SeriesState& symbol, std::string_view files) {
    return {
        .code = ErrorCode::corrupt,
        .message = fmt::format("the rows of {} in {} are not dated from {} to {}, ascending, as "
                               "the store's catalogue says{}",
                               symbol.instrument.symbol, files, symbol.first.iso(),
                               symbol.last.iso(), restore_catalogue)};
}

// Whether rows [at, end) ascend and none is outside a symbol's dates. Rows of another symbol mostly
// are.
bool has_dates_of(const SeriesState& symbol, const Source& rows) {
    const BarTable& table = *rows.table;
    if (table.date[rows.at] < symbol.first.days || table.date[rows.end - 1] > symbol.last.days)
        return false;
    for (std::size_t row = rows.at + 1; row < rows.end; ++row)
        if (moment(table, row) <= moment(table, row - 1)) return false;
    return true;
}

Error out_of_memory(std::size_t files) {
    return {.code = ErrorCode::io,
            .message = fmt::format("out of memory while reading {} files of the store; read fewer "
                                   "symbols at a time, or use a machine with more memory",
                                   files)};
}

// The file that holds most of the snapshot's rows.
std::size_t largest_share(const Snapshot& snapshot) {
    std::vector<std::int64_t> rows(snapshot.files.size());
    for (const Snapshot::Symbol& symbol : snapshot.symbols)
        for (const FileRange& range : symbol.ranges) rows[range.file] += range.rows;
    return static_cast<std::size_t>(std::ranges::max_element(rows) - rows.begin());
}

// Lays the files of one symbol over one another in rows [target, target + room) of `table`, the
// first `in_place` of which hold the rows of `base` already. Returns the number of rows.
std::size_t assemble(std::vector<Source> sources, std::size_t base, std::size_t in_place,
                     BarTable& table, std::size_t target, std::size_t room) {
    if (sources.size() == 1 && in_place > 0) return in_place;
    if (in_place > 0) {
        // Nearly always the other files only add later days: nothing that is in place moves.
        const std::int64_t last = moment(table, target + in_place - 1);
        std::vector<Source> others = sources;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(base));
        if (std::ranges::all_of(others, [&](const Source& source) {
                return moment(*source.table, source.at) > last;
            }))
            return in_place + overlay(std::move(others), table, target + in_place, room - in_place);
    }
    BarTable aside;
    if (in_place > 0) {
        make_room_like(table, in_place, aside);
        copy_rows(table, target, in_place, aside, 0);
        sources[base] = {.table = &aside, .at = 0, .end = in_place};
    }
    return overlay(std::move(sources), table, target, room);
}

Result<std::vector<BarTable>> load_each(const std::filesystem::path& folder,
                                        const Snapshot& snapshot, unsigned threads) {
    constexpr Columns columns = Columns::all;
    const std::size_t count = snapshot.files.size();
    std::vector<BarTable> tables(count);
    std::vector<FileRead> reads;
    for (std::size_t i = 0; i < count; ++i) reads.push_back({&snapshot.files[i], &tables[i], {}});
    std::vector<std::size_t> rows(count);
    for (const Snapshot::Symbol& symbol : snapshot.symbols) {
        for (const FileRange& range : symbol.ranges) {
            const std::size_t file = range.file;
            tables[file].symbols.push_back({.instrument = symbol.state.instrument,
                                            .first = rows[file],
                                            .count = static_cast<std::size_t>(range.rows)});
            reads[file].rows.push_back({range, rows[file]});
            rows[file] += static_cast<std::size_t>(range.rows);
        }
    }
    HSL_TRY(const std::vector<BarFile> files, open_files(folder, reads));
    for (std::size_t i = 0; i < tables.size(); ++i)
        make_room(tables[i], rows[i], snapshot.stack.kind, columns);
    HSL_CHECK(decode(files, reads, snapshot.stack.kind, threads));
    std::vector<std::size_t> next(count);  // range of tables[file]
    for (const Snapshot::Symbol& symbol : snapshot.symbols)
        for (const FileRange& range : symbol.ranges) {
            const BarTable& table = tables[range.file];
            const BarTable::Range& held = table.symbols[next[range.file]++];
            if (!has_dates_of(symbol.state, {&table, held.first, held.first + held.count}))
                return std::unexpected(wrong_dates(
                    symbol.state, (folder / snapshot.files[range.file].path()).string()));
        }
    return tables;
}

// The file with most of the rows is decoded where its rows belong; the others go aside first.
Result<BarTable> load_merged(const std::filesystem::path& folder, const Snapshot& snapshot,
                             Columns columns, unsigned threads) {
    if (snapshot.symbols.empty()) return BarTable{};
    for (const Snapshot::Symbol& symbol : snapshot.symbols) {
        std::size_t held = 0;
        for (const FileRange& range : symbol.ranges) held += static_cast<std::size_t>(range.rows);
        if (held < static_cast<std::size_t>(symbol.state.rows))
            return std::unexpected(wrong_count(folder, snapshot, symbol, held));
    }
    const std::size_t base = largest_share(snapshot);
    std::vector<BarTable> tables(snapshot.files.size());  // [base]: the result
    std::vector<FileRead> reads;
    for (std::size_t i = 0; i < tables.size(); ++i)
        reads.push_back({&snapshot.files[i], &tables[i], {}});

    std::vector<std::size_t> rows(tables.size());
    std::vector<std::vector<Source>> sources(snapshot.symbols.size());
    std::vector<std::size_t> base_source(snapshot.symbols.size());
    std::vector<std::size_t> in_place(snapshot.symbols.size());
    for (std::size_t i = 0; i < snapshot.symbols.size(); ++i) {
        const Snapshot::Symbol& symbol = snapshot.symbols[i];
        const auto room = static_cast<std::size_t>(symbol.state.rows);
        tables[base].symbols.push_back({.instrument = symbol.state.instrument,
                                        .first = rows[base],
                                        .count = room,
                                        .source = snapshot.stack.name,
                                        .basis = symbol.state.basis,
                                        .definition = symbol.state.definition});
        for (const FileRange& range : symbol.ranges) {
            const auto count = static_cast<std::size_t>(range.rows);
            // Each file has a date once, so no file has more of a symbol than all together.
            if (count > room) return std::unexpected(wrong_count(folder, snapshot, symbol, count));
            const std::size_t target = rows[range.file];
            reads[range.file].rows.push_back({range, target});
            if (range.file == base) {
                base_source[i] = sources[i].size();
                in_place[i] = count;
            } else {
                rows[range.file] += count;
            }
            sources[i].push_back({&tables[range.file], target, target + count});
        }
        rows[base] += room;
    }
    HSL_TRY(const std::vector<BarFile> files, open_files(folder, reads));
    for (std::size_t i = 0; i < tables.size(); ++i)
        make_room(tables[i], rows[i], snapshot.stack.kind, columns);
    HSL_CHECK(decode(files, reads, snapshot.stack.kind, threads));

    BarTable result = std::move(tables[base]);
    constexpr std::size_t no_file = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> wrong_file(sources.size(), no_file);
    std::vector<std::size_t> found(sources.size());
    parallel_for(sources.size(), threads, [&](std::size_t i, unsigned) {
        const Snapshot::Symbol& symbol = snapshot.symbols[i];
        for (std::size_t k = 0; k < symbol.ranges.size(); ++k) {
            const std::size_t file = symbol.ranges[k].file;
            const std::size_t first = result.symbols[i].first;
            const Source rows_of_file =
                file == base ? Source{&result, first, first + in_place[i]} : sources[i][k];
            if (has_dates_of(symbol.state, rows_of_file)) continue;
            wrong_file[i] = file;
            return;
        }
        found[i] = assemble(std::move(sources[i]), base_source[i], in_place[i], result,
                            result.symbols[i].first, result.symbols[i].count);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Snapshot::Symbol& symbol = snapshot.symbols[i];
        const std::size_t first = result.symbols[i].first, count = result.symbols[i].count;
        if (wrong_file[i] != no_file)
            return std::unexpected(wrong_dates(
                symbol.state, (folder / snapshot.files[wrong_file[i]].path()).string()));
        if (found[i] != count)
            return std::unexpected(wrong_count(folder, snapshot, symbol, found[i]));
        if (result.date[first] != symbol.state.first.days ||
            result.date[first + count - 1] != symbol.state.last.days)
            return std::unexpected(wrong_dates(symbol.state, files_of(folder, snapshot, symbol)));
    }
    return result;
}

template <class Work>
auto within_memory(const Snapshot& snapshot, const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return std::unexpected(out_of_memory(snapshot.files.size()));
    }
}

}  // namespace

Result<std::vector<BarTable>> load_files(const std::filesystem::path& folder,
                                         const Snapshot& snapshot, unsigned threads) {
    return within_memory(snapshot, [&] { return load_each(folder, snapshot, threads); });
}

Result<BarTable> load(const std::filesystem::path& folder, const Snapshot& snapshot,
                      Columns columns, unsigned threads) {
    return within_memory(snapshot, [&] { return load_merged(folder, snapshot, columns, threads); });
}

}  // namespace hsl::adapters
