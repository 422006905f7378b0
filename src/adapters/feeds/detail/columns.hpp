// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lines of a text table: their cells, what stands between them, and what the first of them says.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/market_file.hpp"

namespace hsl::adapters::detail {

// The trimmed, unquoted cells of one line. False when a quote is not closed; `cells` is then of no
// use.
[[nodiscard]] bool split_cells(std::string_view line, char separator,
                               std::vector<std::string_view>& cells);

// Nothing but separators, quotes and blanks: a row that says nothing, in any of the formats.
[[nodiscard]] bool is_blank_row(std::string_view line);

// Lines of a text one after the other, without their ends.
class Lines {
public:
    Lines(std::string_view text, char line_end) : text_(text), line_end_(line_end) {}
    // False at the end of the text.
    bool next(std::string_view& line);
    [[nodiscard]] std::int64_t number() const { return number_; }  // of the last line, 1-based
    [[nodiscard]] std::size_t offset() const { return at_; }       // where the next one begins

private:
    std::string_view text_;
    char line_end_;
    std::size_t at_ = 0;
    std::int64_t number_ = 0;
};

// What the first row that is not blank says; lines of a title above a header are passed over.
struct TableHead {
    char separator = ',';
    bool header = false;                  // it names the columns; otherwise it is data
    std::vector<std::string> cells = {};  // its cells
    std::size_t cells_min = 0;            // their number without empty ones at the end
    std::int64_t line = 0;                // which line it is
    std::size_t body = 0;                 // the byte where data begins: behind it, or at it
    std::int64_t body_line = 0;           // lines before that byte
    std::int64_t blank_rows = 0;          // rows of separators alone above it
};
// `hints.columns` may name the headers of a table of which we know none. The error says what was
// found and what would be understood; it carries no file yet.
[[nodiscard]] Result<TableHead> learn_head(std::string_view text, const store::ReadHints& hints);

// Whether the cells behind a date may be a bar whose thousands commas were not quoted: then open
// 71, high 500 would be a wrong number that looks right.
[[nodiscard]] bool may_hold_thousands(const TableHead& head);

// What the header of a panel calls a column of closes: a ticker or a code.
[[nodiscard]] bool is_panel_symbol(std::string_view header);

[[nodiscard]] std::string_view separator_name(char separator);  // "comma"

// Bytes of the UTF-8 character at `at`, 0 where a sequence is broken.
[[nodiscard]] std::size_t length_of_character(std::string_view text, std::size_t at);

// Bytes of a file for a message: at most `bytes_max`, what is not printable as \xNN.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t bytes_max = 60);

}  // namespace hsl::adapters::detail
