// SPDX-License-Identifier: Apache-2.0
#pragma once

// The commands of the program. Each adds itself to the command line; the chosen one runs after the
// whole line was understood and returns the exit status.

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::app {

struct Session {
    std::string store_folder;  // --store, HSL_STORE, or the default
    bool json = false;
    std::string command_line;  // as typed
    Progress progress;
    std::function<int()> chosen;  // set by the command that was named

    // The store of this session; `create` makes the folder.
    [[nodiscard]] Result<std::unique_ptr<store::BarStore>> open(bool create) const;
    // Prints the error and returns its exit status.
    int failed(const Error& error) const;
};

void add_import(CLI::App& app, Session& session);
void add_generate(CLI::App& app, Session& session);
void add_data(CLI::App& app, Session& session);
void add_indicators(CLI::App& app, Session& session);
void add_sweep(CLI::App& app, Session& session);
void add_runs(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);

// `--json` and an example below the help of a command.
CLI::App* add_command(CLI::App& app, Session& session, const std::string& name,
                      const std::string& description, const std::string& examples);

}  // namespace hsl::app
