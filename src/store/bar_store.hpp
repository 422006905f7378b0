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
#include "store/facts.hpp"

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
    // The bar as far as it was understood; what could not be read is 0. Nothing when no number was.
    std::optional<market::Bar> bar = {};
    std::int64_t id = 0;       // in the store; 0 on its way there
    std::string version = {};  // of the import that brought it, in the store
    std::string series = {};   // IncomingSymbol::source of the series it was meant for
};

// The files that rows of one series came from, when they come as one IncomingSymbol.
struct IncomingFiles {
    std::vector<std::string> names = {};
    // As IncomingSymbol::source_of, of an index into `names`.
    std::function<std::string(std::uint32_t file, std::int64_t line)> source_of = {};
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
    // Bars of different publishers, or of days and minutes, are series of their own that do not
    // conflict: a series is (symbol, source, interval).
    std::string source = {};
    market::Interval interval = market::Interval::day;
    market::Basis basis = market::Basis::unknown;
    market::BarDefinition definition = market::BarDefinition::unknown;
    // Thousands of files may have a row each: those that say the same of a series come together,
    // with the file of each row (an index into `files`, parallel to bars). `file` is the first.
    std::vector<std::uint32_t> file_of = {};
    std::shared_ptr<const IncomingFiles> files = {};
};

// All that one write brings.
struct Incoming {
    std::vector<IncomingSymbol> symbols = {};
    Facts facts = {};
    std::vector<QuarantinedRow> quarantined = {};
    std::vector<std::int64_t> settled = {};  // ids in quarantine that leave it: accepted or dropped
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
    std::vector<QuarantinedRow> findings = {};  // what was noticed of rows that were taken
    // Facts: new or changed rows. A column's row that differs replaces the stored one (vendors
    // revise flows); a listing or state of the same symbol and first day too; an action of the same
    // symbol, kind and ex-date too.
    std::int64_t facts_changed = 0;
};

// One series.
struct SymbolSummary {
    market::Instrument instrument = {};
    Date first = {};
    Date last = {};
    std::int64_t rows = 0;
    std::string source = {};
    market::Interval interval = market::Interval::day;
    market::Basis basis = market::Basis::unknown;
    market::BarDefinition definition = market::BarDefinition::unknown;
};

// What to read. `at` is a data version, as BarStore says.
struct ReadRequest {
    std::vector<std::string> symbols = {};  // every symbol if empty
    std::string at = {};
    // Of a symbol with several sources the first of these that has it is read; those not named come
    // after, by name, "" first.
    std::vector<std::string> sources = {};
    bool every_source = false;  // all of them, a Range each
    market::Interval interval = market::Interval::day;
    unsigned threads = 0;
    // Columns that are not wanted stay empty in the table: the whole market's closes are read in a
    // fraction of the time.
    bool close_only = false;
};

struct FactsRequest {
    std::string at = {};
    std::vector<std::string> columns = {};  // column names; none = no columns, {"*"} = all
    std::vector<std::string> symbols = {};  // of columns: every symbol if empty
};

// One difference between two versions.
struct DiffRow {
    std::string symbol = {};
    std::string source = {};
    std::string date = {};  // ISO
    std::string what = {};  // "added", "removed", "changed"
    std::optional<market::Bar> before = {}, after = {};
    int scale = 0;
};
struct VersionDiff {
    std::string from = {}, to = {};
    std::int64_t added = 0, removed = 0, changed = 0, symbols = 0, facts_changed = 0;
    std::vector<DiffRow> rows = {};  // by symbol, then date; the first `limit`
};

// What verify found wrong.
struct Damage {
    std::string file = {};
    std::string what = {};                  // "checksum differs", "missing"
    std::vector<std::string> symbols = {};  // whose rows are in it
    std::string remedy = {};                // what to do about it
};
struct VerifyReport {
    std::int64_t files = 0, bytes = 0, versions = 0, runs = 0;
    std::vector<Damage> damage = {};
    std::vector<std::string> notes = {};  // what is no damage, and worth a sentence
};
struct CompactReport {
    std::int64_t files_before = 0, files_after = 0, bytes_before = 0, bytes_after = 0;
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
    std::string request = {};   // what it takes to run it again; its service reads it
    std::string document = {};  // the whole result as JSON
};

// Which rows of the quarantine; what is empty asks for nothing. `file` is any part of the path.
struct QuarantineFilter {
    std::string symbol = {};
    std::string reason = {};
    std::string file = {};
    std::vector<std::int64_t> ids = {};
    std::size_t limit = SIZE_MAX;
};

// The right to write. Held by one process at a time; given up when destroyed.
class Writer {
public:
    virtual ~Writer() = default;
    // Merges bars, facts and quarantined rows into one new version. All or nothing: after an error
    // (or a stop, `cancelled`) nothing was written. Several files may speak of one series: among
    // them equal repeats count as unchanged, and of rows that differ all are quarantined. A market
    // that was unknown so far and is known now is a change; docs/concepts/store.md has every rule.
    // `bad_usage` while an older version is checked out.
    [[nodiscard]] virtual Result<WriteSummary> write(Incoming incoming, const WriteOptions& options,
                                                     const Progress& progress) = 0;
    // Rewrites the files of the newest version into few. With `forget`, the versions before the
    // newest go, and their files; otherwise every version stays readable.
    [[nodiscard]] virtual Result<CompactReport> compact(bool forget, const Progress& progress) = 0;
    // The version that reads see from now on, whoever reads; "" or "newest" follows the newest
    // again. Returns the version's whole name.
    [[nodiscard]] virtual Result<std::string> checkout(const std::string& at) = 0;
};

// Wherever `at` is asked for: a data version by its number, its name or at least four digits of
// that, "newest", or "" for the one that is checked out, by default the newest. What may mean
// several is `bad_usage`, naming them.
class BarStore {
public:
    virtual ~BarStore() = default;

    // `busy` when another process holds it, naming that process.
    [[nodiscard]] virtual Result<std::unique_ptr<Writer>> open_writer() = 0;

    // Bars by symbol, source, date and minute. A symbol that is not there is an error naming it and
    // the nearest ones.
    [[nodiscard]] virtual Result<market::BarTable> read(const ReadRequest& request) = 0;
    // Listings and states by symbol and first day, actions by symbol, ex-date and kind, columns by
    // name and symbol. A column that nobody imported is an error naming those there are.
    [[nodiscard]] virtual Result<Facts> facts(const FactsRequest& request) = 0;
    // The whole name of a version; "" while empty.
    [[nodiscard]] virtual Result<std::string> data_version(const std::string& at = {}) = 0;
    [[nodiscard]] virtual Result<bool> holds_generated() = 0;  // in any of its versions
    // How it keeps what it holds, in a word or two: "format 3".
    [[nodiscard]] virtual std::string format() const = 0;
    // Every series: by symbol, source, interval.
    [[nodiscard]] virtual Result<std::vector<SymbolSummary>> symbols(
        const std::string& at = {}) = 0;
    [[nodiscard]] virtual Result<std::vector<VersionSummary>> versions() = 0;  // oldest first
    // Every difference counted, the first `limit` told.
    [[nodiscard]] virtual Result<VersionDiff> diff(const std::string& from, const std::string& to,
                                                   std::size_t limit) = 0;
    // Reads everything there is, of every version and run, and says what is not as it was written.
    [[nodiscard]] virtual Result<VerifyReport> verify(const Progress& progress) = 0;
    // Newest first.
    [[nodiscard]] virtual Result<std::vector<QuarantinedRow>> quarantine(
        const QuarantineFilter& filter) = 0;
    [[nodiscard]] virtual Result<std::int64_t> quarantine_count() = 0;

    // Runs, newest first. A run with the same id replaces the older record.
    [[nodiscard]] virtual Result<void> put_run(const RunRecord& run) = 0;
    [[nodiscard]] virtual Result<std::vector<RunRecord>> runs() = 0;  // without requests, documents
    // By id or an unambiguous beginning of it; `not_found` or, when several begin so, `bad_usage`;
    // `corrupt` where the record is not as it was put.
    [[nodiscard]] virtual Result<RunRecord> run(const std::string& id) = 0;
};

[[nodiscard]] std::unique_ptr<BarStore> in_memory_store();

}  // namespace hsl::store
