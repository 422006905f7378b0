// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/parquet_store.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "adapters/parquet/detail/catalogue.hpp"
#include "adapters/parquet/detail/load.hpp"
#include "adapters/parquet/detail/room.hpp"
#include "adapters/parquet/detail/verify.hpp"
#include "adapters/parquet/detail/writer.hpp"
#include "store/lookup.hpp"
#include "store/merge.hpp"
#include "store/version_diff.hpp"

namespace hsl::adapters {
namespace {

using market::BarTable;
using store::QuarantinedRow;

const std::string& symbol_of(const Snapshot::Symbol& symbol) {
    return symbol.state.instrument.symbol;
}

store::SymbolSummary summary_of(const Stack& stack, const SeriesState& state) {
    return {.instrument = state.instrument,
            .first = state.first,
            .last = state.last,
            .rows = state.rows,
            .source = stack.name,
            .interval = interval_of(stack.kind),
            .basis = state.basis,
            .definition = state.definition};
}

void sort(std::vector<store::SymbolSummary>& all) {
    std::ranges::sort(all, {}, [](const store::SymbolSummary& each) {
        return std::tie(each.instrument.symbol, each.source, each.interval);
    });
}

// Several stacks as one table, by symbol, then source.
BarTable join(const std::vector<BarTable>& tables) {
    struct Part {
        const BarTable* table;
        const BarTable::Range* range;
    };
    std::vector<Part> parts;
    BarTable result;
    result.interval = tables.front().interval;
    for (const BarTable& table : tables)
        for (const BarTable::Range& range : table.symbols) parts.push_back({&table, &range});
    std::ranges::sort(parts, {}, [](const Part& part) {
        return std::tie(part.range->instrument.symbol, part.range->source);
    });
    for (const auto& [table, range] : parts) {
        BarTable::Range joined = *range;
        joined.first = result.rows();
        result.symbols.push_back(std::move(joined));
        const auto copy = [first = range->first, count = range->count](const auto& from, auto& to) {
            if (from.empty()) return;
            const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
            to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
        };
        copy(table->date, result.date);
        copy(table->minute, result.minute);
        for (const auto column : {&BarTable::open, &BarTable::high, &BarTable::low,
                                  &BarTable::close, &BarTable::volume, &BarTable::value})
            copy(table->*column, result.*column);
    }
    return result;
}

// Where a symbol's rows are, whatever version asks: equal places, equal rows.
std::vector<std::array<std::int64_t, 3>> places_of(const Snapshot& snapshot,
                                                   const Snapshot::Symbol& symbol) {
    std::vector<std::array<std::int64_t, 3>> places;
    for (const FileRange& range : symbol.ranges)
        places.push_back({snapshot.files[range.file].id, range.first_row, range.rows});
    return places;
}

// Takes out of both what has its rows in the same places.
void keep_different(Snapshot& before, Snapshot& after) {
    std::vector<std::string> same;
    for (const Snapshot::Symbol& symbol : before.symbols) {
        const auto other =
            std::ranges::lower_bound(after.symbols, symbol_of(symbol), {}, symbol_of);
        if (other != after.symbols.end() && symbol_of(*other) == symbol_of(symbol) &&
            places_of(before, symbol) == places_of(after, *other))
            same.push_back(symbol_of(symbol));
    }
    const auto is_same = [&](const Snapshot::Symbol& symbol) {
        return std::ranges::binary_search(same, symbol_of(symbol));
    };
    std::erase_if(before.symbols, is_same);
    std::erase_if(after.symbols, is_same);
}

std::vector<market::ColumnSeries> columns_of(const Snapshot& snapshot, const BarTable& table) {
    std::vector<market::ColumnSeries> columns;
    for (std::size_t i = 0; i < table.symbols.size(); ++i) {
        market::ColumnSeries column{.symbol = table.symbols[i].instrument.symbol,
                                    .column = snapshot.stack.name,
                                    .rows = {},
                                    .source = snapshot.symbols[i].state.origin};
        for (const market::Bar& bar : bars_of(table, table.symbols[i]))
            column.rows.push_back(as_row(bar));
        columns.push_back(std::move(column));
    }
    return columns;
}

class ParquetStore final : public store::BarStore {
public:
    explicit ParquetStore(std::shared_ptr<Room> room) : room_(std::move(room)) {}

    Result<std::unique_ptr<store::Writer>> open_writer() override { return make_writer(room_); }

    Result<BarTable> read(const store::ReadRequest& request) override {
        return again_while_compacted([&] { return read_once(request); });
    }

    Result<store::Facts> facts(const store::FactsRequest& request) override {
        return again_while_compacted([&] { return facts_once(request); });
    }

    Result<std::string> data_version(const std::string& at) override {
        HSL_TRY(const auto version, room_->catalogue->find(at));
        return version ? version->version : std::string{};
    }
    Result<bool> holds_generated() override { return room_->catalogue->holds_generated(); }

    std::string format() const override { return fmt::format("format {}", store_format); }

    Result<std::vector<store::SymbolSummary>> symbols(const std::string& at) override {
        HSL_TRY(const auto version, room_->catalogue->find(at));
        std::vector<store::SymbolSummary> all;
        if (!version) return all;
        HSL_TRY(const auto stacks, room_->catalogue->stacks(version->number));
        for (const Stack& stack : stacks) {
            if (stack.kind == StackKind::column) continue;
            HSL_TRY(const Snapshot snapshot, room_->catalogue->snapshot(stack, version->number));
            for (const Snapshot::Symbol& symbol : snapshot.symbols)
                all.push_back(summary_of(stack, symbol.state));
        }
        sort(all);
        return all;
    }
    Result<std::vector<store::VersionSummary>> versions() override {
        return room_->catalogue->versions();
    }

    Result<store::VersionDiff> diff(const std::string& from, const std::string& to,
                                    std::size_t limit) override {
        return again_while_compacted([&] { return diff_once(from, to, limit); });
    }

    Result<store::VerifyReport> verify(const Progress& progress) override {
        return verify_store(*room_, progress);
    }

    Result<std::vector<QuarantinedRow>> quarantine(const store::QuarantineFilter& filter) override {
        return room_->catalogue->quarantine(filter);
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
    // A file that another process compacts away between a look at the catalogue and its opening is
    // missing for no fault of the store: the next look names another.
    template <class Read>
    auto again_while_compacted(const Read& read) -> decltype(read()) {
        constexpr int times = 5;
        for (int time = 1;; ++time) {
            HSL_TRY(const auto before, room_->catalogue->files_mark());
            auto result = read();
            if (result || time == times) return result;
            HSL_TRY(const auto after, room_->catalogue->files_mark());
            if (before == after) return result;
        }
    }
    Result<BarTable> read_once(const store::ReadRequest& request) {
        HSL_TRY(const auto version, room_->catalogue->find(request.at));
        std::vector<Snapshot> snapshots;
        std::vector<store::SymbolSummary> all;
        if (version) {
            HSL_TRY(const auto stacks, room_->catalogue->stacks(version->number));
            for (const Stack& stack : stacks) {
                if (stack.kind == StackKind::column) continue;
                HSL_TRY(Snapshot snapshot,
                        room_->catalogue->snapshot(stack, version->number, request.symbols));
                for (const Snapshot::Symbol& symbol : snapshot.symbols)
                    all.push_back(summary_of(stack, symbol.state));
                if (interval_of(stack.kind) == request.interval)
                    snapshots.push_back(std::move(snapshot));
            }
        }
        sort(all);
        auto chosen = store::choose_series(all, request);
        if (!chosen && version) {
            // The nearest name is looked for among all.
            HSL_TRY(all, symbols(version->version));
            chosen = store::choose_series(all, request);
        }
        if (!chosen) return std::unexpected(std::move(chosen).error());
        std::vector<BarTable> tables;
        for (Snapshot& snapshot : snapshots) {
            std::erase_if(snapshot.symbols, [&](const Snapshot::Symbol& symbol) {
                return std::ranges::none_of(
                    std::ranges::equal_range(*chosen, symbol_of(symbol), {},
                                             [](const auto& each) -> const std::string& {
                                                 return each.instrument.symbol;
                                             }),
                    [&](const auto& each) { return each.source == snapshot.stack.name; });
            });
            if (snapshot.symbols.empty()) continue;
            HSL_TRY(BarTable table,
                    load(room_->folder, snapshot,
                         request.close_only ? Columns::close : Columns::all, request.threads));
            tables.push_back(std::move(table));
        }
        if (tables.size() == 1) return std::move(tables.front());
        if (!tables.empty()) return join(tables);
        BarTable none;
        none.interval = request.interval;
        return none;
    }

    Result<store::Facts> facts_once(const store::FactsRequest& request) {
        HSL_TRY(const auto version, room_->catalogue->find(request.at));
        std::vector<std::string> known;
        store::Facts facts;
        if (version) {
            HSL_TRY(facts, room_->catalogue->tables(version->number));
            HSL_TRY(const auto stacks, room_->catalogue->stacks(version->number));
            for (const Stack& stack : stacks)
                if (stack.kind == StackKind::column) known.push_back(stack.name);
        }
        HSL_TRY(const auto chosen, store::choose_columns(known, request));
        for (const std::string& name : chosen) {
            HSL_TRY(const Snapshot snapshot,
                    room_->catalogue->snapshot({StackKind::column, name}, version->number,
                                               request.symbols));
            HSL_TRY(const BarTable table, load(room_->folder, snapshot, Columns::all, 0));
            std::ranges::move(columns_of(snapshot, table), std::back_inserter(facts.columns));
        }
        return facts;
    }

    Result<store::VersionDiff> diff_once(const std::string& from, const std::string& to,
                                         std::size_t limit) {
        HSL_TRY(const auto before, room_->catalogue->find(from));
        HSL_TRY(const auto after, room_->catalogue->find(to));
        store::VersionDiff diff;
        if (!before || !after) return diff;
        diff.from = before->version;
        diff.to = after->version;
        HSL_TRY(auto stacks, room_->catalogue->stacks(before->number));
        HSL_TRY(const auto later, room_->catalogue->stacks(after->number));
        stacks.insert(stacks.end(), later.begin(), later.end());
        std::ranges::sort(stacks);
        stacks.erase(std::ranges::unique(stacks).begin(), stacks.end());
        for (const Stack& stack : stacks)
            HSL_CHECK(diff_stack(stack, before->number, after->number, limit, diff));
        std::ranges::sort(diff.rows, {}, [](const store::DiffRow& row) {
            return std::tie(row.symbol, row.source, row.date);
        });
        HSL_TRY(const store::Facts facts_before, room_->catalogue->tables(before->number));
        HSL_TRY(const store::Facts facts_after, room_->catalogue->tables(after->number));
        diff.facts_changed += store::count_changed(facts_before, facts_after);
        return diff;
    }

    Result<void> diff_stack(const Stack& stack, std::int64_t from, std::int64_t to,
                            std::size_t limit, store::VersionDiff& diff) {
        HSL_TRY(Snapshot before, room_->catalogue->snapshot(stack, from));
        HSL_TRY(Snapshot after, room_->catalogue->snapshot(stack, to));
        keep_different(before, after);
        HSL_TRY(const BarTable old, load(room_->folder, before, Columns::all, 0));
        HSL_TRY(const BarTable now, load(room_->folder, after, Columns::all, 0));
        if (stack.kind == StackKind::column) {
            store::Facts facts_before, facts_after;
            facts_before.columns = columns_of(before, old);
            facts_after.columns = columns_of(after, now);
            diff.facts_changed += store::count_changed(facts_before, facts_after);
            return {};
        }
        const auto series_of = [](const BarTable& table,
                                  std::size_t i) -> std::optional<store::StoredSymbol> {
            return store::StoredSymbol{.instrument = table.symbols[i].instrument,
                                       .bars = bars_of(table, table.symbols[i])};
        };
        for (std::size_t a = 0, b = 0; a < old.symbols.size() || b < now.symbols.size();) {
            const int order =
                a == old.symbols.size() ? 1
                : b == now.symbols.size()
                    ? -1
                    : old.symbols[a].instrument.symbol.compare(now.symbols[b].instrument.symbol);
            const auto was = order <= 0 ? series_of(old, a++) : std::nullopt;
            const auto is = order >= 0 ? series_of(now, b++) : std::nullopt;
            store::diff_series(stack.name, was ? &*was : nullptr, is ? &*is : nullptr, limit, diff);
        }
        return {};
    }

    std::shared_ptr<Room> room_;
};

}  // namespace

Result<std::unique_ptr<store::BarStore>> open_parquet_store(const std::filesystem::path& folder,
                                                            bool create) {
    auto room = std::make_shared<Room>();
    room->folder = folder;
    if (create) {
        std::error_code error;
        const std::filesystem::path bars = folder / folder_of(StackKind::day);
        std::filesystem::create_directories(bars, error);
        if (error) return std::unexpected(io_error("make the store's folder", bars, error.value()));
    }
    HSL_TRY(room->catalogue, Catalogue::open(folder, create));
    return std::make_unique<ParquetStore>(std::move(room));
}

}  // namespace hsl::adapters
