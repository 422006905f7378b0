// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether prices are raw or adjusted, and which close of the day they hold: what each series of a
// file says, and what becomes of it. docs/concepts/import.md has the rules. A wrong "raw" would put
// exact limits on prices that never were; a wrong "unknown" costs little.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/feeds/detail/series_rules.hpp"
#include "market/bar.hpp"

namespace hsl::adapters::detail {

// What one series of daily bars says.
struct Evidence {
    bool korean = false;
    std::int64_t rows = 0;
    std::int64_t caps = 0;        // rows with market cap = close x shares
    std::int64_t fractions = 0;   // rows with a fraction of a won
    std::int64_t ranges = 0;      // rows whose range rounding had broken
    std::int64_t telling = 0;     // distinct prices on days whose tick is 5 won or more
    std::int64_t off_grid = 0;    // of those, not on the tick grid of their day
    std::int64_t off_five = 0;    // of those, not even a multiple of 5 won
    std::int64_t old_rows = 0;    // from before the days whose ticks are known
    std::int64_t values = 0;      // rows whose traded value / volume was held to low .. high
    std::int64_t values_off = 0;  // of those, beside it
    bool whole_volumes = true;    // volumes might all be multiples of 2, 3 or 5
    bool paused = false;          // three or more sessions without trades: a split needs them
    std::string jump = {};        // a split that stands in the prices: date, closes
    std::vector<int> factors =
        {};  // by which divided (below 0: multiplied) they would look the same
    // Closes since 2026-09-14.
    std::int64_t rows_before_change = 0;
    std::int64_t rows_after_change = 0;
    std::int64_t bases_after_change =
        0;                       // base prices that could be compared with the close before
    std::int64_t bases_off = 0;  // of those, another one
};
// Expects sorted rows; `verdict` holds the series' events.
[[nodiscard]] Evidence weigh(const Series& series, const Verdict& verdict);

struct BasisJudgement {
    market::Basis basis = market::Basis::unknown;
    std::string because = {};
};
// Of each series of one file: a publisher adjusts everything or nothing, so that what some of them
// prove counts for the others.
[[nodiscard]] std::vector<BasisJudgement> judge_bases(std::span<const Evidence> evidence);
// What is said of the file as a whole.
[[nodiscard]] BasisJudgement sum_up(std::span<const BasisJudgement> judgements);

struct DefinitionJudgement {
    market::BarDefinition definition = market::BarDefinition::unknown;
    std::string because = {};
    bool changes = false;  // inside the file
};
[[nodiscard]] DefinitionJudgement judge_definition(std::span<const Evidence> evidence);

}  // namespace hsl::adapters::detail
