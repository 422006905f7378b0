// SPDX-License-Identifier: Apache-2.0
#pragma once

// What stands between CLI11 and the commands. CLI11 alone takes "-1" for a count, "" for a zero and
// the next option for a value; options made here say what they take and refuse the rest. Help is
// laid out for a terminal of 100 columns, and a word that nobody knows is answered with the
// nearest.

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"

namespace hsl::app {

// An option --name of one value, shown as `--name WORD  about [standard]`. `take` says what is
// wrong with a value.
CLI::Option* add_value(CLI::App& command, const std::string& name, const std::string& word,
                       const std::string& about, const std::string& standard,
                       std::function<Result<void>(const std::string&)> take);
void add_flag(CLI::App& command, const std::string& name, const std::string& about, bool& target);

void add_text(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard, std::string& target);
// The same for a file or folder; "~/" is the home folder, which a shell leaves alone in --name=~/x.
void add_path(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard, std::string& target);
// A,B,... once or several times; blanks and repeats go.
void add_list(CLI::App& command, const std::string& name, const std::string& word,
              const std::string& about, const std::string& standard,
              std::vector<std::string>& target);
void add_date(CLI::App& command, const std::string& name, const std::string& about,
              const std::string& standard, std::optional<Date>& target);
void add_decimal(CLI::App& command, const std::string& name, const std::string& word,
                 const std::string& about, const std::string& standard,
                 std::optional<double>& target);
// A whole number from `first` to `last`.
template <std::integral I>
void add_count(CLI::App& command, const std::string& name, const std::string& word,
               const std::string& about, const std::string& standard, std::int64_t first,
               std::uint64_t last, I& target);

void add_threads(CLI::App& command, unsigned& target);

// What has no --name: one word into `target`, or every word. Missing ones are the command's affair.
void add_word(CLI::App& command, const std::string& word, const std::string& about,
              std::string& target);
void add_words(CLI::App& command, const std::string& word, const std::string& about,
               std::vector<std::string>& target);

// "0.015%" or the fraction 0.00015.
[[nodiscard]] Result<double> parse_rate(const std::string& text);
// A market that shares are listed on; `option` begins the message.
[[nodiscard]] Result<market::Market> parse_share_market(std::string_view option,
                                                        const std::string& text);
// The symbol that somebody means by 005930, A005930, 005930.KS or aapl.
[[nodiscard]] std::string symbol_of(const std::string& typed);
[[nodiscard]] std::string home_folder();  // "" when there is none
[[nodiscard]] std::string expand_home(const std::string& path);
// The day in Seoul, or the one that HSL_TODAY names.
[[nodiscard]] Date today_in_seoul();

// Lays out the help of `app` and its commands.
void lay_out_help(CLI::App& app);

enum class Wanted { command, help, version };
// Reads the words of a command line; the error names the word at fault.
[[nodiscard]] Result<Wanted> read_command_line(CLI::App& app, std::vector<std::string> words);
// Whether `word` is among the options, in front of a "--".
[[nodiscard]] bool has_option(const std::vector<std::string>& words, std::string_view word);

namespace detail {
[[nodiscard]] Result<std::uint64_t> parse_count(const std::string& text, std::int64_t first,
                                                std::uint64_t last);
}

template <std::integral I>
void add_count(CLI::App& command, const std::string& name, const std::string& word,
               const std::string& about, const std::string& standard, std::int64_t first,
               std::uint64_t last, I& target) {
    add_value(command, name, word, about, standard,
              [&target, first, last](const std::string& text) -> Result<void> {
                  HSL_TRY(const std::uint64_t number, detail::parse_count(text, first, last));
                  target = static_cast<I>(number);
                  return {};
              });
}

}  // namespace hsl::app
