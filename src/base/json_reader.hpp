// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads a JSON document (RFC 8259) whose bytes the caller keeps: a tree of references into them, so
// that a part can be kept as it stood. The one grammar of JSON: is_json of base/json.hpp asks it as
// well. Immutable once read; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

class JsonDocument;

// One value of a document; valid while the document stays where it is.
class JsonValue {
public:
    [[nodiscard]] JsonKind kind() const;
    [[nodiscard]] bool is_array() const { return kind() == JsonKind::array; }
    [[nodiscard]] bool is_object() const { return kind() == JsonKind::object; }
    [[nodiscard]] std::string_view raw() const;  // its bytes, quotes and brackets included
    [[nodiscard]] std::string_view key() const;  // in the object that holds it, escapes as they are
    // A string without its escapes, a number or truth value as it stands, "" for the rest.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::optional<JsonValue> find(std::string_view key) const;  // of an object
    [[nodiscard]] std::vector<JsonValue> children() const;  // of an array or object, in order
    [[nodiscard]] std::size_t size() const;

private:
    friend class JsonDocument;
    JsonValue(const JsonDocument& document, std::uint32_t index)
        : document_(&document), index_(index) {}
    const JsonDocument* document_;
    std::uint32_t index_;
};

class JsonDocument {
public:
    // A byte order mark is skipped. At most 64 deep and 2^26 values; the error names the byte.
    [[nodiscard]] static Result<JsonDocument> read(std::string_view bytes);
    [[nodiscard]] JsonValue root() const { return {*this, 0}; }

private:
    friend class JsonValue;
    friend class JsonScanner;
    struct Node {
        std::string_view raw;
        std::string_view key;
        std::uint32_t end = 0;    // index behind the last value below it
        std::uint32_t count = 0;  // of children
        JsonKind kind{};
    };
    std::vector<Node> nodes_;  // depth first
};

}  // namespace hsl
