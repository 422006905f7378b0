// SPDX-License-Identifier: Apache-2.0
#pragma once

// The catalogue of a store: DIR/catalogue.sqlite. It says which bar files make up the newest
// version and where in them each symbol's rows are; it keeps versions, quarantine and runs. What it
// has committed is on the disk. SQLite stays in the .cpp. Any thread; calls wait for one another.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"
#include "store/bar_store.hpp"

struct sqlite3;

namespace hsl::adapters {

// Raised when an older hsl could not read what this one writes. Every format so far stays readable.
inline constexpr int store_format = 1;

struct CataloguedFile {
    std::int64_t id = 0;  // later files win
    std::string name;     // in DIR/bars
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::string sha256;
};

struct CataloguedSymbol {
    market::Instrument instrument;
    Date first;
    Date last;
    std::int64_t rows = 0;
    std::string hash;  // store::symbol_hash
};

// Rows [first_row, first_row + rows) of a file are one symbol's.
struct FileRange {
    std::size_t file = 0;  // index into Snapshot::files
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
};

// The newest version at one moment.
struct Snapshot {
    struct Symbol {
        CataloguedSymbol state;
        std::vector<FileRange> ranges;  // later ones win
    };
    std::int64_t number = 0;  // of the version; 0 = none yet
    std::string version;
    std::vector<CataloguedFile> files;
    std::vector<Symbol> symbols;  // ascending
};

// "; restore ...", the remedy for a catalogue that contradicts itself or its files.
inline constexpr const char* restore_catalogue =
    "; restore catalogue.sqlite from a backup, or import into a new store";

struct NewRange {
    std::string symbol;
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
};

struct NewFile {
    CataloguedFile file;  // without id: the catalogue gives it
    std::vector<NewRange> ranges;
    std::vector<std::int64_t> superseded;  // ids of files whose rows are in this one
};

struct NewVersion {
    store::VersionSummary summary;
    bool generated = false;
    std::optional<NewFile> bars;            // none when only a market became known
    std::vector<CataloguedSymbol> symbols;  // new or changed
};

class Catalogue {
public:
    // Makes the file and its tables when missing and `create`, else `not_found`. `corrupt` when it
    // is missing or blank and the folder has bar files: they would be taken for litter.
    [[nodiscard]] static Result<std::unique_ptr<Catalogue>> open(
        const std::filesystem::path& folder, bool create);
    Catalogue(const Catalogue&) = delete;
    Catalogue& operator=(const Catalogue&) = delete;
    ~Catalogue();

    // With `only`: those of its symbols that are there; else every symbol. The ranges of each file
    // ascend by symbol and cover it without a gap, else `corrupt`.
    [[nodiscard]] Result<Snapshot> snapshot(std::span<const std::string> only = {});
    // One transaction: the version unless null, the rows that are not in quarantine yet.
    [[nodiscard]] Result<void> commit(const NewVersion* version,
                                      std::span<const store::QuarantinedRow> quarantined);

    // Names of every file that any version has.
    [[nodiscard]] Result<std::vector<std::string>> file_names();
    [[nodiscard]] Result<std::vector<std::string>> symbol_names();
    // (symbol, hash) of every symbol, ascending.
    [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> symbol_hashes();
    [[nodiscard]] Result<std::string> data_version();
    [[nodiscard]] Result<bool> holds_generated();
    [[nodiscard]] Result<std::vector<store::SymbolSummary>> symbols();
    [[nodiscard]] Result<std::vector<store::VersionSummary>> versions();
    [[nodiscard]] Result<std::vector<store::QuarantinedRow>> quarantine(std::size_t limit);
    [[nodiscard]] Result<std::int64_t> quarantine_count();
    [[nodiscard]] Result<void> put_run(const store::RunRecord& run);
    [[nodiscard]] Result<std::vector<store::RunRecord>> runs();
    [[nodiscard]] Result<store::RunRecord> run(const std::string& id);

private:
    Catalogue(std::filesystem::path path, sqlite3* database);
    [[nodiscard]] Result<void> prepare(bool create);

    std::mutex lock_;
    std::filesystem::path path_;
    sqlite3* database_;
};

}  // namespace hsl::adapters
