// SPDX-License-Identifier: Apache-2.0

// 800 symbols x 1,250 days: a million bars, seven columns. `Read` fills tables that the process has
// not used before in its first round only; the whole-workload bench times a new process.

#include <cstdlib>
#include <filesystem>

#include <benchmark/benchmark.h>

#include "adapters/parquet/parquet_store.hpp"
#include "base/assert.hpp"
#include "base/rng.hpp"

namespace hsl::adapters {
namespace {

constexpr int symbols = 800;
constexpr int days = 1250;

std::vector<store::IncomingSymbol> million_bars() {
    Rng rng{42};
    std::vector<store::IncomingSymbol> all;
    for (int index = 0; index < symbols; ++index) {
        store::IncomingSymbol symbol;
        symbol.instrument = {.symbol = std::to_string(900000 + index * 10)};
        symbol.file = symbol.instrument.symbol + ".csv";
        auto close = 5'000 + static_cast<std::int64_t>(rng.below(100'000));
        for (int day = 0; day < days; ++day) {
            const std::int64_t open = close + static_cast<std::int64_t>(rng.below(1000)) - 500;
            close =
                std::max<std::int64_t>(500, open + (static_cast<std::int64_t>(rng.below(61)) - 30) *
                                                       open / 1000 / 10 * 10);
            market::Bar bar{
                .date = Date{17'900 + day * 7 / 5},
                .open = open,
                .high = std::max(open, close) + static_cast<std::int64_t>(rng.below(300)),
                .low = std::min(open, close) - static_cast<std::int64_t>(rng.below(300)),
                .close = close,
                .volume = static_cast<std::int64_t>(rng.below(1'000'000))};
            bar.value = bar.volume * close;
            symbol.bars.push_back(bar);
        }
        all.push_back(std::move(symbol));
    }
    return all;
}

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "hsl-store-XXXXXX").string();
        HSL_ASSERT(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

void fill(const std::filesystem::path& path, std::vector<store::IncomingSymbol> bars) {
    auto store = open_parquet_store(path, true).value();
    const auto writer = store->open_writer().value();
    HSL_ASSERT(writer->write({.symbols = std::move(bars)}, {}, {}).value().added == symbols * days);
}

void Write(benchmark::State& state) {
    const auto bars = million_bars();
    for (auto _ : state) {
        state.PauseTiming();
        const Folder folder;
        auto copy = bars;
        state.ResumeTiming();
        fill(folder.path, std::move(copy));
    }
    state.SetItemsProcessed(state.iterations() * symbols * days);
}
BENCHMARK(Write)->Unit(benchmark::kMillisecond)->UseRealTime();

// Everything from opening the store to the table.
void Read(benchmark::State& state) {
    const Folder folder;
    const auto bars = million_bars();
    fill(folder.path, bars);
    for (auto _ : state) {
        const auto table = open_parquet_store(folder.path, false)
                               .value()
                               ->read({.threads = static_cast<unsigned>(state.range(0))})
                               .value();
        state.PauseTiming();
        HSL_ASSERT(table.rows() == static_cast<std::size_t>(symbols * days));
        HSL_ASSERT(table.bar(days + 7) == bars[1].bars[7]);
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * symbols * days);
}
BENCHMARK(Read)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

void ReadOneSymbol(benchmark::State& state) {
    const Folder folder;
    fill(folder.path, million_bars());
    for (auto _ : state)
        HSL_ASSERT(
            open_parquet_store(folder.path, false).value()->read({.symbols = {"904200"}})->rows() ==
            days);
}
BENCHMARK(ReadOneSymbol)->Unit(benchmark::kMillisecond)->UseRealTime();

// A day after the other: 30 files' worth of updates on top of a million bars.
void ReadAfterDailyUpdates(benchmark::State& state) {
    const Folder folder;
    auto bars = million_bars();
    constexpr int updates = 30;
    auto first = bars;
    for (auto& symbol : first) symbol.bars.resize(days - updates);
    auto store = open_parquet_store(folder.path, true).value();
    const auto writer = store->open_writer().value();
    HSL_ASSERT(writer->write({.symbols = first}, {}, {}).has_value());
    for (int day = days - updates; day < days; ++day) {
        auto update = bars;
        for (auto& symbol : update) symbol.bars = {symbol.bars[static_cast<std::size_t>(day)]};
        HSL_ASSERT(writer->write({.symbols = update}, {}, {}).value().added == symbols);
    }
    for (auto _ : state)
        HSL_ASSERT(store->read({})->rows() == static_cast<std::size_t>(symbols * days));
}
BENCHMARK(ReadAfterDailyUpdates)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace hsl::adapters
