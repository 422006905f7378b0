// SPDX-License-Identifier: Apache-2.0
#pragma once

// The catalogue of a store: DIR/catalogue.sqlite. It says which files make up each version and
// where in them each series' rows are; it keeps versions, facts, quarantine and runs. What it has
// committed is on the disk. SQLite stays in the .cpp. Any thread; calls wait for one another.

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/ranges.hpp"
#include "adapters/parquet/detail/stack.hpp"
#include "base/date.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "market/instrument.hpp"
#include "store/bar_store.hpp"
#include "store/content_hash.hpp"

struct sqlite3;

namespace hsl::adapters {

class Statement;

// Raised when an older hsl could not read what this one writes. Every format so far stays readable:
// an older one is brought to this one when it is opened.
inline constexpr int store_format = 3;

struct CataloguedFile {
    std::int64_t id = 0;  // later files win
    StackKind kind{};
    std::string name;  // in the kind's folder
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::string sha256;

    [[nodiscard]] std::filesystem::path path() const {
        return std::filesystem::path{folder_of(kind)} / name;
    }
};

// What a series is beside its rows.
struct SeriesState {
    market::Instrument instrument;
    market::Basis basis{};
    market::BarDefinition definition{};
    std::string origin;  // of a column: the file that spoke last
    Date first;
    Date last;
    std::int64_t rows = 0;
};

// A series of the newest version, with what it takes to hash rows that are added to it.
struct Series {
    SeriesState state;
    BlockHasher::State chain;
    std::string hash;
};

// Rows [first_row, first_row + rows) of a file are one symbol's.
struct FileRange {
    std::size_t file = 0;  // index into Snapshot::files
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
};

// One stack in one version.
struct Snapshot {
    struct Symbol {
        SeriesState state;
        std::vector<FileRange> ranges;  // later ones win
    };
    Stack stack;
    std::vector<CataloguedFile> files;
    std::vector<Symbol> symbols;  // ascending
};

// "; restore ...", the remedy for a catalogue that contradicts itself or its files.
inline constexpr const char* restore_catalogue =
    "; restore catalogue.sqlite from a backup, or import into a new store";

// A new file of a stack.
struct NewFile {
    CataloguedFile file;  // without id: the catalogue gives it
    std::vector<FileSymbol> symbols;
    std::vector<std::int64_t> superseded;  // ids of files whose rows are in this one
};

// What a write does to a stack.
struct StackChange {
    Stack stack;
    std::optional<NewFile> file;  // none when only a label became known
    std::vector<Series> series;   // new or changed
};

struct NewVersion {
    store::VersionSummary summary;
    bool generated = false;
    std::vector<StackChange> stacks;
    // The tables of facts as they were and as they are, when they changed; columns are stacks.
    std::optional<std::pair<store::Facts, store::Facts>> tables;
    std::string table_hash;
};

// A file that any version has.
struct KnownFile {
    CataloguedFile file;
    std::string ranges;  // encoded
    std::int64_t first_version = 0;
    std::optional<std::int64_t> last_version;  // none: the newest has it too
};

// A run whose record is not as it was put, or whose data is not there.
struct RunFault {
    std::string id;
    std::string command;
    std::string what;
};

// CREATE TABLE ... of this format.
[[nodiscard]] std::string catalogue_schema();
[[nodiscard]] std::string versions_and_runs_schema();  // the part that format 3 changed
// With its hash, in the place of an older record of the same id.
[[nodiscard]] Result<void> insert_run(sqlite3* database, const store::RunRecord& run);
// Of a row whose columns are id, made_at, command, data_version, code_version, rules, summary,
// request, document.
[[nodiscard]] store::RunRecord run_in(const Statement& row);

class Catalogue {
public:
    // Makes the file and its tables when missing and `create`, else `not_found`. `corrupt` when it
    // is missing or blank and the folder has bar files: they would be taken for litter; when it is
    // older than what DIR/newest says was committed.
    [[nodiscard]] static Result<std::unique_ptr<Catalogue>> open(
        const std::filesystem::path& folder, bool create);
    Catalogue(const Catalogue&) = delete;
    Catalogue& operator=(const Catalogue&) = delete;
    ~Catalogue();

    // The version that `at` means (store/bar_store.hpp); nothing while there is none.
    [[nodiscard]] Result<std::optional<store::VersionSummary>> find(const std::string& at);
    // Stacks that have files in a version, by kind and name.
    [[nodiscard]] Result<std::vector<Stack>> stacks(std::int64_t version);
    // With `only`: those of its symbols that are there; else every symbol. `corrupt` unless each
    // file's symbols ascend and have all of its rows.
    [[nodiscard]] Result<Snapshot> snapshot(const Stack& stack, std::int64_t version,
                                            std::span<const std::string> only = {});
    // The series of a stack in the newest version, ascending.
    [[nodiscard]] Result<std::vector<Series>> series(const Stack& stack);
    // How the names of versions came about: the first rule named those of format 1.
    struct Naming {
        int rule = 0;
        std::string table_hash;
    };
    [[nodiscard]] Result<std::vector<Naming>> naming();  // as versions()
    // The versions in which anything of a stack changed: its files or its labels.
    [[nodiscard]] Result<std::set<std::int64_t>> changes_of(const Stack& stack);
    // The versions in which listings, states or actions changed.
    [[nodiscard]] Result<std::set<std::int64_t>> changes_of_tables();
    // The hash of every series of the newest version, and of its tables of facts.
    struct Hashes {
        std::vector<std::array<std::string, 4>> series;  // symbol, source, kind, hash
        std::string tables;
    };
    [[nodiscard]] Result<Hashes> hashes();

    // One transaction: the version unless null, rows that are not in quarantine yet, ids that leave
    // it.
    [[nodiscard]] Result<void> commit(const NewVersion* version,
                                      std::span<const store::QuarantinedRow> quarantined,
                                      std::span<const std::int64_t> settled,
                                      const Progress& progress);
    // One transaction: each file takes the place of those it supersedes in the newest version; with
    // `forget` every older version goes; those that a run saw are remembered by name.
    [[nodiscard]] Result<void> compact(std::int64_t newest,
                                       std::span<const std::pair<Stack, NewFile>> files,
                                       bool forget);
    [[nodiscard]] Result<void> check_out(std::optional<std::int64_t> version);
    [[nodiscard]] Result<std::string> checked_out();  // "" = the newest

    [[nodiscard]] Result<std::vector<KnownFile>> files();
    // Another text whenever files came or went.
    [[nodiscard]] Result<std::string> files_mark();
    [[nodiscard]] Result<std::vector<std::string>> file_names(StackKind kind);  // ascending
    [[nodiscard]] Result<store::Facts> tables(std::int64_t version);  // facts without columns
    [[nodiscard]] Result<bool> holds_generated();
    [[nodiscard]] Result<std::vector<store::VersionSummary>> versions();
    [[nodiscard]] Result<std::vector<store::QuarantinedRow>> quarantine(
        const store::QuarantineFilter& filter);
    [[nodiscard]] Result<std::int64_t> quarantine_count();
    [[nodiscard]] Result<void> put_run(const store::RunRecord& run);
    [[nodiscard]] Result<std::vector<store::RunRecord>> runs();
    [[nodiscard]] Result<store::RunRecord> run(const std::string& id);
    struct RunCheck {
        std::int64_t runs = 0;
        std::vector<RunFault> faults;
        std::int64_t forgotten = 0;  // whose version was let go
    };
    [[nodiscard]] Result<RunCheck> check_runs();
    // SQLite's own check of the file, its tables, rows that belong to no stack, and quarantined
    // rows that are not what was put there; "" when it is sound.
    [[nodiscard]] Result<std::string> integrity();

private:
    Catalogue(std::filesystem::path path, sqlite3* database);
    [[nodiscard]] Result<void> prepare(bool create);
    [[nodiscard]] Result<void> require(const Committed& committed);
    [[nodiscard]] Result<void> commit_stack(const StackChange& change, std::int64_t version);
    [[nodiscard]] Result<void> insert_file(std::int64_t stack, const NewFile& file,
                                           std::int64_t version);

    std::mutex lock_;
    std::filesystem::path path_;
    sqlite3* database_;
};

}  // namespace hsl::adapters
