// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/repeat_run.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    std::string id;
};

void write_head(JsonWriter& out, const store::RunRecord& run) {
    out.member("run_id", run.id)
        .member("made_at", run.made_at)
        .member("command", run.command)
        .member("data_version", run.data_version)
        .member("code_version", run.code_version)
        .member("rules", run.rules)
        .member("summary", run.summary);
}

int list(const Session& session) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto runs = (*store)->runs();
    if (!runs) return session.failed(runs.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object().key("runs").begin_array();
        for (const store::RunRecord& run : *runs) {
            out.begin_object();
            write_head(out, run);
            out.end_object();
        }
        out.end_array().end_object();
        print(out.text() + "\n");
        return 0;
    }
    if (runs->empty()) {
        print("No run yet: hsl sweep strategies/kospi100.toml\n");
        return 0;
    }
    constexpr std::size_t id_columns = 18, made_columns = 22;
    const auto line = [](const std::string& id, const std::string& made, std::string_view result) {
        return pad_right(id, id_columns) + pad_right(made, made_columns) +
               hanging(printable(result), id_columns + made_columns);
    };
    print(bold(line("run", "made (UTC)", "result")));
    for (const store::RunRecord& run : *runs) print(line(run.id, run.made_at, run.summary));
    return 0;
}

int show(const Session& session, const Arguments& arguments) {
    if (arguments.id.empty())
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "say which run: hsl runs show ID (`hsl runs` lists them)"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto run = (*store)->run(arguments.id);
    if (!run) return session.failed(run.error());
    if (session.json) {
        // Records of stores of older formats came without a hash.
        if (!is_json(run->document))
            return session.failed({.code = ErrorCode::corrupt,
                                   .message = fmt::format("the record of run {} is damaged; run "
                                                          "the sweep again: {}",
                                                          run->id, run->command)});
        JsonWriter out;
        out.begin_object();
        write_head(out, *run);
        out.key("result").raw(run->document).end_object();
        print(out.text() + "\n");
        return 0;
    }
    for (const auto& [name, value] :
         {std::pair{"run", run->id}, std::pair{"made (UTC)", run->made_at},
          std::pair{"command", run->command}, std::pair{"data version", run->data_version},
          std::pair{"code version", run->code_version}, std::pair{"rules", run->rules},
          std::pair{"result", run->summary}})
        print(fmt::format("{:<14}{}", name, hanging(printable(value), 14)));
    print("\nAll measures of every set: hsl runs show " + run->id + " --json\n");
    return 0;
}

int repeat(const Session& session, const Arguments& arguments) {
    if (arguments.id.empty())
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = "say which run: hsl runs repeat ID (`hsl runs` lists them)"});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto repeated =
        service::repeat_run(**store, arguments.id, session.calendar, session.progress);
    if (!repeated) return session.failed(repeated.error());
    const store::RunRecord& then = repeated->then;
    const int status = repeated->identical ? 0 : 1;
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("run_id", then.id)
            .member("data_version", then.data_version)
            .member("identical", repeated->identical)
            .member("same_code", repeated->same_code)
            .member("code_then", then.code_version)
            .member("code_now", repeated->now.code_version)
            .key("difference");
        repeated->identical ? out.null() : out.value(repeated->difference);
        out.key("result").raw(analytics::to_json(repeated->now, 0, false)).end_object();
        print(out.text() + "\n");
        return status;
    }
    print(
        fmt::format("run {} of {} on data version {}\n", then.id, then.made_at, then.data_version));
    print(hanging(printable(then.summary), 2));
    print(hanging(fmt::format("{} when it was run again{}.",
                              repeated->identical ? "Identical to the last bit" : "NOT the same",
                              repeated->same_code
                                  ? ""
                                  : fmt::format(", by code {} where it was {}",
                                                repeated->now.code_version, then.code_version)),
                  2));
    if (!repeated->identical) print(hanging(printable(repeated->difference), 2));
    return status;
}

}  // namespace

void add_runs(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(app, "runs", "What was run, on which data, with which result",
                                    "  hsl runs\n"
                                    "  hsl runs show 1a2b3c4d --json > run.json\n"
                                    "  hsl runs repeat 1a2b3c4d\n");
    add_command(*command, "list", "Every run, newest first", "  hsl runs list\n");
    CLI::App* one = add_command(*command, "show", "One run, by its id or the beginning of it",
                                "  hsl runs show 1a2b3c4d\n");
    command->require_subcommand(0, 1);
    CLI::App* again = add_command(
        *command, "repeat", "A run once more on the data that it saw: is the result the same?",
        "  hsl runs repeat 1a2b3c4d\n");
    for (CLI::App* each : {one, again})
        add_word(*each, "ID", "of the run, or the beginning, as `hsl runs` lists it",
                 arguments->id);
    on_chosen(*command, session, true, [&session, arguments, one, again] {
        return one->parsed()     ? show(session, *arguments)
               : again->parsed() ? repeat(session, *arguments)
                                 : list(session);
    });
}

}  // namespace hsl::app
