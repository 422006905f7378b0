// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/tile_ops.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "strategy/detail/tile_ops_simd.cpp"
#include <hwy/foreach_target.h>

#include "base/assert.hpp"
#include "base/cpu.hpp"
#include "compute/octet-inl.hpp"
#include "strategy/detail/arithmetic.hpp"

HWY_BEFORE_NAMESPACE();
namespace hsl::strategy {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using compute::HWY_NAMESPACE::all;
using compute::HWY_NAMESPACE::choose;
using compute::HWY_NAMESPACE::known;
using compute::HWY_NAMESPACE::load;
using compute::HWY_NAMESPACE::magnitude;
using compute::HWY_NAMESPACE::Marks;
using compute::HWY_NAMESPACE::minus;
using compute::HWY_NAMESPACE::Octet;
using compute::HWY_NAMESPACE::parts;
using compute::HWY_NAMESPACE::root;
using compute::HWY_NAMESPACE::store;
using compute::HWY_NAMESPACE::Tag;
using compute::HWY_NAMESPACE::width;

struct Add {
    HWY_INLINE Octet operator()(Octet a, Octet b) const { return a + b; }
};
struct Subtract {
    HWY_INLINE Octet operator()(Octet a, Octet b) const { return a - b; }
};
struct Multiply {
    HWY_INLINE Octet operator()(Octet a, Octet b) const { return a * b; }
};
struct Divide {
    HWY_INLINE Octet operator()(Octet a, Octet b) const { return a / b; }
};
struct Negate {
    HWY_INLINE Octet operator()(Octet a, Octet) const { return minus(a); }
};
struct Absolute {
    HWY_INLINE Octet operator()(Octet a, Octet) const { return magnitude(a); }
};
struct SquareRoot {
    HWY_INLINE Octet operator()(Octet a, Octet) const { return root(a); }
};
// A missing a fails the comparison and is chosen; a missing b is put in afterwards.
struct Minimum {
    HWY_INLINE Octet operator()(Octet a, Octet b) const {
        return choose(known(b), choose(b < a, b, a), b);
    }
};
struct Maximum {
    HWY_INLINE Octet operator()(Octet a, Octet b) const {
        return choose(known(b), choose(a < b, b, a), b);
    }
};

template <class Step>
HWY_INLINE void combine(Step step, Column a, Column b, double* out, std::size_t sessions) {
    const std::size_t count = sessions * tile_lanes;
    const Octet largest = all(std::numeric_limits<double>::max());
    const Octet nothing = all(missing);
    if (a.data == nullptr) {
        const Octet left = all(a.number);
        for (std::size_t i = 0; i < count; i += tile_lanes) {
            const Octet result = step(left, load(b.data + i));
            store(choose(magnitude(result) <= largest, result, nothing), out + i);
        }
    } else if (b.data == nullptr) {
        const Octet right = all(b.number);
        for (std::size_t i = 0; i < count; i += tile_lanes) {
            const Octet result = step(load(a.data + i), right);
            store(choose(magnitude(result) <= largest, result, nothing), out + i);
        }
    } else {
        for (std::size_t i = 0; i < count; i += tile_lanes) {
            const Octet result = step(load(a.data + i), load(b.data + i));
            store(choose(magnitude(result) <= largest, result, nothing), out + i);
        }
    }
}

void combine_kernel(Verb verb, Column a, Column b, double* out, std::size_t sessions) {
    switch (verb) {
        case Verb::add:
            return combine(Add{}, a, b, out, sessions);
        case Verb::subtract:
            return combine(Subtract{}, a, b, out, sessions);
        case Verb::multiply:
            return combine(Multiply{}, a, b, out, sessions);
        case Verb::divide:
            return combine(Divide{}, a, b, out, sessions);
        case Verb::negate:
            return combine(Negate{}, a, b, out, sessions);
        case Verb::absolute:
            return combine(Absolute{}, a, b, out, sessions);
        case Verb::square_root:
            return combine(SquareRoot{}, a, b, out, sessions);
        case Verb::minimum:
            return combine(Minimum{}, a, b, out, sessions);
        case Verb::maximum:
            return combine(Maximum{}, a, b, out, sessions);
        default:
            HSL_ASSERT(false && "a verb of arithmetic");
    }
}

// One byte: bit i is lane i.
HWY_INLINE std::uint8_t byte_of(Marks marks) {
    std::uint8_t bits[8];  // StoreMaskBits may write eight
    hn::StoreMaskBits(Tag(), marks.part[0], bits);
    unsigned byte = bits[0];
    HWY_UNROLL(8) for (std::size_t i = 1; i < parts; ++i) {
        hn::StoreMaskBits(Tag(), marks.part[i], bits);
        byte |= static_cast<unsigned>(bits[0]) << (i * width);
    }
    return static_cast<std::uint8_t>(byte);
}

HWY_INLINE void compare_row(Octet a, Octet b, PairBits out, std::size_t t) {
    out.greater[t] = byte_of(a > b);
    out.less[t] = byte_of(a < b);
    out.equal[t] = byte_of(a == b);
}

void compare_kernel(Column a, Column b, PairBits out, std::size_t sessions) {
    if (a.data == nullptr) {
        const Octet left = all(a.number);
        for (std::size_t t = 0; t < sessions; ++t)
            compare_row(left, load(b.data + t * tile_lanes), out, t);
    } else if (b.data == nullptr) {
        const Octet right = all(b.number);
        for (std::size_t t = 0; t < sessions; ++t)
            compare_row(load(a.data + t * tile_lanes), right, out, t);
    } else {
        for (std::size_t t = 0; t < sessions; ++t)
            compare_row(load(a.data + t * tile_lanes), load(b.data + t * tile_lanes), out, t);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace hsl::strategy
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hsl::strategy {
HWY_EXPORT(combine_kernel);
HWY_EXPORT(compare_kernel);

namespace {
double value_at(Column column, std::size_t i) {
    return column.data == nullptr ? column.number : column.data[i];
}
}  // namespace

void combine_tile(Verb verb, Column a, Column b, double* out, std::size_t sessions) {
    if (!scalar_only()) {
        HWY_DYNAMIC_DISPATCH(combine_kernel)(verb, a, b, out, sessions);
        return;
    }
    for (std::size_t i = 0; i < sessions * tile_lanes; ++i)
        out[i] = arithmetic_of(verb, value_at(a, i), value_at(b, i));
}

void compare_tile(Column a, Column b, PairBits out, std::size_t sessions) {
    if (!scalar_only()) {
        HWY_DYNAMIC_DISPATCH(compare_kernel)(a, b, out, sessions);
        return;
    }
    for (std::size_t t = 0; t < sessions; ++t) {
        unsigned greater = 0, less = 0, equal = 0;
        for (std::size_t lane = 0; lane < tile_lanes; ++lane) {
            const double x = value_at(a, t * tile_lanes + lane);
            const double y = value_at(b, t * tile_lanes + lane);
            greater |= static_cast<unsigned>(x > y) << lane;
            less |= static_cast<unsigned>(x < y) << lane;
            equal |= static_cast<unsigned>(x == y) << lane;
        }
        out.greater[t] = static_cast<std::uint8_t>(greater);
        out.less[t] = static_cast<std::uint8_t>(less);
        out.equal[t] = static_cast<std::uint8_t>(equal);
    }
}
}  // namespace hsl::strategy
#endif
