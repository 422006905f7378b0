// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/timeframes.hpp"

#include "base/assert.hpp"

namespace hsl::strategy {

Timeframes::Timeframes(std::span<const Node> nodes, const market::Frame& days)
    : days_(days), summed_(days.named.size(), false) {
    for (const Node& node : nodes) {
        if (node.timeframe == Timeframe::week) weeks_.wanted = true;
        if (node.timeframe == Timeframe::month) months_.wanted = true;
        if (node.column < 0) continue;
        const auto column = static_cast<std::size_t>(node.column);
        HSL_ASSERT(column < days.named.size());
        if (node.summed) summed_[column] = true;
    }
}

void Timeframes::prepare(unsigned threads) {
    for (const auto& [coarse, period] :
         {std::pair{&weeks_, market::Period::week}, std::pair{&months_, market::Period::month}}) {
        if (!coarse->wanted || coarse->frame) continue;
        coarse->periods = market::periods_of(days_.sessions, period);
        coarse->frame = market::resample(days_, *coarse->periods, summed_, threads);
    }
}

const market::Frame& Timeframes::frame(Timeframe timeframe) const {
    if (timeframe == Timeframe::day) return days_;
    HSL_ASSERT(coarse(timeframe).frame.has_value());
    return *coarse(timeframe).frame;
}

const market::Periods& Timeframes::periods(Timeframe timeframe) const {
    HSL_ASSERT(timeframe != Timeframe::day && coarse(timeframe).periods.has_value());
    return *coarse(timeframe).periods;
}

const TileColumn& Timeframes::column(const Node& field) const {
    const market::Frame& held = frame(field.timeframe);
    if (field.column >= 0) return held.named[static_cast<std::size_t>(field.column)];
    return field.raw ? held.raw(field.field) : held.column(field.field);
}

}  // namespace hsl::strategy
