// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "market/listing.hpp"

namespace hsl::app {
namespace {

using market::Listing;

struct Arguments {
    std::vector<std::string> words;
    std::string market, share_class;
    std::optional<Date> as_of;
    std::size_t show = 20;
};

// Nothing said by a listing lies after this day.
constexpr Date latest{2'932'896};

Result<market::Listings> read(const Session& session) {
    HSL_TRY(const auto store, session.open(false));
    HSL_TRY(store::Facts facts, store->facts({.at = session.at}));
    if (facts.listings.empty() && facts.states.empty())
        return fail(ErrorCode::not_found,
                    "this store has no listing table: hsl import --listing FILE brings one in "
                    "(code, name, market, sector, shares; the exchange's lists, or any CSV)");
    return market::Listings{std::move(facts.listings), std::move(facts.states)};
}

std::string day(const std::optional<Date>& date) { return date ? date->iso() : "-"; }

void write(JsonWriter& out, const Listing& one) {
    const auto date = [&](std::string_view name, const std::optional<Date>& value) {
        out.key(name);
        value ? out.value(*value) : out.null();
    };
    out.begin_object()
        .member("symbol", one.symbol)
        .member("isin", one.isin)
        .member("name", one.name)
        .member("name_english", one.name_english)
        .member("market", market::name_of(one.market))
        .member("class", market::name_of(one.share_class))
        .member("multiple", market::fund_multiple(one))
        .member("sector", one.sector)
        .member("shares", one.shares);
    date("from", one.first);
    date("to", one.last);
    date("listed", one.listed);
    date("delisted", one.delisted);
    out.member("reason", one.reason).member("successor", one.successor);
    out.member("file", one.source).end_object();
}

void write_states(JsonWriter& out, const std::vector<const market::StatePeriod*>& states) {
    out.key("states").begin_array();
    for (const market::StatePeriod* state : states) {
        out.begin_object().member("state", market::name_of(state->state));
        out.member("from", state->first).key("to");
        state->last ? out.value(*state->last) : out.null();
        out.end_object();
    }
    out.end_array();
}

int answer(const Session& session, const std::vector<const Listing*>& found, std::size_t most) {
    if (session.json) {
        JsonWriter out;
        out.begin_object().key("listings").begin_array();
        for (const Listing* one : found) write(out, *one);
        out.end_array().end_object();
        print(out.take() + "\n");
        return 0;
    }
    Table table({{"code", Align::left},
                 {"name", Align::left},
                 {"market", Align::left},
                 {"class", Align::left},
                 {"sector", Align::left},
                 {"shares", Align::right},
                 {"listed", Align::left},
                 {"delisted", Align::left}});
    const std::size_t shown = most == 0 ? found.size() : std::min(most, found.size());
    for (std::size_t i = 0; i < shown; ++i)
        table.row({found[i]->symbol, found[i]->name, std::string{market::name_of(found[i]->market)},
                   market::class_text(*found[i]), found[i]->sector,
                   found[i]->shares > 0 ? with_commas(found[i]->shares) : "-",
                   day(found[i]->listed), day(found[i]->delisted)});
    if (found.empty()) {
        print("Nothing is called so.\n");
        return 0;
    }
    print(table.text());
    if (shown < found.size())
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          with_commas(static_cast<std::int64_t>(found.size() - shown))));
    return 0;
}

int search(const Session& session, const Arguments& arguments) {
    std::string text;
    for (const std::string& word : arguments.words) text += (text.empty() ? "" : " ") + word;
    if (text.empty())
        return session.failed({.code = ErrorCode::bad_usage,
                               .message =
                                   "say what to look for: hsl listing search 삼성, ㅅㅅㅈㅈ, "
                                   "005930 or an ISIN"});
    const auto listings = read(session);
    if (!listings) return session.failed(listings.error());
    const std::size_t most = arguments.show == 0 ? listings->all().size() : arguments.show;
    return answer(session, listings->search(text, most), 0);
}

int show(const Session& session, const Arguments& arguments) {
    if (arguments.words.size() != 1)
        return session.failed(
            {.code = ErrorCode::bad_usage, .message = "say which code: hsl listing show 005930"});
    const auto listings = read(session);
    if (!listings) return session.failed(listings.error());
    const std::string symbol = symbol_of(arguments.words[0]);
    std::vector<const Listing*> rows;
    for (const Listing& one : listings->all())
        if (one.symbol == symbol) rows.push_back(&one);
    std::vector<const market::StatePeriod*> states;
    for (const market::StatePeriod& state : listings->states())
        if (state.symbol == symbol) states.push_back(&state);
    if (rows.empty() && states.empty())
        return session.failed({.code = ErrorCode::not_found,
                               .message = fmt::format("no listing of {}: `hsl listing search` "
                                                      "finds a code by its name",
                                                      symbol)});
    if (session.json) {
        JsonWriter out;
        out.begin_object().member("symbol", symbol).key("listings").begin_array();
        for (const Listing* one : rows) write(out, *one);
        out.end_array();
        write_states(out, states);
        out.end_object();
        print(out.take() + "\n");
        return 0;
    }
    for (const Listing* one : rows) {
        const auto line = [](std::string_view name, const std::string& value) {
            if (!value.empty()) print(fmt::format("{:<10}{}", name, hanging(printable(value), 10)));
        };
        line("code", one->symbol + (one->isin.empty() ? "" : " (" + one->isin + ")"));
        line("name", one->name + (one->name_english.empty() ? "" : ", " + one->name_english));
        line("market",
             fmt::format("{}, {}", market::name_of(one->market), market::class_text(*one)));
        line("sector", one->sector);
        line("shares", one->shares > 0 ? with_commas(one->shares) : "");
        line("holds", one->first || one->last
                          ? fmt::format("{} to {}", day(one->first), day(one->last))
                          : "");
        line("listed", one->listed ? one->listed->iso() : "");
        line("delisted",
             one->delisted ? fmt::format("{} {}", one->delisted->iso(), one->reason) : "");
        line("follows", one->successor);
        line("from", one->source);
        print("\n");
    }
    for (const market::StatePeriod* state : states)
        print(fmt::format("{} ({}) {} to {}\n", market::korean_name_of(state->state),
                          market::name_of(state->state), state->first.iso(), day(state->last)));
    return 0;
}

int list(const Session& session, const Arguments& arguments) {
    market::Market wanted = market::Market::unknown;
    if (!arguments.market.empty()) {
        const auto market = parse_share_market("--market", arguments.market);
        if (!market) return session.failed(market.error());
        wanted = *market;
    }
    std::optional<market::ShareClass> share_class;
    if (!arguments.share_class.empty()) {
        const auto parsed = market::parse_share_class(arguments.share_class);
        if (!parsed) return session.failed(Error{parsed.error()}.within("--class"));
        share_class = *parsed;
    }
    const auto listings = read(session);
    if (!listings) return session.failed(listings.error());
    std::vector<const Listing*> found;
    if (arguments.as_of) {
        found = listings->listed(wanted, *arguments.as_of);
    } else {
        std::set<std::string_view> seen;
        for (const Listing& one : listings->all())
            if (seen.insert(one.symbol).second)
                if (const Listing* last = listings->find(one.symbol, latest))
                    if (wanted == market::Market::unknown || last->market == wanted)
                        found.push_back(last);
    }
    if (share_class)
        std::erase_if(found, [&](const Listing* one) { return one->share_class != *share_class; });
    if (!session.json && !found.empty())
        print(counted(static_cast<std::int64_t>(found.size()), "code") + "\n");
    return answer(session, found, arguments.show);
}

}  // namespace

void add_listing(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        add_command(app, "listing", "Who is listed: names, markets, classes, sectors, states",
                    "  hsl import --listing listing.csv\n"
                    "  hsl listing search ㅅㅅㅈㅈ\n"
                    "  hsl listing show 005930\n"
                    "  hsl listing list --market KOSDAQ --class spac --as-of 2021-01-04\n");
    command->require_subcommand(0, 1);
    CLI::App* searching =
        add_command(*command, "search", "By name, code, initials (초성) or ISIN",
                    "  hsl listing search 삼성전자\n  hsl listing search ㅅㅅㅈㅈ\n");
    add_words(*searching, "TEXT", "part of a name, a code, initials, an ISIN", arguments->words);
    CLI::App* showing =
        add_command(*command, "show", "All that is known of a code", "  hsl listing show 005930\n");
    add_words(*showing, "CODE", "005930", arguments->words);
    CLI::App* listing = add_command(*command, "list", "Codes of a market, a class, a day",
                                    "  hsl listing list --class preferred --show 0\n"
                                    "  hsl listing list --market KOSPI --as-of 2021-01-04\n");
    add_text(*listing, "--market", "NAME", "KOSPI, KOSDAQ or KONEX", "all", arguments->market);
    add_text(*listing, "--class", "WORD",
             "common, preferred, etf, etn, elw, spac, reit, fund, foreign or other", "all",
             arguments->share_class);
    add_date(*listing, "--as-of", "listed on that day", "whatever was ever listed",
             arguments->as_of);
    for (CLI::App* one : {searching, listing})
        add_count(*one, "--show", "N", "codes to print; 0 = all", "20", 0, 1'000'000'000,
                  arguments->show);
    on_chosen(*command, session, false, [=, &session] {
        if (searching->parsed()) return search(session, *arguments);
        if (showing->parsed()) return show(session, *arguments);
        return list(session, *arguments);
    });
}

}  // namespace hsl::app
