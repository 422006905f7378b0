// SPDX-License-Identifier: Apache-2.0
#pragma once

// The commands of the program. Each adds itself to the command line; the chosen one runs after the
// whole line was understood and returns the exit status.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/progress.hpp"
#include "command_line.hpp"
#include "configuration/configuration.hpp"
#include "store/bar_store.hpp"
#include "store/market_file.hpp"

namespace hsl::app {

struct Session {
    std::string store_folder;  // --store, HSL_STORE, the configuration, or the default
    configuration::Configuration settings = {};
    std::vector<std::string> sources = {};  // --sources or the configuration: first come first
    std::string at = {};                    // --at: the data version that commands read
    std::string calendar = {};              // text of the file of --calendar or the configuration
    std::vector<std::string> notes = {};    // on the calendar: what a result must say
    bool json = false;
    std::string command_line;  // as typed
    Progress progress;
    std::function<int()> chosen;  // set by the command that was named
    bool stops_itself = false;    // it ends a Ctrl-C where that is safe

    // The store of this session; `create` makes the folder.
    [[nodiscard]] Result<std::unique_ptr<store::BarStore>> open(bool create) const;
    // Prints the error and returns its exit status.
    int failed(const Error& error) const;
};

void add_import(CLI::App& app, Session& session);
void add_collect(CLI::App& app, Session& session);
void add_generate(CLI::App& app, Session& session);
void add_data(CLI::App& app, Session& session);
void add_quarantine(CLI::App& app, Session& session);
void add_listing(CLI::App& app, Session& session);
void add_actions(CLI::App& app, Session& session);
void add_indicators(CLI::App& app, Session& session);
void add_sweep(CLI::App& app, Session& session);
void add_runs(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);

// What understands every file: text, archives, bodies, Parquet.
[[nodiscard]] store::MarketFileParser market_files();
// `hsl import --actions`, as `hsl actions import` calls it.
int import_actions(const Session& session, const std::vector<std::string>& paths);

// "quarantine":[...], the rows as every document shows them.
void write_quarantine(JsonWriter& out, const std::vector<store::QuarantinedRow>& rows);

// A command with an example below its help.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples);
// What runs when `command` was named. One that `stops_itself` is asked to stop on a Ctrl-C; the
// others end there and then.
void on_chosen(CLI::App& command, Session& session, bool stops_itself, std::function<int()> run);

}  // namespace hsl::app
