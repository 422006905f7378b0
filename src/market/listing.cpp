// SPDX-License-Identifier: Apache-2.0
#include "market/listing.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl::market {
namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// --- words -------------------------------------------------------------------------------------

struct ClassWord {
    std::string_view word;
    ShareClass share_class;
};
// The first word of a class is its name; the others are what the exchange and its files call it.
constexpr ClassWord class_words[] = {
    {"unknown", ShareClass::unknown},
    {"common", ShareClass::common},
    {"보통주", ShareClass::common},
    {"주권", ShareClass::common},
    {"preferred", ShareClass::preferred},
    {"우선주", ShareClass::preferred},
    {"구형우선주", ShareClass::preferred},
    {"신형우선주", ShareClass::preferred},
    {"종류주권", ShareClass::preferred},
    {"etf", ShareClass::etf},
    {"상장지수펀드", ShareClass::etf},
    {"상장지수집합투자기구", ShareClass::etf},
    {"etn", ShareClass::etn},
    {"상장지수증권", ShareClass::etn},
    {"elw", ShareClass::elw},
    {"주식워런트증권", ShareClass::elw},
    {"spac", ShareClass::spac},
    {"스팩", ShareClass::spac},
    {"기업인수목적회사", ShareClass::spac},
    {"spac(소속부없음)", ShareClass::spac},
    {"reit", ShareClass::reit},
    {"리츠", ShareClass::reit},
    {"부동산투자회사", ShareClass::reit},
    {"fund", ShareClass::fund},
    {"투자회사", ShareClass::fund},
    {"수익증권", ShareClass::fund},
    {"사회간접자본투융자회사", ShareClass::fund},
    {"선박투자회사", ShareClass::fund},
    {"foreign", ShareClass::foreign},
    {"외국주권", ShareClass::foreign},
    {"외국주식예탁증권", ShareClass::foreign},
    {"주식예탁증권", ShareClass::foreign},
    {"예탁증서", ShareClass::foreign},
    {"외국기업", ShareClass::foreign},
    {"외국기업(소속부없음)", ShareClass::foreign},
    {"other", ShareClass::other},
    {"신주인수권증서", ShareClass::other},
    {"신주인수권증권", ShareClass::other},
};

struct StateWord {
    std::string_view word;
    ListingState state;
};
// The first two words of a state are its names.
constexpr StateWord state_words[] = {
    {"administrative", ListingState::administrative},
    {"관리종목", ListingState::administrative},
    {"관리", ListingState::administrative},
    {"attention", ListingState::attention},
    {"투자주의환기", ListingState::attention},
    {"투자주의환기종목", ListingState::attention},
    {"환기종목", ListingState::attention},
    {"caution", ListingState::caution},
    {"투자주의", ListingState::caution},
    {"투자주의종목", ListingState::caution},
    {"warning", ListingState::warning},
    {"투자경고", ListingState::warning},
    {"투자경고종목", ListingState::warning},
    {"danger", ListingState::danger},
    {"투자위험", ListingState::danger},
    {"투자위험종목", ListingState::danger},
    {"overheated", ListingState::overheated},
    {"단기과열", ListingState::overheated},
    {"단기과열종목", ListingState::overheated},
    {"liquidation", ListingState::liquidation},
    {"정리매매", ListingState::liquidation},
    {"정리매매종목", ListingState::liquidation},
    {"halted", ListingState::halted},
    {"거래정지", ListingState::halted},
    {"매매거래정지", ListingState::halted},
};

// A fund's name begins with its manager's brand. Those of the first list are nobody else's; those
// of the second are words that companies use too, so a space must follow.
constexpr std::string_view brands[] = {
    "KODEX",    "TIGER",       "KBSTAR", "ARIRANG",   "KOSEF",       "KINDEX",      "TREX",
    "HANARO",   "TIMEFOLIO",   "KoAct",  "FOCUS ",    "RISE ",       "PLUS ",       "ACE ",
    "SOL ",     "KIWOOM ",     "TIME ",  "1Q ",       "WON ",        "HK ",         "BNK ",
    "KCGI ",    "마이티 ",     "파워 ",  "히어로즈 ", "마이다스 ",   "에셋플러스 ", "TRUSTON ",
    "UNICORN ", "DAISHIN343 ", "ITF ",   "VITA ",     "아이엠에셋 ", "SMART "};
constexpr std::string_view funds[] = {"맥쿼리인프라", "KB발해인프라", "맵스리얼티"};

// A number in front of X or 배, "-1.5X" and "2배"; 0 where there is none. Numbers of an index
// ("200선물", "KRX100") are none.
int stated_multiple(std::string_view name) {
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (!is_digit(name[at])) continue;
        std::size_t end = at;
        while (end < name.size() && (is_digit(name[end]) || name[end] == '.')) ++end;
        const std::string_view rest = name.substr(end);
        const bool times =
            rest.starts_with("배") || ((rest.starts_with('X') || rest.starts_with('x')) &&
                                       (rest.size() == 1 || !is_letter_or_digit(rest[1])));
        const int whole = name[at] - '0';
        const std::string_view number = name.substr(at, end - at);
        if (times && (number.size() == 1 || number[1] == '.')) {
            const bool more = number.find_first_of("123456789", 1) != std::string_view::npos;
            return more ? whole + 1 : whole;
        }
        at = end - 1;
    }
    return 0;
}

bool names_a_reit(std::string_view name) {
    if (contains(name, "리츠코크렙")) return true;
    return name.ends_with("리츠") && name != "메리츠";
}

ShareClass class_by_name(std::string_view name) {
    if (contains(name, "ETN")) return ShareClass::etn;
    for (const std::string_view brand : brands)
        if (name.starts_with(brand)) return ShareClass::etf;
    if (contains(name, "스팩")) return ShareClass::spac;
    if (names_a_reit(name)) return ShareClass::reit;
    for (const std::string_view fund : funds)
        if (name.starts_with(fund)) return ShareClass::fund;
    return ShareClass::unknown;
}

ShareClass class_by_code(std::string_view code) {
    const char first = code.front();
    const char last = code.back();
    if (first == '9') return ShareClass::foreign;
    // Shares begin with 0 to 4; 5 to 8 are notes, and warrants where a letter is among them.
    if (first >= '5')
        return std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; })
                   ? ShareClass::etn
                   : ShareClass::elw;
    if (last == '0') return ShareClass::common;
    if ((last >= '1' && last <= '9') || contains("BKLM", std::string_view{&last, 1}))
        return ShareClass::preferred;
    return ShareClass::other;
}

// --- letters -----------------------------------------------------------------------------------

// Code points; what is no UTF-8 counts byte by byte.
std::u32string code_points(std::string_view text) {
    std::u32string points;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = [&](std::size_t offset) {
            return static_cast<unsigned char>(text[at + offset]);
        };
        const unsigned head = byte(0);
        const std::size_t length = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : head >= 0xC0 ? 2 : 1;
        char32_t point = length == 1 ? head : head & (0xFFu >> (length + 1));
        if (at + length > text.size()) {
            points += static_cast<char32_t>(head);
            ++at;
            continue;
        }
        for (std::size_t offset = 1; offset < length; ++offset)
            point = (point << 6) | (byte(offset) & 0x3Fu);
        points += point;
        at += length;
    }
    return points;
}

void append_utf8(std::string& text, char32_t point) {
    const auto put = [&](char32_t bits) { text += static_cast<char>(bits); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | (point >> 6));
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | (point >> 12));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | (point >> 18));
        put(0x80 | ((point >> 12) & 0x3F));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

constexpr char32_t first_syllable = U'가', last_syllable = U'힣';
constexpr char32_t syllables_per_initial = 21 * 28;  // vowels times finals
constexpr std::u32string_view initials = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

char32_t initial_of(char32_t point) {
    if (point < first_syllable || point > last_syllable) return point;
    return initials[(point - first_syllable) / syllables_per_initial];
}

// Lower case without spaces: how two names are compared.
std::u32string folded(std::string_view text) {
    std::u32string points = code_points(lower(text));
    std::erase(points, U' ');
    return points;
}

bool same_letter(char32_t found, char32_t wanted) {
    return wanted == found || wanted == initial_of(found);
}

// How well a name answers: 1 it is the text, 2 it begins so, 3 it holds it, 0 none.
int rank_of_name(const std::u32string& wanted, std::string_view name) {
    const std::u32string letters = folded(name);
    const auto found = std::ranges::search(letters, wanted, same_letter);
    if (wanted.empty() || found.empty()) return 0;
    if (found.begin() != letters.begin()) return 3;
    return found.end() == letters.end() ? 1 : 2;
}

int rank_of(const std::string& plain, const std::u32string& wanted, const Listing& listing) {
    const std::string code = lower(listing.symbol);
    const std::string isin = lower(listing.isin);
    if (code == plain || isin == plain) return 1;
    const int korean = rank_of_name(wanted, listing.name);
    const int english = rank_of_name(wanted, listing.name_english);
    int rank = korean == 0 || (english != 0 && english < korean) ? english : korean;
    if (rank != 0) ++rank;  // after exact codes
    if (rank == 0 && (contains(code, plain) || contains(isin, plain))) rank = 4;
    return rank;
}

bool by_code_then_time(const Listing& a, const Listing& b) {
    return std::tie(a.symbol, a.first) < std::tie(b.symbol, b.first);  // no date comes first
}

}  // namespace

std::string_view name_of(ShareClass share_class) {
    return std::ranges::find(class_words, share_class, &ClassWord::share_class)->word;
}

Result<ShareClass> parse_share_class(std::string_view word) {
    const auto* const found = std::ranges::find(class_words, lower(word), &ClassWord::word);
    if (found != std::end(class_words)) return found->share_class;
    return fail(ErrorCode::bad_usage,
                fmt::format("share class '{}' is not known; known: common (보통주), preferred "
                            "(우선주), ETF, ETN, ELW, SPAC (스팩), REIT (리츠), fund (투자회사), "
                            "foreign (외국주권), other, unknown",
                            word));
}

ShareClass guess_share_class(std::string_view krx_code, std::string_view name) {
    if (!is_krx_code(krx_code)) return ShareClass::unknown;
    const ShareClass by_code = class_by_code(krx_code);
    if (by_code == ShareClass::foreign || by_code == ShareClass::preferred) return by_code;
    const ShareClass by_name = class_by_name(name);
    return by_name != ShareClass::unknown ? by_name : by_code;
}

int fund_multiple(ShareClass share_class, std::string_view name) {
    if (share_class != ShareClass::etf && share_class != ShareClass::etn) return 1;
    const std::string small = lower(name);
    const bool inverse =
        contains(small, "인버스") || contains(small, "inverse") || contains(small, "곱버스");
    const bool doubled =
        contains(small, "레버리지") || contains(small, "leverage") || contains(small, "곱버스");
    const int stated = stated_multiple(name);
    const int times = stated > 0 ? stated : doubled ? 2 : 1;
    return inverse ? -times : times;
}

int fund_multiple(const Listing& listing) {
    return fund_multiple(listing.share_class,
                         listing.name.empty() ? listing.name_english : listing.name);
}

std::string class_text(const Listing& listing) {
    const int multiple = fund_multiple(listing);
    return multiple == 1 ? std::string{name_of(listing.share_class)}
                         : fmt::format("{} {}x", name_of(listing.share_class), multiple);
}

std::string_view name_of(ListingState state) {
    return std::ranges::find(state_words, state, &StateWord::state)->word;
}

std::string_view korean_name_of(ListingState state) {
    return std::next(std::ranges::find(state_words, state, &StateWord::state))->word;
}

Result<ListingState> parse_listing_state(std::string_view word) {
    // The exchange writes "관리종목(소속부없음)".
    const std::string bare = lower(word.substr(0, word.find('(')));
    const auto* const found = std::ranges::find(state_words, bare, &StateWord::word);
    if (found != std::end(state_words)) return found->state;
    std::string known;
    for (int state = 0; state <= static_cast<int>(ListingState::halted); ++state)
        known += fmt::format("{}{} ({})", known.empty() ? "" : ", ",
                             name_of(static_cast<ListingState>(state)),
                             korean_name_of(static_cast<ListingState>(state)));
    return fail(ErrorCode::bad_usage,
                fmt::format("'{}' is no state of a listing; known: {}", word, known));
}

Listings::Listings(std::vector<Listing> listings, std::vector<StatePeriod> states)
    : listings_{std::move(listings)}, states_{std::move(states)} {
    std::ranges::stable_sort(listings_, by_code_then_time);
    std::ranges::stable_sort(states_, [](const StatePeriod& a, const StatePeriod& b) {
        return std::tie(a.symbol, a.first) < std::tie(b.symbol, b.first);
    });
    for (std::size_t at = 0; at < listings_.size(); ++at) {
        auto& [first, count] = rows_of_.try_emplace(listings_[at].symbol, at, 0).first->second;
        count = at - first + 1;
    }
}

const Listing* Listings::find(std::string_view symbol, Date as_of) const {
    const auto rows = rows_of_.find(symbol);
    if (rows == rows_of_.end()) return nullptr;
    const auto [first, count] = rows->second;
    const Listing* found = &listings_[first];
    for (std::size_t at = first; at < first + count; ++at)
        if (!listings_[at].first || *listings_[at].first <= as_of) found = &listings_[at];
    return found;
}

std::vector<TradedFrom> Listings::traded_as(std::string_view symbol, Market of_prices) const {
    const auto found = rows_of_.find(symbol);
    if (found == rows_of_.end()) return {};
    const auto rows = std::span{listings_}.subspan(found->second.first, found->second.second);
    constexpr Date ever{std::numeric_limits<std::int32_t>::min()};
    TradedAs now{.market = of_prices};
    const auto take = [&](const Listing& row) {
        if (row.share_class != ShareClass::unknown) now.share_class = row.share_class;
        if (!row.name.empty() || !row.name_english.empty())
            now.multiple = std::abs(
                fund_multiple(now.share_class, row.name.empty() ? row.name_english : row.name));
    };
    // The first rows that tell anything hold before their day too.
    for (const Listing& row : rows | std::views::reverse) {
        take(row);
        if (of_prices == Market::unknown && row.market != Market::unknown) now.market = row.market;
    }
    std::vector<TradedFrom> steps{{ever, now}};
    for (const Listing& row : rows) {
        take(row);
        const bool dated = row.first || row.last;
        if (row.market != Market::unknown && (dated || of_prices == Market::unknown))
            now.market = row.market;
        if (now == steps.back().as) continue;
        if (const Date first = row.first.value_or(ever); first == steps.back().first)
            steps.back().as = now;
        else
            steps.push_back({first, now});
    }
    return steps;
}

bool Listings::is_listed(std::string_view symbol, Date as_of) const {
    const auto rows = rows_of_.find(symbol);
    if (rows == rows_of_.end()) return false;
    // Each row tells of beginnings and ends; the last one told by that day decides. A code that is
    // used again begins again.
    std::optional<Date> begun, ended;
    bool open = false;  // a row that holds since ever
    const auto [first, count] = rows->second;
    for (const Listing& row : std::span{listings_}.subspan(first, count)) {
        const std::optional<Date> begin = row.listed ? row.listed : row.first;
        if (!begin) open = true;
        for (const std::optional<Date>& day : {row.listed, row.first})
            if (day && *day <= as_of && (!begun || *day > *begun)) begun = day;
        if (row.delisted && *row.delisted <= as_of && (!ended || *row.delisted > *ended))
            ended = row.delisted;
        if (row.last && *row.last < as_of && (!ended || *row.last + 1 > *ended))
            ended = *row.last + 1;
    }
    if (ended) return begun && *begun >= *ended;
    return begun || open;
}

std::vector<const Listing*> Listings::listed(Market market, Date as_of) const {
    std::vector<const Listing*> found;
    for (const auto& [symbol, rows] : rows_of_) {
        const Listing* const row = find(symbol, as_of);
        if ((market == Market::unknown || row->market == market) && is_listed(symbol, as_of))
            found.push_back(row);
    }
    return found;
}

bool Listings::in_state(std::string_view symbol, ListingState state, Date date) const {
    const auto rows = std::ranges::equal_range(states_, symbol, {}, [](const StatePeriod& period) {
        return std::string_view{period.symbol};
    });
    return std::ranges::any_of(rows, [&](const StatePeriod& period) {
        return period.state == state && period.first <= date &&
               (!period.last || *period.last >= date);
    });
}

std::string_view Listings::sector_of(std::string_view symbol, Date as_of) const {
    const auto rows = rows_of_.find(symbol);
    if (rows == rows_of_.end()) return {};
    const auto [first, count] = rows->second;
    std::string_view sector;
    for (const Listing& row : std::span{listings_}.subspan(first, count))
        if (!row.sector.empty() && (sector.empty() || !row.first || *row.first <= as_of))
            sector = row.sector;
    return sector;
}

bool Listings::has_sectors() const {
    return std::ranges::any_of(listings_, [](const Listing& row) { return !row.sector.empty(); });
}

std::vector<const Listing*> Listings::search(std::string_view text, std::size_t limit) const {
    const std::string plain = lower(text);
    const std::u32string wanted = folded(text);
    std::vector<std::pair<int, const Listing*>> found;
    if (wanted.empty()) return {};
    for (const auto& [symbol, rows] : rows_of_) {
        int best = 0;  // an older name finds a code too
        for (const Listing& row : std::span{listings_}.subspan(rows.first, rows.second)) {
            const int rank = rank_of(plain, wanted, row);
            if (rank != 0 && (best == 0 || rank < best)) best = rank;
        }
        if (best != 0) found.emplace_back(best, &listings_[rows.first + rows.second - 1]);
    }
    std::ranges::stable_sort(found, {}, &std::pair<int, const Listing*>::first);
    if (found.size() > limit) found.resize(limit);
    std::vector<const Listing*> rows;
    for (const auto& [rank, row] : found) rows.push_back(row);
    return rows;
}

Error no_sectors(const Listings& listings) {
    std::set<std::string_view> codes;
    for (const Listing& row : listings.all()) codes.insert(row.symbol);
    return {.code = ErrorCode::not_found,
            .message = fmt::format(
                "{}: bring sectors in with `hsl import --listing FILE` (any CSV with the columns "
                "code and sector, 종목코드 and 업종)",
                codes.empty() ? "this store has no listing table, so no symbol has a sector"
                              : fmt::format("the listing table names {}, and the sector of none",
                                            counted(std::ssize(codes), "code")))};
}

std::string initial_consonants(std::string_view text) {
    std::string out;
    for (const char32_t point : code_points(lower(text))) append_utf8(out, initial_of(point));
    return out;
}

}  // namespace hsl::market
