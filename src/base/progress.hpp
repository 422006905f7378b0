// SPDX-License-Identifier: Apache-2.0
#pragma once

// How long work reports where it stands and learns that it should stop. Handed in by the caller; a
// default-made one reports to nobody and never stops. `done` may be called from any thread.

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string_view>

namespace hsl {

struct Progress {
    // (what is being done, units finished, units in all; 0 = unknown)
    std::function<void(std::string_view what, std::size_t done, std::size_t total)> report;
    std::stop_token stop;

    void done(std::string_view what, std::size_t finished, std::size_t total) const {
        if (report) report(what, finished, total);
    }
    [[nodiscard]] bool stopped() const { return stop.stop_requested(); }
};

}  // namespace hsl
