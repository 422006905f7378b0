// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <fmt/format.h>

namespace hsl {

std::string Error::text() const {
    std::string where;
    if (!file.empty()) {
        where = file;
        if (line > 0) where += fmt::format(":{}", line);
        if (line > 0 && column > 0) where += fmt::format(":{}", column);
        where += ": ";
    }
    std::string all = where + message;
    if (!excerpt.empty()) all += "\n" + excerpt;
    return all;
}

Error Error::within(std::string_view what) && {
    message = fmt::format("{}: {}", what, message);
    return std::move(*this);
}

namespace {
struct Row {
    ErrorCode code;
    std::string_view name;
    int exit_status;
};
constexpr Row table[] = {
    {ErrorCode::bad_data, "bad_data", 1},
    {ErrorCode::bad_usage, "bad_usage", 2},
    {ErrorCode::not_found, "not_found", 2},
    {ErrorCode::busy, "busy", 1},
    {ErrorCode::io, "io", 1},
    {ErrorCode::corrupt, "corrupt", 1},
    {ErrorCode::unsupported, "unsupported", 2},
    {ErrorCode::cancelled, "cancelled", 130},
    {ErrorCode::internal, "internal", 3},
};
const Row& row_of(ErrorCode code) {
    for (const Row& row : table)
        if (row.code == code) return row;
    return table[std::size(table) - 1];
}
}  // namespace

std::string_view name_of(ErrorCode code) { return row_of(code).name; }
int exit_status(ErrorCode code) { return row_of(code).exit_status; }

}  // namespace hsl
