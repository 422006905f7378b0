// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace hsl {
namespace {

constexpr int depth_max = 64;
constexpr std::size_t values_max = std::size_t{1} << 26;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

// The four digits of \uXXXX at `at`; the scanner has checked that they are there.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
    std::uint32_t code = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        code = code << 4 | static_cast<std::uint32_t>(hex_digit(text[i]));
    return code;
}

// What stands between the quotes of a string, without escapes. Halves of a pair that stand alone
// become U+FFFD.
std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') {
            out += text[at];
            continue;
        }
        switch (text[++at]) {
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'u': {
                std::uint32_t code = code_unit(text, at + 1);
                at += 4;
                const bool high = code >= 0xD800 && code < 0xDC00;
                if (high && text.substr(at + 1).starts_with("\\u")) {
                    const std::uint32_t low = code_unit(text, at + 3);
                    if (low >= 0xDC00 && low < 0xE000) {
                        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                        at += 6;
                    }
                }
                append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
                break;
            }
            default:
                out += text[at];
        }
    }
    return out;
}

}  // namespace

class JsonScanner {
public:
    JsonScanner(std::string_view bytes, JsonDocument& document)
        : bytes_(bytes), document_(document) {}

    Result<void> run() {
        if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        if (!value({}, 0)) return wrong();
        blanks();
        if (at_ != bytes_.size()) return wrong();
        return {};
    }

private:
    std::unexpected<Error> wrong() const {
        return fail(ErrorCode::bad_data,
                    at_ >= bytes_.size()
                        ? fmt::format("the JSON ends too early, after {} bytes", bytes_.size())
                        : fmt::format("no JSON at byte {}", at_ + 1));
    }
    void blanks() {
        while (at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\t' ||
                                       bytes_[at_] == '\n' || bytes_[at_] == '\r'))
            ++at_;
    }
    bool take(char c) {
        if (at_ >= bytes_.size() || bytes_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool word(std::string_view text) {
        if (!bytes_.substr(at_).starts_with(text)) return false;
        at_ += text.size();
        return true;
    }
    bool digits() {
        const std::size_t first = at_;
        while (at_ < bytes_.size() && is_digit(bytes_[at_])) ++at_;
        return at_ > first;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (!digits()) return false;
        }
        return true;
    }
    // Leaves what stands between the quotes in `text`.
    bool string(std::string_view& text) {
        if (!take('"')) return false;
        const std::size_t first = at_;
        for (; at_ < bytes_.size(); ++at_) {
            const char c = bytes_[at_];
            if (c == '"') {
                text = bytes_.substr(first, at_ - first);
                ++at_;
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c == '\\' && !escape()) return false;
        }
        return false;
    }
    // At a backslash; ends on the last byte of the escape.
    bool escape() {
        if (++at_ >= bytes_.size()) return false;
        if (bytes_[at_] != 'u') return std::string_view{"\"\\/bfnrt"}.contains(bytes_[at_]);
        for (int i = 0; i < 4; ++i)
            if (++at_ >= bytes_.size() || hex_digit(bytes_[at_]) < 0) return false;
        return true;
    }
    bool value(std::string_view key, int depth) {
        blanks();
        if (at_ >= bytes_.size() || document_.nodes_.size() >= values_max) return false;
        const std::size_t index = document_.nodes_.size();
        const std::size_t first = at_;
        document_.nodes_.push_back({.raw = {}, .key = key});
        std::uint32_t count = 0;
        JsonKind kind{};
        std::string_view inner;
        switch (bytes_[at_]) {
            case '{':
                kind = JsonKind::object;
                if (depth == depth_max || !members(depth, count)) return false;
                break;
            case '[':
                kind = JsonKind::array;
                if (depth == depth_max || !items(depth, count)) return false;
                break;
            case '"':
                kind = JsonKind::string;
                if (!string(inner)) return false;
                break;
            case 't':
            case 'f':
                kind = JsonKind::boolean;
                if (!word("true") && !word("false")) return false;
                break;
            case 'n':
                if (!word("null")) return false;
                break;
            default:
                kind = JsonKind::number;
                if (!number()) return false;
        }
        JsonDocument::Node& node = document_.nodes_[index];
        node.kind = kind;
        node.count = count;
        node.raw = bytes_.substr(first, at_ - first);
        node.end = static_cast<std::uint32_t>(document_.nodes_.size());
        return true;
    }
    bool members(int depth, std::uint32_t& count) {
        ++at_;
        blanks();
        if (take('}')) return true;
        do {
            std::string_view key;
            blanks();
            if (!string(key)) return false;
            blanks();
            if (!take(':') || !value(key, depth + 1)) return false;
            ++count;
            blanks();
        } while (take(','));
        return take('}');
    }
    bool items(int depth, std::uint32_t& count) {
        ++at_;
        blanks();
        if (take(']')) return true;
        do {
            if (!value({}, depth + 1)) return false;
            ++count;
            blanks();
        } while (take(','));
        return take(']');
    }

    std::string_view bytes_;
    JsonDocument& document_;
    std::size_t at_ = 0;
};

Result<JsonDocument> JsonDocument::read(std::string_view bytes) {
    JsonDocument document;
    HSL_CHECK((JsonScanner{bytes, document}.run()));
    return document;
}

JsonKind JsonValue::kind() const { return document_->nodes_[index_].kind; }
std::string_view JsonValue::raw() const { return document_->nodes_[index_].raw; }
std::string_view JsonValue::key() const { return document_->nodes_[index_].key; }
std::size_t JsonValue::size() const { return document_->nodes_[index_].count; }

std::string JsonValue::text() const {
    const std::string_view bytes = raw();
    switch (kind()) {
        case JsonKind::string:
            return unescaped(bytes.substr(1, bytes.size() - 2));
        case JsonKind::number:
        case JsonKind::boolean:
            return std::string{bytes};
        default:
            return {};
    }
}

std::optional<JsonValue> JsonValue::find(std::string_view wanted) const {
    if (!is_object()) return {};
    const auto& nodes = document_->nodes_;
    for (std::uint32_t at = index_ + 1; at < nodes[index_].end; at = nodes[at].end)
        if (nodes[at].key == wanted) return JsonValue{*document_, at};
    return {};
}

std::vector<JsonValue> JsonValue::children() const {
    std::vector<JsonValue> out;
    out.reserve(size());
    const auto& nodes = document_->nodes_;
    if (kind() != JsonKind::array && kind() != JsonKind::object) return out;
    for (std::uint32_t at = index_ + 1; at < nodes[index_].end; at = nodes[at].end)
        out.push_back(JsonValue{*document_, at});
    return out;
}

}  // namespace hsl
