// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "adapters/feeds/price_file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "indicators/catalogue.hpp"
#include "service/import_bars.hpp"
#include "service/show_indicators.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::vector<std::string> words;  // [SYMBOL] EXPRESSION...
    std::string input;
    std::size_t last = 0;
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
            out.end_array().key("outputs").begin_array();
            for (const std::string_view output : spec->outputs) out.value(output);
            out.end_array().member("golden", spec->golden).end_object();
        }
        out.end_array();
        print(out.text() + "\n");
        return 0;
    }
    Table table({{"indicator", Align::left}, {"what it says", Align::left}});
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
        table.row({call, std::string{spec->summary}});
    }
    print(table.text());
    return 0;
}

Result<std::string> read_all(const std::string& input) {
    if (input != "-") return service::read_bytes(input);
    std::string bytes{std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{}};
    return bytes;
}

Result<service::IndicatorTable> compute(const Session& session, Arguments& arguments) {
    if (!arguments.input.empty()) {
        HSL_TRY(const std::string bytes, read_all(arguments.input));
        HSL_TRY(
            const store::PriceFile file,
            adapters::parse_price_file(arguments.input == "-" ? "stdin" : arguments.input, bytes));
        if (!file.quarantined.empty()) {
            const store::QuarantinedRow& row = file.quarantined.front();
            warn(fmt::format("hsl: {} left out, the first at line {}: {}: {}\n",
                             counted(static_cast<std::int64_t>(file.quarantined.size()), "row"),
                             row.line, row.reason, row.detail));
        }
        return service::show_indicators(file.instrument, file.bars, arguments.words);
    }
    if (arguments.words.size() < 2)
        return fail(ErrorCode::bad_usage,
                    "say which symbol and which indicator: hsl indicators 005930 \"rsi(close,14)\" "
                    "(hsl indicators --list names them)");
    const std::string symbol = arguments.words.front();
    HSL_TRY(auto store, session.open(false));
    HSL_TRY(const market::BarTable table, store->read({symbol}, 1));
    std::vector<market::Bar> bars;
    for (std::size_t row = 0; row < table.rows(); ++row) bars.push_back(table.bar(row));
    return service::show_indicators(table.symbols.front().instrument, bars,
                                    {arguments.words.begin() + 1, arguments.words.end()});
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
        for (auto& column : table.columns) column.erase(column.begin(), column.begin() + skip);
    }
    if (session.json) {
        JsonWriter out;
        out.begin_object().member("symbol", table.symbol).key("dates").begin_array();
        for (const Date date : table.dates) out.value(date);
        out.end_array().key("columns").begin_object();
        for (std::size_t c = 0; c < table.headers.size(); ++c) {
            out.key(table.headers[c]).begin_array();
            for (const double value : table.columns[c]) out.value(value);
            out.end_array();
        }
        out.end_object().end_object();
        print(out.text() + "\n");
        return 0;
    }
    if (arguments.csv) {
        print(to_csv(table));
        return 0;
    }
    std::vector<std::pair<std::string, Align>> header{{"date", Align::left}};
    for (const std::string& text : table.headers) header.emplace_back(text, Align::right);
    Table shown(header);
    for (std::size_t t = 0; t < table.dates.size(); ++t) {
        std::vector<std::string> cells{table.dates[t].iso()};
        for (const auto& column : table.columns) cells.push_back(fixed(column[t], 4));
        shown.row(std::move(cells));
    }
    print(shown.text());
    return 0;
}

}  // namespace

void add_indicators(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, session, "indicators", "Indicator values of one symbol or one price file",
        "  hsl indicators 005930 \"rsi(close,14)\" \"sma(close,20)\" --last 20\n"
        "  hsl indicators --input 005930.csv \"macd(close,12,26,9).signal\" --csv > macd.csv\n"
        "  hsl indicators --list\n"
        "Names and conventions are TA-Lib's. --csv prints every row; a missing value is empty.");
    command->add_option("words", arguments->words, "SYMBOL (without --input), then expressions");
    command->add_option("--input", arguments->input,
                        "a price file instead of the store; - is stdin");
    command->add_option("--last", arguments->last, "only the last N rows");
    command->add_flag("--csv", arguments->csv, "comma separated, full precision");
    command->add_flag("--list", arguments->list, "every indicator with its parameters");
    command->callback([&session, arguments] {
        session.chosen = [&session, arguments] { return run(session, *arguments); };
    });
}

}  // namespace hsl::app
