// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "base/cpu.hpp"
#include "base/json.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "market/calendar.hpp"
#include "service/code_version.hpp"

namespace hsl::app {
namespace {

namespace fs = std::filesystem;

struct Missing {
    std::string what;    // the program or file
    std::string why;     // what it is needed for
    std::string remedy;  // a command
};

bool on_path(const std::string& program) {
    const char* path = std::getenv("PATH");
    for (std::string_view rest = path != nullptr ? path : ""; !rest.empty();) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        if (access((fs::path{rest.substr(0, colon)} / program).c_str(), X_OK) == 0) return true;
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return false;
}

std::vector<Missing> look_for_missing() {
    std::vector<Missing> missing;
    const auto need = [&](const std::string& program, const std::string& package,
                          const std::string& why) {
        if (!on_path(program)) missing.push_back({program, why, "sudo apt-get install " + package});
    };
    need("ccache", "ccache", "faster rebuilds");
    need("clang-format-19", "clang-format-19", "./dev fmt and ./dev lint");
    need("clang-tidy-19", "clang-tidy-19", "./dev lint");
    need("clang++-19", "clang-19 libclang-rt-19-dev", "./dev fuzz");
    return missing;
}

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return trim(line.substr(line.find(':') + 1));
    return "unknown";
}

double gigabytes(double bytes) { return bytes / (1024.0 * 1024.0 * 1024.0); }

// The nearest existing folder above a path: where a store would be made.
fs::path existing(fs::path path) {
    std::error_code failure;
    path = fs::absolute(path, failure);
    while (!path.empty() && !fs::exists(path, failure) && path.has_relative_path())
        path = path.parent_path();
    return path.empty() ? fs::path{"."} : path;
}

int run(const Session& session) {
    const double memory = gigabytes(static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                                    static_cast<double>(sysconf(_SC_PAGE_SIZE)));
    const long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    std::error_code failure;
    const fs::space_info space = fs::space(existing(session.store_folder), failure);
    const double free_disk = failure ? 0 : gigabytes(static_cast<double>(space.available));
    const bool writable = access(existing(session.store_folder).c_str(), W_OK) == 0;
    const CpuTarget active = active_cpu_target();
    const std::vector<Missing> missing = look_for_missing();
    const market::Calendar& calendar = market::Calendar::krx();
    std::string state = "not made yet";
    if (fs::exists(session.store_folder, failure) &&
        !fs::is_directory(session.store_folder, failure)) {
        state = "a file and no folder: --store DIR names another place";
    } else if (fs::exists(session.store_folder, failure)) {
        const auto store = session.open(false);
        const auto symbols = store ? (*store)->symbols() : std::unexpected(store.error());
        const auto versions = store ? (*store)->versions() : std::unexpected(store.error());
        if (symbols && versions)
            state = fmt::format("{}, {}, {}", (*store)->format(),
                                counted(std::ssize(*symbols), "series", "series"),
                                counted(std::ssize(*versions), "version"));
        else if (symbols.error().code != ErrorCode::not_found)
            state = symbols.error().text();
    }

    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("version", service::code_version())
            .member("cpu", cpu_model())
            .member("cores", core_count())
            .member("vectors", name_of(active))
            .member("lanes", lanes_of(active))
            .member("l2_bytes", l2)
            .member("memory_gb", memory)
            .member("store", session.store_folder)
            .member("store_state", state)
            .member("calendar_from", calendar.first())
            .member("calendar_to", calendar.last())
            .list("calendar_notes", session.notes)
            .key("config");
        session.settings.file.empty() ? out.null() : out.value(session.settings.file);
        out.member("disk_free_gb", free_disk)
            .member("writable", writable)
            .key("missing")
            .begin_array();
        for (const Missing& one : missing)
            out.begin_object()
                .member("what", one.what)
                .member("why", one.why)
                .member("remedy", one.remedy)
                .end_object();
        out.end_array().end_object();
        print(out.text() + "\n");
        return 0;
    }
    const auto line = [](std::string_view name, const std::string& value) {
        print(fmt::format("{:<10}{}", name, hanging(printable(value), 10)));
    };
    line("hsl", std::string{service::code_version()});
    line("cpu", fmt::format("{}, {}", cpu_model(), counted(core_count(), "core")));
    std::string others;
    for (const CpuTarget target : available_cpu_targets())
        others += fmt::format("{}{}", others.empty() ? "" : ", ", name_of(target));
    line("vectors", fmt::format("{}, {} doubles at a time (HSL_CPU may be {})", name_of(active),
                                lanes_of(active), others));
    line("memory", fmt::format("{:.1f} GB", memory));
    if (l2 > 0) line("cache", fmt::format("{} kB L2", l2 / 1024));
    line("store", fmt::format("{} ({})", session.store_folder, state));
    line("config", session.settings.file.empty()
                       ? "none (hsl.toml; docs/reference/configuration.md)"
                       : session.settings.file);
    line("calendar", fmt::format("the exchange's sessions from {} to {}", calendar.first().iso(),
                                 calendar.last().iso()));
    for (const std::string& note : session.notes) line("", note);
    line("disk",
         fmt::format("{:.1f} GB free there{}", free_disk, writable ? "" : ", NOT writable"));
    if (missing.empty()) {
        line("missing", "nothing");
        return 0;
    }
    print("missing\n");
    for (const Missing& one : missing)
        print(fmt::format("  {:<18}{}", one.what, hanging(one.why + ": " + one.remedy, 20)));
    print("Nothing of this is needed to import and sweep.\n");
    return 0;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
    CLI::App* command = add_command(
        app, "doctor", "Cores, vector width, memory, disk; what is missing and how to get it",
        "  hsl doctor\n");
    on_chosen(*command, session, false, [&session] { return run(session); });
}

}  // namespace hsl::app
