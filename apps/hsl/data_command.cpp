// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "adapters/parquet/export.hpp"
#include "agreement_text.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "market/corporate_action.hpp"
#include "market/resample.hpp"
#include "service/agreement.hpp"

namespace hsl::app {
namespace {

constexpr auto all_rows = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());

struct Arguments {
    std::size_t show = 20;
    bool quarantine = false;
    std::vector<std::string> words;
    std::optional<Date> from, to, as_of;
    std::string format;
    std::vector<std::string> symbols, columns;
    bool file_a_symbol = false;
    bool adjusted = false, weekly = false, monthly = false, forget = false;
    bool in_minutes = false;  // export
    int minutes = 0;          // show: how long the bars are
};

struct Contents {
    std::string version;
    bool generated = false;
    std::vector<store::SymbolSummary> symbols;
    std::vector<store::VersionSummary> versions;
    std::vector<store::QuarantinedRow> quarantine;
    std::int64_t quarantine_count = 0;
};

Result<Contents> read(store::BarStore& store, const std::string& at, std::size_t rows) {
    Contents contents;
    HSL_TRY(contents.version, store.data_version(at));
    HSL_TRY(contents.generated, store.holds_generated());
    HSL_TRY(contents.symbols, store.symbols(at));
    HSL_TRY(contents.versions, store.versions());
    HSL_TRY(contents.quarantine, store.quarantine({.limit = rows}));
    HSL_TRY(contents.quarantine_count, store.quarantine_count());
    return contents;
}

std::string_view word_of(market::Basis basis) {
    return basis == market::Basis::raw        ? "raw"
           : basis == market::Basis::adjusted ? "adjusted"
                                              : "unknown";
}

void write_version(JsonWriter& out, const store::VersionSummary& version) {
    out.begin_object()
        .member("number", version.number)
        .member("version", version.version)
        .member("made_at", version.made_at)
        .member("added", version.rows_added)
        .member("replaced", version.rows_replaced)
        .member("symbols", version.symbols)
        .member("command", version.note)
        .end_object();
}

std::string to_json(const Contents& contents, const std::string& folder) {
    JsonWriter out;
    out.begin_object().member("store", folder).member("version", contents.version);
    out.member("generated", contents.generated).key("symbols").begin_array();
    for (const auto& symbol : contents.symbols)
        out.begin_object()
            .member("symbol", symbol.instrument.symbol)
            .member("market", market::name_of(symbol.instrument.market))
            .member("from", symbol.first)
            .member("to", symbol.last)
            .member("rows", symbol.rows)
            .member("source", symbol.source)
            .member("basis", word_of(symbol.basis))
            .member("interval", symbol.interval == market::Interval::day ? "day" : "minute")
            .end_object();
    out.end_array().key("versions").begin_array();
    for (const auto& version : contents.versions) write_version(out, version);
    out.end_array().member("quarantine_count", contents.quarantine_count);
    write_quarantine(out, contents.quarantine);
    out.end_object();
    return out.take() + "\n";
}

void show_quarantine(const Contents& contents) {
    for (const auto& row : contents.quarantine) {
        print(hanging(printable(fmt::format("{}{}: {}: {}", row.file,
                                            row.line > 0 ? fmt::format(":{}", row.line) : "",
                                            row.reason, row.detail)),
                      2));
        if (!row.source.empty()) print("    " + clip(printable(row.source), 90) + "\n");
    }
    const auto rest =
        contents.quarantine_count - static_cast<std::int64_t>(contents.quarantine.size());
    if (rest > 0) print(fmt::format("... and {} more (--show 0 shows all)\n", with_commas(rest)));
    if (contents.quarantine_count == 0) print("Nothing is in quarantine.\n");
}

void show_versions(const std::vector<store::VersionSummary>& versions) {
    Table table({{"version", Align::right},
                 {"content", Align::left},
                 {"made (UTC)", Align::left},
                 {"added", Align::right},
                 {"replaced", Align::right},
                 {"command", Align::left}});
    for (const auto& version : versions)
        table.row({std::to_string(version.number), version.version, version.made_at,
                   with_commas(version.rows_added), with_commas(version.rows_replaced),
                   version.note});
    if (!versions.empty()) print(table.text());
}

void show(const Contents& contents, const Arguments& arguments, const std::string& folder) {
    if (contents.version.empty() && contents.quarantine_count == 0) {
        print(hanging(fmt::format("{} is empty. Bring prices in: hsl import PATH", folder), 2));
        return;
    }
    if (arguments.quarantine) return show_quarantine(contents);
    std::int64_t rows = 0;
    std::set<std::string_view> names;
    bool sources = false;
    for (const auto& symbol : contents.symbols) {
        rows += symbol.rows;
        names.insert(symbol.instrument.symbol);
        sources = sources || !symbol.source.empty();
    }
    print(fmt::format("{}{}\n{}, {}, data version {}, {} in quarantine\n", bold(printable(folder)),
                      contents.generated ? "  (a generated market)" : "",
                      counted(static_cast<std::int64_t>(names.size()), "symbol"),
                      counted(rows, "bar"), contents.version.empty() ? "-" : contents.version,
                      counted(contents.quarantine_count, "row")));
    const std::size_t shown = arguments.show == 0
                                  ? contents.symbols.size()
                                  : std::min(arguments.show, contents.symbols.size());
    std::vector<std::pair<std::string, Align>> header{{"symbol", Align::left},
                                                      {"market", Align::left}};
    if (sources) header.emplace_back("source", Align::left);
    for (const auto& column : {std::pair{"from", Align::left}, std::pair{"to", Align::left},
                               std::pair{"bars", Align::right}, std::pair{"prices", Align::left}})
        header.emplace_back(column);
    Table symbols(header);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& symbol = contents.symbols[i];
        std::vector<std::string> cells{symbol.instrument.symbol,
                                       std::string{market::name_of(symbol.instrument.market)}};
        if (sources) cells.push_back(symbol.source);
        cells.insert(cells.end(), {symbol.first.iso(), symbol.last.iso(), with_commas(symbol.rows),
                                   std::string{word_of(symbol.basis)}});
        symbols.row(std::move(cells));
    }
    if (shown > 0) print("\n" + symbols.text());
    if (contents.symbols.size() > shown)
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          with_commas(static_cast<std::int64_t>(contents.symbols.size() - shown))));
    print("\n");
    show_versions(contents.versions);
    if (contents.quarantine_count > 0)
        print(fmt::format("\n{} in quarantine: hsl quarantine list\n",
                          counted(contents.quarantine_count, "row")));
}

int overview(const Session& session, const Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const bool quarantine = arguments.quarantine || session.json;
    const auto contents = read(**store, session.at,
                               !quarantine           ? 0
                               : arguments.show == 0 ? all_rows
                                                     : arguments.show);
    if (!contents) return session.failed(contents.error());
    if (session.json)
        print(to_json(*contents, session.store_folder));
    else
        show(*contents, arguments, session.store_folder);
    return 0;
}

int log(const Session& session) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto versions = (*store)->versions();
    if (!versions) return session.failed(versions.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object().key("versions").begin_array();
        for (const auto& version : *versions) write_version(out, version);
        out.end_array().end_object();
        print(out.take() + "\n");
        return 0;
    }
    if (versions->empty()) print("No version yet: hsl import PATH\n");
    show_versions(*versions);
    return 0;
}

std::string bar_text(const std::optional<market::Bar>& bar, int scale) {
    if (!bar) return "-";
    return fmt::format("{} {} {} {} {}", market::price_text(bar->open, scale),
                       market::price_text(bar->high, scale), market::price_text(bar->low, scale),
                       market::price_text(bar->close, scale), with_commas(bar->volume));
}

void write_bar(JsonWriter& out, const market::Bar& bar, int scale) {
    out.begin_object().member("date", bar.date);
    if (bar.minute > 0) out.member("time", market::time_text(bar.minute));
    for (const auto& [name, price] : {std::pair{"open", bar.open}, std::pair{"high", bar.high},
                                      std::pair{"low", bar.low}, std::pair{"close", bar.close}})
        out.key(name).raw(market::price_text(price, scale));
    out.member("volume", bar.volume).key("value");
    bar.value == market::Bar::value_missing ? out.null() : out.value(bar.value);
    out.end_object();
}

void write_diff(JsonWriter& out, const store::VersionDiff& diff) {
    out.begin_object()
        .member("from", diff.from)
        .member("to", diff.to)
        .member("symbols", diff.symbols)
        .member("added", diff.added)
        .member("removed", diff.removed)
        .member("changed", diff.changed)
        .member("facts_changed", diff.facts_changed)
        .key("rows")
        .begin_array();
    for (const store::DiffRow& row : diff.rows) {
        out.begin_object()
            .member("symbol", row.symbol)
            .member("source", row.source)
            .member("date", row.date)
            .member("what", row.what);
        for (const auto& [name, bar] :
             {std::pair{"before", row.before}, std::pair{"after", row.after}}) {
            out.key(name);
            if (bar)
                write_bar(out, *bar, row.scale);
            else
                out.null();
        }
        out.end_object();
    }
    out.end_array().end_object();
}

// The two versions meant: none, the last two; one, that and the newest.
Result<std::pair<std::string, std::string>> versions_meant(store::BarStore& store,
                                                           const std::vector<std::string>& words) {
    if (words.size() >= 2) return std::pair{words[0], words[1]};
    HSL_TRY(const std::vector<store::VersionSummary> versions, store.versions());
    if (words.size() == 1) return std::pair{words[0], std::string{"newest"}};
    if (versions.size() < 2)
        return fail(ErrorCode::bad_usage, "there is one version at most: nothing to compare");
    return std::pair{versions[versions.size() - 2].version, versions.back().version};
}

int diff(const Session& session, const Arguments& arguments) {
    if (arguments.words.size() > 2)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "two versions at most: hsl data diff FROM TO"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto meant = versions_meant(**store, arguments.words);
    if (!meant) return session.failed(meant.error());
    const auto found = (*store)->diff(meant->first, meant->second,
                                      arguments.show == 0 ? all_rows : arguments.show);
    if (!found) return session.failed(found.error());
    if (session.json) {
        JsonWriter out;
        write_diff(out, *found);
        print(out.take() + "\n");
        return 0;
    }
    Table table({{"symbol", Align::left},
                 {"source", Align::left},
                 {"date", Align::left},
                 {"what", Align::left},
                 {"before", Align::left},
                 {"after", Align::left}});
    for (const store::DiffRow& row : found->rows)
        table.row({row.symbol, row.source, row.date, row.what, bar_text(row.before, row.scale),
                   bar_text(row.after, row.scale)});
    if (!found->rows.empty()) print(table.text());
    const std::int64_t total = found->added + found->removed + found->changed;
    if (total > static_cast<std::int64_t>(found->rows.size()))
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          with_commas(total - static_cast<std::int64_t>(found->rows.size()))));
    print(fmt::format("{} to {}: {} added, {} removed, {} changed in {}; {} beside the bars\n",
                      found->from, found->to, with_commas(found->added),
                      with_commas(found->removed), with_commas(found->changed),
                      counted(found->symbols, "symbol"), counted(found->facts_changed, "row")));
    return 0;
}

int checkout(const Session& session, const Arguments& arguments) {
    if (arguments.words.size() != 1)
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "say which version: hsl data checkout VERSION, or newest"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto writer = (*store)->open_writer();
    if (!writer) return session.failed(writer.error());
    const auto version = (*writer)->checkout(arguments.words[0]);
    if (!version) return session.failed(version.error());
    const bool newest = arguments.words[0] == "newest";
    if (session.json) {
        JsonWriter out;
        out.begin_object().member("version", *version).member("newest", newest).end_object();
        print(out.take() + "\n");
    } else {
        print(fmt::format("Commands read data version {}{}.\n", *version,
                          newest ? ", and every newer one" : " until `hsl data checkout newest`"));
    }
    return 0;
}

void write_verified(JsonWriter& out, const store::VerifyReport& report) {
    out.begin_object()
        .member("files", report.files)
        .member("bytes", report.bytes)
        .member("versions", report.versions)
        .member("runs", report.runs)
        .key("damage")
        .begin_array();
    for (const store::Damage& damage : report.damage) {
        out.begin_object().member("file", damage.file).member("what", damage.what);
        out.list("symbols", damage.symbols).member("remedy", damage.remedy).end_object();
    }
    out.end_array().list("notes", report.notes).end_object();
}

// "005930, 000660 and 12 more".
std::string some_of(const std::vector<std::string>& symbols) {
    constexpr std::size_t shown = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, symbols.size()); ++i)
        text += (i > 0 ? ", " : "") + symbols[i];
    if (symbols.size() > shown)
        text += fmt::format(" and {} more (--json names all)",
                            with_commas(static_cast<std::int64_t>(symbols.size() - shown)));
    return text;
}

int verify(const Session& session) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto report = (*store)->verify(session.progress);
    if (!report) return session.failed(report.error());
    const int status = report->damage.empty() ? 0 : exit_status(ErrorCode::corrupt);
    if (session.json) {
        JsonWriter out;
        write_verified(out, *report);
        print(out.take() + "\n");
        return status;
    }
    for (const store::Damage& damage : report->damage) {
        std::string text = damage.file + ": " + damage.what;
        if (!damage.symbols.empty()) text += ": " + some_of(damage.symbols);
        if (!damage.remedy.empty()) text += "; " + damage.remedy;
        print(hanging(printable(text), 2));
    }
    for (const std::string& note : report->notes) print(hanging(printable(note), 2));
    print(fmt::format(
        "{}, {} bytes, {}, {}: {}\n", counted(report->files, "file"), with_commas(report->bytes),
        counted(report->versions, "version"), counted(report->runs, "run"),
        report->damage.empty() ? "as they were written"
                               : counted(static_cast<std::int64_t>(report->damage.size()),
                                         "thing is damaged", "things are damaged")));
    return status;
}

int compact(const Session& session, const Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto writer = (*store)->open_writer();
    if (!writer) return session.failed(writer.error());
    const auto report = (*writer)->compact(arguments.forget, session.progress);
    if (!report) return session.failed(report.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("files_before", report->files_before)
            .member("files_after", report->files_after)
            .member("bytes_before", report->bytes_before)
            .member("bytes_after", report->bytes_after)
            .end_object();
        print(out.take() + "\n");
    } else {
        print(fmt::format("{} of {} bytes became {} of {}.\n",
                          counted(report->files_before, "file"), with_commas(report->bytes_before),
                          with_commas(report->files_after), with_commas(report->bytes_after)));
    }
    return 0;
}

int agree(const Session& session, const Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    std::vector<std::string> symbols;
    for (const std::string& word : arguments.words) symbols.push_back(symbol_of(word));
    const auto agreements = service::compare_sources(**store, symbols, session.at);
    if (!agreements) return session.failed(agreements.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object();
        write_agreements(out, *agreements);
        out.end_object();
        print(out.take() + "\n");
        return 0;
    }
    const bool none =
        std::ranges::all_of(*agreements, [](const auto& one) { return one.pairs.empty(); });
    if (none)
        print(
            hanging("No symbol is held from two sources: hsl import PATH --source NAME brings a "
                    "second one in beside the first.",
                    2));
    else
        show_agreements(*agreements, arguments.show);
    return 0;
}

// What --format says, or the ending of the path.
Result<adapters::ExportFormat> format_meant(const Arguments& arguments) {
    std::string word = arguments.format;
    if (word.empty()) {
        const std::string& path = arguments.words[0];
        const std::size_t dot = path.find_last_of("./");
        word = dot == std::string::npos || path[dot] == '/' ? "parquet" : path.substr(dot + 1);
    }
    return adapters::parse_export_format(word);
}

int export_to(const Session& session, const Arguments& arguments) {
    if (arguments.words.size() != 1)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "say where to: hsl data export prices.parquet"});
    const auto format = format_meant(arguments);
    if (!format) return session.failed(format.error());
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    if (arguments.as_of && !arguments.adjusted)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "--as-of says which corporate actions --adjusted knows: "
                                          "give both, or neither"});
    adapters::ExportOptions options{
        .format = *format,
        .bars = {.at = session.at,
                 .sources = session.sources,
                 .interval =
                     arguments.in_minutes ? market::Interval::minute : market::Interval::day},
        .columns = arguments.columns,
        .file_a_symbol = arguments.file_a_symbol,
        .adjusted = arguments.adjusted,
        .as_of = arguments.as_of};
    for (const std::string& typed : arguments.symbols)
        options.bars.symbols.push_back(symbol_of(typed));
    const auto report =
        adapters::export_bars(**store, expand_home(arguments.words[0]), options, session.progress);
    if (!report) return session.failed(report.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("version", report->version)
            .member("rows", report->rows)
            .key("files")
            .begin_array();
        for (const auto& file : report->files) out.value(file.string());
        out.end_array().end_object();
        print(out.take() + "\n");
        return 0;
    }
    print(fmt::format("{} of data version {} in {}.\n", counted(report->rows, "row"),
                      report->version,
                      report->files.size() == 1
                          ? printable(report->files[0].string())
                          : counted(static_cast<std::int64_t>(report->files.size()), "file")));
    return 0;
}

// Bars as they are to be shown.
Result<std::vector<market::Bar>> bars_meant(store::BarStore& store, const Session& session,
                                            const Arguments& arguments, const std::string& symbol,
                                            market::BarTable::Range& range) {
    HSL_TRY(const market::BarTable table,
            store.read({.symbols = {symbol},
                        .at = session.at,
                        .sources = session.sources,
                        .interval = arguments.minutes > 0 ? market::Interval::minute
                                                          : market::Interval::day}));
    range = table.symbols.front();
    std::vector<market::Bar> bars;
    for (std::size_t row = range.first; row < range.first + range.count; ++row)
        bars.push_back(table.bar(row));
    if (arguments.adjusted) {
        if (range.basis == market::Basis::adjusted)
            return fail(ErrorCode::bad_usage,
                        fmt::format("{} was adjusted by whoever published it: there are no raw "
                                    "prices to adjust",
                                    symbol));
        HSL_TRY(store::Facts facts, store.facts({.at = session.at}));
        const market::Actions actions{std::move(facts.actions)};
        const Date as_of = arguments.as_of.value_or(bars.empty() ? Date{} : bars.back().date);
        bars = market::adjusted_view(bars, actions.of(symbol), as_of);
    } else if (arguments.as_of) {
        std::erase_if(bars, [&](const market::Bar& bar) { return bar.date > *arguments.as_of; });
    }
    if (arguments.minutes > 0) {
        const market::MinuteGrid grid = market::grid_of(range.instrument, bars, arguments.minutes);
        HSL_CHECK(market::check_step(symbol, market::step_of(bars, grid), arguments.minutes));
        bars = market::resample_minutes(bars, grid);
    }
    if (arguments.weekly) bars = market::resample_days(bars, market::Period::week);
    if (arguments.monthly) bars = market::resample_days(bars, market::Period::month);
    std::erase_if(bars, [&](const market::Bar& bar) {
        return (arguments.from && bar.date < *arguments.from) ||
               (arguments.to && bar.date > *arguments.to);
    });
    return bars;
}

// The closes as one line of blocks, as many as fit.
std::string spark_line(const std::vector<market::Bar>& bars) {
    constexpr std::size_t columns = 80;
    static const std::vector<std::string> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::vector<std::int64_t> closes;
    const std::size_t count = std::min(columns, bars.size());
    for (std::size_t i = 0; i < count; ++i)
        closes.push_back(bars[(i + 1) * bars.size() / count - 1].close);
    if (closes.empty()) return {};
    const auto [low, high] = std::ranges::minmax(closes);
    std::string out;
    for (const std::int64_t close : closes)
        out +=
            blocks[high == low ? 0
                               : static_cast<std::size_t>(static_cast<double>(close - low) * 7.999 /
                                                          static_cast<double>(high - low))];
    return out;
}

int show_bars(const Session& session, const Arguments& arguments) {
    if (arguments.words.size() != 1)
        return session.failed(
            {.code = ErrorCode::bad_usage, .message = "say which symbol: hsl data show 005930"});
    if (arguments.weekly + arguments.monthly + (arguments.minutes > 0) > 1)
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "--weekly, --monthly and --minutes: bars are one of them"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    market::BarTable::Range range;
    const auto bars = bars_meant(**store, session, arguments, symbol_of(arguments.words[0]), range);
    if (!bars) return session.failed(bars.error());
    const int scale = range.instrument.scale;
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("symbol", range.instrument.symbol)
            .member("market", market::name_of(range.instrument.market))
            .member("source", range.source)
            .member("basis", arguments.adjusted ? "adjusted" : word_of(range.basis))
            .key("bars")
            .begin_array();
        for (const market::Bar& bar : *bars) write_bar(out, bar, scale);
        out.end_array().end_object();
        print(out.take() + "\n");
        return 0;
    }
    const std::size_t first =
        arguments.show == 0 || arguments.show >= bars->size() ? 0 : bars->size() - arguments.show;
    print(fmt::format("{} {}{}, prices {}, {}\n", bold(range.instrument.symbol),
                      market::name_of(range.instrument.market),
                      range.source.empty() ? "" : ", source " + printable(range.source),
                      arguments.adjusted ? "adjusted for the actions known" : word_of(range.basis),
                      counted(static_cast<std::int64_t>(bars->size()), "bar")));
    if (bars->empty()) return 0;
    print(fmt::format(
        "{}\n{} to {}, closes {} to {}\n\n", spark_line(*bars), bars->front().date.iso(),
        bars->back().date.iso(),
        market::price_text(std::ranges::min(*bars, {}, &market::Bar::close).close, scale),
        market::price_text(std::ranges::max(*bars, {}, &market::Bar::close).close, scale)));
    Table table({{"date", Align::left},
                 {"open", Align::right},
                 {"high", Align::right},
                 {"low", Align::right},
                 {"close", Align::right},
                 {"volume", Align::right},
                 {"", Align::left}});
    for (std::size_t i = first; i < bars->size(); ++i) {
        const market::Bar& bar = (*bars)[i];
        table.row(
            {bar.minute > 0 ? bar.date.iso() + ' ' + market::time_text(bar.minute) : bar.date.iso(),
             market::price_text(bar.open, scale), market::price_text(bar.high, scale),
             market::price_text(bar.low, scale), market::price_text(bar.close, scale),
             with_commas(bar.volume), market::is_halt(bar) ? "halt" : ""});
    }
    print(table.text());
    if (first > 0)
        print(fmt::format("the last {} of {} (--show 0 shows all)\n", bars->size() - first,
                          bars->size()));
    return 0;
}

}  // namespace

void write_quarantine(JsonWriter& out, const std::vector<store::QuarantinedRow>& rows) {
    out.key("quarantine").begin_array();
    for (const store::QuarantinedRow& row : rows) {
        out.begin_object();
        if (row.id > 0) out.member("id", row.id);
        out.member("symbol", row.symbol)
            .member("date", row.date)
            .member("file", row.file)
            .member("line", row.line)
            .member("reason", row.reason)
            .member("detail", row.detail)
            .member("source", row.source)
            .end_object();
    }
    out.end_array();
}

void add_data(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        add_command(app, "data", "What the store holds: symbols, spans, versions, quarantine",
                    "  hsl data\n"
                    "  hsl data show 005930 --adjusted --weekly\n"
                    "  hsl data log\n"
                    "  hsl data export prices.parquet --symbols 005930,000660\n");
    command->require_subcommand(0, 1);
    add_flag(*command, "--quarantine", "the rows that were set aside, newest first, and why",
             arguments->quarantine);
    add_count(*command, "--show", "N", "lines of a list; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    struct One {
        CLI::App* app;
        std::function<int()> run;
    };
    std::vector<One> ones;
    const auto add = [&](const char* name, const char* about, const char* example,
                         std::function<int()> run) {
        CLI::App* one = add_command(*command, name, about, example);
        ones.push_back({one, std::move(run)});
        return one;
    };
    add("log", "Every version, oldest first", "  hsl data log\n",
        [&session] { return log(session); });
    CLI::App* differ = add("diff", "What two versions do not have in common",
                           "  hsl data diff            the last import\n"
                           "  hsl data diff 1 2\n"
                           "  hsl data diff 3f2a 9c01\n",
                           [&session, arguments] { return diff(session, *arguments); });
    add_words(*differ, "VERSION...", "from, to; the last two where none is named",
              arguments->words);
    CLI::App* out =
        add("checkout", "Read an older version from now on, or the newest again",
            "  hsl data checkout 12\n  hsl data checkout 3f2a\n  hsl data checkout newest\n",
            [&session, arguments] { return checkout(session, *arguments); });
    add_words(*out, "VERSION",
              "its number or the beginning of its name, as `hsl data log` shows them; newest",
              arguments->words);
    add("verify", "Read everything and say what is damaged", "  hsl data verify\n",
        [&session] { return verify(session); });
    CLI::App* few = add("compact", "Few files out of many", "  hsl data compact\n",
                        [&session, arguments] { return compact(session, *arguments); });
    add_flag(*few, "--forget", "let the versions before the newest go", arguments->forget);
    CLI::App* sources = add("agree", "How several sources of a symbol agree",
                            "  hsl data agree\n  hsl data agree 005930 000660\n",
                            [&session, arguments] { return agree(session, *arguments); });
    add_words(*sources, "SYMBOL...", "none: every symbol of two sources", arguments->words);
    CLI::App* target = add("export", "Bars for other programs: Parquet, CSV or Arrow",
                           "  hsl data export prices.parquet --symbols 005930,000660\n"
                           "  hsl data export csv --format csv --file-a-symbol\n"
                           "  hsl data export minutes.parquet --minutes\n"
                           "  hsl data export adjusted.parquet --adjusted --as-of 2018-05-03\n",
                           [&session, arguments] { return export_to(session, *arguments); });
    add_words(*target, "PATH", "the file, or the folder with --file-a-symbol", arguments->words);
    add_text(*target, "--format", "WORD", "parquet, csv or arrow", "the path's ending",
             arguments->format);
    add_list(*target, "--symbols", "A,B,...", "these alone", "all", arguments->symbols);
    add_list(*target, "--columns", "A,B,...", "named columns too; * is all of them", "none",
             arguments->columns);
    add_flag(*target, "--minutes", "the minute bars instead of the days", arguments->in_minutes);
    add_flag(*target, "--file-a-symbol", "a file a symbol, in a folder", arguments->file_a_symbol);
    add_flag(*target, "--adjusted", "prices for the confirmed corporate actions, volumes too",
             arguments->adjusted);
    add_date(*target, "--as-of", "with --adjusted: the bars and actions known by then",
             "each symbol's last day", arguments->as_of);
    CLI::App* bars = add("show", "Bars of a symbol",
                         "  hsl data show 005930\n"
                         "  hsl data show 005930 --adjusted --as-of 2018-05-03 --monthly\n"
                         "  hsl data show 005930 --minutes 30 --from 2024-02-05\n",
                         [&session, arguments] { return show_bars(session, *arguments); });
    add_words(*bars, "SYMBOL", "005930", arguments->words);
    add_flag(*bars, "--adjusted", "for the confirmed corporate actions, as of the last day shown",
             arguments->adjusted);
    add_date(*bars, "--as-of", "the bars and actions known by then", "all", arguments->as_of);
    add_flag(*bars, "--weekly", "a bar a week", arguments->weekly);
    add_flag(*bars, "--monthly", "a bar a month", arguments->monthly);
    add_count(*bars, "--minutes", "N", "bars of N minutes, made from minute bars", "days", 1,
              market::bar_minutes_max, arguments->minutes);
    add_date(*bars, "--from", "first day", "the first", arguments->from);
    add_date(*bars, "--to", "last day", "the last", arguments->to);
    on_chosen(*command, session, true, [&session, arguments, ones] {
        for (const One& one : ones)
            if (one.app->parsed()) return one.run();
        return overview(session, *arguments);
    });
}

}  // namespace hsl::app
