// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/run_sweep.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    service::SweepRequest request;
    std::vector<std::string> symbols;
    std::string from, to, commission, market, participation, report;
    std::optional<std::size_t> top;
    std::optional<double> slippage_bp;
    std::optional<double> annualisation;
};

std::unexpected<Error> bad(std::string message) {
    return fail(ErrorCode::bad_usage, std::move(message));
}

Result<Date> date_of(std::string_view option, const std::string& text) {
    if (const auto date = parse_date(text)) return *date;
    return bad(fmt::format("{}: '{}' is no date like 2020-01-31", option, text));
}

// "0.015%" or the fraction 0.00015.
Result<double> rate_of(std::string_view option, std::string text) {
    const bool percent = !text.empty() && text.back() == '%';
    if (percent) text.pop_back();
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || !(value >= 0))
        return bad(fmt::format("{}: '{}' is no rate like 0.015% or 0.00015", option, text));
    return percent ? value / 100 : value;
}

Result<void> understand(Arguments& arguments) {
    backtest::SweepOptions& sweep = arguments.request.sweep;
    for (const std::string& list : arguments.symbols) {
        for (std::size_t at = 0; at <= list.size();) {
            const std::size_t comma = std::min(list.find(',', at), list.size());
            if (comma > at) arguments.request.frame.symbols.push_back(list.substr(at, comma - at));
            at = comma + 1;
        }
    }
    if (!arguments.from.empty()) {
        HSL_TRY(sweep.from, date_of("--from", arguments.from));
    }
    if (!arguments.to.empty()) {
        HSL_TRY(sweep.to, date_of("--to", arguments.to));
    }
    if (!arguments.commission.empty()) {
        HSL_TRY(const double rate, rate_of("--commission", arguments.commission));
        if (rate > 0.01)
            return bad(
                fmt::format("--commission: {} is {}: write 0.015% or 0.00015 for the usual "
                            "online rate",
                            arguments.commission, percent(rate)));
        const double units = rate * 1e7;
        if (std::fabs(units - std::round(units)) > 1e-6)
            return bad(fmt::format("--commission: {} is finer than 0.00001 %, the smallest step",
                                   arguments.commission));
        sweep.commission_e7 = static_cast<std::int64_t>(std::round(units));
    }
    if (arguments.participation == "off") {
        sweep.participation = std::numeric_limits<double>::infinity();
    } else if (!arguments.participation.empty()) {
        HSL_TRY(sweep.participation, rate_of("--participation", arguments.participation));
        if (sweep.participation <= 0 || sweep.participation > 1)
            return bad("--participation: a share of the mean traded value in (0, 1], or off");
    }
    if (arguments.slippage_bp) {
        // The same steps and the same limit as the key of a strategy file: what is finer would be
        // rounded in silence, under another run id.
        const double bp = *arguments.slippage_bp;
        if (!(bp >= 0 && bp <= 3000 && std::fabs(bp * 100 - std::round(bp * 100)) < 1e-6))
            return bad(fmt::format(
                "--slippage-bp: {} is no number of basis points from 0 to 3000 with at most two "
                "decimals",
                bp));
        sweep.slippage_bp = bp;
    }
    if (arguments.annualisation && !(*arguments.annualisation > 0))
        return bad("--annualisation: sessions a year, above 0");
    sweep.annualisation = arguments.annualisation;
    if (!arguments.market.empty()) {
        HSL_TRY(sweep.unknown_is, market::parse_market(arguments.market));
    }
    return {};
}

void show(const analytics::SweepResult& result, std::size_t top) {
    print(fmt::format("{} ({}): {} x {} in {}\n", bold(result.strategy_path),
                      counted(result.trials, "set"), counted(result.sessions, "session"),
                      counted(result.symbols, "symbol"), counted(result.segments, "segment")));
    print(fmt::format("{} to {}, first decision {}, data {}, run {}\n\n", result.from.iso(),
                      result.to.iso(), result.s0.iso(), result.data_version, result.run_id));
    Table table({{"#", Align::right},
                 {"strategy", Align::left},
                 {"Sharpe", Align::right},
                 {"CAGR", Align::right},
                 {"max DD", Align::right},
                 {"trades", Align::right},
                 {"win", Align::right},
                 {"expos.", Align::right},
                 {"beat hold", Align::right},
                 {"DSR", Align::right},
                 {"q", Align::right}});
    const auto add = [&](const analytics::LeaderboardRow& row, bool benchmark) {
        const analytics::Measures& m = row.measures;
        table.row({benchmark ? "" : std::to_string(row.rank), row_name(row), fixed(m.sharpe, 2),
                   percent(m.cagr), percent(m.max_drawdown), benchmark ? "" : with_commas(m.trades),
                   benchmark ? "" : percent(m.win_rate, 0),
                   std::isfinite(m.exposure) ? percent(m.exposure, 0) : "-",
                   benchmark ? "" : percent(row.symbols.beat_holding, 0),
                   benchmark ? "" : fixed(row.verdict.dsr, 2),
                   benchmark ? "" : fixed(row.verdict.q_value, 2)});
    };
    const std::size_t shown =
        top == 0 ? result.leaderboard.size() : std::min(top, result.leaderboard.size());
    for (std::size_t i = 0; i < shown; ++i) add(result.leaderboard[i], false);
    table.rule();
    for (const auto& row : result.benchmarks) add(row, true);
    print(table.text());
    if (shown < result.leaderboard.size())
        print(fmt::format("... and {} more sets (--top 0 shows all)\n",
                          result.leaderboard.size() - shown));

    print("\n" + bold("Verdict: " + result.verdict.headline) + "\n");
    for (const std::string& sentence : result.verdict.sentences)
        print(wrapped(sentence, console_columns, 2));
    print("\n" + bold("Read with care") + "\n");
    for (const std::string& note : result.notes) print(wrapped("- " + note, console_columns, 2));
    if (!result.excluded.empty()) {
        std::map<std::string, std::vector<std::string>> by_reason;
        for (const auto& [symbol, reason] : result.excluded) by_reason[reason].push_back(symbol);
        for (const auto& [reason, symbols] : by_reason) {
            std::string list;
            for (std::size_t i = 0; i < std::min<std::size_t>(8, symbols.size()); ++i)
                list += (i ? ", " : "") + symbols[i];
            if (symbols.size() > 8) list += ", ...";
            print(wrapped(fmt::format("- {} left out, {}: {}",
                                      counted(static_cast<std::int64_t>(symbols.size()), "symbol"),
                                      reason, list),
                          console_columns, 2));
        }
    }
    print(dim(fmt::format("\n{:.0f} ms to load, {:.0f} ms to compute, {:.0f} ms for the verdict\n",
                          result.elapsed_ms.load, result.elapsed_ms.compute,
                          result.elapsed_ms.verdict)));
}

void show_fills(const analytics::SweepResult& result) {
    print("\n" + bold("Fills") + "\n");
    std::string out =
        "strategy\tsymbol\tside\tsignal\tdate\tprice\tshares\tcommission\ttax\treason\n";
    for (const analytics::FillRow& fill : result.fills) {
        std::string name = fill.strategy;
        for (const auto& [param, value] : fill.params) name += fmt::format(" {}={}", param, value);
        fmt::format_to(std::back_inserter(out), "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", name,
                       fill.symbol, fill.side, fill.signal_date.iso(), fill.date.iso(), fill.price,
                       fill.shares, fill.commission, fill.tax, fill.reason);
    }
    print(out);
}

// Beside the target first, then renamed: a reader never sees half a report.
Result<void> write_file(const std::string& path, const std::string& text) {
    const std::string unfinished = path + ".part";
    {
        std::ofstream file(unfinished, std::ios::binary);
        file << text;
        file.flush();
        if (!file)
            return fail(ErrorCode::io, fmt::format("--report {}: could not be written: is the "
                                                   "folder there, writable and not full?",
                                                   path));
    }
    std::error_code failure;
    std::filesystem::rename(unfinished, path, failure);
    if (failure)
        return fail(ErrorCode::io, fmt::format("--report {}: {}", path, failure.message()));
    return {};
}

int run(const Session& session, Arguments& arguments) {
    if (const auto understood = understand(arguments); !understood)
        return session.failed(understood.error());
    arguments.request.command = session.command_line;
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto answer = service::run_sweep(**store, arguments.request, session.progress);
    if (!answer) return session.failed(answer.error());
    const analytics::SweepResult* const result = &answer->result;
    if (answer->not_kept)
        warn(fmt::format("hsl: this run is not in `hsl runs`: {}\n", answer->not_kept->text()));
    if (!arguments.report.empty())
        if (const auto written = write_file(arguments.report, analytics::to_html(*result));
            !written)
            return session.failed(written.error());
    if (session.json) {
        print(
            analytics::to_json(*result, arguments.top.value_or(0), arguments.request.sweep.trades));
        print("\n");
        return 0;
    }
    show(*result, arguments.top.value_or(20));
    if (arguments.request.sweep.trades) show_fills(*result);
    if (!arguments.report.empty()) print(fmt::format("Report: {}\n", arguments.report));
    return 0;
}

}  // namespace

void add_sweep(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, session, "sweep", "Run every strategy of a file over every stock and judge the result",
        "  hsl sweep strategies/kospi100.toml --from 2020-01-01 --top 10 --report out.html\n"
        "  hsl sweep strategies/kospi100.toml --symbols 005930,000660 --trades --json > run.json\n"
        "Orders fill at the next open, with commission, sale tax of the day, price limits, halts "
        "and\n"
        "1 % of the mean traded value at most. The verdict says what luck alone would have shown.");
    Arguments& a = *arguments;
    command->add_option("file", a.request.strategy_path, "strategies as TOML")->required();
    command->add_option("--symbols", a.symbols, "only these: A,B,...");
    command->add_option("--from", a.from,
                        "first session (the later of the first bar and 2015-06-15)");
    command->add_option("--to", a.to, "last session (the last bar)");
    command->add_option("--top", a.top, "rows of the leaderboard; 0 = all (20; with --json all)");
    command->add_option("--threads", a.request.sweep.threads, "threads (every core)");
    command->add_flag("--trades", a.request.sweep.trades, "every fill of every set");
    command->add_option("--report", a.report, "write a self-contained HTML report");
    command->add_option("--commission", a.commission, "each side: 0.015% or 0.00015 (the default)");
    command->add_option("--slippage-bp", a.slippage_bp,
                        "basis points where the strategy names none (0)");
    command->add_option("--participation", a.participation,
                        "share of the mean traded value an entry may take, or off (0.01)");
    command->add_option("--market", a.market, "market of symbols whose market is unknown (KOSPI)");
    command->add_option("--annualisation", a.annualisation, "sessions a year (from the window)");
    command->add_flag("--allow-breaks", a.request.frame.allow_breaks,
                      "join series over unexplained jumps and long halts");
    command->add_flag("--all", a.request.frame.all, "preferred shares too");
    command->callback([&session, arguments] {
        session.chosen = [&session, arguments] { return run(session, *arguments); };
    });
}

}  // namespace hsl::app
