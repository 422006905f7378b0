// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/migrate.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/parquet/detail/catalogue.hpp"
#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/load.hpp"
#include "adapters/parquet/detail/sqlite.hpp"

namespace hsl::adapters {
namespace {

// What format 1 said of a file.
struct OldFile {
    CataloguedFile file;
    std::int64_t first_version = 0;
    std::optional<std::int64_t> last_version;
    std::vector<FileSymbol> symbols;
    std::vector<std::vector<std::int32_t>> dates;  // of symbols
};
using OldSymbols = std::map<std::string, SeriesState, std::less<>>;

Result<OldSymbols> old_symbols(sqlite3* database) {
    Statement row{database, "SELECT symbol, market, scale, first, last, rows FROM symbols_1",
                  reading};
    OldSymbols symbols;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return symbols;
        SeriesState state;
        const auto market = market::parse_market(row.text(1));
        const auto first = parse_date(row.text(3));
        const auto last = parse_date(row.text(4));
        constexpr std::int64_t largest_scale = 8;
        if (!market || !first || !last || row.number(2) < 0 || row.number(2) > largest_scale)
            return fail(ErrorCode::corrupt,
                        fmt::format("the store's catalogue has market '{}', scale {} and dates "
                                    "'{}' to '{}' for {}{}",
                                    row.text(1), row.number(2), row.text(3), row.text(4),
                                    row.text(0), restore_catalogue));
        state.instrument = {
            .symbol = row.text(0), .market = *market, .scale = static_cast<int>(row.number(2))};
        state.first = *first;
        state.last = *last;
        state.rows = row.number(5);
        symbols.emplace(row.text(0), std::move(state));
    }
}

Result<std::vector<OldFile>> old_files(sqlite3* database) {
    Statement row{database,
                  "SELECT id, name, rows, bytes, sha256, first_version, last_version FROM files_1 "
                  "ORDER BY id",
                  reading};
    Statement range{database,
                    "SELECT symbol, first_row, rows FROM ranges_1 WHERE file = ? ORDER BY symbol",
                    reading};
    std::vector<OldFile> files;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return files;
        OldFile file;
        file.file = {.id = row.number(0),
                     .kind = StackKind::day,
                     .name = row.text(1),
                     .rows = row.number(2),
                     .bytes = row.number(3),
                     .sha256 = row.text(4)};
        file.first_version = row.number(5);
        if (!row.is_null(6)) file.last_version = row.number(6);
        std::int64_t next_row = 0;
        range.with(file.file.id);
        while (true) {
            HSL_TRY(const bool more, range.step());
            if (!more) break;
            if (range.number(1) != next_row || range.number(2) < 1)
                return fail(ErrorCode::corrupt,
                            fmt::format("the store's catalogue has rows of {} from row {} of {}, "
                                        "where they begin at row {}{}",
                                        range.text(0), range.number(1), file.file.name, next_row,
                                        restore_catalogue));
            next_row += range.number(2);
            file.symbols.push_back({.symbol = range.text(0), .rows = range.number(2)});
        }
        files.push_back(std::move(file));
    }
}

// One file alone, as a snapshot.
Snapshot only(const OldFile& file, const OldSymbols& symbols) {
    Snapshot snapshot{.stack = {}, .files = {file.file}, .symbols = {}};
    std::int64_t row = 0;
    for (const FileSymbol& each : file.symbols) {
        const auto held = symbols.find(each.symbol);
        SeriesState state = held != symbols.end() ? held->second : SeriesState{};
        state.instrument.symbol = each.symbol;
        snapshot.symbols.push_back({.state = std::move(state),
                                    .ranges = {{.file = 0, .first_row = row, .rows = each.rows}}});
        row += each.rows;
    }
    return snapshot;
}

// Fills in what format 2 says of each symbol in each file: its whole series once that file lay on
// top, which are the dates of all files that were live then.
Result<void> total(const std::filesystem::path& folder, const OldSymbols& symbols,
                   std::vector<OldFile>& files) {
    for (OldFile& file : files) {
        HSL_TRY(const auto tables, load_files(folder, only(file, symbols), 0));
        for (const market::BarTable::Range& range : tables[0].symbols) {
            const auto first = tables[0].date.begin() + static_cast<std::ptrdiff_t>(range.first);
            file.dates.emplace_back(first, first + static_cast<std::ptrdiff_t>(range.count));
        }
    }
    for (std::size_t top = 0; top < files.size(); ++top) {
        for (std::size_t k = 0; k < files[top].symbols.size(); ++k) {
            std::vector<std::int32_t> dates;
            for (std::size_t below = 0; below <= top; ++below) {
                const OldFile& file = files[below];
                if (file.last_version && *file.last_version < files[top].first_version) continue;
                const auto at = std::ranges::lower_bound(file.symbols, files[top].symbols[k].symbol,
                                                         {}, &FileSymbol::symbol);
                if (at == file.symbols.end() || at->symbol != files[top].symbols[k].symbol)
                    continue;
                const auto& more = file.dates[static_cast<std::size_t>(at - file.symbols.begin())];
                std::vector<std::int32_t> both;
                std::ranges::set_union(dates, more, std::back_inserter(both));
                dates = std::move(both);
            }
            FileSymbol& symbol = files[top].symbols[k];
            symbol.total_rows = static_cast<std::int64_t>(dates.size());
            symbol.first = Date{dates.front()};
            symbol.last = Date{dates.back()};
        }
    }
    return {};
}

Result<void> insert_files(sqlite3* database, const std::vector<OldFile>& files) {
    Statement insert{database, "INSERT INTO files VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)", writing};
    for (const OldFile& file : files) {
        const std::string ranges = encode(file.symbols);
        const auto bytes = std::as_bytes(std::span{ranges});
        if (file.last_version)
            insert.with(file.file.id, file.file.name, file.file.rows, file.file.bytes,
                        file.file.sha256, bytes, file.first_version, *file.last_version);
        else
            insert.with(file.file.id, file.file.name, file.file.rows, file.file.bytes,
                        file.file.sha256, bytes, file.first_version, nullptr);
        HSL_CHECK(insert.run());
    }
    return {};
}

// Labels and hashes of the series as they are now.
Result<void> insert_series(sqlite3* database, const std::filesystem::path& folder,
                           const OldSymbols& symbols, const std::vector<OldFile>& files) {
    Snapshot newest{.stack = {}, .files = {}, .symbols = {}};
    std::map<std::string, std::pair<std::int64_t, std::vector<FileRange>>> held;
    for (const OldFile& file : files) {
        std::int64_t row = 0;
        for (const FileSymbol& each : file.symbols) {
            auto& [first_version, ranges] = held[each.symbol];
            if (first_version == 0) first_version = file.first_version;
            if (!file.last_version) ranges.push_back({newest.files.size(), row, each.rows});
            row += each.rows;
        }
        if (!file.last_version) newest.files.push_back(file.file);
    }
    for (const auto& [symbol, state] : symbols)
        newest.symbols.push_back({.state = state, .ranges = held[symbol].second});
    HSL_TRY(const market::BarTable table, load(folder, newest, Columns::all, 0));
    Statement label{database, "INSERT INTO labels VALUES (1, ?, ?, ?, ?, 'unknown', 'unknown', '')",
                    writing};
    Statement series{database, "INSERT INTO series VALUES (1, ?, ?, ?, ?, ?, ?)", writing};
    for (const market::BarTable::Range& range : table.symbols) {
        const market::Instrument& instrument = range.instrument;
        BlockHasher bars;
        std::vector<market::Bar> rows;
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            rows.push_back(table.bar(row));
        store::add_bars(bars, rows);
        const std::string hash = store::series_hash({.instrument = instrument}, bars);
        HSL_CHECK(label
                      .with(instrument.symbol, held[instrument.symbol].first,
                            market::name_of(instrument.market), instrument.scale)
                      .run());
        const auto chain = std::as_bytes(std::span{bars.state().chain});
        HSL_CHECK(series
                      .with(instrument.symbol, rows.front().date.days, rows.back().date.days,
                            static_cast<std::int64_t>(rows.size()), chain, hash)
                      .run());
    }
    return {};
}

// Takes the runs out of a table of an older format, whose records had no hash.
Result<void> move_runs(sqlite3* database, std::string_view table) {
    Statement row{database,
                  fmt::format("SELECT id, made_at, command, data_version, code_version, rules, "
                              "summary, '', document FROM {} ORDER BY number",
                              table),
                  reading};
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) break;
        HSL_CHECK(insert_run(database, run_in(row)));
    }
    return {};
}

Result<void> migrate_1(sqlite3* database, const std::filesystem::path& folder) {
    HSL_CHECK(execute(database,
                      "ALTER TABLE versions RENAME TO versions_1;"
                      "ALTER TABLE files RENAME TO files_1;"
                      "ALTER TABLE ranges RENAME TO ranges_1;"
                      "ALTER TABLE symbols RENAME TO symbols_1;"
                      "ALTER TABLE quarantine RENAME TO quarantine_1;"
                      "ALTER TABLE runs RENAME TO runs_1",
                      writing));
    HSL_CHECK(execute(database, catalogue_schema().c_str(), writing));
    HSL_TRY(const OldSymbols symbols, old_symbols(database));
    HSL_TRY(auto files, old_files(database));
    HSL_CHECK(total(folder, symbols, files));
    if (!files.empty())
        HSL_CHECK(execute(database, "INSERT INTO stacks VALUES (1, 'day', '')", writing));
    HSL_CHECK(insert_files(database, files));
    HSL_CHECK(insert_series(database, folder, symbols, files));
    HSL_CHECK(move_runs(database, "runs_1"));
    return execute(
        database,
        "INSERT INTO versions SELECT number, version, made_at, note, generated, rows_added,"
        " rows_replaced, symbols, '', 1 FROM versions_1;"
        "INSERT INTO quarantine SELECT id, CAST(key AS BLOB), '', symbol, '', date, file, line,"
        " reason, detail, source, NULL FROM quarantine_1;"
        "DROP TABLE versions_1; DROP TABLE files_1; DROP TABLE ranges_1; DROP TABLE symbols_1;"
        "DROP TABLE quarantine_1; DROP TABLE runs_1",
        writing);
}

// Format 2 had no hash of a run's record, and did not say by which rule a version is named.
Result<void> migrate_2(sqlite3* database) {
    HSL_CHECK(execute(database,
                      "ALTER TABLE versions RENAME TO versions_2;"
                      "ALTER TABLE runs RENAME TO runs_2",
                      writing));
    HSL_CHECK(execute(database, versions_and_runs_schema().c_str(), writing));
    HSL_CHECK(move_runs(database, "runs_2"));
    return execute(database,
                   "INSERT INTO versions SELECT *, 2 FROM versions_2;"
                   "DROP INDEX files_by_stack;"
                   "CREATE INDEX files_by_version ON files (stack, last_version, first_version);"
                   "DROP TABLE versions_2; DROP TABLE runs_2",
                   writing);
}

}  // namespace

Result<void> migrate(sqlite3* database, const std::filesystem::path& folder) {
    HSL_TRY(std::int64_t format, one_number(database, "PRAGMA user_version"));
    if (sqlite3_db_readonly(database, "main") != 0)
        return fail(ErrorCode::unsupported,
                    fmt::format("the store {} has format {}, which is brought to format {} when it "
                                "is opened, and this user may not write there; open it once as "
                                "its owner (`hsl data`)",
                                folder.string(), format, store_format));
    HSL_TRY(const FileHandle lock, lock_for_writing(folder));
    HSL_TRY(auto transaction, Transaction::write(database));
    HSL_TRY(format, one_number(database, "PRAGMA user_version"));
    if (format == store_format) return {};  // another process was faster
    HSL_CHECK(format == 1 ? migrate_1(database, folder) : migrate_2(database));
    const std::string identify = fmt::format("PRAGMA user_version = {}", store_format);
    HSL_CHECK(execute(database, identify.c_str(), writing));
    return transaction.commit();
}

}  // namespace hsl::adapters
