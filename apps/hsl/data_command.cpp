// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::size_t show = 20;
    bool quarantine = false;
};

struct Contents {
    std::string version;
    bool generated = false;
    std::vector<store::SymbolSummary> symbols;
    std::vector<store::VersionSummary> versions;
    std::vector<store::QuarantinedRow> quarantine;
    std::int64_t quarantine_count = 0;
};

Result<Contents> read(store::BarStore& store, std::size_t rows) {
    Contents contents;
    HSL_TRY(contents.version, store.data_version());
    HSL_TRY(contents.generated, store.holds_generated());
    HSL_TRY(contents.symbols, store.symbols());
    HSL_TRY(contents.versions, store.versions());
    HSL_TRY(contents.quarantine, store.quarantine({.limit = rows}));
    HSL_TRY(contents.quarantine_count, store.quarantine_count());
    return contents;
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
            .end_object();
    out.end_array().key("versions").begin_array();
    for (const auto& version : contents.versions)
        out.begin_object()
            .member("number", version.number)
            .member("version", version.version)
            .member("made_at", version.made_at)
            .member("added", version.rows_added)
            .member("replaced", version.rows_replaced)
            .member("symbols", version.symbols)
            .member("command", version.note)
            .end_object();
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

void show(const Contents& contents, const Arguments& arguments, const std::string& folder) {
    if (contents.version.empty() && contents.quarantine_count == 0) {
        print(hanging(fmt::format("{} is empty. Bring prices in: hsl import PATH", folder), 2));
        return;
    }
    if (arguments.quarantine) return show_quarantine(contents);
    std::int64_t rows = 0;
    for (const auto& symbol : contents.symbols) rows += symbol.rows;
    print(fmt::format("{}{}\n{}, {}, data version {}, {} in quarantine\n", bold(printable(folder)),
                      contents.generated ? "  (a generated market)" : "",
                      counted(static_cast<std::int64_t>(contents.symbols.size()), "symbol"),
                      counted(rows, "bar"), contents.version.empty() ? "-" : contents.version,
                      counted(contents.quarantine_count, "row")));
    const std::size_t shown = arguments.show == 0
                                  ? contents.symbols.size()
                                  : std::min(arguments.show, contents.symbols.size());
    Table symbols({{"symbol", Align::left},
                   {"market", Align::left},
                   {"from", Align::left},
                   {"to", Align::left},
                   {"bars", Align::right}});
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& symbol = contents.symbols[i];
        symbols.row({symbol.instrument.symbol,
                     std::string{market::name_of(symbol.instrument.market)}, symbol.first.iso(),
                     symbol.last.iso(), with_commas(symbol.rows)});
    }
    if (shown > 0) print("\n" + symbols.text());
    if (contents.symbols.size() > shown)
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          with_commas(static_cast<std::int64_t>(contents.symbols.size() - shown))));
    Table versions({{"version", Align::right},
                    {"content", Align::left},
                    {"made (UTC)", Align::left},
                    {"added", Align::right},
                    {"replaced", Align::right},
                    {"command", Align::left}});
    for (const auto& version : contents.versions)
        versions.row({std::to_string(version.number), version.version, version.made_at,
                      with_commas(version.rows_added), with_commas(version.rows_replaced),
                      version.note});
    if (!contents.versions.empty()) print("\n" + versions.text());
    if (contents.quarantine_count > 0)
        print(fmt::format("\n{} in quarantine: hsl data --quarantine\n",
                          counted(contents.quarantine_count, "row")));
}

int run(const Session& session, const Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    constexpr auto all = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
    const bool quarantine = arguments.quarantine || session.json;
    const auto contents = read(**store, !quarantine           ? 0
                                        : arguments.show == 0 ? all
                                                              : arguments.show);
    if (!contents) return session.failed(contents.error());
    if (session.json)
        print(to_json(*contents, session.store_folder));
    else
        show(*contents, arguments, session.store_folder);
    return 0;
}

}  // namespace

void write_quarantine(JsonWriter& out, const std::vector<store::QuarantinedRow>& rows) {
    out.key("quarantine").begin_array();
    for (const store::QuarantinedRow& row : rows)
        out.begin_object()
            .member("symbol", row.symbol)
            .member("date", row.date)
            .member("file", row.file)
            .member("line", row.line)
            .member("reason", row.reason)
            .member("detail", row.detail)
            .member("source", row.source)
            .end_object();
    out.end_array();
}

void add_data(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        add_command(app, "data", "What the store holds: symbols, spans, versions, quarantine",
                    "  hsl data\n"
                    "  hsl data --quarantine --show 100\n");
    add_flag(*command, "--quarantine", "the rows that were set aside, newest first, and why",
             arguments->quarantine);
    add_count(*command, "--show", "N", "lines of a list; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    on_chosen(*command, session, false, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
