// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/facts_tables.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "adapters/feeds/detail/series_rules.hpp"
#include "adapters/feeds/detail/structured.hpp"
#include "base/text.hpp"
#include "market/listing.hpp"

namespace hsl::adapters::detail {
namespace {

using market::Listing;
using market::ListingState;
using market::ShareClass;
using store::MarketFile;

// A code that a whole-market list leaves out for a year is gone; shorter gaps are halts, which some
// lists leave out as well.
constexpr std::size_t days_until_gone = 250;

enum class Fact : std::uint8_t {
    code,
    isin,
    name,
    english,
    market,
    sector,
    dept,
    kind,
    group,
    shares,
    shares_thousand,
    listed,
    delisted,
    first,
    last,
    reason,
    successor,
    liquidation_first,
    liquidation_last,
    day,
    state,
    none,
};
constexpr std::size_t fact_count = static_cast<std::size_t>(Fact::none);

struct FactWord {
    std::string_view word;  // lower case, without blanks and underscores
    Fact fact;
};
constexpr FactWord fact_words[] = {
    {"code", Fact::code},
    {"ticker", Fact::code},
    {"symbol", Fact::code},
    {"종목코드", Fact::code},
    {"단축코드", Fact::code},
    {"코드", Fact::code},
    {"isusrtcd", Fact::code},
    {"shortcode", Fact::code},
    {"srtncd", Fact::code},
    {"회사코드", Fact::code},
    {"isin", Fact::isin},
    {"표준코드", Fact::isin},
    {"isucd", Fact::isin},
    {"fullcode", Fact::isin},
    {"isincd", Fact::isin},
    {"isuabbrv", Fact::name},
    {"한글종목약명", Fact::name},
    {"종목약명", Fact::name},
    {"name", Fact::name},
    {"종목명", Fact::name},
    {"한글종목명", Fact::name},
    {"회사명", Fact::name},
    {"codename", Fact::name},
    {"isunm", Fact::name},
    {"itmsnm", Fact::name},
    {"isuengnm", Fact::english},
    {"영문종목명", Fact::english},
    {"nameenglish", Fact::english},
    {"englishname", Fact::english},
    {"market", Fact::market},
    {"시장", Fact::market},
    {"시장구분", Fact::market},
    {"mkttpnm", Fact::market},
    {"mktnm", Fact::market},
    {"marketcode", Fact::market},
    {"mrktctg", Fact::market},
    {"mktid", Fact::market},
    {"marketid", Fact::market},
    {"sector", Fact::sector},
    {"업종", Fact::sector},
    {"업종명", Fact::sector},
    {"industry", Fact::sector},
    {"idxindnm", Fact::none},
    {"dept", Fact::dept},
    {"소속부", Fact::dept},
    {"secttpnm", Fact::dept},
    {"kindstkcerttpnm", Fact::kind},
    {"주식종류", Fact::kind},
    {"shareclass", Fact::kind},
    {"class", Fact::kind},
    {"secugrpnm", Fact::group},
    {"증권구분", Fact::group},
    {"secugrpid", Fact::group},
    {"stocks", Fact::shares},
    {"shares", Fact::shares},
    {"상장주식수", Fact::shares},
    {"listshrs", Fact::shares},
    {"listingshares", Fact::shares},
    {"listedshares", Fact::shares},
    {"lstgstcnt", Fact::shares},
    {"상장주식수(주)", Fact::shares},
    {"상장주식수(천주)", Fact::shares_thousand},
    {"listed", Fact::listed},
    {"listingdate", Fact::listed},
    {"상장일", Fact::listed},
    {"listdd", Fact::listed},
    {"delisted", Fact::delisted},
    {"delistingdate", Fact::delisted},
    {"폐지일", Fact::delisted},
    {"상장폐지일", Fact::delisted},
    {"delistdd", Fact::delisted},
    {"from", Fact::first},
    {"first", Fact::first},
    {"시작일", Fact::first},
    {"지정일", Fact::first},
    {"적용일", Fact::first},
    {"to", Fact::last},
    {"last", Fact::last},
    {"종료일", Fact::last},
    {"해제일", Fact::last},
    {"reason", Fact::reason},
    {"폐지사유", Fact::reason},
    {"상장폐지사유", Fact::reason},
    {"delistrsndsc", Fact::reason},
    {"successor", Fact::successor},
    {"toisusrtcd", Fact::successor},
    {"tosymbol", Fact::successor},
    {"이전후코드", Fact::successor},
    {"arrantrdmktactenforcedd", Fact::liquidation_first},
    {"arrantrdenddd", Fact::liquidation_last},
    {"정리매매시작일", Fact::liquidation_first},
    {"정리매매종료일", Fact::liquidation_last},
    {"date", Fact::day},
    {"날짜", Fact::day},
    {"일자", Fact::day},
    {"기준일", Fact::day},
    {"basdd", Fact::day},
    {"basdt", Fact::day},
    {"state", Fact::state},
    {"상태", Fact::state},
    {"지정구분", Fact::state},
    {"구분", Fact::state},
};

// Where each fact stands; of two columns for one fact the word that comes first in the list.
class FactColumns {
public:
    explicit FactColumns(const Records& records) {
        at_.fill(Records::absent);
        std::array<std::size_t, fact_count> rank{};
        for (std::size_t i = 0; i < records.names.size(); ++i) {
            const std::string word = plain_word(records.names[i]);
            const auto found = std::ranges::find(fact_words, word, &FactWord::word);
            if (found == std::end(fact_words) || found->fact == Fact::none) continue;
            const auto fact = static_cast<std::size_t>(found->fact);
            const auto place = static_cast<std::size_t>(found - std::begin(fact_words));
            if (at_[fact] != Records::absent && rank[fact] < place) continue;
            at_[fact] = i;
            rank[fact] = place;
        }
    }
    [[nodiscard]] std::size_t at(Fact fact) const { return at_[static_cast<std::size_t>(fact)]; }
    [[nodiscard]] bool has(Fact fact) const { return at(fact) != Records::absent; }
    [[nodiscard]] std::string_view of(const Record& row, Fact fact) const {
        const std::size_t place = at(fact);
        if (place >= row.cells.size() || says_nothing(row.cells[place])) return {};
        return row.cells[place];
    }

private:
    std::array<std::size_t, fact_count> at_{};
};

void tell_columns(MarketFile& file, const Records& records) {
    for (const std::string& name : records.names) {
        const std::string word = plain_word(name);
        const auto found = std::ranges::find(fact_words, word, &FactWord::word);
        const bool known = found != std::end(fact_words) && found->fact != Fact::none;
        file.how.columns.emplace_back(known ? name : "", name);
    }
}

// A day that is not there is no fault; one that cannot be read is.
bool read_day(std::string_view cell, std::optional<Date>& day) {
    if (cell.empty() || cell == "0" || cell == "00000000") return true;
    day = day_in(cell);
    return day.has_value();
}

// Of the exchange's words for group, kind and department the one that says the most.
ShareClass class_of(std::string_view group, std::string_view kind, std::string_view dept,
                    std::string_view code, std::string_view name) {
    const auto said = [](std::string_view word) {
        return word.empty() ? ShareClass::unknown
                            : market::parse_share_class(word).value_or(ShareClass::unknown);
    };
    const auto telling = [](ShareClass c) {
        return c != ShareClass::unknown && c != ShareClass::common;
    };
    const ShareClass of_group = said(group);
    const ShareClass of_kind = said(kind);
    if (telling(of_group)) return of_group;
    if (telling(of_kind)) return of_kind;
    if (dept.starts_with("SPAC")) return ShareClass::spac;
    if (dept.starts_with("외국기업")) return ShareClass::foreign;
    const ShareClass guessed = market::guess_share_class(code, name);
    if (guessed == ShareClass::spac) return guessed;
    if (of_kind == ShareClass::common || of_group == ShareClass::common) return ShareClass::common;
    return guessed;
}

// "관리종목(소속부없음)": the state that a department's name holds.
std::optional<ListingState> state_of_dept(std::string_view dept) {
    if (dept.starts_with("관리")) return ListingState::administrative;
    if (dept.starts_with("투자주의환기")) return ListingState::attention;
    return {};
}

// One row as it was understood.
struct Fresh {
    Listing listing = {};
    std::optional<Date> day = {};
    std::optional<ListingState> state = {};
    std::optional<Date> liquidation_first = {}, liquidation_last = {};
    std::size_t row = 0;  // of the records
};

class ListingReader {
public:
    ListingReader(const Content& content, const Records& records, std::optional<Date> snapshot)
        : content_(content), records_(records), columns_(records), snapshot_(snapshot) {}

    Result<MarketFile> read() && {
        file_.path = content_.path;
        file_.how = content_.how;
        if (file_.how.format.empty()) file_.how.format = "listings";
        if (!columns_.has(Fact::code) && !columns_.has(Fact::isin))
            return std::unexpected(Error{
                .code = ErrorCode::bad_data,
                .message = "a table of listings needs a column of codes (code, 종목코드, 단축코드, "
                           "ISU_SRT_CD, short_code)",
                .file = content_.path});
        tell_columns(file_, records_);
        for (std::size_t i = 0; i < records_.rows.size(); ++i) read_row(i);
        settle();
        return std::move(file_);
    }

private:
    void read_row(std::size_t index) {
        const Record& row = records_.rows[index];
        ++file_.data_lines;
        if (std::ranges::all_of(row.cells, says_nothing)) {
            ++file_.dropped["filler"];
            return;
        }
        if (!row.damage.empty()) {
            set_aside(file_, row, row.damage, damage_words(row.damage));
            return;
        }
        const auto cell = [&](Fact fact) { return columns_.of(row, fact); };
        Fresh fresh{.row = index};
        Listing& listing = fresh.listing;
        listing.isin = cell(Fact::isin);
        listing.symbol = code_in(cell(Fact::code));
        if (listing.symbol.empty() && market::is_isin(listing.isin))
            listing.symbol = short_code_of_isin(listing.isin);
        if (listing.symbol.empty() && !market::is_isin(listing.isin)) {
            listing.symbol = code_in(listing.isin);  // a code in the ISIN's column
            listing.isin.clear();
        }
        if (listing.symbol.empty()) {
            set_aside(file_, row, "unreadable_code",
                      fmt::format("'{}' is no code", printable(cell(Fact::code))));
            return;
        }
        listing.name = valid_utf8(cell(Fact::name));
        listing.name_english = valid_utf8(cell(Fact::english));
        listing.sector = valid_utf8(cell(Fact::sector));
        listing.reason = valid_utf8(cell(Fact::reason));
        listing.successor = code_in(cell(Fact::successor));
        listing.source = content_.path.substr(content_.path.rfind('/') + 1);
        listing.market = market::parse_market(cell(Fact::market)).value_or(content_.hints.market);
        const std::string_view dept = cell(Fact::dept);
        listing.share_class =
            class_of(cell(Fact::group), cell(Fact::kind), dept, listing.symbol, listing.name);
        fresh.state = state_of_dept(dept);
        if (!read_days(row, fresh) || !read_shares(row, listing)) return;
        fresh_.push_back(std::move(fresh));
    }

    bool read_days(const Record& row, Fresh& fresh) {
        const std::pair<Fact, std::optional<Date>*> days[] = {
            {Fact::listed, &fresh.listing.listed},
            {Fact::delisted, &fresh.listing.delisted},
            {Fact::first, &fresh.listing.first},
            {Fact::last, &fresh.listing.last},
            {Fact::day, &fresh.day},
            {Fact::liquidation_first, &fresh.liquidation_first},
            {Fact::liquidation_last, &fresh.liquidation_last}};
        for (const auto& [fact, day] : days) {
            const std::string_view cell = columns_.of(row, fact);
            if (read_day(cell, *day)) continue;
            set_aside(file_, row, "unreadable_date", fmt::format("'{}' is no day", printable(cell)),
                      fresh.listing.symbol);
            return false;
        }
        if (fresh.listing.first && fresh.listing.last &&
            *fresh.listing.last < *fresh.listing.first) {
            set_aside(file_, row, "days_reversed",
                      fmt::format("to {} lies before from {}", fresh.listing.last->iso(),
                                  fresh.listing.first->iso()),
                      fresh.listing.symbol);
            return false;
        }
        return true;
    }

    bool read_shares(const Record& row, Listing& listing) {
        const bool thousands = columns_.has(Fact::shares_thousand) && !columns_.has(Fact::shares);
        const std::string_view cell =
            columns_.of(row, thousands ? Fact::shares_thousand : Fact::shares);
        if (cell.empty()) return true;
        const ScannedNumber number = scan_number(cell, 0);
        const bool fits = number.state == NumberState::ok && number.value >= 0 &&
                          (!thousands || number.value <= number_max / 1000);
        if (!fits) {
            set_aside(file_, row, "unreadable_number",
                      fmt::format("listed shares '{}' are no plain number", printable(cell)),
                      listing.symbol);
            return false;
        }
        listing.shares = thousands ? number.value * 1000 : number.value;
        return true;
    }

    // The day from which a row holds.
    [[nodiscard]] std::optional<Date> start_of(const Fresh& fresh) const {
        return fresh.day ? fresh.day : fresh.listing.first;
    }

    void settle() {
        std::ranges::stable_sort(
            fresh_, {}, [&](const Fresh& f) { return std::pair{f.listing.symbol, start_of(f)}; });
        std::set<Date> days;
        for (const Fresh& fresh : fresh_)
            if (fresh.day) days.insert(*fresh.day);
        const std::vector<Date> all_days{days.begin(), days.end()};
        for (auto first = fresh_.begin(); first != fresh_.end();) {
            const auto last = std::find_if(first, fresh_.end(), [&](const Fresh& f) {
                return f.listing.symbol != first->listing.symbol;
            });
            settle_code({first, last}, all_days);
            first = last;
        }
        std::ranges::stable_sort(file_.quarantined, {}, &store::QuarantinedRow::line);
    }

    // Rows of one code, by day: repeats out, then stretches in which nothing changes.
    void settle_code(std::span<Fresh> rows, std::span<const Date> days) {
        std::vector<Fresh*> kept;
        for (std::size_t first = 0; first < rows.size();) {
            std::size_t last = first + 1;
            while (last < rows.size() && start_of(rows[last]) == start_of(rows[first])) ++last;
            const auto group = rows.subspan(first, last - first);
            const bool equal = std::ranges::all_of(group, [&](const Fresh& f) {
                return f.listing == group.front().listing && f.state == group.front().state;
            });
            if (equal) {
                kept.push_back(&group.front());
                if (group.size() > 1)
                    file_.dropped["equal_repeat"] += static_cast<std::int64_t>(group.size() - 1);
            } else {
                for (const Fresh& f : group) set_conflict_aside(f, group);
            }
            first = last;
        }
        for (std::size_t first = 0; first < kept.size();) {
            std::size_t last = first + 1;
            while (last < kept.size() && kept[first]->day && kept[last]->day &&
                   kept[last]->listing == kept[first]->listing)
                ++last;
            add_stretch({kept.begin() + static_cast<std::ptrdiff_t>(first),
                         kept.begin() + static_cast<std::ptrdiff_t>(last)},
                        last < kept.size() ? kept[last] : nullptr, days);
            first = last;
        }
        add_states(kept);
    }

    void set_conflict_aside(const Fresh& fresh, std::span<const Fresh> group) {
        const Record& other =
            records_.rows[group.front().row == fresh.row ? group[1].row : group.front().row];
        set_aside(file_, records_.rows[fresh.row], "conflicting_repeat",
                  fmt::format("line {} says otherwise of this code and day", other.line),
                  fresh.listing.symbol);
    }

    void add_stretch(std::span<Fresh* const> same, const Fresh* next, std::span<const Date> days) {
        Listing listing = same.front()->listing;
        if (same.front()->day) {
            listing.first = same.front()->day;
            if (next != nullptr && next->day) {
                listing.last = *next->day + -1;
            } else {
                const auto behind = std::ranges::upper_bound(days, *same.back()->day);
                if (static_cast<std::size_t>(days.end() - behind) >= days_until_gone)
                    listing.last = same.back()->day;
            }
        } else if (!listing.first && snapshot_) {
            listing.first = snapshot_;
        }
        for (const std::optional<Date> day : {listing.first, listing.listed}) note_day(day);
        if (same.back()->day) note_day(same.back()->day);
        if (!same.front()->day && content_.how.format.contains("finder") && is_delisted_list()) {
            listing.delisted = snapshot_;
            listing.first.reset();
            listing.reason = "delisted by the day of this list; when is not said";
        }
        file_.facts.listings.push_back(std::move(listing));
        if (same.front()->liquidation_first) {
            file_.facts.states.push_back({.symbol = same.front()->listing.symbol,
                                          .state = ListingState::liquidation,
                                          .first = *same.front()->liquidation_first,
                                          .last = same.front()->liquidation_last,
                                          .source = same.front()->listing.source});
        }
        if (file_.how.first_rows.size() < 5) tell(file_.facts.listings.back());
        note_leverage(file_.facts.listings.back(), *same.front());
    }

    // Nothing but its name tells a fund's wider limit, so what was read there is shown.
    void note_leverage(const Listing& listing, const Fresh& fresh) {
        const int multiple = std::abs(market::fund_multiple(listing));
        if (multiple == 1) return;
        if (std::int64_t& found = file_.found["leveraged_fund"]; ++found <= findings_max)
            file_.findings.push_back(
                {.rule = "leveraged_fund",
                 .symbol = listing.symbol,
                 .date = listing.first ? listing.first->iso() : "",
                 .line = records_.rows[fresh.row].line,
                 .detail = fmt::format("{} is {}: its daily limit is {} x that of others",
                                       listing.name.empty() ? listing.name_english : listing.name,
                                       market::class_text(listing), multiple)});
    }

    // finder_listdelisu has the fields of finder_stkisu but the market's English name.
    [[nodiscard]] bool is_delisted_list() const {
        return snapshot_ && records_.has("marketCode") && !records_.has("marketEngName");
    }

    void tell(const Listing& listing) {
        file_.how.first_rows.push_back(fmt::format(
            "{} {} {} {}{}", listing.symbol, listing.name, market::name_of(listing.market),
            market::class_text(listing), listing.first ? " from " + listing.first->iso() : ""));
    }

    void note_day(std::optional<Date> day) {
        if (!day) return;
        file_.first = file_.first ? std::min(*file_.first, *day) : *day;
        file_.last = file_.last ? std::max(*file_.last, *day) : *day;
    }

    // A state lasts from the first row that has it to the day before the first that has not.
    void add_states(std::span<Fresh* const> kept) {
        for (std::size_t first = 0; first < kept.size();) {
            if (!kept[first]->state) {
                ++first;
                continue;
            }
            std::size_t last = first + 1;
            while (last < kept.size() && kept[last]->state == kept[first]->state) ++last;
            const std::optional<Date> begin = kept[first]->day ? kept[first]->day : snapshot_;
            if (begin) {
                market::StatePeriod period{.symbol = kept[first]->listing.symbol,
                                           .state = *kept[first]->state,
                                           .first = *begin,
                                           .source = kept[first]->listing.source};
                if (last < kept.size() && kept[last]->day) period.last = *kept[last]->day + -1;
                file_.facts.states.push_back(std::move(period));
            }
            first = last;
        }
    }

    const Content& content_;
    const Records& records_;
    FactColumns columns_;
    std::optional<Date> snapshot_;
    MarketFile file_;
    std::vector<Fresh> fresh_;
};

// A day's prices or valuations may stand beside names and markets: then they are what counts.
bool has_prices(const Records& records) {
    static constexpr std::string_view words[] = {"open", "시가", "tddopnprc", "mkp", "close",
                                                 "종가", "per",  "pbr",       "eps", "bps"};
    return std::ranges::any_of(records.names, [](const std::string& name) {
        return std::ranges::find(words, plain_word(name)) != std::end(words);
    });
}

}  // namespace

void set_aside(MarketFile& file, const Record& row, std::string_view reason, std::string detail,
               std::string symbol, std::string date) {
    file.quarantined.push_back({.symbol = std::move(symbol),
                                .date = std::move(date),
                                .file = file.path,
                                .line = row.line,
                                .reason = std::string{reason},
                                .detail = std::move(detail),
                                .source = std::string{row.source}});
}

bool is_listing(const Records& records, const store::ReadHints& hints) {
    const FactColumns columns{records};
    if (!columns.has(Fact::code) && !columns.has(Fact::isin)) return false;
    if (hints.listing) return true;
    return columns.has(Fact::name) && !has_prices(records) &&
           (columns.has(Fact::market) || columns.has(Fact::sector) || columns.has(Fact::listed) ||
            columns.has(Fact::first) || columns.has(Fact::kind) || columns.has(Fact::delisted));
}

bool is_state_table(const Records& records) {
    const FactColumns columns{records};
    return columns.has(Fact::code) && columns.has(Fact::state) && columns.has(Fact::first);
}

Result<MarketFile> read_listings(const Content& content, const Records& records,
                                 std::optional<Date> snapshot) {
    if (const auto said = content.hints.columns.find("date"); said != content.hints.columns.end())
        if (const auto day = day_in(said->second)) snapshot = day;
    return ListingReader{content, records, snapshot}.read();
}

Result<MarketFile> read_states(const Content& content, const Records& records) {
    const FactColumns columns{records};
    MarketFile file{.path = content.path, .how = content.how};
    file.how.format = "states of listings";
    tell_columns(file, records);
    for (const Record& row : records.rows) {
        ++file.data_lines;
        if (std::ranges::all_of(row.cells, says_nothing)) {
            ++file.dropped["filler"];
            continue;
        }
        market::StatePeriod period{.symbol = code_in(columns.of(row, Fact::code)),
                                   .source = content.path.substr(content.path.rfind('/') + 1)};
        const std::string_view word = columns.of(row, Fact::state);
        const auto state = market::parse_listing_state(word);
        std::optional<Date> first;
        if (!row.damage.empty()) {
            set_aside(file, row, row.damage, damage_words(row.damage));
        } else if (period.symbol.empty()) {
            set_aside(file, row, "unreadable_code",
                      fmt::format("'{}' is no code", printable(columns.of(row, Fact::code))));
        } else if (!state) {
            set_aside(file, row, "unknown_state", state.error().message, period.symbol);
        } else if (!read_day(columns.of(row, Fact::first), first) || !first ||
                   !read_day(columns.of(row, Fact::last), period.last)) {
            set_aside(file, row, "unreadable_date", "the days from and to must be days",
                      period.symbol);
        } else if (period.last && *period.last < *first) {
            set_aside(file, row, "days_reversed",
                      fmt::format("to {} lies before from {}", period.last->iso(), first->iso()),
                      period.symbol);
        } else {
            period.state = *state;
            period.first = *first;
            file.first = file.first ? std::min(*file.first, *first) : *first;
            file.last = file.last ? std::max(*file.last, *first) : *first;
            file.facts.states.push_back(std::move(period));
        }
    }
    return file;
}

Reading read_facts_table(const Content& content) {
    const std::string_view head =
        content.bytes.substr(0, std::min<std::size_t>(content.bytes.size(), 1 << 16));
    auto sample = records_of(head.substr(0, head.find('\n', head.find_first_not_of("\r\n "))));
    if (!sample) return {};
    const bool actions = content.hints.actions || is_action_table(*sample);
    const bool states = is_state_table(*sample);
    if (!actions && !states && !is_listing(*sample, content.hints)) return {};
    auto records = records_of(content.bytes);
    if (!records) return {};
    if (records->rows.empty()) return {};
    if (actions) return read_actions(content, *records);
    if (states) return read_states(content, *records);
    return read_listings(content, *records, {});
}

}  // namespace hsl::adapters::detail
