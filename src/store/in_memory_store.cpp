// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "store/bar_store.hpp"
#include "store/content_hash.hpp"
#include "store/lookup.hpp"
#include "store/merge.hpp"
#include "store/merge_facts.hpp"
#include "store/version_diff.hpp"

namespace hsl::store {
namespace {

struct SeriesKey {
    std::string symbol;
    std::string source;
    market::Interval interval{};
    friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

struct Held {
    StoredSymbol content;
    std::string hash;
};

// What one version holds. Versions share what did not change between them.
struct Content {
    std::map<SeriesKey, std::shared_ptr<const Held>> series;
    std::shared_ptr<const Facts> facts = std::make_shared<Facts>();
    std::vector<std::string> column_hashes = {};  // of facts->columns
    std::string table_hash = {};

    void set_facts(Facts next) {
        table_hash = store::table_hash(next);
        column_hashes.clear();
        for (const market::ColumnSeries& column : next.columns) {
            BlockHasher rows;
            add_rows(rows, column.rows);
            column_hashes.push_back(column_hash(column.column, column.symbol, rows));
        }
        facts = std::make_shared<const Facts>(std::move(next));
    }

    [[nodiscard]] std::vector<std::string> symbol_names() const {
        std::vector<std::string> names;
        for (const auto& [key, held] : series)
            if (names.empty() || names.back() != key.symbol) names.push_back(key.symbol);
        return names;
    }
    [[nodiscard]] std::string hash() const {
        std::vector<NamedHash> hashes;
        for (const auto& [key, held] : series)
            hashes.push_back({key.symbol, key.source, market::name_of(key.interval), held->hash});
        for (std::size_t i = 0; i < column_hashes.size(); ++i)
            hashes.push_back(
                {facts->columns[i].symbol, facts->columns[i].column, "column", column_hashes[i]});
        return store::data_version(std::move(hashes), table_hash);
    }
};

// Everything a store holds. Store and writer share it, so that a writer may outlive its store.
struct State {
    std::mutex lock;
    bool has_writer = false;
    std::vector<VersionSummary> versions;
    std::vector<std::shared_ptr<const Content>> contents;  // of versions
    std::string checked_out;                               // "" = the newest
    bool generated = false;
    std::vector<QuarantinedRow> quarantine;  // oldest first
    std::int64_t next_id = 1;
    std::set<std::string> quarantine_keys;
    std::vector<RunRecord> runs;  // oldest first

    [[nodiscard]] std::string version() const {
        return versions.empty() ? std::string{} : versions.back().version;
    }
    // What `at` means; an empty store has one content without a name.
    [[nodiscard]] Result<std::pair<std::string, std::shared_ptr<const Content>>> find(
        const std::string& at) const {
        HSL_TRY(const std::optional<std::size_t> index, match_version(at, checked_out, versions));
        if (!index) return std::pair{std::string{}, std::make_shared<const Content>()};
        return std::pair{versions[*index].version, contents[*index]};
    }
};

class MemoryWriter final : public Writer {
public:
    explicit MemoryWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~MemoryWriter() override {
        const std::lock_guard guard{state_->lock};
        state_->has_writer = false;
    }

    Result<WriteSummary> write(Incoming incoming, const WriteOptions& options,
                               const Progress& progress) override {
        const std::lock_guard guard{state_->lock};
        if (!state_->checked_out.empty())
            return std::unexpected(old_version_checked_out(state_->checked_out));
        WriteSummary summary;
        Content content = state_->contents.empty() ? Content{} : *state_->contents.back();
        const auto groups = group_by_series(incoming.symbols);
        for (const auto& files : groups) {
            if (progress.stopped())
                return fail(ErrorCode::cancelled, "stopped; the store is as it was");
            merge(files, options, content, summary);
            progress.done("storing", static_cast<std::size_t>(&files - groups.data()) + 1,
                          groups.size());
        }
        if (progress.stopped())
            return fail(ErrorCode::cancelled, "stopped; the store is as it was");
        Facts facts = *content.facts;
        summary.facts_changed = merge_facts(facts, std::move(incoming.facts));
        if (summary.facts_changed > 0) {
            content.set_facts(std::move(facts));
            summary.changed = true;
        }
        if (summary.changed) {
            state_->generated = state_->generated || options.generated;
            state_->versions.push_back(
                {.number = state_->versions.empty() ? 1 : state_->versions.back().number + 1,
                 .version = content.hash(),
                 .made_at = utc_now(),
                 .note = options.note,
                 .rows_added = summary.added,
                 .rows_replaced = summary.replaced,
                 .symbols = static_cast<std::int64_t>(content.symbol_names().size())});
            state_->contents.push_back(std::make_shared<const Content>(std::move(content)));
        }
        summary.version = state_->version();
        for (const std::int64_t id : incoming.settled) settle(id);
        for (const auto* rows : {&incoming.quarantined, &summary.conflicts})
            for (const QuarantinedRow& row : *rows) quarantine(row, summary.version);
        return summary;
    }

    Result<CompactReport> compact(bool forget, const Progress&) override {
        const std::lock_guard guard{state_->lock};
        if (!state_->checked_out.empty())
            return std::unexpected(old_version_checked_out(state_->checked_out));
        if (forget && state_->versions.size() > 1) {
            state_->versions.erase(state_->versions.begin(), state_->versions.end() - 1);
            state_->contents.erase(state_->contents.begin(), state_->contents.end() - 1);
        }
        return CompactReport{};
    }

    Result<std::string> checkout(const std::string& at) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto found, state_->find(at.empty() ? "newest" : at));
        state_->checked_out = found.first == state_->version() ? std::string{} : found.first;
        return found.first;
    }

private:
    void merge(std::span<IncomingSymbol> files, const WriteOptions& options, Content& content,
               WriteSummary& summary) {
        const SeriesKey key{files[0].instrument.symbol, files[0].source, files[0].interval};
        const auto held = content.series.find(key);
        MergedSymbol merged =
            merge_symbol(held == content.series.end() ? nullptr : &held->second->content, files,
                         options.replace);
        summary.added += merged.added;
        summary.replaced += merged.replaced;
        summary.unchanged += merged.unchanged;
        std::ranges::copy(merged.conflicts, std::back_inserter(summary.conflicts));
        std::ranges::copy(merged.findings, std::back_inserter(summary.findings));
        if (!merged.changed()) return;
        summary.changed = true;
        auto changed = std::make_shared<Held>();
        changed->content = {merged.instrument, std::move(merged.bars), merged.basis,
                            merged.definition};
        changed->hash = series_hash(key.source, key.interval, changed->content);
        content.series.insert_or_assign(key, std::move(changed));
    }

    void quarantine(QuarantinedRow row, const std::string& version) {
        if (!state_->quarantine_keys.insert(quarantine_key(row)).second) return;
        row.id = state_->next_id++;
        row.version = version;
        state_->quarantine.push_back(std::move(row));
    }

    void settle(std::int64_t id) {
        const auto row = std::ranges::find(state_->quarantine, id, &QuarantinedRow::id);
        if (row == state_->quarantine.end()) return;
        state_->quarantine_keys.erase(quarantine_key(*row));
        state_->quarantine.erase(row);
    }

    std::shared_ptr<State> state_;
};

std::vector<SymbolSummary> summaries(const Content& content) {
    std::vector<SymbolSummary> all;
    for (const auto& [key, held] : content.series)
        all.push_back({.instrument = held->content.instrument,
                       .first = held->content.bars.front().date,
                       .last = held->content.bars.back().date,
                       .rows = static_cast<std::int64_t>(held->content.bars.size()),
                       .source = key.source,
                       .interval = key.interval,
                       .basis = held->content.basis,
                       .definition = held->content.definition});
    return all;
}

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

    Result<market::BarTable> read(const ReadRequest& request) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto found, state_->find(request.at));
        const Content& content = *found.second;
        HSL_TRY(const auto chosen, choose_series(summaries(content), request));
        market::BarTable table;
        table.interval = request.interval;
        for (const SymbolSummary& series : chosen) {
            const Held& held =
                *content.series.at({series.instrument.symbol, series.source, series.interval});
            table.begin_symbol(held.content.instrument);
            table.symbols.back().source = series.source;
            table.symbols.back().basis = series.basis;
            table.symbols.back().definition = series.definition;
            for (const market::Bar& bar : held.content.bars) table.append(bar);
        }
        if (request.close_only)
            for (auto* column : {&table.open, &table.high, &table.low, &table.volume, &table.value})
                column->clear();
        return table;
    }

    Result<Facts> facts(const FactsRequest& request) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto found, state_->find(request.at));
        Facts facts = *found.second->facts;
        std::vector<std::string> known;
        for (const market::ColumnSeries& column : facts.columns)
            if (known.empty() || known.back() != column.column) known.push_back(column.column);
        HSL_TRY(const auto chosen, choose_columns(known, request));
        std::erase_if(facts.columns, [&](const market::ColumnSeries& column) {
            return std::ranges::find(chosen, column.column) == chosen.end() ||
                   (!request.symbols.empty() &&
                    std::ranges::find(request.symbols, column.symbol) == request.symbols.end());
        });
        return facts;
    }

    Result<std::string> data_version(const std::string& at) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto found, state_->find(at));
        return found.first;
    }

    Result<bool> holds_generated() override {
        const std::lock_guard guard{state_->lock};
        return state_->generated;
    }

    std::string format() const override { return "in memory"; }

    Result<std::vector<SymbolSummary>> symbols(const std::string& at) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto found, state_->find(at));
        return summaries(*found.second);
    }

    Result<std::vector<VersionSummary>> versions() override {
        const std::lock_guard guard{state_->lock};
        return state_->versions;
    }

    Result<VersionDiff> diff(const std::string& from, const std::string& to,
                             std::size_t limit) override {
        const std::lock_guard guard{state_->lock};
        HSL_TRY(const auto before, state_->find(from));
        HSL_TRY(const auto after, state_->find(to));
        VersionDiff diff{.from = before.first, .to = after.first};
        std::set<SeriesKey> keys;
        for (const auto* content : {before.second.get(), after.second.get()})
            for (const auto& [key, held] : content->series) keys.insert(key);
        for (const SeriesKey& key : keys) {
            const auto held = [&](const Content& content) -> const StoredSymbol* {
                const auto at = content.series.find(key);
                return at == content.series.end() ? nullptr : &at->second->content;
            };
            diff_series(key.source, held(*before.second), held(*after.second), limit, diff);
        }
        diff.facts_changed = count_changed(*before.second->facts, *after.second->facts);
        return diff;
    }

    Result<VerifyReport> verify(const Progress&) override {
        const std::lock_guard guard{state_->lock};
        return VerifyReport{.versions = static_cast<std::int64_t>(state_->versions.size())};
    }

    Result<std::vector<QuarantinedRow>> quarantine(const QuarantineFilter& filter) override {
        const std::lock_guard guard{state_->lock};
        std::vector<QuarantinedRow> chosen;
        for (auto row = state_->quarantine.rbegin();
             row != state_->quarantine.rend() && chosen.size() < filter.limit; ++row)
            if (is_asked_for(*row, filter)) chosen.push_back(*row);
        return chosen;
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
        for (RunRecord& run : all) {
            run.request.clear();
            run.document.clear();
        }
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
