// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/expression.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "strategy/detail/arithmetic.hpp"

namespace hsl::strategy {
namespace {

constexpr int nesting_max = 200;
constexpr double lag_max = 100'000;
constexpr double top_max = 100'000;

struct Function {
    std::string_view name;
    Verb verb;
    std::string_view usage;
    int count;  // operands, a constant count included
};
constexpr Function functions[] = {
    {"crosses_above", Verb::crosses_above, "crosses_above(a, b)", 2},
    {"crosses_below", Verb::crosses_below, "crosses_below(a, b)", 2},
    {"lag", Verb::lag, "lag(x, n)", 2},
    {"abs", Verb::absolute, "abs(x)", 1},
    {"least", Verb::minimum, "least(a, b)", 2},
    {"greatest", Verb::maximum, "greatest(a, b)", 2},
    {"sqrt", Verb::square_root, "sqrt(x)", 1},
    {"rank", Verb::rank, "rank(x)", 1},
    {"zscore", Verb::zscore, "zscore(x)", 1},
    {"top", Verb::top, "top(x, n)", 2},
    {"sector_rank", Verb::sector_rank, "sector_rank(x)", 1},
    {"sector_mean", Verb::sector_mean, "sector_mean(x)", 1},
    {"sector_zscore", Verb::sector_zscore, "sector_zscore(x)", 1},
    {"weekly", Verb::none, "weekly(x)", 1},
    {"monthly", Verb::none, "monthly(x)", 1},
};
constexpr std::string_view keywords[] = {"and", "or", "not", "off"};

template <class Range, class Value, class Projection = std::identity>
bool contains(const Range& range, const Value& value, Projection projection = {}) {
    return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

const Function* find_function(std::string_view name) {
    const auto* found = std::ranges::find(functions, name, &Function::name);
    return found == std::end(functions) ? nullptr : found;
}

std::optional<market::Field> find_field(std::string_view name) {
    for (std::size_t i = 0; i < market::field_count; ++i)
        if (name == market::name_of(static_cast<market::Field>(i)))
            return static_cast<market::Field>(i);
    return std::nullopt;
}

// "raw_close": the price as it was traded.
constexpr std::string_view raw_prefix = "raw_";
std::optional<market::Field> find_raw_field(std::string_view name) {
    if (!name.starts_with(raw_prefix)) return std::nullopt;
    const auto field = find_field(name.substr(raw_prefix.size()));
    // Traded value is money: no adjustment changes it.
    return field == market::Field::value ? std::nullopt : field;
}

// Of a session alone, in a unit that adds up over a week.
bool is_amount(const market::ColumnSpec& column) {
    return !column.carried && !column.unit.empty() && column.unit != "%";
}

bool is_value(std::string_view name) {
    return find_field(name) || find_raw_field(name) || market::find_column(name) != nullptr;
}

// "macd(series, fastperiod=12, slowperiod=26, signalperiod=9)"
std::string usage_of(const indicators::Spec& spec) {
    std::string text{spec.name};
    std::string_view separator = "(";
    for (const indicators::Input input : spec.inputs)
        if (input == indicators::Input::series) {
            text += fmt::format("{}series", separator);
            separator = ", ";
        }
    for (const indicators::Param& param : spec.params) {
        text += fmt::format("{}{}={}", separator, param.name, param.standard);
        separator = ", ";
    }
    if (separator == "(") text += "(";
    return text + ")";
}

market::Field field_of(indicators::Input input) {
    switch (input) {
        case indicators::Input::open:
            return market::Field::open;
        case indicators::Input::high:
            return market::Field::high;
        case indicators::Input::low:
            return market::Field::low;
        case indicators::Input::volume:
            return market::Field::volume;
        default:
            return market::Field::close;
    }
}

std::string_view name_of(ValueType type) {
    return type == ValueType::number ? "a number" : "a condition";
}

// ---- tokens -------------------------------------------------------------------------------------

// Bytes of a Korean letter (syllables and compatibility jamo) at the head of `text`, 0 if none.
std::size_t korean_letter(std::string_view text) {
    if (text.size() < 3) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if ((byte(0) & 0xF0) != 0xE0 || (byte(1) & 0xC0) != 0x80 || (byte(2) & 0xC0) != 0x80) return 0;
    const unsigned code = (byte(0) & 15u) << 12 | (byte(1) & 63u) << 6 | (byte(2) & 63u);
    return (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0x3131 && code <= 0x318E) ? 3 : 0;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Bytes of a name at the head of `text`.
std::size_t name_length(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (const std::size_t korean = korean_letter(text.substr(at)))
            at += korean;
        else if (is_letter(text[at]) || (at > 0 && is_digit(text[at])))
            ++at;
        else
            break;
    }
    return at;
}

struct Token {
    enum class Kind : std::uint8_t { number, name, symbol, end };
    Kind kind = Kind::end;
    std::string_view text;
    std::size_t at = 0;
    double number = 0;
};

// Signs that people write and the language spells otherwise.
struct Misspelling {
    std::string_view sign;
    std::string_view meant;
};
constexpr Misspelling misspellings[] = {
    {"&&", "and"}, {"||", "or"}, {"<>", "!="}, {"**", "x * x"}, {"≤", "<="},
    {"≥", ">="},   {"≠", "!="},  {"×", "*"},   {"÷", "/"},      {"−", "-"},
    {"&", "and"},  {"|", "or"},  {"!", "not"}, {"=", "=="},     {"%", "a fraction: 0.05 for 5 %"},
};

std::expected<std::vector<Token>, Fault> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    constexpr std::string_view symbols[] = {"<=", ">=", "==", "!=", "<", ">", "+", "-",
                                            "*",  "/",  "(",  ")",  "[", "]", ",", "."};
    std::size_t at = 0;
    const auto push = [&](Token::Kind kind, std::size_t length) {
        tokens.push_back({.kind = kind, .text = text.substr(at, length), .at = at});
        at += length;
    };
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        if (std::string_view{" \t\r\n"}.contains(rest[0])) {
            ++at;
            continue;
        }
        if (is_digit(rest[0])) {
            std::size_t length = 0;
            const auto digits = [&] {
                while (length < rest.size() && is_digit(rest[length])) ++length;
            };
            digits();
            if (length + 1 < rest.size() && rest[length] == '.' && is_digit(rest[length + 1])) {
                ++length;
                digits();
            }
            if (length < rest.size() && (rest[length] | 0x20) == 'e') {
                std::size_t exponent = length + 1;
                if (exponent < rest.size() && (rest[exponent] == '+' || rest[exponent] == '-'))
                    ++exponent;
                if (exponent < rest.size() && is_digit(rest[exponent])) {
                    length = exponent;
                    digits();
                }
            }
            if (const std::size_t tail = name_length(rest.substr(length)))
                return std::unexpected(
                    Fault{at, fmt::format("'{}' is neither a number nor a name",
                                          clip(rest.substr(0, length + tail), 40))});
            double number = 0;
            const char* first = std::to_address(rest.begin());
            const auto parsed = std::from_chars(first, first + length, number);
            if (parsed.ec != std::errc{})
                return std::unexpected(Fault{at, "this number is too large or too small"});
            push(Token::Kind::number, length);
            tokens.back().number = number;
            continue;
        }
        if (const std::size_t length = name_length(rest)) {
            push(Token::Kind::name, length);
            continue;
        }
        const auto* symbol =
            std::ranges::find_if(symbols, [&](std::string_view s) { return rest.starts_with(s); });
        const auto* wrong = std::ranges::find_if(
            misspellings, [&](const Misspelling& m) { return rest.starts_with(m.sign); });
        // "**" and "<>" begin like signs of the language.
        if (wrong != std::end(misspellings) &&
            (symbol == std::end(symbols) || wrong->sign.size() > symbol->size()))
            return std::unexpected(Fault{
                at, fmt::format("'{}' is not known here; write {}", wrong->sign, wrong->meant)});
        if (symbol == std::end(symbols)) {
            std::size_t length = 1;
            while (length < rest.size() &&
                   (static_cast<unsigned char>(rest[length]) & 0xC0) == 0x80)
                ++length;
            return std::unexpected(
                Fault{at, fmt::format("unexpected character '{}'", rest.substr(0, length))});
        }
        push(Token::Kind::symbol, symbol->size());
    }
    push(Token::Kind::end, 0);
    return tokens;
}

Verb comparison_verb(std::string_view symbol) {
    if (symbol == "<") return Verb::less;
    if (symbol == "<=") return Verb::less_equal;
    if (symbol == ">") return Verb::greater;
    if (symbol == ">=") return Verb::greater_equal;
    if (symbol == "==") return Verb::equal;
    if (symbol == "!=") return Verb::not_equal;
    return Verb::none;
}

// ---- grammar ------------------------------------------------------------------------------------

// Recursive descent, loosest first: or, and, not, comparison, + -, * /, unary minus, [n], primary.
// Each function returns the instruction of what it read, or -1 once fault_ is set.
class Parser {
public:
    Parser(std::string_view text, const Scope& scope, std::vector<Token> tokens)
        : text_(text), scope_(scope), tokens_(std::move(tokens)) {}

    std::expected<Code, Fault> run() {
        if (token().kind == Token::Kind::end) {
            fail_at(0, "an empty expression");
        } else if (disjunction() >= 0 && token().kind != Token::Kind::end) {
            fail_at(token().at, fmt::format("'{}' cannot follow here", clip(token().text, 40)));
        }
        if (fault_) return std::unexpected(std::move(*fault_));
        return std::move(code_);
    }

private:
    const Token& token() const { return tokens_[next_]; }
    bool is_symbol(std::string_view symbol) const {
        return token().kind == Token::Kind::symbol && token().text == symbol;
    }
    bool is_word(std::string_view word) const {
        return token().kind == Token::Kind::name && token().text == word;
    }
    std::size_t end_of_previous() const {
        return next_ == 0 ? 0 : tokens_[next_ - 1].at + tokens_[next_ - 1].text.size();
    }
    int fail_at(std::size_t at, std::string message) {
        if (!fault_) fault_ = Fault{at, std::move(message)};
        return -1;
    }
    Instruction& code(int index) { return code_.instructions[static_cast<std::size_t>(index)]; }
    std::string quote(int index) {
        const Instruction& it = code(index);
        return clip(text_.substr(it.first, it.last - it.first), 40);
    }
    int emit(Instruction instruction) {
        if (instruction.last == 0) instruction.last = end_of_previous();
        for (const int operand : instruction.operands)
            instruction.coarse = instruction.coarse || code(operand).coarse;
        code_.instructions.push_back(std::move(instruction));
        return static_cast<int>(code_.instructions.size()) - 1;
    }
    bool require(int operand, ValueType type, std::string_view who) {
        if (code(operand).type == type) return true;
        fail_at(code(operand).first,
                fmt::format("{} takes {}; '{}' is {}", who, strategy::name_of(type), quote(operand),
                            strategy::name_of(code(operand).type)));
        return false;
    }
    bool all_constant(const std::vector<int>& operands) {
        return std::ranges::all_of(operands, [&](int i) { return code(i).constant; });
    }
    int emit_operation(Instruction::Kind kind, Verb verb, ValueType type, std::vector<int> operands,
                       std::size_t first, std::size_t at) {
        const bool constant = all_constant(operands);
        return emit({.kind = kind,
                     .verb = verb,
                     .type = type,
                     .constant = constant,
                     .operands = std::move(operands),
                     .first = first,
                     .at = at});
    }

    struct Deeper {
        explicit Deeper(int& depth) : depth_(++depth) {}
        ~Deeper() { --depth_; }
        int& depth_;
    };
    bool too_deep() {
        if (depth_ <= nesting_max) return false;
        fail_at(token().at, fmt::format("nested more than {} deep", nesting_max));
        return true;
    }

    int joined(std::string_view word, Verb verb, int (Parser::*part)()) {
        int left = (this->*part)();
        while (left >= 0 && is_word(word)) {
            const std::size_t at = token().at;
            ++next_;
            const int right = (this->*part)();
            const std::string who = fmt::format("'{}'", word);
            if (right < 0 || !require(left, ValueType::boolean, who) ||
                !require(right, ValueType::boolean, who))
                return -1;
            left = emit_operation(Instruction::Kind::logic, verb, ValueType::boolean, {left, right},
                                  code(left).first, at);
        }
        return left;
    }
    int disjunction() {
        const Deeper deeper{depth_};
        if (too_deep()) return -1;
        return joined("or", Verb::logical_or, &Parser::conjunction);
    }
    int conjunction() { return joined("and", Verb::logical_and, &Parser::negation); }
    int negation() {
        if (!is_word("not")) return comparison();
        const Deeper deeper{depth_};
        if (too_deep()) return -1;
        const std::size_t at = token().at;
        ++next_;
        const int operand = negation();
        if (operand < 0 || !require(operand, ValueType::boolean, "'not'")) return -1;
        return emit_operation(Instruction::Kind::logic, Verb::logical_not, ValueType::boolean,
                              {operand}, at, at);
    }
    int comparison() {
        const int left = sum();
        if (left < 0 || token().kind != Token::Kind::symbol) return left;
        const Token sign = token();
        const Verb verb = comparison_verb(sign.text);
        if (verb == Verb::none) return left;
        ++next_;
        const int right = sum();
        const std::string who = fmt::format("'{}'", sign.text);
        if (right < 0 || !require(left, ValueType::number, who) ||
            !require(right, ValueType::number, who))
            return -1;
        if (token().kind == Token::Kind::symbol && comparison_verb(token().text) != Verb::none)
            return fail_at(
                token().at,
                fmt::format("comparisons do not chain; write '{} {} {} and {} {} ...'", quote(left),
                            sign.text, quote(right), quote(right), token().text));
        return emit_operation(Instruction::Kind::compare, verb, ValueType::boolean, {left, right},
                              code(left).first, sign.at);
    }

    int arithmetic(std::string_view one, Verb one_verb, std::string_view other, Verb other_verb,
                   int (Parser::*part)()) {
        int left = (this->*part)();
        while (left >= 0 && (is_symbol(one) || is_symbol(other))) {
            const Token sign = token();
            ++next_;
            const int right = (this->*part)();
            const std::string who = fmt::format("'{}'", sign.text);
            if (right < 0 || !require(left, ValueType::number, who) ||
                !require(right, ValueType::number, who))
                return -1;
            left = emit_operation(Instruction::Kind::arithmetic,
                                  sign.text == one ? one_verb : other_verb, ValueType::number,
                                  {left, right}, code(left).first, sign.at);
        }
        return left;
    }
    int sum() { return arithmetic("+", Verb::add, "-", Verb::subtract, &Parser::product); }
    int product() {
        return arithmetic("*", Verb::multiply, "/", Verb::divide, &Parser::signed_part);
    }
    int signed_part() {
        if (!is_symbol("-")) return indexed();
        const Deeper deeper{depth_};
        if (too_deep()) return -1;
        const std::size_t at = token().at;
        ++next_;
        const int operand = signed_part();
        if (operand < 0 || !require(operand, ValueType::number, "'-'")) return -1;
        return emit_operation(Instruction::Kind::arithmetic, Verb::negate, ValueType::number,
                              {operand}, at, at);
    }
    int indexed() {
        int base = primary();
        while (base >= 0) {
            const std::size_t at = token().at;
            if (is_symbol("[")) {
                ++next_;
                const int count = disjunction();
                if (count < 0) return -1;
                if (!is_symbol("]")) return fail_at(token().at, "']' is missing");
                ++next_;
                base = lagged(base, count, at, code(base).first);
            } else if (is_symbol(".")) {
                return fail_at(at,
                               "'.' picks an output and must follow an indicator: "
                               "macd(close).signal");
            } else {
                break;
            }
        }
        return base;
    }

    int lagged(int series, int count, std::size_t at, std::size_t first) {
        if (code(series).constant)
            return fail_at(
                code(series).first,
                fmt::format("lag takes what changes over time; '{}' is a constant", quote(series)));
        if (!constant_number(count, "the count of lag")) return -1;
        return emit({.kind = Instruction::Kind::lag,
                     .verb = Verb::lag,
                     .type = code(series).type,
                     .operands = {series},
                     .parameters = {count},
                     .first = first,
                     .at = at});
    }
    bool constant_number(int operand, std::string_view what) {
        if (!require(operand, ValueType::number, what)) return false;
        if (code(operand).constant) return true;
        fail_at(code(operand).first,
                fmt::format("{} must be a number or a parameter, known before the first bar; "
                            "'{}' changes over time",
                            what, quote(operand)));
        return false;
    }

    int primary() {
        const Token head = token();
        if (head.kind == Token::Kind::number) {
            ++next_;
            return emit({.kind = Instruction::Kind::number,
                         .constant = true,
                         .number = head.number,
                         .first = head.at,
                         .at = head.at});
        }
        if (head.kind == Token::Kind::name) {
            if (contains(keywords, head.text))
                return fail_at(head.at, fmt::format("a value is missing before '{}'", head.text));
            ++next_;
            return is_symbol("(") ? call(head) : named(head);
        }
        if (is_symbol("(")) {
            ++next_;
            const int inner = disjunction();
            if (inner < 0) return -1;
            if (!is_symbol(")")) return fail_at(token().at, "')' is missing");
            ++next_;
            code(inner).first = head.at;
            code(inner).last = end_of_previous();
            return inner;
        }
        if (head.kind == Token::Kind::end)
            return fail_at(end_of_previous(), "the expression ends where a value should be");
        return fail_at(head.at, fmt::format("a value is missing before '{}'", head.text));
    }

    int named(const Token& name) {
        Instruction it{.first = name.at, .at = name.at};
        if (const auto field = find_field(name.text)) {
            it.kind = Instruction::Kind::field;
            it.field = *field;
            return emit(std::move(it));
        }
        if (const auto field = find_raw_field(name.text)) {
            it.kind = Instruction::Kind::field;
            it.field = *field;
            it.raw = true;
            return emit(std::move(it));
        }
        if (const auto param = std::ranges::find(scope_.params, name.text);
            param != scope_.params.end()) {
            it.kind = Instruction::Kind::param;
            it.constant = true;
            it.index = static_cast<int>(param - scope_.params.begin());
            return emit(std::move(it));
        }
        if (const auto let = std::ranges::find(scope_.lets, name.text, &Scope::Let::name);
            let != scope_.lets.end()) {
            it.kind = Instruction::Kind::let;
            it.type = let->type;
            it.constant = let->constant;
            it.coarse = let->coarse;
            it.index = static_cast<int>(let - scope_.lets.begin());
            return emit(std::move(it));
        }
        if (const market::ColumnSpec* column = market::find_column(name.text)) {
            it.kind = Instruction::Kind::field;
            it.column = column;
            it.column_name = std::string{name.text};
            return emit(std::move(it));
        }
        return unknown_name(name);
    }
    int unknown_name(const Token& name) {
        if (const auto* spec = indicators::find_spec(name.text))
            return fail_at(name.at,
                           fmt::format("'{}' is a function; write {}", name.text, usage_of(*spec)));
        if (const auto* function = find_function(name.text))
            return fail_at(name.at,
                           fmt::format("'{}' is a function; write {}", name.text, function->usage));
        if (contains(scope_.later_lets, name.text))
            return fail_at(name.at, fmt::format("'{}' is defined by this let or a later one; a let "
                                                "may use only earlier ones",
                                                name.text));
        std::vector<std::string_view> words(scope_.params.begin(), scope_.params.end());
        for (const Scope::Let& let : scope_.lets) words.push_back(let.name);
        for (std::size_t i = 0; i < market::field_count; ++i)
            words.push_back(market::name_of(static_cast<market::Field>(i)));
        for (const market::ColumnSpec& column : market::column_specs())
            words.push_back(column.name);
        words.insert(words.end(), std::begin(keywords), std::end(keywords) - 1);
        for (const auto* spec : indicators::all_specs()) words.push_back(spec->name);
        for (const Function& function : functions) words.push_back(function.name);
        return fail_at(name.at, fmt::format("unknown name '{}'{}", clip(name.text, 40),
                                            did_you_mean(name.text, words)));
    }

    int call(const Token& name) {
        std::vector<int> arguments;
        ++next_;
        if (is_symbol(")")) {
            ++next_;
        } else {
            while (true) {
                const int argument = disjunction();
                if (argument < 0) return -1;
                arguments.push_back(argument);
                if (is_symbol(",")) {
                    ++next_;
                } else if (is_symbol(")")) {
                    ++next_;
                    break;
                } else {
                    return fail_at(token().at,
                                   fmt::format("',' or ')' is missing in the call of {}",
                                               clip(name.text, 40)));
                }
            }
        }
        if (const auto* spec = indicators::find_spec(name.text))
            return indicator(name, *spec, std::move(arguments));
        if (const auto* function = find_function(name.text))
            return function_call(name, *function, std::move(arguments));
        if (is_value(name.text) || contains(scope_.params, name.text) ||
            contains(scope_.lets, name.text, &Scope::Let::name))
            return fail_at(name.at, fmt::format("'{}' is a value, not a function; {}[n] is its "
                                                "value n sessions before",
                                                name.text, name.text));
        std::vector<std::string_view> words;
        for (const auto* spec : indicators::all_specs()) words.push_back(spec->name);
        for (const Function& function : functions) words.push_back(function.name);
        return fail_at(name.at, fmt::format("unknown function '{}'{}", clip(name.text, 40),
                                            did_you_mean(name.text, words)));
    }

    int indicator(const Token& name, const indicators::Spec& spec, std::vector<int> arguments) {
        const auto series =
            static_cast<std::size_t>(std::ranges::count(spec.inputs, indicators::Input::series));
        const std::string usage = usage_of(spec);
        if (arguments.size() < series || (series > 0 && code(arguments[0]).constant))
            return fail_at(
                arguments.empty() ? name.at : code(arguments[0]).first,
                fmt::format("{} takes a series first, such as close: {}", spec.name, usage));
        if (series == 0 && !arguments.empty() && !code(arguments[0]).constant)
            return fail_at(
                code(arguments[0]).first,
                fmt::format("{} reads the whole bar and takes no series: {}", spec.name, usage));
        if (arguments.size() > series + spec.params.size())
            return fail_at(code(arguments[series + spec.params.size()]).first,
                           fmt::format("too many arguments: {}", usage));

        Instruction it{.kind = Instruction::Kind::indicator, .first = name.at, .at = name.at};
        it.spec = &spec;
        std::size_t used = 0;
        for (const indicators::Input input : spec.inputs) {
            if (input != indicators::Input::series) {
                it.operands.push_back(emit({.kind = Instruction::Kind::field,
                                            .field = field_of(input),
                                            .first = name.at,
                                            .at = name.at}));
                continue;
            }
            const int argument = arguments[used++];
            if (!require(argument, ValueType::number, spec.name)) return -1;
            if (code(argument).constant)
                return fail_at(code(argument).first,
                               fmt::format("{} takes a series here; '{}' is a constant", spec.name,
                                           quote(argument)));
            it.operands.push_back(argument);
        }
        for (std::size_t p = 0; p < spec.params.size(); ++p) {
            if (series + p < arguments.size()) {
                const int argument = arguments[series + p];
                if (!constant_number(argument,
                                     fmt::format("{} of {}", spec.params[p].name, spec.name)))
                    return -1;
                it.parameters.push_back(argument);
            } else {
                it.parameters.push_back(emit({.kind = Instruction::Kind::number,
                                              .constant = true,
                                              .number = spec.params[p].standard,
                                              .first = name.at,
                                              .at = name.at}));
            }
        }
        if (is_symbol(".")) {
            ++next_;
            const Token output = token();
            const auto found = output.kind == Token::Kind::name
                                   ? std::ranges::find(spec.outputs, output.text)
                                   : spec.outputs.end();
            if (found == spec.outputs.end()) {
                const std::vector<std::string_view> words(spec.outputs.begin(), spec.outputs.end());
                return fail_at(output.at, fmt::format("{} has no output '{}', only {}{}", spec.name,
                                                      clip(output.text, 40), fmt::join(words, ", "),
                                                      did_you_mean(output.text, words)));
            }
            it.index = static_cast<int>(found - spec.outputs.begin());
            ++next_;
        }
        return emit(std::move(it));
    }

    int function_call(const Token& name, const Function& function, std::vector<int> arguments) {
        if (arguments.size() != static_cast<std::size_t>(function.count))
            return fail_at(name.at, fmt::format("{} takes {}, not {}: {}", function.name,
                                                counted(function.count, "value"), arguments.size(),
                                                function.usage));
        if (function.verb == Verb::lag) return lagged(arguments[0], arguments[1], name.at, name.at);
        if (function.verb == Verb::none) return coarser(name, arguments[0]);

        const bool ranks = function.verb == Verb::top;
        if (ranks && !constant_number(arguments[1], "the count of top")) return -1;
        for (const int argument : arguments)
            if (!require(argument, ValueType::number, function.name)) return -1;
        Instruction it{
            .verb = function.verb, .operands = arguments, .first = name.at, .at = name.at};
        switch (function.verb) {
            case Verb::crosses_above:
            case Verb::crosses_below:
                it.kind = Instruction::Kind::cross;
                it.type = ValueType::boolean;
                break;
            case Verb::rank:
            case Verb::zscore:
            case Verb::sector_rank:
            case Verb::sector_mean:
            case Verb::sector_zscore:
                it.kind = Instruction::Kind::panel;
                break;
            case Verb::top:
                it.kind = Instruction::Kind::panel;
                it.type = ValueType::boolean;
                it.parameters = {arguments[1]};
                it.operands = {arguments[0]};
                break;
            default:
                it.kind = Instruction::Kind::arithmetic;
                it.constant = all_constant(arguments);
        }
        if (it.kind != Instruction::Kind::arithmetic && all_constant(it.operands))
            return fail_at(code(arguments[0]).first,
                           fmt::format("{} takes what changes over time; '{}' is a constant",
                                       function.name, quote(arguments[0])));
        return emit(std::move(it));
    }

    // weekly(x), monthly(x).
    int coarser(const Token& name, int operand) {
        if (code(operand).constant)
            return fail_at(code(operand).first,
                           fmt::format("{} takes what changes over time; '{}' is a constant",
                                       name.text, quote(operand)));
        if (code(operand).coarse)
            return fail_at(name.at,
                           fmt::format("{} cannot hold weekly or monthly values again: '{}' has "
                                       "some; take them apart, outside of it",
                                       name.text, quote(operand)));
        return emit({.kind = Instruction::Kind::resample,
                     .type = code(operand).type,
                     .coarse = true,
                     .timeframe = name.text == "weekly" ? Timeframe::week : Timeframe::month,
                     .operands = {operand},
                     .first = name.at,
                     .at = name.at});
    }

    std::string_view text_;
    const Scope& scope_;
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    int depth_ = 0;
    Code code_;
    std::optional<Fault> fault_;
};

// ---- one concrete set ---------------------------------------------------------------------------

// A constant in one operand decides and/or, or leaves the other one.
std::optional<Operand> folded_logic(Verb verb, const Operand& left, const Operand& right) {
    for (const auto& [fixed, other] : {std::pair{left, right}, std::pair{right, left}}) {
        if (!fixed.constant) continue;
        const bool truth = fixed.number != 0;
        return truth == (verb == Verb::logical_or) ? fixed : other;
    }
    return std::nullopt;
}

std::expected<double, Fault> checked_count(const Instruction& parameter, double count, double first,
                                           double last, std::string_view what) {
    if (count >= first && count <= last && count == std::floor(count)) return count;
    if (what == "lag" && count < 0)
        return std::unexpected(
            Fault{parameter.first, fmt::format("lag by {} would read the future", count)});
    return std::unexpected(
        Fault{parameter.first, fmt::format("the count of {} is {}; it must be a whole number from "
                                           "{} to {}",
                                           what, count, first, last)});
}

}  // namespace

std::expected<Code, Fault> compile_expression(std::string_view text, const Scope& scope) {
    auto tokens = tokens_of(text);
    if (!tokens) return std::unexpected(std::move(tokens).error());
    return Parser{text, scope, std::move(*tokens)}.run();
}

int node_of(const Operand& operand, Graph& graph) {
    return operand.constant ? graph.add_constant(operand.number, operand.type) : operand.node;
}

std::expected<Operand, Fault> instantiate(const Code& code, std::span<const double> params,
                                          std::span<const Operand> lets, Graph& graph,
                                          std::vector<Operand>& values) {
    values.clear();
    const auto value = [&](int index) -> const Operand& {
        return values[static_cast<std::size_t>(index)];
    };
    const auto nodes_of = [&](const std::vector<int>& operands) {
        std::vector<int> nodes;
        nodes.reserve(operands.size());
        for (const int operand : operands) nodes.push_back(node_of(value(operand), graph));
        return nodes;
    };
    for (const Instruction& it : code.instructions) {
        Operand result{.type = it.type};
        const auto add_node = [&](NodeKind kind, Node node) {
            node.kind = kind;
            node.verb = it.verb;
            node.type = it.type;
            node.inputs = nodes_of(it.operands);
            result.constant = false;
            result.node = graph.add(std::move(node));
        };
        switch (it.kind) {
            case Instruction::Kind::number:
                result.number = it.number;
                break;
            case Instruction::Kind::param:
                result.number = params[static_cast<std::size_t>(it.index)];
                break;
            case Instruction::Kind::let:
                result = lets[static_cast<std::size_t>(it.index)];
                break;
            case Instruction::Kind::field:
                if (it.column == nullptr)
                    add_node(NodeKind::field, {.field = it.field, .raw = it.raw});
                else
                    add_node(NodeKind::field, {.column = graph.column(it.column_name),
                                               .summed = is_amount(*it.column)});
                break;
            case Instruction::Kind::resample: {
                const Operand& inner = value(it.operands[0]);
                if (inner.constant) {  // a let that became one by folding
                    result = inner;
                    break;
                }
                result.constant = false;
                result.node = graph.add({.kind = NodeKind::resample,
                                         .type = it.type,
                                         .inputs = {graph.add_in(it.timeframe, inner.node)}});
                break;
            }
            case Instruction::Kind::arithmetic: {
                if (!std::ranges::all_of(it.operands, [&](int i) { return value(i).constant; })) {
                    add_node(NodeKind::arithmetic, {});
                    break;
                }
                const double a = value(it.operands.front()).number;
                const double b = value(it.operands.back()).number;
                result.number = arithmetic_of(it.verb, a, b);
                if (std::isnan(result.number))
                    return std::unexpected(
                        Fault{it.at, is_unary(it.verb)
                                         ? fmt::format("this has no value at {}", a)
                                         : fmt::format("this has no value at {} and {}", a, b)});
                break;
            }
            case Instruction::Kind::lag: {
                const int parameter = it.parameters[0];
                const auto count =
                    checked_count(code.instructions[static_cast<std::size_t>(parameter)],
                                  value(parameter).number, 0, lag_max, "lag");
                if (!count) return std::unexpected(count.error());
                // A let may have become constant by folding.
                if (*count == 0 || value(it.operands[0]).constant) {
                    result = value(it.operands[0]);
                } else {
                    add_node(it.type == ValueType::number ? NodeKind::arithmetic : NodeKind::logic,
                             {.number = *count});
                }
                break;
            }
            case Instruction::Kind::compare: {
                const Operand& left = value(it.operands[0]);
                const Operand& right = value(it.operands[1]);
                if (left.constant && right.constant)
                    result.number = comparison_of(it.verb, left.number, right.number);
                else
                    add_node(NodeKind::compare, {});
                break;
            }
            case Instruction::Kind::logic: {
                const Operand& left = value(it.operands.front());
                const Operand& right = value(it.operands.back());
                if (it.verb == Verb::logical_not) {
                    if (left.constant)
                        result.number = left.number == 0 ? 1 : 0;
                    else
                        add_node(NodeKind::logic, {});
                } else if (const auto folded = folded_logic(it.verb, left, right)) {
                    result = *folded;
                } else {
                    add_node(NodeKind::logic, {});
                }
                break;
            }
            case Instruction::Kind::cross:
                add_node(NodeKind::cross, {});
                break;
            case Instruction::Kind::panel: {
                Node node;
                if (it.verb == Verb::top) {
                    const int parameter = it.parameters[0];
                    const auto count =
                        checked_count(code.instructions[static_cast<std::size_t>(parameter)],
                                      value(parameter).number, 1, top_max, "top");
                    if (!count) return std::unexpected(count.error());
                    node.number = *count;
                }
                if (is_of_sector(it.verb)) node.column = graph.column(market::sector_column);
                add_node(NodeKind::panel, std::move(node));
                break;
            }
            case Instruction::Kind::indicator: {
                Node node{.spec = it.spec, .output = it.index};
                for (std::size_t p = 0; p < it.parameters.size(); ++p) {
                    const indicators::Param& param = it.spec->params[p];
                    const double held = value(it.parameters[p]).number;
                    const bool whole = !param.whole || held == std::floor(held);
                    if (!(held >= param.first && held <= param.last) || !whole)
                        return std::unexpected(Fault{
                            code.instructions[static_cast<std::size_t>(it.parameters[p])].first,
                            fmt::format("{} of {} is {}; it must be {} from {} to {}", param.name,
                                        it.spec->name, held,
                                        param.whole ? "a whole number" : "a number", param.first,
                                        param.last)});
                    node.params.push_back(held);
                }
                add_node(NodeKind::indicator, std::move(node));
                break;
            }
        }
        values.push_back(result);
    }
    return values.back();
}

std::string name_objection(std::string_view name) {
    if (!is_identifier(name, false))
        return fmt::format("the name '{}' may hold a-z, 0-9, _ and Korean letters, a letter first",
                           clip(name, 40));
    if (find_field(name) || find_raw_field(name))
        return fmt::format("'{}' is a field of the bar", name);
    if (market::find_column(name) != nullptr)
        return fmt::format("'{}' is a column of the market", name);
    if (contains(keywords, name)) return fmt::format("'{}' is a word of the language", name);
    if (find_function(name) != nullptr || indicators::find_spec(name) != nullptr)
        return fmt::format("'{}' is a function", name);
    return {};
}

bool is_identifier(std::string_view name, bool digit_first) {
    if (name.empty() || (is_digit(name[0]) && !digit_first)) return false;
    for (std::size_t at = 0; at < name.size();) {
        if (const std::size_t korean = korean_letter(name.substr(at))) {
            at += korean;
            continue;
        }
        const char c = name[at++];
        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '_') return false;
    }
    return true;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words) {
    if (word.size() > 60) return {};
    const std::string near = nearest_word(lower(word), words.data(), words.size());
    return near.empty() ? std::string{} : fmt::format("; did you mean '{}'?", near);
}

}  // namespace hsl::strategy
