// SPDX-License-Identifier: Apache-2.0
#include "market/instrument.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl::market {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

struct MarketWord {
    std::string_view word;
    Market market;
};
// The first word of a market is its name; the others are what the exchange's data portal, its Open
// API, Yahoo's suffixes, the broker KIS and Korean price files call it.
constexpr MarketWord market_words[] = {
    {"unknown", Market::unknown}, {"KOSPI", Market::kospi},   {"STK", Market::kospi},
    {"KS", Market::kospi},        {"02", Market::kospi},      {"코스피", Market::kospi},
    {"유가증권", Market::kospi},  {"KOSDAQ", Market::kosdaq}, {"KOSDAQ GLOBAL", Market::kosdaq},
    {"KSQ", Market::kosdaq},      {"KQ", Market::kosdaq},     {"03", Market::kosdaq},
    {"코스닥", Market::kosdaq},   {"KONEX", Market::konex},   {"KNX", Market::konex},
    {"코넥스", Market::konex},    {"index", Market::index},   {"foreign", Market::foreign},
};

// Index names as price files are called after them, and Yahoo's and FinanceDataReader's tickers.
constexpr std::string_view index_names[] = {
    "KOSPI",  "KOSDAQ", "KOSPI200", "KOSPI100", "KOSPI50", "KOSDAQ150", "KRX100",
    "KRX300", "KS11",   "KQ11",     "KS200",    "^KS11",   "^KQ11",     "^KS200",
};

}  // namespace

std::string_view name_of(Market market) {
    for (const MarketWord& row : market_words)
        if (row.market == market) return row.word;
    return "unknown";
}

Result<Market> parse_market(std::string_view word) {
    std::string_view bare = word;
    if (bare.starts_with('.')) bare.remove_prefix(1);  // Yahoo's suffixes: ".KS"
    const std::string wanted = upper(bare);
    for (const MarketWord& row : market_words)
        if (upper(row.word) == wanted) return row.market;
    return fail(ErrorCode::bad_usage,
                fmt::format("market '{}' is not known; known: KOSPI (STK, .KS), KOSDAQ (KSQ, .KQ), "
                            "KONEX (KNX), index, foreign, unknown",
                            word));
}

bool is_krx_code(std::string_view text) {
    return text.size() == 6 && is_digit(text[0]) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || is_upper(c); });
}

bool is_preferred(std::string_view krx_code) {
    return is_krx_code(krx_code) && krx_code.back() != '0';
}

std::string code_in_front(std::string_view text) {
    const auto token_end = std::find_if_not(text.begin(), text.end(),
                                            [](char c) { return is_digit(c) || is_upper(c); });
    std::string_view token{text.begin(), token_end};
    // Feeds put an A before a stock's code and a Q before an ETN's.
    if (token.size() == 7 && (token[0] == 'A' || token[0] == 'Q')) token.remove_prefix(1);
    return is_krx_code(token) ? std::string{token} : std::string{};
}

std::string symbol_from_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    // A dot at the very start is a hidden file's, not an extension's.
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0)
        name = name.substr(0, dot);
    const std::string stem = upper(name);
    std::string code = code_in_front(stem);
    return code.empty() ? stem : code;
}

Instrument instrument_for(std::string_view symbol) {
    Instrument instrument{.symbol = upper(symbol)};
    if (is_krx_code(instrument.symbol)) return instrument;
    const bool index = std::find(std::begin(index_names), std::end(index_names),
                                 instrument.symbol) != std::end(index_names);
    instrument.market = index ? Market::index : Market::foreign;
    instrument.scale = index ? 2 : 4;
    return instrument;
}

std::string price_text(std::int64_t price, int scale) {
    if (scale <= 0) return fmt::format("{}", price);
    std::int64_t unit = 1;
    for (int place = 0; place < scale; ++place) unit *= 10;
    const std::int64_t size = price < 0 ? -price : price;
    return fmt::format("{}{}.{:0{}}", price < 0 ? "-" : "", size / unit, size % unit, scale);
}

bool is_isin(std::string_view text) {
    if (text.size() != 12 || !is_upper(text[0]) || !is_upper(text[1]) || !is_digit(text[11]))
        return false;
    // Luhn from the right: every second digit doubled, the check digit itself not.
    int sum = 0;
    bool doubled = false;
    const auto add = [&](int digit) {
        const int weighted = doubled ? 2 * digit : digit;
        sum += weighted / 10 + weighted % 10;
        doubled = !doubled;
    };
    for (std::size_t at = text.size(); at-- > 0;) {
        const char c = text[at];
        if (is_digit(c)) {
            add(c - '0');
        } else if (is_upper(c)) {
            const int number = c - 'A' + 10;  // two digits, the right one first
            add(number % 10);
            add(number / 10);
        } else {
            return false;
        }
    }
    return sum % 10 == 0;
}

}  // namespace hsl::market
