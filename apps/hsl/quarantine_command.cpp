// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/quarantine.hpp"
#include "service/read_file.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    store::QuarantineFilter filter = {};
    std::vector<std::string> ids;
    std::string set, file;
    std::size_t show = 20;
    bool csv = false, yes = false, all = false;
};

Result<std::vector<std::int64_t>> read_ids(const std::vector<std::string>& words) {
    std::vector<std::int64_t> ids;
    for (const std::string& word : words) {
        std::int64_t id = 0;
        const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (failure != std::errc{} || end != word.data() + word.size() || id <= 0)
            return fail(ErrorCode::bad_usage,
                        fmt::format("'{}' is no id of a quarantined row; `hsl quarantine list` "
                                    "shows them",
                                    word));
        ids.push_back(id);
    }
    return ids;
}

bool filtered(const store::QuarantineFilter& filter) {
    return !filter.symbol.empty() || !filter.reason.empty() || !filter.file.empty();
}

std::string bar_text(const store::QuarantinedRow& row) {
    if (!row.bar) return {};
    const int scale = market::instrument_for(row.symbol).scale;
    return fmt::format(
        "open {}, high {}, low {}, close {}, volume {}", market::price_text(row.bar->open, scale),
        market::price_text(row.bar->high, scale), market::price_text(row.bar->low, scale),
        market::price_text(row.bar->close, scale), with_commas(row.bar->volume));
}

int list(const Session& session, Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    if (!arguments.csv && !session.json && arguments.show > 0)
        arguments.filter.limit = arguments.show;
    const auto rows = (*store)->quarantine(arguments.filter);
    if (!rows) return session.failed(rows.error());
    const auto total = (*store)->quarantine_count();
    if (!total) return session.failed(total.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object().member("quarantine_count", *total);
        write_quarantine(out, *rows);
        out.end_object();
        print(out.take() + "\n");
        return 0;
    }
    if (arguments.csv) {
        const auto symbols = (*store)->symbols();
        if (!symbols) return session.failed(symbols.error());
        print(service::quarantine_csv(*rows, *symbols));
        return 0;
    }
    if (rows->empty()) {
        print(*total == 0
                  ? "Nothing is in quarantine.\n"
                  : fmt::format("No row is meant; in quarantine: {}.\n", counted(*total, "row")));
        return 0;
    }
    Table table({{"id", Align::right},
                 {"symbol", Align::left},
                 {"date", Align::left},
                 {"reason", Align::left},
                 {"where", Align::left},
                 {"detail", Align::left}});
    for (const store::QuarantinedRow& row : *rows) {
        const std::size_t slash = row.file.find_last_of('/');
        table.row(
            {std::to_string(row.id), row.symbol, row.date, row.reason,
             fmt::format("{}{}", slash == std::string::npos ? row.file : row.file.substr(slash + 1),
                         row.line > 0 ? fmt::format(":{}", row.line) : ""),
             row.detail});
    }
    print(table.text());
    if (rows->size() == arguments.filter.limit && *total > static_cast<std::int64_t>(rows->size()))
        print(fmt::format("{} of {} (--show 0 shows all)\n",
                          with_commas(static_cast<std::int64_t>(rows->size())),
                          counted(*total, "row")));
    return 0;
}

int show(const Session& session, const Arguments& arguments) {
    const auto ids = read_ids(arguments.ids);
    if (!ids) return session.failed(ids.error());
    if (ids->empty())
        return session.failed(
            {.code = ErrorCode::bad_usage, .message = "say which row: hsl quarantine show ID"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto rows = (*store)->quarantine({.ids = *ids});
    if (!rows) return session.failed(rows.error());
    if (rows->size() < ids->size())
        return session.failed({.code = ErrorCode::not_found,
                               .message = "not every one of these rows is in quarantine; `hsl "
                                          "quarantine list` shows those that are"});
    if (session.json) {
        JsonWriter out;
        out.begin_object();
        write_quarantine(out, *rows);
        out.end_object();
        print(out.take() + "\n");
        return 0;
    }
    for (const store::QuarantinedRow& row : *rows) {
        const auto line = [](std::string_view name, const std::string& value) {
            if (!value.empty()) print(fmt::format("{:<12}{}", name, hanging(printable(value), 12)));
        };
        line("id", std::to_string(row.id));
        line("symbol", row.symbol);
        line("date", row.date);
        line("reason", row.reason);
        line("detail", row.detail);
        line("file", row.file);
        line("line", row.line > 0 ? with_commas(row.line) : "");
        line("as it stood", row.source);
        line("understood", bar_text(row));
        line("source", row.series);
        line("version", row.version);
        print("\n");
    }
    return 0;
}

int answer(const Session& session, const service::QuarantineReport& report) {
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("version", report.version)
            .member("accepted", report.accepted)
            .member("replaced", report.replaced)
            .member("dropped", report.dropped)
            .key("refused")
            .begin_array();
        for (const auto& row : report.refused)
            out.begin_object()
                .member("id", row.id)
                .member("reason", row.reason)
                .member("detail", row.detail)
                .end_object();
        out.end_array().end_object();
        print(out.take() + "\n");
    } else {
        for (const auto& row : report.refused)
            print(hanging(
                printable(fmt::format("row {} stays: {}: {}", row.id, row.reason, row.detail)), 2));
        if (report.dropped > 0)
            print(fmt::format("{} dropped.\n", counted(report.dropped, "row")));
        else
            print(fmt::format("{} accepted{}.\n", counted(report.accepted, "row"),
                              report.replaced == 0 ? ""
                              : report.accepted == 1
                                  ? ", in the place of a stored one"
                                  : fmt::format(", {} in the place of stored ones",
                                                with_commas(report.replaced))));
        print(fmt::format("Data version {}.\n", report.version.empty() ? "-" : report.version));
    }
    return report.refused.empty() ? 0 : exit_status(ErrorCode::bad_data);
}

Result<std::vector<service::QuarantineFix>> fixes_of(const Arguments& arguments,
                                                     const Progress& progress) {
    HSL_TRY(const std::vector<std::int64_t> ids, read_ids(arguments.ids));
    if (!arguments.file.empty()) {
        if (!ids.empty() || !arguments.set.empty())
            return fail(ErrorCode::bad_usage, "--file says which rows and with which cells");
        HSL_TRY(const std::string text, arguments.file == "-"
                                            ? service::read_standard_input(progress)
                                            : service::read_bytes(arguments.file, progress));
        return service::read_fixes(arguments.file, text);
    }
    if (ids.empty())
        return fail(ErrorCode::bad_usage,
                    "say which rows: hsl quarantine accept ID..., or --file FIX.csv");
    HSL_TRY(const auto cells, service::read_cells(arguments.set));
    if (ids.size() > 1 && !cells.empty())
        return fail(ErrorCode::bad_usage, "--set changes one row: give one ID, or a --file");
    std::vector<service::QuarantineFix> fixes;
    for (const std::int64_t id : ids) fixes.push_back({id, cells});
    return fixes;
}

int accept(const Session& session, const Arguments& arguments) {
    const auto fixes = fixes_of(arguments, session.progress);
    if (!fixes) return session.failed(fixes.error());
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto report = service::accept_quarantined(**store, market_files(), *fixes,
                                                    session.command_line, session.progress);
    return report ? answer(session, *report) : session.failed(report.error());
}

// Asks on a terminal; elsewhere --yes says it.
bool confirmed(std::size_t count) {
    if (isatty(STDIN_FILENO) != 1) return false;
    warn(fmt::format("Drop {} for good? [y/N] ", counted(static_cast<std::int64_t>(count), "row")));
    std::string line;
    return std::getline(std::cin, line) && (line == "y" || line == "yes");
}

int drop(const Session& session, const Arguments& arguments) {
    auto ids = read_ids(arguments.ids);
    if (!ids) return session.failed(ids.error());
    if (ids->empty() && !filtered(arguments.filter) && !arguments.all)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "say which rows: hsl quarantine drop ID..., or --symbol, "
                                          "--reason, --file, or --all"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    if (ids->empty()) {
        const auto rows = (*store)->quarantine(arguments.filter);
        if (!rows) return session.failed(rows.error());
        for (const store::QuarantinedRow& row : *rows) ids->push_back(row.id);
        if (ids->empty())
            return session.failed(
                {.code = ErrorCode::not_found, .message = "no row in quarantine is meant"});
        if (!arguments.yes && !confirmed(ids->size()))
            return session.failed(
                {.code = ErrorCode::bad_usage,
                 .message = fmt::format("this would drop {}: --yes says that it is meant",
                                        counted(static_cast<std::int64_t>(ids->size()), "row"))});
    }
    const auto report =
        service::drop_quarantined(**store, *ids, session.command_line, session.progress);
    return report ? answer(session, *report) : session.failed(report.error());
}

void add_filter(CLI::App& command, Arguments& arguments) {
    add_value(command, "--symbol", "CODE", "rows of this symbol", "", [&](const std::string& text) {
        arguments.filter.symbol = symbol_of(text);
        return Result<void>{};
    });
    add_text(command, "--reason", "RULE", "rows of this reason, such as high_below_low", "",
             arguments.filter.reason);
    add_text(command, "--from-file", "TEXT", "rows of files whose path holds this", "",
             arguments.filter.file);
}

}  // namespace

void add_quarantine(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "quarantine", "Rows that broke a rule: list, show, accept, drop",
        "  hsl quarantine list --symbol 005930\n"
        "  hsl quarantine accept 17 --set close=53000\n"
        "  hsl quarantine list --csv > fix.csv       then change cells in a spreadsheet\n"
        "  hsl quarantine accept --file fix.csv\n"
        "  hsl quarantine drop --reason not_a_session\n\n"
        "An accepted row goes through the rules of import again, as it is or with other cells; "
        "one\n"
        "that breaks a rule stays. It takes the place of what the store holds for its day.\n");
    command->require_subcommand(0, 1);
    CLI::App* listing = add_command(*command, "list", "The rows as a table, newest first",
                                    "  hsl quarantine list --reason high_below_low --show 0\n"
                                    "  hsl quarantine list --csv > fix.csv\n");
    add_filter(*listing, *arguments);
    add_flag(*listing, "--csv", "every row with all its cells, to change and to accept",
             arguments->csv);
    add_count(*listing, "--show", "N", "rows to print; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    CLI::App* showing = add_command(*command, "show", "Rows with the line as it stood",
                                    "  hsl quarantine show 17\n");
    add_words(*showing, "ID...", "of rows, as `hsl quarantine list` shows them", arguments->ids);
    CLI::App* accepting =
        add_command(*command, "accept", "Take rows in, as they are or with other cells",
                    "  hsl quarantine accept 17 18\n"
                    "  hsl quarantine accept 17 --set close=53000,high=53900\n"
                    "  hsl quarantine accept --file fix.csv\n");
    add_words(*accepting, "ID...", "of rows, as `hsl quarantine list` shows them", arguments->ids);
    add_text(*accepting, "--set", "CELL=VALUE,...", "cells that are to be other than they were", "",
             arguments->set);
    add_path(*accepting, "--file", "FILE", "a table that list --csv printed; - is standard input",
             "", arguments->file);
    CLI::App* dropping = add_command(*command, "drop", "Let rows go for good",
                                     "  hsl quarantine drop 17 18\n"
                                     "  hsl quarantine drop --reason not_a_session --yes\n");
    add_words(*dropping, "ID...", "of rows, as `hsl quarantine list` shows them", arguments->ids);
    add_filter(*dropping, *arguments);
    add_flag(*dropping, "--all", "every row", arguments->all);
    add_flag(*dropping, "--yes", "do not ask", arguments->yes);
    on_chosen(*command, session, true, [=, &session] {
        if (showing->parsed()) return show(session, *arguments);
        if (accepting->parsed()) return accept(session, *arguments);
        if (dropping->parsed()) return drop(session, *arguments);
        return list(session, *arguments);
    });
}

}  // namespace hsl::app
