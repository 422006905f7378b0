// SPDX-License-Identifier: Apache-2.0
#include "strategy/universe.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "strategy/detail/source_text.hpp"

namespace hsl::strategy {
namespace {

constexpr std::string_view forms =
    "all, listed(\"KOSPI\"), listed(\"KOSDAQ\", 2020-01-02), index(\"KOSPI200\") or "
    "sector(\"은행\"), joined by +";
constexpr std::string_view name_end = " \t(+,)\"";

// "in_kospi200" of "KOSPI 200".
std::string column_of(std::string_view index) {
    std::string column = "in_";
    for (const char c : lower(index))
        if (c != ' ' && c != '-') column += c;
    return column;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text), source_({}, text) {}

    Result<Universe> run() {
        Universe universe{.text = std::string{text_}};
        do {
            HSL_TRY(UniverseTerm term, read_term());
            universe.terms.push_back(std::move(term));
        } while (take('+'));
        if (at_ < text_.size()) return wrong();
        return universe;
    }

private:
    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    bool take(char wanted) {
        skip_spaces();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        skip_spaces();
        return true;
    }
    std::unexpected<Error> error(std::size_t at, std::string message) const {
        Error found = source_.error_at(at, std::move(message));
        found.code = ErrorCode::bad_usage;
        return std::unexpected(std::move(found));
    }
    std::unexpected<Error> wrong() const {
        return error(at_, fmt::format("a universe is {}", forms));
    }

    Result<UniverseTerm> read_term() {
        skip_spaces();
        const std::size_t begin = at_;
        while (at_ < text_.size() && !name_end.contains(text_[at_])) ++at_;
        const std::string_view word = text_.substr(begin, at_ - begin);
        UniverseTerm term;
        if (word == "all") return term;
        using enum UniverseTerm::Kind;
        if (word != "listed" && word != "index" && word != "sector") {
            at_ = begin;
            return wrong();
        }
        term.kind = word == "listed" ? listed : word == "index" ? index : sector;
        if (!take('(') || at_ >= text_.size() || text_[at_] != '"') return wrong();
        const std::size_t name = ++at_;
        at_ = std::min(text_.find('"', at_), text_.size());
        term.name = std::string{text_.substr(name, at_ - name)};
        if (!take('"') || term.name.empty()) return wrong();
        if (term.kind == listed) {
            auto market = market::parse_market(term.name);
            if (!market) return error(name, market.error().message);
            term.market = *market;
        }
        if (term.kind == index && market::find_column(column_of(term.name)) == nullptr)
            return error(name, fmt::format("'{}' is no name of an index", clip(term.name, 40)));
        if (take(',')) {
            const std::size_t day = at_;
            while (at_ < text_.size() && !name_end.contains(text_[at_])) ++at_;
            term.as_of = parse_date(text_.substr(day, at_ - day));
            if (!term.as_of) return error(day, "a day is written 2020-01-02");
        }
        if (!take(')')) return wrong();
        return term;
    }

    std::string_view text_;
    SourceText source_;
    std::size_t at_ = 0;
};

using Members = std::set<std::string>;

Members members_listed(const UniverseTerm& term, const market::Listings& listings) {
    Members members;
    if (term.as_of) {
        for (const market::Listing* row : listings.listed(term.market, *term.as_of))
            members.insert(row->symbol);
    } else {
        for (const market::Listing& row : listings.all())
            if (row.market == term.market) members.insert(row.symbol);
    }
    return members;
}

// A table that begins later than the day looks back, but never to before a listing day it tells.
bool could_trade(const market::Listings& listings, const market::Listing& held, Date as_of) {
    const bool told = !held.first || *held.first <= as_of;
    return told ? listings.is_listed(held.symbol, as_of) : !held.listed || *held.listed <= as_of;
}

Members members_of_sector(const UniverseTerm& term, const market::Listings& listings, Date as_of) {
    Members members;
    for (const market::Listing& row : listings.all()) {
        const market::Listing* held = listings.find(row.symbol, as_of);
        if (held != nullptr && could_trade(listings, *held, as_of) &&
            listings.sector_of(row.symbol, as_of) == term.name)
            members.insert(row.symbol);
    }
    return members;
}

Members members_of_index(const UniverseTerm& term, std::span<const market::ColumnSeries> columns,
                         Date as_of) {
    const std::string wanted = column_of(term.name);
    Members members;
    for (const market::ColumnSeries& series : market::with_leavers(columns, wanted)) {
        double held = 0;
        for (const market::ColumnRow& row : series.rows)
            if (row.known <= as_of) held = row.value;
        if (held > 0) members.insert(series.symbol);
    }
    return members;
}

// "there are 42 sectors; did you mean 은행업?"
std::string sectors_there_are(const market::Listings& listings, const std::string& asked) {
    std::set<std::string> names;
    for (const market::Listing& row : listings.all())
        if (!row.sector.empty()) names.insert(row.sector);
    std::string near;
    std::vector<std::string_view> views;
    for (const std::string& name : names) {
        views.push_back(name);
        if (near.empty() && name.contains(asked)) near = name;
    }
    if (near.empty()) near = nearest_word(asked, views.data(), views.size());
    constexpr std::size_t listed_most = 12;
    std::string text = counted(std::ssize(names), "sector is known", "sectors are known");
    if (names.size() <= listed_most) text += fmt::format(": {}", fmt::join(names, ", "));
    return near.empty() ? text : fmt::format("{}; did you mean {}?", text, near);
}

std::unexpected<Error> no_member(const UniverseTerm& term, const market::Listings& listings,
                                 Date as_of) {
    if (term.kind == UniverseTerm::Kind::sector) {
        if (!listings.has_sectors()) return std::unexpected(market::no_sectors(listings));
        return fail(ErrorCode::not_found,
                    fmt::format("no symbol is in sector(\"{}\") as of {}: {}", printable(term.name),
                                as_of.iso(), printable(sectors_there_are(listings, term.name))));
    }
    const bool index = term.kind == UniverseTerm::Kind::index;
    return fail(ErrorCode::not_found,
                fmt::format("no symbol is known in {}(\"{}\") as of {}: bring {} in with `hsl "
                            "import {}FILE`",
                            index ? "index" : "listed", printable(term.name), as_of.iso(),
                            index ? "a list of its members with their days" : "listings",
                            index ? "" : "--listing "));
}

}  // namespace

bool Universe::everything() const {
    return std::ranges::any_of(
        terms, [](const UniverseTerm& term) { return term.kind == UniverseTerm::Kind::all; });
}

std::vector<std::string> Universe::columns() const {
    std::vector<std::string> names;
    for (const UniverseTerm& term : terms)
        if (term.kind == UniverseTerm::Kind::index) names.push_back(column_of(term.name));
    return names;
}

Result<Universe> parse_universe(std::string_view text) { return Reader{text}.run(); }

Result<std::vector<std::string>> members_of(const Universe& universe,
                                            const market::Listings& listings,
                                            std::span<const market::ColumnSeries> columns,
                                            Date first_session) {
    Members all;
    for (const UniverseTerm& term : universe.terms) {
        const Date as_of = term.as_of.value_or(first_session);
        Members members;
        if (term.kind == UniverseTerm::Kind::listed) members = members_listed(term, listings);
        if (term.kind == UniverseTerm::Kind::sector)
            members = members_of_sector(term, listings, as_of);
        if (term.kind == UniverseTerm::Kind::index)
            members = members_of_index(term, columns, as_of);
        if (members.empty()) return no_member(term, listings, as_of);
        all.merge(members);
    }
    return std::vector<std::string>(all.begin(), all.end());
}

}  // namespace hsl::strategy
