// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/encoding.hpp"

#include <iconv.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/columns.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::size_t probe_bytes = 4096;

// iconv's state for one conversion.
class Converter {
public:
    explicit Converter(const char* from) : state_(iconv_open("UTF-8", from)) {
        HSL_ASSERT(state_ != reinterpret_cast<iconv_t>(-1));
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter() { iconv_close(state_); }

    // Every sequence that is none becomes U+FFFD and is counted.
    std::string convert(std::string_view bytes, std::size_t& broken) {
        std::string out(bytes.size() + bytes.size() / 2 + 16, '\0');
        char* in = const_cast<char*>(bytes.data());  // iconv's signature, it does not write
        std::size_t in_left = bytes.size();
        std::size_t made = 0;
        while (in_left > 0) {
            char* to = out.data() + made;
            std::size_t out_left = out.size() - made;
            const std::size_t result = iconv(state_, &in, &in_left, &to, &out_left);
            made = static_cast<std::size_t>(to - out.data());
            if (result != static_cast<std::size_t>(-1)) continue;
            if (errno == E2BIG) {
                out.resize(2 * out.size());
                continue;
            }
            ++broken;
            if (out.size() - made < 8) out.resize(out.size() + 4096);
            made += std::string_view{"\xEF\xBF\xBD"}.copy(out.data() + made, 3);
            ++in;
            --in_left;
        }
        out.resize(made);
        return out;
    }

private:
    iconv_t state_;
};

struct Utf8Count {
    std::size_t good = 0;    // characters of several bytes
    std::size_t broken = 0;  // bytes that belong to none
    std::size_t tall = 0;    // characters of three bytes and more, as Hangul has them
};

Utf8Count count_utf8(std::string_view bytes) {
    Utf8Count count;
    for (std::size_t at = 0; at < bytes.size();) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = length_of_character(bytes, at);
        if (length > 0) {
            ++count.good;
            count.tall += length > 2;
            at += length;
        } else {
            ++count.broken;
            ++at;
        }
    }
    return count;
}

// Whether every character above ASCII is a Hangul syllable or a sign of KS X 1001: damaged UTF-8
// does not look so, since its Hangul begins with bytes that are Chinese characters there.
bool is_korean_cp949(std::string_view line) {
    bool any = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const auto lead = static_cast<unsigned char>(line[at]);
        if (lead < 0x80) continue;
        const bool known = (lead >= 0xA1 && lead <= 0xAC) || (lead >= 0xB0 && lead <= 0xC8);
        if (!known || ++at == line.size() || static_cast<unsigned char>(line[at]) < 0xA1)
            return false;
        any = true;
    }
    return any;
}

// UTF-16 without a mark: digits and separators leave every other byte zero, and few letters (가)
// the other one.
std::string_view utf16_without_mark(std::string_view bytes) {
    const std::string_view probe = bytes.substr(0, probe_bytes);
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < probe.size(); ++i)
        if (probe[i] == '\0') ++(i % 2 == 0 ? even : odd);
    if (probe.size() < 16 || 10 * (even + odd) < probe.size()) return {};
    if (odd > 0 && 4 * even <= odd) return "UTF-16LE";
    if (even > 0 && 4 * odd <= even) return "UTF-16BE";
    return {};
}

Decoded converted(std::string_view bytes, const char* encoding) {
    std::size_t broken = 0;
    Decoded decoded{.encoding = encoding};
    decoded.owned = Converter{encoding}.convert(bytes, broken);
    return decoded;
}

// Lines that only one of UTF-8 and CP949 can have written; the others tell nothing.
enum class Line : std::uint8_t { either, utf8, cp949 };
Line kind_of(std::string_view line) {
    if (is_ascii(line)) return Line::either;
    const Utf8Count count = count_utf8(line);
    if (count.broken == 0) return count.tall > 0 ? Line::utf8 : Line::either;
    return is_korean_cp949(line) ? Line::cp949 : Line::either;
}

// Files of different programs put one behind the other. Nothing where all lines are of one kind. A
// line that could be either is of the kind of those before it.
std::optional<Decoded> of_both(std::string_view bytes) {
    const char end = line_end_of(bytes);
    struct Kinds {
        std::int64_t first = 0;
        std::int64_t count = 0;
    };
    Kinds utf8, cp949;
    std::string_view line;
    for (Lines lines{bytes, end}; lines.next(line);) {
        const Line kind = kind_of(line);
        if (kind == Line::either) continue;
        Kinds& kinds = kind == Line::utf8 ? utf8 : cp949;
        if (++kinds.count == 1) kinds.first = lines.number();
    }
    if (utf8.count == 0 || cp949.count == 0) return std::nullopt;
    Decoded decoded;
    Converter converter{"CP949"};
    Line now = utf8.first < cp949.first ? Line::utf8 : Line::cp949;
    std::size_t begin = 0;
    for (Lines lines{bytes, end}; lines.next(line); begin = lines.offset()) {
        if (const Line kind = kind_of(line); kind != Line::either) now = kind;
        const std::string_view whole = bytes.substr(begin, lines.offset() - begin);
        std::size_t broken = 0;
        std::string text;
        if (now == Line::cp949 && !is_ascii(whole)) text = converter.convert(whole, broken);
        decoded.owned += text.empty() || broken > 0 ? whole : std::string_view{text};
    }
    decoded.encoding = fmt::format(
        "UTF-8 in {}, the first of them {}, and CP949 in {}, the first of them {}",
        counted(utf8.count, "line"), utf8.first, counted(cp949.count, "line"), cp949.first);
    return decoded;
}

Decoded guessed(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) return converted(bytes.substr(2), "UTF-16LE");
    if (bytes.starts_with("\xFE\xFF")) return converted(bytes.substr(2), "UTF-16BE");
    if (const auto encoding = utf16_without_mark(bytes); !encoding.empty())
        return converted(bytes, encoding.data());
    const bool marked = bytes.starts_with(utf8_mark);
    // Tools that write a mark before one that is there already exist.
    while (bytes.starts_with(utf8_mark)) bytes.remove_prefix(utf8_mark.size());
    Decoded utf8{.text = bytes, .encoding = marked ? "UTF-8 with BOM" : "UTF-8"};
    if (is_ascii(bytes)) return utf8;
    const Utf8Count count = count_utf8(bytes);
    if (count.broken == 0) return utf8;
    if (auto both = of_both(bytes)) return *std::move(both);
    // A little damage does not make Korean out of UTF-8.
    if (marked || 20 * count.broken <= count.good) return utf8;
    std::size_t broken = 0;
    std::string text = Converter{"CP949"}.convert(bytes, broken);
    if (broken >= count.broken) return utf8;
    return {.owned = std::move(text), .encoding = "CP949"};
}

Decoded as_told(std::string_view bytes, store::TextEncoding told) {
    switch (told) {
        case store::TextEncoding::cp949:
            return converted(bytes, "CP949");
        case store::TextEncoding::utf16le:
            if (bytes.starts_with("\xFE\xFF")) return as_told(bytes, store::TextEncoding::utf16be);
            if (bytes.starts_with("\xFF\xFE")) bytes.remove_prefix(2);
            return converted(bytes, "UTF-16LE");
        case store::TextEncoding::utf16be:
            if (bytes.starts_with("\xFE\xFF")) bytes.remove_prefix(2);
            return converted(bytes, "UTF-16BE");
        case store::TextEncoding::utf8:
            break;
    }
    while (bytes.starts_with(utf8_mark)) bytes.remove_prefix(utf8_mark.size());
    return {.text = bytes, .encoding = "UTF-8"};
}

}  // namespace

std::optional<std::string> from_cp949(std::string_view bytes) {
    std::size_t broken = 0;
    std::string text = Converter{"CP949"}.convert(bytes, broken);
    if (broken > 0) return std::nullopt;
    return text;
}

Decoded decode(std::string_view bytes, std::optional<store::TextEncoding> told) {
    if (!told) return guessed(bytes);
    Decoded decoded = as_told(bytes, *told);
    decoded.encoding += ", as you said";
    return decoded;
}

}  // namespace hsl::adapters::detail
