// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port to bars at rest. A store is a sequence of versions; a version is immutable files and one
// transaction, so that a kill at any point leaves the old one or the new one. One writer, any
// number of readers; a store may be used from several threads at once. `in_memory_store` is the
// plainest description of what every store does, bar_store_contract.hpp the test that every store
// passes.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/bar.hpp"

namespace hsl::store {

// A row that broke a rule. The bytes of the source line are kept: nothing is lost.
struct QuarantinedRow {
    std::string symbol = {};
    std::string date = {};  // as far as it was understood, ISO; may be empty
    std::string file = {};  // the file's path as given
    std::int64_t line = 0;
    std::string reason = {};  // the rule's name: "high_below_low"
    std::string detail = {};  // in words, with the values found
    std::string source = {};  // the line as it stood
};

// A bar on its way into the store, and where it came from (for a conflict's message).
struct IncomingSymbol {
    market::Instrument instrument = {};
    std::vector<market::Bar> bars = {};    // strictly ascending by date
    std::vector<std::int64_t> lines = {};  // source line of each bar, parallel to bars, or empty
    std::string file = {};
    // The text of a source line, for rows that end in quarantine; called from any thread. Without
    // it such a row is kept as the numbers it was read as.
    std::function<std::string(std::int64_t line)> source_of = {};
};

struct WriteOptions {
    bool replace = false;    // a differing row replaces the stored one; otherwise it is quarantined
    bool generated = false;  // bars of a synthetic market
    std::string note = {};   // the command, for `hsl data`
};

struct WriteSummary {
    std::string version = {};  // the data version after the write
    bool changed = false;      // false: everything was there already, no new version
    std::int64_t added = 0;    // rows
    std::int64_t replaced = 0;
    std::int64_t unchanged = 0;  // equal to the stored row, or to an earlier row of this write
    // Rows that differ from the stored ones, or from one another: all are in quarantine.
    std::vector<QuarantinedRow> conflicts = {};
};

struct SymbolSummary {
    market::Instrument instrument = {};
    Date first = {};
    Date last = {};
    std::int64_t rows = 0;
};

struct VersionSummary {
    std::int64_t number = 0;   // 1, 2, ...
    std::string version = {};  // hash of the content as of this version
    std::string made_at = {};  // UTC, ISO
    std::string note = {};
    std::int64_t rows_added = 0;
    std::int64_t rows_replaced = 0;
    std::int64_t symbols = 0;
};

struct RunRecord {
    std::string id = {};
    std::string made_at = {};  // UTC, ISO
    std::string command = {};
    std::string data_version = {};
    std::string code_version = {};
    std::string rules = {};
    std::string summary = {};   // one line for lists
    std::string document = {};  // the whole result as JSON
};

// The right to write. Held by one process at a time; given up when destroyed.
class Writer {
public:
    virtual ~Writer() = default;
    // Merges bars and quarantined rows into one new version. All or nothing: after an error (or a
    // stop, `cancelled`) nothing was written. Several files may speak of one symbol: among them
    // equal repeats count as unchanged, and of rows that differ all are quarantined. A market that
    // was unknown so far and is known now is a change; docs/concepts/store.md has every rule.
    [[nodiscard]] virtual Result<WriteSummary> write(std::vector<IncomingSymbol> symbols,
                                                     std::vector<QuarantinedRow> quarantined,
                                                     const WriteOptions& options,
                                                     const Progress& progress) = 0;
};

class BarStore {
public:
    virtual ~BarStore() = default;

    // `busy` when another process holds it, naming that process.
    [[nodiscard]] virtual Result<std::unique_ptr<Writer>> open_writer() = 0;

    // Bars of `symbols` (every symbol if empty) as of the newest version, by symbol, then date.
    // A symbol that is not there is an error naming it and the nearest ones.
    [[nodiscard]] virtual Result<market::BarTable> read(const std::vector<std::string>& symbols,
                                                        unsigned threads) = 0;
    [[nodiscard]] virtual Result<std::string> data_version() = 0;  // "" while empty
    [[nodiscard]] virtual Result<bool> holds_generated() = 0;      // in any of its versions
    [[nodiscard]] virtual Result<std::vector<SymbolSummary>> symbols() = 0;    // ascending
    [[nodiscard]] virtual Result<std::vector<VersionSummary>> versions() = 0;  // oldest first
    // The newest `limit` rows, newest first.
    [[nodiscard]] virtual Result<std::vector<QuarantinedRow>> quarantine(std::size_t limit) = 0;
    [[nodiscard]] virtual Result<std::int64_t> quarantine_count() = 0;

    // Runs, newest first. A run with the same id replaces the older record.
    [[nodiscard]] virtual Result<void> put_run(const RunRecord& run) = 0;
    [[nodiscard]] virtual Result<std::vector<RunRecord>> runs() = 0;  // without documents
    // By id or an unambiguous beginning of it; `not_found` or, when several begin so, `bad_usage`.
    [[nodiscard]] virtual Result<RunRecord> run(const std::string& id) = 0;
};

[[nodiscard]] std::unique_ptr<BarStore> in_memory_store();

}  // namespace hsl::store
