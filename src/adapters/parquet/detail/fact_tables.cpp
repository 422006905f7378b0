// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/fact_tables.hpp"

#include <optional>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "adapters/parquet/detail/catalogue.hpp"
#include "store/merge_facts.hpp"

namespace hsl::adapters {
namespace {

using market::CorporateAction;
using market::Listing;
using market::StatePeriod;

// The columns of each table: `see(name, member)` for every one, in the order of the table. The
// first of the listing's dates may be open, so the key is not declared to SQLite.
template <class See>
void fields(Listing& row, const See& see) {
    see("symbol", row.symbol), see("isin", row.isin), see("name", row.name);
    see("name_english", row.name_english), see("market", row.market);
    see("share_class", row.share_class), see("sector", row.sector), see("shares", row.shares);
    see("first", row.first), see("last", row.last), see("listed", row.listed);
    see("delisted", row.delisted), see("reason", row.reason), see("successor", row.successor);
    see("source", row.source);
}
template <class See>
void fields(StatePeriod& row, const See& see) {
    see("symbol", row.symbol), see("state", row.state), see("first", row.first);
    see("last", row.last), see("source", row.source);
}
template <class See>
void fields(CorporateAction& row, const See& see) {
    see("symbol", row.symbol), see("kind", row.kind), see("ex_date", row.ex_date);
    see("shares_after", row.shares_after), see("shares_before", row.shares_before);
    see("issue_price", row.issue_price), see("amount_e4", row.amount_e4);
    see("announced", row.announced), see("record_date", row.record_date);
    see("listing_date", row.listing_date), see("payment_date", row.payment_date);
    see("successor", row.successor), see("confirmation", row.state), see("source", row.source);
    see("note", row.note);
}

template <class Row>
constexpr std::string_view table_of = "";
template <>
constexpr std::string_view table_of<Listing> = "listings";
template <>
constexpr std::string_view table_of<StatePeriod> = "states";
template <>
constexpr std::string_view table_of<CorporateAction> = "actions";

template <class Row>
std::string columns_of(std::string_view suffix = "") {
    std::string columns;
    Row row;
    fields(row, [&](std::string_view name, const auto&) {
        columns += fmt::format("{}{}{}", columns.empty() ? "" : ", ", name, suffix);
    });
    return columns;
}

// Days are kept as the texts that people write; enumerators as their numbers, which only ever grow.
template <class Member>
void bind(Statement& statement, int index, const Member& member, std::string& held) {
    if constexpr (std::is_same_v<Member, std::optional<Date>>) {
        if (!member) return statement.bind(index, nullptr);
        held = member->iso();
        statement.bind(index, held);
    } else if constexpr (std::is_same_v<Member, Date>) {
        held = member.iso();
        statement.bind(index, held);
    } else if constexpr (std::is_enum_v<Member>) {
        statement.bind(index, static_cast<std::int64_t>(member));
    } else {
        statement.bind(index, member);
    }
}

template <class Row>
Result<void> insert(Statement& statement, const Row& row, std::int64_t version) {
    statement.start_over();
    statement.bind(1, version);
    int index = 1;
    std::vector<std::string> held(32);
    fields(const_cast<Row&>(row), [&](std::string_view, const auto& member) {
        ++index;
        bind(statement, index, member, held.at(static_cast<std::size_t>(index)));
    });
    return statement.run();
}

template <class Row>
Result<void> write_table(sqlite3* database, const std::vector<Row>& before,
                         const std::vector<Row>& after, std::int64_t version) {
    std::string marks = "?, NULL";
    Row model;
    fields(model, [&](std::string_view, const auto&) { marks += ", ?"; });
    Statement add{database, fmt::format("INSERT INTO {} VALUES ({})", table_of<Row>, marks),
                  writing};
    std::string same;
    fields(model,
           [&](std::string_view name, const auto&) { same += fmt::format(" AND {} IS ?", name); });
    Statement close{database,
                    fmt::format("UPDATE {} SET last_version = ? - 1 WHERE last_version IS NULL{}",
                                table_of<Row>, same),
                    writing};
    std::optional<Error> failure;
    const auto note = [&](Result<void> done) {
        if (!done && !failure) failure = std::move(done).error();
    };
    store::walk_facts(std::span{before}, std::span{after}, [&](const Row* a, const Row* b) {
        if (a != nullptr && b != nullptr && *a == *b) return;
        if (a != nullptr) note(insert(close, *a, version));
        if (b != nullptr) note(insert(add, *b, version));
    });
    if (failure) return std::unexpected(std::move(*failure));
    return {};
}

template <class Row>
Result<std::vector<Row>> read_table(sqlite3* database, std::int64_t version) {
    Statement statement{database,
                        fmt::format("SELECT {} FROM {} WHERE first_version <= ?1 AND "
                                    "(last_version IS NULL OR last_version >= ?1)",
                                    columns_of<Row>(), table_of<Row>),
                        reading};
    statement.with(version);
    std::vector<Row> rows;
    while (true) {
        HSL_TRY(const bool found, statement.step());
        if (!found) return rows;
        Row row;
        int index = -1;
        bool sound = true;
        fields(row, [&](std::string_view, auto& member) {
            using Member = std::remove_cvref_t<decltype(member)>;
            ++index;
            if constexpr (std::is_same_v<Member, std::optional<Date>>) {
                member = parse_date(statement.text(index));
                sound = sound && member.has_value() != statement.is_null(index);
            } else if constexpr (std::is_same_v<Member, Date>) {
                const auto date = parse_date(statement.text(index));
                sound = sound && date;
                member = date.value_or(Date{});
            } else if constexpr (std::is_enum_v<Member>) {
                constexpr std::int64_t most = 32;
                sound = sound && statement.number(index) >= 0 && statement.number(index) < most;
                member = static_cast<Member>(statement.number(index));
            } else if constexpr (std::is_same_v<Member, std::int64_t>) {
                member = statement.number(index);
            } else {
                member = statement.text(index);
            }
        });
        if (!sound)
            return fail(ErrorCode::corrupt,
                        fmt::format("the store's catalogue has a row of {} in {} that cannot be "
                                    "read{}",
                                    row.symbol, table_of<Row>, restore_catalogue));
        rows.push_back(std::move(row));
    }
}

template <class Row>
std::string create() {
    return fmt::format(
        "CREATE TABLE {0} (first_version INTEGER NOT NULL, last_version INTEGER, {1});\n"
        "CREATE INDEX {0}_by_symbol ON {0} (symbol);\n",
        table_of<Row>, columns_of<Row>());
}

}  // namespace

std::string fact_schema() {
    return create<Listing>() + create<StatePeriod>() + create<CorporateAction>();
}

std::string fact_changes() {
    std::string text;
    for (const std::string_view table :
         {table_of<Listing>, table_of<StatePeriod>, table_of<CorporateAction>})
        text +=
            fmt::format("{0}SELECT first_version FROM {1} UNION SELECT last_version + 1 FROM {1}",
                        text.empty() ? "" : " UNION ", table);
    return text;
}

Result<store::Facts> read_facts(sqlite3* database, std::int64_t version) {
    store::Facts facts;
    HSL_TRY(facts.listings, read_table<Listing>(database, version));
    HSL_TRY(facts.states, read_table<StatePeriod>(database, version));
    HSL_TRY(facts.actions, read_table<CorporateAction>(database, version));
    store::settle_facts(facts);
    return facts;
}

Result<void> write_facts(sqlite3* database, const store::Facts& before, const store::Facts& after,
                         std::int64_t version) {
    HSL_CHECK(write_table(database, before.listings, after.listings, version));
    HSL_CHECK(write_table(database, before.states, after.states, version));
    return write_table(database, before.actions, after.actions, version);
}

Result<void> forget_facts(sqlite3* database, std::int64_t oldest) {
    for (const std::string_view table :
         {table_of<Listing>, table_of<StatePeriod>, table_of<CorporateAction>}) {
        Statement gone{database, fmt::format("DELETE FROM {} WHERE last_version < ?", table),
                       writing};
        HSL_CHECK(gone.with(oldest).run());
    }
    return {};
}

}  // namespace hsl::adapters
