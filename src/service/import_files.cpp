// SPDX-License-Identifier: Apache-2.0
#include "service/import_files.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "service/read_file.hpp"

namespace hsl::service {
namespace {

using market::Bar;
using store::MarketFile;
using store::PriceSeries;
using store::QuarantinedRow;

// Files of one symbol that are compared with one another: a folder of daily files has thousands
// that have nothing in common.
constexpr std::size_t compared_most = 8;

// The lines of sources whose bytes were let go. The few that were asked for last are kept
// understood. Any thread.
class SourceLines {
public:
    SourceLines(const store::MarketFileParser& parse, const std::vector<ImportSource>& sources)
        : parse_(parse), sources_(sources) {}

    // For a source that cannot be read twice.
    void keep(std::size_t source, std::string bytes, std::vector<MarketFile> files) {
        const std::lock_guard guard{lock_};
        auto read = std::make_shared<Read>(Read{std::move(bytes), std::move(files), {}});
        read->find_lines();
        kept_.emplace(source, std::move(read));
    }

    std::string line(std::size_t source, std::size_t member, std::int64_t number) {
        const std::shared_ptr<Read> read = this->read(source);
        if (read == nullptr || member >= read->files.size()) return {};
        const auto& line_of = read->files[member].source_of;
        return line_of ? line_of(number) : read->line(number);
    }

private:
    struct Read {
        std::string bytes;  // what `files` may point into
        std::vector<MarketFile> files;
        std::vector<std::size_t> starts;  // of the lines of `bytes`

        // A parser that gives no lines read the bytes as they are.
        [[nodiscard]] std::string line(std::int64_t number) const {
            if (number < 1 || static_cast<std::size_t>(number) > starts.size()) return {};
            std::string_view line =
                std::string_view{bytes}.substr(starts[static_cast<std::size_t>(number) - 1]);
            line = line.substr(0, line.find(line_end_of(bytes)));
            while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            while (!line.empty() && line.front() == '\n') line.remove_prefix(1);
            if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
            return std::string{line};
        }
        void find_lines() {
            const char end = line_end_of(bytes);
            starts.push_back(0);
            for (std::size_t at = bytes.find(end); at != std::string::npos;
                 at = bytes.find(end, at))
                starts.push_back(++at);
        }
    };
    static constexpr std::size_t recent_most = 4;

    std::shared_ptr<Read> read(std::size_t source) {
        const std::lock_guard guard{lock_};
        if (const auto found = kept_.find(source); found != kept_.end()) return found->second;
        for (auto at = recent_.begin(); at != recent_.end(); ++at)
            if (at->first == source) {
                recent_.splice(recent_.begin(), recent_, at);
                return recent_.front().second;
            }
        auto read = std::make_shared<Read>();
        if (auto bytes = sources_[source].read({})) {
            read->bytes = std::move(*bytes);
            if (auto files = parse_(sources_[source].path, read->bytes, sources_[source].hints))
                read->files = std::move(*files);
        }
        for (MarketFile& file : read->files) file.prices.clear();
        read->find_lines();
        recent_.emplace_front(source, read);
        if (recent_.size() > recent_most) recent_.pop_back();
        return read;
    }

    const store::MarketFileParser& parse_;
    const std::vector<ImportSource>& sources_;
    std::mutex lock_;
    std::map<std::size_t, std::shared_ptr<Read>> kept_;
    std::list<std::pair<std::size_t, std::shared_ptr<Read>>> recent_;
};

// A file as it was understood, and whose member it is.
struct Understood {
    MarketFile file;
    std::size_t source = 0;
    std::size_t member = 0;
};

// What one series of one file brings.
struct Place {
    std::size_t file = 0;
    std::size_t series = 0;
};

// A bar with the place it came from.
struct Placed {
    Bar bar;
    std::size_t place;
    std::int64_t line;

    [[nodiscard]] auto when() const { return std::pair{bar.date, bar.minute}; }
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

// A line of such a file says more than its bar: it is never a mere repeat.
bool brings_facts(const MarketFile& file) {
    return !file.facts.listings.empty() || !file.facts.columns.empty();
}

// Settles what several files of one import say of one series.
class Settlement {
public:
    Settlement(std::vector<Understood>& files, SourceLines& lines) : files_(files), lines_(lines) {}

    // Drops equal repeats from all but one of the files, and sets conflicting rows aside in all.
    void settle(std::span<const Place> places, const std::string& series_source) {
        if (places.size() < 2) return;
        std::vector<Placed> all;
        for (std::size_t place = 0; place < places.size(); ++place) {
            PriceSeries& series = series_at(places[place]);
            for (std::size_t i = 0; i < series.bars.size(); ++i)
                all.push_back({series.bars[i], place, line_of(series, i)});
            series.bars.clear();
            series.lines.clear();
        }
        std::ranges::stable_sort(all, {}, [](const Placed& p) { return p.when(); });
        for (std::size_t first = 0; first < all.size();) {
            std::size_t last = first + 1;
            while (last < all.size() && all[last].when() == all[first].when()) ++last;
            moment({all.data() + first, last - first}, places, series_source);
            first = last;
        }
    }

    static std::int64_t line_of(const PriceSeries& series, std::size_t row) {
        return row < series.lines.size() ? series.lines[row] : 0;
    }

private:
    PriceSeries& series_at(const Place& place) {
        return files_[place.file].file.prices[place.series];
    }

    void moment(std::span<const Placed> rows, std::span<const Place> places,
                const std::string& series_source) {
        // Of equal rows the one that knows the traded value stays.
        const auto knowing = std::ranges::find_if(
            rows, [](const Placed& p) { return p.bar.value != Bar::value_missing; });
        const Placed& stays = knowing == rows.end() ? rows.front() : *knowing;
        const bool agree = std::ranges::all_of(
            rows, [&](const Placed& p) { return same_prices(p.bar, stays.bar); });
        if (!agree) {
            for (const Placed& row : rows) quarantine(row, rows, places, series_source);
            return;
        }
        PriceSeries& series = series_at(places[stays.place]);
        series.bars.push_back(stays.bar);
        series.lines.push_back(stays.line);
        for (const Placed& row : rows) {
            MarketFile& file = files_[places[row.place].file].file;
            if (&row != &stays && !brings_facts(file)) ++file.dropped["equal_repeat"];
        }
    }

    void quarantine(const Placed& row, std::span<const Placed> rows, std::span<const Place> places,
                    const std::string& series_source) {
        const auto differs = std::ranges::find_if(
            rows, [&](const Placed& p) { return !same_prices(p.bar, row.bar); });
        const Placed& other = differs == rows.end() ? rows.front() : *differs;
        Understood& mine = files_[places[row.place].file];
        const market::Instrument& instrument = series_at(places[row.place]).instrument;
        mine.file.quarantined.push_back(
            {.symbol = instrument.symbol,
             .date = row.bar.date.iso(),
             .file = mine.file.path,
             .line = row.line,
             .reason = "conflicting_repeat",
             .detail = difference(
                 row.bar, other.bar, instrument.scale,
                 fmt::format("{}:{}", files_[places[other.place].file].file.path, other.line)),
             .source = lines_.line(mine.source, mine.member, row.line),
             .bar = row.bar,
             .series = series_source});
    }

    std::vector<Understood>& files_;
    SourceLines& lines_;
};

// What the sources hold, in their order. A refused source is a file with an error.
Result<std::vector<Understood>> understand(const store::MarketFileParser& parse,
                                           const std::vector<ImportSource>& sources,
                                           unsigned threads, const Progress& progress,
                                           SourceLines& lines) {
    std::vector<std::vector<MarketFile>> understood(sources.size());
    std::atomic<std::size_t> finished{0};
    parallel_for(sources.size(), threads, [&](std::size_t index, unsigned) {
        if (progress.stopped()) return;
        const ImportSource& source = sources[index];
        auto bytes = source.read(progress);
        auto files = bytes ? parse(source.path, *bytes, source.hints)
                           : Result<std::vector<MarketFile>>{std::unexpected(bytes.error())};
        if (files) {
            understood[index] = std::move(*files);
        } else {
            MarketFile& refused = understood[index].emplace_back();
            refused.path = source.path;
            refused.error = std::move(files).error();
        }
        std::vector<MarketFile> with_lines(understood[index].size());
        for (std::size_t i = 0; i < with_lines.size(); ++i)
            with_lines[i].source_of = std::exchange(understood[index][i].source_of, nullptr);
        if (!source.again && bytes) lines.keep(index, std::move(*bytes), std::move(with_lines));
        progress.done("reading price files", ++finished, sources.size());
    });
    if (progress.stopped())
        return fail(ErrorCode::cancelled, "stopped; the store is as it was before");
    std::vector<Understood> files;
    for (std::size_t index = 0; index < sources.size(); ++index)
        for (std::size_t member = 0; member < understood[index].size(); ++member)
            files.push_back({std::move(understood[index][member]), index, member});
    return files;
}

// A series of one import, and the places that speak of it.
using SeriesKey = std::tuple<std::string, std::string, market::Interval>;  // symbol, source
std::map<SeriesKey, std::vector<Place>> places_of(const std::vector<Understood>& files,
                                                  const std::vector<ImportSource>& sources) {
    std::map<SeriesKey, std::vector<Place>> places;
    for (std::size_t file = 0; file < files.size(); ++file)
        for (std::size_t series = 0; series < files[file].file.prices.size(); ++series) {
            const PriceSeries& prices = files[file].file.prices[series];
            places[{prices.instrument.symbol, sources[files[file].source].hints.source,
                    prices.interval}]
                .push_back({file, series});
        }
    return places;
}

// Where files of one import have sessions of a symbol in common.
std::vector<Agreement> agreements_of(const std::vector<Understood>& files,
                                     const std::map<SeriesKey, std::vector<Place>>& places) {
    std::map<std::string, std::vector<Telling>> tellings;
    for (const auto& [key, own] : places) {
        if (std::get<2>(key) != market::Interval::day) continue;
        std::vector<Telling>& of_symbol = tellings[std::get<0>(key)];
        for (const Place& place : own) {
            const PriceSeries& series = files[place.file].file.prices[place.series];
            of_symbol.push_back(
                {files[place.file].file.path, series.bars, series.instrument.scale});
        }
    }
    std::vector<Agreement> out;
    for (const auto& [symbol, own] : tellings) {
        if (own.size() < 2 || own.size() > compared_most) continue;
        Agreement agreement = compare_all(symbol, own);
        std::erase_if(agreement.pairs, [](const PairAgreement& pair) { return pair.common == 0; });
        if (!agreement.pairs.empty()) out.push_back(std::move(agreement));
    }
    return out;
}

// Days of the rows that a file gave to the store, by symbol.
using GivenDays = std::map<std::string, std::vector<Date>>;

// Everything the files bring, taken out of them; `given` is what each gave.
store::Incoming take_all(std::vector<Understood>& files, const std::vector<ImportSource>& sources,
                         SourceLines& lines, std::vector<GivenDays>& given) {
    store::Incoming incoming;
    for (std::size_t index = 0; index < files.size(); ++index) {
        Understood& understood = files[index];
        MarketFile& file = understood.file;
        const std::string& source = sources[understood.source].hints.source;
        for (PriceSeries& series : file.prices) {
            if (series.bars.empty()) continue;
            std::vector<Date>& days = given[index][series.instrument.symbol];
            for (const Bar& bar : series.bars) days.push_back(bar.date);
            incoming.symbols.push_back(
                {.instrument = series.instrument,
                 .bars = std::move(series.bars),
                 .lines = std::move(series.lines),
                 .file = file.path,
                 .source_of = [&lines, from = understood.source, member = understood.member](
                                  std::int64_t line) { return lines.line(from, member, line); },
                 .source = source,
                 .interval = series.interval,
                 .basis = series.basis,
                 .definition = series.definition});
        }
        for (QuarantinedRow& row : file.quarantined) {
            if (row.series.empty()) row.series = source;
            incoming.quarantined.push_back(row);
        }
        for (market::ColumnSeries& column : file.facts.columns)
            if (column.source.empty()) column.source = source;
        const auto append = [](auto& target, auto& from) {
            target.insert(target.end(), std::make_move_iterator(from.begin()),
                          std::make_move_iterator(from.end()));
        };
        append(incoming.facts.listings, file.facts.listings);
        append(incoming.facts.states, file.facts.states);
        append(incoming.facts.actions, file.facts.actions);
        append(incoming.facts.columns, file.facts.columns);
    }
    return incoming;
}

// The symbols that a file speaks of.
std::set<std::string> symbols_of(const MarketFile& file) {
    std::set<std::string> symbols;
    for (const PriceSeries& series : file.prices) symbols.insert(series.instrument.symbol);
    for (const auto& listing : file.facts.listings) symbols.insert(listing.symbol);
    for (const auto& state : file.facts.states) symbols.insert(state.symbol);
    for (const auto& action : file.facts.actions) symbols.insert(action.symbol);
    for (const auto& column : file.facts.columns) symbols.insert(column.symbol);
    return symbols;
}

std::vector<ImportedFile> describe(std::vector<Understood>& files, ImportReport& report) {
    std::vector<ImportedFile> out;
    for (Understood& understood : files) {
        MarketFile& file = understood.file;
        const std::set<std::string> symbols = symbols_of(file);
        out.push_back({.path = file.path,
                       .symbol = symbols.size() == 1 ? *symbols.begin() : "",
                       .symbols = static_cast<std::int64_t>(symbols.size()),
                       .data_lines = file.data_lines,
                       .repaired = file.repaired,
                       .found = file.found,
                       .error = file.error});
        for (store::Finding& finding : file.findings)
            report.findings.push_back({file.path, std::move(finding)});
    }
    return out;
}

// What the store noticed, beside what the parsers did.
void add_findings(std::span<const QuarantinedRow> rows, ImportReport& report) {
    for (const QuarantinedRow& row : rows) {
        ++std::ranges::find(report.files, row.file, &ImportedFile::path)->found[row.reason];
        report.findings.push_back({row.file,
                                   {.rule = row.reason,
                                    .symbol = row.symbol,
                                    .date = row.date,
                                    .line = row.line,
                                    .detail = row.detail}});
    }
}

// What became of each file's lines, once the store has said what conflicts with it.
void account_for(const std::vector<Understood>& files, const std::vector<bool>& with_facts,
                 const std::vector<GivenDays>& given, std::span<const QuarantinedRow> conflicts,
                 ImportReport& report) {
    std::map<std::string_view, std::size_t> file_of;
    for (std::size_t index = 0; index < files.size(); ++index)
        file_of.emplace(report.files[index].path, index);
    std::vector<std::set<std::pair<std::string_view, std::string_view>>> not_taken(files.size());
    for (const QuarantinedRow& row : conflicts)
        if (row.line > 0) not_taken[file_of.at(row.file)].emplace(row.symbol, row.date);
    // Line 0 speaks of a whole file, whose rows were taken.
    for (const QuarantinedRow& row : report.quarantined)
        if (row.line > 0) ++report.files[file_of.at(row.file)].quarantined[row.reason];

    for (std::size_t index = 0; index < files.size(); ++index) {
        ImportedFile& file = report.files[index];
        file.dropped = files[index].file.dropped;
        file.accepted = file.data_lines;
        for (const auto& [reason, count] : file.quarantined) file.accepted -= count;
        for (const auto& [reason, count] : file.dropped) file.accepted -= count;
        if (file.accepted <= 0) continue;
        if (with_facts[index] || given[index].empty()) {
            file.from = files[index].file.first;
            file.to = files[index].file.last;
            continue;
        }
        for (const auto& [symbol, days] : given[index])
            for (const Date day : days) {
                if (!not_taken[index].empty() && not_taken[index].contains({symbol, day.iso()}))
                    continue;
                if (!file.from || day < *file.from) file.from = day;
                if (!file.to || day > *file.to) file.to = day;
            }
    }
    std::ranges::stable_sort(report.quarantined, {}, [&](const QuarantinedRow& row) {
        return std::pair{file_of.at(row.file), row.line};
    });
}

// The series of `symbols` in a store of their own, to see what a write would do.
Result<std::unique_ptr<store::BarStore>> copy_of(store::BarStore& store,
                                                 const std::set<std::string>& symbols) {
    auto copy = store::in_memory_store();
    HSL_TRY(const std::vector<store::SymbolSummary> held, store.symbols());
    store::Incoming incoming;
    for (const auto interval : {market::Interval::day, market::Interval::minute}) {
        std::set<std::string> wanted;
        for (const store::SymbolSummary& one : held)
            if (one.interval == interval && symbols.contains(one.instrument.symbol))
                wanted.insert(one.instrument.symbol);
        if (wanted.empty()) continue;
        HSL_TRY(const market::BarTable table, store.read({.symbols = {wanted.begin(), wanted.end()},
                                                          .every_source = true,
                                                          .interval = interval}));
        for (const market::BarTable::Range& range : table.symbols) {
            store::IncomingSymbol& one = incoming.symbols.emplace_back(
                store::IncomingSymbol{.instrument = range.instrument,
                                      .source = range.source,
                                      .interval = interval,
                                      .basis = range.basis,
                                      .definition = range.definition});
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                one.bars.push_back(table.bar(row));
        }
    }
    HSL_TRY(incoming.facts, store.facts({}));
    HSL_TRY(const auto writer, copy->open_writer());
    HSL_CHECK(writer->write(std::move(incoming), {}, {}));
    return copy;
}

// Writes, or (without a writer) finds out what writing would do.
Result<store::WriteSummary> write(store::BarStore& store, store::Writer* writer,
                                  store::Incoming incoming, const ImportOptions& options,
                                  const Progress& progress) {
    const store::WriteOptions how{.replace = options.replace, .note = options.note};
    if (writer != nullptr) return writer->write(std::move(incoming), how, progress);
    std::set<std::string> symbols;
    for (const store::IncomingSymbol& one : incoming.symbols) symbols.insert(one.instrument.symbol);
    HSL_TRY(const auto copy, copy_of(store, symbols));
    HSL_TRY(const auto copy_writer, copy->open_writer());
    HSL_TRY(store::WriteSummary summary, copy_writer->write(std::move(incoming), how, progress));
    summary.version.clear();
    return summary;
}

}  // namespace

std::vector<ImportSource> import_sources(const std::vector<std::filesystem::path>& paths,
                                         const store::ReadHints& hints) {
    std::vector<ImportSource> sources;
    for (const std::filesystem::path& path : paths) {
        if (path == "-") {
            sources.push_back(
                {.path = "stdin",
                 .read = [](const Progress& progress) { return read_standard_input(progress); },
                 .hints = hints,
                 .again = false});
            continue;
        }
        std::error_code failure;
        sources.push_back(
            {.path = path.string(),
             .read = [path](const Progress& progress) { return read_bytes(path, progress); },
             .hints = hints,
             .again = std::filesystem::is_regular_file(path, failure)});
    }
    return sources;
}

Result<ImportReport> import_files(store::BarStore& store, const store::MarketFileParser& parse,
                                  const std::vector<ImportSource>& sources,
                                  const ImportOptions& options, const Progress& progress) {
    HSL_TRY(const bool generated, store.holds_generated());
    if (generated)
        return fail(ErrorCode::bad_usage,
                    "this store holds a generated market: real prices need a store of their own "
                    "(--store DIR)");
    // Held from the beginning: two imports at once would be told so only after an hour of reading.
    std::unique_ptr<store::Writer> writer;
    if (!options.dry_run) {
        HSL_TRY(writer, store.open_writer());
    }

    SourceLines lines{parse, sources};
    HSL_TRY(std::vector<Understood> files,
            understand(parse, sources, options.threads, progress, lines));
    ImportReport report;
    report.files = describe(files, report);
    const auto places = places_of(files, sources);
    report.agreements = agreements_of(files, places);
    Settlement settlement{files, lines};
    for (const auto& [series, own] : places) settlement.settle(own, std::get<1>(series));

    std::vector<bool> with_facts;
    for (const Understood& understood : files) with_facts.push_back(brings_facts(understood.file));
    std::vector<GivenDays> given(files.size());
    store::Incoming incoming = take_all(files, sources, lines, given);
    report.quarantined = incoming.quarantined;
    HSL_TRY(store::WriteSummary summary,
            write(store, writer.get(), std::move(incoming), options, progress));
    report.quarantined.insert(report.quarantined.end(), summary.conflicts.begin(),
                              summary.conflicts.end());
    account_for(files, with_facts, given, summary.conflicts, report);
    add_findings(summary.findings, report);
    report.version = summary.version;
    report.changed = summary.changed;
    report.added = summary.added;
    report.replaced = summary.replaced;
    report.unchanged = summary.unchanged;
    report.facts_changed = summary.facts_changed;
    return report;
}

}  // namespace hsl::service
