// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "actions_text.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "service/actions.hpp"

namespace hsl::app {
namespace {

using market::ActionState;
using market::CorporateAction;

struct Arguments {
    std::vector<std::string> words;
    std::vector<std::string> symbols;
    std::string state;
    std::size_t show = 20;
    bool dry_run = false;
};

void write_all(const std::vector<CorporateAction>& actions) {
    JsonWriter out;
    out.begin_object();
    write_actions(out, "actions", actions);
    out.end_object();
    print(out.take() + "\n");
}

void show_table(const std::vector<CorporateAction>& actions, std::size_t most) {
    Table table({{"id", Align::left},
                 {"symbol", Align::left},
                 {"ex-date", Align::left},
                 {"kind", Align::left},
                 {"terms", Align::left},
                 {"state", Align::left},
                 {"from", Align::left}});
    const std::size_t shown = most == 0 ? actions.size() : std::min(most, actions.size());
    for (std::size_t i = 0; i < shown; ++i)
        table.row({service::action_id(actions[i]), actions[i].symbol, actions[i].ex_date.iso(),
                   fmt::format("{} {}", market::name_of(actions[i].kind),
                               market::korean_name_of(actions[i].kind)),
                   terms_of(actions[i]), std::string{market::name_of(actions[i].state)},
                   actions[i].source});
    print(table.text());
    if (shown < actions.size())
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          with_commas(static_cast<std::int64_t>(actions.size() - shown))));
}

Result<std::optional<ActionState>> state_meant(const std::string& word) {
    if (word.empty()) return std::optional<ActionState>{};
    for (const auto state : {ActionState::confirmed, ActionState::proposed, ActionState::rejected})
        if (market::name_of(state) == word) return std::optional{state};
    return fail(ErrorCode::bad_usage,
                fmt::format("--state: '{}' is none of confirmed, proposed, rejected", word));
}

int list(const Session& session, const Arguments& arguments) {
    const auto state = state_meant(arguments.state);
    if (!state) return session.failed(state.error());
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    auto facts = (*store)->facts({.at = session.at});
    if (!facts) return session.failed(facts.error());
    std::erase_if(facts->actions, [&](const CorporateAction& action) {
        return (*state && action.state != **state) ||
               (!arguments.symbols.empty() &&
                std::ranges::none_of(arguments.symbols, [&](const std::string& typed) {
                    return symbol_of(typed) == action.symbol;
                }));
    });
    if (session.json) {
        write_all(facts->actions);
        return 0;
    }
    if (facts->actions.empty())
        print(
            hanging("No corporate action is known: hsl actions import FILE brings a table in, "
                    "hsl actions propose reads them out of raw prices.",
                    2));
    else
        show_table(facts->actions, arguments.show);
    return 0;
}

int propose(const Session& session, const Arguments& arguments) {
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    store::ReadRequest request{.at = session.at, .sources = session.sources};
    for (const std::string& typed : arguments.symbols) request.symbols.push_back(symbol_of(typed));
    const auto found = service::propose_actions(**store, request, session.progress);
    if (!found) return session.failed(found.error());
    if (!found->actions.empty() && !arguments.dry_run) {
        const auto kept = service::record_actions(**store, found->actions, session.command_line,
                                                  session.progress);
        if (!kept) return session.failed(kept.error());
    }
    if (session.json) {
        write_all(found->actions);
        return 0;
    }
    show_evidence(found->actions);
    std::string left;
    const auto say = [&](std::int64_t count, std::string_view words) {
        if (count > 0)
            left += fmt::format("{}{} {}", left.empty() ? "" : ", ", with_commas(count), words);
    };
    say(found->adjusted, "adjusted by their publisher");
    say(found->unknown, "of unknown basis (import with --raw or --adjusted says which)");
    say(found->other_definition, "not of the regular session");
    const std::string rest =
        found->gaps == 0 ? ""
                         : fmt::format("; {} left out behind more than a month without a row",
                                       with_commas(found->gaps));
    print(hanging(
        fmt::format("{} looked at{}; {}{}.", counted(found->symbols, "symbol"),
                    left.empty() ? "" : " (left out: " + left + ")",
                    counted(static_cast<std::int64_t>(found->actions.size()), "proposal"), rest),
        2));
    if (!found->actions.empty())
        print(arguments.dry_run ? "A dry run: none was kept.\n" : how_to_settle(found->actions));
    return 0;
}

int settle(const Session& session, const Arguments& arguments, ActionState state) {
    if (arguments.words.empty())
        return session.failed(
            {.code = ErrorCode::bad_usage,
             .message = fmt::format("say which: hsl actions {} ID...",
                                    state == ActionState::confirmed ? "confirm" : "reject")});
    auto store = session.open(false);
    if (!store) return session.failed(store.error());
    const auto settled = service::settle_actions(**store, arguments.words, state,
                                                 session.command_line, session.progress);
    if (!settled) return session.failed(settled.error());
    if (session.json)
        write_all(*settled);
    else
        show_table(*settled, 0);
    return 0;
}

}  // namespace

void add_actions(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = add_command(
        app, "actions", "Splits, rights, dividends: list, import, propose, confirm, reject",
        "  hsl actions import actions.csv\n"
        "  hsl actions propose --symbols 005930\n"
        "  hsl actions confirm 1a2b3c4d\n\n"
        "Confirmed actions alone change anything: the prices that signals read, and the shares of "
        "a\n"
        "position. A proposal is read out of raw prices and waits for your word.\n");
    command->require_subcommand(0, 1);
    CLI::App* listing = add_command(*command, "list", "The actions there are",
                                    "  hsl actions list --symbols 005930\n"
                                    "  hsl actions list --state proposed\n");
    add_text(*listing, "--state", "WORD", "confirmed, proposed or rejected", "all",
             arguments->state);
    add_count(*listing, "--show", "N", "actions to print; 0 = all", "20", 0, 1'000'000'000,
              arguments->show);
    CLI::App* proposing =
        add_command(*command, "propose", "Read actions out of raw prices, with the evidence",
                    "  hsl actions propose\n"
                    "  hsl actions propose --symbols 005930 --dry-run\n");
    add_flag(*proposing, "--dry-run", "print them and keep nothing", arguments->dry_run);
    for (CLI::App* one : {listing, proposing})
        add_list(*one, "--symbols", "A,B,...", "of these symbols", "all", arguments->symbols);
    CLI::App* confirming =
        add_command(*command, "confirm", "These happened", "  hsl actions confirm 1a2b3c4d\n");
    CLI::App* rejecting =
        add_command(*command, "reject", "These did not", "  hsl actions reject 1a2b3c4d\n");
    for (CLI::App* one : {confirming, rejecting})
        add_words(*one, "ID...", "as `hsl actions list` shows them", arguments->words);
    CLI::App* importing = add_command(*command, "import", "Bring in a table of actions",
                                      "  hsl actions import actions.csv\n");
    add_words(*importing, "PATH...", "tables of actions", arguments->words);
    on_chosen(*command, session, true, [=, &session] {
        if (proposing->parsed()) return propose(session, *arguments);
        if (confirming->parsed()) return settle(session, *arguments, ActionState::confirmed);
        if (rejecting->parsed()) return settle(session, *arguments, ActionState::rejected);
        if (importing->parsed()) return import_actions(session, arguments->words);
        return list(session, *arguments);
    });
}

}  // namespace hsl::app
