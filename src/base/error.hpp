// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a failure a caller can meet looks like. An Error is a code that some caller acts on, a
// message that says what was asked, found and where, and a trail of context added on the way up.
// Values only; any thread may use them.

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hsl {

enum class ErrorCode {
    bad_data,     // the input breaks a rule: a file, a row, a strategy text
    bad_usage,    // the request makes no sense: an unknown option, an impossible window
    not_found,    // what was named is not there
    busy,         // somebody else holds the store
    io,           // disk, permission, connection
    corrupt,      // our own file does not match its checksum or format
    unsupported,  // understood, and not done by this build
    cancelled,    // the user asked to stop
    internal,     // our own promise broke and we noticed
};

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    std::string file = {};     // the user's file that is at fault, empty if none
    long line = 0;             // 1-based, 0 = unknown
    long column = 0;           // 1-based, 0 = unknown
    std::string excerpt = {};  // the offending line with a caret under it, may be empty

    // "file:line:column: message", as much of it as is known, the excerpt below.
    [[nodiscard]] std::string text() const;
    // The same error with "what: " before its message.
    [[nodiscard]] Error within(std::string_view what) &&;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message)});
}

// The one table: code -> word in JSON, exit status (1 bad data, 2 bad usage, 3 internal).
[[nodiscard]] std::string_view name_of(ErrorCode code);
[[nodiscard]] int exit_status(ErrorCode code);

}  // namespace hsl

#define HSL_CONCAT_(a, b) a##b
#define HSL_CONCAT(a, b) HSL_CONCAT_(a, b)
// HSL_TRY(auto bars, read_bars(path)); returns the error of the call, or goes on with its value.
#define HSL_TRY_(result, declaration, expression)                   \
    auto result = (expression);                                     \
    if (!result) return std::unexpected(std::move(result).error()); \
    declaration = std::move(*result)
#define HSL_TRY(declaration, expression) \
    HSL_TRY_(HSL_CONCAT(hsl_result_, __LINE__), declaration, expression)
// The same for calls that return Result<void>.
#define HSL_CHECK(expression)                                       \
    do {                                                            \
        if (auto hsl_checked = (expression); !hsl_checked)          \
            return std::unexpected(std::move(hsl_checked).error()); \
    } while (false)
