// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include <unistd.h>

#include <fmt/format.h>

#include "store/bar_store.hpp"
#include "store/content_hash.hpp"
#include "store/lookup.hpp"
#include "store/merge.hpp"

namespace hsl::store {
namespace {

struct Held {
    StoredSymbol content;
    std::string hash;
};

// Everything a store holds. Store and writer share it, so that a writer may outlive its store.
struct State {
    std::mutex lock;
    bool has_writer = false;
    std::map<std::string, Held> symbols;
    std::vector<VersionSummary> versions;
    bool generated = false;
    std::vector<QuarantinedRow> quarantine;
    std::set<std::string> quarantine_keys;
    std::vector<RunRecord> runs;  // oldest first

    [[nodiscard]] std::string version() const {
        return versions.empty() ? std::string{} : versions.back().version;
    }
    [[nodiscard]] std::vector<std::string> symbol_names() const {
        std::vector<std::string> names;
        names.reserve(symbols.size());
        for (const auto& [name, held] : symbols) names.push_back(name);
        return names;
    }
};

class MemoryWriter final : public Writer {
public:
    explicit MemoryWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~MemoryWriter() override {
        const std::lock_guard guard{state_->lock};
        state_->has_writer = false;
    }

    Result<WriteSummary> write(std::vector<IncomingSymbol> symbols,
                               std::vector<QuarantinedRow> quarantined, const WriteOptions& options,
                               const Progress& progress) override {
        const std::lock_guard guard{state_->lock};
        WriteSummary summary;
        std::vector<MergedSymbol> changes;
        const auto groups = group_by_symbol(symbols);
        for (const auto& files : groups) {
            if (progress.stopped())
                return fail(ErrorCode::cancelled, "stopped; the store is as it was");
            const auto held = state_->symbols.find(files[0].instrument.symbol);
            MergedSymbol merged =
                merge_symbol(held == state_->symbols.end() ? nullptr : &held->second.content, files,
                             options.replace);
            summary.added += merged.added;
            summary.replaced += merged.replaced;
            summary.unchanged += merged.unchanged;
            std::ranges::copy(merged.conflicts, std::back_inserter(summary.conflicts));
            if (merged.changed()) changes.push_back(std::move(merged));
            progress.done("storing", static_cast<std::size_t>(&files - groups.data()) + 1,
                          groups.size());
        }

        for (const auto* rows : {&quarantined, &summary.conflicts})
            for (const QuarantinedRow& row : *rows)
                if (state_->quarantine_keys.insert(quarantine_key(row)).second)
                    state_->quarantine.push_back(row);

        for (MergedSymbol& merged : changes) {
            Held held{{merged.instrument, std::move(merged.bars)}, {}};
            held.hash = symbol_hash(held.content.instrument, held.content.bars);
            state_->symbols.insert_or_assign(merged.instrument.symbol, std::move(held));
        }
        if (!changes.empty()) {
            std::vector<NamedHash> hashes;
            for (const auto& [name, held] : state_->symbols) hashes.push_back({name, held.hash});
            summary.changed = true;
            state_->generated = state_->generated || options.generated;
            state_->versions.push_back(
                {.number = static_cast<std::int64_t>(state_->versions.size()) + 1,
                 .version = store::data_version(hashes),
                 .made_at = utc_now(),
                 .note = options.note,
                 .rows_added = summary.added,
                 .rows_replaced = summary.replaced,
                 .symbols = static_cast<std::int64_t>(state_->symbols.size())});
        }
        summary.version = state_->version();
        return summary;
    }

private:
    std::shared_ptr<State> state_;
};

class MemoryStore final : public BarStore {
public:
    Result<std::unique_ptr<Writer>> open_writer() override {
        const std::lock_guard guard{state_->lock};
        if (state_->has_writer)
            return fail(
                ErrorCode::busy,
                fmt::format("the store is being written by process {}, this one", getpid()));
        state_->has_writer = true;
        return std::make_unique<MemoryWriter>(state_);
    }

    Result<market::BarTable> read(const std::vector<std::string>& symbols, unsigned) override {
        const std::lock_guard guard{state_->lock};
        std::vector<std::string> wanted = symbols.empty() ? state_->symbol_names() : symbols;
        std::ranges::sort(wanted);
        wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
        market::BarTable table;
        for (const std::string& name : wanted) {
            const auto held = state_->symbols.find(name);
            if (held == state_->symbols.end())
                return std::unexpected(unknown_symbol(name, state_->symbol_names()));
            table.begin_symbol(held->second.content.instrument);
            for (const market::Bar& bar : held->second.content.bars) table.append(bar);
        }
        return table;
    }

    Result<std::string> data_version() override {
        const std::lock_guard guard{state_->lock};
        return state_->version();
    }

    Result<bool> holds_generated() override {
        const std::lock_guard guard{state_->lock};
        return state_->generated;
    }

    Result<std::vector<SymbolSummary>> symbols() override {
        const std::lock_guard guard{state_->lock};
        std::vector<SymbolSummary> all;
        for (const auto& [name, held] : state_->symbols)
            all.push_back({.instrument = held.content.instrument,
                           .first = held.content.bars.front().date,
                           .last = held.content.bars.back().date,
                           .rows = static_cast<std::int64_t>(held.content.bars.size())});
        return all;
    }

    Result<std::vector<VersionSummary>> versions() override {
        const std::lock_guard guard{state_->lock};
        return state_->versions;
    }

    Result<std::vector<QuarantinedRow>> quarantine(std::size_t limit) override {
        const std::lock_guard guard{state_->lock};
        const auto& rows = state_->quarantine;
        const auto count = static_cast<std::ptrdiff_t>(std::min(limit, rows.size()));
        return std::vector<QuarantinedRow>(rows.rbegin(), rows.rbegin() + count);
    }

    Result<std::int64_t> quarantine_count() override {
        const std::lock_guard guard{state_->lock};
        return static_cast<std::int64_t>(state_->quarantine.size());
    }

    Result<void> put_run(const RunRecord& run) override {
        const std::lock_guard guard{state_->lock};
        std::erase_if(state_->runs, [&](const RunRecord& held) { return held.id == run.id; });
        state_->runs.push_back(run);
        return {};
    }

    Result<std::vector<RunRecord>> runs() override {
        const std::lock_guard guard{state_->lock};
        std::vector<RunRecord> all(state_->runs.rbegin(), state_->runs.rend());
        for (RunRecord& run : all) run.document.clear();
        return all;
    }

    Result<RunRecord> run(const std::string& id) override {
        const std::lock_guard guard{state_->lock};
        std::vector<std::string> ids;
        for (const RunRecord& run : state_->runs) ids.push_back(run.id);
        HSL_TRY(const std::string match, match_run(id, ids));
        return *std::ranges::find(state_->runs, match, &RunRecord::id);
    }

private:
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

std::unique_ptr<BarStore> in_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace hsl::store
