// SPDX-License-Identifier: Apache-2.0
#include "market/named_column.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "market/day_testing.hpp"

namespace hsl::market {
TEST(NamedColumn, HasOneSpecAName) {
    std::set<std::string_view> names;
    for (const ColumnSpec& spec : column_specs()) {
        EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
        EXPECT_FALSE(spec.korean.empty()) << spec.name;
        EXPECT_TRUE(spec.about.ends_with('.')) << spec.name;
        if (spec.name != "in_") EXPECT_EQ(find_column(spec.name), &spec) << spec.name;
    }
    EXPECT_EQ(find_column("close"), nullptr);
    EXPECT_EQ(find_column(""), nullptr);
}

TEST(NamedColumn, NamesEveryMembershipAfterItsIndex) {
    ASSERT_NE(find_column("in_kospi200"), nullptr);
    EXPECT_EQ(find_column("in_kospi200"), find_column("in_krx_autos"));
    for (const auto* wrong : {"in_", "in_KOSPI200", "in_kospi 200", "in-kospi200"})
        EXPECT_EQ(find_column(wrong), nullptr) << wrong;
}

TEST(NamedColumn, ShortBalanceIsKnownTwoSessionsLater) {
    const ColumnSpec& balance = *find_column("short_balance");
    EXPECT_EQ(knowledge_day(balance, day("2020-01-06")), day("2020-01-08"));
    EXPECT_EQ(knowledge_day(balance, day("2020-08-14")), day("2020-08-19"));  // closed on the 17th
    EXPECT_EQ(knowledge_day(balance, day("2024-12-27")), day("2025-01-02"));
    // Where the calendar ends, late rather than early.
    EXPECT_GT(knowledge_day(balance, day("2027-12-30")) - day("2027-12-30"), 14);
}

TEST(NamedColumn, AccountsAreDueBySomeDayAfterTheirQuarter) {
    EXPECT_TRUE(ends_quarter(day("2023-12-31")));
    EXPECT_TRUE(ends_quarter(day("2024-06-30")));
    EXPECT_FALSE(ends_quarter(day("2024-06-28")));  // the last session is no end of a quarter
    EXPECT_FALSE(ends_quarter(day("2024-01-31")));
    EXPECT_EQ(accounts_due(day("2023-12-31")), day("2024-03-30"));
    EXPECT_EQ(accounts_due(day("2024-03-31")), day("2024-05-15"));
}

TEST(NamedColumn, FlowsAreKnownInTheEveningAndNeverCarried) {
    for (const auto* name : {"foreign_net", "institution_net_shares", "short_volume"}) {
        const ColumnSpec& spec = *find_column(name);
        EXPECT_EQ(knowledge_day(spec, day("2020-01-06")), day("2020-01-06")) << name;
        EXPECT_FALSE(spec.carried) << name;
    }
    EXPECT_TRUE(find_column("per")->carried);
    EXPECT_EQ(find_column("net_profit")->knowledge, Knowledge::stated);
}

TEST(NamedColumn, StandsInTheReferencePage) {
    const char* root = std::getenv("HSL_SOURCE_DIR");
    if (root == nullptr) GTEST_SKIP() << "HSL_SOURCE_DIR is not set: run through ctest";
    std::ifstream file{std::string{root} + "/docs/reference/columns.md"};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const auto known = [](Knowledge knowledge) {
        if (knowledge == Knowledge::evening) return "that evening";
        return knowledge == Knowledge::stated ? "as the row says"
                                              : "the evening two sessions later";
    };
    for (const ColumnSpec& spec : column_specs()) {
        const auto row =
            fmt::format("| {} | {} | {} | {} | {} | {} |",
                        spec.name == "in_" ? "in_INDEX" : spec.name, spec.korean, spec.unit,
                        spec.about, known(spec.knowledge), spec.carried ? "last value" : "missing");
        EXPECT_NE(page.find(row), std::string::npos) << "docs/reference/columns.md: no " << row;
    }
}

}  // namespace hsl::market
