// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "adapters/feeds/price_file.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters {
namespace {

// `rows` sessions of a made-up stock. The widest form quotes its numbers and groups their digits.
std::string price_text(std::size_t rows, bool quoted) {
    std::string text = quoted ? "" : "Date,Open,High,Low,Close,Volume,Change\n";
    std::uint64_t state = 1;
    std::int64_t price = 50'000;
    for (std::size_t i = 0; i < rows; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        price = 40'000 + static_cast<std::int64_t>(state >> 40) % 20'000;
        const std::string date = market::Calendar::krx().all()[i].iso();
        const auto volume = static_cast<std::int64_t>(state >> 36) % 10'000'000;
        if (quoted)
            fmt::format_to(std::back_inserter(text),
                           "{},\"{},{:03}\",\"{},{:03}\",\"{},{:03}\",\"{},{:03}\",\"{}\"\n", date,
                           price / 1000, price % 1000, (price + 900) / 1000, (price + 900) % 1000,
                           (price - 900) / 1000, (price - 900) % 1000, price / 1000, price % 1000,
                           volume);
        else
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}\n", date, price,
                           price + 900, price - 900, price + 100, volume, 0.0123456789012345);
    }
    return text;
}

// A million rows as they come: 800 files of 1,250.
void parse_files(benchmark::State& state, bool quoted) {
    constexpr std::size_t files = 800;
    constexpr std::size_t rows = 1250;
    const std::string text = price_text(rows, quoted);
    for (const auto& _ : state) {
        std::size_t accepted = 0;
        for (std::size_t i = 0; i < files; ++i) {
            const auto file = parse_price_file("005930.csv", text);
            if (!file || !file->quarantined.empty()) std::abort();
            accepted += file->bars.size();
        }
        if (accepted != files * rows) std::abort();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(files * rows));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(files * text.size()));
}

void BM_MillionRowsPlain(benchmark::State& state) { parse_files(state, false); }
void BM_MillionRowsQuoted(benchmark::State& state) { parse_files(state, true); }
BENCHMARK(BM_MillionRowsPlain)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_MillionRowsQuoted)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hsl::adapters
