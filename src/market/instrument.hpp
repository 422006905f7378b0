// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is traded: a code, its market, the scale of its prices. Codes are text: they hold letters
// and start with zeros.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace hsl::market {

enum class Market : std::uint8_t { unknown, kospi, kosdaq, konex, index, foreign };

struct Instrument {
    std::string symbol;  // "005930", "33637L", "AAPL", "KOSPI"
    Market market = Market::unknown;
    int scale = 0;  // prices at rest are integers of 10^-scale: 0 KRX, 2 indices, 4 US stocks

    friend bool operator==(const Instrument&, const Instrument&) = default;
};

[[nodiscard]] std::string_view name_of(Market market);  // "KOSPI"
[[nodiscard]] Result<Market> parse_market(std::string_view word);

// `^[0-9][0-9A-Z]{5}$`: a short code of the Korean exchange.
[[nodiscard]] bool is_krx_code(std::string_view text);
// A KRX code that does not end in 0: preferred shares, which stay out of sweeps unless asked for.
[[nodiscard]] bool is_preferred(std::string_view krx_code);
// The code that a text in upper case begins with, "" where it begins with none: A005930 and Q520057
// are codes behind the letter that feeds put before a stock's and an ETN's.
[[nodiscard]] std::string code_in_front(std::string_view text);
// The symbol a price file speaks of, from its name: "005930.csv", "005930_D.csv", "A005930.csv",
// "035720_카카오.csv", "Q520057_D.csv" give the code; anything else its stem in upper case.
[[nodiscard]] std::string symbol_from_path(std::string_view path);
// Market and scale as far as the symbol tells: a KRX code is a share of unknown market (scale 0),
// KOSPI, KOSDAQ, KOSPI200 ... are indices (2), the rest is foreign (4).
[[nodiscard]] Instrument instrument_for(std::string_view symbol);
// A price at rest as people write it: 12345 is "12345" at scale 0, "123.45" at scale 2.
[[nodiscard]] std::string price_text(std::int64_t price, int scale);
// Check digit of a 12-character ISIN (Luhn over the letters expanded to 10..35).
[[nodiscard]] bool is_isin(std::string_view text);

}  // namespace hsl::market
