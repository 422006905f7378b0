// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/structured.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/facts_tables.hpp"
#include "adapters/feeds/detail/json_rows.hpp"
#include "adapters/feeds/detail/records.hpp"
#include "adapters/feeds/detail/text_table.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

using store::MarketFile;

std::unexpected<Error> refuse(const Content& content, std::string message,
                              ErrorCode code = ErrorCode::bad_data) {
    return std::unexpected(
        Error{.code = code, .message = std::move(message), .file = content.path});
}

// ---- what a body holds -------------------------------------------------------------------------

// How the symbol of rows that carry none is told.
enum class SymbolFrom : std::uint8_t {
    rows,         // a column of codes
    isin,         // isuCd of the request
    index,        // indIdx, indIdx2 of the request
    index_name,   // a column of index names
    market,       // mktId of the request: the market's index
    broker_code,  // FID_INPUT_ISCD of the request
};
enum class Use : std::uint8_t { prices, columns, listing, refused };

struct BodyKind {
    std::string_view format;
    std::array<std::string_view, 4> marks;  // fields that together are nobody else's
    Use use;
    SymbolFrom symbol = SymbolFrom::rows;
    std::string_view day = {};  // the request's field that dates rows without a day of their own
    // Of what is refused: what it is, and what to ask for instead.
    std::string_view because = {};
};

// In the order in which they are tried. Field meanings: the exchange's documents and recorded
// replies; docs/reference/file-formats.md lists them.
constexpr BodyKind kinds[] = {
    {"exchange 05001 (basket of a fund)",
     {"COMPST_ISU_CD", "COMPST_ISU_CU1_SHRS"},
     Use::refused,
     {},
     {},
     "what a fund holds (and owes): no prices and no facts about the fund's own shares; its prices "
     "are bodies 04301 and 04501"},
    {"exchange 00401 (list of indices)",
     {"IDX_NM", "IDX_ENG_NM", "BAS_TM_CONTN"},
     Use::refused,
     {},
     {},
     "names and base days of indices; their values are body 00301, their members 00601"},
    {"exchange 00201 (indices over a period)",
     {"IDX_IND_NM", "OPN_DD_INDX", "END_DD_INDX"},
     Use::refused,
     {},
     {},
     "two values an index for a whole period: no bars; body 00301 has them by day"},
    {"exchange 01602 (change over a period)",
     {"BAS_PRC", "TDD_CLSPRC", "FLUC_TP"},
     Use::refused,
     {},
     {},
     "a base price, a last close and sums for a whole period: no bars; bodies 01501 (a day) and "
     "01701 (a symbol) have them"},
    {"exchange 11401 (bond yields)",
     {"ITM_TP_NM", "LST_ORD_BAS_YD"},
     Use::refused,
     {},
     {},
     "yields of bonds: they belong to no share or index"},
    {"exchange 23801 (delisted issues)", {"ISU_CD", "DELIST_DD"}, Use::listing},
    {"exchange finder (codes)",
     {"full_code", "short_code", "codeName", "marketCode"},
     Use::listing},
    {"exchange 01901 (listing master)",
     {"ISU_CD", "ISU_SRT_CD", "LIST_DD", "SECUGRP_NM"},
     Use::listing},
    {"exchange 02202 (investor flows of a market)",
     {"TRDVAL1", "TRDVAL2", "TRDVAL3", "TRDVAL4"},
     Use::columns,
     SymbolFrom::market},
    {"exchange 30502 (short balance of a symbol)",
     {"RPT_DUTY_OCCR_DD", "BAL_QTY"},
     Use::columns,
     SymbolFrom::isin},
    {"exchange 03501 (valuation of a market, one day)",
     {"ISU_SRT_CD", "PER", "PBR", "BPS"},
     Use::columns,
     SymbolFrom::rows,
     "trdDd"},
    {"exchange 03502 (valuation of a symbol)",
     {"TRD_DD", "PER", "PBR", "BPS"},
     Use::columns,
     SymbolFrom::isin},
    {"exchange 00601 (members of an index)",
     {"ISU_SRT_CD", "TDD_CLSPRC", "STR_CMP_PRC", "IDX_ID"},
     Use::columns,
     SymbolFrom::rows,
     "trdDd"},
    {"exchange 00301 (index by day)",
     {"TRD_DD", "CLSPRC_IDX", "OPNPRC_IDX"},
     Use::prices,
     SymbolFrom::index},
    {"exchange Open API (indices, one day)",
     {"BAS_DD", "IDX_NM", "CLSPRC_IDX"},
     Use::prices,
     SymbolFrom::index_name},
    {"exchange Open API (whole market, one day)",
     {"BAS_DD", "ISU_CD", "TDD_CLSPRC", "TDD_OPNPRC"},
     Use::prices},
    {"exchange 04301 (funds, one day)",
     {"ISU_SRT_CD", "NAV", "TDD_OPNPRC"},
     Use::prices,
     SymbolFrom::rows,
     "trdDd"},
    {"exchange 04501 (fund by day)",
     {"TRD_DD", "LST_NAV", "TDD_OPNPRC"},
     Use::prices,
     SymbolFrom::isin},
    {"exchange 01501 (whole market, one day)",
     {"ISU_SRT_CD", "TDD_CLSPRC", "TDD_OPNPRC", "MKT_NM"},
     Use::prices,
     SymbolFrom::rows,
     "trdDd"},
    {"exchange 01701 (symbol by day)",
     {"TRD_DD", "TDD_CLSPRC", "TDD_OPNPRC", "LIST_SHRS"},
     Use::prices,
     SymbolFrom::isin},
    {"data.go.kr (stock prices)", {"basDt", "srtnCd", "clpr", "mkp"}, Use::prices},
    {"broker KIS (index by day)",
     {"stck_bsop_date", "bstp_nmix_prpr", "bstp_nmix_oprc"},
     Use::prices,
     SymbolFrom::broker_code},
    {"broker KIS (symbol by day)",
     {"stck_bsop_date", "stck_clpr", "stck_oprc"},
     Use::prices,
     SymbolFrom::broker_code},
};

const BodyKind* kind_of(const Records& records) {
    const auto fits = [&](const BodyKind& kind) {
        return std::ranges::all_of(
            kind.marks, [&](std::string_view mark) { return mark.empty() || records.has(mark); });
    };
    const auto found = std::ranges::find_if(kinds, fits);
    return found == std::end(kinds) ? nullptr : found;
}

// ---- what the columns are ----------------------------------------------------------------------

struct FieldColumn {
    std::string_view name;
    Field field;
    std::string_view column = {};
};
// Beyond the words that every header is read by. BAL_AMT is the value of the balance; the flows
// are those of a market for institutions, other companies, individuals and foreigners.
constexpr FieldColumn field_columns[] = {
    {"RPT_DUTY_OCCR_DD", Field::date},
    {"BAL_QTY", Field::named, "short_balance"},
    {"BAL_AMT", Field::named, "short_balance_value"},
    {"DPS", Field::named, "dps"},
    {"CMPPREVDD_IDX", Field::change},
    {"PRV_DD_CMPR", Field::change},
    {"UPDN_RATE", Field::rate},
    {"bstp_nmix_prpr", Field::close},
    {"bstp_nmix_oprc", Field::open},
    {"bstp_nmix_hgpr", Field::high},
    {"bstp_nmix_lwpr", Field::low},
};

void set_slot(std::vector<ColumnSlot>& slots, const Records& records, std::string_view name,
              Field field, std::string_view column = {}) {
    const std::size_t at = records.find(name);
    if (at == Records::absent) return;
    slots[at].field = field;
    slots[at].column = column;
    slots[at].unit = 1;
}

// Of a fund's body the change is that of the fund, CMPPREVDD_IDX that of the index it follows.
Result<std::vector<ColumnSlot>> slots_of(const BodyKind& kind, const Records& records,
                                         const store::ReadHints& hints, market::Basis basis) {
    HSL_TRY(std::vector<ColumnSlot> slots, slots_of_header(records.names, hints));
    for (const FieldColumn& field : field_columns)
        set_slot(slots, records, field.name, field.field, field.column);
    const auto ignore = [&](std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names) set_slot(slots, records, name, Field::ignored);
    };
    if (records.has("TDD_CLSPRC")) ignore({"CMPPREVDD_IDX"});
    // The short code is there twice where ISU_CD is the ISIN.
    if (kind.format.starts_with("exchange Open API (whole"))
        set_slot(slots, records, "ISU_CD", Field::code);
    // An index's value of its members is no share's price times shares.
    if (records.has("CLSPRC_IDX")) set_slot(slots, records, "MKTCAP", Field::named, "market_cap");
    // KIS numbers rises and falls otherwise, and leaves the sign out.
    ignore({"prdy_vrss", "prdy_vrss_sign", "prtt_rate"});
    // Adjusted prices are not those that the exchange multiplied by shares and measured changes on.
    if (basis == market::Basis::adjusted) {
        ignore({"CMPPREVDD_PRC", "FLUC_RT", "FLUC_TP_CD"});
        set_slot(slots, records, "MKTCAP", Field::named, "market_cap");
        set_slot(slots, records, "LIST_SHRS", Field::named, "listed_shares");
    }
    if (kind.use == Use::columns) {
        // A close without a range is no bar; shares and values of the day come with the prices.
        for (ColumnSlot& slot : slots)
            if (slot.field != Field::named && slot.field != Field::date &&
                slot.field != Field::code && slot.field != Field::name &&
                slot.field != Field::market)
                slot.field = Field::ignored;
        if (kind.symbol == SymbolFrom::isin) ignore({"MKTCAP", "LIST_SHRS"});
    }
    return slots;
}

// ---- the request that the body answers ---------------------------------------------------------

std::string market_index(std::string_view market_id) {
    if (market_id == "STK") return "KOSPI";
    if (market_id == "KSQ") return "KOSDAQ";
    return {};
}

// The symbol of every row, "" where a column tells.
Result<std::string> symbol_of(const BodyKind& kind, const Content& content,
                              const Records& records) {
    if (!content.hints.symbol.empty()) return content.hints.symbol;
    std::string symbol;
    std::string_view wanted;
    switch (kind.symbol) {
        case SymbolFrom::rows:
        case SymbolFrom::index_name:
            return std::string{};
        case SymbolFrom::isin: {
            const std::string isin = asked_for(content.path, "isuCd");
            symbol = market::is_krx_code(isin) ? isin : short_code_of_isin(isin);
            wanted = "isuCd-KR7005930003";
            break;
        }
        case SymbolFrom::index:
            symbol = index_of_codes(asked_for(content.path, "indIdx"),
                                    asked_for(content.path, "indIdx2"));
            wanted = "indIdx-1_indIdx2-001";
            break;
        case SymbolFrom::market:
            symbol = market_index(asked_for(content.path, "mktId"));
            wanted = "mktId-STK";
            break;
        case SymbolFrom::broker_code: {
            symbol = asked_for(content.path, "FID_INPUT_ISCD");
            if (symbol == "0001") symbol = "KOSPI";
            if (symbol == "1001") symbol = "KOSDAQ";
            if (symbol == "2001") symbol = "KOSPI200";
            if (symbol.size() == 7 && symbol.starts_with('Q')) symbol.erase(0, 1);
            if (symbol.empty()) symbol = records.symbol;
            if (symbol.empty()) {
                std::string named = symbol_of_path(content.path);
                if (market::is_krx_code(named)) symbol = std::move(named);
            }
            wanted = "FID_INPUT_ISCD-005930";
            break;
        }
    }
    if (!symbol.empty()) return symbol;
    return refuse(
        content, fmt::format("the body of {} does not say whose rows these are: say --symbol CODE, "
                             "or keep the request in the file's name (…_{}….json)",
                             kind.format, wanted));
}

// The day of every row, nothing where a column tells.
Result<std::optional<Date>> day_of(const BodyKind& kind, const Content& content) {
    if (kind.day.empty()) return std::optional<Date>{};
    const auto said = content.hints.columns.find("date");
    if (said != content.hints.columns.end())
        if (const auto day = day_in(said->second)) return day;
    if (const auto day = day_in(asked_for(content.path, kind.day))) return day;
    return refuse(content,
                  fmt::format("the body of {} does not say which day it is about: say --map "
                              "date=2021-01-04, or keep the request in the file's name "
                              "(…_{}-20210104.json)",
                              kind.format, kind.day));
}

market::Basis basis_of(const BodyKind& kind, const Content& content) {
    if (content.hints.basis) return *content.hints.basis;
    using market::Basis;
    if (kind.symbol == SymbolFrom::broker_code) {  // 0 adjusted, 1 raw of the daily chart
        const std::string asked = asked_for(content.path, "FID_ORG_ADJ_PRC");
        return asked == "0" ? Basis::adjusted : asked == "1" ? Basis::raw : Basis::unknown;
    }
    if (kind.format.starts_with("exchange 01701")) {
        const std::string asked = asked_for(content.path, "adjStkPrc");
        return asked == "2" ? Basis::adjusted : asked == "1" ? Basis::raw : Basis::unknown;
    }
    return kind.symbol == SymbolFrom::index || kind.symbol == SymbolFrom::index_name
               ? Basis::unknown
               : Basis::raw;
}

std::optional<Date> download_day(const JsonValue& root) {
    const auto stamp = root.find("CURRENT_DATETIME");  // "2026.01.25 PM 08:26:58"
    if (!stamp) return {};
    return day_in(stamp->text().substr(0, 10));
}

// ---- rows --------------------------------------------------------------------------------------

// The columns that a row must fill to say anything.
std::vector<std::size_t> telling_columns(std::span<const ColumnSlot> slots, Use use) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const Field field = slots[i].field;
        const bool price = field >= Field::open && field <= Field::value;
        if (use == Use::prices ? price : field == Field::named) out.push_back(i);
    }
    return out;
}

// The exchange has no opens, highs and lows of indices before 1995.
class CloseOnly {
public:
    CloseOnly(std::span<const ColumnSlot> slots, bool index) {
        for (std::size_t i = 0; i < slots.size() && index; ++i) {
            if (slots[i].field >= Field::open && slots[i].field <= Field::low) range_.push_back(i);
            if (slots[i].field == Field::close) close_ = i;
        }
    }
    void fill(std::vector<std::string_view>& cells, std::int64_t line) {
        if (range_.size() != 3 || close_ == Records::absent || says_nothing(cells[close_])) return;
        for (const std::size_t at : range_)
            if (!says_nothing(cells[at])) return;
        for (const std::size_t at : range_) cells[at] = cells[close_];
        lines_.insert(line);
    }
    void count(MarketFile& file) const {
        std::int64_t rows = std::ssize(lines_);
        for (const store::QuarantinedRow& row : file.quarantined)
            rows -= lines_.contains(row.line) ? 1 : 0;
        if (rows > 0) file.repaired["close_only"] += rows;
    }

private:
    std::vector<std::size_t> range_;
    std::size_t close_ = Records::absent;
    std::set<std::int64_t> lines_;
};

Result<MarketFile> assemble(const BodyKind& kind, const Content& content, Records& records) {
    HSL_TRY(const std::string symbol, symbol_of(kind, content, records));
    HSL_TRY(const std::optional<Date> day, day_of(kind, content));
    const market::Basis basis = basis_of(kind, content);
    store::ReadHints hints = content.hints;
    if (day) hints.columns.erase("date");
    HSL_TRY(std::vector<ColumnSlot> slots, slots_of(kind, records, hints, basis));
    if (kind.format.starts_with("exchange 00601")) {
        std::string index =
            index_of_codes(asked_for(content.path, "indIdx"), asked_for(content.path, "indIdx2"));
        if (index.empty()) index = content.hints.symbol;
        if (index.empty())
            return refuse(content,
                          "the body does not say whose members these are: say --symbol "
                          "KOSPI200, or keep the request in the file's name "
                          "(…_indIdx-1_indIdx2-028_trdDd-20210104.json)");
        records.add_constant("member", "1");
        slots.push_back(
            {.field = Field::named, .column = "in_" + lower(index), .header = "member"});
    }
    if (kind.format.starts_with("exchange 02202")) {
        const std::string amount = asked_for(content.path, "trdVolVal");
        const std::string side = asked_for(content.path, "askBid");
        if (!side.empty() && side != "3")
            return refuse(content,
                          "flows of one side alone (askBid is not 3): ask for what is "
                          "bought less what is sold");
        const std::string_view unit = amount == "1" ? "_shares" : "";
        set_slot(slots, records, "TRDVAL1", Field::named, fmt::format("institution_net{}", unit));
        set_slot(slots, records, "TRDVAL3", Field::named, fmt::format("individual_net{}", unit));
        set_slot(slots, records, "TRDVAL4", Field::named, fmt::format("foreign_net{}", unit));
    }
    const bool index = kind.symbol == SymbolFrom::index || kind.symbol == SymbolFrom::index_name ||
                       records.has("bstp_nmix_prpr");
    AssemblerOptions options{
        .path = content.path, .how = content.how, .symbol = symbol, .date = day};
    options.how.format = kind.format;
    options.sources_have_lines = false;
    if (index || kind.symbol == SymbolFrom::market) options.market = market::Market::index;
    if (basis != market::Basis::unknown) {
        options.basis = basis;
        options.basis_because =
            content.hints.basis ? "--raw or --adjusted says so"
            : basis == market::Basis::raw
                ? "the exchange publishes it so, unless asked for adjusted prices"
                : "the request asked for adjusted prices";
    }
    const std::size_t name = records.find("IDX_NM");
    if (kind.symbol == SymbolFrom::index_name) {
        set_slot(slots, records, "IDX_NM", Field::code);
        if (symbol.empty()) options.symbol.clear();
    }
    const std::vector<std::size_t> telling = telling_columns(slots, kind.use);
    CloseOnly close_only{slots, index};
    HSL_TRY(Assembler assembler, Assembler::make(std::move(options), slots, hints));
    for (Record& row : records.rows) {
        if (std::ranges::all_of(telling,
                                [&](std::size_t at) { return says_nothing(row.cells[at]); })) {
            assembler.drop("filler");
            continue;
        }
        if (kind.symbol == SymbolFrom::index_name) {
            const std::string index_symbol = index_of_name(row.cells[name]);
            if (index_symbol.empty()) {
                assembler.drop("other_index");
                continue;
            }
            row.cells[name] = records.keep(index_symbol);
        }
        close_only.fill(row.cells, row.line);
        assembler.row(row.cells, row.line, row.source);
    }
    HSL_TRY(MarketFile file, std::move(assembler).finish());
    close_only.count(file);
    return file;
}

// ---- documents ---------------------------------------------------------------------------------

// What the server said in place of rows, or nothing.
std::optional<std::string> complaint(const JsonValue& root) {
    const auto text = [&](const JsonValue& object, std::string_view key) {
        const auto found = object.find(key);
        return found ? found->text() : std::string{};
    };
    if (root.find("respMsg"))
        return fmt::format("the exchange answered {} {}", text(root, "respCode"),
                           printable(text(root, "respMsg")));
    if (const std::string code = text(root, "rt_cd"); !code.empty() && code != "0")
        return fmt::format("the broker answered {} {}: {}", code, text(root, "msg_cd"),
                           printable(text(root, "msg1"), 200));
    if (const auto chart = root.find("chart"))
        if (const auto error = chart->find("error"); error && error->is_object())
            return fmt::format("Yahoo answered {}: {}", text(*error, "code"),
                               printable(text(*error, "description"), 200));
    if (const std::string code = text(root, "status"); !code.empty() && root.find("message")) {
        if (code != "000")
            return fmt::format("DART answered {}: {}", code, printable(text(root, "message"), 200));
        return "a DART report tells figures of business years, and of no day on which prices "
               "change; what a company did belongs into a table of code, kind, ex_date, amount "
               "(--actions)";
    }
    for (const std::string_view key : {"Information", "Note", "Error Message"})
        if (const std::string said = text(root, key); !said.empty())
            return fmt::format("the server answered: {}", printable(said, 200));
    if (const auto response = root.find("response"))
        if (const auto header = response->find("header"))
            if (const std::string code = text(*header, "resultCode"); !code.empty() && code != "00")
                return fmt::format("data.go.kr answered {}: {}", code,
                                   printable(text(*header, "resultMsg"), 200));
    return {};
}

// Seconds since 1970 as a day (UTC): chart feeds of bars that begin at midnight.
void days_of_seconds(Records& records, std::string_view name) {
    const std::size_t at = records.find(name);
    if (at == Records::absent) return;
    for (Record& row : records.rows) {
        std::int64_t seconds = 0;
        const std::string_view cell = row.cells[at];
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), seconds);
        if (error != std::errc{} || end != cell.data() + cell.size()) continue;
        constexpr std::int64_t seconds_max = 7'258'118'400;  // 2200
        if (seconds < 0 || seconds > seconds_max) continue;
        row.cells[at] = records.keep(Date{static_cast<std::int32_t>(seconds / 86'400)}.iso());
    }
    records.names[at] = "date";
}

Result<MarketFile> understand(const Content& content, Records records,
                              std::optional<Date> downloaded) {
    if (records.rows.empty()) return nothing_in(content, "exchange or feed, no rows");
    if (content.hints.actions || is_action_table(records)) return read_actions(content, records);
    if (const BodyKind* kind = kind_of(records)) {
        if (kind->use == Use::refused)
            return refuse(
                content,
                fmt::format("understood as {} and not stored: {}", kind->format, kind->because),
                ErrorCode::unsupported);
        Content said{content};
        said.how.format = kind->format;
        if (kind->use == Use::listing || (content.hints.listing && records.has("ISU_SRT_CD"))) {
            std::optional<Date> day = day_in(asked_for(content.path, "trdDd"));
            if (!day) day = day_in(asked_for(content.path, "basDd"));
            if (!day) day = downloaded;
            return read_listings(said, records, day);
        }
        return assemble(*kind, content, records);
    }
    if (is_listing(records, content.hints)) return read_listings(content, records, downloaded);
    if (records.has("start") && records.has("close")) days_of_seconds(records, "start");
    HSL_TRY(std::vector<ColumnSlot> slots, slots_of_header(records.names, content.hints));
    AssemblerOptions options{.path = content.path, .how = content.how};
    options.symbol = settle_table(slots, [&](std::size_t column, std::size_t rows_max) {
        std::vector<std::string_view> cells;
        for (std::size_t row = 0; row < std::min(records.rows.size(), rows_max); ++row)
            cells.push_back(records.cell(records.rows[row], column));
        return cells;
    });
    const bool coded = std::ranges::find(slots, Field::code, &ColumnSlot::field) != slots.end();
    if (content.hints.symbol.empty() && !coded && options.symbol.empty())
        options.symbol = records.symbol;
    options.sources_have_lines = false;
    HSL_TRY(Assembler assembler,
            Assembler::make(std::move(options), std::move(slots), content.hints));
    for (const Record& row : records.rows) assembler.row(row.cells, row.line, row.source);
    return std::move(assembler).finish();
}

}  // namespace

MarketFile nothing_in(const Content& content, std::string_view format) {
    MarketFile file{.path = content.path, .how = content.how};
    file.how.format = format;
    file.found["no_rows"] = 1;
    file.findings.push_back({.rule = "no_rows",
                             .detail = "the answer holds no rows: the exchange was closed, or the "
                                       "day is not published yet"});
    return file;
}

Result<MarketFile> read_records(const Content& content, Records records,
                                std::optional<Date> downloaded) {
    auto file = understand(content, std::move(records), downloaded);
    if (file || !file.error().file.empty()) return file;
    Error error = std::move(file).error();
    error.file = content.path;
    return std::unexpected(std::move(error));
}

std::optional<Result<MarketFile>> read_json_body(const Content& content) {
    const std::string_view text = trimmed(content.bytes);
    if (text.starts_with("LOGOUT"))
        return refuse(content,
                      "the exchange's data portal answered LOGOUT: its session is over or "
                      "was never opened; sign in and ask again");
    const std::size_t first = content.bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos ||
        (content.bytes[first] != '{' && content.bytes[first] != '['))
        return {};
    auto document = JsonDocument::read(content.bytes);
    if (!document) {
        if (auto records = rows_of_lines(content.bytes))
            return read_records(content, *std::move(records), {});
        Error error = std::move(document).error();
        error.file = content.path;
        return std::unexpected(std::move(error));
    }
    const JsonValue root = document->root();
    if (const auto said = complaint(root)) return refuse(content, *said + ": no rows to read");
    if (auto chart = read_yahoo_chart(content, root)) return chart;
    auto records = rows_of(root);
    if (!records) {
        Error error = std::move(records).error();
        error.file = content.path;
        return std::unexpected(std::move(error));
    }
    return read_records(content, std::move(*records), download_day(root));
}

}  // namespace hsl::adapters::detail
