// SPDX-License-Identifier: Apache-2.0
#include "service/repeat_run.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "market/calendar.hpp"
#include "service/code_version.hpp"
#include "service/run_sweep.hpp"
#include "service/sweep_request.hpp"

namespace hsl::service {
namespace {

// Takes `"name":` and its value, which ends with `end`, out of a document.
void cut(std::string& document, std::string_view name, char end) {
    const std::size_t first = document.find(fmt::format("\"{}\":", name));
    if (first == std::string::npos) return;
    const std::size_t last = document.find(end, first + name.size() + 4);
    if (last != std::string::npos) document.erase(first, last + 1 - first);
}

// What two runs of the same thing have in common: all but the time it took, and the code with the
// id, which hashes it.
std::string comparable(std::string document) {
    cut(document, "run_id", '"');
    cut(document, "code_version", '"');
    cut(document, "elapsed_ms", '}');
    return document;
}

std::string difference(std::string_view then, std::string_view now) {
    constexpr std::size_t before = 40, shown = 80;
    const auto [a, b] = std::ranges::mismatch(then, now);
    const auto at = static_cast<std::size_t>(a - then.begin());
    const std::size_t first = at - std::min(at, before);
    return fmt::format("...{}... then, ...{}... now", then.substr(first, shown),
                       now.substr(first, shown));
}

}  // namespace

Result<RepeatedRun> repeat_run(store::BarStore& store, const std::string& id,
                               const std::string& calendar, const Progress& progress) {
    RepeatedRun repeated;
    HSL_TRY(repeated.then, store.run(id));
    const store::RunRecord& then = repeated.then;
    if (then.request.empty())
        return fail(ErrorCode::unsupported,
                    fmt::format("run {} was kept by an older hsl, which did not say what it takes "
                                "to repeat it; run it again: {} --at {}",
                                then.id, then.command, then.data_version));
    HSL_TRY(SweepRequest request, read_request(then.request));
    if (const auto version = store.data_version(then.data_version); !version) {
        if (version.error().code != ErrorCode::not_found) return std::unexpected(version.error());
        return fail(ErrorCode::not_found,
                    fmt::format("run {} saw data version {}, which was let go (`hsl data compact "
                                "--forget`): it cannot be repeated; on today's data: {}",
                                then.id, then.data_version, then.command));
    }
    if (calendar.empty() && !request.calendar.empty()) {
        HSL_TRY(const std::size_t changed,
                market::Calendar::override_krx(request.calendar, "the calendar of the run"));
        static_cast<void>(changed);
    } else if (calendar != request.calendar) {
        return fail(ErrorCode::bad_usage,
                    fmt::format("run {} knew {} of --calendar; repeat it without one", then.id,
                                request.calendar.empty() ? "nothing" : "other days"));
    }
    request.at = then.data_version;
    request.command = then.command;
    request.keep = false;
    HSL_TRY(SweepAnswer answer, run_sweep(store, request, progress));
    repeated.now = std::move(answer.result);
    repeated.same_code = then.code_version == code_version();
    const std::string before = comparable(then.document);
    const std::string after = comparable(analytics::to_json(repeated.now, 0, false));
    repeated.identical = before == after;
    if (!repeated.identical) repeated.difference = difference(before, after);
    return repeated;
}

}  // namespace hsl::service
