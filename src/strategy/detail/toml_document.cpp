// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/toml_document.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace hsl::strategy {
namespace {

constexpr int key_parts_max = 32;

// The TOML library builds and destroys dotted keys by recursion without a bound, so that a megabyte
// of dots would end the program. Dots outside strings and comments are counted here first; numbers
// and dates have two at most.
std::optional<std::size_t> overlong_key(std::string_view text) {
    int dots = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size()) - 1;
        } else if (c == '"' || c == '\'') {
            const std::string_view triple = c == '"' ? "\"\"\"" : "'''";
            const bool multi = text.substr(at, 3) == triple;
            const std::size_t width = multi ? 3 : 1;
            at += width;
            while (at < text.size() && text.substr(at, width) != triple.substr(0, width)) {
                if (!multi && text[at] == '\n') break;
                at += c == '"' && text[at] == '\\' ? 2 : 1;
            }
            at += width - 1;
        } else if (c == '.') {
            if (++dots >= key_parts_max) return at;
        } else if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{') {
            dots = 0;
        }
    }
    return std::nullopt;
}

// Decodes the string that starts at `at` as the library does and notes where each byte came from.
struct Decoded {
    std::string text;
    std::vector<std::size_t> origin;
};
Decoded decode_string(std::string_view file, std::size_t at) {
    Decoded out;
    if (at >= file.size() || (file[at] != '"' && file[at] != '\'')) return out;
    const char quote = file[at];
    const bool multi = file.substr(at, 3) == (quote == '"' ? "\"\"\"" : "'''");
    const auto put = [&](std::string_view bytes, std::size_t from) {
        for (std::size_t i = 0; i < bytes.size(); ++i) out.origin.push_back(from);
        out.text += bytes;
    };
    const auto line_break = [&](std::size_t i) -> std::size_t {
        if (file.substr(i, 2) == "\r\n") return 2;
        return i < file.size() && file[i] == '\n' ? 1 : 0;
    };
    at += multi ? 3 : 1;
    if (multi) at += line_break(at);
    while (at < file.size()) {
        if (file[at] == quote) {
            if (!multi) break;
            std::size_t run = 1;
            while (run < 5 && at + run < file.size() && file[at + run] == quote) ++run;
            // Three quotes end the text; one or two more before them belong to it.
            const std::size_t inside = run >= 3 ? run - 3 : run;
            for (std::size_t i = 0; i < inside; ++i) put(file.substr(at + i, 1), at + i);
            at += inside;
            if (run >= 3) break;
        } else if (quote == '"' && file[at] == '\\') {
            const std::size_t from = at++;
            const char letter = at < file.size() ? file[at] : '\0';
            if (letter == 'u' || letter == 'U') {
                const std::size_t digits = letter == 'u' ? 4 : 8;
                std::uint32_t code = 0;
                for (std::size_t i = 1; i <= digits && at + i < file.size(); ++i) {
                    const char d = file[at + i];
                    const int value = d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10;
                    code = code * 16 + static_cast<std::uint32_t>(value & 15);
                }
                const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
                std::string utf8;
                if (code < 0x80) {
                    utf8 = {byte(code)};
                } else if (code < 0x800) {
                    utf8 = {byte(0xC0 | code >> 6), byte(0x80 | (code & 63))};
                } else if (code < 0x10000) {
                    utf8 = {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 63)),
                            byte(0x80 | (code & 63))};
                } else {
                    utf8 = {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 63)),
                            byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
                }
                put(utf8, from);
                at += 1 + digits;
            } else if (multi &&
                       (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n')) {
                while (at < file.size() && std::string_view{" \t\r\n"}.contains(file[at])) ++at;
            } else {
                constexpr std::string_view letters = "bfnrt\"\\";
                constexpr std::string_view meant = "\b\f\n\r\t\"\\";
                const std::size_t which = letters.find(letter);
                if (which == std::string_view::npos) break;
                put(meant.substr(which, 1), from);
                ++at;
            }
        } else if (const std::size_t width = line_break(at); multi && width > 0) {
            put("\n", at);
            at += width;
        } else {
            put(file.substr(at, 1), at);
            ++at;
        }
    }
    out.origin.push_back(std::min(at, file.size()));
    return out;
}

std::size_t offset_of(const SourceText& source, const toml::source_region& region) {
    return source.offset_of(region.begin.line, region.begin.column);
}

TomlValue convert(const toml::node& node, const SourceText& source) {
    TomlValue value;
    value.offset = offset_of(source, node.source());
    if (const auto* text = node.as_string()) {
        value.kind = TomlValue::Kind::text;
        value.text = text->get();
        Decoded decoded = decode_string(source.text(), value.offset);
        // Should the two ever differ, the whole string is pointed at.
        value.origin = decoded.text == value.text
                           ? std::move(decoded.origin)
                           : std::vector<std::size_t>(value.text.size() + 1, value.offset);
    } else if (const auto* integer = node.as_integer()) {
        value.kind = TomlValue::Kind::number;
        value.number = static_cast<double>(integer->get());
    } else if (const auto* floating = node.as_floating_point()) {
        value.kind = TomlValue::Kind::number;
        value.number = floating->get();
    } else if (node.is_boolean()) {
        value.kind = TomlValue::Kind::truth;
    } else if (const auto* array = node.as_array()) {
        value.kind = TomlValue::Kind::array;
        for (const toml::node& item : *array) value.items.push_back(convert(item, source));
    } else if (const auto* table = node.as_table()) {
        value.kind = TomlValue::Kind::table;
        for (const auto& [key, held] : *table)
            value.entries.push_back({.key = std::string{key.str()},
                                     .offset = offset_of(source, key.source()),
                                     .value = convert(held, source)});
        std::ranges::sort(value.entries, {}, &TomlEntry::offset);
    } else {
        value.kind = TomlValue::Kind::date;
    }
    return value;
}

}  // namespace

const char* name_of(TomlValue::Kind kind) {
    switch (kind) {
        case TomlValue::Kind::text:
            return "a text in quotes";
        case TomlValue::Kind::number:
            return "a number";
        case TomlValue::Kind::truth:
            return "true or false";
        case TomlValue::Kind::array:
            return "a list";
        case TomlValue::Kind::table:
            return "a table";
        case TomlValue::Kind::date:
            return "a date or time";
    }
    return "";
}

Result<TomlValue> parse_toml(const SourceText& source) {
    if (const auto at = overlong_key(source.text()))
        return std::unexpected(
            source.error_at(*at, fmt::format("a key of more than {} parts", key_parts_max)));
    try {
        const toml::table table = toml::parse(source.text(), std::string_view{});
        return convert(table, source);
    } catch (const toml::parse_error& error) {
        return std::unexpected(
            source.error_at(offset_of(source, error.source()),
                            fmt::format("not TOML: {}", std::string{error.description()})));
    }
}

}  // namespace hsl::strategy
