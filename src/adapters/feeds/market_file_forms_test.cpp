// SPDX-License-Identifier: Apache-2.0

// What a file may look like and still be the same two bars; and what the rules find in it. A table
// of cases for each.

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/feeds/detail/unpack.hpp"
#include "adapters/feeds/market_file_invariants.hpp"
#include "adapters/feeds/market_file_testing.hpp"
#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "market/day_testing.hpp"
#include "market/rules.hpp"

namespace hsl::adapters {
namespace {

using market::day;
using store::MarketFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string bars_text =
    "Date,Open,High,Low,Close,Volume\n2020-01-02,100,110,90,105,1000\n"
    "2020-01-03,105,120,100,118,2000\n";
const std::string korean_text =
    "날짜,시가,고가,저가,종가,거래량\n2020-01-02,100,110,90,105,1000\n"
    "2020-01-03,105,120,100,118,2000\n";

std::vector<MarketFile> files_of(std::string_view bytes, std::string_view name = "005930.csv",
                                 const store::ReadHints& hints = {}) {
    auto files = parse_market_file(name, bytes, hints);
    EXPECT_TRUE(files) << files.error().text();
    if (!files) return {};
    for (const MarketFile& file : *files) EXPECT_EQ(broken_invariant(file), "") << file.path;
    return std::move(*files);
}

std::string error_of(std::string_view bytes, std::string_view name = "005930.csv",
                     const store::ReadHints& hints = {}) {
    const auto files = parse_market_file(name, bytes, hints);
    if (!files) return files.error().message;
    if (files->size() == 1 && files->at(0).error) return files->at(0).error->message;
    ADD_FAILURE() << "not refused: " << bytes.substr(0, 80);
    return {};
}

// "005930 2020-01-02 100 110 90 105 1000", a line a bar.
std::string bars_of(const MarketFile& file) {
    std::string text;
    for (const store::PriceSeries& series : file.prices)
        for (const market::Bar& bar : series.bars)
            text +=
                fmt::format("{} {}{} {} {} {} {} {}\n", series.instrument.symbol, bar.date.iso(),
                            bar.minute > 0 ? fmt::format(" m{}", bar.minute) : "", bar.open,
                            bar.high, bar.low, bar.close, bar.volume);
    return text;
}
const std::string two_bars =
    "005930 2020-01-02 100 110 90 105 1000\n005930 2020-01-03 105 120 100 118 2000\n";

std::string gzipped(std::string_view bytes) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

void put(std::string& out, std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? number >> (8 * i) & 0xFF : 0);
}

// An archive of stored members; with `long_sizes` as writers of 64-bit archives make them.
std::string zipped(const std::vector<std::pair<std::string, std::string>>& members,
                   bool long_sizes = false, int flags = 0) {
    std::string out;
    std::string directory;
    for (const auto& [name, bytes] : members) {
        const std::size_t header_at = out.size();
        const auto checksum =
            crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
        std::string extra;
        if (long_sizes) {
            put(extra, 1, 2);
            put(extra, 16, 2);
            put(extra, bytes.size(), 8);
            put(extra, bytes.size(), 8);
        }
        const std::uint64_t size = long_sizes ? 0xFFFF'FFFF : bytes.size();
        const auto common = [&](std::string& to) {
            put(to, static_cast<std::uint64_t>(flags), 2);
            put(to, 0, 2);  // stored
            put(to, 0, 4);  // time
            put(to, checksum, 4);
            put(to, size, 4);
            put(to, size, 4);
            put(to, name.size(), 2);
            put(to, extra.size(), 2);
        };
        out += "PK\x03\x04";
        put(out, 20, 2);
        common(out);
        out += name + extra + bytes;
        directory += "PK\x01\x02";
        put(directory, 20, 2);
        put(directory, 20, 2);
        common(directory);
        put(directory, 0, 2 + 2 + 2 + 4);
        put(directory, header_at, 4);
        directory += name + extra;
    }
    const std::size_t directory_at = out.size();
    out += directory + "PK\x05\x06";
    put(out, 0, 4);
    put(out, members.size(), 2);
    put(out, members.size(), 2);
    put(out, directory.size(), 4);
    put(out, directory_at, 4);
    put(out, 0, 2);
    return out;
}

// ---- dress -------------------------------------------------------------------------------------

TEST(Encodings, GiveTheSameBarsAndSayTheirName) {
    struct Case {
        std::string bytes;
        const char* encoding;
    };
    for (const Case& c : {
             Case{korean_text, "UTF-8"},
             Case{"\xEF\xBB\xBF" + korean_text, "UTF-8 with BOM"},
             Case{encoded("CP949", korean_text), "CP949"},
             Case{encoded("EUC-KR", korean_text), "CP949"},
             Case{"\xFF\xFE" + encoded("UTF-16LE", korean_text), "UTF-16LE"},
             Case{"\xFE\xFF" + encoded("UTF-16BE", korean_text), "UTF-16BE"},
             Case{encoded("UTF-16LE", korean_text), "UTF-16LE"},
             Case{encoded("UTF-16BE", korean_text), "UTF-16BE"},
         }) {
        const auto files = files_of(c.bytes);
        ASSERT_EQ(files.size(), 1u);
        EXPECT_EQ(bars_of(files[0]), two_bars) << c.encoding;
        EXPECT_EQ(files[0].how.encoding, c.encoding);
    }
}

TEST(Encodings, OfTwoFilesInOneAreReadLineByLine) {
    const std::string header = "날짜,시가,고가,저가,종가,거래량,시장구분,종목코드\n";
    const std::string first = "2020-01-02,100,110,90,105,1000,유가증권,005930\n";
    const std::string second = "2020-01-02,100,110,90,105,1000,코스닥,060310\n";
    for (const std::string& text : {header + first + encoded("CP949", header + second),
                                    encoded("CP949", header + first) + header + second,
                                    encoded("CP949", header + first) + "\xEF\xBB\xBF" + second}) {
        const auto files = files_of(text, "market.csv");
        ASSERT_EQ(files.size(), 1U);
        ASSERT_EQ(files[0].prices.size(), 2U) << files[0].how.encoding;
        EXPECT_EQ(files[0].prices[0].instrument.market, market::Market::kospi);
        EXPECT_EQ(files[0].prices[1].instrument.market, market::Market::kosdaq);
        EXPECT_TRUE(files[0].how.encoding.contains("CP949 in ")) << files[0].how.encoding;
        EXPECT_TRUE(files[0].quarantined.empty()) << files[0].quarantined[0].source;
    }
}

TEST(Encodings, AreWhatTheUserSays) {
    using store::TextEncoding;
    const std::string text =
        "날짜,시가,고가,저가,종가,거래량,시장구분,종목코드\n2020-01-02,9,9,9,9,1,코스닥,060310\n";
    for (const auto& [name, encoding] :
         {std::pair{"UTF-8", TextEncoding::utf8}, std::pair{"CP949", TextEncoding::cp949},
          std::pair{"UTF-16LE", TextEncoding::utf16le},
          std::pair{"UTF-16BE", TextEncoding::utf16be}}) {
        const auto files = files_of(encoded(name, text), "market.csv", {.encoding = encoding});
        ASSERT_EQ(files[0].prices.size(), 1U) << name;
        EXPECT_EQ(files[0].prices[0].instrument.market, market::Market::kosdaq) << name;
        EXPECT_EQ(files[0].how.encoding, std::string{name} + ", as you said");
    }
    // Said wrongly, the header is no header.
    EXPECT_FALSE(
        parse_market_file("market.csv", encoded("CP949", text), {.encoding = TextEncoding::utf8}));
}

TEST(Encodings, LinesOfQuarantineAreReadable) {
    const std::string text = "날짜,시가,고가,저가,종가,거래량,비고\n2020-01-02,1,2,3,4,5,삼성\n";
    const auto files = files_of(encoded("CP949", text));
    ASSERT_EQ(files[0].quarantined.size(), 1u);
    EXPECT_EQ(files[0].quarantined[0].source, "2020-01-02,1,2,3,4,5,삼성");
    ASSERT_TRUE(files[0].source_of);
    EXPECT_EQ(files[0].source_of(2), "2020-01-02,1,2,3,4,5,삼성");
    EXPECT_EQ(files[0].source_of(3), "");
}

TEST(Encodings, ALittleDamageDoesNotMakeKoreanOutOfUtf8) {
    std::string text = korean_text;
    text +=
        "2020-01-06,105,120,100,1\xFF"
        "8,2000\n";
    const auto files = files_of(text);
    EXPECT_EQ(bars_of(files[0]), two_bars);
    EXPECT_EQ(files[0].how.encoding, "UTF-8");
    EXPECT_EQ(files[0].quarantined.at(0).reason, "unreadable_number");
}

TEST(Containers, GzipIsReadAndKeepsItsLines) {
    const auto files = files_of(gzipped(bars_text + "2020-01-06,1,2,3,4,5\n"), "a/005930.csv.gz");
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(bars_of(files[0]), two_bars);
    EXPECT_EQ(files[0].path, "a/005930.csv.gz");
    EXPECT_EQ(files[0].how.container, "gzip");
    EXPECT_EQ(files[0].source_of(4), "2020-01-06,1,2,3,4,5");
    // Two gzip files one behind the other are one, as gunzip has it.
    EXPECT_EQ(
        bars_of(files_of(gzipped(bars_text.substr(0, 40)) + gzipped(bars_text.substr(40)))[0]),
        two_bars);
}

TEST(Containers, EveryMemberOfAnArchiveIsAFile) {
    const std::string archive = zipped({{"가격/005930.csv", bars_text},
                                        {"__MACOSX/._x", "junk"},
                                        {"empty/", ""},
                                        {"000660.csv.gz", gzipped(bars_text)},
                                        {"notes.txt", "no prices here\n"}});
    const auto files = files_of(archive, "all.zip");
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[0].path, "all.zip:가격/005930.csv");
    EXPECT_EQ(bars_of(files[0]), two_bars);
    EXPECT_EQ(files[1].path, "all.zip:000660.csv.gz");
    EXPECT_EQ(files[1].prices.at(0).instrument.symbol, "000660");
    EXPECT_EQ(files[1].how.container, "gzip in zip");
    ASSERT_TRUE(files[2].error);
    EXPECT_EQ(files[2].error->file, "all.zip:notes.txt");
    EXPECT_THAT(files[2].error->message, HasSubstr("no column of dates"));
}

TEST(Containers, SixtyFourBitSizesOfSmallMembersAreRead) {
    EXPECT_EQ(bars_of(files_of(zipped({{"005930.csv", bars_text}}, true), "x.zip")[0]), two_bars);
}

TEST(Containers, BrokenOnesSayWhatIsWrong) {
    const std::string good = zipped({{"005930.csv", bars_text}});
    EXPECT_THAT(error_of(good.substr(0, good.size() - 30)), HasSubstr("table of contents"));
    std::string flipped = good;
    flipped[50] ^= 1;
    EXPECT_THAT(error_of(flipped), HasSubstr("checksum"));
    EXPECT_THAT(error_of(zipped({{"a.csv", bars_text}}, false, 1)), HasSubstr("encrypted"));
    EXPECT_THAT(error_of(zipped({})), HasSubstr("no file in it"));
    EXPECT_THAT(error_of(zipped({{"[Content_Types].xml", "x"}})), HasSubstr("Excel"));
    EXPECT_THAT(error_of(zipped({{"a.zip", zipped({{"b.zip", zipped({{"c", "d"}})}})}})),
                HasSubstr("unpack it by hand"));
    const std::string packed = gzipped(bars_text);
    EXPECT_THAT(error_of(packed.substr(0, packed.size() - 12)), HasSubstr("cut short"));
    EXPECT_THAT(error_of(packed.substr(0, 12) + "\xFF\xFF" + packed.substr(14)), HasSubstr("gzip"));
}

TEST(Containers, ABombIsRefusedAtItsBound) {
    const std::string bomb = gzipped(std::string(3'000'000, ','));
    EXPECT_LT(bomb.size(), 10'000u);
    const detail::UnpackLimits limits{.bytes_max = 1'000'000, .members_max = 3};
    const auto gz = detail::unpack("x.gz", bomb, limits);
    ASSERT_FALSE(gz);
    EXPECT_THAT(gz.error().message, HasSubstr("more than 1,000,000 bytes"));
    const auto nested = detail::unpack("x.zip", zipped({{"a.gz", bomb}, {"b", "c"}}), limits);
    ASSERT_TRUE(nested);
    EXPECT_THAT(nested->at(0).error->message, HasSubstr("more than"));
    EXPECT_EQ(nested->at(1).bytes, "c");
    const auto many =
        detail::unpack("x.zip", zipped({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}), limits);
    ASSERT_FALSE(many);
    EXPECT_THAT(many.error().message, HasSubstr("more than 3 members"));
}

TEST(Separators, PipesSemicolonsAndTabsAreFoundFromTheHeader) {
    for (const auto& [separator, name] : {std::pair{',', "comma"}, std::pair{'\t', "tab"},
                                          std::pair{';', "semicolon"}, std::pair{'|', "pipe"}}) {
        std::string text = bars_text;
        std::ranges::replace(text, ',', separator);
        const auto files = files_of(text);
        EXPECT_EQ(bars_of(files[0]), two_bars) << name;
        EXPECT_EQ(files[0].how.separator, name);
    }
}

TEST(Days, AreReadInEveryFormOfTheVendors) {
    struct Case {
        const char* first;
        const char* second;
        const char* form;
    };
    for (const Case& c : {
             Case{"2020-01-02", "2020-01-03", "YYYY-MM-DD"},
             Case{"20200102", "20200103", "YYYYMMDD"},
             Case{"2020.01.02", "2020.01.03", "YYYY.MM.DD"},
             Case{"2020/1/2", "2020/1/3", "YYYY/MM/DD"},
             Case{"2020-1-2 0:0:0", "2020-1-3 0:0:0", "YYYY-MM-DD"},
             Case{"2020-01-02 00:00:00", "2020-01-03 00:00:00", "YYYY-MM-DD"},
             Case{"2020-01-02T00:00:00+09:00", "2020-01-03T00:00:00.000Z", "YYYY-MM-DD"},
             Case{"2020년 1월 2일", "2020년 01월 03일", "YYYY년 M월 D일"},
             Case{"\"Jan 02, 2020\"", "\"January 3, 2020\"", "Mon D, YYYY"},
             Case{"02 Jan 2020", "3-Jan-20", "D Mon YYYY"},
             // A close stamped with the time of the close is a day's.
             Case{"2020-01-02 15:30:00", "2020-01-03 15:30:04", "YYYY-MM-DD"},
         }) {
        const std::string text = fmt::format(
            "Date,Open,High,Low,Close,Volume\n{},100,110,90,105,1000\n"
            "{},105,120,100,118,2000\n",
            c.first, c.second);
        const auto files = files_of(text);
        EXPECT_EQ(bars_of(files[0]), two_bars) << c.first;
        EXPECT_EQ(files[0].how.date_form, c.form) << c.first;
    }
}

TEST(Days, OfUnknownOrderAreReadOnlyWhereADayAboveTwelveTells) {
    const auto text = [](std::string_view a, std::string_view b) {
        return fmt::format(
            "Date,Open,High,Low,Close,Volume\n{},100,110,90,105,1000\n"
            "{},105,120,100,118,2000\n",
            a, b);
    };
    const std::string first = "005930 2020-01-03 100 110 90 105 1000\n";
    EXPECT_EQ(bars_of(files_of(text("01/03/2020", "01/13/2020"))[0]),
              first + "005930 2020-01-13 105 120 100 118 2000\n");
    EXPECT_EQ(bars_of(files_of(text("03/01/2020", "13/01/20"))[0]),
              first + "005930 2020-01-13 105 120 100 118 2000\n");
    EXPECT_THAT(error_of(text("01/03/2020", "02/03/2020")), HasSubstr("--map date_order=mdy"));
    EXPECT_THAT(error_of(text("13/01/2020", "01/13/2020")), HasSubstr("both orders"));
    store::ReadHints hints{.columns = {{"date_order", "dmy"}}};
    EXPECT_EQ(bars_of(files_of(text("06/01/2020", "07/01/2020"), "005930.csv", hints)[0]),
              "005930 2020-01-06 100 110 90 105 1000\n005930 2020-01-07 105 120 100 118 2000\n");
    hints.columns["date_order"] = "us";
    EXPECT_THAT(error_of(text("06/01/2020", "07/01/2020"), "005930.csv", hints),
                HasSubstr("it is mdy"));
}

TEST(Numbers, MayBeDressed) {
    const auto files = files_of(
        "일자,시가,고가,저가,종가,거래량(천주),거래대금(백만)\n"
        "2020-01-02,\"1,000원\",₩1100,900.0,1050,1.5,12\n"
        "2020-01-03,1000,1100,900,1050,2K,3M\n");
    EXPECT_EQ(bars_of(files[0]), "005930 2020-01-02 1000 1100 900 1050 1500\n");
    EXPECT_EQ(files[0].prices[0].bars[0].value, 12'000'000);
    // A unit below a unit: thousands of thousands, or said twice?
    ASSERT_EQ(files[0].quarantined.size(), 1U);
    EXPECT_EQ(files[0].quarantined[0].reason, "unreadable_number");
    EXPECT_EQ(bars_of(files_of("Date,Open,High,Low,Close,Volume\n2020-01-02,1,1,1,1,307.53M\n")[0]),
              "005930 2020-01-02 1 1 1 1 307530000\n");
}

TEST(Minutes, AreBarsOfTheirOwnInterval) {
    const auto files = files_of(
        "일자,시간,시가,고가,저가,종가,거래량\n20200102,901,100,110,90,105,1000\n"
        "20200102,0900,100,110,90,105,1000\n20200102,152900,105,120,100,118,2000\n");
    EXPECT_EQ(files[0].prices.at(0).interval, market::Interval::minute);
    EXPECT_EQ(bars_of(files[0]),
              "005930 2020-01-02 m540 100 110 90 105 1000\n"
              "005930 2020-01-02 m541 100 110 90 105 1000\n"
              "005930 2020-01-02 m929 105 120 100 118 2000\n");
    const auto joined = files_of(
        "date,open,high,low,close,volume\n2020-01-02 09:00,1,1,1,1,5\n"
        "2020-01-02 09:01,1,1,1,1,5\n2020-01-02T09:02:00+00:00,1,1,1,1,5\n");
    ASSERT_EQ(joined[0].prices.at(0).bars.size(), 3u);
    EXPECT_EQ(joined[0].prices.at(0).bars[2].minute, 18 * 60 + 2);  // Korea's clock
}

// ---- whose prices ------------------------------------------------------------------------------

TEST(WholeMarket, IsTakenApartByItsCodes) {
    const auto files = files_of(
        "종목코드,종목명,시장구분,소속부,종가,대비,등락률,시가,고가,저가,거래량,거래대금,시가총액,"
        "상장주식수,일자\n"
        "005930,삼성전자,KOSPI,,83000,2000,2.47,81000,84400,80200,38655276,3185356823460,"
        "495491951650000,5969782550,2021-01-04\n"
        "\"=\"\"000660\"\"\",SK하이닉스,KOSPI,,126000,7500,6.33,124500,128000,120500,7995016,"
        "994276505704,91728297990000,728002365,2021-01-04\n"
        "20,동화약품,KOSPI,,100,0,0.00,100,100,100,5,500,1000,10,2021-01-04\n"
        "A035720,카카오,KOSDAQ GLOBAL,,100,-10,-9.09,105,110,90,5,500,1000,10,2021-01-04\n"
        ",x,KOSPI,,100,0,0.00,100,100,100,5,500,1000,10,2021-01-04\n",
        "market.csv");
    EXPECT_EQ(bars_of(files[0]),
              "000020 2021-01-04 100 100 100 100 5\n"
              "000660 2021-01-04 124500 128000 120500 126000 7995016\n"
              "005930 2021-01-04 81000 84400 80200 83000 38655276\n"
              "035720 2021-01-04 105 110 90 100 5\n");
    EXPECT_EQ(files[0].repaired, (std::map<std::string, std::int64_t>{{"code_zeros", 1}}));
    EXPECT_EQ(files[0].quarantined.at(0).reason, "missing_value");
    EXPECT_EQ(files[0].prices[2].instrument.market, market::Market::kospi);
    EXPECT_EQ(files[0].prices[3].instrument.market, market::Market::kosdaq);
    EXPECT_EQ(files[0].prices[2].basis, market::Basis::raw);
    EXPECT_EQ(files[0].how.basis_because,
              "each of 4 series, such as the first: market cap = close x shares in 1 row");
    ASSERT_EQ(files[0].facts.columns.size(), 8u);
    EXPECT_EQ(files[0].facts.columns[4].symbol, "005930");
    EXPECT_EQ(files[0].facts.columns[4].column, "market_cap");
    EXPECT_EQ(files[0].facts.columns[4].rows.at(0).value, 495491951650000.0);
}

TEST(WholeMarket, ALargeFileReadInStretchesIsTheSameFile) {
    // Above the size that is split over threads; every 1,000th row is bad.
    std::string text = "code,date,open,high,low,close,volume\n";
    std::string bad;
    std::int64_t line = 1;
    for (int day = 0; day < 300; ++day)
        for (int symbol = 0; symbol < 500; ++symbol) {
            ++line;
            const bool broken = line % 1000 == 0;
            text += fmt::format("{:05}0,{},1000,1100,{},1050,77\n", symbol,
                                (Date::from_civil(1989, 1, 1) + day).iso(), broken ? 1200 : 900);
        }
    const auto files = files_of(text, "market.csv");
    EXPECT_EQ(files[0].data_lines, 150'000);
    EXPECT_EQ(files[0].prices.size(), 500u);
    ASSERT_EQ(files[0].quarantined.size(), 150u);
    for (std::size_t i = 0; i < 150; ++i)
        EXPECT_EQ(files[0].quarantined[i].line, static_cast<std::int64_t>(i + 1) * 1000);
    EXPECT_EQ(files[0].prices[7].lines.at(1), 2 + 500 + 7);
}

TEST(WholeMarket, PanelsOfClosesGiveASeriesAColumn) {
    const auto files = files_of("date,AAPL,BRK-A\n2020-01-02,10.5,\n2020-01-03,11,300\n", "p.csv");
    EXPECT_EQ(bars_of(files[0]),
              "AAPL 2020-01-02 105000 105000 105000 105000 0\n"
              "AAPL 2020-01-03 110000 110000 110000 110000 0\n"
              "BRK-A 2020-01-03 3000000 3000000 3000000 3000000 0\n");
    EXPECT_EQ(files[0].data_lines, 4);
    EXPECT_EQ(files[0].dropped.at("filler"), 1);
    EXPECT_THAT(error_of("date,005930,000660\n2020-01-02,1,2\n", "p.csv"),
                HasSubstr("closes alone"));
}

TEST(Symbols, ComeFromTheHintOrTheName) {
    EXPECT_EQ(files_of(bars_text, "x.csv", {.symbol = "000660"})[0].prices[0].instrument.symbol,
              "000660");
    EXPECT_EQ(files_of(bars_text, "kospi200_2009.csv")[0].prices[0].instrument.symbol, "KOSPI200");
    EXPECT_EQ(files_of("date,close\n2020-01-02,5.5\n", "KOSDAQ.csv")[0].repaired.at("close_only"),
              1);
    EXPECT_THAT(error_of("date,close\n2020-01-02,5\n"), HasSubstr("closes alone make no bars"));
}

TEST(Map, OverridesAnyGuessAndNamesTheHeadersOfAFileThatLacksIt) {
    const std::string text =
        "일자,가격,시가,고가,저가,거래량,종가\n2020-01-02,105,100,110,90,10,7\n";
    EXPECT_EQ(bars_of(files_of(text, "005930.csv", {.columns = {{"close", "가격"}}})[0]),
              "005930 2020-01-02 100 110 90 105 10\n");
    EXPECT_EQ(error_of(text, "005930.csv", {.columns = {{"close", "현재"}}}),
              "--map close=현재: the file has no column '현재'; its columns are 일자, 가격, 시가, "
              "고가, 저가, 거래량, 종가");
    EXPECT_THAT(error_of(text, "005930.csv", {.columns = {{"closing", "가격"}}}),
                HasSubstr("'closing' is no column of ours; known are date, time, code"));
    EXPECT_EQ(bars_of(files_of("x,2020-01-02,100,110,90,105,10\n", "005930.csv",
                               {.columns = {{"date", "column 2"},
                                            {"open", "3"},
                                            {"high", "4"},
                                            {"low", "5"},
                                            {"close", "6"},
                                            {"volume", "7"}}})[0]),
              "005930 2020-01-02 100 110 90 105 10\n");
}

TEST(Hints, OfBasisDefinitionAndMarketComeFirst) {
    const auto files = files_of(bars_text, "005930.csv",
                                {.basis = market::Basis::adjusted,
                                 .definition = market::BarDefinition::all_krx,
                                 .market = market::Market::kosdaq});
    EXPECT_EQ(files[0].prices[0].basis, market::Basis::adjusted);
    EXPECT_EQ(files[0].prices[0].definition, market::BarDefinition::all_krx);
    EXPECT_EQ(files[0].prices[0].instrument.market, market::Market::kosdaq);
    EXPECT_EQ(files[0].how.basis_because, "you said so");
}

// ---- named columns -----------------------------------------------------------------------------

TEST(NamedColumns, OfAccountsAreKnownWhenFiled) {
    const auto filed = files_of("결산일,매출액,ROE\n2023-12-31,1000,5.5\n", "005930.csv",
                                {.columns = {{"date", "결산일"}}});
    ASSERT_EQ(filed[0].facts.columns.size(), 2u);
    // Nobody says when: on the last day that the law allows.
    EXPECT_EQ(filed[0].facts.columns[0].rows.at(0).known, day("2024-03-30"));
    EXPECT_EQ(filed[0].found.at("accounts_due"), 2);
    const auto said = files_of(
        "date,공시일,revenue\n2023-12-31,2024-03-12,1000\n2024-03-31,2024-03-30,9\n2024-06-30,,9\n",
        "005930.csv");
    ASSERT_EQ(said[0].facts.columns.size(), 1u);
    ASSERT_EQ(said[0].facts.columns[0].rows.size(), 1u);
    EXPECT_EQ(said[0].facts.columns[0].rows[0].known, day("2024-03-12"));
    ASSERT_EQ(said[0].quarantined.size(), 2u);
    EXPECT_EQ(said[0].quarantined[0].reason, "days_reversed");
    EXPECT_EQ(said[0].quarantined[1].reason, "missing_value");
    const auto daily = files_of("date,ROE\n2024-01-02,5.5\n", "005930.csv");
    EXPECT_EQ(daily[0].facts.columns.at(0).rows.at(0).known, day("2024-01-02"));
}

TEST(NamedColumns, ComeWithPricesOrAlone) {
    const auto files =
        files_of("날짜,BPS,PER,PBR,EPS,DIV,DPS\n2020-01-02,100,-,1.5,10,2.5,0\n2020-01-03,,,,,,\n");
    EXPECT_TRUE(files[0].prices.empty());
    EXPECT_EQ(files[0].data_lines, 2);
    EXPECT_EQ(files[0].dropped.at("filler"), 1);
    std::vector<std::string> columns;
    for (const auto& column : files[0].facts.columns) columns.push_back(column.column);
    EXPECT_THAT(columns, ElementsAre("bps", "pbr", "eps", "dividend_yield", "dps"));
    const auto rich =
        files_of("2020-01-02,100,110,90,105,1000,\"-6,975\",36882\n", "005930_rich.csv");
    ASSERT_EQ(rich[0].facts.columns.size(), 2u);
    EXPECT_EQ(rich[0].facts.columns[0].column, "institution_net_shares");
    EXPECT_EQ(rich[0].facts.columns[0].rows.at(0).value, -6975);
    EXPECT_EQ(rich[0].facts.columns[1].column, "foreign_net_shares");
}

TEST(NamedColumns, NetPurchasesNeedAUnit) {
    const auto column = [](std::string_view header) {
        const auto files = parse_market_file(
            "005930.csv", fmt::format("날짜,PER,{}\n2020-01-02,1,5\n", header), {});
        if (!files || files->at(0).facts.columns.size() < 2) return std::string{};
        return files->at(0).facts.columns[1].column;
    };
    EXPECT_EQ(column("외국인순매수(주)"), "foreign_net_shares");
    EXPECT_EQ(column("외국인 순매수 대금"), "foreign_net");
    EXPECT_EQ(column("외국인순매수"), "");
}

// ---- what rows say of one another --------------------------------------------------------------

std::map<std::string, std::int64_t> found_in(
    std::string_view rows, std::string_view header = "Date,Open,High,Low,Close,Volume") {
    return files_of(fmt::format("{}\n{}", header, rows))[0].found;
}
using Found = std::map<std::string, std::int64_t>;

TEST(Findings, NameEveryKindOfDay) {
    EXPECT_EQ(found_in("2020-01-02,100,110,90,105,10\n2020-01-03,0,0,0,105,0\n"
                       "2020-01-06,0,0,0,105,0\n2020-01-07,105,105,105,105,0\n"
                       "2020-01-08,100,110,90,105,0\n2020-01-09,0,0,0,105,7\n"
                       "2020-01-13,100,110,90,105,10\n"),
              (Found{{"halt", 2},
                     {"carried_close", 1},
                     {"volume_zero", 1},
                     {"halt_with_volume", 1},
                     {"missing_sessions", 1}}));
    EXPECT_EQ(found_in("1998-12-04,100,110,90,105,10\n1998-12-05,100,110,90,105,10\n"),
              (Found{{"saturday_session", 1}}));
}

TEST(Findings, BelieveAShareCountBeforeTheEndOfASeries) {
    // Five rows of a series that ends there, as liquidation would: 50 times the shares tell.
    const auto found = [](std::string_view shares) {
        return found_in(fmt::format("2018-04-27,2669000,2682000,2622000,2650000,606216,128386494\n"
                                    "2018-04-30,0,0,0,2650000,0,128386494\n"
                                    "2018-05-02,0,0,0,2650000,0,128386494\n"
                                    "2018-05-03,0,0,0,2650000,0,128386494\n"
                                    "2018-05-04,53000,53900,51800,51900,39565391,{}\n",
                                    shares),
                        "날짜,시가,고가,저가,종가,거래량,상장주식수");
    };
    EXPECT_EQ(found("6419324700"), (Found{{"halt", 3}, {"jump_split", 1}}));
    EXPECT_EQ(found("128386494"), (Found{{"halt", 3}, {"jump_liquidation", 1}}));
}

TEST(Findings, NameJumpsByTheirCause) {
    const std::string before =
        "2020-01-02,1000,1100,900,1000,10\n2020-01-03,1000,1100,900,1000,10\n";
    const std::string rest = "2020-01-06,0,0,0,1000,0\n2020-01-07,0,0,0,1000,0\n";
    const auto after = [](std::string_view open, std::string_view close) {
        std::string rows;
        for (const int day : {8, 9, 10, 13, 14, 15, 16, 17})
            rows += fmt::format(
                "2020-01-{:02},{},{},{},{},10\n", day, open,
                std::max(std::stoi(std::string{open}), std::stoi(std::string{close})),
                std::min(std::stoi(std::string{open}), std::stoi(std::string{close})), close);
        return rows;
    };
    const std::string traded =
        "2020-01-06,1000,1000,1000,1000,5\n2020-01-07,1000,1000,1000,1000,5\n";
    EXPECT_EQ(found_in(before + rest + after("200", "210")).at("jump_split"), 1);
    EXPECT_EQ(found_in(before + traded + after("500", "520")).at("jump_split"), 1);
    EXPECT_EQ(found_in(before + rest + after("5000", "5600")).at("jump_reverse_split"), 1);
    EXPECT_EQ(found_in(before + rest + after("1480", "1500")).at("jump_relisting"), 1);
    EXPECT_EQ(found_in(before + traded + after("650", "660")).at("jump_unexplained"), 1);
    // Prices that moved without volume are no pause.
    EXPECT_EQ(found_in(before + "2020-01-06,1000,1010,990,1000,0\n" +
                       "2020-01-07,1480,1500,1480,1500,9\n"),
              (Found{{"volume_zero", 1}, {"jump_unexplained", 1}}));
    // Last sessions after a halt.
    EXPECT_EQ(found_in(before + rest + "2020-01-08,100,110,90,100,5\n2020-01-09,50,60,40,50,5\n"),
              (Found{{"halt", 2}, {"jump_liquidation", 2}}));
    // A first session carried from a row without trades.
    EXPECT_EQ(found_in("2020-01-02,1000,1000,1000,1000,0\n2020-01-03,2000,2100,1900,2000,5\n"),
              (Found{{"carried_close", 1}, {"jump_first_day", 1}}));
    // One row of another unit that is none of ten: there and back.
    EXPECT_EQ(
        found_in(before + "2020-01-06,2000,2000,2000,2000,5\n2020-01-07,1000,1000,1000,1000,5\n"),
        (Found{{"jump_unexplained", 2}}));
    // Prices within the limits of the sessions whose rows are missing.
    EXPECT_EQ(found_in(before + "2020-01-07,1500,1500,1500,1500,5\n").at("jump_over_gap"), 1);
}

TEST(UnitShifts, AreSetAsideBetweenRowsOfTheOtherUnit) {
    const std::string before = "2020-01-02,1000,1100,900,1000,10\n";
    const std::string text =
        "Date,Open,High,Low,Close,Volume\n" + before +
        "2020-01-03,10000,11000,9000,10500,10\n"
        "2020-01-06,10000,11000,9000,10400,10\n2020-01-07,1000,1100,900,1050,5\n";
    const auto files = files_of(text);
    ASSERT_EQ(files[0].quarantined.size(), 2u);
    EXPECT_EQ(files[0].quarantined[0].reason, "unit_shift");
    EXPECT_THAT(files[0].quarantined[0].detail,
                HasSubstr("close 10500 between 1000 and 1050: x10"));
    EXPECT_EQ(files[0].quarantined[0].source, "2020-01-03,10000,11000,9000,10500,10");
    EXPECT_EQ(files[0].found, (Found{{"missing_sessions", 2}}));
    // Without a way back it is the company's doing.
    EXPECT_TRUE(files_of("Date,Open,High,Low,Close,Volume\n" + before +
                         "2020-01-03,10000,11000,9000,10500,10\n")[0]
                    .quarantined.empty());
}

TEST(Verification, HoldsRowsToTheirChangeRateAndMarketCap) {
    const std::string header = "일자,시가,고가,저가,종가,거래량,대비,등락률,시가총액,상장주식수\n";
    const auto reason = [&](std::string_view row) {
        const auto files = files_of(header + std::string{row} + "\n");
        return files[0].quarantined.empty() ? std::string{} : files[0].quarantined[0].reason;
    };
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,10,5,5.00,1050,10"), "");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,10,5,5.01,1050,10"), "rate_disagrees");
    EXPECT_EQ(reason("2020-01-02,100,110,90,105,10,5,5.00,1051,10"), "market_cap_disagrees");
    // Half away from zero: 100 x -1 / 1600 = -0.0625, and 100 x 1 / 800 = 0.125.
    EXPECT_EQ(reason("2020-01-02,801,801,801,801,10,1,0.13,8010,10"), "");
    EXPECT_EQ(reason("2020-01-02,799,799,799,799,10,-1,-0.13,7990,10"), "");
    EXPECT_EQ(reason("2020-01-02,799,799,799,799,10,-1,-0.12,7990,10"), "rate_disagrees");
    // Without trades a quote may have moved the reference.
    EXPECT_EQ(reason("2020-01-02,0,0,0,105,0,5,0,1050,10"), "");
    // The exchange's sign code.
    EXPECT_EQ(files_of("일자,시가,고가,저가,종가,거래량,ChangeCode,대비,등락률\n"
                       "2020-01-02,100,110,90,95,10,2,5,-5.00\n")[0]
                  .quarantined.size(),
              0u);
    EXPECT_EQ(found_in("2020-01-02,100,110,90,100,10,0\n2020-01-03,100,110,90,105,10,0.05\n"
                       "2020-01-06,100,110,90,105,10,0.01\n",
                       "Date,Open,High,Low,Close,Volume,Change"),
              (Found{{"rate_differs", 1}}));
}

// ---- raw or adjusted ---------------------------------------------------------------------------

TEST(Numbers, AreReadInTheFormTheyStandInOrRefused) {
    const std::string header =
        "일자,시가,고가,저가,종가,거래량,거래대금(백만),시가총액(억),외국인순매수수량\n";
    const auto value_of = [&](const std::string& row) {
        const auto files = files_of(header + row + "\n");
        if (!files[0].quarantined.empty()) return files[0].quarantined[0].detail;
        const market::Bar& bar = files[0].prices[0].bars[0];
        std::string text = fmt::format("{} {} {} {} {} {}", bar.open, bar.high, bar.low, bar.close,
                                       bar.volume, bar.value);
        for (const auto& column : files[0].facts.columns)
            text += fmt::format(" {}={}", column.column, column.rows[0].value);
        return text;
    };
    const std::string plain = "100 110 90 105 30000 3000000 market_cap=100000000";
    EXPECT_EQ(value_of("2020-01-02,100,110,90,105,30000,3,1,-"), plain);
    EXPECT_EQ(value_of("２０２０－０１－０２,１００,₩110,90원,105,3만,3,1,N/A"), plain);
    EXPECT_EQ(value_of("2020-01-02,100,110,90,\xC2\xA0"
                       "105,30천,3,1,nan"),
              plain);
    EXPECT_EQ(value_of("2020-01-02,100,110,90,105,3e4,3,1,1.5만"),
              plain + " foreign_net_shares=15000");
    EXPECT_THAT(value_of("2020-01-02,100,110,90,1.05E+02,9,3,1,1"),
                HasSubstr("rounded to be shown"));
    EXPECT_THAT(value_of("2020-01-02,100,110,90,$105,9,3,1,1"), HasSubstr("no plain number"));
    // A unit in the header and one in the cell.
    EXPECT_THAT(value_of("2020-01-02,100,110,90,105,9,3백만,1,1"), HasSubstr("'3백만'"));
    // △ may be up or minus: the column says nothing then.
    EXPECT_EQ(value_of("2020-01-02,100,110,90,105,30000,3,1,△5"), plain);
}

TEST(Numbers, WithADecimalCommaAreKnownByThoseThatCanBeNothingElse) {
    const std::string header = "Date;Open;High;Low;Close;Volume\n";
    const std::string european = "2020-01-02;212,61;1.213,355;211,5;212,8;1.000\n";
    EXPECT_EQ(bars_of(files_of(header + european, "AAPL.csv")[0]),
              "AAPL 2020-01-02 2126100 12133550 2115000 2128000 1000\n");
    const std::string thousands = "2020-01-02;71.500;72.000;71.000;71.500;1.000.000\n";
    EXPECT_EQ(bars_of(files_of(header + thousands)[0]),
              "005930 2020-01-02 71500 72000 71000 71500 1000000\n");
    const std::string either = "2020-01-02;71.500;72.000;71.000;71.500;1000\n";
    const auto refused = parse_market_file("005930.csv", header + either, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("--map decimal="));
    EXPECT_EQ(
        bars_of(files_of(header + either, "005930.csv", {.columns = {{"decimal", "comma"}}})[0]),
        "005930 2020-01-02 71500 72000 71000 71500 1000\n");
    EXPECT_EQ(
        bars_of(files_of(header + either, "005930.csv", {.columns = {{"decimal", "point"}}})[0]),
        "005930 2020-01-02 72 72 71 72 1000\n");
}

// Days of raw prices on the grid of their market, near `level`, from one session on.
std::vector<market::Bar> raw_days(Rng& rng, market::Market market, std::int64_t level,
                                  std::size_t rows, int session) {
    std::vector<market::Bar> bars;
    double price = static_cast<double>(level);
    for (; bars.size() < rows; ++session) {
        const Date date = market::Calendar::krx().all()[static_cast<std::size_t>(session)];
        price *= 1 + 0.02 * (rng.uniform() - 0.5);
        price += 0.002 * (static_cast<double>(level) - price);
        const auto on_grid = [&](double wanted) {
            const auto whole = static_cast<std::int64_t>(wanted);
            return whole - whole % *market::tick_size(market, date, whole);
        };
        market::Bar bar{.date = date, .open = on_grid(price)};
        bar.close = on_grid(price * (1 + 0.02 * (rng.uniform() - 0.5)));
        bar.high = on_grid(1.01 * static_cast<double>(std::max(bar.open, bar.close)));
        bar.low = on_grid(0.99 * static_cast<double>(std::min(bar.open, bar.close)));
        bar.volume = 1 + static_cast<std::int64_t>(rng.below(1'000'000));
        bars.push_back(bar);
    }
    return bars;
}

std::string text_of(std::span<const market::Bar> bars) {
    std::string text;
    for (const market::Bar& bar : bars)
        text += fmt::format("{},{},{},{},{},{}\n", bar.date.iso(), bar.open, bar.high, bar.low,
                            bar.close, bar.volume);
    return text;
}

// Divided (below 0: multiplied), as a vendor rounds.
std::vector<market::Bar> divided(std::vector<market::Bar> bars, int by) {
    for (market::Bar& bar : bars)
        for (std::int64_t* price : {&bar.open, &bar.high, &bar.low, &bar.close})
            *price = by > 0 ? (2 * *price + by) / (2 * by) : *price * -by;
    return bars;
}

TEST(Basis, ClaimsNoMoreThanTheEvidence) {
    Rng rng{11};
    const auto how = [&](std::int64_t level, std::size_t rows = 300,
                         const char* from = "2016-01-04") {
        const int session = market::Calendar::krx().session_on(*parse_date(from));
        const auto bars = raw_days(rng, market::Market::kospi, level, rows, session);
        return files_of("Date,Open,High,Low,Close,Volume\n" + text_of(bars), "005930.csv",
                        {.market = market::Market::kospi})[0]
            .how;
    };
    // Near 150,000 won raw prices are multiples of 500, and no tenth of a raw price was.
    EXPECT_EQ(how(150'000).basis, market::Basis::raw) << how(150'000).basis_because;
    EXPECT_THAT(how(150'000).basis_because, HasSubstr("a chance below 1 in a million"));
    // Near 30,000 won they are multiples of 50, and so is a tenth of 300,000 on its grid of 500.
    EXPECT_EQ(how(30'000).basis, market::Basis::unknown);
    EXPECT_THAT(how(30'000).basis_because, HasSubstr("so they would be divided by 2, 10"));
    EXPECT_EQ(how(700).basis, market::Basis::unknown);  // every won is a tick
    EXPECT_EQ(how(150'000, 10).basis, market::Basis::unknown);
    EXPECT_THAT(how(150'000, 10).basis_because, HasSubstr("fewer than 30"));
    EXPECT_EQ(how(150'000, 300, "2025-04-01").basis, market::Basis::unknown);  // mid-points
    EXPECT_EQ(how(150'000, 300, "2014-06-02").basis, market::Basis::unknown);  // older ticks
    EXPECT_EQ(
        files_of("Date,Open,High,Low,Close,Volume\n2020-01-02,9.5,9.5,9.5,9.5,1\n")[0].how.basis,
        market::Basis::adjusted);
    EXPECT_EQ(files_of("Date,Open,High,Low,Close,Volume\n2020-01-02,9,9,9,10,1\n")[0].how.basis,
              market::Basis::adjusted);
    EXPECT_EQ(files_of(bars_text, "AAPL.csv")[0].how.basis_because, "not a Korean share");
}

// Whole files and first halves, with the pause that a split needs, at every level of prices.
TEST(Basis, NeverCallsPricesRawThatWereDivided) {
    constexpr std::uint64_t seed = 12;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Rng rng{seed};
    const int first = market::Calendar::krx().session_on(*parse_date("2016-01-04"));
    for (const market::Market market : {market::Market::kospi, market::Market::kosdaq})
        for (const std::int64_t level : {9'000, 30'000, 70'000, 150'000, 400'000, 900'000})
            for (const int by : {2, 3, 4, 5, 10, 20, 50, -2, -5, -10})
                for (const std::size_t rows : {60U, 400U}) {
                    const std::int64_t raw_level = by > 0 ? level * by : level / -by;
                    const int pause = by < 0 || by >= 10 ? 5 : 0;
                    const std::string before =
                        "Date,Open,High,Low,Close,Volume\n" +
                        text_of(divided(raw_days(rng, market, raw_level, rows, first), by));
                    const std::string after = text_of(
                        raw_days(rng, market, level, rows, first + static_cast<int>(rows) + pause));
                    const auto name = rng.below(2) == 0 ? market : market::Market::unknown;
                    // Multiplied by an action after the last row: nothing could show it.
                    for (const std::string& text :
                         {before + after, by > 0 ? before : before + after}) {
                        const auto files = files_of(text, "005930.csv", {.market = name});
                        EXPECT_NE(files[0].how.basis, market::Basis::raw)
                            << market::name_of(market) << " " << level << " / " << by << ", "
                            << rows << ": " << files[0].how.basis_because;
                    }
                }
}

TEST(Basis, OfAWholeMarketIsThatOfEachSymbol) {
    Rng rng{13};
    const int first = market::Calendar::krx().session_on(*parse_date("2016-01-04"));
    const auto rows_of = [&](std::string_view code, std::int64_t level, int by) {
        std::string rows;
        const auto raw = raw_days(rng, market::Market::kospi, level, 300, first);
        for (const market::Bar& bar : divided(raw, by))
            rows += fmt::format("KOSPI,{},{}", code, text_of(std::span{&bar, 1}));
        return rows;
    };
    const std::string header = "Market,Code,Date,Open,High,Low,Close,Volume\n";
    const auto basis_of = [&](const std::string& rows) {
        std::vector<market::Basis> found;
        const auto files = files_of(header + rows, "market.csv");
        for (const auto& series : files[0].prices) found.push_back(series.basis);
        return found;
    };
    using enum market::Basis;
    const std::string proven = rows_of("000010", 150'000, 1);
    const std::string level_30 = rows_of("000020", 30'000, 1);
    EXPECT_THAT(basis_of(proven + level_30), ElementsAre(raw, unknown));
    // One that is adjusted says what its publisher does.
    EXPECT_THAT(basis_of(proven + level_30 + rows_of("000030", 150'000, 3)),
                ElementsAre(unknown, unknown, adjusted));
    // So does one whose split stands in its prices.
    const auto split = raw_days(rng, market::Market::kospi, 30'000, 100, first + 303);
    std::string rows = rows_of("000040", 300'000, 1);
    for (const market::Bar& bar : split)
        rows += fmt::format("KOSPI,000040,{}", text_of(std::span{&bar, 1}));
    EXPECT_THAT(basis_of(proven + level_30 + rows), ElementsAre(raw, raw, raw));
}

TEST(Definition, IsToldByDateOrByTheBasePricesBehindTheLongDay) {
    EXPECT_EQ(files_of(bars_text)[0].how.definition, market::BarDefinition::regular);
    const auto since = [](std::int64_t change_on_last) {
        return files_of(
            fmt::format("일자,시가,고가,저가,종가,거래량,대비\n"
                        "2026-09-11,1000,1000,1000,1000,9,0\n"
                        "2026-09-14,1000,1010,1000,1010,9,10\n"
                        "2026-09-15,1000,1020,1000,1020,9,{0}\n"
                        "2026-09-16,1000,1030,1000,1030,9,{0}\n"
                        "2026-09-17,1000,1040,1000,1040,9,{0}\n",
                        change_on_last))[0];
    };
    EXPECT_EQ(since(10).how.definition, market::BarDefinition::regular);
    EXPECT_EQ(since(14).how.definition, market::BarDefinition::all_krx);
    EXPECT_EQ(since(14).found.at("definition_changes"), 1);
    EXPECT_EQ(files_of("Date,Open,High,Low,Close,Volume\n2026-09-15,1,1,1,1,1\n")[0].how.definition,
              market::BarDefinition::unknown);
}

TEST(Lines, OfAMebibyteAreSetAsideWithTheirFirstBytes) {
    const auto files = files_of(bars_text + "2020-01-06," + std::string(std::size_t{2} << 20, '1') +
                                "\n2020-01-07,105,120,100,118,2000\n");
    EXPECT_EQ(files[0].prices.at(0).bars.size(), 3u);
    ASSERT_EQ(files[0].quarantined.size(), 1u);
    EXPECT_EQ(files[0].quarantined[0].reason, "line_too_long");
    EXPECT_EQ(files[0].quarantined[0].source.size(), 4096u);
}

TEST(Explain, ShowsHowAFileWasRead) {
    const store::Understanding how = files_of(korean_text)[0].how;
    EXPECT_EQ(how.format, "prices, one symbol");
    EXPECT_EQ(how.separator, "comma");
    EXPECT_EQ(how.date_form, "YYYY-MM-DD");
    ASSERT_EQ(how.columns.size(), 6u);
    EXPECT_EQ(how.columns[4], (std::pair<std::string, std::string>{"close", "종가"}));
    EXPECT_EQ(how.first_rows.at(0),
              "005930 2020-01-02 open 100 high 110 low 90 close 105 volume 1,000");
}

}  // namespace
}  // namespace hsl::adapters
