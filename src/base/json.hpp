// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes one JSON document, in order, without a tree. Doubles come out as the shortest text that
// reads back to the same bits; NaN and infinities become null. Text is UTF-8;
// bytes that are not become U+FFFD, so that a document is always one.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"

namespace hsl {

// Whether a text is one JSON document (RFC 8259), at most 64 deep: for texts that were kept on a
// disk, which may have damaged them.
[[nodiscard]] bool is_json(std::string_view text);

class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view{text}); }
    JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
    JsonWriter& value(double number);
    JsonWriter& value(bool truth);
    JsonWriter& value(Date date) { return value(std::string_view{date.iso()}); }
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    JsonWriter& value(I number) {
        return integer(static_cast<std::int64_t>(number));
    }
    JsonWriter& null();
    JsonWriter& raw(std::string_view json);  // an already finished value

    template <class T>
    JsonWriter& member(std::string_view name, const T& held) {
        key(name);
        return value(held);
    }

    // An array of values.
    template <class Values>
    JsonWriter& list(std::string_view name, const Values& values) {
        key(name).begin_array();
        for (const auto& held : values) value(held);
        return end_array();
    }

    [[nodiscard]] const std::string& text() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    JsonWriter& integer(std::int64_t number);
    void separate();
    std::string out_;
    std::vector<bool> first_;
    bool after_key_ = false;
};

}  // namespace hsl
