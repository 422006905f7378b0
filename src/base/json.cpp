// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl {

namespace {

class JsonChecker {
public:
    explicit JsonChecker(std::string_view text) : rest_(text) {}

    bool document() { return value(64) && (blanks(), rest_.empty()); }

private:
    void blanks() {
        const std::size_t end = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(std::min(end, rest_.size()));
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool word(std::string_view wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(wanted.size());
        return true;
    }
    bool digits() {
        const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        rest_.remove_prefix(end);
        return end > 0;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    bool string() {
        if (!take('"')) return false;
        while (!rest_.empty()) {
            const auto c = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            if (c == '"') return true;
            if (c < 0x20) return false;
            if (c != '\\') continue;
            if (take('u')) {
                const std::string_view code = rest_.substr(0, 4);
                if (code.size() < 4 ||
                    code.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
                    return false;
                rest_.remove_prefix(4);
            } else if (rest_.empty() || !std::string_view{"\"\\/bfnrt"}.contains(rest_.front())) {
                return false;
            } else {
                rest_.remove_prefix(1);
            }
        }
        return false;
    }
    // The members of an object or array, up to its end.
    bool members(char end, bool named, int depth) {
        blanks();
        if (take(end)) return true;
        do {
            blanks();
            if (named && !(string() && (blanks(), take(':')))) return false;
            if (!value(depth)) return false;
            blanks();
        } while (take(','));
        return take(end);
    }
    bool value(int depth) {
        if (depth == 0) return false;
        blanks();
        if (take('{')) return members('}', true, depth - 1);
        if (take('[')) return members(']', false, depth - 1);
        if (rest_.starts_with('"')) return string();
        return word("true") || word("false") || word("null") || number();
    }

    std::string_view rest_;
};

}  // namespace

bool is_json(std::string_view text) {
    return valid_utf8(text) == text && JsonChecker{text}.document();
}

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (first_.empty()) return;
    if (!first_.back()) out_ += ',';
    first_.back() = false;
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    first_.push_back(true);
    return *this;
}
JsonWriter& JsonWriter::end_object() {
    first_.pop_back();
    out_ += '}';
    return *this;
}
JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    first_.push_back(true);
    return *this;
}
JsonWriter& JsonWriter::end_array() {
    first_.pop_back();
    out_ += ']';
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    value(name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    out_ += '"';
    for (const char c : valid_utf8(text)) {
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
                else
                    out_ += c;
        }
    }
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number)) return null();
    separate();
    // A whole number prints as one: 12, not 12.0.
    if (number == std::trunc(number) && std::fabs(number) < 1e15)
        out_ += fmt::format("{}", static_cast<std::int64_t>(number));
    else
        out_ += fmt::format("{}", number);
    return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
    separate();
    out_ += truth ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
    separate();
    out_ += fmt::format("{}", number);
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace hsl
