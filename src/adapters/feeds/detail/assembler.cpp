// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/assembler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/basis.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/rows.hpp"
#include "adapters/feeds/detail/series_rules.hpp"
#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"
#include "market/named_column.hpp"

namespace hsl::adapters::detail {
namespace {

using market::Bar;
using store::MarketFile;
using store::QuarantinedRow;

// A file with more rows than this and no good one among them was misunderstood: it is refused, and
// does not fill the quarantine.
constexpr std::size_t hopeless_rows = 1000;
// Below this a second thread costs more than it brings.
constexpr std::size_t rows_for_threads = 50'000;
constexpr std::size_t first_rows_max = 5;

std::unexpected<Error> refuse(std::string_view path, std::string message, std::int64_t line = 0) {
    return std::unexpected(Error{.code = ErrorCode::bad_data,
                                 .message = std::move(message),
                                 .file = std::string{path},
                                 .line = static_cast<long>(line)});
}

int digits_of(std::int64_t power) {
    int digits = 0;
    for (; power > 1; power /= 10) ++digits;
    return digits;
}

void add_slot(Schema& schema, const ColumnSlot& slot, std::size_t cell) {
    const auto index = static_cast<std::size_t>(slot.field);
    if (slot.field == Field::ignored) return;
    const auto add_named = [&](std::string_view column) {
        const auto same = std::ranges::find(schema.named, column, &Schema::Named::column);
        if (same == schema.named.end() && market::find_column(column) != nullptr)
            schema.named.push_back({cell, std::string{column}, slot.header,
                                    static_cast<double>(slot.unit),
                                    column == "per" || column == "pbr"});
    };
    if (slot.field == Field::named) {
        add_named(slot.column);
        return;
    }
    if (schema.cell[index] != Schema::absent) return;
    schema.signs_are_directions = schema.signs_are_directions || slot.signs_are_directions;
    schema.cell[index] = cell;
    schema.unit[index] = slot.unit;
    schema.shift[index] = digits_of(slot.unit) - slot.implied_decimals;
    if (slot.field == Field::market_cap) add_named("market_cap");
    if (slot.field == Field::shares) add_named("listed_shares");
}

bool is_core(Field field) {
    return field == Field::date || (field >= Field::open && field <= Field::volume);
}

// Two columns that say the same thing would have to be compared: the user decides.
Result<void> check_doubles(std::span<const ColumnSlot> slots) {
    for (std::size_t i = 0; i < slots.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (slots[i].field == slots[j].field && is_core(slots[i].field))
                return fail(ErrorCode::bad_data,
                            fmt::format("two columns of the header are the {}: '{}' and '{}': "
                                        "leave one, or choose with --map {}=HEADER",
                                        name_of(slots[i].field), printable(slots[j].header),
                                        printable(slots[i].header), name_of(slots[i].field)));
    return {};
}

// Columns that say something we know, but not in which unit: nothing is guessed, the user decides.
std::string ambiguous_words(std::span<const ColumnSlot> slots) {
    struct Ambiguous {
        std::string_view word;
        std::string_view value;   // the column where the numbers are won
        std::string_view shares;  // and where they are shares
    };
    static constexpr Ambiguous words[] = {
        {"외국인", "foreign_net", "foreign_net_shares"},
        {"기관", "institution_net", "institution_net_shares"},
        {"개인", "individual_net", "individual_net_shares"},
        {"공매도", "short_value", "short_volume"},
    };
    std::string text;
    for (const ColumnSlot& slot : slots)
        for (const Ambiguous& ambiguous : words) {
            std::string_view rest = slot.header;
            if (slot.field != Field::ignored || !rest.starts_with(ambiguous.word)) continue;
            rest.remove_prefix(ambiguous.word.size());
            while (rest.starts_with(' ')) rest.remove_prefix(1);
            if (rest.empty() || rest == "합계" || rest == "순매수")
                text += fmt::format("; '{0}' may be won or shares: --map {1}={0} or --map {2}={0}",
                                    printable(slot.header), ambiguous.shares, ambiguous.value);
        }
    return text;
}

// One value a row: date, code, field, value.
bool is_long_table(std::span<const ColumnSlot> slots) {
    const auto has = [&](std::initializer_list<std::string_view> words) {
        return std::ranges::any_of(slots, [&](const ColumnSlot& slot) {
            return std::ranges::find(words, lower(slot.header)) != words.end();
        });
    };
    return has({"field", "variable", "item", "항목", "지표"}) && has({"value", "값"});
}

// What a table lacks to be one of prices or of named columns, and what would help.
std::string lack(const Schema& schema, std::span<const ColumnSlot> slots,
                 std::span<const std::string_view> missing) {
    std::string text = fmt::format(
        "not a price file: its header has no column {}; needed are date, open, high, low, close, "
        "volume (or 날짜, 시가, 고가, 저가, 종가, 거래량); --map {}=HEADER names one",
        fmt::join(missing, ", "), missing.front());
    if (missing.front() == "date" && schema.has(Field::code)) {
        text +=
            ", --map date=2024-01-02 says the day of every row (so does the file's name, "
            "krx_20240102.csv)";
        if (schema.has(Field::name)) text += "; a list of names and no prices: --listing";
    } else if (is_long_table(slots)) {
        text +=
            "; a row holds one value of one field: pivot the table, so that every field is a "
            "column";
    } else {
        text += ambiguous_words(slots);
    }
    return text;
}

// Whether the columns make bars or only named columns, and what is missing for either.
Result<void> decide_kind(Schema& schema, std::span<const ColumnSlot> slots, bool korean,
                         bool index) {
    const auto has = [&](Field field) { return schema.has(field); };
    if (!has(Field::date) && has(Field::time)) {  // "Candlestick.Time" holds the day too
        std::swap(schema.cell[static_cast<std::size_t>(Field::date)],
                  schema.cell[static_cast<std::size_t>(Field::time)]);
    }
    std::vector<std::string_view> missing;
    if (!has(Field::date) && !schema.date) missing.emplace_back("date");
    const bool ranges = has(Field::open) || has(Field::high) || has(Field::low);
    if (!ranges && !schema.named.empty() && (korean || !has(Field::close))) {
        schema.prices = false;
    } else if (!ranges && has(Field::close)) {
        if (korean)
            return fail(ErrorCode::bad_data,
                        "closes alone make no bars: a strategy fills at opens and stops at highs "
                        "and lows; needed are date, open, high, low, close, volume (or 날짜, 시가, "
                        "고가, 저가, 종가, 거래량)");
        schema.close_only = true;
    } else {
        for (const Field field :
             {Field::open, Field::high, Field::low, Field::close, Field::volume})
            if (!has(field) && !(field == Field::volume && index))
                missing.push_back(name_of(field));
    }
    if (missing.empty()) return {};
    return fail(ErrorCode::bad_data, lack(schema, slots, missing));
}

std::string bar_words(const Series& series, std::size_t row, const Schema& schema) {
    const Rows& rows = series.rows;
    const Bar& bar = rows.bars[row];
    const int scale = series.instrument.scale;
    std::string text = fmt::format("{} {}", series.instrument.symbol, bar.date.iso());
    if (bar.minute > 0) text += fmt::format(" {:02}:{:02}", bar.minute / 60, bar.minute % 60);
    if (schema.prices)
        text += fmt::format(" open {} high {} low {} close {} volume {}",
                            market::price_text(bar.open, scale),
                            market::price_text(bar.high, scale), market::price_text(bar.low, scale),
                            market::price_text(bar.close, scale), with_commas(bar.volume));
    if (bar.value != Bar::value_missing && schema.prices)
        text += fmt::format(" value {}", with_commas(bar.value));
    for (std::size_t i = 0; i < rows.named.size(); ++i)
        if (!std::isnan(rows.named[i][row]))
            text += fmt::format(" {} {}", schema.named[i].column, rows.named[i][row]);
    return text;
}

// The day of rows that carry none: the user's, else that of the name of a file of a whole market.
void settle_day(Schema& schema, AssemblerOptions& options, const store::ReadHints& hints) {
    if (schema.date || schema.has(Field::date) || schema.has(Field::time)) return;
    const auto said = hints.columns.find("date");
    if (said != hints.columns.end()) {
        const ScannedDate day = scan_date(said->second);
        if (day.state != DateState::ok) return;
        schema.date = day.date;
        options.how.date_form = fmt::format("{}, as you said", day.date.iso());
    } else if (schema.has(Field::code)) {
        schema.date = day_of_path(options.path);
        if (schema.date)
            options.how.date_form = fmt::format("{}, the file's name", schema.date->iso());
    }
}

}  // namespace

struct Assembler::Work {
    AssemblerOptions options;
    store::ReadHints hints;
    std::vector<ColumnSlot> slots;
    Schema schema;
    std::vector<RowReader> readers;

    Result<MarketFile> finish();

private:
    std::vector<Series> gather();
    Result<void> check_path_against_code(std::span<const Series> series) const;
    void settle_value_unit(std::span<Series> series, MarketFile& file) const;
    Result<void> check_hope(const MarketFile& file, bool any) const;
    void describe(MarketFile& file, std::span<const Series> series) const;
    void settle(std::vector<Series>& series, MarketFile& file);
    std::vector<BasisJudgement> judge_series(std::span<const Evidence> evidence) const;
    void judge_file(std::span<const Evidence> evidence, std::span<const BasisJudgement> bases,
                    std::string_view symbol, MarketFile& file) const;
    void take(std::vector<Series>& series, std::span<const BasisJudgement> bases, bool intraday,
              MarketFile& file);
    void take_named(const Series& series, MarketFile& file) const;
};

Assembler::Assembler(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Assembler::Assembler(Assembler&&) noexcept = default;
Assembler& Assembler::operator=(Assembler&&) noexcept = default;
Assembler::~Assembler() = default;

Result<Assembler> Assembler::make(AssemblerOptions options, std::vector<ColumnSlot> slots,
                                  const store::ReadHints& hints) {
    const auto here = [&](Error error) {
        error.file = options.path;
        return std::unexpected(std::move(error));
    };
    if (auto single = check_doubles(slots); !single) return here(std::move(single).error());
    Schema schema{.path = options.path,
                  .date = options.date,
                  .market = hints.market != market::Market::unknown ? hints.market : options.market,
                  .day_order = options.day_order,
                  .decimal_comma = options.decimal_comma};
    schema.cell.fill(Schema::absent);
    schema.unit.fill(1);
    for (std::size_t i = 0; i < slots.size(); ++i) add_slot(schema, slots[i], i);
    std::string symbol = options.symbol;
    if (symbol.empty() && !schema.has(Field::code)) {
        symbol = hints.symbol.empty() ? symbol_of_path(options.path) : hints.symbol;
        const bool known = market::is_krx_code(symbol) ||
                           market::instrument_for(symbol).market == market::Market::index;
        const auto name = std::ranges::find(slots, Field::name, &ColumnSlot::field);
        if (hints.symbol.empty() && !known && name != slots.end())
            return refuse(options.path,
                          fmt::format("'{0}' names companies and nothing says their codes: add a "
                                      "column of codes, say --map code={0} if these are codes, or "
                                      "--symbol CODE if it is one company",
                                      printable(name->header)));
    }
    if (!symbol.empty() || !schema.has(Field::code)) {
        if (!is_symbol(symbol))
            return refuse(options.path,
                          "the file's name gives no symbol: name it after its code, 005930.csv, "
                          "or say --symbol CODE");
        schema.symbol = symbol;
    }
    settle_day(schema, options, hints);
    const bool korean = schema.symbol ? market::is_krx_code(*schema.symbol)
                                      : options.market != market::Market::foreign;
    const bool index =
        schema.symbol && market::instrument_for(*schema.symbol).market == market::Market::index;
    if (auto kind = decide_kind(schema, slots, korean, index); !kind)
        return here(std::move(kind).error());
    auto work = std::make_unique<Work>();
    work->options = std::move(options);
    work->hints = hints;
    work->slots = std::move(slots);
    work->schema = std::move(schema);
    return Assembler{std::move(work)};
}

std::span<RowReader> Assembler::readers(std::size_t count) {
    HSL_ASSERT(work_->readers.empty());
    work_->readers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) work_->readers.emplace_back(work_->schema);
    return work_->readers;
}

void Assembler::row(std::span<const std::string_view> cells, std::int64_t line,
                    std::string_view source) {
    if (work_->readers.empty()) static_cast<void>(readers(1));
    work_->readers.front().row(cells, line, source);
}

void Assembler::quarantine(std::int64_t line, std::string_view source, std::string_view reason,
                           std::string detail) {
    if (work_->readers.empty()) static_cast<void>(readers(1));
    work_->readers.front().quarantine(line, source, reason, std::move(detail));
}

void Assembler::drop(std::string_view reason) {
    if (work_->readers.empty()) static_cast<void>(readers(1));
    work_->readers.front().drop(reason);
}

Result<MarketFile> Assembler::finish() && { return work_->finish(); }

// ---- several rows together ---------------------------------------------------------------------

// The rows of every reader, symbol by symbol, ascending.
std::vector<Series> Assembler::Work::gather() {
    std::vector<Series> all;
    if (schema.symbol) {
        Series series{.instrument = readers.front().symbols().front().instrument,
                      .korean = readers.front().symbols().front().korean};
        series.rows = std::move(readers.front().rows());
        for (std::size_t r = 1; r < readers.size(); ++r) {
            const Rows& rows = readers[r].rows();
            series.rows.reserve(series.rows.size() + rows.size());
            for (std::size_t row = 0; row < rows.size(); ++row) series.rows.append(rows, row);
        }
        all.push_back(std::move(series));
        return all;
    }
    std::map<std::string, std::uint32_t> index_of;
    std::vector<std::vector<std::uint32_t>> global(readers.size());
    std::vector<std::pair<const SeenSymbol*, std::size_t>> seen;  // and how many rows
    for (std::size_t r = 0; r < readers.size(); ++r)
        for (const SeenSymbol& symbol : readers[r].symbols()) {
            const auto [at, fresh] = index_of.try_emplace(symbol.instrument.symbol,
                                                          static_cast<std::uint32_t>(seen.size()));
            if (fresh) seen.emplace_back(&symbol, 0);
            const SeenSymbol*& known = seen[at->second].first;
            if (symbol.market_date > known->market_date && !symbol.market_text.empty())
                known = &symbol;
            global[r].push_back(at->second);
        }
    for (std::size_t r = 0; r < readers.size(); ++r)
        for (const std::uint32_t symbol : readers[r].rows().symbols)
            ++seen[global[r][symbol]].second;
    // A counting sort: places of a symbol's rows, reader by reader, in the order of the file.
    std::vector<std::size_t> start(seen.size() + 1, 0);
    for (std::size_t s = 0; s < seen.size(); ++s) start[s + 1] = start[s] + seen[s].second;
    struct Place {
        std::uint32_t reader;
        std::uint32_t row;
    };
    std::vector<Place> places(start.back());
    std::vector<std::size_t> next{start.begin(), start.end() - 1};
    for (std::size_t r = 0; r < readers.size(); ++r) {
        const auto& symbols = readers[r].rows().symbols;
        for (std::uint32_t row = 0; row < symbols.size(); ++row)
            places[next[global[r][symbols[row]]]++] = {static_cast<std::uint32_t>(r), row};
    }
    std::vector<std::uint32_t> order;
    for (const auto& [symbol, index] : index_of)
        if (seen[index].second > 0) order.push_back(index);
    all.resize(order.size());
    parallel_for(order.size(), places.size() < rows_for_threads ? 1 : 0,
                 [&](std::size_t i, unsigned) {
                     const std::uint32_t s = order[i];
                     all[i].instrument = seen[s].first->instrument;
                     all[i].korean = seen[s].first->korean;
                     all[i].rows.reserve(seen[s].second);
                     for (std::size_t at = start[s]; at < start[s + 1]; ++at)
                         all[i].rows.append(readers[places[at].reader].rows(), places[at].row);
                 });
    return all;
}

// A code column and a file's name that is a code must speak of the same symbol.
Result<void> Assembler::Work::check_path_against_code(std::span<const Series> series) const {
    if (schema.symbol || series.size() != 1) return {};
    const std::string named = symbol_of_path(options.path);
    const std::string& code = series.front().instrument.symbol;
    if (!market::is_krx_code(named) || named == code) return {};
    return refuse(options.path,
                  fmt::format("the code column says '{}' and the file's name {}: rename the file "
                              "after its code",
                              code, named),
                  series.front().rows.lines.front());
}

// Brokers write traded values in thousands or millions of won and do not say so; close x volume
// does. A value is left out where that leaves nothing of it.
void Assembler::Work::settle_value_unit(std::span<Series> series, MarketFile& file) const {
    static constexpr std::int64_t units[] = {1'000, 1'000'000, 100'000'000};
    if (!schema.prices || !schema.has(Field::value) ||
        schema.unit[static_cast<std::size_t>(Field::value)] != 1)
        return;
    // A few thousand rows, spread over the file, tell.
    constexpr std::size_t rows_looked_at = 4'096;
    std::size_t count = 0;
    for (const Series& s : series) count += s.korean ? s.rows.bars.size() : 0;
    const std::size_t stride = count / rows_looked_at + 1;
    const auto each = [&](std::size_t step, auto&& see) {
        std::size_t at = 0;
        for (Series& s : series) {
            if (!s.korean) continue;
            for (; at < s.rows.bars.size(); at += step)
                if (Bar& bar = s.rows.bars[at]; bar.value != Bar::value_missing && bar.volume > 0)
                    see(bar);
            at -= s.rows.bars.size();
        }
    };
    std::int64_t rows = 0;
    std::array<std::int64_t, std::size(units)> fits{};
    each(stride, [&](const Bar& bar) {
        const double worth = static_cast<double>(bar.close) * static_cast<double>(bar.volume);
        if (bar.value == 0) return;
        ++rows;
        for (std::size_t i = 0; i < std::size(units); ++i) {
            const double ratio =
                static_cast<double>(bar.value) * static_cast<double>(units[i]) / worth;
            fits[i] += ratio > 0.5 && ratio < 2;
        }
    });
    for (std::size_t i = 0; i < std::size(units); ++i) {
        if (rows == 0 || fits[i] * 20 < rows * 19) continue;
        each(1, [&](Bar& bar) {
            bar.value = bar.value == 0 || bar.value > number_max / units[i] ? Bar::value_missing
                                                                            : bar.value * units[i];
            ++file.repaired["value_unit"];
        });
        return;
    }
}

Result<void> Assembler::Work::check_hope(const MarketFile& file, bool any) const {
    if (any || file.quarantined.size() <= hopeless_rows) return {};
    const QuarantinedRow& first = file.quarantined.front();
    return refuse(options.path,
                  fmt::format("not one of its {} can be used: {}: {}",
                              counted(file.data_lines, "row"), first.reason, first.detail),
                  first.line);
}

void Assembler::Work::describe(MarketFile& file, std::span<const Series> series) const {
    if (file.how.columns.empty()) {
        for (const ColumnSlot& slot : slots) {
            std::string name = slot.field == Field::ignored ? ""
                               : slot.field == Field::named ? slot.column
                                                            : std::string{name_of(slot.field)};
            if (slot.field == Field::shares) name = "listed_shares";
            file.how.columns.emplace_back(std::move(name), slot.header);
        }
    }
    if (file.how.format.empty())
        file.how.format =
            fmt::format("{}, {}", schema.prices ? "prices" : "named columns",
                        series.size() == 1 ? "one symbol" : counted(std::ssize(series), "symbol"));
    // The first rows of the file, whosever they are.
    std::vector<std::pair<std::int64_t, std::pair<std::size_t, std::size_t>>> first;
    for (std::size_t s = 0; s < series.size(); ++s) {
        const auto& lines = series[s].rows.lines;
        for (std::size_t row = 0; row < std::min(lines.size(), first_rows_max); ++row)
            first.push_back({lines[row], {s, row}});
    }
    const std::size_t count = std::min(first.size(), first_rows_max);
    std::ranges::partial_sort(first, first.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i)
        file.how.first_rows.push_back(
            bar_words(series[first[i].second.first], first[i].second.second, schema));
}

Result<MarketFile> Assembler::Work::finish() {
    if (readers.empty()) readers.emplace_back(schema);
    MarketFile file{.path = options.path, .how = options.how};
    std::size_t rows = 0;
    for (RowReader& reader : readers) {
        file.data_lines += reader.counts().data_lines;
        rows += reader.rows().size();
        for (const auto& [reason, count] : reader.counts().dropped) file.dropped[reason] += count;
        std::ranges::move(reader.quarantined(), std::back_inserter(file.quarantined));
        if (reader.counts().unreadable_named > 0)
            file.found["unreadable_column"] += reader.counts().unreadable_named;
    }
    HSL_CHECK(check_hope(file, rows > 0));
    std::vector<Series> series = gather();
    settle_value_unit(series, file);
    HSL_CHECK(check_path_against_code(series));
    describe(file, series);
    settle(series, file);
    std::ranges::stable_sort(file.quarantined, {}, &QuarantinedRow::line);
    return file;
}

void Assembler::Work::settle(std::vector<Series>& series, MarketFile& file) {
    bool times = false;
    std::size_t rows = 0;
    for (RowReader& reader : readers) times = times || reader.counts().times;
    for (const Series& s : series) rows += s.rows.size();
    const unsigned threads = rows < rows_for_threads ? 1 : 0;
    std::vector<char> minutes(series.size(), 0);
    parallel_for(series.size(), threads, [&](std::size_t i, unsigned) {
        sort_rows(series[i].rows);
        if (times) minutes[i] = has_minutes(series[i].rows) ? 1 : 0;
    });
    // Programs of minutes write days with the time 00:00:00.
    const bool clocked =
        schema.has(Field::time) && std::ranges::any_of(series, [](const Series& s) {
            return std::ranges::any_of(s.rows.bars, [](const Bar& bar) { return bar.minute != 0; });
        });
    const bool intraday = clocked || std::ranges::find(minutes, 1) != minutes.end();
    const SeriesContext context{.path = options.path,
                                .prices = schema.prices,
                                .intraday = intraday,
                                .lines = options.sources_have_lines};
    const auto named = [&](std::string_view column) -> std::optional<std::size_t> {
        const auto at = std::ranges::find(schema.named, column, &Schema::Named::column);
        if (at == schema.named.end()) return std::nullopt;
        return static_cast<std::size_t>(at - schema.named.begin());
    };
    for (Series& s : series) {
        s.shares = named("listed_shares");
        s.caps = named("market_cap");
    }
    Date file_last = Date::from_civil(1900, 1, 1);
    for (const Series& s : series)
        if (s.rows.size() > 0) file_last = std::max(file_last, s.rows.bars.back().date);
    std::vector<Verdict> verdicts(series.size());
    std::vector<Evidence> evidence(series.size());
    parallel_for(series.size(), threads, [&](std::size_t i, unsigned) {
        if (times && !intraday)
            for (Bar& bar : series[i].rows.bars) bar.minute = 0;
        settle_repeats(series[i], context, verdicts[i]);
        evidence[i].korean = series[i].korean;
        if (!schema.prices || intraday || schema.close_only) return;
        if (series[i].korean) settle_unit_shifts(series[i], context, verdicts[i]);
        find_events(series[i], file_last, verdicts[i]);
        evidence[i] = weigh(series[i], verdicts[i]);
    });
    for (Verdict& verdict : verdicts) {
        std::ranges::move(verdict.quarantined, std::back_inserter(file.quarantined));
        if (verdict.equal_repeats > 0) file.dropped["equal_repeat"] += verdict.equal_repeats;
        for (store::Finding& finding : verdict.findings) {
            const auto before = file.found.find(finding.rule);
            if (before != file.found.end() && before->second >= findings_max) continue;
            file.findings.push_back(std::move(finding));
        }
        for (const auto& [rule, count] : verdict.found) file.found[rule] += count;
    }
    const std::vector<BasisJudgement> bases = judge_series(evidence);
    if (schema.prices)
        judge_file(evidence, bases, series.size() == 1 ? series[0].instrument.symbol : "", file);
    take(series, bases, intraday, file);
}

// What the publisher is known to publish, and what the user says, come before any evidence.
std::vector<BasisJudgement> Assembler::Work::judge_series(
    std::span<const Evidence> evidence) const {
    if (hints.basis)
        return std::vector(evidence.size(), BasisJudgement{*hints.basis, "you said so"});
    if (options.basis)
        return std::vector(evidence.size(), BasisJudgement{*options.basis, options.basis_because});
    return judge_bases(evidence);
}

void Assembler::Work::judge_file(std::span<const Evidence> evidence,
                                 std::span<const BasisJudgement> bases, std::string_view symbol,
                                 MarketFile& file) const {
    const BasisJudgement basis = sum_up(bases);
    file.how.basis = basis.basis;
    file.how.basis_because = basis.because;
    DefinitionJudgement judged = judge_definition(evidence);
    if (hints.definition)
        judged = {*hints.definition, "you said so"};
    else if (options.definition)
        judged = {*options.definition, options.definition_because};
    file.how.definition = judged.definition;
    file.how.definition_because = judged.because;
    if (!judged.changes) return;
    ++file.found["definition_changes"];
    file.findings.push_back({.rule = "definition_changes",
                             .symbol = std::string{symbol},
                             .date = "2026-09-14",
                             .detail = judged.because});
}

void Assembler::Work::take_named(const Series& series, MarketFile& file) const {
    const Rows& rows = series.rows;
    for (std::size_t i = 0; i < rows.named.size(); ++i) {
        const market::ColumnSpec* spec = market::find_column(schema.named[i].column);
        HSL_ASSERT(spec != nullptr);
        market::ColumnSeries column{.symbol = series.instrument.symbol,
                                    .column = schema.named[i].column};
        const bool due = spec->knowledge == market::Knowledge::stated && rows.known.empty() &&
                         std::ranges::all_of(rows.bars, [](const market::Bar& bar) {
                             return market::ends_quarter(bar.date);
                         });
        for (std::size_t row = 0; row < rows.size(); ++row) {
            if (std::isnan(rows.named[i][row])) continue;
            const Date date = rows.bars[row].date;
            const Date rule = due ? market::accounts_due(date) : market::knowledge_day(*spec, date);
            column.rows.push_back({date,
                                   rows.known.empty() ? rule : std::max(rule, rows.known[row]),
                                   rows.named[i][row]});
        }
        if (due && !column.rows.empty())
            file.found["accounts_due"] += static_cast<std::int64_t>(column.rows.size());
        if (!column.rows.empty()) file.facts.columns.push_back(std::move(column));
    }
}

void Assembler::Work::take(std::vector<Series>& series, std::span<const BasisJudgement> bases,
                           bool intraday, MarketFile& file) {
    static constexpr std::string_view rules[] = {
        "", "rounded_volume", "range_by_one_won", "range_by_rounding", "code_zeros", "close_only"};
    for (std::size_t i = 0; i < series.size(); ++i) {
        Series& s = series[i];
        if (s.rows.bars.empty()) continue;
        if (!file.first || s.rows.bars.front().date < *file.first)
            file.first = s.rows.bars.front().date;
        if (!file.last || s.rows.bars.back().date > *file.last) file.last = s.rows.bars.back().date;
        std::array<std::int64_t, repair::count> repaired{};
        for (const std::uint8_t repairs : s.rows.repairs)
            for (std::size_t bit = 0; repairs >> bit != 0; ++bit)
                repaired[bit] += repairs >> bit & 1;
        for (std::size_t bit = 0; bit < repaired.size(); ++bit) {
            if (repaired[bit] == 0) continue;
            const std::string_view rule = bit > 0                   ? rules[bit]
                                          : s.instrument.scale == 0 ? "rounded_to_won"
                                                                    : "rounded_to_scale";
            file.repaired[std::string{rule}] += repaired[bit];
        }
        if (!intraday) take_named(s, file);
        if (!schema.prices) continue;
        store::PriceSeries prices{
            .instrument = s.instrument,
            .interval = intraday ? market::Interval::minute : market::Interval::day,
            .basis = bases[i].basis,
            .definition = file.how.definition,
            .bars = std::move(s.rows.bars),
            .lines = std::move(s.rows.lines)};
        file.prices.push_back(std::move(prices));
    }
}

}  // namespace hsl::adapters::detail
