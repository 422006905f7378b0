// SPDX-License-Identifier: Apache-2.0
#pragma once

// SQLite as the catalogue's files speak to it: prepared statements, transactions, and errors with
// what was tried and the remedy. Included by the .cpp files of the catalogue alone.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "base/error.hpp"

namespace hsl::adapters {

// What was tried, for messages.
inline constexpr std::string_view reading = "read";
inline constexpr std::string_view writing = "write";

[[nodiscard]] Error sqlite_error(sqlite3* database, int status, std::string_view tried);
// A statement of ours that SQLite does not understand: a table or a column is missing.
[[nodiscard]] Error foreign_tables(sqlite3* database, std::string_view tried);
[[nodiscard]] Result<void> execute(sqlite3* database, const char* text, std::string_view tried);

// A prepared statement. Columns may be read after step() said that there is a row.
class Statement {
public:
    Statement(sqlite3* database, std::string_view text, std::string_view tried)
        : database_(database), tried_(tried) {
        status_ = sqlite3_prepare_v2(database, text.data(), static_cast<int>(text.size()),
                                     &statement_, nullptr);
        prepared_ = status_ == SQLITE_OK;
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    // Starts over with these parameters, in order.
    template <class... Values>
    Statement& with(const Values&... values) {
        if (status_ == SQLITE_OK) {
            sqlite3_reset(statement_);
            int index = 0;
            (bind(++index, values), ...);
        }
        return *this;
    }
    void start_over() { sqlite3_reset(statement_); }
    // True: there is a row. A failed preparation or binding is reported here.
    [[nodiscard]] Result<bool> step() {
        if (status_ == SQLITE_OK) {
            const int status = sqlite3_step(statement_);
            if (status == SQLITE_ROW) return true;
            if (status == SQLITE_DONE) return false;
            status_ = status;
        }
        if (!prepared_ && status_ == SQLITE_ERROR)
            return std::unexpected(foreign_tables(database_, tried_));
        return std::unexpected(sqlite_error(database_, status_, tried_));
    }
    [[nodiscard]] Result<void> run() {
        HSL_TRY(const bool has_row, step());
        (void)has_row;
        return {};
    }
    [[nodiscard]] bool is_null(int column) const {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    [[nodiscard]] std::int64_t number(int column) const {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] std::string text(int column) const {
        const void* bytes = sqlite3_column_blob(statement_, column);
        const auto count = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return bytes == nullptr ? std::string{}
                                : std::string{static_cast<const char*>(bytes), count};
    }

    // One parameter, counted from 1. Texts of the caller outlive the step: every use binds, steps
    // and starts over.
    void bind(int index, std::string_view value) {
        check(sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                                  value.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind(int index, std::span<const std::byte> value) {
        check(value.empty() ? sqlite3_bind_zeroblob(statement_, index, 0)
                            : sqlite3_bind_blob64(statement_, index, value.data(), value.size(),
                                                  SQLITE_STATIC));
    }
    void bind(int index, std::nullptr_t) { check(sqlite3_bind_null(statement_, index)); }
    void bind(int index, std::integral auto value) {
        check(sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value)));
    }

private:
    void check(int status) {
        if (status != SQLITE_OK) status_ = status;
    }

    sqlite3* database_;
    std::string_view tried_;
    sqlite3_stmt* statement_ = nullptr;
    int status_ = SQLITE_OK;
    bool prepared_ = false;
};

// Rolled back unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> read(sqlite3* database) {
        HSL_CHECK(execute(database, "BEGIN", reading));
        return Transaction{database};
    }
    [[nodiscard]] static Result<Transaction> write(sqlite3* database) {
        HSL_CHECK(execute(database, "BEGIN IMMEDIATE", writing));
        return Transaction{database};
    }
    Transaction(Transaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)) {}
    ~Transaction() {
        if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    [[nodiscard]] Result<void> commit() {
        HSL_CHECK(execute(database_, "COMMIT", writing));
        database_ = nullptr;
        return {};
    }

private:
    explicit Transaction(sqlite3* database) : database_(database) {}
    sqlite3* database_;
};

// The first column of the first row, 0 where there is none.
[[nodiscard]] Result<std::int64_t> one_number(sqlite3* database, std::string_view text);

}  // namespace hsl::adapters
