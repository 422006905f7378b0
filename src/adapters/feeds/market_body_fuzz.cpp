// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "adapters/feeds/market_fuzzing.hpp"

// Bodies of exchange and vendors, Lean's files, listings, corporate actions. The first byte picks
// the file's name, which says what was asked for, and whether the user called it a list of names or
// of corporate actions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view names[] = {
        "MDCSTAT01501_mktId-ALL_trdDd-20210104.json",
        "MDCSTAT00301_indIdx-1_indIdx2-001_trdDd-20210104.json",
        "MDCSTAT01701_isuCd-KR7005930003_adjStkPrc-2.json",
        "MDCSTAT02202_mktId-STK_trdVolVal-1.json",
        "005930.json",
        "sise.xml",
        "aapl.csv",
        "20140605_aapl_minute_trade.csv",
        "kospi_code.mst",
        "kosdaq_code.mst",
    };
    if (size == 0) return 0;
    const std::string_view name = names[data[0] % std::size(names)];
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const hsl::store::ReadHints hints{.listing = (data[0] & 0x80) != 0,
                                      .actions = (data[0] & 0xC0) == 0x40};
    hsl::adapters::hold_to_promises(name, bytes, hints);
    return 0;
}
