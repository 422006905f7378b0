// SPDX-License-Identifier: Apache-2.0
#include "explain_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "console.hpp"

namespace hsl::app {
namespace {

using store::MarketFile;

std::string_view word_of(market::Basis basis) {
    switch (basis) {
        case market::Basis::raw:
            return "raw";
        case market::Basis::adjusted:
            return "adjusted";
        case market::Basis::unknown:
            break;
    }
    return "unknown";
}

std::string_view word_of(market::BarDefinition definition) {
    switch (definition) {
        case market::BarDefinition::regular:
            return "regular";
        case market::BarDefinition::all_krx:
            return "all_krx";
        case market::BarDefinition::with_nextrade:
            return "with_nextrade";
        case market::BarDefinition::unknown:
            break;
    }
    return "unknown";
}

std::map<std::string, std::int64_t> reasons_of(const MarketFile& file) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& row : file.quarantined)
        if (row.line > 0) ++counts[row.reason];
    return counts;
}

std::int64_t accepted_of(const MarketFile& file) {
    std::int64_t accepted = file.data_lines;
    for (const auto& [reason, count] : reasons_of(file)) accepted -= count;
    for (const auto& [reason, count] : file.dropped) accepted -= count;
    return accepted;
}

void show_rules(const MarketFile& file) {
    Table table({{"what became of it", Align::left},
                 {"rule", Align::left},
                 {"rows", Align::right},
                 {"example", Align::left}});
    const auto rows = [&](const char* what, const std::map<std::string, std::int64_t>& counts,
                          const auto& example_of) {
        for (const auto& [rule, count] : counts)
            table.row({what, rule, with_commas(count), example_of(rule)});
    };
    const auto found = [&](const std::string& rule) {
        const auto at = std::ranges::find(file.findings, rule, &store::Finding::rule);
        return at == file.findings.end() ? std::string{}
                                         : fmt::format("{} {}", at->date, at->detail);
    };
    rows("repaired", file.repaired, found);
    rows("quarantined", reasons_of(file), [&](const std::string& rule) {
        const auto at = std::ranges::find(file.quarantined, rule, &store::QuarantinedRow::reason);
        return fmt::format("line {}: {}", at->line, at->detail);
    });
    rows("dropped", file.dropped, found);
    rows("noticed", file.found, found);
    if (!file.repaired.empty() || !file.quarantined.empty() || !file.dropped.empty() ||
        !file.found.empty())
        print(table.text());
}

void show(const MarketFile& file) {
    print(bold(printable(file.path)) + "\n");
    if (file.error) {
        print("  " + hanging("refused: " + printable(file.error->text()), 4) + "\n");
        return;
    }
    const auto line = [](std::string_view name, const std::string& value) {
        if (!value.empty()) print(fmt::format("  {:<12}{}", name, hanging(printable(value), 14)));
    };
    const store::Understanding& how = file.how;
    line("container", how.container);
    line("encoding", how.encoding);
    line("format", how.format);
    line("separator", how.separator);
    std::string columns, ignored;
    for (const auto& [ours, theirs] : how.columns) {
        std::string& target = ours.empty() ? ignored : columns;
        target += (target.empty() ? "" : ", ") + (ours.empty() ? theirs : ours + " = " + theirs);
    }
    line("columns", columns);
    line("ignored", ignored);
    line("dates", how.date_form);
    const auto because = [](std::string_view word, const std::string& why) {
        return why.empty() ? std::string{word} : fmt::format("{}: {}", word, why);
    };
    if (!file.prices.empty()) {
        line("prices", because(word_of(how.basis), how.basis_because));
        line("bars", because(word_of(how.definition), how.definition_because));
    }
    line("symbols",
         file.prices.size() == 1 ? fmt::format("{}, {}", file.prices[0].instrument.symbol,
                                               market::name_of(file.prices[0].instrument.market))
         : file.prices.empty()   ? ""
                                 : with_commas(static_cast<std::int64_t>(file.prices.size())));
    line("sessions", file.first && file.last
                         ? fmt::format("{} to {}", file.first->iso(), file.last->iso())
                         : "");
    line("rows", fmt::format("{} accepted of {}", with_commas(accepted_of(file)),
                             counted(file.data_lines, "data line")));
    for (std::size_t i = 0; i < how.first_rows.size(); ++i)
        print(fmt::format("  {:<12}{}", i == 0 ? "first rows" : "",
                          hanging(printable(how.first_rows[i]), 14)));
    show_rules(file);
    print("\n");
}

void write(JsonWriter& out, const MarketFile& file) {
    const store::Understanding& how = file.how;
    const auto counts = [&](std::string_view name,
                            const std::map<std::string, std::int64_t>& held) {
        out.key(name).begin_object();
        for (const auto& [rule, count] : held) out.member(rule, count);
        out.end_object();
    };
    out.begin_object()
        .member("path", file.path)
        .member("container", how.container)
        .member("encoding", how.encoding)
        .member("format", how.format)
        .member("separator", how.separator)
        .key("columns")
        .begin_array();
    for (const auto& [ours, theirs] : how.columns) {
        out.begin_object().key("column");
        ours.empty() ? out.null() : out.value(ours);
        out.member("header", theirs).end_object();
    }
    out.end_array()
        .member("dates", how.date_form)
        .member("basis", word_of(how.basis))
        .member("basis_because", how.basis_because)
        .member("definition", word_of(how.definition))
        .member("definition_because", how.definition_because)
        .key("symbols")
        .begin_array();
    for (const auto& series : file.prices) out.value(series.instrument.symbol);
    out.end_array().list("first_rows", how.first_rows);
    out.member("data_lines", file.data_lines).member("accepted", accepted_of(file));
    counts("repaired", file.repaired);
    counts("quarantined", reasons_of(file));
    counts("dropped", file.dropped);
    counts("found", file.found);
    for (const auto& [name, date] : {std::pair{"from", file.first}, std::pair{"to", file.last}}) {
        out.key(name);
        date ? out.value(*date) : out.null();
    }
    out.key("error");
    file.error ? out.value(file.error->text()) : out.null();
    out.end_object();
}

}  // namespace

int explain(const Session& session, const store::MarketFileParser& parse,
            const std::vector<service::ImportSource>& sources) {
    JsonWriter out;
    out.begin_object().key("files").begin_array();
    bool refused = false;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        session.progress.done("reading price files", i, sources.size());
        auto bytes = sources[i].read(session.progress);
        if (session.progress.stopped())
            return session.failed({.code = ErrorCode::cancelled, .message = "stopped"});
        auto files = bytes ? parse(sources[i].path, *bytes, sources[i].hints)
                           : Result<std::vector<MarketFile>>{std::unexpected(bytes.error())};
        if (!files) {
            MarketFile file{.path = sources[i].path};
            file.error = std::move(files).error();
            files = std::vector{std::move(file)};
        }
        for (const MarketFile& file : *files) {
            refused = refused || file.error.has_value();
            session.json ? write(out, file) : show(file);
        }
    }
    out.end_array().end_object();
    if (session.json) print(out.take() + "\n");
    return refused ? exit_status(ErrorCode::bad_data) : 0;
}

}  // namespace hsl::app
