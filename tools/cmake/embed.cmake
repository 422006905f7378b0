# Writes OUTPUT, a header that holds the bytes of INPUT as hsl::embedded::NAME.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUTPUT}.new" "// Made from ${NAME}'s file by tools/cmake/embed.cmake.
#pragma once
#include <cstddef>
#include <string_view>
namespace hsl::embedded {
inline constexpr unsigned char ${NAME}_bytes[] = {${bytes}0};
inline const std::string_view ${NAME}{reinterpret_cast<const char*>(${NAME}_bytes), sizeof ${NAME}_bytes - 1};
}  // namespace hsl::embedded
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
