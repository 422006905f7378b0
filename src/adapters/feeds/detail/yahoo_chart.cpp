// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/structured.hpp"

namespace hsl::adapters::detail {
namespace {

using store::MarketFile;

constexpr std::int64_t seconds_a_day = 86'400;

std::optional<double> number_of(const std::optional<JsonValue>& value) {
    if (!value) return {};
    const std::string text = value->text();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

// "2024-01-02", and the time of day where `times`. Seconds are those of the exchange's clock.
std::string day_text(double seconds, bool times) {
    constexpr double seconds_max = 7'258'118'400;  // 2200
    if (!(seconds > -5'000'000'000 && seconds < seconds_max)) return {};
    const auto whole = static_cast<std::int64_t>(std::floor(seconds));
    const std::int64_t day = whole / seconds_a_day - (whole % seconds_a_day < 0 ? 1 : 0);
    const std::int64_t second = whole - day * seconds_a_day;
    std::string text = Date{static_cast<std::int32_t>(day)}.iso();
    if (times) text += fmt::format(" {:02}:{:02}:00", second / 3600, second / 60 % 60);
    return text;
}

// A vendor's events change nothing until somebody confirms them; its dividends are divided by later
// splits.
void read_events(const JsonValue& result, double offset, std::string_view symbol,
                 MarketFile& file) {
    const auto events = result.find("events");
    if (!events) return;
    const auto add = [&](const JsonValue& event, market::CorporateAction action) {
        const auto seconds = number_of(event.find("date"));
        const auto day = seconds ? day_in(day_text(*seconds + offset, false)) : std::nullopt;
        if (!day) return;
        action.symbol = symbol;
        action.ex_date = *day;
        action.state = market::ActionState::proposed;
        action.source = "yahoo";
        file.facts.actions.push_back(std::move(action));
    };
    if (const auto dividends = events->find("dividends"))
        for (const JsonValue& event : dividends->children()) {
            const auto amount = number_of(event.find("amount"));
            if (!amount || !(*amount > 0 && *amount < 1e9)) continue;
            add(event, {.kind = market::ActionKind::cash_dividend,
                        .amount_e4 = std::llround(*amount * 1e4),
                        .note = "Yahoo divides dividends by later splits"});
        }
    if (const auto splits = events->find("splits"))
        for (const JsonValue& event : splits->children()) {
            const auto after = number_of(event.find("numerator"));
            const auto before = number_of(event.find("denominator"));
            if (!after || !before ||
                !(*after >= 1 && *before >= 1 && *after < 1e6 && *before < 1e6))
                continue;
            if (*after == *before || *after != std::floor(*after) || *before != std::floor(*before))
                continue;
            add(event, {.kind = *after > *before ? market::ActionKind::split
                                                 : market::ActionKind::reverse_split,
                        .shares_after = static_cast<std::int64_t>(*after),
                        .shares_before = static_cast<std::int64_t>(*before),
                        .note = "Yahoo's splitRatio"});
        }
}

}  // namespace

Reading read_yahoo_chart(const Content& content, const JsonValue& root) {
    const auto chart = root.find("chart");
    if (!chart) return {};
    const auto results = chart->find("result");
    if (!results || !results->is_array() || results->size() == 0) return {};
    const JsonValue result = results->children().front();
    const auto meta = result.find("meta");
    const auto text_of = [&](std::string_view key) {
        const auto value = meta ? meta->find(key) : std::nullopt;
        return value ? value->text() : std::string{};
    };
    const auto stamps = result.find("timestamp");
    if (!stamps) return nothing_in(content, "Yahoo chart");
    const auto indicators = result.find("indicators");
    const auto quotes = indicators ? indicators->find("quote") : std::nullopt;
    if (!quotes || quotes->size() == 0 || !quotes->is_array())
        return std::unexpected(Error{.code = ErrorCode::bad_data,
                                     .message = "a Yahoo chart without indicators.quote",
                                     .file = content.path});
    const JsonValue quote = quotes->children().front();
    const std::vector<JsonValue> times = stamps->children();

    std::vector<ColumnSlot> slots{{.field = Field::date, .header = "timestamp"}};
    std::vector<std::vector<JsonValue>> columns;
    for (const auto& [name, field] :
         {std::pair{"open", Field::open}, std::pair{"high", Field::high},
          std::pair{"low", Field::low}, std::pair{"close", Field::close},
          std::pair{"volume", Field::volume}}) {
        slots.push_back({.field = field, .header = name});
        const auto column = quote.find(name);
        columns.push_back(column ? column->children() : std::vector<JsonValue>{});
    }
    AssemblerOptions options{.path = content.path, .how = content.how};
    const Code code = read_code(text_of("symbol"));
    options.symbol = content.hints.symbol.empty() ? code.symbol : content.hints.symbol;
    options.market = code.market.value_or(market::Market::unknown);
    options.how.format = "Yahoo chart";
    options.sources_have_lines = false;
    options.basis = market::Basis::adjusted;
    options.basis_because = "Yahoo's quotes are adjusted for splits";
    const std::string symbol = options.symbol;
    const double offset = number_of(meta ? meta->find("gmtoffset") : std::nullopt).value_or(0);
    const std::string grain = text_of("dataGranularity");
    const bool intraday = grain.ends_with('m') || grain.ends_with('h');
    auto assembler = Assembler::make(std::move(options), std::move(slots), content.hints);
    if (!assembler) return std::unexpected(std::move(assembler).error());
    Records kept;
    for (std::size_t i = 0; i < times.size(); ++i) {
        std::vector<std::string_view> cells;
        const auto seconds = number_of(times[i]);
        cells.push_back(kept.keep(seconds ? day_text(*seconds + offset, intraday) : ""));
        std::string source{times[i].raw()};
        bool told = false;
        for (const auto& column : columns) {
            const bool there = i < column.size() && column[i].kind() == JsonKind::number;
            cells.push_back(there ? column[i].raw() : std::string_view{});
            told = told || there;
            source += fmt::format(",{}", there ? column[i].raw() : "null");
        }
        if (told)
            assembler->row(cells, static_cast<std::int64_t>(i + 1), kept.keep(std::move(source)));
        else
            assembler->drop("filler");
    }
    auto file = std::move(*assembler).finish();
    if (file) read_events(result, offset, symbol, *file);
    return file;
}

}  // namespace hsl::adapters::detail
