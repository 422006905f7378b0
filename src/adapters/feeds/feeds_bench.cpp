// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/feeds/market_file.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters {
namespace {

// A made-up stock whose prices move a few percent a session.
class Walk {
public:
    explicit Walk(std::uint64_t seed) : state_(seed) {}
    void step() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        previous = price;
        price = std::clamp<std::int64_t>(
            price + (static_cast<std::int64_t>(state_ >> 40) % 41 - 20) * price / 1000, 30'000,
            90'000);
        volume = static_cast<std::int64_t>(state_ >> 36) % 10'000'000 + 1;
    }
    std::int64_t previous = 50'000;
    std::int64_t price = 50'000;
    std::int64_t volume = 1;

private:
    std::uint64_t state_;
};

// `rows` sessions of one stock. The widest form quotes its numbers and groups their digits.
std::string one_symbol(std::size_t rows, bool quoted) {
    std::string text = quoted ? "" : "Date,Open,High,Low,Close,Volume,Change\n";
    Walk walk{1};
    for (std::size_t i = 0; i < rows; ++i) {
        walk.step();
        const std::string date = market::Calendar::krx().all()[i].iso();
        const std::int64_t p = walk.price;
        if (quoted)
            fmt::format_to(std::back_inserter(text),
                           "{},\"{},{:03}\",\"{},{:03}\",\"{},{:03}\",\"{},{:03}\",\"{}\"\n", date,
                           p / 1000, p % 1000, (p + 900) / 1000, (p + 900) % 1000, (p - 900) / 1000,
                           (p - 900) % 1000, p / 1000, p % 1000, walk.volume);
        else
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}\n", date, p, p + 900,
                           p - 900, p, walk.volume,
                           static_cast<double>(p) / static_cast<double>(walk.previous) - 1);
    }
    return text;
}

// `days` of a market of `symbols`: the 18 columns of a whole-market file, or the eight that bars
// need.
std::string whole_market(std::size_t days, std::size_t symbols, bool wide) {
    std::string text =
        wide ? "\"Code\",\"Name\",\"Market\",\"Dept\",\"Close\",\"ChangeCode\",\"Changes\","
               "\"ChagesRatio\",\"Open\",\"High\",\"Low\",\"Volume\",\"Amount\",\"Marcap\","
               "\"Stocks\",\"MarketId\",\"Rank\",\"Date\"\n"
             : "날짜,종목코드,시가,고가,저가,종가,거래량,거래대금\n";
    std::vector<Walk> walks;
    for (std::size_t s = 0; s < symbols; ++s) walks.emplace_back(s + 1);
    for (std::size_t day = 0; day < days; ++day) {
        const std::string date = market::Calendar::krx().all()[day].iso();
        for (std::size_t s = 0; s < symbols; ++s) {
            Walk& walk = walks[s];
            walk.step();
            const std::int64_t p = walk.price;
            const std::int64_t base = walk.previous;
            const std::int64_t shares = 1'000'000 + static_cast<std::int64_t>(s);
            if (!wide) {
                fmt::format_to(std::back_inserter(text), "{},{:05}0,{},{},{},{},{},{}\n", date, s,
                               p, p + 900, p - 900, p, walk.volume, walk.volume * p);
                continue;
            }
            const double rate =
                std::round(1e4 * static_cast<double>(p - base) / static_cast<double>(base)) / 100;
            fmt::format_to(std::back_inserter(text),
                           "\"{:05}0\",\"이름\",\"KOSPI\",\"\",{}.0,\"1\",{}.0,{:.2f},{}.0,{}.0,"
                           "{}.0,{}.0,{}.0,{}.0,{},\"STK\",1,\"{}\"\n",
                           s, p, p - base, rate, p, p + 900, p - 900, walk.volume, walk.volume * p,
                           p * shares, shares, date);
        }
    }
    return text;
}

// A million rows as they come: 800 files of 1,250.
void parse_files(benchmark::State& state, bool quoted) {
    constexpr std::size_t files = 800;
    constexpr std::size_t rows = 1250;
    const std::string text = one_symbol(rows, quoted);
    for (const auto& _ : state) {
        std::size_t accepted = 0;
        for (std::size_t i = 0; i < files; ++i) {
            const auto file = parse_market_file("005930.csv", text, {});
            if (!file || !(*file)[0].quarantined.empty() || !(*file)[0].found.empty()) std::abort();
            accepted += (*file)[0].prices.at(0).bars.size();
        }
        if (accepted != files * rows) std::abort();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(files * rows));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(files * text.size()));
}

// A million rows of 2,500 symbols in one file.
void parse_market(benchmark::State& state, bool wide) {
    constexpr std::size_t days = 400;
    constexpr std::size_t symbols = 2500;
    const std::string text = whole_market(days, symbols, wide);
    for (const auto& _ : state) {
        const auto file = parse_market_file("market.csv", text, {});
        if (!file || !(*file)[0].quarantined.empty() || (*file)[0].prices.size() != symbols ||
            (*file)[0].data_lines != static_cast<std::int64_t>(days * symbols))
            std::abort();
        if (wide && (*file)[0].facts.columns.size() != 2 * symbols) std::abort();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(days * symbols));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void BM_MillionRowsPlain(benchmark::State& state) { parse_files(state, false); }
void BM_MillionRowsQuoted(benchmark::State& state) { parse_files(state, true); }
void BM_MillionRowsOneMarket(benchmark::State& state) { parse_market(state, false); }
void BM_MillionRowsOneMarketWide(benchmark::State& state) { parse_market(state, true); }
BENCHMARK(BM_MillionRowsOneMarket)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_MillionRowsOneMarketWide)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_MillionRowsPlain)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_MillionRowsQuoted)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hsl::adapters
