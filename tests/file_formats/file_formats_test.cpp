// SPDX-License-Identifier: Apache-2.0
// What becomes of every structured file of the shared data: bodies of the exchange, Lean, zipline,
// marcap, JSON quotes. The numbers were counted by an independent program, which also compared
// every bar and value with the file.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/market_file.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/parquet/table_file.hpp"
#include "market/rules.hpp"

namespace hsl {
namespace {

using market::Bar;
using store::MarketFile;

std::filesystem::path data_folder() {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    return std::filesystem::path{root == nullptr ? "." : root} / "../shared/data";
}

Result<MarketFile> parse(const std::string& path, const store::ReadHints& hints = {}) {
    std::ifstream in{data_folder() / path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    auto files = adapters::parse_market_file(path, bytes, hints, adapters::read_parquet_table);
    if (!files) return std::unexpected(std::move(files).error());
    EXPECT_EQ(files->size(), 1U) << path;
    MarketFile file = std::move(files->front());
    if (file.error) return std::unexpected(std::move(*file.error));
    return file;
}

MarketFile must(const std::string& path, const store::ReadHints& hints = {}) {
    auto file = parse(path, hints);
    EXPECT_TRUE(file) << path << ": " << (file ? "" : file.error().text());
    return file ? std::move(*file) : MarketFile{};
}

std::map<Date, Bar> bars_of(const MarketFile& file, std::string_view symbol) {
    std::map<Date, Bar> bars;
    for (const store::PriceSeries& series : file.prices)
        if (series.instrument.symbol == symbol)
            for (const Bar& bar : series.bars) bars[bar.date] = bar;
    return bars;
}

Date day(const char* text) { return *parse_date(text); }

struct Expected {
    std::string path = {};
    std::string format = {};
    std::int64_t lines = 0, bars = 0, symbols = 0, column_rows = 0;
    std::int64_t listings = 0, states = 0, actions = 0, dropped = 0, quarantined = 0;
    std::string first = {}, last = {};
    std::string refused = {};  // how the refusal begins, or what it names
};
// clang-format off
const Expected expected[] = {
    {.path = "krx_marcap_full_market/marcap-2021.to-2021-02-22.csv.gz", .format = "prices, 2,455 symbols", .lines = 79980, .bars = 79980, .symbols = 2455, .column_rows = 159960, .first = "2021-01-04", .last = "2021-02-22"},
    {.path = "krx_marcap_full_market/marcap-2026.to-2026-02-23.parquet", .format = "prices, 2,907 symbols", .lines = 95412, .bars = 95412, .symbols = 2907, .column_rows = 190824, .first = "2026-01-02", .last = "2026-02-20"},
    {.path = "krx_raw_responses/MDCSTAT00201_idxIndMidclssCd-02_strtDd-20210104_endDd-20210108.json", .refused = "exchange 00201 (indices over a period)"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19800101_endDd-19811231.json", .format = "exchange 00301 (index by day)", .lines = 582, .bars = 582, .symbols = 1, .first = "1980-01-04", .last = "1981-12-24"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19820101_endDd-19840101.json", .format = "exchange 00301 (index by day)", .lines = 591, .bars = 591, .symbols = 1, .first = "1982-01-04", .last = "1983-12-24"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19840102_endDd-19860101.json", .format = "exchange 00301 (index by day)", .lines = 587, .bars = 587, .symbols = 1, .first = "1984-01-04", .last = "1985-12-26"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19860102_endDd-19880102.json", .format = "exchange 00301 (index by day)", .lines = 584, .bars = 584, .symbols = 1, .first = "1986-01-04", .last = "1987-12-26"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19880103_endDd-19900102.json", .format = "exchange 00301 (index by day)", .lines = 582, .bars = 582, .symbols = 1, .first = "1988-01-04", .last = "1989-12-26"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19900103_endDd-19920103.json", .format = "exchange 00301 (index by day)", .lines = 584, .bars = 584, .symbols = 1, .first = "1990-01-03", .last = "1992-01-03"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19920104_endDd-19940103.json", .format = "exchange 00301 (index by day)", .lines = 590, .bars = 590, .symbols = 1, .first = "1992-01-04", .last = "1994-01-03"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19940104_endDd-19960104.json", .format = "exchange 00301 (index by day)", .lines = 590, .bars = 589, .symbols = 1, .quarantined = 1, .first = "1994-01-04", .last = "1996-01-04"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19960105_endDd-19980104.json", .format = "exchange 00301 (index by day)", .lines = 584, .bars = 584, .symbols = 1, .first = "1996-01-05", .last = "1998-01-03"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-19980105_endDd-20000105.json", .format = "exchange 00301 (index by day)", .lines = 542, .bars = 542, .symbols = 1, .first = "1998-01-05", .last = "2000-01-05"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20000106_endDd-20020105.json", .format = "exchange 00301 (index by day)", .lines = 488, .bars = 488, .symbols = 1, .column_rows = 142, .first = "2000-01-06", .last = "2002-01-04"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20020106_endDd-20040106.json", .format = "exchange 00301 (index by day)", .lines = 491, .bars = 491, .symbols = 1, .column_rows = 491, .first = "2002-01-07", .last = "2004-01-06"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20040107_endDd-20060106.json", .format = "exchange 00301 (index by day)", .lines = 500, .bars = 500, .symbols = 1, .column_rows = 500, .first = "2004-01-07", .last = "2006-01-06"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20060107_endDd-20080107.json", .format = "exchange 00301 (index by day)", .lines = 492, .bars = 492, .symbols = 1, .column_rows = 492, .first = "2006-01-09", .last = "2008-01-07"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20080108_endDd-20100107.json", .format = "exchange 00301 (index by day)", .lines = 501, .bars = 501, .symbols = 1, .column_rows = 501, .first = "2008-01-08", .last = "2010-01-07"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20100108_endDd-20120108.json", .format = "exchange 00301 (index by day)", .lines = 500, .bars = 500, .symbols = 1, .column_rows = 500, .first = "2010-01-08", .last = "2012-01-06"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20120109_endDd-20140108.json", .format = "exchange 00301 (index by day)", .lines = 495, .bars = 495, .symbols = 1, .column_rows = 495, .first = "2012-01-09", .last = "2014-01-08"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20140109_endDd-20160109.json", .format = "exchange 00301 (index by day)", .lines = 493, .bars = 493, .symbols = 1, .column_rows = 493, .first = "2014-01-09", .last = "2016-01-08"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20160110_endDd-20180109.json", .format = "exchange 00301 (index by day)", .lines = 490, .bars = 490, .symbols = 1, .column_rows = 490, .first = "2016-01-11", .last = "2018-01-09"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20180110_endDd-20200110.json", .format = "exchange 00301 (index by day)", .lines = 491, .bars = 491, .symbols = 1, .column_rows = 491, .first = "2018-01-10", .last = "2020-01-10"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20200111_endDd-20200831.json", .format = "exchange 00301 (index by day)", .lines = 159, .bars = 159, .symbols = 1, .column_rows = 159, .first = "2020-01-13", .last = "2020-08-31"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20210101_endDd-20210101.json", .format = "exchange or feed, no rows"},
    {.path = "krx_raw_responses/MDCSTAT00301_indIdx-1_indIdx2-001_strtDd-20210101_endDd-20210130.json", .format = "exchange 00301 (index by day)", .lines = 20, .bars = 20, .symbols = 1, .column_rows = 20, .first = "2021-01-04", .last = "2021-01-29"},
    {.path = "krx_raw_responses/MDCSTAT00401_idxIndMidclssCd-01.json", .refused = "exchange 00401 (list of indices)"},
    {.path = "krx_raw_responses/MDCSTAT00401_idxIndMidclssCd-02.json", .refused = "exchange 00401 (list of indices)"},
    {.path = "krx_raw_responses/MDCSTAT00401_idxIndMidclssCd-03.json", .refused = "exchange 00401 (list of indices)"},
    {.path = "krx_raw_responses/MDCSTAT00401_idxIndMidclssCd-04.json", .refused = "exchange 00401 (list of indices)"},
    {.path = "krx_raw_responses/MDCSTAT00601_indIdx-1_indIdx2-001_trdDd-20140502.json", .format = "exchange 00601 (members of an index)", .lines = 760, .column_rows = 760, .first = "2014-05-02", .last = "2014-05-02"},
    {.path = "krx_raw_responses/MDCSTAT00601_indIdx-1_indIdx2-001_trdDd-20210129.json", .format = "exchange 00601 (members of an index)", .lines = 796, .column_rows = 796, .first = "2021-01-29", .last = "2021-01-29"},
    {.path = "krx_raw_responses/MDCSTAT01501_mktId-ALL_trdDd-20210103.json", .format = "exchange 01501 (whole market, one day)", .lines = 2531, .dropped = 2531},
    {.path = "krx_raw_responses/MDCSTAT01501_mktId-ALL_trdDd-20210104.json", .format = "exchange 01501 (whole market, one day)", .lines = 2531, .bars = 2531, .symbols = 2531, .column_rows = 5062, .first = "2021-01-04", .last = "2021-01-04"},
    {.path = "krx_raw_responses/MDCSTAT01602_mktId-STK_adjStkPrc-1_strtDd-20180427_endDd-20180504.json", .refused = "exchange 01602 (change over a period)"},
    {.path = "krx_raw_responses/MDCSTAT01602_mktId-STK_adjStkPrc-2_strtDd-20180427_endDd-20180504.json", .refused = "exchange 01602 (change over a period)"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200101_endDd-20200201.json", .format = "exchange 01701 (symbol by day)", .lines = 20, .bars = 20, .symbols = 1, .column_rows = 40, .first = "2020-01-02", .last = "2020-01-31"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200201_endDd-20200301.json", .format = "exchange 01701 (symbol by day)", .lines = 20, .bars = 20, .symbols = 1, .column_rows = 40, .first = "2020-02-03", .last = "2020-02-28"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200301_endDd-20200401.json", .format = "exchange 01701 (symbol by day)", .lines = 23, .bars = 23, .symbols = 1, .column_rows = 46, .first = "2020-03-02", .last = "2020-04-01"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200401_endDd-20200501.json", .format = "exchange 01701 (symbol by day)", .lines = 20, .bars = 20, .symbols = 1, .column_rows = 40, .first = "2020-04-01", .last = "2020-04-29"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200501_endDd-20200601.json", .format = "exchange 01701 (symbol by day)", .lines = 20, .bars = 20, .symbols = 1, .column_rows = 40, .first = "2020-05-04", .last = "2020-06-01"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200601_endDd-20200701.json", .format = "exchange 01701 (symbol by day)", .lines = 23, .bars = 23, .symbols = 1, .column_rows = 46, .first = "2020-06-01", .last = "2020-07-01"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200701_endDd-20200801.json", .format = "exchange 01701 (symbol by day)", .lines = 23, .bars = 23, .symbols = 1, .column_rows = 46, .first = "2020-07-01", .last = "2020-07-31"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200801_endDd-20200901.json", .format = "exchange 01701 (symbol by day)", .lines = 21, .bars = 21, .symbols = 1, .column_rows = 42, .first = "2020-08-03", .last = "2020-09-01"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20200901_endDd-20201001.json", .format = "exchange 01701 (symbol by day)", .lines = 21, .bars = 21, .symbols = 1, .column_rows = 42, .first = "2020-09-01", .last = "2020-09-29"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20201001_endDd-20201101.json", .format = "exchange 01701 (symbol by day)", .lines = 19, .bars = 19, .symbols = 1, .column_rows = 38, .first = "2020-10-05", .last = "2020-10-30"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20201101_endDd-20201201.json", .format = "exchange 01701 (symbol by day)", .lines = 22, .bars = 22, .symbols = 1, .column_rows = 44, .first = "2020-11-02", .last = "2020-12-01"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7000020008_adjStkPrc-2_strtDd-20201201_endDd-20210101.json", .format = "exchange 01701 (symbol by day)", .lines = 21, .bars = 21, .symbols = 1, .column_rows = 42, .first = "2020-12-01", .last = "2020-12-30"},
    {.path = "krx_raw_responses/MDCSTAT01701_isuCd-KR7005930003_adjStkPrc-1_strtDd-20180427_endDd-20180504.json", .format = "exchange 01701 (symbol by day)", .lines = 5, .bars = 5, .symbols = 1, .column_rows = 10, .first = "2018-04-27", .last = "2018-05-04"},
    {.path = "krx_raw_responses/MDCSTAT01901_mktId-ALL.json", .format = "exchange 01901 (listing master)", .lines = 2882, .listings = 2882, .states = 130, .first = "1956-03-03", .last = "2026-04-14"},
    {.path = "krx_raw_responses/MDCSTAT02202_mktId-STK_strtDd-20210115_endDd-20210122_trdVolVal-2.json", .format = "exchange 02202 (investor flows of a market)", .lines = 6, .column_rows = 18, .first = "2021-01-15", .last = "2021-01-22"},
    {.path = "krx_raw_responses/MDCSTAT03501_mktId-STK_trdDd-20210108.json", .format = "exchange 03501 (valuation of a market, one day)", .lines = 895, .column_rows = 4462, .first = "2021-01-08", .last = "2021-01-08"},
    {.path = "krx_raw_responses/MDCSTAT03502_mktId-ALL_isuCd-KR7005930003_strtDd-20200101_endDd-20200430.json", .format = "exchange 03502 (valuation of a symbol)", .lines = 82, .column_rows = 492, .first = "2020-01-02", .last = "2020-04-29"},
    {.path = "krx_raw_responses/MDCSTAT04301_trdDd-20210325.json", .format = "exchange 04301 (funds, one day)", .lines = 467, .bars = 467, .symbols = 467, .column_rows = 934, .first = "2021-03-25", .last = "2021-03-25"},
    {.path = "krx_raw_responses/MDCSTAT04501_isuCd-KR7069500007_strtDd-20200101_endDd-20200531.json", .format = "exchange 04501 (fund by day)", .lines = 101, .bars = 101, .symbols = 1, .column_rows = 202, .first = "2020-01-02", .last = "2020-05-29"},
    {.path = "krx_raw_responses/MDCSTAT05001_isuCd-KR7114800006_trdDd-20210402.json", .refused = "exchange 05001 (basket of a fund)"},
    {.path = "krx_raw_responses/MDCSTAT11401_trdDd-20220202.json", .format = "exchange or feed, no rows"},
    {.path = "krx_raw_responses/MDCSTAT11401_trdDd-20220204.json", .refused = "exchange 11401 (bond yields)"},
    {.path = "krx_raw_responses/MDCSTAT30502_isuCd-KR7005930003_strtDd-20200106_endDd-20200110.json", .format = "exchange 30502 (short balance of a symbol)", .lines = 5, .column_rows = 10, .first = "2020-01-06", .last = "2020-01-10"},
    {.path = "krx_raw_responses/finder_listdelisu.json", .format = "exchange finder (codes)", .lines = 4043, .listings = 4043, .first = "2026-01-25", .last = "2026-01-25"},
    {.path = "krx_raw_responses/finder_stkisu.json", .format = "exchange finder (codes)", .lines = 2894, .listings = 2894, .first = "2026-01-25", .last = "2026-01-25"},
    {.path = "krx_raw_responses/naver_sise_symbol-005930.xml", .format = "Naver chart (symbol by day)", .lines = 2832, .bars = 2832, .symbols = 1, .first = "2014-07-11", .last = "2026-01-23"},
    {.path = "us_lean/daily/aaa.zip", .format = "Lean daily prices (x 10,000)", .lines = 1371, .bars = 1371, .symbols = 1, .first = "2002-05-22", .last = "2021-03-31"},
    {.path = "us_lean/daily/aapl.zip", .format = "Lean daily prices (x 10,000)", .lines = 5849, .bars = 5849, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/aig.zip", .format = "Lean daily prices (x 10,000)", .lines = 5849, .bars = 5849, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/bac.zip", .format = "Lean daily prices (x 10,000)", .lines = 5849, .bars = 5849, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/bno.zip", .format = "Lean daily prices (x 10,000)", .lines = 3827, .bars = 3827, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/eem.zip", .format = "Lean daily prices (x 10,000)", .lines = 5245, .bars = 5245, .symbols = 1, .first = "1998-01-06", .last = "2021-03-31"},
    {.path = "us_lean/daily/fb.zip", .format = "Lean daily prices (x 10,000)", .lines = 2947, .bars = 2947, .symbols = 1, .first = "1999-09-29", .last = "2021-03-31"},
    {.path = "us_lean/daily/foxa.zip", .format = "Lean daily prices (x 10,000)", .lines = 2, .bars = 2, .symbols = 1, .first = "2013-07-01", .last = "2013-07-02"},
    {.path = "us_lean/daily/gooav.zip", .format = "Lean daily prices (x 10,000)", .lines = 5, .bars = 5, .symbols = 1, .first = "2014-03-27", .last = "2014-04-02"},
    {.path = "us_lean/daily/goocv.zip", .format = "Lean daily prices (x 10,000)", .lines = 5, .bars = 5, .symbols = 1, .first = "2014-03-27", .last = "2014-04-02"},
    {.path = "us_lean/daily/goog.zip", .format = "Lean daily prices (x 10,000)", .lines = 4183, .bars = 4183, .symbols = 1, .first = "2004-08-19", .last = "2021-03-31"},
    {.path = "us_lean/daily/googl.zip", .format = "Lean daily prices (x 10,000)", .lines = 1761, .bars = 1761, .symbols = 1, .first = "2014-04-03", .last = "2021-03-31"},
    {.path = "us_lean/daily/ibm.zip", .format = "Lean daily prices (x 10,000)", .lines = 5849, .bars = 5849, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/iwm.zip", .format = "Lean daily prices (x 10,000)", .lines = 5244, .bars = 5244, .symbols = 1, .first = "2000-05-26", .last = "2021-03-31"},
    {.path = "us_lean/daily/nwsa.zip", .format = "Lean daily prices (x 10,000)", .lines = 2, .bars = 2, .symbols = 1, .first = "2013-06-27", .last = "2013-06-28"},
    {.path = "us_lean/daily/qqq.zip", .format = "Lean daily prices (x 10,000)", .lines = 3964, .bars = 3964, .symbols = 1, .first = "1999-03-10", .last = "2021-03-31"},
    {.path = "us_lean/daily/spy.zip", .format = "Lean daily prices (x 10,000)", .lines = 5849, .bars = 5849, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/uso.zip", .format = "Lean daily prices (x 10,000)", .lines = 3910, .bars = 3910, .symbols = 1, .first = "1998-01-02", .last = "2021-03-31"},
    {.path = "us_lean/daily/uw.zip", .format = "Lean daily prices (x 10,000)", .lines = 135, .bars = 135, .symbols = 1, .first = "1998-01-02", .last = "1998-07-16"},
    {.path = "us_lean/daily/wm.zip", .format = "Lean daily prices (x 10,000)", .lines = 5399, .bars = 5399, .symbols = 1, .first = "1998-12-09", .last = "2021-03-31"},
    {.path = "us_lean/daily/wmi.zip", .format = "Lean daily prices (x 10,000)", .lines = 2780, .bars = 2780, .symbols = 1, .first = "1998-07-17", .last = "2009-08-04"},
    {.path = "us_lean/factor_files/aaa.1.csv", .format = "Lean factor file (splits and dividends)", .lines = 7, .actions = 5, .dropped = 2, .first = "2003-05-14", .last = "2007-05-15"},
    {.path = "us_lean/factor_files/aapl.csv", .format = "Lean factor file (splits and dividends)", .lines = 41, .actions = 39, .dropped = 2, .first = "2000-06-21", .last = "2021-02-05"},
    {.path = "us_lean/factor_files/aig.csv", .format = "Lean factor file (splits and dividends)", .lines = 81, .actions = 79, .dropped = 2, .first = "1998-03-04", .last = "2021-03-15"},
    {.path = "us_lean/factor_files/bac.csv", .format = "Lean factor file (splits and dividends)", .lines = 96, .actions = 94, .dropped = 2, .first = "1998-03-04", .last = "2021-03-04"},
    {.path = "us_lean/factor_files/bno.csv", .format = "Lean factor file (splits and dividends)", .lines = 3, .actions = 1, .dropped = 2, .first = "2013-08-29", .last = "2013-08-29"},
    {.path = "us_lean/factor_files/eem.csv", .format = "Lean factor file (splits and dividends)", .lines = 39, .actions = 37, .dropped = 2, .first = "2003-12-22", .last = "2020-12-14"},
    {.path = "us_lean/factor_files/fb.csv", .format = "Lean factor file (splits and dividends)", .lines = 2, .dropped = 2},
    {.path = "us_lean/factor_files/gbsn.csv", .format = "Lean factor file (splits and dividends)", .lines = 5, .actions = 3, .dropped = 2, .first = "2015-12-14", .last = "2016-09-16"},
    {.path = "us_lean/factor_files/goog.csv", .format = "Lean factor file (splits and dividends)", .lines = 3, .actions = 1, .dropped = 2, .first = "2015-04-27", .last = "2015-04-27"},
    {.path = "us_lean/factor_files/googl.csv", .format = "Lean factor file (splits and dividends)", .lines = 3, .actions = 1, .dropped = 2, .first = "2014-04-03", .last = "2014-04-03"},
    {.path = "us_lean/factor_files/ibm.csv", .format = "Lean factor file (splits and dividends)", .lines = 96, .actions = 94, .dropped = 2, .first = "1998-02-06", .last = "2021-02-09"},
    {.path = "us_lean/factor_files/iwm.csv", .format = "Lean factor file (splits and dividends)", .lines = 89, .actions = 87, .dropped = 2, .first = "2000-06-21", .last = "2021-03-25"},
    {.path = "us_lean/factor_files/nwsa.csv", .format = "Lean factor file (splits and dividends)", .lines = 14, .actions = 12, .dropped = 2, .first = "2015-09-14", .last = "2021-03-16"},
    {.path = "us_lean/factor_files/qqq.csv", .format = "Lean factor file (splits and dividends)", .lines = 69, .actions = 67, .dropped = 2, .first = "2000-03-20", .last = "2021-03-22"},
    {.path = "us_lean/factor_files/spy.csv", .format = "Lean factor file (splits and dividends)", .lines = 96, .actions = 94, .dropped = 2, .first = "1998-03-20", .last = "2021-03-19"},
    {.path = "us_lean/factor_files/tap.a.csv", .format = "Lean factor file (splits and dividends)", .lines = 55, .actions = 53, .dropped = 2, .first = "2005-02-24", .last = "2020-03-06"},
    {.path = "us_lean/factor_files/tfcfa.csv", .format = "Lean factor file (splits and dividends)", .lines = 31, .actions = 29, .dropped = 2, .first = "2005-03-14", .last = "2018-09-11"},
    {.path = "us_lean/factor_files/twx.1.csv", .format = "Lean factor file (splits and dividends)", .lines = 15, .actions = 13, .dropped = 2, .first = "1998-02-26", .last = "2000-11-29"},
    {.path = "us_lean/factor_files/twx.csv", .format = "Lean factor file (splits and dividends)", .lines = 64, .actions = 63, .dropped = 2, .first = "1998-03-17", .last = "2018-04-09"},
    {.path = "us_lean/factor_files/uso.csv", .format = "Lean factor file (splits and dividends)", .lines = 3, .actions = 1, .dropped = 2, .first = "2020-04-29", .last = "2020-04-29"},
    {.path = "us_lean/factor_files/vxx.1.csv", .format = "Lean factor file (splits and dividends)", .lines = 7, .actions = 5, .dropped = 2, .first = "2010-11-09", .last = "2017-08-23"},
    {.path = "us_lean/factor_files/wm.csv", .format = "Lean factor file (splits and dividends)", .lines = 78, .actions = 76, .dropped = 2, .first = "1998-09-28", .last = "2021-03-11"},
    {.path = "us_lean/map_files/aaa.1.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2002-05-22", .last = "2007-05-18"},
    {.path = "us_lean/map_files/aaa.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2020-09-09"},
    {.path = "us_lean/map_files/aapl.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1998-01-02"},
    {.path = "us_lean/map_files/aig.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1998-01-02"},
    {.path = "us_lean/map_files/bac.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "1998-01-02", .last = "1998-09-30"},
    {.path = "us_lean/map_files/bno.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2010-06-02"},
    {.path = "us_lean/map_files/eem.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2003-04-11"},
    {.path = "us_lean/map_files/fb.1.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1999-09-29", .last = "2003-03-28"},
    {.path = "us_lean/map_files/fb.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2012-05-18"},
    {.path = "us_lean/map_files/gdvd.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2017-05-10", .last = "2021-01-20"},
    {.path = "us_lean/map_files/gooav.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2014-03-27", .last = "2014-04-02"},
    {.path = "us_lean/map_files/goog.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "2014-03-27", .last = "2014-04-02"},
    {.path = "us_lean/map_files/googl.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "2004-08-19", .last = "2014-04-02"},
    {.path = "us_lean/map_files/ibm.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1998-01-02"},
    {.path = "us_lean/map_files/iwm.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2000-05-26"},
    {.path = "us_lean/map_files/qqq.csv", .format = "Lean map file (tickers over time)", .lines = 4, .listings = 3, .actions = 2, .first = "1999-03-10", .last = "2011-03-22"},
    {.path = "us_lean/map_files/spwr.csv", .format = "Lean map file (tickers over time)", .lines = 4, .listings = 3, .actions = 2, .first = "2005-11-17", .last = "2011-11-16"},
    {.path = "us_lean/map_files/spy.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1998-01-02"},
    {.path = "us_lean/map_files/tap.a.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "2005-02-09", .last = "2012-12-31"},
    {.path = "us_lean/map_files/tfcfa.csv", .format = "Lean map file (tickers over time)", .lines = 4, .listings = 3, .actions = 2, .first = "2004-11-12", .last = "2019-03-20"},
    {.path = "us_lean/map_files/twx.1.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "1998-01-02", .last = "2001-01-11"},
    {.path = "us_lean/map_files/twx.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "1998-01-02", .last = "2018-06-15"},
    {.path = "us_lean/map_files/uso.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2006-04-10"},
    {.path = "us_lean/map_files/vxx.1.csv", .format = "Lean map file (tickers over time)", .lines = 2, .listings = 1, .first = "2009-01-30", .last = "2019-01-29"},
    {.path = "us_lean/map_files/vxx.csv", .format = "Lean map file (tickers over time)", .lines = 3, .listings = 2, .actions = 1, .first = "2018-01-18", .last = "2019-05-01"},
    {.path = "us_lean/map_files/wm.csv", .format = "Lean map file (tickers over time)", .lines = 4, .listings = 3, .actions = 2, .first = "1998-01-02", .last = "2009-08-04"},
    {.path = "us_lean/minute/aapl/20140605_quote.zip", .refused = "Lean minute quotes (bid and ask)"},
    {.path = "us_lean/minute/aapl/20140605_trade.zip", .format = "Lean minute trades (x 10,000)", .lines = 686, .bars = 686, .symbols = 1, .first = "2014-06-05", .last = "2014-06-05"},
    {.path = "us_lean/minute/aapl/20140606_quote.zip", .refused = "Lean minute quotes (bid and ask)"},
    {.path = "us_lean/minute/aapl/20140606_trade.zip", .format = "Lean minute trades (x 10,000)", .lines = 783, .bars = 783, .symbols = 1, .first = "2014-06-06", .last = "2014-06-06"},
    {.path = "us_lean/minute/aapl/20140609_quote.zip", .refused = "Lean minute quotes (bid and ask)"},
    {.path = "us_lean/minute/aapl/20140609_trade.zip", .format = "Lean minute trades (x 10,000)", .lines = 834, .bars = 834, .symbols = 1, .first = "2014-06-09", .last = "2014-06-09"},
    {.path = "us_lean/minute/spy/20131004_quote.zip", .refused = "Lean minute quotes (bid and ask)"},
    {.path = "us_lean/minute/spy/20131004_trade.zip", .format = "Lean minute trades (x 10,000)", .lines = 711, .bars = 711, .symbols = 1, .first = "2013-10-04", .last = "2013-10-04"},
    {.path = "us_ta4j/AAPL-PT1D-20130102_20131231.csv", .format = "prices, one symbol", .lines = 252, .bars = 252, .symbols = 1, .first = "2013-01-02", .last = "2013-12-31"},
    {.path = "us_ta4j/YahooFinance-SP500-PT1D-20230616_20231011.json", .format = "prices, one symbol", .lines = 81, .bars = 81, .symbols = 1, .first = "2023-06-16", .last = "2023-10-11"},
    {.path = "us_zipline/QUANDL_ARCHIVE.zip", .format = "prices, 4 symbols", .lines = 916, .bars = 916, .symbols = 4, .actions = 9, .first = "2014-01-02", .last = "2014-12-31"},
    {.path = "us_zipline/SPY_benchmark.csv", .refused = "not a price file"},
    {.path = "us_zipline/csvdir_daily/AAPL.csv.gz", .format = "prices, one symbol", .lines = 754, .bars = 754, .symbols = 1, .actions = 11, .first = "2012-01-03", .last = "2014-12-31"},
    {.path = "us_zipline/csvdir_daily/IBM.csv.gz", .format = "prices, one symbol", .lines = 754, .bars = 754, .symbols = 1, .actions = 12, .first = "2012-01-03", .last = "2014-12-31"},
    {.path = "us_zipline/csvdir_daily/KO.csv.gz", .format = "prices, one symbol", .lines = 754, .bars = 754, .symbols = 1, .actions = 13, .first = "2012-01-03", .last = "2014-12-31"},
    {.path = "us_zipline/csvdir_daily/MSFT.csv.gz", .format = "prices, one symbol", .lines = 754, .bars = 754, .symbols = 1, .actions = 12, .first = "2012-01-03", .last = "2014-12-31"},
    {.path = "us_zipline/pipeline_inputs/AAPL.csv", .format = "prices, one symbol", .lines = 127, .bars = 127, .symbols = 1, .first = "2014-03-03", .last = "2014-08-29"},
    {.path = "us_zipline/pipeline_inputs/BRK-A.csv", .format = "prices, one symbol", .lines = 127, .bars = 127, .symbols = 1, .first = "2014-03-03", .last = "2014-08-29"},
    {.path = "us_zipline/pipeline_inputs/MSFT.csv", .format = "prices, one symbol", .lines = 127, .bars = 127, .symbols = 1, .first = "2014-03-03", .last = "2014-08-29"},
    {.path = "us_zipline/treasury_curves.csv", .refused = "not a price file"},
};
// clang-format on

#define SKIP_WITHOUT_DATA()                      \
    if (!std::filesystem::exists(data_folder())) \
    GTEST_SKIP() << "NOT TESTED: the shared data is not at " << data_folder()

TEST(FileFormats, KeepTheirExpectedOutcome) {
    SKIP_WITHOUT_DATA();
    for (const Expected& row : expected) {
        SCOPED_TRACE(row.path);
        const auto parsed = parse(row.path);
        if (!row.refused.empty()) {
            ASSERT_FALSE(parsed);
            EXPECT_THAT(parsed.error().message, testing::HasSubstr(row.refused));
            continue;
        }
        ASSERT_TRUE(parsed) << parsed.error().message;
        const MarketFile& file = *parsed;
        EXPECT_EQ(adapters::broken_invariant(file), "");
        std::int64_t bars = 0, column_rows = 0, dropped = 0;
        for (const store::PriceSeries& series : file.prices) bars += std::ssize(series.bars);
        for (const market::ColumnSeries& series : file.facts.columns)
            column_rows += std::ssize(series.rows);
        for (const auto& [reason, rows] : file.dropped) dropped += rows;
        EXPECT_EQ(file.how.format, row.format);
        EXPECT_EQ(file.data_lines, row.lines);
        EXPECT_EQ(bars, row.bars);
        EXPECT_EQ(std::ssize(file.prices), row.symbols);
        EXPECT_EQ(column_rows, row.column_rows);
        EXPECT_EQ(std::ssize(file.facts.listings), row.listings);
        EXPECT_EQ(std::ssize(file.facts.states), row.states);
        EXPECT_EQ(std::ssize(file.facts.actions), row.actions);
        EXPECT_EQ(dropped, row.dropped);
        EXPECT_EQ(std::ssize(file.quarantined), row.quarantined);
        EXPECT_EQ(file.first ? file.first->iso() : "", row.first);
        EXPECT_EQ(file.last ? file.last->iso() : "", row.last);
    }
}

TEST(FileFormats, AgreeOnTheWholeMarketOfADay) {
    SKIP_WITHOUT_DATA();
    const MarketFile body = must("krx_raw_responses/MDCSTAT01501_mktId-ALL_trdDd-20210104.json");
    const MarketFile marcap = must("krx_marcap_full_market/marcap-2021.to-2021-02-22.csv.gz");
    std::map<std::string, Bar> of_marcap;
    for (const store::PriceSeries& series : marcap.prices)
        if (series.bars.front().date == day("2021-01-04"))
            of_marcap[series.instrument.symbol] = series.bars.front();
    std::int64_t equal = 0, halted = 0;
    for (const store::PriceSeries& series : body.prices) {
        const auto other = of_marcap.find(series.instrument.symbol);
        if (other == of_marcap.end())
            halted += is_halt(series.bars.front()) ? 1 : 0;
        else
            equal += series.bars.front() == other->second ? 1 : 0;
    }
    EXPECT_EQ(equal, 2419);
    EXPECT_EQ(halted, 112);
    EXPECT_EQ(std::ssize(of_marcap), 2419);
}

// Every row of 33 sessions of 2026 lies within the limits of its base price, which is its close
// less its change and on the grid. Outside: liquidation trading, and two first days of 60 % to 400
// %.
TEST(FileFormats, HoldTheLimitsOfAWholeMarketOf2026) {
    SKIP_WITHOUT_DATA();
    const std::string path = "krx_marcap_full_market/marcap-2026.to-2026-02-23.parquet";
    std::ifstream in{data_folder() / path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto table = adapters::read_parquet_table(path, bytes);
    ASSERT_TRUE(table) << table.error().text();
    const auto column = [&](std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(table->header, name) -
                                        table->header.begin());
    };
    const std::size_t code = column("Code"), date_at = column("Date"), on = column("Market");
    const std::size_t close = column("Close"), change = column("Changes"), open = column("Open");
    const std::size_t high = column("High"), low = column("Low");
    std::map<std::string, std::int64_t> outside;
    std::int64_t rows = 0, off_grid = 0;
    for (std::size_t row = 0; row < table->rows(); ++row) {
        const auto text = [&](std::size_t at) { return std::string{table->cell(row, at)}; };
        const auto won = [&](std::size_t at) {
            return static_cast<std::int64_t>(std::strtod(text(at).c_str(), nullptr));
        };
        if (won(open) == 0) continue;  // a halt
        const std::string name = text(on);
        const market::Market of = name.starts_with("KOSPI")    ? market::Market::kospi
                                  : name.starts_with("KOSDAQ") ? market::Market::kosdaq
                                                               : market::Market::konex;
        const std::int64_t base = won(close) - won(change);
        const auto rules = market::SessionRules::find(of, day(text(date_at).substr(0, 10).c_str()));
        ASSERT_TRUE(rules) << text(code);
        const market::PriceLimits limits = rules->limits(base);
        ++rows;
        off_grid += rules->base_price(base) == base ? 0 : 1;
        if (won(high) > limits.upper || won(low) < limits.lower) ++outside[text(code)];
    }
    EXPECT_EQ(rows, 91'705);
    EXPECT_EQ(off_grid, 0);
    EXPECT_EQ(outside, (std::map<std::string, std::int64_t>{{"0001A0", 1},
                                                            {"0115H0", 1},
                                                            {"001140", 6},
                                                            {"003560", 2},
                                                            {"010600", 4},
                                                            {"033180", 1},
                                                            {"052670", 2},
                                                            {"057880", 6},
                                                            {"111870", 1},
                                                            {"150840", 4},
                                                            {"174880", 1},
                                                            {"208340", 3},
                                                            {"226360", 2},
                                                            {"288490", 7},
                                                            {"308700", 7},
                                                            {"341310", 6}}));
    const auto first_day =
        market::first_day_limits(market::Market::kosdaq, day("2026-01-21"), 2'000);
    EXPECT_EQ(first_day, (market::PriceLimits{1'200, 8'000}));  // its high was 8,000
}

// 01602 is not imported; its two closes of 005930 are those of 01701, raw, and a fiftieth of the
// base adjusted.
TEST(FileFormats, AgreeAcrossTheSplitOf2018) {
    SKIP_WITHOUT_DATA();
    const auto raw = bars_of(must("krx_raw_responses/MDCSTAT01701_isuCd-KR7005930003_adjStkPrc-1_"
                                  "strtDd-20180427_endDd-20180504.json"),
                             "005930");
    ASSERT_EQ(raw.size(), 5U);
    EXPECT_EQ(raw.at(day("2018-04-27")).close, 2'650'000);
    EXPECT_EQ(raw.at(day("2018-05-04")).close, 51'900);
    EXPECT_EQ(raw.at(day("2018-05-04")).volume + raw.at(day("2018-04-27")).volume, 40'171'607);
    const auto text_of = [](const std::string& path) {
        std::ifstream in{data_folder() / path, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{in}, {}};
    };
    const std::string start = "krx_raw_responses/MDCSTAT01602_mktId-STK_adjStkPrc-";
    const std::string range = "_strtDd-20180427_endDd-20180504.json";
    EXPECT_THAT(text_of(start + "1" + range),
                testing::HasSubstr(R"("BAS_PRC":"2,607,000","TDD_CLSPRC":"51,900")"));
    EXPECT_THAT(text_of(start + "2" + range),
                testing::HasSubstr(R"("BAS_PRC":"52,140","TDD_CLSPRC":"51,900")"));
}

// Lean's adjusted price is the raw one times the split factor of the factor file.
TEST(FileFormats, MakeLeansAdjustedPrices) {
    SKIP_WITHOUT_DATA();
    std::vector<Bar> bars;
    for (const auto& [date, bar] : bars_of(must("us_lean/daily/aapl.zip"), "AAPL"))
        bars.push_back(bar);
    const MarketFile factors = must("us_lean/factor_files/aapl.csv");
    std::vector<market::CorporateAction> splits;
    for (const market::CorporateAction& action : factors.facts.actions)
        if (action.kind == market::ActionKind::split) splits.push_back(action);
    ASSERT_EQ(splits.size(), 4U);
    EXPECT_EQ(splits[0].ex_date, day("2000-06-21"));
    EXPECT_EQ(splits[2].shares_after, 7);
    EXPECT_EQ(splits[3].shares_after, 4);
    const auto adjusted = market::adjusted_view(bars, splits, day("2021-03-31"));
    ASSERT_EQ(adjusted.size(), bars.size());
    const std::pair<Date, double> factor_until[] = {{day("2000-06-20"), 0.00892857},
                                                    {day("2005-02-25"), 0.01785710},
                                                    {day("2014-06-06"), 0.03571430},
                                                    {day("2020-08-28"), 0.25},
                                                    {day("2050-12-31"), 1.0}};
    for (std::size_t i = 0; i < bars.size(); ++i) {
        double factor = 0;
        for (const auto& [until, value] : factor_until)
            if (factor == 0 && bars[i].date <= until) factor = value;
        // Their factors have 6 digits: a price of 1,000 dollars differs in the fourth decimal.
        const double wanted = static_cast<double>(bars[i].close) * factor;
        ASSERT_NEAR(static_cast<double>(adjusted[i].close), wanted, 0.5 + wanted * 5e-6)
            << bars[i].date.iso();
    }
}

TEST(FileFormats, MakeLeansDividends) {
    SKIP_WITHOUT_DATA();
    const MarketFile factors = must("us_lean/factor_files/aapl.csv");
    std::map<Date, std::int64_t> paid;
    for (const market::CorporateAction& action : factors.facts.actions)
        if (action.kind == market::ActionKind::cash_dividend)
            paid[action.ex_date] = action.amount_e4;
    EXPECT_EQ(paid.size(), 35U);
    // zipline's own files hold the same dividends: 3.05 and 3.29 dollars of 2014.
    EXPECT_NEAR(static_cast<double>(paid.at(day("2014-02-06"))), 30'500, 100);
    EXPECT_NEAR(static_cast<double>(paid.at(day("2014-05-08"))), 32'900, 100);
}

TEST(FileFormats, MakeListingsOfAWholeMarketFile) {
    SKIP_WITHOUT_DATA();
    const MarketFile file =
        must("krx_marcap_full_market/marcap-2021.to-2021-02-22.csv.gz", {.listing = true});
    EXPECT_EQ(file.data_lines, 79'980);
    EXPECT_TRUE(file.quarantined.empty());
    const market::Listings listings{file.facts.listings, file.facts.states};
    const market::Listing* samsung = listings.find("005930", day("2021-02-01"));
    ASSERT_NE(samsung, nullptr);
    EXPECT_EQ(samsung->name, "삼성전자");
    EXPECT_EQ(samsung->shares, 5'969'782'550);
    std::map<std::string, int> codes;
    for (const market::Listing& listing : file.facts.listings) ++codes[listing.symbol];
    EXPECT_EQ(codes.size(), 2455U);
}

}  // namespace
}  // namespace hsl
