// SPDX-License-Identifier: Apache-2.0

// Eight lanes of a tile, whatever the width of a register: 1, 2, 4 or 8 vectors that behave like
// one number, so that a kernel in *_simd.cpp reads like the scalar step. Included once per CPU
// target; never by a header. Minimum and maximum are spelled with a comparison, because the CPUs
// disagree on those of NaN.

#if defined(HSL_COMPUTE_OCTET_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HSL_COMPUTE_OCTET_INL_HPP
#undef HSL_COMPUTE_OCTET_INL_HPP
#else
#define HSL_COMPUTE_OCTET_INL_HPP
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "base/tile.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::compute {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<double, tile_lanes>;
using Vector = hn::Vec<Tag>;
inline constexpr std::size_t width = hn::MaxLanes(Tag());
inline constexpr std::size_t parts = tile_lanes / width;

struct Octet {
    Vector part[parts];
};
struct Marks {  // one truth a lane
    hn::Mask<Tag> part[parts];
};

#define HSL_EACH_PART HWY_UNROLL(8) for (std::size_t i = 0; i < parts; ++i)

HWY_INLINE Octet all(double value) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::Set(Tag(), value);
    return r;
}
HWY_INLINE Octet load(const double* row) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::Load(Tag(), row + i * width);
    return r;
}
HWY_INLINE void store(Octet x, double* row) {
    HSL_EACH_PART hn::Store(x.part[i], Tag(), row + i * width);
}

#define HSL_OCTET_BINARY(op, Function)                                        \
    HWY_INLINE Octet operator op(Octet a, Octet b) {                          \
        Octet r;                                                              \
        HSL_EACH_PART r.part[i] = hn::Function(a.part[i], b.part[i]);         \
        return r;                                                             \
    }                                                                         \
    HWY_INLINE Octet operator op(Octet a, double b) {                         \
        Octet r;                                                              \
        HSL_EACH_PART r.part[i] = hn::Function(a.part[i], hn::Set(Tag(), b)); \
        return r;                                                             \
    }
HSL_OCTET_BINARY(+, Add)
HSL_OCTET_BINARY(-, Sub)
HSL_OCTET_BINARY(*, Mul)
HSL_OCTET_BINARY(/, Div)
#undef HSL_OCTET_BINARY

#define HSL_OCTET_COMPARE(op, Function)                                       \
    HWY_INLINE Marks operator op(Octet a, Octet b) {                          \
        Marks r;                                                              \
        HSL_EACH_PART r.part[i] = hn::Function(a.part[i], b.part[i]);         \
        return r;                                                             \
    }                                                                         \
    HWY_INLINE Marks operator op(Octet a, double b) {                         \
        Marks r;                                                              \
        HSL_EACH_PART r.part[i] = hn::Function(a.part[i], hn::Set(Tag(), b)); \
        return r;                                                             \
    }
HSL_OCTET_COMPARE(==, Eq)
HSL_OCTET_COMPARE(<, Lt)
HSL_OCTET_COMPARE(<=, Le)
HSL_OCTET_COMPARE(>, Gt)
HSL_OCTET_COMPARE(>=, Ge)
#undef HSL_OCTET_COMPARE

#define HSL_MARKS_BINARY(op, Function)                                \
    HWY_INLINE Marks operator op(Marks a, Marks b) {                  \
        Marks r;                                                      \
        HSL_EACH_PART r.part[i] = hn::Function(a.part[i], b.part[i]); \
        return r;                                                     \
    }
HSL_MARKS_BINARY(&, And)
HSL_MARKS_BINARY(|, Or)
#undef HSL_MARKS_BINARY

HWY_INLINE Marks operator!(Marks a) {
    Marks r;
    HSL_EACH_PART r.part[i] = hn::Not(a.part[i]);
    return r;
}
HWY_INLINE bool any(Marks a) {
    auto united = a.part[0];
    HSL_EACH_PART united = hn::Or(united, a.part[i]);
    return !hn::AllFalse(Tag(), united);
}
HWY_INLINE Octet choose(Marks which, Octet yes, Octet no) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::IfThenElse(which.part[i], yes.part[i], no.part[i]);
    return r;
}
HWY_INLINE Octet choose(Marks which, Octet yes, double no) { return choose(which, yes, all(no)); }
HWY_INLINE Octet choose(Marks which, double yes, Octet no) { return choose(which, all(yes), no); }
HWY_INLINE Octet or_zero(Marks which, Octet yes) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::IfThenElseZero(which.part[i], yes.part[i]);
    return r;
}
HWY_INLINE Marks known(Octet x) { return x == x; }
HWY_INLINE Octet magnitude(Octet x) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::Abs(x.part[i]);
    return r;
}
HWY_INLINE Octet minus(Octet x) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::Neg(x.part[i]);
    return r;
}
HWY_INLINE Octet root(Octet x) {
    Octet r;
    HSL_EACH_PART r.part[i] = hn::Sqrt(x.part[i]);
    return r;
}

#undef HSL_EACH_PART

// Bars of each lane's run so far, this one included; 0 where the bar is missing.
HWY_INLINE Octet next_age(Octet age, Marks is_known) { return or_zero(is_known, age + 1.0); }

}  // namespace HWY_NAMESPACE
}  // namespace hsl::compute
HWY_AFTER_NAMESPACE();

#endif
