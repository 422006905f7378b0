// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "indicators/catalogue.hpp"
#include "market/session_slots.hpp"
#include "service/read_file.hpp"
#include "service/show_indicators.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::vector<std::string> words;  // [SYMBOL] EXPRESSION...
    std::string input;
    std::size_t last = 0;
    int minutes = 0;
    bool csv = false;
    bool list = false;
};

int list_all(const Session& session) {
    if (session.json) {
        JsonWriter out;
        out.begin_array();
        for (const indicators::Spec* spec : indicators::all_specs()) {
            out.begin_object().member("name", spec->name).member("summary", spec->summary);
            out.key("params").begin_array();
            for (const indicators::Param& param : spec->params)
                out.begin_object()
                    .member("name", param.name)
                    .member("default", param.standard)
                    .member("first", param.first)
                    .member("last", param.last)
                    .end_object();
            out.end_array().list("outputs", spec->outputs);
            out.member("golden", spec->golden).end_object();
        }
        out.end_array();
        print(out.text() + "\n");
        return 0;
    }
    std::vector<std::pair<std::string, std::string_view>> rows;
    std::size_t columns = 0;
    for (const indicators::Spec* spec : indicators::all_specs()) {
        std::string call{spec->name};
        call += '(';
        bool first = true;
        if (!spec->inputs.empty() && spec->inputs.front() == indicators::Input::series) {
            call += "close";
            first = false;
        }
        for (const indicators::Param& param : spec->params) {
            call += fmt::format("{}{}", first ? "" : ",", param.standard);
            first = false;
        }
        call += ')';
        columns = std::max(columns, call.size());
        rows.emplace_back(call, spec->summary);
    }
    for (const auto& [call, summary] : rows)
        print(pad_right(call, columns + 2) + hanging(summary, columns + 2));
    return 0;
}

Result<service::IndicatorTable> compute(const Session& session, Arguments& arguments) {
    if (!arguments.input.empty()) {
        HSL_TRY(const std::string bytes, arguments.input == "-"
                                             ? service::read_standard_input()
                                             : service::read_bytes(arguments.input));
        const std::string name = arguments.input == "-" ? "stdin" : arguments.input;
        HSL_TRY(const std::vector<store::MarketFile> files, market_files()(name, bytes, {}));
        if (files.size() == 1 && files.front().error) return std::unexpected(*files.front().error);
        if (files.size() != 1 || files.front().prices.size() != 1)
            return std::unexpected(
                Error{.code = ErrorCode::bad_usage,
                      .message = "indicators are computed of one symbol's prices: import this "
                                 "file and name a symbol of it",
                      .file = name});
        const store::MarketFile& file = files.front();
        if (!file.quarantined.empty()) {
            const store::QuarantinedRow& row = file.quarantined.front();
            warn(fmt::format("hsl: {} left out, the first in line {}: {}: {}\n",
                             counted(static_cast<std::int64_t>(file.quarantined.size()), "row"),
                             row.line, row.reason, row.detail));
        }
        const store::PriceSeries& prices = file.prices.front();
        const bool in_minutes = prices.interval == market::Interval::minute;
        if (in_minutes != (arguments.minutes > 0))
            return std::unexpected(
                Error{.code = ErrorCode::bad_usage,
                      .message = in_minutes ? "these are minute bars: say how long the bars are to "
                                              "be (--minutes 5)"
                                            : "these are days: bars of minutes are made from "
                                              "minute bars",
                      .file = name});
        return service::show_indicators(prices.instrument, prices.bars, arguments.words, {},
                                        arguments.minutes);
    }
    if (arguments.words.size() < 2)
        return fail(ErrorCode::bad_usage,
                    "say which symbol and which indicator: hsl indicators 005930 \"rsi(close,14)\" "
                    "(hsl indicators --list names them)");
    const std::string symbol = symbol_of(arguments.words.front());
    const std::vector<std::string> expressions(arguments.words.begin() + 1, arguments.words.end());
    HSL_TRY(auto store, session.open(false));
    HSL_TRY(const market::BarTable table,
            store->read({.symbols = {symbol},
                         .at = session.at,
                         .sources = session.sources,
                         .interval = arguments.minutes > 0 ? market::Interval::minute
                                                           : market::Interval::day,
                         .threads = 1}));
    std::vector<market::ColumnSeries> columns;
    for (const std::string& name : service::columns_of(expressions)) {
        // A column that the store lacks is told where it is read: that error says what to import.
        auto facts = store->facts({.at = session.at, .columns = {name}, .symbols = {symbol}});
        if (!facts && facts.error().code != ErrorCode::not_found)
            return std::unexpected(std::move(facts).error());
        if (facts) std::ranges::move(facts->columns, std::back_inserter(columns));
    }
    std::ranges::stable_sort(columns, {}, [&](const market::ColumnSeries& series) {
        return std::ranges::find(session.sources, series.source) - session.sources.begin();
    });
    std::vector<market::Bar> bars;
    bars.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) bars.push_back(table.bar(row));
    return service::show_indicators(table.symbols.front().instrument, bars, expressions, columns,
                                    arguments.minutes);
}

int run(const Session& session, Arguments& arguments) {
    if (arguments.list) return list_all(session);
    if (arguments.words.empty())
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "say which indicator: hsl indicators --input 005930.csv "
                                          "\"rsi(close,14)\" (--list names them)"});
    auto computed = compute(session, arguments);
    if (!computed) return session.failed(computed.error());
    service::IndicatorTable& table = *computed;
    if (arguments.last > 0 && arguments.last < table.dates.size()) {
        const auto skip = static_cast<std::ptrdiff_t>(table.dates.size() - arguments.last);
        table.dates.erase(table.dates.begin(), table.dates.begin() + skip);
        if (!table.minutes.empty())
            table.minutes.erase(table.minutes.begin(), table.minutes.begin() + skip);
        for (auto& column : table.columns) column.erase(column.begin(), column.begin() + skip);
    }
    if (session.json) {
        JsonWriter out;
        out.begin_object().member("symbol", table.symbol).list("dates", table.dates);
        if (!table.minutes.empty()) {
            out.key("times").begin_array();
            for (const int minute : table.minutes) out.value(market::time_text(minute));
            out.end_array();
        }
        out.key("columns").begin_object();
        for (std::size_t c = 0; c < table.headers.size(); ++c) {
            out.list(table.headers[c], table.columns[c]);
        }
        out.end_object().end_object();
        print(out.text() + "\n");
        return 0;
    }
    if (arguments.csv) {
        print(to_csv(table));
        return 0;
    }
    // As many columns side by side as the terminal has room for, the rest below.
    const std::size_t date_columns = table.minutes.empty() ? 10 : 16;
    constexpr std::size_t gap = 2;
    for (std::size_t first = 0; first < table.headers.size();) {
        std::size_t columns = date_columns;
        std::size_t end = first;
        std::vector<std::vector<std::string>> cells;
        std::vector<std::pair<std::string, Align>> header{{"date", Align::left}};
        for (; end < table.headers.size(); ++end) {
            const std::string name =
                clip(printable(table.headers[end]), console_columns() - date_columns - gap);
            std::size_t width = display_width(name);
            std::vector<std::string> column;
            for (const double value : table.columns[end]) {
                column.push_back(fixed(value, 4));
                width = std::max(width, column.back().size());
            }
            if (end > first && columns + gap + width > console_columns()) break;
            columns += gap + width;
            header.emplace_back(name, Align::right);
            cells.push_back(std::move(column));
        }
        Table shown(header);
        for (std::size_t t = 0; t < table.dates.size(); ++t) {
            std::vector<std::string> row{table.dates[t].iso()};
            if (!table.minutes.empty()) row[0] += ' ' + market::time_text(table.minutes[t]);
            for (const auto& column : cells) row.push_back(column[t]);
            shown.row(std::move(row));
        }
        print((first > 0 ? "\n" : "") + shown.text());
        first = end;
    }
    return 0;
}

}  // namespace

void add_indicators(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "indicators", "Indicator values of one symbol or one price file",
        "  hsl indicators 005930 \"rsi(close,14)\" \"sma(close,20)\" --last 20\n"
        "  hsl indicators --input 005930.csv \"macd(close,12,26,9).signal\" --csv > macd.csv\n"
        "  hsl indicators 005930 \"weekly(rsi(close,14))\" foreign_net --last 20\n"
        "  hsl indicators 005930 \"rsi(close,14)\" --minutes 5 --last 78\n"
        "  hsl indicators --list\n\n"
        "Names and conventions are TA-Lib's. --csv prints every row; a missing value is empty.\n");
    add_words(*command, "[SYMBOL] EXPRESSION...",
              "a symbol of the store (not with --input), then what to compute of it",
              arguments->words);
    add_path(*command, "--input", "FILE", "a price file instead of the store; - is stdin", "",
             arguments->input);
    add_count(*command, "--minutes", "N", "bars of N minutes, made from minute bars", "days", 1,
              market::bar_minutes_max, arguments->minutes);
    add_count(*command, "--last", "N", "only the last N rows", "all", 1, 1'000'000'000,
              arguments->last);
    add_flag(*command, "--csv", "comma separated, full precision", arguments->csv);
    add_flag(*command, "--list", "every indicator with its parameters", arguments->list);
    on_chosen(*command, session, false, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
