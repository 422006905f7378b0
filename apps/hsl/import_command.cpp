// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "adapters/feeds/price_file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/import_bars.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::vector<std::string> paths;
    std::string market;
    bool replace = false;
    bool strict = false;
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

std::string to_json(const service::ImportReport& report) {
    JsonWriter out;
    const auto counts = [&](const std::map<std::string, std::int64_t>& held) {
        out.begin_object();
        for (const auto& [name, count] : held) out.member(name, count);
        out.end_object();
    };
    out.begin_object().member("version", report.version).key("files").begin_array();
    for (const service::ImportedFile& file : report.files) {
        out.begin_object().member("path", file.path);
        out.key("symbol");
        file.symbol.empty() ? out.null() : out.value(file.symbol);
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
    out.end_array();
    out.member("changed", report.changed).member("added", report.added);
    out.member("replaced", report.replaced).member("unchanged", report.unchanged);
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
                      "file begins with its code: 005930.csv.",
                      count == 1 ? "1 file is" : fmt::format("{} files are", with_commas(count)),
                      names, count > named_most ? ", ..." : "")),
                  2));
}

void show(const service::ImportReport& report, std::size_t most) {
    Table table({{"file", Align::left},
                 {"symbol", Align::left},
                 {"accepted", Align::right},
                 {"from", Align::left},
                 {"to", Align::left},
                 {"remarks", Align::left}});
    std::int64_t accepted = 0;
    std::int64_t refused = 0;
    for (const service::ImportedFile& file : report.files) {
        if (file.error) {
            ++refused;
            continue;
        }
        accepted += file.accepted;
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
        table.row({file_name(file.path), file.symbol, with_commas(file.accepted),
                   file.from ? file.from->iso() : "-", file.to ? file.to->iso() : "-", remarks});
    }
    if (static_cast<std::size_t>(refused) < report.files.size()) print(table.text());
    for (const service::ImportedFile& file : report.files)
        if (file.error) print(hanging("refused " + printable(file.error->text()), 8));
    if (!report.quarantined.empty()) {
        print(fmt::format("\nQuarantined ({}), kept with their source lines:\n",
                          counted(static_cast<std::int64_t>(report.quarantined.size()), "row")));
        const std::size_t shown =
            most == 0 ? report.quarantined.size() : std::min(most, report.quarantined.size());
        for (std::size_t i = 0; i < shown; ++i) {
            const store::QuarantinedRow& row = report.quarantined[i];
            print("  " +
                  hanging(printable(fmt::format("{}{}: {}: {}", file_name(row.file),
                                                row.line > 0 ? fmt::format(":{}", row.line) : "",
                                                row.reason, row.detail)),
                          4));
        }
        if (report.quarantined.size() > shown)
            print(fmt::format(
                "  ... and {} more (--show 0, or hsl data --quarantine)\n",
                with_commas(static_cast<std::int64_t>(report.quarantined.size() - shown))));
    }
    say_what_is_foreign(report);
    print(fmt::format(
        "\n{} from {}{}: {} new, {} replaced, {} already there.\nData version {}{}.\n",
        counted(accepted, "row"),
        counted(static_cast<std::int64_t>(report.files.size()) - refused, "file"),
        refused ? fmt::format(" ({} refused)", with_commas(refused)) : "",
        with_commas(report.added), with_commas(report.replaced), with_commas(report.unchanged),
        report.version.empty() ? "-" : report.version, report.changed ? "" : ", unchanged"));
}

int run(const Session& session, const Arguments& arguments) {
    if (arguments.paths.empty())
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "say which price files, or which folder of them: hsl import ~/prices"});
    const auto files = service::expand_paths(arguments.paths);
    if (!files) return session.failed(files.error());
    service::ImportOptions options{.replace = arguments.replace, .note = session.command_line};
    if (!arguments.market.empty()) {
        const auto market = parse_share_market("--market", arguments.market);
        if (!market) return session.failed(market.error());
        options.market = *market;
    }
    auto store = session.open(true);
    if (!store) return session.failed(store.error());
    const auto report = service::import_bars(**store, adapters::parse_price_file, *files, options,
                                             session.progress);
    if (!report) return session.failed(report.error());
    if (session.json)
        print(to_json(*report));
    else
        show(*report, arguments.show);

    std::int64_t accepted = 0;
    bool refused = false;
    for (const service::ImportedFile& file : report->files) {
        accepted += file.accepted;
        refused = refused || file.error.has_value();
    }
    const bool bad = refused || accepted == 0 || (arguments.strict && !report->quarantined.empty());
    return bad ? exit_status(ErrorCode::bad_data) : 0;
}

}  // namespace

void add_import(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "import", "Bring price files into the store",
        "  hsl import ~/prices 005930.csv --market KOSPI\n\n"
        "A file is CSV, tab or semicolon separated, one symbol a file, named by its code; a "
        "header\n"
        "in English or Korean or none; any column order. Every row is accepted, repaired by a "
        "named\n"
        "rule, quarantined with file and line, or dropped as a filler. Importing twice changes\n"
        "nothing. Exit 0 although rows were quarantined (--strict: 1), 1 when a file is "
        "refused.\n");
    add_words(*command, "PATH...", "price files, or folders of them", arguments->paths);
    add_text(*command, "--market", "NAME", "market of these shares: KOSPI, KOSDAQ or KONEX",
             "unknown", arguments->market);
    add_flag(*command, "--replace",
             "rows that differ from stored ones replace them, as a new version",
             arguments->replace);
    add_flag(*command, "--strict", "exit 1 when any row was quarantined", arguments->strict);
    add_count(*command, "--show", "N", "quarantined rows to print; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
