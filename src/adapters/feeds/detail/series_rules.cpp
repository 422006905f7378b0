// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/series_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"

namespace hsl::adapters::detail {
namespace {

using market::Bar;
using market::price_text;

bool before(const Bar& a, const Bar& b) {
    return a.date != b.date ? a.date < b.date : a.minute < b.minute;
}
bool same_time(const Bar& a, const Bar& b) { return a.date == b.date && a.minute == b.minute; }

template <class T>
void reorder(std::vector<T>& values, std::span<const std::uint32_t> order) {
    if (values.empty()) return;
    std::vector<T> moved;
    moved.reserve(order.size());
    for (const std::uint32_t row : order) moved.push_back(std::move(values[row]));
    values = std::move(moved);
}

// Keeps the rows of `order`, in its order.
void keep(Rows& rows, std::span<const std::uint32_t> order) {
    reorder(rows.bars, order);
    reorder(rows.lines, order);
    reorder(rows.sources, order);
    reorder(rows.repairs, order);
    reorder(rows.bases, order);
    reorder(rows.rates, order);
    reorder(rows.known, order);
    for (auto& column : rows.named) reorder(column, order);
}

bool same_values(const Rows& rows, std::size_t a, std::size_t b, bool prices) {
    if (prices) return rows.bars[a] == rows.bars[b];
    if (!rows.known.empty() && rows.known[a] != rows.known[b]) return false;
    return std::ranges::all_of(rows.named, [&](const std::vector<double>& column) {
        return column[a] == column[b] || (std::isnan(column[a]) && std::isnan(column[b]));
    });
}

std::string difference(const Series& series, std::size_t here, std::size_t there) {
    const Rows& rows = series.rows;
    struct Value {
        std::string_view name;
        std::int64_t Bar::* value;
        bool price;
    };
    static constexpr Value values[] = {
        {"close", &Bar::close, true},    {"open", &Bar::open, true},
        {"high", &Bar::high, true},      {"low", &Bar::low, true},
        {"volume", &Bar::volume, false}, {"value", &Bar::value, false}};
    for (const Value& v : values) {
        const std::int64_t a = rows.bars[here].*v.value;
        const std::int64_t b = rows.bars[there].*v.value;
        const int scale = v.price ? series.instrument.scale : 0;
        if (a != b)
            return fmt::format("{} {} here, {} on line {}", v.name, price_text(a, scale),
                               price_text(b, scale), rows.lines[there]);
    }
    return fmt::format("other values than on line {}", rows.lines[there]);
}

// `detail` is written only for the findings that are listed.
template <class Detail>
void note(Verdict& verdict, const Series& series, std::size_t row, std::string_view rule,
          std::int64_t count, Detail&& detail) {
    std::int64_t& found = verdict.found[std::string{rule}];
    const bool listed = found < findings_max;
    found += count;
    if (!listed) return;
    verdict.findings.push_back({.rule = std::string{rule},
                                .symbol = series.instrument.symbol,
                                .date = series.rows.bars[row].date.iso(),
                                .line = series.rows.lines[row],
                                .detail = detail()});
}

store::QuarantinedRow set_aside(const Series& series, const SeriesContext& context, std::size_t row,
                                std::string_view reason, std::string detail) {
    return {.symbol = series.instrument.symbol,
            .date = series.rows.bars[row].date.iso(),
            .file = std::string{context.path},
            .line = series.rows.lines[row],
            .reason = std::string{reason},
            .detail = std::move(detail),
            .source = std::string{series.rows.sources[row]},
            .bar = context.prices ? std::optional{series.rows.bars[row]} : std::nullopt};
}

void quarantine_conflict(const Series& series, const SeriesContext& context, std::size_t first,
                         std::size_t last, std::size_t other, Verdict& verdict) {
    constexpr std::size_t named_max = 8;
    const std::size_t named = std::min(last, first + named_max);
    const std::string places =
        fmt::format("{}{}",
                    fmt::join(series.rows.lines.begin() + static_cast<std::ptrdiff_t>(first),
                              series.rows.lines.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                    last - first > named_max ? ", …" : "");
    for (std::size_t row = first; row < last; ++row) {
        const std::size_t against =
            same_values(series.rows, row, first, context.prices) ? other : first;
        verdict.quarantined.push_back(set_aside(
            series, context, row, "conflicting_repeat",
            fmt::format("lines {} have this date: {}", places, difference(series, row, against))));
    }
}

}  // namespace

void sort_rows(Rows& rows) {
    const std::vector<Bar>& bars = rows.bars;
    if (std::ranges::is_sorted(bars, before)) return;
    std::vector<std::uint32_t> order(bars.size());
    std::iota(order.begin(), order.end(), 0U);
    const bool newest_first = std::ranges::adjacent_find(bars, [](const Bar& a, const Bar& b) {
                                  return !before(b, a);
                              }) == bars.end();
    if (newest_first)
        std::ranges::reverse(order);
    else
        std::ranges::stable_sort(
            order, [&](std::uint32_t a, std::uint32_t b) { return before(bars[a], bars[b]); });
    keep(rows, order);
}

bool has_minutes(const Rows& rows) {
    return std::ranges::adjacent_find(rows.bars, [](const Bar& a, const Bar& b) {
               return a.date == b.date && a.minute != b.minute;
           }) != rows.bars.end();
}

void settle_repeats(Series& series, const SeriesContext& context, Verdict& verdict) {
    Rows& rows = series.rows;
    if (std::ranges::adjacent_find(rows.bars, same_time) == rows.bars.end()) return;
    std::vector<std::uint32_t> kept;
    kept.reserve(rows.size());
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first + 1;
        while (last < rows.size() && same_time(rows.bars[first], rows.bars[last])) ++last;
        std::size_t other = first + 1;
        while (other < last && same_values(rows, other, first, context.prices)) ++other;
        if (other < last) {
            quarantine_conflict(series, context, first, last, other, verdict);
        } else {
            kept.push_back(static_cast<std::uint32_t>(first));
            verdict.equal_repeats += static_cast<std::int64_t>(last - first - 1);
        }
        first = last;
    }
    keep(rows, kept);
}

// ---- units -------------------------------------------------------------------------------------

namespace {

// 10, 100, 0.1 or 0.01 when `close` is about that many times `previous`, give or take a day's
// limit; 0 otherwise.
double unit_factor(std::int64_t close, std::int64_t previous) {
    const double ratio = static_cast<double>(close) / static_cast<double>(previous);
    for (const double factor : {10.0, 100.0, 0.1, 0.01})
        if (ratio >= 0.7 * factor && ratio <= 1.3 * factor) return factor;
    return 0;
}

// A longer stretch than this is no slip of a unit: the series itself changed.
constexpr std::size_t shifted_rows_max = 60;

}  // namespace

void settle_unit_shifts(Series& series, const SeriesContext& context, Verdict& verdict) {
    const std::vector<Bar>& bars = series.rows.bars;
    std::vector<std::uint32_t> shifted;
    for (std::size_t row = 1; row + 1 < bars.size(); ++row) {
        const std::int64_t previous = bars[row - 1].close;
        if (!market::is_break(bars[row].close, previous)) continue;
        const double factor = unit_factor(bars[row].close, previous);
        if (factor == 0) continue;
        std::size_t end = row + 1;
        while (end < bars.size() && end - row <= shifted_rows_max &&
               unit_factor(bars[end].close, previous) == factor)
            ++end;
        // The way back: the first row behind the stretch stands where the one before it stood.
        if (end == bars.size() || end - row > shifted_rows_max ||
            market::is_break(bars[end].close, previous))
            continue;
        for (std::size_t i = row; i < end; ++i) {
            shifted.push_back(static_cast<std::uint32_t>(i));
            verdict.quarantined.push_back(
                set_aside(series, context, i, "unit_shift",
                          fmt::format("close {} between {} and {}: {} of another unit",
                                      price_text(bars[i].close, series.instrument.scale),
                                      price_text(previous, series.instrument.scale),
                                      price_text(bars[end].close, series.instrument.scale),
                                      factor > 1 ? fmt::format("x{:.0f}", factor)
                                                 : fmt::format("1/{:.0f}", 1 / factor))));
        }
        row = end - 1;
    }
    if (shifted.empty()) return;
    std::vector<std::uint32_t> kept;
    auto next = shifted.begin();
    for (std::uint32_t i = 0; i < bars.size(); ++i) {
        if (next != shifted.end() && *next == i)
            ++next;
        else
            kept.push_back(i);
    }
    keep(series.rows, kept);
}

// ---- events ------------------------------------------------------------------------------------

namespace {

enum class Rest : std::uint8_t { none, halt, carried, untraded, halt_with_volume };

Rest rest_of(const Bar& bar) {
    if (bar.open == 0 && bar.high == 0 && bar.low == 0)
        return bar.volume > 0 ? Rest::halt_with_volume : Rest::halt;
    if (bar.volume != 0) return Rest::none;
    return market::is_halt(bar) ? Rest::carried : Rest::untraded;
}

std::string_view rule_of(Rest rest) {
    switch (rest) {
        case Rest::halt:
            return "halt";
        case Rest::halt_with_volume:
            return "halt_with_volume";
        case Rest::carried:
            return "carried_close";
        default:
            return "volume_zero";
    }
}

// The integer that `ratio` (above 1) is within 5 % of, at most 100; 0 when it is near none.
int near_integer(double ratio) {
    const double whole = std::round(ratio);
    if (whole < 2 || whole > 100 || std::abs(ratio / whole - 1) > 0.05) return 0;
    return static_cast<int>(whole);
}

class Events {
public:
    Events(const Series& series, Date file_last, Verdict& verdict)
        : series_(series), bars_(series.rows.bars), file_last_(file_last), verdict_(verdict) {}

    void find() {
        first_day();
        std::size_t rest_from = 0;
        Rest rest = Rest::none;
        for (std::size_t row = 0; row < bars_.size(); ++row) {
            const Bar& bar = bars_[row];
            const Rest now = rest_of(bar);
            if (now != rest) {
                run(rest, rest_from, row);
                rest = now;
                rest_from = row;
            }
            if (series_.korean && bar.date.weekday() == 6) saturday(row);
            if (series_.korean && row > 0) {
                gap(row);
                rate(row);
                if (market::is_break(bar.close, bars_[row - 1].close)) jump(row, rest_rows_);
            }
            // Prices that moved did trade: it is their volume that is missing.
            const bool traded = now == Rest::none || now == Rest::untraded;
            rest_rows_ = traded ? 0 : rest_rows_ + 1;
            traded_ = traded_ || traded;
        }
        run(rest, rest_from, bars_.size());
    }

private:
    void run(Rest rest, std::size_t first, std::size_t last) {
        if (rest == Rest::none || first == last) return;
        const auto sessions = static_cast<std::int64_t>(last - first);
        note(verdict_, series_, first, rule_of(rest), sessions, [&] {
            return fmt::format("{} to {}", counted(sessions, "session"),
                               bars_[last - 1].date.iso());
        });
    }

    void saturday(std::size_t row) {
        note(verdict_, series_, row, "saturday_session", 1, [] {
            return std::string{"a Saturday: the exchange traded on them until 1998-12-05"};
        });
    }

    // A first session that opened on an offer price moves further than others.
    void first_day() {
        const Rows& rows = series_.rows;
        if (!series_.korean || bars_.empty() || rest_of(bars_[0]) != Rest::none) return;
        std::int64_t base = rows.bases.empty() ? 0 : rows.bases[0];
        if (base == 0 && !rows.rates.empty() && !std::isnan(rows.rates[0]))
            base = std::llround(static_cast<double>(bars_[0].close) /
                                (1 + static_cast<double>(rows.rates[0]) / 100));
        if (base <= 0 || !market::is_break(bars_[0].close, base)) return;
        liquidation_ = bars_[0].close < base && is_end(0) && bars_.back().date < file_last_;
        note(verdict_, series_, 0, liquidation_ ? "jump_liquidation" : "jump_first_day", 1, [&] {
            return fmt::format("first session: {} from {}",
                               price_text(bars_[0].close, series_.instrument.scale),
                               price_text(base, series_.instrument.scale));
        });
    }

    void gap(std::size_t row) {
        const int days = bars_[row].date - bars_[row - 1].date;
        if (days <= 1) return;
        const market::Calendar& calendar = market::Calendar::krx();
        const int here = calendar.session_on(bars_[row].date);
        if (here < 0) return;
        const int there = calendar.session_on(bars_[row - 1].date);
        if (there < 0 || here - there <= 1) return;
        gap_ = here - there - 1;
        gap_row_ = row;
        note(verdict_, series_, row, "missing_sessions", gap_, [&] {
            return fmt::format("no row for {} after {}", counted(gap_, "session"),
                               bars_[row - 1].date.iso());
        });
    }

    // A rate alone is that of the close against the close before, to the digits it was written in.
    void rate(std::size_t row) {
        const Rows& rows = series_.rows;
        if (rows.rates.empty() || !rows.bases.empty()) return;
        const double told = static_cast<double>(rows.rates[row]);
        if (std::isnan(told)) return;
        const double found =
            100.0 *
            (static_cast<double>(bars_[row].close) / static_cast<double>(bars_[row - 1].close) - 1);
        if (std::abs(told - found) <= 0.0051 + 1e-6 * std::abs(found)) return;
        note(verdict_, series_, row, "rate_differs", 1, [&] {
            return fmt::format("{:.2f} % by its rate, {:.2f} % by the close before it", told,
                               found);
        });
    }

    void jump(std::size_t row, int rest_rows) {
        const int scale = series_.instrument.scale;
        const Bar& bar = bars_[row];
        const std::int64_t previous = bars_[row - 1].close;
        const int pause = rest_rows + (gap_row_ == row ? gap_ : 0);
        const std::string_view rule = rule_of_jump(row, pause);
        const double ratio = static_cast<double>(bar.close) / static_cast<double>(previous);
        if (rule == "jump_liquidation") liquidation_ = true;
        note(verdict_, series_, row, rule, 1, [&] {
            std::string detail = fmt::format("{} to {}, x{:.4g}", price_text(previous, scale),
                                             price_text(bar.close, scale), ratio);
            if (pause > 0)
                detail += fmt::format(", after {} without trading", counted(pause, "session"));
            return detail;
        });
    }

    std::string_view rule_of_jump(std::size_t row, int pause) const {
        const Bar& bar = bars_[row];
        const std::int64_t previous = bars_[row - 1].close;
        if (!traded_ && rest_of(bar) == Rest::none) return "jump_first_day";
        if (const double grown = share_growth(row); grown != 1)
            return grown > 1 ? "jump_split" : "jump_reverse_split";
        if (is_end(row) && (liquidation_ || (rest_rows_ > 0 && bar.close < previous) ||
                            (bar.close < previous && bars_.back().date < file_last_)))
            return "jump_liquidation";
        if (rest_rows_ == 0 && pause > 0 && within_limits(row, pause)) return "jump_over_gap";
        // A row that the next one takes back says nothing of the company.
        if (row + 1 < bars_.size() && pause == 0 && taken_back(row)) return "jump_unexplained";
        if (row >= 2 && pause == 0 && taken_back(row - 1)) return "jump_unexplained";
        const std::int64_t base = base_of(row);
        if (bar.close < previous &&
            near_integer(static_cast<double>(previous) / static_cast<double>(base)) > 0)
            return "jump_split";
        if (pause == 0) return "jump_unexplained";
        if (bar.close > previous &&
            near_integer(static_cast<double>(base) / static_cast<double>(previous)) > 0)
            return "jump_reverse_split";
        return "jump_relisting";
    }

    // Listed shares over those of the row before, where the price answers a jump of them within a
    // day's move; 1 otherwise. A count that the exchange tells is better than any guess from
    // prices.
    double share_growth(std::size_t row) const {
        if (!series_.shares) return 1;
        const std::vector<double>& shares = series_.rows.named[*series_.shares];
        const double growth = shares[row] / shares[row - 1];
        if (!std::isfinite(growth) || growth <= 0 || std::abs(growth - 1) <= market::break_ratio)
            return 1;
        const double moved = static_cast<double>(bars_[row].close) /
                             static_cast<double>(bars_[row - 1].close) * growth;
        return std::abs(moved - 1) <= market::break_ratio ? growth : 1;
    }

    // Liquidation trading (정리매매) lasts seven sessions, has no limit and ends the series.
    bool is_end(std::size_t row) const {
        constexpr std::size_t liquidation_sessions = 7;
        return bars_.size() - row <= liquidation_sessions;
    }

    // Sessions whose rows are missing may have moved by their own limits.
    bool within_limits(std::size_t row, int missing) const {
        const double ratio =
            static_cast<double>(bars_[row].close) / static_cast<double>(bars_[row - 1].close);
        double up = 1 + market::break_ratio;
        double down = 1 - market::break_ratio;
        for (int i = 0; i < std::min(missing, 5); ++i) {
            up *= 1 + market::break_ratio;
            down *= 1 - market::break_ratio;
        }
        return ratio <= up && ratio >= down;
    }

    // The row jumps, and the one behind it stands within a day's limit of the one before it.
    bool taken_back(std::size_t row) const {
        return market::is_break(bars_[row].close, bars_[row - 1].close) &&
               market::is_break(bars_[row + 1].close, bars_[row].close) &&
               !market::is_break(bars_[row + 1].close, bars_[row - 1].close);
    }

    // The base price where the file tells it, the open where it traded, else the close.
    std::int64_t base_of(std::size_t row) const {
        const Rows& rows = series_.rows;
        if (!rows.bases.empty() && rows.bases[row] > 0) return rows.bases[row];
        return bars_[row].open > 0 ? bars_[row].open : bars_[row].close;
    }

    const Series& series_;
    const std::vector<Bar>& bars_;
    Date file_last_;
    Verdict& verdict_;
    bool traded_ = false;       // a row with trades was seen
    bool liquidation_ = false;  // a jump of the final sessions was seen
    int rest_rows_ = 0;         // rows without trades just before this one
    int gap_ = 0;
    std::size_t gap_row_ = 0;
};

}  // namespace

void find_events(const Series& series, Date file_last, Verdict& verdict) {
    Events{series, file_last, verdict}.find();
}

}  // namespace hsl::adapters::detail
