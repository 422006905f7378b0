// SPDX-License-Identifier: Apache-2.0

// The named columns of a Frame: what else is known of its symbols, from the day it was known on.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "market/frame.hpp"

namespace hsl::market {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// What to import for a column that is not there.
std::string_view files_with(std::string_view name) {
    if (is_membership(name)) return "lists of the index's members with their days";
    if (name.starts_with("short_")) return "files of short selling (공매도)";
    if (name.contains("_net") || name.starts_with("foreign_"))
        return "files of investor flows (외국인, 기관, 개인)";
    if (name == "market_cap" || name == "listed_shares")
        return "whole-market files such as marcap's, or the exchange's daily bodies";
    return "files of valuations and accounts (PER, PBR, EPS, BPS, DIV)";
}

// foreign_net of foreign_net, foreign_net_shares and foreign_net_rate.
std::string_view stem_of(std::string_view name) {
    for (const std::string_view ending : {"_shares", "_rate", "_value"})
        if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    return name;
}

std::unexpected<Error> no_such_column(std::string_view name, const FrameInputs& inputs) {
    const ColumnSpec* spec = find_column(name);
    if (spec == nullptr)
        return fail(ErrorCode::not_found, fmt::format("there is no column '{}'", name));
    // The same thing in another unit may be there.
    for (const ColumnSeries& series : inputs.columns) {
        const ColumnSpec* other = find_column(series.column);
        if (other == nullptr || other == spec || stem_of(other->name) != stem_of(name)) continue;
        return fail(ErrorCode::not_found,
                    fmt::format("no symbol of this run has the column '{}' ({}), but '{}' ({}) is "
                                "there",
                                name, spec->korean, other->name, other->korean));
    }
    return fail(ErrorCode::not_found,
                fmt::format("no symbol of this run has the column '{}' ({}): bring it in with `hsl "
                            "import FILE`, from {}",
                            name, spec->korean, files_with(name)));
}

// A value from the session on which it was known. In a frame of minutes that is the last bar of the
// day in whose evening it was public, or, when that was no session, the first bar after it.
struct Step {
    std::size_t session;
    Date date;  // that it speaks of
    double value;
};

std::size_t known_from(const Frame& frame, std::size_t first, Date known) {
    const std::span<const Date> sessions = frame.sessions;
    const auto after = std::ranges::upper_bound(sessions.subspan(first), known);
    const auto session = static_cast<std::size_t>(after - sessions.begin());
    return session > first && sessions[session - 1] == known ? session - 1 : session;
}

// Of one lane, by session; of several values that one session brings, the one of the latest date.
std::vector<Step> steps_of(const ColumnSeries& series, const Lane& lane, const Frame& frame,
                           bool carried) {
    const std::span<const Date> sessions = frame.sessions;
    // What was known before a cut says nothing about the series after it: its unit may be another.
    const Date begin =
        lane.segment == 0 ? Date{std::numeric_limits<std::int32_t>::min()} : sessions[lane.first];
    std::vector<Step> steps;
    for (const ColumnRow& row : series.rows) {
        if (row.date < begin || (!carried && row.known < sessions[lane.first])) continue;
        const std::size_t session = known_from(frame, lane.first, row.known);
        if (session <= lane.last) steps.push_back({session, row.date, row.value});
    }
    std::ranges::stable_sort(steps, {}, &Step::session);  // rows ascend by date
    return steps;
}

void fill_lane(const ColumnSeries* series, bool carried, std::optional<Date> zero_from,
               const Frame& frame, std::size_t lane_index, TileColumn& column) {
    const Lane& lane = frame.lanes[lane_index];
    const auto at = [&](std::size_t t) -> double& { return column.at(lane_index, t); };
    if (zero_from)
        for (std::size_t t = known_from(frame, lane.first, *zero_from); t <= lane.last; ++t)
            at(t) = 0;
    if (series == nullptr) return;
    const std::vector<Step> steps = steps_of(*series, lane, frame, carried);
    if (!carried) {
        // Of a day's evening: there until the next evening.
        for (const Step& step : steps) {
            const std::size_t evening = frame.day_last(step.session);
            const std::size_t next =
                evening == lane.last ? evening : frame.day_last(evening + 1) - 1;
            for (std::size_t t = step.session; t <= std::max(evening, next); ++t)
                at(t) = step.value;
        }
        return;
    }
    const Step* held = nullptr;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        // An older report that is published late does not replace a newer one.
        if (held == nullptr || steps[i].date >= held->date) held = &steps[i];
        const std::size_t end = i + 1 < steps.size() ? steps[i + 1].session : lane.last + 1;
        for (std::size_t t = steps[i].session; t < end; ++t) at(t) = held->value;
    }
}

Result<void> fill_values(const FrameInputs& inputs, std::string_view name, const Frame& frame,
                         unsigned threads, TileColumn& column) {
    const ColumnSpec* spec = find_column(name);
    if (spec == nullptr) return no_such_column(name, inputs);
    // A list of members names those that are in; who is not named is out.
    const bool lists = is_membership(name);
    const std::vector<ColumnSeries> members =
        lists ? with_leavers(inputs.columns, name) : std::vector<ColumnSeries>{};
    std::map<std::string_view, const ColumnSeries*> series_of;  // the first source of each symbol
    std::optional<Date> first_known;
    for (const ColumnSeries& series : lists ? std::span{members} : inputs.columns) {
        if (series.column != name) continue;
        series_of.emplace(series.symbol, &series);
        for (const ColumnRow& row : series.rows)
            first_known = std::min(first_known.value_or(row.known), row.known);
    }
    std::vector<const ColumnSeries*> of_lane;
    of_lane.reserve(frame.lane_count());
    for (const Lane& lane : frame.lanes) {
        const auto found = series_of.find(lane.instrument.symbol);
        of_lane.push_back(found == series_of.end() ? nullptr : found->second);
    }
    const bool nobody = std::ranges::all_of(of_lane, [](const auto* one) { return !one; });
    if (nobody && !(lists && first_known)) return no_such_column(name, inputs);
    parallel_for(frame.tile_count(), threads, [&](std::size_t tile, unsigned) {
        for (std::size_t i = 0; i < frame.lanes_in_tile(tile); ++i) {
            const std::size_t lane = tile * tile_lanes + i;
            fill_lane(of_lane[lane], spec->carried, lists ? first_known : std::nullopt, frame, lane,
                      column);
        }
    });
    return {};
}

Result<void> fill_sectors(const Listings* listings, const Frame& frame, TileColumn& column) {
    if (listings == nullptr || !listings->has_sectors())
        return std::unexpected(no_sectors(listings == nullptr ? Listings{} : *listings));
    std::map<std::string_view, std::vector<const Listing*>> rows_of;
    std::set<std::string_view> names;
    for (const Listing& row : listings->all()) {
        if (row.sector.empty()) continue;
        rows_of[row.symbol].push_back(&row);
        names.insert(row.sector);
    }
    std::map<std::string_view, double> number_of;
    for (const std::string_view name : names)
        number_of.emplace(name, static_cast<double>(number_of.size()));
    for (std::size_t index = 0; index < frame.lane_count(); ++index) {
        const Lane& lane = frame.lanes[index];
        const auto rows = rows_of.find(lane.instrument.symbol);
        if (rows == rows_of.end()) continue;
        // The latest row that began by then. Before the first of them nobody knew: a later sector
        // may be the outcome of what a signal is to foresee.
        std::size_t begun = 0;
        for (std::size_t t = lane.first; t <= lane.last; ++t) {
            while (begun < rows->second.size() &&
                   rows->second[begun]->first.value_or(frame.sessions[t]) <= frame.sessions[t])
                ++begun;
            if (begun > 0) column.at(index, t) = number_of.at(rows->second[begun - 1]->sector);
        }
    }
    return {};
}

}  // namespace

Result<void> fill_named_columns(const FrameInputs& inputs, const FrameOptions& options,
                                Frame& frame) {
    for (const std::string& name : options.columns) {
        TileColumn& column = frame.named.emplace_back(frame.tile_count(), frame.session_count());
        for (std::size_t tile = 0; tile < frame.tile_count(); ++tile)
            std::fill_n(column.tile(tile), frame.session_count() * tile_lanes, nan);
        if (name == sector_column)
            HSL_CHECK(fill_sectors(inputs.listings, frame, column));
        else
            HSL_CHECK(fill_values(inputs, name, frame, options.threads, column));
    }
    return {};
}

}  // namespace hsl::market
