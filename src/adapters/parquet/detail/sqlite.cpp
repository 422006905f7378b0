// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/sqlite.hpp"

#include <system_error>

#include <fmt/format.h>

#include "adapters/parquet/detail/catalogue.hpp"

namespace hsl::adapters {

Error sqlite_error(sqlite3* database, int status, std::string_view tried) {
    ErrorCode code = ErrorCode::internal;
    std::string_view remedy;
    switch (status & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            code = ErrorCode::busy;
            remedy = "; another process keeps the catalogue busy, try again";
            break;
        case SQLITE_FULL:
        case SQLITE_IOERR:
            code = ErrorCode::io;
            remedy = "; is the disk full? The store is as it was";
            break;
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            code = ErrorCode::io;
            remedy = "; give this user the right to write there, or use --store DIR";
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            code = ErrorCode::corrupt;
            remedy = restore_catalogue;
            break;
        case SQLITE_NOMEM:
            code = ErrorCode::io;
            remedy = "; end other programs or use a machine with more memory";
            break;
        default:
            break;
    }
    const char* name = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
    // The system's own word for it where SQLite kept one ("No space left on device").
    const int system = database != nullptr ? sqlite3_system_errno(database) : 0;
    std::string words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status);
    if (code == ErrorCode::io && system != 0)
        words += fmt::format(" ({})", std::generic_category().message(system));
    return {.code = code,
            .message = fmt::format("cannot {} the store's catalogue {}: {}{}", tried,
                                   name != nullptr ? name : "", words, remedy)};
}

Error foreign_tables(sqlite3* database, std::string_view tried) {
    Error error = sqlite_error(database, SQLITE_ERROR, tried);
    error.code = ErrorCode::corrupt;
    error.message += restore_catalogue;
    return error;
}

Result<void> execute(sqlite3* database, const char* text, std::string_view tried) {
    if (const int status = sqlite3_exec(database, text, nullptr, nullptr, nullptr);
        status != SQLITE_OK)
        return std::unexpected(sqlite_error(database, status, tried));
    return {};
}

Result<std::int64_t> one_number(sqlite3* database, std::string_view text) {
    Statement statement{database, text, reading};
    HSL_TRY(const bool found, statement.step());
    return found ? statement.number(0) : 0;
}

}  // namespace hsl::adapters
