// SPDX-License-Identifier: Apache-2.0
#include "store/merge.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace hsl::store {
namespace {

using market::Bar;
using market::BarDefinition;
using market::Basis;
using market::Market;

// Where an incoming row stands: a file of the write and an index into its bars.
struct Place {
    const IncomingSymbol* file;
    std::size_t index;

    [[nodiscard]] const Bar& bar() const { return file->bars[index]; }
    [[nodiscard]] std::int64_t line() const { return file->lines.empty() ? 0 : file->lines[index]; }
    [[nodiscard]] const std::string& name() const {
        return file->file_of.empty() ? file->file : file->files->names[file->file_of[index]];
    }
    [[nodiscard]] std::string text() const {
        return line() > 0 ? fmt::format("{}:{}", name(), line()) : name();
    }
    // The line as it stood; "" where nobody can say.
    [[nodiscard]] std::string source() const {
        if (line() <= 0) return {};
        if (!file->file_of.empty()) return file->files->source_of(file->file_of[index], line());
        return file->source_of ? file->source_of(line()) : std::string{};
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
    const Bar& bar = place.bar();
    std::string source = place.source();
    return {.symbol = instrument.symbol,
            .date = bar.date.iso(),
            .file = place.name(),
            .line = line,
            .reason = std::string{reason},
            .detail = std::move(detail),
            .source = source.empty() ? row_text(bar, instrument.scale) : std::move(source),
            .bar = bar,
            .series = place.file->source};
}

// What a whole file says of its series: which market, which basis, which definition.
template <class Word>
struct Label {
    std::string_view name;
    std::string_view reason;
    Word unknown;
    Word (*of)(const IncomingSymbol&);
    std::string_view (*word)(Word);
};

// The label after the write. The first file that knows it speaks for the write; it fills an unknown
// one, and overrules a known one only with `replace`. True: a stored one has changed.
template <class Word>
bool settle_label(const Label<Word>& label, Word& held, bool is_stored,
                  std::span<const IncomingSymbol> files, bool replace, MergedSymbol& merged) {
    const auto conflict = [&](const IncomingSymbol& file, Word kept, std::string_view where) {
        merged.conflicts.push_back(
            {.symbol = merged.instrument.symbol,
             .date = {},
             .file = file.file,
             .line = 0,
             .reason = std::string{label.reason},
             .detail =
                 fmt::format("{} {} {}, {} here; its rows were taken, the {} was not", label.name,
                             label.word(kept), where, label.word(label.of(file)), label.name),
             .source = {}});
    };
    const IncomingSymbol* speaker = nullptr;
    for (const IncomingSymbol& file : files) {
        if (label.of(file) == label.unknown) continue;
        if (speaker == nullptr)
            speaker = &file;
        else if (label.of(file) != label.of(*speaker))
            conflict(file, label.of(*speaker), "in " + speaker->file);
    }
    if (speaker == nullptr || label.of(*speaker) == held) return false;
    if (held == label.unknown || replace) {
        held = label.of(*speaker);
        return is_stored;
    }
    conflict(*speaker, held, "in the store");
    return false;
}

constexpr Label<Market> market_label{
    "market", reason_market, Market::unknown,
    [](const IncomingSymbol& file) { return file.instrument.market; }, market::name_of};
// Shares move from one market to another, and the market of a series is that of its latest day.
// Files whose days follow those of the store, or of one another, move it, with a finding; one that
// ends before the store does is history. Files that contradict one another otherwise are settled as
// labels.
bool settle_market(const StoredSymbol* stored, std::span<const IncomingSymbol> files, bool replace,
                   MergedSymbol& merged) {
    std::vector<const IncomingSymbol*> speakers;
    for (const IncomingSymbol& file : files)
        if (file.instrument.market != Market::unknown && !file.bars.empty())
            speakers.push_back(&file);
    std::ranges::stable_sort(speakers, {},
                             [](const IncomingSymbol* file) { return file->bars.back().date; });
    const bool believes_store = stored != nullptr && !replace;
    const Date stored_last = stored == nullptr      ? Date{}
                             : stored->bars.empty() ? stored->last
                                                    : stored->bars.back().date;
    Market now = believes_store ? stored->instrument.market : Market::unknown;
    Date last = believes_store ? stored_last : Date{std::numeric_limits<std::int32_t>::min()};
    std::vector<QuarantinedRow> moves;
    for (const IncomingSymbol* file : speakers) {
        const Market market = file->instrument.market;
        if (now == Market::unknown || market == now) {
            last = std::max(last, file->bars.back().date);
        } else if (file->bars.front().date > last) {
            moves.push_back(
                {.symbol = merged.instrument.symbol,
                 .date = file->bars.front().date.iso(),
                 .file = file->file,
                 .line = 0,
                 .reason = std::string{finding_moved},
                 .detail = fmt::format("{} until {}, {} here: the later one is kept",
                                       market::name_of(now), last.iso(), market::name_of(market)),
                 .source = {}});
            last = file->bars.back().date;
        } else if (believes_store && file->bars.back().date < stored_last) {
            continue;
        } else {
            return settle_label(market_label, merged.instrument.market, stored != nullptr, files,
                                replace, merged);
        }
        now = market;
    }
    merged.findings = std::move(moves);
    if (now == Market::unknown || now == merged.instrument.market) return false;
    merged.instrument.market = now;
    return stored != nullptr;
}

constexpr Label<BarDefinition> definition_label{
    "bar definition", reason_definition, BarDefinition::unknown,
    [](const IncomingSymbol& file) { return file.definition; }, market::name_of};

// The basis after the write, under the rule of the market. Files of another basis give no rows: raw
// and adjusted prices are never one series.
void settle_basis(MergedSymbol& merged, const StoredSymbol* stored, std::span<IncomingSymbol> files,
                  bool replace) {
    const Basis held = stored != nullptr ? stored->basis : Basis::unknown;
    const auto speaker = std::ranges::find_if(
        files, [](const IncomingSymbol& file) { return file.basis != Basis::unknown; });
    merged.basis = held;
    if (speaker != files.end() && (held == Basis::unknown || replace))
        merged.basis = speaker->basis;
    merged.instrument_changed |= stored != nullptr && merged.basis != held;
    for (IncomingSymbol& file : files) {
        if (file.basis == Basis::unknown || file.basis == merged.basis) continue;
        for (std::size_t index = 0; index < file.bars.size(); ++index)
            merged.conflicts.push_back(quarantined(
                {&file, index}, reason_basis,
                fmt::format("{} prices, {} ones in {}; import them as a source of their own "
                            "(--source NAME)",
                            market::name_of(file.basis), market::name_of(merged.basis),
                            merged.basis == held ? "the store" : speaker->file)));
        file.bars.clear();
        file.lines.clear();
        file.file_of.clear();
    }
}

auto moment_of(const Bar& bar) { return std::pair{bar.date, bar.minute}; }

// The rows of several files by date and minute: one of equal repeats, none of conflicting ones.
std::vector<Place> combine(std::span<const IncomingSymbol> files, MergedSymbol& merged) {
    std::vector<Place> all;
    for (const IncomingSymbol& file : files)
        for (std::size_t index = 0; index < file.bars.size(); ++index)
            all.push_back({&file, index});
    std::ranges::stable_sort(all, {}, [](const Place& place) { return moment_of(place.bar()); });

    std::vector<Place> kept;
    kept.reserve(all.size());
    for (std::size_t first = 0; first < all.size();) {
        std::size_t end = first + 1;
        bool equal = true;
        for (; end < all.size() && moment_of(all[end].bar()) == moment_of(all[first].bar()); ++end)
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

std::vector<std::span<IncomingSymbol>> group_by_series(std::vector<IncomingSymbol>& symbols) {
    const auto key = [](const IncomingSymbol& incoming) {
        return std::tie(incoming.instrument.symbol, incoming.source, incoming.interval);
    };
    std::ranges::stable_sort(
        symbols, [&](const IncomingSymbol& a, const IncomingSymbol& b) { return key(a) < key(b); });
    std::vector<std::span<IncomingSymbol>> groups;
    for (std::size_t first = 0; first < symbols.size();) {
        std::size_t end = first + 1;
        while (end < symbols.size() && key(symbols[end]) == key(symbols[first])) ++end;
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
        HSL_ASSERT(file.file_of.empty() || file.file_of.size() == file.bars.size());
        HSL_ASSERT(std::ranges::is_sorted(file.bars, std::ranges::less_equal{}, moment_of));
    }
    MergedSymbol merged;
    merged.instrument = stored != nullptr ? stored->instrument : files[0].instrument;
    merged.is_new = stored == nullptr;
    if (stored != nullptr) merged.definition = stored->definition;
    merged.instrument_changed = settle_market(stored, files, replace, merged);
    merged.instrument_changed |= settle_label(definition_label, merged.definition,
                                              stored != nullptr, files, replace, merged);
    settle_basis(merged, stored, files, replace);

    for (IncomingSymbol& file : files) {
        if (file.instrument.scale == merged.instrument.scale) continue;
        for (std::size_t index = 0; index < file.bars.size(); ++index)
            merged.conflicts.push_back(quarantined(
                {&file, index}, reason_scale,
                fmt::format("prices with {}, {} in {}", counted(file.instrument.scale, "decimal"),
                            merged.instrument.scale,
                            stored != nullptr ? "the store" : files[0].file)));
        file.bars.clear();
        file.lines.clear();
        file.file_of.clear();
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
        while (held != old.end() && moment_of(*held) < moment_of(bar))
            merged.bars.push_back(*held++);
        if (held == old.end() || moment_of(bar) < moment_of(*held)) {
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
