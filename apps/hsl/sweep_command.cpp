// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "market/session_slots.hpp"
#include "service/run_sweep.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    service::SweepRequest request;
    std::vector<std::string> symbols;
    std::string commission, market, participation, report;
    bool subscribe = false;
    std::optional<std::size_t> top;
    std::optional<double> slippage_bp;
    std::optional<std::size_t> slippage_ticks;
    std::optional<double> annualisation;
};

std::unexpected<Error> bad(std::string message) {
    return fail(ErrorCode::bad_usage, std::move(message));
}

Result<double> rate_of(std::string_view option, const std::string& text) {
    auto rate = parse_rate(text);
    if (!rate) return std::unexpected(std::move(rate).error().within(option));
    return *rate;
}

// What can be said of the report's place before the work is done.
Result<void> check_report(const Arguments& arguments) {
    namespace fs = std::filesystem;
    if (arguments.report.empty()) return {};
    const fs::path path{arguments.report};
    std::error_code failure;
    if (arguments.report == "-")
        return bad("--report: - is no file: name one, or write to /dev/stdout");
    if (fs::is_directory(path, failure))
        return bad(fmt::format("--report {}: it is a folder: name a file in it", arguments.report));
    if (fs::equivalent(path, arguments.request.strategy_path, failure))
        return bad(
            fmt::format("--report {}: the report would replace the strategies", arguments.report));
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path{"."};
    if (!fs::is_directory(folder, failure))
        return fail(ErrorCode::io, fmt::format("--report {}: there is no folder {}",
                                               arguments.report, folder.string()));
    const bool exists = fs::exists(path, failure);
    if (::access(exists && !fs::is_regular_file(path, failure) ? path.c_str() : folder.c_str(),
                 W_OK) != 0)
        return fail(ErrorCode::io, fmt::format("--report {}: {}", arguments.report,
                                               std::generic_category().message(errno)));
    return {};
}

Result<void> understand(Arguments& arguments) {
    backtest::SweepOptions& sweep = arguments.request.sweep;
    if (arguments.request.strategy_path.empty())
        return bad("say which strategies: hsl sweep strategies/kospi100.toml");
    for (const std::string& symbol : arguments.symbols)
        arguments.request.frame.symbols.push_back(symbol_of(symbol));
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
    if (lower(arguments.participation) == "off") {
        sweep.participation = std::numeric_limits<double>::infinity();
    } else if (!arguments.participation.empty()) {
        HSL_TRY(sweep.participation, rate_of("--participation", arguments.participation));
        if (sweep.participation <= 0 || sweep.participation > 1)
            return bad(
                fmt::format("--participation: {} is no share of the mean traded value "
                            "above 0 and up to 1 (100%), or off",
                            arguments.participation));
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
    if (arguments.slippage_ticks) {
        if (arguments.slippage_bp)
            return bad("--slippage-ticks and --slippage-bp: give one of them");
        sweep.slippage_ticks = static_cast<int>(*arguments.slippage_ticks);
    }
    if (arguments.subscribe) sweep.rights = portfolio::Rights::subscribe;
    if (arguments.annualisation &&
        !(*arguments.annualisation >= 1 && *arguments.annualisation <= 366))
        return bad(fmt::format("--annualisation: {} is no number of sessions a year, 1 to 366",
                               *arguments.annualisation));
    sweep.annualisation = arguments.annualisation;
    if (!arguments.market.empty()) {
        HSL_TRY(sweep.unknown_is, parse_share_market("--market", arguments.market));
    }
    return check_report(arguments);
}

void show(const analytics::SweepResult& result, std::size_t top) {
    print(bold(hanging(printable(fmt::format("{} ({}): {} x {} in {}", result.strategy_path,
                                             counted(result.trials, "set"), sessions_text(result),
                                             counted(result.symbols, "symbol"),
                                             counted(result.segments, "segment"))),
                       2)));
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
        print(wrapped(sentence, console_columns(), 2));
    print("\n" + bold("Read with care") + "\n");
    for (const std::string& note : result.notes) print("  - " + hanging(note, 4));
    for (const std::string& sentence : in_words(result.universe))
        print("  - " + hanging(printable(sentence), 4));
    if (!result.excluded.empty()) {
        std::map<std::string, std::vector<std::string>> by_reason;
        for (const auto& [symbol, reason] : result.excluded) by_reason[reason].push_back(symbol);
        for (const auto& [reason, symbols] : by_reason) {
            std::string list;
            for (std::size_t i = 0; i < std::min<std::size_t>(8, symbols.size()); ++i)
                list += (i ? ", " : "") + symbols[i];
            if (symbols.size() > 8) list += ", ...";
            print("  - " +
                  hanging(fmt::format("{} left out ({}): {}",
                                      counted(static_cast<std::int64_t>(symbols.size()), "symbol"),
                                      reason, list),
                          4));
        }
    }
    print(dim(fmt::format("\n{:.0f} ms to load, {:.0f} ms to compute, {:.0f} ms for the verdict\n",
                          result.elapsed_ms.load, result.elapsed_ms.compute,
                          result.elapsed_ms.verdict)));
}

void show_fills(const analytics::SweepResult& result) {
    print("\n" + bold("Fills") + "\n");
    const auto moment = [&](Date date, int minute) {
        return result.bar_minutes == 0 ? date.iso() : date.iso() + ' ' + market::time_text(minute);
    };
    std::string out =
        "strategy\tsymbol\tside\tsignal\tdate\tprice\tshares\tcommission\ttax\treason\n";
    for (const analytics::FillRow& fill : result.fills) {
        std::string name = fill.strategy;
        for (const auto& [param, value] : fill.params) name += fmt::format(" {}={}", param, value);
        fmt::format_to(std::back_inserter(out), "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", name,
                       fill.symbol, fill.side, moment(fill.signal_date, fill.signal_minute),
                       moment(fill.date, fill.minute), fill.price, fill.shares, fill.commission,
                       fill.tax, fill.reason);
    }
    print(out);
}

// Written beside its place, then moved there: a reader never sees half a report. What is no plain
// file, a pipe say, is written as it stands.
Result<void> write_report(const std::string& path, const std::string& text) {
    namespace fs = std::filesystem;
    std::error_code unknown;
    const bool in_place = fs::exists(path, unknown) && !fs::is_regular_file(path, unknown);
    // A link stays one.
    const fs::path target =
        fs::is_symlink(path, unknown) ? fs::weakly_canonical(path, unknown) : fs::path{path};
    const fs::path draft = in_place
                               ? fs::path{path}
                               : fs::path{fmt::format("{}.{}.part", target.string(), ::getpid())};
    const auto failed = [&](int error_number) {
        if (!in_place) fs::remove(draft, unknown);
        return fail(ErrorCode::io, fmt::format("--report {}: {}", path,
                                               std::generic_category().message(error_number)));
    };
    std::FILE* file = std::fopen(draft.c_str(), "wb");
    if (file == nullptr) return failed(errno);
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const int write_error = errno;
    const bool closed = std::fclose(file) == 0;
    if (!written || !closed) return failed(written ? errno : write_error);
    if (!in_place && std::rename(draft.c_str(), target.c_str()) != 0) return failed(errno);
    return {};
}

int run(const Session& session, Arguments& arguments) {
    if (const auto understood = understand(arguments); !understood)
        return session.failed(understood.error());
    arguments.request.command = session.command_line;
    arguments.request.sources = session.sources;
    arguments.request.at = session.at;
    arguments.request.calendar = session.calendar;
    arguments.request.notes = session.notes;
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto answer = service::run_sweep(**store, arguments.request, session.progress);
    if (!answer) return session.failed(answer.error());
    const analytics::SweepResult& result = answer->result;
    if (answer->not_kept)
        warn(fmt::format("hsl: this run is not in `hsl runs`: {}\n",
                         printable(answer->not_kept->text(), "\n")));
    Result<void> reported;
    if (!arguments.report.empty())
        reported = write_report(arguments.report, analytics::to_html(result));
    if (session.json) {
        if (!reported) return session.failed(reported.error());
        print(
            analytics::to_json(result, arguments.top.value_or(0), arguments.request.sweep.trades));
        print("\n");
        return 0;
    }
    // The result took its time: it is shown even where the report could not be written.
    show(result, arguments.top.value_or(20));
    if (arguments.request.sweep.trades) show_fills(result);
    if (!reported) return session.failed(reported.error());
    if (!arguments.report.empty()) print(hanging("Report: " + printable(arguments.report), 2));
    return 0;
}

}  // namespace

void add_sweep(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "sweep", "Run every strategy of a file over every stock and judge the result",
        "  hsl sweep strategies/kospi100.toml --from 2020-01-01 --top 10 --report out.html\n"
        "  hsl sweep strategies/kospi100.toml --symbols 005930,000660 --trades --json > "
        "run.json\n"
        "  hsl sweep strategies/kospi100.toml --at 5083ed6d   # the data that an earlier run "
        "saw\n"
        "  hsl sweep strategies/kospi100.toml --minutes 5     # on bars of five minutes\n\n"
        "Orders fill at the next open, with commission, sale tax of the day, price limits, halts "
        "and\n"
        "1 % of the mean traded value at most. The verdict says what luck alone would have "
        "shown.\n");
    Arguments& a = *arguments;
    backtest::SweepOptions& sweep = a.request.sweep;
    add_word(*command, "FILE", "strategies as TOML; docs/reference/strategy-language.md",
             a.request.strategy_path);
    const auto group = [&](const char* title) { command->option_defaults()->group(title); };
    group("What is looked at");
    add_list(*command, "--symbols", "A,B,...", "only these", "all", a.symbols);
    add_text(
        *command, "--universe", "WORDS",
        "all, listed(\"KOSPI\", 2020-01-02), index(\"KOSPI200\"), sector(\"은행\"), joined by +",
        "common shares", a.request.universe);
    add_date(*command, "--from", "first session", "2015-06-15, or the first bar if that is later",
             sweep.from);
    add_date(*command, "--to", "last session", "the last bar", sweep.to);
    add_date(*command, "--as-of", "listings and corporate actions as they were known on that day",
             "today", a.request.frame.as_of);
    add_flag(*command, "--all", "preferred shares too", a.request.frame.all);
    add_flag(*command, "--allow-breaks", "join series over unexplained jumps and long halts",
             a.request.frame.allow_breaks);
    add_count(*command, "--minutes", "N", "bars of N minutes; the store needs minute bars", "days",
              1, market::bar_minutes_max, a.request.frame.minutes);
    group("How it trades");
    add_text(*command, "--commission", "RATE", "each side, such as 0.015% or 0.00015", "0.015%",
             a.commission);
    add_decimal(*command, "--slippage-bp", "N",
                "basis points, for strategies that do not say themselves", "0", a.slippage_bp);
    add_value(*command, "--slippage-ticks", "N", "ticks instead of points; raw prices only", "0",
              [&a](const std::string& text) -> Result<void> {
                  HSL_TRY(a.slippage_ticks, detail::parse_count(text, 0, 100));
                  return {};
              });
    add_flag(*command, "--subscribe",
             "take up rights issues with the cash there is, instead of selling the rights",
             a.subscribe);
    add_text(*command, "--participation", "SHARE",
             "of the mean traded value that an entry may take; off: all of it, which is optimistic",
             "0.01", a.participation);
    add_text(*command, "--market", "NAME",
             "of symbols whose market is unknown: KOSPI, KOSDAQ, KONEX", "KOSPI", a.market);
    group("What comes out");
    add_value(*command, "--top", "N", "rows of the leaderboard; 0 = all", "20; all with --json",
              [&a](const std::string& text) -> Result<void> {
                  HSL_TRY(a.top, detail::parse_count(text, 0, 1'000'000'000));
                  return {};
              });
    add_flag(*command, "--trades", "every fill of every set", sweep.trades);
    add_path(*command, "--report", "FILE", "write the result as one HTML page", "", a.report);
    add_decimal(*command, "--annualisation", "N", "sessions a year", "as in the window",
                a.annualisation);
    add_threads(*command, sweep.threads);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
