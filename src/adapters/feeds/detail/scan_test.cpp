// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/scan.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace hsl::adapters::detail {
namespace {

struct NumberCase {
    const char* cell;
    int scale;
    std::int64_t value;
    bool rounded;
};

TEST(ScanNumber, ReadsDecimalsAtTheScaleAndRoundsHalfAwayFromZero) {
    for (const NumberCase& c : {
             NumberCase{"0", 0, 0, false},
             NumberCase{"182,299", 0, 182'299, false},
             NumberCase{"3,802,939", 0, 3'802'939, false},
             NumberCase{"82600.0", 0, 82'600, false},
             NumberCase{"82600.", 0, 82'600, false},
             NumberCase{"1,234.50", 2, 123'450, false},
             NumberCase{".5", 2, 50, false},
             NumberCase{"+7", 0, 7, false},
             NumberCase{"-0", 0, 0, false},
             NumberCase{"007", 0, 7, false},
             NumberCase{"65047.6015625", 0, 65'048, true},
             NumberCase{"2.4999", 0, 2, true},
             NumberCase{"2.5", 0, 3, true},
             NumberCase{"-2.5", 0, -3, true},
             NumberCase{"99999.9999999", 0, 100'000, true},
             NumberCase{"0.4", 0, 0, true},
             NumberCase{"744.97998", 2, 74'498, true},
             NumberCase{"2054", 2, 205'400, false},
             NumberCase{"212.61", 4, 2'126'100, false},
             NumberCase{"1.00005", 4, 10'001, true},
             NumberCase{"9007199254740992", 0, number_max, false},
             NumberCase{"90071992547409.92", 2, number_max, false},
             NumberCase{"-9,007,199,254,740,992", 0, -number_max, false},
         }) {
        const ScannedNumber number = scan_number(c.cell, c.scale);
        EXPECT_EQ(number.state, NumberState::ok) << c.cell;
        EXPECT_EQ(number.value, c.value) << c.cell;
        EXPECT_EQ(number.rounded, c.rounded) << c.cell;
    }
}

TEST(ScanNumber, KnowsTheWordsForNothing) {
    for (const char* cell :
         {"", "-", "null", "NULL", "nan", "NaN", "None", "N/A", "na", "#N/A", "--", "–", "—"})
        EXPECT_EQ(scan_number(cell, 0).state, NumberState::missing) << cell;
}

TEST(ScanNumber, RefusesWhatIsNoPlainDecimal) {
    for (const char* cell : {"abc",
                             "12a",
                             "1e5",
                             "1E5",
                             "307.53M",
                             "12K",
                             "1.2.3",
                             "1,23",
                             "1,2345",
                             "12,34,567",
                             ",123",
                             "1234,567",
                             "1,234,",
                             "1,,234",
                             "--5",
                             "+-5",
                             "+",
                             ".",
                             "5-",
                             "1 234",
                             "0x10",
                             "inf",
                             "１２",
                             "12%",
                             "(5)",
                             "1,234.5,6",
                             "\xC2\xA0"
                             "5"})
        EXPECT_EQ(scan_number(cell, 0).state, NumberState::unreadable) << cell;
}

TEST(ScanDressedNumber, ReadsWhatPeopleDressNumbersUpWith) {
    struct Case {
        const char* cell;
        Dress dress;
        std::int64_t value;
        std::int64_t place = 1;
    };
    constexpr Dress price{.won = true};
    constexpr Dress amount{.won = true, .units = true};
    constexpr Dress count{.shares = true, .units = true};
    constexpr Dress change{.won = true, .signs = true};
    for (const Case& c : {
             Case{"71,500원", price, 71'500},
             Case{"₩71,500", price, 71'500},
             Case{"￦ 71,500", price, 71'500},
             Case{"\\71,500", price, 71'500},
             Case{"KRW 71500", price, 71'500},
             Case{"７１，５００", price, 71'500},
             Case{"\xC2\xA0"
                  "71500\xC2\xA0",
                  price, 71'500},
             Case{"71\xC2\xA0"
                  "500",
                  price, 71'500},
             Case{"71\xE2\x80\xAF"
                  "500",
                  price, 71'500},
             Case{"\xE2\x88\x92"
                  "350",
                  price, -350},
             Case{"1.2억", amount, 120'000'000, 10'000'000},
             Case{"1.5조원", amount, 1'500'000'000'000, 100'000'000'000},
             Case{"12백만", amount, 12'000'000, 1'000'000},
             Case{"1,234천", count, 1'234'000, 1'000},
             Case{"3만주", count, 30'000, 10'000},
             Case{"1조 2,345억", amount, 1'234'500'000'000, 100'000'000},
             Case{"3만 4,500", count, 34'500},
             Case{"３．５만", count, 35'000, 1'000},
             Case{"307.53M", count, 307'530'000, 10'000},
             Case{"1.23E+08", count, 123'000'000, 1'000'000},
             Case{"1e5", count, 100'000, 100'000},
             Case{"▲1,200", change, 1'200},
             Case{"▲ 1,200", change, 1'200},
             Case{"▼350", change, -350},
             Case{"350▼", change, -350},
             Case{"▽350", change, -350},
             Case{"↑350", change, 350},
             Case{"상승 350", change, 350},
             Case{"하락350원", change, -350},
             Case{"▼-350", change, -350},
             Case{"(1,200)", change, -1'200},
         }) {
        const ScannedNumber number = scan_dressed_number(c.cell, 0, c.dress);
        EXPECT_EQ(number.state, NumberState::ok) << c.cell;
        EXPECT_EQ(number.value, c.value) << c.cell;
        EXPECT_EQ(number.place, c.place) << c.cell;
    }
}

TEST(ScanDressedNumber, RefusesWhatItWouldHaveToGuess) {
    constexpr Dress price{.won = true};
    constexpr Dress all{.won = true, .shares = true, .units = true, .signs = true};
    for (const char* cell : {"7.2만", "7.15E+04", "▲71,500", "(71,500)", "100주", "$5", "7만1천"})
        EXPECT_EQ(scan_dressed_number(cell, 0, price).state, NumberState::unreadable) << cell;
    for (const char* cell :
         {"△350", "▲-350", "▼+350", "1.2억 3", "3만 4억", "1억 2억", "억", "1.2.3억", "1e-5",
          "1e99", "e5", "1e", "--5", "1 234", "원", "12%", "1,23만", "$5"})
        EXPECT_EQ(scan_dressed_number(cell, 0, all).state, NumberState::unreadable) << cell;
    EXPECT_EQ(scan_dressed_number("99999조", 0, all).state, NumberState::too_large);
    EXPECT_EQ(scan_dressed_number("9e15", 4, all).state, NumberState::too_large);
    EXPECT_TRUE(is_rounded_form("7.15E+04"));
    EXPECT_FALSE(is_rounded_form("7.15X"));
}

TEST(ScanNumber, SeesEveryOverflow) {
    for (const char* cell :
         {"9007199254740993", "9007199254740992.5", "9223372036854775807", "9223372036854775808",
          "18446744073709551616", "99999999999999999999999999999999999999", "-9007199254740993"})
        EXPECT_EQ(scan_number(cell, 0).state, NumberState::too_large) << cell;
    EXPECT_EQ(scan_number("900719925475", 4).state, NumberState::too_large);
    EXPECT_EQ(scan_number("900719925474", 4).state, NumberState::ok);
    // Garbage stays garbage however long the digits before it are.
    EXPECT_EQ(scan_number("99999999999999999999x", 0).state, NumberState::unreadable);
}

TEST(ScanNumber, GivesBackEveryNumberItIsShown) {
    constexpr std::uint64_t seed = 7;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Rng rng{seed};
    for (int i = 0; i < 20'000; ++i) {
        const auto number = static_cast<std::int64_t>(rng.next() >> (12 + rng.below(50)));
        EXPECT_EQ(scan_number(fmt::format("{}", number), 0).value, number);
        EXPECT_EQ(scan_number(fmt::format("{}.{:02}", number / 100, number % 100), 2).value,
                  number);
        EXPECT_EQ(scan_number(fmt::format("-{}.000", number), 0).value, -number);
    }
}

TEST(ScanDate, ReadsTheFormsOfTheVendors) {
    for (const char* cell :
         {"2018-05-04", "20180504", "2018/05/04", "2018.05.04", "2018-5-4", "2018/5/04", "2018.5.4",
          "2018-05-04 00:00:00", "20180504 00:00", "2018-5-4 0:0:0", "2018-05-04T00:00:00",
          "2018-05-04T00:00:00.000Z", "2018-05-04 00:00:00+00:00", "2018-05-04 00:00:00-0500"}) {
        const ScannedDate date = scan_date(cell);
        EXPECT_EQ(date.state, DateState::ok) << cell;
        EXPECT_EQ(date.date.iso(), "2018-05-04") << cell;
    }
}

TEST(ScanDate, ReadsSecondsSince1970AndDigitsOfAClock) {
    const auto text = [](std::string_view cell) {
        const ScannedDate day = scan_date(cell);
        return day.state == DateState::unreadable
                   ? std::string{"-"}
                   : day.date.iso() + (day.minutes_east == 0 ? " Z " : " ") +
                         std::to_string(day.minute);
    };
    EXPECT_EQ(text("1577923200"), "2020-01-02 Z 0");
    EXPECT_EQ(text("1577923260000"), "2020-01-02 Z 1");
    EXPECT_EQ(text("1577923200000000000"), "2020-01-02 Z 0");
    EXPECT_EQ(text("820454400000"), "1996-01-01 Z 0");
    EXPECT_EQ(text("20200102090500"), "2020-01-02 545");
    EXPECT_EQ(text("202001020905"), "2020-01-02 545");
    EXPECT_EQ(text("2018- 05- 04"), "2018-05-04 0");
    EXPECT_EQ(text("2024010209"), "-");
    EXPECT_EQ(text("202413021200"), "-");
}

TEST(ScanDate, RefusesWhatNamesNoDay) {
    for (const char* cell : {"",
                             "2018",
                             "2018-05",
                             "2018-05-",
                             "2018-05-04-",
                             "2018-05/04",
                             "2018-13-01",
                             "2018-00-10",
                             "2018-04-31",
                             "2018-02-29",
                             "1900-02-29",
                             "2018-05-00",
                             "2018-05-32",
                             "201805041",
                             "2018050",
                             "18-05-04",
                             "05/04/2018",
                             "4.5.2018",
                             "2018-05-04x",
                             "2018-05-04 ",
                             "2018-05-04 00",
                             "2018-05-04 a",
                             "2018-05-04 00:00:00:00",
                             "2018-05-04 00:00 KST",
                             " 2018-05-04",
                             "12018-05-04",
                             "Date",
                             "-2018-05-04"})
        EXPECT_EQ(scan_date(cell).state, DateState::unreadable) << cell;
}

TEST(ScanDate, TellsIntradayRowsFromDailyOnes) {
    for (const char* cell : {"2020-12-15 09:30", "2020-12-15T00:00:01", "20201215 15:30:00",
                             "2020-12-15 00:00:00.001"})
        EXPECT_EQ(scan_date(cell).state, DateState::time_of_day) << cell;
}

TEST(ScanDate, BoundsTheYear) {
    EXPECT_EQ(scan_date("1900-01-01").state, DateState::ok);
    EXPECT_EQ(scan_date("2100-12-31").state, DateState::ok);
    for (const char* cell : {"1899-12-31", "2101-01-01", "0000-01-01", "9999-12-31", "00010101"})
        EXPECT_EQ(scan_date(cell).state, DateState::out_of_range) << cell;
}

TEST(ScanDate, AgreesWithTheCalendarOnEveryDay) {
    const Date last = Date::from_civil(2100, 12, 31);
    for (Date day = Date::from_civil(1900, 1, 1); day <= last; day = day + 1)
        ASSERT_EQ(scan_date(day.iso()).date, day) << day.iso();
}

}  // namespace
}  // namespace hsl::adapters::detail
