// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/ranges.hpp"

#include <cstddef>
#include <optional>
#include <span>

#include "base/hash.hpp"

namespace hsl::adapters {
namespace {

constexpr std::size_t checksum_digits = 32;

std::string checksum(std::string_view bytes) {
    Hasher hasher;
    hasher.add(std::as_bytes(std::span{bytes}));
    return hasher.hex(checksum_digits);
}

// Seven bits a byte, the lowest first; the high bit says that more follow.
void put(std::string& bytes, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
    bytes += static_cast<char>(number);
}

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    std::optional<std::uint64_t> number() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return number;
        }
        return std::nullopt;
    }
    std::optional<std::string> text() {
        const auto size = number();
        if (!size || *size > rest_.size()) return std::nullopt;
        std::string text{rest_.substr(0, *size)};
        rest_.remove_prefix(*size);
        return text;
    }

private:
    std::string_view rest_;
};

// Small whatever the sign.
std::uint64_t folded(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t unfolded(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1) ^ -static_cast<std::int64_t>(number & 1);
}

}  // namespace

std::string encode(const std::vector<FileSymbol>& symbols) {
    std::string body;
    FileSymbol before;
    for (const FileSymbol& each : symbols) {
        put(body, each.symbol.size());
        body += each.symbol;
        put(body, static_cast<std::uint64_t>(each.rows));
        put(body, static_cast<std::uint64_t>(each.total_rows));
        // Symbols mostly begin and end with their market.
        put(body, folded(each.first - before.first));
        put(body, folded(each.last - before.last));
        before.first = each.first;
        before.last = each.last;
    }
    return checksum(body) + body;
}

Result<std::vector<FileSymbol>> decode_ranges(std::string_view bytes) {
    const auto refused = [] { return fail(ErrorCode::corrupt, "checksum differs"); };
    if (bytes.size() < checksum_digits) return refused();
    const std::string_view body = bytes.substr(checksum_digits);
    if (checksum(body) != bytes.substr(0, checksum_digits)) return refused();
    std::vector<FileSymbol> symbols;
    Date first, last;
    for (Reader reader{body}; !reader.at_end();) {
        auto symbol = reader.text();
        const auto rows = reader.number();
        const auto total = reader.number();
        const auto first_change = reader.number();
        const auto last_change = reader.number();
        if (!symbol || !rows || !total || !first_change || !last_change) return refused();
        first = first + static_cast<int>(unfolded(*first_change));
        last = last + static_cast<int>(unfolded(*last_change));
        symbols.push_back({.symbol = std::move(*symbol),
                           .rows = static_cast<std::int64_t>(*rows),
                           .total_rows = static_cast<std::int64_t>(*total),
                           .first = first,
                           .last = last});
    }
    return symbols;
}

}  // namespace hsl::adapters
