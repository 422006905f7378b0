// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <optional>

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
    std::optional<Date> from;
};

int run(const Session& session, Arguments& arguments) {
    if (arguments.from) arguments.market.from = *arguments.from;
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
    print(fmt::format("A market that never was: {}, {}, {} to {}.\nData version {}{}.\n",
                      counted(report->symbols, "symbol"), counted(report->rows, "bar"),
                      report->from.iso(), report->to.iso(), report->version,
                      report->changed ? "" : ", unchanged"));
    return 0;
}

}  // namespace

void add_generate(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        add_command(app, "generate", "Make a synthetic market in a store of its own",
                    "  hsl --store /tmp/market generate --symbols 800 --days 1250 --seed 42\n\n"
                    "Ticks, limits, halts, listings and delistings as in Seoul; nothing in it can "
                    "be predicted.\n"
                    "Same seed, same bytes. A store with real prices is refused.\n");
    market::SyntheticOptions& market = arguments->market;
    constexpr auto int_max = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    add_count(*command, "--symbols", "N", "listed companies", "800", 1, 100'000, market.symbols);
    add_count(*command, "--days", "N", "sessions", "1250", 2, int_max, market.sessions);
    add_count(*command, "--seed", "N", "which market", "42", 0,
              std::numeric_limits<std::uint64_t>::max(), market.seed);
    add_date(*command, "--from", "first session", "2019-01-02", arguments->from);
    add_threads(*command, market.threads);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
