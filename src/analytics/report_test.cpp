// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "analytics/sweep_result.hpp"
#include "analytics/sweep_result_example.hpp"

namespace hsl::analytics {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t times(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

// The pages stay in the folder of HSL_REPORT_DIR (a temporary one by default) to be looked at.
void keep(const std::string& name, const std::string& html) {
    const char* asked = std::getenv("HSL_REPORT_DIR");
    const std::filesystem::path folder = asked ? asked : testing::TempDir();
    std::ofstream{folder / name, std::ios::binary} << html;
}

TEST(Report, IsOneFileThatAsksForNothing) {
    const std::string html = to_html(example_sweep({}));
    keep("hsl-report-luck.html", html);
    for (const char* reach :
         {"http://", "https://", "<link rel=\"stylesheet", "src=", "@import", "url("}) {
        // The name of SVG's namespace is no address that is fetched.
        const std::size_t allowed =
            std::string_view{reach} == "http://" ? times(html, "'http://www.w3.org/2000/svg'") : 0;
        EXPECT_EQ(times(html, reach), allowed) << reach;
    }
    EXPECT_THAT(html, Not(HasSubstr("{{")));
    EXPECT_THAT(html, Not(HasSubstr("}}")));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(Report, OfAHundredSetsIsBelowThreeMegabytes) {
    const std::string html = to_html(
        example_sweep({.sets = 110, .sessions = 1200, .accounts = 800, .seed = 3, .worth = .3}));
    keep("hsl-report-found.html", html);
    EXPECT_LT(html.size(), 3'000'000u);
    EXPECT_GT(html.size(), 500'000u);  // the curves are in it
}

TEST(Report, HoldsEverySetAndTheVerdict) {
    const SweepResult result =
        example_sweep({.sets = 12, .sessions = 300, .accounts = 11, .generated = true});
    const std::string html = to_html(result);
    keep("hsl-report-small.html", html);
    EXPECT_EQ(times(html, "<tr data-i="), 12u);
    EXPECT_EQ(times(html, "\"r\":["), 14u);
    EXPECT_THAT(html, HasSubstr(result.verdict.headline));
    for (const LeaderboardRow& row : result.leaderboard)
        EXPECT_THAT(html, HasSubstr("data-name=\"" + row_name(row) + "\""));
    EXPECT_THAT(html, HasSubstr("generated market"));
    EXPECT_THAT(html, HasSubstr("삼성전자우"));
    EXPECT_EQ(times(html, ">best by DSR<"), 1u);
}

TEST(Report, ShowsTheNumbersOfTheProgram) {
    SweepResult result = example_sweep({.sets = 5, .sessions = 100, .accounts = 5});
    result.leaderboard[0].measures.sharpe = -1.234;
    result.leaderboard[0].measures.cost_krw = 1'234'567;
    result.leaderboard[0].measures.calmar = std::nan("");
    const std::string html = to_html(result);
    EXPECT_THAT(html, HasSubstr("data-k=\"sharpe\" data-v=\"-1.234\">\u22121.23</td>"));
    EXPECT_THAT(html, HasSubstr("data-v=\"1234567\">1,234,567</td>"));
    EXPECT_THAT(html, HasSubstr("data-k=\"calmar\" data-v=\"\">\u2013</td>"));
}

TEST(Report, CannotBeBrokenByItsText) {
    SweepResult result = example_sweep({.sets = 3, .sessions = 60, .accounts = 3});
    const std::string evil = "</script><script>alert(1)</script>\"'&<!--";
    result.accounts[0] = result.leaderboard[0].about = result.command = evil;
    result.verdict.sentences[0] = result.strategy_path = result.excluded[0].second = evil;
    result.benchmarks[1].strategy = evil;
    const std::string html = to_html(result);
    EXPECT_EQ(times(html, "</script"), 2u);
    EXPECT_EQ(times(html, "<script"), 2u);
    EXPECT_EQ(times(html, "<!--"), 0u);
}

TEST(Report, OfAnEmptySweepIsStillAPage) {
    SweepResult result;
    result.verdict.headline = "Nothing to judge";
    EXPECT_THAT(to_html(result), HasSubstr("Nothing to judge"));
}

}  // namespace
}  // namespace hsl::analytics
