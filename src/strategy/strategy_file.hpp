// SPDX-License-Identifier: Apache-2.0
#pragma once

// The language: a TOML text of strategies, checked when read, becomes one graph for the whole file
// in which equal sub-expressions exist once. Grammar: docs/reference/strategy-language.md.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "indicators/catalogue.hpp"
#include "market/frame.hpp"
#include "market/named_column.hpp"
#include "market/resample.hpp"

namespace hsl::strategy {

enum class NodeKind : std::uint8_t {
    field,  // a column of the frame
    constant,
    indicator,   // spec, params; output picks one
    arithmetic,  // add subtract multiply divide negate absolute minimum maximum square_root, lag
    compare,     // less, less_equal, greater, greater_equal, equal, not_equal
    logic,       // and, or, not: Kleene
    cross,       // crosses_above, crosses_below
    panel,       // rank, zscore, top: across the lanes of one session, or of a sector in it
    resample,    // a value of weeks or months, seen on days
};
enum class Verb : std::uint8_t {
    none,
    add,
    subtract,
    multiply,
    divide,
    negate,
    absolute,
    minimum,
    maximum,
    square_root,
    lag,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    logical_and,
    logical_or,
    logical_not,
    crosses_above,
    crosses_below,
    rank,
    zscore,
    top,
    sector_rank,
    sector_mean,
    sector_zscore,
};
// What the sessions of a node are. Weeks and months are those of market::periods_of.
enum class Timeframe : std::uint8_t { day, week, month };
enum class ValueType : std::uint8_t { number, boolean };

struct Node {
    NodeKind kind{};
    Verb verb = Verb::none;
    ValueType type = ValueType::number;
    Timeframe timeframe = Timeframe::day;
    market::Field field = market::Field::close;  // kind field
    bool raw = false;                            // kind field: as traded, without adjustment
    // Index into the file's columns. Kind field: the column instead of a field of the bar; a
    // sector's panel: the column that tells the sectors.
    int column = -1;
    bool summed = false;                     // of a column: a week's value is the sum of its days
    double number = 0;                       // kind constant; lag's and top's count
    const indicators::Spec* spec = nullptr;  // kind indicator
    std::vector<double> params = {};         // kind indicator
    int output = 0;                          // kind indicator
    std::vector<int> inputs = {};            // earlier nodes
    int settling = 0;                        // bars before s0 may begin, this node and all below it
};

// Everything about one concrete set of a file: what the kernel and the report need.
struct StrategySet {
    std::string strategy;                                         // its section's name
    std::string about;                                            // a sentence
    std::vector<std::pair<std::string, double>> params;           // in the file's order
    int entry = -1;                                               // boolean nodes
    int exit = -1;                                                // -1: never
    double stop_loss = std::numeric_limits<double>::quiet_NaN();  // fractions; NaN = none
    double take_profit = std::numeric_limits<double>::quiet_NaN();
    double trailing_stop = std::numeric_limits<double>::quiet_NaN();
    int max_hold = 0;                                               // sessions; 0 = none
    double slippage_bp = std::numeric_limits<double>::quiet_NaN();  // NaN = the command's
    int slippage_ticks = -1;  // -1 = not in ticks; never beside slippage_bp
    double participation =
        std::numeric_limits<double>::quiet_NaN();  // NaN = the command's; inf = off
};

struct StrategyFile {
    std::string path;
    std::string text;
    std::vector<Node> nodes;        // inputs come before users
    std::vector<StrategySet> sets;  // in file order, grids in the order of their params
    // Named columns that the file reads: what FrameOptions::columns of its frame must be. A name of
    // the catalogue, or market::sector_column.
    std::vector<std::string> columns;
    int settling = 0;  // the longest of all sets, on days
};
// The longest of all sets on a frame that has at most so many sessions a day: weeks and months are
// longer there.
[[nodiscard]] int settling_in_bars(const StrategyFile& file, std::size_t bars_a_day);

// Errors name file, line and column and carry the line with a caret.
[[nodiscard]] Result<StrategyFile> parse_strategies(std::string_view path, std::string_view text);
[[nodiscard]] Result<StrategyFile> read_strategies(const std::string& path);

// One expression for `hsl indicators`: "macd(close,12,26,9).signal".
struct Expression {
    std::vector<Node> nodes;
    std::vector<std::string> columns;
    int root = -1;
};
[[nodiscard]] Result<Expression> parse_expression(std::string_view text);

// "fast=5 slow=40"; "" without parameters.
[[nodiscard]] std::string params_text(const StrategySet& set);

}  // namespace hsl::strategy
