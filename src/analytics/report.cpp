// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analytics/sweep_result.hpp"
#include "base/text.hpp"
#include "embedded/report_css.hpp"
#include "embedded/report_html.hpp"
#include "embedded/report_js.hpp"

namespace hsl::analytics {
namespace {

// The resolution of what is drawn: returns in 1e-7, results of accounts in 1e-4.
constexpr double return_units = 1e7;
constexpr double account_units = 1e4;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    return out;
}

// A minus sign instead of a hyphen (none on a rounded zero), a dash for what is not defined.
std::string figure(std::string text) {
    if (text == "-") return "\u2013";
    const bool zero = text.find_first_of("123456789") == std::string::npos;
    if (text.starts_with('-')) text.replace(0, 1, zero ? "" : "\u2212");
    return text;
}

std::string percents(double fraction) { return figure(percent(fraction)); }
std::string ratio(double number) { return figure(fixed(number, 2)); }
std::string probability(double p) { return figure(fixed(p, 3)); }
std::string whole(double number) {
    if (!(std::fabs(number) < 1e15)) return figure("-");
    return figure(with_commas(static_cast<std::int64_t>(std::llround(number))));
}

// One column of the leaderboard. Groups: o overview, r return and risk, t trading, s symbols, l
// luck.
struct Column {
    std::string_view key, heading, groups, meaning;
    double (*value)(const LeaderboardRow& row);
    std::string (*text)(double value);
    bool of_benchmarks = true;
};

constexpr auto columns = std::to_array<Column>({
    {"sharpe", "Sharpe", "o r l",
     "Mean daily return / its standard deviation, a year; risk-free rate 0. The leaderboard is "
     "ordered by it.",
     [](const LeaderboardRow& r) { return r.measures.sharpe; }, ratio},
    {"sharpe_beyond", "Beyond", "o l",
     "Sharpe of the returns beyond holding: what is left of the daily returns after the part that "
     "moves with holding is taken off.",
     [](const LeaderboardRow& r) { return r.verdict.sharpe_beyond; }, ratio, false},
    {"dsr", "DSR", "o l",
     "Deflated Sharpe: how probable it is that the Sharpe beyond holding is more than the luck of "
     "the best of all tries. 0.95 is the mark.",
     [](const LeaderboardRow& r) { return r.verdict.dsr; }, probability, false},
    {"q_value", "q", "o l",
     "If every set with at most this q is believed, about this share of them is luck (false "
     "discovery rate, Benjamini and Hochberg). 0.05 is the mark.",
     [](const LeaderboardRow& r) { return r.verdict.q_value; }, probability, false},
    {"psr", "PSR", "l",
     "How probable it is that the Sharpe beyond holding is above 0, were this the only try.",
     [](const LeaderboardRow& r) { return r.verdict.psr; }, probability, false},
    {"psr_raw", "PSR raw", "l",
     "The same of the returns themselves: on a rising market it flatters everything that is long.",
     [](const LeaderboardRow& r) { return r.verdict.psr_raw; }, probability},
    {"min_trl", "MinTRL", "l",
     "Sessions needed until PSR reaches 0.95, were the Sharpe beyond holding to stay as it is.",
     [](const LeaderboardRow& r) { return std::ceil(r.verdict.min_trl); }, whole, false},
    {"slope", "Slope", "l", "How far the set moves when holding moves by one.",
     [](const LeaderboardRow& r) { return r.verdict.slope; }, ratio, false},
    {"total_return", "Return", "r", "Return over the whole window, costs taken off.",
     [](const LeaderboardRow& r) { return r.measures.total_return; }, percents},
    {"cagr", "CAGR", "o r", "Return a year, compounded.",
     [](const LeaderboardRow& r) { return r.measures.cagr; }, percents},
    {"volatility", "Volatility", "r", "Standard deviation of daily returns, a year.",
     [](const LeaderboardRow& r) { return r.measures.volatility; }, percents},
    {"sortino", "Sortino", "r", "Like Sharpe, with losses alone as the risk.",
     [](const LeaderboardRow& r) { return r.measures.sortino; }, ratio},
    {"max_drawdown", "Max DD", "o r", "Deepest fall of the equity below an earlier peak.",
     [](const LeaderboardRow& r) { return r.measures.max_drawdown; }, percents},
    {"max_drawdown_sessions", "DD sessions", "r",
     "Length of that drawdown: sessions from its peak to recovery or to the end.",
     [](const LeaderboardRow& r) { return static_cast<double>(r.measures.max_drawdown_sessions); },
     whole},
    {"calmar", "Calmar", "r", "CAGR / max drawdown.",
     [](const LeaderboardRow& r) { return r.measures.calmar; }, ratio},
    {"trades", "Trades", "o t", "Closed round trips over all symbols. Below 30 nothing is claimed.",
     [](const LeaderboardRow& r) { return static_cast<double>(r.measures.trades); }, whole},
    {"win_rate", "Wins", "t", "Share of trades with a profit after costs.",
     [](const LeaderboardRow& r) { return r.measures.win_rate; }, percents},
    {"profit_factor", "Profit factor", "t", "Gains / losses of trades, after costs.",
     [](const LeaderboardRow& r) { return r.measures.profit_factor; }, ratio},
    {"exposure", "Exposure", "o t",
     "Mean share of the equity that is in stocks. The rest is cash that earns nothing here.",
     [](const LeaderboardRow& r) { return r.measures.exposure; }, percents},
    {"turnover", "Turnover", "t", "(Bought + sold) / 2 / mean equity, a year.",
     [](const LeaderboardRow& r) { return r.measures.turnover; }, ratio},
    {"dividends_krw", "Dividends, won", "t",
     "Cash dividends that came into the accounts, 15.4 % tax taken off.",
     [](const LeaderboardRow& r) { return r.measures.dividends_krw; }, whole},
    {"delisted_at_zero", "Return, delisted at 0", "r",
     "Return had shares of delisted companies been worth nothing instead of their last close; "
     "empty where none were held.",
     [](const LeaderboardRow& r) {
         return r.delisted_at_zero ? r.delisted_at_zero->total_return : std::nan("");
     },
     percents},
    {"cost_krw", "Costs, won", "t", "Commission and sale tax of all accounts, in won.",
     [](const LeaderboardRow& r) { return r.measures.cost_krw; }, whole},
    {"slippage_krw", "Slippage, won", "t", "What slippage cost all accounts, in won.",
     [](const LeaderboardRow& r) { return r.measures.slippage_krw; }, whole},
    {"skipped_entries", "Skipped", "t",
     "Entries without a fill because not one share could be bought: too little cash or too little "
     "traded value.",
     [](const LeaderboardRow& r) { return static_cast<double>(r.measures.skipped_entries); },
     whole},
    {"median", "Median", "s", "Return of the median account.",
     [](const LeaderboardRow& r) { return r.symbols.median; }, percents},
    {"q1", "Lower quarter", "s", "A quarter of the accounts ended below this return.",
     [](const LeaderboardRow& r) { return r.symbols.q1; }, percents},
    {"q3", "Upper quarter", "s", "A quarter of the accounts ended above this return.",
     [](const LeaderboardRow& r) { return r.symbols.q3; }, percents},
    {"beat_holding", "Beat holding", "o s",
     "Share of symbols that ended above the same accounts held.",
     [](const LeaderboardRow& r) { return r.symbols.beat_holding; }, percents, false},
    {"top5_profit_share", "Top 5 share", "s",
     "Share of all profits that the five best symbols made.",
     [](const LeaderboardRow& r) { return r.symbols.top5_profit_share; }, percents},
});

using Out = std::back_insert_iterator<std::string>;

void write_cells(Out out, const LeaderboardRow& row, bool benchmark) {
    for (const Column& column : columns) {
        const bool shown = !benchmark || column.of_benchmarks;
        const double value = column.value(row);
        fmt::format_to(out, "<td class=\"c {}\" data-k=\"{}\" data-v=\"{}\">{}</td>", column.groups,
                       column.key, shown && std::isfinite(value) ? fmt::format("{}", value) : "",
                       shown ? column.text(value) : "");
    }
    fmt::format_to(out, "</tr>\n");
}

std::string column_heads() {
    std::string html =
        "<th scope=\"col\" class=\"rank\" data-k=\"rank\" data-word=\"rank\" "
        "aria-sort=\"none\"><button "
        "type=\"button\" title=\"Order by Sharpe\">#</button></th><th scope=\"col\" class=\"name\" "
        "data-k=\"name\" data-word=\"strategy\" aria-sort=\"none\"><button type=\"button\">Strategy"
        "</button></th>";
    for (const Column& column : columns)
        html += fmt::format(
            "<th scope=\"col\" class=\"c {}\" data-k=\"{}\" data-word=\"{}\" "
            "aria-sort=\"none\"><button "
            "type=\"button\" title=\"{}\">{}</button></th>",
            column.groups, column.key, column.heading, escaped(column.meaning), column.heading);
    return html;
}

std::string glossary() {
    std::string html;
    for (const Column& column : columns)
        html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", column.heading, escaped(column.meaning));
    return html;
}

std::string params_of(const LeaderboardRow& row) {
    return row_name(row).substr(std::min(row_name(row).size(), row.strategy.size() + 1));
}

std::string leaderboard_rows(const SweepResult& result) {
    std::string html;
    const Out out{html};
    for (std::size_t i = 0; i < result.leaderboard.size(); ++i) {
        const LeaderboardRow& row = result.leaderboard[i];
        const std::string params = escaped(params_of(row));
        fmt::format_to(out,
                       "<tr data-i=\"{0}\" data-name=\"{1}\" data-about=\"{2}\"><td class=\"rank\" "
                       "data-k=\"rank\" "
                       "data-v=\"{3}\">{3}</td><th scope=\"row\" class=\"name\" "
                       "title=\"{2}\"><button type=\"button\" "
                       "class=\"pick\" aria-pressed=\"false\">{4}</button>{5}{6}</th>",
                       i, escaped(row_name(row)), escaped(row.about), row.rank,
                       escaped(row.strategy),
                       params.empty() ? "" : fmt::format(" <small>{}</small>", params),
                       i == result.best_row ? " <span class=\"tag\">best by DSR</span>" : "");
        write_cells(out, row, false);
    }
    return html;
}

std::string benchmark_name(const LeaderboardRow& row) {
    std::string name = row.strategy;
    std::ranges::replace(name, '_', ' ');
    return name;
}

std::string benchmark_rows(const SweepResult& result) {
    std::string html;
    const Out out{html};
    for (const LeaderboardRow& row : result.benchmarks) {
        fmt::format_to(
            out,
            "<tr data-name=\"{}\"><td class=\"rank\"></td><th scope=\"row\" class=\"name\" "
            "title=\"{}\">{}{}</th>",
            escaped(row.strategy), escaped(row.about), escaped(benchmark_name(row)),
            row.strategy == "hold" ? "" : " <small>no costs, not tradable</small>");
        write_cells(out, row, true);
    }
    return html;
}

std::string tile(std::string_view word, const std::string& value, const std::string& small) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd><dd>{}</dd></div>\n", word, value,
                       escaped(small));
}

std::string tiles(const SweepResult& result) {
    std::string html;
    const auto hold = std::ranges::find(result.benchmarks, "hold", &LeaderboardRow::strategy);
    if (hold != result.benchmarks.end())
        html += tile("Holding", percents(hold->measures.total_return),
                     fmt::format("Sharpe {}, {} a year", ratio(hold->measures.sharpe),
                                 percents(hold->measures.cagr)));
    html += tile("Luck alone, beyond holding", ratio(result.verdict.luck_sharpe),
                 fmt::format("Sharpe of the best of {} without any worth",
                             counted(result.trials, "try", "tries")));
    if (result.best_row < result.leaderboard.size()) {
        const LeaderboardRow& best = result.leaderboard[result.best_row];
        html += tile("Best beyond holding", ratio(best.verdict.sharpe_beyond), row_name(best));
        html += tile("Its deflated Sharpe", probability(best.verdict.dsr), "0.95 is the mark");
    }
    html += tile("Left after correction",
                 fmt::format("{} of {}", with_commas(result.verdict.significant_after_fdr),
                             with_commas(result.trials)),
                 "sets with q of 0.05 or less");
    return html;
}

std::string sentences(const SweepResult& result) {
    std::string html;
    for (const std::string& sentence : result.verdict.sentences)
        html +=
            fmt::format("<p{}>{}</p>\n", html.empty() ? " class=\"first\"" : "", escaped(sentence));
    return html;
}

std::string run_facts(const SweepResult& result) {
    std::string html;
    const auto fact = [&](std::string_view word, const std::string& value, bool code = false) {
        if (value.empty()) return;
        html += fmt::format("<dt>{}</dt><dd>{}{}{}</dd>\n", word, code ? "<code>" : "",
                            escaped(value), code ? "</code>" : "");
    };
    fact("Command", result.command, true);
    fact("Strategies", result.strategy_path, true);
    fact("Run", result.run_id, true);
    fact("Code version", result.code_version, true);
    fact("Data version", result.data_version, true);
    fact("Rules", result.rules, true);
    fact("Window", fmt::format("{} to {}, {}; decisions from the close of {}", result.from.iso(),
                               result.to.iso(), sessions_text(result), result.s0.iso()));
    fact("Data", fmt::format("{} in {}, {}, {} left out", counted(result.symbols, "symbol"),
                             counted(result.segments, "segment"), counted(result.breaks, "break"),
                             with_commas(static_cast<std::int64_t>(result.excluded.size()))));
    for (const std::string& sentence : in_words(result.universe)) fact("Universe", sentence);
    fact("Sessions a year", fixed(result.annualisation, 2));
    fact("Commission", percent(result.commission, 4) + " each side, sale tax by date");
    fact("Unknown market", result.market_of_unknown.empty()
                               ? ""
                               : "symbols without one are taken as " + result.market_of_unknown);
    fact("Effective tries",
         fmt::format("{} of {}, a second figure: how many unrelated series would vary as these do",
                     fixed(result.verdict.effective_trials, 1), with_commas(result.trials)));
    fact("Time",
         fmt::format("{:.0f} ms to load, {:.0f} ms to compute, {:.0f} ms for the verdict",
                     result.elapsed_ms.load, result.elapsed_ms.compute, result.elapsed_ms.verdict));
    fact("Made", result.made_at);
    return html;
}

std::string notes(const SweepResult& result) {
    if (result.notes.empty()) return "";
    std::string html = "<h3>Read with care</h3>\n<ul class=\"notes\">\n";
    for (const std::string& note : result.notes)
        html += fmt::format("<li>{}</li>\n", escaped(note));
    return html + "</ul>";
}

std::string excluded(const SweepResult& result) {
    if (result.excluded.empty()) return "";
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const auto& [symbol, reason] : result.excluded) by_reason[reason].push_back(symbol);
    std::string html =
        fmt::format("<details><summary>{} left out</summary>\n<dl class=\"run\">\n",
                    counted(static_cast<std::int64_t>(result.excluded.size()), "symbol"));
    for (const auto& [reason, symbols] : by_reason)
        html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(reason),
                            escaped(fmt::format("{}", fmt::join(symbols, ", "))));
    return html + "</dl></details>";
}

// Whole numbers of `units`, so that a set of 1,200 sessions takes about 7 kB.
void write_series(std::string& json, std::string_view key, const std::vector<double>& values,
                  double units) {
    json += fmt::format("\"{}\":[", key);
    std::array<char, 24> digits{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) json += ',';
        const double value = std::isfinite(values[i]) ? values[i] * units : 0;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                       static_cast<std::int64_t>(value + (value < 0 ? -0.5 : 0.5)));
        json.append(digits.data(), end.ptr);
    }
    json += ']';
}

std::string series_of(const LeaderboardRow& row, std::string_view name) {
    std::string json = "{";
    if (!name.empty()) {
        JsonWriter word;
        word.value(name);
        json += fmt::format("\"name\":{},", word.text());
    }
    write_series(json, "r", row.returns, return_units);
    json += ',';
    write_series(json, "a", row.symbol_returns, account_units);
    return json + '}';
}

std::string page_data(const SweepResult& result) {
    JsonWriter json;
    json.begin_object().member("s0", result.s0).member("best", result.best_row);
    json.member("luck",
                std::isfinite(result.verdict.luck_sharpe) ? result.verdict.luck_sharpe : 0.0);
    json.key("dates").begin_array();
    for (const Date date : result.dates) json.value(date);
    json.end_array().key("accounts").begin_array();
    for (const std::string& account : result.accounts) json.value(account);
    json.end_array().key("sets").begin_array();
    for (const LeaderboardRow& row : result.leaderboard) json.raw(series_of(row, ""));
    json.end_array().key("benchmarks").begin_array();
    for (const LeaderboardRow& row : result.benchmarks) json.raw(series_of(row, row.strategy));
    json.end_array().end_object();
    // "<" stands in texts only; escaped, no text can end the script element that holds it.
    std::string out;
    const std::string_view text = json.text();
    for (std::size_t at = 0;;) {
        const std::size_t open = text.find('<', at);
        out += text.substr(at, open - at);
        if (open == std::string_view::npos) return out;
        out += "\\u003c";
        at = open + 1;
    }
}

std::string verdict_class(const SweepResult& result) {
    const bool look = std::ranges::any_of(result.leaderboard, [](const LeaderboardRow& row) {
        return row.verdict.q_value <= false_discovery_rate &&
               row.measures.trades >= trades_for_a_claim;
    });
    return look ? "look" : "";
}

std::string filled(std::string_view page, const std::map<std::string_view, std::string>& parts) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t open = page.find("{{", at);
        out += page.substr(at, open - at);
        if (open == std::string_view::npos) return out;
        const std::size_t close = page.find("}}", open);
        out += parts.at(page.substr(open + 2, close - open - 2));
        at = close + 2;
    }
}

}  // namespace

std::string to_html(const SweepResult& result) {
    const std::string file = std::filesystem::path{result.strategy_path}.filename().string();
    const std::string heading = file.empty() ? "Sweep" : file;
    const auto tries = counted(result.trials, "set");
    return filled(
        embedded::report_html,
        {{"title", escaped(fmt::format("{}: {} on {} | HSL", heading, tries,
                                       counted(result.symbols, "symbol")))},
         {"css", std::string{embedded::report_css}},
         {"js", std::string{embedded::report_js}},
         {"generated_badge",
          result.generated ? "<span class=\"badge\">generated market</span>" : ""},
         {"heading", escaped(heading)},
         {"subtitle",
          escaped(fmt::format("{} on {}, {} to {}, {}", tries, counted(result.symbols, "symbol"),
                              result.from.iso(), result.to.iso(), sessions_text(result)))},
         {"verdict_class", verdict_class(result)},
         {"headline", escaped(result.verdict.headline)},
         {"sentences", sentences(result)},
         {"tiles", tiles(result)},
         {"columns", column_heads()},
         {"benchmarks", benchmark_rows(result)},
         {"rows", leaderboard_rows(result)},
         {"glossary", glossary()},
         {"cost_note",
          fmt::format("Commission {} each side and the sale tax of the day; slippage as the "
                      "set or the command says.",
                      percent(result.commission, 4))},
         {"run", run_facts(result)},
         {"notes", notes(result)},
         {"excluded", excluded(result)},
         {"code_version", escaped(result.code_version)},
         {"data", page_data(result)}});
}

}  // namespace hsl::analytics
