// SPDX-License-Identifier: Apache-2.0

// The one program: reads the command line, builds the parts, joins them. No rules live here.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <stop_token>
#include <system_error>
#include <thread>

#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/parquet/parquet_store.hpp"
#include "adapters/parquet/table_file.hpp"
#include "base/cpu.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "configuration/configuration.hpp"
#include "console.hpp"
#include "market/calendar.hpp"
#include "service/code_version.hpp"

namespace hsl::app {
namespace {

// What no --store says: HSL_STORE, the configuration, the user's data folder.
std::string default_store(const configuration::Configuration& settings) {
    if (const char* folder = std::getenv("HSL_STORE"); folder != nullptr && *folder != '\0')
        return expand_home(folder);
    if (const auto folder = settings.text("store")) return expand_home(*folder);
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
        return (std::filesystem::path{data} / "hsl").string();
    const std::string home = home_folder();
    return home.empty() ? "" : home + "/.local/share/hsl";
}

// The line as a shell would take it again.
std::string typed(const std::vector<std::string>& words) {
    std::string line = "hsl";
    for (const std::string& word : words) {
        const bool plain = !word.empty() &&
                           word.find_first_of(" \t\n\"'$`\\*?()<>|;&#![]{}~") == std::string::npos;
        line += ' ';
        if (plain) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) line += c == '\'' ? std::string{"'\\''"} : std::string{c};
        line += '\'';
    }
    return line;
}

// The first Ctrl-C (or SIGTERM) asks the work to stop where that is safe; the second ends the
// process, which is safe too: a version is written whole or not at all.
void watch_signals(std::stop_source source) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const auto watch = [signals, source = std::move(source)]() mutable {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0) return;
        source.request_stop();
        // Most work stops within a moment; what does not gets a word of comfort.
        constexpr timespec moment{.tv_sec = 1, .tv_nsec = 0};
        signal = sigtimedwait(&signals, nullptr, &moment);
        if (signal < 0) {
            if (isatty(STDERR_FILENO) == 1)
                std::fputs("\nhsl: stopping at the next safe point; Ctrl-C once more ends it now\n",
                           stderr);
            if (sigwait(&signals, &signal) != 0) return;
        }
        _exit(128 + signal);
    };
    try {
        std::thread{watch}.detach();
    } catch (const std::system_error&) {
        // No thread is to be had: a Ctrl-C ends the process there and then.
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    }
}

// Days that were announced after this program was made, and a word where its calendar ends soon.
Result<void> read_calendar(const std::string& file, Session& session) {
    if (!file.empty()) {
        std::ifstream in{file, std::ios::binary};
        std::error_code failure;
        if (!in || std::filesystem::is_directory(file, failure))
            return std::unexpected(
                Error{.code = ErrorCode::not_found,
                      .message = "no such file; --calendar or `calendar` of hsl.toml names it",
                      .file = file});
        session.calendar.assign(std::istreambuf_iterator<char>{in}, {});
        HSL_TRY(const std::size_t changed, market::Calendar::override_krx(session.calendar, file));
        session.notes.push_back(fmt::format("Calendar: {} changed by {}.",
                                            counted(static_cast<std::int64_t>(changed), "day"),
                                            printable(file)));
    }
    if (auto warning = market::calendar_warning(market::Calendar::krx(), today_in_seoul())) {
        warn("hsl: " + *warning + "\n");
        session.notes.push_back(std::move(*warning));
    }
    return {};
}

// With --json, help and version are documents too.
int answer(const Session& session, std::string_view name, const std::string& text) {
    if (session.json) {
        JsonWriter out;
        out.begin_object().member(name, text).end_object();
        print(out.text() + "\n");
    } else {
        print(text);
        if (!text.ends_with('\n')) print("\n");
    }
    return 0;
}

int run(const std::vector<std::string>& words) {
    Session session;
    session.command_line = typed(words);
    session.json = has_option(words, "--json");

    CLI::App app{
        "HSL: research on the Korean stock market. Prices in, a judged ranking of strategies out.",
        "hsl"};
    const std::string version{service::code_version()};
    app.set_version_flag("--version", version, "which hsl this is");
    app.require_subcommand(0, 1);
    app.allow_extras();
    app.footer(
        "A first hour:\n"
        "  hsl import ~/prices                      price files in any order and language\n"
        "  hsl data                                 what the store holds, what was refused and "
        "why\n"
        "  hsl sweep strategies/kospi100.toml       a hundred strategies, every stock, one "
        "verdict\n"
        "  hsl sweep strategies/kospi100.toml --report out.html\n"
        "  hsl COMMAND --help                       each with an example\n");
    std::string config;
    add_path(app, "--store", "DIR", "folder of the store", "HSL_STORE, or ~/.local/share/hsl",
             session.store_folder);
    add_path(app, "--config", "FILE", "settings",
             "HSL_CONFIG, or hsl.toml here or in ~/.config/hsl", config);
    std::string calendar;
    add_path(app, "--calendar", "FILE", "days announced later: lines of date,open|closed,why",
             "calendar of hsl.toml", calendar);
    add_text(app, "--at", "VERSION",
             "the data version to read: its number or the beginning of its name",
             "the one checked out", session.at);
    add_list(app, "--sources", "A,B,...", "which source is read first where several have a symbol",
             "data.sources of hsl.toml", session.sources);
    add_flag(app, "--json", "one JSON document on stdout, errors too", session.json);
    add_import(app, session);
    add_collect(app, session);
    add_generate(app, session);
    add_data(app, session);
    add_quarantine(app, session);
    add_listing(app, session);
    add_actions(app, session);
    add_indicators(app, session);
    add_sweep(app, session);
    add_runs(app, session);
    add_doctor(app, session);
    lay_out_help(app);

    if (words.empty()) {
        print(app.help());
        return exit_status(ErrorCode::bad_usage);
    }
    const auto wanted = read_command_line(app, words);
    if (!wanted) return session.failed(wanted.error());
    if (*wanted == Wanted::help) return answer(session, "help", app.help());
    if (*wanted == Wanted::version) return answer(session, "version", version);

    if (const char* cpu = std::getenv("HSL_CPU"); cpu != nullptr && *cpu != '\0') {
        const auto target = parse_cpu_target(cpu);
        if (!target) return session.failed(target.error());
        if (const auto set = set_cpu_target(*target); !set) return session.failed(set.error());
    }
    auto settings = configuration::read(config, home_folder());
    if (!settings) return session.failed(settings.error());
    session.settings = std::move(*settings);
    if (session.store_folder.empty()) session.store_folder = default_store(session.settings);
    if (session.sources.empty()) session.sources = session.settings.list("data.sources");
    if (calendar.empty()) calendar = expand_home(session.settings.text("calendar").value_or(""));
    if (const auto read = read_calendar(calendar, session); !read)
        return session.failed(read.error());
    std::stop_source stop;
    ProgressBar bar;
    session.progress.stop = stop.get_token();
    session.progress.report = [&bar](std::string_view what, std::size_t done, std::size_t total) {
        bar.update(what, done, total);
    };
    if (session.stops_itself) watch_signals(stop);
    return session.chosen();
}

}  // namespace

Result<std::unique_ptr<store::BarStore>> Session::open(bool create) const {
    if (store_folder.empty())
        return fail(ErrorCode::bad_usage,
                    "there is no home folder to keep a store in: say where, --store DIR");
    return adapters::open_parquet_store(store_folder, create);
}

store::MarketFileParser market_files() {
    return adapters::market_file_parser(adapters::read_parquet_table);
}

int Session::failed(const Error& error) const {
    print_error(error, json);
    return exit_status(error.code);
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples) {
    CLI::App* command = app.add_subcommand(name, description);
    command->fallthrough();
    command->allow_extras();
    command->footer("Example:\n" + examples);
    return command;
}

void on_chosen(CLI::App& command, Session& session, bool stops_itself, std::function<int()> run) {
    command.callback([&session, stops_itself, run = std::move(run)] {
        session.stops_itself = stops_itself;
        session.chosen = run;
    });
}

}  // namespace hsl::app

int main(int argc, char** argv) {
    hsl::app::guard_descriptors();
    // A write beyond `ulimit -f` then fails with EFBIG, like one on a full disk.
    std::signal(SIGXFSZ, SIG_IGN);
    const std::vector<std::string> words(argv + 1, argv + std::max(argc, 1));
    const auto failed = [&](hsl::ErrorCode code, std::string message) {
        const hsl::Error error{.code = code, .message = std::move(message)};
        hsl::app::print_error(error, hsl::app::has_option(words, "--json"));
        return hsl::exit_status(error.code);
    };
    int status = 0;
    try {
        status = hsl::app::run(words);
    } catch (const std::bad_alloc&) {
        status = failed(hsl::ErrorCode::io, "there is not enough memory for this");
    } catch (const std::system_error& problem) {
        status = failed(hsl::ErrorCode::io, fmt::format("the system refused: {}", problem.what()));
    } catch (const std::exception& problem) {
        status = failed(hsl::ErrorCode::internal, fmt::format("unexpected: {}", problem.what()));
    }
    return hsl::app::finish_output(status);
}
