// SPDX-License-Identifier: Apache-2.0
//
// Indicators against the tables of three other libraries in data/golden. TA-Lib's conventions win:
// where another library seeds a recursion otherwise, it is compared from the bar at which that no
// longer shows.

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "indicators/catalogue.hpp"

namespace hsl::indicators {
namespace {

std::string golden(std::string_view path) {
    const char* source = std::getenv("HSL_SOURCE_DIR");
    return fmt::format("{}/data/golden/{}", source ? source : ".", path);
}

// A table of text cells with named columns; rows shorter than the header are filled with "".
struct Table {
    std::map<std::string, std::size_t> index;
    std::vector<std::vector<std::string>> rows;

    Table(std::string_view path, char separator) {
        std::ifstream file(golden(path));
        EXPECT_TRUE(file) << path;
        std::string line;
        const auto cells = [&] {
            std::vector<std::string> found(1);
            for (const char c : line)
                if (c == separator)
                    found.emplace_back();
                else if (c != '\r' && c != '"')
                    found.back() += c;
            for (std::string& cell : found) cell = trim(cell);
            return found;
        };
        std::getline(file, line);
        const auto header = cells();
        for (std::size_t i = 0; i < header.size(); ++i) index[header[i]] = i;
        while (std::getline(file, line))
            if (!trim(line).empty()) rows.push_back(cells()), rows.back().resize(header.size());
    }
    [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
        return rows[row].at(index.at(column));
    }
    [[nodiscard]] double number(std::size_t row, const std::string& column) const {
        const std::string& cell = text(row, column);
        return cell.empty() ? std::nan("") : std::strtod(cell.c_str(), nullptr);
    }
    [[nodiscard]] std::vector<double> column(const std::string& name) const {
        std::vector<double> values;
        for (std::size_t row = 0; row < rows.size(); ++row) values.push_back(number(row, name));
        return values;
    }
};

using Bars = std::map<Input, std::vector<double>>;

std::vector<std::vector<double>> compute(const Spec& spec, const std::vector<double>& params,
                                         const Bars& bars) {
    std::vector<const double*> in;
    for (const Input input : spec.inputs) in.push_back(bars.at(input).data());
    const std::size_t count = bars.at(spec.inputs[0]).size();
    std::vector<std::vector<double>> results(spec.outputs.size(), std::vector<double>(count));
    std::vector<double*> out;
    for (auto& result : results) out.push_back(result.data());
    compute_reference(spec, params, in, out, count);
    return results;
}

// ---- TA-Lib ----

struct TalibCase {
    const char* file;
    const char* selector;  // the column that says which function a row tests, "" if there is none
    const char* function;
    const char* spec;
    std::vector<std::string> params;  // a column, or a number
    Input series;                     // what `series` stands for
    std::size_t at_least;             // values compared: a filter that drops all is no test
};

const std::vector<TalibCase> talib_cases = {
    {"test_ma.tsv", "optInMAType_1", "TA_MAType_SMA", "sma", {"optInTimePeriod"}, Input::close, 10},
    {"test_ma.tsv", "optInMAType_1", "TA_MAType_EMA", "ema", {"optInTimePeriod"}, Input::close, 7},
    {"test_ma.tsv", "optInMAType_1", "TA_MAType_WMA", "wma", {"optInTimePeriod"}, Input::close, 11},
    {"test_macd.tsv",
     "testId",
     "TA_MACD_TEST",
     "macd",
     {"optInFastPeriod", "optInSlowPeriod", "optInSignalPeriod_2"},
     Input::close,
     6},
    {"test_bbands.tsv",
     "optInMethod_3",
     "TA_MAType_SMA",
     "bbands",
     {"optInTimePeriod", "optInNbDevUp", "optInNbDevDn"},
     Input::close,
     3},
    {"test_rsi.tsv", "theFunction", "TA_RSI_TEST", "rsi", {"optInTimePeriod"}, Input::close, 15},
    {"test_stddev.tsv",
     "",
     "",
     "stddev",
     {"optInTimePeriod", "optInNbDeviation_1"},
     Input::close,
     6},
    {"test_minmax.tsv", "theFunction", "TA_MIN_TEST", "min", {"optInTimePeriod"}, Input::open, 22},
    {"test_minmax.tsv", "theFunction", "TA_MAX_TEST", "max", {"optInTimePeriod"}, Input::open, 24},
    {"test_mom.tsv", "theFunction", "TA_MOM_TEST", "mom", {"optInTimePeriod"}, Input::close, 12},
    {"test_mom.tsv", "theFunction", "TA_ROC_TEST", "roc", {"optInTimePeriod"}, Input::close, 12},
    {"test_per_hlc.tsv",
     "theFunction",
     "TA_CCI_TEST",
     "cci",
     {"optInTimePeriod1"},
     Input::close,
     29},
    {"test_adx.tsv", "id", "TST_PLUS_DI", "plus_di", {"optInTimePeriod"}, Input::close, 5},
    {"test_adx.tsv", "id", "TST_MINUS_DI", "minus_di", {"optInTimePeriod"}, Input::close, 4},
    {"test_adx.tsv", "id", "TST_ADX", "adx", {"optInTimePeriod"}, Input::close, 4},
    {"test_trange.tsv", "doAverage", "0", "trange", {}, Input::close, 4},
    {"test_trange.tsv", "doAverage", "1", "atr", {"optInTimePeriod"}, Input::close, 13},
    {"test_stoch.tsv",
     "testId",
     "TEST_STOCH",
     "stoch",
     {"optInPeriod_0", "optInPeriod_1", "optInPeriod_2"},
     Input::close,
     8},
};

Bars talib_bars(Input series) {
    const Table table("talib_regtest/reference_bars.csv", ',');
    Bars bars{{Input::open, table.column("open")},
              {Input::high, table.column("high")},
              {Input::low, table.column("low")},
              {Input::close, table.column("close")},
              {Input::volume, table.column("volume")}};
    bars[Input::series] = bars[series];
    return bars;
}

class Talib : public testing::TestWithParam<TalibCase> {};

TEST_P(Talib, AgreesWithItsRegressionTable) {
    const TalibCase& tested = GetParam();
    const Spec& spec = *find_spec(tested.spec);
    const Table table(fmt::format("talib_regtest/{}", tested.file), '\t');
    const Bars bars = talib_bars(tested.series);
    std::size_t compared = 0;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        if (*tested.selector && table.text(row, tested.selector) != tested.function) continue;
        // Metastock's seeds are another function; its SMA and WMA are the same one.
        if (spec.recursive && table.index.contains("compatibility") &&
            table.text(row, "compatibility") != "TA_COMPATIBILITY_DEFAULT")
            continue;
        std::vector<double> params;
        for (const std::string& column : tested.params) params.push_back(table.number(row, column));
        const std::string& code = table.text(row, "expectedRetCode");
        if (code == "TA_BAD_PARAM") {
            EXPECT_FALSE(params[0] >= spec.params[0].first) << "row " << row;
            continue;
        }
        if (code != "TA_SUCCESS") continue;
        const auto results = compute(spec, params, bars);
        const auto begin = static_cast<std::size_t>(table.number(row, "expectedBegIdx"));
        const double count = table.number(row, "expectedNbElement");
        if (table.number(row, "startIdx") == 0 && count > 0) {
            const bool skips =
                table.index.contains("unstablePeriod") && table.number(row, "unstablePeriod") != 0;
            if (!skips) {
                EXPECT_EQ(begin, static_cast<std::size_t>(spec.lookback(params)));
            }
        }
        for (std::size_t o = 0; o < results.size(); ++o) {
            std::string suffix = std::to_string(o);
            if (!table.index.contains("oneOfTheExpectedOutReal" + suffix)) suffix = "";
            const double index = table.number(row, "oneOfTheExpectedOutRealIndex" + suffix);
            if (index >= count) continue;
            const std::size_t bar = begin + static_cast<std::size_t>(index);
            EXPECT_NEAR(results[o][bar], table.number(row, "oneOfTheExpectedOutReal" + suffix),
                        0.01)
                << spec.name << " " << spec.outputs[o] << ", row " << row + 2 << ", bar " << bar;
            ++compared;
        }
    }
    EXPECT_GE(compared, tested.at_least);
}

INSTANTIATE_TEST_SUITE_P(Golden, Talib, testing::ValuesIn(talib_cases),
                         [](const auto& tested) { return std::string{tested.param.spec}; });

// ---- Series beside bars ----

enum class As { is, square_root, from_first };  // square_root: the table holds the variance

struct SeriesCase {
    const char* file;
    const char* spec;
    std::vector<double> params;
    std::size_t output;
    const char* column;
    double tolerance;
    std::size_t from = 0;  // first bar compared
    As as = As::is;        // from_first: less the first value
};

const char* const stock_file = "stock_indicators/values.csv";
const std::vector<SeriesCase> series_cases = {
    {stock_file, "sma", {20}, 0, "sma.sma", 1e-9},
    {stock_file, "ema", {20}, 0, "ema.ema", 1e-9},
    {stock_file, "wma", {14}, 0, "wma.wma", 1e-9},
    {stock_file, "rsi", {14}, 0, "rsi.rsi", 1e-9},
    {stock_file, "atr", {14}, 0, "atr.atr", 1e-9},
    {stock_file, "trange", {}, 0, "tr.tr", 1e-9},
    {stock_file, "macd", {12, 26, 9}, 0, "macd.macd", 1e-9, 150},
    {stock_file, "macd", {12, 26, 9}, 1, "macd.signal", 1e-9, 150},
    {stock_file, "macd", {12, 26, 9}, 2, "macd.histogram", 1e-9, 150},
    {stock_file, "bbands", {20, 2, 2}, 0, "bb.upperBand", 1e-9},
    {stock_file, "bbands", {20, 2, 2}, 1, "bb.sma", 1e-9},
    {stock_file, "bbands", {20, 2, 2}, 2, "bb.lowerBand", 1e-9},
    {stock_file, "stoch", {14, 3, 3}, 0, "stoch.k", 1e-9, 17},
    {stock_file, "stoch", {14, 3, 3}, 1, "stoch.d", 1e-9},
    {stock_file, "cci", {20}, 0, "cci.cci", 1e-9},
    {stock_file, "roc", {14}, 0, "roc.roc", 1e-9},
    {stock_file, "mom", {14}, 0, "roc.momentum", 1e-9},
    {stock_file, "adx", {14}, 0, "adx.adx", 1e-9, 345},
    {stock_file, "plus_di", {14}, 0, "adx.pdi", 1e-9, 285},
    {stock_file, "minus_di", {14}, 0, "adx.mdi", 1e-9, 285},
    {stock_file, "obv", {}, 0, "obv.obv", 0, 0, As::from_first},
    {stock_file, "stddev", {14, 1}, 0, "stdev.stdDev", 1e-9},

    {"lean_indicators/spy_with_indicators.txt", "sma", {14}, 0, "SMA14", 0.01},
    {"lean_indicators/spy_with_indicators.txt", "ema", {14}, 0, "EMA14", 0.01},
    {"lean_indicators/spy_with_indicators.txt", "rsi", {14}, 0, "RSI 14 Wilder", 1e-5},
    {"lean_indicators/spy_with_macd.txt", "macd", {12, 26, 9}, 0, "MACD", 1e-5},
    {"lean_indicators/spy_with_macd.txt", "macd", {12, 26, 9}, 1, "Signal", 1e-5},
    {"lean_indicators/spy_bollinger_bands.txt",
     "bbands",
     {20, 2, 2},
     0,
     "Bollinger Bands® 20 2 Top",
     1e-4},
    {"lean_indicators/spy_bollinger_bands.txt", "bbands", {20, 2, 2}, 1, "Moving Average 20", 1e-4},
    {"lean_indicators/spy_bollinger_bands.txt",
     "bbands",
     {20, 2, 2},
     2,
     "Bollinger Bands® 20 2 Bottom",
     1e-4},
    {"lean_indicators/spy_atr_wilder.txt", "atr", {14}, 0, "Average True Range 14", 1e-5, 200},
    {"lean_indicators/spy_tr.txt", "trange", {}, 0, "TR", 1e-9},
    {"lean_indicators/spy_with_stoch12k3.txt",
     "stoch",
     {12, 3, 5},
     0,
     "Stochastics 12 %K 3",
     1e-3,
     17},
    {"lean_indicators/spy_with_stoch12k3.txt", "stoch", {12, 3, 5}, 1, "%D 5", 1e-3},
    {"lean_indicators/spy_with_cci.txt", "cci", {14}, 0, "Commodity Channel Index (CCI) 14", 0.01},
    {"lean_indicators/spy_with_rocp50.txt", "roc", {50}, 0, "Rate of Change % 50", 1e-4},
    {"lean_indicators/spy_with_adx.txt", "adx", {14}, 0, "ADX 14", 1e-3, 250},
    {"lean_indicators/spy_with_adx.txt", "plus_di", {14}, 0, "+DI14", 1e-3, 250},
    {"lean_indicators/spy_with_adx.txt", "minus_di", {14}, 0, "-DI14", 1e-3, 250},
    {"lean_indicators/spy_with_obv.txt", "obv", {}, 0, "OBV", 5000},
    {"lean_indicators/spy_min.txt", "min", {5}, 0, "MIN_5", 1e-9},
    {"lean_indicators/spy_max.txt", "max", {5}, 0, "MAX_5", 1e-9},
    {"lean_indicators/spy_var.txt", "stddev", {10, 1}, 0, "Var", 1e-9, 0, As::square_root},
};

Bars bars_of(const Table& table) {
    Bars bars;
    const auto take = [&](Input input, const char* small, const char* large) {
        for (const char* name : {small, large})
            if (table.index.contains(name)) bars[input] = table.column(name);
    };
    take(Input::open, "open", "Open");
    take(Input::high, "high", "High");
    take(Input::low, "low", "Low");
    take(Input::close, "close", "Close");
    take(Input::volume, "volume", "Volume");
    bars[Input::series] = bars[Input::close];
    return bars;
}

class Series : public testing::TestWithParam<SeriesCase> {};

TEST_P(Series, AgreesWithTheTable) {
    const SeriesCase& tested = GetParam();
    const Spec& spec = *find_spec(tested.spec);
    const Table table(tested.file, ',');
    const bool stock = tested.file == std::string_view{stock_file};
    const auto results = compute(spec, tested.params,
                                 bars_of(stock ? Table("stock_indicators/bars.csv", ',') : table));
    const auto& found = results[tested.output];
    ASSERT_EQ(found.size(), table.rows.size());
    std::size_t compared = 0;
    for (std::size_t bar = tested.from; bar < found.size(); ++bar) {
        double expected = table.number(bar, tested.column);
        if (tested.as == As::square_root) expected = std::sqrt(expected);
        if (std::isnan(expected)) continue;
        const double value = tested.as == As::from_first ? found[bar] - found[0] : found[bar];
        ASSERT_NEAR(value, expected, tested.tolerance) << "bar " << bar;
        ++compared;
    }
    EXPECT_GT(compared, 150u);
}

INSTANTIATE_TEST_SUITE_P(Golden, Series, testing::ValuesIn(series_cases), [](const auto& tested) {
    return fmt::format("{}_{}_{}", tested.param.spec, tested.param.output,
                       std::string_view{tested.param.file}.substr(0, 4));
});

TEST(Golden, EachSpecNamesTheTablesThatHoldIt) {
    std::map<std::string, std::set<std::string>> held;
    for (const TalibCase& tested : talib_cases)
        held[tested.spec].insert(fmt::format("talib_regtest/{}", tested.file));
    for (const SeriesCase& tested : series_cases) held[tested.spec].insert(tested.file);
    for (const Spec* spec : all_specs()) {
        const auto& tables = held[std::string{spec->name}];
        EXPECT_EQ(spec->golden, fmt::format("{}", fmt::join(tables, ", "))) << spec->name;
    }
}

}  // namespace
}  // namespace hsl::indicators
