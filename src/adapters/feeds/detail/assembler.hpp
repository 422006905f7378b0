// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that turns rows of cells into bars, named columns, quarantine, repairs and
// findings, whatever the file they were read from: the rules of docs/concepts/import.md. A reader
// says what each column is and hands the rows over. Owned by one reader; not shared between
// threads.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/detail/scan.hpp"
#include "base/date.hpp"
#include "base/error.hpp"
#include "store/market_file.hpp"

namespace hsl::adapters::detail {

// What a cell can say. `named` is a column of market/named_column.hpp's catalogue.
enum class Field : std::uint8_t {
    ignored,
    date,
    time,    // of the day, beside a date: 0901, 09:01, 90100
    code,    // short code; ="005930", A005930 and cut zeros are understood
    name,    // of the company, for messages
    market,  // KOSPI, STK, 유가증권 ...
    open,
    high,
    low,
    close,
    volume,
    value,        // traded value in won
    change,       // against the base price; base = close - change
    change_sign,  // FLUC_TP_CD of the exchange: 2 and 5 are falls
    rate,         // of change, in percent or (FinanceDataReader) as a fraction
    base,         // base price itself
    market_cap,   // checked against close x shares, and kept as a named column
    shares,       // listed shares: likewise
    known,        // the day on which a row's named columns became public: when accounts were filed
    named,
};

struct ColumnSlot {
    Field field = Field::ignored;
    std::string column = {};  // of `named`: its name in the catalogue
    std::string header = {};  // as the file calls it
    std::int64_t unit = 1;    // 천주: 1,000, 백만: 1,000,000
    int implied_decimals =
        0;  // digits that stand behind an unwritten point: Lean writes prices x 10,000
    bool signs_are_directions = false;  // of prices: -76600 fell to 76600
};

// What a header means, in English or Korean, of any vendor we know, and the field names of the
// exchange's bodies; `hints.columns` first. Every header gives a slot, an unknown one `ignored`.
// An error names a header that the hints speak of and the file lacks.
[[nodiscard]] Result<std::vector<ColumnSlot>> slots_of_header(std::span<const std::string> header,
                                                              const store::ReadHints& hints);

struct AssemblerOptions {
    std::string path = {};          // for messages; names the symbol where nothing else does
    store::Understanding how = {};  // what the reader knows so far
    std::string symbol = {};        // of every row; "" = the code column, else the path
    std::optional<Date> date = {};  // of every row, where rows carry none
    market::Market market = market::Market::unknown;  // where no column tells
    // What the publisher is known to publish. The user's hints come first.
    std::optional<market::Basis> basis = {};
    std::string basis_because = {};
    std::optional<market::BarDefinition> definition = {};
    std::string definition_because = {};
    DayOrder day_order = DayOrder::unknown;  // of days written 03/05/2024
    bool decimal_comma = false;              // 1.234,56
    bool sources_have_lines = true;          // messages say "line 5", otherwise "row 5"
};

class RowReader;

class Assembler {
public:
    // The slots must make a table of prices or of named columns: an error says what is missing.
    [[nodiscard]] static Result<Assembler> make(AssemblerOptions options,
                                                std::vector<ColumnSlot> slots,
                                                const store::ReadHints& hints);
    Assembler(Assembler&&) noexcept;
    Assembler& operator=(Assembler&&) noexcept;
    ~Assembler();

    // One data line. `cells` in the order of the slots, trimmed and unquoted; fewer are missing
    // values, more are not looked at. `source` is the line as it stood, kept when the row ends in
    // quarantine; it must live until finish().
    void row(std::span<const std::string_view> cells, std::int64_t line, std::string_view source);
    // A data line whose cells could not be made out.
    void quarantine(std::int64_t line, std::string_view source, std::string_view reason,
                    std::string detail);
    // A data line that says nothing: "filler".
    void drop(std::string_view reason);

    // For a large file: readers of its stretches, each for a thread of its own. Lines are counted
    // from the start of a stretch; RowReader::shift_lines puts that right. Call once, before any
    // row.
    [[nodiscard]] std::span<RowReader> readers(std::size_t count);

    // Everything that takes several rows: repeats, neighbours, jumps, basis. An error refuses the
    // file.
    [[nodiscard]] Result<store::MarketFile> finish() &&;

private:
    struct Work;
    explicit Assembler(std::unique_ptr<Work> work);
    std::unique_ptr<Work> work_;
};

}  // namespace hsl::adapters::detail
