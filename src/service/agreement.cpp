// SPDX-License-Identifier: Apache-2.0
#include "service/agreement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl::service {
namespace {

using market::Bar;

// A stretch this short is an accident.
constexpr std::int64_t stretch_least = 5;
constexpr std::size_t differences_most = 5;

struct Common {
    Date date;
    double first = 0, second = 0;  // closes in one unit
    bool equal = false;
};

std::vector<Common> common_closes(const Telling& a, const Telling& b, std::int64_t& volumes) {
    std::vector<Common> out;
    const double unit_a = std::pow(10.0, a.scale), unit_b = std::pow(10.0, b.scale);
    for (std::size_t i = 0, j = 0; i < a.bars.size() && j < b.bars.size();) {
        const Bar &x = a.bars[i], &y = b.bars[j];
        if (x.date < y.date) {
            ++i;
        } else if (y.date < x.date) {
            ++j;
        } else {
            ++i;
            ++j;
            if (x.close <= 0 || y.close <= 0) continue;
            volumes += x.volume == y.volume;
            const double first = static_cast<double>(x.close) / unit_a;
            const double second = static_cast<double>(y.close) / unit_b;
            out.push_back({x.date, first, second, first == second});
        }
    }
    return out;
}

// Ratios that two closes allow when the smaller one was rounded to a whole unit, either way.
struct Interval {
    double low = 0, high = std::numeric_limits<double>::infinity();
};
Interval ratios(const Common& row) {
    const auto between = [](double large, double small) {
        return Interval{large / (small + 1),
                        small > 1 ? large / (small - 1) : std::numeric_limits<double>::infinity()};
    };
    if (row.first >= row.second) return between(row.first, row.second);
    const Interval inverse = between(row.second, row.first);
    return {1 / inverse.high, 1 / inverse.low};
}

// The fraction with the smallest denominator in an interval (Stern and Brocot's tree), as a number.
double simplest_within(const Interval& interval) {
    if (interval.low <= 0) return 1;
    if (interval.high < 1) return 1 / simplest_within({1 / interval.high, 1 / interval.low});
    for (int denominator = 1; denominator <= 1'000; ++denominator) {
        const double numerator = std::ceil(interval.low * denominator);
        if (numerator <= interval.high * denominator) return numerator / denominator;
    }
    return (interval.low + interval.high) / 2;
}

// The longest runs of sessions over which one factor explains both series, from the newest back:
// that is where two publishers agree on today's terms.
std::vector<std::pair<std::size_t, std::size_t>> runs_of(const std::vector<Common>& rows,
                                                         std::vector<double>& factors) {
    std::vector<std::pair<std::size_t, std::size_t>> runs;  // first, last included; newest first
    std::size_t end = rows.size();
    while (end > 0) {
        Interval held = ratios(rows[end - 1]);
        std::size_t begin = end - 1;
        // Equal and unequal closes are of one run only when rounding explains the difference, and
        // a factor of exactly one explains none.
        const bool equal = rows[begin].equal;
        while (begin > 0 && rows[begin - 1].equal == equal) {
            const Interval next = ratios(rows[begin - 1]);
            const Interval both{std::max(held.low, next.low), std::min(held.high, next.high)};
            if (both.low > both.high) break;
            held = both;
            --begin;
        }
        runs.emplace_back(begin, end - 1);
        factors.push_back(equal ? 1.0 : simplest_within(held));
        end = begin;
    }
    std::ranges::reverse(runs);
    std::ranges::reverse(factors);
    return runs;
}

// The only name for which `odd_pair` holds with every other while it holds between no two others.
template <class Test>
std::string alone(const Agreement& all, std::span<const Telling> tellings, const Test& odd_pair) {
    std::string found;
    for (const Telling& one : tellings) {
        bool alone = true;
        for (const PairAgreement& pair : all.pairs) {
            const bool mine = pair.first == one.name || pair.second == one.name;
            if (pair.common > 0 && odd_pair(pair) != mine) alone = false;
            if (pair.common == 0) alone = false;
        }
        if (!alone) continue;
        if (!found.empty()) return {};
        found = one.name;
    }
    return found;
}

std::string factor_text(double factor) {
    const double shown = factor >= 1 ? factor : 1 / factor;
    const std::string number =
        shown == std::round(shown) ? fmt::format("{:.0f}", shown) : fmt::format("{:.4g}", shown);
    return factor >= 1 ? "x" + number : "1/" + number;
}

// The same closes, each on the session after (or before) its own.
std::vector<Bar> a_session_off(std::span<const Bar> bars, bool later) {
    std::vector<Bar> moved;
    for (std::size_t i = 1; i < bars.size(); ++i) {
        moved.push_back(later ? bars[i - 1] : bars[i]);
        moved.back().date = later ? bars[i].date : bars[i - 1].date;
    }
    return moved;
}

// "; each of its closes stands a session late", where that is all that is wrong; else "".
std::string date_fault(const Telling& odd, const Telling& other) {
    for (const bool late : {true, false}) {
        const std::vector<Bar> mended = a_session_off(odd.bars, !late);
        if (compare({odd.name, mended, odd.scale}, other).agrees())
            return fmt::format("; its closes stand a session {}", late ? "late" : "early");
    }
    return {};
}

std::string factor_fault(const Agreement& all) {
    const auto by = [&](const PairAgreement& pair) {
        const double factor = pair.stretches.back().factor;
        return factor_text(pair.first == all.odd ? factor : 1 / factor);
    };
    const PairAgreement* told = nullptr;
    for (const PairAgreement& pair : all.pairs) {
        if ((pair.first != all.odd && pair.second != all.odd) || pair.stretches.empty()) continue;
        const std::string& other = pair.first == all.odd ? pair.second : pair.first;
        if (pair.equal == 0 && pair.stretches.size() == 1)
            return fmt::format("{} is {} of {} throughout: another unit", all.odd, by(pair), other);
        if (told == nullptr) told = &pair;
    }
    if (told == nullptr) return {};
    return fmt::format("{} is {} of the others until {}", all.odd, by(*told),
                       told->stretches.back().to.iso());
}

void name_the_odd_one(Agreement& all, std::span<const Telling> tellings) {
    if (tellings.size() < 3) return;
    all.odd = alone(all, tellings, [](const PairAgreement& pair) { return !pair.agrees(); });
    if (!all.odd.empty()) {
        const auto odd = std::ranges::find(tellings, all.odd, &Telling::name);
        all.why = fmt::format("{} differs from the {} others, which agree{}", all.odd,
                              tellings.size() - 1,
                              date_fault(*odd, tellings[odd == tellings.begin() ? 1 : 0]));
        return;
    }
    const auto needs_factor = [](const PairAgreement& pair) {
        return 10 * pair.by_factor > pair.common;
    };
    all.odd = alone(all, tellings, needs_factor);
    // A raw and an adjusted telling need a factor too, and have the newest closes in common.
    if (all.odd.empty())
        all.odd = alone(all, tellings, [](const PairAgreement& pair) { return pair.equal == 0; });
    if (!all.odd.empty()) all.why = factor_fault(all);
}

}  // namespace

PairAgreement compare(const Telling& first, const Telling& second) {
    PairAgreement pair{.first = first.name, .second = second.name};
    const std::vector<Common> rows = common_closes(first, second, pair.volumes_equal);
    pair.common = static_cast<std::int64_t>(rows.size());
    std::vector<double> differences;
    std::vector<double> factors;
    const auto runs = runs_of(rows, factors);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto [begin, end] = runs[i];
        const auto count = static_cast<std::int64_t>(end - begin + 1);
        if (rows[begin].equal) {
            pair.equal += count;
        } else if (factors[i] != 1 && count >= stretch_least) {
            pair.by_factor += count;
            if (!pair.stretches.empty() && pair.stretches.back().factor == factors[i]) {
                pair.stretches.back().to = rows[end].date;
                pair.stretches.back().sessions += count;
            } else {
                pair.stretches.push_back({rows[begin].date, rows[end].date, count, factors[i]});
            }
        } else {
            pair.differing += count;
            for (std::size_t row = begin; row <= end; ++row) {
                differences.push_back(std::abs(rows[row].first / rows[row].second - 1));
                if (pair.differences.size() < differences_most)
                    pair.differences.push_back(rows[row].date);
            }
        }
    }
    if (!differences.empty()) {
        const auto middle = differences.begin() + std::ssize(differences) / 2;
        std::ranges::nth_element(differences, middle);
        pair.median_difference = *middle;
    }
    return pair;
}

Agreement compare_all(const std::string& symbol, std::span<const Telling> tellings) {
    Agreement all{.symbol = symbol};
    for (std::size_t i = 0; i < tellings.size(); ++i)
        for (std::size_t j = i + 1; j < tellings.size(); ++j)
            all.pairs.push_back(compare(tellings[i], tellings[j]));
    name_the_odd_one(all, tellings);
    return all;
}

Result<std::vector<Agreement>> compare_sources(store::BarStore& store,
                                               const std::vector<std::string>& symbols,
                                               const std::string& at) {
    HSL_TRY(const std::vector<store::SymbolSummary> series, store.symbols(at));
    std::map<std::string, int> sources;
    for (const store::SymbolSummary& one : series)
        if (one.interval == market::Interval::day) ++sources[one.instrument.symbol];
    std::vector<std::string> wanted = symbols;
    if (wanted.empty())
        for (const auto& [symbol, count] : sources)
            if (count > 1) wanted.push_back(symbol);
    std::vector<Agreement> out;
    for (const std::string& symbol : wanted) {
        HSL_TRY(const market::BarTable table,
                store.read({.symbols = {symbol}, .at = at, .every_source = true}));
        std::vector<std::vector<Bar>> bars;
        std::vector<Telling> tellings;
        bars.reserve(table.symbols.size());
        for (const market::BarTable::Range& range : table.symbols) {
            std::vector<Bar>& own = bars.emplace_back();
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                own.push_back(table.bar(row));
            tellings.push_back(
                {range.source.empty() ? "(no name)" : range.source, own, range.instrument.scale});
        }
        out.push_back(compare_all(symbol, tellings));
    }
    return out;
}

}  // namespace hsl::service
