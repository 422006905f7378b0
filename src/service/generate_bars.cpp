// SPDX-License-Identifier: Apache-2.0
#include "service/generate_bars.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"

namespace hsl::service {
namespace {

bool same_bars(const market::BarTable& a, const market::BarTable& b) {
    const auto same_range = [](const market::BarTable::Range& x, const market::BarTable::Range& y) {
        return x.instrument == y.instrument && x.first == y.first && x.count == y.count;
    };
    return std::ranges::equal(a.symbols, b.symbols, same_range) && a.date == b.date &&
           a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close &&
           a.volume == b.volume && a.value == b.value && a.minute == b.minute;
}

// Whether a store holds the bars of a market, and no others.
Result<bool> holds(store::BarStore& store, const market::BarTable& bars, unsigned threads) {
    HSL_TRY(const auto series, store.symbols());
    const bool none = std::ranges::none_of(
        series, [&](const store::SymbolSummary& one) { return one.interval == bars.interval; });
    if (none) return bars.rows() == 0;
    HSL_TRY(const market::BarTable held,
            store.read({.interval = bars.interval, .threads = threads}));
    return same_bars(bars, held);
}

void add_series(const market::BarTable& bars, std::vector<store::IncomingSymbol>& incoming) {
    for (const auto& range : bars.symbols) {
        if (range.count == 0) continue;
        store::IncomingSymbol symbol;
        symbol.instrument = range.instrument;
        symbol.file = "generated";
        symbol.interval = bars.interval;
        symbol.basis = range.basis;
        symbol.definition = range.definition;
        symbol.bars.reserve(range.count);
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            symbol.bars.push_back(bars.bar(row));
        symbol.lines.resize(range.count);
        incoming.push_back(std::move(symbol));
    }
}

// A market is made whole before it is written.
Result<void> fits_into_memory(const market::SyntheticOptions& options) {
    constexpr double bytes_a_bar = 150;  // the table, the bars on their way out, the file's pages
    constexpr double minutes_a_day = 300;
    const double wanted = (options.minutes ? minutes_a_day : 1) * bytes_a_bar *
                          std::max(options.symbols, 0) * std::max(options.sessions, 0);
    const double there =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
    if (wanted <= 0.75 * there) return {};
    constexpr double gigabyte = 1 << 30;
    return fail(ErrorCode::bad_usage,
                fmt::format("{} symbols x {} sessions need about {:.0f} GB of memory, this machine "
                            "has {:.0f}: ask for fewer",
                            with_commas(options.symbols), with_commas(options.sessions),
                            wanted / gigabyte, there / gigabyte));
}

}  // namespace

Result<GenerateReport> generate_bars(store::BarStore& store,
                                     const market::SyntheticOptions& options,
                                     const std::string& note, const Progress& progress) {
    HSL_TRY(const std::string before, store.data_version());
    HSL_TRY(const bool generated, store.holds_generated());
    if (!before.empty() && !generated)
        return fail(ErrorCode::bad_usage,
                    "this store holds real prices: a generated market needs a store of its own "
                    "(--store DIR)");
    HSL_CHECK(fits_into_memory(options));
    HSL_TRY(auto writer, store.open_writer());
    HSL_TRY(market::SyntheticMarket market, market::generate_whole_market(options, progress));
    const market::BarTable& bars = market.bars;

    GenerateReport report;
    report.splits = static_cast<std::int64_t>(market.actions.size());
    report.symbols = static_cast<std::int64_t>(bars.symbols.size());
    report.rows = static_cast<std::int64_t>(bars.rows());
    report.minute_rows = static_cast<std::int64_t>(market.minutes.rows());
    const auto [first, last] = std::ranges::minmax(bars.date);
    report.from = Date{first};
    report.to = Date{last};
    if (!before.empty()) {
        market::BarTable& minutes = market.minutes;
        minutes.interval = market::Interval::minute;
        HSL_TRY(const bool same_days, holds(store, bars, options.threads));
        HSL_TRY(const bool same_minutes, holds(store, minutes, options.threads));
        if (!same_days || !same_minutes)
            return fail(ErrorCode::bad_usage,
                        "this store holds another generated market: delete the folder or give "
                        "another one (--store DIR)");
        report.version = before;
        return report;
    }

    std::vector<store::IncomingSymbol> incoming;
    add_series(bars, incoming);
    add_series(market.minutes, incoming);
    HSL_TRY(const store::WriteSummary summary,
            writer->write(
                {.symbols = std::move(incoming), .facts = {.actions = std::move(market.actions)}},
                {.replace = false, .generated = true, .note = note}, progress));
    report.version = summary.version;
    report.changed = summary.changed;
    return report;
}

}  // namespace hsl::service
