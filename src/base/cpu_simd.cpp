// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include <fmt/format.h>
#include <hwy/highway.h>

#include "base/cpu.hpp"

namespace hsl {
namespace {

std::atomic<bool> scalar_wanted{false};

struct Row {
    CpuTarget target;
    std::string_view name;
    int lanes;
    std::int64_t highway;
};
constexpr Row table[] = {
    {CpuTarget::scalar, "scalar", 1, 0},
    {CpuTarget::sse4, "sse4", 2, HWY_SSE4},
    {CpuTarget::avx2, "avx2", 4, HWY_AVX2},
    {CpuTarget::avx512, "avx512", 8, HWY_AVX3 | HWY_AVX3_DL},
};

std::int64_t machine_targets() {
    static const std::int64_t targets = hwy::SupportedTargets();
    return targets;
}

}  // namespace

Result<void> set_cpu_target(CpuTarget target) {
    const std::int64_t all = machine_targets();
    std::int64_t wanted = all;
    if (target == CpuTarget::scalar) {
        scalar_wanted = true;
        return {};
    }
    for (const Row& row : table) {
        if (row.target != target) continue;
        if ((all & row.highway) == 0)
            return fail(ErrorCode::unsupported,
                        fmt::format("this machine has no {}: leave HSL_CPU unset or set it to one "
                                    "that `hsl doctor` lists",
                                    row.name));
        wanted = all & row.highway;
    }
    scalar_wanted = false;
    hwy::SetSupportedTargetsForTest(target == CpuTarget::best ? 0 : wanted);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return {};
}

Result<CpuTarget> parse_cpu_target(std::string_view word) {
    if (word == "best") return CpuTarget::best;
    for (const Row& row : table)
        if (row.name == word) return row.target;
    return fail(ErrorCode::bad_usage,
                fmt::format("HSL_CPU: '{}' is none of best, scalar, sse4, avx2, avx512", word));
}

std::vector<CpuTarget> available_cpu_targets() {
    std::vector<CpuTarget> found;
    for (const Row& row : table)
        if (row.highway == 0 || (machine_targets() & row.highway) != 0) found.push_back(row.target);
    return found;
}

CpuTarget active_cpu_target() {
    if (scalar_wanted) return CpuTarget::scalar;
    const std::int64_t now = hwy::SupportedTargets();
    CpuTarget active = CpuTarget::scalar;
    for (const Row& row : table)
        if ((now & row.highway) != 0) active = row.target;
    return active;
}

std::string_view name_of(CpuTarget target) {
    for (const Row& row : table)
        if (row.target == target) return row.name;
    return "best";
}

int lanes_of(CpuTarget target) {
    if (target == CpuTarget::best) target = active_cpu_target();
    for (const Row& row : table)
        if (row.target == target) return row.lanes;
    return 1;
}

bool scalar_only() noexcept { return scalar_wanted.load(std::memory_order_relaxed); }

}  // namespace hsl
