// SPDX-License-Identifier: Apache-2.0
#include "market/synthetic.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/math.hpp"
#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "market/rules.hpp"
#include "market/synthetic_minutes.hpp"

namespace hsl::market {
namespace {

// Sizes are fitted to KRX shares of 2021-2026: daily returns, gaps and ranges, prices and values
// traded, closes at the limit and sessions locked at it (docs/concepts/synthetic-market.md).
constexpr double sessions_a_year = 246;
constexpr double drift = 0.065 / sessions_a_year;  // arithmetic, of every share, every session
constexpr double market_sigma = 0.009;
constexpr double sector_sigma = 0.006;
constexpr double own_sigma_median = 0.022;
constexpr double own_sigma_spread = 0.38;  // of its logarithm, over shares
constexpr std::size_t sector_count = 12;
constexpr double kosdaq_share = 0.30;
constexpr double letter_share = 0.02;  // of codes

// Surges: a day on which a share runs for its limit or falls back. The path is a fair game stopped
// at the limit or at a floor below the open, so that closes at the limit come as often as in Seoul
// and no rule earns from them.
constexpr double surge_rate_median = 0.0018;  // a session; grows with the fourth power of own_sigma
constexpr double surge_rate_most = 0.06;
constexpr double surge_floor_least = 0.03, surge_floor_most = 0.08;  // below the open

// News: comes overnight, rare, large and lopsided, and leaves a wild day behind. Within a day the
// path stays a fair game, so that no stop or target fills better than it should.
constexpr double news_rate_median = 0.0007;  // a session; grows with the fourth power of own_sigma
constexpr double news_rate_most = 0.02;
constexpr double news_good = 0.85;
constexpr double news_least = 0.08;
constexpr double news_rest_mean = 0.11;  // exponential beyond the least
constexpr double news_wildness = 2.5;    // of the day's own standard deviation

constexpr double halt_rate = 1.0 / 1200;  // a session
constexpr double late_listing_share = 0.03;
constexpr double delisting_share = 0.04;
// A share that closes below this many won is suspended for good: a tick would be a percent.
constexpr std::int64_t penny = 100;

// Streams of the seed.
constexpr std::uint64_t market_stream = 0;
constexpr std::uint64_t sector_stream = 1;
constexpr std::uint64_t code_stream = 1000;
constexpr std::uint64_t symbol_stream = 1'000'000;
constexpr std::uint64_t size_stream = 2'000'000;

constexpr double regime_drift = -0.20 / sessions_a_year;
constexpr double regime_scale = 2;
constexpr std::size_t split_one_in = 10;
constexpr std::size_t split_halt = 3;        // sessions before the ex-date, as in 2018
constexpr std::size_t split_announced = 20;  // sessions before it
constexpr std::size_t split_room = 60;       // sessions that a share trades at least, to split

// Student's t with five degrees of freedom as a mixture of normals: the factors sqrt(5 /
// chi-square) at 256 equally likely quantiles (Wilson and Hilferty 1931), scaled to a mean square
// of one.
class FatTails {
public:
    FatTails() {
        constexpr double freedom = 5, width = 2 / (9 * freedom);
        double square = 0;
        for (std::size_t i = 0; i < factors_.size(); ++i) {
            const double z = exact_normal_quantile((static_cast<double>(i) + 0.5) / 256);
            const double root = 1 - width + z * std::sqrt(width);
            factors_[i] = 1 / std::sqrt(root * root * root);
            square += factors_[i] * factors_[i];
        }
        for (double& factor : factors_) factor /= std::sqrt(square / 256);
    }
    double draw(Rng& rng) const { return factors_[rng.next() >> 56]; }

private:
    std::array<double, 256> factors_{};
};

struct ShockOptions {
    double overnight;      // share of the variance that comes before the open
    double of_shock;       // GARCH(1,1): what the last shock adds to the variance
    double of_variance;    // and what the last variance leaves
    double variance_most;  // the fourth moment of such a process has no bound of its own
};

// A stream of shocks of mean zero and variance one in two parts, overnight and day: fat tails, and
// a variance that remembers (Bollerslev 1986).
class Shocks {
public:
    struct Shock {
        double overnight, day;
        double day_variance;
        void grow(double scale) {
            overnight *= scale;
            day *= scale;
            day_variance *= scale * scale;
        }
    };
    // `echo` is the correlation of a day's part with that of the day before.
    Shocks(const FatTails& tails, const ShockOptions& options, double echo = 0)
        : tails_(&tails),
          options_(options),
          echo_(echo),
          fresh_(std::sqrt(1 - echo * echo)),
          overnight_(std::sqrt(options.overnight)),
          day_(std::sqrt(1 - options.overnight)) {}

    Shock next(Rng& rng) {
        const double sigma = std::sqrt(variance_) * tails_->draw(rng);
        Shock shock{};
        shock.overnight = sigma * overnight_ * rng.normal();
        last_ = echo_ * last_ + fresh_ * rng.normal();
        shock.day = sigma * day_ * last_;
        shock.day_variance = sigma * day_ * (sigma * day_);
        const double whole = shock.overnight + shock.day;
        const double rest = 1 - options_.of_shock - options_.of_variance;
        variance_ = std::min(options_.variance_most, rest + options_.of_shock * whole * whole +
                                                         options_.of_variance * variance_);
        return shock;
    }

private:
    const FatTails* tails_;
    ShockOptions options_;
    double echo_, fresh_, last_ = 0;
    double overnight_, day_;
    double variance_ = 1;
};

constexpr ShockOptions factor_shocks{
    .overnight = 0.40, .of_shock = 0.09, .of_variance = 0.89, .variance_most = 6};
constexpr ShockOptions own_shocks{
    .overnight = 0.14, .of_shock = 0.12, .of_variance = 0.84, .variance_most = 15};

// Returns that many shares have in common, one a session.
struct Factor {
    std::vector<Shocks::Shock> days;
    Factor(const FatTails& tails, Rng rng, std::size_t sessions, double sigma) {
        Shocks shocks{tails, factor_shocks};
        days.reserve(sessions);
        for (std::size_t t = 0; t < sessions; ++t) {
            const Shocks::Shock unit = shocks.next(rng);
            days.push_back(
                {unit.overnight * sigma, unit.day * sigma, unit.day_variance * sigma * sigma});
        }
    }
};

// A cross-section by its quantiles: z is a standard normal, the result the logarithm in between.
class CrossSection {
public:
    explicit CrossSection(const std::array<double, 7>& quantiles) {
        static constexpr std::array<double, 7> at{0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99};
        for (std::size_t i = 0; i < 7; ++i) {
            z_[i] = exact_normal_quantile(at[i]);
            log_[i] = exact_log(quantiles[i]);
        }
    }
    double log_at(double z) const {
        z = std::clamp(z, z_.front(), z_.back());
        std::size_t i = 1;
        while (i < 6 && z > z_[i]) ++i;
        return log_[i - 1] + (log_[i] - log_[i - 1]) * (z - z_[i - 1]) / (z_[i] - z_[i - 1]);
    }

private:
    std::array<double, 7> z_{}, log_{};
};

struct Code {
    std::string symbol;
    Market market;
};

// Six characters ending in 0, spread over the numbers that real ones use, a few with a letter in
// the fifth place (never I, O or U); ascending as text.
std::vector<Code> make_codes(std::size_t count, Rng rng) {
    static constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTVWXYZ";
    const std::size_t stride = std::max<std::size_t>(1, 47'000 / count);
    std::vector<Code> codes(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t number = (i * stride + rng.below(stride) + 2) % 100'000;
        codes[i].symbol = fmt::format("{:05}0", number);
        // Two numbers that share four digits differ in the fifth, so their letters differ.
        if (rng.uniform() < letter_share)
            codes[i].symbol[4] = letters[number % 10 * 2 + number / 10 % 3];
        codes[i].market = rng.uniform() < kosdaq_share ? Market::kosdaq : Market::kospi;
    }
    std::ranges::sort(codes, {}, &Code::symbol);
    return codes;
}

// What stays of a share from its first session to its last.
struct Share {
    Rng rng{0};
    std::size_t first = 0, last = 0;  // sessions
    std::size_t last_traded = 0;      // suspended from here to the delisting
    std::size_t sector = 0;
    double offer = 0;  // won
    double beta = 0, sigma = 0;
    double surge_rate = 0;
    double news_rate = 0, news_mean = 0;  // news_mean: what the daily limit leaves of it on average
    double log_value = 0;                 // traded, won a session
    std::int64_t listed = 0;              // shares
    std::size_t split = SIZE_MAX;         // session of a planted split
};

// Market value goes with value traded (0.92 in logarithms), which gives turnover its spread.
std::int64_t listed_shares(double size, double offer, const CrossSection& caps, Rng rng) {
    const double z = 0.92 * size + 0.392 * rng.normal();
    return std::max<std::int64_t>(1000, std::llround(exact_exp(caps.log_at(z)) / offer));
}

Share make_share(Rng rng, Rng size_rng, std::size_t sessions, const CrossSection& prices,
                 const CrossSection& values, const CrossSection& caps) {
    Share share;
    const double z_price = rng.normal(), z_value = rng.normal(), z_sigma = rng.normal();
    const double size = 0.73 * z_price + 0.683 * z_value;  // dear shares trade more
    share.offer = exact_exp(prices.log_at(z_price));
    share.log_value = values.log_at(size);
    share.listed = listed_shares(size, share.offer, caps, size_rng);
    // Large ones move less.
    const double spread = own_sigma_spread * (0.97 * z_sigma - 0.25 * size);
    share.sigma = own_sigma_median * exact_exp(spread);
    share.beta = std::clamp(1 + 0.3 * rng.normal(), 0.2, 2.0);
    share.sector = static_cast<std::size_t>(rng.below(sector_count));
    share.surge_rate = std::min(surge_rate_most, surge_rate_median * exact_exp(4 * spread));
    share.news_rate = std::min(news_rate_most, news_rate_median * exact_exp(4 * spread));
    const double kept =
        news_least + news_rest_mean * (1 - exact_exp(-(0.30 - news_least) / news_rest_mean));
    share.news_mean = share.news_rate * kept * (2 * news_good - 1);

    share.last = share.last_traded = sessions - 1;
    const double fate = rng.uniform();
    if (fate < late_listing_share) {
        share.first = 1 + static_cast<std::size_t>(rng.below(sessions - 1));
    } else if (fate < late_listing_share + delisting_share) {
        // A merger ends while it trades, a failed audit after a suspension.
        share.last = share.last_traded = static_cast<std::size_t>(rng.below(sessions - 1));
        if (rng.uniform() < 1.0 / 3)
            share.last_traded -= std::min<std::size_t>(share.last, 1 + rng.below(60));
    }
    share.rng = rng;
    return share;
}

// Sessions that a halt lasts: a day for a notice, days for an alert, years for an audit.
std::size_t halt_length(Rng& rng) {
    const double u = rng.uniform();
    if (u < 0.60) return 1;
    if (u < 0.84) return 2 + static_cast<std::size_t>(rng.below(4));
    if (u < 0.92) return 6 + static_cast<std::size_t>(rng.below(15));
    return 21 + static_cast<std::size_t>(rng.below(580));
}

// The grid and the limits of one share on one day; the dates were checked before.
class Grid {
public:
    Grid(Market market, Date date) : market_(market), date_(date) {}
    std::int64_t tick(std::int64_t price) const { return *tick_size(market_, date_, price); }
    // A carried close may be off a grid that became coarser overnight: its base is the next price
    // up.
    std::int64_t up(std::int64_t price) const {
        const std::int64_t step = tick(price);
        return (price + step - 1) / step * step;
    }
    std::int64_t nearest(double price) const {
        const std::int64_t step = tick(static_cast<std::int64_t>(price));
        return std::llround(price / static_cast<double>(step)) * step;
    }
    PriceLimits limits(std::int64_t base) const { return *price_limits(market_, date_, base); }

private:
    Market market_;
    Date date_;
};

class Writer {
public:
    Writer(BarTable& table, std::size_t row) : table_(&table), row_(row) {}
    void write(const Bar& bar) {
        table_->date[row_] = bar.date.days;
        table_->open[row_] = bar.open;
        table_->high[row_] = bar.high;
        table_->low[row_] = bar.low;
        table_->close[row_] = bar.close;
        table_->volume[row_] = bar.volume;
        table_->value[row_] = bar.value;
        ++row_;
    }

private:
    BarTable* table_;
    std::size_t row_;
};

struct World {
    std::span<const Date> dates;
    Plants plants;
    FatTails tails;
    Factor market;
    std::vector<Factor> sectors;

    [[nodiscard]] double drift_on(std::size_t session) const {
        if (plants.regime && session >= dates.size() / 2) return regime_drift;
        return plants.drift ? *plants.drift / sessions_a_year : drift;
    }
};

// Where a Brownian bridge from `from` to `to` with that variance has its extreme, by inversion:
// P(max > m) = exp(-2 (m - from)(m - to) / variance). `side` is 1 for the maximum, -1 for the
// minimum.
double bridge_extreme(double from, double to, double variance, double side, Rng& rng) {
    const double reach = -2 * variance * exact_log(1 - rng.uniform());
    return 0.5 * (from + to + side * std::sqrt((to - from) * (to - from) + reach));
}

// A session's way, as changes over the base price.
struct Path {
    double close, top, bottom;
};

// From `open` through the day; a path that reaches a limit stays there. A stopped fair game is one.
Path day_path(double open, double day, double variance, double lower, double upper, Rng& rng) {
    Path path{open + day, bridge_extreme(open, open + day, variance, 1, rng),
              bridge_extreme(open, open + day, variance, -1, rng)};
    if (open <= lower || open >= upper) return path;
    const bool up = path.top >= upper, down = path.bottom <= lower;
    if (up && (!down || day > 0)) path.close = upper;
    if (down && (!up || day <= 0)) path.close = lower;
    return path;
}

// Before its day a share runs until it meets the upper limit, where it stays, or falls `floor`
// below the open. Brownian motion from 0 meets m before -f with probability f / (f + m), and on
// its way to the limit u came down to -a with probability u (f - a) / (f (u + a)).
Path surge_path(double open, double floor, double day, double variance, double lower, double upper,
                Rng& rng) {
    const double reach = floor * (1 / (1 - rng.uniform()) - 1);
    const double room = upper - open;
    if (reach >= room) {
        const double draw = rng.uniform();
        const double dip = room * floor * (1 - draw) / (room + draw * floor);
        return {upper, upper, open - dip};
    }
    Path path = day_path(open - floor, day, variance, lower, upper, rng);
    path.top = std::max(path.top, open + reach);
    return path;
}

// New shares for an old one that suit the price: as companies do it, to come back to usual prices.
std::pair<std::int64_t, std::int64_t> split_ratio(std::int64_t close) {
    if (close >= 500'000) return {50, 1};
    if (close >= 100'000) return {10, 1};
    if (close >= 20'000) return {5, 1};
    if (close >= 5'000) return {2, 1};
    return {1, 10};
}

// Every session starts again from the price that was paid last: what a limit or a tick cut off is
// forgotten, and each return has the same mean whatever went before. Returns the planted split.
std::optional<CorporateAction> write_share(const World& world, Share share, Market market,
                                           Writer out) {
    Rng& rng = share.rng;
    Shocks own{world.tails, own_shocks, world.plants.signal};
    const Factor& sector = world.sectors[share.sector];
    std::int64_t close = Grid{market, world.dates[share.first]}.nearest(share.offer);
    double crowd = 0;  // of the logarithm of the value traded: interest that comes and goes
    std::size_t halted_until = share.first;
    std::optional<CorporateAction> split;
    for (std::size_t t = share.first; t <= share.last; ++t) {
        const Date date = world.dates[t];
        if (t + split_halt == share.split) halted_until = std::max(halted_until, share.split);
        if (t < halted_until || t > share.last_traded) {
            out.write({date, 0, 0, 0, close, 0, 0});
            // A halt that was longer takes the split with it.
            if (share.split != SIZE_MAX && !split)
                share.split = std::max(share.split, halted_until);
            continue;
        }
        if (t == share.split) {
            const auto [after, before] = split_ratio(close);
            close = std::max<std::int64_t>(
                1, std::llround(static_cast<double>(close * before) / static_cast<double>(after)));
            split = CorporateAction{
                .kind = after > before ? ActionKind::split : ActionKind::reverse_split,
                .ex_date = date,
                .shares_after = after,
                .shares_before = before,
                .announced = world.dates[t - split_announced],
                .listing_date = date,
                .source = "generated"};
        }
        const Shocks::Shock& all = world.market.days[t];
        const Shocks::Shock& some = sector.days[t];
        const Shocks::Shock one = own.next(rng);
        double gap = share.beta * all.overnight + some.overnight + share.sigma * one.overnight +
                     world.drift_on(t) - share.news_mean;
        double own_day = share.sigma;
        const double event = rng.uniform();
        if (event < share.news_rate) {
            const double news = news_least - news_rest_mean * exact_log(1 - rng.uniform());
            gap += rng.uniform() < news_good ? news : -news;
            own_day *= news_wildness;
        }
        double day = share.beta * all.day + some.day + own_day * one.day;
        if (t > 0 && market == Market::kosdaq) {
            const Shocks::Shock& led = world.market.days[t - 1];
            day += world.plants.lead_lag * (led.overnight + led.day);
        }
        const double variance = share.beta * share.beta * all.day_variance + some.day_variance +
                                own_day * own_day * one.day_variance;

        const Grid grid{market, date};
        const std::int64_t base = grid.up(close);
        const PriceLimits limits = grid.limits(base);
        const auto change_of = [&](std::int64_t limit) {
            return static_cast<double>(limit) / static_cast<double>(base) - 1;
        };
        const double lower = change_of(limits.lower), upper = change_of(limits.upper);
        const bool surges = event >= share.news_rate &&
                            event < share.news_rate + share.surge_rate && std::fabs(gap) < 0.10;
        const double floor = std::clamp(2 * share.sigma, surge_floor_least, surge_floor_most);
        const Path path = surges ? surge_path(gap, floor, day, variance, lower, upper, rng)
                                 : day_path(gap, day, variance, lower, upper, rng);
        const auto price = [&](double change) {
            const double wanted = static_cast<double>(base) * (1 + change);
            return grid.nearest(std::clamp(wanted, static_cast<double>(limits.lower),
                                           static_cast<double>(limits.upper)));
        };
        Bar bar{.date = date};
        bar.open = price(gap);
        bar.close = close = price(path.close);
        bar.high = std::max({bar.open, bar.close, price(path.top)});
        bar.low = std::min({bar.open, bar.close, price(path.bottom)});
        crowd = 0.92 * crowd + 0.20 * rng.normal();
        const double moved = std::max(std::fabs(path.close), (path.top - path.bottom) / 2);
        const double surprise = std::min(moved / share.sigma, 10.0) - 0.8;
        const double traded = exact_exp(share.log_value + crowd + 0.40 * surprise);
        bar.volume = std::max<std::int64_t>(
            1, static_cast<std::int64_t>(traded / static_cast<double>(close)));
        bar.value = bar.volume * (bar.open + bar.high + bar.low + bar.close) / 4;
        out.write(bar);

        if (close < penny) share.last_traded = std::min(share.last_traded, t);
        if (event > 1 - halt_rate) halted_until = t + 1 + halt_length(rng);
    }
    return split;
}

Result<std::span<const Date>> sessions_of(const SyntheticOptions& options) {
    if (options.symbols < 1 || options.symbols > 100'000)
        return fail(ErrorCode::bad_usage,
                    fmt::format("a generated market has 1 to 100,000 symbols, asked for {}",
                                options.symbols));
    if (options.sessions < 2)
        return fail(ErrorCode::bad_usage,
                    fmt::format("a generated market has at least 2 sessions, asked for {}",
                                options.sessions));
    const Calendar& calendar = Calendar::krx();
    if (options.from < run_first() || options.from > calendar.last())
        return fail(ErrorCode::bad_usage,
                    fmt::format("a generated market begins within {} (the rule tables) and {} (the "
                                "calendar), asked for {}",
                                run_first().iso(), calendar.last().iso(), options.from.iso()));
    const auto left = calendar.all().subspan(calendar.lower_bound(options.from));
    const auto wanted = static_cast<std::size_t>(options.sessions);
    if (left.size() < wanted)
        return fail(
            ErrorCode::bad_usage,
            fmt::format("{} sessions from {} run past the calendar, which ends on {}: {} are "
                        "left; ask for fewer or begin earlier",
                        options.sessions, options.from.iso(), calendar.last().iso(), left.size()));
    return left.first(wanted);
}

Result<void> plants_make_sense(const Plants& plants) {
    const auto check = [](std::string_view name, double value, double most) -> Result<void> {
        if (std::fabs(value) <= most) return {};
        return fail(ErrorCode::bad_usage,
                    fmt::format("the plant {} is between {} and {}, asked for {}", name, -most,
                                most, value));
    };
    HSL_CHECK(check("signal", plants.signal, 0.9));
    HSL_CHECK(check("drift", plants.drift.value_or(0), 1));
    return check("lead-lag", plants.lead_lag, 2);
}

Listing listing_of(const Instrument& instrument, const Share& share, std::span<const Date> dates) {
    Listing listing{.symbol = instrument.symbol,
                    .name = "Made-up " + instrument.symbol,
                    .market = instrument.market,
                    .share_class = ShareClass::common,
                    .sector = fmt::format("sector {}", share.sector + 1),
                    .shares = share.listed,
                    .first = dates[share.first],
                    .listed = dates[share.first],
                    .source = "generated"};
    if (share.last + 1 < dates.size()) {
        listing.last = dates[share.last];
        listing.delisted = dates[share.last + 1];
    }
    return listing;
}

}  // namespace

Result<SyntheticMarket> generate_whole_market(const SyntheticOptions& options,
                                              const Progress& progress) {
    HSL_TRY(const auto dates, sessions_of(options));
    HSL_CHECK(plants_make_sense(options.plants));
    const auto count = static_cast<std::size_t>(options.symbols);
    const FatTails tails;
    World world{dates,
                options.plants,
                tails,
                Factor{tails, Rng::split(options.seed, market_stream), dates.size(), market_sigma},
                {}};
    for (std::size_t i = 0; i < sector_count; ++i)
        world.sectors.emplace_back(tails, Rng::split(options.seed, sector_stream + i), dates.size(),
                                   sector_sigma);
    if (options.plants.regime)
        for (std::size_t t = dates.size() / 2; t < dates.size(); ++t)
            world.market.days[t].grow(regime_scale);

    // Percentiles 1 5 25 50 75 95 99 of KOSPI shares, March 2026: close, value of a session and
    // market value in won.
    const CrossSection prices{{357, 900, 4'105, 12'040, 50'900, 261'000, 939'000}};
    const CrossSection values{{16e6, 56e6, 297e6, 1.22e9, 8.35e9, 105e9, 391e9}};
    const CrossSection caps{{22.6e9, 35.6e9, 117e9, 315e9, 1.42e12, 19.6e12, 65e12}};
    std::vector<Code> codes = make_codes(count, Rng::split(options.seed, code_stream));
    std::vector<Share> shares(count);
    SyntheticMarket market;
    BarTable& table = market.bars;
    table.symbols.resize(count);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < count; ++i) {
        shares[i] = make_share(Rng::split(options.seed, symbol_stream + i),
                               Rng::split(options.seed, size_stream + i), dates.size(), prices,
                               values, caps);
        const std::size_t life = shares[i].last_traded - shares[i].first;
        if (options.plants.split && i % split_one_in == 0 && life >= split_room)
            shares[i].split = shares[i].first + life / 2;
        table.symbols[i] = {
            .instrument = {.symbol = std::move(codes[i].symbol), .market = codes[i].market},
            .first = rows,
            .count = shares[i].last - shares[i].first + 1,
            .basis = Basis::raw,
            .definition = BarDefinition::regular};
        rows += table.symbols[i].count;
        market.listings.push_back(listing_of(table.symbols[i].instrument, shares[i], dates));
    }
    table.resize(rows);

    std::vector<std::optional<CorporateAction>> splits(count);
    std::atomic<std::size_t> finished = 0;
    parallel_for(count, options.threads, [&](std::size_t i, unsigned) {
        if (progress.stopped()) return;
        splits[i] = write_share(world, shares[i], table.symbols[i].instrument.market,
                                Writer{table, table.symbols[i].first});
        progress.done("generating shares", ++finished, count);
    });
    if (progress.stopped())
        return fail(ErrorCode::cancelled,
                    fmt::format("stopped after {} of {} symbols", finished.load(), count));
    for (std::size_t i = 0; i < count; ++i) {
        if (!splits[i]) continue;
        splits[i]->symbol = table.symbols[i].instrument.symbol;
        market.actions.push_back(std::move(*splits[i]));
    }
    if (options.minutes) market.minutes = minutes_of_days(market.bars, options.seed);
    return market;
}

Result<BarTable> generate_market(const SyntheticOptions& options, const Progress& progress) {
    HSL_TRY(SyntheticMarket market, generate_whole_market(options, progress));
    return std::move(market.bars);
}

}  // namespace hsl::market
