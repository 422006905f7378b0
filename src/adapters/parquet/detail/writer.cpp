// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/writer.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/parquet/detail/bar_file.hpp"
#include "adapters/parquet/detail/disk.hpp"
#include "adapters/parquet/detail/load.hpp"
#include "base/parallel.hpp"
#include "store/content_hash.hpp"
#include "store/lookup.hpp"
#include "store/merge.hpp"
#include "store/merge_facts.hpp"

namespace hsl::adapters {
namespace {

using market::Bar;
using market::BarTable;
using store::IncomingSymbol;
using store::MergedSymbol;
using store::QuarantinedRow;

auto moment_of(const Bar& bar) { return std::pair{bar.date, bar.minute}; }

// `newer` over `older`, both ascending.
std::vector<Bar> lay_over(std::span<const Bar> older, std::span<const Bar> newer) {
    std::vector<Bar> both;
    both.reserve(older.size() + newer.size());
    auto at = older.begin();
    for (const Bar& bar : newer) {
        while (at != older.end() && moment_of(*at) < moment_of(bar)) both.push_back(*at++);
        if (at != older.end() && moment_of(*at) == moment_of(bar)) ++at;
        both.push_back(bar);
    }
    both.insert(both.end(), at, older.end());
    return both;
}

// A series as a write leaves it, and its new and replaced rows.
struct Outcome {
    Series series;
    std::vector<Bar> rows;
};

// What a write does to one stack.
struct Changes {
    Stack stack;
    std::vector<Outcome> outcomes;  // ascending by symbol, only what changed
};

void hash(const Stack& stack, Series& series, const BlockHasher& rows) {
    const SeriesState& state = series.state;
    series.chain = rows.state();
    series.hash = stack.kind == StackKind::column
                      ? store::column_hash(stack.name, state.instrument.symbol, rows)
                      : store::series_hash({.instrument = state.instrument,
                                            .source = stack.name,
                                            .interval = interval_of(stack.kind),
                                            .basis = state.basis,
                                            .definition = state.definition},
                                           rows);
}

void add_to(BlockHasher& hasher, StackKind kind, std::span<const Bar> bars) {
    if (kind != StackKind::column) return store::add_bars(hasher, bars);
    std::vector<market::ColumnRow> rows;
    for (const Bar& bar : bars) rows.push_back(as_row(bar));
    store::add_rows(hasher, rows);
}

// The series after `bars` took the place of all of its rows.
void replace_rows(const Stack& stack, Series& series, std::span<const Bar> bars) {
    BlockHasher rows;
    add_to(rows, stack.kind, bars);
    series.state.first = bars.front().date;
    series.state.last = bars.back().date;
    series.state.rows = static_cast<std::int64_t>(bars.size());
    hash(stack, series, rows);
}

// The series after `bars`, all later than its own.
void append_rows(const Stack& stack, Series& series, std::span<const Bar> bars) {
    BlockHasher rows{series.chain};
    add_to(rows, stack.kind, bars);
    if (!bars.empty()) series.state.last = bars.back().date;
    series.state.rows += static_cast<std::int64_t>(bars.size());
    hash(stack, series, rows);
}

// The series of a stack, and the rows of those that a write has to look at.
struct Held {
    std::vector<Series> series;                // ascending
    BarTable rows;                             // ascending
    std::vector<const Series*> of;             // of each name that was asked for; may be null
    std::vector<const BarTable::Range*> read;  // the same
};

class ParquetWriter final : public store::Writer {
public:
    ParquetWriter(std::shared_ptr<Room> room, FileHandle lock)
        : room_(std::move(room)), lock_(std::move(lock)) {}

    Result<store::WriteSummary> write(store::Incoming incoming, const store::WriteOptions& options,
                                      const Progress& progress) override {
        HSL_CHECK(follow_newest());
        store::WriteSummary summary;
        store::settle_facts(incoming.facts);
        HSL_TRY(std::vector<Changes> changes,
                merge_bars(incoming.symbols, options, progress, summary));
        HSL_CHECK(merge_columns(incoming.facts.columns, changes, summary));
        if (progress.stopped()) return std::unexpected(stopped());
        std::ranges::copy(summary.conflicts, std::back_inserter(incoming.quarantined));

        NewVersion version;
        HSL_CHECK(merge_tables(std::move(incoming.facts), version, summary));
        summary.changed = !changes.empty() || version.tables;
        if (!summary.changed) {
            if (!incoming.quarantined.empty() || !incoming.settled.empty())
                HSL_CHECK(room_->catalogue->commit(nullptr, incoming.quarantined, incoming.settled,
                                                   progress));
            summary.version = newest_ ? newest_->version : "";
            return summary;
        }
        version.generated = options.generated;
        version.summary = {.number = number() + 1,
                           .made_at = store::utc_now(),
                           .note = options.note,
                           .rows_added = summary.added,
                           .rows_replaced = summary.replaced};
        for (const Changes& each : changes) {
            HSL_TRY(StackChange change, write_stack(each, version.summary.number, progress));
            version.stacks.push_back(std::move(change));
        }
        HSL_CHECK(name(version));
        // A file whose commit failed is left to the next writer: a log that could not be synced may
        // yet turn out to hold the commit.
        HSL_CHECK(
            room_->catalogue->commit(&version, incoming.quarantined, incoming.settled, progress));
        note_newest(version.summary);
        summary.version = version.summary.version;
        return summary;
    }

    Result<store::CompactReport> compact(bool forget, const Progress& progress) override {
        HSL_CHECK(follow_newest());
        store::CompactReport report;
        if (!newest_) return report;
        HSL_TRY(const auto stacks, room_->catalogue->stacks(number()));
        std::vector<std::pair<Stack, NewFile>> files;
        for (const Stack& stack : stacks) {
            HSL_TRY(const Snapshot snapshot, room_->catalogue->snapshot(stack, number()));
            for (const CataloguedFile& file : snapshot.files) report.bytes_before += file.bytes;
            report.files_before += static_cast<std::int64_t>(snapshot.files.size());
            if (snapshot.files.size() < 2) {
                for (const CataloguedFile& file : snapshot.files) report.bytes_after += file.bytes;
                report.files_after += static_cast<std::int64_t>(snapshot.files.size());
                continue;
            }
            HSL_TRY(NewFile file, rewrite(snapshot, progress));
            report.bytes_after += file.file.bytes;
            ++report.files_after;
            files.emplace_back(stack, std::move(file));
        }
        if (progress.stopped()) return std::unexpected(stopped());
        HSL_CHECK(room_->catalogue->compact(number(), files, forget));
        note_newest(*newest_);
        HSL_CHECK(tidy());
        return report;
    }

    Result<std::string> checkout(const std::string& at) override {
        HSL_TRY(const auto version, room_->catalogue->find(at.empty() ? "newest" : at));
        if (!version) return std::string{};
        HSL_TRY(const auto newest, room_->catalogue->find("newest"));
        HSL_CHECK(room_->catalogue->check_out(newest && version->number == newest->number
                                                  ? std::nullopt
                                                  : std::optional{version->number}));
        return version->version;
    }

    // Removes files that no version names.
    Result<void> tidy() {
        for (const StackKind kind : every_kind) {
            HSL_TRY(const auto known, room_->catalogue->file_names(kind));
            HSL_CHECK(remove_litter(room_->folder / folder_of(kind), known));
        }
        return {};
    }

private:
    Result<void> follow_newest() {
        HSL_TRY(const std::string older, room_->catalogue->checked_out());
        if (!older.empty()) return std::unexpected(store::old_version_checked_out(older));
        HSL_TRY(newest_, room_->catalogue->find("newest"));
        return {};
    }
    [[nodiscard]] std::int64_t number() const { return newest_ ? newest_->number : 0; }

    // The commit stands whether this succeeds or not: it only tells an old catalogue later on.
    void note_newest(const store::VersionSummary& version) {
        static_cast<void>(write_newest(room_->folder, {version.number, version.version}));
    }

    // `first_dates` of each name (ascending): the rows of a series are read when something comes in
    // that is not later than all of them.
    Result<Held> look_up(const Stack& stack, std::span<const std::string> names,
                         std::span<const Date> first_dates) {
        Held held;
        HSL_TRY(held.series, room_->catalogue->series(stack));
        std::vector<std::string> needed;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto at = std::ranges::lower_bound(held.series, names[i], {},
                                                     [](const Series& each) -> const std::string& {
                                                         return each.state.instrument.symbol;
                                                     });
            const bool is_there =
                at != held.series.end() && at->state.instrument.symbol == names[i];
            held.of.push_back(is_there ? &*at : nullptr);
            if (is_there && first_dates[i] <= at->state.last) needed.push_back(names[i]);
        }
        held.read.resize(names.size());
        if (needed.empty()) return held;
        HSL_TRY(const Snapshot snapshot, room_->catalogue->snapshot(stack, number(), needed));
        HSL_TRY(held.rows, load(room_->folder, snapshot, Columns::all, 0));
        for (std::size_t i = 0, next = 0; i < names.size() && next < held.rows.symbols.size(); ++i)
            if (held.rows.symbols[next].instrument.symbol == names[i])
                held.read[i] = &held.rows.symbols[next++];
        return held;
    }

    // What the write does to the bars of each stack. Takes `symbols` apart.
    Result<std::vector<Changes>> merge_bars(std::vector<IncomingSymbol>& symbols,
                                            const store::WriteOptions& options,
                                            const Progress& progress,
                                            store::WriteSummary& summary) {
        std::map<Stack, std::vector<std::span<IncomingSymbol>>> stacks;
        std::size_t total = 0;
        for (const auto& files : store::group_by_series(symbols)) {
            stacks[stack_of(files[0].source, files[0].interval)].push_back(files);
            ++total;
        }
        std::atomic<std::size_t> done{0};
        std::vector<Changes> changes;
        for (const auto& [stack, groups] : stacks) {
            Changes each{.stack = stack, .outcomes = {}};
            HSL_TRY(each.outcomes,
                    merge_stack(stack, groups, options, progress, done, total, summary));
            if (!each.outcomes.empty()) changes.push_back(std::move(each));
        }
        return changes;
    }

    Result<std::vector<Outcome>> merge_stack(const Stack& stack,
                                             std::span<const std::span<IncomingSymbol>> groups,
                                             const store::WriteOptions& options,
                                             const Progress& progress,
                                             std::atomic<std::size_t>& done, std::size_t total,
                                             store::WriteSummary& summary) {
        std::vector<std::string> names;
        std::vector<Date> first_dates;
        for (const auto& files : groups) {
            names.push_back(files[0].instrument.symbol);
            Date first{INT32_MAX};
            for (const IncomingSymbol& file : files)
                if (!file.bars.empty()) first = std::min(first, file.bars.front().date);
            first_dates.push_back(first);
        }
        HSL_TRY(const Held held, look_up(stack, names, first_dates));
        std::vector<std::optional<Outcome>> outcomes(groups.size());
        std::vector<MergedSymbol> merged(groups.size());
        parallel_for(groups.size(), 0, [&](std::size_t i, unsigned) {
            if (progress.stopped()) return;
            std::optional<store::StoredSymbol> stored;
            if (held.of[i] != nullptr) {
                const SeriesState& state = held.of[i]->state;
                stored = {.instrument = state.instrument,
                          .bars = held.read[i] != nullptr ? bars_of(held.rows, *held.read[i])
                                                          : std::vector<Bar>{},
                          .basis = state.basis,
                          .definition = state.definition,
                          .last = state.last};
            }
            merged[i] =
                store::merge_symbol(stored ? &*stored : nullptr, groups[i], options.replace);
            if (merged[i].changed())
                outcomes[i] = outcome_of(stack, held.of[i], held.read[i] != nullptr, merged[i]);
            // A history of the whole market is there once at a time.
            for (IncomingSymbol& file : groups[i]) file = {};
            progress.done("storing", ++done, total);
        });
        if (progress.stopped()) return std::unexpected(stopped());
        std::vector<Outcome> changed;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            summary.added += merged[i].added;
            summary.replaced += merged[i].replaced;
            summary.unchanged += merged[i].unchanged;
            std::ranges::move(merged[i].conflicts, std::back_inserter(summary.conflicts));
            std::ranges::move(merged[i].findings, std::back_inserter(summary.findings));
            if (outcomes[i]) changed.push_back(std::move(*outcomes[i]));
        }
        return changed;
    }

    static Outcome outcome_of(const Stack& stack, const Series* held, bool was_read,
                              MergedSymbol& merged) {
        Outcome outcome;
        if (held != nullptr) outcome.series = *held;
        outcome.series.state.instrument = merged.instrument;
        outcome.series.state.basis = merged.basis;
        outcome.series.state.definition = merged.definition;
        if (held != nullptr && !was_read)
            append_rows(stack, outcome.series, merged.written);
        else
            replace_rows(stack, outcome.series, merged.bars);
        outcome.rows = std::move(merged.is_new ? merged.bars : merged.written);
        return outcome;
    }

    // What the write does to named columns, which are settled.
    Result<void> merge_columns(std::span<const market::ColumnSeries> columns,
                               std::vector<Changes>& changes, store::WriteSummary& summary) {
        for (std::size_t first = 0, end = 0; first < columns.size(); first = end) {
            while (end < columns.size() && columns[end].column == columns[first].column) ++end;
            Changes each{.stack = {StackKind::column, columns[first].column}, .outcomes = {}};
            HSL_TRY(each.outcomes, merge_column(each.stack, columns.subspan(first, end - first)));
            for (const Outcome& outcome : each.outcomes)
                summary.facts_changed += static_cast<std::int64_t>(outcome.rows.size());
            if (!each.outcomes.empty()) changes.push_back(std::move(each));
        }
        return {};
    }

    Result<std::vector<Outcome>> merge_column(const Stack& stack,
                                              std::span<const market::ColumnSeries> columns) {
        std::vector<std::string> names;
        std::vector<Date> first_dates;
        for (const market::ColumnSeries& column : columns) {
            names.push_back(column.symbol);
            first_dates.push_back(column.rows.front().date);
        }
        HSL_TRY(const Held held, look_up(stack, names, first_dates));
        std::vector<Outcome> outcomes;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::vector<Bar> old =
                held.read[i] != nullptr ? bars_of(held.rows, *held.read[i]) : std::vector<Bar>{};
            Outcome outcome;
            auto at = old.begin();
            for (const market::ColumnRow& row : columns[i].rows) {
                const Bar bar = as_bar(row);
                while (at != old.end() && at->date < bar.date) ++at;
                if (at == old.end() || !(*at == bar)) outcome.rows.push_back(bar);
            }
            if (outcome.rows.empty()) continue;
            if (held.of[i] != nullptr) outcome.series = *held.of[i];
            outcome.series.state.instrument.symbol = columns[i].symbol;
            outcome.series.state.origin = columns[i].source;
            if (held.of[i] != nullptr && held.read[i] == nullptr)
                append_rows(stack, outcome.series, outcome.rows);
            else
                replace_rows(stack, outcome.series, lay_over(old, outcome.rows));
            outcomes.push_back(std::move(outcome));
        }
        return outcomes;
    }

    Result<void> merge_tables(store::Facts incoming, NewVersion& version,
                              store::WriteSummary& summary) {
        incoming.columns.clear();
        if (incoming.empty()) return {};
        store::Facts before;
        if (newest_) {
            HSL_TRY(before, room_->catalogue->tables(number()));
        }
        store::Facts after = before;
        const std::int64_t changed = store::merge_facts(after, std::move(incoming));
        summary.facts_changed += changed;
        if (changed > 0) version.tables = {std::move(before), std::move(after)};
        return {};
    }

    // Symbol count and content hash of the version, given what changed.
    Result<void> name(NewVersion& version) {
        HSL_TRY(auto hashes, room_->catalogue->hashes());
        std::map<std::array<std::string, 3>, std::string> all;
        for (auto& [symbol, source, kind, hash] : hashes.series)
            all.insert_or_assign({std::move(symbol), std::move(source), std::move(kind)},
                                 std::move(hash));
        for (const StackChange& change : version.stacks)
            for (const Series& series : change.series)
                all.insert_or_assign({series.state.instrument.symbol, change.stack.name,
                                      std::string{name_of(change.stack.kind)}},
                                     series.hash);
        version.table_hash =
            version.tables ? store::table_hash(version.tables->second) : hashes.tables;
        std::vector<store::NamedHash> named;
        std::set<std::string_view> symbols;
        for (const auto& [key, hash] : all) {
            named.push_back({key[0], key[1], key[2], hash});
            if (key[2] != name_of(StackKind::column)) symbols.insert(key[0]);
        }
        version.summary.symbols = static_cast<std::int64_t>(symbols.size());
        version.summary.version = store::data_version(std::move(named), version.table_hash);
        return {};
    }

    // The new rows of a stack as a file, if there are any. It takes in the newest files as long as
    // they hold no more rows than it has by then: sizes at least double from file to file, so that
    // a store that is fed daily for years stays a dozen files, and a row is rewritten about once in
    // each doubling.
    Result<StackChange> write_stack(const Changes& changes, std::int64_t number,
                                    const Progress& progress) {
        StackChange change{.stack = changes.stack, .file = {}, .series = {}};
        std::int64_t rows = 0;
        for (const Outcome& outcome : changes.outcomes) {
            rows += static_cast<std::int64_t>(outcome.rows.size());
            change.series.push_back(outcome.series);
        }
        if (rows == 0) return change;
        HSL_TRY(Snapshot snapshot, room_->catalogue->snapshot(changes.stack, this->number()));
        std::size_t first_taken = snapshot.files.size();
        while (first_taken > 0 && snapshot.files[first_taken - 1].rows <= rows)
            rows += snapshot.files[--first_taken].rows;

        NewFile file;
        std::map<std::string_view, std::vector<Bar>> content;  // where rows come together
        std::map<std::string_view, const SeriesState*> states;
        for (const Snapshot::Symbol& symbol : snapshot.symbols)
            states[symbol.state.instrument.symbol] = &symbol.state;
        if (first_taken < snapshot.files.size()) {
            HSL_TRY(const auto tables, load_taken(snapshot, first_taken, file.superseded));
            for (const BarTable& table : tables)
                for (const BarTable::Range& range : table.symbols) {
                    std::vector<Bar>& bars = content[*name_in(states, range.instrument.symbol)];
                    bars = lay_over(bars, bars_of(table, range));
                }
        }
        std::map<std::string_view, std::span<const Bar>> rows_of;
        for (const Outcome& outcome : changes.outcomes) {
            if (outcome.rows.empty()) continue;
            const std::string_view symbol = outcome.series.state.instrument.symbol;
            states.insert_or_assign(symbol, &outcome.series.state);
            rows_of[symbol] = outcome.rows;
            if (const auto taken = content.find(symbol); taken != content.end())
                taken->second = lay_over(taken->second, outcome.rows);
        }
        for (const auto& [symbol, bars] : content) rows_of[symbol] = bars;
        std::vector<SymbolRows> sorted;
        for (const auto& [symbol, bars] : rows_of) {
            sorted.push_back({symbol, bars});
            file.symbols.push_back(in_file(*states.at(symbol), bars.size()));
        }
        HSL_TRY(file.file, write_file(changes.stack, number, sorted, progress));
        change.file = std::move(file);
        return change;
    }

    static const std::string_view* name_in(
        const std::map<std::string_view, const SeriesState*>& states, std::string_view symbol) {
        return &states.find(symbol)->first;
    }

    static FileSymbol in_file(const SeriesState& state, std::size_t rows) {
        return {.symbol = state.instrument.symbol,
                .rows = static_cast<std::int64_t>(rows),
                .total_rows = state.rows,
                .first = state.first,
                .last = state.last};
    }

    // All of a stack as one file.
    Result<NewFile> rewrite(const Snapshot& snapshot, const Progress& progress) {
        HSL_TRY(const BarTable table, load(room_->folder, snapshot, Columns::all, 0));
        NewFile file;
        for (const CataloguedFile& each : snapshot.files) file.superseded.push_back(each.id);
        std::vector<std::vector<Bar>> bars;
        std::vector<SymbolRows> rows;
        for (const BarTable::Range& range : table.symbols) bars.push_back(bars_of(table, range));
        for (std::size_t i = 0; i < bars.size(); ++i) {
            rows.push_back({snapshot.symbols[i].state.instrument.symbol, bars[i]});
            file.symbols.push_back(in_file(snapshot.symbols[i].state, bars[i].size()));
        }
        HSL_TRY(file.file, write_file(snapshot.stack, number(), rows, progress));
        return file;
    }

    // "000007-<hash>", with the column or the source between the two.
    static std::string file_name(const Stack& stack, std::int64_t number, std::string_view hash) {
        std::string word;
        for (const char c : stack.name)
            word += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : '.';
        if (!word.empty()) {
            Hasher hasher;  // two sources may look alike by now
            word += stack.kind == StackKind::column ? "" : "." + hasher.add_text(stack.name).hex(8);
            word += '-';
        }
        return fmt::format("{:06}-{}{}.parquet", number, word, hash);
    }

    Result<CataloguedFile> write_file(const Stack& stack, std::int64_t number,
                                      std::span<const SymbolRows> rows, const Progress& progress) {
        const std::filesystem::path folder = room_->folder / folder_of(stack.kind);
        if (const int error = disk().make_folder(folder); error == 0)
            HSL_CHECK(sync_folder(room_->folder));
        else if (error != EEXIST)
            return std::unexpected(io_error("make", folder, error));
        const std::filesystem::path draft =
            folder / (file_name(stack, number, "0000000000000000") + ".new");
        HSL_TRY(const WrittenFile written, write_bar_file(draft, stack.kind, rows, progress));
        CataloguedFile file{.id = 0,
                            .kind = stack.kind,
                            .name = file_name(stack, number, written.sha256.substr(0, 16)),
                            .rows = written.rows,
                            .bytes = written.bytes,
                            .sha256 = written.sha256};
        if (const int error = disk().rename(draft, room_->folder / file.path()); error != 0)
            return std::unexpected(io_error("rename", draft, error));
        HSL_CHECK(sync_folder(folder));
        return file;
    }

    // The rows of the snapshot's files from `first` on, a table a file.
    Result<std::vector<BarTable>> load_taken(const Snapshot& snapshot, std::size_t first,
                                             std::vector<std::int64_t>& ids) {
        Snapshot taken{.stack = snapshot.stack, .files = {}, .symbols = {}};
        for (std::size_t file = first; file < snapshot.files.size(); ++file) {
            ids.push_back(snapshot.files[file].id);
            taken.files.push_back(snapshot.files[file]);
        }
        for (const Snapshot::Symbol& symbol : snapshot.symbols) {
            Snapshot::Symbol part{.state = symbol.state, .ranges = {}};
            for (const FileRange& range : symbol.ranges)
                if (range.file >= first)
                    part.ranges.push_back({range.file - first, range.first_row, range.rows});
            if (!part.ranges.empty()) taken.symbols.push_back(std::move(part));
        }
        return load_files(room_->folder, taken, 0);
    }

    std::shared_ptr<Room> room_;
    FileHandle lock_;
    std::optional<store::VersionSummary> newest_;
};

}  // namespace

Result<std::unique_ptr<store::Writer>> make_writer(std::shared_ptr<Room> room) {
    HSL_TRY(FileHandle lock, lock_for_writing(room->folder));
    auto writer = std::make_unique<ParquetWriter>(std::move(room), std::move(lock));
    HSL_CHECK(writer->tidy());
    return writer;
}

}  // namespace hsl::adapters
