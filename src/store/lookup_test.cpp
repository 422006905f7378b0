// SPDX-License-Identifier: Apache-2.0
#include "store/lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsl::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<VersionSummary> versions_named(std::initializer_list<std::string_view> names) {
    std::vector<VersionSummary> versions;
    for (const std::string_view name : names)
        versions.push_back({.number = static_cast<std::int64_t>(versions.size()) + 1,
                            .version = std::string{name}});
    return versions;
}

TEST(Lookup, FindsAVersionByNumberNameOrItsBeginning) {
    const auto versions =
        versions_named({"1aaa000000000000", "bbbb000000000000", "2ccc000000000000"});
    const auto index = [&](std::string_view at) { return match_version(at, {}, versions).value(); };
    EXPECT_EQ(index("1"), 0u);
    EXPECT_EQ(index("2"), 1u) << "one digit is a number, whatever names begin with it";
    EXPECT_EQ(index("2ccc"), 2u);
    EXPECT_EQ(index("bbbb000000000000"), 1u);
    EXPECT_EQ(index("newest"), 2u);
    EXPECT_EQ(index(""), 2u);
    EXPECT_EQ(match_version("", "bbbb000000000000", versions).value(), 1u);
    for (const std::string_view at :
         {"0", "4", "01", "+1", "1 ", "bbb", "dddd", "bbbb0000000000000"}) {
        const auto found = match_version(at, {}, versions);
        ASSERT_FALSE(found) << at;
        EXPECT_EQ(found.error().code, ErrorCode::not_found);
        EXPECT_THAT(found.error().message,
                    AllOf(HasSubstr("hsl data log"), HasSubstr("3 versions")));
    }
}

TEST(Lookup, NamesTheVersionsThatAWordMayMean) {
    std::vector<VersionSummary> versions(1234);
    for (std::size_t i = 0; i < versions.size(); ++i)
        versions[i] = {.number = static_cast<std::int64_t>(i) + 1,
                       .version = "f" + std::to_string(100'000 + i)};
    versions[5].version = "1234567890abcdef";
    const auto found = match_version("1234", {}, versions);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ErrorCode::bad_usage);
    EXPECT_THAT(found.error().message,
                AllOf(HasSubstr("1234567890abcdef (version 6)"), HasSubstr("(version 1234)")));
    EXPECT_EQ(match_version("12345", {}, versions).value(), 5u);
    EXPECT_FALSE(match_version("f100", {}, versions));
}

TEST(Lookup, TakesTheNewestOfVersionsWithOneContent) {
    const auto versions =
        versions_named({"aaaa000000000000", "bbbb000000000000", "aaaa000000000000"});
    EXPECT_EQ(match_version("aaaa", {}, versions).value(), 2u);
    EXPECT_EQ(match_version("1", {}, versions).value(), 0u);
}

}  // namespace
}  // namespace hsl::store
