// SPDX-License-Identifier: Apache-2.0
#include "strategy/detail/truth_ops.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"

namespace hsl::strategy {
namespace {

using Word = std::uint64_t;

Word load(const std::uint8_t* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}
void store(std::uint8_t* to, Word word) { std::memcpy(to, &word, sizeof word); }

// The inner loop has a fixed length: compilers turn it into vector code without being told.
template <class Step>
void each_word(std::size_t sessions, Step step) {
    for (std::size_t block = 0; block < sessions; block += 64)
        for (std::size_t i = 0; i < 64; i += sizeof(Word)) step(block + i);
}

}  // namespace

void truth_and(TruthView a, TruthView b, Truth out, std::size_t sessions) {
    each_word(sessions, [=](std::size_t i) {
        const Word yes = load(a.yes + i) & load(b.yes + i);
        const Word no = load(a.no + i) | load(b.no + i);
        store(out.yes + i, yes);
        store(out.no + i, no);
    });
}

void truth_or(TruthView a, TruthView b, Truth out, std::size_t sessions) {
    truth_and({a.no, a.yes}, {b.no, b.yes}, Truth{out.no, out.yes}, sessions);
}

void truth_not(TruthView a, Truth out, std::size_t sessions) {
    each_word(sessions, [=](std::size_t i) {
        const Word yes = load(a.yes + i);
        store(out.yes + i, load(a.no + i));
        store(out.no + i, yes);
    });
}

void truth_lag(TruthView a, std::size_t count, Truth out, std::size_t sessions) {
    const std::size_t shift = std::min(count, sessions);
    for (const auto& [from, to] : {std::pair{a.yes, out.yes}, std::pair{a.no, out.no}}) {
        std::memset(to, 0, shift);
        std::memcpy(to + shift, from, sessions - shift);
    }
}

void truth_fill(bool value, Truth out, std::size_t sessions) {
    std::memset(out.yes, value ? 0xFF : 0, sessions);
    std::memset(out.no, value ? 0 : 0xFF, sessions);
}

void truth_compare(Verb verb, PairBits pair, bool swapped, Truth out, std::size_t sessions) {
    if (swapped) std::swap(pair.greater, pair.less);
    // True in the first or second column, false in the others; one column may stand twice.
    const auto put = [&](const std::uint8_t* one, const std::uint8_t* other,
                         const std::uint8_t* rest, std::uint8_t* either, std::uint8_t* last) {
        each_word(sessions, [=](std::size_t i) {
            store(either + i, load(one + i) | load(other + i));
            store(last + i, load(rest + i));
        });
    };
    switch (verb) {
        case Verb::less:
            return put(pair.greater, pair.equal, pair.less, out.no, out.yes);
        case Verb::less_equal:
            return put(pair.less, pair.equal, pair.greater, out.yes, out.no);
        case Verb::greater:
            return put(pair.less, pair.equal, pair.greater, out.no, out.yes);
        case Verb::greater_equal:
            return put(pair.greater, pair.equal, pair.less, out.yes, out.no);
        case Verb::equal:
            return put(pair.greater, pair.less, pair.equal, out.no, out.yes);
        case Verb::not_equal:
            return put(pair.greater, pair.less, pair.equal, out.yes, out.no);
        default:
            HSL_ASSERT(false && "a verb of comparison");
    }
}

void truth_cross(Verb verb, PairBits pair, bool swapped, Truth out, std::size_t sessions) {
    // Below is above with the sides exchanged.
    if (swapped != (verb == Verb::crosses_below)) std::swap(pair.greater, pair.less);
    out.yes[0] = 0;
    out.no[0] = 0;
    for (std::size_t t = 1; t < sessions; t += sizeof(Word)) {
        const Word was_not_above = load(pair.less + t - 1) | load(pair.equal + t - 1);
        const Word was_known = was_not_above | load(pair.greater + t - 1);
        const Word above = load(pair.greater + t);
        const Word known = above | load(pair.less + t) | load(pair.equal + t);
        const Word yes = above & was_not_above;
        store(out.yes + t, yes);
        store(out.no + t, known & was_known & ~yes);
    }
}

}  // namespace hsl::strategy
