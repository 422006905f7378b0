// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/catalogue.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/fact_tables.hpp"
#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/migrate.hpp"
#include "adapters/parquet/detail/sqlite.hpp"
#include "base/parallel.hpp"
#include "store/lookup.hpp"

namespace hsl::adapters {
namespace {

// "HSL1" in the file's header: tells our catalogue from any other SQLite file.
constexpr int application_id = 0x48534C31;
// A transaction of another process takes milliseconds; this waits out a slow disk.
constexpr int busy_timeout_ms = 10'000;

// Which files a version has is told by their index alone: the ranges of a file are some 40 KB, and
// a store that is fed daily for years has thousands. Files keep their ranges after they were
// superseded: with the versions a file was live in, they say what an older version held. `series`
// is of the newest version; `labels` hold from their version to the next one of the series.
constexpr const char* schema = R"sql(
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stacks (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
CREATE TABLE files (
    id INTEGER PRIMARY KEY, stack INTEGER NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, ranges BLOB NOT NULL,
    first_version INTEGER NOT NULL, last_version INTEGER);
CREATE INDEX files_by_version ON files (stack, last_version, first_version);
CREATE TABLE labels (
    stack INTEGER NOT NULL, symbol TEXT NOT NULL, first_version INTEGER NOT NULL,
    market TEXT NOT NULL, scale INTEGER NOT NULL, basis TEXT NOT NULL, definition TEXT NOT NULL,
    origin TEXT NOT NULL, PRIMARY KEY (stack, symbol, first_version)) WITHOUT ROWID;
CREATE TABLE series (
    stack INTEGER NOT NULL, symbol TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    rows INTEGER NOT NULL, chain BLOB NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (stack, symbol)) WITHOUT ROWID;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, version TEXT NOT NULL, symbol TEXT NOT NULL,
    series TEXT NOT NULL, date TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, source BLOB NOT NULL, bar BLOB);
)sql";
constexpr const char* versions_and_runs = R"sql(
CREATE TABLE versions (
    number INTEGER PRIMARY KEY, version TEXT NOT NULL, made_at TEXT NOT NULL, note TEXT NOT NULL,
    generated INTEGER NOT NULL, rows_added INTEGER NOT NULL, rows_replaced INTEGER NOT NULL,
    symbols INTEGER NOT NULL, table_hash TEXT NOT NULL, rule INTEGER NOT NULL);
CREATE TABLE forgotten (version TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL,
    command TEXT NOT NULL, data_version TEXT NOT NULL, code_version TEXT NOT NULL,
    rules TEXT NOT NULL, summary TEXT NOT NULL, request BLOB NOT NULL, document TEXT NOT NULL,
    hash TEXT NOT NULL);
)sql";
// By which rule a version is named (docs/concepts/store.md).
constexpr int naming_rule = 2;

Error no_store(const std::filesystem::path& folder) {
    return {
        .code = ErrorCode::not_found,
        .message = fmt::format("there is no store at {}; `hsl import` or `hsl generate` makes one, "
                               "--store DIR names another",
                               folder.string())};
}

// The answer where there is no catalogue: none is made beside bar files, for the next writer would
// remove every file that it does not name.
Result<void> refuse_orphans(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const StackKind kind : every_kind) {
        HSL_TRY(const std::size_t files, count_row_files(folder / folder_of(kind)));
        count += files;
    }
    if (count == 0) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("the store {} has lost its catalogue: bars/ holds {} file{} and no "
                            "catalogue names them; restore catalogue.sqlite from a backup, or move "
                            "the folder away and import again",
                            folder.string(), count, count == 1 ? "" : "s"));
}

Error contradiction(std::string what) {
    return {.code = ErrorCode::corrupt,
            .message = "the store's catalogue " + std::move(what) + restore_catalogue};
}

// Columns market, scale, basis, definition, origin from `column` on.
Result<SeriesState> labels_of(const Statement& row, int column, std::string symbol) {
    constexpr std::int64_t largest_scale = 8;
    const auto market = market::parse_market(row.text(column));
    const std::int64_t scale = row.number(column + 1);
    const auto basis = market::parse_basis(row.text(column + 2));
    const auto definition = market::parse_definition(row.text(column + 3));
    if (!market || !basis || !definition || scale < 0 || scale > largest_scale)
        return std::unexpected(contradiction(fmt::format(
            "has market '{}', scale {}, basis '{}' and bar definition '{}' for {}",
            row.text(column), scale, row.text(column + 2), row.text(column + 3), symbol)));
    SeriesState state;
    state.instrument = {
        .symbol = std::move(symbol), .market = *market, .scale = static_cast<int>(scale)};
    state.basis = *basis;
    state.definition = *definition;
    state.origin = row.text(column + 4);
    return state;
}

// 32 bytes of the chain and the number of blocks.
std::string bytes_of(const BlockHasher::State& chain) {
    std::string bytes(sizeof chain.chain, 0);
    std::memcpy(bytes.data(), chain.chain.data(), sizeof chain.chain);
    return bytes;
}
std::optional<BlockHasher::State> chain_of(std::string_view bytes, std::int64_t rows) {
    BlockHasher::State state;
    if (bytes.size() != sizeof state.chain || rows < 1) return std::nullopt;
    std::memcpy(state.chain.data(), bytes.data(), bytes.size());
    state.blocks = static_cast<std::uint64_t>(rows);
    return state;
}

using BarNumbers = std::array<std::int64_t, 8>;
BarNumbers numbers_of(const market::Bar& bar) {
    return {bar.date.days, bar.minute, bar.open,   bar.high,
            bar.low,       bar.close,  bar.volume, bar.value};
}
std::optional<market::Bar> bar_of(std::string_view bytes) {
    BarNumbers numbers;
    if (bytes.size() != sizeof numbers) return std::nullopt;
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return market::Bar{.date = Date{static_cast<std::int32_t>(numbers[0])},
                       .open = numbers[2],
                       .high = numbers[3],
                       .low = numbers[4],
                       .close = numbers[5],
                       .volume = numbers[6],
                       .value = numbers[7],
                       .minute = static_cast<std::int32_t>(numbers[1])};
}

std::optional<StackKind> kind_of(std::string_view word) {
    for (const StackKind kind : every_kind)
        if (name_of(kind) == word) return kind;
    return std::nullopt;
}

// The id of a stack; 0 for one that is not there.
Result<std::int64_t> id_of(sqlite3* database, const Stack& stack) {
    Statement row{database, "SELECT id FROM stacks WHERE kind = ? AND name = ?", reading};
    HSL_TRY(const bool found, row.with(name_of(stack.kind), stack.name).step());
    return found ? row.number(0) : 0;
}

// Of each symbol of a stack what it was labelled as of a version, ascending.
Result<std::map<std::string, SeriesState, std::less<>>> labels_at(sqlite3* database,
                                                                  std::int64_t stack,
                                                                  std::int64_t version) {
    Statement row{database,
                  "SELECT symbol, market, scale, basis, definition, origin FROM labels WHERE "
                  "stack = ? AND first_version <= ? ORDER BY symbol, first_version",
                  reading};
    row.with(stack, version);
    std::map<std::string, SeriesState, std::less<>> labels;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return labels;
        std::string symbol = row.text(0);
        HSL_TRY(SeriesState state, labels_of(row, 1, symbol));
        labels.insert_or_assign(labels.end(), std::move(symbol), std::move(state));
    }
}

// `which` ends the query: by default every version, oldest first.
Result<std::vector<store::VersionSummary>> versions_in(sqlite3* database,
                                                       std::string_view which = "ORDER BY number") {
    const std::string query = fmt::format(
        "SELECT number, version, made_at, note, rows_added, rows_replaced, symbols FROM versions "
        "{}",
        which);
    Statement row{database, query, reading};
    std::vector<store::VersionSummary> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back({.number = row.number(0),
                       .version = row.text(1),
                       .made_at = row.text(2),
                       .note = row.text(3),
                       .rows_added = row.number(4),
                       .rows_replaced = row.number(5),
                       .symbols = row.number(6)});
    }
}

Result<std::string> newest_in(sqlite3* database) {
    Statement row{database, "SELECT version FROM versions ORDER BY number DESC LIMIT 1", reading};
    HSL_TRY(const bool found, row.step());
    return found ? row.text(0) : std::string{};
}

// The version checked out, 0 for the newest.
Result<std::int64_t> checked_out_in(sqlite3* database) {
    return one_number(database,
                      "SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'checked_out'");
}

// Rows that are in quarantine already stay as they are.
Result<void> insert_quarantine(sqlite3* database, std::span<const store::QuarantinedRow> rows,
                               const Progress& progress) {
    if (rows.empty()) return {};
    // Keys come in no order: an index that does not fit the cache is written over and over.
    constexpr std::size_t many = 10'000;
    if (rows.size() > many) HSL_CHECK(execute(database, "PRAGMA cache_size = -400000", writing));
    // What the rows name is the version that their write left.
    HSL_TRY(std::string version, newest_in(database));
    Statement insert{database,
                     "INSERT OR IGNORE INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                     "?, ?)",
                     writing};
    constexpr std::size_t rows_at_once = 4096;
    std::vector<std::string> keys(rows.size());
    parallel_for((rows.size() + rows_at_once - 1) / rows_at_once, 0,
                 [&](std::size_t part, unsigned) {
                     const std::size_t end = std::min(rows.size(), (part + 1) * rows_at_once);
                     for (std::size_t i = part * rows_at_once; i < end; ++i)
                         keys[i] = store::quarantine_key(rows[i]);
                 });
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % rows_at_once == 0) {
            if (progress.stopped())
                return fail(ErrorCode::cancelled, "stopped; the store is as it was");
            if (rows.size() >= rows_at_once) progress.done("quarantining", i, rows.size());
        }
        const store::QuarantinedRow& row = rows[i];
        const std::string& key = keys[i];
        const BarNumbers bar = row.bar ? numbers_of(*row.bar) : BarNumbers{};
        insert.with(std::as_bytes(std::span{key}), version, row.symbol, row.series, row.date,
                    row.file, row.line, row.reason, row.detail,
                    std::as_bytes(std::span{row.source}),
                    std::as_bytes(std::span{bar}).first(row.bar ? sizeof bar : 0));
        HSL_CHECK(insert.run());
    }
    return {};
}

// The first column of every row.
Result<std::set<std::int64_t>> numbers_in(Statement& row) {
    std::set<std::int64_t> numbers;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return numbers;
        if (!row.is_null(0)) numbers.insert(row.number(0));
    }
}

// What a database says its tables and indices are.
Result<std::set<std::string>> tables_of(sqlite3* database) {
    Statement row{database, "SELECT type, name, tbl_name, sql FROM sqlite_schema", reading};
    std::set<std::string> tables;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return tables;
        tables.insert(
            fmt::format("{} {} {} {}", row.text(0), row.text(1), row.text(2), row.text(3)));
    }
}

// "" when the tables are those that this format makes.
Result<std::string> schema_fault(sqlite3* database) {
    sqlite3* other = nullptr;
    const int status = sqlite3_open(":memory:", &other);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> fresh{other, sqlite3_close};
    if (status != SQLITE_OK) return std::unexpected(sqlite_error(other, status, reading));
    HSL_CHECK(execute(other, catalogue_schema().c_str(), writing));
    HSL_TRY(const auto expected, tables_of(other));
    HSL_TRY(const auto found, tables_of(database));
    return found == expected ? std::string{} : "its tables are not those that hsl makes";
}

// The first row in quarantine that its key does not fit; "" when there is none.
Result<std::string> quarantine_fault(sqlite3* database) {
    Statement row{database,
                  "SELECT id, key, symbol, date, file, line, reason, source FROM quarantine",
                  reading};
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return std::string{};
        const store::QuarantinedRow held{.symbol = row.text(2),
                                         .date = row.text(3),
                                         .file = row.text(4),
                                         .line = row.number(5),
                                         .reason = row.text(6),
                                         .source = row.text(7)};
        if (store::quarantine_key(held) != row.text(1))
            return fmt::format("row {} in quarantine differs from what was put there",
                               row.number(0));
    }
}

// Adds the symbols of one file to the snapshot, which keeps those of `only` (ascending).
Result<void> add_ranges(std::size_t index, std::string_view bytes,
                        std::span<const std::string> only,
                        std::map<std::string, Snapshot::Symbol, std::less<>>& symbols,
                        const CataloguedFile& file) {
    auto decoded = decode_ranges(bytes);
    if (!decoded)
        return std::unexpected(contradiction(
            fmt::format("is damaged where it says whose rows {} has", file.path().string())));
    std::int64_t next_row = 0;
    for (FileSymbol& each : *decoded) {
        const std::int64_t first_row = next_row;
        next_row += each.rows;
        if (!only.empty() && !std::ranges::binary_search(only, each.symbol)) continue;
        Snapshot::Symbol& symbol = symbols[each.symbol];
        symbol.ranges.push_back({.file = index, .first_row = first_row, .rows = each.rows});
        symbol.state.rows = each.total_rows;
        symbol.state.first = each.first;
        symbol.state.last = each.last;
    }
    if (next_row != file.rows)
        return std::unexpected(contradiction(fmt::format(
            "has symbols for {} of the {} rows of {}", next_row, file.rows, file.path().string())));
    return {};
}

}  // namespace

std::string catalogue_schema() { return schema + versions_and_runs_schema() + fact_schema(); }
std::string versions_and_runs_schema() { return versions_and_runs; }

store::RunRecord run_in(const Statement& row) {
    return {.id = row.text(0),
            .made_at = row.text(1),
            .command = row.text(2),
            .data_version = row.text(3),
            .code_version = row.text(4),
            .rules = row.text(5),
            .summary = row.text(6),
            .request = row.text(7),
            .document = row.text(8)};
}

Result<void> insert_run(sqlite3* database, const store::RunRecord& run) {
    Statement insert{database,
                     "INSERT OR REPLACE INTO runs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     writing};
    const std::string hash = store::run_hash(run);
    return insert
        .with(run.id, run.made_at, run.command, run.data_version, run.code_version, run.rules,
              run.summary, std::as_bytes(std::span{run.request}), run.document, hash)
        .run();
}

Catalogue::Catalogue(std::filesystem::path path, sqlite3* database)
    : path_(std::move(path)), database_(database) {}

Catalogue::~Catalogue() { sqlite3_close(database_); }

Result<std::unique_ptr<Catalogue>> Catalogue::open(const std::filesystem::path& folder,
                                                   bool create) {
    const std::filesystem::path path = folder / "catalogue.sqlite";
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return fail(ErrorCode::corrupt, fmt::format("{} is a folder where the store's catalogue "
                                                    "should be; move it away{}",
                                                    path.string(), restore_catalogue));
    // Nobody writes bars before there is a catalogue, so where it is missing still after they were
    // counted, it was lost.
    const auto is_missing = [&] {
        struct stat status{};
        return ::stat(path.c_str(), &status) != 0 ? errno != EACCES : status.st_size == 0;
    };
    if (is_missing())
        if (auto refused = refuse_orphans(folder); !refused && is_missing())
            return std::unexpected(std::move(refused).error());
    if (!create && ::access(path.c_str(), F_OK) != 0) {
        if (errno == EACCES) return std::unexpected(io_error("read", path, errno));
        return std::unexpected(no_store(folder));
    }
    // Reading a WAL database writes its shared memory too. In a folder that may not be written (a
    // read-only mount, another user's store) the file is read as it lies, which is right as long as
    // no log lies beside it.
    const bool writable = ::access(folder.c_str(), W_OK) == 0 &&
                          (::access(path.c_str(), F_OK) != 0 || ::access(path.c_str(), W_OK) == 0);
    const bool has_log = ::access((path.string() + "-wal").c_str(), F_OK) == 0;
    std::string name = path.string();
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (writable) {
        flags |= SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    } else {
        flags |= SQLITE_OPEN_READONLY;
        if (!has_log) {
            std::string escaped;
            for (const char c : std::filesystem::absolute(path).string()) {
                if (c == '%' || c == '?' || c == '#')
                    escaped += fmt::format("%{:02x}", static_cast<unsigned char>(c));
                else
                    escaped += c;
            }
            name = fmt::format("file://{}?immutable=1", escaped);
            flags |= SQLITE_OPEN_URI;
        }
    }
    sqlite3* database = nullptr;
    const int status = sqlite3_open_v2(name.c_str(), &database, flags, nullptr);
    std::unique_ptr<Catalogue> catalogue{new Catalogue(path, database)};
    if (status != SQLITE_OK)
        return std::unexpected(sqlite_error(database, status, "open").within(folder.string()));
    sqlite3_busy_timeout(database, busy_timeout_ms);
    HSL_TRY(const std::optional<Committed> committed, read_newest(folder));
    // SQLite waits for other processes by itself, but for the moment when one of them turns the log
    // on. Of several that make the same store at once, all but one meet that moment.
    constexpr int pause_ms = 5;
    for (int waited_ms = 0;; waited_ms += pause_ms) {
        auto prepared = catalogue->prepare(create && writable);
        if (prepared) break;
        if (prepared.error().code != ErrorCode::busy || waited_ms >= busy_timeout_ms)
            return std::unexpected(std::move(prepared).error());
        std::this_thread::sleep_for(std::chrono::milliseconds{pause_ms});
    }
    // Read before the catalogue was: another process may have committed since.
    if (committed) HSL_CHECK(catalogue->require(*committed));
    return catalogue;
}

Result<void> Catalogue::prepare(bool create) {
    // FULL: a commit is on the disk when it returns.
    HSL_CHECK(execute(database_, "PRAGMA synchronous = FULL", "open"));
    const auto identity = [&]() -> Result<std::pair<std::int64_t, std::int64_t>> {
        HSL_TRY(const std::int64_t id, one_number(database_, "PRAGMA application_id"));
        HSL_TRY(const std::int64_t format, one_number(database_, "PRAGMA user_version"));
        return std::pair{id, format};
    };
    // A file without identity and tables is one whose maker was killed, or is just being made.
    const auto is_blank = [&]() -> Result<bool> {
        HSL_TRY(const auto found, identity());
        HSL_TRY(const std::int64_t tables,
                one_number(database_, "SELECT count(*) FROM sqlite_schema"));
        return found.first == 0 && tables == 0;
    };
    HSL_TRY(bool blank, is_blank());
    if (blank && !create) {
        auto refused = refuse_orphans(path_.parent_path());
        HSL_TRY(blank, is_blank());  // another process may have made it and written bars
        if (blank)
            return std::unexpected(refused ? no_store(path_.parent_path())
                                           : std::move(refused).error());
    }
    if (blank) {
        HSL_CHECK(execute(database_, "PRAGMA journal_mode = WAL", writing));
        HSL_TRY(auto transaction, Transaction::write(database_));
        HSL_TRY(blank, is_blank());  // another process may have been faster
        if (blank) {
            HSL_CHECK(refuse_orphans(path_.parent_path()));
            const std::string identify =
                fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                            store_format);
            HSL_CHECK(execute(database_, catalogue_schema().c_str(), writing));
            HSL_CHECK(execute(database_, identify.c_str(), writing));
        }
        HSL_CHECK(transaction.commit());
        // The names of the store's folder, and of what is in it.
        const std::filesystem::path folder = std::filesystem::absolute(path_).parent_path();
        HSL_CHECK(sync_folder(folder));
        // The folder above may be somebody else's, who lets us in and no more.
        static_cast<void>(sync_folder(folder.parent_path()));
    }
    HSL_TRY(const auto found, identity());
    if (found.first != application_id)
        return fail(
            ErrorCode::corrupt,
            fmt::format("{} is not the catalogue of an HSL store; --store DIR names another "
                        "folder",
                        path_.string()));
    if (found.second > store_format)
        return fail(
            ErrorCode::unsupported,
            fmt::format("the store {} has format {}, this hsl knows formats up to {}; use the "
                        "newer hsl that wrote it",
                        path_.parent_path().string(), found.second, store_format));
    if (found.second < store_format) HSL_CHECK(migrate(database_, path_.parent_path()));
    return {};
}

// The file was put back alone when DIR/newest knows a version that it does not.
Result<void> Catalogue::require(const Committed& committed) {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT version FROM versions WHERE number = ?", reading};
    HSL_TRY(const bool found, row.with(committed.number).step());
    HSL_TRY(const std::int64_t newest, one_number(database_, "SELECT max(number) FROM versions"));
    if ((found && row.text(0) == committed.version) || newest > committed.number) return {};
    // A folder that was emptied by hand may be filled anew.
    if (newest == 0 && refuse_orphans(path_.parent_path())) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("the catalogue {} is older than the bars beside it: version {} ({}) "
                            "was written and it ends at version {}; restore the catalogue.sqlite "
                            "that belongs to the folder, or move the folder away and import again",
                            path_.string(), committed.number, committed.version, newest));
}

Result<std::optional<store::VersionSummary>> Catalogue::find(const std::string& at) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    HSL_TRY(const std::int64_t checked_out, checked_out_in(database_));
    if (at.empty() && checked_out > 0) {
        HSL_TRY(const auto held,
                versions_in(database_, fmt::format("WHERE number = {}", checked_out)));
        if (!held.empty()) return held[0];
    }
    if (at.empty() || at == "newest") {
        HSL_TRY(const auto newest, versions_in(database_, "ORDER BY number DESC LIMIT 1"));
        return newest.empty() ? std::nullopt : std::optional{newest[0]};
    }
    HSL_TRY(const auto all, versions_in(database_));
    HSL_TRY(const auto index, store::match_version(at, {}, all));
    return index ? std::optional{all[*index]} : std::nullopt;
}

Result<std::vector<Stack>> Catalogue::stacks(std::int64_t version) {
    const std::lock_guard guard{lock_};
    Statement row{database_,
                  "SELECT DISTINCT kind, stacks.name FROM stacks JOIN files ON stack = stacks.id "
                  "WHERE first_version <= ?1 AND (last_version IS NULL OR last_version >= ?1)",
                  reading};
    row.with(version);
    std::vector<Stack> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) break;
        const auto kind = kind_of(row.text(0));
        if (!kind)
            return std::unexpected(contradiction(fmt::format("has rows of kind {}", row.text(0))));
        all.push_back({*kind, row.text(1)});
    }
    std::ranges::sort(all);
    return all;
}

Result<Snapshot> Catalogue::snapshot(const Stack& stack, std::int64_t version,
                                     std::span<const std::string> only) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    Snapshot snapshot{.stack = stack, .files = {}, .symbols = {}};
    HSL_TRY(const std::int64_t id, id_of(database_, stack));
    std::vector<std::string> sorted(only.begin(), only.end());
    std::ranges::sort(sorted);
    Statement row{database_,
                  "SELECT id, name, rows, bytes, sha256, ranges FROM files WHERE stack = ?1 AND "
                  "first_version <= ?2 AND (last_version IS NULL OR last_version >= ?2) "
                  "ORDER BY id",
                  reading};
    row.with(id, version);
    std::map<std::string, Snapshot::Symbol, std::less<>> symbols;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) break;
        snapshot.files.push_back({.id = row.number(0),
                                  .kind = stack.kind,
                                  .name = row.text(1),
                                  .rows = row.number(2),
                                  .bytes = row.number(3),
                                  .sha256 = row.text(4)});
        HSL_CHECK(add_ranges(snapshot.files.size() - 1, row.text(5), sorted, symbols,
                             snapshot.files.back()));
    }
    HSL_TRY(auto labels, labels_at(database_, id, version));
    for (auto& [name, symbol] : symbols) {
        const auto held = labels.find(name);
        if (held == labels.end())
            return std::unexpected(
                contradiction(fmt::format("has rows of {} and no more of it", name)));
        SeriesState state = std::move(held->second);
        state.first = symbol.state.first;
        state.last = symbol.state.last;
        state.rows = symbol.state.rows;
        symbol.state = std::move(state);
        snapshot.symbols.push_back(std::move(symbol));
    }
    return snapshot;
}

Result<std::vector<Series>> Catalogue::series(const Stack& stack) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    HSL_TRY(const std::int64_t id, id_of(database_, stack));
    HSL_TRY(auto labels, labels_at(database_, id, INT64_MAX));
    Statement row{database_,
                  "SELECT symbol, first, last, rows, chain, hash FROM series WHERE stack = ? "
                  "ORDER BY symbol",
                  reading};
    row.with(id);
    std::vector<Series> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        const auto held = labels.find(row.text(0));
        const auto chain = chain_of(row.text(4), row.number(3));
        if (held == labels.end() || !chain || row.number(1) > row.number(2))
            return std::unexpected(contradiction(
                fmt::format("has {} rows from day {} to day {} for {}, or does not say what it is",
                            row.number(3), row.number(1), row.number(2), row.text(0))));
        Series series{.state = std::move(held->second), .chain = *chain, .hash = row.text(5)};
        series.state.first = Date{static_cast<std::int32_t>(row.number(1))};
        series.state.last = Date{static_cast<std::int32_t>(row.number(2))};
        series.state.rows = row.number(3);
        all.push_back(std::move(series));
    }
}

Result<Catalogue::Hashes> Catalogue::hashes() {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    Hashes hashes;
    Statement table{database_, "SELECT table_hash FROM versions ORDER BY number DESC LIMIT 1",
                    reading};
    HSL_TRY(const bool any, table.step());
    if (any) hashes.tables = table.text(0);
    Statement row{database_,
                  "SELECT symbol, name, kind, hash FROM series JOIN stacks ON stack = id", reading};
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return hashes;
        hashes.series.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    }
}

Result<std::vector<Catalogue::Naming>> Catalogue::naming() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT rule, table_hash FROM versions ORDER BY number", reading};
    std::vector<Naming> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back({static_cast<int>(row.number(0)), row.text(1)});
    }
}

Result<std::set<std::int64_t>> Catalogue::changes_of(const Stack& stack) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    HSL_TRY(const std::int64_t id, id_of(database_, stack));
    Statement row{database_,
                  "SELECT first_version FROM files WHERE stack = ?1 UNION "
                  "SELECT last_version + 1 FROM files WHERE stack = ?1 UNION "
                  "SELECT first_version FROM labels WHERE stack = ?1",
                  reading};
    return numbers_in(row.with(id));
}

Result<std::set<std::int64_t>> Catalogue::changes_of_tables() {
    const std::lock_guard guard{lock_};
    const std::string text = fact_changes();
    Statement row{database_, text, reading};
    return numbers_in(row);
}

Result<void> Catalogue::insert_file(std::int64_t stack, const NewFile& file, std::int64_t version) {
    Statement insert{database_, "INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL)",
                     writing};
    const std::string ranges = encode(file.symbols);
    HSL_CHECK(insert
                  .with(stack, file.file.name, file.file.rows, file.file.bytes, file.file.sha256,
                        std::as_bytes(std::span{ranges}), version)
                  .run());
    Statement supersede{database_, "UPDATE files SET last_version = ? WHERE id = ?", writing};
    for (const std::int64_t older : file.superseded)
        HSL_CHECK(supersede.with(version - 1, older).run());
    return {};
}

Result<void> Catalogue::commit_stack(const StackChange& change, std::int64_t version) {
    Statement make{database_, "INSERT OR IGNORE INTO stacks VALUES (NULL, ?, ?)", writing};
    HSL_CHECK(make.with(name_of(change.stack.kind), change.stack.name).run());
    HSL_TRY(const std::int64_t stack, id_of(database_, change.stack));
    if (change.file) HSL_CHECK(insert_file(stack, *change.file, version));
    HSL_TRY(const auto labels, labels_at(database_, stack, version));
    Statement label{database_, "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    writing};
    Statement row{database_, "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?)", writing};
    for (const Series& series : change.series) {
        const SeriesState& state = series.state;
        const auto held = labels.find(state.instrument.symbol);
        if (held == labels.end() || held->second.instrument != state.instrument ||
            held->second.basis != state.basis || held->second.definition != state.definition ||
            held->second.origin != state.origin)
            HSL_CHECK(label
                          .with(stack, state.instrument.symbol, version,
                                market::name_of(state.instrument.market), state.instrument.scale,
                                market::name_of(state.basis), market::name_of(state.definition),
                                state.origin)
                          .run());
        const std::string chain = bytes_of(series.chain);
        HSL_CHECK(row.with(stack, state.instrument.symbol, state.first.days, state.last.days,
                           state.rows, std::as_bytes(std::span{chain}), series.hash)
                      .run());
    }
    return {};
}

Result<void> Catalogue::commit(const NewVersion* version,
                               std::span<const store::QuarantinedRow> quarantined,
                               std::span<const std::int64_t> settled, const Progress& progress) {
    const std::lock_guard guard{lock_};
    HSL_TRY(auto transaction, Transaction::write(database_));
    if (version != nullptr) {
        const store::VersionSummary& summary = version->summary;
        Statement row{database_, "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      writing};
        HSL_CHECK(row.with(summary.number, summary.version, summary.made_at, summary.note,
                           version->generated, summary.rows_added, summary.rows_replaced,
                           summary.symbols, version->table_hash, naming_rule)
                      .run());
        for (const StackChange& change : version->stacks)
            HSL_CHECK(commit_stack(change, summary.number));
        if (version->tables)
            HSL_CHECK(write_facts(database_, version->tables->first, version->tables->second,
                                  summary.number));
    }
    Statement settle{database_, "DELETE FROM quarantine WHERE id = ?", writing};
    for (const std::int64_t id : settled) HSL_CHECK(settle.with(id).run());
    HSL_CHECK(insert_quarantine(database_, quarantined, progress));
    return transaction.commit();
}

Result<void> Catalogue::compact(std::int64_t newest,
                                std::span<const std::pair<Stack, NewFile>> files, bool forget) {
    const std::lock_guard guard{lock_};
    HSL_TRY(auto transaction, Transaction::write(database_));
    for (const auto& [stack, file] : files) {
        HSL_TRY(const std::int64_t id, id_of(database_, stack));
        HSL_CHECK(insert_file(id, file, newest));
    }
    const auto remove = [&](std::string_view text, std::int64_t number) {
        return Statement{database_, text, writing}.with(number).run();
    };
    if (forget) {
        HSL_CHECK(
            remove("INSERT OR IGNORE INTO forgotten SELECT version, max(number) FROM versions "
                   "WHERE number < ? AND version IN (SELECT data_version FROM runs) "
                   "GROUP BY version",
                   newest));
        HSL_CHECK(remove("DELETE FROM versions WHERE number < ?", newest));
        HSL_CHECK(remove("DELETE FROM files WHERE last_version < ?", newest));
        HSL_CHECK(
            remove("DELETE FROM labels WHERE EXISTS (SELECT 1 FROM labels AS later WHERE "
                   "later.stack = labels.stack AND later.symbol = labels.symbol AND "
                   "later.first_version > labels.first_version AND "
                   "later.first_version <= ?)",
                   newest));
        HSL_CHECK(forget_facts(database_, newest));
    }
    // A file that this version brought and that is superseded in it belongs to no version.
    HSL_CHECK(remove("DELETE FROM files WHERE last_version < first_version AND first_version <= ?",
                     newest));
    return transaction.commit();
}

Result<void> Catalogue::check_out(std::optional<std::int64_t> version) {
    const std::lock_guard guard{lock_};
    if (!version)
        return execute(database_, "DELETE FROM settings WHERE name = 'checked_out'", writing);
    Statement row{database_, "INSERT OR REPLACE INTO settings VALUES ('checked_out', ?)", writing};
    return row.with(fmt::format("{}", *version)).run();
}

Result<std::string> Catalogue::checked_out() {
    const std::lock_guard guard{lock_};
    HSL_TRY(const std::int64_t number, checked_out_in(database_));
    Statement row{database_, "SELECT version FROM versions WHERE number = ?", reading};
    HSL_TRY(const bool found, row.with(number).step());
    return found ? row.text(0) : std::string{};
}

Result<std::vector<KnownFile>> Catalogue::files() {
    const std::lock_guard guard{lock_};
    Statement row{database_,
                  "SELECT files.id, kind, files.name, rows, bytes, sha256, ranges, first_version, "
                  "last_version FROM files JOIN stacks ON stack = stacks.id ORDER BY files.id",
                  reading};
    std::vector<KnownFile> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back(
            {.file = {.id = row.number(0),
                      .kind = kind_of(row.text(1)).value_or(StackKind::day),
                      .name = row.text(2),
                      .rows = row.number(3),
                      .bytes = row.number(4),
                      .sha256 = row.text(5)},
             .ranges = row.text(6),
             .first_version = row.number(7),
             .last_version = row.is_null(8) ? std::nullopt : std::optional{row.number(8)}});
    }
}

Result<std::string> Catalogue::files_mark() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT count(*), max(id), sum(id) FROM files", reading};
    HSL_TRY(const bool found, row.step());
    return found ? fmt::format("{} {} {}", row.number(0), row.number(1), row.number(2))
                 : std::string{};
}

Result<std::vector<std::string>> Catalogue::file_names(StackKind kind) {
    const std::lock_guard guard{lock_};
    Statement row{database_,
                  "SELECT files.name FROM files JOIN stacks ON stack = stacks.id WHERE kind = ? "
                  "ORDER BY files.name",
                  reading};
    row.with(name_of(kind));
    std::vector<std::string> names;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return names;
        names.push_back(row.text(0));
    }
}

Result<store::Facts> Catalogue::tables(std::int64_t version) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    return read_facts(database_, version);
}

Result<bool> Catalogue::holds_generated() {
    const std::lock_guard guard{lock_};
    HSL_TRY(const std::int64_t any,
            one_number(database_, "SELECT EXISTS (SELECT 1 FROM versions WHERE generated)"));
    return any != 0;
}

Result<std::vector<store::VersionSummary>> Catalogue::versions() {
    const std::lock_guard guard{lock_};
    return versions_in(database_);
}

Result<std::vector<store::QuarantinedRow>> Catalogue::quarantine(
    const store::QuarantineFilter& filter) {
    const std::lock_guard guard{lock_};
    std::string where =
        "(?1 = '' OR symbol = ?1) AND (?2 = '' OR reason = ?2) AND "
        "(?3 = '' OR instr(file, ?3) > 0)";
    if (!filter.ids.empty()) {
        where += " AND id IN (";
        for (const std::int64_t id : filter.ids) where += fmt::format("{},", id);
        where.back() = ')';
    }
    Statement row{database_,
                  fmt::format("SELECT id, version, symbol, series, date, file, line, reason, "
                              "detail, source, bar FROM quarantine WHERE {} ORDER BY id DESC "
                              "LIMIT ?4",
                              where),
                  reading};
    row.with(filter.symbol, filter.reason, filter.file,
             std::min<std::size_t>(filter.limit, INT64_MAX));
    std::vector<store::QuarantinedRow> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back({.symbol = row.text(2),
                       .date = row.text(4),
                       .file = row.text(5),
                       .line = row.number(6),
                       .reason = row.text(7),
                       .detail = row.text(8),
                       .source = row.text(9),
                       .bar = bar_of(row.text(10)),
                       .id = row.number(0),
                       .version = row.text(1),
                       .series = row.text(3)});
    }
}

Result<std::int64_t> Catalogue::quarantine_count() {
    const std::lock_guard guard{lock_};
    return one_number(database_, "SELECT count(*) FROM quarantine");
}

Result<std::string> Catalogue::integrity() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "PRAGMA integrity_check(1)", reading};
    HSL_TRY(const bool found, row.step());
    if (found && row.text(0) != "ok") return row.text(0);
    HSL_TRY(std::string tables, schema_fault(database_));
    if (!tables.empty()) return tables;
    HSL_TRY(const std::int64_t strays,
            one_number(database_,
                       "SELECT (SELECT count(*) FROM files WHERE stack NOT IN (SELECT id FROM "
                       "stacks)) + (SELECT count(*) FROM labels WHERE stack NOT IN (SELECT id FROM "
                       "stacks)) + (SELECT count(*) FROM series WHERE stack NOT IN (SELECT id FROM "
                       "stacks))"));
    if (strays > 0) return fmt::format("{} rows belong to no source and no column", strays);
    return quarantine_fault(database_);
}

Result<void> Catalogue::put_run(const store::RunRecord& run) {
    const std::lock_guard guard{lock_};
    return insert_run(database_, run);
}

Result<std::vector<store::RunRecord>> Catalogue::runs() {
    const std::lock_guard guard{lock_};
    Statement row{
        database_,
        "SELECT id, made_at, command, data_version, code_version, rules, summary, '', '' FROM runs "
        "ORDER BY number DESC",
        reading};
    std::vector<store::RunRecord> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back(run_in(row));
    }
}

Result<store::RunRecord> Catalogue::run(const std::string& id) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    Statement row{database_, "SELECT id FROM runs ORDER BY number DESC", reading};
    std::vector<std::string> ids;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) break;
        ids.push_back(row.text(0));
    }
    HSL_TRY(const std::string match, store::match_run(id, ids));
    Statement one{database_,
                  "SELECT id, made_at, command, data_version, code_version, rules, summary, "
                  "request, document, hash FROM runs WHERE id = ?",
                  reading};
    HSL_TRY(const bool found, one.with(match).step());
    store::RunRecord record = found ? run_in(one) : store::RunRecord{};
    if (!found || store::run_hash(record) != one.text(9))
        return fail(ErrorCode::corrupt,
                    fmt::format("the record of run {} is damaged; run the sweep again: {}", match,
                                record.command));
    return record;
}

Result<Catalogue::RunCheck> Catalogue::check_runs() {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    Statement row{database_,
                  "SELECT id, made_at, command, data_version, code_version, rules, summary, "
                  "request, document, hash, "
                  "EXISTS (SELECT 1 FROM versions WHERE version = data_version), "
                  "EXISTS (SELECT 1 FROM forgotten WHERE version = data_version) "
                  "FROM runs ORDER BY number",
                  reading};
    RunCheck check;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return check;
        ++check.runs;
        const store::RunRecord run = run_in(row);
        // A run of what is no data of the store names none.
        const bool is_there = run.data_version.empty() || row.number(10) != 0;
        const bool was_there = row.number(11) != 0;
        if (store::run_hash(run) != row.text(9))
            check.faults.push_back(
                {run.id, run.command, "its record differs from what was written"});
        else if (!is_there && !was_there)
            check.faults.push_back(
                {run.id, run.command,
                 fmt::format("it saw data version {}, which is not there", run.data_version)});
        else if (!is_there)
            ++check.forgotten;
    }
}

}  // namespace hsl::adapters
