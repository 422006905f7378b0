// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/source_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hsl::strategy {
namespace {

constexpr std::size_t context_columns = 70;  // shown on either side of the caret in a long line
constexpr std::size_t characters_step = 256;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Bytes of the character at the head of `text`, 0 if they are no UTF-8.
std::size_t character_bytes(std::string_view text) {
    const auto head = static_cast<unsigned char>(text.front());
    const std::size_t length = head < 0x80                    ? 1
                               : head >= 0xF0 && head <= 0xF4 ? 4
                               : head >= 0xE0 && head < 0xF0  ? 3
                               : head >= 0xC2 && head < 0xE0  ? 2
                                                              : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continues_character(text[i])) return 0;
    return length;
}

// What a terminal and a JSON document can take: blanks for tabs and control characters, "?" for a
// broken byte.
std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        if (bytes == 0) {
            out += '?';
        } else if (bytes == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F)) {
            out += ' ';
        } else {
            out += text.substr(0, bytes);
        }
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return out;
}

}  // namespace

SourceText::SourceText(std::string_view path, std::string_view text) : path_(path), text_(text) {
    line_starts_.push_back(0);
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (at % characters_step == 0) characters_.push_back(characters);
        if (!continues_character(text[at])) ++characters;
        if (text[at] == '\n') line_starts_.push_back(at + 1);
    }
    if (text.size() % characters_step == 0) characters_.push_back(characters);
}

std::size_t SourceText::line_of(std::size_t offset) const {
    const auto after = std::ranges::upper_bound(line_starts_, offset);
    return static_cast<std::size_t>(after - line_starts_.begin());
}

std::size_t SourceText::characters_before(std::size_t offset) const {
    std::size_t count = characters_[offset / characters_step];
    for (std::size_t at = offset - offset % characters_step; at < offset; ++at)
        if (!continues_character(text_[at])) ++count;
    return count;
}

Error SourceText::error_at(std::size_t offset, std::string message) const {
    offset = std::min(offset, text_.size());
    const std::size_t line = line_of(offset);
    const std::size_t begin = line_starts_[line - 1];
    const std::size_t end = std::min(text_.find('\n', offset), text_.size());

    // Only the neighbourhood in a very long line; a character takes at most four bytes.
    std::size_t from = begin;
    if (offset - begin > context_columns * 4) {
        from = offset - context_columns;
        while (from < offset && continues_character(text_[from])) ++from;
    }
    const std::string before =
        (from > begin ? "…" : "") + printable(text_.substr(from, offset - from));
    std::string after =
        printable(text_.substr(offset, std::min(end - offset, context_columns * 8)));
    while (!after.empty() && after.back() == ' ') after.pop_back();

    Error error;
    error.code = ErrorCode::bad_data;
    error.message = std::move(message);
    error.file = std::string{path_};
    error.line = static_cast<long>(line);
    error.column = static_cast<long>(characters_before(offset) - characters_before(begin) + 1);
    error.excerpt = before + clip(after, context_columns) + "\n" +
                    std::string(display_width(before), ' ') + "^";
    return error;
}

std::size_t SourceText::offset_of(std::size_t line, std::size_t column) const {
    if (line == 0 || line > line_starts_.size()) return text_.size();
    const std::size_t wanted =
        characters_before(line_starts_[line - 1]) + (column == 0 ? 0 : column - 1);
    // The last block that begins at or before the wanted character, then step by step.
    const auto after = std::ranges::upper_bound(characters_, wanted);
    const auto block = static_cast<std::size_t>(after - characters_.begin()) - 1;
    std::size_t at = block * characters_step;
    for (std::size_t count = characters_[block]; at < text_.size(); ++at) {
        if (continues_character(text_[at])) continue;
        if (count == wanted) break;
        ++count;
    }
    return std::min(at, text_.size());
}

}  // namespace hsl::strategy
