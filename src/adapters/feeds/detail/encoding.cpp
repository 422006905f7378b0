// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/encoding.hpp"

#include <iconv.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/assert.hpp"

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

struct Utf8Count {
    std::size_t good = 0;    // characters of several bytes
    std::size_t broken = 0;  // bytes that belong to none
};

Utf8Count count_utf8(std::string_view bytes) {
    Utf8Count count;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    for (std::size_t at = 0; at < bytes.size();) {
        const unsigned char head = byte(at);
        if (head < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
        bool whole = head >= 0xC2 && head <= 0xF4 && at + length <= bytes.size();
        for (std::size_t i = 1; whole && i < length; ++i) whole = (byte(at + i) & 0xC0) == 0x80;
        if (whole) {
            ++count.good;
            at += length;
        } else {
            ++count.broken;
            ++at;
        }
    }
    return count;
}

// UTF-16 without a mark: digits and separators leave every other byte zero, and few letters (가)
// the other one.
std::string_view utf16_without_mark(std::string_view bytes) {
    const std::string_view probe = bytes.substr(0, probe_bytes);
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < probe.size(); ++i)
        if (probe[i] == '\0') ++(i % 2 == 0 ? even : odd);
    if (probe.size() < 16 || 5 * (even + odd) < probe.size()) return {};
    if (odd > 0 && 4 * even <= odd) return "UTF-16LE";
    if (even > 0 && 4 * odd <= even) return "UTF-16BE";
    return {};
}

Decoded from_utf16(std::string_view bytes, std::string_view encoding) {
    std::size_t broken = 0;
    Decoded decoded{.encoding = encoding};
    decoded.owned = Converter{encoding.data()}.convert(bytes, broken);
    return decoded;
}

}  // namespace

std::optional<std::string> from_cp949(std::string_view bytes) {
    std::size_t broken = 0;
    std::string text = Converter{"CP949"}.convert(bytes, broken);
    if (broken > 0) return std::nullopt;
    return text;
}

Decoded decode(std::string_view bytes) {
    if (bytes.starts_with(utf8_mark)) {
        // Tools that write a mark before one that is there already exist.
        while (bytes.starts_with(utf8_mark)) bytes.remove_prefix(utf8_mark.size());
        return {.text = bytes, .encoding = "UTF-8 with BOM"};
    }
    Decoded decoded;
    if (bytes.starts_with("\xFF\xFE"))
        decoded = from_utf16(bytes.substr(2), "UTF-16LE");
    else if (bytes.starts_with("\xFE\xFF"))
        decoded = from_utf16(bytes.substr(2), "UTF-16BE");
    else if (const auto encoding = utf16_without_mark(bytes); !encoding.empty())
        decoded = from_utf16(bytes, encoding);
    else if (!is_ascii(bytes)) {
        const Utf8Count count = count_utf8(bytes);
        // A little damage does not make Korean out of UTF-8.
        if (count.broken > 0 && 20 * count.broken > count.good) {
            std::size_t broken = 0;
            std::string text = Converter{"CP949"}.convert(bytes, broken);
            if (broken < count.broken) {
                decoded.owned = std::move(text);
                decoded.encoding = "CP949";
            }
        }
    }
    if (decoded.encoding.empty()) return {.text = bytes, .encoding = "UTF-8"};
    return decoded;
}

}  // namespace hsl::adapters::detail
