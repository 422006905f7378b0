// SPDX-License-Identifier: Apache-2.0
#include "agreement_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "console.hpp"

namespace hsl::app {
namespace {

std::string ending(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return path;
    const std::size_t before = path.find_last_of('/', slash - 1);
    return before == std::string::npos ? path : path.substr(before + 1);
}

std::string factor_text(double factor) {
    const double shown = factor >= 1 ? factor : 1 / factor;
    return (factor >= 1 ? "x" : "1/") + (shown == std::round(shown) ? fmt::format("{:.0f}", shown)
                                                                    : fmt::format("{:.4f}", shown));
}

std::string remarks_of(const service::PairAgreement& pair) {
    std::string text;
    constexpr std::size_t told_most = 3;
    for (std::size_t i = 0; i < std::min(pair.stretches.size(), told_most); ++i) {
        const service::FactorStretch& one = pair.stretches[i];
        text += fmt::format("{}{} to {}", text.empty() ? "" : ", ", factor_text(one.factor),
                            one.to.iso());
    }
    if (pair.stretches.size() > told_most)
        text += ", " + counted(static_cast<std::int64_t>(pair.stretches.size() - told_most),
                               "more factor");
    if (!pair.differences.empty())
        text +=
            fmt::format("{}differ by {:.2g}% in the median, first on {}", text.empty() ? "" : "; ",
                        100 * pair.median_difference.value_or(0), pair.differences.front().iso());
    return text;
}

// Rounded down: only all of them are 100 %.
std::string share_of(const service::PairAgreement& pair) {
    return pair.common == 0 ? "-" : fmt::format("{}%", 100 * pair.equal / pair.common);
}

std::int64_t differing(const service::Agreement& agreement) {
    std::int64_t sum = 0;
    for (const auto& pair : agreement.pairs) sum += pair.differing;
    return sum;
}

}  // namespace

void show_agreements(const std::vector<service::Agreement>& agreements, std::size_t most) {
    std::vector<const service::Agreement*> order;
    for (const auto& one : agreements) order.push_back(&one);
    std::ranges::stable_sort(order, std::greater{},
                             [](const auto* one) { return differing(*one); });
    const std::size_t shown = most == 0 ? order.size() : std::min(most, order.size());
    Table table({{"symbol", Align::left},
                 {"one", Align::left},
                 {"other", Align::left},
                 {"common", Align::right},
                 {"equal", Align::right},
                 {"share", Align::right},
                 {"by factor", Align::right},
                 {"differ", Align::right},
                 {"volumes", Align::right},
                 {"remarks", Align::left}});
    for (std::size_t i = 0; i < shown; ++i)
        for (const service::PairAgreement& pair : order[i]->pairs)
            table.row({order[i]->symbol, ending(pair.first), ending(pair.second),
                       with_commas(pair.common), with_commas(pair.equal), share_of(pair),
                       with_commas(pair.by_factor), with_commas(pair.differing),
                       with_commas(pair.volumes_equal), remarks_of(pair)});
    print(table.text());
    if (shown < order.size())
        print(fmt::format("... and {} more (--show 0 shows all)\n",
                          counted(static_cast<std::int64_t>(order.size() - shown), "symbol")));
    for (std::size_t i = 0; i < shown; ++i)
        if (!order[i]->odd.empty())
            print(hanging(printable(fmt::format("{}: the odd one out is {}: {}.", order[i]->symbol,
                                                order[i]->odd, order[i]->why)),
                          2));
}

void write_agreements(JsonWriter& out, const std::vector<service::Agreement>& agreements) {
    out.key("agreements").begin_array();
    for (const service::Agreement& one : agreements) {
        out.begin_object().member("symbol", one.symbol).key("odd_one_out");
        one.odd.empty() ? out.null() : out.value(one.odd);
        out.key("why");
        one.why.empty() ? out.null() : out.value(one.why);
        out.key("pairs").begin_array();
        for (const service::PairAgreement& pair : one.pairs) {
            out.begin_object()
                .member("one", pair.first)
                .member("other", pair.second)
                .member("common", pair.common)
                .member("equal", pair.equal)
                .member("by_factor", pair.by_factor)
                .member("differing", pair.differing)
                .member("volumes_equal", pair.volumes_equal)
                .key("median_difference");
            pair.median_difference ? out.value(*pair.median_difference) : out.null();
            out.key("factors").begin_array();
            for (const service::FactorStretch& stretch : pair.stretches)
                out.begin_object()
                    .member("factor", stretch.factor)
                    .member("from", stretch.from)
                    .member("to", stretch.to)
                    .member("sessions", stretch.sessions)
                    .end_object();
            out.end_array().list("first_differences", pair.differences).end_object();
        }
        out.end_array().end_object();
    }
    out.end_array();
}

}  // namespace hsl::app
