// SPDX-License-Identifier: Apache-2.0

// The one program: reads the command line, builds the parts, joins them. No rules live here.

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stop_token>
#include <thread>

#include <csignal>
#include <fmt/format.h>
#include <unistd.h>

#include "adapters/parquet/parquet_store.hpp"
#include "base/cpu.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/code_version.hpp"

namespace hsl::app {
namespace {

std::string default_store() {
    if (const char* folder = std::getenv("HSL_STORE"); folder != nullptr && *folder != '\0')
        return folder;
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
        return (std::filesystem::path{data} / "hsl").string();
    const char* home = std::getenv("HOME");
    return (std::filesystem::path{home != nullptr ? home : "."} / ".local/share/hsl").string();
}

std::string typed(int argc, char** argv) {
    std::string line = "hsl";
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const bool plain =
            !word.empty() && word.find_first_of(" \t\"'$`\\*?()<>|;&") == std::string::npos;
        line += plain ? " " + word : " '" + word + "'";
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
    std::thread{[signals, source = std::move(source)]() mutable {
        for (bool asked = false;; asked = true) {
            int signal = 0;
            if (sigwait(&signals, &signal) != 0) return;
            if (asked || !source.request_stop()) _exit(128 + signal);
        }
    }}.detach();
}

int run(int argc, char** argv) {
    Session session;
    session.store_folder = default_store();
    session.command_line = typed(argc, argv);
    for (int i = 1; i < argc; ++i)
        if (std::string_view{argv[i]} == "--json") session.json = true;

    if (const char* cpu = std::getenv("HSL_CPU"); cpu != nullptr && *cpu != '\0') {
        const auto target = parse_cpu_target(cpu);
        if (!target) return session.failed(target.error());
        if (const auto set = set_cpu_target(*target); !set) return session.failed(set.error());
    }

    std::stop_source stop;
    ProgressBar bar;
    session.progress.stop = stop.get_token();
    session.progress.report = [&bar](std::string_view what, std::size_t done, std::size_t total) {
        bar.update(what, done, total);
    };

    CLI::App app{
        "HSL: research on the Korean stock market. Prices in, a judged ranking of "
        "strategies out.",
        "hsl"};
    app.set_version_flag("--version", std::string{service::code_version()});
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(
        "A first hour:\n"
        "  hsl import ~/prices                      price files in any order and language\n"
        "  hsl data                                 what the store holds, what was refused and "
        "why\n"
        "  hsl sweep strategies/kospi100.toml       a hundred strategies, every stock, one "
        "verdict\n"
        "  hsl sweep strategies/kospi100.toml --report out.html\n"
        "  hsl COMMAND --help                       each with an example\n");
    app.add_option("--store", session.store_folder,
                   "folder of the store (also HSL_STORE; default ~/.local/share/hsl)");
    add_import(app, session);
    add_generate(app, session);
    add_data(app, session);
    add_indicators(app, session);
    add_sweep(app, session);
    add_runs(app, session);
    add_doctor(app, session);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        if (problem.get_exit_code() == 0) return app.exit(problem);  // --help, --version
        if (argc == 1) {
            print(app.help());
            return exit_status(ErrorCode::bad_usage);
        }
        std::string words = problem.what();
        // "The following argument was not expected: X": name the command whose help explains.
        const auto used = app.get_subcommands();
        words +=
            fmt::format("\nTry: hsl {}--help", used.empty() ? "" : used.front()->get_name() + " ");
        return session.failed({.code = ErrorCode::bad_usage, .message = words});
    }
    watch_signals(stop);
    const int status = session.chosen();
    bar.clear();
    return status;
}

}  // namespace

Result<std::unique_ptr<store::BarStore>> Session::open(bool create) const {
    return adapters::open_parquet_store(store_folder, create);
}

int Session::failed(const Error& error) const {
    print_error(error, json);
    return exit_status(error.code);
}

CLI::App* add_command(CLI::App& app, Session& session, const std::string& name,
                      const std::string& description, const std::string& examples) {
    CLI::App* command = app.add_subcommand(name, description);
    command->fallthrough();
    command->footer("Example:\n" + examples);
    command->add_flag("--json", session.json, "one JSON document on stdout");
    return command;
}

}  // namespace hsl::app

int main(int argc, char** argv) {
    try {
        return hsl::app::run(argc, argv);
    } catch (const std::exception& problem) {
        const hsl::Error error{.code = hsl::ErrorCode::internal,
                               .message = fmt::format("unexpected: {}", problem.what())};
        bool json = false;
        for (int i = 1; i < argc; ++i) json = json || std::string_view{argv[i]} == "--json";
        hsl::app::print_error(error, json);
        return hsl::exit_status(error.code);
    }
}
