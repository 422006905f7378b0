// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using market::ActionKind;
using market::ActionState;
using market::CorporateAction;
using store::MarketFile;

std::size_t column_of(const Records& records, std::initializer_list<std::string_view> words) {
    for (std::size_t i = 0; i < records.names.size(); ++i) {
        std::string name = lower(records.names[i]);
        std::erase_if(name, [](char c) { return c == ' ' || c == '_' || c == '-'; });
        if (std::ranges::find(words, name) != words.end()) return i;
    }
    return Records::absent;
}

// zipline and Quandl: dividend, split (1 = none); yfinance: Dividends, Stock Splits (0 = none).
struct EventColumns {
    std::size_t dividend = Records::absent;
    std::size_t split = Records::absent;
};
EventColumns event_columns(const Records& records) {
    return {column_of(records, {"dividend", "dividends", "exdividend"}),
            column_of(records, {"split", "splits", "splitratio", "stocksplits"})};
}

double number_of(std::string_view cell) {
    double number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    return error == std::errc{} && end == cell.data() + cell.size() && std::isfinite(number)
               ? number
               : 0;
}

// Whether the prices across a split moved by it. Those of a vendor that adjusted them did not.
enum class Across : std::uint8_t { unknown, moved, level };
Across across_split(const store::PriceSeries& series, Date day, double ratio) {
    const auto at = std::ranges::find(series.bars, day, &market::Bar::date);
    if (at == series.bars.end() || at == series.bars.begin()) return Across::unknown;
    const double move = static_cast<double>(at->close) / static_cast<double>((at - 1)->close);
    const double moved = std::fabs(std::log(move * ratio));
    const double level = std::fabs(std::log(move));
    return moved < level ? Across::moved : Across::level;
}

// Of 7.0 the fraction 7/1, of 0.1 1/10, of 1.5 3/2.
std::optional<std::pair<std::int64_t, std::int64_t>> fraction_of(double ratio) {
    for (std::int64_t bottom = 1; bottom <= 10'000; ++bottom) {
        const double top = ratio * static_cast<double>(bottom);
        if (top >= 0.5 && top < 1e9 && std::fabs(top - std::round(top)) < 1e-6 * top)
            return std::pair{std::llround(top), bottom};
    }
    return {};
}

class EventReader {
public:
    EventReader(const Records& records, std::vector<ColumnSlot> slots, EventColumns columns)
        : records_(records), columns_(columns) {
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (slots[i].field == Field::date) date_ = i;
            if (slots[i].field == Field::code) code_ = i;
        }
    }

    // The rows of the file that became bars bring their events along.
    void read(MarketFile& file) {
        std::map<std::int64_t, std::pair<const store::PriceSeries*, Date>> bar_of;
        for (const store::PriceSeries& series : file.prices)
            for (std::size_t i = 0; i < series.bars.size(); ++i)
                bar_of[series.lines[i]] = {&series, series.bars[i].date};
        for (const Record& row : records_.rows) {
            const double dividend = number_of(records_.cell(row, columns_.dividend));
            const double split = number_of(records_.cell(row, columns_.split));
            const bool splits = split > 0 && split != 1;
            if (!splits && !(dividend > 0)) continue;
            const auto bar = bar_of.find(row.line);
            if (bar == bar_of.end()) continue;  // quarantined, or a repeat
            const auto& [series, day] = bar->second;
            if (splits) add_split(file, *series, day, split);
            if (dividend > 0 && dividend < 1e9) add_dividend(file, *series, day, dividend);
        }
        settle(file);
    }

private:
    void add_split(MarketFile& file, const store::PriceSeries& series, Date day, double split) {
        const auto ratio = fraction_of(split);
        if (!ratio) return;
        CorporateAction action{.symbol = series.instrument.symbol,
                               .kind = split > 1 ? ActionKind::split : ActionKind::reverse_split,
                               .ex_date = day,
                               .shares_after = ratio->first,
                               .shares_before = ratio->second,
                               .source = file.path.substr(file.path.rfind('/') + 1),
                               .note = fmt::format("split column says {}", split)};
        switch (across_split(series, day, split)) {
            case Across::moved:
                break;
            case Across::level:
                adjusted_.push_back(series.instrument.symbol);
                [[fallthrough]];
            case Across::unknown:
                action.state = ActionState::proposed;
        }
        file.facts.actions.push_back(std::move(action));
    }

    static void add_dividend(MarketFile& file, const store::PriceSeries& series, Date day,
                             double dividend) {
        file.facts.actions.push_back({.symbol = series.instrument.symbol,
                                      .kind = ActionKind::cash_dividend,
                                      .ex_date = day,
                                      .amount_e4 = std::llround(dividend * 1e4),
                                      .source = file.path.substr(file.path.rfind('/') + 1),
                                      .note = "dividend column"});
    }

    // Prices that did not move with a split are adjusted; their dividends are, too.
    void settle(MarketFile& file) {
        for (const std::string& symbol : adjusted_) {
            for (store::PriceSeries& series : file.prices)
                if (series.instrument.symbol == symbol) series.basis = market::Basis::adjusted;
            for (CorporateAction& action : file.facts.actions)
                if (action.symbol == symbol && action.state == ActionState::confirmed) {
                    action.state = ActionState::proposed;
                    action.note += "; the prices are adjusted for a split already";
                }
            file.how.basis = market::Basis::adjusted;
            file.how.basis_because = "prices do not move with the split of the split column";
        }
    }

    const Records& records_;
    EventColumns columns_;
    std::size_t date_ = Records::absent;
    std::size_t code_ = Records::absent;
    std::vector<std::string> adjusted_;
};

}  // namespace

Reading read_events_table(const Content& content) {
    const std::string_view head =
        content.bytes.substr(0, std::min(content.bytes.find('\n'), content.bytes.size()));
    if (head.size() > 4096) return {};
    auto sample = records_of(head);
    if (!sample) return {};
    const EventColumns columns = event_columns(*sample);
    if (columns.dividend == Records::absent || columns.split == Records::absent) return {};
    auto records = records_of(content.bytes);
    if (!records) return {};
    auto slots = slots_of_header(records->names, content.hints);
    if (!slots) {
        Error error = std::move(slots).error();
        error.file = content.path;
        return std::unexpected(std::move(error));
    }
    EventReader events{*records, *slots, columns};
    AssemblerOptions options{.path = content.path, .how = content.how};
    auto assembler = Assembler::make(std::move(options), std::move(*slots), content.hints);
    if (!assembler) return std::unexpected(std::move(assembler).error());
    for (const Record& row : records->rows) {
        if (!row.damage.empty())
            assembler->quarantine(row.line, row.source, row.damage, damage_words(row.damage));
        else
            assembler->row(row.cells, row.line, row.source);
    }
    auto file = std::move(*assembler).finish();
    if (file) events.read(*file);
    return file;
}

}  // namespace hsl::adapters::detail
