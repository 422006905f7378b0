// SPDX-License-Identifier: Apache-2.0
#pragma once

// One file as it was understood, of whatever kind: prices of a symbol or of a whole market, flows,
// valuations, listings, corporate actions; and the port to whatever reads one. Every data line ends
// up in exactly one of accepted, quarantined or dropped; a repaired row counts as accepted.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "market/bar.hpp"
#include "store/bar_store.hpp"
#include "store/facts.hpp"

namespace hsl::store {

enum class TextEncoding : std::uint8_t { utf8, cp949, utf16le, utf16be };

// What the user says about the files; nothing said is found out from the file.
struct ReadHints {
    std::map<std::string, std::string> columns = {};  // "date" -> "일자", from --map
    std::string symbol = {};                          // --symbol, for a file that names none
    std::string source = {};                          // --source
    std::optional<market::Basis> basis = {};          // --adjusted, --raw
    std::optional<market::BarDefinition> definition = {};
    market::Market market = market::Market::unknown;  // of Korean shares in it
    std::optional<TextEncoding> encoding = {};        // --encoding
    bool listing = false;  // --listing: a table of names where it could be either
    bool actions = false;  // --actions: likewise of corporate actions
};

// How a file was read: what `hsl import --explain` prints.
struct Understanding {
    std::string container = {};  // "gzip", "zip", "Parquet", "" for none
    std::string encoding = {};   // "UTF-8 with BOM", "CP949", "UTF-16LE"
    std::string format = {};     // "prices, one symbol", "exchange 01501 (whole market, one day)"
    std::string separator = {};  // "comma", "tab"; "" where there is none
    // Our name -> the file's header (or "column 3"), in the file's order; what is ignored follows
    // with an empty first.
    std::vector<std::pair<std::string, std::string>> columns = {};
    std::string date_form = {};  // "YYYYMMDD"
    market::Basis basis = market::Basis::unknown;
    std::string basis_because = {};  // "31 closes off the tick grid before 2025"
    market::BarDefinition definition = market::BarDefinition::unknown;
    std::string definition_because = {};
    std::vector<std::string> first_rows = {};  // as understood, in words; five at most
};

// Something worth knowing that changed no row: a jump, a long halt, a Saturday session.
struct Finding {
    std::string rule = {};  // "jump_split", "halt", "saturday_session"
    std::string symbol = {};
    std::string date = {};  // ISO, may be empty
    std::int64_t line = 0;
    std::string detail = {};  // in words, with the values
};

// One symbol's bars of one file.
struct PriceSeries {
    market::Instrument instrument = {};
    market::Interval interval = market::Interval::day;
    market::Basis basis = market::Basis::unknown;
    market::BarDefinition definition = market::BarDefinition::unknown;
    std::vector<market::Bar> bars = {};    // strictly ascending by date, then minute
    std::vector<std::int64_t> lines = {};  // source line of each bar, 1-based
};

struct MarketFile {
    std::string path = {};  // as messages name it; "a.zip:b.csv" inside an archive
    Understanding how = {};
    std::vector<PriceSeries> prices = {};  // ascending by symbol
    Facts facts = {};
    std::vector<QuarantinedRow> quarantined = {};
    std::map<std::string, std::int64_t> repaired = {};  // rule -> rows
    std::map<std::string, std::int64_t> dropped = {};   // reason -> rows: filler, equal_repeat
    std::map<std::string, std::int64_t> found = {};     // finding's rule -> how many
    std::vector<Finding> findings = {};                 // the first 1,000 of each rule
    std::int64_t data_lines = 0;                        // accepted + quarantined + dropped
    std::optional<Date> first = {}, last = {};          // of the accepted rows
    // The text of a source line, where the file has lines; may be empty. Any thread.
    std::function<std::string(std::int64_t line)> source_of = {};
    // An archive's member that was refused: everything else is empty.
    std::optional<Error> error = {};
};

// Understands the bytes of a whole file; `name` is what messages say. One result, or one a member
// of an archive. An error means that nothing of the file can be used.
using MarketFileParser = std::function<Result<std::vector<MarketFile>>(
    std::string_view name, std::string_view bytes, const ReadHints& hints)>;

}  // namespace hsl::store
