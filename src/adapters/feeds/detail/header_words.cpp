// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/feeds/detail/assembler.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/rows.hpp"
#include "base/text.hpp"
#include "market/named_column.hpp"

namespace hsl::adapters::detail {
namespace {

struct HeaderWord {
    std::string_view word;  // as header_key() spells it
    Field field;
    std::string_view column = {};  // of Field::named
    std::int64_t unit = 1;
};

// Everything that is not here is ignored, adjusted closes among it. Sources of the words: pykrx,
// FinanceDataReader, marcap, Naver, Yahoo, Creon, the exchange's downloads and its field names,
// data.go.kr, KIS.
constexpr HeaderWord header_words[] = {
    {"date", Field::date},
    {"datetime", Field::date},
    {"timestamp", Field::date},
    {"day", Field::date},
    {"날짜", Field::date},
    {"일자", Field::date},
    {"거래일", Field::date},
    {"거래일자", Field::date},
    {"일시", Field::date},
    {"체결시간", Field::date},
    {"신고의무발생일", Field::date},
    {"date/time", Field::date},
    {"dtyyyymmdd", Field::date},
    {"localtradedat", Field::date},
    {"basdd", Field::date},
    {"trddd", Field::date},
    {"basdt", Field::date},
    {"stckbsopdate", Field::date},
    {"time", Field::time},
    {"시간", Field::time},
    {"시각", Field::time},
    {"stckcntghour", Field::time},
    {"code", Field::code},
    {"ticker", Field::code},
    {"symbol", Field::code},
    {"코드", Field::code},
    {"티커", Field::code},
    {"종목코드", Field::code},
    {"단축코드", Field::code},
    {"isusrtcd", Field::code},
    {"srtncd", Field::code},
    {"symbolcode", Field::code},
    {"name", Field::name},
    {"종목명", Field::name},
    {"isuabbrv", Field::name},
    {"isunm", Field::name},
    {"itmsnm", Field::name},
    {"market", Field::market},
    {"시장", Field::market},
    {"시장구분", Field::market},
    {"mktnm", Field::market},
    {"mrktctg", Field::market},
    {"open", Field::open},
    {"시가", Field::open},
    {"오픈", Field::open},
    {"start", Field::open},
    {"tddopnprc", Field::open},
    {"opnprcidx", Field::open},
    {"mkp", Field::open},
    {"stckoprc", Field::open},
    {"openprice", Field::open},
    {"openingprice", Field::open},
    {"high", Field::high},
    {"고가", Field::high},
    {"tddhgprc", Field::high},
    {"hgprcidx", Field::high},
    {"hipr", Field::high},
    {"stckhgpr", Field::high},
    {"highprice", Field::high},
    {"low", Field::low},
    {"저가", Field::low},
    {"tddlwprc", Field::low},
    {"lwprcidx", Field::low},
    {"lopr", Field::low},
    {"stcklwpr", Field::low},
    {"lowprice", Field::low},
    {"close", Field::close},
    {"종가", Field::close},
    {"현재가", Field::close},
    {"tddclsprc", Field::close},
    {"clsprcidx", Field::close},
    {"clpr", Field::close},
    {"stckclpr", Field::close},
    {"closeprice", Field::close},
    {"volume", Field::volume},
    {"거래량", Field::volume},
    {"count", Field::volume},
    {"acctrdvol", Field::volume},
    {"trqu", Field::volume},
    {"acmlvol", Field::volume},
    {"vol", Field::volume},
    {"vol.", Field::volume},
    {"cntgvol", Field::volume},
    {"jdiffvol", Field::volume},
    {"acctradevolume", Field::volume},
    {"accumulatedtradingvolume", Field::volume},
    {"value", Field::value},
    {"amount", Field::value},
    {"거래대금", Field::value},
    {"acctrdval", Field::value},
    {"trprc", Field::value},
    {"acmltrpbmn", Field::value},
    {"acctradeprice", Field::value},
    {"changes", Field::change},
    {"대비", Field::change},
    {"cmpprevddprc", Field::change},
    {"cmpprevddidx", Field::change},
    {"vs", Field::change},
    {"changecode", Field::change_sign},
    {"fluctpcd", Field::change_sign},
    {"change", Field::rate, {}, 100},  // FinanceDataReader: a fraction
    {"등락률", Field::rate},
    {"등락율", Field::rate},
    {"변동%", Field::rate},
    {"chagesratio", Field::rate},  // marcap's own spelling
    {"changesratio", Field::rate},
    {"changeratio", Field::rate},
    {"flucrt", Field::rate},
    {"fltrt", Field::rate},
    {"base", Field::base},
    {"기준가", Field::base},
    {"marcap", Field::market_cap},
    {"marketcap", Field::market_cap},
    {"시가총액", Field::market_cap},
    {"mktcap", Field::market_cap},
    {"mrkttotamt", Field::market_cap},
    {"stocks", Field::shares},
    {"listedshares", Field::shares},
    {"상장주식수", Field::shares},
    {"listshrs", Field::shares},
    {"lstgstcnt", Field::shares},
    {"listedsharescount", Field::shares},
    {"known", Field::known},
    {"filed", Field::known},
    {"filingdate", Field::known},
    {"filedate", Field::known},
    {"rceptdt", Field::known},
    {"공시일", Field::known},
    {"공시일자", Field::known},
    {"접수일", Field::known},
    {"접수일자", Field::known},
    {"제출일", Field::known},
    {"매출액", Field::named, "revenue"},
    {"영업이익", Field::named, "operating_profit"},
    {"당기순이익", Field::named, "net_profit"},
    {"자본총계", Field::named, "equity"},
    {"per", Field::named, "per"},
    {"pbr", Field::named, "pbr"},
    {"eps", Field::named, "eps"},
    {"bps", Field::named, "bps"},
    {"roe", Field::named, "roe"},
    {"div", Field::named, "dividend_yield"},
    {"divyield", Field::named, "dividend_yield"},
    {"dividendyield", Field::named, "dividend_yield"},
    {"배당수익률", Field::named, "dividend_yield"},
    {"dvdyld", Field::named, "dividend_yield"},
    {"공매도거래량", Field::named, "short_volume"},
    {"shortvolume", Field::named, "short_volume"},
    {"공매도잔고", Field::named, "short_balance"},
    {"shortbalance", Field::named, "short_balance"},
    {"공매도거래대금", Field::named, "short_value"},
    {"공매도잔고수량", Field::named, "short_balance"},
    {"공매도잔고금액", Field::named, "short_balance_value"},
    {"공매도금액", Field::named, "short_balance_value"},
    {"공매도순보유잔고수량", Field::named, "short_balance"},
    {"공매도순보유잔고금액", Field::named, "short_balance_value"},
    {"잔고수량", Field::named, "short_balance"},
    {"잔고금액", Field::named, "short_balance_value"},
    {"주당배당금", Field::named, "dps"},
    // Net purchases come in won and in shares: a header that does not say which is not guessed.
    {"외국인순매수대금", Field::named, "foreign_net"},
    {"외국인순매수거래대금", Field::named, "foreign_net"},
    {"외국인순매수(원)", Field::named, "foreign_net"},
    {"외국인순매수수량", Field::named, "foreign_net_shares"},
    {"외국인순매수거래량", Field::named, "foreign_net_shares"},
    {"외국인순매수(주)", Field::named, "foreign_net_shares"},
    {"기관순매수대금", Field::named, "institution_net"},
    {"기관순매수거래대금", Field::named, "institution_net"},
    {"기관순매수(원)", Field::named, "institution_net"},
    {"기관순매수수량", Field::named, "institution_net_shares"},
    {"기관순매수거래량", Field::named, "institution_net_shares"},
    {"기관순매수(주)", Field::named, "institution_net_shares"},
    {"개인순매수대금", Field::named, "individual_net"},
    {"개인순매수거래대금", Field::named, "individual_net"},
    {"개인순매수(원)", Field::named, "individual_net"},
    {"개인순매수수량", Field::named, "individual_net_shares"},
    {"개인순매수거래량", Field::named, "individual_net_shares"},
    {"개인순매수(주)", Field::named, "individual_net_shares"},
    {"외국인보유수량", Field::named, "foreign_holding"},
    {"frgnntbyqty", Field::named, "foreign_net_shares"},
    {"foreignholding", Field::named, "foreign_holding"},
    {"외국인지분율", Field::named, "foreign_holding_rate"},
    {"foreignholdingrate", Field::named, "foreign_holding_rate"},
};

// Lower case without blanks and underscores; a unit in brackets is cut off and told.
std::string header_key(std::string_view cell, std::int64_t& unit) {
    struct Unit {
        std::string_view words;
        std::int64_t factor;
    };
    static constexpr Unit units[] = {
        {"천주", 1'000},
        {"천", 1'000},
        {"천원", 1'000},
        {"만주", 10'000},
        {"만", 10'000},
        {"만원", 10'000},
        {"백만", 1'000'000},
        {"백만원", 1'000'000},
        {"백만주", 1'000'000},
        {"천만원", 10'000'000},
        {"억", 100'000'000},
        {"억원", 100'000'000},
        {"십억", 1'000'000'000},
        {"십억원", 1'000'000'000},
        {"조", 1'000'000'000'000},
        {"조원", 1'000'000'000'000},
        {"원", 1},
        {"주", 1},
    };
    unit = 1;
    const std::string folded = trim(plain_width(cell));
    std::string_view bare = folded;
    const char close = bare.empty() ? '\0' : bare.back();
    if (const std::size_t open = bare.rfind(close == ']' ? '[' : '(');
        open != std::string_view::npos && (close == ')' || close == ']')) {
        std::string words{bare.substr(open + 1, bare.size() - open - 2)};
        std::erase_if(words, [](char c) { return c == ' ' || c == ':'; });
        if (words.starts_with("단위")) words.erase(0, std::string_view{"단위"}.size());
        for (const Unit& u : units)
            if (u.words == words) {
                unit = u.factor;
                bare = u.factor == 1 && close == ')' ? bare : bare.substr(0, open);
                break;
            }
    }
    std::string key;
    for (const char c : bare)
        if (c != ' ' && c != '_' && c != '\t' && c != '<' && c != '>')  // <TICKER> of MetaStock
            key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return key;
}

const HeaderWord* find_word(std::string_view key) {
    const auto at = std::ranges::find(header_words, key, &HeaderWord::word);
    if (at != std::end(header_words)) return at;
    // "Candlestick.Open": what stands in front of the point is the table's name.
    const std::size_t point = key.rfind('.');
    if (point == std::string_view::npos) return nullptr;
    const auto behind = std::ranges::find(header_words, key.substr(point + 1), &HeaderWord::word);
    return behind == std::end(header_words) ? nullptr : behind;
}

ColumnSlot guess(std::string_view header) {
    std::int64_t unit = 1;
    std::string key = header_key(header, unit);
    ColumnSlot slot{.header = std::string{header}};
    // A unit of one stays in the key, since it may be all that tells won from shares.
    for (const std::string_view one : {"(원)", "(주)"})
        if (key.ends_with(one) && find_word(key) == nullptr) key.resize(key.size() - one.size());
    if (const HeaderWord* word = find_word(key)) {
        slot.field = word->field;
        slot.column = word->column;
        slot.unit = word->unit * unit;
    } else if (market::find_column(key) != nullptr || market::find_column(header) != nullptr) {
        slot.field = Field::named;
        slot.column = market::find_column(key) != nullptr ? key : std::string{header};
        slot.unit = unit;
    }
    return slot;
}

bool has_word(std::span<const std::string> header, std::string_view key) {
    std::int64_t unit = 1;
    return std::ranges::any_of(
        header, [&](const std::string& cell) { return header_key(cell, unit) == key; });
}

bool has_field(std::span<const ColumnSlot> slots, Field field) {
    return std::ranges::find(slots, field, &ColumnSlot::field) != slots.end();
}

// Words that mean one thing among some neighbours and another, or nothing, among others.
struct WordAmong {
    std::string_view word;
    std::string_view beside;  // a word that the header holds as well
    Field field;
    std::string_view column = {};
};
// What a broker or a site calls the last price is the close where no column is called so.
constexpr WordAmong prices_in_place_of_close[] = {
    {"price", "open", Field::close},
    {"tradeprice", "openingprice", Field::close},
    {"stckprpr", "stckoprc", Field::close},
};
// pykrx: shares held by foreigners beside what they may hold; what was sold short beside what is
// still owed.
constexpr WordAmong words_among[] = {
    {"보유수량", "한도수량", Field::named, "foreign_holding"},
    {"지분율", "한도수량", Field::named, "foreign_holding_rate"},
    {"거래량", "잔고수량", Field::named, "short_volume"},
    {"거래대금", "잔고수량", Field::named, "short_value"},
};

void settle_words_among(std::span<const std::string> header, std::vector<ColumnSlot>& slots) {
    const auto settle = [&](const WordAmong& among) {
        std::int64_t unit = 1;
        if (!has_word(header, among.beside)) return;
        for (ColumnSlot& slot : slots)
            if (header_key(slot.header, unit) == among.word) {
                slot.field = among.field;
                slot.column = among.column;
                slot.unit = unit;
            }
    };
    if (!has_field(slots, Field::close))
        for (const WordAmong& among : prices_in_place_of_close) settle(among);
    if (!has_field(slots, Field::open))
        for (const WordAmong& among : words_among) settle(among);
    // The value since the morning, of a chart of minutes.
    if (has_word(header, "cntgvol"))
        for (ColumnSlot& slot : slots)
            if (slot.field == Field::value) slot.field = Field::ignored;
}

constexpr std::pair<std::string_view, Field> field_names[] = {
    {"date", Field::date},
    {"time", Field::time},
    {"code", Field::code},
    {"name", Field::name},
    {"market", Field::market},
    {"open", Field::open},
    {"high", Field::high},
    {"low", Field::low},
    {"close", Field::close},
    {"volume", Field::volume},
    {"value", Field::value},
    {"change", Field::change},
    {"change_sign", Field::change_sign},
    {"rate", Field::rate},
    {"base", Field::base},
    {"market_cap", Field::market_cap},
    {"shares", Field::shares},
    {"listed_shares", Field::shares},
    {"known", Field::known},
};

// "column 3" or "3" names a column by its place, from 1.
std::optional<std::size_t> place_of(std::string_view wanted, std::span<const std::string> header) {
    for (std::size_t i = 0; i < header.size(); ++i)
        if (header[i] == wanted) return i;
    for (std::size_t i = 0; i < header.size(); ++i)
        if (lower(header[i]) == lower(wanted)) return i;
    std::string_view digits = wanted;
    if (digits.starts_with("column ")) digits.remove_prefix(7);
    if (digits.empty() || digits.size() > 4 ||
        digits.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    const std::size_t place = std::stoul(std::string{digits});
    if (place < 1 || place > header.size()) return std::nullopt;
    return place - 1;
}

}  // namespace

std::string_view name_of(Field field) {
    if (field == Field::ignored) return "ignored";
    if (field == Field::named) return "named";
    for (const auto& [name, named] : field_names)
        if (named == field) return name;
    return "";
}

Result<std::vector<ColumnSlot>> slots_of_header(std::span<const std::string> header,
                                                const store::ReadHints& hints) {
    std::vector<ColumnSlot> slots;
    slots.reserve(header.size());
    for (const std::string& cell : header) slots.push_back(guess(cell));
    settle_words_among(header, slots);
    // rltrader's third layout: net purchases as fractions of the day's volume, beside their means.
    if (std::ranges::find(header, "foreign_diff") != header.end()) {
        static constexpr std::pair<std::string_view, std::string_view> flows[] = {
            {"ind", "individual_net_rate"},
            {"inst", "institution_net_rate"},
            {"foreign", "foreign_net_rate"}};
        for (ColumnSlot& slot : slots)
            for (const auto& [word, column] : flows)
                if (slot.header == word && market::find_column(column) != nullptr) {
                    slot.field = Field::named;
                    slot.column = column;
                }
    }
    for (const auto& [ours, theirs] : hints.columns) {
        // No columns, but how days and numbers are written.
        if (ours == "date_order" || ours == "decimal") continue;
        const auto place = place_of(theirs, header);
        if (!place && ours == "date" && scan_date(theirs).state == DateState::ok)
            continue;  // no column: the day of every row
        if (!place) {
            std::vector<std::string> names;
            for (const std::string& cell : header) names.push_back(printable(cell));
            return fail(
                ErrorCode::bad_usage,
                fmt::format("--map {}={}: the file has no column '{}'; its columns are {}", ours,
                            printable(theirs), printable(theirs), fmt::join(names, ", ")));
        }
        const auto field =
            std::ranges::find(field_names, ours, &std::pair<std::string_view, Field>::first);
        ColumnSlot slot{.header = header[*place]};
        if (field != std::end(field_names)) {
            slot.field = field->second;
        } else if (market::find_column(ours) != nullptr) {
            slot.field = Field::named;
            slot.column = ours;
        } else {
            std::vector<std::string_view> known;
            for (const auto& [name, unused] : field_names) known.push_back(name);
            for (const market::ColumnSpec& spec : market::column_specs())
                if (std::ranges::find(known, spec.name) == known.end()) known.push_back(spec.name);
            const std::string near = nearest_word(ours, known.data(), known.size());
            return fail(
                ErrorCode::bad_usage,
                fmt::format("--map {}={}: '{}' is no column of ours; {}", ours, printable(theirs),
                            printable(ours),
                            near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                         : fmt::format("did you mean {}?", near)));
        }
        // What the user says of a column takes it from every other.
        for (ColumnSlot& other : slots)
            if (other.field == slot.field && other.column == slot.column)
                other = {.header = other.header};
        std::int64_t unit = 1;
        static_cast<void>(header_key(header[*place], unit));
        const ColumnSlot guessed = guess(header[*place]);
        slot.unit = guessed.field == slot.field ? guessed.unit : unit;
        slots[*place] = std::move(slot);
    }
    return slots;
}

}  // namespace hsl::adapters::detail
