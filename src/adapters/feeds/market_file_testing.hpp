// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests: a market file of one symbol, flat, and text in other encodings.

#include <iconv.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"

namespace hsl::adapters {

struct OneFile {
    std::string path;
    market::Instrument instrument;
    std::vector<market::Bar> bars;
    std::vector<std::int64_t> lines;
    std::vector<store::QuarantinedRow> quarantined;
    std::map<std::string, std::int64_t> repaired, dropped, found;
    std::vector<store::Finding> findings;
    std::int64_t data_lines = 0;
    store::Understanding how;
    store::Facts facts;
};

// The one series of the file, or nothing but what was set aside.
[[nodiscard]] inline Result<OneFile> parse_one(std::string_view name, std::string_view bytes,
                                               const store::ReadHints& hints = {}) {
    HSL_TRY(auto files, parse_market_file(name, bytes, hints));
    if (files.size() != 1 || files[0].prices.size() > 1)
        return fail(ErrorCode::bad_usage, "not a file of one symbol");
    store::MarketFile& file = files[0];
    if (file.error) return std::unexpected(std::move(*file.error));
    OneFile one;
    one.path = std::move(file.path);
    if (file.prices.size() == 1) {
        one.instrument = std::move(file.prices[0].instrument);
        one.bars = std::move(file.prices[0].bars);
        one.lines = std::move(file.prices[0].lines);
    }
    one.quarantined = std::move(file.quarantined);
    one.repaired = std::move(file.repaired);
    one.dropped = std::move(file.dropped);
    one.found = std::move(file.found);
    one.findings = std::move(file.findings);
    one.data_lines = file.data_lines;
    one.how = std::move(file.how);
    one.facts = std::move(file.facts);
    return one;
}

// `utf8` in the encoding that iconv calls `to`.
[[nodiscard]] inline std::string encoded(const char* to, std::string_view utf8) {
    iconv_t state = iconv_open(to, "UTF-8");
    std::string out(utf8.size() * 4 + 16, '\0');
    char* in = const_cast<char*>(utf8.data());
    std::size_t in_left = utf8.size();
    char* at = out.data();
    std::size_t out_left = out.size();
    EXPECT_NE(iconv(state, &in, &in_left, &at, &out_left), static_cast<std::size_t>(-1)) << to;
    iconv_close(state);
    out.resize(out.size() - out_left);
    return out;
}

}  // namespace hsl::adapters
