// SPDX-License-Identifier: Apache-2.0
#pragma once

// An expression of the language: its text is checked once against the names that it may use, and
// becomes a list of instructions, operands before users. Each concrete set of parameters then turns
// the list into nodes of the graph, with everything that is constant worked out.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strategy/detail/graph.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::strategy {

// A mistake at a byte of an expression's text.
struct Fault {
    std::size_t at = 0;
    std::string message;
};

struct Instruction {
    enum class Kind : std::uint8_t {
        number,
        param,
        let,
        field,
        arithmetic,
        lag,
        compare,
        logic,
        cross,
        indicator,
        panel,
        resample,
    };
    Kind kind{};
    Verb verb = Verb::none;
    ValueType type = ValueType::number;
    bool constant = false;  // known before the first bar: numbers and parameters only
    bool coarse = false;    // weeks or months take part: it cannot become one itself
    Timeframe timeframe = Timeframe::day;        // kind resample
    bool raw = false;                            // kind field
    const market::ColumnSpec* column = nullptr;  // kind field: a named column
    std::string column_name = {};                // of it
    double number = 0;                           // kind number
    int index = 0;  // kinds param, let: which; kind indicator: which output
    market::Field field{};
    const indicators::Spec* spec = nullptr;
    std::vector<int> operands = {};    // earlier instructions
    std::vector<int> parameters = {};  // of an indicator, lag's and top's count: constant ones
    std::size_t first = 0, last = 0;   // its text: [first, last)
    std::size_t at = 0;                // the operator or name to point at
};

struct Code {
    std::vector<Instruction> instructions;  // the last one is the whole expression
    [[nodiscard]] const Instruction& root() const { return instructions.back(); }
};

// Names an expression may use besides fields and functions.
struct Scope {
    struct Let {
        std::string name;
        ValueType type{};
        bool constant = false;
        bool coarse = false;
    };
    std::vector<std::string> params;
    std::vector<Let> lets;                // those written so far
    std::vector<std::string> later_lets;  // to explain that only earlier ones can be used
};

[[nodiscard]] std::expected<Code, Fault> compile_expression(std::string_view text,
                                                            const Scope& scope);

// A value of one concrete set: a constant, or a node of the graph.
struct Operand {
    ValueType type = ValueType::number;
    bool constant = true;
    double number = 0;  // of a constant; a condition is 1 or 0
    int node = -1;
};
[[nodiscard]] int node_of(const Operand& operand, Graph& graph);

// values is working memory, reused between calls.
[[nodiscard]] std::expected<Operand, Fault> instantiate(const Code& code,
                                                        std::span<const double> params,
                                                        std::span<const Operand> lets, Graph& graph,
                                                        std::vector<Operand>& values);

// "" if a parameter or let may have this name, else why not.
[[nodiscard]] std::string name_objection(std::string_view name);
// a-z 0-9 _ and Korean letters; a digit first only where `digit_first`.
[[nodiscard]] bool is_identifier(std::string_view name, bool digit_first);
// "; did you mean 'sma'?" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string_view>& words);

}  // namespace hsl::strategy
