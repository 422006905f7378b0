// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/load.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/bar_file.hpp"
#include "base/parallel.hpp"

namespace hsl::adapters {
namespace {

using market::BarTable;

constexpr std::array<std::vector<std::int64_t> BarTable::*, 6> numbers{
    &BarTable::open,  &BarTable::high,   &BarTable::low,
    &BarTable::close, &BarTable::volume, &BarTable::value};

// Room for `rows` in one column. A million bars are 52 MB that nobody touched yet: in pages of 4 KB
// the kernel takes 24 ms to hand them out, longer than it takes to decode them; in large pages 5
// ms.
template <class T>
void make_room(std::vector<T>& column, std::size_t rows) {
    column.reserve(rows);
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = (reinterpret_cast<std::uintptr_t>(column.data()) + page - 1) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(column.data() + rows) / page * page;
    // Advice: where the kernel declines, small pages do as well.
    if (end > first) ::madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
    column.resize(rows);
}

// Makes room in several tables at once.
void make_room(std::span<BarTable> tables, std::span<const std::size_t> rows, unsigned threads) {
    parallel_for(tables.size() * bar_columns, threads, [&](std::size_t index, unsigned) {
        BarTable& table = tables[index / bar_columns];
        const std::size_t column = index % bar_columns;
        if (column == 0)
            make_room(table.date, rows[index / bar_columns]);
        else
            make_room(table.*numbers[column - 1], rows[index / bar_columns]);
    });
}

// What to read of one row group of one file.
struct GroupRead {
    std::size_t file;
    int row_group;
    std::vector<RowCopy> copies;
};

// Splits the ranges of one file (ascending by row, going to target rows without gaps) at row
// groups, and joins neighbours.
void plan(const BarFile& file, std::size_t index, std::span<const FileRange> ranges,
          std::vector<GroupRead>& reads) {
    std::size_t target = 0;
    std::size_t group_first = 0;
    auto range = ranges.begin();
    std::size_t into_range = 0;
    for (int group = 0; group < file.row_groups() && range != ranges.end(); ++group) {
        const std::size_t group_end = group_first + file.rows_in(group);
        GroupRead read{.file = index, .row_group = group, .copies = {}};
        while (range != ranges.end()) {
            const std::size_t first = static_cast<std::size_t>(range->first_row) + into_range;
            if (first >= group_end) break;
            const std::size_t rest = static_cast<std::size_t>(range->rows) - into_range;
            const std::size_t count = std::min(rest, group_end - first);
            const std::size_t row = first - group_first;
            if (!read.copies.empty() && read.copies.back().row + read.copies.back().count == row)
                read.copies.back().count += count;
            else
                read.copies.push_back({.row = row, .count = count, .target = target});
            target += count;
            into_range += count;
            if (count < rest) break;
            ++range;
            into_range = 0;
        }
        if (!read.copies.empty()) reads.push_back(std::move(read));
        group_first = group_end;
    }
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
    for (const auto column : numbers) copy(from.*column, to.*column);
}

// Lays `sources` (oldest first) over one another into rows [target, target + room) and returns how
// many rows that takes; more than `room` means that the catalogue is wrong, and nothing is written
// beyond it.
std::size_t overlay(std::vector<Source> sources, BarTable& to, std::size_t target,
                    std::size_t room) {
    constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();
    std::size_t count = 0;
    while (true) {
        // The newest source of the earliest date gives the next rows, up to the next date of
        // others.
        Source* next = nullptr;
        for (Source& source : sources)
            if (source.at < source.end &&
                (next == nullptr || source.table->date[source.at] <= next->table->date[next->at]))
                next = &source;
        if (next == nullptr) return count;
        const std::int32_t date = next->table->date[next->at];
        std::int32_t until = never;
        for (Source& source : sources) {
            if (&source == next) continue;
            if (source.at < source.end && source.table->date[source.at] == date) ++source.at;
            if (source.at < source.end) until = std::min(until, source.table->date[source.at]);
        }
        const auto dates = next->table->date.begin();
        const auto first = dates + static_cast<std::ptrdiff_t>(next->at);
        const auto end =
            std::lower_bound(first + 1, dates + static_cast<std::ptrdiff_t>(next->end), until);
        const auto rows = static_cast<std::size_t>(end - first);
        if (count + rows <= room) copy_rows(*next->table, next->at, rows, to, target + count);
        count += rows;
        next->at += rows;
    }
}

Error wrong_count(const Snapshot::Symbol& symbol, std::size_t found) {
    return {
        .code = ErrorCode::corrupt,
        .message = fmt::format("the store has {} rows of {} where its catalogue says {}; restore "
                               "it from a copy, or import into a new store",
                               found, symbol.state.instrument.symbol, symbol.state.rows)};
}

}  // namespace

Result<std::vector<BarTable>> load_files(const std::filesystem::path& bars,
                                         const Snapshot& snapshot, unsigned threads) {
    const std::size_t count = snapshot.files.size();
    std::vector<BarTable> tables(count);
    std::vector<std::vector<FileRange>> ranges(count);
    std::vector<std::size_t> rows(count);
    for (const Snapshot::Symbol& symbol : snapshot.symbols) {
        for (const FileRange& range : symbol.ranges) {
            tables[range.file].symbols.push_back({.instrument = symbol.state.instrument,
                                                  .first = rows[range.file],
                                                  .count = static_cast<std::size_t>(range.rows)});
            ranges[range.file].push_back(range);
            rows[range.file] += static_cast<std::size_t>(range.rows);
        }
    }

    std::vector<std::optional<BarFile>> files(count);
    std::vector<GroupRead> reads;
    for (std::size_t index = 0; index < count; ++index) {
        if (ranges[index].empty()) continue;
        const CataloguedFile& file = snapshot.files[index];
        HSL_TRY(BarFile opened, BarFile::open(bars / file.name, file.bytes, file.rows));
        plan(opened, index, ranges[index], reads);
        files[index].emplace(std::move(opened));
    }

    make_room(tables, rows, threads);
    std::mutex failure_lock;
    std::optional<Error> failure;
    parallel_for(reads.size() * bar_columns, threads, [&](std::size_t index, unsigned) {
        const GroupRead& read = reads[index / bar_columns];
        BarTable& table = tables[read.file];
        ColumnTargets targets{.date = table.date.data()};
        for (std::size_t column = 0; column < numbers.size(); ++column)
            targets.numbers[column] = (table.*numbers[column]).data();
        auto done = files[read.file]->read(read.row_group, static_cast<int>(index % bar_columns),
                                           read.copies, targets);
        if (done) return;
        const std::lock_guard guard{failure_lock};
        if (!failure) failure = std::move(done).error();
    });
    if (failure) return std::unexpected(std::move(*failure));
    return tables;
}

Result<BarTable> load(const std::filesystem::path& bars, const Snapshot& snapshot,
                      unsigned threads) {
    HSL_TRY(auto tables, load_files(bars, snapshot, threads));
    if (tables.size() == 1) {
        const BarTable& only = tables[0];
        for (std::size_t i = 0; i < snapshot.symbols.size(); ++i) {
            const Snapshot::Symbol& symbol = snapshot.symbols[i];
            const std::size_t count = symbol.ranges.empty() ? 0 : only.symbols[i].count;
            if (count != static_cast<std::size_t>(symbol.state.rows))
                return std::unexpected(wrong_count(symbol, count));
        }
        return std::move(tables[0]);
    }

    BarTable merged;
    std::size_t rows = 0;
    std::vector<std::vector<Source>> sources(snapshot.symbols.size());
    std::vector<std::size_t> used(tables.size());  // symbols taken from each table so far
    for (std::size_t i = 0; i < snapshot.symbols.size(); ++i) {
        const Snapshot::Symbol& symbol = snapshot.symbols[i];
        const auto count = static_cast<std::size_t>(symbol.state.rows);
        merged.symbols.push_back(
            {.instrument = symbol.state.instrument, .first = rows, .count = count});
        rows += count;
        for (const FileRange& range : symbol.ranges) {
            const BarTable& table = tables[range.file];
            const auto& share = table.symbols[used[range.file]++];
            sources[i].push_back({&table, share.first, share.first + share.count});
        }
    }
    make_room({&merged, 1}, {&rows, 1}, threads);
    std::vector<std::size_t> found(sources.size());
    parallel_for(sources.size(), threads, [&](std::size_t i, unsigned) {
        found[i] = overlay(std::move(sources[i]), merged, merged.symbols[i].first,
                           merged.symbols[i].count);
    });
    for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i] != merged.symbols[i].count)
            return std::unexpected(wrong_count(snapshot.symbols[i], found[i]));
    return merged;
}

}  // namespace hsl::adapters
