// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whose rows these are: the one reading of codes, ISINs, indices and names of files. Pure
// functions; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/date.hpp"
#include "market/instrument.hpp"

namespace hsl::adapters::detail {

struct Code {
    std::string symbol = {};                    // "" for what is no code at all
    std::optional<market::Market> market = {};  // where the spelling tells it: 247540.KQ
    bool zeros_cut = false;                     // it had lost zeros at the front
};
// 005930, ="005930", A005930, 5930, 5930.0, 005930.KS, KRX:005930, KR7005930003 are 005930; ^KS11
// is KOSPI. Anything else is a symbol as it stands, in upper case.
[[nodiscard]] Code read_code(std::string_view cell);
[[nodiscard]] std::string code_in(std::string_view cell);  // the symbol alone

// The symbol that a path names: a folder "symbol=005930", the code at the front of the file's name
// or anywhere in it, an index ("kospi200_2009_2019.csv", "코스피.csv"), else its stem. "" where the
// name is a day, a portal's number (data_4412_20240210.csv) or Korean without a code.
[[nodiscard]] std::string symbol_of_path(std::string_view path);
// The one day that a file's name tells, 20240102 or 2024-01-02; a portal's download (data_4412_...)
// has the day of the download there, which says nothing.
[[nodiscard]] std::optional<Date> day_of_path(std::string_view path);

// The short code of a Korean share's ISIN, "" where it cannot be told: the ninth character numbers
// the share class, which short codes write as 0, 5, 7, 9 or a letter.
[[nodiscard]] std::string short_code_of_isin(std::string_view isin);
// "KOSPI" of index 1/001, "KOSPI200" of 1/028 ... "" for those without a name of ours.
[[nodiscard]] std::string index_of_codes(std::string_view family, std::string_view number);
[[nodiscard]] std::string index_of_name(std::string_view korean);  // "코스피 200"

}  // namespace hsl::adapters::detail
