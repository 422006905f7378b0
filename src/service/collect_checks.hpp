// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a new session brought against the session before it: how many rows, who came, who went,
// who halted, who closed at the limit, whose price moved further than a day allows.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"

namespace hsl::service {

struct DayChange {
    std::string symbol = {};
    // "new", "gone", "halted", "resumed", "limit_up", "limit_down", "jump"
    std::string what = {};
    std::string detail = {};  // in words, with the values
};

struct MarketCount {
    market::Market market{};
    std::int64_t rows = 0, rows_before = 0;
};

struct DayCheck {
    Date day = {}, before = {};
    std::vector<MarketCount> counts = {};
    std::vector<DayChange> changes = {};  // by kind, then symbol
    // A market that lost more than half of its rows overnight: no day does that, an answer that was
    // cut short does.
    [[nodiscard]] std::optional<Error> damage() const;
};

// Bars of one symbol on both days, as far as there are any.
struct TwoDays {
    market::Instrument instrument = {};
    market::Basis basis = market::Basis::unknown;
    std::optional<market::Bar> before = {}, now = {};
};
// `symbols` ascends by symbol. The exact limits hold for raw bars of whole won, 29 % for others.
[[nodiscard]] DayCheck check_day(Date day, Date before, const std::vector<TwoDays>& symbols);

}  // namespace hsl::service
