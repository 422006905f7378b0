// SPDX-License-Identifier: Apache-2.0
#pragma once

// Several sources that hold the same symbol, compared: who agrees with whom, by which factor two
// differ, and which one is the odd one out. Pure functions; any thread. Definitions:
// docs/concepts/cross-checks.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/bar.hpp"
#include "store/bar_store.hpp"

namespace hsl::service {

// One telling of a symbol's story. Bars ascend by date; whoever compares owns them.
struct Telling {
    std::string name = {};  // the source, or the file
    std::span<const market::Bar> bars = {};
    int scale = 0;
};

// A stretch of sessions in which the second one's closes are the first one's over a constant.
struct FactorStretch {
    Date from = {}, to = {};
    std::int64_t sessions = 0;
    double factor = 1;  // first / second: 50 where the first is raw before a 50:1 split
};

struct PairAgreement {
    std::string first = {}, second = {};
    std::int64_t common = 0;  // sessions that both have with a close
    std::int64_t equal = 0;   // closes
    std::int64_t by_factor = 0;
    std::int64_t differing = 0;                    // common = equal + by_factor + differing
    std::optional<double> median_difference = {};  // |first / second - 1| over `differing`
    std::int64_t volumes_equal = 0;
    std::vector<FactorStretch> stretches = {};  // of factors other than 1, by date
    std::vector<Date> differences = {};         // the first five of `differing`

    // Nine closes of ten are equal, or are so over a factor.
    [[nodiscard]] bool agrees() const {
        return common > 0 && 10 * (equal + by_factor) >= 9 * common;
    }
};

struct Agreement {
    std::string symbol = {};
    std::vector<PairAgreement> pairs = {};
    // Of three or more, the only one that agrees with none of the others while these agree; else
    // the only one whose every pair needs a factor while the others need none; else the only one
    // that never has a close of another while the others do. "" when there is no such one.
    std::string odd = {};
    std::string why = {};  // in words
};

[[nodiscard]] PairAgreement compare(const Telling& first, const Telling& second);
[[nodiscard]] Agreement compare_all(const std::string& symbol, std::span<const Telling> tellings);

// Of the symbols that several sources of the store hold (of those asked for, when any are).
[[nodiscard]] Result<std::vector<Agreement>> compare_sources(
    store::BarStore& store, const std::vector<std::string>& symbols, const std::string& at);

}  // namespace hsl::service
