// SPDX-License-Identifier: Apache-2.0
#pragma once

// A frame in days and, where a graph reads them, in weeks and months. Made once; any thread may
// read.

#include <optional>
#include <span>

#include "market/frame.hpp"
#include "market/resample.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

class Timeframes {
public:
    // Keeps a reference to the frame. Checks that it has the columns that the nodes name.
    Timeframes(std::span<const Node> nodes, const market::Frame& days);
    // Makes weeks and months; needed before they are read.
    void prepare(unsigned threads);

    [[nodiscard]] const market::Frame& frame(Timeframe timeframe) const;
    [[nodiscard]] const market::Periods& periods(Timeframe timeframe) const;
    [[nodiscard]] std::size_t sessions(Timeframe timeframe) const {
        return frame(timeframe).session_count();
    }
    // The column that a field node reads.
    [[nodiscard]] const TileColumn& column(const Node& field) const;

private:
    struct Coarse {
        bool wanted = false;
        std::optional<market::Periods> periods = {};
        std::optional<market::Frame> frame = {};
    };
    const Coarse& coarse(Timeframe timeframe) const {
        return timeframe == Timeframe::week ? weeks_ : months_;
    }

    const market::Frame& days_;
    std::vector<bool> summed_;  // by named column
    Coarse weeks_, months_;
};

}  // namespace hsl::strategy
