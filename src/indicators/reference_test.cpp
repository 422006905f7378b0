// SPDX-License-Identifier: Apache-2.0
//
// docs/reference/indicators.md is made from the specs; this test holds it to them. To write it
// anew: HSL_SOURCE_DIR=. HSL_WRITE_REFERENCE=1 build/release/indicators_test
// --gtest_filter='Reference.*'

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "indicators/catalogue.hpp"

namespace hsl::indicators {
namespace {

std::string_view name_of(Input input) {
    constexpr std::string_view names[] = {"a series", "open", "high", "low", "close", "volume"};
    return names[static_cast<std::size_t>(input)];
}

std::string reference_page() {
    std::string page =
        "# Indicators\n\n"
        "Made from the specs in `src/indicators`; do not edit. Names, defaults and conventions "
        "are\n"
        "TA-Lib's, in lower case. Functions of a series take it first, `sma(close, 20)`; functions "
        "of the\n"
        "bar take parameters only, `atr(14)`. Trailing parameters may be left out. Of several "
        "outputs the\n"
        "first is meant without a dot, the others are `macd(close, 12, 26, 9).signal`.\n\n"
        "*Silent* is how many bars of a run have no value; *settled* is how many pass before a "
        "value no\n"
        "longer shows where the run began, which for a function of its whole past is counted as 4 "
        "x the\n"
        "period. Both are for the defaults. What a run is, and how sums are kept exact:\n"
        "[indicators](../concepts/indicators.md).\n\n";
    for (const Spec* spec : all_specs()) {
        std::string call;
        std::vector<double> params;
        if (spec->inputs[0] == Input::series) call = "series";
        for (const Param& param : spec->params) {
            call += fmt::format("{}{} = {}", call.empty() ? "" : ", ", param.name, param.standard);
            params.push_back(param.standard);
        }
        page += fmt::format("## {}({})\n\n{}\n\n", spec->name, call, spec->summary);
        page += "- Reads";
        for (std::size_t i = 0; i < spec->inputs.size(); ++i)
            page += fmt::format("{} {}", i ? "," : "", name_of(spec->inputs[i]));
        page += "; gives";
        for (std::size_t i = 0; i < spec->outputs.size(); ++i)
            page += fmt::format("{} `{}`", i ? "," : "", spec->outputs[i]);
        page += fmt::format(". Silent {}, settled {}.\n", spec->lookback(params),
                            spec->settling(params));
        if (!spec->params.empty()) page += "- Parameters: ";
        for (std::size_t i = 0; i < spec->params.size(); ++i) {
            const Param& param = spec->params[i];
            page += fmt::format("{}`{}` {} to {}{}", i ? ", " : "", param.name, param.first,
                                param.last, param.whole ? "" : ", may be a fraction");
        }
        if (!spec->params.empty()) page += ".\n";
        page += fmt::format("- Held to `data/golden`: {}.\n\n", spec->golden);
    }
    page.pop_back();
    return page;
}

TEST(Reference, PageIsWhatTheSpecsSay) {
    const char* source = std::getenv("HSL_SOURCE_DIR");
    const std::string path = fmt::format("{}/docs/reference/indicators.md", source ? source : ".");
    if (std::getenv("HSL_WRITE_REFERENCE")) std::ofstream(path) << reference_page();
    std::ifstream file(path);
    std::stringstream written;
    written << file.rdbuf();
    EXPECT_EQ(written.str(), reference_page())
        << "how to write it anew is said in this test's file";
}

}  // namespace
}  // namespace hsl::indicators
