// SPDX-License-Identifier: Apache-2.0
#include "service/show_indicators.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <span>

#include <fmt/format.h>

#include "market/calendar.hpp"
#include "market/frame.hpp"
#include "market/instrument.hpp"
#include "market/resample.hpp"
#include "market/session_slots.hpp"
#include "strategy/evaluate.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::service {
namespace {

using market::Bar;
using market::Field;
using market::Frame;

double unit_of(int scale) {
    double unit = 1;
    for (int i = 0; i < scale; ++i) unit *= 10;
    return unit;
}

// Between the first and the last row of a Korean share a session without a row is a halt. Where the
// calendar says nothing, before 1990 and for other instruments, the rows are the sessions.
std::vector<Bar> with_missing_sessions(const market::Instrument& instrument,
                                       const std::vector<Bar>& bars) {
    if (!market::is_krx_code(instrument.symbol)) return bars;
    const market::Calendar& calendar = market::Calendar::krx();
    const std::span<const Date> sessions = calendar.all();
    std::vector<Bar> filled;
    filled.reserve(bars.size());
    for (const Bar& bar : bars) {
        if (!filled.empty()) {
            const Bar before = filled.back();
            const std::size_t end = calendar.lower_bound(bar.date);
            for (std::size_t i = calendar.lower_bound(before.date + 1); i < end; ++i)
                filled.push_back({.date = sessions[i], .close = before.close});
        }
        filled.push_back(bar);
    }
    return filled;
}

// Minute bars in the grid of a Korean share's sessions, flat from the last trade on where nothing
// traded; of other instruments the bars that traded.
Result<std::vector<Bar>> in_minutes(const market::Instrument& instrument,
                                    const std::vector<Bar>& rows, int minutes) {
    const market::MinuteGrid grid = market::grid_of(instrument, rows, minutes);
    HSL_CHECK(market::check_step(instrument.symbol, market::step_of(rows, grid), minutes));
    const std::vector<Bar> bars = market::resample_minutes(rows, grid);
    if (!market::is_krx_code(instrument.symbol) || bars.empty()) return bars;
    std::vector<Bar> filled;
    std::size_t next = 0;
    const std::span<const Date> sessions = market::Calendar::krx().all();
    const std::size_t first = market::Calendar::krx().lower_bound(bars.front().date);
    for (std::size_t s = first; next < bars.size(); ++s)
        for (const std::int32_t minute : grid.on(sessions[s])->begins()) {
            if (next == bars.size()) break;
            if (bars[next].date == sessions[s] && bars[next].minute == minute)
                filled.push_back(bars[next++]);
            else if (!filled.empty())
                filled.push_back(
                    {.date = sessions[s], .close = filled.back().close, .minute = minute});
        }
    return filled;
}

// A frame of one lane whose sessions are the bars themselves.
Frame frame_of_rows(const market::Instrument& instrument, const std::vector<Bar>& bars) {
    Frame frame;
    const std::size_t rows = bars.size();
    frame.lanes.push_back({.instrument = instrument, .first = 0, .last = rows - 1});
    frame.symbol_count = 1;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (TileColumn& column : frame.columns) {
        column = TileColumn(1, rows);
        for (std::size_t i = 0; i < rows * tile_lanes; ++i) column.tile(0)[i] = nan;
    }
    for (MaskColumn* mask : {&frame.listed, &frame.traded, &frame.buyable, &frame.sellable}) {
        *mask = MaskColumn(1, rows);
        std::fill_n(mask->tile(0), rows, std::uint8_t{1});
    }
    const double unit = unit_of(instrument.scale);
    double last_close = nan;
    for (std::size_t t = 0; t < rows; ++t) {
        const Bar& bar = bars[t];
        frame.sessions.push_back(bar.date);
        const auto set = [&](Field field, double value) {
            frame.columns[static_cast<std::size_t>(field)].at(0, t) = value;
        };
        const bool halt = is_halt(bar);
        frame.traded.set(0, t, !halt);
        if (halt) {
            if (std::isnan(last_close) && bar.close > 0)
                last_close = static_cast<double>(bar.close) / unit;
            for (const Field field : {Field::open, Field::high, Field::low, Field::close})
                set(field, last_close);
            set(Field::volume, 0);
            set(Field::value, 0);
            continue;
        }
        last_close = static_cast<double>(bar.close) / unit;
        set(Field::open, static_cast<double>(bar.open) / unit);
        set(Field::high, static_cast<double>(bar.high) / unit);
        set(Field::low, static_cast<double>(bar.low) / unit);
        set(Field::close, last_close);
        set(Field::volume, static_cast<double>(bar.volume));
        set(Field::value, bar.value == Bar::value_missing
                              ? last_close * static_cast<double>(bar.volume)
                              : static_cast<double>(bar.value));
    }
    return frame;
}

// "macd(close)" as it is, then its other outputs by name.
Result<std::vector<std::string>> spell_outputs(const std::string& text) {
    std::vector<std::string> spelled{text};
    auto understood = strategy::parse_expression(text);
    if (!understood) {
        // What was asked for is wrong, not the data.
        Error error = std::move(understood).error();
        error.code = ErrorCode::bad_usage;
        return std::unexpected(std::move(error));
    }
    const strategy::Expression& parsed = *understood;
    const strategy::Node& root = parsed.nodes[static_cast<std::size_t>(parsed.root)];
    if (root.kind != strategy::NodeKind::indicator || text.back() != ')') return spelled;
    const auto outputs = root.spec->outputs;
    for (std::size_t o = 1; o < outputs.size(); ++o)
        spelled.push_back(fmt::format("{}.{}", text, outputs[o]));
    return spelled;
}

}  // namespace

std::vector<std::string> columns_of(const std::vector<std::string>& expressions) {
    std::set<std::string> names;
    for (const std::string& text : expressions)
        if (const auto parsed = strategy::parse_expression(text))
            names.insert(parsed->columns.begin(), parsed->columns.end());
    names.erase(std::string{market::sector_column});
    return {names.begin(), names.end()};
}

Result<IndicatorTable> show_indicators(const market::Instrument& instrument,
                                       const std::vector<Bar>& bars,
                                       const std::vector<std::string>& expressions,
                                       std::span<const market::ColumnSeries> columns, int minutes) {
    const auto no_row = [&] {
        return fail(ErrorCode::bad_data,
                    fmt::format("{}: no row that can be used", instrument.symbol));
    };
    if (bars.empty()) return no_row();
    std::vector<Bar> shown;
    if (minutes > 0) {
        HSL_TRY(shown, in_minutes(instrument, bars, minutes));
        if (shown.empty()) return no_row();
    } else {
        shown = with_missing_sessions(instrument, bars);
    }
    Frame frame = frame_of_rows(instrument, shown);
    if (minutes > 0) {
        frame.bar_minutes = minutes;
        for (const Bar& bar : shown) frame.minutes.push_back(bar.minute);
    }
    const market::BarTable none;
    IndicatorTable table;
    table.symbol = instrument.symbol;
    table.dates = frame.sessions;
    table.minutes = frame.minutes;
    for (const std::string& text : expressions) {
        HSL_TRY(const std::vector<std::string> spelled, spell_outputs(text));
        for (const std::string& one : spelled) {
            if (std::ranges::find(table.headers, one) != table.headers.end()) continue;
            HSL_TRY(const strategy::Expression parsed, strategy::parse_expression(one));
            const auto& nodes = parsed.nodes;
            frame.named.clear();
            HSL_CHECK(
                market::fill_named_columns(market::FrameInputs{.bars = none, .columns = columns},
                                           {.columns = parsed.columns}, frame));
            table.headers.push_back(one);
            if (nodes[static_cast<std::size_t>(parsed.root)].type == strategy::ValueType::number) {
                table.columns.push_back(evaluate_lane(nodes, parsed.root, frame, 0));
                continue;
            }
            std::vector<double> truth;
            for (const std::int8_t t : evaluate_lane_truth(nodes, parsed.root, frame, 0))
                truth.push_back(t < 0 ? std::nan("") : t);
            table.columns.push_back(std::move(truth));
        }
    }
    return table;
}

std::string to_csv(const IndicatorTable& table) {
    // Commas inside an expression need quotes.
    const auto quoted = [](const std::string& header) {
        return header.find_first_of(",\"") == std::string::npos ? header : '"' + header + '"';
    };
    std::string out = table.minutes.empty() ? "date" : "date,time";
    for (const std::string& header : table.headers) out += ',' + quoted(header);
    out += '\n';
    for (std::size_t t = 0; t < table.dates.size(); ++t) {
        out += table.dates[t].iso();
        if (!table.minutes.empty()) out += ',' + market::time_text(table.minutes[t]);
        for (const auto& column : table.columns) {
            out += ',';
            if (!std::isnan(column[t])) fmt::format_to(std::back_inserter(out), "{}", column[t]);
        }
        out += '\n';
    }
    return out;
}

}  // namespace hsl::service
