// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows of cells, one at a time, into numbers: everything that a row can be judged by on its own.
// What takes several rows is series_rules.hpp. A large file has several readers, one a stretch of
// its lines; each belongs to one thread, the schema is shared and does not change.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "market/bar.hpp"

namespace hsl::adapters::detail {

[[nodiscard]] std::string_view name_of(Field field);  // "close"
// Text that can stand for a symbol in tables, messages and names of files.
[[nodiscard]] bool is_symbol(std::string_view symbol);

inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::named) + 1;

// What was changed on the way in; a bit a rule, since one row may need several.
namespace repair {
inline constexpr std::uint8_t rounded_price = 1;
inline constexpr std::uint8_t rounded_volume = 2;
inline constexpr std::uint8_t range_by_one = 4;
inline constexpr std::uint8_t range_by_rounding = 8;
inline constexpr std::uint8_t code_zeros = 16;
inline constexpr std::uint8_t close_only = 32;
inline constexpr std::size_t count = 6;
}  // namespace repair

// Which cell holds what, and what is true of every row.
struct Schema {
    static constexpr std::size_t absent = static_cast<std::size_t>(-1);
    struct Named {
        std::size_t cell = 0;
        std::string column = {};
        std::string header = {};
        double unit = 1;
        bool zero_says_nothing = false;  // PER of a loss: vendors write 0 where there is none
    };

    std::string path = {};
    std::array<std::size_t, field_count> cell{};  // of each field, or `absent`
    std::array<std::int64_t, field_count> unit{};
    // Digits that a unit (1,000: 3) adds to a number, less those that an unwritten point hides.
    std::array<int, field_count> shift{};
    std::array<std::string, field_count> header{};
    std::vector<Named> named = {};
    bool prices = true;                      // false: a table of named columns alone
    bool close_only = false;                 // open, high and low have no column
    std::optional<std::string> symbol = {};  // of every row
    std::optional<Date> date = {};
    market::Market market = market::Market::unknown;  // where no column tells
    DayOrder day_order = DayOrder::unknown;
    bool decimal_comma = false;         // 1.234,56
    bool signs_are_directions = false;  // before prices

    [[nodiscard]] bool has(Field field) const {
        return cell[static_cast<std::size_t>(field)] != absent;
    }
    [[nodiscard]] std::size_t at(Field field) const {
        return cell[static_cast<std::size_t>(field)];
    }
};

// A symbol as a reader met it.
struct SeenSymbol {
    market::Instrument instrument = {};
    bool korean = false;
    bool zeros_cut = false;  // its code had lost zeros at the front
    std::string_view market_text = {};
    Date market_date = {};  // of the latest row that told its market
};

// Columns of rows that passed every rule of their own.
struct Rows {
    std::vector<market::Bar> bars = {};
    std::vector<std::int64_t> lines = {};
    std::vector<std::string_view> sources = {};
    std::vector<std::uint8_t> repairs = {};
    std::vector<std::uint32_t> symbols = {};      // of files with a code column
    std::vector<std::int64_t> bases = {};         // of files with a change or a base; 0 = unknown
    std::vector<float> rates = {};                // percent, of files with a rate; NaN = unknown
    std::vector<Date> known = {};                 // of files that tell when a row became public
    std::vector<std::vector<double>> named = {};  // a vector a column; NaN = missing

    [[nodiscard]] std::size_t size() const { return bars.size(); }
    void reserve(std::size_t rows);
    void append(const Rows& from, std::size_t row);  // not `symbols`
};

struct RowCounts {
    std::int64_t data_lines = 0;
    std::map<std::string, std::int64_t, std::less<>> dropped = {};
    std::int64_t unreadable_named = 0;  // cells of named columns that are no number: left out
    bool times = false;                 // some row has a time of day
};

class RowReader {
public:
    explicit RowReader(const Schema& schema);

    void row(std::span<const std::string_view> cells, std::int64_t line, std::string_view source);
    void quarantine(std::int64_t line, std::string_view source, std::string_view reason,
                    std::string detail);
    void drop(std::string_view reason);
    void reserve(std::size_t rows) { rows_.reserve(rows); }

    // Lines are counted from the start of the stretch; this puts the lines before it in front.
    void shift_lines(std::int64_t lines);
    // Forgets every row.
    void start_over() { *this = RowReader{*schema_}; }
    // From here on rows that cannot be used are counted and not kept.
    void count_only() { keep_ = false; }
    [[nodiscard]] bool keeps() const { return keep_; }

    Rows& rows() { return rows_; }
    RowCounts& counts() { return counts_; }
    std::vector<SeenSymbol>& symbols() { return symbols_; }
    std::vector<store::QuarantinedRow>& quarantined() { return quarantined_; }

private:
    struct Numbers;
    void price_row(Date date, int minute);
    void named_row(Date date, int minute);
    void push(const market::Bar& bar, std::uint8_t repairs, std::int64_t base, float rate);
    bool read_symbol();
    std::uint32_t symbol_of_code(std::string_view code);
    std::uint32_t add_symbol(std::string_view code);
    void note_market(SeenSymbol& symbol, Date date);
    bool read_date(Date& date, int& minute);
    bool read_known(Date date);
    [[nodiscard]] bool says_nothing() const;
    bool read_numbers(Date date, Numbers& numbers, int scale);
    bool read_number(Field field, int scale, ScannedNumber& number);
    void read_named();
    void read_real(std::size_t cell, double unit, double& value);
    [[nodiscard]] std::string_view number_text(std::string_view text);
    bool check_change(const market::Bar& bar, int scale, std::int64_t& base, float& rate);
    bool check_market_cap(const market::Bar& bar);
    bool settle_range(market::Bar& bar, int scale, std::uint8_t& repairs);
    void reject(std::string date, std::string_view reason, std::string detail,
                std::optional<market::Bar> bar = {});
    [[nodiscard]] std::string_view cell(Field field) const;
    [[nodiscard]] std::string_view name(Field field) const;

    const Schema* schema_;
    bool keep_ = true;
    Rows rows_;
    RowCounts counts_;
    std::vector<SeenSymbol> symbols_;
    std::map<std::string, std::uint32_t, std::less<>> symbol_of_;       // by code as written
    std::vector<std::pair<std::uint64_t, std::uint32_t>> short_codes_;  // open addressing
    std::vector<store::QuarantinedRow> quarantined_;

    // Of the row at hand.
    std::span<const std::string_view> cells_ = {};
    std::int64_t line_ = 0;
    std::string_view source_ = {};
    std::uint32_t symbol_ = 0;
    std::string_view last_date_text_ = {};
    Date last_date_{};
    Date known_ = {};
    std::vector<double> values_;
    std::array<char, 64> swapped_{};  // of a number with a decimal comma
};

}  // namespace hsl::adapters::detail
