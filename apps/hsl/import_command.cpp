// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "adapters/feeds/market_file.hpp"
#include "agreement_text.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "explain_text.hpp"
#include "service/import_files.hpp"
#include "service/read_file.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::vector<std::string> paths;
    std::vector<std::string> map;
    std::string market, symbol, source, definition, encoding;
    bool adjusted = false, raw = false, listing = false, actions = false;
    bool replace = false, strict = false, dry_run = false, explain = false;
    std::size_t show = 20;
};

std::int64_t total(const std::map<std::string, std::int64_t>& counts) {
    std::int64_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
}

std::string listed(const std::map<std::string, std::int64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_commas(count), name);
    return text;
}

void write_file(JsonWriter& out, const service::ImportedFile& file) {
    const auto counts = [&](const std::map<std::string, std::int64_t>& held) {
        out.begin_object();
        for (const auto& [name, count] : held) out.member(name, count);
        out.end_object();
    };
    out.begin_object().member("path", file.path);
    out.key("symbol");
    file.symbol.empty() ? out.null() : out.value(file.symbol);
    if (file.symbols > 1) out.member("symbols", file.symbols);
    out.member("accepted", file.accepted).key("repaired");
    counts(file.repaired);
    out.key("quarantined");
    counts(file.quarantined);
    out.member("dropped", total(file.dropped));
    for (const auto& [name, date] : {std::pair{"from", file.from}, std::pair{"to", file.to}}) {
        out.key(name);
        date ? out.value(*date) : out.null();
    }
    out.key("error");
    file.error ? out.value(file.error->text()) : out.null();
    out.end_object();
}

std::string to_json(const service::ImportReport& report) {
    JsonWriter out;
    out.begin_object().member("version", report.version).key("files").begin_array();
    for (const service::ImportedFile& file : report.files) write_file(out, file);
    out.end_array();
    out.member("changed", report.changed).member("added", report.added);
    out.member("replaced", report.replaced).member("unchanged", report.unchanged);
    out.member("facts_changed", report.facts_changed).key("findings").begin_array();
    for (const auto& [file, finding] : report.findings)
        out.begin_object()
            .member("rule", finding.rule)
            .member("symbol", finding.symbol)
            .member("date", finding.date)
            .member("file", file)
            .member("line", finding.line)
            .member("detail", finding.detail)
            .end_object();
    out.end_array();
    write_agreements(out, report.agreements);
    write_quarantine(out, report.quarantined);
    out.end_object();
    return out.take() + "\n";
}

std::string file_name(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

// A file named after a company (삼성전자.csv) is taken as a foreign symbol, which nobody trades
// here.
void say_what_is_foreign(const service::ImportReport& report) {
    std::int64_t count = 0;
    std::string names;
    constexpr std::int64_t named_most = 4;
    for (const service::ImportedFile& file : report.files) {
        if (file.symbol.empty() ||
            market::instrument_for(file.symbol).market != market::Market::foreign)
            continue;
        if (++count <= named_most) names += (names.empty() ? "" : ", ") + file.symbol;
    }
    if (count == 0) return;
    print("\n" +
          hanging(printable(fmt::format(
                      "{} named after no code of the Korean exchange ({}{}): taken as foreign, "
                      "with 4 decimals, and not traded in sweeps. The name of a Korean share's "
                      "file begins with its code: 005930.csv; --symbol says it otherwise.",
                      count == 1 ? "1 file is" : fmt::format("{} files are", with_commas(count)),
                      names, count > named_most ? ", ..." : "")),
                  2));
}

// What was noticed and changed nothing: each rule with its count and its first example.
void show_findings(const service::ImportReport& report) {
    std::map<std::string, std::int64_t> counts;
    for (const service::ImportedFile& file : report.files)
        for (const auto& [rule, count] : file.found) counts[rule] += count;
    if (counts.empty()) return;
    print("\nNoticed:\n");
    for (const auto& [rule, count] : counts) {
        const auto example = std::ranges::find_if(
            report.findings, [&](const auto& one) { return one.finding.rule == rule; });
        std::string text = fmt::format("{} {}", with_commas(count), rule);
        if (example != report.findings.end()) {
            const store::Finding& finding = example->finding;
            text += fmt::format("{}{} {}: {}", count > 1 ? ", such as " : ": ", finding.symbol,
                                finding.date, finding.detail);
        }
        print("  " + hanging(printable(text), 4));
    }
}

// Rows of one file that all say the same (their basis, say) are told once.
void show_quarantined(const service::ImportReport& report, std::size_t most) {
    if (report.quarantined.empty()) return;
    print(fmt::format("\nQuarantined ({}), kept with their source lines:\n",
                      counted(static_cast<std::int64_t>(report.quarantined.size()), "row")));
    std::size_t shown = 0;
    std::size_t told = 0;
    for (std::size_t i = 0; i < report.quarantined.size() && (most == 0 || shown < most);) {
        const store::QuarantinedRow& row = report.quarantined[i];
        std::size_t end = i + 1;
        const auto same = [&](const store::QuarantinedRow& other) {
            return other.file == row.file && other.reason == row.reason &&
                   other.detail == row.detail;
        };
        while (end < report.quarantined.size() && same(report.quarantined[end])) ++end;
        std::string place = row.line > 0 ? fmt::format(":{}", row.line) : "";
        if (end - i > 1)
            place +=
                fmt::format(" and {}", counted(static_cast<std::int64_t>(end - i - 1), "more row"));
        print("  " + hanging(printable(fmt::format("{}{}: {}: {}", file_name(row.file), place,
                                                   row.reason, row.detail)),
                             4));
        ++shown;
        told += end - i;
        i = end;
    }
    if (report.quarantined.size() > told)
        print(
            fmt::format("  ... and {} more (--show 0, or hsl quarantine list)\n",
                        with_commas(static_cast<std::int64_t>(report.quarantined.size() - told))));
}

void show_files(const service::ImportReport& report) {
    Table table({{"file", Align::left},
                 {"symbol", Align::left},
                 {"accepted", Align::right},
                 {"from", Align::left},
                 {"to", Align::left},
                 {"remarks", Align::left}});
    bool any = false;
    for (const service::ImportedFile& file : report.files) {
        if (file.error) continue;
        any = true;
        std::string remarks;
        const auto remark = [&](const std::string& word,
                                const std::map<std::string, std::int64_t>& counts) {
            if (!counts.empty())
                remarks +=
                    fmt::format("{}{}: {}", remarks.empty() ? "" : "; ", word, listed(counts));
        };
        remark("repaired", file.repaired);
        remark("quarantined", file.quarantined);
        remark("dropped", file.dropped);
        table.row({file_name(file.path),
                   file.symbol.empty() ? counted(file.symbols, "symbol") : file.symbol,
                   with_commas(file.accepted), file.from ? file.from->iso() : "-",
                   file.to ? file.to->iso() : "-", remarks});
    }
    if (any) print(table.text());
    for (const service::ImportedFile& file : report.files)
        if (file.error) print(hanging("refused " + printable(file.error->text()), 8));
}

// Prices alone change no universe. A store without a listing table is told how to get one.
void say_what_has_names(const service::ImportReport& report) {
    const auto with_names = std::ranges::find_if(report.files, &service::ImportedFile::names_left);
    if (with_names == report.files.end()) return;
    print("\n" +
          hanging(printable(fmt::format(
                      "{} names its codes too, which a price import leaves alone: hsl import "
                      "--listing {} makes the table of listings, for search, universes and "
                      "sectors.",
                      file_name(with_names->path), with_names->path)),
                  2));
}

void show(const service::ImportReport& report, const Arguments& arguments, bool has_listings) {
    show_files(report);
    show_findings(report);
    show_quarantined(report, arguments.show);
    if (!report.agreements.empty()) {
        print("\nFiles that speak of the same symbol:\n");
        show_agreements(report.agreements, arguments.show);
    }
    say_what_is_foreign(report);
    if (!has_listings) say_what_has_names(report);
    std::int64_t accepted = 0, refused = 0;
    for (const service::ImportedFile& file : report.files) {
        accepted += file.accepted;
        refused += file.error.has_value();
    }
    print(fmt::format(
        "\n{} from {}{}: {} new, {} replaced, {} already there.\n", counted(accepted, "row"),
        counted(static_cast<std::int64_t>(report.files.size()) - refused, "file"),
        refused ? fmt::format(" ({} refused)", with_commas(refused)) : "",
        with_commas(report.added), with_commas(report.replaced), with_commas(report.unchanged)));
    if (report.facts_changed > 0)
        print(hanging(
            fmt::format("{} beside the bars: listings, actions or further columns.",
                        counted(report.facts_changed, "new or changed row", "new or changed rows")),
            2));
    if (arguments.dry_run)
        print("A dry run: nothing was written.\n");
    else
        print(fmt::format("Data version {}{}.\n", report.version.empty() ? "-" : report.version,
                          report.changed ? "" : ", unchanged"));
}

Result<market::BarDefinition> parse_definition(const std::string& word) {
    if (word == "regular") return market::BarDefinition::regular;
    if (word == "all_krx") return market::BarDefinition::all_krx;
    if (word == "with_nextrade") return market::BarDefinition::with_nextrade;
    return fail(ErrorCode::bad_usage,
                fmt::format("--definition: '{}' is none of regular (09:00 to 15:30), all_krx (to "
                            "20:00), with_nextrade",
                            word));
}

Result<store::TextEncoding> parse_encoding(const std::string& word) {
    using store::TextEncoding;
    static constexpr std::pair<std::string_view, TextEncoding> known[] = {
        {"utf-8", TextEncoding::utf8},       {"utf8", TextEncoding::utf8},
        {"cp949", TextEncoding::cp949},      {"euc-kr", TextEncoding::cp949},
        {"ms949", TextEncoding::cp949},      {"utf-16", TextEncoding::utf16le},
        {"utf-16le", TextEncoding::utf16le}, {"utf-16be", TextEncoding::utf16be},
    };
    for (const auto& [name, encoding] : known)
        if (name == lower(word)) return encoding;
    return fail(ErrorCode::bad_usage,
                fmt::format("--encoding: '{}' is none of utf-8, cp949 (euc-kr), utf-16le (utf-16), "
                            "utf-16be",
                            word));
}

Result<store::ReadHints> hints_of(const Arguments& arguments) {
    store::ReadHints hints{.symbol = arguments.symbol.empty() ? "" : symbol_of(arguments.symbol),
                           .source = arguments.source,
                           .listing = arguments.listing,
                           .actions = arguments.actions};
    for (const std::string& pair : arguments.map) {
        const std::size_t equals = pair.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == pair.size())
            return fail(ErrorCode::bad_usage,
                        fmt::format("--map: '{}' is no pair like close=종가: our name, then the "
                                    "file's header",
                                    pair));
        hints.columns[trim(pair.substr(0, equals))] = trim(pair.substr(equals + 1));
    }
    if (!arguments.market.empty()) {
        HSL_TRY(hints.market, parse_share_market("--market", arguments.market));
    }
    if (!arguments.definition.empty()) {
        HSL_TRY(hints.definition, parse_definition(arguments.definition));
    }
    if (!arguments.encoding.empty()) {
        HSL_TRY(hints.encoding, parse_encoding(arguments.encoding));
    }
    if (arguments.adjusted && arguments.raw)
        return fail(ErrorCode::bad_usage, "--adjusted and --raw: prices are one or the other");
    if (arguments.listing && arguments.actions)
        return fail(ErrorCode::bad_usage, "--listing and --actions: a file is one or the other");
    if (arguments.adjusted) hints.basis = market::Basis::adjusted;
    if (arguments.raw) hints.basis = market::Basis::raw;
    return hints;
}

int import(const Session& session, const Arguments& arguments,
           const std::vector<service::ImportSource>& sources) {
    auto store = session.open(!arguments.dry_run);
    // A dry run of a first import needs no store.
    if (!store && arguments.dry_run && store.error().code == ErrorCode::not_found)
        store = store::in_memory_store();
    if (!store) return session.failed(store.error());
    const auto report = service::import_files(
        **store, market_files(), sources,
        {.replace = arguments.replace, .dry_run = arguments.dry_run, .note = session.command_line},
        session.progress);
    if (!report) return session.failed(report.error());
    if (session.json) {
        print(to_json(*report));
    } else {
        const auto facts = (*store)->facts({});
        show(*report, arguments, facts && !facts->listings.empty());
    }

    std::int64_t accepted = 0;
    bool refused = false;
    for (const service::ImportedFile& file : report->files) {
        accepted += file.accepted;
        refused = refused || file.error.has_value();
    }
    const bool bad = refused || accepted == 0 || (arguments.strict && !report->quarantined.empty());
    return bad ? exit_status(ErrorCode::bad_data) : 0;
}

int run(const Session& session, const Arguments& arguments) {
    if (arguments.paths.empty())
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "say which price files, or which folder of them: hsl import ~/prices"});
    const auto hints = hints_of(arguments);
    if (!hints) return session.failed(hints.error());
    const auto files = service::expand_paths(arguments.paths);
    if (!files) return session.failed(files.error());
    const auto sources = service::import_sources(*files, *hints);
    if (arguments.explain) return explain(session, market_files(), sources);
    return import(session, arguments, sources);
}

}  // namespace

int import_actions(const Session& session, const std::vector<std::string>& paths) {
    Arguments arguments;
    arguments.paths = paths;
    arguments.actions = true;
    return run(session, arguments);
}

void add_import(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "import", "Bring price files into the store",
        "  hsl import ~/prices 005930.csv --market KOSPI\n"
        "  hsl import --explain 종목.csv\n"
        "  hsl import 종목.csv --map date=일자,close=현재가 --adjusted --symbol 005930\n"
        "  hsl import '~/marcap/*.parquet' --source marcap\n"
        "  hsl import --listing listing.csv\n\n"
        "Tables of text in any order, language and encoding, packed or not (gz, zip), Parquet, "
        "the\n"
        "exchange's own bodies; of one symbol or of a whole market. A folder stands for the files\n"
        "below it, a pattern in quotes for those it matches, - for standard input. Every row is\n"
        "accepted, repaired by a named rule, quarantined with file and line, or dropped as a "
        "filler.\n"
        "Importing twice changes nothing. Exit 0 although rows were quarantined (--strict: 1), 1\n"
        "when a file is refused.\n");
    add_words(*command, "PATH...", "files, folders of them, patterns, or -", arguments->paths);
    add_flag(*command, "--explain", "say how each file is understood, and import nothing",
             arguments->explain);
    add_list(*command, "--map", "OURS=HEADER,...", "what columns are, by our names and the file's",
             "by their headers", arguments->map);
    add_flag(*command, "--adjusted", "prices were changed later for splits and rights",
             arguments->adjusted);
    add_flag(*command, "--raw", "prices are those of the day", arguments->raw);
    add_text(*command, "--market", "NAME", "market of these shares: KOSPI, KOSDAQ or KONEX",
             "unknown", arguments->market);
    add_text(*command, "--symbol", "CODE", "of a file that names none", "its name",
             arguments->symbol);
    add_text(*command, "--source", "NAME",
             "who published them: series of different sources stand side by side", "none",
             arguments->source);
    add_text(*command, "--definition", "WORD",
             "what of the day a bar holds: regular, all_krx or with_nextrade", "found out",
             arguments->definition);
    add_text(*command, "--encoding", "NAME", "of the text: utf-8, cp949, utf-16le or utf-16be",
             "found out", arguments->encoding);
    add_flag(*command, "--listing", "these are lists of names, not prices", arguments->listing);
    add_flag(*command, "--actions", "these are lists of corporate actions", arguments->actions);
    add_flag(*command, "--replace",
             "rows that differ from stored ones replace them, as a new version",
             arguments->replace);
    add_flag(*command, "--dry-run", "say what would become of each row, and write nothing",
             arguments->dry_run);
    add_flag(*command, "--strict", "exit 1 when any row was quarantined", arguments->strict);
    add_count(*command, "--show", "N", "quarantined rows to print; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
