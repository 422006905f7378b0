// SPDX-License-Identifier: Apache-2.0
#include "store/merge.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace hsl::store {
namespace {

using market::Bar;
using market::Market;

// Where an incoming row stands: a file of the write and an index into its bars.
struct Place {
    const IncomingSymbol* file;
    std::size_t index;

    [[nodiscard]] const Bar& bar() const { return file->bars[index]; }
    [[nodiscard]] std::int64_t line() const { return file->lines.empty() ? 0 : file->lines[index]; }
    [[nodiscard]] std::string text() const {
        return line() > 0 ? fmt::format("{}:{}", file->file, line()) : file->file;
    }
};

// 12345 at scale 2 is "123.45".
std::string price_text(std::int64_t price, int scale) {
    if (scale <= 0) return fmt::format("{}", price);
    std::int64_t unit = 1;
    for (int digit = 0; digit < scale; ++digit) unit *= 10;
    const std::string_view sign = price < 0 ? "-" : "";
    const std::int64_t size = price < 0 ? -price : price;
    return fmt::format("{}{}.{:0{}}", sign, size / unit, size % unit, scale);
}

std::string value_text(std::int64_t value) {
    return value == Bar::value_missing ? std::string{} : fmt::format("{}", value);
}

std::string row_text(const Bar& bar, int scale) {
    return fmt::format("{},{},{},{},{},{},{}", bar.date.iso(), price_text(bar.open, scale),
                       price_text(bar.high, scale), price_text(bar.low, scale),
                       price_text(bar.close, scale), bar.volume, value_text(bar.value));
}

// "close 105 in the store, 106 here; volume 10 in the store, 12 here"
std::string difference(const Bar& one, std::string_view where_one, const Bar& other,
                       std::string_view where_other, int scale) {
    std::string text;
    const auto name = [&](std::string_view field, std::int64_t a, std::int64_t b, bool is_price) {
        if (a == b) return;
        const auto shown = [&](std::int64_t number) {
            if (is_price) return price_text(number, scale);
            return number == Bar::value_missing ? std::string{"missing"}
                                                : fmt::format("{}", number);
        };
        text += fmt::format("{}{} {} {}, {} {}", text.empty() ? "" : "; ", field, shown(a),
                            where_one, shown(b), where_other);
    };
    name("open", one.open, other.open, true);
    name("high", one.high, other.high, true);
    name("low", one.low, other.low, true);
    name("close", one.close, other.close, true);
    name("volume", one.volume, other.volume, false);
    name("value", one.value, other.value, false);
    return text;
}

QuarantinedRow quarantined(const Place& place, std::string_view reason, std::string detail) {
    const market::Instrument& instrument = place.file->instrument;
    const std::int64_t line = place.line();
    return {.symbol = instrument.symbol,
            .date = place.bar().date.iso(),
            .file = place.file->file,
            .line = line,
            .reason = std::string{reason},
            .detail = std::move(detail),
            .source = place.file->source_of && line > 0 ? place.file->source_of(line)
                                                        : row_text(place.bar(), instrument.scale)};
}

// The market after the write. The first file that knows it speaks for the write; it fills an
// unknown market, and overrules a known one only with `replace`.
void settle_market(MergedSymbol& merged, bool is_stored, std::span<const IncomingSymbol> files,
                   bool replace) {
    const auto conflict = [&](const IncomingSymbol& file, Market kept, std::string_view where) {
        merged.conflicts.push_back(
            {.symbol = merged.instrument.symbol,
             .date = {},
             .file = file.file,
             .line = 0,
             .reason = std::string{reason_market},
             .detail =
                 fmt::format("market {} {}, {} here; its rows were taken, the market was not",
                             market::name_of(kept), where, market::name_of(file.instrument.market)),
             .source = {}});
    };
    const IncomingSymbol* speaker = nullptr;
    for (const IncomingSymbol& file : files) {
        if (file.instrument.market == Market::unknown) continue;
        if (speaker == nullptr)
            speaker = &file;
        else if (file.instrument.market != speaker->instrument.market)
            conflict(file, speaker->instrument.market, "in " + speaker->file);
    }
    if (speaker == nullptr || speaker->instrument.market == merged.instrument.market) return;
    if (merged.instrument.market == Market::unknown || replace) {
        merged.instrument.market = speaker->instrument.market;
        merged.instrument_changed = is_stored;
    } else {
        conflict(*speaker, merged.instrument.market, "in the store");
    }
}

// The rows of several files by date: one of equal repeats, none of conflicting ones.
std::vector<Place> combine(std::span<const IncomingSymbol> files, MergedSymbol& merged) {
    std::vector<Place> all;
    for (const IncomingSymbol& file : files)
        for (std::size_t index = 0; index < file.bars.size(); ++index)
            all.push_back({&file, index});
    std::ranges::stable_sort(all, {}, [](const Place& place) { return place.bar().date; });

    std::vector<Place> kept;
    kept.reserve(all.size());
    for (std::size_t first = 0; first < all.size();) {
        std::size_t end = first + 1;
        bool equal = true;
        for (; end < all.size() && all[end].bar().date == all[first].bar().date; ++end)
            equal = equal && all[end].bar() == all[first].bar();
        if (equal) {
            kept.push_back(all[first]);
            merged.unchanged += static_cast<std::int64_t>(end - first - 1);
        } else {
            for (std::size_t i = first; i < end; ++i) {
                // The other place that is named: the first row that differs from this one.
                const auto other = std::find_if(
                    all.begin() + static_cast<std::ptrdiff_t>(first),
                    all.begin() + static_cast<std::ptrdiff_t>(end),
                    [&](const Place& place) { return !(place.bar() == all[i].bar()); });
                merged.conflicts.push_back(
                    quarantined(all[i], reason_repeat,
                                difference(other->bar(), "in " + other->text(), all[i].bar(),
                                           "here", merged.instrument.scale)));
            }
        }
        first = end;
    }
    return kept;
}

}  // namespace

std::vector<std::span<IncomingSymbol>> group_by_symbol(std::vector<IncomingSymbol>& symbols) {
    std::ranges::stable_sort(symbols, {}, [](const IncomingSymbol& incoming) -> const std::string& {
        return incoming.instrument.symbol;
    });
    std::vector<std::span<IncomingSymbol>> groups;
    for (std::size_t first = 0; first < symbols.size();) {
        std::size_t end = first + 1;
        while (end < symbols.size() &&
               symbols[end].instrument.symbol == symbols[first].instrument.symbol)
            ++end;
        groups.push_back(std::span{symbols}.subspan(first, end - first));
        first = end;
    }
    return groups;
}

MergedSymbol merge_symbol(const StoredSymbol* stored, std::span<IncomingSymbol> files,
                          bool replace) {
    HSL_ASSERT(!files.empty());
    for (const IncomingSymbol& file : files) {
        HSL_ASSERT(file.lines.empty() || file.lines.size() == file.bars.size());
        HSL_ASSERT(std::ranges::is_sorted(file.bars, std::ranges::less_equal{}, &Bar::date));
    }
    MergedSymbol merged;
    merged.instrument = stored != nullptr ? stored->instrument : files[0].instrument;
    merged.is_new = stored == nullptr;
    settle_market(merged, stored != nullptr, files, replace);

    for (IncomingSymbol& file : files) {
        if (file.instrument.scale == merged.instrument.scale) continue;
        for (std::size_t index = 0; index < file.bars.size(); ++index)
            merged.conflicts.push_back(
                quarantined({&file, index}, reason_scale,
                            fmt::format("prices with {} decimals, {} in {}", file.instrument.scale,
                                        merged.instrument.scale,
                                        stored != nullptr ? "the store" : files[0].file)));
        file.bars.clear();
        file.lines.clear();
    }

    if (stored == nullptr && files.size() == 1) {
        merged.bars = std::move(files[0].bars);
        merged.added = static_cast<std::int64_t>(merged.bars.size());
        return merged;
    }

    std::vector<Place> incoming = combine(files, merged);
    const std::span<const Bar> old =
        stored != nullptr ? std::span<const Bar>{stored->bars} : std::span<const Bar>{};
    merged.bars.reserve(old.size() + incoming.size());
    auto held = old.begin();
    for (const Place& place : incoming) {
        const Bar& bar = place.bar();
        while (held != old.end() && held->date < bar.date) merged.bars.push_back(*held++);
        if (held == old.end() || bar.date < held->date) {
            merged.bars.push_back(bar);
            if (!merged.is_new) merged.written.push_back(bar);
            ++merged.added;
            continue;
        }
        if (*held == bar) {
            merged.bars.push_back(*held);
            ++merged.unchanged;
        } else if (replace) {
            merged.bars.push_back(bar);
            merged.written.push_back(bar);
            ++merged.replaced;
        } else {
            merged.bars.push_back(*held);
            merged.conflicts.push_back(quarantined(
                place, reason_differs,
                difference(*held, "in the store", bar, "here", merged.instrument.scale)));
        }
        ++held;
    }
    merged.bars.insert(merged.bars.end(), held, old.end());
    return merged;
}

}  // namespace hsl::store
