// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/generate_bars.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    market::SyntheticOptions market;
    std::string from;
};

int run(const Session& session, Arguments& arguments) {
    if (!arguments.from.empty()) {
        const auto from = parse_date(arguments.from);
        if (!from)
            return session.failed({.code = ErrorCode::bad_usage,
                                   .message = fmt::format("--from: '{}' is no date like 2019-01-02",
                                                          arguments.from)});
        arguments.market.from = *from;
    }
    auto store = session.open(true);
    if (!store) return session.failed(store.error());
    const auto report =
        service::generate_bars(**store, arguments.market, session.command_line, session.progress);
    if (!report) return session.failed(report.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("version", report->version)
            .member("changed", report->changed)
            .member("symbols", report->symbols)
            .member("rows", report->rows)
            .member("from", report->from)
            .member("to", report->to)
            .end_object();
        print(out.text() + "\n");
        return 0;
    }
    print(fmt::format("A market that never was: {}, {}, {} to {}. Data version {}{}.\n",
                      counted(report->symbols, "symbol"), counted(report->rows, "bar"),
                      report->from.iso(), report->to.iso(), report->version,
                      report->changed ? "" : ", unchanged"));
    return 0;
}

}  // namespace

void add_generate(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, session, "generate", "Make a synthetic market in a store of its own",
        "  hsl --store /tmp/market generate --symbols 800 --days 1250 --seed 42\n"
        "Ticks, limits, halts, listings and delistings as in Seoul; nothing in it can be\n"
        "predicted. Same seed, same bytes. A store with real prices is refused.");
    command->add_option("--symbols", arguments->market.symbols, "listed companies (800)");
    command->add_option("--days", arguments->market.sessions, "sessions (1250)");
    command->add_option("--seed", arguments->market.seed, "seed (42)");
    command->add_option("--from", arguments->from, "first session (2019-01-02)");
    command->add_option("--threads", arguments->market.threads, "threads (every core)");
    command->callback([&session, arguments] {
        session.chosen = [&session, arguments] { return run(session, *arguments); };
    });
}

}  // namespace hsl::app
