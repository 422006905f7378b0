// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/catalogue.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <concepts>
#include <system_error>
#include <thread>
#include <utility>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/folder.hpp"
#include "store/lookup.hpp"

namespace hsl::adapters {
namespace {

// "HSL1" in the file's header: tells our catalogue from any other SQLite file.
constexpr int application_id = 0x48534C31;
// A transaction of another process takes milliseconds; this waits out a slow disk.
constexpr int busy_timeout_ms = 10'000;

// Files keep their ranges after they were superseded: with the versions a file was live in, they
// say what an older version held.
constexpr const char* schema = R"sql(
CREATE TABLE versions (
    number INTEGER PRIMARY KEY, version TEXT NOT NULL, made_at TEXT NOT NULL, note TEXT NOT NULL,
    generated INTEGER NOT NULL, rows_added INTEGER NOT NULL, rows_replaced INTEGER NOT NULL,
    symbols INTEGER NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    first_version INTEGER NOT NULL, last_version INTEGER);
CREATE TABLE ranges (
    file INTEGER NOT NULL, symbol TEXT NOT NULL, first_row INTEGER NOT NULL, rows INTEGER NOT NULL,
    PRIMARY KEY (file, symbol)) WITHOUT ROWID;
CREATE TABLE symbols (
    symbol TEXT PRIMARY KEY, market TEXT NOT NULL, scale INTEGER NOT NULL, first TEXT NOT NULL,
    last TEXT NOT NULL, rows INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, symbol TEXT NOT NULL, date TEXT NOT NULL,
    file TEXT NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    source BLOB NOT NULL);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, made_at TEXT NOT NULL,
    command TEXT NOT NULL, data_version TEXT NOT NULL, code_version TEXT NOT NULL,
    rules TEXT NOT NULL, summary TEXT NOT NULL, document TEXT NOT NULL);
)sql";

Error sqlite_error(sqlite3* database, int status, std::string_view tried) {
    ErrorCode code = ErrorCode::internal;
    std::string_view remedy;
    switch (status & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            code = ErrorCode::busy;
            remedy = "; another process keeps the catalogue busy, try again";
            break;
        case SQLITE_FULL:
        case SQLITE_IOERR:
            code = ErrorCode::io;
            remedy = "; is the disk full? The store is as it was";
            break;
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            code = ErrorCode::io;
            remedy = "; give this user the right to write there, or use --store DIR";
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            code = ErrorCode::corrupt;
            remedy = restore_catalogue;
            break;
        case SQLITE_NOMEM:
            code = ErrorCode::io;
            remedy = "; end other programs or use a machine with more memory";
            break;
        default:
            break;
    }
    const char* name = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
    // The system's own word for it where SQLite kept one ("No space left on device").
    const int system = database != nullptr ? sqlite3_system_errno(database) : 0;
    std::string words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status);
    if (code == ErrorCode::io && system != 0)
        words += fmt::format(" ({})", std::generic_category().message(system));
    return {.code = code,
            .message = fmt::format("cannot {} the store's catalogue {}: {}{}", tried,
                                   name != nullptr ? name : "", words, remedy)};
}

// A statement of ours that SQLite does not understand: a table or a column is missing.
Error foreign_tables(sqlite3* database, std::string_view tried) {
    Error error = sqlite_error(database, SQLITE_ERROR, tried);
    error.code = ErrorCode::corrupt;
    error.message += restore_catalogue;
    return error;
}

// A prepared statement. Columns may be read after step() said that there is a row.
class Statement {
public:
    Statement(sqlite3* database, std::string_view text, std::string_view tried)
        : database_(database), tried_(tried) {
        status_ = sqlite3_prepare_v2(database, text.data(), static_cast<int>(text.size()),
                                     &statement_, nullptr);
        prepared_ = status_ == SQLITE_OK;
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    // Starts over with these parameters, in order.
    template <class... Values>
    Statement& with(const Values&... values) {
        if (status_ == SQLITE_OK) {
            sqlite3_reset(statement_);
            int index = 0;
            (bind(++index, values), ...);
        }
        return *this;
    }
    // True: there is a row. A failed preparation or binding is reported here.
    [[nodiscard]] Result<bool> step() {
        if (status_ == SQLITE_OK) {
            const int status = sqlite3_step(statement_);
            if (status == SQLITE_ROW) return true;
            if (status == SQLITE_DONE) return false;
            status_ = status;
        }
        if (!prepared_ && status_ == SQLITE_ERROR)
            return std::unexpected(foreign_tables(database_, tried_));
        return std::unexpected(sqlite_error(database_, status_, tried_));
    }
    [[nodiscard]] Result<void> run() {
        HSL_TRY(const bool has_row, step());
        (void)has_row;
        return {};
    }
    [[nodiscard]] std::int64_t number(int column) const {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] std::string text(int column) const {
        const void* bytes = sqlite3_column_blob(statement_, column);
        const auto count = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return bytes == nullptr ? std::string{}
                                : std::string{static_cast<const char*>(bytes), count};
    }

private:
    // Texts of the caller outlive the step: every use binds, steps and starts over.
    void bind(int index, std::string_view value) {
        check(sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                                  value.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind(int index, std::span<const std::byte> value) {
        check(value.empty() ? sqlite3_bind_zeroblob(statement_, index, 0)
                            : sqlite3_bind_blob64(statement_, index, value.data(), value.size(),
                                                  SQLITE_STATIC));
    }
    void bind(int index, std::integral auto value) {
        check(sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value)));
    }
    void check(int status) {
        if (status != SQLITE_OK) status_ = status;
    }

    sqlite3* database_;
    std::string_view tried_;
    sqlite3_stmt* statement_ = nullptr;
    int status_ = SQLITE_OK;
    bool prepared_ = false;
};

constexpr std::string_view reading = "read";
constexpr std::string_view writing = "write";

Result<void> execute(sqlite3* database, const char* text, std::string_view tried) {
    if (const int status = sqlite3_exec(database, text, nullptr, nullptr, nullptr);
        status != SQLITE_OK)
        return std::unexpected(sqlite_error(database, status, tried));
    return {};
}

// Rolled back unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> read(sqlite3* database) {
        HSL_CHECK(execute(database, "BEGIN", reading));
        return Transaction{database};
    }
    [[nodiscard]] static Result<Transaction> write(sqlite3* database) {
        HSL_CHECK(execute(database, "BEGIN IMMEDIATE", writing));
        return Transaction{database};
    }
    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}
    ~Transaction() {
        if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    [[nodiscard]] Result<void> commit() {
        HSL_CHECK(execute(database_, "COMMIT", writing));
        database_ = nullptr;
        return {};
    }

private:
    explicit Transaction(sqlite3* database) : database_(database) {}
    sqlite3* database_;
};

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
    HSL_TRY(const std::size_t count, count_bar_files(folder / "bars"));
    if (count == 0) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("the store {} has lost its catalogue: bars/ holds {} file{} and no "
                            "catalogue names them; restore catalogue.sqlite from a backup, or move "
                            "the folder away and import again",
                            folder.string(), count, count == 1 ? "" : "s"));
}

Result<std::int64_t> one_number(sqlite3* database, std::string_view text) {
    Statement statement{database, text, reading};
    HSL_TRY(const bool found, statement.step());
    return found ? statement.number(0) : 0;
}

// Columns symbol, market, scale, first, last, rows, hash.
Result<CataloguedSymbol> symbol_of(const Statement& row) {
    CataloguedSymbol symbol;
    symbol.instrument.symbol = row.text(0);
    const auto market = market::parse_market(row.text(1));
    const auto first = parse_date(row.text(3));
    const auto last = parse_date(row.text(4));
    constexpr std::int64_t largest_scale = 8;
    const std::int64_t scale = row.number(2);
    if (!market || !first || !last || *first > *last || scale < 0 || scale > largest_scale ||
        row.number(5) < 1)
        return fail(ErrorCode::corrupt,
                    fmt::format("the store's catalogue has market '{}', scale {}, {} rows and "
                                "dates '{}' to '{}' for {}{}",
                                row.text(1), scale, row.number(5), row.text(3), row.text(4),
                                symbol.instrument.symbol, restore_catalogue));
    symbol.instrument.market = *market;
    symbol.instrument.scale = static_cast<int>(scale);
    symbol.first = *first;
    symbol.last = *last;
    symbol.rows = row.number(5);
    symbol.hash = row.text(6);
    return symbol;
}

}  // namespace

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
            HSL_CHECK(execute(database_, schema, writing));
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
    return {};
}

Result<Snapshot> Catalogue::snapshot(std::span<const std::string> only) {
    const std::lock_guard guard{lock_};
    HSL_TRY(const auto transaction, Transaction::read(database_));
    Snapshot snapshot;
    {
        Statement row{database_,
                      "SELECT number, version FROM versions ORDER BY number DESC LIMIT 1", reading};
        HSL_TRY(const bool found, row.step());
        if (!found) return snapshot;
        snapshot.number = row.number(0);
        snapshot.version = row.text(1);
    }
    Statement files{database_,
                    "SELECT id, name, rows, bytes, sha256 FROM files WHERE last_version IS NULL "
                    "ORDER BY id",
                    reading};
    while (true) {
        HSL_TRY(const bool found, files.step());
        if (!found) break;
        snapshot.files.push_back({.id = files.number(0),
                                  .name = files.text(1),
                                  .rows = files.number(2),
                                  .bytes = files.number(3),
                                  .sha256 = files.text(4)});
    }

    constexpr std::string_view columns = "symbol, market, scale, first, last, rows, hash";
    if (only.empty()) {
        Statement symbols{database_, fmt::format("SELECT {} FROM symbols ORDER BY symbol", columns),
                          reading};
        while (true) {
            HSL_TRY(const bool found, symbols.step());
            if (!found) break;
            HSL_TRY(CataloguedSymbol state, symbol_of(symbols));
            snapshot.symbols.push_back({.state = std::move(state), .ranges = {}});
        }
    } else {
        std::vector<std::string> sorted(only.begin(), only.end());
        std::ranges::sort(sorted);
        sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
        Statement symbol{database_, fmt::format("SELECT {} FROM symbols WHERE symbol = ?", columns),
                         reading};
        for (const std::string& name : sorted) {
            HSL_TRY(const bool found, symbol.with(name).step());
            if (!found) continue;
            HSL_TRY(CataloguedSymbol state, symbol_of(symbol));
            snapshot.symbols.push_back({.state = std::move(state), .ranges = {}});
        }
    }

    // Both sides ascend by symbol, so that a file's ranges are found in one pass. It looks at all
    // of them even for one symbol: a range that begins at the wrong row gives another symbol's
    // bars.
    Statement range{database_,
                    "SELECT symbol, first_row, rows FROM ranges WHERE file = ? ORDER BY symbol",
                    reading};
    for (std::size_t index = 0; index < snapshot.files.size(); ++index) {
        const CataloguedFile& file = snapshot.files[index];
        range.with(file.id);
        auto symbol = snapshot.symbols.begin();
        std::int64_t next_row = 0;
        while (true) {
            HSL_TRY(const bool found, range.step());
            if (!found) break;
            const std::string name = range.text(0);
            const std::int64_t first_row = range.number(1);
            const std::int64_t rows = range.number(2);
            if (first_row != next_row || rows < 1 || rows > file.rows - first_row)
                return fail(ErrorCode::corrupt,
                            fmt::format("the store's catalogue {} has the {} rows of {} from row "
                                        "{} of {}, which has {} rows, where they begin at row {}{}",
                                        path_.string(), rows, name, first_row, file.name, file.rows,
                                        next_row, restore_catalogue));
            next_row += rows;
            while (symbol != snapshot.symbols.end() && symbol->state.instrument.symbol < name)
                ++symbol;
            if (symbol != snapshot.symbols.end() && symbol->state.instrument.symbol == name)
                symbol->ranges.push_back({.file = index, .first_row = first_row, .rows = rows});
            else if (only.empty())
                return fail(ErrorCode::corrupt,
                            fmt::format("the store's catalogue {} has rows of {} in {} and not the "
                                        "symbol{}",
                                        path_.string(), name, file.name, restore_catalogue));
        }
        if (next_row != file.rows)
            return fail(
                ErrorCode::corrupt,
                fmt::format("the store's catalogue {} has symbols for {} of the {} rows of "
                            "{}{}",
                            path_.string(), next_row, file.rows, file.name, restore_catalogue));
    }
    return snapshot;
}

Result<void> Catalogue::commit(const NewVersion* version,
                               std::span<const store::QuarantinedRow> quarantined) {
    const std::lock_guard guard{lock_};
    HSL_TRY(auto transaction, Transaction::write(database_));
    if (version != nullptr) {
        const store::VersionSummary& summary = version->summary;
        Statement row{database_, "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", writing};
        HSL_CHECK(row.with(summary.number, summary.version, summary.made_at, summary.note,
                           version->generated, summary.rows_added, summary.rows_replaced,
                           summary.symbols)
                      .run());
        if (version->bars) {
            const CataloguedFile& file = version->bars->file;
            Statement insert{database_, "INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, NULL)",
                             writing};
            HSL_CHECK(
                insert.with(file.name, file.rows, file.bytes, file.sha256, summary.number).run());
            const std::int64_t id = sqlite3_last_insert_rowid(database_);
            Statement range{database_, "INSERT INTO ranges VALUES (?, ?, ?, ?)", writing};
            for (const NewRange& each : version->bars->ranges)
                HSL_CHECK(range.with(id, each.symbol, each.first_row, each.rows).run());
            Statement supersede{database_, "UPDATE files SET last_version = ? WHERE id = ?",
                                writing};
            for (const std::int64_t older : version->bars->superseded)
                HSL_CHECK(supersede.with(summary.number - 1, older).run());
        }
        Statement symbol{database_, "INSERT OR REPLACE INTO symbols VALUES (?, ?, ?, ?, ?, ?, ?)",
                         writing};
        for (const CataloguedSymbol& each : version->symbols) {
            const std::string first = each.first.iso();
            const std::string last = each.last.iso();
            HSL_CHECK(symbol
                          .with(each.instrument.symbol, market::name_of(each.instrument.market),
                                each.instrument.scale, first, last, each.rows, each.hash)
                          .run());
        }
    }
    Statement quarantine{database_,
                         "INSERT OR IGNORE INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                         writing};
    for (const store::QuarantinedRow& row : quarantined) {
        const std::string key = store::quarantine_key(row);
        HSL_CHECK(quarantine
                      .with(key, row.symbol, row.date, row.file, row.line, row.reason, row.detail,
                            std::as_bytes(std::span{row.source}))
                      .run());
    }
    return transaction.commit();
}

Result<std::vector<std::string>> Catalogue::file_names() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT name FROM files", reading};
    std::vector<std::string> names;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return names;
        names.push_back(row.text(0));
    }
}

Result<std::vector<std::string>> Catalogue::symbol_names() {
    HSL_TRY(const auto hashes, symbol_hashes());
    std::vector<std::string> names;
    for (const auto& [symbol, hash] : hashes) names.push_back(symbol);
    return names;
}

Result<std::vector<std::pair<std::string, std::string>>> Catalogue::symbol_hashes() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT symbol, hash FROM symbols ORDER BY symbol", reading};
    std::vector<std::pair<std::string, std::string>> hashes;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return hashes;
        hashes.emplace_back(row.text(0), row.text(1));
    }
}

Result<std::string> Catalogue::data_version() {
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT version FROM versions ORDER BY number DESC LIMIT 1", reading};
    HSL_TRY(const bool found, row.step());
    return found ? row.text(0) : std::string{};
}

Result<bool> Catalogue::holds_generated() {
    const std::lock_guard guard{lock_};
    HSL_TRY(const std::int64_t any,
            one_number(database_, "SELECT EXISTS (SELECT 1 FROM versions WHERE generated)"));
    return any != 0;
}

Result<std::vector<store::SymbolSummary>> Catalogue::symbols() {
    const std::lock_guard guard{lock_};
    Statement row{
        database_,
        "SELECT symbol, market, scale, first, last, rows, hash FROM symbols ORDER BY symbol",
        reading};
    std::vector<store::SymbolSummary> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        HSL_TRY(CataloguedSymbol symbol, symbol_of(row));
        all.push_back({.instrument = std::move(symbol.instrument),
                       .first = symbol.first,
                       .last = symbol.last,
                       .rows = symbol.rows});
    }
}

Result<std::vector<store::VersionSummary>> Catalogue::versions() {
    const std::lock_guard guard{lock_};
    Statement row{database_,
                  "SELECT number, version, made_at, note, rows_added, rows_replaced, symbols "
                  "FROM versions ORDER BY number",
                  reading};
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

Result<std::vector<store::QuarantinedRow>> Catalogue::quarantine(std::size_t limit) {
    const std::lock_guard guard{lock_};
    Statement row{database_,
                  "SELECT symbol, date, file, line, reason, detail, source FROM quarantine "
                  "ORDER BY id DESC LIMIT ?",
                  reading};
    row.with(std::min<std::size_t>(limit, INT64_MAX));
    std::vector<store::QuarantinedRow> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back({.symbol = row.text(0),
                       .date = row.text(1),
                       .file = row.text(2),
                       .line = row.number(3),
                       .reason = row.text(4),
                       .detail = row.text(5),
                       .source = row.text(6)});
    }
}

Result<std::int64_t> Catalogue::quarantine_count() {
    const std::lock_guard guard{lock_};
    return one_number(database_, "SELECT count(*) FROM quarantine");
}

Result<void> Catalogue::put_run(const store::RunRecord& run) {
    const std::lock_guard guard{lock_};
    Statement insert{database_, "INSERT OR REPLACE INTO runs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                     writing};
    return insert
        .with(run.id, run.made_at, run.command, run.data_version, run.code_version, run.rules,
              run.summary, run.document)
        .run();
}

Result<std::vector<store::RunRecord>> Catalogue::runs() {
    const std::lock_guard guard{lock_};
    Statement row{
        database_,
        "SELECT id, made_at, command, data_version, code_version, rules, summary FROM runs "
        "ORDER BY number DESC",
        reading};
    std::vector<store::RunRecord> all;
    while (true) {
        HSL_TRY(const bool found, row.step());
        if (!found) return all;
        all.push_back({.id = row.text(0),
                       .made_at = row.text(1),
                       .command = row.text(2),
                       .data_version = row.text(3),
                       .code_version = row.text(4),
                       .rules = row.text(5),
                       .summary = row.text(6),
                       .document = {}});
    }
}

Result<store::RunRecord> Catalogue::run(const std::string& id) {
    HSL_TRY(auto all, runs());
    std::vector<std::string> ids;
    for (const store::RunRecord& each : all) ids.push_back(each.id);
    HSL_TRY(const std::string match, store::match_run(id, ids));
    store::RunRecord record = *std::ranges::find(all, match, &store::RunRecord::id);
    const std::lock_guard guard{lock_};
    Statement row{database_, "SELECT document FROM runs WHERE id = ?", reading};
    HSL_TRY(const bool found, row.with(match).step());
    if (found) record.document = row.text(0);
    return record;
}

}  // namespace hsl::adapters
