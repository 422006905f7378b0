// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/parquet_store.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/bar_file.hpp"
#include "adapters/parquet/detail/catalogue.hpp"
#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/load.hpp"
#include "base/parallel.hpp"
#include "store/content_hash.hpp"
#include "store/lookup.hpp"
#include "store/merge.hpp"

namespace hsl::adapters {
namespace {

using market::Bar;
using market::BarTable;
using store::IncomingSymbol;
using store::MergedSymbol;
using store::QuarantinedRow;

// What a store and its writer share.
struct Room {
    std::filesystem::path folder;
    std::unique_ptr<Catalogue> catalogue;

    [[nodiscard]] std::filesystem::path bars() const { return folder / "bars"; }
};

Error only_days() {
    return {.code = ErrorCode::unsupported,
            .message = "this store takes daily bars without a source so far"};
}

Error stopped() {
    return {.code = ErrorCode::cancelled, .message = "stopped; the store is as it was"};
}

std::vector<Bar> bars_of(const BarTable& table, const BarTable::Range& range) {
    std::vector<Bar> bars;
    bars.reserve(range.count);
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        bars.push_back(table.bar(row));
    return bars;
}

// `newer` over `older`, both ascending by date.
std::vector<Bar> lay_over(std::span<const Bar> older, std::span<const Bar> newer) {
    std::vector<Bar> both;
    both.reserve(older.size() + newer.size());
    auto at = older.begin();
    for (const Bar& bar : newer) {
        while (at != older.end() && at->date < bar.date) both.push_back(*at++);
        if (at != older.end() && at->date == bar.date) ++at;
        both.push_back(bar);
    }
    both.insert(both.end(), at, older.end());
    return both;
}

// A symbol as a write leaves it.
struct Outcome {
    MergedSymbol symbol;
    std::string hash;  // if it changed
};

class ParquetWriter final : public store::Writer {
public:
    ParquetWriter(std::shared_ptr<Room> room, FileHandle lock)
        : room_(std::move(room)), lock_(std::move(lock)) {}

    Result<store::WriteSummary> write(store::Incoming incoming, const store::WriteOptions& options,
                                      const Progress& progress) override {
        if (!incoming.facts.empty()) return std::unexpected(only_days());
        for (const IncomingSymbol& symbol : incoming.symbols)
            if (!symbol.source.empty() || symbol.interval != market::Interval::day)
                return std::unexpected(only_days());
        std::vector<QuarantinedRow>& quarantined = incoming.quarantined;
        HSL_TRY(auto outcomes, merge(incoming.symbols, options, progress));
        store::WriteSummary summary;
        for (Outcome& outcome : outcomes) {
            summary.added += outcome.symbol.added;
            summary.replaced += outcome.symbol.replaced;
            summary.unchanged += outcome.symbol.unchanged;
            std::ranges::move(outcome.symbol.conflicts, std::back_inserter(summary.conflicts));
        }
        std::ranges::copy(summary.conflicts, std::back_inserter(quarantined));
        std::erase_if(outcomes, [](const Outcome& outcome) { return !outcome.symbol.changed(); });
        if (outcomes.empty()) {
            if (!quarantined.empty()) HSL_CHECK(room_->catalogue->commit(nullptr, quarantined));
            HSL_TRY(summary.version, room_->catalogue->data_version());
            return summary;
        }

        NewVersion version;
        version.generated = options.generated;
        version.summary.made_at = store::utc_now();
        version.summary.note = options.note;
        version.summary.rows_added = summary.added;
        version.summary.rows_replaced = summary.replaced;
        for (const auto& [symbol, hash] : outcomes)
            version.symbols.push_back({.instrument = symbol.instrument,
                                       .first = symbol.bars.front().date,
                                       .last = symbol.bars.back().date,
                                       .rows = static_cast<std::int64_t>(symbol.bars.size()),
                                       .hash = hash});
        HSL_CHECK(name(version));
        if (summary.added + summary.replaced > 0) {
            HSL_TRY(version.bars, write_file(version.summary.number, outcomes, progress));
        }
        // A file whose commit failed is left to the next writer: a log that could not be synced may
        // yet turn out to hold the commit.
        HSL_CHECK(room_->catalogue->commit(&version, quarantined));
        summary.changed = true;
        summary.version = version.summary.version;
        return summary;
    }

    Result<store::CompactReport> compact(bool, const Progress&) override {
        return std::unexpected(only_days());
    }
    Result<std::string> checkout(const std::string&) override {
        return std::unexpected(only_days());
    }

private:
    // What the write does to each of its symbols, ascending. Takes `symbols` apart.
    Result<std::vector<Outcome>> merge(std::vector<IncomingSymbol>& symbols,
                                       const store::WriteOptions& options,
                                       const Progress& progress) {
        const auto groups = store::group_by_series(symbols);
        std::vector<Outcome> outcomes(groups.size());
        if (groups.empty()) return outcomes;
        std::vector<std::string> names;
        for (const auto& files : groups) names.push_back(files[0].instrument.symbol);
        HSL_TRY(const Snapshot snapshot, room_->catalogue->snapshot(names));
        HSL_TRY(const BarTable table, load(room_->bars(), snapshot, 0));
        // Both ascend by symbol.
        std::vector<const BarTable::Range*> held(groups.size());
        for (std::size_t i = 0, next = 0; i < groups.size() && next < table.symbols.size(); ++i)
            if (table.symbols[next].instrument.symbol == names[i]) held[i] = &table.symbols[next++];

        std::atomic<std::size_t> done{0};
        parallel_for(groups.size(), 0, [&](std::size_t i, unsigned) {
            if (progress.stopped()) return;
            std::optional<store::StoredSymbol> stored;
            if (held[i] != nullptr)
                stored = {.instrument = held[i]->instrument, .bars = bars_of(table, *held[i])};
            MergedSymbol merged =
                store::merge_symbol(stored ? &*stored : nullptr, groups[i], options.replace);
            if (merged.changed())
                outcomes[i].hash =
                    store::series_hash("", market::Interval::day, {merged.instrument, merged.bars});
            outcomes[i].symbol = std::move(merged);
            progress.done("storing", ++done, groups.size());
        });
        if (progress.stopped()) return std::unexpected(stopped());
        return outcomes;
    }

    // Number, symbol count and content hash of the version, given its changed symbols.
    Result<void> name(NewVersion& version) {
        HSL_TRY(const auto versions, room_->catalogue->versions());
        HSL_TRY(const auto stored, room_->catalogue->symbol_hashes());
        std::map<std::string_view, std::string_view> hashes(stored.begin(), stored.end());
        for (const CataloguedSymbol& symbol : version.symbols)
            hashes.insert_or_assign(symbol.instrument.symbol, symbol.hash);
        std::vector<store::NamedHash> named;
        for (const auto& [symbol, hash] : hashes) named.push_back({symbol, "", "day", hash});
        version.summary.number = versions.empty() ? 1 : versions.back().number + 1;
        version.summary.symbols = static_cast<std::int64_t>(named.size());
        version.summary.version = store::data_version(std::move(named), {});
        return {};
    }

    // The new rows as a file. It takes in the newest files as long as they hold no more rows than
    // it has by then: sizes at least double from file to file, so that a store that is fed daily
    // for years stays a dozen files, and a row is rewritten about once in each doubling.
    Result<NewFile> write_file(std::int64_t number, std::span<const Outcome> outcomes,
                               const Progress& progress) {
        std::int64_t rows = 0;
        for (const Outcome& outcome : outcomes)
            rows += static_cast<std::int64_t>(outcome.symbol.rows_to_write().size());
        HSL_TRY(Snapshot snapshot, room_->catalogue->snapshot());
        std::size_t first_taken = snapshot.files.size();
        while (first_taken > 0 && snapshot.files[first_taken - 1].rows <= rows)
            rows += snapshot.files[--first_taken].rows;

        NewFile result;
        std::map<std::string_view, std::vector<Bar>> older;
        std::vector<BarTable> tables;
        if (first_taken < snapshot.files.size()) {
            HSL_TRY(tables, load_taken(snapshot, first_taken, result.superseded));
            for (const BarTable& table : tables)
                for (const BarTable::Range& range : table.symbols) {
                    std::vector<Bar>& bars = older[range.instrument.symbol];
                    bars = lay_over(bars, bars_of(table, range));
                }
        }
        std::map<std::string_view, std::span<const Bar>> content(older.begin(), older.end());
        for (const Outcome& outcome : outcomes) {
            const std::span<const Bar> newer = outcome.symbol.rows_to_write();
            if (newer.empty()) continue;
            const auto held = older.find(outcome.symbol.instrument.symbol);
            if (held != older.end()) held->second = lay_over(held->second, newer);
            content[outcome.symbol.instrument.symbol] =
                held != older.end() ? std::span<const Bar>{held->second} : newer;
        }

        std::vector<SymbolRows> sorted;
        std::int64_t row = 0;
        for (const auto& [symbol, bars] : content) {
            const auto count = static_cast<std::int64_t>(bars.size());
            sorted.push_back({symbol, bars});
            result.ranges.push_back(
                {.symbol = std::string{symbol}, .first_row = row, .rows = count});
            row += count;
        }
        const std::filesystem::path draft =
            room_->bars() / fmt::format("{:06}-{:016}.parquet.new", number, 0);
        HSL_TRY(const WrittenFile written, write_bar_file(draft, sorted, progress));
        result.file = {
            .id = 0,
            .name = fmt::format("{:06}-{}.parquet", number, written.sha256.substr(0, 16)),
            .rows = written.rows,
            .bytes = written.bytes,
            .sha256 = written.sha256};
        const std::filesystem::path path = room_->bars() / result.file.name;
        if (std::rename(draft.c_str(), path.c_str()) != 0)
            return std::unexpected(io_error("rename", draft, errno));
        HSL_CHECK(sync_folder(room_->bars()));
        return result;
    }

    // The rows of the snapshot's files from `first` on, a table a file.
    Result<std::vector<BarTable>> load_taken(Snapshot& snapshot, std::size_t first,
                                             std::vector<std::int64_t>& ids) {
        for (std::size_t file = first; file < snapshot.files.size(); ++file)
            ids.push_back(snapshot.files[file].id);
        snapshot.files.erase(snapshot.files.begin(),
                             snapshot.files.begin() + static_cast<std::ptrdiff_t>(first));
        for (Snapshot::Symbol& symbol : snapshot.symbols) {
            std::erase_if(symbol.ranges,
                          [&](const FileRange& range) { return range.file < first; });
            for (FileRange& range : symbol.ranges) range.file -= first;
        }
        return load_files(room_->bars(), snapshot, 0);
    }

    std::shared_ptr<Room> room_;
    FileHandle lock_;
};

class ParquetStore final : public store::BarStore {
public:
    explicit ParquetStore(std::shared_ptr<Room> room) : room_(std::move(room)) {}

    Result<std::unique_ptr<store::Writer>> open_writer() override {
        HSL_TRY(FileHandle lock, lock_for_writing(room_->folder));
        HSL_TRY(const auto known, room_->catalogue->file_names());
        HSL_CHECK(remove_litter(room_->bars(), known));
        return std::make_unique<ParquetWriter>(room_, std::move(lock));
    }

    Result<BarTable> read(const store::ReadRequest& request) override {
        const std::vector<std::string>& symbols = request.symbols;
        HSL_TRY(const Snapshot snapshot, room_->catalogue->snapshot(symbols));
        for (const std::string& name : symbols) {
            const auto found =
                std::ranges::lower_bound(snapshot.symbols, name, {},
                                         [](const Snapshot::Symbol& symbol) -> const std::string& {
                                             return symbol.state.instrument.symbol;
                                         });
            if (found == snapshot.symbols.end() || found->state.instrument.symbol != name) {
                HSL_TRY(const auto known, room_->catalogue->symbol_names());
                return std::unexpected(store::unknown_symbol(name, known));
            }
        }
        return load(room_->bars(), snapshot, request.threads);
    }

    Result<std::string> data_version(const std::string&) override {
        return room_->catalogue->data_version();
    }
    Result<bool> holds_generated() override { return room_->catalogue->holds_generated(); }
    Result<store::Facts> facts(const store::FactsRequest&) override { return store::Facts{}; }
    Result<store::VersionDiff> diff(const std::string&, const std::string&, std::size_t) override {
        return std::unexpected(only_days());
    }
    Result<store::VerifyReport> verify(const Progress&) override {
        return std::unexpected(only_days());
    }
    Result<std::vector<store::SymbolSummary>> symbols(const std::string&) override {
        return room_->catalogue->symbols();
    }
    Result<std::vector<store::VersionSummary>> versions() override {
        return room_->catalogue->versions();
    }
    Result<std::vector<QuarantinedRow>> quarantine(const store::QuarantineFilter& filter) override {
        return room_->catalogue->quarantine(filter.limit);
    }
    Result<std::int64_t> quarantine_count() override {
        return room_->catalogue->quarantine_count();
    }
    Result<void> put_run(const store::RunRecord& run) override {
        return room_->catalogue->put_run(run);
    }
    Result<std::vector<store::RunRecord>> runs() override { return room_->catalogue->runs(); }
    Result<store::RunRecord> run(const std::string& id) override {
        return room_->catalogue->run(id);
    }

private:
    std::shared_ptr<Room> room_;
};

}  // namespace

Result<std::unique_ptr<store::BarStore>> open_parquet_store(const std::filesystem::path& folder,
                                                            bool create) {
    auto room = std::make_shared<Room>();
    room->folder = folder;
    if (create) {
        std::error_code error;
        std::filesystem::create_directories(room->bars(), error);
        if (error)
            return std::unexpected(
                io_error("make the store's folder", room->bars(), error.value()));
    }
    HSL_TRY(room->catalogue, Catalogue::open(folder, create));
    return std::make_unique<ParquetStore>(std::move(room));
}

}  // namespace hsl::adapters
