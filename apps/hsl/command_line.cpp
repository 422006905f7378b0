// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "base/text.hpp"
#include "console.hpp"

namespace hsl::app {
namespace {

// CLI11 takes "[a]" apart as a list and ends a command at "--". Words that it would touch travel
// behind this mark, which no shell can produce by accident.
constexpr char mark = '\x1f';

std::string unmarked(const std::string& word) {
    return !word.empty() && word.front() == mark ? word.substr(1) : word;
}

std::vector<std::string> marked(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    bool plain_words = false;
    for (const std::string& word : words) {
        if (!plain_words && word == "--") {
            plain_words = true;
            continue;
        }
        const bool touched = plain_words || word.empty() || word.starts_with('[');
        out.push_back(touched ? mark + word : word);
    }
    return out;
}

// CLI11 hands the message through as it is.
[[noreturn]] void refuse(const std::string& message) {
    throw CLI::ValidationError{message, CLI::ExitCodes::ValidationError};
}

std::string name_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : name_of(*parent) + " " + command.get_name();
}

constexpr std::string_view exit_statuses =
    "Exit status: 0 done; 1 a file, the data or the store is at fault; 2 the command line is, or "
    "nothing has that name; 3 a fault of hsl; 130 stopped.\n";

// Prose as wide as the terminal; lines that begin with blanks are examples and stay.
std::string paragraphs(std::string_view text) {
    std::string out, prose;
    const auto flush = [&] {
        out += wrapped(prose, console_columns(), 0);
        prose.clear();
    };
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty() || line.starts_with("  ") || (line.size() < 20 && line.ends_with(':'))) {
            flush();
            out += std::string{line} + "\n";
        } else {
            prose += std::string{line} + " ";
        }
    }
    flush();
    return out;
}

constexpr std::size_t left_most = 30;

// "  --name WORD   about it [standard]", the about part wrapped beside it.
std::string entry(const std::string& left, const std::string& about, std::size_t left_columns) {
    const std::size_t indent = left_columns + 4;
    std::string text = wrapped(about, console_columns(), indent);
    if (text.empty()) return "  " + left + "\n";
    if (display_width(left) > left_columns) return "  " + left + "\n" + text;
    return "  " + pad_right(left, left_columns + 2) + text.substr(indent);
}

class Help final : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
        const auto commands = app->get_subcommands([](const CLI::App*) { return true; });
        std::string positionals;
        for (const CLI::Option* option : app->get_options())
            if (option->get_positional()) positionals += " " + option->get_type_name();
        std::string out = wrapped(app->get_description(), console_columns(), 0) +
                          "\nUsage: " + name_of(*app) + positionals +
                          (commands.empty()               ? ""
                           : app->get_parent() == nullptr ? " COMMAND"
                                                          : " [COMMAND]") +
                          " [OPTIONS]\n";

        Words words;
        for (const CLI::Option* option : app->get_options())
            if (option->get_positional())
                words.emplace_back(option->get_type_name(), option->get_description());
        std::vector<Section> sections{{"", words}};
        words.clear();
        for (const CLI::App* command : commands) {
            std::string takes;
            for (const CLI::Option* option : command->get_options())
                if (option->get_positional()) takes += " " + option->get_type_name();
            words.emplace_back(command->get_name() + (app->get_parent() == nullptr ? "" : takes),
                               command->get_description());
        }
        sections.push_back({"Commands", words});

        std::vector<std::string> groups;
        for (const CLI::Option* option : app->get_options())
            if (!option->get_positional() && option != app->get_help_ptr() &&
                std::ranges::find(groups, option->get_group()) == groups.end())
                groups.push_back(option->get_group());
        for (const std::string& group : groups) {
            words.clear();
            for (const CLI::Option* option : app->get_options())
                if (!option->get_positional() && option != app->get_help_ptr() &&
                    option->get_group() == group)
                    words.push_back(shown(*option));
            if (app->get_parent() == nullptr) words.emplace_back("--help", "this text");
            sections.push_back({group, words});
        }
        words.clear();
        const CLI::App* root = app;
        while (root->get_parent() != nullptr) root = root->get_parent();
        if (root != app) {
            for (const CLI::Option* option : root->get_options())
                if (option != root->get_help_ptr() && option != root->get_version_ptr())
                    words.push_back(shown(*option));
            words.emplace_back("--help", "this text");
            sections.push_back({"Everywhere", words});
        }
        std::size_t columns = 0;
        for (const Section& section : sections)
            for (const auto& [left, about] : section.words)
                columns = std::max(columns, std::min(display_width(left), left_most));
        for (const Section& section : sections) {
            if (section.words.empty()) continue;
            out += section.title.empty() ? "\n" : "\n" + section.title + ":\n";
            for (const auto& [left, about] : section.words) out += entry(left, about, columns);
        }
        return out + "\n" + paragraphs(app->get_footer()) + "\n" + paragraphs(exit_statuses);
    }

private:
    using Words = std::vector<std::pair<std::string, std::string>>;  // what is typed, about it
    struct Section {
        std::string title;
        Words words;
    };
    static std::pair<std::string, std::string> shown(const CLI::Option& option) {
        std::string left = "--" + option.get_lnames().front();
        if (!option.get_type_name().empty()) left += " " + option.get_type_name();
        std::string about = option.get_description();
        if (!option.get_default_str().empty()) about += " [" + option.get_default_str() + "]";
        return {left, about};
    }
};

std::string nearest_of(const std::string& word, const std::vector<std::string>& known) {
    std::vector<std::string_view> views(known.begin(), known.end());
    if (const std::string near = nearest_word(word, views.data(), views.size()); !near.empty())
        return near;
    // The beginning of one alone: --quar.
    std::string found;
    for (const std::string& one : known) {
        if (word.size() < 4 || !one.starts_with(word)) continue;
        if (!found.empty()) return {};
        found = one;
    }
    return found;
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    if (app.get_parent() == nullptr) names.emplace_back("help");
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    return names;
}

const CLI::App& deepest(const CLI::App& app) {
    const auto used = app.get_subcommands();
    return used.empty() ? app : deepest(*used.front());
}

std::string did_you_mean(const std::string& near) {
    return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

Error unknown_word(const CLI::App& app, const std::vector<std::string>& extras) {
    const CLI::App& used = deepest(app);
    const std::string name = name_of(used);
    const auto option = std::ranges::find_if(
        extras, [](const std::string& word) { return word.size() > 1 && word.front() == '-'; });
    std::string message;
    if (option != extras.end() && (option != extras.begin() || used.get_parent() != nullptr)) {
        std::vector<std::string> known;
        for (const CLI::App* level = &used; level != nullptr; level = level->get_parent())
            for (const CLI::Option* each : level->get_options())
                for (const std::string& long_name : each->get_lnames())
                    known.push_back("--" + long_name);
        const std::string asked = option->substr(0, option->find('='));
        std::string near = nearest_of(asked, known);
        // -store for --store.
        if (near.empty() && std::ranges::find(known, "-" + asked) != known.end())
            near = "-" + asked;
        message = fmt::format("{} has no option {}{}", name, asked, did_you_mean(near));
        if (near.empty() && name.ends_with("indicators"))
            message += "; an expression that begins with - goes behind a lone --";
    } else if (&used == &app) {
        const std::vector<std::string> known = commands_of(app);
        std::string list;
        for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
        message = fmt::format("hsl has no command '{}'{}", extras.front(),
                              did_you_mean(nearest_of(extras.front(), known)));
        message += fmt::format("{} commands: {}", message.ends_with('?') ? "" : ";", list);
    } else {
        message = fmt::format("'{}' is one word too many for {}{}", extras.front(), name,
                              did_you_mean(nearest_of(extras.front(), commands_of(used))));
    }
    return {.code = ErrorCode::bad_usage,
            .message = fmt::format("{}\nTry: {} --help", message, name)};
}

}  // namespace

CLI::Option* add_value(CLI::App& command, const std::string& name, const std::string& word,
                       const std::string& about, const std::string& standard,
                       std::function<Result<void>(const std::string&)> take) {
    return command
        .add_option_function<std::string>(
            name,
            [name, word, take = std::move(take)](const std::string& raw) {
                const std::string text = unmarked(raw);
                if (text.empty() || text.starts_with("--"))
                    refuse(fmt::format(
                        "{} needs a value ({}){}", name, word,
                        text.empty() ? ": it is empty" : fmt::format(": '{}' is an option", text)));
                if (const auto taken = take(text); !taken)
                    refuse(fmt::format("{}: {}", name, taken.error().message));
            },
            about)
        ->type_name(word)
        ->default_str(standard)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_flag(CLI::App& command, const std::string& name, const std::string& about, bool& target) {
    command.add_flag(name, target, about)->disable_flag_override();
}

void add_text(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard, std::string& target) {
    add_value(command, name, word, about, standard, [&target](const std::string& text) {
        target = text;
        return Result<void>{};
    });
}

void add_path(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard, std::string& target) {
    add_value(command, name, word, about, standard, [&target](const std::string& text) {
        target = expand_home(text);
        return Result<void>{};
    });
}

void add_list(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard,
              std::vector<std::string>& target) {
    add_value(command, name, word, about, standard,
              [&target](const std::string& text) -> Result<void> {
                  const std::size_t before = target.size();
                  // Values of a repeated option come in one, a line each.
                  for (std::size_t at = 0; at <= text.size();) {
                      const std::size_t end = std::min(text.find_first_of(",\n", at), text.size());
                      const std::string one = trim(unmarked(text.substr(at, end - at)));
                      if (!one.empty() && std::ranges::find(target, one) == target.end())
                          target.push_back(one);
                      at = end + 1;
                  }
                  if (target.size() == before)
                      return fail(ErrorCode::bad_usage, fmt::format("'{}' names nothing", text));
                  return {};
              })
        ->multi_option_policy(CLI::MultiOptionPolicy::Join);
}

void add_date(CLI::App& command, const std::string& name, const std::string& about,
              const std::string& standard, std::optional<Date>& target) {
    add_value(command, name, "DATE", about, standard,
              [&target](const std::string& text) -> Result<void> {
                  target = parse_date(text);
                  if (!target)
                      return fail(ErrorCode::bad_usage,
                                  fmt::format("'{}' is no date like 2020-01-31", text));
                  return {};
              });
}

void add_decimal(CLI::App& command, const std::string& name, const std::string& word,
                 const std::string& about, const std::string& standard,
                 std::optional<double>& target) {
    add_value(command, name, word, about, standard,
              [&target](const std::string& text) -> Result<void> {
                  double number = 0;
                  const auto [end, failure] =
                      std::from_chars(text.data(), text.data() + text.size(), number);
                  if (failure != std::errc{} || end != text.data() + text.size() ||
                      !std::isfinite(number))
                      return fail(ErrorCode::bad_usage, fmt::format("'{}' is no number", text));
                  target = number;
                  return {};
              });
}

void add_threads(CLI::App& command, unsigned& target) {
    add_count(command, "--threads", "N", "threads; 0 = every core", "0", 0, 1024, target);
}

void add_word(CLI::App& command, const std::string& word, const std::string& about,
              std::string& target) {
    command
        .add_option_function<std::string>(
            word, [&target](const std::string& raw) { target = unmarked(raw); }, about)
        ->type_name(word);
}

void add_words(CLI::App& command, const std::string& word, const std::string& about,
               std::vector<std::string>& target) {
    command
        .add_option_function<std::vector<std::string>>(
            "words",
            [&target](const std::vector<std::string>& raw) {
                for (const std::string& one : raw) target.push_back(unmarked(one));
            },
            about)
        ->type_name(word);
}

Result<double> parse_rate(const std::string& text) {
    const bool percent = text.ends_with('%');
    const std::string number = trim(percent ? text.substr(0, text.size() - 1) : text);
    double value = 0;
    const auto [end, failure] =
        std::from_chars(number.data(), number.data() + number.size(), value);
    if (failure != std::errc{} || end != number.data() + number.size() || !std::isfinite(value) ||
        value < 0)
        return fail(ErrorCode::bad_usage,
                    fmt::format("'{}' is no rate like 0.015% or 0.00015", text));
    return percent ? value / 100 : value;
}

Result<market::Market> parse_share_market(std::string_view option, const std::string& text) {
    const auto market = market::parse_market(text);
    if (market && (*market == market::Market::kospi || *market == market::Market::kosdaq ||
                   *market == market::Market::konex))
        return *market;
    return fail(ErrorCode::bad_usage,
                fmt::format("{}: '{}' is no market of Korean shares; there are KOSPI (STK, .KS), "
                            "KOSDAQ (KSQ, .KQ) and KONEX (KNX)",
                            option, text));
}

std::string symbol_of(const std::string& typed) {
    const std::string code = market::symbol_from_path(typed);
    return market::is_krx_code(code) ? code : market::instrument_for(typed).symbol;
}

std::string home_folder() {
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return home;
    const passwd* user = ::getpwuid(::getuid());
    return user != nullptr && user->pw_dir != nullptr ? user->pw_dir : "";
}

std::string expand_home(const std::string& path) {
    if (path != "~" && !path.starts_with("~/")) return path;
    const std::string home = home_folder();
    return home.empty() ? path : home + path.substr(1);
}

Date today_in_seoul() {
    if (const char* named = std::getenv("HSL_TODAY"); named != nullptr)
        if (const auto day = parse_date(named)) return *day;
    const auto now = std::chrono::system_clock::now().time_since_epoch() + std::chrono::hours{9};
    return Date{static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).count())};
}

void lay_out_help(CLI::App& app) {
    const auto help = std::make_shared<Help>();
    app.formatter(help);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
        lay_out_help(*command);
}

bool has_option(const std::vector<std::string>& words, std::string_view word) {
    const auto end = std::ranges::find(words, "--");
    return std::find(words.begin(), end, word) != end;
}

Result<Wanted> read_command_line(CLI::App& app, std::vector<std::string> words) {
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.push_back("--help");
    }
    const bool help = has_option(words, "--help") || has_option(words, "-h");
    std::vector<std::string> reversed = marked(words);
    std::ranges::reverse(reversed);
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        std::vector<std::string> extras = app.remaining(true);
        for (std::string& word : extras) word = unmarked(word);
        if (app.get_subcommands().empty() && !extras.empty() && !extras.front().starts_with('-'))
            return std::unexpected(unknown_word(app, extras));
        return Wanted::help;
    } catch (const CLI::CallForVersion&) {
        return Wanted::version;
    } catch (const CLI::ParseError& problem) {
        if (help) return Wanted::help;
        std::string message = problem.what();
        std::string option = message.substr(0, message.find_first_of(": "));
        if (!option.starts_with('-')) option.insert(0, "--");
        if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr)
            message =
                option + (message.contains("override") ? " takes no value" : " needs a value");
        message += fmt::format("\nTry: {} --help", name_of(deepest(app)));
        return fail(ErrorCode::bad_usage, message);
    }
    std::vector<std::string> extras = app.remaining(true);
    for (std::string& word : extras) word = unmarked(word);
    std::erase(extras, "--");
    if (extras == std::vector<std::string>{"help"}) return Wanted::help;
    if (!extras.empty()) return std::unexpected(unknown_word(app, extras));
    if (app.get_subcommands().empty())
        return fail(ErrorCode::bad_usage, "say what to do\nTry: hsl --help");
    return Wanted::command;
}

namespace detail {

Result<std::uint64_t> parse_count(const std::string& text, std::int64_t first, std::uint64_t last) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && end == text.data() + text.size() && number <= last &&
        number >= static_cast<std::uint64_t>(first))
        return number;
    return fail(
        ErrorCode::bad_usage,
        fmt::format("'{}' is no whole number from {} to {}", text, first,
                    last > 1'000'000'000'000 ? fmt::format("{}", last)
                                             : with_commas(static_cast<std::int64_t>(last))));
}

}  // namespace detail
}  // namespace hsl::app
