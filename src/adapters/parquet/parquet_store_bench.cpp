// SPDX-License-Identifier: Apache-2.0

// 800 symbols x 1,250 days: a million bars, seven columns; then the whole market of 30 years.
// `Read` fills tables that the process has not used before in its first round only; the
// whole-workload bench times a new process.

#include <cstdlib>
#include <filesystem>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

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

// The whole market: 2,700 symbols x 30 years, 15 M bars of random walks in whole won on the tick
// grid, shares listed over the years. Checked before it is timed.
constexpr int market_symbols = 2700;
constexpr int market_days = 7400;

std::vector<market::Bar> market_bars(int index, int days) {
    Rng rng{static_cast<std::uint64_t>(index)};
    // A quarter of the shares are there from the first day on; 15 M rows in all.
    const int first = index % 4 == 0 ? 0 : static_cast<int>(rng.below(4950));
    std::vector<market::Bar> bars;
    bars.reserve(static_cast<std::size_t>(days - first));
    auto close = 2'000 + static_cast<std::int64_t>(rng.below(60'000));
    const auto shares = static_cast<std::int64_t>(rng.below(300'000)) + 10'000;
    for (int day = first; day < days; ++day) {
        const std::int64_t tick = close < 5'000    ? 5
                                  : close < 20'000 ? 10
                                  : close < 50'000 ? 50
                                                   : 100;
        const auto steps = [&](std::uint64_t most) {
            return static_cast<std::int64_t>(rng.below(2 * most + 1)) -
                   static_cast<std::int64_t>(most);
        };
        const std::int64_t open = std::max<std::int64_t>(500, (close / tick + steps(4)) * tick);
        close = std::clamp<std::int64_t>((open / tick + steps(12)) * tick, 500, 400'000);
        market::Bar bar{
            .date = Date{9'500 + day * 7 / 5},
            .open = open,
            .high = std::max(open, close) + tick * static_cast<std::int64_t>(rng.below(5)),
            .low = std::min(open, close) - tick * static_cast<std::int64_t>(rng.below(5)),
            .close = close,
            .volume = shares / 4 +
                      static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(shares)))};
        bars.push_back(bar);
    }
    return bars;
}

std::string market_symbol(int index) { return fmt::format("{:06}", 10 + index * 10); }

// Filled once for the benchmarks that ask for it; the last 40 days are left to be appended.
struct WholeMarket {
    static constexpr int left = 40;
    Folder folder;
    std::int64_t rows = 0;
    std::int64_t close_sum = 0;

    WholeMarket() {
        auto store = open_parquet_store(folder.path, true).value();
        store::Incoming incoming;
        for (int index = 0; index < market_symbols; ++index) {
            incoming.symbols.push_back({.instrument = {.symbol = market_symbol(index)},
                                        .bars = market_bars(index, market_days - left)});
            rows += static_cast<std::int64_t>(incoming.symbols.back().bars.size());
            for (const market::Bar& bar : incoming.symbols.back().bars) close_sum += bar.close;
        }
        HSL_ASSERT(store->open_writer().value()->write(std::move(incoming), {}, {}).value().added ==
                   rows);
    }
    static WholeMarket& once() {
        static WholeMarket market;
        return market;
    }
    [[nodiscard]] double bytes() const {
        double bytes = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder.path})
            if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
        return bytes;
    }
};

void MarketCloses(benchmark::State& state) {
    const WholeMarket& market = WholeMarket::once();
    const auto read = [&] {
        return open_parquet_store(market.folder.path, false)
            .value()
            ->read({.close_only = true})
            .value();
    };
    {
        const auto table = read();
        std::int64_t sum = 0;
        for (const std::int64_t close : table.close) sum += close;
        HSL_ASSERT(static_cast<std::int64_t>(table.rows()) == market.rows &&
                   sum == market.close_sum);
    }
    for (auto _ : state) benchmark::DoNotOptimize(read());
    state.counters["rows"] = static_cast<double>(market.rows);
    state.counters["bytes_a_bar"] = market.bytes() / static_cast<double>(market.rows);
}
BENCHMARK(MarketCloses)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

// One day of every symbol, on top of the 15 M bars.
void MarketAppend(benchmark::State& state) {
    WholeMarket& market = WholeMarket::once();
    std::vector<std::vector<market::Bar>> days;
    for (int index = 0; index < market_symbols; ++index) {
        const auto bars = market_bars(index, market_days);
        days.emplace_back(bars.end() - WholeMarket::left, bars.end());
    }
    const auto store = open_parquet_store(market.folder.path, false).value();
    const auto writer = store->open_writer().value();
    std::size_t day = 0;
    for (auto _ : state) {
        state.PauseTiming();
        store::Incoming incoming;
        for (int index = 0; index < market_symbols; ++index)
            incoming.symbols.push_back({.instrument = {.symbol = market_symbol(index)},
                                        .bars = {days[static_cast<std::size_t>(index)].at(day)}});
        ++day;
        state.ResumeTiming();
        HSL_ASSERT(writer->write(std::move(incoming), {}, {}).value().added == market_symbols);
    }
    HSL_ASSERT(store->symbols()->at(3).last == days[3][day - 1].date);
}
BENCHMARK(MarketAppend)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(30);

void QuarantineMillion(benchmark::State& state) {
    const Folder folder;
    store::Incoming incoming;
    for (int i = 0; i < 1'000'000; ++i)
        incoming.quarantined.push_back({.symbol = market_symbol(i % market_symbols),
                                        .date = "2020-01-02",
                                        .file = "prices/whole-market.csv",
                                        .line = i + 1,
                                        .reason = "high_below_low",
                                        .detail = "high 90 < low 100",
                                        .source = "2020-01-02,100,90,100,95,1000"});
    const auto store = open_parquet_store(folder.path, true).value();
    for (auto _ : state)
        HSL_ASSERT(store->open_writer().value()->write(incoming, {}, {}).has_value());
    HSL_ASSERT(store->quarantine_count().value() == 1'000'000);
}
BENCHMARK(QuarantineMillion)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace hsl::adapters
