// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analytics/sweep_result.hpp"
#include "base/assert.hpp"
#include "base/text.hpp"

namespace hsl::analytics {
namespace {

Verdict verdict_of(const SweepResult& result, const std::vector<LeaderboardRow>& rows) {
    const LeaderboardRow& hold = result.benchmarks[0];
    VerdictInput input;
    for (const LeaderboardRow& row : rows) {
        input.returns.push_back(row.returns);
        input.names.push_back(row_name(row));
        input.sharpes.push_back(row.measures.sharpe);
        input.trades.push_back(row.measures.trades);
    }
    input.hold = hold.returns;
    input.annualisation = result.annualisation;
    input.hold_sharpe = hold.measures.sharpe;
    input.symbols = result.symbols;
    input.breaks = result.breaks;
    input.sessions = result.sessions;
    input.from = result.from.iso();
    input.to = result.to.iso();
    input.generated = result.generated;
    return judge(input);
}

std::vector<std::size_t> ranking(const std::vector<LeaderboardRow>& rows) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const double left = rows[a].measures.sharpe, right = rows[b].measures.sharpe;
        if (std::isnan(left) || std::isnan(right))
            return std::isnan(left) == std::isnan(right) ? a < b : std::isnan(right);
        return left != right ? left > right : a < b;
    });
    return order;
}

}  // namespace

void judge_and_rank(SweepResult& result, std::vector<LeaderboardRow> rows) {
    HSL_ASSERT(!rows.empty() && !result.benchmarks.empty());
    result.verdict = verdict_of(result, rows);
    const std::vector<std::size_t> order = ranking(rows);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        if (order[rank] == result.verdict.best) result.best_row = rank;
        LeaderboardRow& row = rows[order[rank]];
        row.rank = static_cast<std::int64_t>(rank) + 1;
        row.verdict = result.verdict.sets[order[rank]];
        result.leaderboard.push_back(std::move(row));
    }
}

std::vector<std::string> in_words(const Universe& universe) {
    std::vector<std::string> sentences;
    if (!universe.text.empty() || !universe.source.empty())
        sentences.push_back(fmt::format(
            "Universe: {}, {}.", universe.text.empty() ? "every symbol there is" : universe.text,
            universe.source.empty() ? "which nobody told a listing of"
                                    : "according to " + universe.source));
    if (std::isfinite(universe.survivors_only))
        sentences.push_back(fmt::format(
            "{} of its symbols still trade at the end and nothing tells who left before: as far as "
            "they stand alone, returns are those of survivors.",
            percent(universe.survivors_only)));
    std::vector<std::string> left_out;
    for (const auto& [share_class, count] : universe.left_out)
        left_out.push_back(fmt::format("{} {}", count, share_class));
    if (!left_out.empty())
        sentences.push_back(fmt::format("Left out by share class: {}.", fmt::join(left_out, ", ")));
    if (!universe.unconfirmed_rules.empty())
        sentences.push_back(fmt::format("Leans on rules that no source confirms: {}.",
                                        fmt::join(universe.unconfirmed_rules, "; ")));
    return sentences;
}

}  // namespace hsl::analytics
