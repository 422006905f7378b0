// SPDX-License-Identifier: Apache-2.0

// The three functions of Highway's library that its headers call: which vector targets this
// machine has, and which of them dispatch takes. They are here because the library measures the
// clock whenever it is loaded, 4.5 ms of every process, and Debian has it as a shared object alone.

#include <atomic>
#include <cstdint>

#include <hwy/highway.h>
#include <hwy/targets.h>

namespace hwy {
namespace {

// What hwy/ops/set_macros-inl.h compiles each target for. The compiler's check asks the operating
// system too whether it keeps the wider registers.
std::int64_t detect() {
#if HWY_ARCH_X86
    __builtin_cpu_init();
    std::int64_t targets = 0;
    const bool ssse3 = __builtin_cpu_supports("ssse3") != 0;
    const bool sse4 = ssse3 && __builtin_cpu_supports("sse4.1") &&
                      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") &&
                      __builtin_cpu_supports("aes");
    const bool avx2 = sse4 && __builtin_cpu_supports("avx") && __builtin_cpu_supports("avx2") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                      __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    const bool avx3 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw");
    const bool avx3_dl =
        avx3 && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("vaes") &&
        __builtin_cpu_supports("avxvnni") && __builtin_cpu_supports("avx512bitalg") &&
        __builtin_cpu_supports("avx512vpopcntdq");
    if (ssse3) targets |= HWY_SSSE3;
    if (sse4) targets |= HWY_SSE4;
    if (avx2) targets |= HWY_AVX2;
    if (avx3) targets |= HWY_AVX3;
    if (avx3_dl) targets |= HWY_AVX3_DL;
    return targets;
#else
    return 0;
#endif
}

std::atomic<std::int64_t> wanted{0};  // 0: what there is

}  // namespace

int64_t SupportedTargets() {
    static const std::int64_t found = detect() | HWY_STATIC_TARGET | HWY_EMU128 | HWY_SCALAR;
    const std::int64_t some = wanted.load(std::memory_order_relaxed);
    return some == 0 ? found : some;
}

void SetSupportedTargetsForTest(int64_t targets) {
    wanted.store(targets, std::memory_order_relaxed);
    GetChosenTarget().DeInit();
}

ChosenTarget& GetChosenTarget() {
    static ChosenTarget chosen;
    return chosen;
}

}  // namespace hwy
