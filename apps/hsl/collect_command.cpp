// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/network/feeds.hpp"
#include "adapters/parquet/table_file.hpp"
#include "actions_text.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/collect.hpp"
#include "service/watched_folder.hpp"

namespace hsl::app {
namespace {

constexpr std::string_view folder_feed = "folder";
constexpr std::chrono::seconds watch_pause{2};

struct Arguments {
    std::string feed;
    std::string folder;
    std::string key_file;
    std::optional<std::string> source;
    std::optional<Date> from, to;
    std::optional<double> rate;
    std::vector<std::string> hosts, markets, symbols, columns;
    bool daily = false;
    bool replace = false;
    bool watch = false;
    unsigned threads = 2;
    std::size_t show = 20;
};

// What hsl.toml says of one feed.
struct FeedSettings {
    std::optional<std::string> host, rate, key_file;
};

Result<FeedSettings> settings_of(const Session& session, std::string_view feed) {
    FeedSettings found;
    for (const auto& [name, value] : session.settings.section("collect")) {
        const std::size_t dot = name.find('.');
        const std::string whose = name.substr(0, dot);
        const std::string what = dot == std::string::npos ? "" : name.substr(dot + 1);
        const bool known = dot != std::string::npos &&
                           (what == "host" || what == "rate" || what == "key_file") &&
                           adapters::find_feed(whose).has_value();
        if (!known && name != "feed")
            return std::unexpected(Error{
                .code = ErrorCode::bad_usage,
                .message = fmt::format("no setting is called 'collect.{}': [collect] has feed, and "
                                       "[collect.FEED] host, rate and key_file",
                                       name),
                .file = session.settings.file});
        if (whose != feed) continue;
        if (what == "host") found.host = value;
        if (what == "rate") found.rate = value;
        if (what == "key_file") found.key_file = expand_home(value);
    }
    return found;
}

std::string environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

// --host FEED=URL, the variable HSL_KRX_HOST, hsl.toml, the documented host.
Result<adapters::BaseUrl> host_of(const adapters::FeedSpec& spec, const Arguments& arguments,
                                  const FeedSettings& settings) {
    std::string host{spec.host};
    if (settings.host) host = *settings.host;
    std::string variable = fmt::format("HSL_{}_HOST", spec.name);
    for (char& c : variable) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (const std::string value = environment(variable); !value.empty()) host = value;
    for (const std::string& one : arguments.hosts) {
        const std::size_t equals = one.find('=');
        if (equals == std::string::npos)
            return fail(ErrorCode::bad_usage,
                        "--host takes FEED=URL: --host krx=https://data-dbg.krx.co.kr");
        HSL_TRY(const adapters::FeedSpec named, adapters::find_feed(one.substr(0, equals)));
        if (named.name == spec.name) host = one.substr(equals + 1);
    }
    return adapters::parse_base_url(host);
}

Result<double> rate_of(const adapters::FeedSpec& spec, const Arguments& arguments,
                       const FeedSettings& settings) {
    double rate = spec.rate;
    if (settings.rate) {
        char* end = nullptr;
        rate = std::strtod(settings.rate->c_str(), &end);
        if (end == settings.rate->c_str() || *end != '\0') rate = 0;
    }
    if (arguments.rate) rate = *arguments.rate;
    if (rate >= 0.001 && rate <= 1000) return rate;
    return fail(ErrorCode::bad_usage, "a rate is 0.001 to 1000 requests a second");
}

adapters::SecretSource key_of(const adapters::FeedSpec& spec, const Arguments& arguments,
                              const FeedSettings& settings) {
    adapters::SecretSource source{.variable = std::string{spec.key_variable}};
    if (spec.key == adapters::KeyUse::none) return source;
    if (!arguments.key_file.empty() || settings.key_file) {
        source.file = arguments.key_file.empty() ? *settings.key_file : arguments.key_file;
        source.named = true;
        return source;
    }
    std::string folder = environment("XDG_CONFIG_HOME");
    if (folder.empty() && !home_folder().empty()) folder = home_folder() + "/.config";
    if (!folder.empty()) source.file = fmt::format("{}/hsl/{}.key", folder, spec.name);
    return source;
}

Result<std::unique_ptr<service::Feed>> open_feed(const Session& session, const std::string& name,
                                                 const Arguments& arguments) {
    if (name == folder_feed) {
        if (arguments.folder.empty())
            return fail(ErrorCode::bad_usage, "say which folder: --feed folder --folder ~/inbox");
        store::ReadHints hints;
        if (arguments.markets.size() == 1) {
            HSL_TRY(hints.market, parse_share_market("--market", arguments.markets.front()));
        }
        return service::watch_folder({.folder = arguments.folder, .hints = hints});
    }
    HSL_TRY(const adapters::FeedSpec spec, adapters::find_feed(name));
    HSL_TRY(const FeedSettings settings, settings_of(session, name));
    adapters::FeedSetup setup{.seed = std::random_device{}()};
    HSL_TRY(setup.host, host_of(spec, arguments, settings));
    HSL_TRY(setup.rate, rate_of(spec, arguments, settings));
    HSL_TRY(setup.key, adapters::read_secret(key_of(spec, arguments, settings)));
    return adapters::make_feed(name, setup, adapters::make_http_client(),
                               std::make_shared<adapters::RateLimiter>(adapters::system_clock()));
}

// Words of --columns that the feed brings.
Result<void> check_columns(const std::string& feed, const std::vector<std::string>& columns) {
    if (columns.empty()) return {};
    std::string_view known;
    if (feed != folder_feed) {
        HSL_TRY(const adapters::FeedSpec spec, adapters::find_feed(feed));
        known = spec.columns;
    }
    for (const std::string& one : columns) {
        if ((", " + std::string{known} + ", ").contains(", " + one + ", ")) continue;
        return fail(
            ErrorCode::bad_usage,
            known.empty()
                ? fmt::format("--columns: the feed {} brings what its rows hold and nothing "
                              "beside; portal does",
                              feed)
                : fmt::format("--columns: the feed {} brings {}, no '{}'", feed, known, one));
    }
    return {};
}

std::string made_at() {
    return fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}",
        fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

void counts(JsonWriter& out, std::string_view name,
            const std::map<std::string, std::int64_t>& held) {
    out.key(name).begin_object();
    for (const auto& [word, count] : held) out.member(word, count);
    out.end_object();
}

std::string to_json(const std::string& feed, const service::CollectReport& report) {
    JsonWriter out;
    out.begin_object().member("feed", feed).member("version", report.version);
    out.member("changed", report.changed);
    for (const auto& [name, date] : {std::pair{"from", report.from}, std::pair{"to", report.to}}) {
        out.key(name);
        date ? out.value(*date) : out.null();
    }
    out.member("asked", report.errands - report.resumed).member("resumed", report.resumed);
    out.member("already", report.already).member("requests", report.requests);
    out.member("added", report.added).member("replaced", report.replaced);
    out.member("unchanged", report.unchanged).member("facts_changed", report.facts_changed);
    counts(out, "quarantined", report.quarantined);
    counts(out, "repaired", report.repaired);
    counts(out, "dropped", report.dropped);
    counts(out, "found", report.found);
    out.list("empty", report.empty).key("refused").begin_array();
    for (const Error& error : report.refused) out.value(error.text());
    out.end_array().list("notes", report.notes);
    write_actions(out, "proposed", report.proposed);
    out.key("last_day");
    if (!report.last_day) {
        out.null();
    } else {
        out.begin_object().member("day", report.last_day->day);
        out.member("before", report.last_day->before).key("markets").begin_array();
        for (const service::MarketCount& count : report.last_day->counts)
            out.begin_object()
                .member("market", market::name_of(count.market))
                .member("rows", count.rows)
                .member("rows_before", count.rows_before)
                .end_object();
        out.end_array().key("changes").begin_array();
        for (const service::DayChange& change : report.last_day->changes)
            out.begin_object()
                .member("symbol", change.symbol)
                .member("what", change.what)
                .member("detail", change.detail)
                .end_object();
        out.end_array().end_object();
    }
    out.end_object();
    return out.take() + "\n";
}

void show_day(const service::DayCheck& day, std::size_t most) {
    std::string markets;
    for (const service::MarketCount& count : day.counts)
        markets += fmt::format("{}{} {} ({} before)", markets.empty() ? "" : ", ",
                               market::name_of(count.market), counted(count.rows, "row"),
                               with_commas(count.rows_before));
    print(fmt::format("\n{} against {}: {}.\n", day.day.iso(), day.before.iso(), markets));
    if (day.changes.empty()) return;
    Table table({{"change", Align::left}, {"symbol", Align::left}, {"detail", Align::left}});
    std::size_t jumps = 0;
    const std::size_t shown = most == 0 ? day.changes.size() : std::min(most, day.changes.size());
    for (std::size_t i = 0; i < day.changes.size(); ++i) {
        const service::DayChange& change = day.changes[i];
        jumps += change.what == "jump";
        if (i < shown) table.row({change.what, change.symbol, change.detail});
    }
    print(table.text());
    if (shown < day.changes.size())
        print(fmt::format("... and {} more (--show 0)\n",
                          with_commas(static_cast<std::int64_t>(day.changes.size() - shown))));
    if (jumps > 0)
        print(
            "A jump is beyond the day's limits: a split, rights, or a mistake. What looks like a\n"
            "corporate action is proposed.\n");
}

std::string listed(const std::map<std::string, std::int64_t>& held) {
    std::string text;
    for (const auto& [name, count] : held)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_commas(count), name);
    return text;
}

bool is_complete(const service::CollectReport& report) {
    return report.empty.empty() && report.refused.empty();
}

void show(const std::string& feed, const service::CollectReport& report, std::size_t most) {
    std::string asked = feed;
    if (report.from) asked += fmt::format(", {} to {}", report.from->iso(), report.to->iso());
    print(fmt::format("{}: {} asked for, {} kept from before, {} published before; {}.\n", asked,
                      with_commas(report.errands - report.resumed), with_commas(report.resumed),
                      with_commas(report.already), counted(report.requests, "request")));
    for (const auto& [word, held] :
         {std::pair{"Quarantined", &report.quarantined}, std::pair{"Repaired", &report.repaired},
          std::pair{"Dropped", &report.dropped}, std::pair{"Found", &report.found}})
        if (!held->empty()) print(hanging(fmt::format("{}: {}", word, listed(*held)), 2));
    for (const Error& error : report.refused)
        print(hanging("refused " + printable(error.text()), 8));
    for (const std::string& note : report.notes) print(hanging(printable(note) + ".", 2));
    if (!report.empty.empty()) {
        std::string days;
        for (std::size_t i = 0; i < std::min<std::size_t>(report.empty.size(), 5); ++i)
            days += (i == 0 ? "" : ", ") + report.empty[i];
        if (report.empty.size() > 5) days += ", ...";
        print(hanging(
            fmt::format(
                "Without a row: {}. A session is not empty, so it is not "
                "published yet or the host is at fault: run this again later. A holiday that "
                "this hsl does not know is told with --calendar FILE.",
                days),
            2));
    }
    if (report.last_day) show_day(*report.last_day, most);
    if (!report.proposed.empty()) {
        print(fmt::format(
            "\nThe new rows look like {}:\n",
            counted(std::ssize(report.proposed), "corporate action", "corporate actions")));
        show_evidence(report.proposed);
        print(how_to_settle(report.proposed));
    }
    if (!report.changed && is_complete(report) && report.quarantined.empty()) {
        print(fmt::format("Nothing new. Data version {}.\n",
                          report.version.empty() ? "-" : report.version));
        return;
    }
    print(fmt::format("\n{} new, {} replaced, {} already there; {} changed.\nData version {}{}.\n",
                      counted(report.added, "row"), with_commas(report.replaced),
                      with_commas(report.unchanged), counted(report.facts_changed, "fact"),
                      report.version.empty() ? "-" : report.version,
                      report.changed ? "" : ", unchanged"));
}

void list_feeds() {
    Table table({{"feed", Align::left},
                 {"brings", Align::left},
                 {"host", Align::left},
                 {"key", Align::left}});
    for (const adapters::FeedSpec& spec : adapters::feed_specs())
        table.row({std::string{spec.name}, std::string{spec.brings}, std::string{spec.host},
                   spec.key_variable.empty() ? "-" : std::string{spec.key_variable}});
    table.row({std::string{folder_feed}, "new files of a folder", "--folder DIR", "-"});
    print(table.text());
    print("\nhsl collect --feed krx --from 2020-01-02 collects; hsl collect --help says how.\n");
}

int run(const Session& session, const Arguments& arguments) {
    const bool nothing_said =
        arguments.feed.empty() && !arguments.from && !arguments.daily && arguments.folder.empty();
    if (nothing_said && !session.json) {
        list_feeds();
        return 0;
    }
    std::string name = arguments.feed;
    if (name.empty())
        name = arguments.folder.empty() ? session.settings.text("collect.feed").value_or("krx")
                                        : std::string{folder_feed};
    if (arguments.watch && (name != folder_feed || session.json))
        return session.failed({.code = ErrorCode::bad_usage,
                               .message = "--watch is for --feed folder, without --json"});
    service::CollectOptions options{.state = session.store_folder + "/collect",
                                    .from = arguments.from,
                                    .to = arguments.to,
                                    .daily = arguments.daily,
                                    .today = today_in_seoul(),
                                    .symbols = {},
                                    .columns = {},
                                    .source = arguments.source,
                                    .replace = arguments.replace,
                                    .threads = arguments.threads,
                                    .made_at = {},
                                    .note = session.command_line};
    for (const std::string& typed : arguments.symbols) options.symbols.push_back(symbol_of(typed));
    for (const std::string& word : arguments.markets) {
        const auto market = parse_share_market("--market", word);
        if (!market) return session.failed(market.error());
        options.markets.push_back(*market);
    }
    if (const auto checked = check_columns(name, arguments.columns); !checked)
        return session.failed(checked.error());
    options.columns = arguments.columns;
    auto feed = open_feed(session, name, arguments);
    if (!feed) return session.failed(feed.error());
    auto store = session.open(true);
    if (!store) return session.failed(store.error());
    const store::MarketFileParser parse =
        adapters::market_file_parser(adapters::read_parquet_table);
    for (bool first = true;; first = false) {
        options.made_at = made_at();
        const auto report = service::collect(**store, **feed, parse, options, session.progress);
        if (!report) return session.failed(report.error());
        if (session.json)
            print(to_json(name, *report));
        else if (first || report->errands > 0)
            show(name, *report, arguments.show);
        if (!arguments.watch) return is_complete(*report) ? 0 : exit_status(ErrorCode::bad_data);
        for (auto waited = std::chrono::milliseconds{0}; waited < watch_pause;
             waited += std::chrono::milliseconds{50}) {
            if (session.progress.stopped()) return 0;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }
}

}  // namespace

void add_collect(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "collect", "Fetch what exchanges and chart feeds publish",
        "  HSL_KRX_KEY=... hsl collect --feed krx --from 2020-01-02\n"
        "  hsl collect --daily                      what is missing since the last session\n"
        "  hsl collect --feed naver --symbols 005930,000660 --from 2020-01-02\n"
        "  hsl collect --feed folder --folder ~/inbox --watch\n\n"
        "Alone it lists the feeds. What came is kept until everything is there and then becomes\n"
        "one version; a collection that was stopped or killed goes on where it was. A key stands\n"
        "in a variable or in a file that only you may read, never on the command line. hsl.toml:\n"
        "[collect.krx] host, rate, key_file. Exit 1 when a session came without a row or a file\n"
        "was refused.\n");
    add_text(*command, "--feed", "NAME", "who is asked", "krx", arguments->feed);
    add_date(*command, "--from", "first day that is asked for", "", arguments->from);
    add_date(*command, "--to", "last day", "the last session before today", arguments->to);
    add_flag(*command, "--daily",
             "what is missing since the last session in the store, and of ten sessions before it",
             arguments->daily);
    add_list(*command, "--market", "A,B", "KOSPI, KOSDAQ, KONEX", "KOSPI,KOSDAQ",
             arguments->markets);
    add_list(*command, "--symbols", "A,B", "of a feed that is asked by symbol",
             "those it brought before", arguments->symbols);
    add_list(*command, "--columns", "A,B",
             "of portal, beside prices: valuation (PER, PBR, EPS, BPS, dividend yield), flows of a "
             "market, short balance of symbols",
             "none", arguments->columns);
    add_path(*command, "--folder", "DIR", "with --feed folder: where files arrive", "",
             arguments->folder);
    add_flag(*command, "--watch", "with --feed folder: go on until Ctrl-C", arguments->watch);
    add_list(*command, "--host", "FEED=URL", "where a feed lives", "as documented",
             arguments->hosts);
    add_decimal(*command, "--rate", "N", "requests a second, evenly spaced", "1 or 2",
                arguments->rate);
    add_path(*command, "--key-file", "FILE", "the key's file", "~/.config/hsl/FEED.key",
             arguments->key_file);
    add_value(*command, "--source", "NAME", "source of the bars", "the feed's name",
              [arguments](const std::string& text) -> Result<void> {
                  arguments->source = text;
                  return {};
              });
    add_flag(*command, "--replace", "rows that differ from stored ones replace them",
             arguments->replace);
    add_count(*command, "--show", "N", "changes to print; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    add_threads(*command, arguments->threads);
    on_chosen(*command, session, true, [&session, arguments] { return run(session, *arguments); });
}

}  // namespace hsl::app
