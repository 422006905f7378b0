// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small frames for tests, built by market::build_frame from rows written down by hand or drawn from
// a seed. Session 0 is 2019-01-02 unless a market says otherwise.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "market/frame.hpp"

namespace hsl::portfolio {

struct Row {
    std::int64_t open = 0, high = 0, low = 0, close = 0;
    std::int64_t volume = 1'000'000'000;  // enough for any account at 1 %
};
[[nodiscard]] inline Row flat(std::int64_t price, std::int64_t volume = 1'000'000'000) {
    return {price, price, price, price, volume};
}
[[nodiscard]] inline Row halt(std::int64_t close) { return {0, 0, 0, close, 0}; }

class RowMarket {
public:
    static constexpr Date usual_first{17'898};  // 2019-01-02
    explicit RowMarket(Date first = usual_first) : first_(first) {}

    // The rows of one symbol on the sessions from `first` on. Symbols in ascending order.
    RowMarket& add(std::string symbol, std::size_t first, const std::vector<Row>& rows,
                   market::Market market = market::Market::kospi,
                   market::Basis basis = market::Basis::unknown) {
        bars_.begin_symbol({.symbol = std::move(symbol), .market = market, .scale = 0});
        bars_.symbols.back().basis = basis;
        const auto sessions = market::Calendar::krx().all();
        const std::size_t begin = market::Calendar::krx().lower_bound(first_);
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i].close != 0)  // a row of zeros is a row that is not there
                bars_.append({.date = sessions[begin + first + i],
                              .open = rows[i].open,
                              .high = rows[i].high,
                              .low = rows[i].low,
                              .close = rows[i].close,
                              .volume = rows[i].volume});
        return *this;
    }
    // The day of a session.
    [[nodiscard]] static Date day(std::size_t session, Date first = usual_first) {
        const market::Calendar& calendar = market::Calendar::krx();
        return calendar.all()[calendar.lower_bound(first) + session];
    }
    RowMarket& act(market::CorporateAction action) {
        actions_.push_back(std::move(action));
        return *this;
    }
    RowMarket& list(market::Listing listing) {
        listings_.push_back(std::move(listing));
        return *this;
    }
    RowMarket& state(market::StatePeriod period) {
        states_.push_back(std::move(period));
        return *this;
    }
    [[nodiscard]] market::Frame frame(bool allow_breaks = false) const {
        return frame(market::FrameOptions{.allow_breaks = allow_breaks, .threads = 1});
    }
    [[nodiscard]] market::Frame frame(const market::FrameOptions& options) const {
        const market::Actions actions{actions_};
        const market::Listings listings{listings_, states_};
        auto built = market::build_frame(
            {.bars = bars_, .listings = &listings, .actions = &actions}, options);
        HSL_ASSERT(built.has_value());
        return std::move(*built);
    }

private:
    Date first_;
    market::BarTable bars_;
    std::vector<market::CorporateAction> actions_;
    std::vector<market::Listing> listings_;
    std::vector<market::StatePeriod> states_;
};

// An action on the session of `rows[at]`, and what it does to the rows from there on.
[[nodiscard]] inline market::CorporateAction random_action(Rng& rng, std::string symbol,
                                                           std::size_t first, std::size_t at,
                                                           std::vector<Row>& rows,
                                                           Date origin = RowMarket::usual_first) {
    using market::ActionKind;
    constexpr ActionKind kinds[] = {ActionKind::split,         ActionKind::reverse_split,
                                    ActionKind::bonus_issue,   ActionKind::bonus_issue,
                                    ActionKind::rights_issue,  ActionKind::rights_issue,
                                    ActionKind::cash_dividend, ActionKind::cash_dividend,
                                    ActionKind::merger,        ActionKind::capital_reduction};
    market::CorporateAction action{.symbol = std::move(symbol),
                                   .kind = kinds[rng.below(std::size(kinds))]};
    const auto draw = [&](std::uint64_t count) {
        return static_cast<std::int64_t>(rng.below(count));
    };
    std::int64_t close = 1'000;
    for (std::size_t i = 0; i < at; ++i)
        if (rows[i].close != 0) close = rows[i].close;
    const auto day_of = [&](std::size_t session) { return RowMarket::day(session, origin); };
    action.ex_date = day_of(first + at);
    const std::size_t later = first + at + rng.below(25);
    const std::size_t settled = later + 1 + rng.below(25);
    if (rng.below(2) == 0) action.announced = day_of(first + at - rng.below(at));
    switch (action.kind) {
        case ActionKind::split:
            action.shares_after = 2 + draw(49);
            break;
        case ActionKind::reverse_split:
        case ActionKind::capital_reduction:
            action.shares_before = 2 + draw(12);
            break;
        case ActionKind::bonus_issue:
        case ActionKind::rights_issue:
            action.shares_before = 1 + draw(100);
            action.shares_after = action.shares_before + 1 + draw(50);
            action.issue_price =
                action.kind == ActionKind::rights_issue ? 1 + close * draw(120) / 100 : 0;
            if (rng.below(4) != 0) action.listing_date = day_of(settled);
            break;
        case ActionKind::cash_dividend:
            action.amount_e4 = close * draw(1'000);
            if (rng.below(2) == 0) action.announced = day_of(later);
            if (rng.below(2) == 0) action.payment_date = day_of(settled);
            break;
        default:
            action.shares_before = 1 + draw(9);
            action.shares_after = 1 + draw(9);
    }
    const market::PriceFactor factor = market::price_factor(action, close);
    for (std::size_t i = at; i < rows.size(); ++i)
        for (std::int64_t* price : {&rows[i].open, &rows[i].high, &rows[i].low, &rows[i].close})
            if (*price != 0)
                *price = std::max<std::int64_t>(
                    1, static_cast<std::int64_t>(static_cast<double>(*price) * factor.value()));
    return action;
}

// Rows as hostile as a market gets: halts, missing rows, days locked at either limit, gaps, breaks,
// thin trading, prices of a few won.
[[nodiscard]] inline std::vector<Row> random_rows(Rng& rng, std::size_t count) {
    std::vector<Row> rows;
    constexpr std::int64_t starts[] = {7, 113, 1'990, 9'950, 52'300, 1'234'000};
    std::int64_t close = starts[rng.below(std::size(starts))];
    const std::int64_t usual_volume = rng.below(3) == 0 ? 60'000 : 3'000'000'000 / close;
    while (rows.size() < count) {
        const std::uint64_t kind = rng.below(100);
        const std::int64_t volume =
            usual_volume / 2 +
            static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(usual_volume) + 1));
        if (kind < 4) {
            rows.push_back(halt(close));
        } else if (kind < 6) {
            rows.push_back(flat(close, 0));
        } else if (kind < 8) {
            rows.push_back({});
        } else if (kind < 12) {
            close = std::max<std::int64_t>(close * 13 / 10, close);
            rows.push_back(flat(close, volume + 1));
        } else if (kind < 16) {
            close = std::max<std::int64_t>((close * 7 + 9) / 10, 1);
            rows.push_back(flat(close, volume + 1));
        } else if (kind == 16 && rng.below(4) == 0) {
            const std::size_t sessions = 5 + rng.below(30);
            for (std::size_t i = 0; i < sessions; ++i) rows.push_back(halt(close));
        } else if (kind == 17 && rng.below(4) == 0) {
            close = std::max<std::int64_t>(rng.below(2) == 0 ? close * 3 : close / 3, 1);
            rows.push_back(flat(close, volume + 1));
        } else {
            const auto moved = [&](std::int64_t from, double width) {
                const double to = static_cast<double>(from) * (1 + width * (2 * rng.uniform() - 1));
                return std::max<std::int64_t>(static_cast<std::int64_t>(to), 1);
            };
            const double width = rng.below(8) == 0 ? 0.28 : 0.06;
            Row row{.open = moved(close, width), .volume = volume + 1};
            row.close = moved(close, width);
            row.high = std::max({row.open, row.close, moved(close, width)});
            row.low = std::min({row.open, row.close, moved(close, width)});
            close = row.close;
            rows.push_back(row);
        }
    }
    rows.resize(count);
    return rows;
}

}  // namespace hsl::portfolio
