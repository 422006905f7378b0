// SPDX-License-Identifier: Apache-2.0
#pragma once

// The last `period` values of a run, for the scalar steps, and the rule by which rolling sums are
// anchored: at every 256th bar counted from the run's first bar they are summed anew from the
// window, oldest to newest, so that batch, stream and split series agree and rounding never piles
// up.

#include <cstddef>
#include <vector>

namespace hsl::compute {

inline constexpr std::size_t anchor_bars = 256;
// `bar` counts from 0 at the run's first bar.
[[nodiscard]] constexpr bool is_anchor(std::size_t bar) {
    return bar != 0 && bar % anchor_bars == 0;
}

class Window {
public:
    explicit Window(int period) : values_(static_cast<std::size_t>(period)) {}

    void clear() { next_ = count_ = 0; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] bool full() const { return count_ == values_.size(); }
    // Takes a value in and gives the one that is `period` bars older: call full() before, since
    // there is none until the window is full.
    double push(double value) {
        const double leaving = values_[next_];
        values_[next_] = value;
        if (++next_ == values_.size()) next_ = 0;
        if (count_ < values_.size()) ++count_;
        return leaving;
    }
    template <class Visit>
    void oldest_to_newest(Visit visit) const {
        std::size_t index = full() ? next_ : 0;
        for (std::size_t i = 0; i < count_; ++i) {
            visit(values_[index]);
            if (++index == values_.size()) index = 0;
        }
    }
    [[nodiscard]] double oldest() const { return values_[full() ? next_ : 0]; }

private:
    std::vector<double> values_;
    std::size_t next_ = 0;
    std::size_t count_ = 0;
};

}  // namespace hsl::compute
