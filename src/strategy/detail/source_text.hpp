// SPDX-License-Identifier: Apache-2.0
#pragma once

// The text of a strategy file, for pointing at places in it: offsets in bytes, lines and columns
// from 1, columns in characters, so that Korean counts as a reader counts. Keeps views; the caller
// keeps the text.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::strategy {

class SourceText {
public:
    SourceText(std::string_view path, std::string_view text);

    [[nodiscard]] std::string_view text() const { return text_; }
    // A bad_data error at that byte, with its line and a caret under the place.
    [[nodiscard]] Error error_at(std::size_t offset, std::string message) const;
    // Byte offset of a line and a column in characters; the text's end when there is no such place.
    [[nodiscard]] std::size_t offset_of(std::size_t line, std::size_t column) const;
    [[nodiscard]] std::size_t line_of(std::size_t offset) const;

private:
    [[nodiscard]] std::size_t characters_before(std::size_t offset) const;

    std::string_view path_;
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
    // Characters before every 256th byte: a megabyte in one line is looked up as fast as a short
    // one.
    std::vector<std::size_t> characters_;
};

}  // namespace hsl::strategy
