// SPDX-License-Identifier: Apache-2.0
#include "service/import_bars.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "base/parallel.hpp"
#include "service/read_file.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using market::Bar;
using store::PriceFile;
using store::QuarantinedRow;

// A bar with the place it came from.
struct Placed {
    Bar bar;
    std::size_t file;
    std::int64_t line;
};

// Two sources may differ in whether they know the traded value; that alone is no conflict.
bool same_prices(const Bar& a, const Bar& b) {
    Bar c = b;
    if (a.value == Bar::value_missing || b.value == Bar::value_missing) c.value = a.value;
    return a == c;
}

// "close 105 here, 106 at b/005930.csv:7": the first field in which two bars of a day differ.
std::string difference(const Bar& here, const Bar& there, int scale, const std::string& place) {
    struct Field {
        std::string_view name;
        std::int64_t Bar::* number;
        int scale;
    };
    for (const Field& field : {Field{"close", &Bar::close, scale}, Field{"open", &Bar::open, scale},
                               Field{"high", &Bar::high, scale}, Field{"low", &Bar::low, scale},
                               Field{"volume", &Bar::volume, 0}, Field{"value", &Bar::value, 0}})
        if (here.*field.number != there.*field.number)
            return fmt::format("{} {} here, {} at {}", field.name,
                               market::price_text(here.*field.number, field.scale),
                               market::price_text(there.*field.number, field.scale), place);
    return fmt::format("the same as at {}, others of this day differ", place);
}

// Settles what several files of one import say of one symbol.
class Merge {
public:
    Merge(std::vector<PriceFile>& parsed, std::vector<std::unique_ptr<SourceLines>>& sources)
        : parsed_(parsed), sources_(sources) {}

    // Drops equal repeats from all but one of a symbol's files, and sets conflicting rows aside in
    // all of them.
    void settle(std::span<const std::size_t> files) {
        if (files.size() < 2) return;
        std::vector<Placed> all;
        for (const std::size_t file : files) {
            for (std::size_t i = 0; i < parsed_[file].bars.size(); ++i)
                all.push_back({parsed_[file].bars[i], file, parsed_[file].lines[i]});
            parsed_[file].bars.clear();
            parsed_[file].lines.clear();
        }
        std::ranges::sort(all, {},
                          [](const Placed& p) { return std::tuple{p.bar.date, p.file, p.line}; });
        for (std::size_t first = 0; first < all.size();) {
            std::size_t last = first + 1;
            while (last < all.size() && all[last].bar.date == all[first].bar.date) ++last;
            day({all.data() + first, last - first});
            first = last;
        }
    }

    // The bars of a file, on their way into the store.
    store::IncomingSymbol take(std::size_t index) {
        PriceFile& file = parsed_[index];
        return {.instrument = file.instrument,
                .bars = std::move(file.bars),
                .lines = std::move(file.lines),
                .file = file.path,
                .source_of = [&source = *sources_[index]](std::int64_t line) {
                    return source.line(line);
                }};
    }

private:
    void day(std::span<const Placed> rows) {
        // Of equal rows the one that knows the traded value stays.
        const auto knowing = std::ranges::find_if(
            rows, [](const Placed& p) { return p.bar.value != Bar::value_missing; });
        const Placed& stays = knowing == rows.end() ? rows.front() : *knowing;
        const bool agree = std::ranges::all_of(
            rows, [&](const Placed& p) { return same_prices(p.bar, stays.bar); });
        if (!agree) {
            for (const Placed& row : rows) quarantine(row, rows);
            return;
        }
        parsed_[stays.file].bars.push_back(stays.bar);
        parsed_[stays.file].lines.push_back(stays.line);
        for (const Placed& row : rows)
            if (&row != &stays) ++parsed_[row.file].dropped["equal_repeat"];
    }

    void quarantine(const Placed& row, std::span<const Placed> rows) {
        const auto differs = std::ranges::find_if(
            rows, [&](const Placed& p) { return !same_prices(p.bar, row.bar); });
        const Placed& other = differs == rows.end() ? rows.front() : *differs;
        parsed_[row.file].quarantined.push_back(
            {.symbol = parsed_[row.file].instrument.symbol,
             .date = row.bar.date.iso(),
             .file = parsed_[row.file].path,
             .line = row.line,
             .reason = "conflicting_repeat",
             .detail = difference(row.bar, other.bar, parsed_[row.file].instrument.scale,
                                  fmt::format("{}:{}", parsed_[other.file].path, other.line)),
             .source = sources_[row.file]->line(row.line)});
    }

    std::vector<PriceFile>& parsed_;
    std::vector<std::unique_ptr<SourceLines>>& sources_;
};

// Reads each file into `parsed`; a refused one keeps its error in the report.
void read_files(const store::PriceFileParser& parse, const std::vector<fs::path>& files,
                const ImportOptions& options, const Progress& progress,
                std::vector<PriceFile>& parsed, ImportReport& report) {
    std::atomic<std::size_t> finished{0};
    parallel_for(files.size(), options.threads, [&](std::size_t index, unsigned) {
        if (progress.stopped()) return;
        ImportedFile& file = report.files[index];
        file.path = files[index].string();
        auto bytes = read_bytes(files[index], progress);
        auto understood =
            bytes ? parse(file.path, *bytes) : Result<PriceFile>{std::unexpected(bytes.error())};
        if (understood) {
            parsed[index] = std::move(*understood);
            market::Instrument& instrument = parsed[index].instrument;
            if (options.market != market::Market::unknown && market::is_krx_code(instrument.symbol))
                instrument.market = options.market;
            file.symbol = instrument.symbol;
        } else {
            file.error = std::move(understood).error();
        }
        progress.done("reading price files", ++finished, files.size());
    });
}

// What became of each file's lines. `dates` are those of the bars it gave to the store, which found
// some to be `conflicts`; `quarantined` holds these and the parser's.
void account_for(const std::vector<PriceFile>& parsed, std::vector<std::vector<Date>>& dates,
                 std::span<const QuarantinedRow> conflicts, std::vector<QuarantinedRow> quarantined,
                 ImportReport& report) {
    std::map<std::string_view, std::size_t> file_of;
    for (std::size_t index = 0; index < parsed.size(); ++index)
        file_of.emplace(report.files[index].path, index);
    // Line 0 speaks of a whole file, whose rows were taken.
    for (const QuarantinedRow& row : quarantined)
        if (row.line > 0) ++report.files[file_of.at(row.file)].quarantined[row.reason];
    std::vector<std::set<std::string_view>> not_taken(parsed.size());
    for (const QuarantinedRow& row : conflicts)
        if (row.line > 0) not_taken[file_of.at(row.file)].insert(row.date);

    for (std::size_t index = 0; index < parsed.size(); ++index) {
        ImportedFile& file = report.files[index];
        file.data_lines = parsed[index].data_lines;
        file.repaired = parsed[index].repaired;
        file.dropped = parsed[index].dropped;
        file.accepted = file.data_lines;
        for (const auto& [reason, count] : file.quarantined) file.accepted -= count;
        for (const auto& [reason, count] : file.dropped) file.accepted -= count;
        if (!not_taken[index].empty())
            std::erase_if(dates[index],
                          [&](Date date) { return not_taken[index].contains(date.iso()); });
        if (dates[index].empty()) continue;
        file.from = dates[index].front();
        file.to = dates[index].back();
    }
    std::ranges::sort(quarantined, {}, [&](const QuarantinedRow& row) {
        return std::pair{file_of.at(row.file), row.line};
    });
    report.quarantined = std::move(quarantined);
}

std::vector<Date> dates_of(const PriceFile& file) {
    std::vector<Date> dates;
    dates.reserve(file.bars.size());
    for (const Bar& bar : file.bars) dates.push_back(bar.date);
    return dates;
}

}  // namespace

Result<ImportReport> import_bars(store::BarStore& store, const store::PriceFileParser& parse,
                                 const std::vector<fs::path>& files, const ImportOptions& options,
                                 const Progress& progress) {
    HSL_TRY(const bool generated, store.holds_generated());
    if (generated)
        return fail(ErrorCode::bad_usage,
                    "this store holds a generated market: real prices need a store of their own "
                    "(--store DIR)");
    HSL_TRY(auto writer, store.open_writer());

    ImportReport report;
    report.files.resize(files.size());
    std::vector<PriceFile> parsed(files.size());
    read_files(parse, files, options, progress, parsed, report);
    if (progress.stopped())
        return fail(ErrorCode::cancelled, "stopped; the store is as it was before");

    std::map<std::string, std::vector<std::size_t>> by_symbol;
    std::vector<std::unique_ptr<SourceLines>> sources(files.size());
    for (std::size_t index = 0; index < files.size(); ++index) {
        if (report.files[index].error) continue;
        by_symbol[parsed[index].instrument.symbol].push_back(index);
        sources[index] = std::make_unique<SourceLines>(files[index]);
    }
    std::vector<store::IncomingSymbol> incoming;
    std::vector<std::vector<Date>> dates(files.size());
    Merge merge{parsed, sources};
    for (const auto& [symbol, indices] : by_symbol) {
        merge.settle(indices);
        for (const std::size_t index : indices) {
            dates[index] = dates_of(parsed[index]);
            if (!dates[index].empty()) incoming.push_back(merge.take(index));
        }
    }
    std::vector<QuarantinedRow> quarantined;
    for (const PriceFile& file : parsed)
        quarantined.insert(quarantined.end(), file.quarantined.begin(), file.quarantined.end());

    HSL_TRY(store::WriteSummary summary,
            writer->write({.symbols = std::move(incoming), .quarantined = quarantined},
                          {.replace = options.replace, .generated = false, .note = options.note},
                          progress));
    quarantined.insert(quarantined.end(), summary.conflicts.begin(), summary.conflicts.end());

    account_for(parsed, dates, summary.conflicts, std::move(quarantined), report);
    report.version = summary.version;
    report.changed = summary.changed;
    report.added = summary.added;
    report.replaced = summary.replaced;
    report.unchanged = summary.unchanged;
    return report;
}

}  // namespace hsl::service
