// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/panel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "strategy/detail/arithmetic.hpp"

namespace hsl::strategy {
namespace {

constexpr std::size_t block_sessions = 32;  // a unit of work

struct Entry {
    double value;
    std::size_t lane;
    double sector = 0;
};

// The share of lanes whose value is at most this one's.
void rank_session(std::span<Entry> entries, TileColumn& out, std::size_t t) {
    std::ranges::sort(entries, {}, &Entry::value);
    const auto count = static_cast<double>(entries.size());
    for (std::size_t first = 0; first < entries.size();) {
        std::size_t last = first + 1;
        while (last < entries.size() && entries[last].value == entries[first].value) ++last;
        for (std::size_t i = first; i < last; ++i)
            out.at(entries[i].lane, t) = static_cast<double>(last) / count;
        first = last;
    }
}

// Distance from the mean in population standard deviations; sums run in the order of the lanes.
double mean_of(std::span<const Entry> entries) {
    double sum = 0;
    for (const Entry& entry : entries) sum += entry.value;
    return sum / static_cast<double>(entries.size());
}
void zscore_session(std::span<const Entry> entries, TileColumn& out, std::size_t t) {
    const auto count = static_cast<double>(entries.size());
    const double mean = mean_of(entries);
    double squares = 0;
    for (const Entry& entry : entries) squares += (entry.value - mean) * (entry.value - mean);
    const double deviation = std::sqrt(squares / count);
    for (const Entry& entry : entries) {
        const double score = (entry.value - mean) / deviation;
        out.at(entry.lane, t) = std::isfinite(score) ? score : missing;
    }
}

// The same within each sector; lanes of unknown sector have no value.
void sector_session(Verb verb, std::vector<Entry>& entries, TileColumn& out, std::size_t t) {
    std::erase_if(entries, [](const Entry& entry) { return std::isnan(entry.sector); });
    std::ranges::sort(entries, {},
                      [](const Entry& entry) { return std::pair{entry.sector, entry.lane}; });
    for (std::size_t first = 0; first < entries.size();) {
        std::size_t last = first + 1;
        while (last < entries.size() && entries[last].sector == entries[first].sector) ++last;
        const std::span of_sector = std::span{entries}.subspan(first, last - first);
        first = last;
        if (verb == Verb::sector_rank) {
            rank_session(of_sector, out, t);
        } else if (verb == Verb::sector_zscore) {
            zscore_session(of_sector, out, t);
        } else {
            const double mean = mean_of(of_sector);
            for (const Entry& entry : of_sector)
                out.at(entry.lane, t) = std::isfinite(mean) ? mean : missing;
        }
    }
}

// True where fewer than n lanes have a larger value.
void top_session(const std::vector<Entry>& entries, std::size_t n, std::vector<double>& values,
                 Panel& panel, std::size_t sessions, std::size_t t) {
    double least = -std::numeric_limits<double>::infinity();
    if (entries.size() > n) {
        values.clear();
        for (const Entry& entry : entries) values.push_back(entry.value);
        const auto nth = values.begin() + static_cast<std::ptrdiff_t>(n - 1);
        std::nth_element(values.begin(), nth, values.end(), std::greater<>{});
        least = *nth;
    }
    for (const Entry& entry : entries) {
        const Truth truth = panel.truth(entry.lane / tile_lanes, sessions);
        const auto bit = static_cast<std::uint8_t>(1u << entry.lane % tile_lanes);
        std::uint8_t& byte = entry.value >= least ? truth.yes[t] : truth.no[t];
        byte = static_cast<std::uint8_t>(byte | bit);
    }
}

}  // namespace

Panel compute_panel(const Node& node, const TileColumn& input, const market::Frame& frame,
                    unsigned threads) {
    const std::size_t sessions = frame.session_count();
    const std::size_t tiles = frame.tile_count();
    const TileColumn* sectors =
        node.column < 0 ? nullptr : &frame.named[static_cast<std::size_t>(node.column)];
    Panel panel;
    if (node.type == ValueType::boolean) {
        panel.truths = AlignedBuffer<std::uint8_t>(tiles * 2 * truth_stride(sessions));
        std::memset(panel.truths.data(), 0, panel.truths.size());
    } else {
        panel.column = TileColumn(tiles, sessions);
    }
    parallel_for(
        (sessions + block_sessions - 1) / block_sessions, threads,
        [&](std::size_t block, unsigned) {
            std::vector<Entry> entries;
            std::vector<double> values;
            const std::size_t last = std::min(sessions, (block + 1) * block_sessions);
            for (std::size_t t = block * block_sessions; t < last; ++t) {
                entries.clear();
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    if (node.type == ValueType::number)
                        std::fill_n(panel.column.tile(tile) + t * tile_lanes, tile_lanes, missing);
                    const double* row = input.tile(tile) + t * tile_lanes;
                    const unsigned listed = frame.listed.tile(tile)[t];
                    for (std::size_t lane = 0; lane < tile_lanes; ++lane)
                        if ((listed >> lane & 1) != 0 && !std::isnan(row[lane]))
                            entries.push_back({row[lane], tile * tile_lanes + lane,
                                               sectors == nullptr
                                                   ? 0
                                                   : sectors->tile(tile)[t * tile_lanes + lane]});
                }
                if (node.verb == Verb::rank)
                    rank_session(entries, panel.column, t);
                else if (sectors != nullptr)
                    sector_session(node.verb, entries, panel.column, t);
                else if (node.verb == Verb::zscore)
                    zscore_session(entries, panel.column, t);
                else
                    top_session(entries, static_cast<std::size_t>(node.number), values, panel,
                                sessions, t);
            }
        });
    return panel;
}

}  // namespace hsl::strategy
