// SPDX-License-Identifier: Apache-2.0
#include "market/bar.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"

namespace hsl::market {
namespace {

constexpr std::array<std::string_view, 3> bases{"unknown", "raw", "adjusted"};
constexpr std::array<std::string_view, 4> definitions{"unknown", "regular", "all_krx",
                                                      "with_nextrade"};
constexpr std::array<std::string_view, 2> intervals{"day", "minute"};

template <class Word, std::size_t count>
std::optional<Word> parse(const std::array<std::string_view, count>& words, std::string_view word) {
    const auto found = std::ranges::find(words, word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Word>(found - words.begin());
}

}  // namespace

std::string_view name_of(Basis basis) { return bases.at(static_cast<std::size_t>(basis)); }
std::string_view name_of(BarDefinition definition) {
    return definitions.at(static_cast<std::size_t>(definition));
}
std::string_view name_of(Interval interval) {
    return intervals.at(static_cast<std::size_t>(interval));
}
std::optional<Basis> parse_basis(std::string_view word) { return parse<Basis>(bases, word); }
std::optional<BarDefinition> parse_definition(std::string_view word) {
    return parse<BarDefinition>(definitions, word);
}

void BarTable::resize(std::size_t rows) {
    date.resize(rows);
    for (auto* column : {&open, &high, &low, &close, &volume, &value}) column->resize(rows);
    if (interval == Interval::minute) minute.resize(rows);
}

void BarTable::append(const Bar& bar) {
    HSL_ASSERT(!symbols.empty());
    date.push_back(bar.date.days);
    open.push_back(bar.open);
    high.push_back(bar.high);
    low.push_back(bar.low);
    close.push_back(bar.close);
    volume.push_back(bar.volume);
    value.push_back(bar.value);
    if (interval == Interval::minute) minute.push_back(bar.minute);
    ++symbols.back().count;
}

void BarTable::begin_symbol(Instrument instrument) {
    symbols.push_back({.instrument = std::move(instrument), .first = rows()});
}

}  // namespace hsl::market
