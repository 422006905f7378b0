// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text for people: columns that line up with Korean in them, numbers with thousands commas.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hsl {

// Columns that UTF-8 text takes on a terminal: Hangul and Han two, combining marks none.
[[nodiscard]] std::size_t display_width(std::string_view utf8);
// Cut to at most `columns` with an ellipsis, never inside a character.
[[nodiscard]] std::string clip(std::string_view utf8, std::size_t columns);
[[nodiscard]] std::string pad_left(std::string_view utf8, std::size_t columns);   // right-aligned
[[nodiscard]] std::string pad_right(std::string_view utf8, std::size_t columns);  // left-aligned
[[nodiscard]] std::string with_commas(std::int64_t number);                       // -1,234,567
[[nodiscard]] std::string percent(double fraction, int decimals = 1);  // "12.3%"; NaN is "-"
[[nodiscard]] std::string fixed(double number, int decimals);          // "1.23"; NaN is "-"
[[nodiscard]] std::string trim(std::string_view text);
[[nodiscard]] std::string lower(std::string_view ascii);
[[nodiscard]] std::string upper(std::string_view ascii);
[[nodiscard]] bool is_digits(std::string_view text);  // 0 to 9 alone, one at least
[[nodiscard]] bool is_ascii(std::string_view bytes);
// The same text with every broken UTF-8 sequence replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);
// Text from outside, safe to show on a terminal: control characters as \x1b, marks that turn the
// direction of writing and broken UTF-8 as U+FFFD. Those of `kept` stay as they are.
[[nodiscard]] std::string printable(std::string_view bytes, std::string_view kept = {});
// What ends the lines of a text: '\n', or '\r' where the first line ends in one alone (old Macs).
[[nodiscard]] char line_end_of(std::string_view text);
// "1 symbol", "9 symbols".
[[nodiscard]] std::string counted(std::int64_t number, std::string_view singular,
                                  std::string_view plural = {});
// The nearest of `words` within edit distance 2, or "": for "did you mean".
[[nodiscard]] std::string nearest_word(std::string_view word, const std::string_view* words,
                                       std::size_t count);

}  // namespace hsl
