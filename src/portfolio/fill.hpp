// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of trading: orders become fills, fills change an account. Money is whole won.

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace hsl::portfolio {

enum class Side : std::uint8_t { buy, sell };
enum class Reason : std::uint8_t {
    entry,
    exit,
    stop_loss,
    take_profit,
    trailing_stop,
    max_hold,
    last_row,
    cut,
    delisting,
    merger,
};
[[nodiscard]] std::string_view name_of(Reason reason);  // "stop_loss"; cut is "break"
[[nodiscard]] std::string_view name_of(Side side);

// A fill of one lane. Sessions are indices of the frame.
struct Fill {
    std::uint32_t lane = 0;
    std::uint32_t signal_session = 0;  // decided (or triggered) here
    std::uint32_t session = 0;         // filled here
    Side side{};
    Reason reason{};
    std::int64_t price = 0;  // won a share, rounded against the trader
    std::int64_t shares = 0;
    std::int64_t commission = 0;  // won, cut
    std::int64_t tax = 0;         // won, cut; buys 0
    std::int64_t slippage = 0;    // won: what slippage and nothing else cost

    friend bool operator==(const Fill&, const Fill&) = default;
};

inline constexpr std::int64_t opening_cash_won = 10'000'000;
inline constexpr int participation_sessions = 20;

// What is done with the right to new shares: sold on the ex-date at its theoretical value, or taken
// up with the cash that is there.
enum class Rights : std::uint8_t { sell, subscribe };
// Withheld from a cash dividend, in 1e-3: 15.4 %.
inline constexpr std::int64_t dividend_tax_e3 = 154;

// How one set trades. Exact integers where money is involved.
struct TradeRules {
    double stop_loss = std::numeric_limits<double>::quiet_NaN();  // fraction of the entry fill
    double take_profit = std::numeric_limits<double>::quiet_NaN();
    double trailing_stop = std::numeric_limits<double>::quiet_NaN();  // of the highest high to t-1
    int max_hold = 0;                                                 // 0 = none
    std::int64_t slippage_e6 = 0;  // fraction of price in 1e-6: 10 bp = 1000
    int slippage_ticks = 0;        // on top of it; only where every lane is raw
    Rights rights = Rights::sell;
    double participation = 0.01;        // of the mean traded value; infinity = off
    std::int64_t commission_e7 = 1500;  // each side, in 1e-7: 0.015 % = 1500
};

// A level is price x parts / level_unit, rounded once, so that of a whole price and a fraction of
// whole millionths it is exact. In doubles 4,000 x (1 - 0.07) lies below 3,720: a low of 3,720
// would not reach it, and a sale would bring a tick less.
inline constexpr double level_unit = 1e6;
[[nodiscard]] double level_parts(double change);  // -0.07: 930,000
[[nodiscard]] inline double level_of(double price, double parts) {
    return price * parts / level_unit;
}

}  // namespace hsl::portfolio
