// SPDX-License-Identifier: Apache-2.0
#pragma once

// The terminal: tables that fit 100 columns with Korean in them, a progress bar for what takes over
// a second, errors as text or as one JSON document.

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"

namespace hsl::app {

// Of the terminal that reads stdout, from 40 to 100; 100 for a pipe or a file, which always get the
// same.
[[nodiscard]] std::size_t console_columns();

enum class Align : unsigned char { left, right };

// Rows of text under a header; columns as wide as needed. In a table too wide for the terminal the
// widest left-aligned columns give way. Cells are shown printable.
class Table {
public:
    explicit Table(std::vector<std::pair<std::string, Align>> header);
    void row(std::vector<std::string> cells);
    // A thin rule between rows.
    void rule();
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::pair<std::string, Align>> header_;
    std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

// Breaks text at spaces into lines of at most `columns`, each after `indent` spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);
// The same for one entry of a list: the first line begins at the margin.
[[nodiscard]] std::string hanging(std::string_view text, std::size_t indent);

// A bar on stderr with rate and time left, shown from the second second on and only on a terminal.
class ProgressBar {
public:
    ProgressBar();
    ~ProgressBar();
    void update(std::string_view what, std::size_t done, std::size_t total);
    void clear();
    // The one that is there, or none.
    [[nodiscard]] static ProgressBar* shown();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    std::mutex lock_;
    std::string what_;
    Clock::time_point begin_;
    Clock::time_point drawn_;
    bool terminal_ = false;
    bool visible_ = false;
};

// Bold, dim ... on a terminal only; NO_COLOR is honoured.
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string dim(std::string_view text);

// Text on stdout, on stderr. Both take the progress bar away first.
void print(std::string_view text);
void warn(std::string_view text);
// After the last print: 0 becomes 1, with a word about it, when stdout could not be written.
[[nodiscard]] int finish_output(int status);
// Opens /dev/null in the place of a standard descriptor that was closed: the next file to be opened
// would get its number, and our output.
void guard_descriptors();
// {"error":{"code","message","file","line"}} on stdout with json, text on stderr without.
void print_error(const Error& error, bool json);

}  // namespace hsl::app
