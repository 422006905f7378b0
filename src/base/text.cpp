// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace hsl {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

// A broken byte counts as one character of one column: this is for display, not for checking.
Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char head = byte(at);
    const std::size_t length = head < 0x80 ? 1 : head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
    if (length == 1 || head < 0xC0 || at + length > text.size()) return {head, 1};
    char32_t code = head & (0x7F >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return {head, 1};
        code = (code << 6) | (byte(at + i) & 0x3F);
    }
    return {code, length};
}

std::size_t columns_of(char32_t code) {
    const auto in = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
    // Vowels and final consonants of Hangul in pieces (file names of macOS) join what is before
    // them.
    if (in(0x0300, 0x036F) || in(0x1160, 0x11FF) || in(0x200B, 0x200F) || in(0xD7B0, 0xD7FB) ||
        in(0xFE00, 0xFE0F) || code == 0xFEFF)
        return 0;
    const bool wide = in(0x1100, 0x115F) || in(0x2E80, 0x303E) || in(0x3041, 0x33FF) ||
                      in(0x3400, 0x4DBF) || in(0x4E00, 0x9FFF) || in(0xA000, 0xA4CF) ||
                      in(0xA960, 0xA97F) || in(0xAC00, 0xD7A3) || in(0xF900, 0xFAFF) ||
                      in(0xFE30, 0xFE6F) || in(0xFF00, 0xFF60) || in(0xFFE0, 0xFFE6) ||
                      in(0x1F300, 0x1F64F) || in(0x1F900, 0x1F9FF) || in(0x20000, 0x3FFFD);
    return wide ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < utf8.size();) {
        const Character c = character_at(utf8, at);
        width += columns_of(c.code);
        at += c.bytes;
    }
    return width;
}

std::string clip(std::string_view utf8, std::size_t columns) {
    if (display_width(utf8) <= columns) return std::string{utf8};
    if (columns == 0) return {};
    std::size_t width = 0;
    std::size_t at = 0;
    while (at < utf8.size()) {
        const Character c = character_at(utf8, at);
        if (width + columns_of(c.code) > columns - 1) break;
        width += columns_of(c.code);
        at += c.bytes;
    }
    return std::string{utf8.substr(0, at)} + "…";
}

std::string pad_left(std::string_view utf8, std::size_t columns) {
    const std::size_t width = display_width(utf8);
    return (width < columns ? std::string(columns - width, ' ') : std::string{}) +
           std::string{utf8};
}

std::string pad_right(std::string_view utf8, std::size_t columns) {
    const std::size_t width = display_width(utf8);
    return std::string{utf8} +
           (width < columns ? std::string(columns - width, ' ') : std::string{});
}

std::string with_commas(std::int64_t number) {
    std::string digits = fmt::format("{}", number);
    const std::size_t start = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > start + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string percent(double fraction, int decimals) {
    if (!std::isfinite(fraction)) return "-";
    return fmt::format("{:.{}f}%", fraction * 100.0, decimals);
}

std::string fixed(double number, int decimals) {
    if (!std::isfinite(number)) return "-";
    return fmt::format("{:.{}f}", number, decimals);
}

std::string trim(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return std::string{text};
}

std::string lower(std::string_view ascii) {
    std::string out{ascii};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string upper(std::string_view ascii) {
    std::string out{ascii};
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_ascii(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        if ((word & 0x8080'8080'8080'8080U) != 0) return false;
    }
    for (; at < bytes.size(); ++at)
        if (static_cast<unsigned char>(bytes[at]) >= 0x80) return false;
    return true;
}

std::string valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const auto head = static_cast<unsigned char>(bytes[at]);
        const Character c = character_at(bytes, at);
        // Overlong forms, surrogates and what lies beyond U+10FFFF are broken too.
        static constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool good =
            head < 0x80 || (c.bytes > 1 && head < 0xF5 && c.code >= smallest[c.bytes] &&
                            c.code <= 0x10FFFF && (c.code < 0xD800 || c.code > 0xDFFF));
        out += good ? bytes.substr(at, c.bytes) : std::string_view{"\uFFFD"};
        at += good ? c.bytes : 1;
    }
    return out;
}

std::string printable(std::string_view bytes, std::string_view kept) {
    const std::string text = valid_utf8(bytes);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(text, at);
        const auto in = [&](char32_t first, char32_t last) {
            return c.code >= first && c.code <= last;
        };
        const std::string_view whole = std::string_view{text}.substr(at, c.bytes);
        at += c.bytes;
        if (in(0, 0x1F) || in(0x7F, 0x9F)) {
            if (c.bytes == 1 && kept.contains(whole[0]))
                out += whole;
            else
                out += fmt::format("\\x{:02x}", static_cast<unsigned>(c.code));
        } else if (in(0x202A, 0x202E) || in(0x2066, 0x2069) || in(0x200E, 0x200F)) {
            out += "\uFFFD";
        } else {
            out += whole;
        }
    }
    return out;
}

char line_end_of(std::string_view text) {
    const std::size_t first = text.find_first_of("\r\n");
    if (first == std::string_view::npos || text[first] == '\n') return '\n';
    const std::size_t behind = text.find_first_not_of('\r', first);
    return behind != std::string_view::npos && text[behind] == '\n' ? '\n' : '\r';
}

std::string counted(std::int64_t number, std::string_view singular, std::string_view plural) {
    if (number == 1) return fmt::format("1 {}", singular);
    if (!plural.empty()) return fmt::format("{} {}", with_commas(number), plural);
    return fmt::format("{} {}s", with_commas(number), singular);
}

std::string nearest_word(std::string_view word, const std::string_view* words, std::size_t count) {
    std::string_view best;
    std::size_t best_distance = 3;
    for (std::size_t w = 0; w < count; ++w) {
        const std::string_view other = words[w];
        std::vector<std::size_t> row(other.size() + 1);
        for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= word.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= other.size(); ++j) {
                const std::size_t above = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1,
                                   diagonal + (word[i - 1] == other[j - 1] ? 0u : 1u)});
                diagonal = above;
            }
        }
        if (row[other.size()] < best_distance) {
            best_distance = row[other.size()];
            best = other;
        }
    }
    return std::string{best};
}

}  // namespace hsl
