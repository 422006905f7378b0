// SPDX-License-Identifier: Apache-2.0
#include "strategy/random_strategies.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "indicators/catalogue.hpp"

namespace hsl::strategy {
namespace {

constexpr int period_max = 12;
constexpr int weeks_max = 3;  // periods in weeks, in months
constexpr int months_max = 2;

class Writer {
public:
    Writer(Rng& rng, std::span<const std::string_view> columns) : rng_(rng), columns_(columns) {}

    // Any expression of that type; it makes no sense, but it is valid.
    std::string number(int depth) {
        if (depth <= 0) return chance(0.6) ? field() : indicator(field());
        const int inner = depth - 1;
        switch (below(13)) {
            case 0:
            case 1:
                return text({"(", number(inner), sign("+-*/"), number(inner), ")"});
            case 2:
                return text({"(", number(inner), sign("+-*/"), constant(), ")"});
            case 3:
                return text({"(", constant(), sign("+-*/"), number(inner), ")"});
            case 4:
                return text({"-", number(inner)});
            case 5:
                return text({"abs(", number(inner), ")"});
            case 6:
                return text({"sqrt(", number(inner), ")"});
            case 7:
                return text({chance(0.5) ? "least(" : "greatest(", number(inner), ", ",
                             chance(0.5) ? number(inner) : constant(), ")"});
            case 8:
                return chance(0.5) ? text({"lag(", number(inner), ", ", whole(0, 5), ")"})
                                   : text({"(", number(inner), ")[", whole(0, 5), "]"});
            case 9:
                return text({across(), number(inner), ")"});
            case 10:
                if (coarse_) return number(inner);
                return coarser([&](int below_it) { return number(std::min(inner, below_it)); });
            default:
                return indicator(number(inner));
        }
    }
    std::string condition(int depth) {
        if (depth <= 0) return comparison(0);
        const int inner = depth - 1;
        switch (below(9)) {
            case 0:
            case 1:
                return text({"(", condition(inner), " and ", condition(inner), ")"});
            case 2:
                return text({"(", condition(inner), " or ", condition(inner), ")"});
            case 3:
                return text({"not ", condition(inner)});
            case 4:
                return text({crosses(), "(", number(inner), ", ",
                             chance(0.7) ? number(inner) : constant(), ")"});
            case 5:
                return text({"top(", number(inner), ", ", whole(1, 8), ")"});
            case 6:
                return text({"(", condition(inner), ")[", whole(0, 3), "]"});
            case 7:
                if (coarse_) return condition(inner);
                return coarser([&](int below_it) { return condition(std::min(inner, below_it)); });
            default:
                return comparison(inner);
        }
    }

    std::string strategy(int index) {
        std::string out = fmt::format("[r{}]\nabout = \"Random strategy {}.\"\n", index, index);
        std::string entry = rule();
        std::string exit = rule();
        // A grid's parameters are periods that the entry uses in any case.
        switch (below(4)) {
            case 0:
                out += text({"params = { n = [", whole(2, 6), ", ", whole(7, 12), "] }\n"});
                entry = "close > sma(close, n) and " + entry;
                break;
            case 1:
                out +=
                    "params = { fast = [3, 6], slow = { from = 4, to = 10, step = 3 } }\n"
                    "where = \"fast < slow\"\n";
                entry = "crosses_above(ema(close, fast), ema(close, slow)) or " + entry;
                break;
            case 2:
                out += text({"let = { calm = \"", rule(), "\", level = \"", number(1), "\" }\n"});
                entry = text({"(", entry, chance(0.5) ? ") and calm" : ") or calm"});
                exit = text({"(", exit, ") or crosses_below(level, level[1])"});
                break;
            default:
                break;
        }
        out += text({"entry = \"", entry, "\"\n"});
        if (chance(0.8)) out += text({"exit = \"", exit, "\"\n"});
        if (chance(0.4)) out += text({"stop_loss = ", fraction(0.02, 0.15), "\n"});
        if (chance(0.3)) out += text({"take_profit = ", fraction(0.02, 0.3), "\n"});
        if (chance(0.3)) out += text({"trailing_stop = ", fraction(0.02, 0.15), "\n"});
        if (chance(0.4)) out += text({"max_hold = ", whole(1, 30), "\n"});
        // One of the two differs from that of every other strategy, so that no two sets are equal.
        const bool slips = chance(0.6);
        if (slips) out += fmt::format("slippage_bp = {:.2f}\n", 0.01 * index + 10.0 * below(6));
        if (!slips || chance(0.2))
            out += fmt::format("participation = {:.6f}\n", 0.002 + 1e-6 * index + 0.01 * below(5));
        else if (chance(0.2))
            out += "participation = \"off\"\n";
        return out + "\n";
    }

private:
    // The parts of a braced list are made from left to right: every compiler draws the same
    // numbers.
    static std::string text(std::initializer_list<std::string> parts) {
        std::string out;
        for (const std::string& part : parts) out += part;
        return out;
    }
    int below(int bound) { return static_cast<int>(rng_.below(static_cast<std::uint64_t>(bound))); }
    bool chance(double probability) { return rng_.uniform() < probability; }
    std::string whole(int first, int last) {
        return fmt::format("{}", first + below(last - first + 1));
    }
    std::string period() { return whole(2, period_max); }
    // A value of weeks or months, of which few make many sessions.
    template <class Inner>
    std::string coarser(Inner inner) {
        const bool weeks = chance(0.6);
        coarse_ = true;
        longest_ = weeks ? weeks_max : months_max;
        std::string out = text({weeks ? "weekly(" : "monthly(", inner(weeks ? 1 : 0), ")"});
        coarse_ = false;
        longest_ = period_max;
        return out;
    }
    std::string across() {
        constexpr std::string_view words[] = {"rank(", "zscore(", "sector_rank(", "sector_mean(",
                                              "sector_zscore("};
        return pick(std::span{words}.first(columns_.empty() ? 2 : 5));
    }
    std::string fraction(double first, double last) {
        return fmt::format("{:.3f}", first + (last - first) * rng_.uniform());
    }
    std::string sign(std::string_view letters) {
        const auto at = static_cast<std::size_t>(below(static_cast<int>(letters.size())));
        return text({" ", std::string{letters[at]}, " "});
    }
    std::string pick(std::span<const std::string_view> words) {
        return std::string{words[static_cast<std::size_t>(below(static_cast<int>(words.size())))]};
    }
    std::string constant() {
        constexpr std::string_view words[] = {"0.5", "1", "2", "30", "70", "1000", "1e4", "0.03"};
        return pick(words);
    }
    std::string field() {
        if (!columns_.empty() && chance(0.25)) return pick(columns_);
        constexpr std::string_view words[] = {"open",  "high",   "low",   "close",
                                              "close", "volume", "value", "raw_close"};
        return pick(words);
    }
    std::string crosses() { return chance(0.5) ? "crosses_above" : "crosses_below"; }

    std::string indicator(const std::string& series) {
        const auto all = indicators::all_specs();
        const indicators::Spec& spec =
            *all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
        std::vector<std::string> arguments;
        for (const indicators::Input input : spec.inputs)
            if (input == indicators::Input::series) arguments.push_back(series);
        for (const indicators::Param& param : spec.params) {
            const double last =
                std::max(param.first, std::min(param.last, static_cast<double>(longest_)));
            double value = param.first + (last - param.first) * rng_.uniform();
            value = param.whole ? std::round(value) : std::ceil(value * 10) / 10;
            arguments.push_back(fmt::format("{}", std::min(value, param.last)));
        }
        std::string out = fmt::format("{}({})", spec.name, fmt::join(arguments, ", "));
        if (spec.outputs.size() > 1 && chance(0.7)) out += "." + pick(spec.outputs);
        return out;
    }
    std::string comparison(int depth) {
        constexpr std::string_view signs[] = {
            " < ", " <= ", " > ", " >= ", " < ", " > ", " == ", " != "};
        return text({number(depth), pick(signs), chance(0.7) ? number(depth) : constant()});
    }

    // What a trader might write, so that the random strategies do trade.
    std::string price() {
        switch (below(7)) {
            case 0:
                return "close";
            case 1:
                return text({"sma(close, ", period(), ")"});
            case 2:
                return text({"ema(close, ", period(), ")"});
            case 3:
                return text({"wma(close, ", period(), ")"});
            case 4:
                return text({"max(high, ", period(), ")[1]"});
            case 5:
                return text({"min(low, ", period(), ")[1]"});
            default:
                return text({"close[", whole(1, 5), "]"});
        }
    }
    std::string idea() {
        const std::string than = sign("<>");
        switch (below(11)) {
            case 0:
                return text({crosses(), "(", price(), ", ", price(), ")"});
            case 1:
                return text({price(), than, price()});
            case 2:
                return text({"rsi(close, ", period(), ")", than, whole(30, 70)});
            case 3:
                return text({"macd(close, ", whole(2, 5), ", ", whole(6, 11), ", ", whole(2, 6),
                             chance(0.5) ? ").signal" : ")", than, "0"});
            case 4:
                return text({"stoch(", period(), ", 3, 3)", than, whole(20, 80)});
            case 5:
                return text({"adx(", whole(3, 10), ") > ", whole(15, 30)});
            case 6:
                return text({"roc(close, ", period(), ")", than, whole(-4, 4)});
            case 7:
                return text({"atr(", period(), ") / close", than, "0.03"});
            case 8:
                return text({"rank(roc(close, ", period(), "))", than, "0.5"});
            case 9:
                return text({"weekly(close > sma(close, ", whole(2, weeks_max), "))"});
            default:
                return text({"volume > sma(volume, ", period(), ")"});
        }
    }
    std::string rule() {
        if (chance(0.2)) return condition(2);
        switch (below(4)) {
            case 0:
                return text({"(", idea(), " and ", idea(), ")"});
            case 1:
                return text({"(", idea(), " or ", idea(), ")"});
            case 2:
                return text({"not (", idea(), ")"});
            default:
                return idea();
        }
    }

    Rng& rng_;
    std::span<const std::string_view> columns_;
    bool coarse_ = false;  // inside of weekly or monthly
    int longest_ = period_max;
};

}  // namespace

std::string random_strategy_text(Rng& rng, int count, std::span<const std::string_view> columns) {
    HSL_ASSERT(count >= 1 && count <= 1000);
    Writer writer{rng, columns};
    std::string text;
    for (int i = 0; i < count; ++i) text += writer.strategy(i);
    return text;
}

std::string random_number_expression(Rng& rng, int depth,
                                     std::span<const std::string_view> columns) {
    return Writer{rng, columns}.number(depth);
}
std::string random_condition(Rng& rng, int depth, std::span<const std::string_view> columns) {
    return Writer{rng, columns}.condition(depth);
}

}  // namespace hsl::strategy
