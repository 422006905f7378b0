// SPDX-License-Identifier: Apache-2.0
#include "strategy/strategy_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "strategy/detail/expression.hpp"
#include "strategy/detail/graph.hpp"
#include "strategy/detail/source_text.hpp"
#include "strategy/detail/toml_document.hpp"

namespace hsl::strategy {
namespace {

constexpr std::size_t file_bytes_max = 1'000'000;
constexpr std::size_t sets_max = 100'000;
constexpr std::size_t grid_max = 1'000'000;   // combinations of one strategy, before `where`
constexpr std::size_t work_max = 10'000'000;  // parts of expressions times combinations, a file
constexpr std::size_t nodes_max = 1'000'000;
constexpr double grid_tolerance = 1e-9;       // of a step
constexpr double whole_numbers_max = 0x1p53;  // beyond it a double skips whole numbers

constexpr std::string_view keys[] = {
    "about",          "params",      "let",           "where",    "entry",       "exit",
    "stop_loss",      "take_profit", "trailing_stop", "max_hold", "slippage_bp", "participation",
    "slippage_ticks",
};

// The keys whose value is a number or a parameter's name, and what they may hold.
struct NumberKey {
    std::string_view name;
    std::string_view range;  // for the message
    bool (*allowed)(double);
};
constexpr NumberKey number_keys[] = {
    {"stop_loss", "a fraction above 0 and below 1 (0.08 for 8 %)",
     [](double v) { return v > 0 && v < 1; }},
    {"take_profit", "a fraction above 0, at most 100 (0.2 for 20 %)",
     [](double v) { return v > 0 && v <= 100; }},
    {"trailing_stop", "a fraction above 0 and below 1 (0.08 for 8 %)",
     [](double v) { return v > 0 && v < 1; }},
    {"max_hold", "a whole number of sessions from 1 to 100000",
     [](double v) { return v >= 1 && v <= 100'000 && v == std::floor(v); }},
    {"slippage_bp", "basis points from 0 to 3000, at most two decimals",
     [](double v) {
         return v >= 0 && v <= 3000 && std::fabs(v * 100 - std::round(v * 100)) < 1e-6;
     }},
    {"participation", "a fraction above 0, at most 1, or \"off\"",
     [](double v) { return v > 0 && (v <= 1 || std::isinf(v)); }},
    {"slippage_ticks", "a whole number of ticks from 0 to 100",
     [](double v) { return v >= 0 && v <= 100 && v == std::floor(v); }},
};
constexpr std::size_t number_key_count = std::size(number_keys);

struct Grid {
    std::string name;
    std::size_t offset = 0;
    std::vector<double> values = {};
};

struct Formula {
    const TomlValue* source = nullptr;
    Code code;
};

struct LetFormula {
    std::string name;
    Formula formula;
    bool used = false;
};

struct NumberValue {
    const TomlValue* source = nullptr;  // nullptr: the key is absent
    double number = 0;
    int param = -1;
};

struct Section {
    std::string name;
    std::size_t offset = 0;
    std::string about = {};
    std::vector<Grid> grids = {};
    std::vector<LetFormula> lets = {};
    std::optional<Formula> where = {}, entry = {}, exit = {};
    std::array<NumberValue, number_key_count> numbers = {};
};

// A set's identity: equal in all of this means the same trades.
struct Identity {
    int entry, exit;
    std::array<std::uint64_t, number_key_count> numbers;
    friend bool operator==(const Identity&, const Identity&) = default;
};
struct IdentityHash {
    std::size_t operator()(const Identity& identity) const {
        std::uint64_t hash = static_cast<std::uint64_t>(identity.entry) << 32 ^
                             static_cast<std::uint32_t>(identity.exit);
        for (const std::uint64_t bits : identity.numbers) {
            hash = (hash ^ bits) * 0x9E3779B97F4A7C15ull;
            hash ^= hash >> 29;
        }
        return static_cast<std::size_t>(hash);
    }
};

// 0.1 + 2 x 0.1 is meant as 0.3: a value is rounded to 12 digits where that moves it by less than
// the grid's tolerance.
double tidy(double value, double step) {
    const std::string text = fmt::format("{:.12g}", value);
    const double rounded = std::strtod(text.c_str(), nullptr);
    return std::fabs(rounded - value) <= grid_tolerance * std::fabs(step) ? rounded : value;
}

class FileReader {
public:
    FileReader(std::string_view path, std::string_view text) : source_(path, text) {
        file_.path = std::string{path};
        file_.text = std::string{text};
    }

    Result<StrategyFile> run() {
        HSL_TRY(document_, parse_toml(source_));
        if (document_.entries.empty())
            return error(0, "no strategies here: a section such as [golden_cross] is one");
        for (const TomlEntry& entry : document_.entries) {
            HSL_TRY(const Section section, read_section(entry));
            HSL_CHECK(add_sets(section));
        }
        file_.nodes = graph_.take();
        file_.columns = graph_.take_columns();
        return std::move(file_);
    }

private:
    std::unexpected<Error> error(std::size_t offset, std::string message) const {
        return std::unexpected(source_.error_at(offset, std::move(message)));
    }
    std::unexpected<Error> error(const TomlValue& text, const Fault& fault,
                                 std::string_view suffix = {}) const {
        const std::size_t at = std::min(fault.at, text.origin.size() - 1);
        return error(text.origin[at], fault.message + std::string{suffix});
    }

    Result<Section> read_section(const TomlEntry& entry) const {
        Section section{.name = entry.key, .offset = entry.offset};
        if (!is_identifier(entry.key, true))
            return error(entry.offset,
                         "a strategy's name may hold a-z, 0-9, _ and, in quotes, Korean letters");
        if (entry.value.kind != TomlValue::Kind::table)
            return error(entry.offset,
                         fmt::format("'{}' is {}; a strategy is a section: [{}] and its keys below",
                                     entry.key, name_of(entry.value.kind), entry.key));
        const auto value_of = [&](std::string_view key) -> const TomlValue* {
            const auto found = std::ranges::find(entry.value.entries, key, &TomlEntry::key);
            return found == entry.value.entries.end() ? nullptr : &found->value;
        };
        for (const TomlEntry& held : entry.value.entries)
            if (std::ranges::find(keys, held.key) == std::end(keys))
                return error(
                    held.offset,
                    fmt::format("unknown key '{}'{}", clip(held.key, 40),
                                did_you_mean(held.key, {std::begin(keys), std::end(keys)})));

        if (const TomlValue* about = value_of("about")) {
            HSL_CHECK(require(*about, TomlValue::Kind::text, "about", "a sentence in quotes"));
            section.about = about->text;
        }
        Scope scope;
        if (const TomlValue* params = value_of("params")) {
            HSL_CHECK(require(*params, TomlValue::Kind::table, "params",
                              "a table: { fast = [5, 10], slow = 40 }"));
            for (const TomlEntry& param : params->entries) {
                HSL_TRY(Grid grid, read_grid(param));
                scope.params.push_back(grid.name);
                section.grids.push_back(std::move(grid));
            }
        }
        if (const TomlValue* lets = value_of("let")) {
            HSL_CHECK(require(*lets, TomlValue::Kind::table, "let",
                              "a table: { trend = \"sma(close, 200)\" }"));
            for (const TomlEntry& let : lets->entries) scope.later_lets.push_back(let.key);
            for (const TomlEntry& let : lets->entries) {
                HSL_CHECK(check_name(let));
                if (std::ranges::find(scope.params, let.key) != scope.params.end())
                    return error(let.offset, fmt::format("'{}' is a parameter already", let.key));
                HSL_TRY(Formula formula, read_formula(let.value, let.key, scope, std::nullopt));
                scope.lets.push_back({.name = let.key,
                                      .type = formula.code.root().type,
                                      .constant = formula.code.root().constant,
                                      .coarse = formula.code.root().coarse});
                scope.later_lets.erase(scope.later_lets.begin());
                section.lets.push_back({.name = let.key, .formula = std::move(formula)});
            }
        }
        const auto condition = [&](std::string_view key,
                                   std::optional<Formula>& into) -> Result<void> {
            const TomlValue* text = value_of(key);
            if (text == nullptr) return {};
            HSL_TRY(into, read_formula(*text, key, scope, ValueType::boolean));
            return {};
        };
        HSL_CHECK(condition("where", section.where));
        HSL_CHECK(condition("entry", section.entry));
        HSL_CHECK(condition("exit", section.exit));
        if (!section.entry)
            return error(entry.offset, fmt::format("strategy '{}' has no entry", entry.key));
        if (section.where) {
            const auto& instructions = section.where->code.instructions;
            const auto wrong = std::ranges::find_if(instructions, [](const Instruction& it) {
                return !it.constant || it.kind == Instruction::Kind::let;
            });
            if (wrong != instructions.end())
                return error(*section.where->source,
                             Fault{wrong->first,
                                   "where filters the grid before anything else is read: it may "
                                   "use numbers and parameters only"});
        }
        for (std::size_t k = 0; k < number_key_count; ++k)
            if (const TomlValue* value = value_of(number_keys[k].name)) {
                HSL_TRY(section.numbers[k], read_number(number_keys[k], *value, section.grids));
            }
        if (section.numbers[4].source != nullptr && section.numbers[6].source != nullptr)
            return error(section.numbers[6].source->offset,
                         "slippage is in basis points or in ticks, not in both");
        HSL_CHECK(mark_used(section));
        return section;
    }

    Result<void> require(const TomlValue& value, TomlValue::Kind kind, std::string_view key,
                         std::string_view wanted) const {
        if (value.kind == kind) return {};
        return error(value.offset,
                     fmt::format("{} must be {}, not {}", key, wanted, name_of(value.kind)));
    }

    Result<void> check_name(const TomlEntry& entry) const {
        if (std::string objection = name_objection(entry.key); !objection.empty())
            return error(entry.offset, std::move(objection));
        return {};
    }

    Result<double> read_finite(const TomlValue& value, std::string_view what) const {
        if (value.kind != TomlValue::Kind::number)
            return error(value.offset,
                         fmt::format("{} must be a number, not {}", what, name_of(value.kind)));
        if (!(std::fabs(value.number) <= whole_numbers_max))
            return error(value.offset, fmt::format("{} must be a number within +-2^53", what));
        return value.number + 0.0;  // -0.0 becomes 0.0
    }

    Result<Grid> read_grid(const TomlEntry& entry) const {
        HSL_CHECK(check_name(entry));
        Grid grid{.name = entry.key, .offset = entry.offset};
        const TomlValue& value = entry.value;
        if (value.kind == TomlValue::Kind::array) {
            if (value.items.empty())
                return error(value.offset, fmt::format("parameter '{}' has no values", entry.key));
            for (const TomlValue& item : value.items) {
                HSL_TRY(const double number, read_finite(item, entry.key));
                grid.values.push_back(number);
            }
        } else if (value.kind == TomlValue::Kind::table) {
            HSL_TRY(grid.values, read_range(entry));
        } else if (value.kind == TomlValue::Kind::number) {
            HSL_TRY(const double number, read_finite(value, entry.key));
            grid.values.push_back(number);
        } else {
            return error(value.offset,
                         fmt::format("parameter '{}' must be a number, a list [5, 10] or "
                                     "{{ from = 5, to = 50, step = 5 }}, not {}",
                                     entry.key, name_of(value.kind)));
        }
        if (grid.values.size() > sets_max)
            return error(value.offset, fmt::format("parameter '{}' has {} values; at most {}",
                                                   entry.key, grid.values.size(), sets_max));
        std::vector<double> sorted = grid.values;
        std::ranges::sort(sorted);
        if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
            return error(value.offset,
                         fmt::format("parameter '{}' holds {} twice", entry.key, *twice));
        return grid;
    }

    Result<std::vector<double>> read_range(const TomlEntry& entry) const {
        constexpr std::string_view parts[] = {"from", "to", "step"};
        double held[3] = {};
        for (const TomlEntry& part : entry.value.entries)
            if (std::ranges::find(parts, part.key) == std::end(parts))
                return error(
                    part.offset,
                    fmt::format("unknown key '{}' in a grid, which holds from, to and step",
                                clip(part.key, 40)));
        const TomlValue* step_value = nullptr;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto found = std::ranges::find(entry.value.entries, parts[i], &TomlEntry::key);
            if (found == entry.value.entries.end())
                return error(entry.value.offset,
                             fmt::format("the grid of '{}' has no '{}'", entry.key, parts[i]));
            HSL_TRY(held[i], read_finite(found->value, parts[i]));
            step_value = &found->value;
        }
        const auto [from, to, step] = held;
        if (step == 0) return error(step_value->offset, "a step of 0 never arrives");
        if (from != to && (step > 0) != (to > from))
            return error(step_value->offset,
                         fmt::format("a step of {} leads away from {} to {}", step, from, to));
        const double steps = std::floor((to - from) / step + grid_tolerance);
        if (!(steps < static_cast<double>(sets_max)))
            return error(step_value->offset, fmt::format("parameter '{}' has more than {} values",
                                                         entry.key, sets_max));
        std::vector<double> values;
        for (int i = 0; i <= static_cast<int>(steps); ++i) {
            const double value = from + i * step;
            values.push_back(
                std::fabs(value - to) <= grid_tolerance * std::fabs(step) ? to : tidy(value, step));
        }
        return values;
    }

    Result<Formula> read_formula(const TomlValue& value, std::string_view key, const Scope& scope,
                                 std::optional<ValueType> wanted) const {
        HSL_CHECK(require(value, TomlValue::Kind::text, key, "an expression in quotes"));
        auto code = compile_expression(value.text, scope);
        if (!code) return error(value, code.error());
        if (wanted && code->root().type != *wanted)
            return error(value, Fault{code->root().first,
                                      fmt::format("{} must be a condition, which is true or false; "
                                                  "this is a number",
                                                  key)});
        return Formula{&value, std::move(*code)};
    }

    Result<NumberValue> read_number(const NumberKey& key, const TomlValue& value,
                                    const std::vector<Grid>& grids) const {
        NumberValue number{.source = &value};
        if (value.kind == TomlValue::Kind::number) {
            number.number = value.number;
        } else if (key.name == "participation" && value.kind == TomlValue::Kind::text &&
                   value.text == "off") {
            number.number = std::numeric_limits<double>::infinity();
            return number;
        } else if (value.kind == TomlValue::Kind::text) {
            const auto grid = std::ranges::find(grids, value.text, &Grid::name);
            if (grid == grids.end()) {
                std::vector<std::string_view> words;
                words.reserve(grids.size());
                for (const Grid& known : grids) words.push_back(known.name);
                return error(
                    value.offset,
                    fmt::format("{} takes a number or a parameter's name; '{}' is no "
                                "parameter{}",
                                key.name, clip(value.text, 40), did_you_mean(value.text, words)));
            }
            number.param = static_cast<int>(grid - grids.begin());
            for (const double held : grid->values)
                if (!key.allowed(held) || std::isinf(held))
                    return error(value.offset, fmt::format("{} must be {}; parameter '{}' holds {}",
                                                           key.name, key.range, grid->name, held));
            return number;
        } else {
            return error(value.offset,
                         fmt::format("{} takes a number or a parameter's name, not {}", key.name,
                                     name_of(value.kind)));
        }
        if (!key.allowed(number.number) || !std::isfinite(number.number))
            return error(value.offset,
                         fmt::format("{} must be {}, not {}", key.name, key.range, number.number));
        return number;
    }

    // Which lets take part, and that every parameter does something.
    Result<void> mark_used(Section& section) const {
        std::vector<bool> param_used(section.grids.size());
        const auto mark = [&](const Code& code) {
            for (const Instruction& it : code.instructions) {
                if (it.kind == Instruction::Kind::param)
                    param_used[static_cast<std::size_t>(it.index)] = true;
                if (it.kind == Instruction::Kind::let)
                    section.lets[static_cast<std::size_t>(it.index)].used = true;
            }
        };
        for (const auto* formula : {&section.where, &section.entry, &section.exit})
            if (*formula) mark((*formula)->code);
        // A let uses earlier ones only.
        for (std::size_t l = section.lets.size(); l-- > 0;)
            if (section.lets[l].used) mark(section.lets[l].formula.code);
        for (const NumberValue& number : section.numbers)
            if (number.param >= 0) param_used[static_cast<std::size_t>(number.param)] = true;
        for (std::size_t p = 0; p < param_used.size(); ++p)
            if (!param_used[p])
                return error(section.grids[p].offset,
                             fmt::format("parameter '{}' is never used: it would only repeat equal "
                                         "sets",
                                         section.grids[p].name));
        return {};
    }

    // Every combination of the grids, the last parameter fastest.
    Result<void> add_sets(const Section& section) {
        std::size_t combinations = 1;
        for (const Grid& grid : section.grids) {
            combinations *= grid.values.size();
            if (combinations > grid_max)
                return error(section.offset,
                             fmt::format("the grid of '{}' has more than {} combinations",
                                         section.name, with_commas(grid_max)));
        }
        std::size_t parts = section.entry->code.instructions.size() + 1;
        for (const auto* formula : {&section.where, &section.exit})
            if (*formula) parts += (*formula)->code.instructions.size();
        for (const LetFormula& let : section.lets)
            if (let.used) parts += let.formula.code.instructions.size();
        if (parts > (work_max - work_) / combinations)
            return error(
                section.offset,
                fmt::format("'{}' is too large: {} combinations of expressions with {} parts",
                            section.name, with_commas(static_cast<std::int64_t>(combinations)),
                            with_commas(static_cast<std::int64_t>(parts))));
        work_ += parts * combinations;

        const std::size_t before = file_.sets.size();
        std::vector<std::size_t> place(section.grids.size());
        std::vector<double> params(section.grids.size());
        for (std::size_t c = 0; c < combinations; ++c) {
            std::size_t rest = c;
            for (std::size_t p = section.grids.size(); p-- > 0;) {
                params[p] = section.grids[p].values[rest % section.grids[p].values.size()];
                rest /= section.grids[p].values.size();
            }
            HSL_CHECK(add_set(section, params));
        }
        if (file_.sets.size() == before)
            return error(*section.where->source,
                         Fault{0, fmt::format("where leaves none of {}",
                                              counted(static_cast<std::int64_t>(combinations),
                                                      "combination"))});
        return {};
    }

    Result<void> add_set(const Section& section, const std::vector<double>& params) {
        // First, since lets may have no value for what it filters out.
        if (section.where) {
            HSL_TRY(const Operand kept, value_of(*section.where, section, params));
            if (kept.number == 0) return {};
        }
        if (file_.sets.size() == sets_max)
            return error(section.offset, fmt::format("more than {} concrete sets in this file",
                                                     with_commas(sets_max)));
        lets_.clear();
        for (const LetFormula& let : section.lets) {
            if (let.used) {
                HSL_TRY(const Operand value, value_of(let.formula, section, params));
                lets_.push_back(value);
            } else {
                lets_.emplace_back();
            }
        }
        StrategySet set;
        set.strategy = section.name;
        set.about = section.about;
        set.params = named(section, params);
        HSL_TRY(set.entry, node_of_formula(*section.entry, section, params));
        if (section.exit) {
            HSL_TRY(set.exit, node_of_formula(*section.exit, section, params));
        }
        Identity identity{.entry = set.entry, .exit = set.exit, .numbers = {}};
        std::array<double, number_key_count> numbers;
        for (std::size_t k = 0; k < number_key_count; ++k) {
            const NumberValue& number = section.numbers[k];
            numbers[k] = number.source == nullptr ? std::numeric_limits<double>::quiet_NaN()
                         : number.param >= 0      ? params[static_cast<std::size_t>(number.param)]
                                                  : number.number;
            identity.numbers[k] = std::bit_cast<std::uint64_t>(numbers[k]);
        }
        set.stop_loss = numbers[0];
        set.take_profit = numbers[1];
        set.trailing_stop = numbers[2];
        set.max_hold = std::isnan(numbers[3]) ? 0 : static_cast<int>(numbers[3]);
        set.slippage_bp = numbers[4];
        set.participation = numbers[5];
        if (!std::isnan(numbers[6])) set.slippage_ticks = static_cast<int>(numbers[6]);

        const auto [first, is_new] = sets_.emplace(identity, file_.sets.size());
        if (!is_new) {
            const StrategySet& other = file_.sets[first->second];
            return error(section.offset,
                         fmt::format("two sets are the same and would count as one trial too many: "
                                     "{} and {}",
                                     describe(other), describe(set)));
        }
        file_.sets.push_back(std::move(set));
        return {};
    }

    static std::vector<std::pair<std::string, double>> named(const Section& section,
                                                             const std::vector<double>& params) {
        std::vector<std::pair<std::string, double>> pairs;
        pairs.reserve(params.size());
        for (std::size_t p = 0; p < params.size(); ++p)
            pairs.emplace_back(section.grids[p].name, params[p]);
        return pairs;
    }
    static std::string describe(const StrategySet& set) {
        const std::string params = params_text(set);
        return params.empty() ? set.strategy : fmt::format("{} ({})", set.strategy, params);
    }

    Result<Operand> value_of(const Formula& formula, const Section& section,
                             const std::vector<double>& params) {
        auto value = instantiate(formula.code, params, lets_, graph_, values_);
        if (value) return *value;
        StrategySet set;
        set.params = named(section, params);
        const std::string held = params_text(set);
        return error(*formula.source, value.error(),
                     held.empty() ? std::string{} : fmt::format(" (with {})", held));
    }

    Result<int> node_of_formula(const Formula& formula, const Section& section,
                                const std::vector<double>& params) {
        HSL_TRY(const Operand value, value_of(formula, section, params));
        const int node = node_of(value, graph_);
        const int settling = graph_.node(node).settling;
        if (settling >= settling_max)
            return error(*formula.source,
                         Fault{0, fmt::format("this looks back over {} sessions or "
                                              "more",
                                              with_commas(settling_max))});
        if (graph_.size() > nodes_max)
            return error(*formula.source,
                         Fault{0, fmt::format("more than {} different expressions in this file",
                                              with_commas(nodes_max))});
        file_.settling = std::max(file_.settling, settling);
        return node;
    }

    SourceText source_;
    TomlValue document_;
    StrategyFile file_;
    Graph graph_;
    std::size_t work_ = 0;
    std::unordered_map<Identity, std::size_t, IdentityHash> sets_;
    std::vector<Operand> lets_;    // of the set at hand
    std::vector<Operand> values_;  // working memory of instantiate
};

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

Result<StrategyFile> parse_strategies(std::string_view path, std::string_view text) {
    if (text.size() > file_bytes_max)
        return std::unexpected(Error{
            .code = ErrorCode::bad_data,
            .message = fmt::format("a strategy file may have {} bytes at most, this one has {}",
                                   with_commas(file_bytes_max),
                                   with_commas(static_cast<std::int64_t>(text.size()))),
            .file = std::string{path}});
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return FileReader{path, text}.run();
}

Result<StrategyFile> read_strategies(const std::string& path) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown))
        return std::unexpected(
            Error{.code = ErrorCode::bad_usage,
                  .message = "this is a folder: name one of the strategy files in it",
                  .file = path});
    std::ifstream stream{path, std::ios::binary};
    if (!stream)
        return std::unexpected(Error{.code = ErrorCode::not_found,
                                     .message = "no strategy file that can be read",
                                     .file = path});
    // One byte more than allowed tells that there are too many.
    std::string text(file_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad())
        return std::unexpected(
            Error{.code = ErrorCode::io, .message = "reading failed", .file = path});
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return parse_strategies(path, text);
}

Result<Expression> parse_expression(std::string_view text) {
    const SourceText source{{}, text};
    const auto failed = [&](const Fault& fault) {
        return std::unexpected(source.error_at(fault.at, fault.message));
    };
    if (text.size() > file_bytes_max) return failed({0, "an expression of more than a megabyte"});
    auto code = compile_expression(text, {});
    if (!code) return failed(code.error());
    Graph graph;
    std::vector<Operand> values;
    const auto value = instantiate(*code, {}, {}, graph, values);
    if (!value) return failed(value.error());
    Expression expression;
    expression.root = node_of(*value, graph);
    expression.nodes = graph.take();
    expression.columns = graph.take_columns();
    return expression;
}

std::string params_text(const StrategySet& set) {
    std::string text;
    for (const auto& [name, value] : set.params)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    return text;
}

}  // namespace hsl::strategy
