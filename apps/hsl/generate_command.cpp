// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/generate_bars.hpp"
#include "service/generate_files.hpp"

namespace hsl::app {
namespace {

struct Arguments {
    market::SyntheticOptions market;
    std::optional<Date> from;
    std::vector<std::string> plants;
    std::string files;
};

// "signal=0.1": a plant and how strong it is.
struct PlantWord {
    std::string name;
    std::optional<double> strength;
};
Result<PlantWord> parse_plant(const std::string& text) {
    const std::size_t equals = text.find('=');
    PlantWord wanted{.name = text.substr(0, equals)};
    if (equals == std::string::npos) return wanted;
    const std::string number = text.substr(equals + 1);
    char* end = nullptr;
    wanted.strength = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !std::isfinite(*wanted.strength))
        return fail(ErrorCode::bad_usage,
                    fmt::format("--plant {}: '{}' is no number", wanted.name, number));
    return wanted;
}

// Sets what the words ask for; `bad_rows` is for files alone.
Result<void> set_plants(const std::vector<std::string>& words, market::Plants& plants,
                        bool& bad_rows) {
    for (const std::string& word : words) {
        HSL_TRY(const PlantWord wanted, parse_plant(word));
        const std::string& name = wanted.name;
        const bool has_strength = name == "signal" || name == "drift" || name == "lead-lag";
        const bool has_none = name == "split" || name == "regime" || name == "bad-rows";
        if (!has_strength && !has_none)
            return fail(
                ErrorCode::bad_usage,
                fmt::format("--plant knows signal=S, drift=D, lead-lag=L, split, regime and "
                            "bad-rows, not '{}'",
                            printable(name)));
        if (has_strength != wanted.strength.has_value())
            return fail(ErrorCode::bad_usage,
                        has_strength ? fmt::format("--plant {0} wants its strength: {0}=0.1", name)
                                     : fmt::format("--plant {} takes no number", name));
        if (name == "signal") plants.signal = *wanted.strength;
        if (name == "drift") plants.drift = *wanted.strength;
        if (name == "lead-lag") plants.lead_lag = *wanted.strength;
        plants.split = plants.split || name == "split";
        plants.regime = plants.regime || name == "regime";
        bad_rows = bad_rows || name == "bad-rows";
    }
    return {};
}

int write_files(const Session& session, const Arguments& arguments, bool bad_rows) {
    const auto report =
        service::generate_files(arguments.files, arguments.market, bad_rows, session.progress);
    if (!report) return session.failed(report.error());
    if (session.json) {
        JsonWriter out;
        out.begin_object()
            .member("files", report->files)
            .member("symbols", report->symbols)
            .member("rows", report->rows)
            .key("bad_rows")
            .begin_array();
        for (const service::BadRow& row : report->bad_rows)
            out.begin_object()
                .member("file", row.file)
                .member("line", row.line)
                .member("kind", row.kind)
                .end_object();
        out.end_array().end_object();
        print(out.text() + "\n");
        return 0;
    }
    print(fmt::format("A market that never was, as files in {}: {} of {}, with listings.csv{}.\n",
                      printable(arguments.files), counted(report->rows, "bar"),
                      counted(report->symbols, "symbol"),
                      arguments.market.plants.split ? " and actions.csv" : ""));
    if (!report->bad_rows.empty())
        print(fmt::format("{} in {}, told in bad-rows.list.\n",
                          counted(static_cast<std::int64_t>(report->bad_rows.size()), "bad row"),
                          report->bad_rows.front().file));
    return 0;
}

int run(const Session& session, Arguments& arguments) {
    if (arguments.from) arguments.market.from = *arguments.from;
    bool bad_rows = false;
    if (const auto set = set_plants(arguments.plants, arguments.market.plants, bad_rows); !set)
        return session.failed(set.error());
    if (!arguments.files.empty() && arguments.market.minutes)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "--minutes makes bars in a store, --files writes days"});
    if (!arguments.files.empty()) return write_files(session, arguments, bad_rows);
    if (bad_rows)
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "no store takes bad rows: --files DIR --plant bad-rows"});
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
            .member("minute_rows", report->minute_rows)
            .member("splits", report->splits)
            .member("from", report->from)
            .member("to", report->to)
            .end_object();
        print(out.text() + "\n");
        return 0;
    }
    print(fmt::format(
        "A market that never was: {}, {}{}, {} to {}{}.\nData version {}{}.\n",
        counted(report->symbols, "symbol"), counted(report->rows, "bar"),
        report->minute_rows > 0 ? " and " + counted(report->minute_rows, "minute bar") : "",
        report->from.iso(), report->to.iso(),
        report->splits > 0 ? ", " + counted(report->splits, "split") : "", report->version,
        report->changed ? "" : ", unchanged"));
    return 0;
}

}  // namespace

void add_generate(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "generate", "Make a synthetic market in a store of its own",
        "  hsl --store /tmp/market generate --symbols 800 --days 1250 --seed 42\n\n"
        "  hsl --store /tmp/market generate --plant signal=0.2,split\n"
        "  hsl --store /tmp/market generate --symbols 20 --days 60 --minutes\n"
        "  hsl generate --files /tmp/inbox --plant bad-rows\n\n"
        "Ticks, limits, halts, listings and delistings as in Seoul; nothing in it can "
        "be predicted\n"
        "but what is planted: signal=S (a share's open-to-close move goes with its next "
        "one),\n"
        "drift=D (a year), lead-lag=L (KOSDAQ follows the market), split, regime (it "
        "turns half\n"
        "way), bad-rows (files only). Same seed, same bytes. A store with real prices is "
        "refused.\n");
    market::SyntheticOptions& market = arguments->market;
    constexpr auto int_max = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    add_count(*command, "--symbols", "N", "listed companies", "800", 1, 100'000, market.symbols);
    add_count(*command, "--days", "N", "sessions", "1250", 2, int_max, market.sessions);
    add_count(*command, "--seed", "N", "which market", "42", 0,
              std::numeric_limits<std::uint64_t>::max(), market.seed);
    add_date(*command, "--from", "first session", "2019-01-02", arguments->from);
    add_list(*command, "--plant", "A,B", "something to be found", "nothing", arguments->plants);
    add_flag(*command, "--minutes", "the minute bars that the days may have been made of, too",
             market.minutes);
    add_path(*command, "--files", "DIR", "CSV files instead of a store", "", arguments->files);
    add_threads(*command, market.threads);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
