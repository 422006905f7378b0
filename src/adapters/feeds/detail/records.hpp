// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows with named cells, whatever they came from: a JSON body, an XML reply, a table of text or of
// Parquet. What the cells mean is the next step's: prices go on to the Assembler, listings and
// corporate actions to their readers. Refers to the bytes it was read from. One thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.hpp"
#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"
#include "store/market_file.hpp"
#include "store/table_reader.hpp"

namespace hsl::adapters::detail {

struct Record {
    std::vector<std::string_view> cells = {};  // as many as the names
    std::int64_t line = 0;                     // of the file; of a body the row's number, from 1
    std::string_view source = {};              // as it stood
    // Why its cells could not be made out, as quarantine calls it: "unclosed_quote", "nul_byte".
    std::string_view damage = {};
};

class Records {
public:
    std::vector<std::string> names = {};
    std::vector<Record> rows = {};
    std::string symbol = {};  // whose rows these are, where a body says it beside them

    static constexpr std::size_t absent = static_cast<std::size_t>(-1);
    [[nodiscard]] std::size_t find(std::string_view name) const;  // of a column, or `absent`
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != absent; }
    [[nodiscard]] bool has_all(std::span<const std::string_view> wanted) const;
    // The cell of a row, "" where there is none.
    [[nodiscard]] std::string_view cell(const Record& row, std::size_t column) const {
        return column < row.cells.size() ? row.cells[column] : std::string_view{};
    }
    // Text that stays as long as the records do.
    std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }
    // Takes over what another keeps: rows may refer to both.
    void keep_from(Records&& other);
    // A column in which every row says the same.
    void add_constant(std::string_view name, std::string_view value);

private:
    std::deque<std::string> kept_;
    std::vector<std::deque<std::string>> lent_;
};

// The objects of an array, the columns in the order in which they first appear; what is no object
// is a row without cells.
[[nodiscard]] Records records_of(const JsonValue& array);
// Lines of a table whose first row that is not blank is the header. Blank lines are no rows.
[[nodiscard]] Result<Records> records_of(std::string_view text);
[[nodiscard]] Records records_of(const store::TextTable& table);

[[nodiscard]] std::string damage_words(std::string_view damage);  // for the row's detail
[[nodiscard]] std::string_view trimmed(std::string_view text);
// "", "-", "null": a cell that says nothing.
[[nodiscard]] bool says_nothing(std::string_view cell);

// What was asked for, as the file's name tells: "MDCSTAT01501_mktId-ALL_trdDd-20210104.json" asked
// for trdDd = 20210104. Also with '=' and '&'. Empty where the name does not say.
[[nodiscard]] std::string asked_for(std::string_view path, std::string_view key);
// A header as word lists have it: lower case, without blanks and underscores.
[[nodiscard]] std::string plain_word(std::string_view header);
[[nodiscard]] std::optional<Date> day_in(std::string_view text);  // any form of scan_date
}  // namespace hsl::adapters::detail
