// SPDX-License-Identifier: Apache-2.0

// The same bars in thousands of dialects, drawn at random: encoding, separator, forms of days and
// numbers, order of columns and rows, language of the header, quotes, line ends. Whatever the
// dialect, exactly these bars come back.

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/feeds/market_file_testing.hpp"
#include "base/rng.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::adapters {
namespace {

using market::Bar;

enum class DayForm : std::uint8_t {
    dashes,
    digits,
    slashes,
    points,
    short_dashes,
    korean,
    month_first,
    day_month,
    american,
    clock
};
constexpr std::size_t day_forms = 10;

enum class NumberForm : std::uint8_t { plain, commas, real, won, wide, plus, sign_of_won, blanks };
constexpr std::size_t number_forms = 8;

struct Dialect {
    const char* encoding = "UTF-8";
    std::string mark = {};
    char separator = ',';
    DayForm day = DayForm::dashes;
    NumberForm price = NumberForm::plain;
    NumberForm volume = NumberForm::plain;
    bool decimal_comma = false;
    bool header = true;
    bool korean = false;
    bool thousand_shares = false;  // 거래량(천주)
    bool quotes = false;
    bool values = false;
    bool others = false;  // columns that nobody asked for
    bool blank_lines = false;
    bool last_line_end = true;
    int code_form = 0;  // 0: a file of one symbol
    std::string line_end = "\n";
};

class Writer {
public:
    Writer(Rng& rng, const Dialect& dialect, int scale) : rng_(rng), d_(dialect), scale_(scale) {}

    // Columns in the order of `order`: 0 date, 1-4 prices, 5 volume, 6 value, 7 code, 8 other.
    std::string header(std::span<const int> order) {
        static constexpr std::array<std::array<std::string_view, 3>, 9> english{
            {{"Date", "date", "DATE"},
             {"Open", "open", "OPEN"},
             {"High", "high", "HIGH"},
             {"Low", "low", "LOW"},
             {"Close", "close", "CLOSE"},
             {"Volume", "volume", "VOLUME"},
             {"Value", "Amount", "amount"},
             {"Code", "Symbol", "ticker"},
             {"Adj Close", "Remarks", "Unnamed: 0"}}};
        static constexpr std::array<std::array<std::string_view, 3>, 9> korean{
            {{"날짜", "일자", "거래일"},
             {"시가", "시가(원)", " 시가 "},
             {"고가", "고가", "고가(원)"},
             {"저가", "저가", "저가(원)"},
             {"종가", "현재가", "종가(원)"},
             {"거래량", "거래량(주)", "거래량"},
             {"거래대금", "거래대금(원)", "거래대금"},
             {"종목코드", "코드", "단축코드"},
             {"전일비", "비고", "메모"}}};
        std::vector<std::string> cells;
        for (const int column : order) {
            const auto& names = (d_.korean ? korean : english)[static_cast<std::size_t>(column)];
            std::string name{names[rng_.below(3)]};
            if (column == 5 && d_.thousand_shares) name = "거래량(천주)";
            cells.push_back(name);
        }
        return line(cells);
    }

    std::string row(const Bar& bar, std::string_view symbol, std::span<const int> order) {
        const std::array<std::int64_t, 4> prices{bar.open, bar.high, bar.low, bar.close};
        std::vector<std::string> cells;
        for (const int column : order) {
            if (column == 0)
                cells.push_back(day(bar.date));
            else if (column <= 4)
                cells.push_back(
                    number(prices[static_cast<std::size_t>(column - 1)], scale_, d_.price));
            else if (column == 5)
                cells.push_back(
                    number(d_.thousand_shares ? bar.volume / 1000 : bar.volume, 0, d_.volume));
            else if (column == 6)
                cells.push_back(number(bar.value, 0, d_.volume));
            else if (column == 7)
                cells.push_back(code(symbol));
            else
                cells.emplace_back(d_.korean ? "가나" : "x1");
        }
        return line(cells);
    }

private:
    std::string line(std::span<const std::string> cells) {
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) text += d_.separator;
            const bool quoted = d_.quotes || cells[i].contains(d_.separator);
            text += quoted ? "\"" + cells[i] + "\"" : cells[i];
        }
        return text;
    }

    std::string code(std::string_view symbol) const {
        switch (d_.code_form) {
            case 2:
                return "A" + std::string{symbol};
            case 3:  // a spreadsheet cut the zeros
                return std::string{symbol.substr(symbol.find_first_not_of('0'))};
            case 4:
                return "=\"\"" + std::string{symbol} + "\"\"";
            default:
                return std::string{symbol};
        }
    }

    std::string day(Date date) const {
        static constexpr std::array<std::string_view, 12> months{
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const std::string iso = date.iso();
        const std::string y = iso.substr(0, 4);
        const int m = std::stoi(iso.substr(5, 2));
        const int d = std::stoi(iso.substr(8, 2));
        switch (d_.day) {
            case DayForm::dashes:
                return iso;
            case DayForm::digits:
                return fmt::format("{}{:02}{:02}", y, m, d);
            case DayForm::slashes:
                return fmt::format("{}/{:02}/{:02}", y, m, d);
            case DayForm::points:
                return fmt::format("{}.{:02}.{:02}.", y, m, d);
            case DayForm::short_dashes:
                return fmt::format("{}-{}-{}", y, m, d);
            case DayForm::korean:
                return fmt::format("{}년 {}월 {}일", y, m, d);
            case DayForm::month_first:
                return fmt::format("{} {}, {}", months[static_cast<std::size_t>(m - 1)], d, y);
            case DayForm::day_month:
                return fmt::format("{:02}-{}-{}", d, months[static_cast<std::size_t>(m - 1)], y);
            case DayForm::american:
                return fmt::format("{:02}/{:02}/{}", m, d, y);
            case DayForm::clock:
                return iso + " 00:00:00";
        }
        return iso;
    }

    std::string number(std::int64_t value, int scale, NumberForm form) const {
        std::int64_t power = 1;
        for (int i = 0; i < scale; ++i) power *= 10;
        std::string whole = fmt::format("{}", value / power);
        std::string fraction =
            scale > 0 ? fmt::format(".{:0{}}", value % power, scale) : std::string{};
        while (fraction.ends_with('0')) fraction.pop_back();
        if (fraction == ".") fraction.clear();
        if (form == NumberForm::commas) whole = with_commas(value / power);
        if (form == NumberForm::real && fraction.empty()) fraction = ".0";
        std::string text = whole + fraction;
        if (d_.decimal_comma)
            std::ranges::transform(text, text.begin(), [](char c) {
                return c == ',' ? '.' : c == '.' ? ',' : c;
            });
        switch (form) {
            case NumberForm::won:
                return text + "원";
            case NumberForm::sign_of_won:
                return "￦" + text;
            case NumberForm::plus:
                return "+" + text;
            case NumberForm::blanks:
                return "  " + text + " ";
            case NumberForm::wide: {
                std::string wide;
                for (const char c : text) {
                    if (c >= '0' && c <= '9')
                        wide += {'\xEF', '\xBC', static_cast<char>(0x90 + (c - '0'))};
                    else
                        wide += c;
                }
                return wide;
            }
            default:
                return text;
        }
    }

    Rng& rng_;
    const Dialect& d_;
    int scale_;
};

Dialect draw(Rng& rng, bool korean_shares) {
    const auto one_in = [&](std::uint64_t n) { return rng.below(n) == 0; };
    Dialect d;
    static constexpr const char* encodings[] = {"UTF-8", "UTF-8", "CP949", "UTF-16LE", "UTF-16BE"};
    d.encoding = encodings[rng.below(5)];
    if (one_in(2)) {
        if (d.encoding == std::string_view{"UTF-8"}) d.mark = "\xEF\xBB\xBF";
        if (d.encoding == std::string_view{"UTF-16LE"}) d.mark = "\xFF\xFE";
        if (d.encoding == std::string_view{"UTF-16BE"}) d.mark = "\xFE\xFF";
    }
    d.separator = ",;\t|"[rng.below(4)];
    d.day = static_cast<DayForm>(rng.below(day_forms));
    d.price = static_cast<NumberForm>(rng.below(number_forms));
    d.volume = static_cast<NumberForm>(rng.below(number_forms));
    if (d.volume == NumberForm::won || d.volume == NumberForm::sign_of_won)
        d.volume = NumberForm::plain;
    if (!korean_shares && (d.price == NumberForm::won || d.price == NumberForm::sign_of_won))
        d.price = NumberForm::plain;
    d.korean = one_in(2);
    d.header = !one_in(5);
    d.decimal_comma = d.separator != ',' && one_in(4);
    d.thousand_shares = d.header && d.korean && one_in(4);
    d.quotes = one_in(3);
    d.values = d.header && one_in(2);
    d.others = d.header && one_in(2);
    d.blank_lines = one_in(3);
    d.last_line_end = one_in(2);
    if (korean_shares && d.header && one_in(2)) d.code_form = 1 + static_cast<int>(rng.below(4));
    static constexpr const char* ends[] = {"\n", "\r\n", "\r"};
    d.line_end = ends[rng.below(3)];
    return d;
}

struct Market {
    std::vector<std::string> symbols = {};
    std::map<std::string, std::vector<Bar>> bars = {};
    int scale = 0;
};

Market draw_market(Rng& rng, const Dialect& d, bool korean_shares) {
    Market market{.scale = korean_shares ? 0 : 4};
    market.symbols =
        korean_shares ? std::vector<std::string>{"005930"} : std::vector<std::string>{"AAPL"};
    if (d.code_form > 0) market.symbols = {"005930", "000660", "035720"};
    const auto& sessions = market::Calendar::krx().all();
    for (const std::string& symbol : market.symbols) {
        std::size_t session = 3000 + rng.below(4000);
        const std::size_t rows = 2 + rng.below(8);
        const std::int64_t level =
            1'000 * (korean_shares ? 1 : 500) + static_cast<std::int64_t>(rng.below(1'000'000));
        for (std::size_t i = 0; i < rows; ++i, session += 1 + rng.below(3)) {
            // Within a day's limit, so that no rule of neighbours speaks.
            const std::int64_t base =
                level +
                static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(level / 10)));
            const std::int64_t low = base - static_cast<std::int64_t>(rng.below(99));
            const std::int64_t high = base + static_cast<std::int64_t>(rng.below(99));
            const auto between = [&] {
                return low + static_cast<std::int64_t>(
                                 rng.below(static_cast<std::uint64_t>(high - low + 1)));
            };
            Bar bar{.date = sessions[session],
                    .open = between(),
                    .high = high,
                    .low = low,
                    .close = between(),
                    .volume = 1 + static_cast<std::int64_t>(rng.below(10'000'000))};
            if (d.thousand_shares) bar.volume = bar.volume / 1000 * 1000 + 1000;
            bar.value = d.values ? static_cast<std::int64_t>(rng.below(1'000'000'000'000))
                                 : Bar::value_missing;
            market.bars[symbol].push_back(bar);
        }
    }
    return market;
}

std::string write_file(Rng& rng, const Dialect& d, const Market& market, std::string& shown) {
    std::vector<int> order{0, 1, 2, 3, 4, 5};
    if (d.values) order.push_back(6);
    if (d.code_form > 0) order.push_back(7);
    if (d.others) order.push_back(8);
    const auto shuffle = [&](auto& values) {
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[rng.below(i)]);
    };
    if (d.header) shuffle(order);
    Writer writer{rng, d, market.scale};
    std::vector<std::string> rows;
    for (const std::string& symbol : market.symbols)
        for (const Bar& bar : market.bars.at(symbol))
            rows.push_back(writer.row(bar, symbol, order));
    if (rng.below(2) == 0) std::ranges::reverse(rows);
    if (rng.below(4) == 0) shuffle(rows);
    if (d.header) rows.insert(rows.begin(), writer.header(order));
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += rows[i];
        if (i + 1 < rows.size() || d.last_line_end) text += d.line_end;
        if (d.blank_lines && rng.below(3) == 0 && i + 1 < rows.size()) text += d.line_end;
    }
    shown = text;
    return d.mark + encoded(d.encoding, text);
}

void try_dialects(std::uint64_t seed, int count) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Rng rng{seed};
    for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
        const bool korean_shares = rng.below(4) != 0;
        const Dialect d = draw(rng, korean_shares);
        const Market market = draw_market(rng, d, korean_shares);
        std::string shown;
        const std::string bytes = write_file(rng, d, market, shown);
        SCOPED_TRACE(fmt::format("dialect {}, {}:\n{}", i, d.encoding, shown));
        store::ReadHints hints;
        // Where no day is above 12 nothing in the file tells the order.
        if (d.day == DayForm::american) hints.columns["date_order"] = "mdy";
        if (d.decimal_comma) hints.columns["decimal"] = "comma";
        const std::string name = d.code_form > 0 ? "market.csv" : market.symbols[0] + ".csv";
        const auto files = parse_market_file(name, bytes, hints);
        ASSERT_TRUE(files) << files.error().text();
        const store::MarketFile& file = files->at(0);
        ASSERT_EQ(broken_invariant(file), "");
        ASSERT_TRUE(file.quarantined.empty()) << file.quarantined[0].detail;
        ASSERT_TRUE(file.dropped.empty());
        ASSERT_EQ(file.prices.size(), market.symbols.size());
        std::int64_t rows = 0;
        for (const store::PriceSeries& series : file.prices) {
            ASSERT_TRUE(market.bars.contains(series.instrument.symbol)) << series.instrument.symbol;
            const std::vector<Bar>& truth = market.bars.at(series.instrument.symbol);
            rows += std::ssize(truth);
            ASSERT_EQ(series.bars.size(), truth.size());
            for (std::size_t row = 0; row < truth.size(); ++row)
                ASSERT_TRUE(series.bars[row] == truth[row])
                    << truth[row].date.iso() << " close " << truth[row].close << " read as "
                    << series.bars[row].close << ", volume " << truth[row].volume << " as "
                    << series.bars[row].volume << ", value " << truth[row].value << " as "
                    << series.bars[row].value;
        }
        ASSERT_EQ(file.data_lines, rows);
    }
}

TEST(Dialects, AllSayTheSame) { try_dialects(20'261'124, 4'000); }
TEST(LongDialects, AllSayTheSame) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) try_dialects(seed, 20'000);
}

}  // namespace
}  // namespace hsl::adapters
