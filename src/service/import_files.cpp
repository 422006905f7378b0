// SPDX-License-Identifier: Apache-2.0
#include "service/import_files.hpp"

#include <algorithm>
#include <atomic>
#include <list>
#include <memory>
#include <map>
#include <mutex>
#include <numeric>
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

// A file as it was understood, without its prices, and whose member it is.
struct Understood {
    MarketFile file;
    std::size_t source = 0;
    std::size_t member = 0;
    std::size_t part = 0;
    std::int64_t symbols = 0;  // that it speaks of
    std::string symbol = {};   // where that is one
    bool names_left = false;
};

// What a file says of a series beside its bars.
struct Labels {
    market::Market market{};
    std::int8_t scale = 0;
    market::Basis basis{};
    market::BarDefinition definition{};
    friend auto operator<=>(const Labels&, const Labels&) = default;
};

// The rows that all files of an import have of one series, column by column. Whole histories come
// as thousands of files with a row each, so a row is kept in 80 bytes from the moment it was read.
struct Rows {
    std::vector<Bar> bars;
    std::vector<std::int64_t> lines;
    std::vector<std::uint32_t> files;  // while files are read: parts, in the order they were read
    std::vector<Labels> labels;

    [[nodiscard]] std::size_t size() const { return bars.size(); }
    [[nodiscard]] auto when(std::size_t row) const {
        return std::pair{bars[row].date, bars[row].minute};
    }
    void add(const Rows& from, std::size_t row) {
        bars.push_back(from.bars[row]);
        lines.push_back(from.lines[row]);
        files.push_back(from.files[row]);
        labels.push_back(from.labels[row]);
    }
};
using SeriesKey = std::tuple<std::string, std::string, market::Interval>;  // symbol, source
using Gathered = std::map<SeriesKey, Rows>;

// Takes the prices of a file over.
void gather(MarketFile& file, const std::string& source, std::uint32_t part, Gathered& gathered) {
    for (PriceSeries& series : file.prices) {
        Rows& rows = gathered[{series.instrument.symbol, source, series.interval}];
        const std::size_t count = series.bars.size();
        const Labels labels{series.instrument.market,
                            static_cast<std::int8_t>(series.instrument.scale), series.basis,
                            series.definition};
        rows.bars.insert(rows.bars.end(), series.bars.begin(), series.bars.end());
        series.lines.resize(count);
        rows.lines.insert(rows.lines.end(), series.lines.begin(), series.lines.end());
        rows.files.resize(rows.files.size() + count, part);
        rows.labels.resize(rows.labels.size() + count, labels);
    }
    file.prices = {};
}

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

    // Sorts the rows by date, drops equal repeats of all but one of the files, and sets conflicting
    // rows aside in all.
    void settle(Rows& rows, const SeriesKey& series) {
        std::vector<std::uint32_t> order(rows.size());
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::sort(order, {}, [&](std::uint32_t row) {
            return std::tuple{rows.when(row), rows.files[row], row};
        });
        Rows kept;
        kept.bars.reserve(rows.size());
        kept.lines.reserve(rows.size());
        kept.files.reserve(rows.size());
        kept.labels.reserve(rows.size());
        for (std::size_t first = 0; first < order.size();) {
            std::size_t last = first + 1;
            while (last < order.size() && rows.when(order[last]) == rows.when(order[first])) ++last;
            if (last == first + 1)
                kept.add(rows, order[first]);
            else
                moment(rows, std::span{order}.subspan(first, last - first), series, kept);
            first = last;
        }
        rows = std::move(kept);
    }

private:
    void moment(const Rows& rows, std::span<const std::uint32_t> same, const SeriesKey& series,
                Rows& kept) {
        // Of equal rows the one that knows the traded value stays.
        const auto knowing = std::ranges::find_if(
            same, [&](std::uint32_t row) { return rows.bars[row].value != Bar::value_missing; });
        const std::uint32_t stays = knowing == same.end() ? same.front() : *knowing;
        const bool agree = std::ranges::all_of(
            same, [&](std::uint32_t row) { return same_prices(rows.bars[row], rows.bars[stays]); });
        if (!agree) {
            for (const std::uint32_t row : same) quarantine(rows, row, same, series);
            return;
        }
        kept.add(rows, stays);
        for (const std::uint32_t row : same) {
            MarketFile& file = files_[rows.files[row]].file;
            if (row != stays && !brings_facts(file)) ++file.dropped["equal_repeat"];
        }
    }

    void quarantine(const Rows& rows, std::uint32_t row, std::span<const std::uint32_t> same,
                    const SeriesKey& series) {
        const auto differs = std::ranges::find_if(same, [&](std::uint32_t other) {
            return !same_prices(rows.bars[other], rows.bars[row]);
        });
        const std::uint32_t other = differs == same.end() ? same.front() : *differs;
        Understood& mine = files_[rows.files[row]];
        const std::int64_t line = rows.lines[row];
        mine.file.quarantined.push_back(
            {.symbol = std::get<0>(series),
             .date = rows.bars[row].date.iso(),
             .file = mine.file.path,
             .line = line,
             .reason = "conflicting_repeat",
             .detail = difference(
                 rows.bars[row], rows.bars[other], rows.labels[row].scale,
                 fmt::format("{}:{}", files_[rows.files[other]].file.path, rows.lines[other])),
             .source = lines_.line(mine.source, mine.member, line),
             .bar = rows.bars[row],
             .series = std::get<1>(series)});
    }

    std::vector<Understood>& files_;
    SourceLines& lines_;
};

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

// Prices whose file names companies that no listing was made of.
bool names_left(const MarketFile& file) {
    return !file.prices.empty() && file.facts.listings.empty() &&
           std::ranges::any_of(file.how.columns,
                               [](const auto& column) { return column.first == "name"; });
}

// What the sources hold, in their order. A refused source is a file with an error.
Result<std::vector<Understood>> understand(const store::MarketFileParser& parse,
                                           const std::vector<ImportSource>& sources,
                                           unsigned threads, const Progress& progress,
                                           SourceLines& lines, Gathered& gathered) {
    std::vector<std::vector<Understood>> understood(sources.size());
    std::mutex gathering;
    std::size_t parts = 0;
    std::atomic<std::size_t> finished{0};
    parallel_for(sources.size(), threads, [&](std::size_t index, unsigned) {
        if (progress.stopped()) return;
        const ImportSource& source = sources[index];
        auto bytes = source.read(progress);
        auto files = bytes ? parse(source.path, *bytes, source.hints)
                           : Result<std::vector<MarketFile>>{std::unexpected(bytes.error())};
        if (!files) {
            Error refused = std::move(files).error();
            files = std::vector<MarketFile>(1);
            files->front().path = source.path;
            files->front().error = std::move(refused);
        }
        std::vector<MarketFile> with_lines(files->size());
        for (std::size_t member = 0; member < files->size(); ++member) {
            MarketFile& file = (*files)[member];
            with_lines[member].source_of = std::exchange(file.source_of, nullptr);
            Understood& one = understood[index].emplace_back();
            const std::set<std::string> symbols = symbols_of(file);
            one.symbols = std::ssize(symbols);
            if (symbols.size() == 1) one.symbol = *symbols.begin();
            one.names_left = names_left(file);
            one.source = index;
            one.member = member;
            {
                const std::lock_guard guard{gathering};
                one.part = parts++;
                gather(file, source.hints.source, static_cast<std::uint32_t>(one.part), gathered);
            }
            one.file = std::move(file);
        }
        if (!source.again && bytes) lines.keep(index, std::move(*bytes), std::move(with_lines));
        progress.done("reading price files", ++finished, sources.size());
    });
    if (progress.stopped())
        return fail(ErrorCode::cancelled, "stopped; the store is as it was before");
    std::vector<Understood> files;
    for (std::vector<Understood>& members : understood)
        std::ranges::move(members, std::back_inserter(files));
    std::vector<std::uint32_t> file_of(parts);
    for (std::size_t file = 0; file < files.size(); ++file)
        file_of[files[file].part] = static_cast<std::uint32_t>(file);
    for (auto& [series, rows] : gathered)
        for (std::uint32_t& file : rows.files) file = file_of[file];
    return files;
}

// Where files of one import have sessions of a symbol in common. Before they are settled.
std::vector<Agreement> agreements_of(const std::vector<Understood>& files,
                                     const Gathered& gathered) {
    std::vector<Agreement> out;
    for (auto first = gathered.begin(); first != gathered.end();) {
        const std::string& symbol = std::get<0>(first->first);
        auto end = first;
        std::map<std::pair<std::string_view, std::uint32_t>, std::vector<Bar>> own;
        std::vector<std::int8_t> scales;
        for (; end != gathered.end() && std::get<0>(end->first) == symbol; ++end) {
            const auto& [series, rows] = *end;
            if (std::get<2>(series) != market::Interval::day) continue;
            for (std::size_t row = 0; row < rows.size() && own.size() <= compared_most; ++row)
                own[{std::get<1>(series), rows.files[row]}];
        }
        if (own.size() >= 2 && own.size() <= compared_most) {
            std::map<std::uint32_t, int> scale_of;
            for (auto at = first; at != end; ++at) {
                const auto& [series, rows] = *at;
                if (std::get<2>(series) != market::Interval::day) continue;
                for (std::size_t row = 0; row < rows.size(); ++row) {
                    own[{std::get<1>(series), rows.files[row]}].push_back(rows.bars[row]);
                    scale_of[rows.files[row]] = rows.labels[row].scale;
                }
            }
            std::vector<Telling> tellings;
            for (const auto& [place, bars] : own)
                tellings.push_back(
                    {files[place.second].file.path, bars, scale_of.at(place.second)});
            Agreement agreement = compare_all(symbol, tellings);
            std::erase_if(agreement.pairs,
                          [](const PairAgreement& pair) { return pair.common == 0; });
            if (!agreement.pairs.empty()) out.push_back(std::move(agreement));
        }
        first = end;
    }
    return out;
}

// The rows that a file gave to the store: which series of `names`, and the day.
struct Given {
    std::vector<std::string> names;  // symbols
    struct Row {
        std::uint32_t name;
        Date day;
    };
    std::vector<std::vector<Row>> rows;  // of each file
};

// The rows of one series that say the same of it, whichever files they are from.
void take(const SeriesKey& series, Rows& rows, std::vector<Understood>& files,
          const std::shared_ptr<const store::IncomingFiles>& names,
          std::vector<store::IncomingSymbol>& symbols) {
    std::map<Labels, std::uint32_t> first_file;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto [at, is_new] = first_file.try_emplace(rows.labels[row], rows.files[row]);
        if (!is_new) at->second = std::min(at->second, rows.files[row]);
    }
    std::vector<std::pair<std::uint32_t, Labels>> groups;
    for (const auto& [labels, file] : first_file) groups.emplace_back(file, labels);
    std::ranges::sort(groups);
    for (const auto& [file, labels] : groups) {
        store::IncomingSymbol& one = symbols.emplace_back();
        one.instrument = {std::get<0>(series), labels.market, labels.scale};
        one.source = std::get<1>(series);
        one.interval = std::get<2>(series);
        one.basis = labels.basis;
        one.definition = labels.definition;
        one.file = files[file].file.path;
        one.files = names;
        if (groups.size() == 1) {
            one.bars = std::move(rows.bars);
            one.lines = std::move(rows.lines);
            one.file_of = std::move(rows.files);
            break;
        }
        for (std::size_t row = 0; row < rows.size(); ++row) {
            if (rows.labels[row] != labels) continue;
            one.bars.push_back(rows.bars[row]);
            one.lines.push_back(rows.lines[row]);
            one.file_of.push_back(rows.files[row]);
        }
    }
    rows = {};
}

// Everything the files bring, taken out of them; `given` is what each gave.
store::Incoming take_all(std::vector<Understood>& files, Gathered& gathered,
                         const std::vector<ImportSource>& sources, SourceLines& lines,
                         Given& given) {
    store::Incoming incoming;
    given.rows.resize(files.size());
    const auto names = std::make_shared<store::IncomingFiles>();
    std::vector<std::pair<std::size_t, std::size_t>> place_of;
    for (const Understood& understood : files) {
        names->names.push_back(understood.file.path);
        place_of.emplace_back(understood.source, understood.member);
    }
    names->source_of = [&lines, place_of = std::move(place_of)](std::uint32_t file,
                                                                std::int64_t line) {
        return lines.line(place_of[file].first, place_of[file].second, line);
    };
    for (auto& [series, rows] : gathered) {
        if (rows.size() == 0) continue;
        given.names.push_back(std::get<0>(series));
        for (std::size_t row = 0; row < rows.size(); ++row)
            given.rows[rows.files[row]].push_back(
                {static_cast<std::uint32_t>(given.names.size() - 1), rows.bars[row].date});
        take(series, rows, files, names, incoming.symbols);
    }
    for (std::size_t index = 0; index < files.size(); ++index) {
        Understood& understood = files[index];
        MarketFile& file = understood.file;
        const std::string& source = sources[understood.source].hints.source;
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

std::vector<ImportedFile> describe(std::vector<Understood>& files, ImportReport& report) {
    std::vector<ImportedFile> out;
    for (Understood& understood : files) {
        MarketFile& file = understood.file;
        out.push_back({.path = file.path,
                       .symbol = understood.symbol,
                       .symbols = understood.symbols,
                       .data_lines = file.data_lines,
                       .repaired = file.repaired,
                       .found = file.found,
                       .names_left = understood.names_left,
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
                 const Given& given, std::span<const QuarantinedRow> conflicts,
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
        if (with_facts[index] || given.rows[index].empty()) {
            file.from = files[index].file.first;
            file.to = files[index].file.last;
            continue;
        }
        for (const auto& [name, day] : given.rows[index]) {
            if (!not_taken[index].empty() &&
                not_taken[index].contains({given.names[name], day.iso()}))
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
    Gathered gathered;
    HSL_TRY(std::vector<Understood> files,
            understand(parse, sources, options.threads, progress, lines, gathered));
    ImportReport report;
    report.files = describe(files, report);
    report.agreements = agreements_of(files, gathered);
    Settlement settlement{files, lines};
    for (auto& [series, rows] : gathered) settlement.settle(rows, series);

    std::vector<bool> with_facts;
    for (const Understood& understood : files) with_facts.push_back(brings_facts(understood.file));
    Given given;
    store::Incoming incoming = take_all(files, gathered, sources, lines, given);
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
