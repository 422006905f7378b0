// SPDX-License-Identifier: Apache-2.0
#include "strategy/strategy_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsl::strategy {
namespace {

using testing::HasSubstr;

StrategyFile parsed(std::string_view text) {
    auto file = parse_strategies("s.toml", text);
    EXPECT_TRUE(file) << (file ? "" : file.error().text());
    return file ? std::move(*file) : StrategyFile{};
}
Error refused(std::string_view text) {
    auto file = parse_strategies("s.toml", text);
    EXPECT_FALSE(file) << "no error in:\n" << text;
    return file ? Error{} : file.error();
}
std::string message_of(std::string_view text) { return refused(text).message; }
// A strategy with this entry; the expression stands on line 2, column 10 on.
std::string with_entry(std::string_view expression, std::string_view more = {}) {
    return fmt::format("[s]\nentry = \"{}\"\n{}", expression, more);
}
const Node& node(const StrategyFile& file, int index) {
    return file.nodes.at(static_cast<std::size_t>(index));
}

constexpr std::string_view golden_cross = R"toml([golden_cross]
about  = "The fast average rises over the slow one."
params = { fast = [5, 10, 15, 20], slow = { from = 40, to = 200, step = 20 } }
where  = "fast < slow"
entry  = "crosses_above(sma(close, fast), sma(close, slow)) and volume > sma(volume, 20)"
exit   = "crosses_below(sma(close, fast), sma(close, slow))"
stop_loss = 0.08
max_hold  = 60
)toml";

TEST(StrategyFile, ReadsTheExampleOfTheDocumentation) {
    const StrategyFile file = parsed(golden_cross);
    ASSERT_EQ(file.sets.size(), 36u);
    const StrategySet& first = file.sets[0];
    EXPECT_EQ(first.strategy, "golden_cross");
    EXPECT_EQ(first.about, "The fast average rises over the slow one.");
    EXPECT_EQ(params_text(first), "fast=5 slow=40");
    EXPECT_EQ(first.stop_loss, 0.08);
    EXPECT_TRUE(std::isnan(first.take_profit));
    EXPECT_TRUE(std::isnan(first.trailing_stop));
    EXPECT_EQ(first.max_hold, 60);
    EXPECT_TRUE(std::isnan(first.slippage_bp));
    EXPECT_TRUE(std::isnan(first.participation));
}

TEST(StrategyFile, RunsGridsWithTheLastParameterFastest) {
    const StrategyFile file = parsed(golden_cross);
    EXPECT_EQ(params_text(file.sets[1]), "fast=5 slow=60");
    EXPECT_EQ(params_text(file.sets[9]), "fast=10 slow=40");
    EXPECT_EQ(params_text(file.sets[35]), "fast=20 slow=200");
}

TEST(StrategyFile, KeepsTheOrderOfTheFileNotOfTheAlphabet) {
    const StrategyFile file = parsed(
        "[zebra]\nentry = \"close > z + a\"\n[zebra.params]\nz = [2, 1]\na = [3]\n"
        "[ant]\nentry = \"close > 1\"\n");
    ASSERT_EQ(file.sets.size(), 3u);
    EXPECT_EQ(file.sets[0].strategy, "zebra");
    EXPECT_EQ(params_text(file.sets[0]), "z=2 a=3");
    EXPECT_EQ(params_text(file.sets[1]), "z=1 a=3");
    EXPECT_EQ(file.sets[2].strategy, "ant");
}

TEST(StrategyFile, WhereFiltersTheGrid) {
    const StrategyFile file = parsed(
        "[s]\nparams = { a = [1, 2, 3], b = [1, 2, 3] }\nwhere = \"a < b and not (b - a == 2)\"\n"
        "entry = \"sma(close, a) > sma(close, b)\"\n");
    ASSERT_EQ(file.sets.size(), 2u);
    EXPECT_EQ(params_text(file.sets[0]), "a=1 b=2");
    EXPECT_EQ(params_text(file.sets[1]), "a=2 b=3");
}

TEST(StrategyFile, WhereProtectsLetsFromWhatItFiltersOut) {
    const StrategyFile file = parsed(
        "[s]\nparams = { a = [5, 10], b = [5, 10] }\nwhere = \"a < b\"\n"
        "let = { gap = \"sma(close, b - a)\" }\nentry = \"close > gap\"\n");
    EXPECT_EQ(file.sets.size(), 1u);
}

TEST(StrategyFile, RangesIncludeTheirEndWithinATolerance) {
    const auto values = [](std::string_view grid) {
        const StrategyFile file =
            parsed(fmt::format("[s]\nparams = {{ p = {} }}\nentry = \"close > p\"\n", grid));
        std::vector<double> held;
        for (const StrategySet& set : file.sets) held.push_back(set.params[0].second);
        return held;
    };
    EXPECT_EQ(values("{ from = 1, to = 2, step = 0.25 }"),
              (std::vector<double>{1, 1.25, 1.5, 1.75, 2}));
    EXPECT_EQ(values("{ from = 0.1, to = 0.5, step = 0.1 }"),
              (std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5}));
    // (0.7 - 0.1) / 0.1 is a little less than 6.
    EXPECT_EQ(values("{ from = 0.1, to = 0.7, step = 0.1 }"),
              (std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}));
    EXPECT_EQ(values("{ from = 10, to = 1, step = -4 }"), (std::vector<double>{10, 6, 2}));
    EXPECT_EQ(values("{ from = 5, to = 5, step = 1 }"), (std::vector<double>{5}));
    EXPECT_EQ(values("7"), (std::vector<double>{7}));
}

TEST(StrategyFile, RefusesGridsThatNeverArrive) {
    const auto message = [](std::string_view grid) {
        return refused(fmt::format("[s]\nparams = {{ p = {} }}\nentry = \"close > p\"\n", grid))
            .message;
    };
    EXPECT_THAT(message("{ from = 1, to = 2, step = 0 }"), HasSubstr("step of 0"));
    EXPECT_THAT(message("{ from = 1, to = 2, step = -1 }"), HasSubstr("leads away"));
    EXPECT_THAT(message("{ from = 2, to = 1, step = 1 }"), HasSubstr("leads away"));
    EXPECT_THAT(message("{ from = 0, to = 1e9, step = 1 }"), HasSubstr("more than 100000 values"));
    EXPECT_THAT(message("{ from = 0, to = 1 }"), HasSubstr("no 'step'"));
    EXPECT_THAT(message("{ from = 0, till = 1, step = 1 }"), HasSubstr("unknown key 'till'"));
    EXPECT_THAT(message("[]"), HasSubstr("no values"));
    EXPECT_THAT(message("[1, 2, 1]"), HasSubstr("holds 1 twice"));
    EXPECT_THAT(message("[1, \"x\"]"), HasSubstr("must be a number, not a text"));
    EXPECT_THAT(message("nan"), HasSubstr("must be a number within"));
    EXPECT_THAT(message("true"), HasSubstr("must be a number, a list"));
}

TEST(StrategyFile, ValuesAreNumbersOrParameters) {
    const StrategyFile file = parsed(
        "[s]\nparams = { stop = [0.05, 0.1], hold = 20 }\nentry = \"close > 1\"\n"
        "stop_loss = \"stop\"\ntrailing_stop = 0.2\ntake_profit = 1.5\nmax_hold = \"hold\"\n"
        "slippage_bp = 10.25\nparticipation = \"off\"\n");
    ASSERT_EQ(file.sets.size(), 2u);
    EXPECT_EQ(file.sets[1].stop_loss, 0.1);
    EXPECT_EQ(file.sets[1].trailing_stop, 0.2);
    EXPECT_EQ(file.sets[1].take_profit, 1.5);
    EXPECT_EQ(file.sets[1].max_hold, 20);
    EXPECT_EQ(file.sets[1].slippage_bp, 10.25);
    EXPECT_TRUE(std::isinf(file.sets[1].participation));
}

TEST(StrategyFile, RefusesValuesOutOfRange) {
    const auto message = [](std::string_view line) {
        return refused(with_entry("close > 1", line)).message;
    };
    EXPECT_THAT(message("stop_loss = 8"), HasSubstr("a fraction above 0 and below 1"));
    EXPECT_THAT(message("stop_loss = 0"), HasSubstr("stop_loss must be"));
    EXPECT_THAT(message("max_hold = 2.5"), HasSubstr("whole number of sessions"));
    EXPECT_THAT(message("slippage_bp = -1"), HasSubstr("basis points"));
    EXPECT_THAT(message("slippage_bp = 0.001"), HasSubstr("two decimals"));
    EXPECT_THAT(message("participation = 2"), HasSubstr("\"off\""));
    EXPECT_THAT(message("participation = inf"), HasSubstr("\"off\""));
    EXPECT_THAT(message("max_hold = \"n\""), HasSubstr("'n' is no parameter"));
    EXPECT_THAT(message("max_hold = true"), HasSubstr("not true or false"));
    EXPECT_THAT(refused("[s]\nparams = { stop = [0.1, 2] }\nentry = \"close > 1\"\nstop_loss = "
                        "\"stop\"\n")
                    .message,
                HasSubstr("parameter 'stop' holds 2"));
    EXPECT_THAT(refused("[s]\nparams = { stop = [0.1] }\nentry = \"close > 1\"\nstop_loss = "
                        "\"stp\"\n")
                    .message,
                HasSubstr("did you mean 'stop'?"));
}

TEST(StrategyFile, LetsUseParametersAndEarlierLets) {
    const StrategyFile file = parsed(
        "[s]\nparams = { n = [10, 20] }\nentry = \"up and close > trend\"\n"
        "[s.let]\nz = \"2 * n\"\ntrend = \"sma(close, z)\"\nup = \"trend > trend[1]\"\n");
    ASSERT_EQ(file.sets.size(), 2u);
    const auto periods = [&] {
        std::vector<double> held;
        for (const Node& n : file.nodes)
            if (n.kind == NodeKind::indicator) held.push_back(n.params[0]);
        return held;
    }();
    EXPECT_EQ(periods, (std::vector<double>{20, 40}));
    EXPECT_THAT(refused("[s]\nlet = { a = \"b > 1\", b = \"close\" }\nentry = \"a\"\n").message,
                HasSubstr("only earlier ones"));
    EXPECT_THAT(refused("[s]\nlet = { a = \"a > 1\" }\nentry = \"a\"\n").message,
                HasSubstr("only earlier ones"));
}

TEST(StrategyFile, EqualSubExpressionsExistOnceInTheWholeFile) {
    const StrategyFile file = parsed(
        "[a]\nentry = \"crosses_above(sma(close, 5), sma(close, 10 + 10))\"\n"
        "exit = \"crosses_below(sma(close, 5), sma(close, 20))\"\n"
        "[b]\nparams = { n = [5, 20] }\nentry = \"close > sma( close , n )\"\n");
    // close, sma 5, sma 20, above, below, close > sma 5, close > sma 20.
    EXPECT_EQ(file.nodes.size(), 7u);
    EXPECT_EQ(node(file, file.sets[0].entry).inputs, node(file, file.sets[0].exit).inputs);
}

TEST(StrategyFile, OutputsOfOneIndicatorAreNodesOfTheSameCall) {
    const StrategyFile file = parsed(with_entry("macd(close,12,26,9) > macd(close).signal"));
    const Node& compare = node(file, file.sets[0].entry);
    const Node& line = node(file, compare.inputs[0]);
    const Node& signal = node(file, compare.inputs[1]);
    EXPECT_EQ(line.params, signal.params);
    EXPECT_EQ(line.inputs, signal.inputs);
    EXPECT_EQ(line.output, 0);
    EXPECT_EQ(signal.output, 1);
}

TEST(StrategyFile, InputsComeBeforeUsers) {
    const StrategyFile file = parsed(golden_cross);
    for (std::size_t i = 0; i < file.nodes.size(); ++i)
        for (const int input : file.nodes[i].inputs) EXPECT_LT(input, static_cast<int>(i));
}

TEST(StrategyFile, BarFunctionsReadTheBarAndDefaultAsTaLib) {
    const StrategyFile file = parsed(with_entry("atr() > 0 and obv() > 0"));
    const auto atr = std::ranges::find_if(
        file.nodes, [](const Node& n) { return n.spec != nullptr && n.spec->name == "atr"; });
    ASSERT_NE(atr, file.nodes.end());
    EXPECT_EQ(atr->params, std::vector<double>{14});
    std::vector<market::Field> fields;
    for (const int input : atr->inputs) fields.push_back(node(file, input).field);
    EXPECT_EQ(fields, (std::vector{market::Field::high, market::Field::low, market::Field::close}));
}

TEST(StrategyFile, SettlingIsTheLongestLookback) {
    EXPECT_EQ(parsed(with_entry("close > 1")).settling, 0);
    EXPECT_EQ(parsed(with_entry("close > sma(close, 20)")).settling, 19);
    EXPECT_EQ(parsed(with_entry("close > sma(close, 20)[5]")).settling, 24);
    EXPECT_EQ(parsed(with_entry("close > sma(lag(close, 5), 20)")).settling, 24);
    EXPECT_EQ(parsed(with_entry("crosses_above(close, sma(close, 20))")).settling, 20);
    EXPECT_EQ(parsed(with_entry("close > ema(close, 20)")).settling, 80);
    EXPECT_EQ(parsed(with_entry("close > sma(ema(close, 20), 11)")).settling, 90);
    EXPECT_EQ(parsed(with_entry("close > sma(close, 50)", "exit = \"close < sma(close, 100)\"\n"))
                  .settling,
              99);
    EXPECT_THAT(refused("[s]\nentry = \"close > " + std::string(12, '(') + "close" +
                        [] {
                            std::string lags;
                            for (int i = 0; i < 12; ++i) lags += ")[100000]";
                            return lags;
                        }() +
                        "\"\n")
                    .message,
                HasSubstr("1,000,000 sessions"));
}

TEST(StrategyFile, AWeekSettlesInSixSessionsAndAMonthInTwentySeven) {
    EXPECT_EQ(parsed(with_entry("weekly(close > 1)")).settling, 6);
    EXPECT_EQ(parsed(with_entry("weekly(close > sma(close, 10))")).settling, 60);
    EXPECT_EQ(parsed(with_entry("weekly(ema(close, 10))[3] > 1")).settling, 6 * 41 + 3);
    EXPECT_EQ(parsed(with_entry("monthly(close[1]) > 1")).settling, 54);
}

TEST(StrategyFile, SlippageIsInPointsOrInTicks) {
    EXPECT_EQ(parsed(with_entry("close > 1", "slippage_ticks = 2\n")).sets[0].slippage_ticks, 2);
    EXPECT_EQ(parsed(with_entry("close > 1")).sets[0].slippage_ticks, -1);
    EXPECT_THAT(message_of(with_entry("close > 1", "slippage_ticks = 1\nslippage_bp = 5\n")),
                HasSubstr("not in both"));
    EXPECT_THAT(message_of(with_entry("close > 1", "slippage_ticks = 1.5\n")),
                HasSubstr("a whole number of ticks"));
}

TEST(StrategyFile, NotesTheColumnsThatItReads) {
    EXPECT_TRUE(parsed(with_entry("close > raw_open")).columns.empty());
    EXPECT_THAT(parsed(with_entry("foreign_net > 0 and per < 10 and weekly(foreign_net) > 0 and "
                                  "sector_rank(pbr) < 0.2 and in_kospi200 > 0"))
                    .columns,
                testing::ElementsAre("foreign_net", "per", "pbr", "sector", "in_kospi200"));
}

TEST(StrategyFile, LetsMeanWeeksInsideOfWeeks) {
    const StrategyFile file = parsed(
        "[s]\nlet = { slow = \"sma(close, 5)\" }\nentry = \"weekly(close > slow)\"\n"
        "[t]\nentry = \"weekly(close > sma(close, 5))\"\nmax_hold = 1\n");
    EXPECT_EQ(file.sets[0].entry, file.sets[1].entry);
}

TEST(StrategyFile, ConstantsAreFolded) {
    const StrategyFile file = parsed(
        "[s]\nparams = { k = [2] }\nentry = \"close > -(2 * k + 1) / 2 and k < 3 and not (k > "
        "5)\"\n");
    ASSERT_EQ(file.nodes.size(), 3u);
    EXPECT_EQ(node(file, 1).number, -2.5);
    EXPECT_EQ(node(file, file.sets[0].entry).kind, NodeKind::compare);
    EXPECT_EQ(node(parsed(with_entry("1 < 2")), 0).kind, NodeKind::constant);
    EXPECT_EQ(node(parsed(with_entry("close > 1 and 1 > 2")), 1).kind, NodeKind::constant);
}

TEST(StrategyFile, PrecedenceIsThatOfSchool) {
    const auto shape = [](std::string_view text) {
        const auto expression = parse_expression(text);
        EXPECT_TRUE(expression) << (expression ? "" : expression.error().text());
        const auto print = [&](const auto& self, int index) -> std::string {
            const Node& n = expression->nodes[static_cast<std::size_t>(index)];
            if (n.kind == NodeKind::field) return std::string{market::name_of(n.field)};
            if (n.kind == NodeKind::constant) return fmt::format("{}", n.number);
            std::string out = fmt::format("{}", static_cast<int>(n.verb)) + "(";
            for (const int input : n.inputs) out += self(self, input) + " ";
            return out + ")";
        };
        return print(print, expression->root);
    };
    EXPECT_EQ(shape("open + high * low - close"), shape("(open + (high * low)) - close"));
    EXPECT_EQ(shape("open - high - low"), shape("(open - high) - low"));
    EXPECT_EQ(shape("open / high / low"), shape("(open / high) / low"));
    EXPECT_EQ(shape("-open * high"), shape("(-open) * high"));
    EXPECT_EQ(shape("--open"), shape("-(-open)"));
    EXPECT_EQ(shape("-open[1]"), shape("-(open[1])"));
    EXPECT_EQ(shape("close[1]"), shape("lag(close, 1)"));
    EXPECT_EQ(shape("close[0]"), "close");
    EXPECT_EQ(shape("not open > 1 and high > 2 or low > 3"),
              shape("((not (open > 1)) and (high > 2)) or (low > 3)"));
    EXPECT_EQ(shape("open > 1 or high > 2 and low > 3"),
              shape("(open > 1) or ((high > 2) and (low > 3))"));
    EXPECT_EQ(shape("open + 1 < high - 1"), shape("(open + 1) < (high - 1)"));
    EXPECT_NE(shape("open - (high - low)"), shape("open - high - low"));
}

TEST(StrategyFile, ConditionsCanLag) {
    const StrategyFile file = parsed(with_entry("crosses_above(close, sma(close, 5))[3]"));
    const Node& lag = node(file, file.sets[0].entry);
    EXPECT_EQ(lag.kind, NodeKind::logic);
    EXPECT_EQ(lag.verb, Verb::lag);
    EXPECT_EQ(lag.number, 3);
    EXPECT_EQ(lag.settling, 8);
}

TEST(StrategyFile, NamesMayBeKorean) {
    const StrategyFile file = parsed(
        "[\"골든크로스\"]\nparams = { \"단기\" = [5, 10] }\n"
        "entry = \"crosses_above(sma(close, 단기), sma(close, 20))\"\n");
    ASSERT_EQ(file.sets.size(), 2u);
    EXPECT_EQ(file.sets[0].strategy, "골든크로스");
    EXPECT_EQ(params_text(file.sets[0]), "단기=5");
}

// ---- errors -------------------------------------------------------------------------------------

struct BadExpression {
    std::string_view text;
    std::size_t at;  // byte of the place, 0-based
    std::string_view message;
};
class BadExpressions : public testing::TestWithParam<BadExpression> {};

TEST_P(BadExpressions, AreRefusedAtTheirPlace) {
    const BadExpression& bad = GetParam();
    const Error error = refused(with_entry(bad.text));
    EXPECT_THAT(error.message, HasSubstr(std::string{bad.message}));
    EXPECT_EQ(error.file, "s.toml");
    EXPECT_EQ(error.line, 2);
    EXPECT_EQ(error.column, static_cast<long>(bad.at) + 10) << error.text();
}

INSTANTIATE_TEST_SUITE_P(
    StrategyFile, BadExpressions,
    testing::Values(
        BadExpression{"", 0, "an empty expression"},
        BadExpression{"close >", 7, "ends where a value should be"},
        BadExpression{"close > 1 close", 10, "'close' cannot follow here"},
        BadExpression{"clsoe > 1", 0, "unknown name 'clsoe'; did you mean 'close'?"},
        BadExpression{"Close > 1", 0, "did you mean 'close'?"},
        BadExpression{"close > smaa(close, 5)", 8, "unknown function 'smaa'; did you mean 'sma'?"},
        BadExpression{"close > sma", 8, "'sma' is a function; write sma(series, "},
        BadExpression{"close(1) > 2", 0, "'close' is a value, not a function; close[n]"},
        BadExpression{"1 < close < 2", 10,
                      "comparisons do not chain; write '1 < close and close < ...'"},
        BadExpression{"close = 1", 6, "'=' is not known here; write =="},
        BadExpression{"close > 1 && open > 1", 10, "write and"},
        BadExpression{"close > 1 || open > 1", 10, "write or"},
        BadExpression{"!(close > 1)", 0, "write not"}, BadExpression{"close <> 1", 6, "write !="},
        BadExpression{"close ** 2 > 1", 6, "write x * x"},
        BadExpression{"close ≥ 1", 6, "write >="},
        BadExpression{"close > 20d", 8, "'20d' is neither a number nor a name"},
        BadExpression{"close > 1e999", 8, "too large"},
        BadExpression{"close > 1 and open", 14, "'and' takes a condition; 'open' is a number"},
        BadExpression{"not close", 4, "'not' takes a condition"},
        BadExpression{"close > (open > 1)", 8, "'>' takes a number; '(open > 1)' is a condition"},
        BadExpression{"close + (open > 1) > 2", 8, "'+' takes a number"},
        BadExpression{"-(open > 1) > 2", 1, "'-' takes a number"},
        BadExpression{"close", 0, "entry must be a condition"},
        BadExpression{"close[-1] > 1", 6, "lag by -1 would read the future"},
        BadExpression{"close[1.5] > 1", 6, "the count of lag is 1.5"},
        BadExpression{"close[open] > 1", 6, "known before the first bar; 'open' changes"},
        BadExpression{"close[1 > 1", 11, "']' is missing"},
        BadExpression{"(close > 1", 10, "')' is missing"},
        BadExpression{"sma(close 5) > 1", 10, "',' or ')' is missing in the call of sma"},
        BadExpression{"sma(close, 2.5) > 1", 11, "it must be a whole number from"},
        BadExpression{"sma(close, 0) > 1", 11, "is 0; it must be"},
        BadExpression{"sma(close, open) > 1", 11, "'open' changes over time"},
        BadExpression{"sma(close, 5, 6) > 1", 14, "too many arguments: sma(series"},
        BadExpression{"sma() > 1", 0, "sma takes a series first"},
        BadExpression{"rsi(14) > 1", 4, "rsi takes a series first, such as close: rsi(series"},
        BadExpression{"atr(close, 14) > 1", 4, "atr reads the whole bar and takes no series: atr("},
        BadExpression{"atr(14, 2) > 1", 8, "too many arguments"},
        BadExpression{"sma(close > 1, 2) > 1", 4, "sma takes a number"},
        BadExpression{"macd(close).sginal > 1", 12, "macd has no output 'sginal'"},
        BadExpression{"close.x > 1", 5, "'.' picks an output"},
        BadExpression{"crosses_above(close) > 1", 0, "crosses_above takes 2 values, not 1"},
        BadExpression{"crosses_above(1, 2)", 14, "takes what changes over time"},
        BadExpression{"rank(5) > 0.5", 5, "takes what changes over time"},
        BadExpression{"top(close, 0)", 11, "the count of top is 0"},
        BadExpression{"top(close, 2.5)", 11, "the count of top is 2.5"},
        BadExpression{"top(close, open)", 11, "known before the first bar"},
        BadExpression{"lag(5, 1) > 1", 4, "'5' is a constant"},
        BadExpression{"close > 1 / 0", 10, "no value at 1 and 0"},
        BadExpression{"close > sqrt(-1)", 8, "no value at -1"},
        BadExpression{"close > 1; open > 1", 9, "unexpected character ';'"},
        BadExpression{"close > and", 8, "a value is missing before 'and'"},
        BadExpression{"close > * 2", 8, "a value is missing before '*'"}));

TEST(StrategyFileErrors, UnknownKeyNamesTheNearestOne) {
    const Error error = refused("[s]\nentry = \"close > 1\"\nstop_los = 0.1\n");
    EXPECT_EQ(error.message, "unknown key 'stop_los'; did you mean 'stop_loss'?");
    EXPECT_EQ(error.line, 3);
    EXPECT_EQ(error.column, 1);
    EXPECT_EQ(error.code, ErrorCode::bad_data);
}

TEST(StrategyFileErrors, CarryTheLineWithACaret) {
    const Error error = refused(with_entry("close > smaa(close, 5)"));
    EXPECT_EQ(error.excerpt, "entry = \"close > smaa(close, 5)\"\n                 ^");
    EXPECT_THAT(error.text(), HasSubstr("s.toml:2:18: unknown function"));
}

TEST(StrategyFileErrors, CaretStandsUnderThePlaceAfterKoreanText) {
    const Error error = refused("[s]\nlet = { 단기선 = \"close\" }\nentry = \"close > 1\"\n");
    // A bare key cannot be Korean in TOML 1.0; quoted it can.
    EXPECT_EQ(error.line, 2);
    const Error later =
        refused("[s]\nentry = \"단기선 > 1 and 장기 > 2\"\n[s.let]\n\"단기선\" = \"close\"\n");
    EXPECT_THAT(later.message, HasSubstr("unknown name '장기'"));
    EXPECT_EQ(later.column, 10 + 12);
    EXPECT_EQ(later.excerpt,
              "entry = \"단기선 > 1 and 장기 > 2\"\n" + std::string(9 + 15, ' ') + "^");
}

TEST(StrategyFileErrors, PointIntoMultiLineStringsAndEscapes) {
    const Error multi = refused("[s]\nentry = \"\"\"\n  close > 1\n  and bad > 2\"\"\"\n");
    EXPECT_EQ(multi.line, 4);
    EXPECT_EQ(multi.column, 7);
    EXPECT_EQ(multi.excerpt, "  and bad > 2\"\"\"\n      ^");

    const Error folded = refused("[s]\nentry = \"\"\"close > \\\n      bad\"\"\"\n");
    EXPECT_EQ(folded.line, 3);
    EXPECT_EQ(folded.column, 7);

    const Error crlf = refused("[s]\r\nentry = '''\r\nclose > 1 and\r\nbad'''\r\n");
    EXPECT_EQ(crlf.line, 4);
    EXPECT_EQ(crlf.column, 1);
    EXPECT_EQ(crlf.excerpt, "bad'''\n^");

    const Error escaped = refused("[s]\nentry = \"close\\t> \\u0062ad\"\n");
    EXPECT_THAT(escaped.message, HasSubstr("unknown name 'bad'"));
    EXPECT_EQ(escaped.column, 19);
}

TEST(StrategyFileErrors, TomlMistakesNameTheirPlace) {
    const Error error = refused("[s]\nentry = close > 1\n");
    EXPECT_THAT(error.message, HasSubstr("not TOML"));
    EXPECT_EQ(error.line, 2);
    EXPECT_THAT(error.excerpt, HasSubstr("entry = close > 1"));
    EXPECT_EQ(refused("[s]\nentry = \"close > 1\"\n[s]\nentry = \"close > 2\"\n").line, 3);
    EXPECT_EQ(refused("[s]\nentry = \"close > 1\"\nentry = \"close > 2\"\n").line, 3);
}

TEST(StrategyFileErrors, ShapesOfTheFile) {
    EXPECT_THAT(refused("").message, HasSubstr("no strategies here"));
    EXPECT_THAT(refused("entry = \"close > 1\"\n").message, HasSubstr("a strategy is a section"));
    EXPECT_THAT(refused("[[s]]\nentry = \"close > 1\"\n").message, HasSubstr("'s' is a list"));
    EXPECT_THAT(refused("[Golden]\nentry = \"close > 1\"\n").message, HasSubstr("a-z, 0-9, _"));
    EXPECT_THAT(refused("[s]\nexit = \"close > 1\"\n").message, HasSubstr("'s' has no entry"));
    EXPECT_THAT(refused("[s]\nentry = 1\n").message, HasSubstr("an expression in quotes"));
    EXPECT_THAT(refused("[s]\nabout = 1\nentry = \"close > 1\"\n").message,
                HasSubstr("a sentence in quotes, not a number"));
    EXPECT_THAT(refused("[s]\nparams = [1]\nentry = \"close > 1\"\n").message,
                HasSubstr("params must be a table"));
    EXPECT_THAT(refused("[s]\nlet = \"x\"\nentry = \"close > 1\"\n").message,
                HasSubstr("let must be a table"));
}

TEST(StrategyFileErrors, NamesThatMeanSomethingAlready) {
    const auto message = [](std::string_view name) {
        return refused(fmt::format("[s]\nparams = {{ {} = 1 }}\nentry = \"close > 1\"\n", name))
            .message;
    };
    EXPECT_EQ(message("close"), "'close' is a field of the bar");
    EXPECT_EQ(message("rsi"), "'rsi' is a function");
    EXPECT_EQ(message("rank"), "'rank' is a function");
    EXPECT_EQ(message("and"), "'and' is a word of the language");
    EXPECT_THAT(message("Fast"), HasSubstr("may hold a-z"));
    EXPECT_THAT(message("1st"), HasSubstr("a letter first"));
    EXPECT_THAT(
        refused("[s]\nparams = { a = 1 }\nlet = { a = \"close\" }\nentry = \"a > 1\"\n").message,
        HasSubstr("'a' is a parameter already"));
}

TEST(StrategyFileErrors, WeeksOfWeeksAreRefused) {
    for (const std::string_view inner : {"weekly(monthly(close))", "weekly(close + weekly(close))",
                                         "monthly(sma(weekly(close), 3))"})
        EXPECT_THAT(message_of(with_entry(std::string{inner} + " > 1")),
                    HasSubstr("cannot hold weekly or monthly values again"))
            << inner;
    EXPECT_THAT(message_of("[s]\nlet = { w = \"weekly(close)\" }\nentry = \"monthly(w) > 1\"\n"),
                HasSubstr("cannot hold weekly or monthly values again"));
    EXPECT_THAT(message_of(with_entry("weekly(5) > close")), HasSubstr("'5' is a constant"));
    EXPECT_THAT(message_of(with_entry("weekly(close, 2) > 1")), HasSubstr("weekly takes 1 value"));
}

TEST(StrategyFileErrors, ColumnsAreKnownByName) {
    EXPECT_THAT(message_of(with_entry("foriegn_net > 0")),
                HasSubstr("did you mean 'foreign_net'?"));
    EXPECT_THAT(message_of(with_entry("raw_value > 0")), HasSubstr("unknown name 'raw_value'"));
    EXPECT_THAT(message_of(with_entry("sector > 0")), HasSubstr("unknown name 'sector'"));
    EXPECT_THAT(message_of("[s]\nparams = { per = [1, 2] }\nentry = \"close > per\"\n"),
                HasSubstr("'per' is a column of the market"));
    EXPECT_THAT(message_of("[s]\nparams = { in_kospi200 = [1, 2] }\nentry = \"close > 1\"\n"),
                HasSubstr("'in_kospi200' is a column of the market"));
}

TEST(StrategyFileErrors, EqualSetsAreNamedBoth) {
    EXPECT_THAT(
        refused("[a]\nentry = \"close > 1\"\n[b]\nparams = { n = [2, 1] }\nentry = \"close > n\"\n")
            .message,
        HasSubstr("two sets are the same and would count as one trial too many: a and b (n=1)"));
    EXPECT_THAT(
        refused("[s]\nparams = { n = [1, 2] }\nwhere = \"n > 0\"\nentry = \"close > 1\"\n").message,
        HasSubstr("s (n=1) and s (n=2)"));
    EXPECT_THAT(refused("[s]\nparams = { n = [1, 2] }\nentry = \"close > 1\"\n").message,
                HasSubstr("parameter 'n' is never used"));
    EXPECT_THAT(refused("[s]\nparams = { n = [1, 2] }\nlet = { x = \"close > n\" }\n"
                        "entry = \"close > 1\"\n")
                    .message,
                HasSubstr("parameter 'n' is never used"));
    // What differs in a stop only is another set.
    EXPECT_EQ(parsed("[a]\nentry = \"close > 1\"\n[b]\nentry = \"close > 1\"\nstop_loss = 0.1\n")
                  .sets.size(),
              2u);
}

TEST(StrategyFileErrors, WhereMayUseParametersOnly) {
    const Error error = refused(
        "[s]\nparams = { n = [1, 2] }\nwhere = \"n > 1 and close > n\"\nentry = \"close > n\"\n");
    EXPECT_THAT(error.message, HasSubstr("numbers and parameters only"));
    EXPECT_EQ(error.line, 3);
    EXPECT_EQ(error.column, 10 + 10);
    EXPECT_THAT(
        refused("[s]\nparams = { n = [1, 2] }\nwhere = \"n > 2\"\nentry = \"close > n\"\n").message,
        HasSubstr("where leaves none of 2 combinations"));
    EXPECT_THAT(
        refused("[s]\nparams = { n = [1, 2] }\nwhere = \"n\"\nentry = \"close > n\"\n").message,
        HasSubstr("where must be a condition"));
}

TEST(StrategyFileErrors, NameTheSetThatHasNoValue) {
    EXPECT_THAT(
        refused("[s]\nparams = { n = [5, 0] }\nentry = \"close > sma(close, n)\"\n").message,
        HasSubstr("(with n=0)"));
    EXPECT_THAT(refused("[s]\nparams = { n = [5, 1] }\nentry = \"close > 2 / (n - 1)\"\n").message,
                HasSubstr("no value at 2 and 0 (with n=1)"));
}

TEST(StrategyFileErrors, EverythingIsBounded) {
    EXPECT_THAT(refused(std::string(1'000'001, '#')).message, HasSubstr("1,000,000 bytes at most"));
    const std::string open(201, '('), close(201, ')');
    EXPECT_THAT(refused(with_entry(open + "close" + close + " > 1")).message,
                HasSubstr("nested more than 200 deep"));
    EXPECT_THAT(refused(with_entry(std::string(400'000, '-') + "close > 1")).message,
                HasSubstr("nested more than 200 deep"));
    EXPECT_EQ(parsed(with_entry(std::string(190, '(') + "close" + std::string(190, ')') + " > 1"))
                  .sets.size(),
              1u);
    EXPECT_THAT(
        refused("[s]\nparams = { a = { from = 1, to = 400, step = 1 }, b = { from = 1, to = "
                "400, step = 1 } }\nentry = \"close > a + b / 1000\"\n")
            .message,
        HasSubstr("more than 100,000 concrete sets"));
    EXPECT_THAT(
        refused("[s]\nparams = { a = { from = 1, to = 2000, step = 1 }, b = { from = 1, to = "
                "2000, step = 1 } }\nwhere = \"a == b\"\nentry = \"close > a + b / 1000\"\n")
            .message,
        HasSubstr("more than 1,000,000 combinations"));
    std::string key = "[a";
    for (int i = 0; i < 100'000; ++i) key += ".a";
    EXPECT_THAT(refused(key + "]\n").message, HasSubstr("a key of more than 32 parts"));
    EXPECT_THAT(
        refused("[s]\nparams = { a = { from = 1, to = 1000, step = 1 } }\nentry = \"close > a" +
                [] {
                    std::string sum;
                    for (int i = 0; i < 60'000; ++i) sum += "+1";
                    return sum;
                }() +
                "\"\n")
            .message,
        HasSubstr("'s' is too large"));
}

TEST(StrategyFileErrors, LongSumsAndMegabyteLinesAreFine) {
    std::string sum = "close";
    for (int i = 0; i < 100'000; ++i) sum += "+open";
    EXPECT_EQ(parsed(with_entry(sum + " > 1")).sets.size(), 1u);
    std::string list = "[s]\nentry = \"close > n\"\nparams = { n = [0";
    for (int i = 1; i < 90'000; ++i) list += fmt::format(",{}", i);
    EXPECT_EQ(parsed(list + "] }\n").sets.size(), 90'000u);
    const Error error = refused(with_entry(sum + " > nothing"));
    EXPECT_LT(display_width(error.excerpt), 400u);
    EXPECT_EQ(error.column, static_cast<long>(10 + sum.size() + 3));
}

TEST(ParseExpression, ReadsOneExpressionOfEitherType) {
    const auto signal = parse_expression("macd(close,12,26,9).signal");
    ASSERT_TRUE(signal);
    EXPECT_EQ(signal->nodes[static_cast<std::size_t>(signal->root)].output, 1);
    const auto truth = parse_expression("close > open");
    ASSERT_TRUE(truth);
    EXPECT_EQ(truth->nodes[static_cast<std::size_t>(truth->root)].type, ValueType::boolean);
    const auto constant = parse_expression("1 + 2");
    ASSERT_TRUE(constant);
    EXPECT_EQ(constant->nodes[static_cast<std::size_t>(constant->root)].number, 3);
    const auto bad = parse_expression("rsi(close");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().excerpt, "rsi(close\n         ^");
}

TEST(ShippedStrategies, AllParse) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    ASSERT_NE(root, nullptr) << "set HSL_SOURCE_DIR to the repository";
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path{root} / "strategies")) {
        if (entry.path().extension() != ".toml") continue;
        const auto file = read_strategies(entry.path().string());
        EXPECT_TRUE(file) << (file ? "" : file.error().text());
    }
}

// The blocks of a page: what stands after the three backticks, and the text up to the next three.
std::vector<std::pair<std::string, std::string>> blocks_of(const std::string& page) {
    std::ifstream stream{std::filesystem::path{std::getenv("HSL_SOURCE_DIR")} / page};
    EXPECT_TRUE(stream) << page;
    std::vector<std::pair<std::string, std::string>> blocks;
    bool inside = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("```")) {
            if (!inside) blocks.emplace_back(line.substr(3), "");
            inside = !inside;
        } else if (inside) {
            blocks.back().second += line + "\n";
        }
    }
    return blocks;
}

TEST(DocumentedStrategies, AllParseAndErrorsReadAsShown) {
    ASSERT_NE(std::getenv("HSL_SOURCE_DIR"), nullptr) << "set HSL_SOURCE_DIR to the repository";
    const std::string page = "docs/reference/strategy-language.md";
    const auto blocks = blocks_of(page);
    EXPECT_GE(blocks.size(), 10u);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto& [kind, text] = blocks[i];
        SCOPED_TRACE(text);
        if (kind == "toml") {
            const auto file = parse_strategies(page, text);
            EXPECT_TRUE(file) << (file ? "" : file.error().text());
        } else if (kind == "toml wrong") {
            // The next block shows the error.
            ASSERT_LT(i + 1, blocks.size());
            const auto file = parse_strategies("my.toml", text);
            ASSERT_FALSE(file);
            EXPECT_EQ(file.error().text() + "\n", blocks[i + 1].second);
        } else if (kind == "expressions") {
            std::istringstream lines{text};
            for (std::string line; std::getline(lines, line);) {
                const auto expression = parse_expression(line);
                EXPECT_TRUE(expression) << (expression ? "" : expression.error().text());
            }
        } else {
            EXPECT_EQ(kind, "text");
        }
    }
}

TEST(ReadStrategies, NamesAFileThatIsNotThere) {
    const auto file = read_strategies("no/such.toml");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::not_found);
    EXPECT_EQ(file.error().file, "no/such.toml");
}

}  // namespace
}  // namespace hsl::strategy
