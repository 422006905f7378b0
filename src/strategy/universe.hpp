// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which symbols a sweep looks at, in words: `listed("KOSPI", 2020-01-02) + sector("은행")`.
// Grammar: docs/reference/strategy-language.md. Plain values and pure functions; any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/listing.hpp"
#include "market/named_column.hpp"

namespace hsl::strategy {

struct UniverseTerm {
    enum class Kind : std::uint8_t { all, listed, index, sector };
    Kind kind{};
    std::string name = {};                            // of the market, index or sector
    market::Market market = market::Market::unknown;  // kind listed
    // listed without a day: on that market at any time. index and sector without one: as of the
    // run's first session.
    std::optional<Date> as_of = {};
};

// The union of its terms.
struct Universe {
    std::string text = {};
    std::vector<UniverseTerm> terms = {};
    [[nodiscard]] bool everything() const;  // `all` is one of the terms
    // Names of the columns that tell index memberships: "in_kospi200".
    [[nodiscard]] std::vector<std::string> columns() const;
};

// Errors point at the place.
[[nodiscard]] Result<Universe> parse_universe(std::string_view text);

// Ascending; who was delisted since stays in. Not for a universe of everything. An error where a
// term has no member, or what it asks was never imported: it names the command.
[[nodiscard]] Result<std::vector<std::string>> members_of(
    const Universe& universe, const market::Listings& listings,
    std::span<const market::ColumnSeries> columns, Date first_session);

}  // namespace hsl::strategy
