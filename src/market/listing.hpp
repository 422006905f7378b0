// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who was listed when, under which name, on which market, as what kind of share, and in which
// state: the table that universes, sectors and searches are made from. Immutable once built; any
// thread.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "market/instrument.hpp"

namespace hsl::market {

enum class ShareClass : std::uint8_t {
    unknown,
    common,
    preferred,
    etf,
    etn,
    elw,
    spac,
    reit,
    fund,     // investment companies, infrastructure funds
    foreign,  // foreign issuers and depositary receipts
    other,    // rights, certificates, warrants
};
[[nodiscard]] std::string_view name_of(ShareClass share_class);             // "common"
[[nodiscard]] Result<ShareClass> parse_share_class(std::string_view word);  // Korean words too
// What the code alone (and the name, where there is one) tells: "" leaves it out. A code of an ETF
// looks like that of a share, so a name that begins with a fund brand (KODEX, TIGER ...) counts.
[[nodiscard]] ShareClass guess_share_class(std::string_view krx_code, std::string_view name);

// Leverage that the name of a fund tells, negative for an inverse one: "2X" and "3배" say it,
// 레버리지 is 2, 인버스 -1, "인버스2X" -2; a fraction counts as the next whole number. 1 where
// nothing is said, and for what is neither ETF nor ETN.
[[nodiscard]] int fund_multiple(ShareClass share_class, std::string_view name);

// One code over the time in which nothing below changed.
struct Listing {
    std::string symbol = {};
    std::string isin = {};
    std::string name = {};  // as the exchange writes it, Korean
    std::string name_english = {};
    Market market = Market::unknown;
    ShareClass share_class = ShareClass::unknown;
    std::string sector = {};
    std::int64_t shares = 0;         // listed shares, 0 = unknown
    std::optional<Date> first = {};  // these facts hold from here (a snapshot: its day); none: open
    std::optional<Date> last = {};   // to here, included; none: until somebody says otherwise
    std::optional<Date> listed = {};    // first day of trading
    std::optional<Date> delisted = {};  // first day without it
    std::string reason = {};            // of the delisting
    std::string successor = {};         // code that follows it
    std::string source = {};            // the file

    friend bool operator==(const Listing&, const Listing&) = default;
};

// What a code is traded as: it picks tick, limit and tax.
struct TradedAs {
    Market market = Market::unknown;
    ShareClass share_class = ShareClass::unknown;
    int multiple = 1;  // of a fund: its limit is so many times as wide

    friend bool operator==(const TradedAs&, const TradedAs&) = default;
};
// From a day on, until the next of a row of them. The first one holds before its day as well.
struct TradedFrom {
    Date first = {};
    TradedAs as = {};

    friend bool operator==(const TradedFrom&, const TradedFrom&) = default;
};

// By the name of a row, the Korean one first.
[[nodiscard]] int fund_multiple(const Listing& listing);
[[nodiscard]] std::string class_text(const Listing& listing);  // "common", "etf 2x", "etn -1x"

enum class ListingState : std::uint8_t {
    administrative,  // 관리종목
    attention,       // 투자주의환기
    caution,         // 투자주의
    warning,         // 투자경고
    danger,          // 투자위험
    overheated,      // 단기과열
    liquidation,     // 정리매매: no price limit, no buys by default
    halted,          // 거래정지
};
[[nodiscard]] std::string_view name_of(ListingState state);
[[nodiscard]] std::string_view korean_name_of(ListingState state);
[[nodiscard]] Result<ListingState> parse_listing_state(std::string_view word);

struct StatePeriod {
    std::string symbol = {};
    ListingState state{};
    Date first = {};
    std::optional<Date> last = {};  // included
    std::string source = {};

    friend bool operator==(const StatePeriod&, const StatePeriod&) = default;
};

class Listings {
public:
    Listings() = default;
    Listings(std::vector<Listing> listings, std::vector<StatePeriod> states);

    [[nodiscard]] bool empty() const { return listings_.empty(); }
    [[nodiscard]] std::span<const Listing> all() const {
        return listings_;
    }  // by symbol, then first
    [[nodiscard]] std::span<const StatePeriod> states() const { return states_; }
    // The facts about a code that hold on a day: the latest row that began by then, else the
    // earliest. Null for a code nobody told of.
    [[nodiscard]] const Listing* find(std::string_view symbol, Date as_of) const;
    // What a code was traded as, by day; nothing for a code nobody told of. Before the first row
    // that tells of it: what that row says, and for the market what its prices' file says.
    // `of_prices` also stands before a row without days.
    [[nodiscard]] std::vector<TradedFrom> traded_as(std::string_view symbol,
                                                    Market of_prices) const;
    // Whether a code was listed on that day: somebody told of it by then and of no end since.
    [[nodiscard]] bool is_listed(std::string_view symbol, Date as_of) const;
    // Codes that were listed on that day, of one market or (unknown) of all, ascending.
    [[nodiscard]] std::vector<const Listing*> listed(Market market, Date as_of) const;
    [[nodiscard]] bool in_state(std::string_view symbol, ListingState state, Date date) const;
    [[nodiscard]] bool has_sectors() const;
    // As find, among the rows that name a sector: a table of names alone says nothing of sectors.
    // "" where none does.
    [[nodiscard]] std::string_view sector_of(std::string_view symbol, Date as_of) const;
    // By code, ISIN, name (any part, any case) or initial consonants (초성): "ㅅㅅㅈㅈ" finds
    // 삼성전자. Exact codes first, then names that begin so, then the rest; one row a code.
    [[nodiscard]] std::vector<const Listing*> search(std::string_view text,
                                                     std::size_t limit) const;

private:
    std::vector<Listing> listings_;
    std::vector<StatePeriod> states_;
    std::map<std::string, std::pair<std::size_t, std::size_t>, std::less<>> rows_of_;
};

// What is wrong where sectors are asked for and nobody told of any, and what to import.
[[nodiscard]] Error no_sectors(const Listings& listings);

// 초성 of each Hangul syllable, other characters in lower case: "삼성전자 A" gives "ㅅㅅㅈㅈ a".
[[nodiscard]] std::string initial_consonants(std::string_view text);

}  // namespace hsl::market
